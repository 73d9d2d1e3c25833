"""Monthly counts as they enter a time-series model: no gaps, no sums over a year, no half-known end."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from ..errors import StatsError
from ._numbers import FloatArray, numbers

YEAR_SUM = re.compile(r"\b12[ -]?m|^12$|twelve|rolling|month[_ -]?ending", re.IGNORECASE)
LEAST, LONG = 24, 48
"""Months from which a series is tested for being sums over a year, and from which a clear echo is enough."""


def month(value: Any, what: str = "date") -> pd.Period:
    """A calendar month from `YYYY-MM`, a date, a Timestamp or a Period.

    >>> month("2019-05")
    Period('2019-05', 'M')

    Raises
    ------
    StatsError
        If the value is none of these.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value.strip()):
        try:
            return pd.Period(value.strip(), "M")
        except ValueError:
            pass
    elif isinstance(value, pd.Period | date | datetime) and not pd.isna(value):
        return pd.Period(value, "M")
    raise StatsError(f"{what} {str(value)[:40]!r} is not a month; write YYYY-MM, such as 2019-05")


def monthly_counts(
    series: pd.Series, *, provisional_from: Any = None, monthly: bool = False
) -> tuple[pd.Series, pd.Period | None]:
    """The series indexed by month in order, and the first month whose count may still grow, if stated.

    Missing values stay; `stretch` refuses them where they are used.

    Raises
    ------
    StatsError
        If the input is no Series with months as its index, a month comes twice, or the counts are sums over
        12 months: by `attrs["window"]`, by the name of the series or its index, or by their smoothness.
    """
    if not isinstance(series, pd.Series):
        raise StatsError(f"series must be a pandas Series of monthly counts, got {type(series).__name__}")
    if series.empty:
        raise StatsError("series is empty; give monthly counts")
    labels = (series.attrs.get("window", ""), series.index.name or "", series.name or "")
    if named := next((str(label) for label in labels if YEAR_SUM.search(str(label))), None):
        raise StatsError(
            f"series holds 12-month sums (it is labelled {named!r}): each month would be counted 12 times; "
            "give monthly counts"
        )
    months = _index(series.index)
    if (twice := months.duplicated()).any():
        raise StatsError(
            f"{int(twice.sum())} months of the series come more than once, first {months[twice][0]}; "
            "give one count a month"
        )
    tidy = pd.Series(series.to_numpy(), index=months, name=series.name).sort_index()
    if not monthly and _looks_summed(tidy):
        raise StatsError(
            f"series of {tidy.size} months varies less between months than counts can, and echoes itself "
            "with the sign turned after 12: it looks like 12-month sums; give monthly counts "
            "(monthly=True if they are)"
        )
    stated = series.attrs.get("provisional_from") if provisional_from is None else provisional_from
    return tidy, None if stated is None else month(stated, "provisional_from")


def stretch(counts: pd.Series, first: pd.Period, last: pd.Period, provisional_from: pd.Period | None) -> FloatArray:
    """The counts from `first` to `last`, all present, final and at least 0.

    Raises
    ------
    StatsError
        If months in between are absent, missing, negative, not numbers, or provisional.
    """
    wanted = pd.period_range(first, last, freq="M")
    span = f"months {first} to {last}"
    absent = wanted.difference(counts.index)
    if len(absent):
        raise StatsError(
            f"{len(absent)} of the {len(wanted)} {span} are not in the series "
            f"({counts.index[0]} to {counts.index[-1]}), first {absent[0]}"
        )
    if provisional_from is not None and last >= provisional_from:
        n = int((wanted >= provisional_from).sum())
        raise StatsError(
            f"{n} of the {len(wanted)} {span} are provisional (from {provisional_from}) and still "
            "grow, which looks like a fall; end the analysis before them"
        )
    return numbers(counts.loc[wanted], f"counts of {span}", low=0, hint="a missing month is not 0")


def _index(index: pd.Index) -> pd.PeriodIndex:
    if isinstance(index, pd.PeriodIndex):
        if index.freqstr != "M":
            raise StatsError(f"index of the series has periods of {index.freqstr!r}; give months ('M')")
        months = index
    elif isinstance(index, pd.DatetimeIndex):
        months = index.tz_localize(None).to_period("M")
    else:
        months = pd.PeriodIndex([month(label, "index label") for label in index], freq="M")
    if months.hasnans:
        raise StatsError(f"{int(months.isna().sum())} of {len(months)} index labels of the series are missing")
    return months


def _looks_summed(counts: pd.Series) -> bool:
    """Whether counts are too smooth to be monthly and echo themselves after 12 months with the sign turned.

    Second differences of independent counts of mean m have a variance of at least 6m (Poisson); of 12-month
    sums near m/3, and what enters a sum leaves it 12 months later. Tried on spans of 24 to 72 months: 83-99 %
    (the longer, the surer) of the 12-month series of the provisional release of January 2025 were caught, and
    0.4 % or fewer of simulated Poisson months. Made-up series without noise pass.
    """
    every = pd.period_range(counts.index[0], counts.index[-1], freq="M")
    y = pd.to_numeric(counts, errors="coerce").reindex(every).to_numpy(dtype=np.float64)
    y = np.where(np.isfinite(y), y, np.nan)
    bend = np.diff(y, 2)
    known = int(np.isfinite(bend).sum())
    if known < LEAST - 2 or np.nanmean(y) <= 0:
        return False
    roughness = float(np.nanmean(bend**2) / (6 * np.nanmean(y)))
    bend -= np.nanmean(bend)
    echo = float(np.nansum(bend[12:] * bend[:-12])) / max(float(np.nansum(bend**2)), 1e-300)
    smooth = 0.01 < roughness < 0.3 and echo < -0.1
    return smooth or (known >= LONG - 2 and 0.01 < roughness < 0.6 and echo < -0.25)
