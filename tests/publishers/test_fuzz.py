"""Made-up and damaged publisher files: the right table or a DataError, never another exception."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.data import store
from fentanyl_stats.data.publishers import DATASETS
from fentanyl_stats.errors import DataError

from . import made


def _good() -> dict[str, bytes]:
    frames = {kind: store.load(dataset).head(12) for kind, dataset in DATASETS.items() if kind != "cdc-vsrr"}
    vsrr = store.load("vsrr", "2025-01-08").iloc[300:312]
    return {
        "cdc-vsrr": made.file(made.vsrr(vsrr, comma=True, extra=True), bom=True),
        "cdc-wonder": made.wonder(frames["cdc-wonder"]),
        "cbp": made.file(made.cbp(frames["cbp"])),
        "nflis": made.file(made.nflis(frames["nflis"])),
    }


GOOD = _good()
KINDS = st.sampled_from(sorted(GOOD))


def tried(kind: str, content: bytes) -> pd.DataFrame | None:
    """The table, or None where it is refused in one line."""
    try:
        return fs.read_publisher(kind, content)
    except DataError as error:
        refused = str(error)
    assert "line " in refused
    assert "\n" not in refused
    return None


def numbers(frame: pd.DataFrame) -> list[str]:
    return sorted(map(repr, frame.itertuples(index=False)))


@given(KINDS, st.binary(max_size=400))
def test_any_bytes(kind: str, content: bytes) -> None:
    assert tried(kind, content) is None


@given(KINDS, st.text(st.sampled_from(',"\t\n\r;A1.T4- <'), max_size=60))
def test_any_table_text_after_a_good_header(kind: str, text: str) -> None:
    tried(kind, GOOD[kind].split(b"\n")[0] + b"\n" + text.encode())


@given(KINDS, st.data())
def test_cut_anywhere(kind: str, data: st.DataObject) -> None:
    """A cut file is refused, or gives rows of the whole file only (where the cut falls between two lines or in the notes)."""
    content = GOOD[kind]
    at = data.draw(st.integers(0, len(content) - 1))
    found = tried(kind, content[:at])
    if found is not None and b"\n" in content[at - 1 : at + 1]:
        whole = numbers(fs.read_publisher(kind, content).drop(columns="source_file_vintage", errors="ignore"))
        if kind != "nflis":  # there a base substance is summed over its salts
            kept = numbers(found.drop(columns="source_file_vintage", errors="ignore"))
            assert kind == "cdc-wonder" or set(kept) <= set(whole)


@given(KINDS, st.data())
def test_one_byte_changed(kind: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[kind])
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    tried(kind, bytes(content))


@given(KINDS, st.data())
def test_a_line_twice_is_never_counted_twice(kind: str, data: st.DataObject) -> None:
    lines = GOOD[kind].split(b"\n")
    number = data.draw(st.integers(1, 8))
    found = tried(kind, b"\n".join([*lines[: number + 1], lines[number], *lines[number + 1 :]]))
    if found is not None:  # a line that belongs to another table
        assert numbers(found) == numbers(fs.read_publisher(kind, GOOD[kind]))


@given(KINDS, st.data(), st.sampled_from(["-5", "12a", "1,23", "1.5.2", "NaN", "inf", "1e999", "½", "0x1F", "١٢"]))
def test_a_number_that_is_none(kind: str, data: st.DataObject, text: str) -> None:
    columns = {"cdc-vsrr": 5, "cdc-wonder": 5, "cbp": 7, "nflis": 3}
    if kind == "cdc-vsrr":
        content = GOOD[kind].decode("utf-8-sig").splitlines()[1].replace('"', "").split(",")
        header = GOOD[kind].decode("utf-8-sig").splitlines()[0]
        row = [*["Heroin (T40.1)" if "T40" in cell else cell for cell in content[:5]], f'"{text}"']
        rest = len(header.split(",")) - len(row)
        made_up = header + "\n" + ",".join(row + [""] * rest) + "\n"
    else:
        separator = "\t" if kind == "cdc-wonder" else ","
        lines = GOOD[kind].decode().splitlines()
        cells = lines[1].split(separator)
        cells[columns[kind]] = f'"{text}"'
        made_up = lines[0] + "\n" + separator.join(cells) + "\n"
    with pytest.raises(DataError, match=r"line [12]\b"):
        fs.read_publisher(kind, made_up.encode())


@pytest.mark.parametrize("kind", ["cdc-vssr", "", "NFLIS"])
def test_unknown_kind(kind: str) -> None:
    with pytest.raises(DataError, match="unknown kind of publisher file"):
        fs.read_publisher(kind, b"")


def test_missing_file() -> None:
    with pytest.raises(DataError, match=r"nowhere.csv cannot be read"):
        fs.read_publisher("cbp", "nowhere.csv")


@pytest.mark.parametrize(
    ("kind", "old", "new", "message"),
    [
        ("cdc-vsrr", "12 month-ending", "6 month-ending", "line 2, column Period: '6 month-ending'"),
        ("cdc-vsrr", "Number of Drug Overdose Deaths", "Number of Births", "column Indicator: 'Number of Births'"),
        ("cdc-wonder", "State Code", "Sex", "column Sex: not expected"),
        ("cbp", "OCT", "OKT", "line 2, column Month .abbv.: 'OKT'"),
        ("cbp", "Office of Field Operations", "Air and Marine", "column Component"),
        ("nflis", "SA1 (JAN - JUN)", "ANNUAL", "column PERIOD: 'ANNUAL'"),
        ("nflis", ",AK", ",ZZ", "column STATE: 'ZZ'"),
    ],
)
def test_messages(kind: str, old: str, new: str, message: str) -> None:
    content = GOOD[kind].decode()
    if kind == "cdc-vsrr" and old.startswith("Number"):
        content = made.file(made.vsrr(store.load("vsrr", "2025-01-08").head(3))).decode()
    assert old in content
    with pytest.raises(DataError, match=message):
        fs.read_publisher(kind, content.replace(old, new).encode())
