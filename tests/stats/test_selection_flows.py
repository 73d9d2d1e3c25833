"""Mass balance and Monte Carlo: units, closed forms, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
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
