"""How firm a verdict is, in words: what the others find, what the width decides, what was out by then."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import sentences
from fentanyl_stats.audit.readings import Reading

DEATHS = fs.assess("deaths-per-year")


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("foreign-offices", "2 of 6 readings agree; the other 4 find 91 to 334 offices."),
        ("foreign-countries", "3 of 4 readings agree; the other one finds 70 countries."),
        ("guangzhou-offices", "Both readings agree."),
        ("china-offices-closing", "The only reading."),
        ("precursor-share", "The only reading: nobody measures it."),
        ("root-cause", "An editor's rating; confidence high."),
    ],
)
def test_what_the_others_find(claim: str, said: str) -> None:
    assert sentences.sure(fs.assess(claim)) == said


def test_the_others_are_those_with_another_verdict() -> None:
    other = [r for r in DEATHS.readings if r.verdict.label != "CONTRADICTED"]
    ends = [e for r in other for e in ((r.low, r.high) if r.value is None else (r.value,))]
    said = sentences.sure(DEATHS)
    same = len(DEATHS.readings) - len(other)
    assert said.startswith(f"{same} of {len(DEATHS.readings)} readings agree; the other {len(other)} find ")
    assert f"find {min(ends):,.0f} to {max(ends):,.0f} deaths." in said


@pytest.mark.parametrize(("delta", "reached"), [(0.10, "85,000"), (0.05, "85,000"), (0.15, "90,000")])
def test_the_width_is_named_in_the_claim_s_own_numbers(delta: float, reached: str) -> None:
    found = fs.assess("deaths-per-year", delta=delta)
    assert found.claim_interval is not None and found.widened_interval is not None and found.verdict is not None
    mine = f"reach {found.claim_interval.low:,.0f} (generously {found.widened_interval.low:,.0f}); if it reached {reached}, "
    assert mine in sentences.sure(found)
    other = "CONTRADICTED" if found.verdict == "NOT DETERMINED" else "NOT DETERMINED"
    assert sentences.sure(found).endswith(f"this would be {other}.")


def test_a_later_figure_says_what_was_out_by_then() -> None:
    found = fs.assess("origin-share")
    then = [r for r in found.readings if not r.hindsight and "not measured" not in r.flags]
    assert found.natural is not None and found.natural.hindsight and then
    assert sentences.sure(found).endswith(
        f"Our figure was published after the article; of {len(then)} readings measured and published by then, "
        f"{sum(r.verdict.label == 'CONTRADICTED' for r in then)} agree."
    )
    alone = replace(found, readings=(found.natural,))
    assert sentences.sure(alone).endswith("none was published by then.")
    assert "after the article" not in sentences.sure(DEATHS)


def test_the_nearest_reading_is_named_with_its_verdict() -> None:
    def high(reading: Reading) -> float:
        return reading.high

    same = [r for r in DEATHS.readings if r.quantity == "deaths/synthetic-opioids"]
    nearest = max(same, key=high)
    said = sentences.furthest(DEATHS)
    assert f"comes to is {nearest.high:,.0f} deaths ({nearest.window}; " in said
    assert said.endswith(f": {nearest.verdict}.")
    assert sentences.furthest(replace(DEATHS, readings=(nearest,), natural=nearest)) == ""
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


def test_a_share_of_seizures_says_why_it_answers() -> None:
    assert (
        "to be 97% it would take all other fentanyl being caught 2,832 times as often, by raw weight."
        in sentences.bridge(fs.assess("origin-share"))
    )
    assert sentences.bridge(DEATHS) == ""
