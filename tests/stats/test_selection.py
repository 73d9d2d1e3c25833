"""Shares, tipping ratios and bounds under selective observation."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from fentanyl_stats.errors import StatsError
from fentanyl_stats.model import Interval
from fentanyl_stats.stats import selection as sel

loose: Any = sel  # what a notebook may pass, types or not
ORACLES = Path(__file__).parents[1] / "oracles"
REL = 1e-9
odds_shares = st.floats(1e-6, 1 - 1e-6)
shares = st.floats(0, 1)
gammas = st.floats(1, 1e6)


def odds(p: float) -> float:
    return p / (1 - p)


@pytest.fixture(scope="module")
def examples() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "share_examples.csv")


def test_published_seizures(examples: pd.DataFrame) -> None:
    for row in examples.itertuples():
        pounds = [row.lb_direct, row.lb_other]
        assert sel.pure_share(pounds, [1, 1])[0] == pytest.approx(row.share_gross, rel=REL)
        pure = float(sel.pure_share(pounds, [row.purity_direct, row.purity_other])[0])
        assert pure == pytest.approx(row.share_pure, rel=REL)
        for target, expected in ((0.97, row.tipping_970), (0.965, row.tipping_965), (0.5, row.tipping_500)):
            assert sel.tipping_ratio(pure, target) == pytest.approx(expected, rel=REL)
        bounds = sel.share_bounds(pure, 10)
        assert (bounds.low, bounds.high) == pytest.approx((row.gamma10_lower, row.gamma10_upper), rel=REL)
        assert sel.origin_needed(pure, 0.97) == pytest.approx(row.origin_q_needed_970, rel=REL)


def test_columns_at_once(examples: pd.DataFrame) -> None:
    got = sel.tipping_ratio(examples["share_pure"].to_numpy(), 0.97)
    assert got == pytest.approx(examples["tipping_970"].to_numpy(), rel=REL)
    needed = sel.origin_needed(examples["share_pure"].to_numpy(), 0.97)
    assert needed == pytest.approx(examples["origin_q_needed_970"].to_numpy(), rel=REL)


def test_gamma_bounds() -> None:
    for row in pd.read_csv(ORACLES / "gamma_bounds.csv").itertuples():
        got = sel.share_bounds(row.p, row.gamma)
        assert (got.low, got.high) == pytest.approx((row.lower, row.upper), rel=REL)


def test_worst_case_bounds() -> None:
    for row in pd.read_csv(ORACLES / "worst_case_bounds.csv").itertuples():
        got = sel.worst_case(row.share_in_seizures, row.seized_fraction)
        assert (got.low, got.high) == pytest.approx((row.lower, row.upper), rel=REL)


def test_e_values() -> None:
    frame = pd.read_csv(ORACLES / "evalue.csv")
    got = sel.e_value(frame["risk_ratio"].to_numpy())
    assert got == pytest.approx(frame["evalue"].to_numpy(), rel=REL)
    printed = frame["published"].notna().to_numpy()
    assert got[printed] == pytest.approx(frame["published"].dropna().to_numpy(), abs=0.005)


def test_pure_shares_match_routes_by_name() -> None:
    weights = {"mail": 10.0, "land": 30.0, "air": 0.0}
    by_name = sel.pure_share(weights, {"air": 0.5, "land": 0.1, "mail": 0.9})
    assert list(by_name.index) == ["mail", "land", "air"]
    assert by_name.to_numpy() == pytest.approx([9 / 12, 3 / 12, 0])
    series = sel.pure_share(pd.Series(weights), pd.Series({"land": 0.1, "air": 0.5, "mail": 0.9}))
    pd.testing.assert_series_equal(series, by_name)
    assert sel.pure_share([10, 30, 0], [0.9, 0.1, 0.5]) == pytest.approx(by_name.to_numpy())


@given(
    st.lists(st.tuples(st.floats(0.01, 1e9), st.floats(0.01, 1)), min_size=1, max_size=6),
    st.sampled_from([0.45359237, 1e3]),
)
def test_pure_shares_sum_to_one_in_any_unit(rows: list[tuple[float, float]], unit: float) -> None:
    weights, purity = (np.array(column) for column in zip(*rows, strict=True))
    got = np.asarray(sel.pure_share(weights, purity))
    assert got.sum() == pytest.approx(1, rel=1e-12)
    assert np.asarray(sel.pure_share(unit * weights, purity)) == pytest.approx(got, rel=1e-9)


@given(odds_shares, st.floats(1e-4, 1e4))
def test_ratio_multiplies_the_odds(p: float, ratio: float) -> None:
    assert odds(sel.true_share(p, ratio)) == pytest.approx(odds(p) * ratio, rel=1e-6)


@given(odds_shares, odds_shares)
def test_tipping_ratio_reaches_its_target(p: float, target: float) -> None:
    ratio = sel.tipping_ratio(p, target)
    assert sel.tipping_ratio(p, p) == 1
    assert sel.true_share(p, ratio) == pytest.approx(target, rel=1e-9)
    assert sel.tipping_ratio(target, p) == pytest.approx(1 / ratio, rel=1e-9)
    gamma = sel.tipping_gamma(p, target)
    assert gamma == max(ratio, 1 / ratio)
    bounds = sel.share_bounds(p, max(gamma, 1.0))
    assert (bounds.high if target >= p else bounds.low) == pytest.approx(target, rel=1e-9)


@given(odds_shares, gammas, gammas)
def test_gamma_bounds_collapse_and_widen(p: float, first: float, second: float) -> None:
    small, large = sorted((first, second))
    point = sel.share_bounds(p, 1)
    assert (point.low, point.high) == pytest.approx((p, p), rel=1e-12)
    inner, outer = sel.share_bounds(p, small), sel.share_bounds(p, large)
    assert p in inner
    assert outer.low <= inner.low * (1 + 1e-12)
    assert inner.high <= outer.high * (1 + 1e-12)
    mirrored = sel.share_bounds(1 - p, small)
    assert mirrored.low == pytest.approx(1 - inner.high, abs=1e-9)


@given(odds_shares, gammas, st.floats(0, 1))
def test_gamma_bounds_hold_every_ratio_allowed(p: float, gamma: float, where: float) -> None:
    ratio = gamma ** (2 * where - 1)
    bounds = sel.share_bounds(p, gamma)
    assert bounds.low * (1 - 1e-9) <= sel.true_share(p, ratio) <= bounds.high * (1 + 1e-9)


@given(shares, shares, shares)
def test_worst_case_holds_every_rest(p: float, seized: float, rest: float) -> None:
    bounds = sel.worst_case(p, seized)
    assert bounds.high - bounds.low == pytest.approx(1 - seized, abs=1e-12)
    assert bounds.low - 1e-12 <= seized * p + (1 - seized) * rest <= bounds.high + 1e-12


def test_worst_case_ends() -> None:
    assert sel.worst_case(0.3, 0) == Interval(0, 1)
    assert sel.worst_case(0.3, 1) == Interval(0.3, 0.3)
    assert sel.worst_case(0, 0.25) == Interval(0, 0.75)


@given(st.floats(0, 0.999), shares)
def test_origin_needed_inverts_origin_share(direct: float, target: float) -> None:
    needed = sel.origin_needed(direct, target)
    assert 0 <= needed <= 1
    assert sel.origin_share(direct, needed) == pytest.approx(max(direct, target), abs=1e-12)


def test_origin_is_all_when_the_direct_share_is() -> None:
    assert sel.origin_needed(1, 1) == 0
    assert sel.origin_needed(1, 0.97) == 0
    assert sel.origin_share(1, 0) == 1


@given(st.floats(1e-3, 1e3))
def test_e_value_is_symmetric_and_exceeds_the_ratio(ratio: float) -> None:
    got = sel.e_value(ratio)
    assert got >= max(ratio, 1 / ratio) - 1e-12
    assert sel.e_value(1 / ratio) == pytest.approx(got, rel=1e-9)


def test_imbens_manski_published() -> None:
    for row in pd.read_csv(ORACLES / "imbens_manski.csv").itertuples():
        for level, expected in ((0.95, row.c95), (0.90, row.c90)):
            assert sel.imbens_manski(row.delta_over_sigma * 3, 3, 2, level) == pytest.approx(expected, abs=1e-8)
            assert sel.imbens_manski(row.delta_over_sigma, 0, 1, level) == pytest.approx(expected, abs=1e-8)


@given(st.floats(0, 20), st.floats(1e-3, 1e3), st.floats(0.5, 0.999))
def test_imbens_manski_solves_its_equation(ratio: float, sigma: float, level: float) -> None:
    c = sel.imbens_manski(ratio * sigma, sigma, sigma / 2, level)
    assert norm.cdf(c + ratio) - norm.cdf(-c) == pytest.approx(level, abs=1e-9)
    assert norm.ppf(level) - 1e-9 <= c <= norm.ppf((1 + level) / 2) + 1e-9


def test_imbens_manski_limits() -> None:
    one_sided, two_sided = norm.ppf(0.95), norm.ppf(0.975)
    assert sel.imbens_manski(0, 0, 0, 0.95) == pytest.approx(two_sided, abs=1e-12)
    assert sel.imbens_manski(1, 0, 0, 0.95) == pytest.approx(one_sided, abs=1e-12)
    assert sel.imbens_manski(math.inf, 1, 1, 0.95) == pytest.approx(one_sided, abs=1e-12)
    assert sel.imbens_manski(1, 1e-308, 0, 0.95) == pytest.approx(one_sided, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: loose.pure_share([1, -1], [1, 1]), r"weights.*\[0, inf\).*1 of 2.*-1.0 at position 1"),
        (lambda: loose.pure_share([1, 1], [1, 90]), r"purity.*\[0, 1\].*90.0 at position 1; write 90 % as 0.9"),
        (lambda: loose.pure_share({"a": 1, "b": math.nan}, [1, 1]), r"weights.*nan at 'b'"),
        (lambda: loose.pure_share({"a": 1, "b": 2}, {"a": 1, "c": 1}), r"only on one side: b, c"),
        (lambda: loose.pure_share(pd.Series([1, 2], ["a", "a"]), [1, 1]), r"'a' comes twice"),
        (lambda: loose.pure_share([1, 2], [1]), r"one value a route.*\(2,\) and \(1,\)"),
        (lambda: loose.pure_share([0, 4], [1, 0]), r"0 on all 2 routes"),
        (lambda: loose.pure_share([True, 2], [1, 1]), r"weights must be numbers: 1 of 2 is not, first True"),
        (lambda: loose.pure_share(["1", 2], [1, 1]), r"weights must be numbers: 1 of 2 is not, first '1'"),
        (lambda: loose.pure_share([], []), r"weights is empty"),
        (lambda: loose.pure_share(pd.array([1, None], dtype="Int64"), [1, 1]), r"weights.*nan at position 1"),
        (lambda: loose.true_share(0, 2), r"observed share.*\(0, 1\).*no odds"),
        (lambda: loose.true_share(0.5, 0), r"ratio.*\(0, inf\)"),
        (lambda: loose.true_share([0.1, 0.2], [1, 2, 3]), r"lengths differ.*\(2,\) and \(3,\)"),
        (lambda: loose.tipping_ratio(0.5, 97), r"target share.*97.0; write 97 % as 0.97"),
        (lambda: loose.tipping_gamma(0.5, 1), r"target share.*\(0, 1\)"),
        (lambda: loose.share_bounds(0.5, 0.99), r"gamma.*\[1, inf\)"),
        (lambda: loose.share_bounds(0.5, math.inf), r"gamma.*worst_case"),
        (lambda: loose.share_bounds([0.5, 0.6], 2), r"observed share must be one number, got 2"),
        (lambda: loose.worst_case(97, 0.5), r"observed share.*97 % as 0.97"),
        (lambda: loose.worst_case(0.5, 5), r"seized fraction.*5 % as 0.05"),
        (lambda: loose.origin_share(1.2, 0.5), r"direct share.*1.2"),
        (lambda: loose.origin_needed(0.5, -0.1), r"target share.*-0.1"),
        (lambda: loose.e_value(0), r"risk ratio.*\(0, inf\)"),
        (lambda: loose.imbens_manski(-1e-9, 1, 1, 0.95), r"delta \(upper minus lower bound\).*-1e-09"),
        (lambda: loose.imbens_manski(math.nan, 1, 1, 0.95), r"delta.*nan"),
        (lambda: loose.imbens_manski(1, math.inf, 1, 0.95), r"se_low.*inf"),
        (lambda: loose.imbens_manski(1, 1, -1, 0.95), r"se_high.*-1.0"),
        (lambda: loose.imbens_manski(1, 1, 1, 95), r"level.*write 95 % as 0.95"),
        (lambda: loose.imbens_manski(True, 1, 1, 0.9), r"delta.*True"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        call()
