"""Crude rates, and the limits that NCHS and CDC WONDER print."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from ..errors import StatsError
from ..model import number as written
from . import poisson
from ._columns import Limits, chosen, dressed, once, refuse, table
from ._numbers import FloatArray, confidence, number
from .reliability import ReliabilityRule, classic, rule_named

NCHS_Z = 1.96
NCHS_NORMAL_FROM = 100
BYAR_FROM = 10
METHODS = {"nchs": ("wonder", "cdc", "cdc-wonder"), **poisson.METHODS}


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
    method, level = chosen(method, METHODS), confidence(level)
    scale = number(per, "per", low=0, open_low=True)
    frame = table(deaths=deaths, population=population)
    n, persons = frame["deaths"].to_numpy(), frame["population"].to_numpy()
    refuse((n > 0) & (persons == 0), frame, "deaths among 0 persons", "give a population above 0")
    unit = np.divide(scale, persons, out=np.full_like(persons, np.nan), where=persons > 0)
    rate = unit * n
    se = np.divide(rate, np.sqrt(n), out=np.full_like(rate, np.nan), where=n > 0)
    low, high = _limits(n, rate, se, unit, level, method)
    used = np.where(n < BYAR_FROM, "exact", "byar") if method == "byar" else method
    flag = np.where(rule_named(rule).unreliable(n), "unreliable", "")
    flag = np.where((persons == 0) & (n == 0), "no population", flag)
    flag = np.where(np.isnan(n) | np.isnan(persons), "missing", flag)
    columns = {"rate": rate, "se": se, "low": low, "high": high, "method": used, "flag": flag}
    result = pd.DataFrame(columns, index=frame.index)
    result.attrs = {"unit": f"deaths per {written(scale)}", "level": level}
    return result


def _limits(n: FloatArray, rate: FloatArray, se: FloatArray, unit: FloatArray, level: float, method: str) -> Limits:
    exact = once(lambda count: poisson.exact_limits(count, level), n)
    if method == "exact":
        return unit * exact[0], unit * exact[1]
    if method == "byar":
        byar = once(lambda count: poisson.byar_limits(count, level), n)
        low, high = (np.where(n < BYAR_FROM, e, b) for e, b in zip(exact, byar, strict=True))
        return unit * low, unit * high
    require_nchs_level(level)
    low, high = nchs_limits(rate, se, n, count=n)
    return np.where(n == 0, 0 * unit, low), np.where(n == 0, unit * exact[1], high)


def require_nchs_level(level: float) -> None:
    """Refuse a level that NCHS prints no limits at."""
    if not math.isclose(level, 0.95):
        raise StatsError(f"NCHS limits exist at level 0.95 only, not {level:g}; choose another method for {level:g}")


def nchs_factors(count: FloatArray) -> Limits:
    """L_n and U_n of the NCHS table for clean counts of 1 or more: exact limits over n, to 5 decimals."""
    n = np.where(count >= 1, count, np.nan)
    low, high = poisson.exact_limits(n, 0.95)
    return np.round(low / n, 5), np.round(high / n, 5)


def nchs_limits(rate: FloatArray, se: FloatArray, deaths: FloatArray, count: FloatArray) -> Limits:
    """Limits of clean rates: normal from 100 deaths on, the table factors at `count` below."""
    low, high = once(nchs_factors, np.where(np.isnan(deaths), np.nan, count))
    many = deaths >= NCHS_NORMAL_FROM
    return np.where(many, rate - NCHS_Z * se, rate * low), np.where(many, rate + NCHS_Z * se, rate * high)


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
    ratio = np.divide(rate, se, out=np.full_like(rate, np.nan), where=(se > 0) & (rate > 0))
    return np.floor(ratio**2 + 0.5)
