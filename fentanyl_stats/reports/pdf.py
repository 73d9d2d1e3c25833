"""Pages to paginated PDF: an installed Chromium prints them, pypdf takes out what differs from run to run.

Text stays text, figures stay vectors; headings become bookmarks, and the structure is tagged as the browser tags it.
"""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ReportError
from ..model import __version__
from .cache import write
from .pages import KINDS

AUDIT = "audit.pdf"
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""Programs that can print a page, in the order in which they are looked for."""

_FLAGS = (
    *("--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking"),
    *("--disable-extensions", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"),
    *("--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a page needs nothing from the network, and gets nothing
)
_PATIENCE = 600.0
_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_HEAD = re.compile(r"\A(.*?<body>)", re.DOTALL)
_HEADING = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL)
_NODE = re.compile(rb"\(node(\d{8})\)")
_LOCAL = re.compile(r' href="(?!https?:|#)([^"]*)"')


def browser() -> str:
    """The program that prints, once it is sure that pypdf is there too.

    Raises
    ------
    ReportError
        If no Chromium is installed, or pypdf is missing.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise ReportError("--pdf prints with an installed Chromium or Chrome, and none was found on the PATH")
    if find_spec("pypdf") is None:
        raise ReportError("--pdf needs pypdf; install the extra: pip install 'fentanyl-stats[pdf]'")
    return found


def pages(
    out: Path, names: Iterable[str], workers: int | None = None, done: Callable[[Path], None] | None = None
) -> list[Path]:
    """Write a PDF beside each page of a report, named as `claims/root-cause.html`; pages that are not there are left out.

    Raises
    ------
    ReportError
        If there is nothing to print with, or a page could not be printed.
    """
    program = browser()
    wanted = [name for name in names if (out / name).is_file()]

    def one(name: str) -> Path:
        target = (out / name).with_suffix(".pdf")
        _print(program, unlinked((out / name).read_text("utf-8")), target)
        if done:
            done(target)
        return target

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        return list(pool.map(one, wanted))


def audit(out: Path) -> Path:
    """Write `audit.pdf`: the index and every page of the folder in one document, numbered and bookmarked through.

    Raises
    ------
    ReportError
        If there is nothing to print with, or the document could not be printed.
    """
    program = browser()
    names = [
        "index.html",
        *(p.relative_to(out).as_posix() for kind in KINDS for p in sorted((out / kind).glob("*.html"))),
    ]
    _print(program, combined({name: (out / name).read_text("utf-8") for name in names}), out / AUDIT)
    return out / AUDIT


def combined(found: dict[str, str]) -> str:
    """One document of many pages: each article begins a page of paper, links between them lead within the document.

    >>> made = combined({"index.html": '<head></head><body><main id="content"><a href="claims/a.html">A</a></main></body>',
    ...                  "claims/a.html": '<body><main><h2 id="cite">B</h2><a href="../x.html">C</a></main></body>'})
    >>> 'href="#claims-a"' in made, 'id="claims-a-cite"' in made, "x.html" in made
    (True, True, False)
    """
    first = next(iter(found.values()))
    parts = []
    for name, text in found.items():
        place, depth = _place(name), name.count("/")
        body = _MAIN.search(text)
        inner = body[1] if body else ""
        inner = re.sub(r'(?<= )(id|headers|aria-labelledby)="([^"]*)"', lambda m: _renamed(m, place), inner)  # noqa: B023
        for source in ("src", "srcset"):
            inner = inner.replace(f' {source}="' + "../" * depth, f' {source}="')
        inner = _LOCAL.sub(lambda m: _within(m[1], name, found), inner)  # noqa: B023
        parts.append(f'<div class="sheet" id="{place}">{inner}</div>')
    head = _HEAD.match(first)
    return f"{head[1] if head else ''}<main>{''.join(parts)}</main></body></html>"


def unlinked(page: str) -> str:
    """A page without links to files: on paper they lead nowhere, and a PDF would hold the folder's name."""
    return _LOCAL.sub("", page)


def _place(name: str) -> str:
    return name.removesuffix(".html").replace("/", "-")


def _renamed(match: re.Match[str], place: str) -> str:
    return f'{match[1]}="{" ".join(f"{place}-{word}" for word in match[2].split())}"'


def _within(href: str, name: str, found: Iterable[str]) -> str:
    path = os.path.normpath(os.path.join(os.path.dirname(name), html.unescape(href))).replace(os.sep, "/")
    return f' href="#{_place(path)}"' if path in found else ""


def _print(program: str, page: str, target: Path) -> None:
    """Print a page from a file beside its target, so that its pictures are found, and write the PDF whole or not at all."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "page.pdf"
        source = target.with_name(f".{target.stem}.print.html")
        command = [program, *_FLAGS, f"--user-data-dir={scratch}/profile", f"--print-to-pdf={made}", source.as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # as root, the browser does not start with one
        try:
            source.write_text(page, "utf-8")
            ran = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ReportError(f"{target.name} could not be printed: {type(error).__name__} of {program}") from None
        finally:
            source.unlink(missing_ok=True)
        if ran.returncode or not made.is_file():
            raise ReportError(f"{target.name} could not be printed: {program} ended with code {ran.returncode}")
        write(target, normalised(made.read_bytes(), page))


def normalised(content: bytes, page: str) -> bytes:
    """A PDF without what differs from run to run: dates, the browser's name, the numbers of its structure nodes.

    Bookmarks get the words of their headings in `page` back: the browser drops the space at which a heading wraps.
    """
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(content))
    writer = PdfWriter(clone_from=reader)
    title = (reader.metadata.title if reader.metadata else None) or "fentanyl_stats"
    writer.metadata = {"/Title": title, "/Creator": f"fentanyl_stats {__version__}"}
    writer.page_mode = "/UseOutlines"
    headings = {"".join(text.split()): text for text in map(_plain, _HEADING.findall(page))}
    _retitle(writer.root_object.get("/Outlines"), headings)
    buffer = io.BytesIO()
    writer.write(buffer)
    content = buffer.getvalue()
    found = {node: b"%08d" % i for i, node in enumerate(sorted(set(_NODE.findall(content))))}
    return _NODE.sub(lambda m: b"(node" + found[m[1]] + b")", content)  # as wide as before: no offset moves


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def _retitle(item: Any, headings: Mapping[str, str]) -> None:
    from pypdf.generic import NameObject, TextStringObject

    while item is not None:
        node = item.get_object()
        title = "".join(str(node.get("/Title", "")).split())
        if title in headings:
            node[NameObject("/Title")] = TextStringObject(headings[title])
        _retitle(node.get("/First"), headings)
        item = node.get("/Next")


def plan(only: str, each: str, made: Sequence[str]) -> tuple[list[str], bool]:
    """Which pages to print, and whether the whole audit too: it is the whole only after a whole run.

    >>> plan("", "", ["claims/a.html"]), plan("a", "", ["claims/a.html"])
    ((['index.html', 'claims/a.html'], True), (['claims/a.html'], False))
    """
    whole = not only and not each
    return ["index.html", *made] if whole else list(made), whole
