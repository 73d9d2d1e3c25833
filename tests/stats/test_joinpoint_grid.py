"""The grid search against brute force: every allowed set fitted one by one, in another basis."""

from __future__ import annotations

import time
import tracemalloc
from itertools import combinations, pairwise

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import joinpoint
from fentanyl_stats.stats._joinpoint_grid import (
    Data,
    Floats,
    Grid,
    LongGrid,
    Solver,
    count_sets,
    default_maximum,
    fit_at,
)

Sets = dict[tuple[int, ...], float]


def brute_force(x: Floats, y: Floats, weights: Floats, k: int) -> Sets:
    """The sum of squares of every set of k positions, with slope changes as unknowns."""
    n, root = len(x), np.sqrt(weights)
    results = {}
    for knots in combinations(range(2, n - 2), k):
        if any(b - a < 3 for a, b in pairwise(knots)):
            continue
        bends = [np.maximum(x - x[knot], 0) for knot in knots]
        design = root[:, None] * np.column_stack([np.ones(n), x - x.mean(), *bends])
        residuals = root * y - design @ np.linalg.lstsq(design, root * y, rcond=None)[0]
        results[knots] = float(residuals @ residuals)
    return results


def made_up(seed: int, n: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = 2000 + np.cumsum(rng.uniform(0.2, 2, n))
    return x, rng.normal(size=n).cumsum(), rng.uniform(0.1, 10, n)


@pytest.mark.parametrize(("n", "k"), [(6, 1), (7, 1), (9, 2), (13, 2), (13, 3), (16, 4), (19, 5)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_search_finds_the_global_optimum(n: int, k: int, seed: int) -> None:
    x, y, weights = made_up(seed, n)
    every = brute_force(x, y, weights, k)
    search = Grid(x, weights, k).search(y, k)
    assert len(every) == count_sets(n, k)
    assert tuple(search.knots) == min(every, key=lambda knots: every[knots])
    for i in range(k):
        for position in range(n):
            here = [sse for knots, sse in every.items() if knots[i] == position]
            assert search.profile[i, position] == pytest.approx(min(here, default=np.inf), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(9, 14), k=st.integers(1, 2), spread=st.floats(0, 6))
def test_fit_reports_the_least_sum_of_squares(seed: int, n: int, k: int, spread: float) -> None:
    x, y, weights = made_up(seed, n)
    weights = weights**spread
    fit = joinpoint.fit(x, np.exp(y), se=np.exp(y) / np.sqrt(weights), k=k)
    assert fit.sse == pytest.approx(min(brute_force(x, y, weights, k).values()), rel=1e-7)
    assert fit.sse == pytest.approx(float(np.sum(weights * (y - np.log(fit.fitted)) ** 2)), rel=1e-7)


def test_columns_are_solved_each_for_itself() -> None:
    x, _, weights = made_up(5, 17)
    data = np.random.default_rng(6).normal(size=(17, 30))
    grid = Grid(x, weights, 4)
    for k in range(1, 5):
        solver = Solver(grid, k, 30)
        alone = [grid.search(column, k).profile.min() for column in data.T]
        npt.assert_allclose(solver.least_squares(data), alone, rtol=1e-9)
        # The memory is used again; nothing of the data before may stay.
        npt.assert_allclose(solver.least_squares(data[:, ::-1]), alone[::-1], rtol=1e-9)


def test_no_joinpoint_is_a_straight_line() -> None:
    x, y, weights = made_up(7, 12)
    found = Solver(Grid(x, weights, 0), 0, 1).least_squares(y[:, None])
    coefficients = np.polynomial.polynomial.polyfit(x - x[0], y, 1, w=np.sqrt(weights))
    line = np.polynomial.polynomial.polyval(x - x[0], coefficients)
    npt.assert_allclose(found, np.sum(weights * (y - line) ** 2), rtol=1e-9)


def test_long_series_are_searched_exactly() -> None:
    """Three bends in ten years of months, without noise: found exactly, among 227,920 sets."""
    month = np.arange(120)
    log_rate = 1 + np.interp(month, [0, 30, 71, 90, 119], [0, 0.6, 0.2, 0.9, 0.7])
    fit = joinpoint.fit(month, np.exp(log_rate), max_joinpoints=3)
    assert count_sets(120, 3) == 227_920
    assert fit.joinpoints["x"].tolist() == [30, 71, 90]
    assert fit.sse == 0


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(12, 28),
    rho=st.sampled_from([0.0, 0.5, 0.9]),
    digits=st.sampled_from([1, 9]),
)
def test_the_pruned_search_is_the_whole_search(seed: int, n: int, rho: float, digits: int) -> None:
    rng = np.random.default_rng(seed)
    most, x = default_maximum(n), np.cumsum(rng.integers(1, 4, n)).astype(float)
    weights, link = rng.uniform(0.5, 9, n) ** rng.integers(1, 4), np.append(0, np.full(n - 1, rho))
    y = np.round(np.interp(np.arange(n), [0, n // 2, n], [0, rng.normal(), 0]) + 0.1 * rng.normal(size=n), digits)
    data = Data(x, y, weights, link)
    left = y - fit_at(data, ()).fitted
    whole, pruned = Grid(x, weights, most, link), LongGrid(x, left, weights, most, link)
    for k in range(1, most + 1):
        all_sets, few = whole.search(left, k), pruned.search(k)
        npt.assert_allclose(few.profile, all_sets.profile, rtol=1e-8, atol=1e-9 * pruned.total)
        assert fit_at(data, few.knots).sse == pytest.approx(fit_at(data, all_sets.knots).sse, rel=1e-8, abs=1e-12)


@pytest.mark.slow
def test_five_joinpoints_in_twenty_years_of_months_take_seconds() -> None:
    rng = np.random.default_rng(0)
    month = np.arange(240)
    rates = np.exp(np.interp(month, [0, 60, 120, 239], [0, 0.6, 0.2, 0.9]) + 0.05 * rng.normal(size=240))
    start = time.process_time()
    fit = joinpoint.fit(month, rates)
    assert time.process_time() - start < 6  # half of it on a machine of its own
    assert fit.max_joinpoints == 5 and fit.k >= 2
    assert abs(fit.joinpoints["x"].to_numpy()[:, None] - [60, 120]).min(axis=0).max() <= 5
    exact = joinpoint.fit(month, np.exp(np.interp(month, [0, 60, 120, 239], [0, 0.6, 0.2, 0.9])))
    assert exact.joinpoints["x"].tolist() == [60, 120] and exact.sse == 0


YEARS = np.arange(1999, 2017)


def noisy(seed: int, at: list[int], log_rate: list[float], noise: float = 0.02) -> Floats:
    rng = np.random.default_rng(seed)
    rates: Floats = np.exp(np.interp(YEARS, at, log_rate) + rng.normal(0, noise, len(YEARS)))
    return rates


def test_the_path_follows_the_decisions() -> None:
    rate = noisy(1, [1999, 2006, 2016], [1, 2, 1.5])
    fit = joinpoint.fit(YEARS, rate, max_joinpoints=4, select="permutation", permutations=999)
    tests = fit.selection
    assert list(tests.columns) == ["k_null", "k_alt", "level", "p"]
    few, many = 0, 4
    for row in tests.itertuples():
        assert (row.k_null, row.k_alt) == (few, many)
        assert row.level == pytest.approx(0.05 / (4 - few))
        assert row.p * 1000 == pytest.approx(round(row.p * 1000))
        few, many = (few + 1, many) if row.p <= row.level else (few, many - 1)
    assert few == many == fit.k == 1
    assert fit.joinpoints["x"].tolist() == [2006]


def test_p_values_count_permuted_fits() -> None:
    """One test, recomputed from the definition: T = SSE(0)/SSE(2) over permuted residuals, both models refitted."""
    rate = noisy(2, [1999, 2016], [1, 1.2], noise=0.1)
    weights = np.random.default_rng(3).uniform(1, 30, len(YEARS))
    fit = joinpoint.fit(YEARS, rate, rate / np.sqrt(weights), max_joinpoints=2, select="permutation", permutations=999)
    x, y, root = YEARS.astype(float), np.log(rate), np.sqrt(weights)
    line = np.polynomial.Polynomial.fit(x, y, 1, w=root)(x)
    rng, grid = np.random.default_rng(99), Grid(x, weights, 2)

    def ratio(data: Floats) -> float:
        few = np.sum(weights * (data - np.polynomial.Polynomial.fit(x, data, 1, w=root)(x)) ** 2)
        return float(few / Solver(grid, 2, 1).least_squares((data - line)[:, None])[0])

    observed = ratio(y)
    reached = sum(ratio(line + rng.permutation(root * (y - line)) / root) >= observed for _ in range(999))
    p = (reached + 1) / 1000
    assert 0.02 < p < 0.98
    assert abs(fit.selection["p"][0] - p) < 4 * np.sqrt(2 * p * (1 - p) / 999)


def test_the_seed_fixes_the_result_and_only_the_noise_of_p() -> None:
    rate = noisy(4, [1999, 2016], [1, 1.2], noise=0.1)
    runs = [joinpoint.fit(YEARS, rate, select="permutation", permutations=499, seed=seed) for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(runs[0].selection, runs[1].selection)
    assert not runs[0].selection["p"].equals(runs[2].selection["p"])
    assert np.abs(runs[0].selection["p"] - runs[2].selection["p"]).max() < 0.15


def test_too_few_permutations_to_reject_are_refused() -> None:
    rate = noisy(5, [1999, 2006, 2016], [1, 2, 1.5])
    with pytest.raises(StatsError, match="58 permutations can never reach the level 0.0167 .* at least 59"):
        joinpoint.fit(YEARS, rate, select="permutation", permutations=58)
    assert joinpoint.fit(YEARS, rate, select="permutation", permutations=59).k == 1


def test_no_tests_where_no_joinpoint_is_possible() -> None:
    fit = joinpoint.fit(YEARS[:6], noisy(6, [1999, 2016], [1, 2])[:6], select="permutation", permutations=99)
    assert (fit.k, len(fit.selection)) == (0, 0)
    assert list(fit.selection.columns) == ["k_null", "k_alt", "level", "p"]


def test_memory_does_not_grow_with_the_permutations() -> None:
    rate = noisy(7, [1999, 2016], [1, 1.2], noise=0.1)

    def peak(permutations: int) -> int:
        tracemalloc.start()
        joinpoint.fit(YEARS, rate, max_joinpoints=2, select="permutation", permutations=permutations)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(99)  # loads what is loaded once
    assert peak(20_000) < 1.1 * peak(2_000)


@pytest.mark.slow
def test_p_is_uniform_where_nothing_changes() -> None:
    """400 straight trends with noise: the first p-value of each is uniform, so that the test has its level."""
    rng = np.random.default_rng(20240917)
    x = np.arange(14)
    p = []
    for _ in range(400):
        rate = np.exp(0.1 * x + rng.normal(0, 0.1, len(x)))
        fit = joinpoint.fit(
            x, rate, max_joinpoints=2, select="permutation", permutations=199, seed=int(rng.integers(2**31))
        )
        p.append(fit.selection["p"][0])
    # Steps of 1/200 are far finer than the 0.08 that 400 draws can resolve.
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400)
