"""How an assessment shows itself: the quote, the verdict, what was said beside what was found, and both on one line."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Interval, number
from ..show import Card, verdict_class
from . import sentences

if TYPE_CHECKING:
    from .assess import Assessment, Sense
    from .readings import Reading

# JupyterLab has no style sheet of ours. What stands in an attribute here is the same as on a page of a report, or bears
# the name of a variable that the sheet of those pages sets.
_BADGE = "display: inline-block; padding: .3em .8em; font-size: 1.15em; border: var(--badge, 3px solid currentColor)"
_PAIR = (
    "display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); margin: 1em 0 0; "
    "max-width: 52rem; border: 1px solid var(--rule, currentColor)"
)
_VALUE = "display: block; font-size: 1.35em; line-height: 1.25"

HEIGHT, LINE = 40, 14
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_BAND = 22
_FILL = {
    "wide": "#f1e3ae", "claimed": "#d9a400", "found": "currentColor", "end": "currentColor", "axis": "#8a8a8a",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AssessmentCard(Card):
    """A card with a layout of its own in notebooks and pages; `markup` holds it, escaped."""

    markup: str = ""

    def _repr_html_(self) -> str:
        return self.markup


def card(a: Assessment) -> Card:
    """The card of an assessment, for `show`.

    Examples
    --------
    >>> from fentanyl_stats import assess, show
    >>> show(assess("foreign-countries"))
    SUPPORTED
    “93 offices in 69 countries”
    said: 69 countries, that is [69, 69]
    found: 69 countries: countries with an office of the DEA, world, 24 March 2023, count, vintage 2023-03-24
    why: Last official count before the article, at the end of DEA's foreign review.
    caveat: “Currently” rests on a count of March 2023.
    how sure: Of 4 counts of countries with an office of the DEA published by then, 3 lie within what the words say and 1 above.
    editorial rating: supported (F4, E3)
    readings: 4; 0 cells not published
    """
    rows: list[tuple[str, object]] = []
    if a.senses and a.claim_interval:
        rows.append(("said", f"{a.spoken}, that is {a.claim_interval}"))
        for sense in a.senses:
            n = sense.natural
            name = f"found, {sense.name}" if sense.name else "found"
            verdict = f"{sense.verdict}; " if sense.name else ""
            where = ", ".join(filter(None, (n.label, n.place, str(n.window), n.measure, f"vintage {n.vintage}")))
            rows += [(name, f"{verdict}{n.shown}: {where}"), ("why", n.reason)]
        rows += [*(("flag", flag) for flag in a.flags), ("caveat", a.caveat), ("how sure", sentences.sure(a))]
    if a.claim.headline:
        rows.append(("editorial rating", f"{a.claim.headline} ({a.claim.fidelity}, {a.claim.evidence})"))
    rows.append(("readings", f"{len(a.readings)}; {len(a.holes)} cells not published" if a.readings else ""))
    title = str(a.verdict) if a.verdict else "no number that public data could test"
    markup = _quote(a) + _judgement(a) + "".join(_pair(a, sense) for sense in a.senses)
    return AssessmentCard(title, rows, quote=a.claim.quote, markup=markup)


def _quote(a: Assessment) -> str:
    """The claim as printed, and where it stands."""
    said_of = sentences.said_of(a)
    lines = [f"As passed on by {said_of}."] if said_of else []
    lines += [sentences.context(a.claim, a.article)] if a.article else []
    where = "<br>".join(map(html.escape, lines))
    return (
        f'<figure class="quote" style="margin: .4em 0 1em"><blockquote>“<bdi>{html.escape(a.claim.quote)}</bdi>”'
        f"</blockquote>{f'<figcaption>{where}</figcaption>' if where else ''}</figure>"
    )


def _judgement(a: Assessment) -> str:
    """The verdict in large with its caveat; the editorial rating qualifies it or, without a number, stands alone."""
    claim, parts = a.claim, []
    rated = (claim.headline or "").replace("-", " ")
    if a.verdict:
        caveat = f' <span class="caveat">{html.escape(a.caveat)}</span>' if a.caveat else ""
        parts.append(badge(a.verdict.label, str(a.verdict), caveat))
        said = (
            a.answer.replace(sentences.misfit(a) or "\0", "").replace(a.caveat or "\0", "").strip()
        )  # they stand apart
        parts.append(f'<p class="answer">{html.escape(said)}</p>')
        flags = [("AS PUBLISHED", sentences.equals(found)) for found in a.as_published]
        flags += [("WRONG QUANTITY", misfit)] if (misfit := sentences.misfit(a)) else []
        flags += [("IN HINDSIGHT", later)] if (later := sentences.in_hindsight(a)) else []
        parts += [f'<p class="flag"><strong>{word}</strong> {html.escape(said)}</p>' for word, said in flags]
        if len(a.senses) == 1:
            parts.append(_sure(a, a.senses[0]))
    elif rated:
        parts.append(badge("rated", f"Editor's rating: {rated}"))
        parts.append(f'<p class="sure">{html.escape(sentences.sure(a))}</p>')
    if rated:
        beside = f"Rating by the editor of this audit, beside the verdict: {rated}"
        lead = beside if a.verdict else "By the editor of this audit, not computed"
        parts.append(f'<p class="editorial">{lead} ({html.escape(sentences.rating(claim))})</p>')
    return f'<div class="judgement">{"".join(parts)}</div>'


def _sure(a: Assessment, sense: Sense) -> str:
    firm = " ".join(filter(None, (say(a, sense) for say in (sentences.bridge, sentences.sure, sentences.furthest))))
    if len(a.senses) == 1 and sense.now.verdict != sense.verdict:  # the answer above has said so
        firm = firm.replace(sentences.today(sense), "").strip()
    return f'<p class="sure">{html.escape(firm)}</p>' if firm else ""


def badge(label: str, text: str, beside: str = "") -> str:
    """A verdict as an HTML badge; the word itself carries the meaning, shape and colour only repeat it."""
    word = f'<strong style="{_BADGE}">{html.escape(text)}</strong>'
    return f'<p class="verdict {verdict_class(label)}">{word}{beside}</p>'


def _pair(a: Assessment, sense: Sense) -> str:
    """What was said against what was found, in words and as a line; a sense of several has its name and verdict above."""
    n, claimed, wide = sense.natural, a.claim_interval, a.widened_interval
    if claimed is None or wide is None:
        return ""
    vintage = f"vintage {n.vintage}" if n.sources else ""
    measure = "; ".join(["", *filter(None, (n.measure, vintage))])
    cells = "".join(
        f'<div class="{name}" style="padding: .7em 1em"><dt>{name}</dt><dd style="margin: .15em 0 0">'
        f'<strong style="{_VALUE}">{html.escape(value)}</strong> <span>{html.escape(rest)}</span></dd></div>'
        for name, value, rest in (
            ("said", a.spoken, f"that is {sentences.ends(claimed, n.unit)}"),
            ("found", n.shown, f"{sentences.measured(a, sense)}, {n.place}, {n.window}{measure}"),
        )
    )
    head, sure = "", ""
    if len(a.senses) > 1:
        name = html.escape(sense.name[:1].upper() + sense.name[1:])
        head = f'<p class="sense"><strong>{name}</strong>: {html.escape(str(sense.verdict))}</p>'
        sure = _sure(a, sense)
    return (
        f'{head}<dl class="versus" style="{_PAIR}">{cells}</dl><figure class="line" style="margin: .6em 0 1.4em; max-width: '
        f'52rem">{verdict_bar(a, sense)}<figcaption>{html.escape(legend(claimed, wide, n))}</figcaption></figure>{sure}'
    )


def verdict_bar(a: Assessment, sense: Sense | None = None) -> str:
    """The claim as a band (what the words say, dark; read generously, pale) and the ordinary reading as a mark.

    A value is a dot with its interval; bounds are a thin line with a stroke at each end that the evidence sets (a bound of
    0 is nobody's finding); what nobody measured or published is a hollow bar with a question mark. An infinite end runs to the edge. Places are in per cent of the width, so that the line fits any column and its words
    keep their size. The colours are attributes, so that a style sheet may overrule them; the text
    alternative holds all that the picture shows. Empty for a claim without a computed number.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> verdict_bar(assess("foreign-offices")).startswith('<svg class="verdict-bar" role="img"'), verdict_bar(assess("root-cause"))
    (True, '')
    """
    sense = sense or next(iter(a.senses), None)
    claimed, wide = a.claim_interval, a.widened_interval
    if sense is None or claimed is None or wide is None:
        return ""
    n = sense.natural
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
    alt = html.escape(f"{sentences.compared(a, sense)} {sentences.rule(a, sense)}")
    size = f'width="100%" height="{HEIGHT}" overflow="visible"'
    return f'<svg class="verdict-bar" role="img" aria-label="{alt}" {size}>{"".join(parts)}</svg>'


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
