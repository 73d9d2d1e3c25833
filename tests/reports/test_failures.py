"""A notebook that fails is one line that names notebook, cell and error; the others go on."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.errors import ReportError
from fentanyl_stats.reports.batch import execute, run
from fentanyl_stats.reports.cache import Job, Outcome

from .books import book


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks that the package takes for its own."""
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    return tmp_path


def _job(name: str, **parameters: object) -> Job:
    return Job(f"{name}.ipynb", f"{name}.html", name, parameters)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("1 / x", "made.ipynb, cell 2: ZeroDivisionError: division by zero"),
        ('raise ValueError("\\nno such month\\n  2024-13")', "made.ipynb, cell 2: ValueError: no such month 2024-13"),
        ("raise KeyError", "made.ipynb, cell 2: KeyError:"),
        ("if True print(1)", "made.ipynb, cell 2: SyntaxError: invalid syntax"),
        ("raise RuntimeError('\\x1b[31mred\\x1b[0m ' + 'long ' * 500)", "made.ipynb, cell 2: RuntimeError: red long"),
        ("import sys; sys.exit(3)", "made.ipynb, cell 2: SystemExit: 3"),
    ],
    ids=["plain", "many-lines", "no-message", "syntax", "colour-and-length", "exit"],
)
def test_the_line_names_notebook_cell_and_error(books: Path, cell: str, line: str) -> None:
    book(books, "made", "x: int = 0", cell, "y = 1")
    outcome = execute(_job("made"))
    assert outcome.error.startswith(line)
    assert "\n" not in outcome.error
    assert "\x1b" not in outcome.error
    assert len(outcome.error) < 500
    assert not outcome.ok
    assert outcome.notebook is None


@pytest.mark.slow
def test_the_others_go_on_in_the_order_given(books: Path) -> None:
    book(books, "good", "x: int = 0", "print(2 * x)")
    book(books, "bad", "x: int = 0", "1 / x")
    book(books, "dying", "x: int = 0", "import os; os._exit(9)")
    (books / "torn.ipynb").write_text("{", "utf-8")
    jobs = [_job("dying"), _job("good", x=21), _job("torn"), _job("missing"), _job("bad"), _job("good", x=4)]
    seen: list[Outcome] = []
    kept = list(warnings.filters)
    outcomes = run(jobs, workers=3, done=seen.append)
    assert list(warnings.filters) == kept  # threads share one list of filters: none may leave it changed
    assert [outcome.job for outcome in outcomes] == jobs
    assert [outcome.ok for outcome in outcomes] == [False, True, False, False, False, True]
    assert sorted(map(id, seen)) == sorted(map(id, outcomes))
    assert [outcomes[i].notebook.cells[-1].outputs[0].text for i in (1, 5)] == ["42\n", "8\n"]
    for i in (0, 2, 3, 4):
        assert jobs[i].notebook in outcomes[i].error
        assert "\n" not in outcomes[i].error
    assert "kernel died" in outcomes[0].error.lower()
    assert outcomes[4].error == "bad.ipynb, cell 2: ZeroDivisionError: division by zero"


@pytest.mark.slow
def test_the_parameters_of_a_failure_are_named_and_the_cell_is_that_of_the_file(books: Path) -> None:
    book(books, "bad", 'x: int = 0\nplace: str = "US"', "1 / x")
    assert execute(_job("bad", place="WV")).error.startswith("bad.ipynb (place='WV'), cell 2: ZeroDivisionError")


class Broken(Executor):
    """An executor whose workers are gone."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[Outcome] = Future()
        future.set_exception(ConnectionError("worker 2 is gone"))
        return future


def test_a_worker_that_is_gone_fails_its_notebook_alone() -> None:
    jobs = [_job("one"), _job("two")]
    outcomes = run(jobs, executor=Broken())
    assert [o.error for o in outcomes] == [f"{j.notebook}: ConnectionError: worker 2 is gone" for j in jobs]


def test_no_jobs_are_no_outcomes() -> None:
    assert run([]) == []


def test_what_is_no_job_is_refused_before_any_work() -> None:
    with pytest.raises(ReportError, match=r"1 of 2 jobs are no reports.Job, first 'deaths'"):
        run([_job("a"), "deaths"])  # type: ignore[list-item]
