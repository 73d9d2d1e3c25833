"""The columns of every figure table and what each holds; text becomes typed columns here."""

from __future__ import annotations

import csv
import io
import lzma
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from ..errors import DataError, unknown

Kind = Literal["text", "flag", "whole", "count", "number", "truth"]
Layout = dict[str, Kind]


class _Kind(NamedTuple):
    """How a kind is held, what it is called in a data package, and how its cells must be written."""

    dtype: str
    standard: str
    pattern: str = ".*"
    right: str = ""


#: `text` and `flag` are strings (a blank flag is "", other blanks are missing); of numbers only `count` and `number` may be
#: blank.
KINDS: dict[Kind, _Kind] = {
    "text": _Kind("str", "string"),
    "flag": _Kind("str", "string"),
    "whole": _Kind("int64", "integer", r"-?\d{1,15}", "a whole number"),
    "count": _Kind("Int64", "integer", r"(?:-?\d{1,15})?", "a whole number, or blank where missing"),
    "number": _Kind("float64", "number", r"(?:-?\d+(?:\.\d+)?)?", "a plain decimal number, or blank where missing"),
    "truth": _Kind("bool", "boolean", "true|false", "true or false"),
}
_XZ, _MOST = b"\xfd7zXZ\x00", 100 * 10**6
NULLABLE: tuple[Kind, ...] = ("text", "count", "number")

TABLES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("tables.toml").read_text("utf-8"))

#: Column kinds by dataset, which may have several layouts; the order in the file is not promised.
LAYOUTS: dict[str, tuple[Layout, ...]] = {
    name: tuple({column: kind for kind, words in each.items() for column in words.split()} for each in table["columns"])
    for name, table in TABLES["tables"].items()
}


def layout(dataset: str, columns: list[str]) -> Layout:
    """The layout of a dataset that has exactly these columns.

    Raises
    ------
    DataError
        If the dataset has no layout, or a column is missing or not expected (both are named).
    """
    if dataset not in LAYOUTS:
        raise DataError(unknown("dataset", dataset, LAYOUTS) + "; only these have a layout")
    layouts = LAYOUTS[dataset]
    for each in layouts:
        if sorted(each) == sorted(columns):
            return each
    nearest = min(layouts, key=lambda each: len(set(each) ^ set(columns)))
    missing = [name for name in nearest if name not in columns]
    extra = [name for name in columns if name not in nearest]
    parts = [f"column {', '.join(missing)} is missing"] if missing else []
    parts += [f"column {', '.join(extra)} is not expected"] if extra else []
    parts = parts or ["a column name is repeated"]
    raise DataError(f"{'; '.join(parts)}; the columns are {', '.join(nearest)}")


def read_text(content: bytes) -> pd.DataFrame:
    """A CSV as text, nothing guessed: leading zeros, `5-14` and blanks stay as printed. It may be compressed as `.xz`.

    Raises
    ------
    DataError
        If it is not UTF-8, has no header, a row has more or fewer cells than the header, or it cannot be decompressed to
        at most 100 MB.
    """
    if content.startswith(_XZ):
        content = _decompressed(content)
    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    except (ValueError, csv.Error) as error:  # a UnicodeDecodeError is a ValueError, an empty file another
        raise DataError(f"not a readable CSV ({error}); it must be UTF-8 with one header") from None
    # pandas would fill short rows with blanks and cut long ones
    wrong = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if wrong:
        found, right = len(rows[wrong[0] - 1]), len(header)
        raise DataError(f"row {wrong[0]} has {found} cells where the header has {right} ({len(wrong)} such rows)")
    return pd.DataFrame(rows, columns=header, dtype=str)


def _decompressed(content: bytes) -> bytes:
    reader = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    try:
        plain = reader.decompress(content, _MOST)
    except lzma.LZMAError as error:
        raise DataError(f"not a readable .xz file ({error})") from None
    if not reader.eof:
        raise DataError(f"the .xz file is cut short, or holds more than {_MOST // 10**6} MB")
    return plain


def typed(frame: pd.DataFrame, kinds: Layout) -> pd.DataFrame:
    """Text columns as typed columns, in the order of the file.

    Raises
    ------
    DataError
        If a cell cannot be read as its column's kind; names column, 1-based row, text and how many there are.

    Examples
    --------
    >>> text = pd.DataFrame({"fips": ["01001"], "deaths": [""], "flag": [""]})
    >>> typed(text, {"fips": "text", "deaths": "count", "flag": "flag"}).dtypes.astype(str).tolist()[1]
    'Int64'
    """
    return pd.DataFrame({column: _cells(frame[column], kinds[column]) for column in frame})


def is_typed(frame: pd.DataFrame, dataset: str) -> bool:
    """Whether a frame has the columns and types of a dataset.

    >>> is_typed(pd.DataFrame({"month": ["2024-01"]}), "nvss-t404-month")
    False
    """
    try:
        kinds = layout(dataset, list(frame.columns))
    except DataError:
        return False
    # pandas 2 has texts as objects
    return all(str(frame[c].dtype).replace("object", "str") == KINDS[kind].dtype for c, kind in kinds.items())


def split_flags(flag: str) -> list[str]:
    """The single flags of one cell.

    >>> split_flags("suppressed;low_quality"), split_flags("")
    (['suppressed', 'low_quality'], [])
    """
    return flag.split(";") if flag else []


def has_flag(flags: pd.Series, name: str) -> pd.Series:
    """Whether each cell holds the single flag `name` (bool).

    >>> has_flag(pd.Series(["suppressed;low_quality", "low_quality_x", ""]), "low_quality").tolist()
    [True, False, False]
    """
    found: pd.Series = flags.str.contains(rf"(?:^|;){re.escape(name)}(?:;|$)", regex=True)
    return found.astype(bool)


def _cells(texts: pd.Series, kind: Kind) -> pd.Series:
    if kind == "flag":
        return texts
    blank = texts == ""
    if kind == "text":
        return texts.mask(blank)
    held = KINDS[kind]
    wrong = ~texts.str.fullmatch(held.pattern).astype(bool)
    if wrong.any():
        row = texts.index[int(wrong.to_numpy().argmax())]
        raise DataError(
            f"column {texts.name}, row {row + 1}: {texts[row][:40]!r} cannot be; "
            f"it must be {held.right} ({int(wrong.sum())} such cells)"
        )
    return texts == "true" if kind == "truth" else pd.to_numeric(texts.mask(blank)).astype(held.dtype)
