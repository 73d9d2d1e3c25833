"""What each page of a report was made of, kept in notebook and manifest, so that none is made twice."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..data import catalog, paths
from ..model import __version__
from .batch import Job

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


NAME = "manifest.json"
SCHEMA = 1
LIBRARIES = (
    "great-tables", "ipykernel", "ipython", "jinja2", "matplotlib", "matplotlib-inline", "nbconvert", "nbformat", "numpy",
    "pandas", "pandera", "papermill", "pyarrow", "pydantic", "scipy", "seaborn", "statsmodels",
)  # fmt: skip
"""The libraries whose versions can change a page."""


def digest(*parts: object) -> str:
    """The SHA-256 of JSON values or bytes, in the order given.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    made = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        made.update(len(content).to_bytes(8, "big") + content)
    return made.hexdigest()


@cache
def software() -> dict[str, str]:
    """The package's version and the hash of its code and templates, with the versions of Python and the libraries."""
    package = Path(__file__).parents[1]
    files = sorted(file for file in package.rglob("*") if file.suffix in (".py", ".j2", ".css") and file.is_file())
    code = digest(*(part for file in files for part in (file.relative_to(package).as_posix(), file.read_bytes())))
    return {"fentanyl_stats": __version__, "code": code, "python": platform.python_version(),
            **{name: _version(name) for name in LIBRARIES}}  # fmt: skip


def data(tables: Iterable[Mapping[str, str]], asked: Iterable[str]) -> str:
    """The hash of what is held now of the tables that a notebook read and of the datasets in which it looked.

    Parameters
    ----------
    tables : iterable of mapping
        With `path`, within raw/: these files are hashed.
    asked : iterable of str
        Datasets whose list of vintages decided what was read.
    """
    looked = set(asked)
    listed = [(t.dataset, t.vintage, t.known.isoformat(), t.path) for t in catalog.entries() if t.dataset in looked]
    return digest(listed, {path: _sha256(paths.raw() / path) for path in sorted({t["path"] for t in tables})})


def key(job: Job, held: str, claims: Iterable[Mapping[str, Any]]) -> str:
    """The key of a page: the same as long as its notebook would show the same.

    `held` is its hash of `data`; `claims` are the parts of ledgers that it used, with their hashes of now.
    """
    given = {name: value for name, value in job.parameters.items() if name != "claims_file"}
    return digest(software(), job.path.read_bytes(), job.page, given, held, list(claims))


class Manifest:
    """The manifest of a report's folder: pages, by address, with what they were made of and what they consist of."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.pages: dict[str, dict[str, Any]] = {}
        try:
            held = json.loads((out / NAME).read_text("utf-8"))
            if held["schema"] == SCHEMA:
                self.pages = dict(held["pages"])
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or torn: everything is made anew
            pass

    def current(self, page: str, key: str) -> bool:
        """Whether a page was made with this key and all its files stand as they were written."""
        known = self.pages.get(page)
        return (
            known is not None
            and known["key"] == key
            and all(_sha256(self.out / name) == sha256 for name, sha256 in known["files"].items())
        )

    def read(self, page: str, what: str) -> list[Any]:
        """What a page's notebook read when it was made: `tables`, the datasets `asked`, or the parts of ledgers (`claims`)."""
        return list(self.pages.get(page, {}).get(what, []))

    def note(self, page: str, key: str, files: Iterable[Path], **made: Any) -> None:
        """Record a page that was just written; files of its last making that are no longer among its own are removed."""
        names = {file.relative_to(self.out).as_posix(): _sha256(file) for file in files}
        mine = {name for other, known in self.pages.items() if other != page for name in known["files"]} | set(names)
        for name in self.pages.get(page, {}).get("files", {}):
            if name not in mine:
                (self.out / name).unlink(missing_ok=True)
        self.pages[page] = {"key": key, **made, "files": dict(sorted(names.items()))}

    def document(self) -> dict[str, Any]:
        """The manifest as JSON, in the order of the addresses."""
        return {"schema": SCHEMA, "software": software(), "pages": dict(sorted(self.pages.items()))}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
