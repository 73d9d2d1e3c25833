"""Shared set-up: no time limit per example, so that a busy machine fails no property; one report for all who look at it."""

from __future__ import annotations

from pathlib import Path

import filelock
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("steady")

CLAIMS = ("deaths-per-year", "foreign-offices", "origin-share", "precursor-share", "root-cause")
PLACES = ("US", "WV")


@pytest.fixture(scope="session")
def report_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A report with a page of every kind, and in `hostile/` that of an article which tries everything.

    It is made once, however many processes test; who writes into it takes a copy.
    """
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "report"
    with filelock.FileLock(f"{out}.lock"):
        if not (out / "done").exists():
            _make(out)
            (out / "done").touch()
    return out


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
