from __future__ import annotations

import tomllib
from datetime import date

import pytest

from fentanyl_stats.data import catalog, paths
from fentanyl_stats.errors import DataError

from .folder import Folder

OLDER = {"2017-12-16": 58, "2018-04-30": 66, "2018-10": 78, "2018-11": 80, "2019-04-24": 90, "2019-10-12": 100}


def test_every_entry_of_sources_is_listed() -> None:
    listed = tomllib.loads((paths.raw() / "SOURCES.toml").read_text("utf-8"))["table"]
    assert {entry["path"] for entry in listed} == {table.path for table in catalog.entries()}
    assert {entry["dataset"] for entry in listed} == set(catalog.datasets()["dataset"])


def test_datasets_has_one_row_for_each_dataset_and_vintage() -> None:
    held = catalog.datasets()
    assert list(held) == ["dataset", "vintage", "title", "publisher", "coverage", "rows", "licence"]
    assert not held.duplicated(["dataset", "vintage"]).any()
    assert not held.isna().any().any()
    rows = held.set_index(["dataset", "vintage"])["rows"]
    assert {vintage: rows["vsrr", vintage] for vintage in OLDER} == OLDER
    assert rows["events", "2026-11"] == 55  # those of the table, not of the TOML file beside it
    assert rows["claims", "2026-11"] > 25
    assert rows["standard-population-2000"].to_dict() == {"1998": 11, "2000": 19}


def test_dataset_and_vintage_come_from_sources_not_from_the_path(folder: Folder) -> None:
    assert catalog.find("vsrr-specified").path == "vsrr/2025-01-08-specified.csv"
    assert catalog.find("county").vintage == "2026-08-17"
    sources = folder.raw / "SOURCES.toml"
    text = sources.read_text("utf-8").replace('dataset = "county"', 'dataset = "counties"', 1)
    sources.write_text(text, "utf-8")
    assert catalog.find("counties").path == "county/2025-12.csv"


def test_a_source_knows_where_its_numbers_come_from() -> None:
    source = catalog.find("vsrr", "2018-10").source
    assert (source.id, source.vintage, source.known) == ("vsrr", "2018-10", date(2018, 10, 31))
    assert source.path == "vsrr/us-older-vintages.csv"
    assert len(source.sha256) == 64
    assert source.citation


@pytest.mark.parametrize(
    ("as_of", "vintage"),
    [
        (None, "2026-09-16"),
        ("2026-09-16", "2026-09-16"),
        ("2026-09-15", "2026-06-27"),
        ("2024-09-17", "2019-10-12"),
        (date(2024, 9, 17), "2019-10-12"),
        ("2018-11", "2018-11"),
        ("2018-10-30", "2018-04-30"),  # a month counts as its last day
    ],
)
def test_the_newest_vintage_published_by_then(as_of: str | date | None, vintage: str) -> None:
    assert catalog.find("vsrr", as_of=as_of).vintage == vintage


def test_the_newest_is_newest_by_date_not_by_order() -> None:
    assert catalog.find("standard-population-2000").vintage == "2000"


def test_nothing_old_enough_names_the_earliest() -> None:
    with pytest.raises(DataError, match=r"no vintage of vsrr .*2017-01-01; the earliest held is 2017-12-16"):
        catalog.find("vsrr", as_of="2017-01-01")
    with pytest.raises(DataError, match=r"earliest held is 2024-09-24"):
        catalog.find("wonder-overdose", as_of="2024-09-17")


def test_a_vintage_younger_than_the_day_is_refused() -> None:
    with pytest.raises(DataError, match=r"vsrr 2025-01-08 was published by 2025-01-08, after as_of 2024-09-17"):
        catalog.find("vsrr", "2025-01-08", "2024-09-17")
    assert catalog.find("vsrr", "2018-10", "2024-09-17").vintage == "2018-10"


@pytest.mark.parametrize(
    ("dataset", "vintage", "message"),
    [
        ("vssr", None, "unknown dataset 'vssr'; did you mean 'vsrr'"),
        ("wonder", None, "unknown dataset 'wonder'"),
        ("vsrr", "2025-01-09", "unknown vintage of vsrr '2025-01-09'; did you mean '2025-01-08'"),
        ("vsrr", "2018-05", "unknown vintage of vsrr"),
        ("vsrr", "2017-12-16 to 2019-10-12", "unknown vintage of vsrr"),
        ("", None, "unknown dataset ''"),
        ("claims", None, r"dataset 'claims' is TOML, not a table; read it with fentanyl_stats.claims\(\)"),
    ],
)
def test_names_that_are_not_held(dataset: str, vintage: str | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        catalog.find(dataset, vintage)
    if dataset != "claims":
        with pytest.raises(DataError):
            catalog.find(dataset, vintage, as_of="2026-12-31")


def test_files_lists_toml_too() -> None:
    assert [table.path for table in catalog.files("events")] == ["events/events.csv", "events/sources.toml"]
    with pytest.raises(DataError, match="unknown dataset 'event'; did you mean 'events'"):
        catalog.files("event")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('dataset = "cbp-seizures"\n', "", "entry 1 .*key 'dataset' must be given as str"),
        ("rows = 1491", 'rows = "many"', "key 'rows' must be given as int"),
        ('path = "cbp-seizures/2026-05.csv"', 'path = "../secret.csv"', "inside the raw folder"),
        ('path = "cbp-seizures/2026-05.csv"', 'path = "/etc/secret.csv"', "inside the raw folder"),
        ('path = "cbp-seizures/2026-05.csv"', 'path = "cbp-seizures/2026-05.xlsx"', "inside the raw folder"),
        ('vintage = "2026-05"', 'vintage = "../2026"', "must be plain names"),
        ('vintage = "2026-05"', 'vintage = "2026-13"', "'2026-13' is not a date"),
        ("[[table]]\n", "[[table\n", "SOURCES.toml cannot be read"),
        ("[[table]]\n", "table = 1\n[[rest]]\n", "SOURCES.toml cannot be read"),
        ('vintage = "2000"', 'vintage = "1998"', "two CSV files for standard-population-2000 1998"),
    ],
)
def test_sources_that_are_wrong_are_named(folder: Folder, old: str, new: str, message: str) -> None:
    sources = folder.raw / "SOURCES.toml"
    text = sources.read_text("utf-8")
    assert old in text
    sources.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=message):
        catalog.entries()


@pytest.mark.parametrize("text", ["", "# cut off\n", "table = []\n"])
def test_a_catalogue_of_nothing_is_not_sound(folder: Folder, text: str) -> None:
    (folder.raw / "SOURCES.toml").write_text(text, "utf-8")
    with pytest.raises(DataError, match="SOURCES.toml names no table; restore it"):
        catalog.datasets()


def test_a_file_of_several_vintages_that_is_gone_stays_one_entry(folder: Folder) -> None:
    (folder.raw / "vsrr" / "us-older-vintages.csv").unlink()
    assert "2017-12-16 to 2019-10-12" in catalog.datasets()["vintage"].tolist()
    assert catalog.find("vsrr", "2018-10").path == "vsrr/us-older-vintages.csv"
    assert catalog.find("vsrr").vintage == "2026-09-16"
