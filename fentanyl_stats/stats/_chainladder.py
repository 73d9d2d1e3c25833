"""How many more are to come: the chain ladder, with Mack's standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError
from ._columns import column
from ._numbers import FloatArray

_FEWEST = 6
_TIDY = ["origin", "dev", "cumulative"]


@dataclass(frozen=True, slots=True, eq=False)
class ChainLadder:
    """What is still to be reported, with Mack's standard errors.

    Attributes
    ----------
    reserve, se : float
        Sum over the origins of what is to come, and its standard error (origins are correlated through the
        factors: the squares in `by_origin` do not add up).
    by_origin : DataFrame
        Per origin: latest, ultimate, reserve, se.
    factors, sigma2 : Series
        Development factor f_k from lag k to the next, and Mack's variance parameter σ²_k, labelled by lag k.
    """

    reserve: float
    se: float
    by_origin: pd.DataFrame
    factors: pd.Series
    sigma2: pd.Series


def chain_ladder(triangle: Any) -> ChainLadder:
    """Chain-ladder reserve of a run-off triangle with the standard error of Mack.

    Parameters
    ----------
    triangle : DataFrame or array, n × n with n ≥ 6
        Cumulative counts: one row per origin (oldest first), one column per lag; cells not yet known are
        missing, that is all cells right of the diagonal and only those. Or a tidy DataFrame with columns
        origin, dev and cumulative, sorted by these two.

    Returns
    -------
    ChainLadder
        In the unit of the counts.

    Raises
    ------
    StatsError
        If the triangle is not square, has fewer than six origins, holds a zero, negative or infinite count,
        misses a known cell, or has a cell beyond the diagonal.

    References
    ----------
    Mack 1993, ASTIN Bulletin 23:213: theorem 3 and its corollary; σ² of the last lag by his extrapolation,
    min(σ⁴_{n−2}/σ²_{n−3}, σ²_{n−3}, σ²_{n−2}), not by a regression of ln σ. Checked against his example
    (Taylor & Ashe 1983).

    Examples
    --------
    >>> cumulative = np.array([10, 16, 18, 19, 20, 20])
    >>> sizes = np.array([5, 6, 8, 7, 9, 10])
    >>> triangle = np.outer(sizes, cumulative).astype(float)
    >>> triangle[np.add.outer(range(6), range(6)) > 5] = np.nan
    >>> ladder = chain_ladder(triangle)
    >>> round(ladder.reserve, 6), round(ladder.se, 6)
    (158.0, 0.0)
    """
    wide = _wide(triangle)
    c = column(wide.to_numpy(dtype=object), "triangle")
    _check_shape(c, wide)
    n = len(c)

    pairs = ~np.isnan(c[:, 1:])  # cell (i, k) has a successor
    start, end = np.where(pairs, c[:, :-1], 0), np.where(pairs, c[:, 1:], 0)
    exposure = start.sum(axis=0)
    f = end.sum(axis=0) / exposure
    ratio = np.divide(end, start, out=np.zeros_like(end), where=pairs)
    sigma2 = np.zeros(n - 1)
    sigma2[:-1] = (start * (ratio - f) ** 2).sum(axis=0)[:-1] / np.arange(n - 2, 0, -1)
    sigma2[-1] = _last_sigma2(sigma2[-3], sigma2[-2])

    full = c.copy()
    for k in range(n - 1):
        full[~pairs[:, k], k + 1] = full[~pairs[:, k], k] * f[k]
    ultimate = full[:, -1]
    latest = c[np.arange(n), n - 1 - np.arange(n)]
    relative = sigma2 / f**2
    own = ultimate**2 * (~pairs * relative * (1 / full[:, :-1] + 1 / exposure)).sum(axis=1)
    # Errors of the factors are shared by all younger origins.
    younger = ultimate[::-1].cumsum()[::-1] - ultimate
    shared = ultimate * younger * (~pairs * 2 * relative / exposure).sum(axis=1)

    by_origin = pd.DataFrame(
        {"latest": latest, "ultimate": ultimate, "reserve": ultimate - latest, "se": np.sqrt(own)},
        index=wide.index,
    )
    lags = wide.columns[:-1]
    return ChainLadder(
        reserve=float(by_origin["reserve"].sum()),
        se=float(np.sqrt((own + shared).sum())),
        by_origin=by_origin,
        factors=pd.Series(f, index=lags, name="factor"),
        sigma2=pd.Series(sigma2, index=lags, name="sigma2"),
    )


def _last_sigma2(before: float, last: float) -> float:
    """σ² of the last lag, which one origin cannot show, from the two lags before it."""
    return 0.0 if before == 0 else float(min(last**2 / before, before, last))


def _wide(triangle: Any) -> pd.DataFrame:
    if isinstance(triangle, pd.DataFrame):
        if set(_TIDY) <= set(triangle.columns):
            repeated = triangle.duplicated(["origin", "dev"])
            if repeated.any():
                where = triangle.index[repeated].tolist()[0]
                raise StatsError(f"triangle gives a cell twice: {repeated.sum()}, first in row {where!r}")
            return triangle.pivot(index="origin", columns="dev", values="cumulative")
        return triangle.rename_axis(index="origin", columns="dev")
    cells = np.asarray(triangle, dtype=object)
    if cells.ndim != 2:
        raise StatsError("triangle must be a table of origins and lags, rows equally long, None where not yet known")
    numbered = pd.DataFrame(cells).rename(index=lambda i: i + 1, columns=lambda k: k + 1)
    return numbered.rename_axis(index="origin", columns="dev")


def _check_shape(cells: FloatArray, wide: pd.DataFrame) -> None:
    origins, lags = cells.shape
    if origins != lags:
        raise StatsError(f"triangle must be square, one lag per origin; got {origins} origins and {lags} lags")
    if origins < _FEWEST:
        raise StatsError(f"Mack's standard error needs {_FEWEST} origins (vintages) or more, got {origins}")
    known = np.add.outer(np.arange(origins), np.arange(origins)) < origins
    faults: list[tuple[npt.NDArray[np.bool_], str]] = [
        (cells == 0, "holds 0, from which no development can be taken"),
        (known & np.isnan(cells), "lacks cells up to the diagonal"),
        (~known & ~np.isnan(cells), "has cells beyond the diagonal, where nothing can be known yet"),
    ]
    for wrong, what in faults:
        if wrong.any():
            i, k = np.argwhere(wrong)[0]
            where = f"origin {wide.index.tolist()[i]!r}, lag {wide.columns.tolist()[k]!r}"
            raise StatsError(f"triangle {what}: {wrong.sum()} of {wrong.size}, first at {where}")
