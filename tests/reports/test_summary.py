"""The summary in the repository is what a run writes; hostile text in it stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest
from nbconvert.filters import markdown2html

import fentanyl_stats as fs
from fentanyl_stats.audit import ledger
from fentanyl_stats.audit.hedges import DELTA
from fentanyl_stats.reports import pages

from .books import BOOK, judged
from .test_hostile import ARTICLE, ATTACKS

KEPT = Path(__file__).parents[2] / "reports"


def _summary(out: Path, book: ledger.Ledger, assessments: Sequence[fs.Assessment], as_of: str = "") -> str:
    out.mkdir(exist_ok=True)
    return pages.write_summary(out, book, assessments, pages.drawn_board(assessments), as_of)[0].read_text("utf-8")


@pytest.mark.slow
def test_the_repository_shows_what_a_run_writes(report_folder: Path) -> None:
    written = {path.name: path.read_bytes() for path in report_folder.glob("summary*")}
    kept = {path.name: path.read_bytes() for path in KEPT.glob("summary*")}
    assert set(written) == {"summary.md", "summary-scoreboard.svg", "summary-deaths.svg", "summary-origin.svg"}
    different = [name for name in written if written[name] != kept.get(name)]
    assert set(kept) == set(written) and not different, f"{different}: commit what `fentanyl-stats report` writes"


@pytest.mark.slow
def test_it_holds_every_claim_with_its_verdict(report_folder: Path) -> None:
    text = (report_folder / "summary.md").read_text("utf-8")
    for claim in BOOK.claims.values():
        verdict = judged(claim.id, "", DELTA).verdict
        (row,) = [line for line in text.splitlines() if line.startswith(f"| “{pages.plain(claim.quote)}” |")]
        assert f"| **{verdict}** |" in row if verdict else row.endswith(f"| {claim.headline} |")


@pytest.mark.slow
def test_only_what_was_known_then(tmp_path: Path) -> None:
    for day, drawn in (("2024-09-17", True), ("2017-01-31", False)):  # before the first release of counts
        assessments = [judged(claim, day, DELTA) for claim in BOOK.claims]
        assert f"Only what was known on {day} is used." in _summary(tmp_path, BOOK, assessments, day)
        # a picture of another run would stand beside these words
        assert (tmp_path / "summary-deaths.svg").exists() == drawn


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(ARTICLE, "utf-8")
    book = ledger.read(file)
    text = _summary(tmp_path / "out", book, [fs.assess(claim, claims=book) for claim in book.claims])
    made = markdown2html(text)
    assert "<script" not in made and "<svg" not in made
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)', made))  # its own headings
    assert made.count("<img ") == 1  # the scoreboard's
    shown = unescape(made)
    for claim in book.claims.values():
        assert " ".join(claim.quote.split()) in shown
    assert not list((tmp_path / "out").glob("summary-deaths.svg"))


@pytest.mark.parametrize("attack", [*ATTACKS, "https://evil.example", "www.evil.example", "a | b", "me@evil.example"])
def test_a_value_is_never_markup(attack: str) -> None:
    escaped = pages.plain(attack)
    assert unescape(escaped) == " ".join(attack.split())
    assert not set(escaped) & set("<>*_`[]{}$\\~|@")
    assert "http:" not in escaped and "https:" not in escaped and "www." not in escaped
