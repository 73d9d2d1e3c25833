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
