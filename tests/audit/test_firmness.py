"""How firm a verdict is, in words: what the others find, what the width decides, what was out by then."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import assess, sentences
from fentanyl_stats.audit.readings import Reading

DEATHS = fs.assess("deaths-per-year")


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("foreign-offices", "Of 4 counts of offices of the DEA abroad published by then, 2 lie within what the words say and 2 below."),
        ("foreign-countries", "Of 4 counts of countries with an office of the DEA published by then, 3 lie within what the words say and 1 above."),
        ("offices-closing", "Of 3 counts of offices of the DEA that are to close published by then, 1 lies within what the words say and 2 below."),
        ("guangzhou-offices", "It is the only one of the counts of offices of the DEA in Guangzhou published by then."),
        ("precursor-share", ""),
        ("root-cause", "An editor's rating; confidence high."),
    ],
)  # fmt: skip
def test_where_the_figures_of_the_quantity_lie(claim: str, said: str) -> None:
    assert sentences.sure(fs.assess(claim)) == said


def test_every_count_of_the_quantity_known_by_then_is_spoken_of() -> None:
    own = [r for r in DEATHS.readings if r.quantity == "deaths/synthetic-opioids" and not r.hindsight]
    assert all(r.high < 80_000 for r in own)
    assert sentences.sure(DEATHS).startswith(
        f"All {len(own)} counts of deaths involving synthetic opioids other than methadone (T40.4) published by then lie "
        "below 80,000 deaths."
    )
    assert "agree" not in sentences.sure(DEATHS)


@pytest.mark.parametrize(("delta", "reached"), [(0.10, "85,000"), (0.05, "85,000"), (0.15, "90,000")])
def test_the_width_is_named_in_the_claim_s_own_numbers(delta: float, reached: str) -> None:
    found = fs.assess("deaths-per-year", delta=delta)
    assert found.claim_interval is not None and found.widened_interval is not None and found.verdict is not None
    mine = f"reach {found.claim_interval.low:,.0f} (generously {found.widened_interval.low:,.0f}); if it reached {reached}, "
    other = "CONTRADICTED" if found.verdict == "NOT DETERMINED" else "NOT DETERMINED"
    assert f"{mine}this would be {other}." in sentences.sure(found)


def test_the_verdict_of_today_is_said_where_the_figure_is_another() -> None:
    now = DEATHS.senses[0].now
    assert now.value is not None
    assert f"By what is known today, {now.value:,.0f} deaths (predicted, " in sentences.sure(DEATHS)
    assert "it is CONTRADICTED (overstates) too." in sentences.today(DEATHS.senses[0])
    assert sentences.today(fs.assess("foreign-offices").senses[0]) == ""
    shifted = fs.check("over 107,500", "deaths/all", period="2023", as_of="2024-10-01")
    assert sentences.today(shifted.senses[0]) == (
        "By what is known today, 105,007 deaths (final, calendar year 2023), it is CONTRADICTED (overstates)."
    )


def test_what_is_counted_and_which_year_decide_more_than_the_file() -> None:
    found = DEATHS.deciding.set_index("choice")["share"]
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    assert found["quantity"] + found["period"] > 0.75 > 0.2 > found["vintage"] > found["measure"]
    said = sentences.decided(DEATHS, DEATHS.senses[0])
    assert f"{found.iloc[0]:.0%} of the spread of all readings" in said
    assert said.startswith("Which period is taken decides most: ")
    assert sentences.decided(fs.assess("foreign-offices"), fs.assess("foreign-offices").senses[0]) == ""


def test_shapley_shares_of_a_balanced_grid_are_its_sums_of_squares() -> None:
    """Two choices that are crossed once share R² by their own sums of squares: 3² against 1²."""
    one = DEATHS.readings[0]
    made = [
        replace(
            one,
            quantity=q,
            period=p,
            vintage="v",
            measure="m",
            correction="none",
            value=6.0 * i + 2.0 * j,
            low=0,
            high=0,
        )
        for i, q in enumerate("ab")
        for j, p in enumerate("cd")
    ]
    found = assess.spread(made).set_index("choice")["share"]
    assert found.to_dict() == pytest.approx(
        {"quantity": 0.9, "period": 0.1, "measure": 0, "vintage": 0, "correction": 0}
    )
    assert assess.spread(made[:1]).empty


def test_the_nearest_reading_is_named_with_its_verdict() -> None:
    def high(reading: Reading) -> float:
        return reading.high

    same = [r for r in DEATHS.readings if r.quantity == "deaths/synthetic-opioids"]
    nearest = max(same, key=high)
    said = sentences.furthest(DEATHS)
    assert f"comes to is {nearest.high:,.0f} deaths ({nearest.window}; " in said
    assert said.endswith(f": {nearest.verdict}.")
    alone = replace(DEATHS.senses[0], natural=nearest, readings=(nearest,))
    assert sentences.furthest(replace(DEATHS, senses=(alone,))) == ""
    assert sentences.furthest(fs.assess("foreign-offices")) == sentences.furthest(fs.assess("root-cause")) == ""
    below = fs.check("fewer than 70,000", "deaths/synthetic-opioids", period="2023")
    found = re.search(r"The lowest .* is ([\d,]+) deaths", sentences.furthest(below))
    assert (int(found[1].replace(",", "")) if found else below.natural and below.natural.low) == min(
        r.low for r in below.readings
    )


def test_every_correction_has_plain_words() -> None:
    used = {r.correction for claim in fs.claims() for r in fs.assess(claim).readings} - {"none"}
    assert len(used) >= 4
    assert all(sentences.corrected(name) not in ("", name) for name in used)


def test_the_object_comes_from_the_ledger_and_only_where_the_quote_needs_it() -> None:
    step = next(s for s in DEATHS.ladder if s.who == "AP")
    assert sentences.said_of(DEATHS) == f"AP: {step.object}"
    assert {c for c in fs.claims() if sentences.said_of(fs.assess(c))} == {"deaths-per-year"}
    bare = DEATHS.claim.model_copy(update={"ladder": (), "definition": ()})
    assert sentences.said_of(replace(DEATHS, claim=bare)) == ""
    assert DEATHS.natural is not None
    assert sentences.measured(replace(DEATHS, claim=bare)) == DEATHS.natural.label
    assert sentences.measured(fs.assess("root-cause")) == ""


def test_a_share_of_the_flow_says_the_ratio_before_the_percentage() -> None:
    said = sentences.bridge(fs.assess("origin-share"))
    assert said.index("298 to 944 times as often, by pure weight") < said.index("at most 49% (FY2023)")
    assert said.endswith("In other years: at least 46 times, at most 86%.")
    assert sentences.bridge(DEATHS) == ""
    caught = fs.check("97%", "seizure-share/non-southwest", period="FY2023")
    assert "being caught 2,832 times as often, by raw weight." in sentences.bridge(caught)


@pytest.mark.parametrize("claim", list(fs.claims()))
def test_an_answer_has_at_most_sixty_words_and_whole_sentences(claim: str) -> None:
    found = fs.assess(claim)
    assert 5 < len(found.answer.split()) <= 60 and found.answer.endswith((".", "!"))
    assert "T40.4" not in found.answer or claim == "deaths-per-year"
    assert len(found.caveat.split()) <= 25


def test_later_readings_are_compared_within_their_sense() -> None:
    found = fs.assess("origin-share")
    assert found.verdict == "DEPENDS" and any(r.hindsight for r in found.readings)
    assert all(r.verdict == "CONTRADICTED" for r in found.readings if r.hindsight)
    assert "none of those comes to another verdict" in sentences.then_and_now(found)


def test_what_was_not_published_yet_is_not_said_to_be_beyond_all_data() -> None:
    found = fs.check("nearly 100,000", "deaths/all", period="2023", as_of="2015-01-01")
    assert sentences.rule(found).startswith("There is no figure for the ordinary reading: not published by 2015-01-01.")
    assert "more of the same data would not help" not in sentences.rule(found)


def test_later_figures_that_fit_are_told_apart_and_not_as_of_a_day() -> None:
    found = fs.check("30,000", "deaths/synthetic-opioids", period="2023", as_of="2024-09-17")
    assert found.hindsight and sentences.in_hindsight(found) == ""
    told = sentences.in_hindsight(replace(found, as_of=None))
    assert (
        told
        == "By figures published later the number would fit deaths involving cocaine, 29,911 (reported, published 2025-09-17)."
    )
