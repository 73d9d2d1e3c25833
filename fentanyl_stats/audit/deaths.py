"""Overdose deaths by drug: reported, predicted and final counts as the provisional files, finals and texts give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache

import pandas as pd

from ..data import archive, catalog, names
from ..errors import NotPublished
from ..model import Period, Source
from . import corrections
from .hedges import granularity_of
from .quantities import Absent, Cell, Figure, Quantity
from .verdicts import Catalogued

MEASURES = ("final", "reported", "predicted")
LABELS = {
    **{drug: f"deaths involving {names.drug_label(drug)}" for drug in names.drugs()},
    "all": "deaths from all drugs",
    "synthetic-opioids": "deaths involving synthetic opioids other than methadone (T40.4)",
}
T404 = "T40.4 is the usual stand-in for fentanyl; it also holds analogues and tramadol"
_SUPPRESSED = (1.0, 9.0)
_STALE = 730  # days: a window this old is not "latest" on that day, whatever file happens to be held


def _resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
    drug = cell.quantity.partition("/")[2]
    if cell.period == "latest":
        try:
            series = archive.series(drug, cell.measure, cell.jurisdiction, as_of=as_of).dropna(subset="value")
        except NotPublished as error:
            return Absent(str(error))
        period = Period.parse(str(series["month_ending"].iloc[-1]))
        if as_of is not None and (as_of - period.end).days > _STALE:
            return Absent(f"not published: the newest file known by {as_of} ends in {period.month_ending}")
    else:
        period = Period.parse(cell.period)
    if cell.measure == "final" and period.kind != "year":
        return Absent("final counts are of calendar years")
    whole_state = cell.jurisdiction == "NY" and cell.measure == "final"
    if cell.jurisdiction == "NY" and not whole_state and _final_exists(drug, period, as_of):
        return Absent("provisional counts of NY leave out New York City, the final count holds the whole state")
    rows = published(drug, period, cell.jurisdiction)
    rows = rows[rows["measure"] == cell.measure]
    if as_of is not None:
        rows = rows[rows["known"] <= as_of]
    if cell.vintage not in ("newest", "as-known"):
        rows = rows[rows["vintage"] == cell.vintage]
    if rows.empty:
        return Absent("not published" + (f" by {as_of}" if as_of else ""))
    figure = _figure(rows.iloc[-1], period, _place(cell.jurisdiction, whole_state), cell.sources)
    if isinstance(figure, Absent):
        return figure
    return corrections.correct(cell.correction, figure, drug, cell.measure, cell.jurisdiction, as_of)


def published(drug: str, period: Period, jurisdiction: str) -> pd.DataFrame:
    """Every published value of one number, in order of publication, a table after a text of the same day; no misprints."""
    return _published(drug, period, jurisdiction, archive.stamp()).copy()


@lru_cache(maxsize=1024)
def _published(drug: str, period: Period, jurisdiction: str, stamp: object) -> pd.DataFrame:
    try:
        rows = archive.vintages(drug, period.month_ending, jurisdiction)
    except NotPublished:
        return pd.DataFrame(
            columns=["known", "vintage", "dataset", "measure", "value", "qualifier", "flag", "source_id"]
        )
    if period.kind != "year":
        rows = rows[rows["measure"] != "final"]
    rows = rows[~rows["flag"].str.contains("misprint")]
    return rows.assign(text=rows["dataset"] == "published-figures").sort_values(
        ["known", "text"], ascending=[True, False], kind="stable"
    )


def _figure(row: pd.Series, period: Period, place: str, cited: Mapping[str, Source]) -> Figure | Absent:
    flags = tuple(filter(None, str(row["flag"]).split(";")))
    source = _source(row, cited)
    vintage = _vintage(row["dataset"], row["vintage"], row["known"])
    rest = {"period": period, "vintage": vintage, "known": row["known"], "sources": (source,), "place": place}
    if pd.isna(row["value"]):
        if "suppressed" in flags:
            reason = "suppressed: between 1 and 9 deaths"
            return Figure(None, *_SUPPRESSED, **rest, flags=flags, reason=reason)
        return Absent("not published: " + ("too few certificates name drugs" if "low_quality" in flags else "blank"))
    value = float(row["value"])
    if row["qualifier"] == "about":
        half = granularity_of(value) / 2
        reason = "printed as a rounded figure"
        return Figure(value, value - half, value + half, **rest, flags=(*flags, "rounded"), reason=reason)
    return Figure.point(value, **rest, flags=flags)


def _vintage(dataset: object, vintage: object, known: object) -> str:
    """A release of the provisional file by its name; texts and finals, which are dated row by row, by their day."""
    return str(vintage if dataset == "vsrr" else known)


def _source(row: pd.Series, cited: Mapping[str, Source]) -> Source:
    if row["dataset"] == "published-figures":
        return cited[str(row["source_id"])]
    return catalog.find(str(row["dataset"]), str(row["vintage"])).source


def _place(jurisdiction: str, whole_state: bool) -> str:
    if jurisdiction == "NY":
        return "New York State, whole" if whole_state else "New York State without New York City"
    return names.jurisdiction_name(jurisdiction)


def _final_exists(drug: str, period: Period, as_of: date | None) -> bool:
    if period.kind != "year":
        return False
    rows = published(drug, period, "NY")
    rows = rows[(rows["measure"] == "final") & rows["value"].notna()]
    return bool(len(rows) if as_of is None else (rows["known"] <= as_of).any())


def _catalogue(drug: str) -> Callable[[Period, str], Iterable[Catalogued]]:
    def entries(period: Period, jurisdiction: str) -> Iterable[Catalogued]:
        if period.kind not in ("year", "twelve-months"):
            return
        for row in published(drug, period, jurisdiction).dropna(subset="value").itertuples():
            yield Catalogued(
                f"deaths/{drug}",
                "deaths",
                period,
                jurisdiction,
                str(row.measure),
                _vintage(row.dataset, row.vintage, row.known),
                float(row.value),
            )

    return entries


QUANTITIES = tuple(
    Quantity(
        slug=f"deaths/{drug}",
        unit="deaths",
        label=label,
        measures=MEASURES,
        resolve=_resolve,
        corrections=("none", corrections.REVISION) if drug == "all" else corrections.NAMES,
        caution=T404 if drug == "synthetic-opioids" else "",
        catalogue=_catalogue(drug),
    )
    for drug, label in LABELS.items()
)
