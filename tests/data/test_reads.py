"""Every table that is read is noted, with the vintage and hash that were read; one that is only looked up is not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fentanyl_stats.audit import ledger
from fentanyl_stats.data import catalog, store
from fentanyl_stats.errors import DataError

from .folder import Folder


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_read", {})


def test_loading_is_noted_and_looking_up_is_not() -> None:
    catalog.find("county")
    catalog.datasets()
    assert catalog.tables_read() == ()
    source = store.load("vsrr", vintage="2026-06-27").attrs["source"]
    store.load("nflis")
    store.load("vsrr", as_of="2024-09-17")
    store.load("nflis")
    found = [(table.dataset, table.vintage) for table in catalog.tables_read()]
    assert found == [("nflis", "2026-03-03"), ("vsrr", "2019-10-12"), ("vsrr", "2026-06-27")]
    assert catalog.tables_read()[-1].sha256 == source.sha256


def test_texts_are_noted_too() -> None:
    ledger.raw_text("events/sources.toml")
    assert [table.path for table in catalog.tables_read()] == ["events/sources.toml"]


def test_a_damaged_file_was_not_read(folder: Folder) -> None:
    file = folder.raw / catalog.find("nflis").path
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(DataError, match="not the file on record"):
        store.load("nflis")
    assert catalog.tables_read() == ()


def test_a_fresh_process_has_read_nothing_and_an_assessment_reads_what_it_rests_on() -> None:
    script = (
        "import fentanyl_stats as fs\n"
        "from fentanyl_stats.data import catalog\n"
        "assert catalog.tables_read() == ()\n"
        "a = fs.assess('deaths-per-year')\n"
        "read = {(t.dataset, t.vintage) for t in catalog.tables_read()}\n"
        "named = {(s.id, s.vintage) for r in a.readings for s in r.sources if s.vintage}\n"
        "assert named and named <= read, named - read\n"
        "assert 'county' not in {name for name, _ in read}\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
