"""What a notebook took and read, kept in the notebook: a run in a kernel says which parameters and figure tables it rests on.

The record is an output of a private MIME type, which JupyterLab and HTML leave out. It holds what decides a number and
nothing else (no time, no path outside the data, no host), so that the same run leaves the same record.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ..data import catalog

MIME = "application/vnd.fentanyl-stats.read+json"
CLAIMS = "claims"
"""The dataset whose files hold many claims: what a page rests on are the claims that it used, not the files."""
_taken: dict[str, Any] = {}
_shown: list[dict[str, Any]] = []


def begin(taken: Mapping[str, Any]) -> None:
    """In a kernel, keep the parameters and note after each cell what has been read so far; elsewhere do nothing.

    A cell that reads nothing new shows nothing. Of claims files the path is not kept; the claims used are, by their hashes.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return
    _shown.clear()
    _taken.clear()
    _taken.update(taken)
    _taken.pop("claims_file", "")
    shell.events.register("post_run_cell", _show)


def tables(notebook: Any) -> list[dict[str, str]]:
    """The figure tables that an executed notebook read, without those of claims (see `claims`), sorted.

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


def claims(notebook: Any) -> list[dict[str, Any]]:
    """The parts of ledgers that an executed notebook used, as `audit.ledger.used` gives them."""
    found = {(used["builtin"], used["part"]): dict(used) for kept in _kept(notebook) for used in kept["claims"]}
    return [found[key] for key in sorted(found)]


def asked(notebook: Any) -> list[str]:
    """The datasets in which an executed notebook looked for what to read, sorted."""
    return sorted({dataset for kept in _kept(notebook) for dataset in kept["asked"]})


def parameters(notebook: Any) -> dict[str, Any]:
    """The parameters that an executed notebook took, defaults too, without the path of a claims file."""
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

    from ..audit import ledger

    read = [{"dataset": t.dataset, "vintage": t.vintage, "path": t.path, "sha256": t.sha256}
            for t in catalog.tables_read() if t.dataset != CLAIMS]  # fmt: skip
    asked = [dataset for dataset in catalog.datasets_asked() if dataset != CLAIMS]
    kept = {"parameters": dict(_taken), "tables": read, "asked": asked, "claims": ledger.used()}
    if [kept] != _shown:
        _shown[:] = [kept]
        display({MIME: kept}, raw=True)
