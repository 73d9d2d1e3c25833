"""The line of what was said and what was found: places are in proportion, ends at the edge, words beside it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import fentanyl_stats as fs
from fentanyl_stats.reports import gauge

COMPUTED = [claim for claim in fs.claims() if fs.assess(claim).verdict]


def _parts(claim: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(gauge.gauge(fs.assess(claim)))
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
    assert gauge.gauge(fs.assess("deaths-per-year")).count("at-end") == 1


def test_what_nobody_measures_is_hollow() -> None:
    parts = _parts("precursor-share")
    assert "at-found" not in parts and "at-end" not in parts
    root = ElementTree.fromstring(gauge.gauge(fs.assess("precursor-share")))
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
    assert gauge.legend(a.claim_interval, a.widened_interval, a.natural).endswith(mark)


def test_an_exact_number_is_a_stroke_and_an_open_end_runs_to_the_edge() -> None:
    exact = _parts("foreign-offices")
    assert exact["at-claimed"].tag == "line"
    assert _per_cent(exact["at-found-dot"], "cx") == _per_cent(exact["at-claimed"], "x1") == 93
    above = _parts("offices-closing")["at-claimed"]
    assert _per_cent(above, "x") + _per_cent(above, "width") == pytest.approx(100)


@pytest.mark.parametrize("claim", COMPUTED)
def test_it_says_in_words_what_it_shows_and_stays_on_the_line(claim: str) -> None:
    made = gauge.gauge(fs.assess(claim))
    found = fs.assess(claim)
    assert found.natural is not None
    assert found.natural.shown in ElementTree.fromstring(made).get("aria-label", "")
    assert all(0 <= float(x) <= 100 for x in re.findall(r'(?:x|x1|x2|cx|width)="([\d.]+)%"', made))


def test_no_number_no_line() -> None:
    assert gauge.gauge(fs.assess("root-cause")) == ""
