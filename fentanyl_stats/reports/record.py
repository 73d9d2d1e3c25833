"""What a notebook took and read, kept in the notebook: a run in a kernel says which parameters and figure tables it rests on.

The record is an output of a private MIME type, which JupyterLab and HTML leave out. It holds what decides a number and
nothing else (no time, no path outside the data, no host), so that the same run leaves the same record.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data import reads

MIME = "application/vnd.fentanyl-stats.read+json"
_taken: dict[str, Any] = {}
_shown: list[dict[str, Any]] = []


def begin(taken: Mapping[str, Any]) -> None:
    """In a kernel, keep the parameters and note after each cell what has been read so far; elsewhere do nothing.

    A cell that reads nothing new shows nothing. Of a claims file the hash is kept, not the path.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return
    _shown.clear()
    _taken.clear()
    _taken.update(taken)
    if file := _taken.pop("claims_file", ""):
        _taken["claims_file_sha256"] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    shell.events.register("post_run_cell", _show)


def tables(notebook: Any) -> list[dict[str, str]]:
    """The figure tables that an executed notebook read, sorted; empty where it kept no record.

    Returns
    -------
    list of dict
        Keys dataset, vintage, path (within raw/) and sha256 (of the raw file), all text.
    """
    found = {
        (table["dataset"], table["vintage"], table["path"]): dict(table)
        for kept in _kept(notebook)
        for table in kept["tables"]
    }
    return [found[key] for key in sorted(found)]


def asked(notebook: Any) -> list[str]:
    """The datasets in which an executed notebook looked for what to read, sorted."""
    return sorted({dataset for kept in _kept(notebook) for dataset in kept["asked"]})


def parameters(notebook: Any) -> dict[str, Any]:
    """The parameters that an executed notebook took, defaults too; `claims_file_sha256` in place of a claims file's path."""
    return {name: value for kept in _kept(notebook) for name, value in kept["parameters"].items()}


def dropped(notebook: Any) -> Any:
    """The notebook without its record and without outputs that are empty, for a page; the one given stays as it is."""
    from copy import deepcopy

    made = deepcopy(notebook)
    for cell in made.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if _seen(output)]
    return made


def _seen(output: Any) -> bool:
    """Whether a reader sees anything of an output; streams and errors hold no data."""
    return "data" not in output or (bool(output["data"]) and MIME not in output["data"])


def _kept(notebook: Any) -> list[Any]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def _show(_: object) -> None:
    from IPython.display import display

    read = [{"dataset": t.dataset, "vintage": t.vintage, "path": t.path, "sha256": t.sha256} for t in reads.so_far()]
    kept = {"parameters": dict(_taken), "tables": read, "asked": list(reads.asked())}
    if [kept] != _shown:
        _shown[:] = [kept]
        display({MIME: kept}, raw=True)
