"""Phrases as somebody would try them who wants a silly verdict: each has its right answer, or is refused by name.

The counts of the table: 72,776 deaths of synthetic opioids and 105,007 of all drugs in 2023 (final), 46,802 of opioids in 2018;
1,421 of opioids in Wisconsin in 2022; 93 offices in 69 countries in March 2023; 1.13 and 0.35 per cent of seized weight.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.errors import PhraseError

TABLE = Path(__file__).with_name("hostile_phrases.tsv").read_text("utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_list_is_long_and_says_nothing_twice() -> None:
    asked = {(row["phrase"], row["quantity"], row["jurisdiction"]) for row in ROWS}
    assert len(asked) == len(ROWS) > 176
    assert len({row["quantity"] for row in ROWS}) >= 8


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['phrase']} {row['quantity']}" for row in ROWS])
def test_no_silly_verdict(row: dict[str, str]) -> None:
    def asked() -> fs.Assessment:
        return fs.check(row["phrase"], row["quantity"], period=row["period"], jurisdiction=row["jurisdiction"])

    word = row["answer"].removeprefix("refused: ")
    if word == row["answer"]:
        assert f"{asked().verdict}" == word
        return
    with pytest.raises(PhraseError) as caught:
        asked()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 300
    assert word in message.replace(repr(row["phrase"]), ""), message
