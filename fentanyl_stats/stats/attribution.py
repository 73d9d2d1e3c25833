"""Deaths whose certificate names no drug: how many of them may have involved the one in question.

n deaths involve the drug by name, of N overdose deaths; a share s names at least one drug, so that U = N·(1
− s) are silent. "Involving" is not "caused by": one death may involve several drugs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError
from ..model import Interval
from . import _numbers
from ._numbers import FloatArray, number, ratio

__all__ = ["bounds", "missing_at_random", "pooled_share", "table"]


def __dir__() -> list[str]:
    return __all__


# Half a death: what a count and a rounded percentage may disagree by.
_SLACK = 0.5


def bounds(involving: float, total: float, percent_specified: float) -> Interval:
    """Manski bounds [n, n + U]: none, or all, of the deaths without a named drug involved it.

    Parameters
    ----------
    involving : float
        Deaths n in which the drug is named.
    total : float
        All overdose deaths N of the same place and period.
    percent_specified : float
        Per cent of them with at least one drug named, 0 to 100 (96.06, not 0.9606).

    Returns
    -------
    Interval
        Closed, in deaths. It is a statement of logic, not a confidence interval.

    Raises
    ------
    StatsError
        If a number is missing, negative or infinite, the percentage is above 100, or n exceeds the deaths
        with a drug named. Arrays go to `table`.

    References
    ----------
    Manski 1989, Journal of Human Resources 24:343.

    Examples
    --------
    >>> print(bounds(7551, 49691, 82.19194623))
    [7,551, 16,400]
    """
    row = _one(involving, total, percent_specified)
    return Interval(row["lower"], row["upper"])


def missing_at_random(involving: float, total: float, percent_specified: float) -> float:
    """Deaths n/s, if the deaths without a named drug resemble those with one.

    Parameters
    ----------
    involving, total, percent_specified : float
        As in `bounds`.

    Raises
    ------
    StatsError
        As `bounds`, and if no death has a drug named.

    Examples
    --------
    >>> round(missing_at_random(7551, 49691, 82.19194623), 2)
    9187.03
    """
    return _identified(_one(involving, total, percent_specified)["mar"], "no death has a drug named")


def pooled_share(involving: float, total: float, percent_specified: float) -> float:
    """Deaths n + U·n/N: the silent deaths get the drug's share in all deaths, silent ones included.

    Smaller than `missing_at_random`, because n/N still counts the silent deaths as "not this drug".

    Parameters
    ----------
    involving, total, percent_specified : float
        As in `bounds`.

    Raises
    ------
    StatsError
        As `bounds`, and if there are no deaths at all.

    References
    ----------
    Buchanich, Balmert, Williams & Burke 2018, Public Health Reports 133:423.

    Examples
    --------
    >>> round(pooled_share(7551, 49691, 82.19194623), 2)
    8895.69
    """
    return _identified(_one(involving, total, percent_specified)["pooled_share"], "there are no deaths")


def table(involving: Any, total: Any, percent_specified: Any) -> pd.DataFrame:
    """All corrections for many rows at once.

    Parameters
    ----------
    involving, total, percent_specified : Series, sequence or number
        As in `bounds`. Series are matched by label; one number serves all rows.

    Returns
    -------
    DataFrame
        Deaths: unspecified, lower, upper, mar, pooled_share; shares of `total`: share_reported,
        share_upper, share_mar. Always lower ≤ pooled_share ≤ mar ≤ upper. Missing where an input is missing
        (a suppressed count is not 0), and where a share of nothing would be taken.

    Raises
    ------
    StatsError
        As `bounds`; the message says in how many rows, and which is the first.

    Examples
    --------
    >>> table([62186, None], [93939, 93939], 96.05275764)[["lower", "mar", "upper"]].round()
         lower      mar    upper
    0  62186.0  64742.0  65894.0
    1      NaN      NaN      NaN
    """
    rows = _numbers.table(involving=involving, total=total, percent_specified=percent_specified)
    known = rows.where(rows.notna().all(axis=1))
    n, deaths, percent = (known[name].to_numpy(dtype=float) for name in known)
    for wrong, problem, remedy in _faults(n, deaths, percent):
        _numbers.refuse(wrong, rows, problem, remedy)
    return pd.DataFrame(_corrections(n, deaths, percent), index=rows.index)


def _faults(n: FloatArray, total: FloatArray, percent: FloatArray) -> list[tuple[npt.NDArray[np.bool_], str, str]]:
    """Which rows make no sense, why, and what would."""
    return [
        (percent > 100, "percent_specified is above 100", "give per cent"),
        (n > total, "involving is above total", "deaths with the drug are among all deaths"),
        (
            n > total * percent / 100 + _SLACK,
            "more deaths involve the drug than have any drug named",
            "give percent_specified in per cent (96.06, not 0.9606), for the same place and period",
        ),
    ]


def _corrections(n: FloatArray, total: FloatArray, percent: FloatArray) -> dict[str, FloatArray]:
    """Every correction; missing where a number is missing or a share of nothing would be taken."""
    specified = np.maximum(total * percent / 100, n)  # n is above within the slack only
    unspecified = total - specified
    reported, known = ratio(n, total), ratio(specified, total)
    mar = ratio(n, known)
    return {
        "unspecified": unspecified,
        "lower": n,
        "upper": n + unspecified,
        "mar": mar,
        "pooled_share": n + unspecified * reported,
        "share_reported": reported,
        "share_upper": ratio(n + unspecified, total),
        "share_mar": ratio(mar, total),
    }


def _one(involving: Any, total: Any, percent_specified: Any) -> dict[str, float]:
    """`_corrections` of single numbers."""
    given = {"involving": involving, "total": total, "percent_specified": percent_specified}
    n, deaths, percent = (np.array([number(value, name, low=0)]) for name, value in given.items())
    for wrong, problem, remedy in _faults(n, deaths, percent):
        if wrong.any():
            raise StatsError(f"{problem} ({involving} of {total}, {percent_specified} % specified); {remedy}")
    return {name: float(values[0]) for name, values in _corrections(n, deaths, percent).items()}


def _identified(value: float, why_not: str) -> float:
    if np.isnan(value):
        raise StatsError(f"not determined: {why_not}")
    return value
