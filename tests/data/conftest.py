"""A data folder of one's own, to damage at will."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fentanyl_stats.data import paths

from .folder import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A copy of the shipped raw folder that the package reads instead of its own; the user's cache is apart too."""
    shipped = paths.raw()
    copy = tmp_path / "data"
    shutil.copytree(shipped, copy / "raw")
    monkeypatch.setenv(paths.ENV, str(copy))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Folder(copy)
