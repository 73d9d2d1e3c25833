"""The parts of a claim's page: what a reader who knows no term of ours is told, each from the ledger or a result."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.audit import ledger, sentences
from fentanyl_stats.reports import dossier, view

DEATHS = fs.assess("deaths-per-year")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was shown as HTML."""
    made: list[str] = []
    monkeypatch.setattr(view, "markup", made.append)
    return made


def test_the_quote_is_followed_by_what_it_was_said_of(shown: list[str]) -> None:
    dossier.quote(DEATHS, ledger.read())
    dossier.quote(fs.assess("foreign-offices"), ledger.read())
    assert "As passed on by AP: US deaths a year for which the fentanyl crisis is blamed." in shown[0]
    assert "Translated from Chinese." in shown[0] and "line 13." in shown[0]
    assert "As passed on by" not in shown[1]


def test_the_verdict_says_which_quantity_fits_in_plain_words(shown: list[str]) -> None:
    dossier.verdict(DEATHS)
    (made,) = shown
    assert "<strong>WRONG QUANTITY</strong> The number fits deaths from all drugs: 99,701" in made
    assert "deaths/all" not in made and sentences.furthest(DEATHS) in made
    assert "Rating by the editor of this audit, beside the verdict: contradicted" in made
    assert "fidelity to its nearest source F3, small loss: a word, a scope, a name; evidence at the time E1, " in made
    assert DEATHS.flags[0].startswith("WRONG QUANTITY: deaths/all was 99,701")  # for programs


def test_the_found_box_names_the_stand_in(shown: list[str]) -> None:
    dossier.versus(DEATHS)
    assert "overdose deaths involving T40.4, the usual stand-in for fentanyl, United States" in shown[0]


@pytest.mark.parametrize("claim", ["deaths-per-year", "origin-share", "foreign-offices"])
def test_meanings_are_told_apart_from_choices_of_data(claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[pd.DataFrame] = []
    monkeypatch.setattr(view, "table", lambda frame, *_: tables.append(frame))
    found = fs.assess(claim)
    dossier.kinds(found)
    (table,) = tables
    counts = Counter(r.label for r in found.readings)
    assert dict(zip(table["what is counted"], table["readings"].astype(int), strict=True)) == counts
    for row in table.to_dict("records"):
        tally = sum(int(part.split()[0]) for part in str(row["verdicts"]).split(", "))
        assert tally == int(row["readings"]) >= max(int(row["periods"]), int(row["files"]))


def test_no_word_of_ours_stands_in_the_picture_of_readings() -> None:
    ax = charts.multiverse(DEATHS)
    drawn = [label.get_text() for label in ax.get_yticklabels()] + [text.get_text() for text in ax.texts]
    assert not [text for text in drawn for name in ("missing-at-random", "upper-bound", "[90,000") if name in text]
    assert (
        "the words say (band): 90,000 to just under 100,000; generously (pale): 80,000 to just under 105,000" in drawn
    )
    right = [text for text in ax.texts if text.get_text().endswith("  contradicted")]
    assert len(right) == sum(r.verdict.label == "CONTRADICTED" for r in DEATHS.readings)
    assert {text.xy[0] for text in right} == {1}  # type: ignore[attr-defined]
