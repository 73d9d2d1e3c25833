"""Provisional 12-month counts: what NCHS adds, how it revises, what is to come, the months behind the sums.

* `fit_coefficients`, `predict`: reported deaths to "Predicted Value", as NCHS computes it
* `revisions`, `revision_factors`, `revision_interval`: earlier releases against the final count
* `chain_ladder`: what is still to be reported, with Mack's standard error
* `monthly`: 12-month sums of one vintage back to months
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError, unknown
from ..model import Estimate
from ._numbers import FloatArray, column, dressed, number, refuse, table

__all__ = [
    "ChainLadder",
    "Coefficients",
    "RevisionFactors",
    "chain_ladder",
    "fit_coefficients",
    "monthly",
    "predict",
    "revision_factors",
    "revision_interval",
    "revisions",
]


def __dir__() -> list[str]:
    return __all__


# Guards the ceiling against the last bit of a division: 100 / 0.5 must stay 200.
_ROUNDING = 1e-9
_NO_MONTH = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """Completeness min(1, a − b·pending) of a drug in a vintage, `a` common or one per calendar month.

    Attributes
    ----------
    a : float or None
        Completeness of a jurisdiction with nothing pending; None when it differs by calendar month.
    b : float
        Completeness lost per percentage point of records pending investigation.
    a_month : mapping of int to float
        `a` by calendar month (1–12) of the month ending; empty when `a` is common.
    a_lower, a_upper, b_lower, b_upper, a_month_lower, a_month_upper
        Ranges over all coefficients that reproduce every fitted row; None (or empty) when none do.
    slack : float
        Distance from the fit to the nearest constraint, in widths of that row's constraint: between 0 and ½
        when every fitted row is reproduced, below 0 when no coefficients do that.
    n_rows, n_fitted, n_missing : int
        Rows checked; rows fitted, in which predicted exceeds reported; rows left out for a missing number.
    n_missed, max_error : int, float
        Rows in which `predict` differs from what was printed, and by how many deaths at most.
    """

    b: float
    a: float | None = None
    a_month: Mapping[int, float] = field(default_factory=dict)
    a_lower: float | None = None
    a_upper: float | None = None
    b_lower: float | None = None
    b_upper: float | None = None
    a_month_lower: Mapping[int, float] = field(default_factory=dict)
    a_month_upper: Mapping[int, float] = field(default_factory=dict)
    slack: float | None = None
    n_rows: int = 0
    n_fitted: int = 0
    n_missing: int = 0
    n_missed: int = 0
    max_error: float = 0.0

    @property
    def n_reproduced(self) -> int:
        """Rows in which `predict` gives exactly what was printed."""
        return self.n_rows - self.n_missed

    def to_frame(self) -> pd.DataFrame:
        """One row per calendar month (month 0: all months): a, b and their ranges."""
        by_month = {"": self.a_month, "_lower": self.a_month_lower, "_upper": self.a_month_upper}
        columns = {f"a{end}": by or {_NO_MONTH: getattr(self, f"a{end}")} for end, by in by_month.items()}
        rows = pd.DataFrame(columns, index=sorted(columns["a"]))
        return rows.assign(b=self.b, b_lower=self.b_lower, b_upper=self.b_upper).astype(float).rename_axis("month")


def fit_coefficients(reported: Any, predicted: Any, pending: Any, month: Any = None) -> Coefficients:
    """Coefficients with which NCHS computed its predicted values, from the rows of one drug in one vintage.

    A printed prediction P = ⌈D/c⌉ of D reported deaths says D/P ≤ c < D/(P − 1). Among all c = a − b·pending
    the linear program picks the one that stays farthest from these bounds, in units of their width. Rows with
    P = D only say that c ≥ 1: they are checked, not fitted. NCHS estimates anew for each release and for
    spans of years within it: fit each vintage, drug and span by itself. A negative slack tells of spans mixed
    up.

    Parameters
    ----------
    reported, predicted : Series or sequence of int
        Deaths in the 12 months ending, as printed ("Data Value", "Predicted Value"); missing where
        suppressed.
    pending : Series or sequence of float
        Percent of records pending investigation, in per cent: 0.35 means 0.35 %.
    month : Series or sequence of int, optional
        Calendar month (1–12) of the month ending, for one `a` per month; without it there is one `a`.

    Raises
    ------
    StatsError
        If a number is negative, infinite or not whole where it should be; predicted is below reported; a
        month has no row with predicted above reported; or pending does not vary, so that a and b cannot be
        told apart.

    References
    ----------
    Rossen, Bastian, Warner, Khan & Chong 2018, NVSS Vital Statistics Rapid Release 6, describe it in
    words. Checked against NCHS VSRR (xkb8-kh2a), vintage of 2025-01-08: 36,430 of 36,435 rows are equal,
    five differ by one death.

    Examples
    --------
    >>> c = fit_coefficients([9000, 9100, 500, 40], [9026, 9215, 519, 40], [0.04, 0.12, 0.31, 0.0])
    >>> round(c.a, 3), round(c.b, 2), c.n_reproduced, c.n_missed
    (1.002, 0.12, 4, 0)
    """
    rows = _by_month(month, reported=reported, predicted=predicted, pending=pending)
    known = rows.notna().all(axis=1)
    if not known.any():
        raise StatsError(f"none of {len(rows)} rows has reported, predicted and pending; nothing can be fitted")
    below = known & (rows["predicted"] < rows["reported"])
    refuse(below, rows, "predicted is below reported", "are the two columns swapped?")
    d, p, q, m = rows[known].to_numpy().T
    months, which = np.unique(m, return_inverse=True)
    fitted = (p > d) & (d > 0)
    if not fitted.any():
        raise StatsError("predicted exceeds reported in no row: nothing says how incomplete the counts are")
    if bare := ", ".join(f"{k:g}" for k in np.setdiff1d(months, m[fitted])):
        raise StatsError(
            f"month {bare} has no row with predicted above reported, so its a cannot be "
            "fitted; leave its rows out, or fit without month"
        )
    if not (pd.Series(q[fitted]).groupby(m[fitted]).nunique() > 1).any():
        raise StatsError(
            f"pending does not vary within a month in the {fitted.sum()} rows fitted, "
            "so that a and b cannot be told apart; give rows that differ in pending"
        )
    design = np.column_stack([np.eye(len(months))[which], -q])
    solutions, slack = _feasible(design[fitted], d[fitted], p[fitted])
    misses = np.abs(_predicted(d, design @ solutions[""]) - p)
    found: dict[str, Any] = {f"b{end}": float(solution[-1]) for end, solution in solutions.items()}
    for end, solution in solutions.items():
        by_month = {int(k): float(a) for k, a in zip(months, solution[:-1], strict=True)}
        found |= {f"a{end}": by_month[_NO_MONTH]} if month is None else {f"a_month{end}": by_month}
    return Coefficients(
        **found,
        slack=slack,
        n_rows=len(d),
        n_fitted=int(fitted.sum()),
        n_missing=int((~known).sum()),
        n_missed=int((misses > 0).sum()),
        max_error=float(misses.max()),
    )


def predict(reported: Any, pending: Any, coefficients: Coefficients, month: Any = None) -> Any:
    """Deaths predicted from deaths reported, as NCHS prints its "Predicted Value": ⌈reported / c⌉.

    Parameters
    ----------
    reported : Series, sequence or number
        Deaths in the 12 months ending.
    pending : Series, sequence or number
        Percent of records pending investigation, in per cent; one number serves all rows.
    coefficients : Coefficients
        Of the same drug, vintage and period.
    month : Series, sequence or int, optional
        Calendar month (1–12) of the month ending; needed when the coefficients have one `a` per month.

    Returns
    -------
    Series, ndarray or float
        Shaped as the input, missing where an input is missing. A Series is named "predicted" and marked so in
        `.attrs["measure"]`: `monthly` will not take it.

    Raises
    ------
    StatsError
        If a number is out of range, a month is needed or has no coefficient, or the completeness falls to 0.

    Examples
    --------
    >>> predict([1000, None], 0.25, Coefficients(a=1.0, b=0.12))
    array([1031.,   nan])
    """
    if not isinstance(coefficients, Coefficients):
        raise StatsError(f"coefficients must be what fit_coefficients gives, not {coefficients!r:.60}")
    if coefficients.a is None and month is None:
        raise StatsError(
            "these coefficients differ by calendar month; give month, the month (1–12) of the month ending"
        )
    rows = _by_month(month, reported=reported, pending=pending)
    d, q, m = rows.to_numpy().T
    a: Any = coefficients.a
    if a is None:
        fitted = sorted(coefficients.a_month)
        if lacking := ", ".join(f"{k:g}" for k in np.setdiff1d(m[~np.isnan(m)], fitted)):
            raise StatsError(f"no coefficient for month {lacking}; fitted are {', '.join(map(str, fitted))}")
        a = rows["month"].map(dict(coefficients.a_month))
    c = np.asarray(a - coefficients.b * q, dtype=float)
    refuse(c <= 0, rows, "completeness falls to 0 or below", "pending is too high for these coefficients")
    result = dressed(_predicted(d, c), rows, reported, pending, month)
    if isinstance(result, pd.Series):
        result.name = result.attrs["measure"] = "predicted"
    return result


def _predicted(reported: FloatArray, completeness: FloatArray) -> FloatArray:
    """⌈reported / min(1, c)⌉, infinite where c is not positive."""
    c = np.clip(completeness, 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        deaths = np.where(reported == 0, 0 * c, reported / c)
    return np.asarray(np.ceil(deaths - _ROUNDING) + 0.0)  # + 0.0: never a negative zero


def _by_month(month: Any, **columns: Any) -> pd.DataFrame:
    """A table of the columns and of month, all in range."""
    rows = table(**columns, month=_NO_MONTH if month is None else month)
    refuse(rows["pending"] > 100, rows, "pending is above 100", "give per cent")
    odd = (rows["month"] < 1) | (rows["month"] > 12)
    refuse(odd & (month is not None), rows, "month is not 1 to 12", "give that of the month ending")
    return rows


def _feasible(design: FloatArray, d: FloatArray, p: FloatArray) -> tuple[dict[str, FloatArray], float]:
    """The coefficients farthest from their nearest limit, that distance s ≤ ½, and the ranges of all with s ≥ 0.

    A linear program over (a_1 … a_K, b): two limits of the completeness per fitted row.
    """
    from scipy.optimize import linprog  # slow to import, and only a fit needs it

    lower, upper = d / p, d / (p - 1)
    side = np.tile([-1.0, 1.0], len(d))
    rows, limits = side[:, None] * np.repeat(design, 2, axis=0), side * np.column_stack([lower, upper]).ravel()
    # A limit may be only 1e-6 wide: the default tolerance of 1e-7 would be felt.
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}

    def solve(cost: FloatArray, rows: FloatArray, most: float | None = None) -> FloatArray:
        """The solution of least cost; `most` limits its last variable."""
        bounds = [(None, None)] * (len(cost) - 1) + [(None, most)]
        found = linprog(cost, A_ub=rows, b_ub=limits, bounds=bounds, method="highs", options=tight)
        if found.status != 0:
            raise StatsError(f"the completeness coefficients could not be fitted: {found.message}")
        return np.asarray(found.x, dtype=float)

    units = np.eye(rows.shape[1])
    *centre, slack = solve(np.append(0 * units[0], -1), np.column_stack([rows, np.repeat(upper - lower, 2)]), most=0.5)
    solutions = {"": np.array(centre)}
    if slack >= 0:
        for end, sign in (("_lower", 1), ("_upper", -1)):
            solutions[end] = np.array([solve(sign * unit, rows) @ unit for unit in units])
    return solutions, float(slack)


_MEASURES = ("reported", "predicted")
_SPREAD = {"mean": "mean", "sd": "std", "min": "min", "max": "max"}
_FACTORS = {"factor_centre": "mean", "factor_lower": "max", "factor_upper": "min"}


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
    refuse(rows["final"] == 0, rows, "final is 0", "a ratio needs deaths")
    refuse(rows["lag"].isna(), rows, "lag is missing", "give vintage month minus month ending")
    rows.insert(0, "lag_months", rows.pop("lag").astype(np.int64))
    return rows.assign(**{f"{name}_over_final": rows[name] / rows["final"] for name in _MEASURES})


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
    spread: dict[str, Any] = {name: float(ratio.agg(how)) for name, how in _SPREAD.items()}
    factors: dict[str, Any] = {end: 1 / spread[name] for end, name in _FACTORS.items()}
    return RevisionFactors(measure=measure, lags=(first, last), n=len(ratio), **spread, **factors)


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
    method = f"{factors.label} revision factor (final / {factors.measure} at lag {lags} months, n = {factors.n})"
    note = "range of past revisions: few vintages with correlated errors, no confidence level"
    value, low, high = (count * f for f in (factors.factor_centre, factors.factor_lower, factors.factor_upper))
    return Estimate(value, low, high, None, "deaths", method, note=note)


_FEWEST = 6


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
    start, end = c[:, :-1], c[:, 1:]
    exposure = start.sum(axis=0, where=pairs)
    f = end.sum(axis=0, where=pairs) / exposure
    sigma2 = np.zeros(n - 1)
    sigma2[:-1] = (start * (end / start - f) ** 2).sum(axis=0, where=pairs)[:-1] / np.arange(n - 2, 0, -1)
    # One origin cannot show the variance of the last lag: it follows from the two lags before it.
    before, last = sigma2[-3:-1]
    sigma2[-1] = min(last**2 / before, before, last) if before else 0.0

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


def _wide(triangle: Any) -> pd.DataFrame:
    if isinstance(triangle, pd.DataFrame):
        if {"origin", "dev", "cumulative"} <= set(triangle.columns):
            repeated = triangle.duplicated(["origin", "dev"])
            if repeated.any():
                where = triangle.index[repeated].tolist()[0]
                raise StatsError(f"triangle gives a cell twice: {repeated.sum()}, first in row {where!r}")
            return triangle.pivot(index="origin", columns="dev", values="cumulative")
        return triangle.rename_axis(index="origin", columns="dev")
    cells = np.asarray(triangle, dtype=object)
    if cells.ndim != 2:
        raise StatsError("triangle must be a table of origins and lags, rows equally long, None where not yet known")
    wide = pd.DataFrame(cells).rename_axis(index="origin", columns="dev")
    return wide.set_axis(wide.index + 1).set_axis(wide.columns + 1, axis=1)


def _check_shape(cells: FloatArray, wide: pd.DataFrame) -> None:
    origins, lags = cells.shape
    if origins != lags:
        raise StatsError(f"triangle must be square, one lag per origin; got {origins} origins and {lags} lags")
    if origins < _FEWEST:
        raise StatsError(f"Mack's standard error needs {_FEWEST} origins (vintages) or more, got {origins}")
    known = np.add.outer(np.arange(origins), np.arange(origins)) < origins
    faults = {
        "holds 0, from which no development can be taken": cells == 0,
        "lacks cells up to the diagonal": known & np.isnan(cells),
        "has cells beyond the diagonal, where nothing can be known yet": ~known & ~np.isnan(cells),
    }
    for what, wrong in faults.items():
        if wrong.any():
            i, k = np.argwhere(wrong)[0]
            where = f"origin {wide.index.tolist()[i]!r}, lag {wide.columns.tolist()[k]!r}"
            raise StatsError(f"triangle {what}: {wrong.sum()} of {wrong.size}, first at {where}")


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
    names = (getattr(rolling, "name", None), getattr(rolling, "attrs", {}).get("measure"))
    if any("predicted" in str(name).lower() for name in names):
        raise StatsError(
            "predicted values cannot be turned into months: their correction changes by month; give reported sums"
        )
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

    steps = np.diff(sums[lead:])
    # Every calendar month is its base plus the running sum of its differences.
    padded = np.append(steps, np.zeros(-len(steps) % _YEAR)).reshape(-1, _YEAR)
    recovered = (months + padded.cumsum(axis=0)).ravel()[: len(steps)]
    result = np.concatenate([months[_YEAR - 1 - lead :], recovered])
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


def _check_labels(rolling: Any, base: Any, lead: int) -> None:
    """Refuse gaps, and a base that is dated to other months than the first sum."""
    labelled = {name: s.index for name, s in (("rolling", rolling), ("base", base)) if isinstance(s, pd.Series)}
    months = [_month_numbers(index, name) for name, index in labelled.items()]
    if len(months) < 2 or any(map(pd.api.types.is_integer_dtype, labelled.values())):
        return
    if late := int(months[0][lead] - months[1][-1]):
        raise StatsError(
            f"base ends with {base.index[-1]!r} but the first sum is for {rolling.index[lead]!r}, {late:+d} months off"
        )


def _month_numbers(index: pd.Index, name: str) -> npt.NDArray[np.int64]:
    """Months counted from year 0 (or the integers themselves), consecutive."""
    if pd.api.types.is_integer_dtype(index):
        numbers: npt.NDArray[np.int64] = index.to_numpy(dtype=np.int64)
    else:
        dated = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
        labels = index.strftime("%Y-%m") if dated else index.astype(str)
        parts = pd.Series(labels).str.extract(r"^(\d{4})-(0[1-9]|1[0-2])(?:-\d\d)?$")
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
