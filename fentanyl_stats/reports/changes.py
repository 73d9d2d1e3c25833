"""What a refresh or a comparison of vintages changed: numbers and verdicts, as a document for programs and as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..audit import ledger
from ..audit.changes import Standings, standings, verdict_changes
from ..data import catalog, paths, store
from ..data.catalog import Table
from ..data.contracts import CONTRACTS
from ..data.refresh import Refreshed, keep, rules
from ..data.refresh.rules import RECIPES
from ..errors import DataError
from ..model import __version__, number

SCHEMA = 1
_SHOWN = 20  # lines of a table for people; the document has all


def document(entries: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """The report of changes: `datasets` as `refreshed` or `compared` give them, `errors` as dataset and message.

    `verdict_changed` is what a scheduled job asks: whether any verdict that stood is another now, or gone.
    """
    changed = any(verdict["changed"] for entry in entries for verdict in entry["verdicts"])
    head = {"schema": SCHEMA, "version": __version__, "verdict_changed": changed}
    return {**head, "datasets": list(entries), "errors": list(errors)}


def refreshed(found: Refreshed[Standings]) -> dict[str, Any]:
    """The entry of a refresh: status, vintage, rows, hash, origin, cells and verdicts."""
    shifts = verdict_changes(found.before, found.after) if found.before is not None and found.after is not None else ()
    head = {"dataset": found.dataset, "status": found.status, "from": list(found.previous), "to": found.vintage}
    file = {name: getattr(found, name) for name in ("path", "rows", "sha256", "origin")}
    left_out = list(found.left_out)
    return {**head, **file, "left_out": left_out, **_cells(found.cells), "verdicts": [s.to_dict() for s in shifts]}


def comparable() -> list[str]:
    """The datasets that `compared` can set side by side: held in two vintages or more of one layout."""
    return rules.comparable(catalog.entries())


def compared(dataset: str, old: str = "", new: str = "", claims: str | None = None) -> dict[str, Any]:
    """The entry of two vintages that are held.

    Parameters
    ----------
    dataset
        One with at least two vintages.
    old
        The earlier vintage; by default all that was held before `new`, each series in its newest vintage.
    new
        The later vintage; by default the newest.
    claims
        A claims file of your own.

    Raises
    ------
    DataError
        If dataset or vintage is not held, or `old` is not older than `new`.

    Examples
    --------
    >>> made = compared("vsrr", "2026-06-27", "2026-09-16")
    >>> made["counts"]["revised"] > 0, made["to"]
    (True, '2026-09-16')
    """
    held = catalog.frames(dataset)
    then = catalog.find(dataset, new or None)
    # a release of the archive can hold parts of series, so it is compared where it is named
    stored = [table for table in held if not table.released or table.vintage == old]
    earlier = [table for table in stored if _order(table) < _order(then)]
    if old:
        first = catalog.find(dataset, old)
        if _order(first) >= _order(then):
            raise DataError(f"{dataset} {first.vintage} is not older than {then.vintage}; exchange --from and --to")
        earlier = [table for table in earlier if _order(table) <= _order(first)]
    if not earlier:
        raise DataError(f"{dataset} is held in no vintage before {then.vintage}; there is nothing to compare it with")
    if len({tuple(sorted(store.load(dataset, table.vintage).columns)) for table in (earlier[-1], then)}) > 1:
        both = f"{earlier[-1].vintage} and {then.vintage}"
        raise DataError(f"{dataset} {both} have other columns; they cannot be compared")
    series = RECIPES[dataset].series if dataset in RECIPES else ()
    after = rules.held(dataset, [then])
    before = rules.held(dataset, earlier, () if old else series)
    before = rules.covered(before, after, series)  # a file of few series removed no others
    if old:
        after = rules.covered(after, before, series)
    book = ledger.read(claims)
    states = []
    for last in (earlier[-1], then):
        later = [t for t in held if _order(t) > _order(last) or (t.released and _order(t) > _order(earlier[-1]))]
        with keep.copy(paths.root(), without=later) as folder, paths.using(folder):
            states.append(standings(book))
    head = {"dataset": dataset, "status": "compared", "from": sorted(before["vintage"].unique()), "to": then.vintage}
    verdicts = [shift.to_dict() for shift in verdict_changes(*states)]
    return {**head, **_cells(rules.cells(dataset, before, after)), "verdicts": verdicts}


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """The document for people: what came, the largest changes, the verdicts that moved.

    >>> list(lines(document([])))
    []
    """
    for entry in made["datasets"]:
        yield _headline(entry)
        yield from _table(entry)
        yield from _verdicts(entry["verdicts"])


def _order(table: Table) -> tuple[object, str]:
    return table.known, table.vintage


def _cells(cells: pd.DataFrame | None) -> dict[str, Any]:
    counts = dict.fromkeys(("revised", "added", "removed", "appeared", "withdrawn"), 0)
    if cells is None:
        return {"counts": counts, "cells": []}
    plain = cells.astype(object).where(cells.notna(), None)
    rows = [{name: _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]
    return {"counts": {**counts, **Counter(cells["kind"])}, "cells": rows}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _headline(entry: Mapping[str, Any]) -> str:
    name, new, old = entry["dataset"], entry["to"], " and ".join(entry["from"])
    if entry["status"] == "nothing new":
        return f"{name}: nothing new; the file equals vintage {new}"
    counts = ", ".join(f"{n:,} {kind}" for kind, n in entry["counts"].items() if n) or "none"
    done = {"added": " added", "would add": " would be added", "compared": ""}[entry["status"]]
    return f"{name}: vintage {new}{done}{f', against {old}' if old else ''}; numbers that differ: {counts}"


def _table(entry: Mapping[str, Any]) -> Iterator[str]:
    """The largest revisions, those of the whole country first."""
    key = list(CONTRACTS[entry["dataset"]].key)
    changed = [cell for cell in entry["cells"] if cell["change"] is not None]
    changed.sort(key=lambda cell: (cell.get("jurisdiction") != "US", -abs(cell["change"])))
    head = (*key, "number", "old", "new", "change", "%")
    rows = [
        (*(str(cell[name]) for name in key), cell["column"], *(_said(cell[name]) for name in ("old", "new")),
         _said(cell["change"], "+"), "" if cell["percent"] is None else f"{cell['percent']:+.1f}")
        for cell in changed[:_SHOWN]
    ]  # fmt: skip
    if rows:
        # words to the left, numbers to the right
        wide = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        line = "  ".join(f"{{:{'<' if i <= len(key) else '>'}{width}}}" for i, width in enumerate(wide))
        yield from (f"  {line.format(*row)}".rstrip() for row in (head, *rows))
    if len(changed) > _SHOWN:
        yield f"  … and {len(changed) - _SHOWN:,} smaller or more local ones; --json lists all"


def _said(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{sign if value > 0 else ''}{number(value)}"


def _verdicts(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    changed = [verdict for verdict in verdicts if verdict["changed"]]
    yield f"  {'verdict that differs' if len(changed) == 1 else 'verdicts that differ'}: {len(changed) or 'none'}"
    for verdict in changed:
        where = f"{verdict['claim']}{', ' + verdict['cell'] if verdict['cell'] else ', the verdict of the claim'}"
        yield f"    {where}: {_stood(verdict['before'])} → {_stood(verdict['after'])}"
    if fresh := len(verdicts) - len(changed):
        yield f"    with a first figure: {fresh}; --json lists them"


def _stood(standing: Mapping[str, Any] | None) -> str:
    if standing is None:
        return "no figure"
    direction = f" ({standing['direction']})" if standing["direction"] else ""
    flag = ", WRONG QUANTITY" if standing["flags"] else ""
    return f"{standing['verdict']}{direction}{flag} [{standing['figure']}, {standing['window']}]"
