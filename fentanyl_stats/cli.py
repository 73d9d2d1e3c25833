"""The command line: a thin face over the package."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import DataError, FentanylStatsError, ReportError

UsageError: Any = typer.BadParameter.__mro__[1]  # typer exports this one alone; its parent is any misuse


STOPPED = 130
_MOST = 12  # lines of matches that a person reads
OWN = "own"
"""Of a process: that the command line started it, and nobody else uses it."""


class Exit(IntEnum):
    """Exit codes: done, a run failed, bad usage or bad input, done and a verdict changed."""

    DONE = 0
    FAILED = 1
    BAD = 2
    MOVED = 3


app = typer.Typer(
    name="fentanyl-stats",
    help="Audit printed numbers about fentanyl against public overdose and seizure data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="List, verify, build, refresh and compare the figure tables.", no_args_is_help=True)
app.add_typer(data_app, name="data")

AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Use only what was known on this day (YYYY-MM-DD).")]
ClaimsFile = Annotated[str, typer.Option("--claims", metavar="FILE", help="A claims file of your own (TOML).")]
Judged = Annotated[str, typer.Option("--claims", metavar="FILE", help="Judge the claims of this file (TOML).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ChangesJson = Annotated[bool, typer.Option("--json", help="Print the report of changes as JSON.")]
ChangesFile = Annotated[
    str, typer.Option("--report", metavar="FILE", help="Write the report of changes there, as JSON.")
]
_OF_NOTEBOOK = "A notebook parameter; WV,OH makes a page of each."
Parameter = Annotated[list[str], typer.Option("-p", "--parameter", metavar="NAME VALUE", help=_OF_NOTEBOOK)]
Delta = Annotated[float, typer.Option("--delta", help="How far “nearly” and “about” reach, as a share of the number.")]


@app.command()
def report(
    context: typer.Context,
    only: Annotated[str, typer.Option(metavar="THEME|CLAIM", help="One page: a theme or a claim id.")] = "",
    each: Annotated[str, typer.Option(metavar="claim|jurisdiction", help="One page for each.")] = "",
    parameter: Parameter = [],  # noqa: B006
    as_of: AsOf = "",
    claims: ClaimsFile = "",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")] = Path("reports"),
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at once; one a processor by default.")] = None,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="A Dask cluster to run on (tcp://…).")] = "",
    timeout: Annotated[int, typer.Option(min=1, metavar="SECONDS", help="How long one cell may take.")] = 600,
    force: Annotated[bool, typer.Option("--force", help="Make every page, also where nothing changed.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the pages too; a whole run also gives audit.pdf.")] = False,
) -> None:
    """Run the notebooks and write the report: index.html, claims/, themes/, results.json."""
    from .reports import batch
    from .reports import report as reports
    from .reports.kernel import server

    if context.obj == OWN:
        server.split()
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # a second to import, and no use here
    given = {name: value for name, _, value in (text.partition("=") for text in parameter)}
    if "," not in given.get("as_of", ""):  # several days make pages of their own; one is the whole run's
        as_of = given.pop("as_of", as_of)
    claims = given.pop("claims_file", claims)
    claims_file = str(Path(claims).resolve()) if claims else ""
    ledger = reports.read(claims_file)
    jobs = reports.plan(ledger, only or None, each or None, given, as_of, claims_file, timeout)
    _writable(out, "folder", "--out")
    if pdf:
        from .reports import pdf as printer

        printer.browser()  # before any work, so that a missing program costs nothing
    cluster: AbstractContextManager[Executor | None] = batch.executor(scheduler) if scheduler else nullcontext()
    with cluster as executor, _progress(len(jobs)) as advance:
        made = reports.make(out.resolve(), jobs, ledger, as_of, executor, workers, advance, force)
    for outcome in made.failed:
        _complain(outcome.error)
    if pdf:
        wanted, whole = printer.plan(only, each, [o.job.page for o in made.outcomes if o.ok])
        with _progress(len(wanted) + whole) as advance:
            printed = printer.pages(out.resolve(), wanted, workers, advance)
            printed += [printer.audit(out.resolve())] if whole else []
        typer.echo(f"{len(printed)} PDF written" + (f"; the whole is {printed[-1]}" if whole else ""))
    current = f" ({len(jobs) - made.made} were current)" if made.made < len(jobs) else ""
    typer.echo(f"{len(jobs) - len(made.failed)} of {len(jobs)} pages written{current}; open {made.index}")
    if made.failed:
        raise typer.Exit(Exit.FAILED)


@app.command()
def claims(file: ClaimsFile = "", as_json: Json = False) -> None:
    """List the claims of the article, or of a claims file."""
    from .audit import ledger

    found = ledger.read(file or None).claims.values()
    keys = ("id", "quote", "kind", "as_of", "headline", "sources")
    rows = [{**{k: getattr(c, k) for k in keys}, "quantity": c.quantity and c.quantity.model_dump()} for c in found]
    _show(as_json, rows, [f"{claim.id:26} {claim.quote}" for claim in found])


@app.command()
def assess(claim: str, as_of: AsOf = "", delta: Delta = 0.10, claims: ClaimsFile = "", as_json: Json = False) -> None:
    """Judge one claim: its natural reading, the verdict, the flags."""
    from .audit import sentences
    from .audit.assess import assess as judge

    found = judge(claim, as_of or None, delta, claims or None)
    counts = f"  {len(found.readings)} readings, {len(found.holes)} cells not published; --json prints all"
    _show(as_json, found.to_dict(), [str(found), f"  change: {sentences.takes(found)}", counts])


@app.command()
def read(
    file: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    date: Annotated[
        str, typer.Option(help="Day of the text (YYYY-MM-DD): what “last year” means, and what was known.")
    ] = "",
    toml: Annotated[bool, typer.Option("--toml", help="Write a claims file to edit and run.")] = False,
    as_json: Json = False,
) -> None:
    """List the numbers of a text as claims that could be checked: read article.txt --date 2024-09-17 --toml > mine.toml."""
    from .audit import reading
    from .data.catalog import as_date

    found = reading.read(_text(file), date or None)
    if toml:
        typer.echo(reading.to_toml(found, as_date(date) if date else None), nl=False)
        return
    names = [name for name in reading.Candidate.__slots__ if name != "day"]
    rows = [{name: getattr(candidate, name) for name in names} for candidate in found]
    lines = [f"{n}. {candidate}" for n, candidate in enumerate(found, 1)]
    _show(as_json, rows, lines or ["no number that could be checked was found"])


def _text(file: str) -> str:
    """The text of a file, or of standard input."""

    try:
        content = sys.stdin.buffer.read(_LONGEST + 1) if file == "-" else _bytes(Path(file))
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > _LONGEST:
        raise DataError(f"{file}: larger than {_LONGEST / 1e6:g} MB; is it a text?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None


_LONGEST = 4_000_000  # bytes


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(_LONGEST + 1)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The claims file to write; an existing file is left alone.")],
) -> None:
    """Write a commented claims file, to edit and to run with report --claims FILE."""
    from .data import paths

    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write((paths.notebooks() / "example-article.toml").read_text("utf-8"))
    except FileExistsError:
        raise DataError(f"{file}: exists already; name another file") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be written: {error.strerror}") from None
    typer.echo(f"written: {file}; run it with fentanyl-stats report --claims {file}")


@app.command()
def check(
    phrase: str,
    quantity: str,
    period: Annotated[str, typer.Option(help="2023, 2024-04 (12 months ending there), FY2023, or a span: 2019..2023.")],
    jurisdiction: Annotated[str, typer.Option(help="US, a state code, DC or YC.")] = "US",
    as_of: AsOf = "",
    delta: Delta = 0.10,
    per: Annotated[str, typer.Option(metavar="day|week|…", help="A pace: deaths a day.")] = "",
    standard: Annotated[str, typer.Option(metavar="crude|age-adjusted", help="A rate for each 100,000 people.")] = "",
    of: Annotated[str, typer.Option(metavar="QUANTITY", help="A share: of what.")] = "",
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="A change: the earlier period; a record: the year left out.")
    ] = "",
    change_as: Annotated[
        str, typer.Option("--as", metavar="percent|difference|times", help="How the change is told.")
    ] = "",
    versus: Annotated[
        list[str] | None, typer.Option(metavar="QUANTITY|NUMBER|population", help="A ratio: to what; may be repeated.")
    ] = None,
    versus_jurisdiction: Annotated[str, typer.Option(metavar="CODE", help="A ratio: to which other place.")] = "",
    among: Annotated[str, typer.Option(metavar="states|causes|drugs", help="A rank: among which.")] = "",
    by: Annotated[str, typer.Option(metavar="level|rate", help="What a rank, a ratio or a change compares.")] = "",
    extreme: Annotated[str, typer.Option(metavar="high|low|fall|rise", help="A record, or a run.")] = "",
    ages: Annotated[str, typer.Option(metavar="18-45", help="An age group that a table holds.")] = "",
    dose_mg: Annotated[float | None, typer.Option(help="Doses: milligrams of one.")] = None,
    purity: Annotated[
        tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Doses: the pure part of the weight.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge a phrase that no file holds: check "fell 27%" deaths/all --period 2024 --since 2023."""
    from .audit import sentences
    from .audit.assess import check as judge

    found = judge(
        phrase, quantity, period, jurisdiction, as_of or None, delta,
        per=per, standard=standard, of=of, since=since, change_as=change_as, versus=tuple(map(_number, versus or ())),
        versus_jurisdiction=versus_jurisdiction, among=among, by=by, extreme=extreme, ages=ages, dose_mg=dose_mg, purity=purity,
    )  # fmt: skip
    _show(as_json, found.to_dict(), [str(found), f"  change: {sentences.takes(found)}"])


def _number(text: str) -> str | float:
    """A number where it is one: `58,220`; else the name of a quantity."""
    plain = text.replace(",", "")
    return float(plain) if plain.replace(".", "", 1).isdigit() else text


@app.command()
def quantities(
    word: Annotated[str, typer.Argument(help="Only those with this word in slug or label.")] = "", as_json: Json = False
) -> None:
    """List what public data measure, and check and claims files can name."""
    from .audit.quantities import quantities as listed

    rows = listed(word or None).to_dict("records")
    _show(
        as_json,
        rows,
        ["{quantity:44} {unit:10} {label}\n{0:44} {places}; {periods}; {measures}".format("", **row) for row in rows],
    )


@app.command()
def identify(
    number: Annotated[str, typer.Argument(help="A printed number, such as 107,543.")],
    jurisdiction: Annotated[str, typer.Option(help="US, a state code, DC or YC; all places by default.")] = "",
    rounded: Annotated[bool, typer.Option("--rounded", help="Also figures that round to it.")] = False,
    as_json: Json = False,
) -> None:
    """Say which published figure a number is: drug, place, period, measure, and since when it was public."""
    from .data.identify import identify as look_up

    found = look_up(number, jurisdiction or None, rounded=rounded)
    rows = found.frame.assign(first_known=found.frame["first_known"].dt.strftime("%Y-%m-%d")).to_dict("records")
    made = {"number": found.asked, "unique": found.unique, "sentence": found.sentence, "matches": rows}
    line = "  {quantity:26} {jurisdiction:5} {period:24} {measure:11} {first_known}  {vintages}"
    more = [f"  … and {len(rows) - _MOST} more; --json prints all"] if len(rows) > _MOST else []
    _show(as_json, made, [found.sentence, *(line.format_map(row)[:160] for row in rows[:_MOST]), *more])


@app.command()
def archive(
    dataset: Annotated[str, typer.Argument(help="vsrr (provisional deaths) or cbp-seizures.")],
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """List the releases of a dataset; with --as-of, what was surely public on that day, and how old it was."""
    from .data.archive import archive as releases

    held = releases(dataset, as_of or None)
    listed = held.vintages.assign(
        **{name: held.vintages[name].dt.strftime("%Y-%m-%d") for name in ("known_from", "known_to")}
    )
    rows = listed.to_dict("records")
    made: dict[str, object] = {
        "dataset": dataset,
        "observed_through": held.observed_through.isoformat(),
        "vintages": rows,
    }
    lines = ["{vintage:14} public {known_from} to {known_to}  newest month {newest_month}  {rows:>6,} rows".format_map(row)
             + ("" if row["complete"] else "  (partial)") for row in rows]  # fmt: skip
    if as_of:
        then = releases(dataset).as_of(as_of).attrs
        made |= {"as_of": as_of, "release": then["release"], "age_days": then["age_days"], "stale": then["stale"]}
        old = "; newer ones, not held here, had surely come out" if then["stale"] else ""
        lines.append(
            f"on {as_of} the newest release surely public was {then['release']}, {then['age_days']} days old{old}"
        )
    else:
        lines.append(f"nothing after {held.observed_through} is held")
    _show(as_json, made, lines)


@data_app.command("list")
def list_(as_json: Json = False) -> None:
    """List the datasets and vintages held."""
    from .data import catalog

    rows = catalog.datasets().to_dict("records")
    _show(as_json, rows, ["{dataset:26} {vintage:12} {rows:>7,}  {title}".format_map(row) for row in rows])


@data_app.command()
def verify(as_json: Json = False) -> None:
    """Check the hash and the contract of every figure table."""
    from .data import store

    found = store.verify()
    bad = found[~(found["hash_ok"] & found["contract_ok"])]
    for row in () if as_json else bad.itertuples():
        _complain(f"{row.path}: {row.message}")
    sound = f"{len(found) - len(bad)} of {len(found)} tables are sound"
    _show(as_json, json.loads(found.to_json(orient="records")), [sound])
    if len(bad):
        raise typer.Exit(Exit.FAILED)


@data_app.command()
def build(dataset: Annotated[str, typer.Argument(help="One dataset; all by default.")] = "") -> None:
    """Build the processed tables and datapackage.json."""
    from .data import store

    with _progress(None) as advance:
        built = store.build(dataset or None, progress=advance)
    typer.echo(f"{len(built)} tables are current")


@data_app.command()
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
    claims: Judged = "",
    report: ChangesFile = "",
    as_json: ChangesJson = False,
) -> None:
    """Add the publisher's newest file as a new vintage, if it is sound; old vintages are never touched.

    Exit codes: 0 done, 1 a dataset was not refreshed, 2 bad usage or bad input, 3 done and a verdict changed.
    """
    from .audit import ledger
    from .audit.changes import standings
    from .data import refresh as refreshing
    from .data.refresh import rules
    from .reports import changes

    wanted = list(dict.fromkeys(datasets or refreshing.refreshable()))
    for name in wanted:
        rules.recipe(name)  # a wrong name stops before anything is done
    if not wanted:
        raise DataError("no dataset has an address (download_url in SOURCES.toml); name one, with --from or --url")
    if len(wanted) > 1 and (files or url or vintage):
        raise DataError("--from, --url and --vintage belong to one dataset; name it")
    if files and url:
        raise DataError("--from and --url are two ways to one file; leave one out")
    book = ledger.read(claims or None)
    for name in wanted:
        refreshing.require(name, files or (), url, vintage)
    if report:
        _writable(Path(report), "file", "--report")
    given: Any = {"files": files or (), "url": url, "vintage": vintage, "dry_run": dry_run}
    entries, errors = [], []
    for name in wanted:
        try:
            with _byte_progress(name) as (progress, told):
                found = refreshing.refresh(name, **given, judge=lambda: standings(book), progress=progress, told=told)
            entries.append(changes.refreshed(found))
        except (DataError, OSError) as error:
            message = str(error) if str(error).startswith(name) else f"{name}: {error}"
            errors.append({"dataset": name, "message": message})
            _complain(f"fentanyl-stats: {message}")
    _show_changes(changes.document(entries, errors), report, as_json)


@data_app.command()
def diff(
    dataset: Annotated[str, typer.Argument(help="Which; by default all held in two vintages or more.")] = "",
    old: Annotated[str, typer.Option("--from", metavar="VINTAGE", help="By default all held before.")] = "",
    new: Annotated[str, typer.Option("--to", metavar="VINTAGE", help="By default the newest.")] = "",
    claims: Judged = "",
    report: ChangesFile = "",
    as_json: ChangesJson = False,
) -> None:
    """Show the numbers that differ between vintages, by how much, and every verdict that differs with them.

    Exit codes: 0 done, 2 bad usage or bad input, 3 done and a verdict changed.
    """
    from .reports import changes

    if not dataset and (old or new):
        raise DataError("--from and --to belong to one dataset; name it")
    if report:
        _writable(Path(report), "file", "--report")
    names = [dataset] if dataset else changes.comparable()
    entries = [changes.compared(name, old, new, claims or None) for name in names]
    _show_changes(changes.document(entries), report, as_json)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; bad input is one clear line on stderr and exit code 2, never a traceback."""
    given = _joined(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # read at import; see `reports.kernel`
    try:
        code = app(given, prog_name="fentanyl-stats", standalone_mode=False, obj=OWN if arguments is None else "")
    except UsageError as error:
        asked = type(error).__name__ == "NoArgsIsHelpError"
        typer.echo(error.format_message()) if asked else _complain(f"fentanyl-stats: {error.format_message()}")
        code = Exit.BAD
    except (FentanylStatsError, OSError) as error:
        _complain(f"fentanyl-stats: {error}")
        code = Exit.BAD
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    if code == STOPPED:  # which typer gives too, without a word
        _complain("fentanyl-stats: stopped" + ("; the pages written so far stay" if given[:1] == ["report"] else ""))
    sys.exit(int(code or 0))


def _joined(arguments: list[str]) -> list[str]:
    """`-p NAME VALUE`, as papermill has it, written as the one word that the parser takes."""
    joined: list[str] = []
    words = iter(arguments)
    for word in words:
        joined.append(word)
        if word in ("-p", "--parameter"):
            name = next(words, "")
            joined.append(name if "=" in name else f"{name}={next(words, '')}")
    return joined


def _complain(line: str) -> None:
    typer.echo(" ".join(line.split()), err=True)


def _show(as_json: bool, made: object, lines: Iterable[str]) -> None:
    """JSON for programs, lines for people."""
    if as_json:
        from .reports.cache import to_json

        typer.echo(to_json(made), nl=False)
        return
    for line in lines:
        typer.echo(line)


def _writable(target: Path, what: str, option: str) -> None:
    """Fail before the work, not after it."""
    folder = target if what == "folder" else target.parent
    folder.mkdir(parents=True, exist_ok=True)
    if what == "file" and target.is_dir():
        raise ReportError(f"{target} is a folder; name a file with {option}")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise ReportError(f"{target} cannot be written; name another {what} with {option}")


def _show_changes(made: dict[str, Any], report: str, as_json: bool) -> None:
    from .reports import cache, changes

    if report:
        cache.write(Path(report), cache.to_json(made))
    _show(as_json, made, changes.lines(made))
    if made["errors"]:
        raise typer.Exit(Exit.FAILED)
    if made["verdict_changed"]:
        raise typer.Exit(Exit.MOVED)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[object], None]]:
    """A bar on stderr while work goes on: what was last done, how much, how many failed, the time left.

    Silent where stderr is not a terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed", markup=False), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("working", total=total, failed=0)

        def advance(done: object) -> None:
            name = getattr(getattr(done, "job", None), "page", "working")
            failed = bar.tasks[0].fields["failed"] + (not getattr(done, "ok", True))
            bar.update(task, advance=1, description=name, failed=failed)

        yield advance


@contextmanager
def _byte_progress(name: str) -> Iterator[tuple[Callable[[int, int | None], None], Callable[[str], None]]]:
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
