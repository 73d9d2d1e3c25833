"""A job and what became of it; what each page was made of, kept in notebook and manifest, so that none is made twice."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..audit import ledger
from ..data import atomic, catalog, paths
from ..model import __version__

NAME = "manifest.json"
SCHEMA = 1
LIMIT = 600
"""Seconds that one cell may take, unless a job says otherwise."""
MIME = "application/vnd.fentanyl-stats.read+json"
CLAIMS = "claims"
"""The dataset whose files hold many claims: what a page rests on are the claims that it used, not the files."""
LIBRARIES = (
    "great-tables", "ipykernel", "ipython", "jinja2", "matplotlib", "matplotlib-inline", "nbconvert", "nbformat", "numpy",
    "pandas", "pandera", "papermill", "pyarrow", "pydantic", "scipy", "seaborn", "statsmodels",
)  # fmt: skip
"""The libraries whose versions can change a page."""
NOTHING: Mapping[str, Any] = {"parameters": {}, "tables": [], "asked": [], "claims": []}
"""The record of a notebook that kept none."""
_last: dict[str, Any] = {}


def write(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.replace(path, content.encode("utf-8") if isinstance(content, str) else content, lasting=False)
    return path


def to_json(made: object) -> str:
    """JSON that a reader can diff: sorted as built, two spaces, no NaN."""
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


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


def begin(taken: Mapping[str, Any]) -> None:
    """In a kernel, keep the parameters and note after each cell what has been read so far; elsewhere do nothing.

    A cell that reads nothing new shows nothing. Of claims files the path is not kept; the claims used are, by their hashes.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return
    _last.clear()
    _last["parameters"] = {name: value for name, value in taken.items() if name != "claims_file"}
    shell.events.register("post_run_cell", _show)


def record(notebook: Any) -> dict[str, Any]:
    """What an executed notebook took and read, as its last record says, which holds those before it.

    Returns
    -------
    dict
        Keys `parameters` (defaults too, without the path of a claims file); `tables` (figure tables, each with dataset,
        vintage, path within raw/ and sha256 of the raw file; not those of claims); `asked` (the datasets in which it looked
        for what to read); `claims` (the parts of ledgers that it used, as `audit.ledger.used` gives them). All empty where
        the notebook took no parameters.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kept = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    return dict(kept[-1] if kept else NOTHING)


def shown(notebook: Any) -> Any:
    """A copy of a notebook without its record and without outputs that are empty: what a reader of its page sees."""
    made = deepcopy(notebook)
    for cell in made.cells:
        if "outputs" in cell:  # streams and errors hold no data
            cell.outputs = [o for o in cell.outputs if "data" not in o or (o["data"] and MIME not in o["data"])]
    return made


def _show(_: object) -> None:
    from IPython.display import display

    asked = [dataset for dataset in catalog.datasets_asked() if dataset != CLAIMS]
    kept = {"parameters": _last["parameters"], "tables": listed(tables_read()), "asked": asked, "claims": ledger.used()}
    if kept != _last:
        _last.update(kept)
        display({MIME: kept}, raw=True)


def tables_read() -> list[catalog.Table]:
    """The figure tables that this process read; not those of claims."""
    return [table for table in catalog.tables_read() if table.dataset != CLAIMS]


def listed(tables: Iterable[catalog.Table]) -> list[dict[str, str]]:
    """Dataset, vintage, path within raw/ and SHA-256 of figure tables."""
    return [{name: getattr(table, name) for name in ("dataset", "vintage", "path", "sha256")} for table in tables]


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
    files = sorted(
        file for file in package.rglob("*") if file.suffix in (".py", ".j2", ".css", ".toml") and file.is_file()
    )
    code = digest(*(part for file in files for part in (file.relative_to(package).as_posix(), file.read_bytes())))
    return {"fentanyl_stats": __version__, "code": code, "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES}}  # fmt: skip


def key(job: Job, read: Mapping[str, Any]) -> str:
    """The key of a page: the same as long as its notebook would show the same.

    Parameters
    ----------
    job : Job
    read : mapping
        Of a `record`: the `tables`, whose files are hashed as they are now; the datasets `asked`, whose list of vintages
        decided what was read; the `claims`, with the hashes that they have now.
    """
    given = {name: value for name, value in job.parameters.items() if name != "claims_file"}
    listed = [
        (t.dataset, t.vintage, t.known.isoformat(), t.path) for t in catalog.entries() if t.dataset in read["asked"]
    ]
    held = {path: _sha256(paths.raw() / path) for path in sorted({table["path"] for table in read["tables"]})}
    return digest(software(), job.path.read_bytes(), job.page, given, listed, held, list(read["claims"]))


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

    def note(self, page: str, key: str, files: Iterable[Path], **made: Any) -> None:
        """Record a page that was just written; files of its last making that are no longer among its own are removed."""
        names = {file.relative_to(self.out).as_posix(): _sha256(file) for file in files}
        mine = {name for other, known in self.pages.items() if other != page for name in known["files"]} | set(names)
        for name in self.pages.get(page, {}).get("files", {}):
            if name not in mine:
                (self.out / name).unlink(missing_ok=True)
        self.pages[page] = {"key": key, **made, "files": dict(sorted(names.items()))}

    def save(self) -> None:
        """Write the manifest, in the order of the addresses."""
        write(
            self.out / NAME,
            to_json({"schema": SCHEMA, "software": software(), "pages": dict(sorted(self.pages.items()))}),
        )


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
