"""A Frictionless Data Package (v1) that describes the processed tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .catalog import Table
from .columns import LAYOUTS, Kind
from .contracts import CONTRACTS, Contract

_TYPES: dict[Kind, str] = {
    "text": "string",
    "flag": "string",
    "whole": "integer",
    "count": "integer",
    "number": "number",
    "truth": "boolean",
}


def describe(built: Iterable[tuple[Table, Path]], folder: Path) -> dict[str, Any]:
    """The descriptor of processed tables that lie in `folder`: plain data, the same for the same files.

    Fields carry the rules of the table's contract that the standard can say: key, blanks, vocabulary, form, range. Relations
    between rows and the sources cited by id stay with `schemas.check`. No key tells the size of a file: the frictionless
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
    import pyarrow.parquet as pq

    names = pq.read_schema(file).names
    layout = next(each for each in LAYOUTS[table.dataset] if set(each) == set(names))
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
            "fields": [_field(name, layout[name], contract) for name in names],
            "primaryKey": list(contract.key),
            "missingValues": [""],
        },
        "sources": [{"title": table.citation} | ({"path": table.url} if table.url else {})],
        "licenses": [_licence(table.licence)],
        "raw": {"path": table.path, "hash": f"sha256:{table.sha256}"},
    }


def _field(name: str, kind: Kind, contract: Contract) -> dict[str, Any]:
    given = name in (*contract.key, *contract.given)
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
    return {"name": name, "type": _TYPES[kind]} | ({"constraints": rules} if rules else {})


def _licence(words: str) -> dict[str, str]:
    """The standard wants a name from opendefinition.org; `other-pd` and `other-open` are its generic ones."""
    return {"name": "other-pd" if "public domain" in words else "other-open", "title": words}
