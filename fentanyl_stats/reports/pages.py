"""Executed notebooks as pages of a site, with its index and summary."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache as cached
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from ..analysis import deaths
from ..audit import sentences
from ..audit.assess import Assessment
from ..audit.card import verdict_bar
from ..audit.ledger import Ledger
from ..audit.verdicts import LABELS, MEANING, Label
from ..charts import scoreboard, style
from ..charts._claims import ladder
from ..charts._claims import scoreboard as draw_scoreboard
from ..charts._deaths import deaths as draw_deaths
from ..data import atomic, catalog, names
from ..errors import NotPublished
from ..model import Period, Source, __version__
from ..show import CSV, PNG, SVG, pictures, verdict_class
from . import cache
from .batch import Job, Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_noted: list[Path] | None = None


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.replace(path, content.encode("utf-8") if isinstance(content, str) else content, lasting=False)
    if _noted is not None:
        _noted.append(path)


@contextmanager
def noting() -> Iterator[list[Path]]:
    """The files that `write` writes meanwhile, in order."""
    global _noted
    outer, _noted = _noted, []
    try:
        yield _noted
    finally:
        _noted = outer


def held(source: Source) -> dict[str, str]:
    """A figure table as `citation` takes it."""
    return {"dataset": source.id, "vintage": source.vintage}


def vintages(data: Iterable[Mapping[str, str]]) -> str:
    """Datasets with their vintages, in a line.

    >>> vintages([{"dataset": "vsrr", "vintage": "2024-09-11"}, {"dataset": "vsrr", "vintage": "2025-01-08"}])
    'vsrr (2024-09-11, 2025-01-08)'
    """
    grouped: dict[str, list[str]] = {}
    for table in data:
        grouped.setdefault(table["dataset"], []).append(table["vintage"])
    return "; ".join(f"{name} ({', '.join(dict.fromkeys(found))})" for name, found in grouped.items())


def citation(title: str, version: str, data: Iterable[Mapping[str, str]], as_of: str = "") -> str:
    """How to cite a page: title, package and version, data, and the day whose knowledge it uses.

    >>> citation("A page", "1.2", [{"dataset": "vsrr", "vintage": "2024-09-11"}])
    '“A page”. fentanyl_stats, version 1.2. Data: vsrr (2024-09-11). Everything held is used.'
    """
    known = f"As known on {as_of}." if as_of else "Everything held is used."
    rests = f" Data: {line}." if (line := vintages(data)) else ""
    return f"“{title}”. fentanyl_stats, version {version}.{rests} {known}"


TEMPLATES = Path(__file__).with_name("templates")
KINDS = {"claims": "Claim", "themes": "Theme", "jurisdictions": "Place"}
"""The folders of a report and what a page in each is."""
Link = tuple[str, str]


def page(outcome: Outcome, out: Path, links: Sequence[Link], as_of: str = "", jsonld: str = "") -> Path:
    """Write the page of an executed notebook, and its figures and tables under `figures/`; `jsonld` is for programs."""
    job = outcome.job
    depth = "../" * job.page.count("/")
    stem = job.page.removesuffix(".html").replace("/", "-")
    body, outputs = _body(outcome.notebook, f"{depth}figures/{stem}")
    for name, data in outputs.items():
        write(out / "figures" / Path(name).name, data)
    target = out / job.page
    content = render(
        job.title,
        body,
        [(text, depth + href) for text, href in links],
        as_of=as_of,
        page=job.page,
        commands=_commands(job),
        data=cache.tables(outcome.notebook),
        jsonld=jsonld,
    )
    write(target, content)
    return target


def render(
    title: str,
    body: str,
    links: Sequence[Link],
    *,
    as_of: str,
    page: str = "index.html",
    commands: Sequence[str] = (),
    data: Iterable[Mapping[str, str]] = (),
    jsonld: str = "",
) -> str:
    """A whole page around a body: header, ways to other pages, how to make it again, how to cite it, footer.

    `links` start with the index; `data` are the rows of the page's colophon.
    """
    folder, _, name = page.rpartition("/")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            heading=_heading(title, folder, name),
            kind=KINDS.get(folder, ""),
            page=page,
            body=Markup(body),
            links=links,
            css=Markup(_css()),
            as_of=as_of,
            commands=commands,
            citation=citation(title, __version__, data, as_of),
            version=__version__,
            jsonld=Markup(jsonld),
        )
    )


def _heading(title: str, folder: str, name: str) -> str:
    """A claim's quote stands in the page itself; its heading is the claim's short name."""
    return name.removesuffix(".html").replace("-", " ").capitalize() if folder == "claims" else title


def _commands(job: Job) -> list[str]:
    """How to make the page again: with the command line, and from the notebook alone. Of a file its name is given, not its
    folder: where it lies is nobody's business."""
    given = {name: str(value) for name, value in job.parameters.items() if value != ""}
    if "claims_file" in given:
        given["claims_file"] = Path(given["claims_file"]).name
    papermill = "".join(f" -p {name} {shlex.quote(value)}" for name, value in given.items())
    which = f"--only {job.notebook.removesuffix('.ipynb')}"
    if "claim" in given:
        which = f"--only {shlex.quote(given.pop('claim'))}"
    elif job.page.startswith("jurisdictions/"):
        which = f"--each jurisdiction -p jurisdiction {given.pop('jurisdiction')}"
    options = {"as_of": "--as-of", "claims_file": "--claims"}
    rest = "".join(f" {options.get(name, f'-p {name}')} {shlex.quote(value)}" for name, value in given.items())
    return [f"fentanyl-stats report {which}{rest}", f"papermill notebooks/{job.notebook} out.ipynb{papermill}"]


def _body(notebook: Any, prefix: str) -> tuple[str, dict[str, bytes]]:
    exporter = _exporter()
    resources = {"unique_key": prefix, "output_files_dir": ""}
    body, found = exporter.from_notebook_node(cache.dropped(notebook), resources=resources)
    return str(body), dict(found.get("outputs", {}))


def _untitled(source: str) -> str:
    """Markdown without its first-level heading: the page has its own."""
    return re.sub(r"\A# [^\n]*\n*", "", source)


@cached
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExtractOutputPreprocessor
    from nbconvert.utils.base import NbConvertBase
    from traitlets.config import Config

    extract = ExtractOutputPreprocessor(
        output_filename_template="{unique_key}-{cell_index}-{index}{extension}",
        extract_output_types={PNG, SVG, CSV},
    )
    # A picture's HTML is the same SVG, for notebooks; a page has it in a file of its own.
    priority = [SVG, *NbConvertBase().display_data_priority]
    exporter = HTMLExporter(
        template_name="fentanyl",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        config=Config(NbConvertBase={"display_data_priority": list(dict.fromkeys(priority))}),
    )
    exporter.register_filter("untitled", _untitled)
    exporter.register_preprocessor(extract, enabled=True)
    return exporter


@cached
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cached
def _css() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8")


def template(name: str, **values: object) -> str:
    """A template of the site, filled; all values are escaped."""
    return _environment().get_template(name).render(**values)


GROUPS: dict[Label, str] = {
    "CONTRADICTED": "Does not hold",
    "INCONCLUSIVE": "Too uncertain to say",
    "NOT DETERMINED": "Nobody can tell",
    "CLOSE": "Nearly holds",
    "SUPPORTED": "Holds",
}
"""The verdicts as a reader asks for them, in the order of the index."""


def index(out: Path, ledger: Ledger, assessments: Iterable[Assessment], links: Sequence[Link], as_of: str = "") -> Path:
    """Write index.html and the picture of all verdicts."""
    assessments = list(assessments)
    computed = [a for a in assessments if a.verdict is not None]
    body = template(
        "index.html.j2",
        article=ledger.article,
        as_of=as_of,
        delta=computed[0].delta if computed else 0.0,
        summary=summary(assessments),
        groups=[(heading, MEANING[label], rows) for label, heading in GROUPS.items() if (rows := _group(computed, label, out))],
        scales=sentences.scales(),
        editorial=[_rated(a, out) for a in assessments if a.verdict is None],
        picture=_picture(computed, out),
        themes=[link for link in links if link[1].startswith("themes/")],
        places=_places(out),
        order=[(label, MEANING[label]) for label in LABELS],
    )  # fmt: skip
    used = {(s.id, s.vintage): s for a in computed for r in a.readings for s in r.sources if s.sha256}
    data = [held(used[key]) for key in sorted(used)]
    title = "What the article's numbers are worth" if ledger.builtin else ledger.article.title
    commands = ["make report"] if ledger.builtin and not as_of else []
    write(out / "index.html", render(title, body, links, as_of=as_of, commands=commands, data=data))
    return out / "index.html"


def summary(assessments: Sequence[Assessment]) -> str:
    """How many claims hold and how many do not, in a sentence.

    >>> from fentanyl_stats import assess
    >>> summary([assess("foreign-offices"), assess("origin-share"), assess("root-cause")])
    'Of 2 claims that public data can test, 1 is contradicted and 1 supported; 1 more carries no such number, only an editor’s rating.'
    """
    computed = [a.verdict.label for a in assessments if a.verdict]
    counts = [(n, label.lower()) for label in GROUPS if (n := computed.count(label))]
    rest = len(assessments) - len(computed)
    if not counts:
        return f"None of {rest} claims holds a number that public data can test; they carry an editor’s rating."
    verb = "is" if counts[0][0] == 1 else "are"
    parts = [f"{counts[0][0]} {verb} {counts[0][1]}", *(f"{n} {label}" for n, label in counts[1:])]
    listed = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    more = f"; {rest} more carr{'ies' if rest == 1 else 'y'} no such number, only an editor’s rating" if rest else ""
    return f"Of {len(computed)} claim{'s' if len(computed) > 1 else ''} that public data can test, {listed}{more}."


def _group(computed: Sequence[Assessment], label: Label, out: Path) -> list[dict[str, Any]]:
    return [_scored(a, out) for a in computed if a.verdict is not None and a.verdict.label == label]


def _scored(a: Assessment, out: Path) -> dict[str, Any]:
    n = a.natural
    assert n is not None
    return {
        "quote": a.claim.quote,
        "href": _claim_page(a, out),
        "verdict": a.verdict,
        "style": verdict_class(a.verdict.label) if a.verdict else "",
        "headline": a.claim.headline,
        "found": n.shown,
        "what": f"{sentences.measured(a)}, {_when(n.window)}",
        "of": sentences.said_of(a),
        "bar": Markup(verdict_bar(a)),
        "sure": sentences.sure(a),
        "misfit": sentences.misfit(a),
        "bridge": sentences.bridge(a),
        "ceiling": sentences.ceiling(a),
        "takes": sentences.takes(a),
    }


def _when(window: Period) -> str:
    """The window in words; a day stays short, and the months of a fiscal year are left to the claim's page.

    >>> _when(Period.parse("FY2023")), _when(Period.parse("2017-01", instant=True))
    ('fiscal year 2023', 'January 2017')
    """
    return window.short if window.kind == "day" else str(window).partition(" (")[0]


def _rated(a: Assessment, out: Path) -> dict[str, Any]:
    claim = a.claim
    return {
        "quote": claim.quote,
        "href": _claim_page(a, out),
        "headline": (claim.headline or "").replace("-", " "),
        "ratings": ", ".join(filter(None, (claim.fidelity, claim.evidence))),
        "reason": " ".join(filter(None, (claim.fidelity_reason, claim.evidence_reason))),
    }


def _claim_page(a: Assessment, out: Path) -> str:
    """The address of the claim's page, empty where no run has written one: a link to nothing helps nobody."""
    page = f"claims/{a.claim.id}.html"
    return page if (out / page).is_file() else ""


def _places(out: Path) -> list[Link]:
    known = [(names.jurisdiction_name(code), f"jurisdictions/{code}.html") for code in names.jurisdictions()]
    return [(name, href) for name, href in known if (out / href).is_file()]


def _picture(computed: Sequence[Assessment], out: Path) -> dict[str, str] | None:
    if not computed:
        return None
    ax = scoreboard(computed)
    drawn = pictures(ax)
    write(out / "figures" / "index-scoreboard.svg", drawn["image/svg+xml"])
    write(out / "figures" / "index-scoreboard.png", drawn["image/png"])
    return {"src": "figures/index-scoreboard.svg", "href": "figures/index-scoreboard.png", "alt": style.alt_text(ax)}


_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in r"\`*_{}[]#|~<>$&@"})
_LINK = re.compile(r"(?<=http)(s?):|(?<=www)\.", re.IGNORECASE)


def write_summary(out: Path, ledger: Ledger, assessments: Iterable[Assessment], as_of: str = "") -> Path:
    """Write `summary.md` and `summary-*.svg`, the same bytes for the same data.

    Parameters
    ----------
    out : Path
        The report's folder.
    ledger : Ledger
    assessments : iterable of Assessment
        Every claim of the ledger. The pictures of deaths and of the drifting 97% are those of the built-in article.
    as_of : str
        The day whose knowledge counts, "" for everything held.
    """
    assessments = list(assessments)
    parts = [_head(ledger, assessments, as_of)]
    stale = set(out.glob("summary-*.svg"))
    for name, ax in _charts(ledger, assessments, as_of):
        picture = out / f"summary-{name}.svg"
        write(picture, pictures(ax)["image/svg+xml"])
        stale.discard(picture)
        parts.append(f"![{plain(style.alt_text(ax))}]({picture.name})")
    parts += [_numbers([a for a in assessments if a.verdict]), _ratings([a for a in assessments if not a.verdict])]
    parts.append(_foot(as_of))
    for picture in stale:
        picture.unlink()
    write(out / "summary.md", "\n\n".join(filter(None, parts)) + "\n")
    return out / "summary.md"


def plain(value: object) -> str:
    """Data as plain text in a cell or a paragraph of Markdown: no markup, no link.

    Round brackets stay as they are, so that the file itself can be read; without square ones they mean nothing.

    >>> plain("[a](b) | *97%* https://example.org")
    '&#91;a&#93;(b) &#124; &#42;97%&#42; https&#58;//example.org'
    """
    flat = " ".join(str(value).split()).translate(_MARKUP)
    return _LINK.sub(lambda found: f"{found[1]}&#58;" if found[0].endswith(":") else "&#46;", flat)


def _head(ledger: Ledger, assessments: Sequence[Assessment], as_of: str) -> str:
    article = ledger.article
    tally = Counter(a.verdict.label for a in assessments if a.verdict)
    counts = [f"{tally[label]} {label.lower()}" for label in LABELS if tally[label]]
    rated = sum(a.verdict is None for a in assessments)
    counts += [f"{rated} without a number that data could test"] if rated else []
    known = f" Only what was known on {as_of} is used." if as_of else ""
    where = ", ".join(filter(None, (article.publisher, article.date)))
    return f"# What the numbers are worth\n\n{plain(article.title)} ({plain(where)}): {'; '.join(counts)}.{known}"


def _charts(ledger: Ledger, assessments: Sequence[Assessment], as_of: str) -> Iterable[tuple[str, Axes]]:
    if any(a.verdict for a in assessments):
        yield "scoreboard", draw_scoreboard(assessments)
    if not ledger.builtin:
        return
    found = {a.claim.id: a for a in assessments}
    with suppress(NotPublished):
        yield "deaths", draw_deaths(deaths.sums(as_of=as_of or None), claim=found["deaths-per-year"])
    yield "origin", ladder(found["origin-share"].ladder)


def _numbers(computed: Sequence[Assessment]) -> str:
    rows = [
        (f"“{a.claim.quote}”", f"**{plain(a.verdict)}**", sentences.compared(a), sentences.takes(a)) for a in computed
    ]
    heads = ("the article says", "verdict", "natural reading against the claim", "what it would take to change")
    return _table("Numbers", heads, [(plain(q), v, plain(c), plain(t)) for q, v, c, t in rows])


def _ratings(rated: Sequence[Assessment]) -> str:
    rows = [(f"“{a.claim.quote}”", a.claim.headline or "not rated") for a in rated]
    heads = ("the article says", "an editor's rating, not computed")
    return _table("Statements without a number", heads, [tuple(map(plain, row)) for row in rows])


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _foot(as_of: str) -> str:
    newest = {table.dataset: table.vintage for table in catalog.entries() if table.is_frame}
    held = ", ".join(f"{dataset} {vintage}" for dataset, vintage in newest.items())
    return (
        f"Written by `fentanyl-stats report`, fentanyl_stats {__version__}"
        f"{f', as known on {as_of}' if as_of else ''}. Newest tables held: {held}."
    )
