"""Counts of deaths: limits for a count, a proportion and a crude rate, and when each is too uncertain to rely on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammainccinv, gammaincinv, ndtri

from ..errors import StatsError
from ..model import Interval
from ..model import number as written
from ._numbers import FloatArray, Limits, chosen, column, confidence, dressed, like, number, once, ratio, refuse, table

COUNT_METHODS = {
    "exact": ("garwood", "exact-c", "poisson", "chi2", "chi-square", "chisq"),
    "byar": ("byars", "breslow-day", "phe"),
}


def poisson_interval(count: Any, level: float = 0.95, method: str = "exact") -> tuple[Any, Any]:
    """Confidence limits for the mean of a Poisson count.

    Exact: L = G(α/2; n), U = G(1−α/2; n+1), with G(p; k) the p-quantile of a Gamma variable of shape k.
    Byar: L = n(1 − 1/(9n) − z/(3√n))³, and U the same with n+1 and +z. Its lower limit gives way to the
    exact one where the cube turns negative (n = 1 at 99.8 %). Both have L = 0 at n = 0.
    Each distinct count is evaluated once.

    Parameters
    ----------
    count : number, array of any shape, Series or DataFrame
        Counts: whole numbers of 0 or more. A missing count has missing limits.
    level : float
        Confidence level in (0, 1).
    method : {"exact", "byar"}
        "exact" answers to "garwood" too.

    Returns
    -------
    (low, high)
        Floats for a scalar, otherwise in the shape, type and index of `count`.

    Raises
    ------
    StatsError
        If a count is negative, infinite, not whole or not a number, or level or method are not known.

    References
    ----------
    Garwood 1936, Biometrika 28:437. Breslow & Day 1987, IARC Sci Publ 82, equation 2.11.
    Checked against R 4.2.2 `poisson.test` (exact).

    Examples
    --------
    >>> low, high = poisson_interval(0)
    >>> low, round(high, 5)
    (0.0, 3.68888)
    >>> low, high = poisson_interval([10, 1045], method="byar")
    >>> low.round(2), high.round(2)
    (array([  4.79, 982.59]), array([  18.39, 1110.33]))
    """
    limits = {"exact": exact_limits, "byar": byar_limits}[chosen(method, COUNT_METHODS)]
    share = confidence(level)
    low, high = once(lambda n: limits(n, share), column(count, "count", whole=True))
    return like(count, low), like(count, high)


def exact_limits(n: FloatArray, level: float) -> Limits:
    """Garwood limits of clean counts."""
    tail = (1 - level) / 2
    return np.where(n == 0, 0.0, gammaincinv(n, tail)), gammainccinv(n + 1, tail)


def byar_limits(n: FloatArray, level: float) -> Limits:
    """Byar limits of clean counts."""
    z = normal_quantile(level)
    m, k = np.maximum(n, 1), n + 1  # 1 stands in for 0, whose lower limit is exact
    root = 1 - 1 / (9 * m) - z / (3 * np.sqrt(m))
    low = np.where((n == 0) | (root < 0), exact_limits(n, level)[0], n * root**3)
    return low, k * (1 - 1 / (9 * k) + z / (3 * np.sqrt(k))) ** 3


def normal_quantile(level: float) -> float:
    """z with `level` of the standard normal within ±z.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return -float(ndtri((1 - level) / 2))


def proportion_interval(successes: Any, trials: Any, level: float = 0.95) -> tuple[Any, Any]:
    """Wilson score limits for a proportion x/N.

    Centre (2x + z²)/(2(N + z²)), half-width z√(z² + 4x(1 − x/N))/(2(N + z²)). No trials: (0, 1).

    Parameters
    ----------
    successes, trials : number, 1-d array or Series
        Whole numbers, successes at most trials; a scalar is repeated, Series are matched by label.
        A missing cell has missing limits.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    (low, high)
        Shares between 0 and 1: floats for two scalars, Series if one came in, else arrays.

    Raises
    ------
    StatsError
        If a number is negative or not whole, successes exceed trials, or labels or lengths differ.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209.

    Examples
    --------
    >>> low, high = proportion_interval(3, 10)
    >>> round(low, 4), round(high, 4)
    (0.1078, 0.6032)
    """
    frame = table(successes=successes, trials=trials)
    x, n = frame["successes"].to_numpy(), frame["trials"].to_numpy()
    refuse(x > n, frame, "more successes than trials", "give trials of at least the successes")
    z = normal_quantile(confidence(level))
    failed = 1 - np.divide(x, n, out=np.zeros_like(x), where=n != 0)
    centre, half = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * failed)
    # At the ends rounding would leave a limit a hair inside 0 or 1.
    low = np.where(x == 0, 0 * n, (centre - half) / (2 * (n + z**2)))
    high = np.where(x == n, 1.0, (centre + half) / (2 * (n + z**2)))
    return dressed(low, frame, successes, trials), dressed(high, frame, successes, trials)


SUPPRESSED = Interval(1, 9)
"""What a suppressed cell holds: CDC WONDER hides the counts 1 to 9; 0 is shown."""


@dataclass(frozen=True, slots=True)
class ReliabilityRule:
    """A publisher's rule for flagging a rate; a rate that breaks it is flagged, never dropped.

    `fewest` is the smallest count that may pass, `widest` the largest relative width of the exact 95 %
    interval, 100·(U − L)/n in percent, None where the rule does not look at it.

    >>> classic.unreliable(np.array([19, 20]))
    array([ True, False])
    """

    name: str
    fewest: int
    widest: float | None
    citation: str

    def unreliable(self, count: Any) -> npt.NDArray[np.bool_]:
        """Whether each count breaks the rule; a missing count does."""
        n = column(count, "count", whole=True)
        narrow = True if self.widest is None else relative_width(n) <= self.widest
        return ~np.asarray((n >= self.fewest) & narrow)


classic = ReliabilityRule("classic", 20, None, "CDC WONDER, Multiple Cause of Death: rates on fewer than 20 deaths")
nchs2023 = ReliabilityRule(
    "nchs2023",
    10,
    160.0,
    "NCHS data presentation standards for rates and counts, Vital Health Stat 2(200), 2023",
)
RULES = {rule.name: rule for rule in (classic, nchs2023)}


def relative_width(n: FloatArray) -> FloatArray:
    """Width of the exact 95 % interval in percent of the count; missing at 0."""
    low, high = once(lambda count: exact_limits(count, 0.95), n)
    return ratio(100 * (high - low), n)


def reliability(count: Any) -> pd.DataFrame:
    """How far counts can be relied on, by each rule.

    Parameters
    ----------
    count : number, 1-d array or Series
        Counts: whole numbers of 0 or more; missing allowed.

    Returns
    -------
    DataFrame
        One row per count, index kept: `count`, `relative_width_pct` (100·(U − L)/n of the exact 95 %
        interval, missing at 0), `cell_suppressed` (1 ≤ n ≤ 9; 0 is shown), and for each rule of RULES whether
        it calls the count unreliable: `unreliable_classic` (n < 20), `unreliable_nchs2023` (n < 10 or width
        above 160 %). A missing count is unreliable.

    Raises
    ------
    StatsError
        If a count is negative, infinite, not whole or not a number.

    References
    ----------
    CDC WONDER, Multiple Cause of Death, "Unreliable" and "Suppressed". Parker et al. 2023, National Center
    for Health Statistics data presentation standards for rates and counts, Vital Health Stat 2(200).

    Examples
    --------
    >>> reliability([0, 7, 12]).round(1).T
                             0      1      2
    count                  0.0    7.0   12.0
    relative_width_pct     NaN  165.8  123.0
    cell_suppressed      False   True  False
    unreliable_classic    True   True   True
    unreliable_nchs2023   True   True  False
    """
    frame = table(count=count)
    n = frame["count"].to_numpy()
    frame["relative_width_pct"] = relative_width(n)
    frame["cell_suppressed"] = frame["count"].between(SUPPRESSED.low, SUPPRESSED.high)
    return frame.assign(**{f"unreliable_{name}": rule.unreliable(n) for name, rule in RULES.items()})


def rule_named(rule: str | ReliabilityRule) -> ReliabilityRule:
    """A rule itself, or the one of that name.

    >>> rule_named("classic").fewest
    20
    """
    if isinstance(rule, ReliabilityRule):
        return rule
    return RULES[chosen(rule, {"classic": ("wonder",), "nchs2023": ("nchs-2023", "nchs")}, "reliability rule")]


def suppression_bounds(total: float, shown: Any, suppressed: int) -> Interval:
    """What each suppressed cell can hold, given the published total.

    With A = total − shown left for k suppressed cells, each of 1 to 9, every cell lies in
    [max(1, A − 9(k−1)), min(9, A − (k−1))].

    Parameters
    ----------
    total : int
        The published total.
    shown : int, or array or Series of ints
        The cells that are shown, or their sum; a missing cell is refused, leave the suppressed ones out.
    suppressed : int
        How many cells are suppressed, at least 1.

    Raises
    ------
    StatsError
        If no numbers from 1 to 9 in the suppressed cells can fill the total, or an input is not a whole
        number.

    Examples
    --------
    >>> print(suppression_bounds(total=100, shown=80, suppressed=3))
    [2, 9]
    >>> suppression_bounds(total=100, shown=60, suppressed=3)
    Traceback (most recent call last):
    fentanyl_stats.errors.StatsError: 3 suppressed cells hold 3 to 27 deaths, but 40 are left (100 - 60)
    """
    for name, values in (("total", total), ("shown", shown), ("suppressed", suppressed)):
        if np.isnan(column(values, name, whole=True)).any():
            raise StatsError(f"{name} has missing values; count the suppressed cells in `suppressed`, not here")
    known = column(shown, "shown").sum()
    whole_total, k = number(total, "total"), number(suppressed, "suppressed", low=1)
    left, (least, most) = whole_total - known, (k * SUPPRESSED.low, k * SUPPRESSED.high)
    if not least <= left <= most:
        cells = "1 suppressed cell holds" if k == 1 else f"{k:g} suppressed cells hold"
        raise StatsError(f"{cells} {least:g} to {most:g} deaths, but {left:g} are left ({whole_total:g} - {known:g})")
    low = max(SUPPRESSED.low, left - SUPPRESSED.high * (k - 1))
    high = min(SUPPRESSED.high, left - SUPPRESSED.low * (k - 1))
    return Interval(int(low), int(high))


NCHS_Z = 1.96
NCHS_NORMAL_FROM = 100
BYAR_FROM = 10
RATE_METHODS = {"nchs": ("wonder", "cdc", "cdc-wonder"), **COUNT_METHODS}


def crude_rate(
    deaths: Any,
    population: Any,
    per: float = 100_000,
    level: float = 0.95,
    method: str = "nchs",
    *,
    rule: str | ReliabilityRule = classic,
) -> pd.DataFrame:
    """Crude rates r = per·n/P with limits.

    nchs (what NCHS and CDC WONDER print): r ± 1.96·r/√n from 100 deaths on; below, r·L_n and r·U_n with the
    factors L_n = G(.025; n)/n and U_n = G(.975; n+1)/n of the published table, rounded to 5 decimals; at 0
    deaths 0 and 3.68888·per/P. exact: Garwood limits of n, times per/P. byar: the same with Byar limits from
    10 deaths on (the rule of the UK public-health agencies).

    Parameters
    ----------
    deaths : number, 1-d array or Series
        Counts: whole numbers of 0 or more; missing or suppressed as NaN.
    population : number, 1-d array or Series
        Persons or person-years; a scalar is repeated, a Series is matched to `deaths` by label.
    per : float
        Rate per so many persons.
    level : float
        Confidence level in (0, 1); "nchs" has 0.95 only.
    method : {"nchs", "exact", "byar"}
        "wonder" and "garwood" are understood too.
    rule : {"classic", "nchs2023"} or ReliabilityRule
        The rule behind `flag`.

    Returns
    -------
    DataFrame
        One row per count, index kept: `rate`, `se` (r/√n, missing at 0 deaths), `low`, `high`, `method` (the
        formula behind the limits of that row) and `flag`: "" or "unreliable", "missing" (no count or no
        population given), "no population" (0 deaths among 0 persons). The last two have a missing rate, never
        0.

    Raises
    ------
    StatsError
        If there are deaths without population, numbers are negative, infinite or no numbers, counts are not
        whole, lengths or labels differ, or `method` or `level` are not available.

    References
    ----------
    Anderson & Rosenberg 1998, Natl Vital Stat Rep 47(3), appendix. Garwood 1936, Biometrika 28:437.
    Checked against rates printed by CDC WONDER (nchs) and data.cdc.gov jx6g-fdh6 (exact).

    Examples
    --------
    >>> crude_rate([46, 211], [624_779, 4_480_089])[["rate", "se", "low", "high"]].round(3)
        rate     se    low   high
    0  7.363  1.086  5.390  9.821
    1  4.710  0.324  4.074  5.345
    """
    method, level = chosen(method, RATE_METHODS), confidence(level)
    scale = number(per, "per", low=0, open_low=True)
    frame = table(deaths=deaths, population=population)
    n, persons = frame["deaths"].to_numpy(), frame["population"].to_numpy()
    refuse((n > 0) & (persons == 0), frame, "deaths among 0 persons", "give a population above 0")
    unit = ratio(scale, persons)
    rate = unit * n
    se = ratio(rate, np.sqrt(n))
    low, high = _limits(n, rate, se, unit, level, method)
    used = np.where(n < BYAR_FROM, "exact", "byar") if method == "byar" else method
    reasons = [np.isnan(n) | np.isnan(persons), persons == 0, rule_named(rule).unreliable(n)]
    flag = np.select(reasons, ["missing", "no population", "unreliable"], default="")
    columns = {"rate": rate, "se": se, "low": low, "high": high, "method": used, "flag": flag}
    result = pd.DataFrame(columns, index=frame.index)
    result.attrs = {"unit": f"deaths per {written(scale)}", "level": level}
    return result


def _limits(n: FloatArray, rate: FloatArray, se: FloatArray, unit: FloatArray, level: float, method: str) -> Limits:
    low, high = once(lambda count: exact_limits(count, level), n)
    if method == "nchs":
        return printed_limits(rate, se, n, n, unit, level)
    if method == "byar":
        byar = once(lambda count: byar_limits(count, level), n)
        low, high = np.where(n < BYAR_FROM, (low, high), byar)
    return unit * low, unit * high


def _nchs_factors(count: FloatArray) -> Limits:
    """L_n and U_n of the NCHS table for clean counts of 1 or more: exact limits over n, to 5 decimals."""
    n = np.where(count >= 1, count, np.nan)
    low, high = exact_limits(n, 0.95)
    return np.round(low / n, 5), np.round(high / n, 5)


def nchs_limits(rate: FloatArray, se: FloatArray, deaths: FloatArray, count: FloatArray) -> Limits:
    """Limits of clean rates: normal from 100 deaths on, the table factors at `count` below."""
    low, high = once(_nchs_factors, np.where(np.isnan(deaths), np.nan, count))
    many = deaths >= NCHS_NORMAL_FROM
    return np.where(many, rate - NCHS_Z * se, rate * low), np.where(many, rate + NCHS_Z * se, rate * high)


def printed_limits(
    rate: FloatArray, se: FloatArray, deaths: FloatArray, count: FloatArray, unit: FloatArray, level: float
) -> Limits:
    """`nchs_limits` at a level that NCHS prints; at rate 0, where it prints none, 0 and the exact limit times `unit`."""
    if not math.isclose(level, 0.95):
        raise StatsError(f"NCHS limits exist at level 0.95 only, not {level:g}; choose another method for {level:g}")
    low, high = nchs_limits(rate, se, deaths, count)
    none, most = rate == 0, exact_limits(np.zeros(1), level)[1]
    return np.where(none, 0 * unit, low), np.where(none, unit * most, high)


def nchs_interval(rate: Any, se: Any, deaths: Any) -> tuple[Any, Any]:
    """95 % limits of a rate as NCHS and CDC WONDER print them, from the printed rate and standard error.

    From 100 deaths on R ± 1.96·SE. Below, R·L_D and R·U_D with the table factors at D = (R/SE)² rounded to a
    whole number, the count that would give a crude rate the same relative error. (The test looks at the
    deaths, the factors at D.)

    Parameters
    ----------
    rate, se : number, 1-d array or Series
        Rates, crude or age-adjusted, and their standard errors in the same unit.
    deaths : number, 1-d array or Series
        The deaths behind each rate: whole numbers of 0 or more.

    Returns
    -------
    (low, high)
        In the unit of `rate`: floats for scalars, Series if one came in, else arrays. A missing input gives
        missing limits; a rate of 0 gives 0 and a missing upper limit, which the rate alone does not tell.

    Raises
    ------
    StatsError
        If a rate above 0 comes with a standard error of 0 or above the rate (no count has such a pair) or
        with 0 deaths, or inputs are negative, infinite or no numbers, or lengths or labels differ.

    References
    ----------
    Anderson & Rosenberg 1998, Natl Vital Stat Rep 47(3), appendix. Checked against rates printed by CDC
    WONDER.

    Examples
    --------
    >>> low, high = nchs_interval(7.463832182, 1.211698050, 46)
    >>> round(low, 6), round(high, 6)
    (5.281855, 10.244707)
    """
    frame = table(rate=rate, se=se, deaths=deaths)
    r, s, n = (frame[name].to_numpy() for name in ("rate", "se", "deaths"))
    refuse((r > 0) & (n == 0), frame, "a rate above 0 on 0 deaths", "give the deaths behind the rate")
    refuse((r > 0) & (s == 0), frame, "a standard error of 0", "give it with more digits, or use crude_rate")
    count = effective_count(r, s)
    refuse(count == 0, frame, "a standard error above the rate", "give both in one unit")
    low, high = nchs_limits(r, s, n, count)
    low, high = np.where(r == 0, np.where(np.isnan(n), np.nan, 0.0), low), np.where(r == 0, np.nan, high)
    return dressed(low, frame, rate, se, deaths), dressed(high, frame, rate, se, deaths)


def effective_count(rate: FloatArray, se: FloatArray) -> FloatArray:
    """(R/SE)² to the nearest whole number, the count with that relative error; missing at rate 0."""
    return np.floor(ratio(np.where(rate > 0, rate, np.nan), se) ** 2 + 0.5)
