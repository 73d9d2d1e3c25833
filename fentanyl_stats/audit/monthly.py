"""The monthly series that the figure tables give, by name: counts and weights of single months, never sums of twelve.

A model of level and slope needs months. Provisional deaths are published as sums of 12 months, and the months behind the
first sum are not held in the same release, so that no month can be recovered from them (`stats.provisional.monthly`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ..data import names, store
from ..errors import DataError, unknown
from . import supply
from .deaths import T404

FIRST = pd.Period("2014-01", "M")
"""First placebo date, as in the published reference of this test on deaths."""
UNSETTLED = 6
"""The last months of a file that still grows are never used, however the file calls them."""

Read = Callable[[str | date | None], pd.Series]


@dataclass(frozen=True, slots=True)
class Monthly:
    """A named series: what it counts, in which unit, and how to read it.

    `read(as_of)` gives counts of months (float, PeriodIndex) with `.attrs` "source", "unit" and, when its end may still
    change, "provisional_from" (`YYYY-MM`), which `stats.interrupted` obeys.
    """

    name: str
    title: str
    unit: str
    definition: str
    read: Read

    def load(self, as_of: str | date | None = None) -> pd.Series:
        """The series as known on a day.

        Raises
        ------
        DataError
            NotPublished if its table was not known by then.
        """
        series = self.read(as_of)
        series.name = self.name
        series.attrs["unit"] = self.unit
        return series


def find(name: str) -> Monthly:
    """The series of a name.

    Raises
    ------
    DataError
        If it is not monthly (the message says what is held of it) or not known.

    Examples
    --------
    >>> find("deaths/synthetic-opioids").unit
    'deaths'
    """
    if name in SERIES:
        return SERIES[name]
    if name in NOT_MONTHLY:
        raise DataError(f"{name!r} is no monthly series: {NOT_MONTHLY[name]}. Monthly: {', '.join(SERIES)}")
    raise DataError(unknown("series", name, SERIES, limit=len(SERIES)))


def settled(series: pd.Series) -> pd.Series:
    """The months whose value is not going to change; all of a final series."""
    start = series.attrs.get("provisional_from")
    kept = series if start is None else series[series.index < pd.Period(start, "M")]
    kept.attrs = dict(series.attrs)
    return kept


def dates(series: pd.Series, window: int) -> pd.PeriodIndex:
    """The dates at which a change can be looked for: `window` settled months before and from each on, from 2014 on.

    Examples
    --------
    >>> tried = dates(find("deaths/synthetic-opioids").load(), 12)
    >>> str(tried[0]), str(tried[-1]), len(tried)
    ('2014-01', '2024-01', 121)
    """
    months = settled(series).index
    if not len(months):
        return pd.PeriodIndex([], freq="M")
    return pd.period_range(max(FIRST, months[0] + window), months[-1] - (window - 1), freq="M")


def _deaths(as_of: str | date | None) -> pd.Series:
    table = store.load("nvss-t404-month", as_of=as_of)
    series = pd.Series(table["deaths"].to_numpy(dtype=float), pd.PeriodIndex(table["month"], freq="M"))
    series.attrs["source"] = table.attrs["source"]
    return series


def _seized(column: str, side: str = "") -> Read:
    def read(as_of: str | date | None) -> pd.Series:
        rows = supply.seizures(as_of=as_of)
        source, calendar = rows.attrs["source"], rows.attrs["months"]
        if side:
            rows = rows[(rows["region"] == "southwest-border") == (side == "southwest")]
            rows.attrs["months"] = calendar
        months = supply.by_month(rows)
        series = pd.Series(months[column].to_numpy(dtype=float), pd.PeriodIndex(months["month"], freq="M"))
        series.attrs["source"] = source
        unfinished = months.loc[months["status"] == "open", "month"]
        if len(unfinished):
            series.attrs["provisional_from"] = min(unfinished.iloc[0], str(series.index[-min(UNSETTLED, len(series))]))
        return series

    return read


def _seizures() -> list[Monthly]:
    where = {"": "", "southwest": " at the Southwest border", "elsewhere": " away from the Southwest border"}
    what = {"pounds": ("weight", "pounds"), "events": ("number of seizures", "seizures")}
    limits = "ports of entry and Border Patrol; months of the open fiscal year are provisional"
    return [
        Monthly(
            f"seizures/{column}" + (f"-{side}" if side else ""),
            f"{noun} of fentanyl seized by CBP{place}" if column == "pounds" else f"{noun} of fentanyl by CBP{place}",
            unit,
            f"{'gross pounds' if column == 'pounds' else 'seizure events'} a month, {limits}",
            _seized(column, side),
        )
        for column, (noun, unit) in what.items()
        for side, place in where.items()
    ]  # fmt: skip


SERIES: dict[str, Monthly] = {
    series.name: series
    for series in (
        Monthly(
            "deaths/synthetic-opioids",
            "deaths involving synthetic opioids",
            "deaths",
            f"final counts of residents, United States; {T404}",
            _deaths,
        ),
        *_seizures(),
    )
}
"""The monthly series by name."""

NOT_MONTHLY: dict[str, str] = {
    **{
        f"deaths/{drug}": "provisional deaths are held as sums of 12 months only, and the 12 months behind the first sum "
        "are not held in the same release"
        for drug in names.drugs()
        if drug != "synthetic-opioids"
    },
    "laboratory-reports": "laboratories report by half-year",
    "vsrr": "it holds sums of 12 months, each of which would be counted 12 times",
}
"""Series that one might ask for, with the reason why they cannot be fitted."""
