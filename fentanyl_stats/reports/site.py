"""Executed notebooks to HTML pages: one look, no script, nothing from the network; figures beside them as SVG and PNG, tables
as CSV."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from .. import __version__
from ..audit import words
from ..audit.assess import Assessment
from ..audit.ledger import Ledger
from ..audit.verdicts import LABELS
from . import record, sheets
from .execute import Job, Outcome

TEMPLATES = Path(__file__).with_name("templates")
Link = tuple[str, str]


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def page(outcome: Outcome, out: Path, links: Sequence[Link], as_of: str = "", jsonld: str = "") -> Path:
    """Write the page of an executed notebook, and its figures and tables under `figures/`; `jsonld` is for programs."""
    job = outcome.job
    depth = "../" * job.page.count("/")
    stem = job.page.removesuffix(".html").replace("/", "-")
    body, outputs = _body(outcome.notebook, f"{depth}figures/{stem}")
    for name, data in outputs.items():
        write(out / "figures" / Path(name).name, data)
    target = out / job.page
    write(target, _page(job.title, body, [(text, depth + href) for text, href in links], as_of, _command(job), jsonld))
    return target


def index(out: Path, ledger: Ledger, assessments: Iterable[Assessment], links: Sequence[Link], as_of: str = "") -> Path:
    """Write index.html, the scoreboard."""
    assessments = list(assessments)
    computed = [a for a in assessments if a.verdict is not None]
    tally = Counter(a.verdict.label for a in computed if a.verdict)
    body = (
        _environment()
        .get_template("index.html.j2")
        .render(
            article=ledger.article,
            as_of=as_of,
            delta=computed[0].delta if computed else 0.0,
            tally=[(label, tally[label]) for label in LABELS if tally[label]],
            computed=[_scored(a, out) for a in computed],
            editorial=[_rated(a, out) for a in assessments if a.verdict is None],
            themes=[link for link in links if link[1].startswith("themes/")],
        )
    )
    write(out / "index.html", _page("What the article's numbers are worth", body, links, as_of, "make report"))
    return out / "index.html"


def _scored(a: Assessment, out: Path) -> dict[str, Any]:
    return {
        "quote": a.claim.quote,
        "href": _claim_page(a, out),
        "verdict": a.verdict,
        "flags": a.flags,
        "headline": a.claim.headline,
        "compared": words.compared(a),
        "takes": words.takes(a),
    }


def _rated(a: Assessment, out: Path) -> dict[str, Any]:
    claim = a.claim
    return {
        "quote": claim.quote,
        "href": _claim_page(a, out),
        "headline": claim.headline,
        "ratings": ", ".join(filter(None, (claim.fidelity, claim.evidence))),
        "reason": " ".join(filter(None, (claim.fidelity_reason, claim.evidence_reason))),
    }


def _claim_page(a: Assessment, out: Path) -> str:
    """The address of the claim's page, empty where no run has written one: a link to nothing helps nobody."""
    page = f"claims/{a.claim.id}.html"
    return page if (out / page).is_file() else ""


def _command(job: Job) -> str:
    given = "".join(f" -p {name} {value}" for name, value in job.parameters.items() if value != "")
    return f"papermill notebooks/{job.notebook} out.ipynb{given}"


def _page(title: str, body: str, links: Sequence[Link], as_of: str, command: str, jsonld: str = "") -> str:
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            body=Markup(body),
            links=links,
            css=Markup(_css()),
            version=__version__,
            as_of=as_of,
            command=command,
            jsonld=Markup(jsonld),
        )
    )


def _body(notebook: Any, prefix: str) -> tuple[str, dict[str, bytes]]:
    exporter = _exporter()
    resources = {"unique_key": prefix, "output_files_dir": ""}
    body, found = exporter.from_notebook_node(record.dropped(notebook), resources=resources)
    return str(body), dict(found.get("outputs", {}))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExtractOutputPreprocessor

    extract = ExtractOutputPreprocessor(
        output_filename_template="{unique_key}-{cell_index}-{index}{extension}",
        extract_output_types={"image/png", "image/svg+xml", sheets.MIME},
    )
    exporter = HTMLExporter(
        template_name="fentanyl", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
    exporter.register_preprocessor(extract, enabled=True)
    return exporter


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)


@cache
def _css() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8")
