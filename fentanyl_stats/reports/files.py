"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_noted: list[Path] | None = None


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
        if _noted is not None:
            _noted.append(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def noting() -> Iterator[list[Path]]:
    """The files that `write` writes meanwhile, in order."""
    global _noted
    outer, _noted = _noted, []
    try:
        yield _noted
    finally:
        _noted = outer
