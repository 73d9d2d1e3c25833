"""A series as given, checked: finite numbers in order, one rate above 0 for each x; anything else is refused."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..errors import StatsError
from ._joinpoint_grid import Floats


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
        If anything is not a finite number, a rate or standard error is not above 0, lengths differ, or x has
        ties.
    """
    ticks, rate = _numbers("x", x), _numbers("y (rate)", y)
    error = None if se is None else _numbers("se", se)
    for name, values in (("y (rate)", rate), ("se", error)):
        if values is not None and len(values) != len(ticks):
            raise StatsError(f"x has {len(ticks)} values and {name} has {len(values)}; give one for each x")
    order = np.argsort(ticks, kind="stable")
    ticks, rate = ticks[order], rate[order].astype(float)
    tied = np.flatnonzero(ticks[1:] == ticks[:-1])
    if len(tied):
        raise StatsError(
            f"x = {ticks[tied[0]]:g} occurs more than once ({len(tied)} ties in all); give one rate for each x"
        )
    _above_zero("y (rate)", rate, ticks, "the logarithm needs rates above 0: widen the periods or the area")
    if error is None:
        return Series(ticks, rate, None, np.ones(len(rate)), _name(y))
    error = error[order].astype(float)
    _above_zero(
        "se",
        error,
        ticks,
        "a weight (rate/se)² needs standard errors above 0: leave se out to weight all alike",
    )
    with np.errstate(over="ignore", under="ignore"):
        weights = (rate / error) ** 2
    extreme = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if len(extreme):
        worst = extreme[0]
        raise StatsError(f"rate {rate[worst]:g} with se {error[worst]:g} at x = {ticks[worst]} gives no usable weight")
    return Series(ticks, rate, error, weights, _name(y))


def _numbers(name: str, values: ArrayLike) -> NDArray[Any]:
    """One column of finite numbers; whole numbers keep their type."""
    try:
        flat = np.ndim(values) == 1
    except ValueError:  # ragged
        flat = False
    if not flat:
        raise StatsError(f"{name} is {str(values)[:40]!r}; give a one-dimensional list, array or Series of numbers")
    column = values if isinstance(values, pd.Series) else pd.Series(values)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind not in ("integer", "floating", "mixed-integer-float", "decimal", "empty"):
        raise StatsError(f"{name} holds {kind} values, such as {str(column.iloc[0])[:40]!r}; give numbers")
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise StatsError(
            f"{name} is missing or infinite at position {wrong[0]} ({len(wrong)} of {len(numbers)}); "
            "leave those observations out of x, y and se together"
        )
    exact = kind == "integer" and np.abs(numbers).max() < 2**53
    return np.asarray(numbers.astype(np.int64) if exact else numbers)


def _above_zero(name: str, values: Floats, x: NDArray[Any], remedy: str) -> None:
    wrong = np.flatnonzero(values <= 0)
    if len(wrong):
        raise StatsError(
            f"{name} is {values[wrong[0]]:g} at x = {x[wrong[0]]:g} ({len(wrong)} of {len(values)}); {remedy}"
        )


def whole_number(name: str, value: object, least: int) -> int:
    """An integer of at least `least`; booleans and fractions are refused."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if isinstance(value, (bool, np.bool_)) or number < least:
        raise StatsError(f"{name} is {value!r}; give a whole number of at least {least}")
    return number


def _name(y: Any) -> str:
    name = getattr(y, "name", None)
    return "" if name is None else str(name)
