"""One place: its rank, its newest counts, what its certificates name, and the cells that hide a number."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from fentanyl_stats.analysis import places
from fentanyl_stats.data import catalog, names, store
from fentanyl_stats.errors import DataError, NotPublished


def test_a_rank_is_a_range() -> None:
    table = places.ranks(2022)
    assert len(table) == 51
    assert (table["best"] <= table["rank"]).all()
    assert (table["rank"] <= table["worst"]).all()
    for row in table.itertuples():
        certain_above = (table["low"] > row.high).sum()
        assert row.best == 1 + certain_above


def test_the_newest_final_year_is_ranked() -> None:
    wonder = store.load("wonder-overdose")
    assert set(places.ranks()["year"]) == {wonder.loc[wonder["status"] == "final", "year"].max()}
    assert set(places.ranks(2016)["year"]) == {2016}
    with pytest.raises(NotPublished, match="held for 2024"):
        places.ranks(2024)


def test_hidden_cells_are_counted() -> None:
    hidden = places.suppressed("WY").set_index("drug")
    assert hidden.loc["cocaine", "suppressed"] == 115
    assert hidden.loc["all", "suppressed"] == 0
    assert np.all(hidden["windows"] == 115)
    assert places.suppressed("WY").attrs["source"].vintage == "2025-01-08"
    with pytest.raises(DataError, match="jurisdiction"):
        places.suppressed("Wyoming")


def test_hidden_cells_are_those_of_a_release_known_by_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[date] = []
    load = store.load

    def noted(dataset: str, vintage: str | None = None, as_of: str | date | None = None) -> object:
        frame = load(dataset, vintage, as_of)
        read.append(catalog.find(dataset, vintage, as_of).known)
        return frame

    monkeypatch.setattr(store, "load", noted)
    before = places.suppressed("AK", "2017-09-17")
    assert before.empty and list(before) == list(places.suppressed("AK", "2025-01-08"))
    assert before.attrs["empty"] == "No provisional count of AK was published by 2017-09-17."
    assert places.suppressed("AK", "2024-09-17").attrs["source"].vintage == "2021-11-17"
    assert places.suppressed("US", "2024-09-17").attrs["source"].vintage == "2021-08-14"
    assert places.suppressed("AK", "2025-01-08").attrs["source"].vintage == "2025-01-08"
    read.clear()
    for code in ("AK", "US"):
        places.suppressed(code, "2024-09-17")
        places.newest(code, "2024-09-17")
        places.specified(code, "2024-09-17")
        places.ranks(as_of="2024-09-17")
    assert all(day <= date(2024, 9, 17) for day in read)


def test_the_newest_window_by_drug_and_measure() -> None:
    rows = places.newest("WV").set_index(["drug", "measure"])
    assert rows.loc[("synthetic-opioids", "reported"), "vintage"] == "2026-06-27"
    assert rows.loc[("cocaine", "reported"), ["month_ending", "vintage"]].tolist() == ["2024-07", "2025-01-08"]
    assert {source.vintage for source in places.newest("WV").attrs["sources"]} == set(rows["vintage"])
    assert places.newest("WV", "2016-01-01").empty


def test_what_certificates_name_in_words() -> None:
    said = places.specified_sentence(places.specified("WV"))
    assert said.startswith("In the 12 months to 2024-07, ")
    assert "% of overdose deaths had a drug named on the certificate (lowest since 2015: " in said
    assert said.endswith("Counts by drug are too low by what the rest would add.")
    none = "No share of deaths with a drug named is held for this place, so counts by drug cannot be corrected."
    assert places.specified_sentence(places.specified("WV", "2016-01-01")) == none


def test_flags_in_words() -> None:
    assert names.flag_words("") == ""
    assert names.flag_words("unreliable;another") == "Unreliable: fewer than twenty deaths. another"
