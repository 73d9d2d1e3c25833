"""A small data folder with three provisional vintages, and the publisher's next file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pandas as pd

from fentanyl_stats.data import catalog, paths, store
from fentanyl_stats.data.refresh import keep
from tests.publishers import made

DAY = "2025-02-12"  # the server's date, and so the new vintage's name
DRUGS = ("all", "opioids", "synthetic-opioids")
_SOUND: set[tuple[catalog.Table, str]] = set()


def build(folder: Path) -> None:
    """The shipped folder without the vintages after January 2025, its large file cut to three drugs since 2020."""
    large = catalog.find("vsrr", "2025-01-08")
    late = [table for table in catalog.files("vsrr") if table.known > large.known]
    frame = store.load("vsrr", large.vintage)
    small = frame[frame["drug"].isin(DRUGS) & (frame["month_ending"] >= "2020-01")].reset_index(drop=True)
    small.attrs.clear()
    new = keep.addition("vsrr", large.vintage, small, {})
    with keep.copy(paths.root(), without=late) as copy:
        (copy / "raw").rename(folder / "raw")
    (folder / "raw" / large.path).write_bytes(new.content)
    sources = folder / "raw" / "SOURCES.toml"
    text = sources.read_text("utf-8")
    for old, now in ((large.sha256, new.entry["sha256"]), (f"rows = {large.rows}\n", f"rows = {len(small)}\n")):
        assert text.count(old) == 1
        text = text.replace(old, str(now))
    sources.write_text(text, "utf-8")


def next_file(frame: pd.DataFrame) -> pd.DataFrame:
    """The held table a month later: a new window like the last one, and a few more deaths in the open windows."""
    last = frame[frame["month_ending"] == frame["month_ending"].max()]
    later = last.assign(month_ending="2024-08")
    result = pd.concat([frame, later]).sort_values(["jurisdiction", "drug", "month_ending"], ignore_index=True)
    more = (result["month_ending"] >= "2024-01") & (result["drug"] == "all") & result["reported"].notna()
    added = result["jurisdiction"].map({"US": 520, "CA": 520}).fillna(0).astype("Int64")
    for column in ("reported", "predicted"):
        result[column] = result[column].mask(more & result[column].notna(), result[column] + added)
    return result


def publish(frame: pd.DataFrame) -> bytes:
    """The table as the publisher prints it."""
    return made.file(made.vsrr(frame, comma=True, extra=True), bom=True, end="\r\n")


def prints(folder: Path) -> dict[str, str]:
    """The hash of every file under raw/."""
    files = (file for file in (folder / "raw").rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def intact(folder: Path, before: dict[str, str]) -> bool:
    """The files of before are all there and the same, every table is sound, and the old data load."""
    now = prints(folder)
    assert {name: now.get(name) for name in before if name != "raw/SOURCES.toml"} == {
        name: found for name, found in before.items() if name != "raw/SOURCES.toml"
    }
    if not _SOUND:
        found = store.verify()
        assert (found["hash_ok"] & found["contract_ok"]).all(), json.dumps(found["message"].tolist())
    for table in catalog.entries():
        if (state := (table, now[f"raw/{table.path}"])) not in _SOUND:  # the same entry and bytes need no second look
            content = store.raw_bytes(table)
            if table.released:
                assert len(store.read(table)) == table.rows
            else:
                assert len(store.from_raw(table, content)) if table.is_frame else tomllib.loads(content.decode("utf-8"))
            _SOUND.add(state)
    assert len(store.load("vsrr", "2025-01-08")) > 8000
    return True


def unchanged(folder: Path, before: dict[str, str]) -> bool:
    """Not a byte under raw/ differs, and all of it is sound."""
    assert prints(folder) == before
    return intact(folder, before)
