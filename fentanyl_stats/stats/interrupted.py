"""Interrupted time series: did monthly counts change level or slope at a date, more than at any other date?

The placebo p is the result; quasi and HAC standard errors describe. A series may be said to have changed
about then, no more or less than at other dates; never that a policy caused it, worked or failed.

* `fit`, `placebo`: the change at a date, and at all other dates
* `windows`: the same over windows of several lengths
* `segmented`: the model behind `fit`, for any counts over time: Poisson, negative binomial or log rates
* `month`: a calendar month, from text or a date
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ..errors import StatsError, unknown
from ..model import Estimate
from ..show import Card, Shown
from ._numbers import FloatArray, confidence, number, numbers, whole

__all__ = ["Interrupted", "Placebo", "Segmented", "fit", "month", "placebo", "segmented", "windows"]


def __dir__() -> list[str]:
    return __all__


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
    log, quasi = model.table["estimate"], model.table["se"]
    half_width = -float(special.stdtrit(model.df_resid, (1 - confidence(level)) / 2)) * quasi
    limits = {"ratio": np.exp(log), "low": np.exp(log - half_width), "high": np.exp(log + half_width), "level": level}
    table = pd.DataFrame({"estimate": log, "se_quasi": quasi, "se_hac": model.newey_west(lag)} | limits)
    note = f"{2 * half} months around {event}, dispersion {model.dispersion:.2f}; descriptive, see placebo"
    errors = table.loc[["post", "post:time"], ["se_quasi", "se_hac"]].set_axis(["level", "slope"])

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
        se_quasi=errors["se_quasi"],
        se_hac=errors["se_hac"],
        dispersion=model.dispersion,
        table=table,
        model=model,
    )


@dataclass(frozen=True, slots=True)
class Placebo(Shown):
    """How often the change at other dates is at least as large as at the true one.

    `p_level_t` and `p_slope_t` rank coefficient / standard error (quasi-Poisson), `p_level` and `p_slope` the
    coefficient alone: shares of the `n` dates tried, the true one among them. `table` has one row a date:
    log_level, log_slope, se_level, se_slope, level_t, slope_t, event.
    """

    p_level: float
    p_slope: float
    n: int
    table: pd.DataFrame
    p_level_t: float = math.nan
    p_slope_t: float = math.nan

    def power(self, step: float = 0.1, size: float = 0.025) -> float:
        """Chance that a change of level by the share `step` at the true date would have `p_level_t` ≤ `size`.

        The change / standard error at each other date stands for the noise at the true one; to it is added
        what a step up or down (half each) of ln(1 + step) is in standard errors at the true date. Real
        changes at other dates count as noise, as they do in p.

        Raises
        ------
        StatsError
            If `step` or `size` is not above 0, or `size` not below 1.

        Examples
        --------
        >>> import numpy as np, pandas as pd
        >>> months = pd.period_range("2013-01", "2021-12", freq="M")
        >>> counts = pd.Series(np.random.default_rng(1).poisson(300, 108), months)
        >>> result = placebo(counts, "2016-06")
        >>> [round(result.power(step), 2) for step in (0.02, 0.1, 0.5)]
        [0.02, 0.04, 0.9]
        """
        rise = math.log1p(number(step, "step", low=0, open_low=True))
        allowed = int(number(size, "size", low=0, high=1, open_low=True, open_high=True) * self.n)
        here = self.table["event"].to_numpy(dtype=bool)
        noise, se = self.table["level_t"].to_numpy(dtype=float)[~here], float(self.table.loc[here, "se_level"].iloc[0])
        if not 0 < allowed <= noise.size:
            return float(allowed > 0)  # with so few dates no change can stand out, or every one does
        shift = rise / se if se > 0 else math.inf
        needed = np.sort(np.abs(noise))[-allowed]
        return float(np.mean([np.abs(noise + shift) > needed, np.abs(noise - shift) > needed]))

    def _card_(self) -> Card:
        rows = [("level, p", f"{self.p_level_t:.3f}"), ("slope, p", f"{self.p_slope_t:.3f}")]
        return Card(f"As large a change for its standard error at any of {self.n} dates?", rows)


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

    p = #{t' : |change(t')| ≥ |change(date)|}/n, the true date included, so p is at least 1/n. Dates run to
    the last month with a full window. Where the series begins too late for `first`, they start at its first
    full window.

    The change is ranked in two ways: as a coefficient, and divided by its standard error (`p_level_t`,
    `p_slope_t`). Where counts grow, early coefficients are noisy and late ones exact: the rank of the
    coefficient then calls too many early dates unusual and hardly any late one. In simulated series that grow
    twentyfold, with neighbouring months uncorrelated or correlated up to 0.8, p ≤ 0.05 came out for 14% to 18% of
    early and 0% to 2% of late dates without a change; of the ratio for 3% to 7% (the slope: 1% to 8%).

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
    >>> result.n, round(result.p_level, 3), round(result.p_level_t, 3)
    (49, 0.02, 0.02)
    """
    counts, growing = monthly_counts(series, provisional_from=provisional_from, monthly=monthly)
    event, half = month(date), whole(window, "window", low=1)
    start = max(month(first, "first"), counts.index[0] + half)
    dates = pd.period_range(start, counts.index[-1] - (half - 1), freq="M")
    if event not in dates:
        span = f"{dates[0]} to {dates[-1]}" if len(dates) else "none"
        raise StatsError(f"date {event} is not among the placebo dates ({span}) of a window of {half} months")
    table = _changes(counts, dates, half, harmonics, growing)
    p_level, p_slope, p_level_t, p_slope_t = (
        # The slack keeps ties ties, whatever the rounding.
        float((table[name].abs() >= abs(table.loc[event, name]) - 1e-12).mean())
        for name in ("log_level", "log_slope", "level_t", "slope_t")
    )
    return Placebo(p_level, p_slope, len(dates), table.assign(event=dates == event), p_level_t, p_slope_t)


def windows(
    series: pd.Series,
    date: Any,
    sizes: Iterable[int] | int = range(6, 25),
    harmonics: int = 2,
    *,
    first: Any = "2014-01",
    provisional_from: Any = None,
    monthly: bool = False,
) -> pd.DataFrame:
    """`placebo` with windows of several lengths: how far the answer hangs on the months looked at.

    Parameters
    ----------
    sizes : months on each side, one row each; those that do not fit around the date are left out
    series, date, harmonics, first, provisional_from, monthly
        As in `placebo`.

    Returns
    -------
    DataFrame
        Index window: n (dates tried), level, slope (rate ratios), p_level, p_slope, p_level_t, p_slope_t.

    Raises
    ------
    StatsError
        As `placebo`, if no window fits.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2013-01", "2018-12", freq="M")
    >>> counts = pd.Series(np.random.default_rng(1).poisson(300, 72), months)
    >>> windows(counts, "2016-06", (6, 12, 36))["n"].to_dict()
    {6: 55, 12: 49}
    """
    several = sizes if isinstance(sizes, Iterable) and not isinstance(sizes, str) else [sizes]
    rows, failure = {}, StatsError("give at least one window")
    for size in [whole(size, "window", low=1) for size in several]:
        try:
            found = placebo(
                series, date, size, harmonics, first=first, provisional_from=provisional_from, monthly=monthly
            )
        except StatsError as error:
            failure = error
            continue
        logs = found.table.loc[found.table["event"], ["log_level", "log_slope"]].to_numpy()[0]
        rows[size] = [found.n, *np.exp(logs), found.p_level, found.p_slope, found.p_level_t, found.p_slope_t]
    if not rows:
        raise failure
    columns = ["n", "level", "slope", "p_level", "p_slope", "p_level_t", "p_slope_t"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("window").astype({"n": int})


_TRIED = ["log_level", "log_slope", "se_level", "se_slope", "level_t", "slope_t"]


def _changes(
    counts: pd.Series, dates: pd.PeriodIndex, half: int, harmonics: int, growing: pd.Period | None
) -> pd.DataFrame:
    """Both changes, their quasi-Poisson standard errors and their ratios at each date: all fits of `fit` at once."""
    y = stretch(counts, dates[0] - half, counts.index[-1], growing)
    months = pd.period_range(dates[0] - half, counts.index[-1], freq="M")
    model = _around(counts, dates[0], half, harmonics, growing)
    at = np.arange(len(dates))[:, None] + np.arange(2 * half)
    x = np.repeat(model.design.to_numpy()[None], len(dates), axis=0)
    for h in range(1, harmonics + 1):
        angle = 2 * np.pi * h * months.month.to_numpy()[at] / 12
        x[..., 2 + 2 * h], x[..., 3 + 2 * h] = np.sin(angle), np.cos(angle)
    events, exposed = y[at], months.days_in_month.to_numpy()[at].astype(float)
    usable = events[:, :half].any(axis=1) & events[:, half:].any(axis=1)
    mean = np.where(usable[:, None], (events + events.mean(axis=1, keepdims=True)) / 2, exposed)
    beta, moved = np.zeros(x.shape[::2]), np.full(len(dates), np.inf)
    with np.errstate(all="ignore"):
        for _ in range(50):
            working = np.log(mean / exposed) + (events - mean) / mean
            information = np.swapaxes(x * mean[..., None], 1, 2) @ x
            information[~np.isfinite(information).all(axis=(1, 2))] = np.eye(x.shape[2])
            right = np.einsum("dmp,dm->dp", x, mean * working)
            step = np.linalg.solve(information, right[..., None])[..., 0]
            moved, beta = np.abs(step - beta).max(axis=1), step
            mean = exposed * np.exp(np.einsum("dmp,dp->dm", x, beta))
            if not (moved > 1e-11).any():
                break
        covariance = np.linalg.inv(np.swapaxes(x * mean[..., None], 1, 2) @ x)
        dispersion = np.sum((events - mean) ** 2 / mean, axis=1) / model.df_resid
        errors = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)[:, [1, 3]] * dispersion[:, None])
        vanished = (events == 0) & (mean < 1e-9 * events.mean(axis=1, keepdims=True))
    found = np.hstack([beta[:, [1, 3]], errors])
    # A date that this does not settle is fitted by itself, which says what is wrong with it.
    for i in np.flatnonzero(~usable | ~(moved < 1e-8) | vanished.any(axis=1) | ~np.isfinite(found).all(axis=1)):
        alone = _around(counts, dates[i], half, harmonics, growing).table.loc[["post", "post:time"]]
        found[i] = np.concatenate([alone["estimate"], alone["se"]])
    ratios = np.divide(found[:, :2], found[:, 2:], out=np.zeros((len(dates), 2)), where=found[:, 2:] > 0)
    return pd.DataFrame(np.hstack([found, ratios]), index=dates.rename("date"), columns=_TRIED)


def _around(counts: pd.Series, event: pd.Period, half: int, harmonics: int, growing: pd.Period | None) -> Segmented:
    months = pd.period_range(event - half, event + half - 1, freq="M")
    y, steps = stretch(counts, months[0], months[-1], growing), np.arange(-half, half)
    terms: dict[str, Any] = {"month": months.month, "harmonics": harmonics, "slope_change": True}
    try:
        return segmented(y, months.days_in_month, steps / 12, steps >= 0, family="quasi-poisson", **terms)
    except StatsError as error:
        raise StatsError(f"around {event}: {error}") from error


Family = Literal["poisson", "quasi-poisson", "negative-binomial", "log-rate"]
Values = npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Segmented:
    """A fitted model. `table` has one row a term: estimate, se, statistic, p (on the log scale).

    `residuals` are deviance residuals, for the log-rate model the plain ones; `dispersion` is Pearson χ²/(n
    − p) (for log-rate the residual variance) whether or not the standard errors use it.
    """

    family: Family
    table: pd.DataFrame
    dispersion: float
    deviance: float
    alpha: float | None
    """Overdispersion of the negative binomial, variance μ + αμ²."""
    design: pd.DataFrame
    fitted: FloatArray
    residuals: FloatArray
    scores: FloatArray
    bread: FloatArray

    @property
    def df_resid(self) -> int:
        """n − p."""
        return int(self.design.shape[0] - self.design.shape[1])

    def newey_west(self, lag: int) -> pd.Series:
        """Standard errors robust to autocorrelation up to `lag`: A⁻¹MA⁻¹ with Bartlett weights.

        No small-sample factor, no prewhitening. With few months they are far too small: describe, do not
        test.

        References
        ----------
        Newey & West 1987, Econometrica 55:703; as in R sandwich::NeweyWest(prewhite = FALSE, adjust = FALSE).
        """
        from statsmodels.stats.sandwich_covariance import S_hac_simple

        covariance = self.bread @ S_hac_simple(self.scores, whole(lag, "lag")) @ self.bread
        return pd.Series(np.sqrt(np.diag(covariance)), index=self.table.index, name="se")

    def breusch_godfrey(self, order: int = 12) -> tuple[float, float]:
        """Lagrange multiplier test of autocorrelation up to `order`: (n·R², p from χ² with `order` df).

        R² of the residuals regressed on the design and their own lags, residuals before the first month
        being 0.

        References
        ----------
        Breusch 1978; Godfrey 1978, Econometrica 46:1293. As in R lmtest::bgtest.
        """
        order, e = whole(order, "order", low=1), self.residuals
        if order + self.design.shape[1] >= e.size:
            raise StatsError(f"order {order} is too high for {e.size} months and {self.design.shape[1]} terms")
        lags = np.column_stack([np.concatenate([np.zeros(back), e[:-back]]) for back in range(1, order + 1)])
        x = np.hstack([self.design.to_numpy(), lags])
        fitted = x @ np.linalg.lstsq(x, e, rcond=None)[0]
        statistic = e.size * float(fitted @ fitted) / float(e @ e)
        return statistic, float(special.chdtrc(order, statistic))

    @property
    def durbin_watson(self) -> float:
        """Σ(e_t − e_{t−1})² / Σe_t²: near 2 without first-order autocorrelation, towards 0 with a positive
        one.

        References
        ----------
        Durbin & Watson 1950, Biometrika 37:409.
        """
        steps = np.diff(self.residuals)
        return float(steps @ steps) / float(self.residuals @ self.residuals)


def segmented(
    events: Values,
    exposure: Values,
    time: Values,
    post: Values,
    month: Values | None = None,
    *,
    harmonics: int = 0,
    slope_change: bool = False,
    family: Family = "poisson",
    per: float = 100_000,
) -> Segmented:
    """Fit events/exposure = exp(intercept + post + time [+ post·time] + harmonics of the calendar month).

    Parameters
    ----------
    events : array, shape (n,)
        Events of each month, in order of time, at least 0.
    exposure : array, shape (n,)
        Population or days of each month, above 0; its logarithm is the offset.
    time : array, shape (n,)
        Time, increasing, in any unit: slopes are per that unit.
    post : array of 0 and 1, shape (n,)
        1 from the date of the change on.
    month : array of 1 … 12, shape (n,)
        Calendar month, needed with `harmonics`.
    harmonics : int
        Pairs sin(hθ), cos(hθ), θ = 2π·month/12, h = 1 … harmonics.
    slope_change : bool
        Whether the slope may change too (term post:time).
    family : {"poisson", "quasi-poisson", "negative-binomial", "log-rate"}
        Poisson; the same with standard errors × √dispersion; NB2 with α by maximum likelihood and standard
        errors at that α; or least squares of ln(per·events/exposure).
    per : float
        Scale of the log-rate model only.

    Raises
    ------
    StatsError
        If lengths differ, values are out of range, months are out of order, a term cannot be told from the
        others, there are no events on one side, or there are not more months than terms.

    References
    ----------
    Bernal, Cummins & Gasparrini 2017, International Journal of Epidemiology 46:348.
    Hilbe 2011, Negative Binomial Regression (NB2).

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(24)
    >>> events = 1000 * np.exp(0.01 * time - 0.2 * (time >= 12))
    >>> model = segmented(events, np.full(24, 5e5), time, time >= 12)
    >>> model.table["estimate"].round(6).to_dict()
    {'intercept': -6.214608, 'post': -0.2, 'time': 0.01}
    """
    if family not in get_args(Family):
        raise StatsError(unknown("family", family, get_args(Family)))
    y, exposed = numbers(events, "events", low=0), numbers(exposure, "exposure", low=0, open_low=True)
    x = _design(time, post, month, harmonics=harmonics, slope_change=slope_change)
    if y.shape != (len(x),) or exposed.shape != (len(x),):
        raise StatsError(f"lengths differ: {len(x)} times, events of shape {y.shape}, exposure {exposed.shape}")
    after = x["post"].to_numpy() == 1
    for side, rows in (("before", ~after), ("after", after)):
        if not y[rows].any():
            raise StatsError(f"events are all 0 in the {int(rows.sum())} months {side} the change; no log has a value")
    design, df, alpha = x.to_numpy(), len(x) - x.shape[1], None
    if family == "log-rate":
        if (zero := y == 0).any():
            raise StatsError(f"{int(zero.sum())} of {y.size} months have 0 events; a log rate needs more than 0")
        result = _glm(np.log(number(per, "per", low=0, open_low=True) * y / exposed), design)
    else:
        offset = np.log(exposed)
        alpha = _ml_alpha(y, design, offset) if family == "negative-binomial" else None
        result = _glm(y, design, offset, alpha or 0.0)
    fitted, dispersion = result.fittedvalues, float(result.pearson_chi2) / df
    weight = 1 / (1 + (alpha or 0.0) * fitted)
    rise = 1.0 if family == "log-rate" else fitted  # of the mean with the sum of the terms
    bread = np.linalg.inv((design * (rise * weight)[:, None]).T @ design)
    scaled = family in ("quasi-poisson", "log-rate")
    se = np.sqrt(np.diag(bread) * (dispersion if scaled else 1.0))
    law = partial(special.stdtr, df) if scaled else special.ndtr
    statistic = np.divide(result.params, se, out=np.full(se.size, np.nan), where=se > 0)
    columns = {"estimate": result.params, "se": se, "statistic": statistic, "p": 2 * law(-np.abs(statistic))}
    return Segmented(
        family=family,
        table=pd.DataFrame(columns, index=pd.Index(x.columns, name="term")),
        dispersion=dispersion,
        deviance=float(result.deviance),
        alpha=alpha,
        design=x,
        fitted=fitted,
        residuals=result.resid_deviance,
        scores=(result.resid_response * weight)[:, None] * design,
        bread=bread,
    )


def _design(time: Any, post: Any, month: Any, *, harmonics: int, slope_change: bool) -> pd.DataFrame:
    t = numbers(time, "time")
    flags = np.asarray(post)
    after = numbers(flags.astype(np.float64) if flags.dtype == np.bool_ else post, "post", low=0, high=1)
    if t.ndim != 1 or after.shape != t.shape:
        raise StatsError(f"time and post need one value a month each, got shapes {t.shape} and {after.shape}")
    if (np.diff(t) <= 0).any():
        raise StatsError(f"time must increase; it does not after position {int(np.argmax(np.diff(t) <= 0))}")
    if not np.isin(after, (0, 1)).all():
        raise StatsError(f"post is 0 before and 1 after the change, got {after[~np.isin(after, (0, 1))][0]:g}")
    columns = {"intercept": np.ones(t.size), "post": after, "time": t}
    if slope_change:
        columns["post:time"] = after * t
    pairs = whole(harmonics, "harmonics")
    if pairs:
        if month is None:
            raise StatsError(f"{pairs} harmonics need the calendar month; give month=1…12")
        calendar = numbers(month, "month", low=1, high=12)
        if calendar.shape != t.shape:
            raise StatsError(f"month needs one value a month: shape {calendar.shape}, {t.size} times")
        for h in range(1, pairs + 1):
            angle = 2 * np.pi * h * calendar / 12
            columns |= {f"sin{h}": np.sin(angle), f"cos{h}": np.cos(angle)}
    x = pd.DataFrame(columns)
    # Columns at one scale, or a long time axis would pass for a rank deficiency.
    rank = int(np.linalg.matrix_rank(x.to_numpy() / np.maximum(np.abs(x.to_numpy()).max(axis=0), 1e-300)))
    if rank < x.shape[1] or len(x) <= x.shape[1]:
        raise StatsError(
            f"{len(x)} months cannot tell {x.shape[1]} terms apart (rank {rank}: {', '.join(x.columns)}); "
            "give more months on both sides of the change or fewer harmonics"
        )
    return x


def _glm(y: FloatArray, design: FloatArray, offset: FloatArray | None = None, alpha: float = 0.0) -> Any:
    """Counts with a log link and their offset, negative binomial if `alpha`; without an offset, least squares."""
    import statsmodels.api as sm  # slow to import, and only a fit needs it
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    counts = sm.families.NegativeBinomial(alpha=alpha) if alpha > 0 else sm.families.Poisson()
    family = sm.families.Gaussian() if offset is None else counts
    with warnings.catch_warnings():
        # Counts without noise are fitted exactly; for a count model that is no failure.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        model = sm.GLM(y, design, family=family, offset=offset)
        result = model.fit(scale=1.0, maxiter=200, tol_criterion="params", tol=1e-10, rtol=1e-9)
    # Where zeros line up with a term, its estimate runs off to infinity and takes the fitted counts to 0.
    vanished = (y == 0) & (np.asarray(result.fittedvalues) < 1e-9 * y.mean())
    if not result.converged or (offset is not None and vanished.any()):
        raise StatsError(
            f"the model has no finite estimate: {int((y == 0).sum())} of {len(y)} months hold no events, "
            "too many for its terms"
        )
    return result


def _ml_alpha(y: FloatArray, design: FloatArray, offset: FloatArray) -> float:
    """α of NB2 that maximises the profile likelihood; 0 if none beats Poisson (no overdispersion)."""
    from scipy import optimize, stats  # slow to import, and only this family needs them

    def loss(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        mu = _glm(y, design, offset, alpha).fittedvalues
        return -float(stats.nbinom.logpmf(y, 1 / alpha, 1 / (1 + alpha * mu)).sum())

    if (broken := y != np.floor(y)).any():
        raise StatsError(f"negative binomial counts are whole; {int(broken.sum())} of {y.size} are not")
    best = optimize.minimize_scalar(loss, bounds=(-13.0, 4.0), method="bounded", options={"xatol": 1e-9})
    return float(np.exp(best.x)) if best.fun < -_glm(y, design, offset).llf - 1e-6 else 0.0


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
        with suppress(ValueError):
            return pd.Period(value.strip(), "M")
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
