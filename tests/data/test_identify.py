"""Which published figure is this?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.data import store
from fentanyl_stats.errors import DataError

PRINTED = pd.read_csv(
    Path(__file__).parents[1] / "oracles" / "printed_numbers.csv", dtype=str, keep_default_na=False
).to_dict("records")


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: row["number"])
def test_numbers_that_the_press_printed_are_found_or_said_to_be_none(row: dict[str, str]) -> None:
    """Short quotes of news reports and fact-checks; the figure is the one that the report names or the table prints."""
    found = fs.identify(row["number"])
    if row["quantity"]:
        assert found.unique and found.why_none == ""
        assert found.frame[["quantity", "period", "measure"]].values.tolist() == [
            [row["quantity"], row["period"], row["measure"]]
        ]
        assert row["number"] in found.sentence
    else:
        assert not found.unique and found.frame.empty
        assert found.why_none == f"No published figure that is held reads {row['number']}."


def test_the_releases_that_print_a_number_are_those_that_hold_the_cell() -> None:
    row = fs.identify("106,881", "US").frame.iloc[0]
    assert row["vintages"] == "2025-09-17, 2026-02-14, 2026-09-16"
    held = fs.archive("vsrr").history("all", "2023-12", measure="reported")
    assert held.loc[held["value"] == 106_881, "vintage"].tolist() == row["vintages"].split(", ")
    assert row["first_known"] == pd.Timestamp("2025-09-17")


def test_a_number_of_several_figures_names_none() -> None:
    found = fs.identify("105,007")
    assert not found.unique
    assert "the provisional count" in found.why_none and "the final count" in found.why_none
    many = fs.identify(93)
    assert len(many.frame) > 100 and "and 2" in many.why_none
    assert len(fs.identify(93, "US", quantities={"offices/foreign"}).frame) == 3


def test_none_is_said_of_the_quantities_that_were_asked_for() -> None:
    assert len(fs.identify(97).frame) > 1
    none = fs.identify(97, "US", quantities="deaths/all")
    assert none.why_none == "No published figure of the quantities asked for that is held reads 97."


def test_a_rounded_number() -> None:
    assert fs.identify(101_000).frame["source"].tolist() == ["F209"]
    near = fs.identify(101_000, "US", rounded=True).frame
    assert near["value"].between(100_500, 101_500).all() and len(near) > 3


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_value_of_the_archive_is_found(data: st.DataObject) -> None:
    lives = store.history("vsrr").lives
    row = lives.iloc[data.draw(st.integers(0, len(lives) - 1))]
    if pd.isna(row["value"]) or row["value"] == 0:
        return
    found = fs.identify(int(row["value"]), str(row["jurisdiction"])).frame
    month = str(row["month_ending"])
    period = month[:4] if month.endswith("-12") else month
    same = found[(found["quantity"] == f"deaths/{row['drug']}") & (found["period"] == period)]
    assert str(row["measure"]) in set(same["measure"])


@pytest.mark.parametrize("number", ["abc", "", "-5", 0, True, "1e400", "nan", None, "1,07,543", "107.543.000"])
def test_what_is_no_number(number: object) -> None:
    with pytest.raises(DataError, match="is not a positive number"):
        fs.identify(number)  # type: ignore[arg-type]


def test_a_place_that_is_none() -> None:
    with pytest.raises(DataError, match="did you mean 'WV'"):
        fs.identify(93, "West Virginia")
