from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from fentanyl_stats.data import atomic, catalog, paths, store
from fentanyl_stats.data.store import load
from fentanyl_stats.errors import DataError

from .folder import Folder

MONTHS = "nvss-t404-month"
MONTHS_RAW = "nvss-t404-month/final.csv"


def copy_of(folder: Folder) -> Path:
    return folder.processed / MONTHS / "2026-09.parquet"


def same(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    pd.testing.assert_frame_equal(first, second)
    return True


@pytest.mark.slow
def test_every_processed_copy_equals_what_raw_gives(folder: Folder) -> None:
    store.build()
    for table in catalog.entries():
        if table.is_frame:
            fresh = store.from_raw(table, store.raw_bytes(table))
            assert same(pq.read_table(folder.processed / table.dataset / f"{table.vintage}.parquet").to_pandas(), fresh)
            assert same(store.read(table), fresh)


def test_build_lists_what_it_built_and_tells_its_progress(folder: Folder) -> None:
    seen: list[str] = []
    built = store.build("vsrr", progress=lambda table: seen.append(table.vintage))
    assert list(built) == ["dataset", "vintage", "rows", "path"]
    assert built["vintage"].tolist() == seen
    assert built["rows"].sum() == 45_540 + 6_916 + 272 + 472
    assert all(Path(path).is_file() for path in built["path"])
    assert sorted(path.name for path in folder.processed.iterdir()) == [".lock", "datapackage.json", "vsrr"]
    with pytest.raises(DataError, match="unknown dataset 'vssr'"):
        store.build("vssr")


def test_a_current_copy_is_not_written_again(folder: Folder) -> None:
    load(MONTHS)
    before = copy_of(folder).stat().st_mtime_ns
    load(MONTHS)
    store.build(MONTHS)
    assert copy_of(folder).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"not parquet at all",
        lambda content: content[: len(content) // 2],
        lambda content: content[:200] + bytes(byte ^ 0xFF for byte in content[200:260]) + content[260:],
        lambda content: content[:-1000] + bytes(992) + content[-8:],
    ],
    ids=["empty", "text", "cut", "flipped data", "flipped footer"],
)
def test_a_damaged_copy_is_rebuilt_in_silence(folder: Folder, damage: object) -> None:
    sound = load(MONTHS)
    content = copy_of(folder).read_bytes()
    assert callable(damage)
    copy_of(folder).write_bytes(damage(content))
    os.utime(copy_of(folder), ns=(0, 1))  # whatever the clock's grain, the copy has changed
    assert same(load(MONTHS), sound)
    assert copy_of(folder).read_bytes() == content


@pytest.mark.parametrize("place", range(0, 1000, 37))
def test_no_flipped_byte_changes_a_number(folder: Folder, place: int) -> None:
    sound = load(MONTHS)
    content = bytearray(copy_of(folder).read_bytes())
    content[len(content) * place // 1000] ^= 0x10
    copy_of(folder).write_bytes(content)
    os.utime(copy_of(folder), ns=(0, 1))
    assert same(load(MONTHS), sound)


def test_a_copy_that_is_gone_is_rebuilt(folder: Folder) -> None:
    load(MONTHS)
    copy_of(folder).unlink()
    load(MONTHS)
    assert copy_of(folder).is_file()


def test_a_copy_of_other_rows_is_stale(folder: Folder) -> None:
    load(MONTHS)
    held = pq.read_table(copy_of(folder))
    pq.write_table(held.slice(0, 10), copy_of(folder))  # it keeps the key
    os.utime(copy_of(folder), ns=(0, 1))
    assert len(load(MONTHS)) == 180


def test_new_raw_bytes_make_a_new_copy(folder: Folder) -> None:
    assert load(MONTHS)["deaths"].iloc[0] == 282
    folder.rewrite(MONTHS_RAW, "2010-01,282,", "2010-01,283,")
    assert load(MONTHS)["deaths"].iloc[0] == 283
    assert pq.read_table(copy_of(folder)).to_pandas()["deaths"].iloc[0] == 283


def test_new_code_makes_a_new_copy(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    load(MONTHS)
    before = pq.read_schema(copy_of(folder)).metadata
    monkeypatch.setattr(store, "_code", lambda: "other code")
    load(MONTHS)
    assert pq.read_schema(copy_of(folder)).metadata != before


def test_a_changed_raw_file_is_refused_whatever_is_held(folder: Folder) -> None:
    load(MONTHS)
    file = folder.raw / MONTHS_RAW
    content = file.read_text("utf-8")
    file.write_text(content.replace("2010-01,282,", "2010-01,283,"), "utf-8")
    expected = catalog.find(MONTHS).sha256
    with pytest.raises(DataError, match=rf"final.csv is not the file on record: expected SHA-256 {expected}, found"):
        load(MONTHS)
    with pytest.raises(DataError, match=r"restore it, or record the new hash in SOURCES.toml"):
        store.build(MONTHS)
    file.write_text(content, "utf-8")
    assert len(load(MONTHS)) == 180


def test_warming_reads_what_is_current_and_is_no_reading(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    store.build(MONTHS)
    monkeypatch.setattr(store, "_recent", type(store._recent)())
    monkeypatch.setattr(catalog, "_read", {})
    store.warm()
    assert [key for _, key in store._recent] == [store._key(catalog.find(MONTHS))] and not catalog.tables_read()
    monkeypatch.setattr(pq, "read_table", lambda *_, **__: pytest.fail("read again"))
    assert len(load(MONTHS)) and [table.dataset for table in catalog.tables_read()] == [MONTHS]
    (folder.raw / MONTHS_RAW).write_bytes(b"x")
    with pytest.raises(DataError, match="is not the file on record"):
        load(MONTHS)


def test_a_missing_raw_file_is_named(folder: Folder) -> None:
    load(MONTHS)
    (folder.raw / MONTHS_RAW).unlink()
    with pytest.raises(DataError, match=r"nvss-t404-month 2026-09: .*final.csv cannot be read .*restore the file"):
        load(MONTHS)


def test_a_missing_file_of_several_vintages_is_named(folder: Folder) -> None:
    (folder.raw / "vsrr" / "us-older-vintages.csv").unlink()
    with pytest.raises(DataError, match=r"us-older-vintages.csv cannot be read"):
        load("vsrr", "2018-10")
    with pytest.raises(DataError, match=r"us-older-vintages.csv cannot be read"):
        load("vsrr", as_of="2024-09-17")
    assert len(load("vsrr")) == 272


def test_a_broken_contract_names_dataset_vintage_file_column_and_row(folder: Folder) -> None:
    folder.rewrite(MONTHS_RAW, "2010-03,266,", "2010-03,-266,")
    message = (
        r"nvss-t404-month 2026-09 \(nvss-t404-month/final.csv\): column deaths, row 3 \(-266\): must be at least 0$"
    )
    with pytest.raises(DataError, match=message):
        load(MONTHS)
    assert not copy_of(folder).exists()


def test_rows_are_counted_within_the_file_of_several_vintages(folder: Folder) -> None:
    file = "vsrr/us-older-vintages.csv"
    lines = (folder.raw / file).read_text("utf-8").splitlines()
    number, line = next((n, text) for n, text in enumerate(lines) if text.startswith("2018-10,") and n > 100)
    cells = line.split(",")
    folder.rewrite(file, line, ",".join([*cells[:4], "-5", *cells[5:]]))
    with pytest.raises(DataError, match=rf"vsrr 2018-10 .*column reported, row {number} \(-5\)"):
        load("vsrr", "2018-10")
    assert len(load("vsrr", "2018-11")) == 80


def test_a_wrong_number_of_rows_is_named(folder: Folder) -> None:
    folder.rewrite(MONTHS_RAW, "2024-12,", "2024-12,")
    sources = folder.raw / "SOURCES.toml"
    sources.write_text(sources.read_text("utf-8").replace("rows = 180", "rows = 181", 1), "utf-8")
    with pytest.raises(DataError, match=r"180 rows where SOURCES.toml counts 181"):
        load(MONTHS)


def test_what_cannot_be_written_is_still_read(folder: Folder, tmp_path: Path) -> None:
    folder.processed.write_text("a file where the folder should be")
    (tmp_path / "cache").write_text("and here too")
    assert len(load(MONTHS)) == 180
    assert same(load(MONTHS), load(MONTHS))
    with pytest.raises(DataError, match="cannot be written; make the folder writable or free some space"):
        store.build(MONTHS)


def test_a_full_disk_does_not_stop_reading(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "replace", full)
    assert len(load(MONTHS)) == 180
    assert not copy_of(folder).exists()


def test_a_failed_write_leaves_nothing_behind(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(source: object, target: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("os.replace", no)
    assert len(load(MONTHS)) == 180
    assert list(copy_of(folder).parent.iterdir()) == []


def _build_all(_: int) -> tuple[int, int]:
    built = store.build()
    return len(built), int(load("vsrr", "2025-01-08")["reported"].sum())


@pytest.mark.slow
def test_several_processes_build_at_once(folder: Folder) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        results = pool.map(_build_all, range(3), chunksize=1)
    tables = sum(table.is_frame for table in catalog.entries())
    assert results == [(tables, int(load("vsrr", "2025-01-08")["reported"].sum()))] * 3
    assert len(list(folder.processed.glob("*/*.parquet"))) == tables
    assert not list(folder.processed.rglob("*.tmp"))
    assert len(json.loads((folder.processed / "datapackage.json").read_text("utf-8"))["resources"]) == tables


@pytest.mark.slow
def test_verify_finds_every_shipped_file_sound() -> None:
    found = store.verify()
    assert list(found) == ["path", "dataset", "vintage", "rows", "hash_ok", "contract_ok", "message"]
    assert found["message"].unique().tolist() == [""]
    assert found["hash_ok"].all()
    assert found["contract_ok"].all()
    assert len(found) == len(catalog.entries())
    files = {path.relative_to(paths.raw()).as_posix() for path in paths.raw().rglob("*.*") if path.is_file()}
    assert set(found["path"]) == files - {"README.md", "SOURCES.toml"}


def test_verify_tells_what_is_wrong_and_does_not_raise(folder: Folder) -> None:
    (folder.raw / "county" / "2025-12.csv").unlink()
    (folder.raw / "nflis" / "2026-03-03.csv").write_bytes(b"\xff\x00")
    folder.rewrite(MONTHS_RAW, "2010-03,266,", "2010-03,many,")
    folder.rewrite("claims/claims.toml", "[[claim]]\n", "[[claim\n")
    (folder.raw / "vsrr" / "us-older-vintages.csv").write_text("vintage\n")
    found = store.verify().set_index("path")
    assert found["hash_ok"].eq(False).sum() == 3
    assert found["contract_ok"].eq(False).sum() == 5
    assert found.loc["county/2025-12.csv", ["hash_ok", "contract_ok"]].tolist() == [False, False]
    assert found.loc[MONTHS_RAW, ["hash_ok", "contract_ok"]].tolist() == [True, False]
    assert "column deaths, row 3: 'many' cannot be" in found.loc[MONTHS_RAW, "message"]
    assert "not TOML" in found.loc["claims/claims.toml", "message"]
    assert pd.isna(found.loc["nflis/2026-03-03.csv", "rows"])
    assert "is not the file on record" in found.loc["vsrr/us-older-vintages.csv", "message"]
