"""Interrupted time series: did monthly counts change level or slope at a date, more than at any other date?

The placebo p is the result; quasi and HAC standard errors describe. A series may be said to have changed
about then, no more or less than at other dates; never that a policy caused it, worked or failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import StatsError
from ..model import Estimate
from ..show import Card, Shown
from ._monthly import month, monthly_counts, stretch
from ._numbers import FloatArray, confidence, whole

if TYPE_CHECKING:
    from .segmented import Segmented


@dataclass(frozen=True, slots=True)
class Interrupted(Shown):
    """Change of level and slope at a date. Logs are natural, slopes per year.

    `level` and `slope` are rate ratios with quasi-Poisson t limits; `se_quasi` and `se_hac` are Series with
    the entries level and slope; `table` has one row a term: estimate se_quasi se_hac ratio low high level.
    """

    date: pd.Period
    window: int
    level: Estimate
    slope: Estimate
    log_level: float
    log_slope: float
    se_quasi: pd.Series
    se_hac: pd.Series
    dispersion: float
    table: pd.DataFrame
    model: Segmented

    def _card_(self) -> Card:
        rows = [("level", self.level), ("slope", self.slope), ("method", self.level.method), ("note", self.level.note)]
        return Card(f"Change at {self.date}", rows)


def fit(
    series: pd.Series,
    date: Any,
    window: int = 12,
    harmonics: int = 2,
    *,
    lag: int = 12,
    level: float = 0.95,
    provisional_from: Any = None,
    monthly: bool = False,
) -> Interrupted:
    """Quasi-Poisson model of the `window` months before `date` and the `window` months from it on.

    Columns 1, x, post, post·x and harmonics of the calendar month; x = years since `date`, post = 1 from then
    on; offset ln(days in the month).

    Parameters
    ----------
    series : Series
        Counts of single months, indexed by PeriodIndex, DatetimeIndex or `YYYY-MM`; any order, no gaps in
        the window.
    date : str, date or Period
        First month after the change.
    window : int
        Months on each side; 2·window must exceed 4 + 2·harmonics.
    harmonics : int
        Pairs of seasonal terms, at most 5.
    lag : int
        Lag of the Newey–West standard errors.
    level : float
        Confidence level of the ratios.
    provisional_from : str, date or Period, optional
        First month whose count may still grow (of provisional releases the last six months); else
        `series.attrs["provisional_from"]`. Months from there on are refused.
    monthly : bool
        True asserts that the counts are monthly and skips the smoothness test for 12-month sums.

    Raises
    ------
    StatsError
        If months are absent, missing, negative or provisional, the series holds 12-month sums
        (`series.attrs["window"]`, its name, or its smoothness), or the window is too short for the terms.

    References
    ----------
    Bernal, Cummins & Gasparrini 2017, International Journal of Epidemiology 46:348.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2018-01", "2019-12", freq="M")
    >>> counts = pd.Series(100.0 * months.days_in_month, months)
    >>> counts["2019-01":] *= 0.8
    >>> result = fit(counts, "2019-01")
    >>> round(result.level.value, 6), round(result.slope.value, 6)
    (0.8, 1.0)
    """
    counts, growing = monthly_counts(series, provisional_from=provisional_from, monthly=monthly)
    event, half = month(date), whole(window, "window", low=1)
    model = _around(counts, event, half, harmonics, growing)
    names = pd.Index(["level", "slope"])
    quasi = model.table["se"]
    hac = model.newey_west(lag)
    from scipy import stats

    z = float(stats.t.isf((1 - confidence(level)) / 2, model.df_resid))
    table = pd.DataFrame({"estimate": model.table["estimate"], "se_quasi": quasi, "se_hac": hac})
    table["ratio"] = np.exp(table["estimate"])
    table["low"], table["high"] = (np.exp(table["estimate"] + side * z * quasi) for side in (-1, 1))
    table["level"] = level
    note = f"{2 * half} months around {event}, dispersion {model.dispersion:.2f}; descriptive, see placebo"

    def ratio(term: str, unit: str) -> Estimate:
        value, low, high = (float(table.loc[term, column]) for column in ("ratio", "low", "high"))
        return Estimate(value, low, high, level, unit, "segmented quasi-Poisson", (), note)

    return Interrupted(
        date=event,
        window=half,
        level=ratio("post", "rate ratio"),
        slope=ratio("post:time", "rate ratio per year"),
        log_level=float(table.loc["post", "estimate"]),
        log_slope=float(table.loc["post:time", "estimate"]),
        se_quasi=pd.Series(quasi[["post", "post:time"]].to_numpy(), names, name="se_quasi"),
        se_hac=pd.Series(hac[["post", "post:time"]].to_numpy(), names, name="se_hac"),
        dispersion=model.dispersion,
        table=table,
        model=model,
    )


@dataclass(frozen=True, slots=True)
class Placebo(Shown):
    """How often the change at other dates is at least as large as at the true one.

    `p_level` and `p_slope` are shares of the `n` dates tried, the true one among them; `table` has one row a
    date: log_level, log_slope, event.
    """

    p_level: float
    p_slope: float
    n: int
    table: pd.DataFrame

    def _card_(self) -> Card:
        rows = [("level, p", f"{self.p_level:.3f}"), ("slope, p", f"{self.p_slope:.3f}")]
        return Card(f"As large a change at any of {self.n} dates?", rows)


def placebo(
    series: pd.Series,
    date: Any,
    window: int = 12,
    harmonics: int = 2,
    *,
    first: Any = "2014-01",
    provisional_from: Any = None,
    monthly: bool = False,
) -> Placebo:
    """Refit `fit` at every month from `first` on and place the true date among them.

    p = #{t' : |coefficient(t')| ≥ |coefficient(date)|}/n, the true date included, so p is at least 1/n. Dates
    run to the last month with a full window. Where the series begins too late for `first`, they start at its
    first full window.

    Parameters
    ----------
    series, date, window, harmonics, provisional_from, monthly
        As in `fit`. Every month from `window` before the first date to the end of the series must be there.
    first : str, date or Period
        First placebo date.

    Raises
    ------
    StatsError
        As `fit`, for any of the dates, and if the true date is not among them.

    References
    ----------
    Abadie, Diamond & Hainmueller 2010, Journal of the American Statistical Association 105:493 (placebo
    tests).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2013-01", "2018-12", freq="M")
    >>> counts = pd.Series(np.random.default_rng(1).poisson(300, 72), months)
    >>> counts["2016-06":] *= 2
    >>> result = placebo(counts, "2016-06")
    >>> result.n, round(result.p_level, 3)
    (49, 0.02)
    """
    counts, growing = monthly_counts(series, provisional_from=provisional_from, monthly=monthly)
    event, half = month(date), whole(window, "window", low=1)
    start = max(month(first, "first"), counts.index[0] + half)
    dates = pd.period_range(start, counts.index[-1] - (half - 1), freq="M")
    if event not in dates:
        span = f"{dates[0]} to {dates[-1]}" if len(dates) else "none"
        raise StatsError(f"date {event} is not among the placebo dates ({span}) of a window of {half} months")
    stretch(counts, start - half, counts.index[-1], growing)
    rows = [_around(counts, d, half, harmonics, growing).table["estimate"] for d in dates]
    table = pd.DataFrame(
        {
            "log_level": [float(row["post"]) for row in rows],
            "log_slope": [float(row["post:time"]) for row in rows],
            "event": dates == event,
        },
        index=dates.rename("date"),
    )
    return Placebo(_rank(table, "log_level"), _rank(table, "log_slope"), len(dates), table)


def _around(counts: pd.Series, event: pd.Period, half: int, harmonics: int, growing: pd.Period | None) -> Segmented:
    from .segmented import segmented  # its scipy.stats is slow to import, and only a fit needs it

    months = pd.period_range(event - half, event + half - 1, freq="M")
    y = stretch(counts, months[0], months[-1], growing)
    steps: FloatArray = np.arange(-half, half, dtype=np.float64)
    try:
        return segmented(
            y,
            months.days_in_month.to_numpy(),
            steps / 12,
            steps >= 0,
            months.month.to_numpy(),
            harmonics=harmonics,
            slope_change=True,
            family="quasi-poisson",
        )
    except StatsError as error:
        raise StatsError(f"around {event}: {error}") from error


def _rank(table: pd.DataFrame, column: str) -> float:
    size = table[column].abs().to_numpy()
    true = size[table["event"].to_numpy()]
    # The slack lets the true date count itself whatever the rounding.
    return float((size >= true - 1e-12).mean())
