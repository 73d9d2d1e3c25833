"""How NCHS turns deaths reported into deaths predicted, recovered from what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError
from ._columns import column, dressed, refuse, table
from ._numbers import FloatArray

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
        columns: dict[str, Mapping[int, float | None]] = {
            "a": self.a_month or {_NO_MONTH: self.a},
            "a_lower": self.a_month_lower or {_NO_MONTH: self.a_lower},
            "a_upper": self.a_month_upper or {_NO_MONTH: self.a_upper},
        }
        table = pd.DataFrame(columns, index=sorted(columns["a"]))
        table = table.assign(b=self.b, b_lower=self.b_lower, b_upper=self.b_upper).astype(float)
        return table.rename_axis("month")


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
    rows = table(reported=reported, predicted=predicted, pending=pending, month=_NO_MONTH if month is None else month)
    d, q, m = _inputs(rows, month is not None)
    p = column(rows["predicted"], "predicted", whole=True)
    known = ~(np.isnan(d) | np.isnan(p) | np.isnan(q) | np.isnan(m))
    if not known.any():
        raise StatsError(f"none of {len(rows)} rows has reported, predicted and pending; nothing can be fitted")
    refuse(known & (p < d), rows, "predicted is below reported", "are the two columns swapped?")
    d, p, q, m = d[known], p[known], q[known], m[known]
    months, which = np.unique(m, return_inverse=True)
    fitted = (p > d) & (d > 0)
    _check_identified(q[fitted], m[fitted], months)
    program = _Program(d[fitted], p[fitted], q[fitted], which[fitted], len(months))
    solution, slack = program.centre()
    lower, upper = program.ranges() if slack >= 0 else (None, None)

    a, b = solution[:-1], float(solution[-1])
    misses = np.abs(_predicted(d, a[which] - b * q) - p)
    tallies: dict[str, Any] = {
        "slack": slack,
        "n_rows": len(d),
        "n_fitted": int(fitted.sum()),
        "n_missing": int((~known).sum()),
        "n_missed": int((misses > 0).sum()),
        "max_error": float(misses.max()),
        "b_lower": None if lower is None else float(lower[-1]),
        "b_upper": None if upper is None else float(upper[-1]),
    }

    def by_month(values: FloatArray | None) -> dict[int, float]:
        return {} if values is None else {int(k): float(v) for k, v in zip(months, values, strict=False)}

    if month is None:
        low, high = (None if ends is None else float(ends[0]) for ends in (lower, upper))
        return Coefficients(a=float(a[0]), b=b, a_lower=low, a_upper=high, **tallies)
    return Coefficients(
        b=b,
        a_month=by_month(a),
        a_month_lower=by_month(lower),
        a_month_upper=by_month(upper),
        **tallies,
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
    rows = table(reported=reported, pending=pending, month=_NO_MONTH if month is None else month)
    d, q, m = _inputs(rows, month is not None)
    if coefficients.a is None:
        lacking = sorted({int(k) for k in m[~np.isnan(m)]} - set(coefficients.a_month))
        if lacking:
            raise StatsError(
                f"no coefficient for month {', '.join(map(str, lacking))}; "
                f"fitted are {', '.join(map(str, sorted(coefficients.a_month)))}"
            )
    a = rows["month"].map(dict(coefficients.a_month)) if coefficients.a is None else coefficients.a
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
    result: FloatArray = np.ceil(deaths - _ROUNDING) + 0.0  # + 0.0: never a negative zero
    return result


def _inputs(rows: pd.DataFrame, by_month: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Reported, pending and month as arrays, within their ranges."""
    reported = column(rows["reported"], "reported", whole=True)
    pending = rows["pending"].to_numpy(dtype=float)
    month = column(rows["month"], "month", whole=True)
    refuse(pending > 100, rows, "pending is above 100", "give per cent")
    if by_month:
        refuse((month < 1) | (month > 12), rows, "month is not 1 to 12", "give that of the month ending")
    return reported, pending, month


def _check_identified(pending: FloatArray, month: FloatArray, months: FloatArray) -> None:
    if not pending.size:
        raise StatsError("predicted exceeds reported in no row: nothing says how incomplete the counts are")
    bare = sorted({int(k) for k in months} - {int(k) for k in month})
    if bare:
        raise StatsError(
            f"month {', '.join(map(str, bare))} has no row with predicted above reported, so its a cannot be "
            "fitted; leave its rows out, or fit without month"
        )
    if not (pd.Series(pending).groupby(month).nunique() > 1).any():
        raise StatsError(
            f"pending does not vary within a month in the {pending.size} rows fitted, "
            "so that a and b cannot be told apart; give rows that differ in pending"
        )


class _Program:
    """The linear program over (a_1 … a_K, b): two limits of the completeness per fitted row."""

    def __init__(self, d: FloatArray, p: FloatArray, q: FloatArray, which: npt.NDArray[np.intp], months: int) -> None:
        from scipy import sparse  # slow to import, and only a fit needs it

        lower, upper = d / p, d / (p - 1)
        one = sparse.csr_array((np.ones(len(d)), (np.arange(len(d)), which)), shape=(len(d), months))
        side = np.tile([-1.0, 1.0], len(d))
        pairs = sparse.csr_array(sparse.hstack([one, -q[:, None]]))[np.repeat(np.arange(len(d)), 2)]
        self.rows = sparse.csr_array(pairs * side[:, None])
        self.limits: FloatArray = side * np.column_stack([lower, upper]).ravel()
        self.width: FloatArray = np.repeat(upper - lower, 2)
        self.units = np.eye(months + 1)

    def centre(self) -> tuple[FloatArray, float]:
        """The solution farthest from its nearest limit, and that distance s ≤ ½."""
        from scipy import sparse

        rows = sparse.hstack([self.rows, self.width[:, None]])
        solution = self._solve(np.append(0 * self.units[0], -1), rows, most=0.5)
        return solution[:-1], float(solution[-1])

    def ranges(self) -> tuple[FloatArray, FloatArray]:
        """Smallest and largest value of each coefficient over all solutions with s ≥ 0."""
        lower, upper = (
            np.array([self._solve(sign * unit, self.rows) @ unit for unit in self.units]) for sign in (1, -1)
        )
        return lower, upper

    def _solve(self, cost: FloatArray, rows: Any, most: float | None = None) -> FloatArray:
        """The solution of least cost; `most` limits its last variable."""
        from scipy import sparse
        from scipy.optimize import linprog

        bounds = [(None, None)] * (len(cost) - 1) + [(None, most)]
        # A limit may be only 1e-6 wide: the default tolerance of 1e-7 would be felt.
        tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        found = linprog(
            cost, A_ub=sparse.csr_array(rows), b_ub=self.limits, bounds=bounds, method="highs", options=tight
        )
        if found.status != 0:
            raise StatsError(f"the completeness coefficients could not be fitted: {found.message}")
        solution: FloatArray = np.asarray(found.x, dtype=float)
        return solution
