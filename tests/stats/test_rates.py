"""Two rates side by side."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import rates

ORACLES = Path(__file__).parents[1] / "oracles"
counts = st.integers(1, 3000)
times = st.floats(10, 1e7)
PAIR = ["x1", "time1", "x0", "time0"]


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "rate_ratios.csv")


def test_exact_ratios_are_those_of_r(pairs: pd.DataFrame) -> None:
    got = rates.rate_ratio(*(pairs[name] for name in PAIR))
    theirs = {"ratio": "ratio", "low": "exact_lower", "high": "exact_upper", "p": "exact_p"}
    for ours, name in theirs.items():
        np.testing.assert_allclose(got[ours], pairs[name], rtol=1e-8)


def test_log_wald_ratios(pairs: pd.DataFrame) -> None:
    x1, t1, x0, t0 = (pairs[name] for name in PAIR)
    got = rates.rate_ratio(x1, t1, x0, t0, method="wald")
    np.testing.assert_allclose(got["low"], pairs["log_wald_lower"], rtol=1e-8)
    np.testing.assert_allclose(got["high"], pairs["log_wald_upper"], rtol=1e-8)
    assert got.loc[pairs["x1"] == 0, ["low", "high", "p"]].isna().all(axis=None)


def test_differences(pairs: pd.DataFrame) -> None:
    got = rates.rate_difference(*(pairs[name] for name in PAIR))
    theirs = {"difference": "difference", "se": "difference_se"}
    for ours, name in (theirs | {"low": "difference_lower", "high": "difference_upper"}).items():
        np.testing.assert_allclose(got[ours], pairs[name], rtol=1e-8)


@pytest.mark.slow
@settings(deadline=None)
@given(counts, times, counts, times, st.sampled_from([0.9, 0.95, 0.998]))
def test_exact_limits_turn_over_with_the_ratio(x1: int, t1: float, x0: int, t0: float, level: float) -> None:
    one = rates.rate_ratio(x1, t1, x0, t0, level).iloc[0]
    other = rates.rate_ratio(x0, t0, x1, t1, level).iloc[0]
    assert one["low"] < one["ratio"] < one["high"]
    assert (one["low"], one["high"]) == pytest.approx((1 / other["high"], 1 / other["low"]), rel=1e-9)
    assert one["p"] == pytest.approx(other["p"], rel=1e-6)
    # At the limits of the ratio, the binomial tails are half of alpha.
    share = one["high"] * t1 / (one["high"] * t1 + t0)
    assert stats.binom.cdf(x1, x1 + x0, share) == pytest.approx((1 - level) / 2, rel=1e-6)


@pytest.mark.parametrize("size", [8, 300, 20_000])
def test_exact_p_is_that_of_the_binomial_test(size: int) -> None:
    rng = np.random.default_rng(size)
    n = 250
    x1, x0 = rng.poisson(rng.uniform(0, size, (2, n)))
    x1[0] = x0[0] = 0
    t1, t0 = np.where(rng.random(n) < 0.5, rng.integers(1, 4, (2, n)), 10 ** rng.uniform(-1, 3, (2, n)))
    got = rates.rate_ratio(x1, t1, x0, t0)["p"]
    for x, s, y, t, p in zip(x1, t1, x0, t0, got, strict=True):
        expected = stats.binomtest(int(x), int(x + y), s / (s + t)).pvalue if x + y else 1.0
        assert p == pytest.approx(expected, rel=1e-8, abs=1e-250)


def test_many_exact_ratios_take_no_loop() -> None:
    rng = np.random.default_rng(0)
    x1, x0 = rng.poisson(60, (2, 10_000))
    start = time.process_time()
    rates.rate_ratio(x1, 5e4, x0, 6e4)
    assert time.process_time() - start < 0.5


@pytest.mark.slow
@settings(deadline=None)
@given(counts, st.floats(10, 100), counts, st.floats(10, 100))
def test_wald_p_and_limits_say_the_same(x1: int, t1: float, x0: int, t0: float) -> None:
    row = rates.rate_ratio(x1, t1, x0, t0, method="log-wald").iloc[0]
    assume(1e-9 < row["p"] < 0.999)
    at_the_edge = rates.rate_ratio(x1, t1, x0, t0, level=1 - row["p"], method="log-wald").iloc[0]
    edge = at_the_edge["low"] if row["ratio"] > 1 else at_the_edge["high"]
    assert edge == pytest.approx(1, abs=1e-4)


def test_ratios_at_zero() -> None:
    got = rates.rate_ratio([0, 0, 5, np.nan], 10, [0, 5, 0, 5], 20)
    assert got["ratio"].tolist() == pytest.approx([math.nan, 0, math.inf, math.nan], nan_ok=True)
    assert got["low"].tolist()[:2] == [0, 0]
    assert got["high"].tolist()[::2] == [math.inf, math.inf]
    assert got["p"].tolist()[0] == 1
    assert got.iloc[3][["ratio", "low", "high", "p"]].isna().all()
    both = rates.rate_difference(0, 10, 0, 20).iloc[0]
    assert both["difference"] == 0
    assert math.isnan(both["se"])
    assert math.isnan(both["high"])


@pytest.mark.parametrize("function", [rates.rate_ratio, rates.rate_difference, rates.tost])
def test_what_is_no_pair_of_rates_is_refused(function: Any) -> None:
    with pytest.raises(StatsError, match="population0 is 0"):
        function(1, 10, 1, 0)
    with pytest.raises(StatsError, match=r"deaths1: .*negative"):
        function(-1, 10, 1, 10)
    with pytest.raises(StatsError, match="not whole"):
        function(1, 10, 1.5, 10)
    with pytest.raises(StatsError, match="lengths differ"):
        function([1, 2], [10, 20], [1, 2, 3], 10)
    index = pd.Series([1, 2], ["Ohio", "Utah"])
    assert function(index, 10, index, 10).index.equals(index.index)


def test_equivalence_tests_are_those_of_r() -> None:
    table = pd.read_csv(ORACLES / "tost_rate_ratios.csv")
    for row in table.itertuples():
        margin = (row.margin_lower, row.margin_upper)
        got = rates.tost(row.x1, row.time1, row.x0, row.time0, margin).iloc[0]
        limits = (got["ratio"], got["low"], got["high"])
        assert limits == pytest.approx((row.ratio, row.ci90_lower, row.ci90_upper), rel=1e-8)
        tests = (got["p_lower"], got["p_upper"], got["p"])
        assert tests == pytest.approx((row.p_lower, row.p_upper, row.p_tost), rel=1e-8)
        assert got["equivalent"] == (row.p_tost <= 0.05)


@settings(deadline=None)
@given(counts, times, counts, times, st.floats(0.1, 0.95), st.sampled_from([0.01, 0.05, 0.2]))
def test_equivalence_is_the_interval_within_the_margin(
    x1: int, t1: float, x0: int, t0: float, lower: float, alpha: float
) -> None:
    margin = (lower, 1 / lower)
    got = rates.tost(x1, t1, x0, t0, margin, alpha).iloc[0]
    slack = 1e-9 * got["high"]
    if got["equivalent"]:
        assert margin[0] - slack <= got["low"] <= got["high"] <= margin[1] + slack
    else:
        assert got["low"] < margin[0] + slack or got["high"] > margin[1] - slack


def test_equivalence_without_deaths_is_not_found() -> None:
    got = rates.tost([0, 1000], 10, [0, 1001], 10)
    assert got["equivalent"].tolist() == [False, True]
    assert math.isnan(got.loc[0, "p"])


@pytest.mark.parametrize(
    ("margin", "alpha", "message"),
    [
        ((1.25, 0.8), 0.05, "must rise"),
        (1.25, 0.05, "two ratios"),
        ((-1, 1), 0.05, "margin"),
        ((0.8, 1.25), 0.6, "alpha"),
    ],
)
def test_bad_margins_are_refused(margin: Any, alpha: float, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.tost(1, 10, 1, 10, margin, alpha)


def test_contrasts_of_national_rates() -> None:
    table = pd.read_csv(ORACLES / "rate_contrasts.csv", index_col="pair")
    national = pd.read_csv(ORACLES / "us_overdose_rates.csv", index_col="year")["deaths"]
    first, second = (national[table.index.str.split(" v ").str[i].astype(int)].to_numpy() for i in (0, 1))
    got = rates.age_adjusted_contrast(table["rate1"], table["se1"], first, table["rate2"], table["se2"], second)
    np.testing.assert_allclose(got["z"], table["z"], atol=1e-8)
    np.testing.assert_allclose(got["p"], table["p"], atol=1e-8)
    assert got["different"].tolist() == table["significant"].tolist()
    assert got.index.equals(table.index)


def test_few_deaths_are_compared_by_overlap() -> None:
    # The interval of 5 (SE 1) is 3.2 to 7.4, that of 8 (SE 1) 6.2 to 10.2, that of 20 (SE 2) 16.3 to 24.3.
    got = rates.age_adjusted_contrast(5, 1, 99, [8, 20, 20], [1, 2, 2], [99, 99, 5000])
    assert got["method"].tolist() == ["overlap"] * 3
    assert got["different"].tolist() == [False, True, True]
    assert got["z"].isna().all()
    assert got["p"].isna().all()
    # The z-test would see a difference in the first pair.
    assert rates.age_adjusted_contrast(5, 1, 100, 8, 1, 100)["different"].item()
    overturned = rates.age_adjusted_contrast(20, 2, 99, 5, 1, 99)
    assert overturned["different"].item()
    assert overturned["difference"].item() == -15


def test_contrasts_that_cannot_be_told() -> None:
    got = rates.age_adjusted_contrast([5, np.nan, 0], [1, 1, 0], [300, 300, 0], 9, [np.nan, 1, 1], 300)
    assert got["method"].tolist() == ["missing"] * 3
    assert not got["different"].any()
    with pytest.raises(StatsError, match="fewer than 100 deaths"):
        rates.age_adjusted_contrast(5, 1, 99, 9, 1, 300, level=0.9)
    assert rates.age_adjusted_contrast(5, 1, 100, 7.5, 1, 300, level=0.9)["different"].item()
    assert not rates.age_adjusted_contrast(5, 1, 100, 7.5, 1, 300)["different"].item()
