"""One notebook, run through papermill in a fresh kernel."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..data import paths

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to run: its file name in the notebooks folder, its parameters, and the page it becomes."""

    notebook: str
    page: str
    title: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The notebook's file."""
        return paths.notebooks() / self.notebook


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: the executed notebook, or one line that names notebook, cell and error."""

    job: Job
    notebook: Any = None
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether every cell ran."""
        return not self.error


def execute(job: Job) -> Outcome:
    """Run a job and return its outcome; never raises for what happens inside the notebook."""
    import papermill

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        done = papermill.execute_notebook(
            str(job.path),
            None,
            parameters=dict(job.parameters),
            progress_bar=False,
            extra_arguments=["--log-level=50"],
        )
    except papermill.PapermillExecutionError as error:
        line = " ".join(_ANSI.sub("", f"{error.ename}: {error.evalue}").split())
        cell = error.cell_index + 1 - bool(job.parameters)  # as in the file: papermill put a cell of its own before it
        return Outcome(job, error=f"{job.notebook}{_named(job)}, cell {cell}: {line[:400]}")
    except Exception as error:  # a kernel that dies or never starts must not take the batch with it
        line = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        return Outcome(job, error=f"{job.notebook}{_named(job)}: {line[:400]}")
    return Outcome(job, notebook=done)


def _named(job: Job) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in job.parameters.items() if value != "")
    return f" ({given})" if given else ""
