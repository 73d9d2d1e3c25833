"""The gate through which numbers enter: finite and in range, or a message that counts and places bad ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError

FloatArray = npt.NDArray[np.float64]


def numbers(
    values: Any,
    name: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
    hint: str = "",
) -> FloatArray:
    """Values as a float array (0-d for a scalar), all finite and within `low` and `high`.

    Examples
    --------
    >>> numbers([1, 2.5], "weights", low=0)
    array([1. , 2.5])
    >>> numbers([0.2, 97], "share", low=0, high=1)
    Traceback (most recent call last):
    fentanyl_stats.errors.StatsError: share must lie in [0, 1]: 1 of 2 does not, first 97.0 at position 1

    Raises
    ------
    StatsError
        If there are no values, or one is missing, infinite, out of range, a truth value or not a number.
    """
    if isinstance(values, Mapping):
        values = pd.Series(dict(values))
    labels = list(values.index) if isinstance(values, pd.Series) else None
    # A list goes in as objects: NumPy would turn [True, 2] into [1, 2] and [1, "2"] into strings.
    raw = np.asarray(values, dtype=None if hasattr(values, "dtype") else object)
    if raw.size == 0:
        raise StatsError(f"{name} is empty; give at least one number")
    if raw.dtype.kind not in "iuf":
        flat = raw.astype(object).ravel()
        foreign = np.array([not isinstance(v, Real) or isinstance(v, bool) for v in flat])
        if foreign.any():
            raise StatsError(f"{name} must be numbers: {_count(foreign, 'is')}, first {flat[foreign][0]!r}")
    try:
        array: FloatArray = raw.astype(np.float64)
    except OverflowError:
        raise StatsError(f"{name} holds a number too large for a float") from None
    bad = ~np.isfinite(array)
    bad |= (array <= low) if open_low else (array < low)
    bad |= (array >= high) if open_high else (array > high)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        where = f" at {labels[at]!r}" if labels else f" at position {at}" if array.ndim else ""
        left = "(" if open_low or math.isinf(low) else "["
        right = ")" if open_high or math.isinf(high) else "]"
        want = "be finite" if math.isinf(low) and math.isinf(high) else f"lie in {left}{low:g}, {high:g}{right}"
        message = f"{name} must {want}: {_count(bad, 'does')}, first {array.ravel()[at]}{where}"
        raise StatsError(f"{message}; {hint}" if hint else message)
    return array


def number(value: Any, name: str, **limits: Any) -> float:
    """One number, under the rules of `numbers`.

    >>> number(3, "gamma", low=1)
    3.0

    Raises
    ------
    StatsError
        As `numbers`, and if more than one value is given.
    """
    array = numbers(value, name, **limits)
    if array.ndim:
        raise StatsError(f"{name} must be one number, got {array.size} values")
    return float(array)


def whole(value: Any, name: str, low: int = 0) -> int:
    """A whole number, at least `low`.

    >>> whole(12, "window", low=1)
    12

    Raises
    ------
    StatsError
        If the value is no whole number, or below `low`.
    """
    as_float = number(value, name, low=low)
    if as_float != math.floor(as_float):
        raise StatsError(f"{name} must be a whole number, got {value!r}")
    return int(as_float)


def confidence(level: Any) -> float:
    """A confidence level strictly between 0 and 1.

    >>> confidence(0.95)
    0.95
    """
    return number(level, "level", low=0, high=1, open_low=True, open_high=True, hint="write 95 % as 0.95")


def plain(array: FloatArray) -> Any:
    """A float for a 0-d array, the array itself otherwise.

    >>> plain(np.array(2.0))
    2.0
    """
    return float(array) if np.ndim(array) == 0 else array


def _count(bad: npt.NDArray[np.bool_], verb: str) -> str:
    n = int(bad.sum())
    return f"{n} of {bad.size} {verb if n == 1 else {'is': 'are', 'does': 'do'}[verb]} not"
