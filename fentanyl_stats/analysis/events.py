"""Monthly series, and what a date may be said to show in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..data import names, store
from ..data.names import VOCABULARY
from ..errors import DataError, NotPublished, StatsError, unknown
from ..model import number
from ..stats import interrupted
from ..stats.interrupted import month
from . import seizures
from .deaths import T404

__all__ = ["SERIES", "Finding", "Monthly", "dated", "each", "each_sentence", "find", "look", "near", "series"]


def __dir__() -> list[str]:
    return __all__


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


def _seized(name: str) -> Read:
    column, _, side = name.removeprefix("seizures/").partition("-")

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


SERIES: dict[str, Monthly] = {
    "deaths/synthetic-opioids": Monthly(
        "deaths/synthetic-opioids",
        "deaths involving synthetic opioids",
        "deaths",
        f"final counts of residents, United States; {T404}",
        _deaths,
    ),
    **{row["name"]: Monthly(**row, read=_seized(row["name"])) for row in VOCABULARY["series"]},
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
_FRAME = ["month", "value", "fitted", "provisional"]
_CHANGES = ["change", "unit", "factor", "low", "high", "se_quasi", "se_hac", "p", "p_t"]
_TRIED = ["log_level", "log_slope", "se_level", "se_slope", "level_t", "slope_t", "event"]
_WINDOWS = ["window", "n", "level", "slope", "p_level", "p_slope", "p_level_t", "p_slope_t"]
STEP = 0.1
"""The change of level whose chance of being seen is said."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fit at one date and its place among the placebo dates, in frames; all empty if the series was not published.

    Attributes
    ----------
    frame : DataFrame
        One row a month: month (`YYYY-MM`), value (counts or pounds), fitted (missing outside the window), provisional.
    changes : DataFrame
        Two rows, level and slope: change, unit, factor, low, high (95 % interval of the rate ratio), se_quasi, se_hac
        (standard errors of its logarithm, the second of Newey and West), p (placebo p of the coefficient), p_t (placebo p
        of coefficient / standard error, which decides).
    tried : DataFrame
        One row a date tried, by month: log_level, log_slope, se_level, se_slope, level_t, slope_t, event (true of the date
        asked for).
    windows : DataFrame
        The same date with windows of 6 to 24 months: window, n, level, slope, p_level, p_slope, p_level_t, p_slope_t.
    power : float
        Chance that a step of 10% at this date would have a p_t that is called unusual.
    missing : str
        Why there is nothing, or "".
    """

    series: Monthly
    date: pd.Period
    window: int
    frame: pd.DataFrame
    changes: pd.DataFrame
    tried: pd.DataFrame
    windows: pd.DataFrame
    power: float = np.nan
    missing: str = ""
    dispersion: float = np.nan
    method: str = ""

    @property
    def p(self) -> dict[str, float]:
        """Placebo p of level and slope, by the coefficient."""
        return self._by_term("p")

    @property
    def p_t(self) -> dict[str, float]:
        """Placebo p of level and slope, by coefficient / standard error: this one decides."""
        return self._by_term("p_t")

    def _by_term(self, column: str) -> dict[str, float]:
        return {str(term): float(p) for term, p in zip(self.changes["change"], self.changes[column], strict=True)}

    @property
    def unusual(self) -> tuple[str, ...]:
        """Which of level and slope changed more than chance among dates would have it."""
        return tuple(term for term, p in self.p_t.items() if p <= ALPHA / 2)

    @property
    def too_few(self) -> bool:
        """Whether so few dates can be tried that even the most extreme one could not stand out."""
        return len(self.tried) * ALPHA / 2 < 1

    @property
    def found(self) -> str:
        """The two changes with their intervals and placebo p, in words."""
        if self.missing:
            return "Nothing was fitted."
        n = len(self.tried)
        parts = []
        for e, words in zip(self.changes.itertuples(), ("the level", "the slope, per year"), strict=True):
            parts.append(
                f"{words}, by a factor of {e.factor:.2f} (95% interval {e.low:.2f} to {e.high:.2f}); for its standard "
                f"error it changed at least as much at {round(e.p_t * n)} of the {n} dates tried, this one among them (placebo "
                f"p = {e.p_t:.3f})"
            )
        return f"At {self.date:%B %Y}, {self.window} months before against {self.window} months from then on: {'. And '.join(parts)}."

    @property
    def reach(self) -> str:
        """How far the answer hangs on the window, and how large a change this test would see, in words."""
        if self.missing:
            return self.missing
        w = self.windows
        parts = [
            f"the {term} changed by a factor of {w[term].min():.2f} to {w[term].max():.2f}{unit}, with a placebo p of "
            f"{w[f'p_{term}_t'].min():.3f} to {w[f'p_{term}_t'].max():.3f}"
            for term, unit in (("level", ""), ("slope", " a year"))
        ]
        seen = (
            f"Had the level stepped up or down by {STEP:.0%} here, this test would have called it unusual with a chance of "
            f"{self.power:.0%}: {'it sees only larger changes' if self.power < 0.5 else 'smaller changes it may miss'}."
        )
        return f"With windows of {w['window'].min()} to {w['window'].max()} months, {' and '.join(parts)}. {seen}"

    @property
    def may(self) -> str:
        """What may be said."""
        what, when, n = f"the monthly {self.series.title}", f"{self.date:%B %Y}", len(self.tried)
        if self.missing:
            return self.missing
        if self.too_few:
            return (
                f"It may be said only that too few dates can be tried to tell: with {n}, the smallest p possible "
                f"is {1 / n:.3f}, above {ALPHA / 2:g}."
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

    @property
    def cited(self) -> str:
        """Source, vintage and definition of the series."""
        source = self.frame.attrs.get("source")
        return f"Source: {source.publisher}, {source.id} {source.vintage}; {self.series.definition}." if source else ""

    @property
    def note(self) -> str:
        """How to read `changes`."""
        return (
            f"{self.method[:1].upper()}{self.method[1:]} model of {2 * self.window} months with the season, dispersion "
            f"{self.dispersion:.1f}. The placebo p of coefficient / standard error decides: coefficients alone are noisier "
            "where counts are small, which makes early dates of a growing series look unusual. Intervals and standard errors describe, and those of Newey and "
            "West are too small for so few months."
        )


def look(name: str, when: str, window: int = 12, as_of: str | date | None = None) -> Finding:
    """Fit a series at a date and at every other date (`stats.interrupted.fit` and `placebo`).

    Parameters
    ----------
    name : str
        A series, one of `SERIES`.
    when : str
        First month after the change, `YYYY-MM` (a day counts as its month).
    window : int
        Months on each side.
    as_of : str or date, optional
        Use only what was published by this day.

    Raises
    ------
    DataError
        If the series is not known.
    StatsError
        If the window does not fit, the date is not among those that can be tried, or its window reaches months that are
        still provisional.

    Examples
    --------
    >>> finding = look("deaths/synthetic-opioids", "2019-05")
    >>> len(finding.tried), round(finding.p_t["level"], 3), finding.unusual
    (121, 0.066, ())
    """
    series = find(name)
    try:
        months = series.load(as_of)
    except NotPublished:
        missing = f"The series {name} was not published by {as_of}, so there is nothing to fit."
        nothing = [pd.DataFrame(columns=columns) for columns in (_FRAME, _CHANGES, _TRIED, _WINDOWS)]
        for frame in nothing:
            frame.attrs["empty"] = "Nothing was fitted."
        return Finding(series, month(when), window, nothing[0], nothing[1], nothing[2], nothing[3], missing=missing)
    event = require(months, when, window)
    # The whole series goes into the fit, which itself refuses months that are provisional.
    fit = interrupted.fit(months, event, window)
    placebo = interrupted.placebo(settled(months), event, window, first=FIRST)
    windows = interrupted.windows(settled(months), event, first=FIRST).reset_index()
    changes = pd.DataFrame(
        [
            (term, e.unit, e.value, e.low, e.high, fit.se_quasi[term], fit.se_hac[term], p, p_t)
            for term, e, p, p_t in (
                ("level", fit.level, placebo.p_level, placebo.p_level_t),
                ("slope", fit.slope, placebo.p_slope, placebo.p_slope_t),
            )
        ],
        columns=_CHANGES,
    )
    start = months.attrs.get("provisional_from")
    around = pd.Series(fit.model.fitted, pd.period_range(event - window, periods=2 * window, freq="M"))
    frame = pd.DataFrame(
        {
            "month": months.index.astype(str),
            "value": months.to_numpy(dtype=float),
            "fitted": around.reindex(months.index).to_numpy(),
            "provisional": months.index >= pd.Period(start, "M") if start else False,
        }
    )
    for made in (frame, changes, placebo.table, windows):
        made.attrs["source"] = months.attrs["source"]
    power = placebo.power(STEP, ALPHA / 2)
    return Finding(
        series, event, window, frame, changes, placebo.table, windows, power, "", fit.dispersion, fit.level.method
    )


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
        One row an event: date, id, event, month, near (whether within the window), level and slope (rate ratios; the
        slope per year), p_level, p_slope (placebo p of the coefficient), p_level_t, p_slope_t (of coefficient / standard
        error).
    """
    table = finding.tried
    ranked = [f"log_{term}" for term in TERMS] + [f"{term}_t" for term in TERMS]
    sizes: dict[str, Any] = {name: table[name].abs().to_numpy() for name in ranked}
    close = set(near(finding, events)["id"])
    rows = []
    for row in events.itertuples():
        when = pd.Period(row.month, "M")
        if when in table.index:
            at = table.index.get_loc(when)
            ratios = [float(np.exp(table[f"log_{term}"].iloc[at])) for term in TERMS]
            ps = [float((sizes[name] >= sizes[name][at] - 1e-12).mean()) for name in ranked]
            rows.append((row.date, row.id, row.event, row.month, row.id in close, *ratios, *ps))
    columns = ["date", "id", "event", "month", "near", "level", "slope", "p_level", "p_slope", "p_level_t", "p_slope_t"]
    made = pd.DataFrame(rows, columns=columns)
    made.attrs = dict(table.attrs)
    return made


def each_sentence(rows: pd.DataFrame) -> str:
    """How to read the many p of `each`."""
    smaller = rows.groupby("month")[["p_level_t", "p_slope_t"]].first().min(axis=1)
    low, months = int((smaller <= ALPHA / 2).sum()), len(smaller)
    return (
        f"{months} different months hold events; in {low or 'none'} of them the smaller p is at most {ALPHA / 2:g}. "
        f"Of {months} months picked blindly, up to {number(round(months * ALPHA, 1))} would be expected to have so small a p. "
        "Dates that share a month share a row of the fit."
    )


def series() -> pd.DataFrame:
    """The monthly series that can be asked for: series (its name), title, unit, definition."""
    rows = [(s.name, s.title, s.unit, s.definition) for s in SERIES.values()]
    return pd.DataFrame(rows, columns=["series", "title", "unit", "definition"])
