"""What a notebook read, kept in the notebook: every run in a kernel says which figure tables its numbers rest on.

The record is an output of a private MIME type, which JupyterLab and HTML leave out. It holds what decides a number and
nothing else (no time, no path outside the data, no host), so that the same run leaves the same record.
"""

from __future__ import annotations

import sys
from typing import Any

from ..data import reads

MIME = "application/vnd.fentanyl-stats.read+json"
Tables = list[dict[str, str]]
_shown: Tables = []


def begin() -> None:
    """In a kernel, note after each cell what has been read since the notebook's parameters were taken; elsewhere nothing.

    A cell that reads nothing new shows nothing.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and hasattr(shell, "kernel"):
        _shown.clear()
        shell.events.register("post_run_cell", _show)


def held(notebook: Any) -> Tables:
    """The figure tables that an executed notebook read, sorted; empty where it kept no record.

    Returns
    -------
    list of dict
        Keys dataset, vintage, path (within raw/) and sha256 (of the raw file), all text.
    """
    found = {
        (table["dataset"], table["vintage"], table["path"]): dict(table)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for table in output.get("data", {}).get(MIME, {}).get("tables", [])
    }
    return [found[key] for key in sorted(found)]


def dropped(notebook: Any) -> Any:
    """The notebook without its record, for a page; the one given stays as it is."""
    from copy import deepcopy

    made = deepcopy(notebook)
    for cell in made.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if MIME not in output.get("data", {})]
    return made


def _show(_: object) -> None:
    from IPython.display import display

    tables = [{"dataset": t.dataset, "vintage": t.vintage, "path": t.path, "sha256": t.sha256} for t in reads.so_far()]
    if tables != _shown:
        _shown[:] = tables
        display({MIME: {"tables": tables}}, raw=True)
