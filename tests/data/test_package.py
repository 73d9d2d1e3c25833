from __future__ import annotations

import hashlib
import json
import re

import pyarrow.parquet as pq

from fentanyl_stats.data import store

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
        assert resource["bytes"] == file.stat().st_size
        assert resource["rows"] == pq.read_metadata(file).num_rows
        assert (resource["format"], resource["mediatype"]) == ("parquet", "application/vnd.apache.parquet")
        assert [field["name"] for field in resource["schema"]["fields"]] == pq.read_schema(file).names
        assert {field["type"] for field in resource["schema"]["fields"]} <= {"string", "integer", "number", "boolean"}
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])  # as the standard wants it
        assert resource["licenses"][0]["title"].startswith("US federal public domain")
        assert resource["sources"][0]["title"]
    store.build("county")
    assert (folder.processed / "datapackage.json").read_text("utf-8") == text
