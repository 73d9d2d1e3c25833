"""An executed notebook says which figure tables it read; a page does not show it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from fentanyl_stats.data import catalog, paths
from fentanyl_stats.reports import cache, pages
from fentanyl_stats.reports.batch import execute
from fentanyl_stats.reports.cache import Job
from fentanyl_stats.reports.parameters import parameters

from .books import LINKS, book

TAKE = 'import fentanyl_stats as fs\np = fs.parameters("offices", as_of=as_of)'
LOAD = "import fentanyl_stats as fs\nrows = len(fs.load({!r}))"


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_run_keeps_what_it_read_and_the_same_twice(books: Path, tmp_path: Path) -> None:
    book(books, "made", "as_of: str = ''", TAKE, LOAD.format("nflis"), "rows", LOAD.format("county"), "1")
    job = Job("made.ipynb", "made.html", "made")
    first, second = execute(job), execute(job)
    assert first.ok, first.error
    found = cache.record(first.notebook)["tables"]
    assert [table["dataset"] for table in found if table["dataset"] in ("nflis", "county")] == ["county", "nflis"]
    assert {t.path: t.sha256 for t in catalog.entries()}.items() >= {t["path"]: t["sha256"] for t in found}.items()
    assert found == cache.record(second.notebook)["tables"]
    assert cache.record(first.notebook)["parameters"] == {"as_of": ""}
    shown = [sum(cache.MIME in output.get("data", {}) for output in cell.outputs) for cell in first.notebook.cells]
    assert shown == [0, 1, 1, 0, 1, 0]  # a cell that reads nothing new shows nothing
    before = copy.deepcopy(first.notebook)
    page, *_ = pages.page(first, tmp_path / "out", LINKS)
    assert first.notebook == before
    assert "sha256" not in page.read_text("utf-8")


@pytest.mark.slow
def test_a_notebook_without_parameters_keeps_no_record(books: Path) -> None:
    book(books, "made", LOAD.format("nflis"))
    outcome = execute(Job("made.ipynb", "made.html", "made"))
    assert outcome.ok, outcome.error
    assert cache.record(outcome.notebook) == cache.NOTHING


def test_outside_a_kernel_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    parameters("offices", as_of="")
    cache.begin({"as_of": ""})
    assert capsys.readouterr().out == ""
