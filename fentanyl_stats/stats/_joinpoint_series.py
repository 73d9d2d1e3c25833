"""A series as given, checked: finite numbers in order, one rate above 0 for each x; anything else is refused."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import StatsError
from ._joinpoint_grid import Floats
from ._numbers import numbers


class Series(NamedTuple):
    """x ascending (whole numbers stay so), rates, standard errors if any, the weights they give, and a name."""

    x: NDArray[Any]
    y: Floats
    se: Floats | None
    weights: Floats
    name: str


def read_series(x: ArrayLike, y: ArrayLike, se: ArrayLike | None) -> Series:
    """Check and sort a series of rates.

    Raises
    ------
    StatsError
        If anything is not a finite number, a rate or standard error is not above 0, lengths differ, or x has ties.
    """
    name = getattr(y, "name", None)
    ticks = _column(x, "x", hint="leave out such observations")
    rate = _column(
        y, "y (rates)", low=0, open_low=True, hint="logarithms need rates above 0, in longer periods if need be"
    )
    error = (
        None if se is None else _column(se, "se", low=0, open_low=True, hint="leave se out to weight all years alike")
    )
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
    return Series(ticks, rate, error, _weights(ticks, rate, error), "" if name is None else str(name))


def _column(values: Any, name: str, **limits: Any) -> Floats:
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
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
