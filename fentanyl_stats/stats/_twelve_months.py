"""From 12-month sums back to months."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError
from ._columns import column
from ._numbers import FloatArray

_YEAR = 12
_UNSETTLED = 6


def monthly(rolling: Any, base: Any = None) -> pd.Series:
    """Monthly counts behind 12-month sums S_t of one vintage: m_t = m_{t−12} + S_t − S_{t−1}.

    Sums alone do not determine the months: any pattern of period 12 that sums to zero may be added. Given
    the 12 months behind the first sum the recovery is exact; an error in one of them comes back every year.

    Parameters
    ----------
    rolling : Series or sequence of int
        Consecutive 12-month sums, oldest first. The first is the sum of `base`; the 11 missing cells that a
        rolling sum leaves before it may be there. A Series is labelled by month (Period, datetime,
        "YYYY-MM") or by consecutive integers.
    base : Series or sequence of 12 int
        The months behind the first sum, oldest first, from the same vintage.

    Returns
    -------
    Series
        Deaths in the month, labelled as `rolling`: the first value is the last base month. Missing where a
        sum is missing and in the month after it, and then in both every 12 months. `.attrs["provisional"]`
        lists the last six months, `.attrs["provisional_from"]` the first of them: while `rolling` is a
        provisional series they still grow, so do not use them.

    Raises
    ------
    StatsError
        If there is no base, or not 12 whole numbers; the sums are predicted values (the correction changes
        by month); labels are not consecutive; the first sum is not that of the base; or a month comes out
        negative, so that base and sums cannot be of one vintage.

    Examples
    --------
    >>> base = [5, 6, 7, 5, 4, 6, 8, 7, 6, 5, 6, 7]
    >>> monthly([72, 75, 74], base).tolist()
    [7, 8, 5]
    """
    _refuse_predicted(rolling)
    if base is None:
        raise StatsError("12-month sums do not determine months: give base, the 12 months behind the first sum")
    months = column(base, "base", whole=True)
    gaps = int(np.isnan(months).sum())
    if months.shape != (_YEAR,) or gaps:
        raise StatsError(f"base must be 12 months without a gap, got {months.size} values, {gaps} missing")
    sums = column(rolling, "rolling", whole=True)
    if sums.ndim != 1:
        raise StatsError(f"rolling must be one column of sums, got {sums.ndim} dimensions")
    lead = int(np.append(np.flatnonzero(~np.isnan(sums)), sums.size)[0])
    if lead not in (0, _YEAR - 1) or lead == sums.size:
        raise StatsError(
            "the first sum must be that of the base months, with 0 or 11 missing before it; "
            f"rolling has {sums.size} values and starts with {lead} missing"
        )
    if sums[lead] != months.sum():
        raise StatsError(
            f"the first sum is {sums[lead]:,.0f} but base adds up to {months.sum():,.0f}; take both from one vintage"
        )
    _check_labels(rolling, base, lead)

    result = np.concatenate([months[_YEAR - 1 - lead :], _recovered(sums[lead:], months)])
    labels = rolling.index if isinstance(rolling, pd.Series) else pd.RangeIndex(len(result))
    if (result < 0).any():
        raise StatsError(
            f"{(result < 0).sum()} of {len(result)} months come out negative, "
            f"first {labels[result < 0].tolist()[0]!r}: base and sums are not of one vintage"
        )
    whole = not np.isnan(result).any()
    series = pd.Series(result.astype(np.int64) if whole else result, index=labels, name="deaths")
    series.index.name = "month"  # no longer the end of twelve
    unsettled = labels[-_UNSETTLED:].tolist()
    kept = {k: v for k, v in getattr(rolling, "attrs", {}).items() if k != "window"}
    series.attrs = {**kept, "provisional": unsettled, "provisional_from": unsettled[0]}
    return series


def _recovered(sums: FloatArray, base: FloatArray) -> FloatArray:
    """Months after the base: every calendar month is its base plus the running sum of its differences."""
    steps = np.diff(sums)
    padded = np.append(steps, np.zeros(-len(steps) % _YEAR)).reshape(-1, _YEAR)
    months: FloatArray = (base + padded.cumsum(axis=0)).ravel()[: len(steps)]
    return months


def _refuse_predicted(rolling: Any) -> None:
    names = (getattr(rolling, "name", None), getattr(rolling, "attrs", {}).get("measure"))
    if any("predicted" in str(name).lower() for name in names):
        raise StatsError(
            "predicted values cannot be turned into months: their correction changes by month; give reported sums"
        )


def _check_labels(rolling: Any, base: Any, lead: int) -> None:
    """Refuse gaps, and a base that is dated to other months than the first sum."""
    dated = {
        name: _month_numbers(series.index, name)
        for name, series in (("rolling", rolling), ("base", base))
        if isinstance(series, pd.Series)
    }
    if len(dated) < 2 or any(pd.api.types.is_integer_dtype(series.index) for series in (rolling, base)):
        return
    late = int(dated["rolling"][lead] - dated["base"][-1])
    if late:
        raise StatsError(
            f"base ends with {base.index[-1]!r} but the first sum is for {rolling.index[lead]!r}, {late:+d} months off"
        )


def _month_numbers(index: pd.Index, name: str) -> npt.NDArray[np.int64]:
    """Months counted from year 0 (or the integers themselves), consecutive."""
    if pd.api.types.is_integer_dtype(index):
        numbers: npt.NDArray[np.int64] = index.to_numpy(dtype=np.int64)
    elif isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        numbers = index.year.to_numpy(dtype=np.int64) * _YEAR + index.month.to_numpy(dtype=np.int64)
    else:
        parts = pd.Series(index.astype(str)).str.extract(r"^(\d{4})-(0[1-9]|1[0-2])(?:-\d\d)?$")
        if parts.isna().any(axis=None):
            odd = index[parts[0].isna().to_numpy()][0]
            raise StatsError(f"{name} must be labelled by month, YYYY-MM, to show that none is left out; got {odd!r}")
        numbers = parts[0].to_numpy(dtype=np.int64) * _YEAR + parts[1].to_numpy(dtype=np.int64)
    jumps = np.flatnonzero(np.diff(numbers) != 1)
    if jumps.size:
        here, there = index[[jumps[0], jumps[0] + 1]].tolist()
        raise StatsError(
            f"{name} must hold every month once, in order: {jumps.size} breaks, first from {here!r} to {there!r}"
        )
    return numbers
