"""The grid search against brute force: every allowed set fitted one by one, in another basis."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fentanyl_stats.stats import joinpoint
from fentanyl_stats.stats._joinpoint_grid import Floats, Grid, Solver, count_sets

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
