"""Offices of the DEA and the countries they stand in, as published; counts that stand only in words come from the test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from ..data import store
from ..data.catalog import row_source
from ..errors import NotPublished
from ..model import Period, Source, last_day
from .quantities import Absent, Cell, Figure, Quantity, Resolve

WORLD = "world"
OFFICIAL = ("S07", "S08", "F120", "F124a", "F124c", "F127a")
"""Rows of dea-offices that rest on a text of the agency or its department."""


def counts(scope: str = "foreign", column: str = "offices", as_of: str | date | None = None) -> pd.DataFrame:
    """The published counts of a scope: as_of, offices or countries, source_id, note, official (bool), in date order.

    >>> counts().query("official").offices.tolist()
    [70, 82, 91, 91, 93]
    """
    table = store.load("dea-offices", as_of=as_of)
    rows = table[(table["scope"] == scope) & table[column].notna()]
    rows = rows[["as_of", "precision", column, "source_id", "note"]].reset_index(drop=True)
    rows["official"] = rows["source_id"].isin(OFFICIAL)
    return rows


def _published(scope: str, column: str) -> Resolve:
    def resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
        return _count(cell, as_of, scope, column)

    return resolve


def _count(cell: Cell, as_of: date | None, scope: str, column: str) -> Figure | Absent:
    try:
        rows = counts(scope, column, as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
    held: Source = rows.attrs["source"]
    named = f" in {' and '.join(cell.test.sources)}" if cell.test.sources else ""
    if named:
        rows = rows[rows["source_id"].isin(cell.test.sources)]
    day = Period.parse(cell.period, instant=True).end if cell.period != "latest" else date.max
    days = rows["as_of"].map(last_day)
    rows = rows[days == (days[days <= day].max() if (days <= day).any() else None)]
    if rows.empty:
        return Absent(f"not published: no count of {column}{named} by {day if day < date.max else 'any day'}")
    values = rows[column].astype(float)
    ids = tuple(dict.fromkeys(rows["source_id"]))
    same = values.nunique() == 1
    stamp = str(rows["as_of"].iloc[0])
    return Figure(
        float(values.iloc[0]) if same else None,
        float(values.min()),
        float(values.max()),
        Period.parse(stamp, instant=True),
        vintage=stamp,
        known=last_day(stamp),
        sources=_sources(cell, ids) or (row_source(held, last_day(stamp)),),
        place=WORLD,
        reason="" if same else f"the counts printed for {stamp} differ",
    )


def _agency(cell: Cell, as_of: date | None) -> Figure | Absent:
    parts = [_count(cell, as_of, scope, "offices") for scope in ("foreign", "domestic")]
    for part in parts:
        if isinstance(part, Absent):
            return part
    foreign, domestic = (part for part in parts if isinstance(part, Figure))
    if foreign.period != domestic.period or foreign.value is None or domestic.value is None:
        return Absent("not published: foreign and domestic offices were not counted on the same day")
    total = foreign.value + domestic.value
    return Figure.point(
        total,
        period=foreign.period,
        vintage=foreign.vintage,
        known=foreign.known,
        sources=foreign.sources,
        place=WORLD,
        reason=f"{foreign.value:g} foreign and {domestic.value:g} domestic offices",
    )


def _in_words(cell: Cell, as_of: date | None) -> Figure | Absent:
    test = cell.test
    if not test.figures and test.count is None:
        return Absent("not published as data: name the published figures or the count in the words of a source")
    figures = store.load("published-figures").set_index("id")
    if missing := [name for name in test.figures if name not in figures.index]:
        return Absent(f"not published: there is no figure {missing[0]}")
    total = float(figures.loc[list(test.figures), "value"].sum()) + (test.count or 0.0)
    ids = (*test.figures, *test.sources)
    sources = _sources(cell, ids)
    known = max((source.known for source in sources if source.known), default=date.max)
    if as_of is not None and known > as_of:
        return Absent(f"not published by {as_of}")
    return Figure.point(
        total,
        period=Period.parse(cell.period, instant=True),
        vintage=known.isoformat(),
        known=known,
        sources=sources,
        place=WORLD,
        reason=test.note,
    )


def _sources(cell: Cell, ids: Iterable[str]) -> tuple[Source, ...]:
    return tuple(cell.sources[name] for name in ids if name in cell.sources)


QUANTITIES = (
    Quantity(
        "offices/foreign", "offices", "offices of the DEA abroad", ("count",),
        _published("foreign", "offices"), instant=True,
    ),
    Quantity("offices/agency", "offices", "offices of the whole DEA, at home and abroad", ("count",), _agency, instant=True),
    Quantity(
        "countries/foreign", "countries", "countries with an office of the DEA", ("count",),
        _published("foreign", "countries"), instant=True,
    ),
    Quantity("offices/closing", "offices", "offices of the DEA that are to close", ("count",), _in_words, instant=True, worded=True, dated=True),
    Quantity(
        "offices/closing-china", "offices", "offices of the DEA in China that are to close", ("count",), _in_words, instant=True, worded=True, dated=True
    ),
    Quantity("offices/guangzhou", "offices", "offices of the DEA in Guangzhou", ("count",), _in_words, instant=True, worded=True, dated=True),
)  # fmt: skip
