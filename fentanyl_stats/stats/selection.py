"""Shares under selective observation: what the seized part can and cannot say about the whole flow.

Two routes, direct and other, are seized with probabilities π. Seizures show the share p of the direct route
among what was *caught*; the share θ of the *flow* also depends on B = π_other / π_direct, which no one knows:
odds(θ) = odds(p)·B. The functions here turn that identity around: which B would a claim need, which θ would a
limited B allow, and what is left when nothing is assumed.

Capture–recapture does not help: it needs lists in which the same shipment can be met twice, and what is seized is
met once. Without such lists neither the flow nor π is identified by these data.

* `pure_share`: shares of the routes in seizures, by pure weight
* `true_share`, `tipping_ratio`, `tipping_gamma`: θ at a given B, and the B or Γ that a claimed θ needs
* `share_bounds`, `worst_case`, `imbens_manski`: what remains possible, and confidence limits for such a range
* `origin_share`, `origin_needed`: share by country of origin, which no seizure by route determines
* `e_value`: how strong unmeasured confounding must be to explain a risk ratio away
* `kilograms`, `mass_balance`, `monte_carlo`: what consumption, purity and interception imply about each other
* `effective_events`, `effective_bounds`, `largest_share`, `dirichlet`, `resample`: how much few events can tell
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar, cast, overload

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ..errors import StatsError
from ..model import Interval
from ._numbers import FloatArray, confidence, number, numbers, plain
from .flows import (
    Many,
    aligned,
    dirichlet,
    effective_bounds,
    effective_events,
    kilograms,
    largest_share,
    mass_balance,
    monte_carlo,
    resample,
)

__all__ = [
    "dirichlet",
    "e_value",
    "effective_bounds",
    "effective_events",
    "imbens_manski",
    "kilograms",
    "largest_share",
    "mass_balance",
    "monte_carlo",
    "origin_needed",
    "origin_share",
    "pure_share",
    "resample",
    "share_bounds",
    "tipping_gamma",
    "tipping_ratio",
    "true_share",
    "worst_case",
]


def __dir__() -> list[str]:
    return __all__


T = TypeVar("T", float, FloatArray)
"""A number in, a number out; an array in, an array out."""
PERCENT = "write 97 % as 0.97"


@overload
def pure_share(weights: Mapping[str, float], purity: Mapping[str, float] | Many) -> pd.Series: ...
@overload
def pure_share(weights: Many, purity: Mapping[str, float] | Many) -> FloatArray: ...
def pure_share(weights: Mapping[str, float] | Many, purity: Mapping[str, float] | Many) -> FloatArray | pd.Series:
    """Share of each route in the seized drug, by pure weight: w_k ρ_k / Σ w ρ.

    Parameters
    ----------
    weights : mapping, Series or array, shape (k,)
        Gross seized weight of each route, the direct route first; any one unit.
    purity : mapping, Series or array, shape (k,)
        Purity of each route as a fraction; matched by name if both sides carry labels, else by position.

    Returns
    -------
    Series or array, shape (k,)
        Shares that sum to 1, in the order of `weights` (a Series if the weights carry labels).

    Raises
    ------
    StatsError
        If a weight is negative, a purity outside [0, 1], the routes differ, or nothing pure was seized.

    Examples
    --------
    >>> pure_share({"direct": 342.5, "other": 1027.5}, {"direct": 0.9, "other": 0.1})
    direct    0.75
    other     0.25
    dtype: float64
    >>> pure_share([30, 70], [1, 1])
    array([0.3, 0.7])
    """
    names, w = _routes(weights), np.atleast_1d(numbers(weights, "weights", low=0))
    if names is not None and _routes(purity) is not None:
        _, (_, purity) = aligned(weights=weights, purity=purity)
    rho = np.atleast_1d(numbers(purity, "purity", low=0, high=1, hint="write 90 % as 0.9"))
    if w.ndim != 1 or rho.shape != w.shape:
        raise StatsError(f"weights and purity need one value a route each, got shapes {w.shape} and {rho.shape}")
    with np.errstate(over="ignore"):
        total = float(w @ rho)
    if math.isinf(total):
        raise StatsError(f"weights up to {w.max():g} are too large to add up; give them in a larger unit")
    if total == 0:
        raise StatsError(f"weight times purity is 0 on all {w.size} routes; there is nothing to share")
    shares = w * rho / total
    return shares if names is None else pd.Series(shares, index=pd.Index(names))


def true_share(observed: T | float, ratio: T | float) -> T:
    """Share θ of the direct route in the flow if the other route is intercepted `ratio` times as often.

    odds(θ) = odds(p)·B, with B = π_other / π_direct.

    Parameters
    ----------
    observed : float or array
        Share p of the direct route in seizures (pure weight), in (0, 1).
    ratio : float or array
        B, above 0; broadcast against `observed`.

    Raises
    ------
    StatsError
        If a share is not in (0, 1) or a ratio is not above 0.

    Examples
    --------
    >>> true_share(0.75, 1), round(true_share(0.75, 10), 6)
    (0.75, 0.967742)
    """
    p, b = _together(_odds_share(observed, "observed share"), numbers(ratio, "ratio", low=0, open_low=True))
    return cast(T, plain(p * b / (p * b + (1 - p))))


def tipping_ratio(observed: T | float, target: T | float) -> T:
    """How many times likelier the other route must be intercepted for the flow share to be `target`.

    B* = odds(target) / odds(observed); below 1 when the seizures show more than the target.

    Parameters
    ----------
    observed, target : float or array
        Share in seizures and share claimed, in (0, 1); broadcast against each other.

    Raises
    ------
    StatsError
        If a share is not in (0, 1).

    Examples
    --------
    >>> round(tipping_ratio(0.75, 0.97), 6), tipping_ratio(0.3, 0.3)
    (10.777778, 1.0)
    """
    p, t = _together(_odds_share(observed, "observed share"), _odds_share(target, "target share"))
    return cast(T, plain((t / (1 - t)) / (p / (1 - p))))


def tipping_gamma(observed: float, target: float) -> float:
    """The smallest Γ at which `share_bounds` reaches the target: max(B*, 1/B*).

    Raises
    ------
    StatsError
        If a share is not in (0, 1).

    Examples
    --------
    >>> round(tipping_gamma(0.97, 0.5), 6)
    32.333333
    """
    ratio = tipping_ratio(number(observed, "observed share"), number(target, "target share"))
    return max(ratio, 1 / ratio)


def share_bounds(observed: float, gamma: float) -> Interval:
    """Flow shares that remain possible if interception differs between routes by at most a factor `gamma`.

    B in [1/Γ, Γ] gives θ in [p/(p + Γ(1−p)), Γp/(Γp + 1−p)]; the idea of Rosenbaum's Γ, applied to selection.

    Parameters
    ----------
    observed : float
        Share of the direct route in seizures, in (0, 1).
    gamma : float
        Γ, at least 1. At 1 the bounds collapse to the observed share.

    Raises
    ------
    StatsError
        If the share is not in (0, 1) or gamma is below 1 or not finite (without any limit use `worst_case`).

    References
    ----------
    Rosenbaum 2002, Observational Studies, chapter 4.

    Examples
    --------
    >>> print(share_bounds(0.5, 10))
    [0.09, 0.91]
    """
    p = _odds_share(number(observed, "observed share"), "observed share")
    g = number(gamma, "gamma", low=1, hint="without any limit on selection use worst_case")
    # min and max: rounding must not push the observed share itself out of its bounds.
    low, high = p / (p + g * (1 - p)), g * p / (g * p + (1 - p))
    return Interval(min(float(low), float(p)), max(float(high), float(p)))


def worst_case(observed: float, seized_fraction: float) -> Interval:
    """Flow shares possible if a fraction s of the whole flow is seized and nothing is known of the rest.

    θ in [s·p, s·p + 1 − s].

    Parameters
    ----------
    observed : float
        Share of the direct route in seizures, in [0, 1].
    seized_fraction : float
        s, in [0, 1], by pure weight.

    Raises
    ------
    StatsError
        If either number is not in [0, 1].

    References
    ----------
    Manski 1989, Journal of Human Resources 24:343.

    Examples
    --------
    >>> print(worst_case(0.97, 0.25))
    [0.24, 0.99]
    """
    p = number(observed, "observed share", low=0, high=1, hint=PERCENT)
    s = number(seized_fraction, "seized fraction", low=0, high=1, hint="write 5 % as 0.05")
    return Interval(s * p, s * p + (1 - s))


def origin_share(direct: T | float, rest_origin: T | float) -> T:
    """Share that originates in a country: what comes directly, and its part of what comes through others.

    d + (1 − d)·g. Origin is not route: no seizure by route, however complete, determines g.

    Parameters
    ----------
    direct : float or array
        Share d that arrives directly, in [0, 1].
    rest_origin : float or array
        Share g of the rest that originates in the country, in [0, 1].

    Raises
    ------
    StatsError
        If a share is not in [0, 1].

    Examples
    --------
    >>> round(origin_share(0.75, 0.88), 9)
    0.97
    """
    d, g = _together(_share(direct, "direct share"), _share(rest_origin, "share of origin in the rest"))
    return cast(T, plain(d + (1 - d) * g))


def origin_needed(direct: T | float, target: T | float) -> T:
    """The least share of origin in the rest at which the share of origin in all reaches `target`.

    g = 1 − (1 − τ)/(1 − d), and 0 where the direct share alone reaches the target.

    Parameters
    ----------
    direct, target : float or array
        Direct share d and target τ, in [0, 1].

    Raises
    ------
    StatsError
        If a share is not in [0, 1].

    Examples
    --------
    >>> round(origin_needed(0.75, 0.97), 9), origin_needed(0.98, 0.97)
    (0.88, 0.0)
    """
    d, t = _together(_share(direct, "direct share"), _share(target, "target share"))
    return cast(T, plain(1 - np.divide(1 - t, 1 - d, out=np.ones_like(d), where=d < t)))


def e_value(risk_ratio: T) -> T:
    """How strong unmeasured confounding must be, on the risk-ratio scale, to explain a risk ratio away.

    RR + √(RR(RR − 1)) for RR ≥ 1, and the same of 1/RR below. Context only: no verdict rests on it.

    Parameters
    ----------
    risk_ratio : float or array
        Above 0.

    Raises
    ------
    StatsError
        If a ratio is not above 0.

    References
    ----------
    VanderWeele & Ding 2017, Annals of Internal Medicine 167:268.

    Examples
    --------
    >>> e_value(1.8), e_value(1.0)
    (3.0, 1.0)
    """
    ratio = numbers(risk_ratio, "risk ratio", low=0, open_low=True)
    ratio = np.maximum(ratio, 1 / ratio)
    return cast(T, plain(ratio + np.sqrt(ratio * (ratio - 1))))


def _routes(values: Any) -> list[Any] | None:
    if isinstance(values, pd.Series) and not values.index.is_unique:
        twice = values.index[values.index.duplicated()]
        raise StatsError(f"route {twice[0]!r} comes twice; give one value a route")
    return list(values.keys()) if isinstance(values, Mapping | pd.Series) else None


def _share(values: Any, name: str) -> FloatArray:
    return numbers(values, name, low=0, high=1, hint=PERCENT)


def _odds_share(values: Any, name: str) -> FloatArray:
    return numbers(values, name, low=0, high=1, open_low=True, open_high=True, hint=f"{PERCENT}; 0 and 1 have no odds")


def _together(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    try:
        a, b = np.broadcast_arrays(first, second)
    except ValueError:
        raise StatsError(f"lengths differ: shapes {first.shape} and {second.shape} do not go together") from None
    return a, b


def imbens_manski(delta: float, se_low: float, se_high: float, level: float = 0.95) -> float:
    """Critical value C for an interval that covers the true value, not the whole identified set.

    C solves Φ(C + Δ/σ) − Φ(−C) = level, with σ the larger standard error. The interval is then
    [lower − C·se_low, upper + C·se_high]. C falls from z_{1−α/2} at Δ = 0 to z_{1−α} as Δ/σ grows.
    If both standard errors are 0 the limit is returned (z_{1−α}, or z_{1−α/2} if Δ is 0 too); it is then
    multiplied by 0, so the interval is the bounds themselves.

    The interval covers the value with the level, wherever within the bounds it lies; it does not hold the size of a
    rule that asks for the interval to lie within a claim. Where the value is at the edge of what a claim allows, a 90%
    interval lies within the claim with a chance of 5% for a point, and of up to 10% where the bounds are wider than
    about 3 standard errors (9.6% in a simulation of the rule): C is then 1.28, not 1.645.

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
