"""Edits of a copied data folder that keep SOURCES.toml in step."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    """A data folder laid out like `data/`."""

    path: Path

    @property
    def raw(self) -> Path:
        return self.path / "raw"

    @property
    def processed(self) -> Path:
        return self.path / "processed"

    def rewrite(self, path: str, old: str, new: str) -> None:
        """Replace the first `old` in a raw file, and record the new hash as if the change were meant."""
        file, sources = self.raw / path, self.raw / "SOURCES.toml"
        before = file.read_text("utf-8")
        assert old in before
        file.write_text(before.replace(old, new, 1), "utf-8")
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        entry = re.compile(rf'(path = "{re.escape(path)}".*?\nsha256 = ")[0-9a-f]{{64}}', re.DOTALL)
        sources.write_text(entry.sub(rf"\g<1>{found}", sources.read_text("utf-8"), count=1), "utf-8")
