"""One way of running the same notebook for many places: `python -m benchmarks.contenders NAME WORKERS FOLDER PLACE…`.

For the engine a place may have a day behind it, `WV@2024-09-17`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

NOTEBOOK = "jurisdiction.ipynb"


def engine(workers: int, folder: Path, places: list[str]) -> None:
    """Our batch: forked kernels."""
    _batch(places, folder, None, workers)


def dask(workers: int, folder: Path, places: list[str]) -> None:
    """Our batch on a Dask cluster of processes on this machine."""
    from distributed import LocalCluster

    from fentanyl_stats.reports import batch

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as local,  # type: ignore[no-untyped-call]
        batch.executor(local.scheduler_address) as executor,
    ):
        _batch(places, folder, executor, workers)


def _batch(places: list[str], folder: Path, executor: Executor | None, workers: int) -> None:
    import nbformat

    from fentanyl_stats.reports import batch
    from fentanyl_stats.reports.cache import Job

    jobs = []
    for place in places:
        code, _, day = place.partition("@")
        jobs.append(Job(NOTEBOOK, place, place, {"jurisdiction": code, "as_of": day}))
    for _, outcome in batch.stream(jobs, executor, workers):
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
    "engine": engine, "dask": dask, "command-line": command_line, "api": api, "nbconvert": nbconvert, "script": script,
}  # fmt: skip

if __name__ == "__main__":  # which the processes of a cluster import under another name
    name, count, out, *given = sys.argv[1:]
    CONTENDERS[name](int(count), Path(out), given)
