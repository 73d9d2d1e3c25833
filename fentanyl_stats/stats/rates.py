"""Counts and rates: intervals, age adjustment, contrasts, reliability, suppressed cells.

Formulas and conventions are those of NCHS and CDC WONDER unless a `method` says otherwise. Numbers come in as
scalars, arrays or Series and go out in the same shape; a missing cell stays missing; nothing is dropped.

* `poisson_interval`, `proportion_interval`: limits for a count and for a proportion
* `crude_rate`, `nchs_interval`: crude rates, and the limits that NCHS prints
* `standardise`, `age_adjusted_rate`, `age_adjusted`: age-adjusted rates of one population or of a whole frame
* `rate_ratio`, `rate_difference`: two rates against each other
* `tost`: whether two rates are equivalent, within a margin
* `age_adjusted_contrast`: whether two age-adjusted rates differ, by the rule of NCHS
* `reliability`, `RULES` (`classic`, `nchs2023`): which rates are too uncertain to rely on
* `suppression_bounds`, `SUPPRESSED`: what a suppressed cell can hold
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincc, betainccinv, betaincinv, gammaln, ndtr

from ..errors import StatsError
from ..model import number as written
from ._numbers import FloatArray, chosen, confidence, number, refuse, table
from .counts import (
    NCHS_NORMAL_FROM,
    RULES,
    SUPPRESSED,
    ReliabilityRule,
    classic,
    crude_rate,
    nchs2023,
    nchs_interval,
    normal_quantile,
    poisson_interval,
    proportion_interval,
    reliability,
    suppression_bounds,
)
from .standardise import AgeAdjustedRate, Standardised, age_adjusted, age_adjusted_rate, standardise

__all__ = [
    "RULES",
    "SUPPRESSED",
    "AgeAdjustedRate",
    "ReliabilityRule",
    "Standardised",
    "age_adjusted",
    "age_adjusted_contrast",
    "age_adjusted_rate",
    "classic",
    "crude_rate",
    "nchs2023",
    "nchs_interval",
    "poisson_interval",
    "proportion_interval",
    "rate_difference",
    "rate_ratio",
    "reliability",
    "standardise",
    "suppression_bounds",
    "tost",
]


def __dir__() -> list[str]:
    return __all__


RATIO_METHODS = {"exact": ("conditional", "exact-conditional"), "log-wald": ("wald", "log", "normal")}


def rate_ratio(
    deaths1: Any,
    population1: Any,
    deaths0: Any,
    population0: Any,
    level: float = 0.95,
    method: str = "exact",
) -> pd.DataFrame:
    """Ratio of two crude rates, (n1/P1)/(n0/P0), with limits and a p-value against equality.

    exact: given the sum m of both counts, n1 is binomial with share π; the limits of π are Clopper-Pearson
    limits, those of the ratio π/(1−π)·P0/P1. Its p-value adds up all outcomes no more probable than the one
    seen. log-wald: exp(ln RR ± z√(1/n1 + 1/n0)) with the normal p-value; missing if a count is 0.

    Parameters
    ----------
    deaths1, population1, deaths0, population0 : number, 1-d array or Series
        Counts (whole numbers) and persons or person-years (above 0); 0 is the base. Scalars are repeated,
        Series matched by label.
    level : float
        Confidence level in (0, 1).
    method : {"exact", "log-wald"}

    Returns
    -------
    DataFrame
        One row per pair, index kept: `ratio`, `low`, `high`, `p`, `method`. Without deaths in the base the
        ratio is infinite; without any deaths it is missing and the exact limits are 0 and infinity. A missing
        input gives a missing row.

    Raises
    ------
    StatsError
        If a population is 0, a number negative, infinite or no number, a count not whole, or labels or
        lengths differ.

    References
    ----------
    Breslow & Day 1987, IARC Sci Publ 82, section 3.4. Checked against R 4.2.2 `poisson.test` and epitools.

    Examples
    --------
    >>> rate_ratio(60, 51_477.5, 30, 54_308.7).round(4)
       ratio     low    high       p method
    0   2.11  1.3397  3.3884  0.0007  exact
    """
    chosen_method, share = chosen(method, RATIO_METHODS), confidence(level)
    frame, x1, t1, x0, t0 = _pairs(deaths1, population1, deaths0, population0)
    if chosen_method == "exact":
        low, high, p = _exact(x1, t1, x0, t0, (1 - share) / 2)
    else:
        log_ratio, se, low, high = _log_wald(x1, t1, x0, t0, share)
        p = 2 * ndtr(-np.abs(log_ratio / se))
    columns = {"ratio": _ratio(x1, t1, x0, t0), "low": low, "high": high, "p": p, "method": chosen_method}
    return pd.DataFrame(columns, index=frame.index)


def rate_difference(
    deaths1: Any,
    population1: Any,
    deaths0: Any,
    population0: Any,
    per: float = 100_000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Difference of two crude rates, per·(n1/P1 − n0/P0), with SE per·√(n1/P1² + n0/P0²) and limits ± z·SE.

    Parameters and errors are those of `rate_ratio`; `per` is the unit of the rates. `se` and limits are
    missing where both counts are 0.

    Returns
    -------
    DataFrame
        One row per pair, index kept: `difference`, `se`, `low`, `high`, `method`.

    References
    ----------
    Breslow & Day 1987, IARC Sci Publ 82, section 2.3.

    Examples
    --------
    >>> rate_difference(60, 51_477.5, 30, 54_308.7).round(2)
       difference     se    low   high method
    0       61.32  18.11  25.81  96.82   wald
    """
    scale, z = number(per, "per", low=0, open_low=True), normal_quantile(confidence(level))
    frame, x1, t1, x0, t0 = _pairs(deaths1, population1, deaths0, population0)
    difference = scale * (x1 / t1 - x0 / t0)
    variance = x1 / t1**2 + x0 / t0**2
    se = scale * np.sqrt(np.where(variance > 0, variance, np.nan))
    columns = {"difference": difference, "se": se, "low": difference - z * se, "high": difference + z * se}
    result = pd.DataFrame(columns | {"method": "wald"}, index=frame.index)
    result.attrs = {"unit": f"deaths per {written(scale)}", "level": level}
    return result


def tost(
    deaths1: Any,
    population1: Any,
    deaths0: Any,
    population0: Any,
    margin: tuple[float, float] = (0.8, 1.25),
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Two one-sided tests of equivalence: does the rate ratio lie within the margin?

    On b = ln RR with s = √(1/n1 + 1/n0): p_lower = 1 − Φ((b − ln lower)/s), p_upper = Φ((b − ln upper)/s), p
    the larger. Equivalent at α if and only if the 1 − 2α interval exp(b ± z·s) lies within the margin.

    Parameters
    ----------
    deaths1, population1, deaths0, population0
        As for `rate_ratio`.
    margin : (lower, upper)
        Ratios above 0 between which two rates pass as the same.
    alpha : float
        Level of each test, in (0, 0.5).

    Returns
    -------
    DataFrame
        One row per pair, index kept: `ratio`, `low`, `high` (the 1 − 2α interval), `p_lower`, `p_upper`, `p`,
        `equivalent`. Where a count is 0 or missing there is no test: p is missing and `equivalent` False.

    Raises
    ------
    StatsError
        As `rate_ratio`, and if the margin is not two rising numbers above 0.

    References
    ----------
    Schuirmann 1987, J Pharmacokinet Biopharm 15:657.

    Examples
    --------
    >>> tost(95, 1000, 100, 1000).round(4)
       ratio     low    high  p_lower  p_upper       p  equivalent
    0   0.95  0.7505  1.2025   0.1152   0.0277  0.1152       False
    """
    size = number(alpha, "alpha", low=0, high=0.5, open_low=True, open_high=True)
    if np.size(margin) != 2:
        raise StatsError(f"margin must be two ratios (lower, upper), got {np.size(margin)}")
    lower, upper = (number(end, "margin", low=0, open_low=True) for end in margin)
    if lower >= upper:
        raise StatsError(f"margin must rise: lower {lower:g} is not below upper {upper:g}")
    frame, x1, t1, x0, t0 = _pairs(deaths1, population1, deaths0, population0)
    log_ratio, se, low, high = _log_wald(x1, t1, x0, t0, 1 - 2 * size)
    p_lower, p_upper = ndtr((np.log(lower) - log_ratio) / se), ndtr((log_ratio - np.log(upper)) / se)
    p = np.maximum(p_lower, p_upper)
    columns = {
        "ratio": _ratio(x1, t1, x0, t0),
        "low": low,
        "high": high,
        "p_lower": p_lower,
        "p_upper": p_upper,
        "p": p,
        "equivalent": p <= size,
    }
    return pd.DataFrame(columns, index=frame.index)


def age_adjusted_contrast(
    rate1: Any, se1: Any, deaths1: Any, rate2: Any, se2: Any, deaths2: Any, level: float = 0.95
) -> pd.DataFrame:
    """Whether two age-adjusted rates, of two years say, differ, by the rule of NCHS.

    z-test where both rest on 100 deaths or more: z = (R2 − R1)/√(SE1² + SE2²), p = 2(1 − Φ|z|). Otherwise the
    rates differ if and only if their two 95 % limits (`nchs_interval`) do not overlap; then there is no z and
    no p.

    Parameters
    ----------
    rate1, se1, deaths1, rate2, se2, deaths2 : number, 1-d array or Series
        Rates, standard errors and deaths of the first and the second year; `age_adjusted_rate` and
        `age_adjusted` give all three.
    level : float
        The z-test calls rates different at p < 1 − level; the overlap of intervals is decided at 0.95 only.

    Returns
    -------
    DataFrame
        One row per pair, index kept: `difference` (second minus first), `z`, `p`, `different`, `method`
        ("z-test", "overlap", or "missing" where it cannot be told; `different` is False then).

    Raises
    ------
    StatsError
        As `nchs_interval`; if fewer than 100 deaths meet a level other than 0.95.

    References
    ----------
    Anderson & Rosenberg 1998, Natl Vital Stat Rep 47(3), appendix; technical notes of the NCHS Data Briefs.

    Examples
    --------
    US drug overdose deaths 2007 and 2009, CDC WONDER:

    >>> age_adjusted_contrast(11.877456674, 0.062981556, 36_010, 11.938825834, 0.062675189, 37_004).round(4)
       difference       z       p  different  method
    0      0.0614  0.6907  0.4898      False  z-test
    """
    share = confidence(level)
    inputs = {"rate1": rate1, "se1": se1, "deaths1": deaths1, "rate2": rate2, "se2": se2, "deaths2": deaths2}
    frame = table(**inputs)
    first, second = (nchs_interval(*(frame[f"{name}{i}"] for name in ("rate", "se", "deaths"))) for i in (1, 2))
    many = (frame["deaths1"] >= NCHS_NORMAL_FROM) & (frame["deaths2"] >= NCHS_NORMAL_FROM)
    known = frame.notna().all(axis=1) & (many | (first[1].notna() & second[1].notna()))
    if share != 0.95:
        refuse(known & ~many, frame, "fewer than 100 deaths", "intervals decide there, at level 0.95 only")
    difference = frame["rate2"] - frame["rate1"]
    z = (difference / np.sqrt(frame["se1"] ** 2 + frame["se2"] ** 2)).where(many)
    p = 2 * ndtr(-z.abs())
    apart = (first[0] > second[1]) | (second[0] > first[1])
    columns = {
        "difference": difference,
        "z": z,
        "p": p,
        "different": np.where(many, p < 1 - share, apart & known),
        "method": np.where(~known, "missing", np.where(many, "z-test", "overlap")),
    }
    return pd.DataFrame(columns, index=frame.index)


def _pairs(deaths1: Any, population1: Any, deaths0: Any, population0: Any) -> tuple[Any, ...]:
    """The table of pairs and its four columns as arrays."""
    frame = table(deaths1=deaths1, population1=population1, deaths0=deaths0, population0=population0)
    for name in ("population1", "population0"):
        refuse(frame[name] == 0, frame, f"{name} is 0", "give a population above 0")
    # A pair with a gap says nothing: the whole row is missing.
    frame.loc[frame.isna().any(axis=1)] = np.nan
    return frame, *frame.to_numpy().T


def _ratio(x1: FloatArray, t1: FloatArray, x0: FloatArray, t0: FloatArray) -> FloatArray:
    base = np.divide(x1, x0, out=np.where(x1 > 0, np.inf, np.nan), where=x0 > 0)
    return base * (t0 / t1)


def _log_wald(x1: FloatArray, t1: FloatArray, x0: FloatArray, t0: FloatArray, level: float) -> tuple[FloatArray, ...]:
    """ln RR, its standard error and the limits of RR; missing where a count is 0."""
    one, zero = np.where((x1 > 0) & (x0 > 0), (x1, x0), np.nan)
    log_ratio, se = np.log(one / t1) - np.log(zero / t0), np.sqrt(1 / one + 1 / zero)
    half = normal_quantile(level) * se
    return log_ratio, se, np.exp(log_ratio - half), np.exp(log_ratio + half)


def _exact(x1: FloatArray, t1: FloatArray, x0: FloatArray, t0: FloatArray, tail: float) -> tuple[FloatArray, ...]:
    """Conditional limits of the ratio, and the p-value."""
    # 1 stands in for a count of 0, whose limit is known.
    low = np.where(x1 == 0, 0.0, betaincinv(np.maximum(x1, 1), x0 + 1, tail))
    high = betainccinv(x1 + 1, np.maximum(x0, 1), tail)
    odds_high = np.divide(high, 1 - high, out=np.full_like(high, np.inf), where=(x0 != 0) & (high < 1))
    return low / (1 - low) * (t0 / t1), odds_high * (t0 / t1), _binomial_p(x1, x1 + x0, t1, t0)


def _binomial_p(x: FloatArray, n: FloatArray, t1: FloatArray, t0: FloatArray) -> FloatArray:
    """Two-sided p of x among n with the share t1/(t1 + t0): all outcomes no more probable than x, as in R."""
    share = t1 / (t1 + t0)
    odds = np.log(t1) - np.log(t0)

    def log_probability(k: FloatArray) -> FloatArray:
        return np.asarray(k * odds - gammaln(k + 1) - gammaln(n - k + 1))

    below = x < n * share
    # Outcomes that differ by rounding only are as probable as x.
    bound = log_probability(x) + np.log1p(1e-7)
    # The other tail begins at the first outcome beyond the mean that is no more probable: found by halving.
    mean = n * share
    inner, outer = np.where(below, np.ceil(mean) - 1, np.floor(mean) + 1), np.where(below, n + 1, -1.0)
    with np.errstate(invalid="ignore"):
        steps = np.log2(max(float(np.nanmax(np.abs(outer - inner), initial=1)), 1))
        for _ in range(int(steps) + 2):
            middle = np.floor((inner + outer) / 2)
            rare = log_probability(np.clip(middle, 0, n)) <= bound
            moving = np.abs(outer - inner) > 1
            outer, inner = np.where(moving & rare, middle, outer), np.where(moving & ~rare, middle, inner)
        lowest, highest = np.where(below, x, outer), np.where(below, outer, x)
        # P(K ≤ lowest) + P(K ≥ highest); the incomplete beta function has no value at its edges.
        left = np.where(lowest < 0, 0.0, betaincc(lowest + 1, np.maximum(n - lowest, 1e-300), share))
        right = np.where(highest > n, 0.0, betainc(np.maximum(highest, 1e-300), n - highest + 1, share))
        p = np.where(x == mean, 1.0, np.minimum(left + right, 1.0))
    return np.where(np.isnan(x), np.nan, p)
