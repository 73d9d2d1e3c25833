"""How a value shows itself in a notebook: a title and a few rows, every text escaped, readable in light and dark."""

from __future__ import annotations

import html
from collections.abc import Iterable

_CARD = (
    "border-left: 4px solid var(--jp-border-color0, #888); padding: .2em 1em; margin: .4em 0; max-width: 60em; "
    "font-family: var(--jp-content-font-family, sans-serif)"
)
_HEAD = "text-align: left; vertical-align: top; padding: .15em 1.2em .15em 0; font-weight: normal; white-space: nowrap; opacity: .75"
_CELL = "text-align: left; vertical-align: top; padding: .15em 0; overflow-wrap: anywhere"


def card(title: str, rows: Iterable[tuple[str, object]], quote: str = "", url: str = "") -> str:
    """A card as HTML.

    Parameters
    ----------
    title : str
        What it is: a heading in bold, a link where `url` is a web address.
    rows : iterable of (str, object)
        Names and what they say; rows that say nothing ("", None) are left out.
    quote : str
        Words of somebody else, set apart under the title.

    Examples
    --------
    >>> made = card("<b>", [("deaths", "72,776"), ("note", "")], quote="a & b")
    >>> "&lt;b&gt;" in made, "a &amp; b" in made, "note" in made
    (True, True, False)
    """
    head = html.escape(title)
    if url.startswith(("https://", "http://")):
        head = f'<a href="{html.escape(url)}" rel="noopener noreferrer">{head}</a>'
    said = f'<p style="margin: .2em 0; font-style: italic">“{html.escape(quote)}”</p>' if quote else ""
    lines = "".join(
        f'<tr style="background: none"><th scope="row" style="{_HEAD}">{html.escape(name)}</th>'
        f'<td style="{_CELL}">{html.escape(str(value))}</td></tr>'
        for name, value in rows
        if value not in ("", None)
    )
    table = (
        f'<table style="margin: 0; border: none; border-collapse: collapse"><tbody>{lines}</tbody></table>'
        if lines
        else ""
    )
    return f'<div style="{_CARD}"><p style="margin: .2em 0"><strong>{head}</strong></p>{said}{table}</div>'
