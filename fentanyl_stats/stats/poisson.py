"""Limits for a count (Poisson) and for a proportion (Wilson)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri

from ._columns import Limits, chosen, column, dressed, like, once, refuse, table
from ._numbers import FloatArray, confidence

METHODS = {
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
    limits = {"exact": exact_limits, "byar": byar_limits}[chosen(method, METHODS)]
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
