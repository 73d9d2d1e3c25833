"""What must hold for any series: units, origin and direction of time do not matter; errors from separate lines."""

from __future__ import annotations

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.stats import joinpoint
from fentanyl_stats.stats._joinpoint_grid import Floats

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
