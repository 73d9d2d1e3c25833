from __future__ import annotations

import json
import multiprocessing
import os
import time
import warnings
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import fentanyl_stats
from fentanyl_stats.data import atomic, catalog, paths, store
from fentanyl_stats.data.store import load
from fentanyl_stats.errors import DataError, NotPublished, PartialVintageWarning
from fentanyl_stats.model import Source

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
        if table.is_frame and not table.released:
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
        load("vsrr", as_of="2019-11-01")
    assert load("vsrr", as_of="2024-09-17").attrs["source"].vintage == "2024-05-07"
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
    tables = sum(table.is_frame and not table.released for table in catalog.entries())
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


def test_every_dataset_and_vintage_loads_with_its_source() -> None:
    held = catalog.datasets()
    for dataset, vintage, rows in held[["dataset", "vintage", "rows"]].itertuples(index=False):
        if dataset != "claims":
            frame = load(dataset, vintage)
            source = frame.attrs["source"]
            assert len(frame) == rows
            assert isinstance(source, Source)
            assert (source.id, source.vintage) == (dataset, vintage)
            assert frame.index.equals(pd.RangeIndex(rows))


def test_the_public_names_are_these() -> None:
    assert fentanyl_stats.load("county").equals(load("county"))
    assert fentanyl_stats.datasets().equals(catalog.datasets())


def test_the_newest_vintage_by_default() -> None:
    frame = load("vsrr")
    assert frame.attrs["source"].vintage == "2026-09-16"
    assert set(frame["jurisdiction"]) == {"US"}


def test_fips_and_ages_stay_text_and_blanks_stay_missing() -> None:
    county = load("county")
    assert county["fips"].iloc[0] == "01001"
    assert county["deaths"].isna().sum() == 1629
    assert county["deaths"].sum() == 62_825
    assert str(county["deaths"].dtype) == "Int64"
    assert county["suppressed"].dtype == bool
    assert "5-14" in load("nvss-t404-age")["age_group"].tolist()
    assert load("events")["date"].iloc[0] == "2008-07"


def test_flags_are_never_missing() -> None:
    for dataset in ("county", "wonder-overdose", "published-figures", "nvss-by-drug"):
        flags = load(dataset)["flag"]
        assert flags.notna().all()
        assert (flags == "").any()


def test_an_older_vintage_is_cut_from_its_file() -> None:
    frame = load("vsrr", "2018-04-30")
    assert list(frame) == list(load("vsrr", "2025-01-08"))
    assert set(frame["jurisdiction"]) == {"US"}
    assert frame["month_ending"].max() == "2017-09"
    assert frame[["percent_complete", "percent_pending", "predicted"]].isna().all().all()


def test_as_of_takes_what_was_published_then() -> None:
    frame = load("vsrr", as_of="2024-09-17")
    assert frame.attrs["source"].vintage == "2024-05-07"
    assert frame.attrs["source"].known == date(2024, 5, 7)
    with pytest.raises(DataError, match="the earliest held is 2017-12-16"):
        load("vsrr", as_of="2017-01-01")
    with pytest.raises(DataError, match="the earliest held is 2024-09-24"):
        load("wonder-overdose", as_of="2024-09-17")
    with pytest.raises(DataError, match="as_of: 'soon' is not a date"):
        load("events", as_of="soon")


def test_published_figures_are_filtered_by_row() -> None:
    frame = load("published-figures", as_of="2024-09-17")
    assert {"F200", "F205", "F206", "F208", "F209"} <= set(frame["id"])
    assert not {"F004", "F210", "F211", "F223", "F125a"} & set(frame["id"])  # later, a month not over, no date
    assert frame.attrs["source"].known <= date(2024, 9, 17)
    assert "F004" in set(load("published-figures", as_of="2024-09-30")["id"])
    assert not {"F208", "F209"} & set(load("published-figures", as_of="2024-09-12")["id"])


def test_offices_and_events_are_filtered_by_row() -> None:
    offices = load("dea-offices", as_of="2024-09-15")
    assert offices["as_of"].max() == "2023-03-24"
    assert load("dea-offices", as_of="1996")["offices"].tolist() == [70]
    events = load("events", as_of="2024-09-17")
    assert events["date"].iloc[-1] == "2024-09-17"
    with pytest.raises(DataError, match=r"no row of events was known by 2008-07-30; the earliest is of 2008-07-31"):
        load("events", as_of="2008-07-30")


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2023-01-19", 2021),
        ("2024-03-20", 2021),
        ("2024-03-21", 2022),
        ("2024-03-31", 2022),
        ("2024-09-17", 2022),
        ("2024-12-18", 2022),
        ("2024-12-19", 2023),
        ("2026-02-27", 2023),
        ("2026-02-28", 2024),
    ],
)
def test_final_deaths_are_filtered_by_year(as_of: str, last: int) -> None:
    frame = load("nvss-by-drug", as_of=as_of)
    assert frame["year"].max() == last
    assert frame.attrs["source"].known <= pd.Timestamp(as_of).date()


def test_final_deaths_unfiltered_are_as_young_as_their_newest_row() -> None:
    assert load("nvss-by-drug").attrs["source"].known == date(2026, 2, 28)
    with pytest.raises(DataError, match="the earliest is of 2011-12-31"):
        load("nvss-by-drug", as_of="2011-12-30")


def test_a_frame_belongs_to_its_reader() -> None:
    first = load("vsrr", "2025-01-08")
    first.loc[:, "reported"] = 0
    first["flag"] = "mine"
    second = load("vsrr", "2025-01-08")
    assert second["reported"].max() > 100_000
    assert "mine" not in set(second["flag"])


def test_attributes_do_not_stop_ordinary_work() -> None:
    frame = load("nvss-t404-month")
    both = pd.concat([frame, frame])
    assert len(both.groupby("month")["deaths"].sum()) == 180
    assert frame.merge(frame, on="month").shape == (180, 5)


def test_a_warm_load_is_quick() -> None:
    for dataset, vintage, limit in (("vsrr", None, 0.05), ("vsrr", "2025-01-08", 0.3)):
        load(dataset, vintage)
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            load(dataset, vintage)
            seconds.append(time.perf_counter() - start)
        assert min(seconds) < limit


def test_a_place_takes_each_drug_from_the_newest_vintage_that_holds_it() -> None:
    found = load("vsrr", jurisdiction="WV")
    newest = found.groupby("drug")["vintage"].unique().map(list).to_dict()
    others = ["cocaine", "heroin", "methadone", "natural-opioids", "opioids", "psychostimulants"]
    classes = {drug: ["2025-01-08"] for drug in others}
    assert newest == {**classes, "all": ["2025-09-17"], "synthetic-opioids": ["2026-06-27"]}
    assert set(found["jurisdiction"]) == {"WV"}
    assert [source.vintage for source in found.attrs["sources"]] == ["2026-06-27", "2025-09-17", "2025-01-08"]
    assert found.attrs["source"] == found.attrs["sources"][0]
    assert len(found.query("drug == 'cocaine'")) == 115
    whole = load("vsrr", "2025-01-08")
    for drug, rows in found[found["vintage"] == "2025-01-08"].groupby("drug"):
        same = whole[(whole["jurisdiction"] == "WV") & (whole["drug"] == drug)]
        assert rows.drop(columns="vintage").reset_index(drop=True).equals(same.reset_index(drop=True))


def test_a_drug_takes_each_place_from_the_newest_vintage_that_holds_it() -> None:
    found = load("vsrr", drug="all")
    newest = found.groupby("jurisdiction")["vintage"].unique().map(list).to_dict()
    assert newest.pop("US") == ["2026-09-16"]
    assert set(map(tuple, newest.values())) == {("2025-01-08",), ("2025-09-17",)}
    assert len(newest) == len(set(load("vsrr", "2025-01-08")["jurisdiction"])) - 1


def test_a_place_and_a_drug_as_of_a_day_or_of_a_vintage() -> None:
    assert set(load("vsrr", jurisdiction="US", drug="all")["vintage"]) == {"2026-09-16"}
    assert set(load("vsrr", jurisdiction="US", as_of="2024-09-17")["vintage"]) == {"2024-05-07", "2021-08-14"}
    assert set(load("vsrr", "2018-10", jurisdiction="US", drug="all")["vintage"]) == {"2018-10"}
    final = load("nvss-by-drug", as_of="2024-01-01", drug="heroin")
    assert (set(final["vintage"]), final["year"].max()) == ({"2023-01-19"}, 2021)
    assert set(load("wonder-overdose", jurisdiction="NY")["jurisdiction"]) == {"NY"}


@pytest.mark.parametrize(
    ("dataset", "keys", "error", "message"),
    [
        ("vsrr", {"jurisdiction": "WV", "as_of": "2017-01-01"}, NotPublished, "the earliest held is 2017-12-16"),
        ("vsrr", {"jurisdiction": "PR", "as_of": "2024-09-17"}, NotPublished, "no vintage published by 2024-09-17 has rows of PR"),
        ("vsrr", {"jurisdiction": "WV", "vintage": "2026-09-16"}, NotPublished, "no vintage 2026-09-16 has rows of WV"),
        ("vsrr", {"jurisdiction": "PR", "drug": "stimulants"}, NotPublished, "no vintage held has rows of stimulants in PR"),
        ("vsrr", {"jurisdiction": "West Virginia"}, DataError, "did you mean 'WV'"),
        ("vsrr", {"drug": "herion"}, DataError, "did you mean 'heroin'"),
        ("events", {"drug": "all"}, DataError, "events has no column drug; its columns are date"),
        ("wonder-overdose", {"jurisdiction": "US", "drug": "all"}, DataError, "wonder-overdose has no column drug"),
        ("nvss-by-drug", {"jurisdiction": "US"}, DataError, "nvss-by-drug has no column jurisdiction"),
        ("claims", {"drug": "all"}, DataError, "is TOML, not a table"),
    ],
)  # fmt: skip
def test_a_place_or_drug_that_cannot_be_had(
    dataset: str, keys: dict[str, str], error: type[DataError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(dataset, **keys)


def test_a_newest_vintage_of_few_places_is_warned_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_warned", set())
    monkeypatch.setattr(catalog, "_read", {})
    with pytest.warns(
        PartialVintageWarning, match="vsrr 2026-09-16, the newest vintage, lacks 53 places and 6 drugs"
    ) as said:
        load("vsrr")
    assert said[0].filename == __file__
    assert [table.vintage for table in catalog.tables_read()] == ["2026-09-16"]  # the others were only looked up
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load("vsrr")
        load("nflis")
        monkeypatch.setattr(store, "_warned", set())
        load("vsrr", "2026-09-16")
        load("vsrr", as_of="2026-09-16")
        load("vsrr", jurisdiction="US")
