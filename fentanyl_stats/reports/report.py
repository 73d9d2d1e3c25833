"""The whole report: runs the notebooks that have to run, writes their pages and what stands around them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from ..audit import ledger as ledgers
from ..audit.assess import Assessment, assess
from ..audit.hedges import DELTA
from ..audit.ledger import Ledger
from ..data import catalog
from . import cache, exchange, pages
from .batch import stream
from .cache import Job, Manifest, Outcome, to_json, write
from .plan import plan as plan
from .plan import themes

INDEX = "index.html"
Judge = Callable[[str, str, float], Assessment]


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


def judging(ledger: Ledger) -> Judge:
    """A function that assesses a claim of the ledger as of a day ("" for none) with a delta, each once."""

    @functools.cache
    def judge(claim: str, as_of: str, delta: float) -> Assessment:
        return assess(claim, as_of or None, delta, ledger)

    return judge


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
    judge = judging(ledger)
    ended: dict[str, Outcome] = {}
    links = _links(ledger, {job.page for job in jobs}, out)
    stale = [job for job in jobs if force or not kept.current(job.page, _key(kept, job, ledger))]
    missing = {job.page for job in stale}
    try:
        for outcome in chain(
            (Outcome(job) for job in jobs if job.page not in missing),
            (outcome for _, outcome in stream(stale, executor, workers)),
        ):
            if outcome.notebook is not None:
                _write(kept, outcome, links, ledger, judge)
            ended[outcome.job.page] = replace(outcome, notebook=None)
            if done:
                done(ended[outcome.job.page])
        links = _links(ledger, {job.page for job in jobs if ended[job.page].ok}, out)
        for job in jobs:  # a new page elsewhere changes the links around this one, not what it shows
            if ended[job.page].ok and kept.pages[job.page]["around"] != cache.digest(job.title, links):
                _write(kept, Outcome(job), links, ledger, judge)
        _around(kept, ledger, judge, links, as_of, next((job.claims for job in jobs if job.claims), ""), force)
    finally:
        kept.save()
    return Report(tuple(ended[job.page] for job in jobs), len(stale), out / INDEX)


def _write(kept: Manifest, outcome: Outcome, links: list[pages.Link], ledger: Ledger, judge: Judge) -> None:
    """Write an executed notebook, or the one written before, its page and its provenance; note them in the manifest."""
    import nbformat

    job, out = outcome.job, kept.out
    notebook = (out / job.page).with_suffix(".ipynb")
    if outcome.notebook is None:
        outcome = replace(outcome, notebook=nbformat.read(notebook, 4))
    as_of = str(job.parameters.get("as_of", ""))
    came_from = (out / "provenance" / job.page).with_suffix(".json")
    made = cache.record(outcome.notebook)
    key, around = cache.key(job, made), cache.digest(job.title, links)
    # The page comes late: who sees one and interrupts the run finds it in the manifest.
    write(notebook, nbformat.writes(outcome.notebook))
    page, *figures = pages.page(outcome, out, links, as_of, jsonld(job, ledger, judge))
    files = [notebook, page, *figures, write(came_from, to_json(exchange.provenance(outcome, page.read_bytes())))]
    kept.note(job.page, key, files, around=around, notebook=job.notebook, **made)


def jsonld(job: Job, ledger: Ledger, judge: Judge) -> str:
    """The ClaimReview that the page of a claim holds, judged with the page's own day and delta; empty for other pages."""
    claim = str(job.parameters.get("claim", ""))
    if claim not in ledger.claims:
        return ""
    found = judge(claim, str(job.parameters.get("as_of", "")), float(job.parameters.get("delta", DELTA)))
    return exchange.to_jsonld(exchange.review(found, ledger))


def _around(
    kept: Manifest, ledger: Ledger, judge: Judge, links: list[pages.Link], as_of: str, claims: str, force: bool
) -> None:
    """Write what rests on all claims at once, unless nothing of it changed."""
    out, held = kept.out, cache.listed(catalog.entries())
    key = cache.digest(cache.software(), links, as_of, claims, held, sorted(kept.pages.keys() - {INDEX}))
    if not force and kept.current(INDEX, key):
        return
    assessments = [judge(claim, as_of, DELTA) for claim in ledger.claims]
    board = pages.drawn_board(assessments)
    files = [
        write(out / "results.json", to_json(exchange.results(assessments, as_of or None))),
        *exchange.reviews(assessments, ledger, out),
        *pages.write_summary(out, ledger, assessments, board, as_of),
        *pages.index(out, ledger, assessments, board, links, as_of),
    ]
    kept.note(INDEX, key, files)


def _key(kept: Manifest, job: Job, ledger: Ledger) -> str:
    """The key that the page would have if it were made now, as far as what it read last time tells."""
    last = kept.pages.get(job.page, cache.NOTHING)
    claims = [
        {**used, "sha256": (ledgers.read() if used["builtin"] else ledger).digest(used["part"])}
        for used in last["claims"]
    ]
    return cache.key(job, {**last, "claims": claims})


def _links(ledger: Ledger, made: set[str], out: Path) -> list[pages.Link]:
    found = ((theme, f"themes/{name}.html") for name, theme in themes(ledger).items())
    written = ((theme.title, page) for theme, page in found if page in made or (out / page).exists())
    return [("Scoreboard", INDEX), *written]
