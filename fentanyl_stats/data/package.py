"""A Frictionless Data Package (v1) that describes the processed tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .catalog import Table
from .columns import LAYOUTS, Kind

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

    See Also
    --------
    https://specs.frictionlessdata.io/data-package/ : the standard, version 1.
    """
    return {
        "profile": "data-package",
        "name": "fentanyl-stats",
        "title": "Figure tables of fentanyl_stats, processed",
        "resources": [_resource(table, file, folder) for table, file in built],
    }


def _resource(table: Table, file: Path, folder: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    content = file.read_bytes()
    names = pq.read_schema(file).names
    layout = next(each for each in LAYOUTS[table.dataset] if set(each) == set(names))
    return {
        "name": f"{table.dataset}-{table.vintage}".lower(),
        "path": file.relative_to(folder).as_posix(),
        "title": f"{table.title}, vintage {table.vintage}" if table.shared else table.title,
        "description": " ".join((f"{table.coverage}. {table.unit}. {table.window}.", *table.known_defects)),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": table.rows,
        "schema": {"fields": [{"name": name, "type": _TYPES[layout[name]]} for name in names]},
        "sources": [{"title": table.citation} | ({"path": table.url} if table.url else {})],
        "licenses": [_licence(table.licence)],
        "raw": {"path": table.path, "hash": f"sha256:{table.sha256}"},
    }


def _licence(words: str) -> dict[str, str]:
    """The standard wants a name from opendefinition.org; `other-pd` and `other-open` are its generic ones."""
    return {"name": "other-pd" if "public domain" in words else "other-open", "title": words}
