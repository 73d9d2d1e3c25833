"""The archive of releases: what each of them held, and what was known on any day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import fentanyl_stats as fs
from fentanyl_stats.data import catalog, releases, store
from fentanyl_stats.data.columns import read_text
from fentanyl_stats.data.paths import raw
from fentanyl_stats.errors import ArchiveEndWarning, DataError, NotPublished

from .folder import Folder

KEY = ["jurisdiction", "drug", "measure", "month_ending"]


@pytest.fixture(scope="module")
def changes() -> pd.DataFrame:
    """The raw file, as its README says to read it."""
    return read_text((raw() / "vsrr-archive/changes.csv.xz").read_bytes())


def expanded(changes: pd.DataFrame, vintage: str) -> pd.DataFrame:
    """A release in the five lines of the README of the figure tables."""
    seen = changes[changes["vintage"] <= vintage].drop_duplicates(KEY, keep="last")
    seen = seen[seen["flag"] != "withdrawn"]
    runs = read_text((raw() / "vsrr-archive/coverage.csv.xz").read_bytes())
    runs = runs[runs["vintage"] == vintage].drop(columns="vintage")
    if len(runs):
        seen = seen.merge(runs, on=KEY[:3])
        seen = seen[(seen["first"] <= seen["month_ending"]) & (seen["month_ending"] <= seen["last"])]
    return seen.sort_values(KEY, ignore_index=True)[[*KEY, "value", "flag"]]


def test_every_release_expands_to_what_the_readme_says(changes: pd.DataFrame) -> None:
    made = store.history("vsrr")
    for number, vintage in enumerate(made.vintages["vintage"]):
        right = expanded(changes, vintage)
        found = made.release(number).sort_values(KEY, ignore_index=True)[[*KEY, "value", "flag"]].astype("str")
        assert found["value"].fillna("").tolist() == right["value"].tolist()
        assert found.drop(columns="value").to_numpy().tolist() == right.drop(columns="value").to_numpy().tolist()
        assert len(found) == made.vintages["rows"].iloc[number]


@pytest.mark.parametrize("vintage", ["2018-10", "2019-10-12", "2025-01-08", "2026-06-27", "2026-09-16"])
def test_a_release_of_the_archive_is_the_table_that_is_stored_whole(vintage: str) -> None:
    made = store.history("vsrr")
    wide = releases.wide(made.release(made.vintages["vintage"].tolist().index(vintage)))
    stored = store.load("vsrr", vintage)
    key = ["jurisdiction", "drug", "month_ending"]
    both = stored.merge(wide, on=key, suffixes=("", "_archive"))
    assert len(both) == len(stored)
    for measure in ("reported", "predicted"):
        assert both[measure].equals(both[f"{measure}_archive"].rename(measure))


def test_the_hash_of_each_release_is_on_record(folder: Folder) -> None:
    assert store.verify()["contract_ok"].all()
    sources = folder.raw / "SOURCES.toml"
    sources.write_text(sources.read_text("utf-8").replace('["2018-10", 7527, "', '["2018-10", 7527, "0'), "utf-8")
    failed = store.verify().query("not contract_ok")
    assert set(failed["dataset"]) == {"vsrr-archive"}
    assert failed["message"].str.contains("vsrr 2018-10: the archive expands to SHA-256 .* on record is 0").all()


def days() -> Iterator[date]:
    """200 days from 2017 to 2026."""
    chosen = np.random.default_rng(14).integers(0, (date(2026, 9, 16) - date(2017, 12, 16)).days + 1, 200)
    yield from (date(2017, 12, 16) + timedelta(days=int(day)) for day in chosen)


def test_nothing_of_a_later_release_is_seen(changes: pd.DataFrame) -> None:
    archive = fs.archive("vsrr")
    texts = changes["value"].to_numpy(str)
    known = changes["known_to"].to_numpy(str)
    for day in days():
        seen = archive.as_of(day)
        assert seen.attrs["known_to"] <= day
        then = changes[known <= day.isoformat()].assign(text=texts[known <= day.isoformat()])
        right = then.drop_duplicates(KEY, keep="last")
        right = right[right["flag"] != "withdrawn"].set_index(KEY)["text"]
        found = seen.set_index(KEY)["value"].astype("str").fillna("")
        assert len(found) == len(right) and (right.reindex(found.index) == found).all()
        assert (
            pd.to_datetime(archive.vintages.set_index("vintage")["known_to"])[seen["vintage"].unique()]
            <= pd.Timestamp(day)
        ).all()


@settings(max_examples=25)
@given(st.dates(date(2017, 12, 16), date(2026, 9, 16)))
def test_loading_as_of_a_day_sees_no_later_release(day: date) -> None:
    frame = fs.load("vsrr", as_of=day)
    assert frame.attrs["source"].known <= day
    assert frame.attrs["source"].vintage == fs.archive("vsrr", day).vintages["vintage"].iloc[-1]


def test_a_day_before_the_first_release_and_one_after_the_last() -> None:
    archive = fs.archive("vsrr")
    with pytest.raises(
        NotPublished, match="no release of vsrr was surely public by 2016-05-01; the first held, 2017-12-16"
    ):
        archive.as_of("2016-05-01")
    with pytest.warns(ArchiveEndWarning, match="no release of vsrr after 2026-09-16 is held"):
        assert archive.as_of("2026-11-24").attrs["stale"]
    assert not archive.as_of("2026-09-16").attrs["stale"]
    assert archive.as_of("2024-09-17").attrs["stale"]


def test_two_bounds_count_from_the_later() -> None:
    archive = fs.archive("vsrr")
    assert archive.until("2019-01-11").vintages["vintage"].iloc[-1] == "2018-04-30"
    assert archive.until("2019-01-12").vintages["vintage"].iloc[-1] == "2018-11"


def test_what_was_said_of_2020() -> None:
    said = fs.archive("vsrr").history("all", "2020-12")
    assert said.query("vintage == '2021-08-14'").set_index("measure")["value"].to_dict() == {
        "reported": 92_183,
        "predicted": 93_331,
    }
    assert said.query("typed")["vintage"].unique().tolist() == ["2025-09-17", "2026-02-14"]
    assert (said["known_from"] <= said["known_to"]).all()


def test_an_archive_as_of_a_day_ends_there() -> None:
    then = fs.archive("vsrr", "2019-06-01")
    assert then.observed_through == date(2019, 4, 24)
    assert then.triangle("all").columns[-1] == "2019-04-24"
    assert then.first("all")["known_to"].max() <= pd.Timestamp("2019-06-01")


@pytest.mark.parametrize("age", [0, 7, 12, 36])
def test_at_an_age_nothing_older_is_seen(age: int) -> None:
    found = fs.archive("vsrr").at_age(age, "all", measure="reported")
    assert (found["age_months"] <= age).all()
    prints = fs.archive("vsrr").triangle("all")
    for row in found.tail(5).itertuples():
        assert prints.loc[row.month_ending, row.vintage] == row.value


def test_revisions_by_hand() -> None:
    prints = fs.archive("vsrr").triangle("all", "reported", "OH")
    row = prints.loc["2018-11"].dropna().astype(int)
    found = fs.archive("vsrr").revisions("all", "reported", "OH").set_index("month_ending").loc["2018-11"]
    assert found["releases"] == len(row)
    assert found["revisions"] == (row.diff().iloc[1:] != 0).sum()
    assert (found["first"], found["newest"], found["low"], found["high"]) == (
        row.iloc[0],
        row.iloc[-1],
        row.min(),
        row.max(),
    )
    assert found["range"] == row.max() - row.min()


def test_a_predictor_sees_only_what_was_known() -> None:
    seen: list[date] = []

    def predictor(then: fs.Archive, drug: str, jurisdiction: str) -> pd.Series:
        seen.append(then.observed_through)
        assert (then.first(drug, jurisdiction)["known_to"] <= pd.Timestamp(then.observed_through)).all()
        return then.triangle(drug, "reported", jurisdiction).iloc[:, -1].dropna()

    errors = fs.archive("vsrr").replay(predictor, "all")
    assert seen == sorted(seen)
    assert not {"2025-09-17", "2026-02-14"} & set(errors["vintage"])
    assert (errors["age_months"] < 18).all()
    assert (errors["predicted"] == errors["reported"]).all()
    newest = fs.archive("vsrr").triangle("all").ffill(axis=1).iloc[:, -1].astype(float)
    assert (errors["became"] == newest.reindex(errors["month_ending"]).to_numpy()).all()
    assert errors["low"].isna().all()


def test_a_predictor_with_a_range() -> None:
    def predictor(then: fs.Archive, drug: str, jurisdiction: str) -> pd.DataFrame:
        counted = then.triangle(drug, "reported", jurisdiction).iloc[:, -1].dropna().astype(float)
        return pd.DataFrame({"predicted": counted, "low": counted, "high": counted * 1.1})

    errors = fs.archive("vsrr").replay(predictor, "all", "OH")
    assert ((errors["low"] <= errors["became"]) & (errors["became"] <= errors["high"])).mean() > 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fs.archive("vsr"), "unknown archive 'vsr'; did you mean 'vsrr'"),
        (lambda: fs.archive("nflis"), "unknown archive 'nflis'"),
        (lambda: fs.archive("vsrr").history("all", "2020"), "not a month"),
        (
            lambda: fs.archive("vsrr").history("all", "2031-12"),
            "holds all in US to 2031-12; held is 2015-01 to 2026-04",
        ),
        (lambda: fs.archive("vsrr").history("all", "2020-12", measure="final"), "unknown measure 'final'"),
        (lambda: fs.archive("vsrr").at_age(-1, "all"), "months must be a whole number"),
        (lambda: fs.archive("vsrr").at_age(1.5, "all"), "months must be a whole number"),  # type: ignore[arg-type]
        (lambda: fs.archive("vsrr").triangle("herion"), "did you mean 'heroin'"),
        (lambda: fs.archive("cbp-seizures").triangle("all"), "has no drugs and measures"),
        (lambda: fs.archive("vsrr").as_of("then"), "not a date"),
        (lambda: fs.archive("vsrr").revisions("all", within="x"), "within must be a number"),  # type: ignore[arg-type]
        (lambda: fs.archive("vsrr").revisions("all", within=-1), "within must be a number"),
        (lambda: fs.archive("vsrr").replay(None), "predictor must be a function"),  # type: ignore[arg-type]
        (
            lambda: fs.archive("vsrr").replay(lambda *_: 5),
            "the predictor gave int for 2017-12-16; it must give a Series",
        ),
        (lambda: fs.archive("vsrr").replay(lambda *_: pd.DataFrame({"x": [1]})), "the predictor gave DataFrame"),
        (
            lambda: fs.archive("vsrr").replay(lambda *_: pd.Series(dtype=float), settled=0),
            "settled must be a whole number",
        ),
        (
            lambda: fs.analysis.revisions.errors_by_age(pd.DataFrame(), (9, 4)),
            "edges must be two ages or more, in ascending order",
        ),
    ],
)
def test_what_cannot_be_asked(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=message):
        call()


def test_seizures_as_known_on_the_day_of_the_article() -> None:
    then = fs.load("cbp-seizures", as_of="2024-09-17")
    now = fs.load("cbp-seizures")
    assert then.attrs["source"].known == date(2023, 11, 8)
    assert then["fiscal_year"].unique().tolist() == [2019, 2020, 2021, 2022, 2023]
    closed = now[now["fiscal_year"] <= 2023]
    key = ["month", "component", "region", "land_filter", "area_of_responsibility"]
    pd.testing.assert_frame_equal(
        then.drop(columns="source_file_vintage").sort_values(key, ignore_index=True)[[*key, "events", "pounds"]],
        closed.drop(columns="source_file_vintage").sort_values(key, ignore_index=True)[[*key, "events", "pounds"]],
    )
    seen = fs.archive("cbp-seizures").as_of("2026-03-31")
    assert seen["fiscal_year"].max() == 2026 and set(seen.query("fiscal_year == 2026")["status"]) == {"open"}


def test_a_vintage_kept_later_joins_the_archive() -> None:
    made = store.history("vsrr")
    table = store.load("vsrr", "2025-01-08").query("drug == 'all'")
    table = table.assign(reported=table["reported"].mask(table["month_ending"] == "2024-07", table["reported"] + 1))
    table = table[~((table["jurisdiction"] == "WV") & (table["month_ending"] == "2015-01"))]
    more = releases.appended(made, "2026-10-14", "2026-10-14", table, "a later release")
    number = len(made.vintages)
    assert more.vintages["vintage"].iloc[-1] == "2026-10-14" and not more.vintages["complete"].iloc[-1]
    wide = releases.wide(more.release(number))
    right = table.sort_values(["jurisdiction", "drug", "month_ending"], ignore_index=True)
    for measure in ("reported", "predicted"):
        assert wide[measure].tolist() == right[measure].tolist()
    for earlier in range(number):  # nothing known before changes
        pair = [
            each.release(earlier).astype("str").sort_values(KEY, ignore_index=True)[[*KEY, "value", "flag"]]
            for each in (made, more)
        ]
        pd.testing.assert_frame_equal(*pair)
    carried = more.living(number)
    assert set(carried["drug"]) == set(made.living(number - 1)["drug"])


def test_a_later_file_of_seizures_joins_the_archive() -> None:
    made = store.history("cbp-seizures")
    table = store.load("cbp-seizures").query("fiscal_year >= 2023").drop(columns="source_file_vintage")
    table = table.assign(events=table["events"].mask(table["month"] == "2026-04", table["events"] + 1)).iloc[1:]
    more = releases.appended(made, "2026-07", "2026-07-20", table, "a later file")
    number = len(made.vintages)
    assert more.vintages[["first_fiscal_year", "last_fiscal_year"]].iloc[-1].tolist() == [2023, 2026]
    now = releases.fiscal_years(more, number)
    key = ["month", "component", "region", "land_filter", "area_of_responsibility"]
    pair = [
        each.sort_values(key, ignore_index=True)[[*key, "events", "pounds"]]
        for each in (now.query("fiscal_year >= 2023"), table)
    ]
    pd.testing.assert_frame_equal(*pair)
    assert set(now.query("fiscal_year == 2019")["source_file_vintage"]) == {"fy19-fy22"}


def test_a_file_that_is_cut_or_too_large_is_refused(folder: Folder) -> None:
    file = folder.raw / "vsrr-archive/changes.csv.xz"
    whole = file.read_bytes()
    with pytest.raises(DataError, match="cut short"):
        read_text(whole[:-100])
    with pytest.raises(DataError, match=r"not a readable \.xz file"):
        read_text(whole[:6] + b"\0" * 50)
    file.write_bytes(whole[:-100])
    with pytest.raises(DataError, match="is not the file on record"):
        fs.archive("vsrr").as_of("2024-09-17")
    with pytest.raises(DataError, match="is not the file on record"):
        fs.load("vsrr", "2021-08-14")
    assert fs.load("vsrr", "2025-01-08") is not None


def test_a_release_keyed_from_displayed_text_says_so() -> None:
    assert "keyed from displayed text" in catalog.find("vsrr", "2026-02-14").source.title
    assert "keyed" not in catalog.find("vsrr", "2024-05-07").source.title


def test_a_table_of_days_that_was_changed_is_refused(folder: Folder) -> None:
    file = folder.raw / "finals-release/us.csv"
    file.write_bytes(file.read_bytes().replace(b"2024-12-19", b"2024-12-20"))
    with pytest.raises(DataError, match="finals-release 2026-11: .* is not the file on record"):
        fs.load("nvss-by-drug", as_of="2024-12-19")


def test_the_finals_are_known_from_their_publication() -> None:
    frame = fs.load("nvss-by-drug")
    days_ = catalog.known_days("nvss-by-drug", frame)
    rows = frame.assign(day=days_).query("drug == 'all' and sex == 'all'").set_index("year")["day"]
    assert rows[2021] == pd.Timestamp("2022-12-22") and rows[2023] == pd.Timestamp("2024-12-19")
    assert rows[2012] == pd.Timestamp("2023-01-19")  # no publication is held: the day of the download
