"""The example article, run as a user would run an article of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats import cli
from fentanyl_stats.data import paths

from .pages import digests, sound

EXAMPLE = Path(__file__).parents[1] / "small-article.toml"


def _report(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["report", *arguments])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_it_shows_the_format_on_true_figures() -> None:
    claims = fs.claims(EXAMPLE)
    assert len(claims) == 3
    assert sum(claim.quantity is not None for claim in claims.values()) == 2
    half = fs.assess("fell-by-half", claims=EXAMPLE)
    assert half.natural is not None
    assert (half.natural.value, str(half.verdict)) == (80_391, "CONTRADICTED (understates)")
    deaths = fs.assess("deaths-2023", claims=EXAMPLE)
    assert deaths.natural is not None
    assert (deaths.natural.value, str(deaths.verdict)) == (72_776, "SUPPORTED")
    figures = fs.load("published-figures").set_index("id")["value"]
    for step in deaths.ladder:  # a number in the ladder that cites a published figure is that figure
        if step.source in figures.index:
            assert step.value == figures[step.source]


def test_the_eight_printed_numbers_have_a_form_each_and_a_verdict() -> None:
    held = paths.notebooks() / "example-article.toml"
    found = {name: fs.assess(name, claims=held) for name in fs.claims(held)}
    assert {a.form for a in found.values()} == {"level", "pace", "share", "change", "ratio", "rank", "record", "doses"}
    verdicts = {name: str(a.verdict) for name, a in found.items()}
    assert verdicts == {
        "deaths-a-year": "CONTRADICTED (overstates)",
        "deaths-a-day": "CONTRADICTED (understates)",
        "border-share": "SUPPORTED",
        "fall-of-2024": "SUPPORTED",  # as of the day it was printed
        "florida-california": "CLOSE",
        "leading-cause": "CONTRADICTED (overstates)",
        "all-time-high": "SUPPORTED",
        "lethal-doses": "SUPPORTED",
    }
    assert str(found["fall-of-2024"].verdict_now) == "CONTRADICTED (overstates)"


@pytest.mark.slow
def test_its_claims_and_claim_pages_alone_the_same_however_many_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(EXAMPLE, tmp_path / "mine.toml")
    monkeypatch.chdir(tmp_path)
    assert _report("--claims", "mine.toml", "--out", "deep/er/one", "--workers", "1") == 0
    out, err = capsys.readouterr()
    assert out == f"4 of 4 pages written; open {tmp_path / 'deep/er/one/index.html'}\n"
    assert err == ""
    assert _report("--claims", str(tmp_path / "mine.toml"), "--out", str(tmp_path / "two"), "--workers", "3") == 0
    assert digests(tmp_path / "deep/er/one") == digests(tmp_path / "two")
    found = sound(tmp_path / "two")
    claims = [f"claims/{claim}.html" for claim in fs.claims(EXAMPLE)]
    assert set(found) == {"index.html", "themes/claims.html", *claims}
    order = ["fell-by-half", "deaths-2023", "turning-point"]  # what does not hold comes first
    assert [link for link in found["index.html"].links if link.startswith("claims/")] == [
        f"claims/{claim}.html" for claim in order
    ]
    for page in found.values():
        assert "93 offices" not in page.text  # the built-in article is elsewhere
    results = json.loads((tmp_path / "two" / "results.json").read_text("utf-8"))
    assert [claim["id"] for claim in results["claims"]] == list(fs.claims(EXAMPLE))
    assert [claim["verdict"] for claim in results["claims"]] == ["SUPPORTED", "CONTRADICTED", None]


@pytest.mark.slow
def test_one_page_as_known_on_a_day(tmp_path: Path) -> None:
    arguments = ("--only", "deaths-2023", "--claims", str(EXAMPLE), "--out", str(tmp_path))
    assert _report(*arguments, "--as-of", "2024-06-01", "-p", "delta", "0.2") == 0
    found = sound(tmp_path)
    assert set(found) == {"index.html", "claims/deaths-2023.html"}
    assert "Only what was known on 2024-06-01 is used" in found["index.html"].text
    assert "as known on 2024-06-01" in found["claims/deaths-2023.html"].text
    assert "delta = 0.2" in found["claims/deaths-2023.html"].text
    assert "72,776" not in found["claims/deaths-2023.html"].text  # the final count came later
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["as_of"] == "2024-06-01"
    known = [r["known"] for claim in results["claims"] for r in claim["readings"]]
    assert known
    assert max(known) <= "2024-06-01"
