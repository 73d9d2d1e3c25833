"""One notebook, run through papermill in a fresh process."""

from __future__ import annotations

import logging
import re
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..data import paths

ENGINE = "fentanyl"
LIMIT = 600
"""Seconds that one cell may take, unless a job says otherwise."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to run: its file name in the notebooks folder, its parameters, and the page it becomes.

    `limit` is the number of seconds that one cell may take. `claims` is the text of the claims file that the parameter
    `claims_file` names, for a worker that does not see the disk on which it lies.
    """

    notebook: str
    page: str
    title: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limit: int = LIMIT
    claims: str = ""

    @property
    def path(self) -> Path:
        """The notebook's file."""
        return paths.notebooks() / self.notebook

    @property
    def name(self) -> str:
        """The notebook with the parameters that are set, for messages."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items() if value != "")
        return f"{self.notebook} ({given})" if given else self.notebook


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: the executed notebook, or one line that names notebook, cell and error.

    `died` says that the process that ran it ended, so that it may be worth another try.
    """

    job: Job
    notebook: Any = None
    error: str = ""
    died: bool = False

    @property
    def ok(self) -> bool:
        """Whether every cell ran."""
        return not self.error


def execute(job: Job) -> Outcome:
    """Run a job and return its outcome; never raises for what happens inside the notebook."""
    from .forks import server, unsafe

    if not unsafe():
        server.begin()  # which imports while this process does
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines

    from .engine import ForkedEngine

    papermill_engines.register(ENGINE, ForkedEngine)  # also where the package is on the path without being installed
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        with _claims_at_hand(job) as parameters:
            done = papermill.execute_notebook(
                str(job.path),
                None,
                parameters=parameters,
                engine_name=ENGINE,
                progress_bar=False,
                execution_timeout=job.limit,
                extra_arguments=["--log-level=50"],
            )
    except papermill.PapermillExecutionError as error:
        line = " ".join(_ANSI.sub("", f"{error.ename}: {error.evalue}").split())
        cell = error.cell_index + 1 - bool(job.parameters)  # as in the file: papermill put a cell of its own before it
        return Outcome(job, error=f"{job.name}, cell {cell}: {line[:400]}")
    except CellTimeoutError:
        return Outcome(job, error=f"{job.name}: a cell took longer than {job.limit} seconds and was stopped")
    except Exception as error:  # a kernel that dies or never starts must not take the batch with it
        line = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        return Outcome(job, error=f"{job.name}: {line[:400]}", died=isinstance(error, DeadKernelError))
    return Outcome(job, notebook=_lasting(done))


def stop() -> None:
    """End every notebook that a fork of this process runs, and the process that forks them."""
    from .forks import server

    server.stop()


@contextmanager
def _claims_at_hand(job: Job) -> Iterator[dict[str, Any]]:
    """The parameters, with the claims file where this worker can read it."""
    given = dict(job.parameters)
    file = given.get("claims_file")
    if not job.claims or not file or Path(file).is_file():
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "claims.toml"
        copy.write_text(job.claims, "utf-8")
        yield {**given, "claims_file": str(copy)}


def _lasting(notebook: Any) -> Any:
    """The executed notebook without the times, paths and random names of this run: the same inputs give the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
    return notebook
