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

from fentanyl_stats.audit.hedges import DELTA
from fentanyl_stats.data import paths
from fentanyl_stats.reports import pages, report
from fentanyl_stats.reports.batch import execute, run
from fentanyl_stats.reports.cache import Job

from ..conftest import CLAIMS, PLACES
from .books import LINKS, book, judged
from .pages import Page, digests, sound
from .test_claimreview import PLAIN


@pytest.mark.slow
def test_pages_are_self_contained(report_folder: Path) -> None:
    found = {name: page for name, page in sound(report_folder).items() if not name.startswith("hostile/")}
    plan = report.plan(report.read())
    claims = [f"claims/{claim}.html" for claim in (*CLAIMS, "guangzhou-offices")]
    places = [f"jurisdictions/{code}.html" for code in PLACES]
    themes = [job.page for job in plan if job.page.startswith("themes/")]
    assert set(found) == {"index.html", *themes, *claims, *places}
    index = found["index.html"]
    assert set(themes) <= set(index.links)
    assert {link for link in index.links if link.startswith("claims/")} == set(claims)
    for claim in report.read().claims.values():
        assert claim.quote in index.text
    figures = [path.name for path in (report_folder / "figures").iterdir()]
    assert {Path(name).suffix for name in figures} == {".svg", ".png", ".csv"}
    shown = {Path(src).name for page in found.values() for src in [*page.narrow, *(src for src, _ in page.images)]}
    linked = {Path(link).name for page in found.values() for link in page.links if link.endswith((".png", ".csv"))}
    assert shown | linked == set(figures)
    assert not list(report_folder.rglob(".*"))  # no half-written file is left


@pytest.mark.slow
def test_pages_made_again_are_the_same(report_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    shutil.copytree(report_folder, out, ignore=shutil.ignore_patterns("hostile", "done"))
    before = digests(out)
    ledger = report.read()
    jobs = [job for job in report.plan(ledger) if job.page in ("themes/offices.html", "claims/deaths-per-year.html")]
    jobs += report.plan(ledger, "guangzhou-offices", given={"delta": "0.2"})
    for name in ("index.html", "summary.md", *(job.page for job in jobs)):
        (out / name).unlink()
    made = report.make(out, jobs, ledger)
    assert not made.failed
    assert made.made == 3
    assert digests(out) == before


@pytest.mark.slow
def test_a_failure_keeps_the_old_page_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    cells = ["x: int = 0", "y = 1", "y", "y + 1", "y + 2"]
    for name in ("good", "broken"):
        book(tmp_path, name, *cells)
    (tmp_path / "mine.toml").write_text(PLAIN, "utf-8")
    out = tmp_path / "out"
    ledger = report.read(str(tmp_path / "mine.toml"))
    jobs = [Job(f"{name}.ipynb", f"themes/{name}.html", name) for name in ("good", "broken")]
    assert not report.make(out, jobs, ledger).failed
    before = (out / "themes" / "broken.html").read_bytes()
    book(tmp_path, "broken", *cells[:-1], "1 / 0")
    made = report.make(out, jobs, ledger)
    assert [outcome.error for outcome in made.failed] == ["broken.ipynb, cell 5: ZeroDivisionError: division by zero"]
    assert (out / "themes" / "broken.html").read_bytes() == before
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
    from fentanyl_stats.reports import cache, exchange

    made = json.loads(
        cache.to_json(exchange.results([judged("offices-closing", "", DELTA), judged("root-cause", "", DELTA)]))
    )
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
    deltas = [0.05, 0.10, 0.15, 0.20, 0.25, 0.30]
    assert all([d["delta"] for d in claim["delta_curve"]] in ([], deltas) for claim in made["claims"])
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
