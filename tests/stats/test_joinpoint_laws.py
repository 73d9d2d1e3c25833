"""What must hold for any series: units, origin and direction of time do not matter; errors from separate lines."""

from __future__ import annotations

import itertools
from itertools import permutations

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import _joinpoint_grid, joinpoint
from fentanyl_stats.stats._joinpoint_grid import Floats, Grid

from .test_joinpoint_grid import brute_force, made_up

YEARS = np.arange(2000, 2020)


def bent(seed: int, n: int = 20, noise: float = 0.05) -> tuple[Floats, Floats]:
    """A rate with a bend in the middle, and standard errors."""
    rng = np.random.default_rng(seed)
    log_rate = np.interp(np.arange(n), [0, n // 2, n - 1], rng.normal(2, 1, 3)) + rng.normal(0, noise, n)
    return np.exp(log_rate), np.exp(log_rate) * rng.uniform(0.02, 0.2, n)


seeds = st.integers(0, 10**6)
few = settings(max_examples=25, deadline=None)


@few
@given(seed=seeds, factor=st.floats(1e-3, 1e3), shift=st.integers(-3000, 3000))
def test_units_of_the_rate_and_origin_of_time_do_not_matter(seed: int, factor: float, shift: int) -> None:
    rate, se = bent(seed)
    one, other = joinpoint.fit(YEARS, rate, se), joinpoint.fit(YEARS + shift, factor * rate, factor * se)
    assert (other.joinpoints - shift).equals(one.joinpoints)
    for column in ("slope", "se", "apc", "low", "high"):
        npt.assert_allclose(other.segments[column], one.segments[column], rtol=1e-6, atol=1e-9)
    npt.assert_allclose(other.fitted, factor * one.fitted, rtol=1e-9)
    assert other.sse == pytest.approx(one.sse, rel=1e-6)


@few
@given(seed=seeds, factor=st.floats(0.05, 20))
def test_a_common_factor_of_the_weights_changes_the_sum_of_squares_only(seed: int, factor: float) -> None:
    rate, se = bent(seed)
    one, other = joinpoint.fit(YEARS, rate, se), joinpoint.fit(YEARS, rate, factor * se)
    pd.testing.assert_frame_equal(other.segments, one.segments, rtol=1e-7, atol=1e-10)
    pd.testing.assert_frame_equal(other.joinpoints, one.joinpoints)
    assert other.sse == pytest.approx(one.sse / factor**2, rel=1e-7)


@few
@given(seed=seeds)
def test_time_backwards_gives_the_mirror_image(seed: int) -> None:
    rate, se = bent(seed)
    one, mirrored = joinpoint.fit(YEARS, rate, se), joinpoint.fit(-YEARS, rate, se)
    assert mirrored.joinpoints["x"].tolist() == [-x for x in one.joinpoints["x"][::-1]]
    assert mirrored.joinpoints["low"].tolist() == [-x for x in one.joinpoints["high"][::-1]]
    npt.assert_allclose(mirrored.segments["slope"], -one.segments["slope"][::-1], rtol=1e-6, atol=1e-10)
    npt.assert_allclose(mirrored.segments["se"], one.segments["se"][::-1], rtol=1e-6)


def test_order_and_index_of_the_observations_do_not_matter() -> None:
    rate, se = bent(1)
    table = pd.DataFrame({"year": YEARS, "rate": rate, "se": se}).sample(frac=1, random_state=1)
    shuffled = joinpoint.fit(table["year"], table["rate"], se=table["se"])
    one = joinpoint.fit(YEARS, rate, se)
    pd.testing.assert_frame_equal(shuffled.segments, one.segments)
    npt.assert_array_equal(shuffled.fitted, one.fitted)
    assert shuffled.x.tolist() == YEARS.tolist()


@few
@given(seed=seeds, k=st.integers(0, 4))
def test_the_curve_is_continuous_and_its_slopes_are_those_reported(seed: int, k: int) -> None:
    rate, _ = bent(seed)
    fit = joinpoint.fit(YEARS, rate, k=k)
    log_fit = pd.Series(np.log(fit.fitted), index=YEARS)
    for row in fit.segments.itertuples():
        # Both ends of each segment lie on its line, so that neighbours meet at their joinpoint.
        npt.assert_allclose(np.diff(log_fit.loc[row.start : row.end]), row.slope, rtol=1e-6, atol=1e-9)
    npt.assert_allclose(fit.predict(YEARS), fit.fitted, rtol=1e-12)
    assert fit.predict(2010.5) == pytest.approx(np.sqrt(fit.predict(2010) * fit.predict(2011)))


def test_without_joinpoints_it_is_a_regression_line() -> None:
    rate, _ = bent(2)
    row, line = joinpoint.fit(YEARS, rate, k=0).segments.iloc[0], stats.linregress(YEARS, np.log(rate))
    npt.assert_allclose(row[["slope", "se", "p"]].astype(float), [line.slope, line.stderr, line.pvalue], rtol=1e-9)


def test_standard_errors_come_from_lines_between_the_joinpoints() -> None:
    rate, se = bent(3)
    weights = (rate / se) ** 2
    fit = joinpoint.fit(YEARS, rate, se, k=2)
    knots = fit.joinpoints["x"].tolist()
    total, spread = 0.0, []
    for start, end in zip([1999, *knots], [*knots, 2020], strict=True):
        inside = np.array([start < year < end for year in YEARS])
        x, y, w = YEARS[inside] - 2010.0, np.log(rate[inside]), weights[inside]
        coefficients = np.polynomial.polynomial.polyfit(x, y, 1, w=np.sqrt(w))
        total += float(np.sum(w * (y - np.polynomial.polynomial.polyval(x, coefficients)) ** 2))
        spread.append(np.sum(w * (x - np.average(x, weights=w)) ** 2))
    want = np.sqrt(total / (20 - 3 * 2 - 2) / np.array(spread))
    assert fit.df == 12
    npt.assert_allclose(fit.segments["se"], want, rtol=1e-9)
    npt.assert_allclose(fit.changes["se"], np.sqrt(want[1:] ** 2 + want[:-1] ** 2), rtol=1e-9)
    half = stats.t.ppf(0.975, 12) * want
    npt.assert_allclose(fit.segments["high"], 100 * np.expm1(fit.segments["slope"] + half), rtol=1e-9)


def test_largest_bend_is_a_partial_correlation() -> None:
    rate, _ = bent(4)
    log_rate = np.log(rate)
    selection = joinpoint.fit(YEARS, rate, max_joinpoints=2).selection
    knots = [2000, *joinpoint.fit(YEARS, rate, k=2).joinpoints["x"], 2019]
    partial = []
    for before, at, after in zip(knots, knots[1:], knots[2:], strict=False):
        inside = (before <= YEARS) & (after >= YEARS)
        x, y = YEARS[inside], log_rate[inside]
        bend = np.maximum(x - at, 0)
        left = [values - np.polynomial.Polynomial.fit(x, values, 1)(x) for values in (y, bend)]
        partial.append(np.corrcoef(*left)[0, 1] ** 2)
    assert selection["r2max"].tolist() == pytest.approx([0, selection["r2max"][1], max(partial)])
    wbic = np.log(selection["sse"] / 20) + ((2 + selection["r2max"]) * selection["k"] + 2) * np.log(20) / 20
    npt.assert_allclose(selection["wbic"], wbic, rtol=1e-12)


def test_average_change_within_and_across_segments() -> None:
    rate, se = bent(5)
    fit = joinpoint.fit(YEARS, rate, se, k=1)
    bend, first = int(fit.joinpoints["x"][0]), fit.segments.iloc[0]
    within = fit.aapc(2000, bend)
    assert (within.value, within.low, within.high) == pytest.approx((first["apc"], first["low"], first["high"]))
    assert "t with 15 df" in within.method
    across = fit.aapc(bend - 1, bend + 3)
    slopes, errors = fit.segments["slope"].to_numpy(), fit.segments["se"].to_numpy()
    mean, error = np.dot([0.25, 0.75], slopes), np.hypot(*(np.array([0.25, 0.75]) * errors))
    want = 100 * np.expm1(mean + stats.norm.ppf([0.5, 0.025, 0.975]) * error)
    assert (across.value, across.low, across.high) == pytest.approx(tuple(want))
    assert "normal" in across.method
    line = joinpoint.fit(YEARS, rate, se, k=0)
    assert line.aapc().value == pytest.approx(line.segments["apc"][0])
    assert line.aapc(2003, 2004.5).low == pytest.approx(line.segments["low"][0])


def test_months_as_decimal_years_give_changes_per_year() -> None:
    month = np.arange(36)
    rate = 3 * np.exp(0.01 * month + 0.02 * np.cos(7 * month))
    by_month, by_year = joinpoint.fit(month, rate, k=0), joinpoint.fit(2020 + (month + 0.5) / 12, rate, k=0)
    npt.assert_allclose(by_year.segments["slope"], 12 * by_month.segments["slope"], rtol=1e-9)


@pytest.mark.parametrize("select", ["wbic", "bic", "bic3", "permutation"])
def test_exact_trends_are_recognised(select: joinpoint.Rule) -> None:
    bent_once = 5 * np.exp(np.interp(YEARS, [2000, 2008, 2019], [0, 1, 0.3]))
    fit = joinpoint.fit(YEARS, bent_once, select=select, permutations=199)
    assert (fit.k, fit.joinpoints["x"].tolist(), fit.sse) == (1, [2008], 0)
    assert (fit.segments["low"] == fit.segments["high"]).all()
    straight = joinpoint.fit(YEARS, 5 * 1.07 ** (YEARS - 2000), select=select, permutations=199)
    assert straight.k == 0
    assert straight.aapc().value == pytest.approx(7)
    constant = joinpoint.fit(YEARS, np.full(20, 5.3), select=select, permutations=199)
    assert (constant.k, constant.sse, constant.aapc().value, constant.aapc().high) == (0, 0, 0, 0)
    assert constant.segments["p"].isna().all()


@few
@given(seed=seeds, n=st.integers(12, 16), k=st.integers(1, 3))
def test_joinpoint_intervals_follow_from_the_fits_of_every_set(seed: int, n: int, k: int) -> None:
    x, y, weights = made_up(seed, n)
    every = brute_force(x, y, weights, k)
    df = n - 2 * k - 2
    bound = min(every.values()) * (1 + k * stats.f.ppf(0.95, k, df) / df)
    table = joinpoint.fit(x, np.exp(y), np.exp(y) / np.sqrt(weights), k=k).joinpoints
    for i in range(k):
        allowed = {knots[i] for knots in every}
        accepted = [knots[i] for knots, sse in every.items() if sse <= bound]
        assert table["low"][i] == x[max(min(accepted) - 1, min(allowed))]
        assert table["high"][i] == x[min(max(accepted) + 1, max(allowed))]


def test_where_the_data_do_not_decide_a_joinpoint_may_lie_anywhere() -> None:
    straight = joinpoint.fit(YEARS, 5 * 1.07 ** (YEARS - 2000), k=1).joinpoints
    assert straight[["low", "high"]].to_numpy().tolist() == [[2002, 2017]]
    # One of two joinpoints is at the bend, the other at any place that keeps its distance.
    bent_once = 5 * np.exp(np.interp(YEARS, [2000, 2008, 2019], [0, 1, 0.3]))
    two = joinpoint.fit(YEARS, bent_once, k=2).joinpoints
    assert two[["low", "high"]].to_numpy().tolist() == [[2002, 2009], [2007, 2017]]


def test_changes_beyond_floating_point_are_infinite() -> None:
    step = np.arange(20)
    up, down = (joinpoint.fit(step / 1000, np.exp(sign * step), k=0) for sign in (1, -1))
    assert (up.segments["apc"][0], up.aapc().value) == (np.inf, np.inf)
    assert (down.segments["apc"][0], down.aapc().value) == (-100, -100)


def test_a_fit_without_degrees_of_freedom_is_refused() -> None:
    with pytest.raises(StatsError, match="1 joinpoints need at least 6 observations and the series has 5; at most 0"):
        joinpoint.fit(YEARS[:5], bent(1, n=5)[0], k=1)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_the_search_in_small_steps_is_the_search(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, weights = made_up(k, 22)
    whole = Grid(x, weights, k).search(y, k)
    monkeypatch.setattr(_joinpoint_grid, "_CELLS", 7)
    steps = Grid(x, weights, k).search(y, k)
    assert steps.knots.tolist() == whole.knots.tolist()
    npt.assert_array_equal(steps.profile, whole.profile)


def least_squares(x: Floats, y: Floats, weights: Floats, k: int) -> tuple[Floats, Floats]:
    """Of each column of y: the least sum of squares over every set of k joinpoints, and the fit that has it."""
    root, found = np.sqrt(weights)[:, None], []
    for knots in brute_force(x, y[:, 0], weights, k):
        design = np.column_stack([np.ones(len(x)), x - x.mean(), *(np.maximum(x - x[knot], 0) for knot in knots)])
        fit = design @ np.linalg.lstsq(root * design, root * y, rcond=None)[0]
        found.append((np.sum((root * (y - fit)) ** 2, axis=0), fit))
    sse, fits = (np.array(part) for part in zip(*found, strict=True))
    best = sse.argmin(axis=0)
    columns = np.arange(y.shape[1])
    return sse[best, columns], fits[best, :, columns].T


def share_reached(x: Floats, y: Floats, weights: Floats, null: int, many: int, orders: list[tuple[int, ...]]) -> float:
    """The p-value by its definition, over given orders of the scaled residuals."""
    (few_sse,), fit = least_squares(x, y[:, None], weights, null)
    (many_sse,), _ = least_squares(x, y[:, None], weights, many)
    root = np.sqrt(weights)[:, None]
    residuals = root[:, 0] * (y - fit[:, 0])
    permuted = fit + residuals[np.array(orders)].T / root
    ratios = least_squares(x, permuted, weights, null)[0] / least_squares(x, permuted, weights, many)[0]
    return float(np.mean(ratios >= few_sse / many_sse - 1e-12))


def assert_same_share(got: float, want: float, draws: int) -> None:
    assert abs(got - want) < 4 * np.sqrt(want * (1 - want) / draws)


@pytest.mark.parametrize("case", ["weights far apart", "ties"])
def test_p_is_the_share_of_all_orders_of_the_residuals(case: str) -> None:
    x, rng = np.arange(6.0), np.random.default_rng(3)
    if case == "ties":  # many orders give exactly the observed ratio, and all of them count
        y, weights = 1 + 0.2 * x + 0.1 * np.array([1, -1, -1, 1, 0, 0]), np.ones(6)
    else:
        y, weights = 1 + 0.1 * x + rng.normal(0, 0.1, 6), 1000 * rng.uniform(0.05, 1, 6) ** 3
    fit = joinpoint.fit(
        x, np.exp(y), np.exp(y) / np.sqrt(weights), max_joinpoints=1, select="permutation", permutations=19_999
    )
    want = share_reached(x, y, weights, 0, 1, list(permutations(range(6))))
    assert 0.2 < want < 0.8
    assert_same_share(fit.selection["p"][0], want, 19_999)


def test_later_tests_permute_around_the_bent_line() -> None:
    x, rng = np.arange(12.0), np.random.default_rng(1)
    y = 1 + np.interp(x, [0, 6, 11], [0, 1, 0.3]) + rng.normal(0, 0.15, 12)
    fit = joinpoint.fit(x, np.exp(y), max_joinpoints=2, select="permutation", permutations=2_999)
    second = fit.selection.iloc[1]
    assert (second["k_null"], second["k_alt"]) == (1, 2)
    want = share_reached(x, y, np.ones(12), 1, 2, [tuple(rng.permutation(12)) for _ in range(3_000)])
    assert_same_share(second["p"], want, 1_500)  # both are drawn


@settings(max_examples=10, deadline=None)
@given(seed=seeds, drawn=st.integers(59, 300))
def test_p_values_are_whole_steps_between_nought_and_one(seed: int, drawn: int) -> None:
    rate, se = bent(seed, noise=1)
    one, again = (
        joinpoint.fit(YEARS, rate, se, max_joinpoints=2, select="permutation", permutations=drawn, seed=seed)
        for _ in range(2)
    )
    p = one.selection["p"].to_numpy()
    assert ((p >= 1 / (drawn + 1)) & (p <= 1)).all()
    npt.assert_allclose(p * (drawn + 1), np.round(p * (drawn + 1)), rtol=1e-12)
    pd.testing.assert_frame_equal(again.selection, one.selection)


@few
@given(seed=seeds, n=st.integers(9, 14), k=st.integers(0, 2), rho=st.floats(0.05, 0.9))
def test_correlated_errors_are_generalised_least_squares(seed: int, n: int, k: int, rho: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.integers(1, 3, n)).astype(float)
    y, se = np.exp(rng.normal(2, 0.3, n)), rng.uniform(0.05, 0.3, n)
    found = joinpoint.fit(x, y, se=se, k=k, autocorrelation=rho)
    distance = np.abs(x[:, None] - x) / np.median(np.diff(x))
    scale = se / y
    weight = np.linalg.inv(rho**distance * np.outer(scale, scale))
    least = np.inf
    for knots in itertools.combinations(range(2, n - 2), k):
        if np.all(np.diff(knots) >= 3):
            design = np.column_stack([np.ones(n), x, *(np.maximum(x - x[q], 0) for q in knots)])
            beta = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ np.log(y))
            residual = np.log(y) - design @ beta
            least = min(least, residual @ weight @ residual)
    assert found.sse == pytest.approx(least, rel=1e-6)
    assert found.rho == rho and f"errors correlated {rho:.2f}" in found.method
    assert joinpoint.fit(x[::-1], y[::-1], se=se[::-1], k=k, autocorrelation=rho).sse == pytest.approx(least, rel=1e-6)


def test_correlated_errors_without_a_bend_are_a_generalised_regression() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    x = np.arange(20.0)
    y = np.exp(1 + 0.03 * x + 0.1 * np.cumsum(rng.normal(size=20)) / 3)
    found = joinpoint.fit(x, y, k=0, autocorrelation=0.6)
    expected = sm.GLS(np.log(y), sm.add_constant(x), sigma=0.6 ** np.abs(x[:, None] - x)).fit()
    assert found.segments["slope"][0] == pytest.approx(expected.params[1], rel=1e-10)
    assert found.segments["se"][0] == pytest.approx(expected.bse[1], rel=1e-10)


def test_an_estimated_autocorrelation_is_that_of_the_residuals_with_its_correction() -> None:
    rng = np.random.default_rng(2)
    x, error = np.arange(40), np.zeros(40)
    for i in range(1, 40):
        error[i] = 0.6 * error[i - 1] + rng.normal(0, 0.05)
    rate, se = np.exp(1 + 0.05 * x + error), np.full(40, 0.1)
    found = joinpoint.fit(x, rate, se=se, autocorrelation="estimate")
    bent = joinpoint.fit(x, rate, se=se, k=1)
    u = np.log(bent.y / bent.fitted) * rate / se
    assert bent.autocorrelation == pytest.approx(u[1:] @ u[:-1] / (u @ u))
    assert found.rho == pytest.approx(bent.autocorrelation + 4 / 40)
    assert bent.dispersion == pytest.approx(bent.sse / 36) and np.isnan(joinpoint.fit(x, rate).dispersion)
    exact = joinpoint.fit(range(12), [1.1**i for i in range(12)], autocorrelation="estimate")
    assert exact.rho == exact.autocorrelation == 0
    for bad, words in ((1, r"\[0, 1\)"), (-0.1, r"\[0, 1\)"), (np.nan, "nan"), ("guess", "estimate"), (True, "number")):
        with pytest.raises(StatsError, match=words):
            joinpoint.fit(x, rate, autocorrelation=bad)  # type: ignore[arg-type]
    with pytest.raises(StatsError, match="too few to estimate an autocorrelation"):
        joinpoint.fit(range(7), range(1, 8), autocorrelation="estimate")


@pytest.mark.slow
def test_false_bends_under_autocorrelation() -> None:
    rng, n, bent = np.random.default_rng(0), 24, np.zeros((60, 2))
    for row in bent:
        error = np.zeros(n)
        error[0] = rng.normal()
        for i in range(1, n):
            error[i] = 0.5 * error[i - 1] + rng.normal() * 0.75**0.5
        rate = np.exp(0.05 * np.arange(n) + 0.04 * error)
        row[:] = joinpoint.fit(range(n), rate).k > 0, joinpoint.fit(range(n), rate, autocorrelation="estimate").k > 0
    plain, estimated = bent.mean(axis=0)
    assert 0.25 < plain < 0.6 and 0.05 < estimated < 0.75 * plain


def test_permutations_of_correlated_errors_are_of_whitened_ones() -> None:
    rng = np.random.default_rng(3)
    root, link, values = rng.uniform(1, 3, 9), np.append(0, rng.uniform(0, 0.9, 8)), rng.normal(size=(9, 4))
    white = _joinpoint_grid.whiten(values, root, link)
    assert _joinpoint_grid.colour(white, root, link) == pytest.approx(values)
    x = np.arange(12)
    rate = np.exp(0.1 * x + 0.05 * rng.normal(size=12))
    tested = joinpoint.fit(x, rate, select="permutation", permutations=99, autocorrelation=0.4)
    assert tested.k in (0, 1, 2) and tested.rho == 0.4
