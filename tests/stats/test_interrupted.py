"""Change of level and slope of monthly counts, and the same at placebo dates."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import interrupted as its

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
            its.fit(pd.Series(rng.poisson(mean, 36), index), "2019-07", harmonics=0)
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
