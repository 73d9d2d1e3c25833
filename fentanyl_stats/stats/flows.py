"""From seizures to flows: how much seizure events can tell, and what consumption, purity and interception imply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainccinv, betaincinv

from ..errors import StatsError, unknown
from ..model import Estimate, Interval
from ._numbers import FloatArray, confidence, number, numbers, whole

Unit = Literal["lb", "kg", "t"]
KILOGRAMS: dict[str, float] = {"lb": 0.45359237, "kg": 1.0, "t": 1000.0}
FEWEST_DRAWS = 100
"""Below this many effective draws the ends of a 95 % interval are two or three numbers."""


@runtime_checkable
class Distribution(Protocol):
    """A prior: a frozen distribution of `scipy.stats`, such as `scipy.stats.beta(9, 1)`."""

    def rvs(self, *, size: int, random_state: np.random.Generator) -> Any: ...
    def logpdf(self, x: Any) -> Any: ...


Prior = float | Distribution
Many = Sequence[float] | npt.NDArray[Any]
Weights = Mapping[str, float] | Many
Priors = Mapping[str, Prior] | Sequence[Prior]


def kilograms(mass: float, unit: Unit) -> float:
    """A mass in kilograms: from pounds ("lb", 0.45359237 kg exactly), kilograms ("kg") or tonnes ("t").

    Raises
    ------
    StatsError
        If the mass is negative or not finite, or the unit is another.

    Examples
    --------
    >>> round(kilograms(1370, "lb"), 7)
    621.4215469
    """
    return number(mass, "mass", low=0) * _factor(unit)


@dataclass(frozen=True, slots=True)
class MassBalance:
    """Seized plus consumed is what flowed; the rest follows. Masses are kilograms of pure drug."""

    seized_kg: FloatArray
    consumed_kg: float
    flow_kg: float
    interception: float
    """Part of the whole flow that was seized."""
    bounds: Interval
    """Shares of the direct route in the flow that the balance allows, whatever the interception rates."""

    def rates(self, direct_share: float) -> pd.DataFrame:
        """Interception rate of the direct route and of all others, if the direct share of the flow were so.

        Columns seized_kg, flow_kg, interception, possible; a rate above 1 is impossible: more would have been
        seized than flowed.

        Raises
        ------
        StatsError
            If the share is not in (0, 1).
        """
        share = number(direct_share, "direct share", low=0, high=1, open_low=True, open_high=True)
        seized = np.array([self.seized_kg[0], self.seized_kg[1:].sum()])
        flow = self.flow_kg * np.array([share, 1 - share])
        rate = seized / flow
        columns = {"seized_kg": seized, "flow_kg": flow, "interception": rate, "possible": rate <= 1}
        return pd.DataFrame(columns, index=pd.Index(["direct", "other"], name="route"))


def mass_balance(
    seized: Weights,
    purity: Weights,
    consumed: float,
    *,
    seized_unit: Unit,
    consumed_unit: Unit,
) -> MassBalance:
    """Interception rates implied by a consumption figure: flow = pure seized + pure consumed.

    Stocks, losses and exports are left out, so the flow is a lower and the interception an upper figure.

    Parameters
    ----------
    seized : mapping or array, shape (k,)
        Gross weight seized on each route in one period, the direct route first.
    purity : mapping or array, shape (k,)
        Purity of each route, a fraction in [0, 1]; matched by name if both are mappings.
    consumed : float
        Pure drug consumed in the same period and place.
    seized_unit, consumed_unit : {"lb", "kg", "t"}
        Units of the two; there is no default.

    Raises
    ------
    StatsError
        If a mass is negative, a purity above 1, a unit unknown, the routes differ, or nothing flowed.

    Examples
    --------
    >>> balance = mass_balance([342.5, 1027.5], [0.9, 0.1], 4.0, seized_unit="lb", consumed_unit="t")
    >>> print(f"{balance.interception:.1%}, direct share in {balance.bounds}")
    4.5%, direct share in [0.03, 0.99]
    >>> balance.rates(0.97)["interception"].round(3).to_dict()
    {'direct': 0.034, 'other': 0.371}
    """
    names, (gross, rho) = aligned(seized=seized, purity=purity)
    weights = numbers(gross, "seized", low=0)
    pure = weights * _factor(seized_unit) * numbers(rho, "purity", low=0, high=1, hint="write 90 % as 0.9")
    eaten = number(consumed, "consumed", low=0) * _factor(consumed_unit)
    flow = float(pure.sum()) + eaten
    if flow == 0:
        raise StatsError(f"nothing was seized on {len(names)} routes and nothing consumed; there is no flow")
    low = float(pure[0]) / flow
    bounds = Interval(low, max(low, 1 - float(pure[1:].sum()) / flow))
    return MassBalance(pure, eaten, flow, float(pure.sum()) / flow, bounds)


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """What stated priors imply; medians with equal-tailed intervals.

    `share` is the direct route's share of the flow, `interception` the part of the whole flow seized,
    `consumption` the pure kilograms that got through. `draws` has one row a draw (share, interception,
    consumption_kg, weight); `priors` states every prior in words.
    """

    share: Estimate
    interception: Estimate
    consumption: Estimate
    draws: pd.DataFrame
    effective_draws: float
    priors: pd.DataFrame
    seed: int


def monte_carlo(
    seized: Weights,
    purity: Priors,
    interception: Priors,
    consumption: Distribution | None = None,
    *,
    seized_unit: Unit,
    consumption_unit: Unit | None = None,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> MonteCarlo:
    """Direct share of the flow under stated priors for purity, interception and, if given, consumption.

    Each draw takes a purity ρ_k and an interception rate π_k for every route: the flow of route k is
    seized_k·ρ_k/π_k, and what was not seized, Σ seized_k ρ_k (1/π_k − 1), was consumed. A consumption
    estimate enters as evidence about that implied amount: draws are weighted by its density there (importance
    sampling), and their effective number is reported. The result states assumptions; it measures nothing.

    Parameters
    ----------
    seized : mapping or array, shape (k,)
        Gross weight seized on each route, the direct route first; k at least 2.
    purity, interception : mapping or sequence of numbers or frozen scipy.stats distributions, length k
        Priors of each route: purities in [0, 1], rates in (0, 1]. A number is held fixed.
    consumption : frozen scipy.stats distribution, optional
        Estimate of the pure drug consumed, in `consumption_unit`.
    seized_unit, consumption_unit : {"lb", "kg", "t"}
        Units of the two; the second is needed with `consumption` only.
    draws, seed, level
        Number of draws, seed of the generator, probability of the intervals.

    Raises
    ------
    StatsError
        If a prior gives values out of range, routes differ, a unit is missing or unknown, nothing pure was
        seized in some draw, or fewer than 100 effective draws remain (consumption and interception disagree).

    References
    ----------
    Rubin 1988, Bayesian Statistics 3, 395 (importance weights); Kish 1965 (effective number).

    Examples
    --------
    >>> from scipy import stats
    >>> rates = [0.05, stats.uniform(0.05, 0.45)]
    >>> result = monte_carlo([305, 26718], [0.9, 0.1], rates, seized_unit="lb", seed=1)
    >>> round(result.share.value, 2), result.priors["prior"].tolist()[-1]
    (0.36, 'uniform(0.05, 0.45)')
    """
    names, (gross, rho_priors, pi_priors) = aligned(seized=seized, purity=purity, interception=interception)
    weights = numbers(gross, "seized", low=0) * _factor(seized_unit)
    if len(names) < 2:
        raise StatsError("a share needs at least two routes, got one")
    size, level = whole(draws, "draws", low=FEWEST_DRAWS), confidence(level)
    rng = np.random.default_rng(whole(seed, "seed"))
    priors: list[tuple[str, str, str]] = []

    def drawn(what: str, laws: list[Any], open_low: bool) -> FloatArray:
        rows = []
        for route, law in zip(names, laws, strict=True):
            priors.append((what, route, _words(law)))
            values = law.rvs(size=size, random_state=rng) if isinstance(law, Distribution) else law
            hint = f"its prior is {_words(law)}, write per cents as fractions"
            checked = numbers(values, f"{what} of {route}", low=0, high=1, open_low=open_low, hint=hint)
            rows.append(np.broadcast_to(checked, (size,)))
        return np.vstack(rows)

    pure = weights[:, None] * drawn("purity", rho_priors, open_low=False)
    pi = drawn("interception", pi_priors, open_low=True)
    if (barren := pure.sum(axis=0) == 0).any():
        raise StatsError(f"nothing pure was seized in {int(barren.sum())} of {size} draws; check seized and purity")
    flow = pure / pi
    total = flow.sum(axis=0)
    consumed = (flow - pure).sum(axis=0)
    weight = np.full(size, 1 / size)
    if consumption is not None:
        weight = _evidence(consumption, consumed, consumption_unit)
        priors.append(("consumption", "all", f"{_words(consumption)} {consumption_unit}"))
    shares = {"share": flow[0] / total, "interception": pure.sum(axis=0) / total}
    frame = pd.DataFrame(shares | {"consumption_kg": consumed, "weight": weight})
    effective = effective_events(weight)
    if effective < FEWEST_DRAWS * (1 - 1e-9):
        raise StatsError(
            f"only {effective:.1f} effective of {size} draws: interception implies {consumed.min():.6g} to "
            f"{consumed.max():.6g} kg consumed, the consumption prior says otherwise; widen one or draw more"
        )
    note = f"{size} draws, {effective:.0f} effective, seed {seed}"

    # The slack lets equal weights add up to a quantile whatever the rounding.
    at = np.maximum(np.array([0.5, (1 - level) / 2, (1 + level) / 2]) - 1e-12, 0)

    def summary(column: str, unit: str) -> Estimate:
        value, low, high = np.quantile(frame[column], at, weights=weight, method="inverted_cdf").tolist()
        return Estimate(value, low, high, level, unit, "Monte Carlo over stated priors, median", (), note)

    return MonteCarlo(
        share=summary("share", "share"),
        interception=summary("interception", "share"),
        consumption=summary("consumption_kg", "kg"),
        draws=frame,
        effective_draws=effective,
        priors=pd.DataFrame(priors, columns=["quantity", "route", "prior"]),
        seed=seed,
    )


def _factor(unit: object) -> float:
    if not isinstance(unit, str) or unit not in KILOGRAMS:
        raise StatsError(unknown("unit of mass", unit, KILOGRAMS))
    return KILOGRAMS[unit]


def aligned(**by_route: Any) -> tuple[list[Any], list[list[Any]]]:
    """Values of each argument in the order of the first: mappings matched by name, sequences by position."""
    (first, lead), *_ = by_route.items()
    names = list(lead.keys()) if hasattr(lead, "keys") else [f"route {i}" for i in range(np.size(lead))]
    if len(set(names)) < len(names):
        raise StatsError(f"{first} names a route twice: {', '.join(map(str, names))}")
    columns = []
    for what, values in by_route.items():
        if hasattr(values, "keys") and hasattr(lead, "keys"):
            if odd := sorted({str(name) for name in set(names) ^ set(values.keys())}):
                raise StatsError(f"{first} and {what} name different routes; only on one side: {', '.join(odd)}")
            columns.append([values[name] for name in names])
        else:
            columns.append(list(values.values()) if isinstance(values, Mapping) else list(np.atleast_1d(values)))
        if len(columns[-1]) != len(names):
            raise StatsError(f"{what} has {len(columns[-1])} values for the {len(names)} routes of {first}")
    return names, columns


def _evidence(prior: Distribution, consumed_kg: FloatArray, unit: Unit | None) -> FloatArray:
    """The weight of each draw: the density of the prior at the amount that it implies."""
    if unit is None:
        raise StatsError("consumption_unit is missing; name the unit of the consumption prior: lb, kg or t")
    if not isinstance(prior, Distribution):
        raise StatsError(f"consumption must be a frozen scipy.stats distribution, got {prior!r}; a number cannot weigh")
    log_density = np.asarray(prior.logpdf(consumed_kg / _factor(unit)), dtype=np.float64)
    peak = float(log_density.max())
    if not np.isfinite(peak):
        raise StatsError(
            f"the consumption prior {_words(prior)} {unit} excludes every draw: interception implies "
            f"{consumed_kg.min():.6g} to {consumed_kg.max():.6g} kg"
        )
    weight: FloatArray = np.exp(log_density - peak)
    weight /= weight.sum()
    return weight


def _words(prior: object) -> str:
    law = getattr(prior, "dist", None)
    if law is None:
        return f"fixed at {prior}"
    parts = [f"{v:g}" for v in getattr(prior, "args", ())]
    parts += [f"{k}={v:g}" for k, v in getattr(prior, "kwds", {}).items()]
    return f"{law.name}({', '.join(parts)})"


_CELLS = 2_000_000  # resampled counts held in memory at a time


def effective_events(weights: Many) -> float:
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


def effective_bounds(weights: Many, events: Many) -> tuple[float, float]:
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


def largest_share(weights: Many, events: Many, k: int = 10) -> tuple[float, float]:
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


def dirichlet(events: Mapping[str, float] | Many, prior: float = 0.0, level: float = 0.95) -> pd.DataFrame:
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
    """A weighted share with its bootstrap interval, which is only a floor, and how few events it rests on."""

    share: Estimate
    events: int
    effective_events: float
    largest: float
    """Part of the whole weight that the heaviest single row carries."""
    draws: FloatArray
    seed: int


def resample(
    weights: Many,
    direct: Sequence[bool] | npt.NDArray[np.bool_],
    *,
    draws: int = 4000,
    seed: int = 0,
    level: float = 0.95,
) -> Resample:
    """Share of the direct route by weight, with a percentile interval from resampled seizure rows.

    Rows are drawn with replacement, so one huge seizure is in a resample 0, 1, 2 … times: the interval shows
    how much the share hangs on it. Seizure weights are heavy-tailed, where the bootstrap is known to fail
    (Athreya 1987). Rows that are sums, of an office and a month say, hide the heavy tail of single seizures,
    and offices and months that go together are drawn as if they did not. The interval is a floor: the width
    that it must at least have, with no coverage promised. Read `effective_events` beside it.

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
    block, sums = max(1, _CELLS // w.size), np.empty((2, n_draws))
    for start in range(0, n_draws, block):
        counts = rng.multinomial(w.size, np.full(w.size, 1 / w.size), size=min(block, n_draws - start))
        sums[:, start : start + block] = counts @ (w * flags), counts @ w
    if (missed := sums[1] == 0).any():
        raise StatsError(
            f"{int(missed.sum())} of {n_draws} resamples hold no weight: "
            f"only {int((w > 0).sum())} of {w.size} rows weigh anything"
        )
    shares = sums[0] / sums[1]
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    note = f"rests on {effective:.1f} effective of {w.size} events; the heaviest carries {w.max() / total:.0%}"
    estimate = Estimate(
        value, float(low), float(high), level, "share", "bootstrap percentile over rows: a least width", (), note
    )
    return Resample(estimate, w.size, effective, float(w.max()) / total, shares, seed)
