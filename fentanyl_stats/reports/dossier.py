"""The parts of a claim's page: what was said, what was found, the rule, the readings, what would change the verdict."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import ledger, sentences
from ..audit.assess import Assessment
from ..audit.readings import Reading
from ..audit.verdicts import LABELS
from ..data import names
from ..model import amount, number
from ..show import verdict_class
from . import gauge as gauges
from . import view

if TYPE_CHECKING:
    from ..audit.ledger import Claim, Ledger

_REMARKED = ("underreported", "not_transcribed", "low_quality", "open")  # other flags are in the reason already
_TIPS = {"all": "all of the evidence within the words", "any": "some of it"}


def quote(assessment: Assessment, book: Ledger) -> None:
    """Show the claim as printed, and where it stands."""
    said_of = sentences.said_of(assessment)
    where = f"As passed on by {html.escape(said_of)}.<br>" if said_of else ""
    where += html.escape(sentences.context(assessment.claim, book.article))
    view.markup(
        f'<figure class="quote"><blockquote><bdi>{html.escape(assessment.claim.quote)}</bdi></blockquote>'
        f"<figcaption>{where}</figcaption></figure>"
    )


def verdict(assessment: Assessment) -> None:
    """Show the verdict in large; the editorial rating qualifies it or, without a number, stands alone."""
    claim, parts = assessment.claim, []
    if assessment.verdict:
        parts.append(badge(assessment.verdict.label, str(assessment.verdict)))
        firm = " ".join(
            filter(None, (sentences.bridge(assessment), sentences.sure(assessment), sentences.furthest(assessment)))
        )
        parts.append(f'<p class="sure">{html.escape(firm)}</p>')
    elif claim.headline:
        parts.append(badge("rated", f"Editor's rating: {claim.headline.replace('-', ' ')}"))
        parts.append(f'<p class="sure">{html.escape(sentences.sure(assessment))}</p>')
    if claim.headline:
        beside = f"Rating by the editor of this audit, beside the verdict: {claim.headline.replace('-', ' ')}"
        lead = beside if assessment.verdict else "By the editor of this audit, not computed"
        parts.append(f'<p class="editorial">{lead} ({_rating(claim)})</p>')
    if misfit := sentences.misfit(assessment):
        parts.insert(1, f'<p class="flag"><strong>WRONG QUANTITY</strong> {html.escape(misfit)}</p>')
    view.markup(f'<div class="judgement">{"".join(parts)}</div>')


def _rating(claim: Claim) -> str:
    """What the two grades say, for who does not know the scales."""
    grades = (
        (claim.fidelity, ledger.FIDELITY, "fidelity to its nearest source"),
        (claim.evidence, ledger.EVIDENCE, "evidence at the time"),
    )
    return "; ".join(f"{what} {grade}, {scale[grade]}" for grade, scale, what in grades if grade)


def scales() -> str:
    """The two scales of the editor's ratings, grade by grade."""
    parts = (
        (what, "; ".join(f"{grade} {meaning}" for grade, meaning in scale.items()))
        for what, scale in (
            ("Fidelity to the nearest source", ledger.FIDELITY),
            ("Evidence at the time", ledger.EVIDENCE),
        )
    )
    return " ".join(f"{what}: {grades}." for what, grades in parts)


def badge(label: str, text: str) -> str:
    """A verdict as an HTML badge; the word itself carries the meaning, shape and colour only repeat it."""
    return f'<p class="verdict {verdict_class(label)}"><strong>{html.escape(text)}</strong></p>'


def versus(assessment: Assessment) -> None:
    """Show what was said against what was found, in words and as a line."""
    n, claimed, wide = assessment.natural, assessment.claim_interval, assessment.widened_interval
    if n is None or claimed is None or wide is None:
        return
    pairs = (
        ("said", assessment.spoken, f"that is {sentences.ends(claimed, n.unit)}"),
        (
            "found",
            n.shown,
            f"{sentences.measured(assessment)}, {n.place}, {n.window}" + (f"; {n.measure}" if n.measure else ""),
        ),
    )
    cells = "".join(
        f'<div class="{name}"><dt>{name}</dt><dd><strong>{html.escape(value)}</strong> <span>{html.escape(rest)}</span></dd></div>'
        for name, value, rest in pairs
    )
    view.markup(
        f'<dl class="versus">{cells}</dl><figure class="line">{gauges.gauge(assessment)}'
        f"<figcaption>{html.escape(gauges.legend(claimed, wide, n))}</figcaption></figure>"
    )


def rule(assessment: Assessment) -> None:
    """Show the rule that gave the verdict: the sentence on this claim, then the rule as a whole, the step taken marked."""
    view.say("{rule}", rule=sentences.rule(assessment))
    if assessment.verdict is None:
        return
    rows = [
        (label, text, "yes" if label == assessment.verdict.label else "") for label, text in sentences.steps(assessment)
    ]
    view.table(
        pd.DataFrame(rows, columns=["verdict", "given when", "this claim"]),
        "The written rule: the first line that applies is the verdict",
        "The verdict is that of the ordinary (“natural”) reading: what most readers would take the sentence to mean.",
    )


def then_and_now(assessment: Assessment) -> None:
    """Show what the readings known on the article's date said, and those that came later."""
    if not assessment.readings or assessment.natural is None:
        return
    view.say("{text}", text=sentences.then_and_now(assessment))
    rows = []
    for name, later in ((f"known on {assessment.article_date}", False), ("published later", True)):
        group = [r for r in assessment.readings if r.hindsight == later]
        if group:
            rows.append((name, str(len(group)), _span(group, assessment.natural.quantity), _tally(group)))
    columns = ["figures", "readings", f"found, {assessment.natural.unit}", "verdicts"]
    view.table(
        pd.DataFrame(rows, columns=columns),
        "Known then, known now",
        f"Found: the range of {assessment.natural.label} over all windows and measures.",
    )


def kinds(assessment: Assessment) -> None:
    """Show what the readings count, and how many of them there are for the years, measures and files of each."""
    rows = []
    for quantity in dict.fromkeys(r.quantity for r in assessment.readings):
        group = [r for r in assessment.readings if r.quantity == quantity]
        spans = (
            len({r.period for r in group}),
            len({(r.measure, r.correction) for r in group}),
            len({r.vintage for r in group}),
        )
        rows.append((group[0].label, *map(str, spans), str(len(group)), _span(group, quantity), _tally(group)))
    unit = assessment.natural.unit if assessment.natural else ""
    columns = ["what is counted", "periods", "measures", "files", "readings", f"found, {unit}", "verdicts"]
    view.table(
        pd.DataFrame(rows, columns=columns),
        "What the sentence could mean, and how often each meaning was measured",
        "Meanings differ; periods, measures and files are choices of data within one meaning. Found: single values; "
        "bounds may reach further.",
    )


def readings(assessment: Assessment) -> None:
    """Show every reading of a claim, the natural one marked; what is to be said of some stands in notes."""
    if not assessment.readings:
        return
    columns = ["reading", "window", "measure", "vintage", "found", "verdict", "known", "remark"]
    many = len(assessment.readings)
    view.table(
        pd.DataFrame([_row(reading) for reading in assessment.readings], columns=columns),
        f"All {many} readings" if many > 1 else "The one reading",
        "“natural”: what an ordinary reader would take the sentence to mean. “later”: published after the article.",
        notes=("remark", "found"),
    )


def holes(assessment: Assessment) -> None:
    """Show the cells of the grid that were never published, grouped by reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for hole in assessment.holes:
        groups.setdefault((hole.quantity, hole.reason), []).append(f"{hole.period} {hole.measure}")
    rows = [(quantity, ", ".join(dict.fromkeys(cells)), reason) for (quantity, reason), cells in groups.items()]
    if rows:
        frame = pd.DataFrame(rows, columns=["quantity", "cells", "why there is no figure"])
        view.table(
            frame,
            "Asked, but not published",
            "Not published by a day: no release or text of that day or before is held here; the publisher may have printed one.",
        )


def changes(assessment: Assessment) -> None:
    """Show what would change the verdict, and the verdict over delta."""
    view.say("{takes}", takes=sentences.takes(assessment))
    if not assessment.delta_curve:
        return
    rows = [(f"{delta:.0%}", str(verdict)) for delta, verdict in assessment.delta_curve]
    tips = {name: value for name, value in assessment.tipping.items() if value is not None}
    note = "Delta is how far “nearly” and “about” reach, as a share of the number; read generously, twice as far. " + (
        "Tipping delta: " + ", ".join(f"{value:.1%} ({_TIPS[name]})" for name, value in tips.items()) + "."
        if tips
        else "This phrase does not depend on it."
    )
    frame = pd.DataFrame(rows, columns=["delta, % of the number", "verdict of the ordinary reading"])
    view.table(frame, "Does the verdict hang on a width?", note)


def definitions(assessment: Assessment) -> None:
    """Show what the claim could mean, in the editor's wording."""
    if assessment.claim.definition:
        view.heading("What the words could mean")
        rows = [(d.wording, d.measurable.replace("-", " "), d.note) for d in assessment.claim.definition]
        frame = pd.DataFrame(rows, columns=["wording", "measurable?", "remark"])
        view.table(frame, "Definitions, in the words of the editor of this audit")


def editor(assessment: Assessment) -> None:
    """Show the reasons of the editorial rating, if the claim has one."""
    claim = assessment.claim
    if claim.headline:
        view.heading("The editor's rating")
        view.say(
            "*Editorial rating: {headline}.* Fidelity {f}: {fr} Evidence {e}: {er}",
            headline=claim.headline.replace("-", " "), f=claim.fidelity, fr=claim.fidelity_reason, e=claim.evidence, er=claim.evidence_reason,
        )  # fmt: skip


def scoreboard(assessments: Sequence[Assessment]) -> None:
    """Show claims with a computed verdict, one row each."""
    rows = [(a.claim.quote, str(a.verdict), sentences.compared(a), sentences.takes(a)) for a in assessments]
    columns = ["the article says", "verdict", "natural reading against the claim", "what it would take to change"]
    view.table(pd.DataFrame(rows, columns=columns), "Computed verdicts")


def editorial(assessments: Sequence[Assessment]) -> None:
    """Show claims without a number with their editorial ratings."""
    rows = [
        (a.claim.quote, (a.claim.headline or "not rated").replace("-", " "), a.claim.fidelity, a.claim.evidence,
         " ".join(filter(None, (a.claim.fidelity_reason, a.claim.evidence_reason))))
        for a in assessments
    ]  # fmt: skip
    columns = ["the article says", "editorial rating", "fidelity (F0–F4)", "evidence (E0–E4)", "why"]
    view.table(
        pd.DataFrame(rows, columns=columns), "Ratings by the editor of this audit, not computed verdicts", scales()
    )


def figures_used(assessment: Assessment) -> None:
    """Show the figure tables and texts that the readings rest on, with vintage and hash."""
    used = {(s.id, s.vintage): s for reading in assessment.readings for s in reading.sources}
    rows = [
        (s.id, s.vintage or (s.known.isoformat() if s.known else ""), s.publisher, s.title, s.sha256[:12])
        for s in used.values()
    ]
    if rows:
        frame = pd.DataFrame(rows, columns=["figure", "vintage", "publisher", "title", "SHA-256 (first 12 digits)"])
        view.table(frame, "Figures that the readings rest on")


def drift(*claims: Claim) -> None:
    """Show what the words mean that name how a statement changed on its way."""
    used = dict.fromkeys(word for claim in claims for step in claim.ladder for word in step.drift)
    meanings = "; ".join(f"{word.replace('_', ' ')} ({ledger.DRIFT_MEANING[word]})" for word in sorted(used))
    if meanings:
        view.say("What the words for a change mean: {meanings}.", meanings=meanings)


def ladders(book: Ledger) -> dict[str, Claim]:
    """The first claim of each family that has a drift ladder."""
    found: dict[str, Claim] = {}
    for claim in book.claims.values():
        if claim.ladder:
            found.setdefault(claim.family, claim)
    return found


def _tally(group: Sequence[Reading]) -> str:
    tally = Counter(r.verdict.label for r in group)
    return ", ".join(f"{tally[label]} {label.lower()}" for label in LABELS if tally[label])


def _span(group: Sequence[Reading], quantity: str) -> str:
    values = [r.value for r in group if r.quantity == quantity and r.value is not None]
    if not values:
        bounds = [r.shown for r in group if r.quantity == quantity]
        return bounds[0] if bounds else ""
    low, high = min(values), max(values)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _found(reading: Reading) -> str:
    if reading.value is None or reading.low == reading.high:
        return reading.shown
    low, high = (round(end) if abs(end) >= 1000 else end for end in (reading.low, reading.high))
    return f"{amount(reading.value, reading.unit)} ({number(low)} to {number(high)})"


def _row(reading: Reading) -> tuple[str, ...]:
    remarks = [
        reading.reason,
        *(names.flag_words(flag) for flag in reading.flags if flag in _REMARKED),
        _tipping(reading),
    ]
    return (
        ("natural: " if reading.natural else "") + reading.quantity,
        reading.window.short,
        ", ".join(filter(None, (reading.measure, sentences.corrected(reading.correction)))),
        reading.vintage,
        _found(reading),
        str(reading.verdict),
        "later" if reading.hindsight else "then",
        " ".join(f"{text[0].upper()}{text[1:].rstrip('.')}." for text in remarks if text),
    )


def _tipping(reading: Reading) -> str:
    if reading.tipping_ratio is None:
        return ""
    return f"the flow as claimed needs all else caught {sentences.times(reading.tipping_ratio.low, reading.tipping_ratio.high)} as often"
