"""Everything that can go wrong on the way: the old data stay, one line says what happened."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fentanyl_stats.data import atomic, paths, refresh, store
from fentanyl_stats.data.refresh import download
from tests.publishers import made

from . import world
from .conftest import Run
from .server import (
    DATE,
    Answer,
    Server,
    dripping,
    endless,
    good,
    reset,
    stalled,
    status,
    truncated,
)

pytestmark = pytest.mark.usefixtures("quick_judge")

Serve = Callable[..., Server]
Damage = Callable[[bytes], bytes]
LINES = b"\r\n"


def swapped(body: bytes, first: bytes, second: bytes) -> bytes:
    """The file with the names of two columns exchanged."""
    head, rest = body.split(LINES, 1)
    return head.replace(first, b"\0").replace(second, first).replace(b"\0", second) + LINES + rest


def cell(body: bytes, place: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one cell changed in the first line that begins so."""
    lines = body.split(LINES)
    at = next(i for i, line in enumerate(lines) if line.startswith(place) and old in line)
    lines[at] = lines[at].replace(old, new, 1)
    return LINES.join(lines)


def without(body: bytes, *starts: bytes) -> bytes:
    return LINES.join(line for line in body.split(LINES) if not line.startswith(starts))


LATE: dict[str, tuple[Callable[[bytes], Answer], str]] = {
    "cut short each time": (lambda b: truncated(b, 9), "broke after 9 bytes"),
    "silent from the start": (lambda b: stalled(b, 0), "fell silent after 0 bytes"),
    "silent in the middle": (lambda b: stalled(b, 50_000), "fell silent after 50,000 bytes"),
    "reset in the middle": (lambda b: reset(b, 50_000), "the connection to 127.0.0.1 broke"),
    "server error": (lambda b: status(500), "answered with status 500"),
    "overloaded": (lambda b: status(503, Retry_After="1"), "answered with status 503"),
    "too many requests": (lambda b: status(429, Retry_After="2"), "answered with status 429"),
    "asked to wait a power of two": (lambda b: status(503, Retry_After="²"), "answered with status 503"),
}


@pytest.mark.parametrize("fault", LATE)
def test_what_may_pass_is_tried_again_and_then_given_up(
    fault: str, folder: Path, body: bytes, serve: Serve, run: Run, waits: list[float]
) -> None:
    answer, said = LATE[fault]
    server, before = serve(answer(body)), world.prints(folder)
    code, out, err = run("data", "refresh", "vsrr")
    assert (code, out) == (1, "")
    assert said in err.splitlines()[-1]
    assert "(3 attempts); the data held are as before" in err.splitlines()[-1]
    assert len(server.asked) == 3
    assert waits == {"overloaded": [1, 1], "too many requests": [2, 2]}.get(fault, [0.5, 1])
    assert world.unchanged(folder, before)


@pytest.mark.parametrize(
    "first",
    [
        status(500),
        status(502),
        status(429, Retry_After="3"),
        status(503, Retry_After=DATE.replace("15:00:00", "15:00:09")),
    ],
    ids=["500", "502", "429", "503 until a date"],
)
def test_what_passes_is_not_noticed(
    first: Answer, folder: Path, body: bytes, serve: Serve, run: Run, waits: list[float]
) -> None:
    server, before = serve(first, good(body)), world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 3
    assert len(server.asked) == 2
    assert waits in ([0.5], [3], [9])
    assert "trying again in" in err
    assert world.intact(folder, before)


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "br", "x-unknown"])
def test_a_packed_body_is_refused_before_it_is_read(
    coding: str, folder: Path, body: bytes, serve: Serve, run: Run
) -> None:
    server, before = serve(good(gzip.compress(gzip.compress(body)), Content_Encoding=coding)), world.prints(folder)
    code, out, err = run("data", "refresh", "vsrr")
    assert (code, out) == (1, "")
    assert f"sent a packed body ({coding}) where a plain one was asked for" in err.splitlines()[-1]
    assert len(server.asked) == 1
    assert world.unchanged(folder, before)


NINE_TENTHS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series], str, str]] = {
    "cbp-seizures": (
        "pounds",
        lambda f: f["fiscal_year"] == 2024,
        "2024, ofo, coastal-interior: pounds went from",
        "2026-07-01",
    ),
    "nflis": (
        "reports",
        lambda f: (f["year"] == 2019) & (f["state"] == "OH"),
        "2019, 1, OH: reports went from",
        "2026-09-01",
    ),
    "wonder-overdose": ("deaths", lambda f: f["year"] == 2015, "AK, 2015: deaths went from", "2025-09-24"),
}


@pytest.mark.parametrize("dataset", NINE_TENTHS)
def test_closed_numbers_of_other_datasets(dataset: str, folder: Path, run: Run, tmp_path: Path) -> None:
    column, where, said, day = NINE_TENTHS[dataset]
    frame = store.load(dataset)
    frame.loc[where(frame), column] = (frame.loc[where(frame), column] * 8 // 10).round()
    recent = frame[frame["fiscal_year"] >= 2024] if dataset == "cbp-seizures" else frame
    rows = {"cbp-seizures": made.cbp, "nflis": made.nflis}
    file = tmp_path / "file"
    file.write_bytes(made.file(rows[dataset](recent)) if dataset in rows else made.wonder(frame))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", dataset, "--from", str(file), "--vintage", day)
    assert code == 1
    assert said in err or "crude_rate must be deaths per 100,000" in err
    assert world.unchanged(folder, before)


@pytest.mark.parametrize(
    ("dataset", "day", "where", "said"),
    [
        (
            "cbp-seizures",
            "2026-07-01",
            "month != '2025-03'",
            "2025-03, ofo is in the vintages held and not in this file",
        ),
        (
            "nflis",
            "2026-09-01",
            "state != 'OH' or year != 2019",
            "2019, 1, OH is in the vintages held and not in this file",
        ),
    ],
)
def test_rows_of_other_datasets_stay(
    dataset: str, day: str, where: str, said: str, folder: Path, run: Run, tmp_path: Path
) -> None:
    frame = store.load(dataset).query(where)
    rows = made.cbp(frame[frame["fiscal_year"] >= 2024]) if dataset == "cbp-seizures" else made.nflis(frame)
    file = tmp_path / "file"
    file.write_bytes(made.file(rows))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", dataset, "--from", str(file), "--vintage", day)
    assert code == 1
    assert said in err
    assert world.unchanged(folder, before)


REFUSED: dict[str, tuple[Callable[[bytes], Answer], str]] = {
    "not found": (lambda b: status(404), "refused with status 404"),
    "forbidden": (lambda b: status(403), "refused with status 403"),
    "come back tomorrow": (lambda b: status(429, Retry_After="86400"), "asks to come back in 86,400 s"),
    "off the site": (lambda b: status(302, Location="http://localhost:1/rows.csv"), "leads to another site, http://localhost:1/"),
    "to another host": (lambda b: status(301, Location="https://example.org/rows.csv"), "leads to another site, https://example.org"),
    "to a file": (lambda b: status(301, Location="file:///etc/passwd"), "leads to another site, file:///etc/passwd"),
    "nowhere": (lambda b: status(302, Location="http://[::1"), "Invalid IPv6 URL"),
    "in a circle": (lambda b: status(307, Location="/rows.csv"), "from one address to the next without end"),
    "a web page": (lambda b: good(b"<html>Maintenance</html>", Content_Type="text/html"), "sent a web page, not a table"),
    "a web page in disguise": (lambda b: good(b"<!doctype html><p>Maintenance"), "this is a web page, not a table"),
    "JSON": (lambda b: good(b"[]", Content_Type="application/json"), "sent application/json, not a table"),
    "JSON in disguise": (lambda b: good(b"[]"), "this is JSON, not a table"),
    "a picture": (lambda b: good(b"x", Content_Type="image/png"), "sent image/png, not a table"),
    "nothing": (lambda b: good(b""), "the file is empty"),
    "endless": (lambda b: endless(b"US,2024,May\r\n"), "sends more than 20 MB"),
    "dripping": (lambda b: dripping(b"US"), "is too slow"),
    "from the future": (lambda b: good(b, Last_Modified="Thu, 12 Feb 2099 15:00:00 GMT"), "cannot be of 2099-02-12"),
    "before its data": (lambda b: good(b, Last_Modified="Mon, 12 Feb 2024 15:00:00 GMT"), "cannot be of 2024-02-12"),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_wrong_is_refused_at_once(
    fault: str, folder: Path, body: bytes, serve: Serve, run: Run, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "dripping":
        monkeypatch.setattr(download, "PATIENCE", replace(download.PATIENCE, total=0.3))
    answer, said = REFUSED[fault]
    serve(answer(body))
    before = world.prints(folder)
    code, out, err = run("data", "refresh", "vsrr")
    assert (code, out, waits) == (1, "", [])
    assert said in err.splitlines()[-1]
    assert world.unchanged(folder, before)


DAMAGED: dict[str, tuple[Damage, str]] = {
    "cut at a line": (lambda b: b[: b.rindex(LINES, 0, 400_000) + 2], "is in the vintages held and not in this file"),
    "cut within a line": (lambda b: b[: b.rindex(LINES, 0, 400_000) - 9], "is the file whole?"),
    "UTF-16": (lambda b: b.decode("utf-8-sig").encode("utf-16"), "not UTF-8 text"),
    "Latin-1": (lambda b: b.replace(b"Numbers may", "Números may".encode("latin-1")), "not UTF-8 text"),
    "twice the file": (lambda b: b + b[3:], "'Indicator' cannot be"),
    "twice every line": (lambda b: b + b.split(LINES, 1)[1], "stands in an earlier line too"),
    "column renamed": (lambda b: b.replace(b"Data Value", b"Count", 1), "column data_value is missing"),
    "column twice": (lambda b: b.replace(b"Footnote", b"State", 1), "column State is named twice"),
    "values swapped": (lambda b: swapped(b, b"Data Value", b"Predicted Value"), "predicted must be at least reported"),
    "percents swapped": (
        lambda b: swapped(b, b"Percent Complete", b"Percent Pending Investigation"), "closed numbers may move by 1"),
    "months and years swapped": (lambda b: swapped(b, b"Year", b"Month"), "it must be a year of four digits"),
    "places and years swapped": (lambda b: swapped(b, b"State", b"Year"), "cannot be"),
    "a negative count": (lambda b: cell(b, b"US,2022,May", b'"1', b'"-1'), "it must be a whole number, 0 or more"),
    "a closed count ten times": (
        lambda b: cell(b, b"AK,2021,May", b"Number of Drug Overdose Deaths,", b"Number of Drug Overdose Deaths,1"),
        "predicted must be at least reported"),
    "a year gone": (lambda b: without(b, *(f"{c},2021".encode() for c in ("US", "AK"))), "a month is missing before this row"),
    "a state gone": (lambda b: without(b, b"OH,"), "and not in this file; so are 165"),
    "the new window gone": (lambda b: without(b, b"US,2024,July", b"US,2024,August"), "and not in this file; so are 3"),
    "an unknown state": (lambda b: b.replace(b"\r\nOH,2020,January", b"\r\nOX,2020,January"), "'OX' cannot be"),
    "figures rounded": (lambda b: cell(b, b"US,2021,May", b',"', b',"9'), "must be"),
}  # fmt: skip


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_file_is_not_taken(fault: str, folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    damage, said = DAMAGED[fault]
    damaged = damage(body)
    assert damaged != body
    serve(good(damaged))
    before = world.prints(folder)
    code, out, err = run("data", "refresh", "vsrr")
    assert (code, out) == (1, "")
    assert said in err.splitlines()[-1]
    assert world.unchanged(folder, before)


def _moved(base: pd.DataFrame, place: str, drug: str, month: str, factor: float, columns: tuple[str, ...]) -> bytes:
    frame = world.next_file(base)
    row = (frame["jurisdiction"] == place) & (frame["drug"] == drug) & (frame["month_ending"] == month)
    assert row.sum() == 1
    for column in columns:
        frame.loc[row, column] = round(frame.loc[row, column].iloc[0] * factor)
    return world.publish(frame)


@pytest.mark.parametrize(
    ("place", "month", "factor", "said"),
    [
        (
            "WV",
            "2021-05",
            0.9,
            "WV, synthetic-opioids, 2021-05: reported went from 1,223 to 1,101; closed numbers may move by",
        ),
        ("WV", "2024-05", 0.4, "held numbers may move by 50.00% or 50"),
    ],
)
def test_numbers_that_move_too_far(
    place: str, month: str, factor: float, said: str, folder: Path, serve: Serve, run: Run
) -> None:
    held = store.load("vsrr", "2025-01-08")
    serve(good(_moved(held, place, "synthetic-opioids", month, factor, ("reported", "predicted"))))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert said in err.splitlines()[-1]
    assert world.unchanged(folder, before)


@pytest.mark.parametrize("column", ["reported", "predicted"])
def test_totals_must_add_up(column: str, folder: Path, serve: Serve, run: Run) -> None:
    held = store.load("vsrr", "2025-01-08")
    serve(good(_moved(held, "US", "all", "2024-05", 0.5, (column,))))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    right = {"reported": "must be the sum of its 52 parts", "predicted": "must be at least reported"}
    assert right[column] in err or "at most that of all" in err
    assert world.unchanged(folder, before)


def test_numbers_that_go_blank(folder: Path, serve: Serve, run: Run) -> None:
    frame = world.next_file(store.load("vsrr", "2025-01-08"))
    rows = (frame["jurisdiction"] == "WV") & (frame["drug"] == "synthetic-opioids")
    frame.loc[rows, ["reported", "predicted"]] = pd.NA
    frame.loc[rows, "flag"] = "suppressed"
    serve(good(world.publish(frame)))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert "has no number any more; so in" in err
    assert world.unchanged(folder, before)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2001, 1, 1), "the clock of this computer says 2001-01-01, but vsrr holds a vintage of 2025-01-08"),
        (date(2099, 1, 1), "the file's newest period ends on 2024-08-31, so it cannot be of 2099-01-01"),
    ],
)
def test_a_clock_that_is_wrong(
    day: date, said: str, folder: Path, body: bytes, serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "today", lambda: day)
    serve(good(body, Date="", Last_Modified=""))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert said in err
    assert world.unchanged(folder, before)
    serve(good(body, Last_Modified=""))  # a publisher that says what day it is
    assert run("data", "refresh", "vsrr")[0] == 3
    assert world.intact(folder, before)


@pytest.mark.parametrize(
    ("vintage", "exit_code"),
    [("2031-01-01", 1), ("2023-01-01", 1), ("soon", 2), ("2025-02-30", 2), ("../x", 2), ("2025-01-08", 1)],
)
def test_a_day_that_cannot_be(
    vintage: str, exit_code: int, folder: Path, body: bytes, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(body)
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr", "--from", str(file), "--vintage", vintage)
    assert code == exit_code
    assert len(err.splitlines()) == 1
    assert "--vintage" in err
    assert world.unchanged(folder, before)


@pytest.mark.parametrize("which", ["file", "catalogue", "download", "trial"])
def test_a_full_disk(
    which: str, folder: Path, body: bytes, serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = atomic.replace

    def full(file: Path, content: bytes) -> None:
        ours = folder in file.parents
        name = {"file": "2025-02-12.csv", "catalogue": "SOURCES.toml", "trial": "2025-02-12.csv"}.get(which)
        if file.name == name and ours != (which == "trial"):
            raise OSError(28, "No space left on device")
        real(file, content)

    def no_room(file: Path, *rest: object) -> int:
        raise OSError(28, "No space left on device")

    serve(good(body))
    before = world.prints(folder)
    with monkeypatch.context() as disk:
        disk.setattr(atomic, "replace", full)
        if which == "download":
            disk.setattr(Path, "write_bytes", no_room)
        code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert "No space left on device" in err.splitlines()[-1]
    assert world.intact(folder, before)
    assert world.prints(folder)["raw/SOURCES.toml"] == before["raw/SOURCES.toml"]
    assert run("data", "refresh", "vsrr")[0] == 3  # with room again, all is done as if nothing had been
    assert world.intact(folder, before)


@pytest.fixture
def nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder where this process may read and not write, even when the tests are run by the superuser."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        place = Path(name) / "data"
        folder.rename(place)
        monkeypatch.setenv(paths.ENV, str(place))
        parts = [place, *(part for part in place.rglob("*") if part.is_dir())]
        for part in parts:
            part.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield place
        finally:
            if root:
                os.seteuid(0)
            for part in parts:
                part.chmod(0o755)


def test_a_folder_that_cannot_be_written(nobody: Path, body: bytes, serve: Serve, run: Run) -> None:
    server, before = serve(good(body)), world.prints(nobody)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert "cannot be written (Permission denied); name a data folder of your own in FENTANYL_STATS_DATA" in err
    assert len(err.splitlines()) == 1
    assert server.asked == []
    assert world.unchanged(nobody, before)
    assert run("data", "refresh", "vsrr", "--dry-run")[0] == 3
    assert world.unchanged(nobody, before)


def test_a_file_that_lies_in_the_way(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    stray = folder / "raw" / "vsrr" / f"{world.DAY}.csv"
    stray.write_text("someone's own")
    serve(good(body))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert "a vintage is never written over" in err
    assert world.unchanged(folder, before)


def test_a_catalogue_that_cannot_be_continued(folder: Path, body: bytes, serve: Serve, run: Run) -> None:
    """Where the entries stand in one list, a block at the end would be a second name for it."""
    sources = folder / "raw" / "SOURCES.toml"
    listed = tomllib.loads(sources.read_text("utf-8"))["table"]
    rows = ["{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in entry.items()) + "}" for entry in listed]
    sources.write_text("table = [\n" + ",\n".join(rows) + "\n]\n", "utf-8")
    serve(good(body))
    before = world.prints(folder)
    code, _, err = run("data", "refresh", "vsrr")
    assert code == 1
    assert "cannot take another entry at its end" in err
    assert world.unchanged(folder, before)
