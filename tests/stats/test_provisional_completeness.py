"""Reported to predicted: the rows that NCHS printed, and what no coefficients should do."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats.provisional import Coefficients, fit_coefficients, predict

ORACLES = Path(__file__).parents[1] / "oracles"
ONE = Coefficients(a=1.002, b=0.12)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "vsrr_rows.csv")


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "vsrr_coefficients.csv")


def fit(rows: pd.DataFrame, *, by_month: bool) -> Coefficients:
    return fit_coefficients(
        rows["reported"], rows["predicted"], rows["pending_pct"], rows["month"] if by_month else None
    )


def all_drugs(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    return rows[(rows["indicator"] == "all_drugs") & rows["year"].between(first, last)]


@pytest.mark.parametrize(
    ("period", "first", "last", "by_month"), [("<=2022", 0, 2022, False), (">=2023", 2023, 9999, True)]
)
def test_published_predictions_give_the_coefficients_and_come_out_of_them(
    rows: pd.DataFrame, expected: pd.DataFrame, period: str, first: int, last: int, by_month: bool
) -> None:
    part = all_drugs(rows, first, last)
    found = fit(part, by_month=by_month)
    assert (found.n_rows, found.n_missed, found.max_error) == (len(part), 0, 0)
    got, want = found.to_frame(), expected[expected["period"] == period].set_index("month")
    assert list(got.index) == list(want.index)
    for name in ("a", "b"):
        np.testing.assert_allclose(got[name], want[name], rtol=0, atol={"a": 5e-6, "b": 2e-5}[name])
        np.testing.assert_allclose(got[f"{name}_lower"], want[f"{name}_lower"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(got[f"{name}_upper"], want[f"{name}_upper"], rtol=0, atol=1e-9)
        assert (got[name] >= want[f"{name}_lower"] - 1e-9).all()
        assert (got[name] <= want[f"{name}_upper"] + 1e-9).all()
    assert found.slack == pytest.approx(want["slack"].iloc[0], rel=1e-6)
    again = predict(part["reported"], part["pending_pct"], found, part["month"])
    pd.testing.assert_series_equal(again, part["predicted"].astype(float))


def test_published_coefficients_give_the_published_predictions(rows: pd.DataFrame, expected: pd.DataFrame) -> None:
    late = expected[expected["period"] == ">=2023"].set_index("month")
    coefficients = Coefficients(b=float(late["b"].iloc[0]), a_month=late["a"].to_dict())
    part = all_drugs(rows, 2023, 9999)
    again = predict(part["reported"], part["pending_pct"], coefficients, part["month"])
    assert (again == part["predicted"]).all()


def test_synthetic_opioids_up_to_2022_need_one_pair_only(rows: pd.DataFrame) -> None:
    part = rows[(rows["indicator"] == "t404") & (rows["year"] <= 2022)]
    found = fit(part, by_month=False)
    assert (found.n_rows, found.n_reproduced) == (91, 91)


def test_2023_predicts_2024_within_one_death(rows: pd.DataFrame) -> None:
    found = fit(all_drugs(rows, 2023, 2023), by_month=True)
    later = all_drugs(rows, 2024, 2024)
    errors = predict(later["reported"], later["pending_pct"], found, later["month"]) - later["predicted"]
    assert errors.abs().max() <= 1
    assert (errors == 0).mean() > 0.98


def test_years_that_were_estimated_apart_do_not_fit_together(rows: pd.DataFrame) -> None:
    part = all_drugs(rows, 2022, 9999)
    found = fit(part, by_month=False)
    assert found.slack is not None
    assert found.slack < 0
    assert found.n_missed > 0
    assert found.max_error >= 1
    assert (found.a_lower, found.a_upper, found.b_lower, found.b_upper) == (None, None, None, None)
    again = predict(part["reported"], part["pending_pct"], found)
    assert found.n_missed == (again != part["predicted"]).sum()


def test_rows_with_a_missing_number_are_left_out_and_counted() -> None:
    d, q = np.array([9000.0, 9100, 500, 40]), np.array([0.04, 0.12, 0.31, 0.0])
    p = predict(d, q, ONE)
    whole = fit_coefficients(d, p, q)
    gaps = fit_coefficients([*d, None, 70, 80], [*p, 60, None, 90], [*q, 0.1, 0.1, None])
    assert (gaps.n_missing, gaps.n_rows, gaps.n_fitted) == (3, 4, 3)
    assert (gaps.a, gaps.b) == (whole.a, whole.b)


@given(
    a=st.floats(0.99, 1.02),
    b=st.floats(0.08, 0.14),
    rows=st.lists(st.tuples(st.integers(50, 100_000), st.floats(0.15, 2)), min_size=2, max_size=30),
)
def test_a_fit_reproduces_whatever_any_coefficients_made(a: float, b: float, rows: list[tuple[int, float]]) -> None:
    truth = Coefficients(a=a, b=b)
    d, q = np.array([*rows, (5_000, 0.3), (80_000, 0.7)], dtype=float).T
    p = np.asarray(predict(d, q, truth))
    found = fit_coefficients(d, p, q)
    above = p > d
    assert (predict(d, q, found)[above] == p[above]).all()
    assert found.a_lower is not None
    assert found.a_upper is not None
    assert found.a_lower - 1e-9 <= a <= found.a_upper + 1e-9
    assert found.b_lower is not None
    assert found.b_upper is not None
    assert found.b_lower - 1e-9 <= b <= found.b_upper + 1e-9


@given(d=st.integers(0, 10**6), q=st.floats(0, 5), a=st.floats(0.9, 1.1))
def test_prediction_is_the_smallest_count_that_is_no_less_complete(d: int, q: float, a: float) -> None:
    p = predict(d, q, Coefficients(a=a, b=0.1))
    c = min(1.0, a - 0.1 * q)
    assert p == math.floor(p)
    assert p >= d
    assert d <= c * p + 1e-6
    assert p == d or d > c * (p - 1) - 1e-6


def test_division_that_comes_out_even_is_not_rounded_up() -> None:
    assert predict([100, 21, 0], 1.0, Coefficients(a=0.8, b=0.1)).tolist() == [143, 30, 0]
    assert predict(1000, 0.0, ONE) == 1000


def test_shape_and_missing_follow_the_input() -> None:
    reported = pd.Series([1000, None, 500], index=["US", "OH", "UT"])
    pending = pd.Series([0.2, 0.1, 0.3], index=["UT", "OH", "US"])
    got = predict(reported, pending, ONE)
    assert list(got.index) == ["US", "OH", "UT"]
    assert np.isnan(got["OH"])
    assert got["US"] == math.ceil(1000 / (1.002 - 0.12 * 0.3))
    assert got["UT"] == math.ceil(500 / (1.002 - 0.12 * 0.2))
    assert (got.name, got.attrs["measure"]) == ("predicted", "predicted")
    assert isinstance(predict(1000, 0.2, ONE), float)
    assert math.isnan(predict(None, 0.2, ONE))
    assert math.isnan(predict(1000, None, ONE))
    assert np.isnan(predict([10, 10], 0.2, Coefficients(b=0.1, a_month={1: 1.0}), [1, None])).tolist() == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("reported", "pending", "coefficients", "month", "message"),
    [
        (-1, 0.1, ONE, None, "negative"),
        (1.5, 0.1, ONE, None, "whole"),
        (math.inf, 0.1, ONE, None, "infinite"),
        (True, 0.1, ONE, None, "bool"),
        ("12", 0.1, ONE, None, "must be numbers"),
        (10, -0.1, ONE, None, "negative"),
        (10, 101, ONE, None, "above 100"),
        (10, 50, ONE, None, "completeness falls to 0"),
        ([10, 20], [0.1, 0.1, 0.1], ONE, None, "lengths differ"),
        (10, 0.1, Coefficients(b=0.1, a_month={1: 1.0}), None, "give month"),
        (10, 0.1, Coefficients(b=0.1, a_month={1: 1.0}), 2, "no coefficient for month 2"),
        (10, 0.1, Coefficients(b=0.1, a_month={1: 1.0}), 13, "1 to 12"),
        (10, 0.1, Coefficients(b=0.1, a_month={1: 1.0}), 0, "1 to 12"),
    ],
)
def test_predict_refuses(
    reported: object, pending: object, coefficients: Coefficients, month: object, message: str
) -> None:
    with pytest.raises(StatsError, match=message):
        predict(reported, pending, coefficients, month)


GOOD = {"reported": [9000, 9100, 500], "predicted": [9026, 9215, 519], "pending": [0.04, 0.12, 0.31]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reported": [9000, 9100, -5]}, "negative"),
        ({"reported": [9000, 9100.5, 500]}, "whole"),
        ({"predicted": [9026, 9215, math.inf]}, "infinite"),
        ({"predicted": [9026, 9215, 499]}, r"below reported in 1 of 3 rows \(at 2\)"),
        ({"predicted": [9000, 9100, 500]}, "in no row"),
        ({"predicted": [9026, 9215]}, "lengths differ"),
        ({"pending": [0.1, 0.1, 0.1]}, "cannot be told apart"),
        ({"pending": [None, None, None]}, "none of 3 rows"),
        ({"pending": ["0.1", "0.2", "0.3"]}, "must be numbers"),
        ({"month": [1, 1, 0]}, "1 to 12"),
        ({"month": [1, 1, 13]}, "1 to 12"),
        ({"month": [1, 2, 3]}, "cannot be told apart"),
        ({"month": [1, 1, 2], "predicted": [9026, 9215, 500]}, "month 2 has no row"),
        ({"reported": [], "predicted": [], "pending": []}, "none of 0 rows"),
    ],
)
def test_fit_refuses(change: dict[str, list[object]], message: str) -> None:
    with pytest.raises(StatsError, match=message):
        fit_coefficients(**{**GOOD, **change})
