"""All computed verdicts of an article in one picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from ..audit.assess import Assessment
from ..errors import ReportError
from . import style


def scoreboard(assessments: Sequence[Assessment], ax: Axes | None = None) -> Axes:
    """Draw one row a claim: what was said, what was found, the verdict as a marker and a word.

    Raises
    ------
    ReportError
        If no claim has a computed verdict.
    """
    rows = [a for a in assessments if a.verdict is not None and a.natural is not None]
    if not rows:
        raise ReportError("there is no computed verdict to draw")
    ax = style.canvas(ax, 9.6, 0.5 + 0.62 * len(rows))
    ax.set_axis_off()
    ax.set_xlim(0, 100)
    ax.set_ylim(len(rows) - 0.4, -0.95)
    for x, heading in ((1, "the article says"), (41, "the natural reading finds"), (79, "verdict")):
        ax.text(x, -0.75, heading, fontsize=style.SMALL, color=style.GREY, va="center")
    for y, a in enumerate(rows):
        assert a.verdict is not None
        assert a.natural is not None
        colour, marker = style.VERDICTS[a.verdict.label]
        found = f"{a.natural.shown}\n{textwrap.fill(f'{a.natural.label}, {a.natural.window.short}', 46)}"
        quote = style.plain(textwrap.fill(f"“{a.claim.quote}”", 44))
        ax.text(1, y, quote, fontsize=style.SMALL + 1, va="center", style="italic")
        ax.text(41, y, found, fontsize=style.SMALL, va="center", color=style.INK, linespacing=1.3)
        ax.plot(79.5, y, marker, color=colour, ms=10)
        ax.text(
            81.5,
            y,
            str(a.verdict).replace(" (", "\n("),
            fontsize=style.SMALL + 1,
            va="center",
            fontweight="bold",
            color=colour,
        )
        ax.plot([0, 100], [y + 0.5, y + 0.5], color=style.PALE, lw=0.7)
    said = "; ".join(f"“{a.claim.quote}”: {a.verdict}, found {a.natural.shown}" for a in rows if a.natural)
    return style.describe(ax, f"Verdicts on {len(rows)} claims. {said}.")
