"""What a refresh adds, and what it says of it."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.data import paths, store
from fentanyl_stats.data import refresh as refreshing
from fentanyl_stats.errors import DataError
from tests.publishers import made

from . import world
from .conftest import Run
from .server import Server, good, truncated

Serve = Callable[..., Server]


def test_a_new_file_becomes_the_newest_vintage(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    server, before = serve(good(body)), world.prints(folder)
    code, out, err = run("data", "refresh", "vsrr")
    assert code == 3  # readings of the latest window come to another verdict
    assert out.startswith(f"vsrr: vintage {world.DAY} added, against ")
    assert "MB" in err
    assert "WRONG QUANTITY" not in out.split("verdicts that differ")[0]
    assert world.intact(folder, before)
    right = world.next_file(store.load("vsrr", "2025-01-08"))
    found = fs.load("vsrr")
    assert found.attrs["source"].vintage == world.DAY
    found.attrs.clear()
    right.attrs.clear()
    pd.testing.assert_frame_equal(found[list(right)], right)
    archive = fs.archive("vsrr")
    assert archive.vintages["vintage"].tolist()[-2:] == ["2025-01-08", world.DAY]
    assert archive.history("all", "2024-08", measure="reported")["vintage"].tolist() == [world.DAY]
    assert archive.until("2025-01-31").vintages["vintage"].iloc[-1] == "2025-01-08"
    entry = tomllib.loads((folder / "raw" / "SOURCES.toml").read_text("utf-8"))["table"][-1]
    assert entry["path"] == f"vsrr/{world.DAY}.csv"
    assert entry["coverage"] == "month-ending 2020-01 to 2024-08 (56); 53 jurisdictions; 3 drug indicators"
    assert entry["seen_in"][0].startswith(server.url)
    assert entry["citation"].endswith("file of 12 February 2025.")
    assert fs.datasets().query("vintage == @world.DAY")["rows"].tolist() == [len(right)]
    code, out, _ = run("data", "refresh", "vsrr")
    assert (code, out.splitlines()[0]) == (0, f"vsrr: nothing new; the file equals vintage {world.DAY}")


@pytest.mark.usefixtures("quick_judge")
def test_an_old_vintage_is_never_touched(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    serve(good(body))
    run("data", "refresh", "vsrr")
    before = world.prints(folder)
    serve(good(body.replace(b'"93,', b'"94,')))
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert world.unchanged(folder, before), err


def test_a_dry_run_says_all_and_keeps_nothing(
    folder: Path, body: bytes, serve: Serve, run: Run, tmp_path: Path
) -> None:
    serve(good(body))
    before = world.prints(folder)
    report = tmp_path / "out" / "changes.json"
    code, out, _ = run("data", "refresh", "vsrr", "--dry-run", "--json", "--report", str(report))
    assert code == 3
    assert world.unchanged(folder, before)
    assert out == report.read_text("utf-8")
    made_up = json.loads(out)
    (entry,) = made_up["datasets"]
    assert (made_up["verdict_changed"], entry["status"], entry["to"]) == (True, "would add", world.DAY)
    assert entry["counts"]["revised"] == 2 * 2 * 7  # United States and California, both measures, seven open windows
    revised = [cell for cell in entry["cells"] if cell["kind"] == "revised"]
    assert {cell["change"] for cell in revised} == {520}
    assert {"jurisdiction": "US", "drug": "all", "month_ending": "2024-07", "column": "reported", "old": 90157,
            "new": 90677, "change": 520, "percent": 0.576772, "kind": "revised"} in revised  # fmt: skip
    assert {cell["month_ending"] for cell in entry["cells"] if cell["kind"] == "added"} == {"2024-08"}
    shifts = [verdict for verdict in entry["verdicts"] if verdict["changed"]]
    assert shifts
    assert all(shift["before"]["verdict"] != shift["after"]["verdict"] for shift in shifts if shift["after"])
    code, out, _ = run("data", "refresh", "vsrr", "--json")
    assert json.loads(out)["datasets"][0]["verdicts"] == entry["verdicts"]


@pytest.mark.usefixtures("quick_judge")
def test_a_file_downloaded_by_hand(folder: Path, body: bytes, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(body)
    code, _, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2025-02-01")
    assert (code, err) == (3, "")
    assert fs.load("vsrr").attrs["source"].vintage == "2025-02-01"


@pytest.mark.usefixtures("quick_judge")
def test_a_file_may_be_of_the_country_or_of_a_drug_alone(folder: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    held = store.load("vsrr", "2025-01-08")
    early = world.next_file(held[held["jurisdiction"] == "US"])
    file.write_bytes(world.publish(early))
    code, _, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2025-02-01")
    assert code == 1  # the vintage before it has every state
    assert "is in the vintages held and not in this file" in err
    file.write_bytes(world.publish(world.next_file(held)))
    assert run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2025-02-01")[0] == 3
    code, out, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2025-03-01")
    assert (code, err) == (0, "")
    assert "nothing new" in out


@pytest.mark.usefixtures("quick_judge")
def test_a_partial_vintage_is_followed_by_another(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(paths.raw(), tmp_path / "data" / "raw")  # the newest vintage held is of the country alone
    monkeypatch.setenv(paths.ENV, str(tmp_path / "data"))
    held = store.load("vsrr", "2026-09-16")
    last = held[held["month_ending"] == "2026-04"].assign(month_ending="2026-05")
    frame = pd.concat([held, last]).sort_values(["jurisdiction", "drug", "month_ending"], ignore_index=True)
    file = tmp_path / "rows.csv"
    file.write_bytes(made.file(made.vsrr(frame)))
    code, out, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2026-10-14", "--json")
    assert err == ""
    (entry,) = json.loads(out)["datasets"]
    assert (entry["counts"]["added"], entry["counts"]["removed"], entry["counts"]["revised"]) == (3, 0, 0)
    assert fs.load("vsrr").attrs["source"].vintage == "2026-10-14"
    local = store.load("vsrr", "2025-01-08")
    some = local[local["jurisdiction"].isin(["AK", "AL", "US"]) & (local["drug"] == "all")]
    late = pd.concat([frame[frame["drug"] == "synthetic-opioids"], frame[frame["drug"] == "all"], some])
    file.write_bytes(made.file(made.vsrr(late.drop_duplicates(["jurisdiction", "drug", "month_ending"]))))
    code, _, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", "2026-11-11")
    assert code == 1  # some states alone are a file that was cut off
    assert "AR, all, 2015-01 is in the vintages held and not in this file" in err


@pytest.mark.usefixtures("quick_judge")
def test_a_download_goes_on_where_it_broke(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    server = serve(truncated(body, 100_000), good(body))
    code, _, err = run("data", "refresh", "vsrr", "--dry-run")
    assert code == 3
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=100000-"]
    assert "trying again" in err


@pytest.mark.usefixtures("quick_judge")
def test_the_next_run_goes_on_where_this_one_stopped(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    server = serve(truncated(body, 100_000), truncated(body, 100_000, ETag='"b"'), truncated(body, 50_000, ETag='"c"'))
    assert run("data", "refresh", "vsrr", "--dry-run")[0] == 1
    server.answers = [good(body, ETag='"c"')]
    server.asked.clear()
    assert run("data", "refresh", "vsrr", "--dry-run")[0] == 3
    assert [(asked.get("Range"), asked.get("If-Range")) for asked in server.asked] == [("bytes=50000-", '"c"')]


@pytest.mark.usefixtures("quick_judge")
def test_a_file_that_changed_meanwhile_is_begun_anew(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    other = body.replace(b"Numbers may differ.", b"Numbers may vary.")
    server = serve(truncated(body, 100_000), good(other, ETag='"new"'))
    assert run("data", "refresh", "vsrr", "--dry-run")[0] == 3
    assert server.asked[1]["Range"] == "bytes=100000-"


@pytest.mark.usefixtures("quick_judge")
def test_the_page_that_links_to_the_file(folder: Path, serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    held = store.load("cbp-seizures")
    recent = held[held["fiscal_year"] >= 2024]
    extra = recent.tail(1).assign(month="2026-05", events=7, pounds=12.5)
    file = made.file(made.cbp(pd.concat([recent, extra])))
    page = b'<html><a href="/x/nationwide-drugs-fy20-fy23.csv">old</a><a href="/x/nationwide-drugs-fy23-fy26-may.csv">new</a>'
    late = "Mon, 15 Jun 2026 12:00:00 GMT"
    server = serve(good(page, Content_Type="text/html; charset=utf-8"), good(file, Last_Modified=late))
    monkeypatch.setenv("FENTANYL_STATS_URL_CBP_SEIZURES", server.url.replace("rows.csv", "stats"))
    code, out, _ = run("data", "refresh", "cbp-seizures", "--json")
    assert code in (0, 3)
    assert [asked["path"] for asked in server.asked] == ["/stats", "/x/nationwide-drugs-fy23-fy26-may.csv"]
    found = fs.load("cbp-seizures")
    assert found.attrs["source"].vintage == "2026-06-15"
    assert len(found) == len(held) + 1
    assert set(found["source_file_vintage"]) == {"fy19-fy22", "fy20-fy23", "fy24-fy26-may"}
    (cell, *others) = [cell for cell in json.loads(out)["datasets"][0]["cells"] if cell["column"] == "pounds"]
    assert (cell["new"], cell["kind"], others) == (12.5, "added", [])


def test_a_longer_file_of_the_same_seizures_is_nothing_new(folder: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "nationwide.csv"
    file.write_bytes(made.file(made.cbp(store.load("cbp-seizures"))))  # one file for all years, by another name
    code, out, err = run("data", "refresh", "cbp-seizures", "--from", str(file))
    assert (code, err) == (0, "")
    assert out.startswith("cbp-seizures: nothing new; the file equals vintage 2026-05")


def test_a_query_of_laboratory_reports(folder: Path, run: Run, tmp_path: Path) -> None:
    held = store.load("nflis")
    file = tmp_path / "query.csv"
    later = made.file(made.nflis(held)).replace(b"2026-03-03", b"2026-09-01")
    file.write_bytes(later)
    code, out, _ = run("data", "refresh", "nflis", "--from", str(file))
    assert (code, out.splitlines()[0]) == (0, "nflis: nothing new; the file equals vintage 2026-03-03")
    held.loc[held.index[-1], "reports"] += 3
    file.write_bytes(made.file(made.nflis(held)).replace(b"2026-03-03", b"2026-09-01"))
    assert run("data", "refresh", "nflis", "--from", str(file))[0] == 0
    assert fs.load("nflis").attrs["source"].vintage == "2026-09-01"


@pytest.mark.usefixtures("quick_judge")
def test_two_exports_of_one_query(folder: Path, run: Run, tmp_path: Path) -> None:
    held = store.load("wonder-overdose")
    held["status"] = held["status"].mask(held["year"] == 2023, "final")  # the labels a year later
    us, states = (held[(held["jurisdiction"] == "US") == whole] for whole in (True, False))
    files = [tmp_path / "us.txt", tmp_path / "states.txt"]
    for file, rows in zip(files, (us, states), strict=True):
        file.write_bytes(made.wonder(rows) + b'"Query Date: Sep 24, 2025 2:05:11 PM"\n')
    given = [word for file in files for word in ("--from", str(file))]
    code, _, err = run("data", "refresh", "wonder-overdose", *given)
    assert code in (0, 3), err
    assert fs.load("wonder-overdose").attrs["source"].vintage == "2025-09-24"
    assert len(fs.load("wonder-overdose")) == len(held)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vsrr-specified",), "has no publisher's file that this package reads; add a vintage by hand"),
        (("county",), "add a vintage by hand"),
        (("nflis",), "nflis has no address to download from: run the NFLIS-Drug Data Query System"),
        (("wonder-overdose",), "(--from twice)"),
        (("vsr",), "unknown dataset 'vsr'; did you mean 'vsrr'?"),
        (("vsrr", "--from", "nowhere.csv"), "'nowhere.csv' cannot be read (No such file or directory)"),
        (("vsrr", "--from", ""), "is not a file"),
        (("vsrr", "--from", __file__, "--vintage", "soon"), "--vintage 'soon' is not a date"),
        (("vsrr", "--url", "data.cdc.gov"), "is not allowed"),
        (("vsrr", "--from", "/dev/zero"), "/dev/zero is not a file"),
        (("vsrr", "cbp-seizures", "--vintage", "2026-10-01"), "belong to one dataset"),
        (("vsrr", "--url", "https://a.gov/x", "--from", "x"), "leave one out"),
        (("vsrr", "--url", "http://data.cdc.gov/x"), "is not allowed: it must be https"),
        (("vsrr", "--url", "https://me:secret@data.cdc.gov/x"), "without a user name"),
        (("vsrr", "--url", "ftp://127.0.0.1/x"), "is not allowed"),
        (("vsrr", "--url", "file:///etc/passwd"), "is not allowed"),
        (("vsrr", "--claims", "nowhere.toml", "--from", "x"), "nowhere.toml"),
        (("vsrr", "--from", __file__, "--report", "/"), "/ is a folder; name a file with --report"),
        (("vsrr", "--from", __file__, "--report", f"{__file__}/x.json"), "File exists"),
    ],
)
def test_what_cannot_be_done_is_one_line(folder: Path, run: Run, words: tuple[str, ...], said: str) -> None:
    before = world.prints(folder)
    code, out, err = run("data", "refresh", *words)
    assert code == 2
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
    assert world.prints(folder) == before


def test_the_package_s_own_tables_are_not_renewed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(paths, "is_shipped", lambda folder: True)
    with pytest.raises(DataError, match="belong to the installed package; copy that folder to one of your own"):
        refreshing.refresh("vsrr", files=["x"])


@pytest.mark.usefixtures("quick_judge")
def test_one_that_fails_does_not_stop_the_other(
    folder: Path, body: bytes, serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(good(body))
    monkeypatch.setenv("FENTANYL_STATS_URL_CBP_SEIZURES", server.url)
    code, out, err = run("data", "refresh", "--json")
    made_up = json.loads(out)
    assert code == 1
    assert [entry["status"] for entry in made_up["datasets"]] == ["added"]
    assert [(error["dataset"]) for error in made_up["errors"]] == ["cbp-seizures"]
    assert "cbp-seizures" in err.splitlines()[-1]
