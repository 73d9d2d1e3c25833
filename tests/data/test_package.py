from __future__ import annotations

import hashlib
import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from frictionless import validate

from fentanyl_stats.data import catalog, paths, store

from .folder import Folder


def test_the_data_package_describes_the_processed_files(folder: Folder) -> None:
    store.build("nflis")
    store.build("county")
    text = (folder.processed / "datapackage.json").read_text("utf-8")
    package = json.loads(text)
    assert (package["profile"], package["name"]) == ("data-package", "fentanyl-stats")
    assert [resource["name"] for resource in package["resources"]] == ["county-2026-08-17", "nflis-2026-03-03"]
    for resource in package["resources"]:
        file = folder.processed / resource["path"]
        assert resource["hash"] == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
        assert resource["rows"] == pq.read_metadata(file).num_rows
        assert (resource["format"], resource["mediatype"]) == ("parquet", "application/vnd.apache.parquet")
        assert [field["name"] for field in resource["schema"]["fields"]] == pq.read_schema(file).names
        assert {field["type"] for field in resource["schema"]["fields"]} <= {"string", "integer", "number", "boolean"}
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])  # as the standard wants it
        assert resource["licenses"][0]["title"].startswith("US federal public domain")
        assert resource["sources"][0]["title"]
    store.build("county")
    assert (folder.processed / "datapackage.json").read_text("utf-8") == text


def _complaints(folder: Folder) -> list[tuple[str, str]]:
    """What the frictionless package finds wrong, as kind of error and note; it reads the Parquet files themselves."""
    report = validate(str(folder.processed / "datapackage.json"))
    return [(kind, note) for kind, note in report.flatten(["type", "note"])]


@pytest.mark.slow
def test_frictionless_finds_every_table_valid() -> None:
    built = store.build()
    report = validate(str(paths.processed() / "datapackage.json"))
    assert report.valid, report.flatten(["title", "fieldName", "note"])[:5]
    assert [task.stats["rows"] for task in report.tasks] == built["rows"].tolist()
    assert len(report.tasks) == len([table for table in catalog.entries() if table.is_frame])


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("state", "Narnia", "constraint-error"),
        ("substance", None, "constraint-error"),
        ("reports", -1, "constraint-error"),
    ],
)
def test_frictionless_finds_what_breaks_the_contract(folder: Folder, column: str, value: object, kind: str) -> None:
    store.build("nflis")
    assert _complaints(folder) == []
    (file,) = (folder.processed / "nflis").glob("*.parquet")
    frame = pd.read_parquet(file)
    frame.loc[3, column] = value
    frame.to_parquet(file)
    assert kind in [found for found, _ in _complaints(folder)]


def test_frictionless_finds_a_row_twice_and_a_row_missing(folder: Folder) -> None:
    store.build("nflis")
    (file,) = (folder.processed / "nflis").glob("*.parquet")
    frame = pd.read_parquet(file)
    pd.concat([frame.iloc[:-1], frame.iloc[:1]], ignore_index=True).to_parquet(file)
    assert [kind for kind, _ in _complaints(folder)] == ["primary-key"]
    frame.iloc[:-1].to_parquet(file)
    assert [kind for kind, _ in _complaints(folder)] == ["row-count"]
