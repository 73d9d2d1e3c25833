"""The files of a report, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..data import atomic

_noted: list[Path] | None = None


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.replace(path, content.encode("utf-8") if isinstance(content, str) else content, lasting=False)
    if _noted is not None:
        _noted.append(path)


@contextmanager
def noting() -> Iterator[list[Path]]:
    """The files that `write` writes meanwhile, in order."""
    global _noted
    outer, _noted = _noted, []
    try:
        yield _noted
    finally:
        _noted = outer
