"""Flows and seizure events: against the sums written out, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import flows
from fentanyl_stats.stats import selection as sel

DRAWS = 20_000
positive = st.floats(0.1, 1e4)
purities = st.floats(0.01, 1)


@pytest.mark.parametrize(("unit", "factor"), [("lb", 0.45359237), ("kg", 1.0), ("t", 1000.0)])
def test_kilograms(unit: Any, factor: float) -> None:
    assert sel.kilograms(3, unit) == pytest.approx(3 * factor, rel=1e-15)


@given(positive, positive, purities, purities, positive)
def test_balance_adds_up(direct: float, other: float, first: float, second: float, eaten: float) -> None:
    pounds = sel.mass_balance([direct, other], [first, second], eaten, seized_unit="lb", consumed_unit="kg")
    assert pounds.flow_kg == pytest.approx(0.45359237 * (direct * first + other * second) + eaten, rel=1e-12)
    share = float(sel.pure_share([direct, other], [first, second])[0])
    worst = sel.worst_case(share, pounds.interception)
    assert (pounds.bounds.low, pounds.bounds.high) == pytest.approx((worst.low, worst.high), abs=1e-12)
    kilograms = sel.mass_balance(
        [direct * 0.45359237, other * 0.45359237], [first, second], eaten / 1000, seized_unit="kg", consumed_unit="t"
    )
    assert kilograms.interception == pytest.approx(pounds.interception, rel=1e-12)


@given(st.floats(0.02, 0.98))
def test_rates_lead_back_to_the_share(target: float) -> None:
    balance = sel.mass_balance([300, 26_000], [0.9, 0.1], 5, seized_unit="lb", consumed_unit="t")
    rates = balance.rates(target)
    observed = float(sel.pure_share([300, 26_000], [0.9, 0.1])[0])
    ratio = rates.loc["other", "interception"] / rates.loc["direct", "interception"]
    assert sel.true_share(observed, ratio) == pytest.approx(target, rel=1e-9)
    assert rates["flow_kg"].sum() == pytest.approx(balance.flow_kg, rel=1e-12)
    assert bool(rates["possible"].all()) == (target in balance.bounds)


def test_without_consumption_all_was_seized() -> None:
    balance = sel.mass_balance({"a": 1, "b": 3}, {"b": 1, "a": 1}, 0, seized_unit="kg", consumed_unit="kg")
    assert balance.interception == 1
    assert (balance.bounds.low, balance.bounds.high) == (0.25, 0.25)


def simulate(interception: Any, purity: Any = (0.9, 0.1), consumption: Any = None, **options: Any) -> Any:
    options = {"draws": DRAWS, "seed": 11} | options
    return sel.monte_carlo([342.5, 1027.5], purity, interception, consumption, seized_unit="lb", **options)


def test_fixed_priors_give_the_formula() -> None:
    result = simulate([0.05, 0.2])
    expected = sel.true_share(0.75, 4)
    assert (result.share.value, result.share.low, result.share.high) == pytest.approx((expected,) * 3, rel=1e-12)
    pure = 0.45359237 * np.array([342.5 * 0.9, 1027.5 * 0.1])
    assert result.consumption.value == pytest.approx(float((pure * [19, 4]).sum()), rel=1e-12)
    assert result.interception.value == pytest.approx(pure.sum() / float((pure / [0.05, 0.2]).sum()), rel=1e-12)
    assert result.effective_draws == pytest.approx(DRAWS)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_uniform_interception_in_closed_form(level: float) -> None:
    # The share rises with the other route's rate, so its quantiles are the shares at the quantiles of the rate.
    prior = stats.uniform(0.05, 0.4)
    result = simulate([0.1, prior], level=level)
    expected = [sel.true_share(0.75, float(prior.ppf(q)) / 0.1) for q in (0.5, (1 - level) / 2, (1 + level) / 2)]
    assert [result.share.value, result.share.low, result.share.high] == pytest.approx(expected, abs=0.006)


def test_log_uniform_ratio_in_closed_form() -> None:
    # Two log-uniform rates on one range: ln B is triangular and symmetric about 0, so the median share is p.
    prior = stats.loguniform(0.01, 0.5)
    result = simulate([prior, prior])
    width = np.log(50)
    upper = width * (1 - np.sqrt(2 * 0.025))
    assert result.share.value == pytest.approx(0.75, abs=0.01)
    assert result.share.high == pytest.approx(sel.true_share(0.75, float(np.exp(upper))), abs=0.004)


def test_purity_in_closed_form() -> None:
    # With equal rates the share is wρ/(wρ + c), increasing in ρ.
    prior = stats.beta(8, 4)
    result = simulate([0.1, 0.1], purity=[prior, 0.1])
    expected = [342.5 * rho / (342.5 * rho + 102.75) for rho in prior.ppf([0.5, 0.025, 0.975])]
    assert [result.share.value, result.share.low, result.share.high] == pytest.approx(expected, abs=0.005)


def test_one_rate_for_all_is_the_overall_rate() -> None:
    prior = stats.uniform(0.05, 0.4)
    result = sel.monte_carlo([5, 0], [1, 1], [prior, 0.5], seized_unit="kg", draws=DRAWS, seed=2)
    assert result.interception.low == pytest.approx(prior.ppf(0.025), abs=0.005)
    assert result.consumption.value == pytest.approx(5 * (1 / 0.25 - 1), rel=0.02)


@pytest.mark.parametrize(("unit", "scale"), [("kg", 1.0), ("t", 1e-3), ("lb", 1 / 0.45359237)])
def test_consumption_reweights_as_by_quadrature(unit: Any, scale: float) -> None:
    belief = stats.norm(6000 * scale, 800 * scale)
    result = simulate([stats.uniform(0.01, 0.2), 0.1], consumption=belief, consumption_unit=unit)
    pi = np.linspace(0.01, 0.21, 200_001)
    direct, other = 342.5 * 0.9 * 0.45359237, 1027.5 * 0.1 * 0.45359237
    density = belief.pdf(scale * (direct * (1 / pi - 1) + other * 9))
    share = (direct / pi) / (direct / pi + other / 0.1)
    ladder = np.cumsum(density) / density.sum()
    expected = [share[np.searchsorted(ladder, q)] for q in (0.5, 0.975, 0.025)]
    assert [result.share.value, result.share.low, result.share.high] == pytest.approx(expected, abs=0.003)
    weights = result.draws["weight"].to_numpy()
    assert result.effective_draws == pytest.approx(1 / (weights**2).sum(), rel=1e-9)
    assert result.effective_draws < DRAWS / 2


def test_same_seed_same_draws_and_priors_are_stated() -> None:
    law = {"mail": stats.beta(90, 10), "land": 0.1}
    rates = {"land": stats.uniform(loc=0.1, scale=0.2), "mail": 0.05}
    belief = stats.lognorm(0.5, scale=40)
    first, again, other = (
        sel.monte_carlo(
            {"mail": 1, "land": 9},
            law,
            rates,
            belief,
            seized_unit="kg",
            consumption_unit="kg",
            draws=2000,
            seed=seed,
        )
        for seed in (4, 4, 5)
    )
    pd.testing.assert_frame_equal(first.draws, again.draws)
    assert first.share == again.share
    assert first.share != other.share
    assert first.priors["prior"].tolist() == [
        "beta(90, 10)",
        "fixed at 0.1",
        "fixed at 0.05",
        "uniform(loc=0.1, scale=0.2)",
        "lognorm(0.5, scale=40) kg",
    ]
    assert "seed 4" in first.share.note


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sel.kilograms(1, "lbs"), r"unknown unit of mass 'lbs'; did you mean 'lb'"),  # type: ignore[arg-type]
        (lambda: sel.kilograms(-1, "kg"), r"mass must lie in \[0, inf\)"),
        (lambda: sel.mass_balance([1, 1], [1, 9], 1, seized_unit="lb", consumed_unit="t"), r"purity.*90 % as 0.9"),
        (lambda: sel.mass_balance([1], [1, 1], 1, seized_unit="lb", consumed_unit="t"), r"purity has 2 values for the 1"),
        (lambda: sel.mass_balance([0, 0], [1, 1], 0, seized_unit="lb", consumed_unit="t"), r"there is no flow"),
        (lambda: sel.mass_balance([1, 1], [1, 1], -1, seized_unit="lb", consumed_unit="t"), r"consumed.*-1.0"),
        (lambda: sel.mass_balance({"a": 1}, {"b": 1}, 1, seized_unit="lb", consumed_unit="t"), r"one side: a, b"),
        (lambda: sel.mass_balance(pd.Series([1, 2], ["a", "a"]), [1, 1], 1, seized_unit="lb", consumed_unit="t"),
         r"a route twice: a, a"),
        (lambda: sel.mass_balance([1, 1], [1, 1], 1, seized_unit="lb", consumed_unit="t").rates(1), r"direct share"),
        (lambda: simulate([0.1, stats.norm(0, 1)]), r"interception of route 1.*\(0, 1\].*prior is norm\(0, 1\)"),
        (lambda: simulate([0.1, 0]), r"interception of route 1.*fixed at 0"),
        (lambda: simulate([0.1, 0.1], purity=[0.9, 10]), r"purity of route 1.*per cents as fractions"),
        (lambda: simulate([0.1, 0.1], purity=[0, 0]), r"nothing pure was seized in 20000"),
        (lambda: simulate([0.1, 0.1, 0.2]), r"interception has 3 values for the 2 routes"),
        (lambda: simulate([0.1, 0.1], consumption=5, consumption_unit="t"), r"frozen scipy.stats distribution, got 5"),
        (lambda: simulate([0.1, 0.1], consumption=stats.norm(5)), r"consumption_unit is missing"),
        (lambda: simulate([0.1, 0.1], consumption=stats.uniform(90, 1), consumption_unit="t"), r"excludes every draw"),
        (lambda: simulate([0.1, stats.uniform(0.1, 0.8)], consumption=stats.norm(1500, 0.01), consumption_unit="kg"),
         r"only .* effective of 20000 draws"),
        (lambda: simulate([0.1, 0.1], draws=99), r"draws must lie in \[100, inf\)"),
        (lambda: simulate([0.1, 0.1], draws=100.5), r"draws must be a whole number"),
        (lambda: simulate([0.1, 0.1], seed=None), r"seed must be numbers"),
        (lambda: sel.monte_carlo([1], [1], [0.1], seized_unit="kg"), r"at least two routes"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        call()


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
def test_bad_events_are_named(call: Callable[[], object], words: str) -> None:
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
