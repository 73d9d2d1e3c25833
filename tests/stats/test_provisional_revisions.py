"""Earlier releases against the final count."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats.provisional import revision_factors, revision_interval, revisions

ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "vsrr_revisions.csv")


@pytest.fixture(scope="module")
def found(published: pd.DataFrame) -> pd.DataFrame:
    return revisions(*(published[c] for c in ("reported", "predicted", "final", "lag_months")))


def test_ratios(published: pd.DataFrame, found: pd.DataFrame) -> None:
    columns = ["lag_months", "reported", "predicted", "final", "reported_over_final", "predicted_over_final"]
    assert list(found.columns) == columns
    pd.testing.assert_frame_equal(found, published[columns], rtol=1e-12, check_dtype=False)
    assert found["predicted_over_final"].isna().any()


def test_summaries(found: pd.DataFrame) -> None:
    for _, row in pd.read_csv(ORACLES / "vsrr_revision_summary.csv").iterrows():
        ends = [int(lag) for lag in row["lags"].split("-")]
        lags = ends[0] if len(ends) == 1 else (ends[0], ends[1])
        got = revision_factors(found, lags, row["ratio"].removesuffix("_over_final"))
        assert got.n == row["n"]
        assert got.lags == (ends[0], ends[-1])
        assert got.label == "empirical"
        for name in ("mean", "sd", "min", "max", "factor_centre", "factor_lower", "factor_upper"):
            assert getattr(got, name) == pytest.approx(row[name], rel=1e-12), name


def test_interval_is_the_range_of_the_past_and_says_so(found: pd.DataFrame) -> None:
    factors = revision_factors(found, (6, 13))
    got = revision_interval(100_000, factors)
    assert (got.low, got.value, got.high) == pytest.approx(
        (1e5 * factors.factor_lower, 1e5 * factors.factor_centre, 1e5 * factors.factor_upper)
    )
    assert got.level is None
    assert got.unit == "deaths"
    assert got.method.startswith("empirical")
    assert f"n = {factors.n}" in got.method
    assert "predicted" in got.method


@given(st.lists(st.integers(500, 2000), min_size=2, max_size=20))
def test_factors_lead_every_past_release_to_its_final_count(reported: list[int]) -> None:
    table = revisions(reported, None, 1000, 6)
    assert table["predicted_over_final"].isna().all()
    factors = revision_factors(table, 6, "reported")
    assert factors.factor_lower <= factors.factor_centre * (1 + 1e-12)
    assert factors.factor_centre <= factors.factor_upper * (1 + 1e-12)
    for count in reported:
        estimate = revision_interval(count, factors)
        assert estimate.low - 1e-6 <= 1000 <= estimate.high + 1e-6


def test_rows_keep_their_labels() -> None:
    counts = pd.Series([98, 99], index=["2023-01", "2023-02"])
    assert list(revisions(counts, None, 100, 6).index) == ["2023-01", "2023-02"]


@pytest.mark.parametrize(
    ("reported", "final", "lag", "message"),
    [
        ([98, 99], [100, 0], 6, "final is 0 in 1 of 2 rows"),
        ([98, -1], 100, 6, "negative"),
        ([98, 99.5], 100, 6, "whole"),
        ([98, math.inf], 100, 6, "infinite"),
        ([98, "99"], 100, 6, "must be numbers"),
        ([98, 99], 100, [6, None], "lag is missing in 1 of 2 rows"),
        ([98, 99], 100, [6, 6.5], "whole"),
        ([98, 99], [100, 100, 100], 6, "lengths differ"),
    ],
)
def test_revisions_refuse(reported: Any, final: Any, lag: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        revisions(reported, None, final, lag)


@pytest.mark.parametrize(
    ("lags", "measure", "message"),
    [
        (6, "predicted", "known 0 times at lags 6 to 6"),
        (12, "reported", "known 1 times at lags 12 to 12"),
        (6, "preliminary", "unknown measure 'preliminary'"),
        ((7, 6), "reported", "the first and the last"),
        ((6, 7, 8), "reported", "the first and the last"),
        ((6, np.nan), "reported", "the first and the last"),
        ((6, 7.5), "reported", "whole"),
        (-1, "reported", "negative"),
        (8, "reported", "reported is 0 in 1 of 2 rows"),
    ],
)
def test_factors_refuse(lags: Any, measure: str, message: str) -> None:
    table = revisions([98, 99, 97, 0, 95], None, 100, [6, 6, 12, 8, 8])
    with pytest.raises(StatsError, match=message):
        revision_factors(table, lags, measure)


def test_factors_want_a_table_of_revisions() -> None:
    with pytest.raises(StatsError, match="no column lag_months"):
        revision_factors(pd.DataFrame({"predicted_over_final": [1.0, 1.1]}), 6)


@pytest.mark.parametrize("value", [-1, np.nan, math.inf, None, "5", True, [1, 2]])
def test_interval_refuses(found: pd.DataFrame, value: Any) -> None:
    with pytest.raises(StatsError):
        revision_interval(value, revision_factors(found, (6, 13)))
