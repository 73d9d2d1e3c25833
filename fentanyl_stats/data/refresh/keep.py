"""Add a vintage to a data folder, or to a copy of it: first the file, then, in one move, the catalogue that names it.

A process that is killed before that move leaves the catalogue as it was, and at most a file that nothing names.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pandas as pd

from ...errors import DataError
from .. import atomic, columns, paths
from ..catalog import Table

_PATIENCE = 120.0  # seconds to wait for another refresh
_SOURCES = "SOURCES.toml"


@dataclass(frozen=True, slots=True)
class Addition:
    """A file to add, as bytes, and its entry in SOURCES.toml."""

    content: bytes
    entry: Mapping[str, Any]


def addition(dataset: str, vintage: str, frame: pd.DataFrame, entry: Mapping[str, Any]) -> Addition:
    """A typed table, checked against its contract, as the file and the entry that will hold it; its sizes are filled in.

    Raises
    ------
    DataError
        If the file would not give the table back.
    """
    kinds = columns.layout(dataset, list(frame.columns))
    text = pd.DataFrame({name: _printed(frame[name]) for name in frame.columns})
    content = text.to_csv(index=False, lineterminator="\n").encode("utf-8")
    back = columns.typed(columns.read_text(content), kinds)
    if not back.equals(frame.reset_index(drop=True)):
        raise DataError(f"{dataset} {vintage}: the table does not survive being written as CSV; please report it")
    sizes = {"rows": len(frame), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return Addition(content, {"path": f"{dataset}/{vintage}.csv", "dataset": dataset, **entry, **sizes})


def add(folder: Path, new: Addition) -> None:
    """Put the file into `folder`/raw and its entry at the end of SOURCES.toml; nothing that is there is changed.

    Raises
    ------
    DataError
        If the catalogue has such a path already, another file lies there, or the folder cannot be written.
    """
    raw = folder / "raw"
    sources, file = raw / _SOURCES, raw / str(new.entry["path"])
    try:
        text = sources.read_bytes()
        listed = tomllib.loads(text.decode("utf-8"))
        longer = text.rstrip() + b"\n\n" + _block(new.entry).encode("utf-8")
        if not _continues(longer, {**listed, "table": [*listed["table"], dict(new.entry)]}):
            raise DataError(f"{sources} cannot take another entry at its end; write its entries as [[table]] blocks")
        named = [raw / str(entry.get("path")) for entry in listed["table"]]
        if file.exists() and (file in named or file.read_bytes() != new.content):
            raise DataError(f"{file} exists; a vintage is never written over: move it away or name another --vintage")
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            atomic.replace(file, new.content)
        atomic.replace(sources, longer)
    except OSError as error:
        raise DataError(f"{raw} cannot be written ({error.strerror or error}); the data held are as before") from None


def require_writable(folder: Path) -> None:
    """Raise a DataError unless vintages can be added to this data folder."""
    dry = "(--dry-run works anywhere)"
    if paths.is_shipped(folder):
        raise DataError(
            f"the figure tables in {folder} belong to the installed package; copy that folder to one of your own, "
            f"name it in {paths.ENV}, and refresh there {dry}"
        )
    try:
        for part in (folder, folder / "raw"):
            tempfile.TemporaryFile(dir=part).close()  # asking for rights is not enough: a disk can be read-only or full
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written ({error.strerror or error}); name a data folder of your own in {paths.ENV} {dry}"
        ) from None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The data folder for one refresh at a time; what killed ones left behind is cleared away.

    Raises
    ------
    DataError
        If another refresh does not end.
    """
    try:
        with filelock.FileLock(folder / ".refresh.lock", timeout=_PATIENCE):
            for left in atomic.leftovers(folder / "raw"):
                left.unlink(missing_ok=True)
            yield
    except filelock.Timeout:
        raise DataError(f"another refresh has been busy with {folder} for {_PATIENCE:g} s; try later") from None


@contextlib.contextmanager
def copy(folder: Path, plus: Addition | None = None, without: Collection[Table] = ()) -> Iterator[Path]:
    """A copy of the data folder that holds one vintage more, or some less, for as long as the block lasts.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="fentanyl-stats-") as name:
        made = Path(name)
        try:
            shutil.copytree(folder / "raw", made / "raw", ignore=shutil.ignore_patterns(f".*{atomic.SUFFIX}"))
            with contextlib.suppress(OSError, shutil.Error):  # a help to speed alone: missing copies are built
                shutil.copytree(paths.processed(), made / "processed", ignore=shutil.ignore_patterns(".*"))
            for part in filter(Path.is_dir, (made / "raw", *(made / "raw").rglob("*"))):
                part.chmod(0o755)  # the folder may be read-only, its copy is not
            if without:
                _drop(made / "raw", without)
        except (OSError, shutil.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"{folder} cannot be copied to {made} ({reason}); free some space there") from None
        if plus:
            add(made, plus)
        yield made


def _drop(raw: Path, without: Collection[Table]) -> None:
    """Take vintages out of a copy: entries of their own, their rows in a file that holds several, their release in an archive."""
    entries = []
    for entry in tomllib.loads((raw / _SOURCES).read_text("utf-8"))["table"]:
        of = entry.get("releases_of")
        if of and (dropped := {table.vintage for table in without if table.dataset == of}):
            whole = dict(entry.get("held_as", ()))
            first = (i for i, e in enumerate(entry["expansions"]) if whole.get(e[0], e[0]) in dropped)
            entry["expansions"] = entry["expansions"][
                : next(first, None)
            ]  # later changes rest on those of the release that goes
        gone = [table.vintage for table in without if table.path == entry["path"] and not table.released]
        if gone and any(table.shared for table in without if table.path == entry["path"]):
            text = columns.read_text((raw / entry["path"]).read_bytes())
            content = text[~text["vintage"].isin(gone)].to_csv(index=False, lineterminator="\n").encode("utf-8")
            (raw / entry["path"]).write_bytes(content)
            entry["sha256"] = hashlib.sha256(content).hexdigest()
            gone = [] if len(set(text["vintage"])) > len(gone) else gone
        if not gone:
            entries.append(entry)
    (raw / _SOURCES).write_text("\n".join(map(_block, entries)), "utf-8")


def _continues(text: bytes, right: Mapping[str, Any]) -> bool:
    with contextlib.suppress(ValueError):  # not TOML any more
        return tomllib.loads(text.decode("utf-8")) == right
    return False


def _block(entry: Mapping[str, Any]) -> str:
    """Texts, whole numbers and lists of texts, as SOURCES.toml has them; JSON strings are TOML strings but for DEL."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items()]
    return "".join(["[[table]]\n", *lines]).replace("\x7f", "\\u007f")


def _printed(cells: pd.Series) -> pd.Series:
    if cells.dtype == "float64":
        return cells.map(lambda value: "" if pd.isna(value) else np.format_float_positional(value, trim="-"))
    if cells.dtype == "bool":
        return cells.map({True: "true", False: "false"})
    return cells.astype("string").fillna("")
