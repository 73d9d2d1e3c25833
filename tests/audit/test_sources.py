"""Every code that a page prints can be looked up among its sources."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.charts import multiverse
from fentanyl_stats.errors import LedgerError


@pytest.mark.parametrize("claim", ["deaths-per-year", "origin-share", "foreign-offices", "offices-closing"])
def test_what_a_chart_and_its_readings_name_is_listed(claim: str) -> None:
    found = fs.assess(claim)
    listed = {source.id for source in fs.sources(found)}
    said = multiverse(found).get_xlabel() + " ".join(reading.reason for reading in found.readings)
    assert set(re.findall(r"\b[SF]\d{2,3}[a-z]?\b", said)) <= listed
    assert {source.id for source in found.claim.cited} <= listed


def test_each_source_stands_once() -> None:
    found = fs.assess("deaths-per-year")
    twice = fs.sources(found, found, found.claim.cited)
    assert twice == fs.sources(found)
    assert len({(s.id, s.vintage) for s in twice}) == len(twice)


def test_tables_and_sentences_are_searched_for_codes() -> None:
    table = pd.DataFrame({"figure": ["F060", "F061"], "value": [90.0, 10.0]})
    assert [s.id for s in fs.sources(table, "and F117; no F999z, no E1")] == ["F060", "F061", "F117"]
    assert fs.sources(table[["value"]], "nothing") == ()


def test_a_frame_names_what_its_rows_and_its_attributes_rest_on() -> None:
    counts = fs.load("dea-offices")
    listed = fs.sources(counts)
    assert listed[0] == counts.attrs["source"] and {"S07", "F127a"} <= {source.id for source in listed}
    assert fs.sources(counts, listed) == listed


def test_what_has_no_sources_is_refused() -> None:
    with pytest.raises(LedgerError, match="int has no sources"):
        fs.sources(3)
