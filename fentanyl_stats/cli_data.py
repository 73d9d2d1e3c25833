"""The commands that renew and compare the figure tables; `cli` joins them to the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import ReportError

ClaimsFile = Annotated[str, typer.Option("--claims", metavar="FILE", help="Judge the claims of this file (TOML).")]
Json = Annotated[bool, typer.Option("--json", help="Print the report of changes as JSON.")]
Report = Annotated[str, typer.Option("--report", metavar="FILE", help="Write the report of changes there, as JSON.")]


def refresh(
    datasets: Annotated[list[str] | None, typer.Argument(help="Which; by default all with an address.")] = None,
    files: Annotated[
        list[str] | None, typer.Option("--from", metavar="FILE", help="A file that you downloaded; may be repeated.")
    ] = None,
    url: Annotated[str, typer.Option(help="Another address than the catalogue's.")] = "",
    vintage: Annotated[
        str, typer.Option(metavar="DATE", help="The day of the release, where file and publisher are silent.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, but keep nothing.")] = False,
    claims: ClaimsFile = "",
    report: Report = "",
    as_json: Json = False,
) -> None:
    """Add the publisher's newest file as a new vintage, if it is sound; old vintages are never touched.

    Exit codes: 0 done, 1 a dataset was not refreshed, 2 bad usage or bad input, 3 done and a verdict changed.
    """
    from .audit import ledger, moved
    from .cli import _complain
    from .data import recipes
    from .data import refresh as refreshing
    from .errors import DataError
    from .reports import changes

    wanted = list(dict.fromkeys(datasets or refreshing.refreshable()))
    for name in wanted:
        recipes.recipe(name)  # a wrong name stops before anything is done
    if not wanted:
        raise DataError("no dataset has an address (download_url in SOURCES.toml); name one, with --from or --url")
    if len(wanted) > 1 and (files or url or vintage):
        raise DataError("--from, --url and --vintage belong to one dataset; name it")
    if files and url:
        raise DataError("--from and --url are two ways to one file; leave one out")
    book = ledger.read(claims or None)
    for name in wanted:
        refreshing.require(name, files or (), url, vintage)
    _writable(report)
    entries, errors = [], []
    for name in wanted:
        try:
            with _bytes(name) as (progress, told):
                found = refreshing.refresh(
                    name,
                    files=files or (),
                    url=url,
                    vintage=vintage,
                    dry_run=dry_run,
                    judge=lambda: moved.standings(book),
                    progress=progress,
                    told=told,
                )
            entries.append(changes.refreshed(found))
        except (DataError, OSError) as error:
            message = str(error) if str(error).startswith(name) else f"{name}: {error}"
            errors.append({"dataset": name, "message": message})
            _complain(f"fentanyl-stats: {message}")
    _show(changes.document(entries, errors), report, as_json)


def diff(
    dataset: Annotated[str, typer.Argument(help="Which; by default all held in two vintages or more.")] = "",
    old: Annotated[str, typer.Option("--from", metavar="VINTAGE", help="By default all held before.")] = "",
    new: Annotated[str, typer.Option("--to", metavar="VINTAGE", help="By default the newest.")] = "",
    claims: ClaimsFile = "",
    report: Report = "",
    as_json: Json = False,
) -> None:
    """Show the numbers that differ between vintages, by how much, and every verdict that differs with them.

    Exit codes: 0 done, 2 bad usage or bad input, 3 done and a verdict changed.
    """
    from .errors import DataError
    from .reports import changes

    if not dataset and (old or new):
        raise DataError("--from and --to belong to one dataset; name it")
    _writable(report)
    names = [dataset] if dataset else changes.comparable()
    _show(changes.document([changes.compared(name, old, new, claims or None) for name in names]), report, as_json)


def _writable(report: str) -> None:
    """Fail before the work, not after it."""
    file = Path(report)
    if report and file.is_dir():
        raise ReportError(f"{file} is a folder; name a file with --report")
    if report:
        file.parent.mkdir(parents=True, exist_ok=True)
    if report and not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ReportError(f"{file} cannot be written; name another file with --report")


def _show(made: dict[str, Any], report: str, as_json: bool) -> None:
    from .cli import Exit, _print_json
    from .reports import changes, results, site

    if report:
        site.write(Path(report), results.dumps(made))
    if as_json:
        _print_json(made)
    else:
        for line in changes.lines(made):
            typer.echo(line)
    if made["errors"]:
        raise typer.Exit(Exit.FAILED)
    if made["verdict_changed"]:
        raise typer.Exit(Exit.MOVED)


@contextmanager
def _bytes(name: str) -> Iterator[tuple[Callable[[int, int | None], None], Callable[[str], None]]]:
    """A bar of bytes on a terminal; elsewhere a line on stderr at each tenth of the way, or each five megabytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    terminal = sys.stderr.isatty()
    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not terminal) as bar:
        task = bar.add_task(name, total=None)
        last = 0

        def progress(done: int, total: int | None) -> None:
            nonlocal last
            bar.update(task, completed=done, total=total)
            step = done * 10 // total if total else done // 5_000_000
            if not terminal and step != last:
                last = step
                typer.echo(f"{name}: {done / 1e6:.1f}{f' of {total / 1e6:.1f}' if total else ''} MB", err=True)

        def told(line: str) -> None:
            bar.console.print(f"{name}: {line}", markup=False, highlight=False, soft_wrap=True)

        yield progress, told
