"""Monthly series, and what a date may be said to show in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..data import names, store
from ..errors import DataError, NotPublished, StatsError, unknown
from ..model import Source
from ..stats import interrupted
from ..stats.interrupted import month
from . import seizures
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
        rows = seizures.seizures(as_of=as_of)
        if rows.empty:
            raise NotPublished(rows.attrs["empty"])
        source, calendar = rows.attrs["source"], rows.attrs["months"]
        if side:
            rows = rows[(rows["region"] == "southwest-border") == (side == "southwest")]
            rows.attrs["months"] = calendar
        months = seizures.by_month(rows)
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

ALPHA = 0.05
"""Probability shared by the two changes that are looked at, level and slope: each p is held against half of it."""
TERMS = ("level", "slope")
SHORTEST, LONGEST = 6, 60
"""Months on each side: eight terms are estimated, and what is five years away says little of a date."""
PLACED = ("day", "week", "month", "on_or_before")
"""Precisions of an event that give it a month."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fit at one date and its place among the placebo dates."""

    series: Monthly
    date: pd.Period
    window: int
    months: pd.Series
    fit: interrupted.Interrupted
    placebo: interrupted.Placebo

    @property
    def source(self) -> Source:
        """Where the series comes from."""
        found: Source = self.months.attrs["source"]
        return found

    @property
    def p(self) -> dict[str, float]:
        """Placebo p of level and slope."""
        return {"level": self.placebo.p_level, "slope": self.placebo.p_slope}

    @property
    def unusual(self) -> tuple[str, ...]:
        """Which of level and slope changed more than chance among dates would have it."""
        return tuple(term for term in TERMS if self.p[term] <= ALPHA / 2)

    @property
    def too_few(self) -> bool:
        """Whether so few dates can be tried that even the most extreme one could not stand out."""
        return 1 / self.placebo.n > ALPHA / 2

    @property
    def found(self) -> str:
        """The two changes with their intervals and placebo p, in words."""
        n = self.placebo.n
        parts = []
        for term, words in (("level", "the level"), ("slope", "the slope, per year")):
            e = self.fit.level if term == "level" else self.fit.slope
            as_large = round(self.p[term] * n)
            parts.append(
                f"{words}, by a factor of {e.value:.2f} (95% interval {e.low:.2f} to {e.high:.2f}); it changed at least as "
                f"much at {as_large} of the {n} dates tried, this one among them (placebo p = {self.p[term]:.3f})"
            )
        return f"At {self.date:%B %Y}, {self.window} months before against {self.window} months from then on: {'. And '.join(parts)}."

    @property
    def may(self) -> str:
        """What may be said."""
        what, when = f"the monthly {self.series.title}", f"{self.date:%B %Y}"
        if self.too_few:
            return (
                f"It may be said only that too few dates can be tried to tell: with {self.placebo.n}, the smallest p possible "
                f"is {1 / self.placebo.n:.3f}, above {ALPHA / 2:g}."
            )
        if not self.unusual:
            return f"It may be said that {what} did not change more about {when} than at other dates, as far as this test can tell."
        return (
            f"It may be said that {what} changed about {when}, in {' and '.join(self.unusual)}, more than at nearly all "
            f"other dates (placebo p at most {ALPHA / 2:g}, half of {ALPHA:g} for each of the two changes looked at)."
        )

    def may_not(self, nearby: int) -> str:
        """What may not be said, given how many dated events the window holds."""
        crowd = (
            f"The {2 * self.window} months looked at hold {nearby} dated events of the table below, and the series does not "
            "know which of them, if any, matters"
            if nearby > 1
            else "Other things happened in the same months, listed here or not"
        )
        return (
            "It may not be said that a policy or any other event of that time caused a change, prevented one, worked or "
            f"failed. {crowd}."
        )


def look(name: str, when: str, window: int = 12, as_of: str | date | None = None) -> Finding:
    """Fit a series at a date and at every other date.

    Parameters
    ----------
    name : str
        A key of `monthly.SERIES`.
    when : str
        First month after the change, `YYYY-MM` (a day counts as its month).
    window : int
        Months on each side.

    Raises
    ------
    DataError
        If the series is not known or not published by `as_of`.
    StatsError
        If the window does not fit, the date is not among those that can be tried, or its window reaches months that are
        still provisional.

    Examples
    --------
    >>> finding = look("deaths/synthetic-opioids", "2019-05")
    >>> finding.placebo.n, round(finding.placebo.p_level, 3), finding.unusual
    (121, 0.215, ())
    """
    series = find(name)
    months = series.load(as_of)
    event = require(months, when, window)
    # The whole series goes into the fit, which itself refuses months that are provisional.
    fit = interrupted.fit(months, event, window)
    placebo = interrupted.placebo(settled(months), event, window, first=FIRST)
    return Finding(series, event, window, months, fit, placebo)


def require(months: pd.Series, when: str, window: int) -> pd.Period:
    """The month of a date, if the window fits around it.

    Raises
    ------
    StatsError
        If it does not; the message names the dates that can be tried.
    """
    event = month(when)
    tried = dates(months, window)
    held = settled(months).index
    late = months.attrs.get("provisional_from")
    note = f"; months from {late} on are provisional and left out" if late else ""
    if not len(tried):
        raise StatsError(
            f"a window of {window} months on each side does not fit into {len(held)} settled months "
            f"({held[0]} to {held[-1]}){note}"
        )
    if event not in tried:
        raise StatsError(
            f"date {event} cannot be tried with {window} months on each side; take {tried[0]} to {tried[-1]}{note}"
        )
    return event


def dated(as_of: str | date | None = None) -> pd.DataFrame:
    """The dated events that have a month.

    Returns
    -------
    DataFrame
        The events table with a column month (`YYYY-MM`), in order; rows of a year only are left out. Empty when no event
        was known by `as_of`.

    Examples
    --------
    >>> dated().set_index("id").month["china-suspends-cooperation"]
    '2022-08'
    """
    try:
        table = store.load("events", as_of=as_of)
    except NotPublished:
        return pd.DataFrame(
            columns=["date", "precision", "id", "kind", "actor", "event", "source_id", "confidence", "month"]
        )
    rows = table[table["precision"].isin(PLACED)].sort_values(["date", "id"], ignore_index=True)
    return rows.assign(month=rows["date"].str[:7])


def near(finding: Finding, events: pd.DataFrame) -> pd.DataFrame:
    """The events within the window of a finding."""
    months = pd.PeriodIndex(events["month"], freq="M")
    inside = (months >= finding.date - finding.window) & (months < finding.date + finding.window)
    return events[inside].reset_index(drop=True)


def each(finding: Finding, events: pd.DataFrame) -> pd.DataFrame:
    """The change at the month of every dated event that can be tried, with its own place among all dates.

    Returns
    -------
    DataFrame
        One row an event: date, id, event, month, level and slope (rate ratios), p_level, p_slope.
    """
    table = finding.placebo.table
    sizes: dict[str, Any] = {term: table[f"log_{term}"].abs().to_numpy() for term in TERMS}
    rows = []
    for row in events.itertuples():
        when = pd.Period(row.month, "M")
        if when in table.index:
            at = table.index.get_loc(when)
            ratios = [float(np.exp(table[f"log_{term}"].iloc[at])) for term in TERMS]
            ps = [float((sizes[term] >= sizes[term][at] - 1e-12).mean()) for term in TERMS]
            rows.append((row.date, row.id, row.event, row.month, *ratios, *ps))
    return pd.DataFrame(rows, columns=["date", "id", "event", "month", "level", "slope", "p_level", "p_slope"])
