"""Crude rates, and limits as NCHS and CDC WONDER print them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import rates

ORACLES = Path(__file__).parents[1] / "oracles"
WONDER = ["wonder_state_rates.csv", "us_overdose_rates.csv"]


def rounded(values: pd.Series) -> pd.Series:
    """To one decimal, halves up, as NCHS printed."""
    return np.floor(10 * values + 0.5) / 10


@pytest.mark.parametrize("name", WONDER)
def test_crude_rates_of_cdc_wonder(name: str) -> None:
    table = pd.read_csv(ORACLES / name).dropna(subset="crude_rate")
    got = rates.crude_rate(table["deaths"], table["population"])
    assert len(table) >= 12
    for ours, theirs in {"rate": "rate", "se": "se", "low": "lower", "high": "upper"}.items():
        np.testing.assert_allclose(got[ours], table[f"crude_{theirs}"], rtol=0, atol=2e-9)


@pytest.mark.parametrize("name", WONDER)
def test_age_adjusted_limits_of_cdc_wonder(name: str) -> None:
    table = pd.read_csv(ORACLES / name).dropna(subset="aa_lower")
    assert len(table) >= 12
    low, high = rates.nchs_interval(table["aa_rate"], table["aa_se"], table["deaths"])
    np.testing.assert_allclose(low, table["aa_lower"], rtol=0, atol=2e-9)
    np.testing.assert_allclose(high, table["aa_upper"], rtol=0, atol=2e-9)


def test_an_older_nchs_file_used_unrounded_factors() -> None:
    table = pd.read_csv(ORACLES / "nchs_crude_small.csv")
    misses = {}
    for method in ("exact", "nchs"):
        got = rates.crude_rate(table["deaths"], table["population"], method=method)
        pairs = {"rate": "rate", "se": "se", "low": "lower", "high": "upper"}
        wrong = [rounded(got[ours]) != table[theirs] for ours, theirs in pairs.items()]
        misses[method] = int(np.sum(wrong))
    assert misses == {"exact": 0, "nchs": 1}


@pytest.mark.parametrize("n", [1, 9, 10, 20, 99, 100, 4321])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
def test_exact_and_byar_scale_the_limits_of_the_count(n: int, level: float) -> None:
    for method in ("exact", "byar"):
        row = rates.crude_rate(n, 8000, per=1000, level=level, method=method).iloc[0]
        limits = rates.poisson_interval(n, level, "exact" if n < 10 else method)
        assert (row["low"], row["high"]) == pytest.approx(tuple(x / 8 for x in limits), rel=1e-12)
        assert row["rate"] == n / 8
        assert row["se"] == pytest.approx(math.sqrt(n) / 8)
        assert row["method"] == ("exact" if n < 10 else method)


@settings(deadline=None)
@given(st.integers(1, 3_000_000), st.integers(1, 400_000_000), st.sampled_from(["nchs", "exact", "byar"]))
def test_limits_hold_the_rate(n: int, population: int, method: str) -> None:
    row = rates.crude_rate(n, population, method=method).iloc[0]
    assert row["low"] < row["rate"] < row["high"]


def test_columns_units_and_index() -> None:
    deaths = pd.Series([30, 0], ["Ohio", "Utah"])
    got = rates.crude_rate(deaths, pd.Series([900, 500], ["Utah", "Ohio"]), per=1000)
    assert list(got.columns) == ["rate", "se", "low", "high", "method", "flag"]
    assert got["rate"].to_dict() == {"Ohio": 60.0, "Utah": 0.0}
    assert got.attrs == {"unit": "deaths per 1,000", "level": 0.95}
    assert rates.crude_rate(deaths, 1000).index.equals(deaths.index)
    assert rates.crude_rate([], []).empty
    # More than one event a head is legal.
    assert rates.crude_rate(300, 100, per=100)["rate"].item() == 300


def test_zero_missing_and_absent_population() -> None:
    got = rates.crude_rate([0, 19, 20, np.nan, 7, 0], [1000, 1000, 1000, 1000, np.nan, 0])
    assert got["flag"].tolist() == ["unreliable", "unreliable", "", "missing", "missing", "no population"]
    assert got["rate"].isna().tolist() == [False, False, False, True, True, True]
    assert got[["low", "high"]].isna().any(axis=1).tolist() == [False, False, False, True, True, True]
    zero = got.iloc[0]
    assert (zero["rate"], zero["low"]) == (0, 0)
    assert math.isnan(zero["se"])
    assert zero["high"] == pytest.approx(368.887945, abs=1e-6)
    assert rates.crude_rate(12, 1000, rule="nchs2023")["flag"].item() == ""
    assert rates.crude_rate(12, 1000, rule=rates.classic)["flag"].item() == "unreliable"


def test_deaths_without_population_are_refused_by_name() -> None:
    index = ["Ohio", "Utah"]
    with pytest.raises(StatsError, match=r"deaths among 0 persons in 1 of 2 rows \(at 'Utah'\)"):
        rates.crude_rate(pd.Series([1, 2], index), pd.Series([10, 0], index))


def test_labels_are_matched_or_refused() -> None:
    deaths = pd.Series([1, 2], ["Ohio", "Utah"])
    with pytest.raises(StatsError, match="population lacks 'Utah'; deaths lacks 'Iowa'"):
        rates.crude_rate(deaths, pd.Series([10, 20], ["Ohio", "Iowa"]))
    with pytest.raises(StatsError, match="repeats the labels 'Ohio'"):
        rates.crude_rate(deaths, pd.Series([10, 20], ["Ohio", "Ohio"]))
    same = pd.Series([1, 2], ["Ohio", "Ohio"])
    assert rates.crude_rate(same, same * 10)["rate"].tolist() == [10_000, 10_000]
    with pytest.raises(StatsError, match="deaths has 2, population has 3"):
        rates.crude_rate([1, 2], [10, 20, 30])
    with pytest.raises(StatsError, match="2 dimensions"):
        rates.crude_rate([[1, 2]], 10)
    with pytest.raises(StatsError, match="none to match"):
        rates.crude_rate({"Ohio": 1}, [10])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 0.9}, "0.95 only"),
        ({"per": 0}, "per"),
        ({"method": "wilson"}, "unknown method"),
        ({"rule": "strict"}, "unknown reliability rule"),
        ({"population": -5}, "negative"),
        ({"deaths": 2.5}, "not whole"),
        ({"deaths": "many"}, "must be numbers"),
        ({"population": math.inf}, "infinite"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.crude_rate(**({"deaths": 5, "population": 100} | arguments))  # type: ignore[arg-type]


def test_nchs_interval_keeps_the_shape() -> None:
    low, high = rates.nchs_interval(7.0, 1.0, 52)
    assert type(low) is type(high) is float
    many_low, _ = rates.nchs_interval(np.array([7.0, 7.0]), 1.0, 52)
    assert many_low.tolist() == [low, low]
    series, _ = rates.nchs_interval(pd.Series([7.0], ["Ohio"]), 1.0, 52)
    assert series.to_dict() == {"Ohio": low}


def test_the_deaths_choose_the_formula_and_the_rounded_ratio_the_factor() -> None:
    # (R/SE)² = 10.24 and 9.51 both count as 10, whatever the deaths, as long as those are below 100.
    factors = rates.crude_rate(10, 10, per=1).iloc[0]
    for se, deaths in ((1 / 3.2, 12), (1 / math.sqrt(9.51), 99)):
        assert rates.nchs_interval(1.0, se, deaths) == pytest.approx((factors["low"], factors["high"]))
    assert rates.nchs_interval(1.0, 1 / 3.2, 100) == pytest.approx((1 - 1.96 / 3.2, 1 + 1.96 / 3.2))


@pytest.mark.parametrize("gap", range(3))
def test_nchs_interval_of_a_missing_input_is_missing(gap: int) -> None:
    inputs = [5.0, 1.0, 30.0]
    inputs[gap] = math.nan
    assert all(map(math.isnan, rates.nchs_interval(*inputs)))


def test_nchs_interval_of_nothing() -> None:
    low, high = rates.nchs_interval(0, math.nan, 0)
    assert low == 0
    assert math.isnan(high)


@pytest.mark.parametrize(
    ("rate", "se", "deaths", "message"),
    [
        (5, 0, 5, "standard error of 0"),
        (5, 80, 5, "standard error above the rate"),
        (5, 1, 0, "0 deaths"),
        (-5, 1, 5, "negative"),
        (5, 1, 5.5, "not whole"),
    ],
)
def test_pairs_that_no_count_has_are_refused(rate: float, se: float, deaths: float, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.nchs_interval(rate, se, deaths)
