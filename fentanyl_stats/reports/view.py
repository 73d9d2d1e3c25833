"""What the pages of a report show beside `fs.show`: headings made of data, and what a page was made of."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..model import Source
from ..show import show
from .parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def say(template: str, **values: Any) -> None:
    """Show Markdown prose; the template is the notebook's, the values are data and are escaped."""
    show(template if values else template.format(), **values)


def figure(ax: Axes) -> None:
    """Show a chart."""
    show(ax)


def table(
    frame: pd.DataFrame,
    caption: str,
    note: str = "",
    source: str | Source | Sequence[Source] = "",
    notes: tuple[str, str] | None = None,
) -> None:
    """Show a table: `note` is a remark on all of it, `notes` a column of texts and the column that carries their marks."""
    show(frame, caption=caption, notes=note, source=source or None, footnotes=notes, most=len(frame))


def markup(made: str) -> None:
    """Show HTML whose data are escaped already."""
    from IPython.display import HTML, display

    display(HTML(made))


def sources(cited: Sequence[Source]) -> None:
    """Show sources with dates and links."""
    show(list(cited))


def heading(words: str, quote: str = "") -> None:
    """Show a section heading, made of data, with an optional quote under it."""
    under = f"<blockquote>{html.escape(quote)}</blockquote>" if quote else ""
    markup(f"<h2>{html.escape(words)}</h2>{under}")


def colophon(given: Parameters) -> None:
    """Show what the page was made of: its parameters, and every table read so far with vintage and hash."""
    show(given)
