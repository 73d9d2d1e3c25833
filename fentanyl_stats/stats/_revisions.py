"""How far earlier releases were from the final count, and what that says of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import StatsError, unknown
from ..model import Estimate
from ._columns import column, refuse, table
from ._numbers import number

_MEASURES = ("reported", "predicted")


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFactors:
    """Empirical correction of a provisional count: final ≈ count × factor.

    Attributes
    ----------
    measure : str
        "reported" or "predicted": the count that the factors correct.
    lags : tuple of int
        First and last lag in months, both included.
    n, mean, sd, min, max : int and float
        Of the ratios measure / final; sd with n − 1.
    factor_centre, factor_lower, factor_upper : float
        1/mean, 1/max and 1/min.
    label : str
        Always "empirical": few vintages with correlated errors, so (lower, upper) has no confidence level.
    """

    measure: str
    lags: tuple[int, int]
    n: int
    mean: float
    sd: float
    min: float
    max: float
    factor_centre: float
    factor_lower: float
    factor_upper: float
    label: str = "empirical"


def revisions(reported: Any, predicted: Any, final: Any, lag: Any) -> pd.DataFrame:
    """Ratios of earlier releases to the final count, one row per vintage and period.

    Parameters
    ----------
    reported, predicted : Series or sequence of int
        Deaths in an earlier vintage; missing where not published (`None` for a whole column).
    final : Series or sequence of int
        Deaths now known, above 0.
    lag : Series or sequence of int
        Vintage month minus month ending, in months.

    Returns
    -------
    DataFrame
        lag_months, reported, predicted, final, reported_over_final, predicted_over_final; the rows of the
        input. A ratio is missing where one of its counts is.

    Raises
    ------
    StatsError
        If a count is negative or not whole, a final count is 0, or a lag is missing.

    Examples
    --------
    >>> revisions([98, 99], [102, None], [100, 100], [6, 12])["predicted_over_final"].tolist()
    [1.02, nan]
    """
    rows = table(reported=reported, predicted=predicted, final=final, lag=lag)
    counts = {name: column(rows[name], name, whole=True) for name in _MEASURES}
    truth = column(rows["final"], "final", whole=True)
    refuse(truth == 0, rows, "final is 0", "a ratio needs deaths")
    lags = column(rows["lag"], "lag", whole=True)
    refuse(np.isnan(lags), rows, "lag is missing", "give vintage month minus month ending")
    ratios = {f"{name}_over_final": values / truth for name, values in counts.items()}
    return pd.DataFrame({"lag_months": lags.astype(np.int64), **counts, "final": truth, **ratios}, index=rows.index)


def revision_factors(
    revisions: pd.DataFrame, lags: int | tuple[int, int], measure: str = "predicted"
) -> RevisionFactors:
    """Empirical factors from a count at some lag to the final count.

    Parameters
    ----------
    revisions : DataFrame
        From `revisions`.
    lags : int or (int, int)
        Lag in months, or first and last lag, both included.
    measure : str
        "reported" or "predicted".

    Raises
    ------
    StatsError
        If the measure is unknown, the lags are upside down, or fewer than two ratios are known at these lags.

    Notes
    -----
    Predicted counts have overshot the final count in every vintage seen: they are neither an
    upper bound nor a central value, which is why their factors lie below 1.

    Examples
    --------
    >>> table = revisions([98, 96, 99], [102, 103, 101], [100, 100, 100], [6, 7, 12])
    >>> f = revision_factors(table, (6, 7), "reported")
    >>> f.n, round(f.factor_centre, 4), f.label
    (2, 1.0309, 'empirical')
    """
    if measure not in _MEASURES:
        raise StatsError(unknown("measure", measure, _MEASURES))
    ends = column(np.atleast_1d(np.asarray(lags, dtype=object)), "lags", whole=True)
    if ends.size not in (1, 2) or not ends[0] <= ends[-1]:
        raise StatsError(f"lags must be one lag, or the first and the last, got {lags!r:.40}")
    first, last = int(ends[0]), int(ends[-1])
    name = f"{measure}_over_final"
    absent = [c for c in ("lag_months", name) if c not in revisions.columns]
    if absent:
        raise StatsError(f"the table of revisions has no column {', '.join(absent)}; make it with revisions(...)")
    ratio = revisions.loc[revisions["lag_months"].between(first, last), name].dropna()
    if len(ratio) < 2:
        raise StatsError(
            f"{measure}/final is known {len(ratio)} times at lags {first} to {last}; two or more are needed"
        )
    refuse(ratio <= 0, ratio.to_frame(), f"{measure} is 0", "no factor leads from 0 to a count")
    mean, low, high = float(ratio.mean()), float(ratio.min()), float(ratio.max())
    return RevisionFactors(
        measure=measure,
        lags=(first, last),
        n=len(ratio),
        mean=mean,
        sd=float(ratio.std(ddof=1)),
        min=low,
        max=high,
        factor_centre=1 / mean,
        factor_lower=1 / high,
        factor_upper=1 / low,
    )


def revision_interval(value: float, factors: RevisionFactors) -> Estimate:
    """The final count that a provisional one points to, with the range of past revisions.

    Parameters
    ----------
    value : float
        Deaths as published, of the measure and at a lag that the factors are made for.
    factors : RevisionFactors
        From `revision_factors`.

    Returns
    -------
    Estimate
        In deaths, without a confidence level: the range of the past is not an interval of known coverage.

    Raises
    ------
    StatsError
        If the value is missing, negative or infinite.

    Examples
    --------
    >>> table = revisions([98, 96, 99], [102, 103, 101], [100, 100, 100], [6, 7, 12])
    >>> print(revision_interval(1000, revision_factors(table, (6, 12), "predicted")))
    980.39 [970.87, 990.10] deaths
    """
    count = number(value, factors.measure, low=0)
    first, last = factors.lags
    lags = f"{first}" if first == last else f"{first}–{last}"
    basis = f"final / {factors.measure} at lag {lags} months, n = {factors.n}"
    return Estimate(
        value=count * factors.factor_centre,
        low=count * factors.factor_lower,
        high=count * factors.factor_upper,
        level=None,
        unit="deaths",
        method=f"{factors.label} revision factor ({basis})",
        note="range of past revisions: few vintages with correlated errors, no confidence level",
    )
