"""Which notebooks become which pages: a report as a list of jobs, parameters checked before anything runs."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from ..audit.ledger import Ledger
from ..data import names, paths
from ..errors import ParameterError, unknown
from .cache import LIMIT, Job
from .parameters import NO_FINALS, NOTEBOOKS, assignments


@dataclass(frozen=True, slots=True)
class Theme:
    """A notebook that becomes a page of its own; without a `heading` the page is called by the notebook's first one."""

    name: str
    heading: str = ""
    builtin_only: bool = True

    @property
    def notebook(self) -> str:
        """Its file name."""
        return f"{self.name}.ipynb"

    @property
    def title(self) -> str:
        """What its page is called."""
        return self.heading or self._inside()[0]

    @property
    def defaults(self) -> Mapping[str, object]:
        """The names of its parameters cell with the values that stand there."""
        return self._inside()[1]

    def _inside(self) -> tuple[str, Mapping[str, Any]]:
        return _parsed(self.name, (paths.notebooks() / self.notebook).read_text("utf-8"))


THEMES = {
    theme.name: theme
    for theme in (
        Theme("deaths"),
        Theme("provisional", "Which 2023 do you mean? Provisional counts"),
        Theme("revisions"),
        Theme("origin"),
        Theme("supply"),
        Theme("events"),
        Theme("offices"),
        Theme("claims", "All claims and how they drifted", builtin_only=False),
        Theme("trends", "Trends and where they bend"),
        Theme("factcheck"),
    )
}
JURISDICTION, CLAIM = Theme("jurisdiction", builtin_only=False), Theme("claim", builtin_only=False)
EACH = ("claim", "jurisdiction")
LISTS = ("direct", "jurisdictions")
"""Parameters whose value is itself a list with commas, for one page."""
Wanted = tuple[Theme, str, str, Mapping[str, object]]
"""A notebook, its page, the page's title, and the parameters that make it this page."""


def themes(ledger: Ledger) -> dict[str, Theme]:
    """The themes of a ledger: an article of one's own has few."""
    return {name: theme for name, theme in THEMES.items() if ledger.builtin or not theme.builtin_only}


def plan(
    ledger: Ledger,
    only: str | None = None,
    each: str | None = None,
    given: Mapping[str, str] | None = None,
    as_of: str = "",
    claims_file: str = "",
    limit: int = LIMIT,
) -> list[Job]:
    """The jobs of a report, parameters checked before anything runs.

    Parameters
    ----------
    ledger : Ledger
    only : str, optional
        A theme or a claim: its page alone.
    each : str, optional
        `claim` or `jurisdiction`: one page for each.
    given : mapping, optional
        Parameters as text. A value with commas (`WV,OH`) makes one page for each part, two such parameters one for each pair;
        those of `LISTS` stay one value. With `each`, the parts of the like-named parameter are the pages made.
    as_of, claims_file : str
        For every page; empty for everything held, and for the built-in article.
    limit : int
        Seconds that one cell of a notebook may take.

    Raises
    ------
    ParameterError
        If `only` is neither a theme nor a claim, `each` is not known or given besides, no notebook takes a given parameter, a value is not
        valid, or two pages would have one address.

    Examples
    --------
    >>> from fentanyl_stats.audit import ledger
    >>> [job.page for job in plan(ledger.read(), "deaths", given={"jurisdiction": "WV,OH"})]
    ['themes/deaths-WV.html', 'themes/deaths-OH.html']
    """
    if each is not None and each not in EACH:
        raise ParameterError(unknown("--each", each, EACH))
    if only is not None and each is not None:
        raise ParameterError(f"--only {only} is one page and --each {each} one for each {each}; give one of the two")
    given = dict(given or {})
    chosen = [part for part in _parts(each, given.pop(each, "")) if part] if each else []
    wanted = list(_wanted(ledger, only, each, chosen))
    free = {name for theme, _, _, own in wanted for name in theme.defaults if name not in own}
    for name in given:
        if name not in free:
            raise ParameterError(unknown("parameter", name, free))
    text = Path(claims_file).read_text("utf-8") if claims_file else ""
    common = {"as_of": as_of, "claims_file": claims_file}
    jobs = [replace(job, limit=limit, claims=text if "claims_file" in job.parameters else "")
            for each_wanted in wanted for job in _grid(each_wanted, common, given)]  # fmt: skip
    if twice := [page for page, count in Counter(job.page for job in jobs).items() if count > 1]:
        raise ParameterError(f"{len(twice)} pages would be written twice, the first {twice[0]}; give each value once")
    return jobs


def _wanted(ledger: Ledger, only: str | None, each: str | None, chosen: list[str]) -> Iterator[Wanted]:
    pages = [*themes(ledger), *ledger.claims]
    if only is not None and only not in pages:
        raise ParameterError(unknown("theme or claim", only, pages, limit=40))
    if each is None:
        for name, theme in themes(ledger).items():
            if only in (None, name):
                yield theme, f"themes/{name}.html", theme.title, {}
    if each != "jurisdiction":
        for name in _chosen("claim", chosen, list(ledger.claims)):
            if only in (None, name):
                yield CLAIM, f"claims/{name}.html", ledger.claims[name].quote, {"claim": name}
    else:
        places = [code for code in names.jurisdictions() if code not in NO_FINALS]
        for code in _chosen("jurisdiction", chosen, places):
            yield JURISDICTION, f"jurisdictions/{code}.html", names.jurisdiction_name(code), {"jurisdiction": code}


def _chosen(what: str, chosen: list[str], every: list[str]) -> list[str]:
    for name in chosen:
        if name not in every:
            raise ParameterError(unknown(what, name, every))
    return chosen or every


def _grid(wanted: Wanted, common: Mapping[str, object], given: Mapping[str, str]) -> Iterator[Job]:
    """One job for each combination of the values given for the notebook's parameters."""
    theme, page, title, own = wanted
    taken = {name: _parts(name, value) for name, value in given.items() if name in theme.defaults and name not in own}
    varied = [name for name, parts in taken.items() if len(parts) > 1]
    for values in product(*taken.values()):
        chosen = dict(zip(taken, values, strict=True))
        which = [chosen[name] for name in varied]
        address = page.removesuffix(".html") + "".join(f"-{_slug(value)}" for value in which) + ".html"
        named = f"{title} ({', '.join(which)})" if which else title
        yield _job(theme, address, named, {**common, **chosen, **own})


def _parts(name: str, value: str) -> list[str]:
    return [value] if name in LISTS else [part.strip() for part in value.split(",")]


def _slug(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", value).strip("-") or "none"


def _job(theme: Theme, page: str, title: str, values: Mapping[str, object]) -> Job:
    taken = {name: _typed(theme, name, values[name]) for name in theme.defaults if name in values}
    NOTEBOOKS[theme.name](**{**theme.defaults, **taken})  # raises where a value is not valid
    return Job(theme.notebook, page, title, {name: value for name, value in taken.items() if value != ""})


def _typed(theme: Theme, name: str, value: object) -> object:
    kind = NOTEBOOKS[theme.name].model_fields[name].annotation
    if kind in (float, int) and isinstance(value, str):
        try:
            return kind(value)
        except ValueError:
            raise ParameterError(f"parameter {name!r} must be a number, got {value[:40]!r}") from None
    return value


@lru_cache(maxsize=32)
def _parsed(name: str, text: str) -> tuple[str, Mapping[str, Any]]:
    """The first heading of a notebook, or its name, and the values of its parameters cell."""
    cells = [({*cell["metadata"].get("tags", ())}, "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    headings = (line[2:] for _, source in cells for line in source.splitlines() if line.startswith("# "))
    typed = next((source for tags, source in cells if "parameters" in tags), "")
    return next(headings, name), {key: ast.literal_eval(value) for key, value in (assignments(typed) or {}).items()}
