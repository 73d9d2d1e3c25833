"""Check a figure table against its contract with pandera, and describe the processed tables as a data package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
import pyarrow.parquet as pq
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from ..errors import DataError
from .columns import KINDS, NULLABLE, Kind, layout
from .contracts import CONTRACTS, FORMS, Contract, met


@lru_cache(maxsize=32)
def schema(dataset: str, columns: tuple[str, ...]) -> pa.DataFrameSchema:
    """The pandera schema of a dataset that has these columns.

    Raises
    ------
    DataError
        If the dataset is unknown, or its columns are others.

    Examples
    --------
    >>> sorted(schema("nvss-t404-month", ("month", "deaths", "source_note")).columns)
    ['deaths', 'month', 'source_note']
    """
    kinds = layout(dataset, list(columns))
    contract = CONTRACTS[dataset]
    never_blank = contract.never_blank
    return pa.DataFrameSchema(
        {
            name: pa.Column(
                KINDS[kind].dtype,
                nullable=name not in never_blank and kind in NULLABLE,
                checks=_checks(contract, name),
            )
            for name, kind in kinds.items()
        },
        checks=[pa.Check(r.holds, name=r.column, error=r.right) for r in contract.relations if r.column in kinds],
        strict=True,
        unique=list(contract.key),
        report_duplicates="exclude_first",
        name=dataset,
    )


if TYPE_CHECKING:
    from .catalog import Table


def check(dataset: str, frame: pd.DataFrame) -> None:
    """Check a typed table; its index must count the rows of the file from 0.

    Raises
    ------
    DataError
        Naming the column, the 1-based row and the cell of the first breach, what would be right, how many
        rows break that rule, and how many other rules are broken.

    Examples
    --------
    >>> check("nvss-t404-month", pd.DataFrame({"month": ["2024-13"], "deaths": pd.array([5], "Int64"),
    ...     "source_note": ["wonder-2026-09"]}))
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.DataError: column month, row 1 ('2024-13'): must have the form YYYY-MM
    """
    try:
        schema(dataset, tuple(frame.columns)).validate(frame, lazy=True)
    except SchemaErrors as errors:
        raise DataError(_message(frame, errors.schema_errors)) from None
    if frame.empty:
        raise DataError("the table has no rows; it needs at least one")


def _checks(contract: Contract, name: str) -> list[pa.Check]:
    checks = []
    if name in contract.words:
        words = list(contract.words[name])
        shown = ", ".join(map(str, words[:12])) + (", …" if len(words) > 12 else "")
        checks.append(pa.Check.isin(words, error=f"must be one of {shown}"))
    if name in contract.patterns:
        pattern = contract.patterns[name]
        checks.append(
            pa.Check(lambda texts: met(texts.str.fullmatch(pattern)), error=FORMS.get(pattern, f"must match {pattern}"))
        )
    if name in contract.ranges:
        low, high = contract.ranges[name]
        if low is not None:
            checks.append(pa.Check.ge(low, error=f"must be at least {low:g}"))
        if high is not None:
            checks.append(pa.Check.le(high, error=f"must be at most {high:g}"))
    return checks


def _message(frame: pd.DataFrame, errors: list[SchemaError]) -> str:
    # A rule that could not be tried fails on account of another breach, which comes before it.
    tried = [error for error in errors if error.reason_code is not SchemaErrorReason.CHECK_ERROR] or errors
    first = min(tried, key=lambda error: _rank(_rows(error), len(frame)))
    column, right = _rule(first)
    rows = _rows(first)
    if not rows:
        return f"column {column}: {right}"
    shown = ", ".join(_shown(frame.at[rows[0], name]) for name in column.split(" + "))
    text = f"column {column}, row {rows[0] + 1} ({shown}): {right}"
    text += f"; so in {len(rows)} rows" if len(rows) > 1 else ""
    others = len(tried) - 1
    return text + (f"; {others} other rule{'s are' if others > 1 else ' is'} broken too" if others else "")


def _shown(cell: Any) -> str:
    if pd.isna(cell):
        return "blank"
    return repr(cell[:60]) if isinstance(cell, str) else str(cell).removesuffix(".0")


def _rank(rows: list[int], length: int) -> tuple[bool, int]:
    """The earliest row first; a rule that every row breaks (a sum of the table) points at none, so it comes last."""
    return len(rows) == length > 1, rows[0] if rows else -1


def _rows(error: SchemaError) -> list[int]:
    cases: Any = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or "index" not in cases:
        return []
    return sorted(int(row) for row in cases["index"].dropna().unique())


def _rule(error: SchemaError) -> tuple[str, str]:
    """The column of a breach and what would be right."""
    made: Any = error.schema
    if error.reason_code is SchemaErrorReason.DUPLICATES:
        return " + ".join(made.unique), "this key stands in an earlier row too; keys must be unique"
    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        return str(made.name), "must not be blank"
    if error.reason_code is SchemaErrorReason.WRONG_DATATYPE:
        return str(made.name), f"must be of type {made.dtype}"
    check: Any = error.check
    column = made.name if isinstance(made, pa.Column) else check.name
    return str(column), str(check.error or error)


def describe(built: Iterable[tuple[Table, Path]], folder: Path) -> dict[str, Any]:
    """The descriptor of processed tables that lie in `folder`: plain data, the same for the same files.

    Fields carry the rules of the table's contract that the standard can say: key, blanks, vocabulary, form, range. Relations
    between rows and the sources cited by id stay with `check`. No key tells the size of a file: the frictionless
    package reads Parquet through a library that does not count bytes, and would call every size wrong.

    See Also
    --------
    https://specs.frictionlessdata.io/data-package/ : the standard, version 1.
    """
    return {
        "profile": "data-package",
        "name": "fentanyl-stats",
        "title": "Figure tables of fentanyl_stats, processed",
        "description": "Public tables on overdose deaths, drug seizures and DEA offices, typed; suppressed and missing cells "
        "are blank, never zero, and flagged where the publisher says why.",
        "resources": [_resource(table, file, folder) for table, file in built],
    }


def _resource(table: Table, file: Path, folder: Path) -> dict[str, Any]:
    names = pq.read_schema(file).names
    kinds = layout(table.dataset, names)
    contract = CONTRACTS[table.dataset]
    return {
        "name": f"{table.dataset}-{table.vintage}".lower(),
        "path": file.relative_to(folder).as_posix(),
        "title": f"{table.title}, vintage {table.vintage}" if table.shared else table.title,
        "description": " ".join((f"{table.coverage}. {table.unit}. {table.window}.", *table.known_defects)),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "hash": f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",
        "rows": table.rows,
        "schema": {
            "fields": [_field(name, kinds[name], contract) for name in names],
            **({} if contract.blank else {"primaryKey": list(contract.key)}),  # the standard wants a key without blanks
            "missingValues": [""],
        },
        "sources": [{"title": table.citation} | ({"path": table.url} if table.url else {})],
        # the standard wants a name from opendefinition.org; these two are its generic ones
        "licenses": [
            {"name": "other-pd" if "public domain" in table.licence else "other-open", "title": table.licence}
        ],
        "raw": {"path": table.path, "hash": f"sha256:{table.sha256}"},
    }


def _field(name: str, kind: Kind, contract: Contract) -> dict[str, Any]:
    given = name in contract.never_blank
    low, high = contract.ranges.get(name, (None, None))
    if kind == "number" and not given:
        low = high = None  # a blank reaches the frictionless package as NaN, which lies in no range
    rules: dict[str, Any] = {
        "required": given or None,
        "enum": [*contract.words[name]] if name in contract.words else None,
        "pattern": contract.patterns.get(name),
        "minimum": low,
        "maximum": high,
    }
    rules = {rule: value for rule, value in rules.items() if value is not None}
    return {"name": name, "type": KINDS[kind].standard} | ({"constraints": rules} if rules else {})
