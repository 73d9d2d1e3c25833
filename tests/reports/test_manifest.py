"""Nothing is made twice, and what changed is made anew: keys are content, never time."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.reports import cache, report
from fentanyl_stats.reports.cache import Job, Manifest

from .books import book
from .pages import digests

pytestmark = pytest.mark.slow

READS = 'import fentanyl_stats as fs\np = fs.parameters("offices", as_of=as_of)\n'


@pytest.fixture
def desk(tmp_path: Path, plain_index: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data, and three notebooks: one reads deaths, one offices, one nothing; what stands around is plain."""
    shutil.copytree(paths.raw(), tmp_path / "data" / "raw")
    monkeypatch.setenv("FENTANYL_STATS_DATA", str(tmp_path / "data"))
    for name, cell in (("deaths", "fs.load('nvss-t404-month').tail(1)"), ("offices", "fs.load('dea-offices', as_of='2024-09-17').tail(1)"),
                       ("plain", "print('nothing')")):  # fmt: skip
        book(tmp_path, name, 'as_of: str = ""', READS + cell)
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    return tmp_path


def jobs() -> list[Job]:
    """A page of each notebook."""
    return [Job(f"{name}.ipynb", f"themes/{name}.html", name) for name in ("deaths", "offices", "plain")]


def make(desk: Path, **options: Any) -> list[str]:
    """Run, and name the notebooks that ran."""
    ran: list[str] = []
    made = report.make(
        desk / "out", jobs(), report.read(), workers=2, done=lambda o: ran.append(o.job.title), **options
    )
    assert not made.failed
    return ran[len(ran) - made.made :] if made.made else []


def restored(desk: Path, path: str, change: Callable[[str], str]) -> None:
    """Change a raw table and record its new hash, as a corrected vintage would come in."""
    file, catalogue = desk / "data/raw" / path, desk / "data/raw/SOURCES.toml"
    old = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    new = hashlib.sha256(file.read_bytes()).hexdigest()
    text = catalogue.read_text("utf-8")
    assert old in text
    catalogue.write_text(re.sub(old, new, text), "utf-8")


def test_a_second_run_makes_nothing_and_changes_no_byte(desk: Path) -> None:
    assert sorted(make(desk)) == ["deaths", "offices", "plain"]
    before = digests(desk / "out")
    assert make(desk) == []
    assert digests(desk / "out") == before
    assert sorted(make(desk, force=True)) == ["deaths", "offices", "plain"]
    assert digests(desk / "out") == before


def test_a_changed_table_makes_just_the_pages_that_read_it(desk: Path) -> None:
    make(desk)
    restored(desk, "nvss-t404-month/final.csv", lambda text: text.replace("2024-12,3307", "2024-12,3308"))
    assert make(desk) == ["deaths"]
    assert "3308" in (desk / "out/themes/deaths.html").read_text("utf-8")


def test_a_new_vintage_of_a_dataset_makes_the_pages_that_looked_for_it(desk: Path) -> None:
    make(desk)
    catalogue = desk / "data/raw/SOURCES.toml"
    text = catalogue.read_text("utf-8")
    entry = next(part for part in text.split("[[table]]") if "nvss-t404-month/final.csv" in part)
    new = re.sub(r'vintage = "[^"]*"', 'vintage = "2026-11-01"', entry, count=1).replace("final.csv", "newer.csv")
    shutil.copy(desk / "data/raw/nvss-t404-month/final.csv", desk / "data/raw/nvss-t404-month/newer.csv")
    catalogue.write_text(text + "\n[[table]]" + new, "utf-8")
    assert make(desk) == ["deaths"]


def test_a_changed_notebook_and_a_lost_or_altered_file_are_made_anew(desk: Path) -> None:
    make(desk)
    book(desk, "plain", 'as_of: str = ""', READS + "print('something')")
    assert make(desk) == ["plain"]
    (desk / "out/themes/offices.html").unlink()
    assert make(desk) == ["offices"]
    (desk / "out/themes/deaths.ipynb").write_text("{}", "utf-8")
    assert make(desk) == ["deaths"]


def test_a_torn_manifest_means_that_all_is_made_anew(desk: Path) -> None:
    make(desk)
    before = digests(desk / "out")
    (desk / "out" / cache.NAME).write_text('{"schema": 1, "pag', "utf-8")
    assert sorted(make(desk)) == ["deaths", "offices", "plain"]
    assert digests(desk / "out") == before


def test_one_claim_edited_makes_its_page_and_the_index(tmp_path: Path) -> None:
    file, out = tmp_path / "mine.toml", tmp_path / "out"
    text = (Path(__file__).parents[1] / "small-article.toml").read_text("utf-8")

    def run() -> list[str]:
        ledger = report.read(str(file))
        ran: list[str] = []
        jobs = report.plan(ledger, claims_file=str(file))
        made = report.make(out, jobs, ledger, done=lambda outcome: ran.append(outcome.job.page))
        assert not made.failed
        return sorted(ran[len(ran) - made.made :]) if made.made else []

    file.write_text(text, "utf-8")
    assert len(run()) > 2
    index = (out / "index.html").read_bytes()
    assert run() == []
    first = next(iter(report.read(str(file)).claims.values()))
    file.write_text(text.replace(first.quote, f"{first.quote} indeed"), "utf-8")
    assert run() == [f"claims/{first.id}.html", "themes/claims.html"]
    assert (out / "index.html").read_bytes() != index
    fresh = tmp_path / "fresh"
    ledger = report.read(str(file))
    report.make(fresh, report.plan(ledger, claims_file=str(file)), ledger)
    assert digests(fresh) == digests(out)  # what was left standing is what a clean run makes


def test_the_links_of_a_page_follow_without_running_it_again(desk: Path) -> None:
    only = [jobs()[2]]
    report.make(desk / "out", only, report.read())
    assert "deaths.html" not in (desk / "out/themes/plain.html").read_text("utf-8")
    made = report.make(desk / "out", jobs(), report.read())
    assert made.made == 2
    assert "deaths.html" in (desk / "out/themes/plain.html").read_text("utf-8")


def test_files_that_a_page_no_longer_has_are_removed(tmp_path: Path) -> None:
    kept = Manifest(tmp_path)
    for name in ("a.html", "a-1.svg", "b-1.svg"):
        (tmp_path / name).write_text(name)
    kept.note("a.html", "k", [tmp_path / "a.html", tmp_path / "a-1.svg", tmp_path / "b-1.svg"])
    kept.note("b.html", "k", [tmp_path / "b-1.svg"])
    kept.note("a.html", "l", [tmp_path / "a.html"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b-1.svg"]
    assert kept.current("a.html", "l") and not kept.current("a.html", "k")


def test_the_manifest_says_what_each_page_rests_on(desk: Path) -> None:
    make(desk)
    held = json.loads((desk / "out" / cache.NAME).read_text("utf-8"))
    page = held["pages"]["themes/deaths.html"]
    assert [table["dataset"] for table in page["tables"]] == ["nvss-t404-month"]
    assert page["asked"] == ["nvss-t404-month"]
    assert page["parameters"] == {"as_of": ""}
    assert set(page["files"]) == {"themes/deaths.html", "themes/deaths.ipynb", "provenance/themes/deaths.json"}
    assert held["software"]["pandas"]
    assert str(desk) not in json.dumps(held)
