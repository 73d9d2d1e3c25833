"""Joinpoint fits against frozen values: conventions of the NCI program on US overdose death rates, and what NCHS printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

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
