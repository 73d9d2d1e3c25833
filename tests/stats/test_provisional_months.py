"""12-month sums back to months."""

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
from fentanyl_stats.stats.provisional import Coefficients, monthly, predict

ORACLES = Path(__file__).parents[1] / "oracles"
BASE = [5, 6, 7, 5, 4, 6, 8, 7, 6, 5, 6, 7]


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "deaccumulation.csv", index_col="t")


@pytest.mark.parametrize("column", ["monthly", "alt_monthly"])
def test_the_base_decides_which_months_the_sums_hide(series: pd.DataFrame, column: str) -> None:
    sums = series["rolling12"].dropna()
    got = monthly(sums, series[column].iloc[:12])
    assert list(got.index) == list(range(12, 49))
    assert (got == series.loc[12:, column]).all()
    assert got.dtype == np.int64


def test_the_same_sums_have_several_months_behind_them(series: pd.DataFrame) -> None:
    assert (series["monthly"] != series["alt_monthly"]).any()
    with pytest.raises(StatsError, match="do not determine months"):
        monthly(series["rolling12"].dropna())


@given(st.lists(st.integers(0, 10**6), min_size=12, max_size=60))
def test_recovery_undoes_accumulation(months: list[int]) -> None:
    sums = pd.Series(months).rolling(12).sum()
    assert monthly(sums, months[:12]).tolist() == months
    assert monthly(sums.iloc[11:].to_numpy(), months[:12]).tolist() == months[11:]


@given(st.lists(st.integers(0, 1000), min_size=40, max_size=60), st.integers(12, 39))
def test_a_missing_sum_loses_two_months_a_year_and_no_more(months: list[int], hole: int) -> None:
    sums = pd.Series(months, dtype=float).rolling(12).sum()
    sums[hole] = np.nan
    got = monthly(sums, months[:12])
    at = np.arange(len(months))
    lost = (at >= hole) & np.isin((at - hole) % 12, (0, 1))
    assert got.isna().tolist() == lost.tolist()
    assert (got[~lost] == np.array(months)[~lost]).all()


def test_an_error_in_the_base_comes_back_every_year(series: pd.DataFrame) -> None:
    wrong = series["monthly"].iloc[:12].to_numpy() + np.array([7, -7] + [0] * 10)
    error = monthly(series["rolling12"], wrong) - series["monthly"]
    assert error.tolist() == ([7, -7] + [0] * 10) * 4


def test_the_last_six_months_are_marked_as_provisional() -> None:
    labels = pd.period_range("2023-12", periods=10, freq="M").astype(str)
    sums = pd.Series([72, 75, 74, 74, 75, 76, 76, 77, 75, 74], index=pd.Index(labels, name="month_ending"))
    sums.attrs = {"source": "a release", "window": "12 months"}
    got = monthly(sums, pd.Series(BASE, index=pd.period_range("2023-01", periods=12, freq="M")))
    assert got.attrs["provisional"] == list(labels[-6:])
    assert got.attrs["provisional_from"] == "2024-04"
    assert got.attrs["source"] == "a release"
    assert "window" not in got.attrs
    assert (got.name, got.index.name) == ("deaths", "month")


def test_predicted_values_are_refused_by_name_and_by_mark() -> None:
    sums = pd.Series([72, 75])
    for flagged in (sums.rename("predicted"), sums.rename("Predicted Value")):
        with pytest.raises(StatsError, match="predicted values cannot"):
            monthly(flagged, BASE)
    adjusted = predict(sums, 0.0, Coefficients(a=1.0, b=0.1)).rename("deaths")
    with pytest.raises(StatsError, match="predicted values cannot"):
        monthly(adjusted, BASE)
    assert monthly(sums.rename("reported"), BASE).tolist() == [7, 8]


@pytest.mark.parametrize("dated", ["text", "period", "timestamp"])
def test_a_month_left_out_is_found_by_its_label(dated: str) -> None:
    months = pd.period_range("2023-12", periods=4, freq="M")
    index = {"text": months.astype(str), "period": months, "timestamp": months.to_timestamp()}[dated]
    sums = pd.Series([72, 75, 74, 73], index=index)
    assert monthly(sums, BASE).tolist() == [7, 8, 5, 6]
    for broken in (sums.drop(index[2]), sums.iloc[[0, 2, 1, 3]], sums.iloc[[0, 1, 1, 3]]):
        with pytest.raises(StatsError, match="every month once"):
            monthly(broken, BASE)
    late = pd.Series(BASE, index=pd.period_range("2023-02", periods=12, freq="M"))
    with pytest.raises(StatsError, match="-1 months off"):
        monthly(sums, late)


@pytest.mark.parametrize(
    ("rolling", "base", "message"),
    [
        ([72, 75], BASE[:11], "12 months without a gap, got 11"),
        ([72, 75], [*BASE[:11], None], "1 missing"),
        ([72, 75], [*BASE[:11], 7.5], "whole"),
        ([72, 75], [*BASE[:11], -7], "negative"),
        ([73, 75], BASE, "first sum is 73 but base adds up to 72"),
        ([None, 75], BASE, "starts with 1 missing"),
        ([None, None], BASE, "starts with 2 missing"),
        ([], BASE, "0 values"),
        ([72, 75.5], BASE, "whole"),
        ([72, math.inf], BASE, "infinite"),
        ([72, True], BASE, "bool"),
        (["72", "75"], BASE, "must be numbers"),
        ([72, 60], BASE, "1 of 2 months come out negative"),
        (72, BASE, "one column"),
        ([[72, 75]], BASE, "one column"),
        (pd.Series([72, 75], index=["Jan 2023", "Feb 2023"]), BASE, "labelled by month"),
        (pd.Series([72, 75], index=[202312, 202401]), BASE, "every month once"),
    ],
)
def test_monthly_refuses(rolling: Any, base: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        monthly(rolling, base)
