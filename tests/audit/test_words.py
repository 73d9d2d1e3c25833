"""Assessments in sentences: every number in them is the result's own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import hedges, sentences, verdicts
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.audit.verdicts import Evidence, Verdict

DEATHS = fs.assess("deaths-per-year")
T404_2023 = fs.check("about 70,000", "deaths/synthetic-opioids", period="2023")


def _with(phrase: str, value: float, label: verdicts.Label | None = None) -> Assessment:
    """The assessment of a phrase against a made-up count of deaths."""
    assert T404_2023.natural is not None
    spoken = hedges.parse(phrase, kind="measure")
    verdict = verdicts.judge_evidence(spoken.truth(), spoken.widened(), Evidence(value, value, floor=0.0))
    verdict = Verdict(label) if label else verdict
    natural = replace(T404_2023.natural, value=value, low=value, high=value, verdict=verdict)
    tipping = spoken.tipping(value, value)
    sense = replace(T404_2023.senses[0], natural=natural, now=natural, readings=(natural,))
    curve = T404_2023.delta_curve if spoken.hedge in ("nearly", "about") else ()
    return replace(T404_2023, phrase=spoken, senses=(sense,), tipping=tipping, delta_curve=curve)


def test_the_deaths_claim() -> None:
    assert sentences.compared(DEATHS) == (
        "Said: nearly 100,000 deaths. Found: at most 75,091 deaths (deaths involving synthetic opioids other than "
        "methadone (T40.4), 12 months to 2024-04)."
    )
    assert sentences.rule(DEATHS) == (
        "The ordinary reading, at most 75,091 deaths, lies outside what the words say, 90,000 to just under 100,000 deaths, "
        "and outside a generous reading of them, 80,000 to just under 105,000 deaths. The claim overstates. “At most”: the count itself "
        "is not held as first published; it is part of deaths involving any opioid, 75,091 (CBS News, 2024-09-13)."
    )
    assert sentences.takes(DEATHS) == (
        "The figure would have to be 80,000 to just under 105,000 deaths; the nearest that the evidence allows, 75,091 "
        "deaths, is 4,909 deaths away. Or “nearly” would have to reach further than 10% of the number: at 15% this would be "
        "NOT DETERMINED."
    )


def test_then_and_now_counts_the_readings() -> None:
    then = sum(not r.hindsight for r in DEATHS.readings)
    other = sum(r.hindsight and r.verdict != "CONTRADICTED" for r in DEATHS.readings)
    assert sentences.then_and_now(DEATHS).startswith(
        f"{then} of {len(DEATHS.readings)} readings could be known on 2024-09-17; "
    )
    assert (
        f"{len(DEATHS.readings) - then} rest on figures published later, and {other} of those"
        in sentences.then_and_now(DEATHS)
    )
    assert sentences.then_and_now(fs.assess("root-cause")) == ""


@pytest.mark.parametrize(
    ("claim", "compared", "takes"),
    [
        ("foreign-offices", "Said: 93 offices. Found: 93 offices (offices of the DEA abroad, 2023-03-24).",
         "Any count other than 93 offices would change it."),
        ("guangzhou-offices", "Said: two offices. Found: 1 office (offices of the DEA in Guangzhou, 2017-01).",
         "The figure would have to be exactly 2 offices; the nearest that the evidence allows, 1 office, is 1 office away."),
        ("offices-closing", "Said: over a dozen offices. Found: 14 offices (offices of the DEA that are to close, 2024-09-16).",
         "A figure that is not more than 12 offices would change it."),
        ("precursor-share", "Found: not measured", "A measured share with a denominator, a method and an error."),
        ("origin-share", "Said: 97%. Found: Made in China: not measured (share of the illegal fentanyl entering the country that comes from "
         "China, FY2023). Shipped straight from China: 0.38 to 49% (",
         "is 46.61 percentage points away. Seizures are not the flow: for the flow to be as claimed, all other fentanyl would have to be "
         "caught 298 to 944 times as often as what this share counts, by pure weight."),
        ("root-cause", "No number to compare.", "A source that can be counted; until then the rating is editorial."),
    ],
)  # fmt: skip
def test_other_claims(claim: str, compared: str, takes: str) -> None:
    found = fs.assess(claim)
    assert compared in sentences.compared(found)
    assert takes in sentences.takes(found)


@pytest.mark.parametrize(
    ("phrase", "value", "rule", "takes"),
    [
        ("about 70,000", 72_776, "lies within what the words say, 63,000 to 77,000 deaths.",
         "A figure that is not 63,000 to 77,000 deaths would change it."),
        ("about 70,000", 80_000, "but within a generous reading of them, 56,000 to 84,000 deaths.",
         "A figure of 63,000 to 77,000 deaths would support it; one that is not 56,000 to 84,000 deaths would change it."),
        ("about 70,000", 90_000, "The claim understates.", "the nearest that the evidence allows, 90,000 deaths, is 6,000 deaths away. "
         "Or “about” would have to reach further than 10% of the number: at "),
        ("more than 70,000", 69_600, "but within a generous reading of them, at least 69,500 deaths.",
         "A figure of more than 70,000 deaths would support it; one that is not at least 69,500 deaths would change it."),
        ("fewer than 70,000", 72_776, "less than 70,000 deaths, and outside a generous reading of them, less than 70,500 deaths. "
         "The claim understates.", "is 2,276 deaths away."),
        ("at most 70,000", 1, "The ordinary reading, 1 death, lies within what the words say, at most 70,000 deaths.",
         "A figure that is not at most 70,000 deaths would change it."),
        ("nearly 100,000", 105_007, "The claim understates.", "is 7 deaths away."),
    ],
)  # fmt: skip
def test_each_hedge_in_words(phrase: str, value: float, rule: str, takes: str) -> None:
    found = _with(phrase, value)
    assert rule in sentences.rule(found)
    assert takes in sentences.takes(found)


@pytest.mark.parametrize("label", [label for label in verdicts.LABELS if label != "DEPENDS"])  # of a single sense
def test_every_verdict_has_its_sentences(label: verdicts.Label) -> None:
    found = _with("about 70,000", 72_776, label)
    for sentence in (sentences.rule(found), sentences.takes(found)):
        assert sentence.endswith(".")
        assert "None" not in sentence
    if label in ("NOT DETERMINED", "INCONCLUSIVE"):
        assert verdicts.MEANING[label] in sentences.rule(found)


def test_what_was_not_published_would_have_to_be() -> None:
    found = fs.check("nearly 100,000", "deaths/all", period="2023", as_of="2015-01-01")
    assert (
        sentences.compared(found) == "Said: nearly 100,000 deaths. Found: not published (deaths from all drugs, 2023)."
    )
    assert sentences.takes(found) == "A published figure of deaths from all drugs for calendar year 2023."
    assert "No figure is known for calendar year 2023: not published by 2015-01-01." in found.answer


@settings(max_examples=60)
@given(value=st.integers(0, 200_000), phrase=st.sampled_from(["nearly 100,000", "about 70,000", "at most 70,000"]))
def test_the_gap_named_is_the_gap(value: int, phrase: str) -> None:
    found = _with(phrase, value)
    sentence = sentences.takes(found)
    if found.verdict != "CONTRADICTED":
        assert "away" not in sentence
        return
    match = re.search(r"is ([\d,]+) deaths? away", sentence)
    assert match
    gap = int(match[1].replace(",", ""))
    moved = value + gap if found.verdict == Verdict("CONTRADICTED", "overstates") else value - gap
    assert found.widened_interval is not None
    assert moved in (found.widened_interval.low, found.widened_interval.high)
    assert _with(phrase, moved).verdict == "CLOSE" or moved == found.widened_interval.high
