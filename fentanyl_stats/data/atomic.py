"""Files that are whole or not there: written beside their place, flushed to the disk, then moved."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

SUFFIX = ".tmp"


def replace(file: Path, content: bytes, *, lasting: bool = True) -> None:
    """Put the bytes at `file`: a reader, or a machine that stops at any moment, sees the old bytes or the new.

    What can be made again need not be `lasting`: it is not flushed, which is faster, and a reader still sees no half file.

    Raises
    ------
    OSError
        If the folder cannot be written or is full; the file is then as it was.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=SUFFIX)
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
            temporary.flush()
            if lasting:
                os.fsync(temporary.fileno())
        os.chmod(name, 0o644)  # mkstemp makes it private
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)
    if lasting:
        _flush(file.parent)


def leftovers(folder: Path) -> list[Path]:
    """Temporary files of writers that were killed, in the folder and below it, by the form of their names."""
    return sorted(folder.rglob(f".*.????????{SUFFIX}"))


def _flush(folder: Path) -> None:
    """Make the move itself last, where folders can be flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
