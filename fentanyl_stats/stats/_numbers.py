"""Numbers as they come in: finite and in range, missing cells kept, labels matched and never taken by position."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError, unknown

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
    labels = values.index if isinstance(values, pd.Series) else None
    raw = _cells(values)
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
        where = f" at {_places(bad, labels, limit=1)}" if array.ndim else ""
        left = "(" if open_low or math.isinf(low) else "["
        right = ")" if open_high or math.isinf(high) else "]"
        want = "be finite" if math.isinf(low) and math.isinf(high) else f"lie in {left}{low:g}, {high:g}{right}"
        message = f"{name} must {want}: {_count(bad, 'does')}, first {array[bad].flat[0]}{where}"
        raise StatsError(f"{message}; {hint}" if hint else message)
    return array


def _cells(values: Any) -> npt.NDArray[Any]:
    """As an array in which masked cells are missing."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(np.float64), np.nan)
    # A list goes in as objects: NumPy would turn [True, 2] into [1, 2] and [1, "2"] into strings.
    return np.asarray(values, dtype=object if isinstance(values, list | tuple) else None)


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


def ratio(part: FloatArray | float, whole: FloatArray) -> FloatArray:
    """A share or rate, missing where the whole is not above 0.

    >>> ratio(np.array([1.0, 2.0]), np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _count(bad: npt.NDArray[np.bool_], verb: str) -> str:
    n = int(bad.sum())
    return f"{n} of {bad.size} {verb if n == 1 else {'is': 'are', 'does': 'do'}[verb]} not"


Limits: TypeAlias = tuple[FloatArray, FloatArray]
COUNTS = ("count", "deaths", "successes", "trials", "reported", "predicted", "final", "lag", "month")


def column(values: Any, name: str, *, whole: bool = False) -> FloatArray:
    """Numbers of 0 or more as floats, in the shape that came in; missing is NaN. `whole` asks for counts.

    >>> column([1, None, 3], "deaths", whole=True)
    array([ 1., nan,  3.])
    >>> column(pd.Series([1, -1], ["Ohio", "Utah"]), "deaths")
    Traceback (most recent call last):
    fentanyl_stats.errors.StatsError: deaths: 1 of 2 is negative, first -1 at 'Utah'; give numbers ≥ 0

    Raises
    ------
    StatsError
        If a value is negative, infinite, a fraction where `whole`, a truth value, text, or no number at all.
    """
    floats = _floats(values, name)
    kind = "counts (whole numbers)" if whole else "numbers"
    tests = [("infinite", np.isinf(floats)), ("negative", floats < 0)]
    if whole:
        tests.append(("not whole", ~np.isnan(floats) & (floats != np.floor(floats))))
    labels = values.index if isinstance(values, pd.Series) else None
    for what, bad in tests:
        if bad.any():
            value, verb = f"{floats[bad].flat[0]:g}", "is" if bad.sum() == 1 else "are"
            first = f"first {value} at {_places(bad, labels, limit=1)}" if floats.ndim else f"namely {value}"
            raise StatsError(f"{name}: {bad.sum()} of {bad.size} {verb} {what}, {first}; give {kind} ≥ 0")
    return floats


def _floats(values: Any, name: str) -> FloatArray:
    raw = _cells(values)
    if raw.dtype.kind in "iuf":
        return raw.astype(np.float64)
    present = ~np.asarray(pd.isna(raw))
    cells = raw.astype(object)[present].ravel()
    foreign = [v for v in cells if isinstance(v, bool | np.bool_) or not isinstance(v, Real | Decimal)]
    if foreign:
        first = f"{type(foreign[0]).__name__} {foreign[0]!r:.50}"
        raise StatsError(f"{name} must be numbers; {len(foreign)} of {raw.size} are not, first {first}")
    floats = np.full(raw.shape, np.nan)
    floats[present] = cells.astype(np.float64)
    return floats


def _places(bad: npt.NDArray[np.bool_], labels: pd.Index | None = None, limit: int = 5) -> str:
    """Where the bad cells are, the first few by label or position."""
    at = np.flatnonzero(bad)
    first = at[:limit]
    names = [f"position {i}" for i in first] if labels is None else [repr(x) for x in labels.take(first).tolist()]
    return ", ".join(names) + (" …" if limit > 1 and len(at) > limit else "")


def refuse(bad: Any, frame: pd.DataFrame, problem: str, remedy: str) -> None:
    """Raise a StatsError that counts and names the rows of `frame` marked in `bad`, if there are any."""
    marked = np.asarray(bad)
    if marked.any():
        places = _places(marked, frame.index)
        raise StatsError(f"{problem} in {marked.sum()} of {marked.size} rows (at {places}); {remedy}")


def like(values: Any, result: FloatArray) -> Any:
    """The result in the dress of the input: a float for a scalar, else a Series, DataFrame or array.

    >>> like(3, np.array(1.5))
    1.5
    """
    if isinstance(values, pd.Series):
        return pd.Series(result, index=values.index, name=values.name)
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(result, index=values.index, columns=values.columns)
    return result if result.ndim else float(result)


def dressed(result: FloatArray, frame: pd.DataFrame, *inputs: Any) -> Any:
    """A column over the rows of `frame` as the inputs were: a Series if one was, a float if all were."""
    if any(isinstance(values, pd.Series | Mapping) for values in inputs):
        return pd.Series(result, index=frame.index)
    return result if any(np.ndim(values) for values in inputs) else float(result[0])


def once(function: Callable[[FloatArray], Limits], values: FloatArray) -> Limits:
    """Evaluate `function` on each distinct value once: real counts repeat, and quantiles are dear."""
    codes, distinct = pd.factorize(values.ravel(), use_na_sentinel=False)
    low, high = function(distinct)
    return low[codes].reshape(values.shape), high[codes].reshape(values.shape)


def table(**inputs: Any) -> pd.DataFrame:
    """One float column per input: Series and mappings matched by label, arrays by position, scalars repeated.

    Inputs named as in COUNTS are whole numbers. The index is that of the first Series, else 0, 1, 2 …

    >>> table(deaths=pd.Series([1, 2], ["a", "b"]), population=pd.Series([20, 10], ["b", "a"]))
       deaths  population
    a     1.0        10.0
    b     2.0        20.0

    Raises
    ------
    StatsError
        If lengths or labels differ, a label to be matched is repeated, or an input has two dimensions.
    """
    mappings = [name for name, values in inputs.items() if isinstance(values, Mapping)]
    columns: dict[str, Any] = {}
    for name, given in inputs.items():
        values = pd.Series(dict(given), dtype=object) if name in mappings else given
        floats = column(values, name, whole=name.startswith(COUNTS))
        if floats.ndim > 1:
            raise StatsError(f"{name} has {floats.ndim} dimensions; give one number a row")
        columns[name] = pd.Series(floats, index=values.index) if isinstance(values, pd.Series) else floats
    labelled = [name for name, values in columns.items() if isinstance(values, pd.Series)]
    arrays = [name for name, values in columns.items() if name not in labelled and values.ndim]
    if mappings and arrays:
        raise StatsError(f"{mappings[0]} has names but {arrays[0]} has none to match; give both as Series or dict")
    sizes = {name: len(columns[name]) for name in (*labelled[:1], *arrays)}
    if len(set(sizes.values())) > 1:
        raise StatsError("lengths differ: " + ", ".join(f"{name} has {size}" for name, size in sizes.items()))
    index = columns[labelled[0]].index if labelled else pd.RangeIndex(next(iter(sizes.values()), 1))
    for name in labelled[1:]:
        columns[name] = _matched(columns[name], name, index, labelled[0])
    return pd.DataFrame(columns, index=index)


def _matched(series: pd.Series, name: str, index: pd.Index, other: str) -> pd.Series:
    if series.index.equals(index):
        return series
    for labels, owner in ((index, other), (series.index, name)):
        if twice := repeated(labels):
            raise StatsError(f"{owner} repeats the labels {twice}, so that {name} cannot be matched to it")
    lost, extra = index.difference(series.index, sort=False), series.index.difference(index, sort=False)
    if len(lost) or len(extra):
        sides = ((name, lost), (other, extra))
        lacks = "; ".join(f"{who} lacks {listed(labels)}" for who, labels in sides if len(labels))
        raise StatsError(f"labels differ: {lacks}. Rows are matched by label; give arrays to match by position")
    return series.reindex(index)


def listed(names: Iterable[object], limit: int = 8) -> str:
    """Names in a sentence, the first few of many.

    >>> listed(["85+", "<1"])
    "'85+', '<1'"
    """
    shown = [repr(name) for name in names]
    return ", ".join(shown[:limit]) + (f" … ({len(shown)} in all)" if len(shown) > limit else "")


def repeated(labels: pd.Index) -> str:
    """The labels that come more than once, for a sentence; "" if none does.

    >>> repeated(pd.Index(["65+", "0-64", "65+"]))
    "'65+'"
    """
    return listed(labels[labels.duplicated()].unique())


def chosen(name: object, options: Mapping[str, Iterable[str]], what: str = "method") -> str:
    """The option that a user means, by its own name or an alias, whatever the case, hyphen or underscore.

    >>> chosen("Fay_Feuer", {"fay-feuer": ("gamma",), "nchs": ()})
    'fay-feuer'

    Raises
    ------
    StatsError
        If no option has that name; the message lists them.
    """
    wanted = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    for option, aliases in options.items():
        if wanted == option or wanted in aliases:
            return option
    raise StatsError(unknown(what, name, options))
