"""Executed notebooks as pages of a site, with its index and summary."""

from __future__ import annotations

import mimetypes
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from ..analysis import deaths
from ..audit import sentences
from ..audit.card import verdict_bar
from ..audit.ledger import Ledger
from ..audit.verdicts import LABELS, MEANING, Label
from ..charts._claims import ladder, scoreboard
from ..charts._deaths import deaths as draw_deaths
from ..data import catalog, names
from ..errors import NotPublished
from ..model import __version__
from ..show import CSV, NARROW, PNG, SVG, alt_text, pictures, verdict_class
from .cache import Job, Outcome, record, shown, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..audit.assess import Assessment

TEMPLATES = Path(__file__).with_name("templates")
KINDS = {"claims": "Claim", "themes": "Theme", "jurisdictions": "Place"}
"""The folders of a report and what a page in each is."""
Link = tuple[str, str]


Used = Iterable[Mapping[str, str]]
"""Figure tables, each with its dataset and vintage."""


def page(outcome: Outcome, out: Path, links: Sequence[Link], as_of: str = "", jsonld: str = "") -> list[Path]:
    """Write the page of an executed notebook, then its figures and tables under `figures/`; `jsonld` is for programs."""
    job = outcome.job
    depth = "../" * job.page.count("/")
    stem = job.page.removesuffix(".html").replace("/", "-")
    resources = {"unique_key": f"{depth}figures/{stem}", "output_files_dir": ""}
    body, found = _exporter().from_notebook_node(shown(outcome.notebook), resources=resources)
    content = render(
        job.title, body, [(text, depth + href) for text, href in links],
        as_of=as_of, page=job.page, commands=_commands(job), data=record(outcome.notebook)["tables"], jsonld=jsonld,
    )  # fmt: skip
    figures = [write(out / "figures" / Path(name).name, data) for name, data in found.get("outputs", {}).items()]
    return [write(out / job.page, content), *figures]


def render(
    title: str,
    body: str,
    links: Sequence[Link],
    *,
    as_of: str,
    page: str = "index.html",
    commands: Sequence[str] = (),
    data: Used = (),
    jsonld: str = "",
) -> str:
    """A whole page around a body: header, ways to other pages, how to make it again, how to cite it, footer.

    `links` start with the index; `data` are the tables that the page rests on.
    """
    folder, _, name = page.rpartition("/")
    # A claim's quote stands in the page itself; its heading is the claim's short name.
    heading = name.removesuffix(".html").replace("-", " ").capitalize() if folder == "claims" else title
    return _environment().get_template("page.html.j2").render(
        title=title, heading=heading, kind=KINDS.get(folder, ""), page=page, body=Markup(body), links=links,
        css=Markup((TEMPLATES / "style.css").read_text("utf-8")), as_of=as_of, commands=commands,
        citation=citation(title, data, as_of), jsonld=Markup(jsonld),
    )  # fmt: skip


def citation(title: str, data: Used, as_of: str = "") -> str:
    """How to cite a page: title, package and version, data, and the day whose knowledge it uses.

    >>> read = [{"dataset": "vsrr", "vintage": "2024-09-11"}, {"dataset": "vsrr", "vintage": "2025-01-08"}]
    >>> citation("A page", read).replace(__version__, "1.2")
    '“A page”. fentanyl_stats, version 1.2. Data: vsrr (2024-09-11, 2025-01-08). Everything held is used.'
    """
    grouped: dict[str, list[str]] = {}
    for table in data:
        grouped.setdefault(table["dataset"], []).append(table["vintage"])
    line = "; ".join(f"{name} ({', '.join(dict.fromkeys(found))})" for name, found in grouped.items())
    known = f"As known on {as_of}." if as_of else "Everything held is used."
    rests = f" Data: {line}." if line else ""
    return f"“{title}”. fentanyl_stats, version {__version__}.{rests} {known}"


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


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExtractOutputPreprocessor
    from nbconvert.utils.base import NbConvertBase
    from traitlets.config import Config

    mimetypes.add_type(NARROW, ".narrow.svg")
    extract = ExtractOutputPreprocessor(
        output_filename_template="{unique_key}-{cell_index}-{index}{extension}",
        extract_output_types={PNG, SVG, NARROW, CSV},
    )
    # A picture's HTML is the same SVG, for notebooks; a page has it in a file of its own.
    priority = [SVG, *NbConvertBase().display_data_priority]
    exporter = HTMLExporter(
        template_name="fentanyl",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        config=Config(NbConvertBase={"display_data_priority": list(dict.fromkeys(priority))}),
    )
    # the page has a first-level heading of its own
    exporter.register_filter("untitled", lambda source: re.sub(r"\A# [^\n]*\n*", "", source))
    exporter.register_preprocessor(extract, enabled=True)
    return exporter


@cache
def _environment(kind: str = "html") -> jinja2.Environment:
    """The templates of the site; all values are escaped, for HTML or for Markdown."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=kind == "md", autoescape=kind == "html", finalize=plain if kind == "md" else None,
    )  # fmt: skip
    made.filters |= {"bar": verdict_bar, "style": verdict_class, "when": sentences.when}
    made.globals |= {"labels": LABELS, "meaning": MEANING, "sentences": sentences, "version": __version__}
    return made


Drawn = tuple[str, Mapping[str, Any]]
"""A picture: its alt text, and the picture by type."""
_ENDS = {SVG: ".svg", NARROW: ".narrow.svg", PNG: ".png"}
GROUPS: dict[Label, str] = {
    "CONTRADICTED": "Does not hold",
    "INCONCLUSIVE": "Too uncertain to say",
    "DEPENDS": "Depends on what is meant",
    "NOT DETERMINED": "Nobody can tell",
    "CLOSE": "Nearly holds",
    "SUPPORTED": "Holds",
}
"""The verdicts as a reader asks for them, in the order of the index."""


def index(
    out: Path, ledger: Ledger, assessments: Sequence[Assessment], board: Drawn, links: Sequence[Link], as_of: str = ""
) -> list[Path]:
    """Write index.html and the picture of all verdicts, as `drawn_board` gives it."""
    computed = [a for a in assessments if a.verdict]
    alt, drawn = board
    places = ((names.jurisdiction_name(code), f"jurisdictions/{code}.html") for code in names.jurisdictions())
    body = _environment().get_template("index.html.j2").render(
        article=ledger.article,
        as_of=as_of,
        delta=computed[0].delta if computed else 0.0,
        summary=summary(assessments),
        groups=[(heading, label, found) for label, heading in GROUPS.items()
                if (found := [a for a in computed if a.verdict and a.verdict.label == label])],
        editorial=[a.claim for a in assessments if not a.verdict],
        with_page={a.claim.id for a in assessments if (out / "claims" / f"{a.claim.id}.html").is_file()},
        alt=alt,
        themes=[link for link in links if link[1].startswith("themes/")],
        places=[(name, href) for name, href in places if (out / href).is_file()],
    )  # fmt: skip
    used = {(s.id, s.vintage) for a in computed for r in a.readings for s in r.sources if s.sha256}
    data = [{"dataset": dataset, "vintage": vintage} for dataset, vintage in sorted(used)]
    title = "What the article's numbers are worth" if ledger.builtin else ledger.article.title
    commands = ["make report"] if ledger.builtin and not as_of else []
    content = render(title, body, links, as_of=as_of, commands=commands, data=data)
    pictured = (write(out / f"figures/index-scoreboard{_ENDS[kind]}", made) for kind, made in drawn.items())
    return [write(out / "index.html", content), *pictured]


def drawn_board(assessments: Iterable[Assessment]) -> Drawn:
    """The picture of all verdicts; of claims without a number there is none."""
    computed = [a for a in assessments if a.verdict]
    if not computed:
        return "", {}
    ax = scoreboard(computed)
    return alt_text(ax), pictures(ax)


def summary(assessments: Sequence[Assessment]) -> str:
    """How many claims hold and how many do not, in a sentence.

    >>> from fentanyl_stats import assess
    >>> summary([assess("foreign-offices"), assess("origin-share"), assess("root-cause")])
    'Of 2 claims that public data can test, 1 depends on what is meant and 1 is supported; 1 more carries no such number, only an editor’s rating.'
    """
    computed = [a.verdict.label for a in assessments if a.verdict]
    counts = [(n, label.lower()) for label in GROUPS if (n := computed.count(label))]
    rest = len(assessments) - len(computed)
    if not counts:
        return f"None of {rest} claims holds a number that public data can test; they carry an editor’s rating."
    parts = [f"{n} {_counted(n, label)}" for n, label in counts]
    listed = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    more = f"; {rest} more carr{'ies' if rest == 1 else 'y'} no such number, only an editor’s rating" if rest else ""
    return f"Of {len(computed)} claim{'s' if len(computed) > 1 else ''} that public data can test, {listed}{more}."


def _counted(n: int, label: str) -> str:
    if label == "depends":
        return "depends on what is meant" if n == 1 else "depend on what is meant"
    return f"{'is' if n == 1 else 'are'} {label}"


def write_summary(
    out: Path, ledger: Ledger, assessments: Sequence[Assessment], board: Drawn, as_of: str = ""
) -> list[Path]:
    """Write `summary.md` and `summary-*.svg`, the same bytes for the same data.

    Parameters
    ----------
    out : Path
        The report's folder.
    ledger : Ledger
    assessments : sequence of Assessment
        Every claim of the ledger. The pictures of deaths and of the drifting 97% are those of the built-in article.
    board : (str, mapping)
        As `drawn_board` gives it.
    as_of : str
        The day whose knowledge counts, "" for everything held.
    """
    drawn = {"scoreboard": board} if board[1] else {}
    drawn |= {name: (alt_text(ax), pictures(ax, [SVG])) for name, ax in _charts(ledger, assessments, as_of)}
    files = [write(out / f"summary-{name}.svg", kinds[SVG]) for name, (_, kinds) in drawn.items()]
    for stale in {*out.glob("summary-*.svg")} - {*files}:
        stale.unlink()
    tally = Counter(a.verdict.label for a in assessments if a.verdict)
    made = _environment("md").get_template("summary.md.j2").render(
        article=ledger.article,
        as_of=as_of,
        tally=[(tally[label], label.lower()) for label in LABELS if tally[label]],
        pictures=[(alt, file.name) for (alt, _), file in zip(drawn.values(), files, strict=True)],
        computed=[a for a in assessments if a.verdict],
        rated=[a.claim for a in assessments if not a.verdict],
        held={table.dataset: table.vintage for table in catalog.entries() if table.is_frame},
    )  # fmt: skip
    return [write(out / "summary.md", made), *files]


def plain(value: object) -> str:
    """Data as plain text in a cell or a paragraph of Markdown: no markup, no link.

    Round brackets stay as they are, so that the file itself can be read; without square ones they mean nothing.

    >>> plain("[a](b) | *97%* https://example.org")
    '&#91;a&#93;(b) &#124; &#42;97%&#42; https&#58;//example.org'
    """
    flat = " ".join(str(value).split()).translate({ord(char): f"&#{ord(char)};" for char in r"\`*_{}[]#|~<>$&@"})
    return re.sub(
        r"(?i)(?<=http)(s?):|(?<=www)\.", lambda found: f"{found[1]}&#58;" if found[0].endswith(":") else "&#46;", flat
    )


def _charts(ledger: Ledger, assessments: Sequence[Assessment], as_of: str) -> Iterator[tuple[str, Axes]]:
    if ledger.builtin:
        found = {a.claim.id: a for a in assessments}
        with suppress(NotPublished):
            yield "deaths", draw_deaths(deaths.sums(as_of=as_of or None), claim=found["deaths-per-year"])
        yield "origin", ladder(found["origin-share"].ladder)
