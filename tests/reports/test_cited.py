"""Every code that a page prints can be looked up among its sources."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.charts import multiverse
from fentanyl_stats.reports import cited


@pytest.mark.parametrize("claim", ["deaths-per-year", "origin-share", "foreign-offices", "offices-closing"])
def test_what_a_chart_and_its_readings_name_is_listed(claim: str) -> None:
    found = fs.assess(claim)
    listed = {source.id for source in cited.behind(found)}
    said = multiverse(found).get_xlabel() + " ".join(reading.reason for reading in found.readings)
    assert set(re.findall(r"\b[SF]\d{2,3}[a-z]?\b", said)) <= listed
    assert {source.id for source in found.claim.cited} <= listed


def test_each_source_stands_once() -> None:
    found = fs.assess("deaths-per-year")
    twice = cited.behind(found, found, also=found.claim.cited)
    assert twice == cited.behind(found)
    assert len({(s.id, s.vintage) for s in twice}) == len(twice)


def test_tables_and_sentences_are_searched_for_codes() -> None:
    table = pd.DataFrame({"figure": ["F060", "F061"], "value": [90.0, 10.0]})
    assert [s.id for s in cited.named(table, "and F117; no F999z, no E1")] == ["F060", "F061", "F117"]
    assert cited.named(table[["value"]], "nothing") == ()
