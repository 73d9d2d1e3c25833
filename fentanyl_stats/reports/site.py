"""Executed notebooks to HTML pages: one look, no script, nothing from the network; figures beside them as SVG and PNG, tables
as CSV."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from .. import __version__
from ..show import CSV, PNG, SVG
from . import colophons, record
from .execute import Job, Outcome
from .files import write as write

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
        data=record.tables(outcome.notebook),
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
            citation=colophons.citation(title, __version__, data, as_of),
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
    body, found = exporter.from_notebook_node(record.dropped(notebook), resources=resources)
    return str(body), dict(found.get("outputs", {}))


def _untitled(source: str) -> str:
    """Markdown without its first-level heading: the page has its own."""
    return re.sub(r"\A# [^\n]*\n*", "", source)


@cache
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


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _css() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8")


def template(name: str, **values: object) -> str:
    """A template of the site, filled; all values are escaped."""
    return _environment().get_template(name).render(**values)
