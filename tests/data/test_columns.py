from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.data import catalog, store
from fentanyl_stats.data.columns import LAYOUTS, Kind, has_flag, layout, read_text, split_flags, typed
from fentanyl_stats.errors import DataError


def test_every_shipped_csv_has_a_layout() -> None:
    for table in catalog.entries():
        if table.is_frame:
            frame = store.read(table)
            assert sorted(layout(table.dataset, list(frame))) == sorted(frame)


def test_text_stays_as_printed() -> None:
    text = read_text(b"fips,age_group,flag\n01001,5-14,\n00010,NA,x;y\n")
    assert text.values.tolist() == [["01001", "5-14", ""], ["00010", "NA", "x;y"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a readable CSV"),
        (b"a,b\n1,2\n3\n4\n", r"row 2 has 1 cells where the header has 2 \(2 such rows\)"),
        (b"a,b\n1,2,3\n1,2,3\n", r"row 1 has 3 cells where the header has 2 \(2 such rows\)"),
        (b"a,b\n1,2\n\n3,4\n", "row 2 has 0 cells"),
        (b'a,b\n1,"2\n', "not a readable CSV"),
        (b"a\n\xff\xfe\n", "must be UTF-8"),
    ],
)
def test_files_that_are_not_such_tables(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_text(content)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["month", "source_note"], "column deaths is missing; the columns are month, source_note, deaths"),
        (["month", "source_note", "deaths", "note"], "column note is not expected"),
        (["month", "source_note", "death"], "column deaths is missing; column death is not expected"),
        (["month", "month", "source_note", "deaths"], "a column name is repeated"),
    ],
)
def test_columns_that_are_wrong(columns: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        layout("nvss-t404-month", columns)


def test_a_dataset_without_layout() -> None:
    with pytest.raises(DataError, match="unknown dataset 'vssr'; did you mean 'vsrr'"):
        layout("vssr", ["month"])


def test_kinds_become_types() -> None:
    kinds: dict[str, Kind] = {
        "year": "whole",
        "deaths": "count",
        "rate": "number",
        "suppressed": "truth",
        "note": "text",
        "flag": "flag",
    }
    text = pd.DataFrame(
        {
            "year": ["2023", "2024"],
            "deaths": ["12", ""],
            "rate": ["", "31.49"],
            "suppressed": ["false", "true"],
            "note": ["", "a"],
            "flag": ["", "suppressed"],
        }
    )
    frame = typed(text, kinds)
    dtypes = {name: str(frame[name].dtype) for name in ("year", "deaths", "rate", "suppressed")}
    assert dtypes == {"year": "int64", "deaths": "Int64", "rate": "float64", "suppressed": "bool"}
    assert frame.isna().sum().to_dict() == {
        "year": 0,
        "deaths": 1,
        "rate": 1,
        "suppressed": 0,
        "note": 1,
        "flag": 0,
    }
    assert frame["deaths"][0] == 12
    assert frame["rate"][1] == 31.49


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("whole", ""),
        ("whole", "1.0"),
        ("count", "1,234"),
        ("count", "1e3"),
        ("count", " 5"),
        ("count", "5.5"),
        ("count", "nan"),
        ("count", "99999999999999999999"),
        ("number", "inf"),
        ("number", "NaN"),
        ("number", "1_0"),
        ("number", "0x10"),
        ("number", "99.5+"),
        ("number", "5\n"),
        ("truth", "True"),
        ("truth", ""),
        ("truth", "1"),
    ],
)
def test_cells_that_are_no_such_thing(kind: Kind, cell: str) -> None:
    good = {"whole": "1", "count": "1", "number": "1", "truth": "true"}[kind]
    text = pd.DataFrame({"x": [good, cell, cell]})
    with pytest.raises(DataError, match=r"column x, row 2: .* cannot be; it must be .* \(2 such cells\)"):
        typed(text, {"x": kind})


@given(st.lists(st.one_of(st.none(), st.integers(-(10**14), 10**14)), min_size=1))
def test_counts_survive_the_way_through_text(values: list[int | None]) -> None:
    text = pd.DataFrame({"n": ["" if value is None else str(value) for value in values]})
    read = typed(text, {"n": "count"})["n"]
    assert [None if pd.isna(value) else int(value) for value in read] == values


@given(st.lists(st.sampled_from(["suppressed", "low_quality", "low", "x.y"]), unique=True))
def test_flags_split_and_are_found(flags: list[str]) -> None:
    cell = ";".join(flags)
    assert split_flags(cell) == flags
    for name in ("suppressed", "low_quality", "low", "x.y", "xzy", "quality"):
        assert has_flag(pd.Series([cell]), name).tolist() == [name in flags]


def test_layouts_use_known_kinds_only() -> None:
    kinds = {kind for layouts in LAYOUTS.values() for each in layouts for kind in each.values()}
    assert kinds == {"text", "flag", "whole", "count", "number", "truth"}
