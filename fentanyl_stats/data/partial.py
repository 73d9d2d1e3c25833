"""An unfinished download on disk, with the mark by which its publisher knows the file again."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import filelock

from ..errors import DataError


class Part:
    """The bytes held so far; `mark` is the ETag or date of the file they belong to, "" if it cannot be resumed.

    The mark is written before the first byte, so that a process killed at any moment leaves a true prefix.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._note = file, file.with_suffix(".mark")
        self._out: BinaryIO | None = None
        self.size = 0
        try:
            self.mark = self._note.read_text("utf-8")
            self.size = file.stat().st_size if self.mark else 0
        except (OSError, ValueError):
            self.mark = ""

    @classmethod
    @contextmanager
    def at(cls, folder: Path, url: str) -> Iterator[Part]:
        """The part of this address, for one process at a time; another, or a folder that cannot be written, gets its own."""
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(filelock.FileLock(folder / f"{name}.lock", timeout=0))
            except (OSError, NotImplementedError):  # filelock's Timeout is an OSError
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            part = cls(folder / f"{name}.part")
            stack.callback(part.close)
            yield part

    def resuming(self) -> dict[str, str]:
        """The headers that ask for the rest."""
        return {"Range": f"bytes={self.size}-", "If-Range": self.mark} if self.mark and self.size else {}

    def start(self, mark: str) -> None:
        """Begin anew with a file of this mark."""
        self.close()
        try:
            self._note.unlink(missing_ok=True)
            self._file.write_bytes(b"")
            self._note.write_text(mark, "utf-8")
        except (OSError, ValueError) as error:
            raise self._failed(error) from None
        self.mark, self.size = mark, 0

    def append(self, chunk: bytes) -> None:
        """Add bytes."""
        try:
            if self._out is None:
                self._out = self._file.open("ab", buffering=0)
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._out.write(rest) :]
        except OSError as error:
            self.discard()
            raise self._failed(error) from None
        self.size += len(chunk)

    def take(self) -> bytes:
        """All bytes; the part is then gone."""
        self.close()
        try:
            content = self._file.read_bytes()
        except OSError as error:
            raise self._failed(error) from None
        self.discard()
        return content

    def discard(self) -> None:
        """Forget the bytes."""
        self.close()
        for file in (self._note, self._file):
            file.unlink(missing_ok=True)
        self.mark, self.size = "", 0

    def close(self) -> None:
        """Let go of the file; the bytes stay."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _failed(self, error: Exception) -> DataError:
        reason = getattr(error, "strerror", None) or error
        return DataError(f"the download cannot be written to {self._file.parent} ({reason}); free some space there")
