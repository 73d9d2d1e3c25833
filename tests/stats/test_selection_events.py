"""Effective numbers of events, Dirichlet shares, resampled rows."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import flows
from fentanyl_stats.stats import selection as sel

loose: Any = sel  # what a notebook may pass, types or not
ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="module")
def misc() -> Any:
    return json.loads((ORACLES / "share_misc.json").read_text())


def test_effective_events(misc: Any) -> None:
    for case in misc["effective_n"]:
        assert sel.effective_events(case["weights"]) == pytest.approx(case["n_eff"], rel=1e-9)


def test_dirichlet(misc: Any) -> None:
    for case in misc["dirichlet"]:
        got = sel.dirichlet(case["alpha"])
        assert got["mean"].to_numpy() == pytest.approx(case["mean"], rel=1e-9)
        assert got["variance"].to_numpy() == pytest.approx(case["variance"], rel=1e-9)
        row = got.loc[case["component"] - 1]
        assert (row["low"], row["high"]) == pytest.approx(case["marginal_95"], rel=1e-9)


def test_pounds(misc: Any) -> None:
    for case in misc["units"]:
        assert sel.kilograms(case["lb"], "lb") == pytest.approx(case["kg"], rel=1e-12)


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30), st.floats(1e-3, 1e3))
def test_effective_events_range_and_scale(weights: list[float], unit: float) -> None:
    got = sel.effective_events(weights)
    assert 1 - 1e-9 <= got <= len(weights) + 1e-9
    assert sel.effective_events([unit * w for w in weights]) == pytest.approx(got, rel=1e-9)
    assert sel.effective_events([*weights, 0.0]) == pytest.approx(got, rel=1e-12)


def test_effective_events_of_huge_weights() -> None:
    assert sel.effective_events([1e200, 1e200]) == pytest.approx(2)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=6), st.floats(0.1, 2))
def test_dirichlet_matches_its_beta_marginals(counts: list[int], prior: float) -> None:
    got = sel.dirichlet(counts, prior=prior, level=0.9)
    assert got["mean"].sum() == pytest.approx(1)
    assert (got["low"] <= got["high"]).all()
    wider = sel.dirichlet(counts, prior=prior, level=0.99)
    assert (wider["low"] <= got["low"]).all()
    assert (wider["high"] >= got["high"]).all()
    # Two categories: the one's share and the other's mirror each other.
    pair = sel.dirichlet(counts[:2], prior=prior)
    assert pair.loc[0, "low"] == pytest.approx(1 - pair.loc[1, "high"], abs=1e-9)


def test_dirichlet_agrees_with_draws() -> None:
    draws = np.random.default_rng(8).dirichlet([4.5, 10.5, 30.5], 100_000)
    got = sel.dirichlet({"mail": 4, "air": 10, "land": 30}, prior=0.5)
    assert list(got.index) == ["mail", "air", "land"]
    assert got["mean"].to_numpy() == pytest.approx(draws.mean(axis=0), abs=0.001)
    assert got["variance"].to_numpy() == pytest.approx(draws.var(axis=0), rel=0.02)
    assert got["low"].to_numpy() == pytest.approx(np.quantile(draws, 0.025, axis=0), abs=0.003)


def test_resampling_equal_rows_is_binomial() -> None:
    direct = np.arange(40) < 10
    result = sel.resample(np.full(40, 2.5), direct, draws=20_000, seed=3)
    assert result.share.value == pytest.approx(0.25)
    assert result.effective_events == pytest.approx(40)
    assert result.draws.mean() == pytest.approx(0.25, abs=0.002)
    assert result.draws.var() == pytest.approx(0.25 * 0.75 / 40, rel=0.04)


def test_one_huge_row_makes_the_interval_wide() -> None:
    weights, direct = np.ones(50), np.arange(50) < 25
    calm = sel.resample(weights, direct, seed=1)
    weights[0] = 950
    wild = sel.resample(weights, direct, seed=1)
    assert wild.share.high - wild.share.low > 2 * (calm.share.high - calm.share.low)
    assert wild.largest == pytest.approx(950 / 999)
    assert wild.effective_events == pytest.approx(999**2 / (950**2 + 49))
    assert wild.share.low == pytest.approx(0.5, abs=0.2)  # without that row the rest is near one half
    assert "1.1 effective of 50 events; the heaviest carries 95%" in wild.share.note


def test_resamples_do_not_depend_on_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    weights, direct = np.arange(1.0, 31), np.arange(30) % 3 == 0
    whole = sel.resample(weights, direct, draws=500, seed=9)
    monkeypatch.setattr(flows, "_CELLS", 30 * 7)
    pieces = sel.resample(weights, direct, draws=500, seed=9)
    assert np.array_equal(whole.draws, pieces.draws)
    assert whole.share == pieces.share
    assert not np.array_equal(whole.draws, sel.resample(weights, direct, draws=500, seed=10).draws)


def test_interval_widens_with_the_level() -> None:
    weights, direct = np.arange(1.0, 31), np.arange(30) % 3 == 0
    narrow, wide = (sel.resample(weights, direct, level=level).share for level in (0.8, 0.99))
    assert wide.low < narrow.low <= narrow.value <= narrow.high < wide.high  # type: ignore[operator]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: loose.effective_events([1, -2]), r"weights.*-2.0 at position 1"),
        (lambda: loose.effective_events([0, 0]), r"all 2 weights are 0"),
        (lambda: loose.effective_events([]), r"weights is empty"),
        (lambda: loose.effective_events([1, math.inf]), r"weights.*inf at position 1"),
        (lambda: loose.dirichlet([1.5, 2]), r"counted, not weighed: 1 of 2.*1.5"),
        (lambda: loose.dirichlet([0, 3]), r"1 of 2 categories hold no event"),
        (lambda: loose.dirichlet([3]), r"at least two categories"),
        (lambda: loose.dirichlet([3, 4], level=95), r"level.*95 % as 0.95"),
        (lambda: loose.resample([1, 2], [1, 0]), r"one true or false a row.*int64"),
        (lambda: loose.resample([1, 2], [True]), r"one true or false a row.*\(2,\).*\(1,\)"),
        (lambda: loose.resample([1, 2], [True, True]), r"all weight of the 2 rows is on one route"),
        (lambda: loose.resample([1, 1, 0, 0, 0], [True, False, True, True, False]), r"resamples hold no weight: only 2 of 5"),
        (lambda: loose.resample([1, 2], [True, False], draws=10), r"draws must lie in \[100, inf\)"),
        (lambda: loose.resample([1, -2], [True, False]), r"weights.*-2.0"),
        (lambda: loose.resample([1, 2], [True, False], seed="x"), r"seed must be numbers"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        call()


@st.composite
def _split(draw: st.DrawFn) -> list[list[float]]:
    """Groups of single events; only their sums will be told."""
    one = st.one_of(st.just(0.0), st.floats(0.01, 1e4))
    groups = draw(st.lists(st.lists(one, min_size=1, max_size=8), min_size=1, max_size=8))
    groups[0][0] += 1.0
    return groups


@given(_split(), st.integers(1, 12))
def test_what_single_events_give_lies_within_the_bounds_of_their_sums(groups: list[list[float]], k: int) -> None:
    single = [weight for group in groups for weight in group]
    sums, counts = [math.fsum(group) for group in groups], [len(group) for group in groups]
    low, high = flows.effective_bounds(sums, counts)
    assert low * (1 - 1e-9) <= flows.effective_events(single) <= high * (1 + 1e-9)
    share = math.fsum(sorted(single)[-k:]) / math.fsum(single)
    least, most = flows.largest_share(sums, counts, k)
    assert least - 1e-9 <= share <= most + 1e-9


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20), st.integers(1, 5))
def test_bounds_meet_when_every_event_is_known(weights: list[float], k: int) -> None:
    ones = [1] * len(weights)
    assert flows.effective_bounds(weights, ones) == pytest.approx((flows.effective_events(weights),) * 2, rel=1e-9)
    share = math.fsum(sorted(weights)[-k:]) / math.fsum(weights)
    assert flows.largest_share(weights, ones, k) == pytest.approx((share, share), rel=1e-9)


def test_bounds_by_hand() -> None:
    # 6 in three events and 4 in one: 100/(36 + 16), and 100/(3·4 + 16).
    assert flows.effective_bounds([6, 4], [3, 1]) == pytest.approx((100 / 52, 100 / 28))
    assert flows.largest_share([6, 4], [3, 1], 2) == pytest.approx((0.6, 1.0))
    assert flows.largest_share([6, 4], [3, 1], 9) == pytest.approx((1.0, 1.0))
    assert flows.effective_bounds([6, 4, 0], [3, 1, 0]) == pytest.approx((100 / 52, 100 / 28))


@pytest.mark.parametrize(
    ("weights", "counts", "message"),
    [
        ([1, 2], [1], "lengths differ: 2 weights, 1 numbers"),
        ([1, -2], [1, 1], "weights must lie in"),
        ([1, 2], [1, 0], "1 of 2 groups have weight but no event"),
        ([1, 2], [1, 1.5], "1 of 2 are not whole numbers"),
        ([0, 0], [1, 1], "all 2 weights are 0"),
    ],
)
def test_bounds_refuse(weights: list[float], counts: list[float], message: str) -> None:
    for ask in (flows.effective_bounds, flows.largest_share):
        with pytest.raises(StatsError, match=message):
            ask(weights, counts)
