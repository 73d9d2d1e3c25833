"""What values show in a notebook: the numbers of the value, well-formed, every text escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

import fentanyl_stats as fs
from fentanyl_stats import cards
from fentanyl_stats.model import Estimate, Source
from fentanyl_stats.stats import joinpoint

from .reports.test_hostile import ARTICLE, TEXT


class Shown(HTMLParser):
    """Tags that were opened, text by text, and whether each was closed."""

    def __init__(self, made: str) -> None:
        """Read it all."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(made)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it; a handler of events would be a hole."""
        self.tags.append(tag)
        self.open += [] if tag == "br" else [tag]
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _ in attrs} <= {"style", "scope", "href", "rel", "class", "border"}

    def handle_endtag(self, tag: str) -> None:
        """Close the last one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


def _html(value: object) -> Shown:
    """A value as a notebook shows it, through IPython's own formatter."""
    data, _ = DisplayFormatter().format(value, include=["text/html"])
    return Shown(data["text/html"])


def test_an_assessment_shows_its_verdict_and_what_it_rests_on() -> None:
    shown = _html(fs.assess("deaths-per-year")).text
    for said in ("CONTRADICTED (overstates)", "“nearly 100,000 deaths of Americans each year”", "[90,000, 100,000)",
                 "at most 75,091 deaths", "vintage 2024-09-13", "WRONG QUANTITY: deaths/all was 99,701", "(F3, E1)"):  # fmt: skip
        assert said in shown
    rated = _html(fs.assess("root-cause")).text
    assert "no number that public data could test" in rated
    assert "distorted (F1, E0)" in rated
    assert "readings" not in rated


def test_a_claim_shows_who_said_it() -> None:
    shown = _html(fs.claims()["deaths-per-year"]).text
    for said in ("deaths-per-year", "nearly 100,000", "CDC → AP → The Epoch Times → article", "2024-09-17", "S03"):
        assert said in shown


def test_an_estimate_shows_its_interval_unit_and_method() -> None:
    shown = _html(
        Estimate(10.25, 9.8, 10.69, 0.95, "percent", "a method", (Source("vsrr", vintage="2025-01-08"),))
    ).text
    for said in ("10.25%", "95% interval", "9.80 to 10.69%", "a method", "vsrr 2025-01-08"):
        assert said in shown
    bounds = _html(Estimate(None, 0, 75_091, None, "deaths", "bounds")).text
    assert "known within bounds alone" in bounds
    assert "0 to 75,091 deaths" in bounds
    assert "no sampling error" in bounds


def test_a_source_links_to_the_web_alone() -> None:
    source = fs.load("vsrr").attrs["source"]
    shown = _html(source)
    assert shown.links == [source.url]
    assert source.vintage in shown.text and source.sha256[:16] in shown.text and source.licence in shown.text
    assert _html(Source("A1", url="javascript:alert(1)")).links == []


def test_a_fit_shows_its_bends() -> None:
    fit = joinpoint.fit(range(1999, 2015), [6 * 1.1 ** min(t, 7) * 0.95 ** max(t - 7, 0) for t in range(16)])
    shown = _html(fit).text
    assert "2006" in shown and "10.0" in shown and "-5.0" in shown


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(ARTICLE, "utf-8")
    for claim in fs.claims(file).values():
        for value in (claim, fs.assess(claim.id, claims=file), *claim.cited):
            shown = _html(value)
            assert set(shown.tags) <= {"div", "p", "strong", "a", "table", "tbody", "tr", "th", "td"}
            assert all(link.startswith("https://") for link in shown.links)
    assert TEXT in _html(fs.claims(file)["one"].cited[0]).text


@given(st.text(), st.text(), st.text())
def test_any_text_is_shown_as_it_is(title: str, name: str, value: str) -> None:
    shown = Shown(cards.card(title, [(name, value)], quote=value))
    kept = [text.replace("\r\n", "\n").replace("\r", "\n") for text in (title, value)]
    assert all(text in shown.text.replace("\r", "\n") for text in kept if "\x00" not in text)


@pytest.mark.parametrize("nothing", ["", None])
def test_rows_that_say_nothing_are_left_out(nothing: object) -> None:
    assert "table" not in cards.card("title", [("name", nothing)])
    assert "0" in Shown(cards.card("title", [("deaths", 0)])).text
