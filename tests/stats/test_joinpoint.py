"""Joinpoint fits against frozen values: conventions of the NCI program on US overdose death rates, and what NCHS printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import joinpoint
from fentanyl_stats.stats._joinpoint_grid import default_maximum
from fentanyl_stats.stats.joinpoint import average_slope

ORACLES = Path(__file__).parents[1] / "oracles"
KEY = ["set", "series", "first_year", "last_year"]
MODELS = pd.read_csv(ORACLES / "joinpoint_models.csv").set_index(KEY)
INPUT = pd.read_csv(ORACLES / "joinpoint_input.csv")
Key = tuple[str, str, int, int]

every_model = pytest.mark.parametrize("key", list(MODELS.index), ids=lambda key: f"{key[0]}-{key[3]}")


def series(key: Key) -> pd.DataFrame:
    name, label, first, last = key
    return INPUT[(INPUT["set"] == name) & (INPUT["series"] == label) & INPUT["year"].between(first, last)]


def fitted(key: Key, **options: Any) -> joinpoint.Fit:
    rows = series(key)
    return joinpoint.fit(rows["year"], rows["rate"], se=rows["se"], **options)


def expected(table: str, key: Key) -> pd.DataFrame:
    rows: pd.DataFrame = pd.read_csv(ORACLES / f"joinpoint_{table}.csv").set_index(KEY).sort_index().loc[[key]]
    return rows


@every_model
def test_model_is_the_frozen_one(key: Key) -> None:
    want, fit = MODELS.loc[key], fitted(key)
    assert fit.k == want["k"]
    assert fit.max_joinpoints == want["kmax"]
    assert fit.n == want["n_obs"]
    assert fit.joinpoints["x"].tolist() == [int(x) for x in want["joinpoints"].split(";")]
    assert fit.sse == pytest.approx(want["sse"], rel=1e-9)


@every_model
def test_average_annual_percent_change(key: Key) -> None:
    want, fit = MODELS.loc[key], fitted(key)
    average = fit.aapc()
    got = np.array([average.value, average.low, average.high], dtype=float)
    npt.assert_allclose(got, want[["aapc", "aapc_lower", "aapc_upper"]].astype(float), rtol=1e-9)
    assert (average.unit, average.level) == ("percent per year", 0.95)
    law = average_slope(fit.segments, fit.df, key[2], key[3])
    npt.assert_allclose([law.statistic, law.p], [want["aapc_stat"], want["aapc_p"]], rtol=1e-8)
    assert f"statistic {want['aapc_stat']:.3f}" in average.note


@every_model
def test_segments_and_changes(key: Key) -> None:
    want, fit = expected("segments", key), fitted(key)
    columns = {
        "slope": "slope",
        "slope_se": "se",
        "apc": "apc",
        "apc_lower": "low",
        "apc_upper": "high",
        "t": "t",
        "p": "p",
    }
    assert fit.segments[["start", "end"]].to_numpy().tolist() == want[["start", "end"]].to_numpy().tolist()
    for theirs, ours in columns.items():
        npt.assert_allclose(fit.segments[ours], want[theirs], rtol=1e-9, err_msg=theirs)
    for theirs, ours in {"start": "x", "change": "change", "change_se": "se", "change_p": "p"}.items():
        npt.assert_allclose(fit.changes[ours], want[theirs].iloc[1:], rtol=1e-9, err_msg=theirs)


@every_model
def test_joinpoint_intervals(key: Key) -> None:
    want = expected("locations", key)[["tau", "tau_lower", "tau_upper"]]
    assert fitted(key).joinpoints[["x", "low", "high"]].to_numpy().tolist() == want.to_numpy().tolist()


@every_model
def test_criteria(key: Key) -> None:
    want, selection = expected("criteria", key), fitted(key).selection
    assert list(selection.columns) == ["k", "sse", "bic", "bic3", "wbic", "r2max"]
    for column in selection.columns:
        npt.assert_allclose(selection[column], want[column], rtol=1e-9, atol=1e-12, err_msg=column)
    for rule in ("bic", "bic3", "wbic"):
        assert fitted(key, select=rule).k == want["k"].to_numpy()[want[rule].to_numpy().argmin()]


@every_model
def test_best_sets_of_every_size(key: Key) -> None:
    for row in expected("criteria", key).itertuples():
        found = fitted(key, k=row.k)
        assert found.rule == "fixed"
        assert ";".join(str(x) for x in found.joinpoints["x"]) == ("" if pd.isna(row.joinpoints) else row.joinpoints)


@every_model
def test_sum_of_squares_falls_with_every_joinpoint(key: Key) -> None:
    assert (np.diff(fitted(key).selection["sse"]) < 0).all()


def test_nchs_data_brief_294() -> None:
    items = json.loads((ORACLES / "nchs_statements.json").read_text())["items"]
    brief = next(item for item in items if item["id"] == "DB294")
    fit = fitted(("us_aar", "all overdoses", *brief["years"]))
    assert fit.joinpoints["x"].tolist() == brief["joinpoints"]
    assert fit.segments["apc"].round().tolist() == brief["apc_rounded"]
    assert fit.segments["apc"].round(1).tolist() == brief["recomputed_apc"]


def test_default_maximum_is_that_of_the_nci_program() -> None:
    lengths = {0: range(3, 7), 1: range(7, 12), 2: range(12, 17), 3: range(17, 22), 4: range(22, 27), 5: range(27, 60)}
    for maximum, ns in lengths.items():
        assert {default_maximum(n) for n in ns} == {maximum}


YEARS = list(range(2000, 2012))
RATES = [5 * 1.1 ** min(i, 6) * 0.97 ** max(i - 6, 0) * (1 + 0.02 * (-1) ** i) for i in range(12)]


def swapped(value: Any) -> list[Any]:
    return [*RATES[:3], value, *RATES[4:]]


@pytest.mark.parametrize("value", [0, -1.5, np.nan, None, np.inf, "5", True, pd.NA, 1 + 0j])
@pytest.mark.parametrize("column", ["y", "se"])
def test_a_bad_rate_or_standard_error_is_refused(column: str, value: Any) -> None:
    columns: dict[str, Any] = {"y": RATES, "se": [0.1] * 12, column: swapped(value)}
    with pytest.raises(StatsError, match=f"^{column}.* 1 of 12 "):
        joinpoint.fit(YEARS, **columns)


def test_the_message_says_where() -> None:
    with pytest.raises(StatsError, match="first 0.0 at position 3"):
        joinpoint.fit(YEARS, swapped(0))
    with pytest.raises(StatsError, match="first nan at 'd'"):
        joinpoint.fit(YEARS, pd.Series(swapped(np.nan), index=list("abcdefghijkl")))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (YEARS[:-1], "x has 11 values and y has 12"),
        ([2000, *YEARS[:-1]], "x = 2000 occurs more than once"),
        ([None, *YEARS[1:]], "^x must be numbers"),
        ([np.nan, *YEARS[1:]], "^x must be finite"),
        ([str(year) for year in YEARS], "^x must be numbers"),
        (pd.date_range("2000", periods=12), "^x must be numbers"),
        ([YEARS], "^x has 2 dimensions"),
        (2000, "^x has 0 dimensions"),
        (np.arange(12) * 1e300, "too extreme"),
        (np.arange(12) * 1e-300, "too extreme"),
    ],
)
def test_a_bad_x_is_refused(x: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        joinpoint.fit(x, RATES)


def test_masked_values_are_missing_not_used() -> None:
    with pytest.raises(StatsError, match="^y .*1 of 12"):
        joinpoint.fit(YEARS, np.ma.array(RATES, mask=[False] * 11 + [True]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": "aic"}, "unknown selection rule 'aic'; did you mean 'bic'"),
        ({"select": ["wbic"]}, "unknown selection rule"),
        ({"k": -1}, "^k must lie"),
        ({"k": 1.5}, "^k must be a whole number"),
        ({"k": True}, "^k must be numbers"),
        ({"max_joinpoints": "2"}, "^max_joinpoints must be numbers"),
        ({"k": 4}, "4 joinpoints need at least 15 observations and the series has 12; at most 3"),
        ({"max_joinpoints": 4}, "at most 3 can be fitted"),
        ({"k": 2, "max_joinpoints": 1}, "k = 2 is above max_joinpoints = 1"),
        ({"permutations": 0}, "^permutations must lie"),
        ({"seed": -1}, "^seed must lie"),
        ({"se": [0.1] * 11}, "x has 12 values and se has 11"),
        ({"se": [1e-200] * 12}, "gives no usable weight"),
    ],
)
def test_a_bad_option_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(StatsError, match=message):
        joinpoint.fit(YEARS, RATES, **options)


def test_series_too_short_or_too_long() -> None:
    with pytest.raises(StatsError, match="2 observations; .* at least 3"):
        joinpoint.fit([1, 2], [1, 2])
    with pytest.raises(StatsError, match="empty"):
        joinpoint.fit([], [])
    assert joinpoint.fit([1, 2, 3], [1, 2, 3]).df == 1
    assert joinpoint.fit(YEARS[:6], RATES[:6], k=1).df == 1
    with pytest.raises(StatsError, match="search for 5 joinpoints in 2,001 observations, would take about 5 minutes"):
        joinpoint.fit(range(2001), np.arange(1, 2002))
    with pytest.raises(
        StatsError, match=r"120 observations, 4,499 times, would take about .* minutes .* lower max_join"
    ):
        joinpoint.fit(range(120), np.arange(1, 121), select="permutation")


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (1999, 2005, "^start must lie in"),
        (2005, 2011.5, "^end must lie in"),
        (np.nan, 2005, "^start must lie in"),
        ("2001", 2005, "^start must be numbers"),
        (True, 2005, "^start must be numbers"),
        (2005, 2005, "give start before end"),
        (2006, 2005, "no average change from 2006 to 2005"),
    ],
)
def test_averages_stay_within_the_series(start: Any, end: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        joinpoint.fit(YEARS, RATES).aapc(start, end)


def test_predictions_stay_within_the_series() -> None:
    with pytest.raises(StatsError, match="1 of 2 does not, first 1999"):
        joinpoint.fit(YEARS, RATES).predict([1999, 2005])


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, pd.Index, lambda v: pd.Series(v, dtype="Float64")])
def test_any_column_of_numbers_will_do(kind: Any) -> None:
    fit, usual = joinpoint.fit(kind(YEARS), kind(RATES), kind([0.1] * 12)), joinpoint.fit(YEARS, RATES, [0.1] * 12)
    pd.testing.assert_frame_equal(fit.segments, usual.segments)
    assert fit.joinpoints["x"].dtype == np.int64


def test_a_fixed_number_ignores_the_rule_and_may_lie_below_the_maximum() -> None:
    fit = joinpoint.fit(YEARS, RATES, k=1, max_joinpoints=2, select="permutation")
    assert (fit.k, fit.rule, fit.max_joinpoints, fit.permutations) == (1, "fixed", 2, 0)
    assert fit.selection["k"].tolist() == [0, 1, 2]


def test_a_result_says_what_it_is() -> None:
    rates = pd.Series(RATES, name="<i>T40.4</i> & more")
    fit = joinpoint.fit(YEARS, rates)
    text, page = str(fit), fit._repr_html_()
    assert text == repr(fit)
    assert "Joinpoint fit of <i>T40.4</i> & more: 1 joinpoint at 2006" in text
    assert "12 observations, 2000 to 2011" in text
    assert "unweighted; number of joinpoints: WBIC, seed 0 not used, maximum 2" in text
    assert f"{fit.segments['apc'][0]:.2f}" in text
    assert "&lt;i&gt;T40.4&lt;/i&gt; &amp; more" in page
    assert "<i>" not in page
    assert "<table" in page
    weighted = joinpoint.fit(YEARS, RATES, [0.1] * 12, select="permutation", permutations=1999, seed=7)
    assert "weights (rate/SE)²; number of joinpoints: permutation tests at level 0.05" in weighted.method
    assert "1,999 permutations each, seed 7, maximum 2" in weighted.method
    assert "fixed at 0" in joinpoint.fit(YEARS, RATES, k=0).method
    assert weighted.method in weighted.aapc().method
