"""Numbers that people printed, with the verdicts that are acceptable as of their day and now (tests/oracles/factcheck_levels.tsv)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import ledger
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.data import paths
from fentanyl_stats.errors import FentanylStatsError, LedgerError

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


RAW = paths.raw() / "factcheck" / "claims.toml"
STATED = {str(row["id"]).lower(): row for row in fs.load("factcheck").fillna("").to_dict("records")}


def _checked(row: dict[str, str], as_of: str | None) -> Assessment:
    keys = json.loads(row["keys"] or "{}")
    return fs.check(
        row["phrase"], row["quantity"], period=row["period"], jurisdiction=row["jurisdiction"], as_of=as_of, **keys
    )


@pytest.mark.slow
def test_no_number_that_is_known_to_be_wrong_is_supported_and_verdicts_are_acceptable() -> None:
    missed = []
    for row in STATED.values():
        for when, day in (("then", row["day"]), ("now", None)):
            expected = row[f"expect_{when}"].split(" | ")
            try:
                found = _checked(row, day)
            except FentanylStatsError:
                if row["needs_data"] != "nobody":
                    missed.append((row["id"], when, "refused"))
                continue
            assert found.verdict is not None and found.natural is not None
            assert not (row["truth"] == "wrong" and found.verdict == "SUPPORTED"), row["id"]
            silent = when == "then" and found.natural.reason.startswith("not published by")
            if found.verdict.label not in expected and not silent:
                missed.append((row["id"], when, found.verdict.label))
    assert missed == []


def test_the_claims_file_says_the_same_as_the_rows() -> None:
    book = fs.claims(RAW)
    held = {name for name, row in STATED.items() if row["needs_data"] != "nobody"}
    assert set(book) == held
    for name in list(book)[::6]:
        row, found = STATED[name], fs.assess(name, claims=RAW)
        checked = _checked(row, row["day"])
        assert (found.claim.quote, found.claim.said) == (row["words"], row["day"])
        assert (str(found.verdict), found.form, str(found.verdict_now)) == (
            str(checked.verdict), checked.form, str(checked.verdict_now),
        )  # fmt: skip


def test_a_number_given_by_its_words_needs_no_value_and_is_refused_as_check_refuses() -> None:
    text = RAW.read_text("utf-8")
    first = text.index("quantity = { phrase = ")
    line = text[first : text.index("\n", first)]
    for instead, said in (
        ('quantity = { phrase = "300,000 pounds" }', "'pounds' is none of the words that deaths/synthetic-opioids"),
        ('quantity = { phrase = "300,000", value = 300000 }', "phrase says what value would; leave it out"),
        ('quantity = { phrase = "many" }', "no number that can be read"),
    ):
        with pytest.raises(LedgerError, match=said):
            ledger._own("mine.toml", text.replace(line, instead, 1).encode(), ())
