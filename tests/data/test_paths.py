from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.errors import DataError

from .folder import Folder


def test_the_checkout_is_found_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.ENV, raising=False)
    project = Path(__file__).parents[2]
    assert paths.root() == project / "data"
    assert paths.raw() == project / "data" / "raw"
    assert paths.processed() == project / "data" / "processed"
    assert paths.notebooks() == project / "notebooks"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ENV, "")
    assert paths.root() == Path(__file__).parents[2] / "data"


def test_the_variable_names_the_folder(folder: Folder) -> None:
    assert paths.raw() == folder.raw
    assert paths.processed() == folder.processed
    assert not folder.processed.exists()


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(paths.ENV, str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"FENTANYL_STATS_DATA names .*nowhere, which does not exist"):
        paths.root()


def test_a_folder_without_sources_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(paths.ENV, str(tmp_path))
    with pytest.raises(DataError, match=r"has no raw/SOURCES.toml"):
        paths.root()


def test_a_folder_that_cannot_be_written_falls_back_to_the_cache(folder: Folder, tmp_path: Path) -> None:
    folder.processed.write_text("a file, so that no folder can be made here")
    key = hashlib.sha256(str(folder.raw).encode()).hexdigest()[:12]
    assert paths.processed() == tmp_path / "cache" / "fentanyl_stats" / "processed" / key


def test_an_installed_wheel_reads_its_own_copy_and_writes_to_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "site-packages" / "fentanyl_stats"
    shipped = package / "_shipped" / "data"
    (shipped / "raw").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    monkeypatch.delenv(paths.ENV, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(DataError, match="no figure tables at"):
        paths.root()
    shutil.copy(Path(__file__).parents[2] / "data" / "raw" / "SOURCES.toml", shipped / "raw")
    assert paths.root() == shipped
    assert paths.processed().is_relative_to(tmp_path / "cache")
    assert paths.notebooks() == package / "_shipped" / "notebooks"


def test_data_beside_the_package_needs_the_project_file_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "fentanyl_stats"
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "SOURCES.toml").touch()
    monkeypatch.setattr(paths, "_PACKAGE", package)
    monkeypatch.delenv(paths.ENV, raising=False)
    with pytest.raises(DataError, match="_shipped"):
        paths.root()
    (tmp_path / "pyproject.toml").touch()
    assert paths.root() == tmp_path / "data"
