"""The columns of every figure table and what each holds; text becomes typed columns here."""

from __future__ import annotations

import csv
import io
import re
from typing import Literal

import pandas as pd

from ..errors import DataError, unknown

Kind = Literal["text", "flag", "whole", "count", "number", "truth"]
Layout = dict[str, Kind]


def _layout(**kinds: str) -> Layout:
    """Columns in the order of the file are not promised; kinds are grouped for reading."""
    return {column: kind for kind, names in kinds.items() for column in names.split()}  # type: ignore[misc]


#: Column kinds by dataset, which may have several layouts. `text` and `flag` are strings (a blank flag is "",
#: other blanks are missing), `whole` is int64, `count` nullable Int64, `number` float64, `truth` bool.
LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "vsrr": (
        _layout(
            text="jurisdiction month_ending drug",
            count="reported predicted",
            number="percent_complete percent_pending",
            flag="flag",
        ),
    ),
    "vsrr-specified": (_layout(text="jurisdiction month_ending", number="percent_specified"),),
    "wonder-overdose": (
        _layout(
            text="jurisdiction status",
            whole="year",
            count="deaths population",
            number="crude_rate crude_low crude_high crude_se "
            "age_adjusted_rate age_adjusted_low age_adjusted_high age_adjusted_se",
            flag="flag",
        ),
    ),
    "nvss-by-drug": (_layout(whole="year", text="drug sex", count="deaths", number="age_adjusted_rate", flag="flag"),),
    "nvss-t404-month": (_layout(text="month source_note", count="deaths"),),
    "nvss-t404-age": (_layout(whole="year", text="age_group", count="deaths"),),
    "county": (_layout(text="fips state", count="deaths deaths_prior population", truth="suppressed", flag="flag"),),
    "population-us-age": (_layout(whole="year", text="age_group sex series", count="population"),),
    "population-state": (_layout(text="jurisdiction", whole="year", count="population", flag="flag"),),
    "standard-population-2000": (
        _layout(text="age_group", count="population population_thousands", number="weight"),
        _layout(text="age_group", count="population weight_per_million"),
    ),
    "cbp-seizures": (
        _layout(
            whole="fiscal_year",
            text="month component region land_filter area_of_responsibility source_file_vintage status",
            count="events",
            number="pounds",
        ),
    ),
    "nflis": (_layout(whole="year half", text="state substance", count="reports"),),
    "dea-offices": (
        _layout(
            text="as_of precision scope source_id note",
            count="offices countries staff budget_usd",
            flag="flag",
        ),
    ),
    "published-figures": (
        _layout(
            text="id topic quantity qualifier unit period_start period_end place publisher title "
            "date_published url level quote note",
            number="value",
            flag="flag",
        ),
    ),
    "events": (_layout(text="date precision id kind actor event source_id confidence"),),
}

_DTYPES: dict[Kind, tuple[str, ...]] = {
    "text": ("str", "object"),  # as pandas 3 and pandas 2 have it
    "flag": ("str", "object"),
    "whole": ("int64",),
    "count": ("Int64",),
    "number": ("float64",),
    "truth": ("bool",),
}
_PATTERNS: dict[str, tuple[str, str]] = {
    "whole": (r"-?\d{1,15}", "a whole number"),
    "count": (r"-?\d{1,15}", "a whole number, or blank where missing"),
    "number": (r"-?\d+(?:\.\d+)?", "a plain decimal number, or blank where missing"),
    "truth": ("true|false", "true or false"),
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
    """A CSV as text, nothing guessed: leading zeros, `5-14` and blanks stay as printed.

    Raises
    ------
    DataError
        If it is not UTF-8, has no header, or a row has more or fewer cells than the header.
    """
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
    return all(str(frame[column].dtype) in _DTYPES[kind] for column, kind in kinds.items())


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
    pattern, right = _PATTERNS[kind]
    wrong = ~texts.str.fullmatch(pattern).astype(bool) & ~(blank & (kind in ("count", "number")))
    if wrong.any():
        row = texts.index[int(wrong.to_numpy().argmax())]
        raise DataError(
            f"column {texts.name}, row {row + 1}: {texts[row][:40]!r} cannot be; "
            f"it must be {right} ({int(wrong.sum())} such cells)"
        )
    if kind == "truth":
        return texts == "true"
    numbers = pd.to_numeric(texts.mask(blank))
    return numbers.astype({"whole": "int64", "count": "Int64", "number": "float64"}[kind])
