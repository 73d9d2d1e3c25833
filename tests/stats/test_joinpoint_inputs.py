"""What a series may look like, what is refused and with which words, and how a result shows itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import joinpoint

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
    with pytest.raises(StatsError, match=r"search for 5 joinpoints in 500 observations takes 2e\+11 fits"):
        joinpoint.fit(range(500), np.arange(1, 501))
    with pytest.raises(StatsError, match=r"search for 5 joinpoints in 120 .* lower max_joinpoints or permutations"):
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
