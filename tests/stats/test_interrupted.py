"""Interrupted series and segmented models against independent computations."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import interrupted
from fentanyl_stats.stats import interrupted as its
from fentanyl_stats.stats.interrupted import segmented

ORACLES = Path(__file__).parents[1] / "oracles"
loose: Any = its  # what a notebook may pass, types or not


def read() -> pd.Series:
    return pd.read_csv(ORACLES / "t404_monthly.csv", index_col="period")["deaths"]


@pytest.fixture
def deaths() -> pd.Series:
    return read()


def exact(level: float, slope: float, months: int = 48, event: str = "2017-01") -> pd.Series:
    """Counts without noise: a trend, a season, the days of the month, and a change at `event`."""
    index = pd.period_range("2015-01", periods=months, freq="M")
    x = np.array([(month - pd.Period(event, "M")).n for month in index]) / 12
    log = 0.1 * x + (x >= 0) * (level + slope * x) + 0.1 * np.sin(2 * np.pi * index.month / 12)
    return pd.Series(50 * index.days_in_month * np.exp(log), index)


@pytest.mark.slow
@pytest.mark.parametrize("row", list(pd.read_csv(ORACLES / "its_t404_expected.csv").to_dict("records")))
def test_may_2019(deaths: pd.Series, row: dict[str, Any]) -> None:
    got = its.fit(deaths, row["date"], int(row["window"]))
    assert got.log_level == pytest.approx(row["log_level"], abs=1e-6)
    assert got.log_slope == pytest.approx(row["log_slope"], abs=1e-6)
    assert got.se_quasi["level"] == pytest.approx(row["level_se_quasi"], abs=1e-6)
    assert got.se_quasi["slope"] == pytest.approx(row["slope_se_quasi"], abs=1e-6)
    assert got.se_hac["level"] == pytest.approx(row["level_se_hac"], abs=1e-6)
    assert got.se_hac["slope"] == pytest.approx(row["slope_se_hac"], abs=1e-6)
    assert got.dispersion == pytest.approx(row["dispersion"], rel=1e-5)
    others = its.placebo(deaths, row["date"], int(row["window"]))
    assert others.n == row["n_placebo"]
    assert others.p_level == pytest.approx(row["placebo_p_level"], abs=1e-9)
    assert others.p_slope == pytest.approx(row["placebo_p_slope"], abs=1e-9)


def test_ratios_are_those_of_the_table(deaths: pd.Series) -> None:
    got = its.fit(deaths, "2019-05")
    assert got.level.value == pytest.approx(math.exp(got.log_level), rel=1e-12)
    assert got.slope.value == pytest.approx(math.exp(got.log_slope), rel=1e-12)
    assert got.table.index.tolist() == [
        "intercept", "post", "time", "post:time", "sin1", "cos1", "sin2", "cos2",
    ]  # fmt: skip
    row = got.table.loc["post"]
    assert (row["ratio"], row["low"], row["high"]) == (got.level.value, got.level.low, got.level.high)
    # Symmetric on the log scale, with Student's t on 24 − 8 degrees of freedom.
    half = math.log(got.level.high / got.level.low) / 2
    assert half == pytest.approx(2.1199052992 * got.se_quasi["level"], rel=1e-8)
    assert (got.level.unit, got.slope.unit) == ("rate ratio", "rate ratio per year")
    wider = its.fit(deaths, "2019-05", level=0.99).level
    assert wider.low < got.level.low < row["ratio"] < got.level.high < wider.high


@settings(max_examples=20)
@given(st.floats(-1, 1), st.floats(-1, 1), st.sampled_from([8, 12, 20]))
def test_recovers_a_change_without_noise(level: float, slope: float, window: int) -> None:
    got = its.fit(exact(level, slope), "2017-01", window)
    assert got.log_level == pytest.approx(level, abs=1e-6)
    assert got.log_slope == pytest.approx(slope, abs=1e-6)
    assert got.dispersion == pytest.approx(0, abs=1e-9)


@settings(max_examples=15)
@given(st.floats(0.01, 100))
def test_a_constant_factor_changes_nothing(factor: float) -> None:
    deaths = read()
    plain, scaled = its.fit(deaths, "2016-07"), its.fit(factor * deaths, "2016-07")
    assert scaled.log_level == pytest.approx(plain.log_level, abs=1e-9)
    assert scaled.se_quasi.to_numpy() == pytest.approx(plain.se_quasi.to_numpy(), rel=1e-7)
    assert scaled.se_hac.to_numpy() == pytest.approx(plain.se_hac.to_numpy(), rel=1e-7)
    assert scaled.dispersion == pytest.approx(factor * plain.dispersion, rel=1e-7)


@pytest.mark.parametrize(
    "index",
    [
        lambda i: pd.PeriodIndex(i, freq="M"),
        lambda i: pd.to_datetime(i),
        lambda i: pd.to_datetime(i) + pd.offsets.MonthEnd(0),
        lambda i: pd.to_datetime(i).tz_localize("America/New_York"),
        lambda i: pd.Index([dt.date.fromisoformat(f"{m}-01") for m in i]),
    ],
    ids=["periods", "month starts", "month ends", "zoned", "dates"],
)
def test_any_month_index_in_any_order(deaths: pd.Series, index: Any) -> None:
    expected = its.fit(deaths, "2019-05")
    other = pd.Series(deaths.to_numpy(), index(deaths.index)).sample(frac=1, random_state=1)
    for date in (pd.Period("2019-05", "M"), pd.Timestamp("2019-05-20"), dt.date(2019, 5, 1), "2019-05-31"):
        assert its.fit(other, date).table["estimate"].equals(expected.table["estimate"])


def test_outside_the_window_nothing_matters(deaths: pd.Series) -> None:
    changed = deaths.astype(float)
    changed["2017-12"], changed["2020-05"] = np.nan, -7
    # A hole or a slip elsewhere is no reason to refuse a window that holds neither.
    assert its.fit(changed, "2019-05").log_level == its.fit(deaths, "2019-05").log_level


def test_input_is_left_alone(deaths: pd.Series) -> None:
    before = deaths.copy()
    its.fit(deaths, "2019-05")
    pd.testing.assert_series_equal(deaths, before)


def test_placebo_ranks_the_true_date_among_all(deaths: pd.Series) -> None:
    short = deaths["2012-01":"2017-12"]
    got = its.placebo(short, "2016-01", first="2015-06")
    assert got.table.index.tolist() == list(pd.period_range("2015-06", "2017-01", freq="M"))
    assert got.n == len(got.table) == 20
    assert got.table.index[got.table["event"]].tolist() == [pd.Period("2016-01", "M")]
    fits = {date: its.fit(short, date) for date in got.table.index}
    assert got.table["log_level"].tolist() == pytest.approx([f.log_level for f in fits.values()], abs=1e-12)
    for column, p in (("log_level", got.p_level), ("log_slope", got.p_slope)):
        sizes = got.table[column].abs()
        assert p == pytest.approx((sizes >= sizes[pd.Period("2016-01", "M")] - 1e-12).sum() / 20)


def test_placebo_ranks_the_change_over_its_standard_error(deaths: pd.Series) -> None:
    got = its.placebo(deaths, "2019-05")
    fits = [its.fit(deaths, date) for date in got.table.index[::9]]
    for term in ("level", "slope"):
        ratios = [getattr(f, f"log_{term}") / f.se_quasi[term] for f in fits]
        assert got.table[f"{term}_t"][::9].tolist() == pytest.approx(ratios, rel=1e-9)
        sizes = got.table[f"{term}_t"].abs()
        assert getattr(got, f"p_{term}_t") == (sizes >= sizes[pd.Period("2019-05", "M")]).mean()


def test_power_is_the_share_of_shifted_dates_above_what_is_needed(deaths: pd.Series) -> None:
    got = its.placebo(deaths, "2022-08")
    others = got.table.loc[~got.table["event"], "level_t"].to_numpy()
    se = got.table.loc[got.table["event"], "se_level"].iloc[0]
    shifted = np.concatenate([others + math.log(1.1) / se, others - math.log(1.1) / se])
    reached = [(np.count_nonzero(np.abs(others) >= abs(t)) + 1) / got.n <= 0.025 for t in shifted]
    assert got.power() == pytest.approx(np.mean(reached))
    assert got.power(0.01) < got.power() < got.power(0.2) < got.power(2) == 1
    assert got.power(2, size=1 / 200) == 0  # no p can be that small
    for step, size in ((0, 0.1), (-0.1, 0.1), (np.nan, 0.1), (0.1, 0), (0.1, 1)):
        with pytest.raises(StatsError):
            got.power(step, size)


def test_windows_repeat_the_test(deaths: pd.Series) -> None:
    got = its.windows(deaths, "2019-05", (6, 12, 24, 90))
    assert got.index.tolist() == [6, 12, 24]  # 90 months do not fit
    for window, row in got.iterrows():
        own, fit = its.placebo(deaths, "2019-05", int(str(window))), its.fit(deaths, "2019-05", int(str(window)))
        assert row["n"] == own.n
        assert row["level"] == pytest.approx(fit.level.value) and row["slope"] == pytest.approx(fit.slope.value)
        assert (row["p_level"], row["p_slope"], row["p_level_t"], row["p_slope_t"]) == (
            own.p_level, own.p_slope, own.p_level_t, own.p_slope_t,
        )  # fmt: skip
    with pytest.raises(StatsError, match="is not among the placebo dates"):
        its.windows(deaths, "2035-05")
    with pytest.raises(StatsError, match="at least one window"):
        its.windows(deaths, "2019-05", ())
    assert its.windows(deaths, "2019-05", 12).index.tolist() == [12]
    for wrong in ((6.5,), (12, 0), (12, "x"), "12", None):
        with pytest.raises(StatsError, match="window must"):
            its.windows(deaths, "2019-05", wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_size_of_the_placebo_test_on_a_growing_series() -> None:
    months = pd.period_range("2013-01", "2024-12", freq="M")
    mean = 250 * np.exp(np.linspace(0, 3, len(months))) * months.days_in_month / 30
    rng = np.random.default_rng(0)
    small = {}
    for date in ("2014-06", "2022-08"):
        tests = [its.placebo(pd.Series(rng.poisson(mean), months), date, monthly=True) for _ in range(150)]
        small[date] = [np.mean([getattr(t, name) <= 0.05 for t in tests]) for name in ("p_level", "p_level_t")]
    assert small["2014-06"][0] > 0.1 and small["2022-08"][0] < 0.03  # coefficients alone
    assert 0.01 < small["2014-06"][1] < 0.1 and 0.01 < small["2022-08"][1] < 0.1


def test_placebo_p_is_least_for_the_largest_change() -> None:
    got = its.placebo(exact(1.0, 0.0), "2017-01", first="2016-01")
    assert got.n == 25
    assert got.p_level == pytest.approx(1 / 25)


def test_placebo_starts_with_the_first_full_window(deaths: pd.Series) -> None:
    got = its.placebo(deaths["2014-06":], "2019-05", 24)
    assert got.table.index[0] == pd.Period("2016-06", "M")
    assert got.table.index[-1] == pd.Period("2023-01", "M")


def labelled(series: pd.Series, **attrs: object) -> pd.Series:
    series = series.copy()
    series.attrs.update(attrs)
    return series


@pytest.mark.parametrize("label", ["12-month", "12 months ending", 12, "twelve months", "rolling"])
def test_sums_over_a_year_by_attribute(deaths: pd.Series, label: object) -> None:
    with pytest.raises(StatsError, match=r"12-month sums.*labelled.*give monthly counts"):
        its.fit(labelled(deaths, window=label), "2019-05", monthly=True)


def test_sums_over_a_year_by_name(deaths: pd.Series) -> None:
    with pytest.raises(StatsError, match="'month_ending'"):
        its.fit(deaths.rename_axis("month_ending"), "2019-05")
    with pytest.raises(StatsError, match="12-month sums"):
        its.placebo(deaths.rename("12-month deaths"), "2019-05")
    assert its.fit(labelled(deaths.rename("deaths_2012"), window="month"), "2019-05").window == 12


def test_sums_over_a_year_by_their_smoothness(deaths: pd.Series) -> None:
    sums = deaths.rolling(12).sum().dropna()
    for call in (its.fit, its.placebo):
        with pytest.raises(StatsError, match=r"series of 169 months.*looks like 12-month sums"):
            call(sums, "2019-05")
    assert its.fit(sums, "2019-05", monthly=True).window == 12


def test_published_12_month_counts_look_like_sums() -> None:
    rows = pd.read_csv(ORACLES / "vsrr_rows.csv")
    us = rows[(rows["state"] == "US") & (rows["indicator"] == "all_drugs")]
    months = pd.PeriodIndex.from_fields(year=us["year"], month=us["month"], freq="M")
    series = pd.Series(us["reported"].to_numpy(), months)
    with pytest.raises(StatsError, match="looks like 12-month sums"):
        its.fit(series, "2019-05")


def test_independent_months_are_seldom_taken_for_sums() -> None:
    rng = np.random.default_rng(2)
    index = pd.period_range("2018-01", periods=36, freq="M")
    taken = 0
    for mean in np.repeat([20, 300, 5000], 30):
        try:
            its.monthly_counts(pd.Series(rng.poisson(mean, 36), index))
        except StatsError:
            taken += 1
    assert taken <= 1


def test_provisional_months_are_refused(deaths: pd.Series) -> None:
    words = "6 of the 24 months 2023-01 to 2024-12 are provisional .from 2024-07.*end the analysis before"
    with pytest.raises(StatsError, match=words):
        its.fit(deaths, "2024-01", provisional_from="2024-07")
    with pytest.raises(StatsError, match=words):
        its.fit(labelled(deaths, provisional_from="2024-07"), "2024-01")
    with pytest.raises(StatsError, match="provisional"):
        its.placebo(labelled(deaths, provisional_from="2024-07"), "2019-05")
    assert its.fit(labelled(deaths, provisional_from="2024-07"), "2023-07").window == 12
    cut = labelled(deaths[:"2024-06"], provisional_from="2024-07")
    assert its.placebo(cut, "2019-05").n == 115


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda s: s.to_numpy(), {}, r"must be a pandas Series.*got ndarray"),
        (lambda s: s.iloc[:0], {}, r"series is empty"),
        (lambda s: s.reset_index(drop=True), {}, r"index label '0' is not a month"),
        (lambda s: pd.concat([s, s.iloc[:2]]), {}, r"2 months of the series come more than once, first 2010-01"),
        (lambda s: s.drop("2019-03"), {}, r"1 of the 24 months 2018-05 to 2020-04 are not in the series"),
        (lambda s: s.where(s.index != "2019-03"), {}, r"1 of 24 does not, first nan.*2019-03.*missing month is not 0"),
        (lambda s: -s, {}, r"counts of months 2018-05 to 2020-04 must lie in \[0, inf\): 24 of 24"),
        (lambda s: s.astype(str), {}, r"must be numbers: 24 of 24 are not"),
        (lambda s: s * 0, {}, r"around 2019-05: events are all 0 in the 12 months before"),
        (lambda s: s, {"date": "2024-06"}, r"5 of the 24 months.*2025-05.*first 2025-01"),
        (lambda s: s, {"date": "2019"}, r"date '2019' is not a month; write YYYY-MM"),
        (lambda s: s, {"date": "2019-13"}, r"date '2019-13' is not a month"),
        (lambda s: s, {"date": 2019}, r"date '2019' is not a month"),
        (lambda s: s, {"date": None}, r"date 'None' is not a month"),
        (lambda s: s, {"window": 3}, r"6 months cannot tell 8 terms apart"),
        (lambda s: s, {"window": 12.5}, r"window must be a whole number"),
        (lambda s: s, {"window": 0}, r"window must lie in \[1, inf\)"),
        (lambda s: s, {"harmonics": 6}, r"cannot tell 16 terms apart"),
        (lambda s: s, {"harmonics": -1}, r"harmonics must lie in \[0, inf\)"),
        (lambda s: s, {"lag": -1}, r"lag must lie in \[0, inf\)"),
        (lambda s: s, {"level": 95}, r"level.*95 % as 0.95"),
        (lambda s: s, {"provisional_from": "soon"}, r"provisional_from 'soon' is not a month"),
        (lambda s: pd.Series(s.to_numpy(), pd.period_range("1980", periods=180, freq="Q")), {}, r"periods of 'Q-DEC'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(deaths: pd.Series, change: Any, options: dict[str, Any], words: str) -> None:
    options = {"date": "2019-05"} | options
    with pytest.raises(StatsError, match=words):
        loose.fit(change(deaths), **options)


def test_date_outside_the_placebo_set(deaths: pd.Series) -> None:
    with pytest.raises(StatsError, match=r"2013-05 is not among the placebo dates \(2014-01 to 2024-01\)"):
        its.placebo(deaths, "2013-05")
    with pytest.raises(StatsError, match=r"placebo dates \(none\)"):
        its.placebo(deaths[:"2014-03"], "2014-01")


unchecked: Any = interrupted
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
        (lambda: unchecked.segmented(Y, PEOPLE, TIME, POST, family="poison"), r"unknown family 'poison'; did you mean"),
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
def test_bad_models_are_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        call()
