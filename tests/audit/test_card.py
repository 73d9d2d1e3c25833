"""How an assessment shows itself: what a reader who knows no term of ours is told, and the line of what was said and found."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.audit import card, sentences
from fentanyl_stats.show import bundle

DEATHS = fs.assess("deaths-per-year")
COMPUTED = [claim for claim in fs.claims() if fs.assess(claim).verdict]


def shown(a: fs.Assessment) -> str:
    """What is shown as HTML."""
    return str(bundle(a)[0]["text/html"])


def test_the_quote_is_followed_by_what_it_was_said_of() -> None:
    made = shown(DEATHS)
    assert "As passed on by AP: US deaths a year for which the fentanyl crisis is blamed." in made
    assert "Translated from Chinese." in made and "line 13." in made
    assert "As passed on by" not in shown(fs.assess("foreign-offices"))


def test_a_phrase_that_no_file_holds_stands_nowhere() -> None:
    made = shown(fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023"))
    assert "“<bdi>more than 70,000</bdi>”" in made and "redcensor" not in made
    assert "SUPPORTED" in made and "verdict-bar" in made and "72,776 deaths" in made


def test_what_is_shown_is_escaped() -> None:
    claim = DEATHS.claim.model_copy(update={"quote": "nearly 100,000 <script>alert(1)</script> & deaths"})
    made = shown(fs.assess(claim))
    assert "<script" not in made and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; deaths" in made
    ElementTree.fromstring(f"<div>{made.replace('<br>', '<br/>')}</div>")


def test_the_verdict_says_which_quantity_fits_in_plain_words() -> None:
    made = shown(DEATHS)
    assert "<strong>WRONG QUANTITY</strong> The number fits deaths from all drugs: 101,000" in made
    assert "deaths/all" not in made and sentences.furthest(DEATHS) in made
    assert "Rating by the editor of this audit, beside the verdict: contradicted" in made
    assert "fidelity to its nearest source F3, small loss: a word, a scope, a name; evidence at the time E1, " in made
    assert DEATHS.flags[0].startswith("WRONG QUANTITY: deaths/all was 101,000")  # for programs


def test_a_claim_without_a_number_shows_the_rating_alone() -> None:
    made = shown(fs.assess("root-cause"))
    assert "Editor&#x27;s rating: distorted" in made and "By the editor of this audit, not computed" in made
    assert "versus" not in made and "svg" not in made


def test_the_found_box_names_the_stand_in() -> None:
    assert "overdose deaths involving T40.4, the usual stand-in for fentanyl, United States" in shown(DEATHS)


@pytest.mark.parametrize("claim", ["deaths-per-year", "origin-share", "foreign-offices"])
def test_the_frame_holds_every_reading_as_numbers(claim: str) -> None:
    found = fs.assess(claim)
    frame = found.frame()
    assert list(frame["id"]) == [r.id for r in found.readings]
    assert frame[["value", "low", "high", "tipping_low"]].dtypes.eq(float).all()
    assert frame["natural"].sum() == len(found.senses) and frame["hindsight"].sum() == sum(
        r.hindsight for r in found.readings
    )
    tally = pd.crosstab(frame["label"], frame["verdict"]).sum(axis=1)
    assert tally.to_dict() == frame.groupby("label").size().to_dict()
    assert list(found.holes_frame()["reason"]) == [hole.reason for hole in found.holes]


def test_the_verdict_over_delta_is_a_frame() -> None:
    frame = DEATHS.delta_frame()
    assert list(zip(frame["delta"], frame["verdict"], strict=True)) == [(d, v.label) for d, v in DEATHS.delta_curve]
    assert sentences.tipping(DEATHS).endswith(" 24.9% (some of it).")
    assert sentences.tipping(fs.assess("foreign-offices")) == ""


def test_frames_of_a_claim_without_a_number_say_why_they_are_empty() -> None:
    bare = fs.assess("root-cause")
    for frame in (bare.frame(), bare.holes_frame(), bare.delta_frame(), sentences.steps(bare)):
        assert frame.empty and frame.attrs["empty"].endswith(".") and len(frame.columns)


def test_the_written_rule_is_a_frame_with_the_step_taken() -> None:
    steps = sentences.steps(DEATHS)
    assert list(steps.loc[steps["this_claim"], "verdict"]) == ["CONTRADICTED"]


def test_an_assessment_is_made_once() -> None:
    again = fs.assess("deaths-per-year")
    assert again is DEATHS and again == DEATHS
    assert fs.assess("deaths-per-year", delta=0.2) is not DEATHS
    assert fs.assess("deaths-per-year", as_of="2024-09-17") is not DEATHS
    one, two = (fs.check("about 70,000", "deaths/synthetic-opioids", period="2023") for _ in range(2))
    assert one is two and one.to_dict() == two.to_dict()


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


def _parts(claim: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(card.verdict_bar(fs.assess(claim)))
    return {part.get("class", part.tag) + ("-dot" if part.tag == "circle" else ""): part for part in root}


def _per_cent(part: ElementTree.Element, name: str) -> float:
    return float(part.get(name, "").removesuffix("%"))


def test_places_are_in_proportion() -> None:
    parts = _parts("deaths-per-year")  # the line runs from 0 to 120,000
    assert _per_cent(parts["at-claimed"], "x") == 75
    assert _per_cent(parts["at-claimed"], "width") == pytest.approx(100 / 12, abs=0.01)
    assert _per_cent(parts["at-wide"], "x") == pytest.approx(80 / 1.2, abs=0.01)
    assert _per_cent(parts["at-found"], "width") == pytest.approx(75.091 / 1.2, abs=0.01)
    assert "at-found-dot" not in parts  # only a bound is known
    assert _per_cent(parts["at-end"], "x1") == pytest.approx(
        75.091 / 1.2, abs=0.01
    )  # and 0 is nobody's finding: one stroke
    assert card.verdict_bar(fs.assess("deaths-per-year")).count("at-end") == 1


def test_what_nobody_measures_is_hollow() -> None:
    parts = _parts("precursor-share")
    assert "at-found" not in parts and "at-end" not in parts
    root = ElementTree.fromstring(card.verdict_bar(fs.assess("precursor-share")))
    hollow, mark = [part for part in root if part.get("class") == "at-unknown"]
    assert (hollow.get("fill"), hollow.get("width"), mark.text) == ("none", "100%", "?")


def test_a_narrow_band_can_be_seen() -> None:
    parts = _parts("origin-share")
    assert _per_cent(parts["at-claimed"], "width") < 2
    assert _per_cent(parts["at-claimed at-mark"], "x1") == pytest.approx(97)
    assert "at-claimed at-mark" not in _parts("deaths-per-year")


@pytest.mark.parametrize(
    ("claim", "mark"),
    [("foreign-offices", "Dot: what was found."), ("precursor-share", "Hollow: it could be anywhere."),
     ("deaths-per-year", "Black stroke: the most that the evidence allows.")],
)  # fmt: skip
def test_the_legend_names_the_mark_that_is_drawn(claim: str, mark: str) -> None:
    a = fs.assess(claim)
    assert a.natural and a.claim_interval and a.widened_interval
    assert card.legend(a.claim_interval, a.widened_interval, a.natural).endswith(mark)


def test_an_exact_number_is_a_stroke_and_an_open_end_runs_to_the_edge() -> None:
    exact = _parts("foreign-offices")
    assert exact["at-claimed"].tag == "line"
    assert _per_cent(exact["at-found-dot"], "cx") == _per_cent(exact["at-claimed"], "x1") == 93
    above = _parts("offices-closing")["at-claimed"]
    assert _per_cent(above, "x") + _per_cent(above, "width") == pytest.approx(100)


@pytest.mark.parametrize("claim", COMPUTED)
def test_it_says_in_words_what_it_shows_and_stays_on_the_line(claim: str) -> None:
    made = card.verdict_bar(fs.assess(claim))
    found = fs.assess(claim)
    assert found.natural is not None
    assert found.natural.shown in ElementTree.fromstring(made).get("aria-label", "")
    assert all(0 <= float(x) <= 100 for x in re.findall(r'(?:x|x1|x2|cx|width)="([\d.]+)%"', made))


def test_no_number_no_line() -> None:
    assert card.verdict_bar(fs.assess("root-cause")) == ""
