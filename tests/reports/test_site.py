"""Pages: whole, self-contained, escaped, the same twice; a failure keeps the old page."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.reports import report, run, view
from fentanyl_stats.reports.execute import Job, execute

HOSTILE = (
    "</script><script>alert(1)</script> \"' {braces} $x$ <img src=x onerror=alert(2)> *b* [l](javascript:x) \u202eabc"
)
ARTICLE = f"""
[article]
id = "hostile"
title = '''{HOSTILE}'''
date = "2025-06-01"
[[source]]
id = "A1"
title = '''{HOSTILE}'''
publisher = '''{HOSTILE}'''
url = "javascript:alert(3)"
date = "2025-06-01"
[[claim]]
id = "one"
quote = '''{HOSTILE}'''
kind = "count"
quantity = {{ value = 70000, unit = "deaths", hedge = "over" }}
as_of = "2025-06-01"
sources = ["A1"]
family = "one"
[[claim.test]]
quantity = "deaths/synthetic-opioids"
periods = ["2023"]
measures = ["final"]
natural = true
note = '''{HOSTILE}'''
[[appearance]]
family = "one"
step = 1
date = "2025-06-01"
who = '''{HOSTILE} {"w" * 300}'''
object = '''{HOSTILE}'''
source = "A1"
"""


def _make(out: Path, only: str | None = None, claims_file: str = "") -> report.Report:
    ledger = report.read(claims_file)
    return report.make(out, report.plan(ledger, only, claims_file=claims_file), ledger)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_pages_are_self_contained_and_the_same_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        made = [_make(tmp_path / name, only) for only in ("offices", "deaths-per-year")]
        assert not any(report_.failed for report_ in made)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    pages = list((tmp_path / "a").rglob("*.html"))
    assert {p.relative_to(tmp_path / "a").as_posix() for p in pages} == {
        "index.html", "themes/offices.html", "claims/deaths-per-year.html",
    }  # fmt: skip
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert not re.search(r"""(src|<link[^>]*href)=["']?(https?:)?//|@import|url\(""", text)
        for image in re.findall(r"<img[^>]*>", text):
            assert re.search(r'alt="[^"]{40,}"', image)
            assert (page.parent / re.findall(r'src="([^"]+)"', image)[0]).is_file()
        for href in re.findall(r"<nav.*?</nav>", text, re.DOTALL):
            assert all((page.parent / link).is_file() for link in re.findall(r'href="([^"]+)"', href))
    figures = {p.suffix for p in (tmp_path / "a" / "figures").iterdir()}
    assert figures == {".svg", ".png"}


@pytest.mark.slow
def test_a_hostile_article_is_shown_as_text(tmp_path: Path) -> None:
    file = tmp_path / "hostile.toml"
    file.write_text(ARTICLE, "utf-8")
    made = _make(tmp_path / "out", claims_file=str(file))
    assert [outcome.error for outcome in made.outcomes] == ["", ""]
    assert sorted(o.job.page for o in made.outcomes) == ["claims/one.html", "themes/claims.html"]
    for page in (tmp_path / "out").rglob("*.html"):
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text
        assert "alert(1)" in text
    json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))


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
    from fentanyl_stats.reports import results

    made = json.loads(results.dumps(results.document([assess("offices-closing"), assess("root-cause")])))
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


def test_prose_escapes_its_values() -> None:
    assert "<" not in view.text(HOSTILE)
    assert "*" not in view.text(HOSTILE)
