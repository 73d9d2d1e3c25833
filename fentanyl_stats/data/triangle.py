"""All releases of one series side by side, and what changed between two releases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import get_args

import pandas as pd

from ..errors import DataError, NotPublished, unknown
from . import catalog, tables
from .known import as_date
from .names import require_drug, require_jurisdiction
from .vintages import Measure, cells

_KEY = ["jurisdiction", "drug", "month_ending"]


def triangle(
    drug: str, measure: str = "reported", jurisdiction: str = "US", as_of: str | date | None = None
) -> pd.DataFrame:
    """A reporting triangle: what every release said of every window.

    Parameters
    ----------
    drug, jurisdiction
        A slug of `names.drugs` and a code of `names.jurisdictions`.
    measure
        `reported` or `predicted`.
    as_of
        Only releases published on or before this day.

    Returns
    -------
    DataFrame
        A row for each month_ending, a column for each vintage in order of publication, deaths as Int64: missing
        where a release has no such window or its cell is blank. `.attrs["known"]` maps each vintage to its day,
        `.attrs["sources"]` to its Source.

    Raises
    ------
    DataError
        If a name is unknown; NotPublished if no release that is allowed holds a value.

    Examples
    --------
    >>> table = triangle("synthetic-opioids")
    >>> table.loc["2018-03"].dropna().tolist()
    [28826, 28958, 29036, 29120, 29120, 29120, 29120]
    """
    require_drug(drug)
    require_jurisdiction(jurisdiction)
    if measure not in get_args(Measure):
        raise DataError(unknown("measure", measure, get_args(Measure)))
    day = None if as_of is None else as_date(as_of)
    columns: dict[str, pd.Series] = {}
    held: list[catalog.Table] = []
    for table in catalog.files("vsrr"):
        if table.is_frame and (day is None or table.known <= day):
            rows = cells(table, jurisdiction).get(drug)
            if rows is not None and rows[measure].notna().any():
                columns[table.vintage] = rows.set_index("month_ending")[measure]
                held.append(table)
    if not columns:
        limit = f" published by {day}" if day else ""
        raise NotPublished(f"no VSRR vintage{limit} holds {measure} counts of {drug} in {jurisdiction}")
    wide = pd.DataFrame(columns).sort_index().astype("Int64").rename_axis(index="month_ending", columns="vintage")
    wide.attrs["known"] = {table.vintage: table.known for table in held}
    wide.attrs["sources"] = {table.vintage: table.source for table in held}
    return wide


def steps(table: pd.DataFrame) -> tuple[int, ...]:
    """Months between each release of a triangle and the next; a chain ladder needs them all alike.

    Examples
    --------
    >>> steps(triangle("all", "predicted"))
    (1, 5, 6, 63, 20)
    """
    known: Mapping[str, date] = table.attrs["known"]
    days = [known[str(vintage)] for vintage in table.columns]
    return tuple((b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(days))


def changes(old: str, new: str, drug: str | None = None, jurisdiction: str | None = None) -> pd.DataFrame:
    """What changed between two releases: counts revised, cells that appeared, cells that went blank.

    Parameters
    ----------
    old, new
        Vintages of `vsrr`, as `fs.datasets()` lists them.
    drug, jurisdiction
        Only these; all that both releases hold by default.

    Returns
    -------
    DataFrame
        Columns jurisdiction, drug, month_ending, measure, old, new (Int64), change (deaths), percent, kind (`revised`,
        `appeared`, `withdrawn`); only cells that differ. A cell that is blank in one release has no change: missing
        is not zero.

    Raises
    ------
    DataError
        If a vintage or name is unknown, or the two releases share no series.

    Examples
    --------
    >>> moved = changes("2025-01-08", "2026-06-27", "synthetic-opioids", "US")
    >>> newest = (moved["month_ending"] == "2024-04") & (moved["measure"] == "reported")
    >>> moved.loc[newest, ["old", "new", "change", "kind"]].values.tolist()
    [[67437, 67618, 181, 'revised']]
    """
    if drug is not None:
        require_drug(drug)
    if jurisdiction is not None:
        require_jurisdiction(jurisdiction)
    before, after = (_long(vintage, drug, jurisdiction) for vintage in (old, new))
    shared = [frame[["jurisdiction", "drug", "measure"]].drop_duplicates() for frame in (before, after)]
    both = shared[0].merge(shared[1])
    if both.empty:
        raise NotPublished(f"the vintages {old} and {new} share no series of these names")
    keys = [*_KEY, "measure"]
    pairs = before.rename(columns={"value": "old"}).merge(
        after.rename(columns={"value": "new"}), on=keys, how="outer", validate="one_to_one"
    )
    pairs = pairs.merge(both, on=["jurisdiction", "drug", "measure"])
    revised = (pairs["old"] != pairs["new"]).fillna(value=False)
    appeared, withdrawn = pairs["old"].isna() & pairs["new"].notna(), pairs["old"].notna() & pairs["new"].isna()
    pairs["change"] = pairs["new"] - pairs["old"]
    pairs["percent"] = 100 * pairs["change"].astype("Float64") / pairs["old"].where(pairs["old"] > 0)
    pairs["kind"] = pd.Series("revised", pairs.index).mask(appeared, "appeared").mask(withdrawn, "withdrawn")
    return pairs[revised | appeared | withdrawn].sort_values(keys, ignore_index=True)


def _long(vintage: str, drug: str | None, jurisdiction: str | None) -> pd.DataFrame:
    """One row a cell and measure, only series that hold any value."""
    frame = tables.load("vsrr", vintage)
    if drug is not None:
        frame = frame[frame["drug"] == drug]
    if jurisdiction is not None:
        frame = frame[frame["jurisdiction"] == jurisdiction]
    tall = frame.melt(_KEY, list(get_args(Measure)), "measure", "value").astype({"value": "Int64"})
    held = tall.groupby(["jurisdiction", "drug", "measure"])["value"].transform("count") > 0
    return tall[held]
