"""The whole report: runs the notebooks that have to run, writes their pages and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..audit import ledger as ledgers
from ..audit.ledger import Ledger
from ..data import catalog
from . import cache, pages
from .batch import Job, Outcome
from .cache import Manifest
from .plan import THEMES
from .plan import plan as plan

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run made: the outcomes of its jobs (without their notebooks), how many pages had to be made, and the index."""

    outcomes: tuple[Outcome, ...]
    made: int
    index: Path

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The jobs that did not become a page."""
        return tuple(outcome for outcome in self.outcomes if not outcome.ok)


def read(claims_file: str = "") -> Ledger:
    """The ledger of a run: the built-in article, or that of a claims file."""
    return ledgers.read(claims_file or None)


def make(
    out: Path,
    jobs: Sequence[Job],
    ledger: Ledger,
    as_of: str = "",
    executor: Executor | None = None,
    workers: int | None = None,
    done: Callable[[Outcome], None] | None = None,
    force: bool = False,
) -> Report:
    """Run the jobs and write their pages, then results.json, index.html and what other programs read.

    What the manifest of an earlier run shows to be current is left as it stands, unless `force` is given. A notebook that
    fails leaves the page of an earlier run in place; the others go on. What was written when a run is interrupted stays,
    and the next run goes on from there.
    """
    kept = Manifest(out)
    ended: dict[str, Outcome] = {}
    links = _links(ledger, {job.page for job in jobs}, out)
    stale = [job for job in jobs if force or not kept.current(job.page, _key(kept, job, ledger))]
    from .exchange import dumps_results

    try:
        for outcome in _outcomes(jobs, stale, executor, workers):
            if outcome.notebook is not None:
                _write(kept, outcome, links, ledger)
            ended[outcome.job.page] = replace(outcome, notebook=None)
            if done:
                done(ended[outcome.job.page])
        links = _links(ledger, {job.page for job in jobs if ended[job.page].ok}, out)
        for job in jobs:  # a new page elsewhere changes the links around this one, not what it shows
            if ended[job.page].ok and kept.pages[job.page]["around"] != cache.digest(job.title, links):
                _write(kept, Outcome(job, _read(out, job.page)), links, ledger)
        _around(kept, ledger, links, as_of, jobs, force)
    finally:
        pages.write(out / cache.NAME, dumps_results(kept.document()))
    return Report(tuple(ended[job.page] for job in jobs), len(stale), out / INDEX)


def _outcomes(
    jobs: Sequence[Job], stale: Sequence[Job], executor: Executor | None, workers: int | None
) -> Iterator[Outcome]:
    """What is current at once, the rest as it comes."""
    missing = {job.page for job in stale}
    yield from (Outcome(job) for job in jobs if job.page not in missing)
    if stale:
        from .batch import stream

        yield from (outcome for _, outcome in stream(stale, executor, workers))


def _write(kept: Manifest, outcome: Outcome, links: list[tuple[str, str]], ledger: Ledger) -> None:
    """Write an executed notebook, its page and its provenance, and note them in the manifest."""
    import nbformat

    from . import cache, exchange, pages

    job, out = outcome.job, kept.out
    as_of = str(job.parameters.get("as_of", ""))
    with pages.noting() as written:
        pages.write(out / _notebook(job.page), nbformat.writes(outcome.notebook))
        page = pages.page(outcome, out, links, as_of, exchange.embedded(job, ledger, as_of))
        exchange.provenances(outcome, page, out)
    tables, asked = cache.tables(outcome.notebook), cache.asked(outcome.notebook)
    claims, given = cache.claims(outcome.notebook), cache.parameters(outcome.notebook)
    key = cache.key(job, cache.data(tables, asked), claims)
    kept.note(job.page, key, written, around=cache.digest(job.title, links),
              notebook=job.notebook, parameters=given, tables=tables, asked=asked, claims=claims)  # fmt: skip


def _around(
    kept: Manifest, ledger: Ledger, links: list[tuple[str, str]], as_of: str, jobs: Iterable[Job], force: bool
) -> None:
    """Write what rests on all claims at once, unless nothing of it changed."""
    out = kept.out
    held = [(table.dataset, table.vintage, table.path, table.sha256) for table in catalog.entries()]
    claims = next((job.claims for job in jobs if job.claims), "")
    key = cache.digest(cache.software(), links, as_of, claims, held, sorted(kept.pages.keys() - {INDEX}))
    if not force and kept.current(INDEX, key):
        return
    from ..audit.assess import assess
    from . import exchange, pages

    assessments = [assess(claim, as_of or None, claims=ledger) for claim in ledger.claims]
    with pages.noting() as written:
        pages.write(out / "results.json", exchange.dumps_results(exchange.results(assessments, as_of or None)))
        exchange.reviews(assessments, ledger, out)
        pages.write_summary(out, ledger, assessments, as_of)
        pages.index(out, ledger, assessments, links, as_of)
    kept.note(INDEX, key, written)


def _key(kept: Manifest, job: Job, ledger: Ledger) -> str:
    """The key that the page would have if it were made now, as far as what it read last time tells."""
    claims = [
        {**used, "sha256": (ledgers.read() if used["builtin"] else ledger).digest(used["part"])}
        for used in kept.read(job.page, "claims")
    ]
    return cache.key(job, cache.data(kept.read(job.page, "tables"), kept.read(job.page, "asked")), claims)


def _read(out: Path, page: str) -> Any:
    import nbformat

    return nbformat.read(out / _notebook(page), 4)


def _notebook(page: str) -> str:
    return page.removesuffix(".html") + ".ipynb"


def _links(ledger: Ledger, made: set[str], out: Path) -> list[tuple[str, str]]:
    pages = [(theme.title, f"themes/{name}.html") for name, theme in THEMES.items()
             if ledger.builtin or not theme.builtin_only]  # fmt: skip
    return [("Scoreboard", INDEX), *((t, p) for t, p in pages if p in made or (out / p).exists())]
