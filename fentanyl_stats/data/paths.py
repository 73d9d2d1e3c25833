"""Where the figure tables, their processed copies and the notebooks lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from platformdirs import user_cache_path

from ..errors import DataError

ENV = "FENTANYL_STATS_DATA"
_PACKAGE = Path(__file__).resolve().parents[1]
_using: ContextVar[Path | None] = ContextVar("using", default=None)


def root() -> Path:
    """The folder that holds `raw/` and `processed/`.

    In this order: the folder of `using`; the folder named by the environment variable FENTANYL_STATS_DATA; `data/` of the source
    checkout this package runs from; the copy inside the installed wheel.

    Raises
    ------
    DataError
        If the named folder, or the wheel's own copy, holds no `raw/SOURCES.toml`.

    Examples
    --------
    >>> (root() / "raw" / "SOURCES.toml").is_file()
    True
    """
    if folder := _using.get():
        return folder
    if named := os.environ.get(ENV):
        folder = Path(named).expanduser().resolve()
        if not (folder / "raw" / "SOURCES.toml").is_file():
            what = "does not exist" if not folder.exists() else "has no raw/SOURCES.toml"
            raise DataError(f"{ENV} names {folder}, which {what}; name a folder laid out like data/ of the project")
        return folder
    checkout = _checkout()
    folder = checkout / "data" if checkout else _PACKAGE / "_shipped" / "data"
    if not (folder / "raw" / "SOURCES.toml").is_file():
        raise DataError(f"no figure tables at {folder}; reinstall the package or set {ENV} to a data folder")
    return folder


@contextmanager
def using(folder: Path) -> Iterator[None]:
    """Read another data folder within the block, as if it were the one held.

    >>> with using(Path("elsewhere")):
    ...     raw().as_posix()
    'elsewhere/raw'
    """
    token = _using.set(folder)
    try:
        yield
    finally:
        _using.reset(token)


def is_shipped(folder: Path) -> bool:
    """Whether a data folder lies within the installed package, which an upgrade replaces.

    >>> is_shipped(Path("my-data"))
    False
    """
    return _PACKAGE in folder.resolve().parents


def raw() -> Path:
    """The folder of figure tables: `raw/` of `root()`."""
    return root() / "raw"


def processed() -> Path:
    """The folder for processed tables; it is not created here.

    `processed/` beside `raw/` where that can be written, else `fentanyl_stats/processed/<hash of the raw
    folder's path>` in the user's cache, so that two data folders never share it. An installed wheel uses
    the cache always: files written into site-packages would outlive an uninstall.
    """
    folder = root()
    beside = folder / "processed"
    if _PACKAGE not in folder.parents and _writable(beside):
        return beside
    key = hashlib.sha256(str(folder / "raw").encode()).hexdigest()[:12]
    return cache() / "processed" / key


def cache() -> Path:
    """The package's folder in the user's cache; it is not created here."""
    return user_cache_path("fentanyl_stats", appauthor=False)


def notebooks() -> Path:
    """The folder of notebooks: the checkout's, else the copy inside the wheel."""
    checkout = _checkout()
    return checkout / "notebooks" if checkout else _PACKAGE / "_shipped" / "notebooks"


def _checkout() -> Path | None:
    """The source tree around the package; a `data/raw` alone could belong to someone else's site-packages."""
    tree = _PACKAGE.parent
    marks = (tree / "data" / "raw" / "SOURCES.toml", tree / "pyproject.toml")
    return tree if all(mark.is_file() for mark in marks) else None


def _writable(folder: Path) -> bool:
    """Whether files can be made in the folder, or the folder itself where its parent stands."""
    present = folder if os.path.lexists(folder) else folder.parent
    return present.is_dir() and os.access(present, os.W_OK | os.X_OK)
