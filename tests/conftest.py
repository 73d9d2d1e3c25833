"""Shared set-up: no time limit per example, so that a busy machine fails no property; one report for all who look at it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("steady")

if TYPE_CHECKING:
    from fentanyl_stats.reports import Outcome

CLAIMS = ("deaths-per-year", "foreign-offices", "origin-share", "precursor-share", "root-cause")
PLACES = ("US", "WV")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of what is made once, however many processes test."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def report_folder(shared: Path) -> Path:
    """A report with a page of every kind, and in `hostile/` that of an article which tries everything.

    It is made once, however many processes test; who writes into it takes a copy.
    """
    out = shared / "report"
    with filelock.FileLock(f"{out}.lock"):
        if not (out / "done").exists():
            _make(out)
            (out / "done").touch()
    return out


@pytest.fixture(scope="session")
def ran(report_folder: Path, shared: Path) -> Callable[..., Outcome]:
    """Run a notebook with these parameters, once for all tests that look at it; pages of the report have run."""
    from nbformat import read, write

    from fentanyl_stats.reports import Job, Outcome
    from fentanyl_stats.reports.batch import execute
    from fentanyl_stats.reports.cache import Manifest
    from fentanyl_stats.reports.plan import Theme

    pages = Manifest(report_folder).pages
    folder = shared / "ran"
    folder.mkdir(exist_ok=True)

    def outcome(notebook: str, **given: object) -> Outcome:
        taken = {**Theme(notebook.removesuffix(".ipynb")).defaults, **given}
        known = {name: value for name, value in taken.items() if name != "claims_file"}
        kept = folder / f"{hashlib.sha256(json.dumps([notebook, taken]).encode()).hexdigest()}.ipynb"
        for page, made in pages.items():
            if taken.get("claims_file", "") == "" and (made.get("notebook"), made.get("parameters")) == (
                notebook,
                known,
            ):
                kept = (report_folder / page).with_suffix(".ipynb")
        job = Job(notebook, "x.html", "x", given)
        with filelock.FileLock(f"{folder}/{kept.stem}.lock"):
            if kept.exists():
                return Outcome(job, read(kept, 4))
            done = execute(job)
            if done.ok:
                write(done.notebook, kept)
        return done

    return outcome


@pytest.fixture
def plain_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in claims are judged once for all reports of a process, as of today, and the index has no pictures."""
    from fentanyl_stats.reports import pages, report

    from .reports.books import judged

    monkeypatch.setattr(report, "judging", lambda ledger: lambda claim, as_of, delta: judged(claim, "", delta))
    monkeypatch.setattr(pages, "drawn_board", lambda assessments: ("", {}))
    monkeypatch.setattr(pages, "_charts", lambda *_: ())


def _make(out: Path) -> None:
    from fentanyl_stats.reports import report

    from .reports.test_hostile import ARTICLE

    ledger = report.read()
    wanted = {f"claims/{claim}.html" for claim in CLAIMS} | {f"jurisdictions/{code}.html" for code in PLACES}
    jobs = [*report.plan(ledger), *report.plan(ledger, each="jurisdiction")]
    jobs = [job for job in jobs if job.page in wanted or job.page.startswith("themes/")]
    jobs += report.plan(ledger, "guangzhou-offices", given={"delta": "0.2"})
    assert [outcome.error for outcome in report.make(out, jobs, ledger).failed] == []
    (out / "hostile").mkdir()
    file = out / "hostile" / "hostile <b> 'x' & $y$.toml"
    file.write_text(ARTICLE, "utf-8")
    ledger = report.read(str(file))
    made = report.make(out / "hostile", report.plan(ledger, claims_file=str(file)), ledger)
    assert [outcome.error for outcome in made.outcomes] == ["", "", "", ""]
