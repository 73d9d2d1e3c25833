"""What was said against what was found on one line: a small SVG that stands in the page itself and takes its colours."""

from __future__ import annotations

import html
import math

from ..audit import words
from ..audit.assess import Assessment
from ..model import Interval, number
from .tables import verdict_class

WIDTH, HEIGHT, LEFT, RIGHT, LINE = 300, 46, 6, 294, 20
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_FILL = {"wide": "#f1e3ae", "claimed": "#d9a400", "found": "#1a1a1a", "axis": "#8a8a8a"}


def gauge(a: Assessment) -> str:
    """The claim as a band (what the words say, dark; read generously, pale) and the natural reading as a mark or bar.

    An infinite end runs to the edge. The colours are attributes, so that a style sheet may overrule them; the text
    alternative holds all that the picture shows. Empty for a claim without a computed number.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> gauge(assess("foreign-offices")).startswith('<svg class="gauge supported" role="img"'), gauge(assess("root-cause"))
    (True, '')
    """
    n, claimed, wide = a.natural, a.claim_interval, a.widened_interval
    if n is None or claimed is None or wide is None or a.verdict is None:
        return ""
    low, high = scale(a)

    def at(x: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (min(max(x, low), high) - low) / (high - low), 1)

    parts = [_rect("axis", LEFT, LINE - 0.5, RIGHT - LEFT, 1)]
    for name, interval in (("wide", wide), ("claimed", claimed)):
        parts.append(_band(name, at(interval.low), at(interval.high)))
    start, end = at(n.low), at(n.high)
    if n.value is None:
        parts.append(_rect("found", start, LINE - 2.5, max(end - start, 5), 5))
    else:
        if end > start:
            parts.append(_rect("found", start, LINE - 1, end - start, 2))
        parts.append(f'<circle class="found" cx="{at(n.value)}" cy="{LINE}" r="5" fill="{_FILL["found"]}"/>')
    for x, anchor, value in ((LEFT, "start", low), (RIGHT, "end", high)):
        end_of_scale = f"{number(value)}{'%' if n.unit == 'percent' else ''}"
        parts.append(
            f'<text x="{x}" y="42" font-size="10" text-anchor="{anchor}" fill="{_FILL["axis"]}">{end_of_scale}</text>'
        )
    alt = html.escape(f"{words.compared(a)} {words.rule(a)}")
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg class="gauge {verdict_class(a.verdict.label)}" role="img" aria-label="{alt}" {size}>{"".join(parts)}</svg>'


def scale(a: Assessment) -> tuple[float, float]:
    """The ends of the line: 0 to 100 for a percentage, else 0 to a round number beyond every finite end.

    >>> from fentanyl_stats import assess
    >>> scale(assess("origin-share")), scale(assess("deaths-per-year")), scale(assess("foreign-offices"))
    ((0.0, 100.0), (0.0, 120000.0), (0.0, 100.0))
    """
    n = a.natural
    if n is None or n.unit == "percent":
        return 0.0, 100.0
    ends = [e for interval in (a.claim_interval, a.widened_interval) if interval for e in (interval.low, interval.high)]
    top = max((e for e in [*ends, n.low, n.high] if math.isfinite(e)), default=1.0) or 1.0
    decade = 10.0 ** math.floor(math.log10(1.05 * top))
    return 0.0, next(part * decade for part in _ROUND if part * decade >= 1.05 * top)


def _band(name: str, start: float, end: float) -> str:
    width = max(end - start, 3.0)
    return _rect(name, round(min(start, RIGHT - width), 1), LINE - 13, round(width, 1), 26)


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{_FILL[name]}"/>'


def legend(claimed: Interval, wide: Interval) -> str:
    """How to read the line, in words.

    >>> legend(Interval(1, 2), Interval(1, 2))
    'Band: what the words say. Dot or bar: what was found.'
    """
    pale = " Pale: the words read generously." if claimed != wide else ""
    return f"Band: what the words say.{pale} Dot or bar: what was found."
