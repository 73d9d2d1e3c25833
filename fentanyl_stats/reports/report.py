"""The whole report: which notebooks become which pages, and the run that makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ..audit import ledger as ledgers
from ..audit.assess import Assessment, assess
from ..audit.ledger import Ledger
from ..data import names
from ..errors import ParameterError, unknown
from . import batch, front, parameters, results, site
from .execute import Job, Outcome


@dataclass(frozen=True, slots=True)
class Theme:
    """A notebook that becomes a page of its own."""

    notebook: str
    title: str
    parameters: type[parameters.Parameters]
    defaults: Mapping[str, object]
    builtin_only: bool = True


THEMES = {
    "deaths": Theme("deaths.ipynb", "Overdose deaths and the “nearly 100,000”", parameters.Deaths,
                    {"jurisdiction": "US", "drug": "synthetic-opioids", "as_of": ""}),
    "provisional": Theme("provisional.ipynb", "Which 2023 do you mean? Provisional counts", parameters.Provisional,
                         {"drug": "all", "month_ending": "2023-12", "jurisdiction": "US", "as_of": ""}),
    "origin": Theme("origin.ipynb", "Seizures, origin and the “97%”", parameters.Origin, {"as_of": ""}),
    "offices": Theme("offices.ipynb", "DEA offices: 93 in 69", parameters.Offices, {"as_of": ""}),
    "claims": Theme("claims.ipynb", "All claims and how they drifted", parameters.Claims,
                    {"as_of": "", "claims_file": ""}, builtin_only=False),
    "trends": Theme(
        "trends.ipynb", "Trends and where they bend", parameters.Trends,
        {"measure": "age-adjusted", "drug": "all", "jurisdictions": "US,WV,OH,CA,TX,SD", "first_year": 1999, "last_year": 2022,
         "max_joinpoints": 4, "select": "wbic", "as_of": ""},
    ),
}  # fmt: skip
JURISDICTION = Theme(
    "jurisdiction.ipynb", "", parameters.Jurisdiction, {"jurisdiction": "US", "as_of": ""}, builtin_only=False
)
CLAIM = Theme("claim.ipynb", "", parameters.Claim, {"claim": "", "as_of": "", "delta": 0.10, "claims_file": ""}, False)
EACH = ("claim", "jurisdiction")


@dataclass(frozen=True, slots=True)
class Report:
    """What a run made: the outcomes of its notebooks and the index page."""

    outcomes: tuple[Outcome, ...]
    index: Path

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The jobs that did not become a page."""
        return tuple(outcome for outcome in self.outcomes if not outcome.ok)


def plan(
    ledger: Ledger,
    only: str | None = None,
    each: str | None = None,
    given: Mapping[str, str] | None = None,
    as_of: str = "",
    claims_file: str = "",
) -> list[Job]:
    """The jobs of a report, parameters checked before anything runs.

    Raises
    ------
    ParameterError
        If `only` is neither a theme nor a claim, `each` is not known, or no notebook takes a given parameter.
    """
    if each is not None and each not in EACH:
        raise ParameterError(unknown("--each", each, EACH))
    themes = {name: theme for name, theme in THEMES.items() if ledger.builtin or not theme.builtin_only}
    if only is not None and only not in themes and only not in ledger.claims:
        raise ParameterError(unknown("theme or claim", only, [*themes, *ledger.claims], limit=40))
    wanted: list[tuple[Theme, str, str, dict[str, object]]] = [(theme, f"themes/{name}.html", theme.title, {}) for name, theme in themes.items()
              if only in (None, name) and each is None]  # fmt: skip
    wanted += [(CLAIM, f"claims/{claim.id}.html", claim.quote, {"claim": claim.id}) for claim in ledger.claims.values()
               if only in (None, claim.id) and each != "jurisdiction"]  # fmt: skip
    if each == "jurisdiction":
        wanted += [
            (JURISDICTION, f"jurisdictions/{code}.html", names.jurisdiction_name(code), {"jurisdiction": code})
            for code in names.jurisdictions()
            if code not in ("PR", "YC")
        ]
    common = {"as_of": as_of, "claims_file": claims_file, **(given or {})}
    free = {name for theme, _, _, own in wanted for name in theme.defaults if name not in own}
    for name in given or {}:
        if name not in free:
            raise ParameterError(unknown("parameter", name, free))
    return [_job(theme, page, title, {**common, **own}) for theme, page, title, own in wanted]


def make(
    out: Path,
    jobs: Sequence[Job],
    ledger: Ledger,
    as_of: str = "",
    executor: Executor | None = None,
    workers: int | None = None,
    done: Callable[[Outcome], None] | None = None,
) -> Report:
    """Run the jobs and write the pages, results.json and index.html.

    A notebook that fails leaves the page of an earlier run in place; the others go on.
    """
    assessments = [assess(claim, as_of or None, claims=ledger) for claim in ledger.claims]
    outcomes = batch.run(jobs, executor, workers, done)
    made = {outcome.job.page for outcome in outcomes if outcome.ok}
    links = _links(ledger, made, out)
    checked = tuple(_page(outcome, out, links, as_of) for outcome in outcomes)
    site.write(out / "results.json", results.dumps(results.document(assessments, as_of or None)))
    return Report(checked, _index(out, ledger, assessments, links, as_of))


def read(claims_file: str = "") -> Ledger:
    """The ledger of a run: the built-in article, or that of a claims file."""
    return ledgers.read(claims_file or None)


def _index(out: Path, ledger: Ledger, assessments: list[Assessment], links: list[site.Link], as_of: str) -> Path:
    return front.index(out, ledger, assessments, links, as_of)


def _page(outcome: Outcome, out: Path, links: list[site.Link], as_of: str) -> Outcome:
    if outcome.ok:
        site.page(outcome, out, links, as_of)
    return outcome


def _links(ledger: Ledger, made: set[str], out: Path) -> list[site.Link]:
    pages = [(theme.title, f"themes/{name}.html") for name, theme in THEMES.items()
             if ledger.builtin or not theme.builtin_only]  # fmt: skip
    return [("Scoreboard", "index.html"), *((t, p) for t, p in pages if p in made or (out / p).exists())]


def _job(theme: Theme, page: str, title: str, values: Mapping[str, object]) -> Job:
    taken = {name: _typed(theme, name, values[name]) for name in theme.defaults if name in values}
    replace(theme.parameters(**{**theme.defaults, **taken}))
    return Job(theme.notebook, page, title, {name: value for name, value in taken.items() if value != ""})


def _typed(theme: Theme, name: str, value: object) -> object:
    kind = {"float": float, "int": int}.get({f.name: str(f.type) for f in fields(theme.parameters)}.get(name, ""))
    if kind is not None and isinstance(value, str):
        try:
            return kind(value)
        except ValueError:
            raise ParameterError(f"parameter {name!r} must be a number, got {value[:40]!r}") from None
    return value
