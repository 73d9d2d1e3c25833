"""What notebooks show: prose with rendered values, pictures with alt text, tables. All data are escaped."""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..charts import style
from ..data import catalog
from ..model import Source
from . import colophons, record, sheets, tables
from .parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .tables import Cited

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in r"\`*_{}[]()#+!|~<>$&:" + '"' + "'"})


def text(value: object) -> str:
    """Data as plain text in Markdown: every character that could be markup becomes an entity, also the colon of a bare
    web address, of which a reader of Markdown would make a link.

    >>> text("<b>*97*</b>")
    '&#60;b&#62;&#42;97&#42;&#60;/b&#62;'
    """
    return " ".join(str(value).split()).translate(_MARKUP)


def say(template: str, **values: object) -> None:
    """Show Markdown prose; the template is the notebook's, the values are data and are escaped."""
    from IPython.display import Markdown, display

    display(Markdown(template.format_map({name: text(value) for name, value in values.items()})))


def figure(ax: Axes) -> None:
    """Show a chart as SVG and PNG with the alt text it wrote, the same bytes for the same data."""
    from IPython.display import display

    alt = style.alt_text(ax)
    display(
        {**pictures(ax), "text/plain": alt},
        metadata={"image/svg+xml": {"alt": alt}, "image/png": {"alt": alt}},
        raw=True,
    )


def pictures(ax: Axes) -> dict[str, Any]:
    """A chart as SVG text and PNG bytes, by type."""
    from matplotlib import rc_context, rcParams

    drawn = ax.get_figure(root=True)
    assert drawn is not None
    made: dict[str, Any] = {}
    with (
        rc_context({
            "svg.hashsalt": "fentanyl_stats", "svg.fonttype": "path",
            "text.hinting": "none",  # or text is not as wide in one format as in the other
            "font.sans-serif": ["DejaVu Sans"],  # matplotlib brings it; what else is installed must not show
            "figure.constrained_layout.use": False, "figure.autolayout": False,
        }),
        warnings.catch_warnings(),
    ):  # fmt: skip
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a quote may be in any script
        if layout := drawn.get_layout_engine():
            layout.execute(drawn)
        drawn.set_layout_engine(None)  # laid out once: constrained layout moves things a little at every drawing
        box = drawn.get_tightbbox().padded(rcParams["savefig.pad_inches"])  # measured once: "tight" draws to measure
        for kind, mime, metadata in (
            ("svg", "image/svg+xml", {"Date": None}),
            ("png", "image/png", {"Software": None}),
        ):
            buffer = io.BytesIO()
            drawn.savefig(buffer, format=kind, metadata=metadata, dpi=144, bbox_inches=box, facecolor="white")
            made[mime] = buffer.getvalue()
    made["image/svg+xml"] = made["image/svg+xml"].decode("utf-8")
    return made


def table(
    frame: pd.DataFrame, caption: str, note: str = "", source: Cited = "", notes: tuple[str, str] | None = None
) -> None:
    """Show a table: caption, headers with units, footnotes, a note and a source line; see `tables.html_table`.

    Its rows go along as CSV.
    """
    from IPython.display import display

    made = tables.html_table(frame, caption, note, source, notes)
    display({"text/html": made, sheets.MIME: sheets.csv(frame), "text/plain": caption}, raw=True)


def markup(made: str) -> None:
    """Show HTML whose data are escaped already."""
    from IPython.display import HTML, display

    display(HTML(made))


def sources(cited: Sequence[Source]) -> None:
    """Show sources with dates and links; only http and https addresses become links."""
    items = []
    for source in cited:
        title = html.escape(source.title or source.id)
        if source.url.startswith(("https://", "http://")):
            title = f'<a href="{html.escape(source.url)}" rel="noopener noreferrer">{title}</a>'
        rest = html.escape(
            ", ".join(filter(None, (source.publisher, source.known.isoformat() if source.known else "")))
        )
        items.append(f"<li><code>{html.escape(source.id)}</code> {title}. {rest}</li>")
    markup(f'<ul class="sources">{"".join(items)}</ul>')


def heading(words: str, quote: str = "") -> None:
    """Show a section heading, made of data, with an optional quote under it."""
    under = f"<blockquote>{html.escape(quote)}</blockquote>" if quote else ""
    markup(f"<h2>{html.escape(words)}</h2>{under}")


def colophon(given: Parameters) -> None:
    """Show what the page was made of: its parameters, and every table read so far with vintage and hash."""
    markup(colophons.html(given, [table for table in catalog.tables_read() if table.dataset != record.CLAIMS]))
