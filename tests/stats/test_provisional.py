"""Provisional counts: what NCHS adds, revisions, the chain ladder and the months behind the sums."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats.provisional import (
    Coefficients,
    chain_ladder,
    fit_coefficients,
    monthly,
    predict,
    revision_factors,
    revision_interval,
    revisions,
)

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


@pytest.mark.slow
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


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "vsrr_revisions.csv")


@pytest.fixture(scope="module")
def found(published: pd.DataFrame) -> pd.DataFrame:
    return revisions(*(published[c] for c in ("reported", "predicted", "final", "lag_months")))


def test_ratios(published: pd.DataFrame, found: pd.DataFrame) -> None:
    columns = ["lag_months", "reported", "predicted", "final", "reported_over_final", "predicted_over_final"]
    assert list(found.columns) == columns
    pd.testing.assert_frame_equal(found, published[columns], rtol=1e-12, check_dtype=False)
    assert found["predicted_over_final"].isna().any()


def test_summaries(found: pd.DataFrame) -> None:
    for _, row in pd.read_csv(ORACLES / "vsrr_revision_summary.csv").iterrows():
        ends = [int(lag) for lag in row["lags"].split("-")]
        lags = ends[0] if len(ends) == 1 else (ends[0], ends[1])
        got = revision_factors(found, lags, row["ratio"].removesuffix("_over_final"))
        assert got.n == row["n"]
        assert got.lags == (ends[0], ends[-1])
        assert got.label == "empirical"
        for name in ("mean", "sd", "min", "max", "factor_centre", "factor_lower", "factor_upper"):
            assert getattr(got, name) == pytest.approx(row[name], rel=1e-12), name


def test_interval_is_the_range_of_the_past_and_says_so(found: pd.DataFrame) -> None:
    factors = revision_factors(found, (6, 13))
    got = revision_interval(100_000, factors)
    assert (got.low, got.value, got.high) == pytest.approx(
        (1e5 * factors.factor_lower, 1e5 * factors.factor_centre, 1e5 * factors.factor_upper)
    )
    assert got.level is None
    assert got.unit == "deaths"
    assert got.method.startswith("empirical")
    assert f"n = {factors.n}" in got.method
    assert "predicted" in got.method


@given(st.lists(st.integers(500, 2000), min_size=2, max_size=20))
def test_factors_lead_every_past_release_to_its_final_count(reported: list[int]) -> None:
    table = revisions(reported, None, 1000, 6)
    assert table["predicted_over_final"].isna().all()
    factors = revision_factors(table, 6, "reported")
    assert factors.factor_lower <= factors.factor_centre * (1 + 1e-12)
    assert factors.factor_centre <= factors.factor_upper * (1 + 1e-12)
    for count in reported:
        estimate = revision_interval(count, factors)
        assert estimate.low - 1e-6 <= 1000 <= estimate.high + 1e-6


def test_rows_keep_their_labels() -> None:
    counts = pd.Series([98, 99], index=["2023-01", "2023-02"])
    assert list(revisions(counts, None, 100, 6).index) == ["2023-01", "2023-02"]


@pytest.mark.parametrize(
    ("reported", "final", "lag", "message"),
    [
        ([98, 99], [100, 0], 6, "final is 0 in 1 of 2 rows"),
        ([98, -1], 100, 6, "negative"),
        ([98, 99.5], 100, 6, "whole"),
        ([98, math.inf], 100, 6, "infinite"),
        ([98, "99"], 100, 6, "must be numbers"),
        ([98, 99], 100, [6, None], "lag is missing in 1 of 2 rows"),
        ([98, 99], 100, [6, 6.5], "whole"),
        ([98, 99], [100, 100, 100], 6, "lengths differ"),
    ],
)
def test_revisions_refuse(reported: Any, final: Any, lag: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        revisions(reported, None, final, lag)


@pytest.mark.parametrize(
    ("lags", "measure", "message"),
    [
        (6, "predicted", "known 0 times at lags 6 to 6"),
        (12, "reported", "known 1 times at lags 12 to 12"),
        (6, "preliminary", "unknown measure 'preliminary'"),
        ((7, 6), "reported", "the first and the last"),
        ((6, 7, 8), "reported", "the first and the last"),
        ((6, np.nan), "reported", "the first and the last"),
        ((6, 7.5), "reported", "whole"),
        (-1, "reported", "negative"),
        (8, "reported", "reported is 0 in 1 of 2 rows"),
    ],
)
def test_factors_refuse(lags: Any, measure: str, message: str) -> None:
    table = revisions([98, 99, 97, 0, 95], None, 100, [6, 6, 12, 8, 8])
    with pytest.raises(StatsError, match=message):
        revision_factors(table, lags, measure)


def test_factors_want_a_table_of_revisions() -> None:
    with pytest.raises(StatsError, match="no column lag_months"):
        revision_factors(pd.DataFrame({"predicted_over_final": [1.0, 1.1]}), 6)


@pytest.mark.parametrize("value", [-1, np.nan, math.inf, None, "5", True, [1, 2]])
def test_interval_refuses(found: pd.DataFrame, value: Any) -> None:
    with pytest.raises(StatsError):
        revision_interval(value, revision_factors(found, (6, 13)))


@pytest.fixture(scope="module")
def tidy() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "mack_triangles.csv")


@pytest.fixture(scope="module")
def wide(tidy: pd.DataFrame) -> pd.DataFrame:
    return tidy.pivot(index="origin", columns="dev", values="cumulative").astype(float)


def test_mack_1993(wide: pd.DataFrame) -> None:
    expected = pd.read_csv(ORACLES / "mack_expected.csv")
    origin, dev, total = (expected[expected["row"] == row].set_index("index") for row in ("origin", "dev", "total"))
    ladder = chain_ladder(wide)
    assert ladder.reserve == pytest.approx(total["reserve"].iloc[0], rel=1e-8)
    assert ladder.se == pytest.approx(total["se"].iloc[0], rel=1e-8)
    assert (round(ladder.reserve), round(ladder.se)) == (18_680_856, 2_447_095)
    for name in ("reserve", "se"):
        np.testing.assert_allclose(ladder.by_origin[name], origin[name], rtol=1e-8)
    np.testing.assert_allclose(ladder.factors, dev["factor"], rtol=1e-8)
    np.testing.assert_allclose(ladder.sigma2, dev["sigma2"], rtol=1e-8)
    assert list(ladder.by_origin.index) == list(range(1, 11))
    assert list(ladder.factors.index) == list(range(1, 10))


def test_tidy_wide_and_array_are_one_triangle(tidy: pd.DataFrame, wide: pd.DataFrame) -> None:
    shuffled = tidy.sample(frac=1, random_state=0)
    for form in (shuffled, wide.to_numpy(), wide.to_numpy().tolist()):
        got = chain_ladder(form)
        assert got.se == chain_ladder(wide).se
        assert list(got.by_origin.index) == list(range(1, 11))


def written_out(c: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Reserve and standard error by the sums of the paper, index by index (counted from 1)."""
    n = len(c)
    known = {(i, k): c[i - 1, k - 1] for i in range(1, n + 1) for k in range(1, n + 2 - i)}
    f, s2, size = {}, {}, {}
    for k in range(1, n):
        size[k] = sum(known[i, k] for i in range(1, n - k + 1))
        f[k] = sum(known[i, k + 1] for i in range(1, n - k + 1)) / size[k]
        spread = sum(known[i, k] * (known[i, k + 1] / known[i, k] - f[k]) ** 2 for i in range(1, n - k + 1))
        s2[k] = spread / (n - k - 1) if k < n - 1 else 0.0
    if s2[n - 3] > 0:
        s2[n - 1] = min(s2[n - 2] ** 2 / s2[n - 3], min(s2[n - 3], s2[n - 2]))
    full = dict(known)
    for i in range(1, n + 1):
        for k in range(n + 1 - i, n):
            full[i, k + 1] = f[k] * full[i, k]
    mse = 0.0
    for i in range(2, n + 1):
        ks = range(n + 1 - i, n)
        mse += full[i, n] ** 2 * sum(s2[k] / f[k] ** 2 * (1 / full[i, k] + 1 / size[k]) for k in ks)
        younger = sum(full[j, n] for j in range(i + 1, n + 1))
        mse += full[i, n] * younger * sum(2 * s2[k] / f[k] ** 2 / size[k] for k in ks)
    return sum(full[i, n] - full[i, n + 1 - i] for i in range(1, n + 1)), math.sqrt(mse)


def staircase(cells: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    n = len(cells)
    return np.where(np.add.outer(np.arange(n), np.arange(n)) < n, cells, np.nan)


@given(st.integers(6, 12), st.integers(0, 2**32 - 1))
def test_any_triangle_agrees_with_the_sums_written_out(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 2000, (n, n)) * np.linspace(2, 0.1, n)
    triangle = staircase(np.ceil(counts).cumsum(axis=1))
    reserve, se = written_out(triangle)
    got = chain_ladder(triangle)
    assert got.reserve == pytest.approx(reserve, rel=1e-9)
    assert got.se == pytest.approx(se, rel=1e-9)
    assert got.se >= math.hypot(*got.by_origin["se"]) - 1e-9
    assert got.by_origin.iloc[0][["reserve", "se"]].tolist() == [0, 0]
    scaled = chain_ladder(triangle * 100)
    assert scaled.reserve == pytest.approx(100 * reserve, rel=1e-9)
    assert scaled.se == pytest.approx(100 * se, rel=1e-9)


def test_origins_that_develop_alike_leave_no_error() -> None:
    triangle = staircase(np.outer([5, 6, 8, 7, 9, 10], [10, 16, 18, 19, 20, 20]).astype(float))
    got = chain_ladder(triangle)
    assert got.reserve == pytest.approx(sum([0, 0, 8, 14, 36, 100]))
    assert got.se == pytest.approx(0, abs=1e-6)


def changed(i: int, k: int, value: float) -> np.ndarray[Any, Any]:
    cells = staircase(np.full((6, 6), 10.0).cumsum(axis=1))
    cells[i, k] = value
    return cells


@pytest.mark.parametrize(
    ("triangle", "message"),
    [
        (staircase(np.full((5, 5), 10.0).cumsum(axis=1)), "needs 6 origins"),
        (np.full((7, 6), 10.0), "square"),
        (np.full((6, 6), 10.0), "beyond the diagonal.*: 15 of 36, first at origin 2, lag 6"),
        (changed(2, 1, np.nan), "lacks cells.*: 1 of 36, first at origin 3, lag 2"),
        (changed(0, 0, 0), "holds 0.*: 1 of 36"),
        (changed(0, 0, -1), "negative"),
        (changed(0, 0, math.inf), "infinite"),
        (changed(0, 0, 10).astype(str), "must be numbers"),
        ([1, 2, 3], "table of origins and lags"),
        ([[10.0] * (6 - i) for i in range(6)], "rows equally long"),
        (np.ones(6), "table of origins and lags"),
        (None, "table of origins and lags"),
        (
            pd.DataFrame({"origin": [1, 1], "dev": [1, 1], "cumulative": [5, 6]}),
            "a cell twice: 1, first in row 1",
        ),
    ],
)
def test_chain_ladder_refuses(triangle: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        chain_ladder(triangle)


BASE = [5, 6, 7, 5, 4, 6, 8, 7, 6, 5, 6, 7]


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "deaccumulation.csv", index_col="t")


@pytest.mark.parametrize("column", ["monthly", "alt_monthly"])
def test_the_base_decides_which_months_the_sums_hide(series: pd.DataFrame, column: str) -> None:
    sums = series["rolling12"].dropna()
    got = monthly(sums, series[column].iloc[:12])
    assert list(got.index) == list(range(12, 49))
    assert (got == series.loc[12:, column]).all()
    assert got.dtype == np.int64


def test_the_same_sums_have_several_months_behind_them(series: pd.DataFrame) -> None:
    assert (series["monthly"] != series["alt_monthly"]).any()
    with pytest.raises(StatsError, match="do not determine months"):
        monthly(series["rolling12"].dropna())


@given(st.lists(st.integers(0, 10**6), min_size=12, max_size=60))
def test_recovery_undoes_accumulation(months: list[int]) -> None:
    sums = pd.Series(months).rolling(12).sum()
    assert monthly(sums, months[:12]).tolist() == months
    assert monthly(sums.iloc[11:].to_numpy(), months[:12]).tolist() == months[11:]


@given(st.lists(st.integers(0, 1000), min_size=40, max_size=60), st.integers(12, 39))
def test_a_missing_sum_loses_two_months_a_year_and_no_more(months: list[int], hole: int) -> None:
    sums = pd.Series(months, dtype=float).rolling(12).sum()
    sums[hole] = np.nan
    got = monthly(sums, months[:12])
    at = np.arange(len(months))
    lost = (at >= hole) & np.isin((at - hole) % 12, (0, 1))
    assert got.isna().tolist() == lost.tolist()
    assert (got[~lost] == np.array(months)[~lost]).all()


def test_an_error_in_the_base_comes_back_every_year(series: pd.DataFrame) -> None:
    wrong = series["monthly"].iloc[:12].to_numpy() + np.array([7, -7] + [0] * 10)
    error = monthly(series["rolling12"], wrong) - series["monthly"]
    assert error.tolist() == ([7, -7] + [0] * 10) * 4


def test_the_last_six_months_are_marked_as_provisional() -> None:
    labels = pd.period_range("2023-12", periods=10, freq="M").astype(str)
    sums = pd.Series([72, 75, 74, 74, 75, 76, 76, 77, 75, 74], index=pd.Index(labels, name="month_ending"))
    sums.attrs = {"source": "a release", "window": "12 months"}
    got = monthly(sums, pd.Series(BASE, index=pd.period_range("2023-01", periods=12, freq="M")))
    assert got.attrs["provisional"] == list(labels[-6:])
    assert got.attrs["provisional_from"] == "2024-04"
    assert got.attrs["source"] == "a release"
    assert "window" not in got.attrs
    assert (got.name, got.index.name) == ("deaths", "month")


def test_predicted_values_are_refused_by_name_and_by_mark() -> None:
    sums = pd.Series([72, 75])
    for flagged in (sums.rename("predicted"), sums.rename("Predicted Value")):
        with pytest.raises(StatsError, match="predicted values cannot"):
            monthly(flagged, BASE)
    adjusted = predict(sums, 0.0, Coefficients(a=1.0, b=0.1)).rename("deaths")
    with pytest.raises(StatsError, match="predicted values cannot"):
        monthly(adjusted, BASE)
    assert monthly(sums.rename("reported"), BASE).tolist() == [7, 8]


@pytest.mark.parametrize("dated", ["text", "period", "timestamp"])
def test_a_month_left_out_is_found_by_its_label(dated: str) -> None:
    months = pd.period_range("2023-12", periods=4, freq="M")
    index = {"text": months.astype(str), "period": months, "timestamp": months.to_timestamp()}[dated]
    sums = pd.Series([72, 75, 74, 73], index=index)
    assert monthly(sums, BASE).tolist() == [7, 8, 5, 6]
    for broken in (sums.drop(index[2]), sums.iloc[[0, 2, 1, 3]], sums.iloc[[0, 1, 1, 3]]):
        with pytest.raises(StatsError, match="every month once"):
            monthly(broken, BASE)
    late = pd.Series(BASE, index=pd.period_range("2023-02", periods=12, freq="M"))
    with pytest.raises(StatsError, match="-1 months off"):
        monthly(sums, late)


@pytest.mark.parametrize(
    ("rolling", "base", "message"),
    [
        ([72, 75], BASE[:11], "12 months without a gap, got 11"),
        ([72, 75], [*BASE[:11], None], "1 missing"),
        ([72, 75], [*BASE[:11], 7.5], "whole"),
        ([72, 75], [*BASE[:11], -7], "negative"),
        ([73, 75], BASE, "first sum is 73 but base adds up to 72"),
        ([None, 75], BASE, "starts with 1 missing"),
        ([None, None], BASE, "starts with 2 missing"),
        ([], BASE, "0 values"),
        ([72, 75.5], BASE, "whole"),
        ([72, math.inf], BASE, "infinite"),
        ([72, True], BASE, "bool"),
        (["72", "75"], BASE, "must be numbers"),
        ([72, 60], BASE, "1 of 2 months come out negative"),
        (72, BASE, "one column"),
        ([[72, 75]], BASE, "one column"),
        (pd.Series([72, 75], index=["Jan 2023", "Feb 2023"]), BASE, "labelled by month"),
        (pd.Series([72, 75], index=[202312, 202401]), BASE, "every month once"),
    ],
)
def test_monthly_refuses(rolling: Any, base: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        monthly(rolling, base)
