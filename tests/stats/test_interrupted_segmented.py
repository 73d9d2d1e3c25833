"""Segmented models of counts against independent computations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import interrupted
from fentanyl_stats.stats.interrupted import segmented

loose: Any = interrupted
TIME = np.arange(1.0, 61)
MONTH = (np.arange(60) % 12) + 1
POST = (TIME > 36).astype(float)
PEOPLE = 400_000 + 500 * TIME
TERMS = ["intercept", "post", "time", "sin1", "cos1", "sin2", "cos2"]


def simulate(seed: int = 0, spread: float = 0.0) -> Any:
    """Poisson counts, or negative binomial ones of variance μ + spread·μ²."""
    rng = np.random.default_rng(seed)
    mu = PEOPLE * np.exp(-6.2 - 0.1 * POST + 0.004 * TIME + 0.05 * np.cos(2 * np.pi * MONTH / 12))
    return rng.poisson(mu * (rng.gamma(1 / spread, spread, 60) if spread else 1.0))


def columns(*, slope_change: bool = False) -> Any:
    angle = 2 * np.pi * MONTH / 12
    parts = [np.ones(60), POST, TIME] + ([POST * TIME] if slope_change else [])
    return np.column_stack([*parts, np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)])


def irls(y: Any, x: Any, offset: Any, alpha: float = 0.0) -> tuple[Any, Any]:
    """Coefficients and inverse information of a log-linear count model, by Fisher scoring written out."""
    beta = np.linalg.lstsq(x, np.log(y + 0.5) - offset, rcond=None)[0]
    for _ in range(100):
        mu = np.exp(x @ beta + offset)
        weight = mu / (1 + alpha * mu)
        beta = beta + np.linalg.solve((x * weight[:, None]).T @ x, x.T @ (weight * (y - mu) / mu))
    return beta, np.linalg.inv((x * weight[:, None]).T @ x)


@pytest.mark.parametrize("slope_change", [False, True])
def test_poisson_and_quasi_poisson(slope_change: bool) -> None:
    y, x = simulate(1, 0.01), columns(slope_change=slope_change)
    beta, covariance = irls(y, x, np.log(PEOPLE))
    options: dict[str, Any] = {"harmonics": 2, "slope_change": slope_change}
    plain = segmented(y, PEOPLE, TIME, POST, MONTH, **options)
    assert plain.table.index.tolist() == [*TERMS[:3], *(["post:time"] if slope_change else []), *TERMS[3:]]
    assert plain.table["estimate"].to_numpy() == pytest.approx(beta, abs=1e-9)
    assert plain.table["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-7)
    quasi = segmented(y, PEOPLE, TIME, POST, MONTH, family="quasi-poisson", **options)
    mu = np.exp(x @ beta + np.log(PEOPLE))
    phi = ((y - mu) ** 2 / mu).sum() / (60 - x.shape[1])
    assert quasi.dispersion == plain.dispersion == pytest.approx(phi, rel=1e-8)
    assert quasi.table["estimate"].equals(plain.table["estimate"])
    assert quasi.table["se"].to_numpy() == pytest.approx(np.sqrt(phi * np.diag(covariance)), rel=1e-7)
    assert plain.deviance == pytest.approx(2 * (y * np.log(y / mu) - (y - mu)).sum(), rel=1e-8)
    t = quasi.table.loc["post", "statistic"]
    assert quasi.table.loc["post", "p"] == pytest.approx(2 * stats.t.sf(abs(t), 60 - x.shape[1]), rel=1e-9)
    z = plain.table.loc["post", "statistic"]
    assert plain.table.loc["post", "p"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_negative_binomial_at_its_maximum() -> None:
    y, x = simulate(2, 0.02), columns()
    got = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2, family="negative-binomial")
    assert got.alpha is not None

    def loss(log_alpha: float) -> float:
        alpha = np.exp(log_alpha)
        mu = np.exp(x @ irls(y, x, np.log(PEOPLE), alpha)[0] + np.log(PEOPLE))
        return -float(stats.nbinom(1 / alpha, 1 / (1 + alpha * mu)).logpmf(y).sum())

    alpha = float(np.exp(optimize.minimize_scalar(loss, bracket=(-6, -3), method="brent").x))
    beta, covariance = irls(y, x, np.log(PEOPLE), alpha)
    assert got.alpha == pytest.approx(alpha, rel=1e-4)
    assert got.table["estimate"].to_numpy() == pytest.approx(beta, abs=1e-6)
    assert got.table["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(covariance)), abs=1e-6)
    assert got.dispersion == pytest.approx(1, abs=0.4)


def test_negative_binomial_without_overdispersion_is_poisson() -> None:
    y = np.round(PEOPLE * np.exp(-6.2 - 0.1 * POST + 0.004 * TIME))
    got = segmented(y, PEOPLE, TIME, POST, family="negative-binomial")
    plain = segmented(y, PEOPLE, TIME, POST)
    assert got.alpha == 0
    assert got.table["se"].to_numpy() == pytest.approx(plain.table["se"].to_numpy(), rel=1e-12)


def test_log_rate_is_least_squares() -> None:
    y, x = simulate(3), columns()
    got = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2, family="log-rate")
    target = np.log(1e5 * y / PEOPLE)
    beta, ssr = np.linalg.lstsq(x, target, rcond=None)[:2]
    assert got.table["estimate"].to_numpy() == pytest.approx(beta, abs=1e-10)
    assert got.dispersion == pytest.approx(float(ssr[0]) / 53, rel=1e-9)
    expected = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * float(ssr[0]) / 53)
    assert got.table["se"].to_numpy() == pytest.approx(expected, rel=1e-8)
    per_person = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2, family="log-rate", per=1)
    shift = got.table["estimate"] - per_person.table["estimate"]
    assert shift.to_numpy() == pytest.approx([np.log(1e5), 0, 0, 0, 0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("family", ["poisson", "log-rate", "negative-binomial"])
@pytest.mark.parametrize("lag", [0, 1, 6, 12, 100])
def test_newey_west_as_a_double_sum(family: Any, lag: int) -> None:
    y, x = simulate(4, 0.02), columns()
    got = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2, family=family)
    if family == "log-rate":
        error, weight = np.log(1e5 * y / PEOPLE) - x @ got.table["estimate"].to_numpy(), np.ones(60)
    else:
        mu = np.exp(x @ got.table["estimate"].to_numpy() + np.log(PEOPLE))
        error = (y - mu) / (1 + (got.alpha or 0) * mu)
        weight = mu / (1 + (got.alpha or 0) * mu)
    meat = np.zeros((7, 7))
    for i in range(60):
        for j in range(max(0, i - lag), min(60, i + lag + 1)):
            meat += (1 - abs(i - j) / (lag + 1)) * error[i] * error[j] * np.outer(x[i], x[j])
    inverse = np.linalg.inv((x * weight[:, None]).T @ x)
    expected = np.sqrt(np.diag(inverse @ meat @ inverse))
    assert got.newey_west(lag).to_numpy() == pytest.approx(expected, rel=1e-6)


def test_lag_zero_is_whites_estimator() -> None:
    y = simulate(5)
    got = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2)
    model = sm.GLM(y, columns(), family=sm.families.Poisson(), offset=np.log(PEOPLE)).fit(tol=1e-12, cov_type="HC0")
    assert got.newey_west(0).to_numpy() == pytest.approx(np.asarray(model.bse), rel=1e-6)


def test_breusch_godfrey_against_two_regressions() -> None:
    y, x = simulate(6), columns()
    got = segmented(y, PEOPLE, TIME, POST, MONTH, harmonics=2, family="log-rate")
    e = got.residuals
    lags = np.zeros((60, 12))
    for t in range(60):
        for back in range(1, 13):
            lags[t, back - 1] = e[t - back] if t >= back else 0.0
    auxiliary = sm.OLS(e, np.hstack([x, lags])).fit()
    statistic, p = got.breusch_godfrey()
    assert statistic == pytest.approx(60 * auxiliary.rsquared, rel=1e-8)
    assert p == pytest.approx(stats.chi2.sf(60 * auxiliary.rsquared, 12), rel=1e-8)
    assert got.durbin_watson == pytest.approx(((e[1:] - e[:-1]) ** 2).sum() / (e**2).sum(), rel=1e-12)


def test_autocorrelated_errors_are_noticed() -> None:
    rng = np.random.default_rng(7)
    noise = np.zeros(60)
    for t in range(1, 60):
        noise[t] = 0.8 * noise[t - 1] + 0.05 * rng.normal()
    waves = segmented(1000 * np.exp(noise), PEOPLE, TIME, POST, family="log-rate")
    calm = segmented(1000 * np.exp(0.05 * rng.normal(size=60)), PEOPLE, TIME, POST, family="log-rate")
    assert waves.durbin_watson < 1.2 < 1.5 < calm.durbin_watson
    assert waves.breusch_godfrey(1)[1] < 0.001 < 0.05 < calm.breusch_godfrey(1)[1]


@settings(max_examples=15)
@given(st.floats(-0.5, 0.5), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_recovers_noiseless_terms(level: float, slope: float, change: float) -> None:
    y = PEOPLE * np.exp(-6 + level * POST + slope * TIME + change * POST * TIME)
    for family in ("poisson", "log-rate"):
        got = segmented(y, PEOPLE, TIME, POST, slope_change=True, family=family)
        expected = [-6 if family == "poisson" else -6 + np.log(1e5), level, slope, change]
        assert got.table["estimate"].to_numpy() == pytest.approx(expected, abs=1e-7)


Y = simulate(8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: loose.segmented(Y, PEOPLE, TIME, POST, family="poison"), r"unknown family 'poison'; did you mean"),
        (lambda: segmented(Y, PEOPLE, TIME, POST, harmonics=2), r"2 harmonics need the calendar month"),
        (lambda: segmented(Y, PEOPLE, TIME, POST, MONTH - 1, harmonics=1), r"month must lie in \[1, 12\]: 5 of 60"),
        (lambda: segmented(Y, PEOPLE, TIME, POST, MONTH[:9], harmonics=1), r"month needs one value a month"),
        (lambda: segmented(Y[:9], PEOPLE, TIME, POST), r"lengths differ: 60 times, events of shape \(9,\)"),
        (lambda: segmented(Y, PEOPLE[:9], TIME, POST), r"lengths differ: 60 times.*exposure \(9,\)"),
        (lambda: segmented(Y, PEOPLE, TIME[:9], POST), r"time and post.*\(9,\) and \(60,\)"),
        (lambda: segmented(Y, PEOPLE, TIME[::-1], POST), r"time must increase; it does not after position 0"),
        (lambda: segmented(Y, PEOPLE, TIME, 0.5 * POST), r"post is 0 before and 1 after the change, got 0.5"),
        (lambda: segmented(Y, PEOPLE, TIME, 0 * POST), r"60 months cannot tell 3 terms apart \(rank 2"),
        (lambda: segmented(Y, 0 * PEOPLE, TIME, POST), r"exposure must lie in \(0, inf\): 60 of 60"),
        (lambda: segmented(-Y, PEOPLE, TIME, POST), r"events must lie in \[0, inf\)"),
        (lambda: segmented(np.where(TIME == 3, np.nan, Y), PEOPLE, TIME, POST), r"events.*first nan at position 2"),
        (lambda: segmented(Y * POST, PEOPLE, TIME, POST), r"events are all 0 in the 36 months before the change"),
        (lambda: segmented(Y * (1 - POST), PEOPLE, TIME, POST), r"events are all 0 in the 24 months after the change"),
        (lambda: segmented(Y * (TIME != 7), PEOPLE, TIME, POST, family="log-rate"), r"1 of 60 months have 0 events"),
        (lambda: segmented(Y + 0.5, PEOPLE, TIME, POST, family="negative-binomial"), r"60 of 60 are not"),
        (lambda: segmented(Y * ((TIME < 37) | (TIME == 60)), PEOPLE, TIME, POST, slope_change=True),
         r"no finite estimate: 23 of 60 months hold no events"),
        (lambda: segmented(Y, PEOPLE, TIME, POST).newey_west(-1), r"lag must lie in \[0, inf\)"),
        (lambda: segmented(Y, PEOPLE, TIME, POST).breusch_godfrey(60), r"order 60 is too high for 60 months"),
        (lambda: segmented(Y, PEOPLE, TIME, POST).breusch_godfrey(0), r"order must lie in \[1, inf\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        call()
