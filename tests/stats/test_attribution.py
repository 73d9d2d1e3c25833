"""Deaths without a named drug."""

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
from fentanyl_stats.stats.attribution import bounds, missing_at_random, pooled_share, table

ORACLES = Path(__file__).parents[1] / "oracles"
COLUMNS = [
    "unspecified", "lower", "upper", "mar", "pooled_share", "share_reported", "share_upper", "share_mar",
]  # fmt: skip


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "attribution_us.csv", index_col="period")


def test_us_2015_to_2024(published: pd.DataFrame) -> None:
    got = table(published["t404_deaths"], published["overdose_deaths"], published["specified_pct"])
    assert list(got.columns) == COLUMNS
    pd.testing.assert_frame_equal(got, published[COLUMNS], rtol=1e-9, check_dtype=False)


def test_one_row_at_a_time_agrees(published: pd.DataFrame) -> None:
    for _, row in published.iterrows():
        given_ = row["t404_deaths"], row["overdose_deaths"], row["specified_pct"]
        limits = bounds(*given_)
        assert (limits.low, limits.high) == pytest.approx((row["lower"], row["upper"]), rel=1e-9)
        assert limits.closed == "both"
        assert missing_at_random(*given_) == pytest.approx(row["mar"], rel=1e-9)
        assert pooled_share(*given_) == pytest.approx(row["pooled_share"], rel=1e-9)


@given(
    total=st.integers(1, 10**6),
    percent=st.floats(0.1, 100),
    part=st.floats(0, 1),
)
def test_both_corrections_lie_within_the_bounds(total: int, percent: float, part: float) -> None:
    involving = math.floor(part * total * percent / 100)
    limits = bounds(involving, total, percent)
    pooled, mar = pooled_share(involving, total, percent), missing_at_random(involving, total, percent)
    slack = 1e-9 * total
    assert limits.low == involving
    assert involving <= pooled + slack
    assert pooled <= mar + slack
    assert mar <= limits.high + slack
    assert limits.high <= total + slack
    assert limits.high - limits.low == pytest.approx(total * (1 - percent / 100), rel=1e-9, abs=1e-6)


def test_with_every_drug_named_nothing_is_left_to_correct() -> None:
    assert bounds(40, 100, 100).high == 40
    assert missing_at_random(40, 100, 100) == pooled_share(40, 100, 100) == 40


def test_with_no_drug_named_only_the_bounds_are_known() -> None:
    limits = bounds(0, 100, 0)
    assert (limits.low, limits.high) == (0, 100)
    with pytest.raises(StatsError, match="no death has a drug named"):
        missing_at_random(0, 100, 0)
    assert table(0, 100, 0)["mar"].isna().all()
    with pytest.raises(StatsError, match="no deaths"):
        pooled_share(0, 0, 90)


def test_a_percentage_rounded_down_by_less_than_half_a_death_is_taken() -> None:
    assert bounds(960, 1000, 95.99).high == 1000
    with pytest.raises(StatsError, match="than have any drug named"):
        bounds(960, 1000, 95.9)


def test_missing_stays_missing() -> None:
    got = table(
        pd.Series([40, None, 40, 40], index=list("abcd")),
        pd.Series([100, 100, None, 100], index=list("abcd")),
        pd.Series([80, 80, 80, None], index=list("abcd")),
    )
    assert got.loc["a"].notna().all()
    assert got.loc[["b", "c", "d"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("involving", "total", "percent", "message"),
    [
        (40, 100, 100.5, "percent_specified is above 100|percent_specified must lie"),
        (120, 100, 90, "involving is above total"),
        (40, 100, 0.9606, "in per cent"),
        (-1, 100, 90, "negative|must lie"),
        (40, -100, 90, "negative|must lie"),
        (40, 100, -90, "negative|must lie"),
        (math.inf, 100, 90, "infinite|must lie|finite"),
        (40, math.inf, 90, "infinite|must lie|finite"),
        ("40", 100, 90, "numbers"),
        (True, 100, 90, "numbers"),
    ],
)
def test_nonsense_is_refused_alone_and_in_a_table(involving: Any, total: Any, percent: Any, message: str) -> None:
    for function in (bounds, missing_at_random, pooled_share):
        with pytest.raises(StatsError, match=message):
            function(involving, total, percent)
    with pytest.raises(StatsError, match=message):
        table([40, involving], [100, total], [90, percent])


def test_the_message_counts_the_rows() -> None:
    with pytest.raises(StatsError, match=r"in 1 of 2 rows \(at 'OH'\)"):
        table(pd.Series([1, 5], index=["US", "OH"]), pd.Series([4, 4], index=["US", "OH"]), 90)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_single_missing_number_is_refused(missing: Any) -> None:
    for given_ in ((missing, 100, 90), (40, missing, 90), (40, 100, missing)):
        with pytest.raises(StatsError):
            bounds(*given_)


def test_arrays_are_for_the_table() -> None:
    with pytest.raises(StatsError, match="one number, got 2"):
        bounds([40, 50], 100, 90)  # type: ignore[arg-type]
