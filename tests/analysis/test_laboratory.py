"""Laboratory reports checked against the raw file, and the figures of purity and pills as printed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fentanyl_stats.analysis import laboratory
from fentanyl_stats.data import paths


def _raw(path: str) -> list[dict[str, str]]:
    with (Path(paths.raw()) / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _sum(column: str, keep: Callable[[dict[str, str]], bool]) -> float:
    return sum(float(row[column]) for row in _raw("cbp-seizures/2026-05.csv") if keep(row))


def test_laboratory_reports_by_hand() -> None:
    frame = laboratory.half_years().set_index("half")
    raw = [row for row in _raw("nflis/2026-03-03.csv") if row["year"] == "2022" and row["half"] == "1"]
    fentanyl = sum(int(row["reports"]) for row in raw if row["substance"] == "Fentanyl")
    assert frame.loc["2022-1", "fentanyl"] == fentanyl == 86_922
    assert frame.loc["2022-1", "related"] == sum(int(row["reports"]) for row in raw) - fentanyl
    assert frame.index[~frame["complete"]].tolist() == ["2025-1", "2025-2"]
    assert np.isnan(frame.loc["2018-2", "pounds"])  # the file holds three of its months
    assert frame.loc["2022-2", "pounds"] == pytest.approx(
        _sum("pounds", lambda r: "2022-07" <= r["month"] <= "2022-12")
    )
    assert frame.loc["2025-1", "settled"] and not frame.loc["2025-2", "settled"]


def test_substances_are_those_of_complete_years() -> None:
    table = laboratory.substances(most=3)
    assert table.columns.tolist() == ["substance", *map(str, range(2017, 2025))]
    assert table["2024"].is_monotonic_decreasing
    assert table.set_index("substance").loc["Fentanyl", "2017"] == 59_215


def test_groups_of_printed_figures() -> None:
    groups = laboratory.printed().groupby("group")["id"].apply(set)
    assert groups["powder"] == {"F063", "F064", "F065", "F065b"}
    assert groups["china"] == {"F060", "F062c", "F062d"}
    assert groups["mexico"] == {"F061", "F062a", "F062b"}
    assert groups["pill"] == {"F066", "F067"}
    assert groups["pills"] == {"F070", "F071", "F072", "F073", "F074b", "F076"}


def test_the_sentence_names_the_peak_and_the_last_complete_half_year() -> None:
    said = laboratory.sentence(laboratory.half_years())
    assert "first half of 2023 (95,173 reports)" in said and "2 later half-years" in said


def test_substances_of_a_year() -> None:
    assert laboratory.substances().set_index("substance").loc["Fentanyl", "2022"] == 173_250


def test_printed_figures_keep_words_and_periods() -> None:
    rows = laboratory.printed().set_index("id")
    assert rows.loc["F060", ["qualifier", "value", "unit"]].tolist() == ["over", 90.0, "percent"]
    assert rows.loc["F060", "read_in"] == "a copy of the publisher's text"
    assert rows.loc[["F062a"], ["period_start", "period_end"]].isna().all(axis=None)
    assert rows.loc["F066", ["value", "unit"]].tolist() == [2.4, "mg"]


def test_only_what_was_published() -> None:
    early = laboratory.printed("2024-09-17")
    assert "F063" in set(early["id"]) and "F064" not in set(early["id"])
    for frame in (laboratory.half_years("2019-01-01"), laboratory.substances("2019-01-01")):
        assert frame.empty and "No vintage of nflis was published by 2019-01-01" in frame.attrs["empty"]
    assert laboratory.sentence(laboratory.half_years("2019-01-01")).startswith("No vintage of nflis")
    assert laboratory.printed("2016-01-01").empty
