"""Pages: whole, self-contained, escaped, the same twice; a failure keeps the old page."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.reports import pages, report
from fentanyl_stats.reports.batch import execute, run
from fentanyl_stats.reports.cache import Job

from .books import LINKS, book
from .pages import Page, digests, sound


def _make(out: Path, only: str | None = None, claims_file: str = "") -> report.Report:
    ledger = report.read(claims_file)
    return report.make(out, report.plan(ledger, only, claims_file=claims_file), ledger)


@pytest.mark.slow
def test_pages_are_self_contained_and_the_same_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        made = [_make(tmp_path / name, only) for only in ("offices", "deaths-per-year")]
        assert not any(report_.failed for report_ in made)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    found = sound(tmp_path / "a")
    assert set(found) == {"index.html", "themes/offices.html", "claims/deaths-per-year.html"}
    index = found["index.html"]
    assert "themes/offices.html" in index.links
    assert [link for link in index.links if link.startswith("claims/")] == ["claims/deaths-per-year.html"]
    for claim in report.read().claims.values():
        assert claim.quote in index.text
    figures = [p.name for p in (tmp_path / "a" / "figures").iterdir()]
    assert {Path(name).suffix for name in figures} == {".svg", ".png", ".csv"}
    shown = {Path(src).name for page in found.values() for src in [*page.narrow, *(src for src, _ in page.images)]}
    linked = {Path(link).name for page in found.values() for link in page.links if link.endswith((".png", ".csv"))}
    assert shown | linked == set(figures)
    assert not list((tmp_path / "a").rglob(".*"))  # no half-written file is left


@pytest.mark.slow
def test_a_failure_keeps_the_old_page_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books = tmp_path / "notebooks"
    shutil.copytree(paths.notebooks(), books)
    monkeypatch.setattr(paths, "notebooks", lambda: books)
    out = tmp_path / "out"
    ledger = report.read()
    jobs = [*report.plan(ledger, "foreign-offices"), *report.plan(ledger, "offices")]
    assert not report.make(out, jobs, ledger).failed
    before = (out / "themes" / "offices.html").read_bytes()
    broken: Any = nbformat.read(books / "offices.ipynb", as_version=4)
    broken.cells[4].source = "1 / 0"
    nbformat.write(broken, books / "offices.ipynb")
    made = report.make(out, jobs, ledger)
    assert [outcome.error for outcome in made.failed] == ["offices.ipynb, cell 5: ZeroDivisionError: division by zero"]
    assert (out / "themes" / "offices.html").read_bytes() == before
    assert len(made.outcomes) == 2


@pytest.mark.slow
def test_a_kernel_that_dies_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    dying: Any = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "x"}}
    )
    dying.cells = [nbformat.v4.new_code_cell("import os; os._exit(3)")]
    nbformat.write(dying, tmp_path / "dying.ipynb")
    (outcome,) = run([Job("dying.ipynb", "x.html", "x")])
    assert "dying.ipynb" in outcome.error
    assert "\n" not in outcome.error
    assert not execute(Job("missing.ipynb", "x.html", "x")).ok


def test_results_have_the_promised_shape() -> None:
    from fentanyl_stats import assess
    from fentanyl_stats.reports import cache, exchange

    made = json.loads(cache.to_json(exchange.results([assess("offices-closing"), assess("root-cause")])))
    assert list(made) == ["schema", "version", "as_of", "data", "claims"]
    assert made["schema"] == 1
    assert {"dataset", "vintage", "sha256"} <= set(made["data"][0])
    counted, rated = made["claims"]
    assert counted["claim_interval"] == {"low": 12, "high": None, "closed": "neither"}
    assert counted["natural"] == counted["readings"][0]
    assert set(counted["editorial"]) == {"fidelity", "evidence", "confidence", "headline"}
    promised = {
        "id",
        "quantity",
        "period",
        "vintage",
        "measure",
        "correction",
        "value",
        "low",
        "high",
        "unit",
        "verdict",
    }
    assert promised | {"natural"} <= set(counted["readings"][0])
    assert [d["delta"] for d in counted["delta_curve"]] == [0.05, 0.10, 0.15, 0.20, 0.25, 0.30]
    assert (rated["verdict"], rated["natural"], rated["readings"]) == (None, None, [])


@pytest.mark.slow
def test_a_table_of_a_page_lies_beside_it_as_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    show = (
        "import pandas as pd\n"
        "import fentanyl_stats as fs\n"
        "fs.show(pd.DataFrame({'place': ['<b>', '=1'], 'deaths': [1, 2]}), caption='A \"caption\" <i>', notes='a note')\n"
        "fs.show(pd.DataFrame({'x': ['é']}), caption='Another')"
    )
    book(tmp_path, "made", "x: int = 0", show)
    out = tmp_path / "out"
    page = Page(pages.page(execute(Job("made.ipynb", "themes/made.html", "made")), out, LINKS)[0])
    linked = [link for link in page.links if link.endswith(".csv")]
    assert linked == ["../figures/themes-made-1-0.csv", "../figures/themes-made-1-1.csv"]
    assert not set(page.broken) & set(linked)
    assert (out / "figures/themes-made-1-0.csv").read_bytes() == b"place,deaths\n<b>,1\n'=1,2\n"
    assert (out / "figures/themes-made-1-1.csv").read_text("utf-8") == "x\né\n"
    labels = [html.unescape(text) for _, text in re.findall(r"aria-label=([\"'])(CSV.*?)\1", page.source)]
    assert labels == ['CSV: A "caption" <i>', "CSV: Another"]
