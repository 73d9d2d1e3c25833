from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import date, datetime

import pandas as pd
import pytest

from fentanyl_stats.audit import ledger
from fentanyl_stats.data import catalog, paths, store
from fentanyl_stats.data.catalog import as_date, entries, known_days
from fentanyl_stats.errors import DataError, NotPublished

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
    assert (source.id, source.vintage, source.known) == ("vsrr", "2018-10", date(2019, 1, 12))
    assert source.path == "vsrr/us-older-vintages.csv"
    assert len(source.sha256) == 64
    assert source.citation


@pytest.mark.parametrize(
    ("as_of", "vintage"),
    [
        (None, "2026-09-16"),
        ("2026-09-16", "2026-09-16"),
        ("2026-09-15", "2026-06-27"),
        ("2024-09-17", "2024-05-07"),
        (date(2024, 9, 17), "2024-05-07"),
        ("2018-11", "2018-04-30"),  # that of the name was surely public in January 2019 only
        ("2019-01-12", "2018-11"),
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
        ('dataset = "cbp-seizures"\n', "", "entry 3 .*key 'dataset' must be given as str"),
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


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2024-09-17", date(2024, 9, 17)),
        ("2024-09", date(2024, 9, 30)),
        ("2024", date(2024, 12, 31)),
        (date(2024, 9, 17), date(2024, 9, 17)),
        (datetime(2024, 9, 17, 23, 59), date(2024, 9, 17)),
        (pd.Timestamp("2024-09-17"), date(2024, 9, 17)),
    ],
)
def test_days(as_of: str | date, day: date) -> None:
    assert as_date(as_of) == day
    assert type(as_date(as_of)) is date


@pytest.mark.parametrize("as_of", ["", "yesterday", "2024-13", "2024-02-30", "17.09.2024", 20240917, 3.5, True, pd.NaT])
def test_what_is_no_day(as_of: object) -> None:
    with pytest.raises(DataError, match="as_of"):
        as_date(as_of)  # type: ignore[arg-type]


def test_final_years_appeared_one_by_one() -> None:
    frame = pd.DataFrame({"year": [1999, 2021, 2022, 2023, 2024, 2025]})
    days = known_days("nvss-by-drug", frame)
    expected = ["2023-01-19", "2023-01-19", "2024-03-31", "2024-12-19", "2026-02-28"]
    assert days.dt.strftime("%Y-%m-%d").tolist()[:5] == expected
    assert pd.isna(days.iloc[5])  # a year that nobody dated is known to nobody


def test_f209_was_known_with_f208() -> None:
    frame = pd.DataFrame({"id": ["F208", "F209", "F210"], "date_published": ["2024-09-13", "2024-10-07", None]})
    days = known_days("published-figures", frame)
    assert days.dt.strftime("%Y-%m-%d").tolist()[:2] == ["2024-09-13", "2024-09-13"]
    assert pd.isna(days.iloc[2])
    alone = known_days("published-figures", frame[frame["id"] == "F209"])
    assert alone.dt.strftime("%Y-%m-%d").tolist() == ["2024-10-07"]


def test_the_tables_dated_by_row() -> None:
    assert {table.dataset for table in entries() if table.known_by} == {
        "published-figures", "dea-offices", "events", "nvss-by-drug", "finals-release",
        "vsrr-archive", "vsrr-archive-vintages", "cbp-archive", "cbp-archive-vintages", "cause-deaths",
        "cause-deaths-other-periods", "overdose-age", "people", "lethal-dose", "overdose-abroad",
    }  # fmt: skip


def test_a_cause_is_known_from_its_own_day() -> None:
    then = store.load("cause-deaths", as_of="2022-12-22")
    assert then.query("cause == 'covid-19' and year == 2021 and measure == 'final'")["deaths"].tolist() == [416893]
    assert then.query("cause == 'covid-19' and year == 2022").empty
    assert then["known"].notna().all()  # what nobody dated is known on no day


def test_a_compilation_of_old_figures_was_known_when_they_were() -> None:
    assert store.load("overdose-long", as_of="2012-01-01")["year"].min() == 1979
    with pytest.raises(NotPublished, match="no vintage of overdose-long was published by 2011-12-30"):
        store.load("overdose-long", as_of="2011-12-30")


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_read", {})


@pytest.mark.usefixtures("nothing_read")
def test_loading_is_noted_and_looking_up_is_not() -> None:
    catalog.find("county")
    catalog.datasets()
    assert catalog.tables_read() == ()
    source = store.load("vsrr", vintage="2026-06-27").attrs["source"]
    store.load("nflis")
    store.load("vsrr", as_of="2024-09-17")
    store.load("nflis")
    found = [(table.dataset, table.vintage) for table in catalog.tables_read()]
    archive = [(f"vsrr-archive{part}", "2026-09-16") for part in ("", "-coverage", "-vintages")]
    assert found == [("nflis", "2026-03-03"), ("vsrr", "2024-05-07"), ("vsrr", "2026-06-27"), *archive]
    assert catalog.tables_read()[2].sha256 == source.sha256


@pytest.mark.usefixtures("nothing_read")
def test_texts_are_noted_too() -> None:
    ledger.raw_text("events/sources.toml")
    assert [table.path for table in catalog.tables_read()] == ["events/sources.toml"]


@pytest.mark.usefixtures("nothing_read")
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
