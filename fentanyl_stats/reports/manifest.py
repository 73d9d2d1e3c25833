"""manifest.json: what each page of a report was made of, so that none is made twice.

The key of a page is content, never time: the notebook, its parameters, the package's code, the versions of the libraries,
and of the data what the notebook read and where it looked. It rests on what the page's own
notebook recorded when it ran (`record.py`), so that a changed table makes just the pages anew that read it.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import __version__
from ..data import catalog, paths
from .execute import Job

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
