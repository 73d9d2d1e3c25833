"""How much a set of seizure events can tell: effective numbers, Dirichlet shares, resampled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainccinv, betaincinv

from ..errors import StatsError
from ..model import Estimate
from ._numbers import FloatArray, confidence, number, numbers, whole

_CELLS = 2_000_000  # resampled counts held in memory at a time


def effective_events(weights: Sequence[float] | npt.NDArray[Any]) -> float:
    """Effective number of events behind a weighted share: (Σw)² / Σw².

    The number of equal events that would be as informative; 1 when one event carries all the weight.

    Parameters
    ----------
    weights : array, shape (n,)
        Weight of each event, at least 0; any one unit.

    Raises
    ------
    StatsError
        If a weight is negative or missing, or all are 0.

    References
    ----------
    Kish 1965, Survey Sampling, section 11.7.

    Examples
    --------
    >>> round(effective_events([1, 1, 1, 1, 96]), 4), effective_events([5, 5, 5])
    (1.0846, 3.0)
    """
    w = numbers(weights, "weights", low=0).ravel()
    largest = float(w.max())
    if largest == 0:
        raise StatsError(f"all {w.size} weights are 0; no event carries any")
    w = w / largest  # the ratio does not depend on the unit, and squares cannot overflow
    return float(w.sum() ** 2 / (w @ w))


def effective_bounds(
    weights: Sequence[float] | npt.NDArray[Any], events: Sequence[float] | npt.NDArray[Any]
) -> tuple[float, float]:
    """Least and greatest effective number of events when only sums over groups of events are known.

    (Σw)²/Σw² over single events is smallest when one event carries all the weight of its group, and largest when the
    events of a group weigh the same: [W²/Σw_i², W²/Σ(w_i²/n_i)], W = Σw_i. Both are reached, so the bounds are sharp.

    Parameters
    ----------
    weights : array, shape (n,)
        Weight of each group, at least 0; any one unit.
    events : array, shape (n,)
        Whole number of events in each group, at least 1 where there is weight.

    Raises
    ------
    StatsError
        If lengths differ, a weight is negative or missing, a group with weight has no event, or all weights are 0.

    References
    ----------
    Kish 1965, Survey Sampling, section 11.7; bounds by Schur convexity of Σw² (Marshall & Olkin 1979, chapter 3).

    Examples
    --------
    >>> effective_bounds([4, 4], [1, 4])
    (2.0, 3.2)
    """
    w, n = _groups(weights, events)
    scaled = w / float(w.max())
    even = np.divide(scaled**2, n, out=np.zeros_like(scaled), where=n > 0)
    whole_weight = float(scaled.sum() ** 2)
    return whole_weight / float(scaled @ scaled), whole_weight / float(even.sum())


def largest_share(
    weights: Sequence[float] | npt.NDArray[Any], events: Sequence[float] | npt.NDArray[Any], k: int = 10
) -> tuple[float, float]:
    """Least and greatest part of the whole weight in the `k` heaviest events, when only sums over groups are known.

    Least: the events of a group weigh the same. Greatest: one event carries all the weight of its group.

    Parameters
    ----------
    weights, events
        As in `effective_bounds`.
    k : int
        How many of the heaviest events, at least 1.

    Raises
    ------
    StatsError
        As `effective_bounds`.

    References
    ----------
    Marshall & Olkin 1979, Inequalities: Theory of Majorization, chapter 3 (sums of the largest are Schur convex).

    Examples
    --------
    >>> largest_share([6, 4], [3, 1], k=1)
    (0.4, 0.6)
    """
    w, n = _groups(weights, events)
    k = whole(k, "k", low=1)
    means = np.divide(w, n, out=np.zeros_like(w), where=n > 0)
    order = np.argsort(-means, kind="stable")
    taken = np.clip(k - np.concatenate([[0.0], np.cumsum(n[order])[:-1]]), 0, n[order])
    total = float(w.sum())
    return float(taken @ means[order]) / total, min(1.0, float(np.sort(w)[::-1][:k].sum()) / total)


def _groups(weights: Any, events: Any) -> tuple[FloatArray, FloatArray]:
    w, n = numbers(weights, "weights", low=0).ravel(), numbers(events, "events", low=0).ravel()
    if w.shape != n.shape:
        raise StatsError(f"lengths differ: {w.size} weights, {n.size} numbers of events")
    if (broken := n != np.floor(n)).any():
        raise StatsError(f"events are counted: {int(broken.sum())} of {n.size} are not whole numbers")
    if (empty := (w > 0) & (n == 0)).any():
        raise StatsError(f"{int(empty.sum())} of {w.size} groups have weight but no event")
    if not w.any():
        raise StatsError(f"all {w.size} weights are 0; no event carries any")
    return w, n


def dirichlet(
    events: Mapping[str, float] | Sequence[float] | npt.NDArray[Any],
    prior: float = 0.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Shares of categories from counts of events: a Dirichlet law with parameters a_k = events_k + prior.

    Mean a_k/A, variance a_k(A − a_k)/(A²(A + 1)), marginal law Beta(a_k, A − a_k), A = Σa.
    Only for counts: a weight in kilograms is not so many independent events.

    Parameters
    ----------
    events : mapping, Series or array, shape (k,)
        Whole numbers of events in each category, k at least 2.
    prior : float
        Added to every count: 0.5 is Jeffreys', 1 the flat prior; 0 is allowed if no count is 0.
    level : float
        Probability of the equal-tailed marginal intervals.

    Returns
    -------
    DataFrame
        One row a category: events, alpha, mean, variance, low, high, level.

    Raises
    ------
    StatsError
        If a count is negative or not whole, there is one category only, or a parameter is 0.

    Examples
    --------
    >>> dirichlet([3, 5, 92])[["mean", "low", "high"]].round(4).loc[2].tolist()
    [0.92, 0.8597, 0.9645]
    """
    counts = numbers(events, "events", low=0)
    extra, level = number(prior, "prior", low=0), confidence(level)
    if counts.ndim != 1 or counts.size < 2:
        raise StatsError(f"events need at least two categories in one row, got shape {counts.shape}")
    if (broken := counts != np.floor(counts)).any():
        raise StatsError(
            f"events are counted, not weighed: {int(broken.sum())} of {counts.size} are not whole numbers, "
            f"first {counts[broken][0]:g}"
        )
    alpha = counts + extra
    if (empty := alpha == 0).any():
        raise StatsError(f"{int(empty.sum())} of {alpha.size} categories hold no event; give a prior above 0")
    total = alpha.sum()
    tail = (1 - level) / 2
    columns = {
        "events": counts,
        "alpha": alpha,
        "mean": alpha / total,
        "variance": alpha * (total - alpha) / (total**2 * (total + 1)),
        "low": betaincinv(alpha, total - alpha, tail),
        "high": betainccinv(alpha, total - alpha, tail),
        "level": level,
    }
    labels = list(events.keys()) if isinstance(events, Mapping | pd.Series) else None
    return pd.DataFrame(columns, index=labels)


@dataclass(frozen=True, slots=True)
class Resample:
    """A weighted share with its bootstrap interval, and how few events it rests on."""

    share: Estimate
    events: int
    effective_events: float
    largest: float
    """Part of the whole weight that the heaviest single row carries."""
    draws: FloatArray
    seed: int


def resample(
    weights: Sequence[float] | npt.NDArray[Any],
    direct: Sequence[bool] | npt.NDArray[np.bool_],
    *,
    draws: int = 4000,
    seed: int = 0,
    level: float = 0.95,
) -> Resample:
    """Share of the direct route by weight, with a percentile interval from resampled seizure rows.

    Rows are drawn with replacement, so one huge seizure is in a resample 0, 1, 2 … times: the interval shows
    how much the share hangs on it. Seizure weights are heavy-tailed, where the bootstrap is known to fail
    (Athreya 1987); read the interval as a least width, and `effective_events` beside it.

    Parameters
    ----------
    weights : array, shape (n,)
        Weight of each seizure row, at least 0 (multiply by purity first for pure weight); any one unit.
    direct : array of bool, shape (n,)
        Whether the row belongs to the direct route.
    draws : int
        Resamples, at least 100.
    seed : int
        Seed of the generator; the same seed gives the same draws.
    level : float
        Level of the percentile interval.

    Raises
    ------
    StatsError
        If lengths differ, `direct` is not boolean, a weight is negative, one route holds no weight
        (resampling cannot show what was never seen), or some resample misses every row that weighs anything.

    References
    ----------
    Efron 1979, Annals of Statistics 7:1. Athreya 1987, Annals of Statistics 15:724.

    Examples
    --------
    >>> result = resample([1, 1, 1, 1, 96, 40], [False, False, True, True, True, False], seed=1)
    >>> round(result.share.value, 3), round(result.effective_events, 2)
    (0.7, 1.81)
    """
    w, level = numbers(weights, "weights", low=0), confidence(level)
    n_draws = whole(draws, "draws", low=100)
    flags = np.asarray(direct)
    if w.ndim != 1 or flags.shape != w.shape or flags.dtype != np.bool_:
        raise StatsError(
            f"direct must hold one true or false a row: weights have shape {w.shape}, "
            f"direct has shape {flags.shape} of {flags.dtype}"
        )
    effective, total = effective_events(w), float(w.sum())
    value = float(w @ flags) / total
    if value in (0.0, 1.0):
        raise StatsError(
            f"all weight of the {w.size} rows is on one route; resampling cannot show what was never seen "
            "(use dirichlet on counts of events with a prior)"
        )
    rng = np.random.default_rng(whole(seed, "seed"))
    shares = np.concatenate([_shares(rng, w, flags, size) for size in _chunks(n_draws, w.size)])
    if (missed := np.isnan(shares)).any():
        raise StatsError(
            f"{int(missed.sum())} of {shares.size} resamples hold no weight: "
            f"only {int((w > 0).sum())} of {w.size} rows weigh anything"
        )
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    note = f"rests on {effective:.1f} effective of {w.size} events; the heaviest carries {w.max() / total:.0%}"
    estimate = Estimate(value, float(low), float(high), level, "share", "bootstrap percentile over rows", (), note)
    return Resample(estimate, w.size, effective, float(w.max()) / total, shares, seed)


def _chunks(draws: int, rows: int) -> list[int]:
    size = max(1, _CELLS // rows)
    return [min(size, draws - done) for done in range(0, draws, size)]


def _shares(rng: np.random.Generator, w: FloatArray, flags: npt.NDArray[np.bool_], draws: int) -> FloatArray:
    counts = rng.multinomial(w.size, np.full(w.size, 1 / w.size), size=draws)
    totals = counts @ w
    shares: FloatArray = np.divide(counts @ (w * flags), totals, out=np.full(draws, np.nan), where=totals > 0)
    return shares
