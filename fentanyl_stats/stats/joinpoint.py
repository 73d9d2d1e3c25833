"""Joinpoint regression: where the trend of a rate bends, by how many per cent a year it moves between bends.

The model, grid, weights, intervals and tests follow the Joinpoint program of the U.S. National Cancer
Institute, so that results can be set beside NCHS and NCI publications.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ..errors import StatsError, unknown
from ..model import Estimate
from ..show import Card, Shown
from . import _joinpoint_grid as nci
from ._joinpoint_grid import ALPHA, Data, Floats, Model
from ._numbers import number, numbers, whole

__all__ = ["Fit", "fit"]


def __dir__() -> list[str]:
    return __all__


Rule = Literal["wbic", "bic", "bic3", "permutation"]
_SECONDS = 500  # that the search, or one permutation test, may take on one processor: some minutes
_LENGTH = 2_000  # observations: the grid holds a number for every pair
_RATE = 2e8  # sets of joinpoints that are tried in a second


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Shown):
    """A fitted joinpoint model, as `fit` returns it.

    Attributes
    ----------
    k : the number of joinpoints
    joinpoints : DataFrame x low high, one row a joinpoint, with its 95 % interval
    segments : DataFrame start end slope se apc low high t p, one row a segment; `slope` is that of ln(rate) per
        unit of x, `apc` the annual percent change, (low, high) its 95 % interval
    changes : DataFrame x change se t p, one row a joinpoint: the difference of the slopes on its two sides
    sse : the weighted sum of squared residuals of ln(rate), of whitened ones where `rho` is not 0
    fitted : (n,) fitted rates, in ascending x as `x`, `y` and `se`
    selection : DataFrame k sse bic bic3 wbic r2max (a criterion, or k fixed), or k_null k_alt level p
        (permutation tests, in order)
    rule : how k was chosen: wbic, bic, bic3, permutation or fixed
    max_joinpoints, permutations, seed : as used; `permutations` is 0 where none were made
    rho : correlation of neighbouring errors in the model, given or estimated; 0 by default

    Examples
    --------
    >>> trend = fit(range(2000, 2010), [5 * 1.1**i for i in range(10)])
    >>> trend.k, trend.df, trend.segments["apc"].round(6).tolist()
    (0, 8, [10.0])
    """

    k: int
    joinpoints: pd.DataFrame
    segments: pd.DataFrame
    changes: pd.DataFrame
    sse: float
    fitted: Floats
    selection: pd.DataFrame
    x: NDArray[Any]
    y: Floats
    se: Floats | None
    rule: str
    max_joinpoints: int
    permutations: int
    seed: int
    name: str
    rho: float = 0.0

    @property
    def n(self) -> int:
        """The number of observations."""
        return len(self.x)

    @property
    def df(self) -> int:
        """Degrees of freedom of the segment slopes, n − 3k − 2."""
        return degrees_of_freedom(self.n, self.k)

    @property
    def dispersion(self) -> float:
        """Sum of squares over n − 2k − 2: with standard errors given, 1 if years scatter about the line as they say.

        Above 1 the scatter is larger than sampling error: the pooled variance of the intervals takes it in, the
        number of joinpoints does not. Missing without standard errors, which it is measured against.
        """
        return math.nan if self.se is None else self.sse / (self.n - 2 * self.k - 2)

    @property
    def autocorrelation(self) -> float:
        """Correlation of neighbouring residuals, (rate/SE)-weighted: Σ uᵢuᵢ₋₁ / Σ uᵢ². 0 for an exact fit.

        Of independent errors it is below 0 on average, the more the more joinpoints are fitted. The choice of the
        number of joinpoints takes errors as independent unless `rho` says otherwise: of straight lines of 24 years
        with errors correlated 0.5, WBIC bent 4 in 10, with errors correlated 0.8, 8 in 10.
        """
        u = np.log(self.y / self.fitted) * (1.0 if self.se is None else self.y / self.se)
        return lag_one(u) if self.sse else 0.0

    @property
    def method(self) -> str:
        """One sentence: the model, the weights, and how the number of joinpoints was chosen."""
        weights = "unweighted" if self.se is None else "weights (rate/SE)²"
        weights += f", errors correlated {self.rho:.2f} from one to the next" if self.rho else ""
        if self.rule == "permutation":
            rule = f"permutation tests at level {ALPHA:g}, {self.permutations:,} permutations each, seed {self.seed}"
        else:
            rule = self.rule.upper() if self.rule != "fixed" else f"fixed at {self.k}"
            rule += f", seed {self.seed} not used"
        return (
            f"log-linear joinpoint regression on the NCI grid, {weights}; "
            f"number of joinpoints: {rule}, maximum {self.max_joinpoints}"
        )

    def aapc(self, start: float | None = None, end: float | None = None) -> Estimate:
        """Average annual percent change between two values of x (by default, over the whole series).

        Parameters
        ----------
        start, end : x at both ends, within the series; they need not be observed

        Returns
        -------
        Estimate in percent per year, with its 95 % interval; `note` holds the statistic and its p-value.

        Raises
        ------
        StatsError
            If start is not before end, or either is no number within the series.

        Notes
        -----
        The mean of the segment slopes weighted by the length of their overlap with [start, end], with a normal
        interval where it spans a joinpoint; within one segment, that segment's APC and t interval.
        Clegg, Hankey, Tiwari, Feuer & Edwards 2009, Stat Med 28:3670.

        Examples
        --------
        >>> trend = fit(range(2000, 2010), [5 * 1.1**i for i in range(10)], k=0)
        >>> round(trend.aapc(2002, 2006).value, 6)
        10.0
        """
        first, last = float(self.x[0]), float(self.x[-1])
        a = first if start is None else number(start, "start", low=first, high=last)
        b = last if end is None else number(end, "end", low=first, high=last)
        if a >= b:
            raise StatsError(f"no average change from {_tick(a)} to {_tick(b)}; give start before end")
        average = average_slope(self.segments, self.df, a, b)
        margin = average.quantile * average.se
        value, low, high = (float(percent(average.slope + shift)) for shift in (0.0, -margin, margin))
        method = f"average annual percent change {_tick(a)} to {_tick(b)}, {average.law} interval; {self.method}"
        note = f"statistic {average.statistic:.3f}, two-sided p-value {_p(average.p)}"
        return Estimate(value, low, high, LEVEL, "percent per year", method, note=note)

    def predict(self, x: ArrayLike) -> Floats:
        """Fitted rates at any x within the series, for drawing the curve.

        Parameters
        ----------
        x : any shape, within the series; need not be observed

        Returns
        -------
        array of the shape of x, in the unit of the rates

        Raises
        ------
        StatsError
            If an x is no number within the series.

        Examples
        --------
        >>> fit(range(2000, 2010), [5 * 1.1**i for i in range(10)]).predict([2000, 2000.5, 2002]).round(4).tolist()
        [5.0, 5.244, 6.05]
        """
        at = numbers(x, "x", low=float(self.x[0]), high=float(self.x[-1]), hint="the series says nothing beyond")
        return np.asarray(np.exp(np.interp(at, self.x.astype(float), np.log(self.fitted))))

    def _title(self) -> str:
        of = f" of {self.name}" if self.name else ""
        bends = ", ".join(f"{_tick(r.x)} ({_tick(r.low)} to {_tick(r.high)})" for r in self.joinpoints.itertuples())
        count = f"{self.k} joinpoint{'s' if self.k != 1 else ''}{' at ' if bends else ''}{bends}"
        return f"Joinpoint fit{of}: {count}; {self.n} observations, {_tick(self.x[0])} to {_tick(self.x[-1])}"

    def _shown(self) -> pd.DataFrame:
        table = self.segments[["start", "end", "apc", "low", "high"]].round(2)
        return table.assign(p=[_p(p) for p in self.segments["p"]])

    def __repr__(self) -> str:
        table = self._shown().to_string(index=False)
        return f"{self._title()}\n{self.method}\nannual percent change with 95 % interval:\n{table}"

    def _card_(self) -> Card:
        table = self._shown().rename(columns={"apc": "annual percent change"})
        table.attrs["formats"] = dict.fromkeys(table, "{:.1f}") | {"start": _tick, "end": _tick, "p": str}
        return Card(self._title(), [("method", self.method)], sections=[table])


def fit(
    x: ArrayLike,
    y: ArrayLike,
    se: ArrayLike | None = None,
    k: int | None = None,
    max_joinpoints: int | None = None,
    select: Rule = "wbic",
    permutations: int = 4499,
    seed: int = 0,
    autocorrelation: float | Literal["estimate"] = 0.0,
) -> Fit:
    """Fit a joinpoint model to a series of rates.

    Parameters
    ----------
    x : (n,) years, or any other numbers without ties, in any order. Percent changes are per unit of x: write months
        as decimal years to have them per year
    y : (n,) rates above 0, in any unit: the model is fitted to their natural logarithm. x, y and se are matched by
        position, whatever their index
    se : (n,) standard errors of the rates, above 0, or none for equal weights. For a crude rate: rate/√events
    k : fix the number of joinpoints; `select` is then not used
    max_joinpoints : the largest number to consider, by default min(5, ⌊(n − 2)/5⌋)
    select : how to choose the number: `wbic` (the default of NCI Joinpoint 5), `bic`, `bic3`, or
        `permutation` (NCI's default before)
    permutations, seed : for `permutation`, the number of random permutations a test and where they start
    autocorrelation : correlation of the errors of neighbouring observations, 0 to below 1, or "estimate"

    Returns
    -------
    Fit

    Raises
    ------
    StatsError
        If a rate or standard error is missing, infinite, zero or negative; if x has ties or the lengths
        differ; if the autocorrelation is not in [0, 1) or has too few observations to be estimated; if the
        series is too short for the joinpoints asked for, or too long for an exact search; if
        `select` is unknown, or too few permutations are asked for to ever reject.

    Notes
    -----
    ln(rate) is continuous and piecewise linear, fitted by least squares with weights (rate/SE)² on the whole grid:
    joinpoints at observed x, at least two observations strictly before the first, after the last, and between
    neighbours. Long series are searched by a dynamic programme that finds the same optimum and the same intervals
    (five joinpoints: 240 observations in some 2 seconds, 400 in 6); a search or test that would take more than some
    minutes is refused before it starts, with what it would take.

    Standard errors of slopes come from separate lines to the observations strictly between joinpoints, pooled on
    n − 3k − 2 degrees of freedom; they take the joinpoints as known and, with `autocorrelation` 0, the errors as
    independent, and are too small where either is wrong. A series that the model fits exactly has sse and standard
    errors 0.

    With `autocorrelation` ρ the errors are a first-order process, as in NCI's option for correlated errors: ρ between
    observations a median step apart, ρ^(distance) between others. "estimate" takes it from the model with one
    joinpoint and no correlation: Σ uᵢuᵢ₋₁ / Σ uᵢ² of its residuals u, plus p/n for the p parameters that were fitted
    to them, kept within 0 and 0.95. The NCI program estimates it too; that its formula is this one was not checked.
    Simulated (n = 24, WBIC), it halves the share of straight lines that are bent, from 42% to 19% at ρ = 0.5 and from
    78% to 36% at 0.8: it does not bring it to a chosen level. Of lines with a bend it left 5% to 7% straight there,
    against 1%.

    Do not fit rates rounded to one decimal where they are below 2: use counts and populations.

    References
    ----------
    Kim, Fay, Feuer & Midthune 2000, Stat Med 19:335 (model, permutation tests). Lerman 1980, Appl Stat 29:77 (grid
    search, intervals of joinpoints). Kim et al. 2023, J Appl Stat 50:1992 (WBIC).
    Verified against output of NCI Joinpoint 4.5.0.1 (permutation tests, weights, intervals) and 5 (WBIC).

    Examples
    --------
    A rate that rises by 10 % a year until 2006 and falls by 5 % a year after:

    >>> years = range(1999, 2015)
    >>> rates = [6 * 1.1 ** min(t, 7) * 0.95 ** max(t - 7, 0) for t in range(16)]
    >>> trend = fit(years, rates)
    >>> trend.joinpoints["x"].tolist(), trend.segments["apc"].round(6).tolist()
    ([2006], [10.0, -5.0])
    """
    if not isinstance(select, str) or select not in get_args(Rule):
        raise StatsError(unknown("selection rule", select, get_args(Rule)))
    ticks, rates, errors = read_series(x, y, se)
    weights = _weights(ticks, rates, errors)
    seed = whole(seed, "seed")
    if isinstance(autocorrelation, str) and autocorrelation != "estimate":
        raise StatsError(unknown("autocorrelation", autocorrelation, ("estimate",)))
    rho = 0.0 if isinstance(autocorrelation, str) else _rho(autocorrelation)
    permutations = whole(permutations, "permutations", low=1)
    n = len(ticks)
    most = _most(n, k, max_joinpoints)
    if select != "permutation" or k is not None:
        permutations = 0
    elif (permutations + 1) * ALPHA < most:
        raise StatsError(
            f"{permutations} permutations can never reach the level {ALPHA / most:.3g} of the first test; "
            f"give at least {math.ceil(most / ALPHA) - 1}"
        )
    fits = nci.count_sets(n, most) * max(permutations, 1)
    every = fits / _RATE
    pruned = math.inf if permutations or most < 3 else 0.5 * (most - 2) * (n / 240) ** 2.5
    if n > _LENGTH or min(every, pruned) > _SECONDS:
        raise StatsError(
            f"an exact search for {most} joinpoints in {n:,} observations, {f'{permutations:,} times, ' if permutations else ''}"
            f"would take about {min(every, pruned) / 60:,.0f} minutes (at most {_SECONDS / 60:.0f}, and {_LENGTH:,} "
            "observations); lower max_joinpoints or permutations, or use coarser periods"
        )
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            data = Data(ticks.astype(float), np.log(rates), weights, np.zeros(n))
            rho = estimated_rho(data, most) if autocorrelation == "estimate" else rho
            data = replace(data, link=links(data.x, rho))
            line = nci.fit_at(data, ())
            left = data.y - line.fitted
            if pruned < every:
                long = nci.LongGrid(data.x, left, weights, most, data.link)
                searches = [long.search(j) for j in range(1, most + 1)]
            else:
                grid = nci.Grid(data.x, weights, most, data.link)
                searches = [grid.search(left, j) for j in range(1, most + 1)]
            models = [line, *(nci.fit_at(data, search.knots) for search in searches)]
            if permutations:
                chosen, selection = nci.permutation_sequence(data, grid, models, permutations, seed)
            else:
                selection = nci.criteria(data, models)
                chosen = int(selection[select].to_numpy().argmin()) if k is None else int(k)
            model = models[chosen]
            segments = segment_table(data, model, ticks)
            profile = searches[chosen - 1].profile if chosen else np.empty((0, n))
            return Fit(
                k=chosen,
                joinpoints=location_table(data, model, profile, ticks),
                segments=segments,
                changes=change_table(segments, degrees_of_freedom(n, chosen)),
                sse=model.sse,
                fitted=np.exp(model.fitted),
                selection=selection,
                x=ticks,
                y=rates,
                se=errors,
                rule=select if k is None else "fixed",
                max_joinpoints=most,
                permutations=permutations,
                seed=seed,
                rho=rho,
                name="" if (name := getattr(y, "name", None)) is None else str(name),
            )
    except FloatingPointError as error:
        raise StatsError(f"x, rates or weights are too extreme to compute with ({error}); rescale them") from None


def _rho(value: Any) -> float:
    return number(value, "autocorrelation", low=0, high=1, open_high=True)


def lag_one(u: Floats) -> float:
    """Σ uᵢuᵢ₋₁ / Σ uᵢ², 0 where all are 0."""
    return float(u[1:] @ u[:-1]) / total if (total := float(u @ u)) else 0.0


def links(x: Floats, rho: float) -> Floats:
    """The correlation of each error with the one before: rho where x steps by the median, powers of it elsewhere."""
    step = np.diff(x)
    return np.append(0.0, rho ** (step / np.median(step)))


def estimated_rho(data: Data, most: int) -> float:
    """The autocorrelation of the residuals of at most one joinpoint, with the correction p/n for fitting them."""
    k = min(most, 1)
    p = 2 * k + 2
    if data.n < 2 * p:
        raise StatsError(
            f"{data.n} observations are too few to estimate an autocorrelation; at least {2 * p} are needed"
        )
    line = nci.fit_at(data, ())
    knots = nci.Grid(data.x, data.weights, k).search(data.y - line.fitted, k).knots if k else ()
    model = nci.fit_at(data, knots)
    u = np.sqrt(data.weights) * (data.y - model.fitted)
    return float(np.clip(lag_one(u) + p / data.n, 0.0, 0.95)) if model.sse else 0.0


def _most(n: int, k: int | None, max_joinpoints: int | None) -> int:
    """The largest number of joinpoints to fit: as asked, or by NCI's rule; refused if the series is too short."""
    if n < 3:
        raise StatsError(f"the series has {n} observations; a trend with a standard error needs at least 3")
    asked = [whole(v, name) for v, name in ((k, "k"), (max_joinpoints, "max_joinpoints")) if v is not None]
    if len(asked) == 2 and asked[0] > asked[1]:
        raise StatsError(f"k = {k} is above max_joinpoints = {max_joinpoints}; give one of the two")
    most = max(asked, default=nci.default_maximum(n))
    if degrees_of_freedom(n, most) < 1:
        raise StatsError(
            f"{most} joinpoints need at least {3 * most + 3} observations and the series has {n}; "
            f"at most {(n - 3) // 3} can be fitted"
        )
    return most


def _tick(x: Any) -> str:
    return f"{x:.12g}"


def _p(p: float) -> str:
    return "–" if math.isnan(p) else "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def read_series(x: ArrayLike, y: ArrayLike, se: ArrayLike | None) -> tuple[NDArray[Any], Floats, Floats | None]:
    """x ascending (whole numbers stay so), rates, and standard errors if any: a series checked and sorted.

    Raises
    ------
    StatsError
        If anything is not a finite number, a rate or standard error is not above 0, lengths differ, or x has ties.
    """
    ticks = _column(x, "x", hint="leave out such observations")
    above = {"low": 0, "open_low": True}
    rate = _column(y, "y (rates)", **above, hint="logarithms need rates above 0, in longer periods if need be")
    error = None if se is None else _column(se, "se", **above, hint="leave se out to weight all years alike")
    for what, column in (("y", rate), ("se", error)):
        if column is not None and len(column) != len(ticks):
            raise StatsError(f"x has {len(ticks)} values and {what} has {len(column)}; give one for each x")
    order = np.argsort(ticks, kind="stable")
    ticks, rate, error = ticks[order], rate[order], None if error is None else error[order]
    tied = ticks[1:][ticks[1:] == ticks[:-1]]
    if len(tied):
        raise StatsError(f"x = {tied[0]:.12g} occurs more than once ({len(tied)} ties); give one rate for each x")
    if np.all(ticks == np.floor(ticks)):
        ticks = ticks.astype(np.int64 if np.abs(ticks).max() < 2**53 else float)
    return ticks, rate, error


def _column(values: Any, name: str, **limits: Any) -> Floats:
    column = numbers(values, name, **limits)
    if column.ndim != 1:
        raise StatsError(f"{name} has {column.ndim} dimensions; give a list, array or Series of numbers")
    return column


def _weights(x: NDArray[Any], rate: Floats, error: Floats | None) -> Floats:
    """(rate/SE)²: by the delta method, the inverse variances of the ln(rate)."""
    if error is None:
        return np.ones(len(rate))
    with np.errstate(over="ignore", under="ignore"):
        weights: Floats = (rate / error) ** 2
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if len(bad):
        at = bad[0]
        raise StatsError(
            f"rate {rate[at]:g} with se {error[at]:g} at x = {x[at]:.12g} gives no usable weight (rate/se)²"
        )
    return weights


LEVEL = 0.95


def percent(slope: Any) -> Any:
    """The percent change per unit of x that a slope of ln(rate) means; infinite beyond floating point."""
    with np.errstate(over="ignore"):
        return 100 * np.expm1(slope)


def slope_errors(data: Data, model: Model) -> Floats:
    """Standard errors of the slopes: separate lines, a pooled variance on n − 3k − 2 degrees of freedom.

    A joinpoint's own observation belongs to no segment: the rule of the NCI program, recovered from its
    output. The slopes themselves come from the continuous fit.
    """
    first = [0, *(model.nodes[1:-1] + 1)]
    stop = [*model.nodes[1:-1], data.n]
    sse, spread = 0.0, []
    for segment in (slice(int(a), int(b)) for a, b in zip(first, stop, strict=True)):
        w = data.weights[segment]
        x = data.x[segment] - np.average(data.x[segment], weights=w)
        y = data.y[segment] - data.y[segment.start]
        y -= np.average(y, weights=w)
        level, x, y = nci.whiten(np.column_stack([np.ones(len(w)), x, y]), np.sqrt(w), data.link[segment]).T
        x, y = (column - level * (level @ column) / (level @ level) for column in (x, y))
        s = float(x @ x)
        sse += float(np.sum((y - x * (x @ y) / s) ** 2))
        spread.append(s)
    variance = sse / degrees_of_freedom(data.n, model.k) if sse > data.noise else 0.0
    return np.sqrt(variance / np.array(spread))


def degrees_of_freedom(n: int, k: int) -> int:
    """n − 3k − 2: each of k + 1 separate lines takes two, each joinpoint's observation one."""
    return n - 3 * k - 2


def segment_table(data: Data, model: Model, ticks: NDArray[Any]) -> pd.DataFrame:
    """One row a segment: start end slope se apc low high t p; `ticks` is x as it is to be shown."""
    df = degrees_of_freedom(data.n, model.k)
    se = slope_errors(data, model)
    t, p = _student(model.slopes, se, df)
    half = special.stdtrit(df, (1 + LEVEL) / 2) * se
    return pd.DataFrame(
        {
            "start": ticks[model.nodes[:-1]],
            "end": ticks[model.nodes[1:]],
            "slope": model.slopes,
            "se": se,
            "apc": percent(model.slopes),
            "low": percent(model.slopes - half),
            "high": percent(model.slopes + half),
            "t": t,
            "p": p,
        }
    )


def change_table(segments: pd.DataFrame, df: int) -> pd.DataFrame:
    """One row a joinpoint: x change se t p, the difference of the slopes on its two sides."""
    slope, se = (segments[column].to_numpy() for column in ("slope", "se"))
    change, error = np.diff(slope), np.hypot(se[1:], se[:-1])
    t, p = _student(change, error, df)
    x = segments["end"].to_numpy()[:-1]
    return pd.DataFrame({"x": x, "change": change, "se": error, "t": t, "p": p})


def _student(value: Floats, se: Floats, df: int) -> tuple[Floats, Floats]:
    """t and two-sided p; without residual error t is infinite, and missing for a slope of exactly 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = value / se
    return t, 2 * special.stdtr(df, -np.abs(t))


def location_table(data: Data, model: Model, profile: Floats, ticks: NDArray[Any]) -> pd.DataFrame:
    """One row a joinpoint: x low high, from the profiled sum of squares (Lerman 1980; limits as NCI prints them).

    A place is accepted if the best model with that joinpoint there is not worse by an F test; the interval
    reaches one observation beyond the accepted ones, within the places that the grid allows.
    """
    k, df = model.k, data.n - 2 * model.k - 2
    places = model.nodes[1:-1]
    low, high = np.zeros((2, k), dtype=np.intp)
    for i, (place, sse) in enumerate(zip(places, profile, strict=True)):
        bound = model.sse * (1 + k * special.fdtri(k, df, LEVEL) / df)
        accepted = np.append(np.flatnonzero(sse <= bound + data.noise), place)
        low[i] = max(accepted.min() - 1, nci.MARGIN + nci.STEP * i)
        high[i] = min(accepted.max() + 1, data.n - 1 - nci.MARGIN - nci.STEP * (k - 1 - i))
    return pd.DataFrame({"x": ticks[places], "low": ticks[low], "high": ticks[high]})


class Average(NamedTuple):
    """A mean slope, its standard error, the quantile and name of its law, the statistic and its two-sided p."""

    slope: float
    se: float
    quantile: float
    law: str
    statistic: float
    p: float


def average_slope(segments: pd.DataFrame, df: int, start: float, end: float) -> Average:
    """The mean of the slopes between start and end, weighted by length (Clegg et al. 2009).

    Its law is the normal if it spans a joinpoint. Within one segment it is that segment's slope, with its t.
    """
    overlap = np.minimum(segments["end"], end) - np.maximum(segments["start"], start)
    share = np.clip(overlap.to_numpy(dtype=float), 0, None) / (end - start)
    slope = float(share @ segments["slope"].to_numpy())
    se = float(np.linalg.norm(share * segments["se"].to_numpy()))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.divide(slope, se))
    middle, tail = (1 + LEVEL) / 2, -abs(statistic)
    if np.count_nonzero(share) == 1:
        law, quantile, p = f"t with {df} df", special.stdtrit(df, middle), 2 * special.stdtr(df, tail)
    else:
        law, quantile, p = "normal", special.ndtri(middle), 2 * special.ndtr(tail)
    return Average(slope, se, float(quantile), law, statistic, float(p))
