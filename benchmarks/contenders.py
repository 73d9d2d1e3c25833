"""One way of running the same notebook for many places: `python -m benchmarks.contenders NAME WORKERS FOLDER PLACE…`."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

NOTEBOOK = "jurisdiction.ipynb"


def engine(workers: int, folder: Path, places: list[str]) -> None:
    """Our batch: forked kernels."""
    import nbformat

    from fentanyl_stats.reports import Job, batch

    jobs = [Job(NOTEBOOK, place, place, {"jurisdiction": place}) for place in places]
    for _, outcome in batch.stream(jobs, workers=workers):
        assert outcome.ok, outcome.error
        nbformat.write(outcome.notebook, folder / f"{outcome.job.page}.ipynb")


def command_line(workers: int, folder: Path, places: list[str]) -> None:
    """A loop over the command line of papermill, ordinary kernels."""

    def run(place: str) -> None:
        command = [
            sys.executable,
            "-m",
            "papermill",
            str(_path()),
            str(folder / f"{place}.ipynb"),
            "-p",
            "jurisdiction",
            place,
        ]
        subprocess.run([*command, "--no-progress-bar"], check=True, capture_output=True)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, places))


def api(workers: int, folder: Path, places: list[str]) -> None:
    """papermill.execute_notebook in a loop, ordinary kernels."""
    import papermill

    for place in places:
        papermill.execute_notebook(
            str(_path()), str(folder / f"{place}.ipynb"), {"jurisdiction": place}, progress_bar=False
        )


def nbconvert(workers: int, folder: Path, places: list[str]) -> None:
    """`jupyter nbconvert --execute` in a loop, the parameter typed into a copy of the notebook."""
    import nbformat

    for place in places:
        book = nbformat.read(str(_path()), 4)
        cell = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", ()))
        cell.source += f"\njurisdiction = {place!r}"
        nbformat.write(book, folder / f"{place}.ipynb")
        command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"]
        subprocess.run([*command, str(folder / f"{place}.ipynb")], check=True, capture_output=True)


def script(workers: int, folder: Path, places: list[str]) -> None:
    """The code of the notebook as a plain script, all places in one process, its output thrown away."""
    import matplotlib as mpl
    import nbformat

    mpl.use("agg")
    import matplotlib.pyplot as plt

    cells = [cell for cell in nbformat.read(str(_path()), 4).cells if cell.cell_type == "code"]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for place in places:
            space: dict[str, Any] = {"__name__": "__main__", "In": [""]}
            for cell in cells:
                space["In"].append(cell.source)
                exec(cell.source, space)
                if "parameters" in cell.metadata.get("tags", ()):
                    space["jurisdiction"] = place
            plt.close("all")


def _path() -> Path:
    from fentanyl_stats.data import paths

    return paths.notebooks() / NOTEBOOK


CONTENDERS: dict[str, Callable[[int, Path, list[str]], None]] = {
    "engine": engine, "command-line": command_line, "api": api, "nbconvert": nbconvert, "script": script,
}  # fmt: skip

if __name__ == "__main__":
    name, count, out, *given = sys.argv[1:]
    CONTENDERS[name](int(count), Path(out), given)
