"""Numbers that people printed, with the verdicts that are acceptable as of their day and now (tests/oracles/factcheck_levels.tsv)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import fentanyl_stats as fs

FILE = Path(__file__).parents[1] / "oracles" / "factcheck_levels.tsv"
ROWS = list(csv.DictReader(FILE.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
@pytest.mark.parametrize("when", ["then", "now"])
def test_a_printed_level_gets_an_acceptable_verdict(row: dict[str, str], when: str) -> None:
    found = fs.check(
        row["phrase"],
        row["quantity"],
        period=row["period"],
        jurisdiction=row["jurisdiction"],
        as_of=row["day"] if when == "then" else None,
    )
    assert found.verdict is not None and found.natural is not None
    unknown = (
        when == "then" and found.verdict == "NOT DETERMINED" and found.natural.reason.startswith("not published by")
    )
    assert unknown or found.verdict.label in row[f"expect_{when}"].split(" | "), found.answer
    if row["truth"] == "wrong":
        assert found.verdict != "SUPPORTED"
