"""What a joinpoint model says: slopes, annual percent changes, where the joinpoints may lie; how sure each is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from ._joinpoint_grid import MARGIN, STEP, Floats
from ._joinpoint_model import Data, Model

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
        s = float(np.sum(w * x**2))
        sse += float(np.sum(w * (y - x * np.sum(w * x * y) / s) ** 2))
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
        low[i] = max(accepted.min() - 1, MARGIN + STEP * i)
        high[i] = min(accepted.max() + 1, data.n - 1 - MARGIN - STEP * (k - 1 - i))
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
    if np.count_nonzero(share) == 1:
        quantile, p = special.stdtrit(df, (1 + LEVEL) / 2), 2 * special.stdtr(df, -abs(statistic))
        return Average(slope, se, float(quantile), f"t with {df} df", statistic, float(p))
    quantile, p = special.ndtri((1 + LEVEL) / 2), 2 * special.ndtr(-abs(statistic))
    return Average(slope, se, float(quantile), "normal", statistic, float(p))
