"""What was said against what was found on one line: a small SVG that stands in the page itself and takes its colours."""

from __future__ import annotations

import html
import math

from ..audit import sentences
from ..audit.assess import Assessment
from ..audit.readings import Reading
from ..model import Interval, number

HEIGHT, LINE = 40, 14
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_BAND = 22
_FILL = {"wide": "#f1e3ae", "claimed": "#d9a400", "found": "#1a1a1a", "end": "#1a1a1a", "axis": "#8a8a8a"}


def gauge(a: Assessment) -> str:
    """The claim as a band (what the words say, dark; read generously, pale) and the ordinary reading as a mark.

    A value is a dot with its interval; bounds are a thin line with a stroke at each end that the evidence sets (a bound of
    0 is nobody's finding); what nobody measured or published is a hollow bar with a question mark. An infinite end runs to the edge. Places are in per cent of the width, so that the line fits any column and its words
    keep their size. The colours are attributes, so that a style sheet may overrule them; the text
    alternative holds all that the picture shows. Empty for a claim without a computed number.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> gauge(assess("foreign-offices")).startswith('<svg class="gauge" role="img"'), gauge(assess("root-cause"))
    (True, '')
    """
    n, claimed, wide = a.natural, a.claim_interval, a.widened_interval
    if n is None or claimed is None or wide is None or a.verdict is None:
        return ""
    low, high = scale(a)

    def at(x: float) -> float:
        return round(100 * (min(max(x, low), high) - low) / (high - low), 2)

    parts = [_bar("axis", 0, 100, 1), _bar("wide", at(wide.low), at(wide.high), _BAND)]
    parts += _claimed(at(claimed.low), at(claimed.high))
    if n.value is not None:
        parts.append(_bar("found", at(n.low), at(n.high), 2))
        parts.append(f'<circle class="at-found" cx="{at(n.value):g}%" cy="{LINE}" r="5.5" fill="{_FILL["found"]}"/>')
    elif {"not measured", "not published"} & set(n.flags):
        parts += _unknown(at(n.low), at(n.high))
    else:
        parts.append(_bar("found", at(n.low), at(n.high), 2))
        parts += [_stroke("end", at(end), 16) for end in (n.low, n.high) if 0 < end < math.inf]
    for x, anchor, value in ((0, "start", low), (100, "end", high)):
        mark = f"{number(value)}{'%' if n.unit == 'percent' else ''}"
        parts.append(
            f'<text x="{x}%" y="{HEIGHT - 4}" font-size="11" text-anchor="{anchor}" fill="{_FILL["axis"]}">{mark}</text>'
        )
    alt = html.escape(f"{sentences.compared(a)} {sentences.rule(a)}")
    size = f'width="100%" height="{HEIGHT}" overflow="visible"'
    return f'<svg class="gauge" role="img" aria-label="{alt}" {size}>{"".join(parts)}</svg>'


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
    end = next(part * decade for part in _ROUND if part * decade >= 1.05 * top)
    return 0.0, end if decade > 1 else float(math.ceil(end))


def _claimed(start: float, end: float) -> list[str]:
    """What the words say: a band; a narrow one is marked besides, so that it can be seen on a short line."""
    narrow = start < end < start + 2
    mark = [_stroke("claimed at-mark", round((start + end) / 2, 2), _BAND)] if narrow else []
    return [_bar("claimed", start, end, _BAND), *mark]


def _unknown(start: float, end: float) -> list[str]:
    top, middle, ink = LINE - 6, (start + end) / 2, _FILL["found"]
    return [
        f'<rect class="at-unknown" x="{start:g}%" y="{top}" width="{round(end - start, 2):g}%" height="12" fill="none" '
        f'stroke="{ink}" stroke-width="1" stroke-dasharray="3 3"/>',
        f'<text class="at-unknown" x="{middle:g}%" y="{LINE + 5}" font-size="14" font-weight="bold" text-anchor="middle" '
        f'fill="{ink}">?</text>',
    ]


def _bar(name: str, start: float, end: float, thick: float) -> str:
    """A bar between two places of the line, in per cent of its length; a point becomes a stroke that can be seen."""
    if end == start:
        return _stroke(name, start, thick)
    top = LINE - thick / 2
    return (
        f'<rect class="at-{name}" x="{start:g}%" y="{top:g}" width="{round(end - start, 2):g}%" height="{thick:g}" '
        f'fill="{_FILL[name]}"/>'
    )


def _stroke(name: str, place: float, thick: float) -> str:
    top, fill = LINE - thick / 2, _FILL[name.split()[0]]
    where = f'x1="{place:g}%" x2="{place:g}%" y1="{top:g}" y2="{top + thick:g}"'
    return f'<line class="at-{name}" {where} stroke="{fill}" stroke-width="4"/>'


def legend(claimed: Interval, wide: Interval, found: Reading) -> str:
    """How to read the line, in words.

    >>> from fentanyl_stats import assess
    >>> a = assess("deaths-per-year")
    >>> legend(a.claim_interval, a.widened_interval, a.natural)
    'Band: what the words say. Pale: the words read generously. Black stroke: the most that the evidence allows.'
    """
    pale = " Pale: the words read generously." if claimed != wide else ""
    if found.value is not None:
        mark = "Dot: what was found."
    elif {"not measured", "not published"} & set(found.flags):
        mark = "Hollow: it could be anywhere."
    elif found.low <= 0:
        mark = "Black stroke: the most that the evidence allows."
    else:
        mark = "Between the black strokes: what the evidence allows."
    return f"Band: what the words say.{pale} {mark}"
