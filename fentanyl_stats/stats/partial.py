"""Confidence intervals when data identify a range and not a point."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from ._numbers import confidence, number


def imbens_manski(delta: float, se_low: float, se_high: float, level: float = 0.95) -> float:
    """Critical value C for an interval that covers the true value, not the whole identified set.

    C solves Φ(C + Δ/σ) − Φ(−C) = level, with σ the larger standard error. The interval is then
    [lower − C·se_low, upper + C·se_high]. C falls from z_{1−α/2} at Δ = 0 to z_{1−α} as Δ/σ grows.
    If both standard errors are 0 the limit is returned (z_{1−α}, or z_{1−α/2} if Δ is 0 too); it is then
    multiplied by 0, so the interval is the bounds themselves.

    Parameters
    ----------
    delta : float
        Upper minus lower identification bound, at least 0; `inf` is allowed and gives z_{1−α}.
    se_low, se_high : float
        Standard errors of the two bounds, in the unit of `delta`, at least 0.
    level : float
        Confidence level in (0, 1).

    Raises
    ------
    StatsError
        If delta or a standard error is negative or missing, a standard error is infinite, or the level
        is not in (0, 1).

    References
    ----------
    Imbens & Manski 2004, Econometrica 72:1845, equations 6 and 7.

    Examples
    --------
    >>> round(imbens_manski(1.0, 2.0, 1.5, 0.95), 6)
    1.769713
    >>> round(imbens_manski(0, 0, 0, 0.90), 6)
    1.644854
    """
    unbounded = isinstance(delta, float) and delta == math.inf
    width = math.inf if unbounded else number(delta, "delta (upper minus lower bound)", low=0)
    sigma = max(number(se_low, "se_low", low=0), number(se_high, "se_high", low=0))
    alpha = 1 - confidence(level)
    one_sided, two_sided = -float(ndtri(alpha)), -float(ndtri(alpha / 2))
    if width == 0:
        return two_sided
    ratio = width / sigma if sigma > 0 else math.inf
    if ratio == math.inf:
        return one_sided

    from scipy.optimize import brentq  # slow to import, and only a range of some width needs it

    def excess(c: float) -> float:
        # Upper tails, not Φ: no digits are lost when the level is close to 1.
        return float(ndtr(-c - ratio) + ndtr(-c)) - alpha

    return float(brentq(excess, one_sided - 1e-6, two_sided + 1e-6, xtol=1e-13))
