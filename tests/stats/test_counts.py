"""Counts, proportions and crude rates: limits against other programs, flags, and what is refused."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from fentanyl_stats.errors import StatsError
from fentanyl_stats.model import Interval
from fentanyl_stats.stats import counts as counting_module
from fentanyl_stats.stats import rates
from fentanyl_stats.stats._numbers import FloatArray, Limits

ORACLES = Path(__file__).parents[1] / "oracles"
levels = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.998])
counts = st.integers(0, 2_000_000)


def test_exact_limits_are_those_of_r() -> None:
    table = pd.read_csv(ORACLES / "poisson_intervals.csv")
    assert len(table) == 24
    for level, rows in table.groupby("level"):
        low, high = rates.poisson_interval(rows["events"], float(level))
        np.testing.assert_allclose(low, rows["lower"], rtol=1e-9)
        np.testing.assert_allclose(high, rows["upper"], rtol=1e-9)


@settings(deadline=None)
@given(counts, levels)
def test_exact_limits_put_half_of_alpha_in_each_tail(n: int, level: float) -> None:
    low, high = rates.poisson_interval(n, level)
    tail = (1 - level) / 2
    assert stats.poisson.cdf(n, high) == pytest.approx(tail, rel=1e-6)
    assert (low == 0) if n == 0 else stats.poisson.sf(n - 1, low) == pytest.approx(tail, rel=1e-6)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=2, unique=True), levels, st.sampled_from(["exact", "byar"]))
def test_limits_hold_the_count_and_rise_with_it(ns: list[int], level: float, method: str) -> None:
    n = np.sort(ns)
    low, high = rates.poisson_interval(n, level, method)
    assert ((low <= n) & (n <= high)).all()
    assert (np.diff(high) > 0).all()
    assert (np.diff(low[n > 0]) > 0).all()
    wider = rates.poisson_interval(n, 0.999, method)
    assert (wider[1] > high).all()
    # Byar's lower limit at 1 jumps up where the exact one takes over.
    held = (n > 1) | (method == "exact")
    assert (wider[0] <= low)[held].all()


@pytest.mark.parametrize(("n", "level"), list(product([1, 2, 5, 10, 65, 1045], [0.9, 0.95, 0.998])))
def test_byar_uses_n_below_and_n_plus_one_above(n: int, level: float) -> None:
    z = stats.norm.ppf((1 + level) / 2)
    root = 1 - 1 / (9 * n) - z / (3 * math.sqrt(n))
    low, high = rates.poisson_interval(n, level, "byar")
    exact_low, exact_high = rates.poisson_interval(n, level)
    assert low == pytest.approx(n * root**3 if root > 0 else exact_low, rel=1e-12)
    upper_root = 1 - 1 / (9 * (n + 1)) + z / (3 * math.sqrt(n + 1))
    assert high == pytest.approx((n + 1) * upper_root**3, rel=1e-12)
    # It approximates the exact limits; a variant with n + ½ in both roots is off by 0.4 and more.
    assert high == pytest.approx(exact_high, abs=0.15)
    assert low == pytest.approx(exact_low, abs=0.06)


def test_byar_lower_limit_gives_way_where_its_cube_is_negative() -> None:
    assert rates.poisson_interval(1, 0.998, "byar")[0] == rates.poisson_interval(1, 0.998)[0] > 0
    assert rates.poisson_interval(0, 0.95, "byar")[0] == 0


@pytest.mark.parametrize("name", ["exact", "Garwood", "exact-c", " EXACT "])
def test_names_of_the_exact_method(name: str) -> None:
    assert rates.poisson_interval(7, 0.9, name) == rates.poisson_interval(7, 0.9)


def test_shape_type_and_index_are_kept() -> None:
    low, high = rates.poisson_interval(5)
    assert type(low) is type(high) is float
    grid = np.array([[0, 5], [5, 9]])
    assert rates.poisson_interval(grid)[0].shape == (2, 2)
    assert rates.poisson_interval(grid)[0][0, 1] == rates.poisson_interval(grid)[0][1, 0] == low
    series = pd.Series([5, 0], ["Ohio", "Utah"], name="deaths")
    expected = pd.Series([low, 0.0], ["Ohio", "Utah"], name="deaths")
    pd.testing.assert_series_equal(rates.poisson_interval(series)[0], expected)
    frame = series.to_frame()
    pd.testing.assert_frame_equal(rates.poisson_interval(frame)[0], expected.to_frame())
    assert rates.poisson_interval([])[0].shape == (0,)


def test_a_missing_count_has_missing_limits() -> None:
    for missing in (None, np.nan, pd.NA):
        assert all(map(math.isnan, rates.poisson_interval(missing)))
    nullable = pd.Series([1, None, 3], dtype="Int64")
    assert rates.poisson_interval(nullable)[1].isna().tolist() == [False, True, False]
    masked = np.ma.MaskedArray([4, 4], mask=[False, True])
    assert np.isnan(rates.poisson_interval(masked)[0]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (-1, "negative"),
        (2.5, "not whole"),
        (math.inf, "infinite"),
        (True, "bool"),
        ([1, True], "bool"),
        ("5", "str"),
        ([1, "2"], "str"),
        (1 + 2j, "complex"),
        ([[1], [2, 3]], "list"),
        ({"a": 1}, "dict"),
        (pd.Series([3, -1], ["Ohio", "Utah"]), "-1 at 'Utah'"),
        (pd.Series([3, -1], [2019, 2020]), "-1 at 2020"),
    ],
)
def test_what_is_no_count_is_refused(count: object, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.poisson_interval(count)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan, None, "0.95", True])
def test_what_is_no_level_is_refused(level: object) -> None:
    with pytest.raises(StatsError, match="level"):
        rates.poisson_interval(5, level)  # type: ignore[arg-type]


def test_a_wrong_method_is_told_the_right_ones() -> None:
    with pytest.raises(StatsError, match="did you mean 'byar'"):
        rates.poisson_interval(5, method="byer")


def test_each_distinct_count_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    exact = counting_module.exact_limits

    def counting(n: FloatArray, level: float) -> Limits:
        sizes.append(n.size)
        return exact(n, level)

    monkeypatch.setattr(counting_module, "exact_limits", counting)
    low, _ = rates.poisson_interval(np.tile([3, np.nan, 8], 10_000))
    assert sizes == [3]
    assert low[3] == low[0] != low[2]


@settings(deadline=None)
@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_wilson_limits(pair: tuple[int, int], level: float) -> None:
    x, n = pair
    low, high = rates.proportion_interval(x, n, level)
    assert 0 <= low <= x / n <= high <= 1
    assert (low, high) == pytest.approx(proportion_confint(x, n, alpha=1 - level, method="wilson"), rel=1e-9, abs=1e-12)


def test_wilson_at_the_ends() -> None:
    assert rates.proportion_interval(0, 10)[0] == 0
    assert rates.proportion_interval(10, 10)[1] == 1
    assert rates.proportion_interval(0, 0) == (0, 1)
    assert all(map(math.isnan, rates.proportion_interval(np.nan, 10)))
    low, _ = rates.proportion_interval(pd.Series([1, 2], ["a", "b"]), 10)
    assert list(low.index) == ["a", "b"]
    assert rates.proportion_interval([1, 2], [10, 20])[1].shape == (2,)
    with pytest.raises(StatsError, match="more successes than trials"):
        rates.proportion_interval(11, 10)
    with pytest.raises(StatsError, match="not whole"):
        rates.proportion_interval(2.5, 10)


def test_reliability_flags_and_widths() -> None:
    table = pd.read_csv(ORACLES / "reliability.csv")
    got = rates.reliability(table["events"])
    for flag in ("cell_suppressed", "unreliable_classic", "unreliable_nchs2023"):
        assert got[flag].tolist() == table[flag].tolist()
    np.testing.assert_allclose(got["relative_width_pct"], table["relative_width_pct"], rtol=1e-9)


def test_missing_counts_are_unreliable_and_stay_in_place() -> None:
    got = rates.reliability(pd.Series([200, None], ["Ohio", "Utah"]))
    assert got["unreliable_classic"].to_dict() == {"Ohio": False, "Utah": True}
    assert got["unreliable_nchs2023"].to_dict() == {"Ohio": False, "Utah": True}
    assert math.isnan(got.loc["Utah", "relative_width_pct"])


def test_rules_are_frozen_named_and_cited() -> None:
    assert set(rates.RULES) == {"classic", "nchs2023"}
    assert "WONDER" in rates.classic.citation
    with pytest.raises(AttributeError):
        rates.classic.fewest = 5  # type: ignore[misc]
    assert rates.classic.unreliable([19, 20]).tolist() == [True, False]
    # The width of 160 % alone would let 8 and 9 pass.
    assert rates.nchs2023.unreliable([8, 9, 10]).tolist() == [True, True, False]
    assert rates.ReliabilityRule("narrow", 1, 120.0, "own").unreliable([12, 13]).tolist() == [True, False]


def test_suppressed_cells() -> None:
    table = pd.read_csv(ORACLES / "suppression_bounds.csv")
    for row in table.itertuples():
        if row.consistent:
            got = rates.suppression_bounds(row.total, row.known_sum, row.k_suppressed)
            assert (got.low, got.high) == (row.each_lower, row.each_upper)
        else:
            with pytest.raises(StatsError, match="3 to 27 deaths, but 40"):
                rates.suppression_bounds(row.total, row.known_sum, row.k_suppressed)
    assert Interval(1, 9) == rates.SUPPRESSED


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.lists(st.integers(10, 90)))
def test_bounds_are_the_range_over_all_fillings(hidden: list[int], shown: list[int]) -> None:
    total = sum(hidden) + sum(shown)
    got = rates.suppression_bounds(total, np.array(shown, dtype=int), len(hidden))
    fillings = [cells for cells in product(range(1, 10), repeat=len(hidden)) if sum(cells) == sum(hidden)]
    first = [cells[0] for cells in fillings]
    assert (got.low, got.high) == (min(first), max(first))


@pytest.mark.parametrize(
    ("total", "shown", "k", "message"),
    [
        (100, 80, 0, "suppressed"),
        (80, 80, 1, "1 suppressed cell holds 1 to 9 deaths, but 0"),
        (100, [80, math.nan], 3, "shown has missing"),
        (math.nan, 80, 3, "total has missing"),
        (100.5, 80, 3, "not whole"),
        ([1, 2], 1, 1, "total"),
    ],
)
def test_inconsistent_totals_are_refused(total: object, shown: object, k: int, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.suppression_bounds(total, shown, k)  # type: ignore[arg-type]


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
