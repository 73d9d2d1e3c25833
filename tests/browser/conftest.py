"""A real browser and a report to look at: a page of every kind, and one made of hostile text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import pytest
from playwright.sync_api import Browser, sync_playwright

from fentanyl_stats.reports import pdf, report

from ..reports.test_hostile import ARTICLE

CLAIMS = ("deaths-per-year", "origin-share", "precursor-share", "root-cause")
PLACES = ("US", "WV")


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program; the only reason to skip is that there is none."""
    found = next(filter(None, map(shutil.which, pdf.BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture(scope="session")
def browser(program: str) -> Iterator[Browser]:
    """It, driven."""
    with sync_playwright() as playwright:
        driven = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield driven
        driven.close()


@pytest.fixture(scope="session")
def folder(program: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A report with a page of every kind, `hostile/` in it; made once, however many processes test."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "report"
    with filelock.FileLock(str(out) + ".lock"):
        if not (out / "done").exists():
            _make(out)
            (out / "done").touch()
    return out


def _make(out: Path) -> None:
    ledger = report.read()
    wanted = [f"claims/{claim}.html" for claim in CLAIMS] + [f"jurisdictions/{code}.html" for code in PLACES]
    jobs = [*report.plan(ledger), *report.plan(ledger, each="jurisdiction")]
    made = report.make(out, [j for j in jobs if j.page in wanted or j.page.startswith("themes/")], ledger)
    assert not made.failed
    (out / "hostile").mkdir()
    file = out / "hostile" / "hostile <b> 'x' & $y$.toml"
    file.write_text(ARTICLE, "utf-8")
    ledger = report.read(str(file))
    jobs = [replace(job) for job in report.plan(ledger, claims_file=str(file))]
    assert not report.make(out / "hostile", jobs, ledger).failed
