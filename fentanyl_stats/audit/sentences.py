"""An assessment in sentences, every number rendered from a result."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pandas as pd

from ..analysis.origin import times
from ..data.identify import identify
from ..data.names import VOCABULARY
from ..model import Interval, Period, amount, number
from . import hedges
from .ledger import vocabulary
from .quantities import quantity
from .verdicts import MEANING

if TYPE_CHECKING:
    from .assess import Assessment, Published, Sense
    from .ledger import Appearance, Article, Claim
    from .readings import Reading


MOST_WORDS = 60
"""Of an answer."""


def answer(a: Assessment) -> str:
    """What was said, what is so, why they differ and how sure that is, in at most 60 words.

    >>> from fentanyl_stats import assess
    >>> answer(assess("foreign-countries"))
    'The claim says 69 countries. Found: 69 countries (countries with an office of the DEA, 24 March 2023). So it holds. “Currently” rests on a count of March 2023.'
    """
    if not a.senses or a.verdict is None:
        why = a.claim.evidence_reason or a.claim.fidelity_reason
        rated = (a.claim.headline or "").replace("-", " ")
        return _within(
            "No public figure can test this sentence.", f"An editor rates it: {rated}." if rated else "", why
        )
    said = f"The claim says {a.spoken}."
    if len(a.senses) > 1:
        meanings = [f"{_capital(sense.name)}: {_found_short(a, sense)}." for sense in a.senses]
        return _within(said, "Whether that holds depends on what is meant.", *meanings, a.caveat)
    sense = a.senses[0]
    n = sense.natural
    if "not measured" in n.flags:
        found = "Nobody measures that."
    elif "not published" in n.flags:
        found = f"No figure is known for {when(n.window)}: {n.reason}."
    elif n.form:
        found = f"Found: {n.shown}. {_capital(n.reason)}."
    else:
        found = f"Found: {n.shown} ({measured(a)}, {when(n.window)})."
    change = (
        ""
        if a.as_of or sense.now.verdict == sense.verdict
        else f"By what is known now: {sense.now.shown}, {sense.now.verdict}."
    )
    return _within(said, found, f"So it {_OUTCOME[str(sense.verdict)]}.", change, misfit(a) or a.caveat)


def finding(a: Assessment) -> str:
    """What was found in a line, for the title of a picture.

    >>> from fentanyl_stats import check
    >>> finding(check("fell 27%", "deaths/all", period="2024", since="2023"))
    'Deaths from all drugs: 24.40%, said: fell 27%'
    """
    n = a.natural
    return f"{_capital(n.label)}: {n.shown}, said: {a.spoken}" if n else ""


def among_windows(windows: pd.DataFrame) -> str:
    """Where the printed window lies among all of its length, as `Assessment.windows` gives them; "" for none.

    >>> from fentanyl_stats import check
    >>> among_windows(check("fell 27%", "deaths/all", period="2024", since="2023").windows())
    'Of 25 windows of this length the printed one has the largest fall (-24.4%); they reach from -24.4% to 30.0%.'
    """
    if "printed" not in windows or not windows["printed"].any():
        return ""
    own = float(windows.loc[windows["printed"], "percent"].iloc[0])
    order = windows["percent"].rank(ascending=own < 0, method="min")
    place = int(order[windows["printed"]].iloc[0])
    what = "fall" if own < 0 else "rise"
    nth = f"the largest {what}" if place == 1 else f"number {place} among the {what}s"
    low, high = windows["percent"].min(), windows["percent"].max()
    return (
        f"Of {len(windows)} windows of this length the printed one has {nth} ({own:.1f}%); they reach from {low:.1f}% to "
        f"{high:.1f}%."
    )


_OUTCOME = {
    "SUPPORTED": "holds",
    "CLOSE": "is close",
    "CONTRADICTED (overstates)": "overstates",
    "CONTRADICTED (understates)": "understates",
    "NOT DETERMINED": "can be neither confirmed nor refuted",
    "INCONCLUSIVE": "cannot be told from chance",
}


def _found_short(a: Assessment, sense: Sense) -> str:
    n = sense.natural
    if "not measured" in n.flags:
        return "nobody measures it"
    if n.tipping_ratio is not None and n.quantity.startswith("flow-share/"):
        return (
            f"other routes would have to be caught {times(n.tipping_ratio.low, n.tipping_ratio.high)} as often; at most "
            f"{n.high:.2g}% is plausible ({when(n.window)})"
        )
    return f"{n.shown} ({when(n.window)}), {sense.verdict}"


def when(window: Period) -> str:
    """A window in words; the months of a fiscal year are left to the tables.

    >>> when(Period.parse("FY2023")), when(Period.parse("2017-01", instant=True)), when(Period.parse("2024-04"))
    ('fiscal year 2023', 'January 2017', '12 months to April 2024')
    """
    return str(window).partition(" (")[0]


def _within(*parts: str) -> str:
    """The parts in order, as long as they have no more than 60 words together; the last is cut at a sentence."""
    said: list[str] = []
    left = MOST_WORDS
    for part in filter(None, parts):
        for sentence in re.split(r"(?<=[.!?]) (?=[A-Z“‘])", part):
            if len(sentence.split()) > left:
                return " ".join(said)
            said.append(sentence)
            left -= len(sentence.split())
    return " ".join(said)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _each(a: Assessment, say: Callable[[Assessment, Sense], str]) -> str:
    """What is said of every sense, each by its name where there are several."""
    if len(a.senses) == 1:
        return say(a, a.senses[0])
    return " ".join(f"{_capital(sense.name)}: {text}" for sense in a.senses if (text := say(a, sense)))


def sure(a: Assessment, sense: Sense | None = None) -> str:
    """How firm the verdict is: what the other figures say, whether the width of the words matters, what was known when.

    >>> from fentanyl_stats import assess
    >>> print(sure(assess("foreign-countries")))
    Of 4 counts of countries with an office of the DEA published by then, 3 lie within what the words say and 1 above.
    """
    if not a.senses or a.verdict is None:
        return f"An editor's rating; confidence {a.claim.confidence}." if a.claim.confidence else "Not rated."
    if sense is None:
        return _each(a, sure)
    later = "" if a.as_of else today(sense)  # as of a day, only what was known by then is told
    return " ".join(filter(None, (agreement(a, sense), _width(a, sense), settled(sense), later, decided(a, sense))))


def decided(a: Assessment, sense: Sense) -> str:
    """Which choice makes most of the difference between the readings, rendered from `Assessment.deciding`; "" for few.

    >>> from fentanyl_stats import assess
    >>> a = assess("deaths-per-year")
    >>> decided(a, a.senses[0])[:54]
    'Which period is taken decides most: it explains 47% of'
    """
    if len(sense.readings) < _MANY:
        return ""
    choices = a.deciding
    if choices.empty:
        return ""
    first, second = (_CHOICE[str(choice)] for choice in choices["choice"].head(2))
    shares = choices["share"].head(2).tolist()
    also = f", {second} {shares[1]:.0%}" if shares[1] >= 0.05 else ""
    return f"{_capital(first)} decides most: it explains {shares[0]:.0%} of the spread of all readings{also}."


_MANY = 10
_CHOICE = {
    "quantity": "what is counted",
    "period": "which period is taken",
    "measure": "whether reported, predicted or final counts are taken",
    "vintage": "which release is opened",
    "correction": "how it is corrected",
}


def settled(sense: Sense) -> str:
    """The range in which a provisional figure may settle, with the verdict by it; "" where it does not move."""
    r = sense.settling
    if r is None or r.low == r.high:
        return ""
    return (
        f"The figure is provisional; going by past revisions it settles at {number(r.low)} to {amount(r.high, r.unit)}: "
        f"{r.verdict}."
    )


def today(sense: Sense) -> str:
    """The verdict by all that is held today, where the figure is another than on the claim's own day.

    >>> from fentanyl_stats import assess
    >>> today(assess("deaths-per-year").senses[0])
    'By what is known today, 68,246 deaths (predicted, 12 months to April 2024), it is CONTRADICTED (overstates) too.'
    """
    now, then = sense.now, sense.natural
    if (now.low, now.high, now.measure) == (then.low, then.high, then.measure) or "not published" in now.flags:
        return ""
    too = " too" if now.verdict == then.verdict else ""
    return f"By what is known today, {now.shown} ({now.measure}, {when(now.window)}), it is {now.verdict}{too}."


def furthest(a: Assessment, sense: Sense | None = None) -> str:
    """How near to the claim any reading of the same quantity comes, with its verdict; "" where the natural one is nearest.

    >>> from fentanyl_stats import assess
    >>> furthest(assess("deaths-per-year"))[:66]
    'The highest that any reading of this quantity comes to is 83,795 d'
    """
    if sense is None:
        return _each(a, furthest)
    n = sense.natural
    if n.verdict.label != "CONTRADICTED":
        return ""
    over = n.verdict.direction == "overstates"
    same = [r for r in sense.readings if r.quantity == n.quantity and math.isfinite(r.high)]
    if over:
        nearest = max(same, key=lambda r: r.high)
        word, end, own = "highest", nearest.high, n.high
    else:
        nearest = min(same, key=lambda r: r.low)
        word, end, own = "lowest", nearest.low, n.low
    if end == own:
        return ""
    how = ", ".join(filter(None, (nearest.measure, corrected(nearest.correction))))
    return (
        f"The {word} that any reading of this quantity comes to is {amount(end, n.unit)} ({nearest.window}; {how}): "
        f"{nearest.verdict}."
    )


def corrected(correction: str) -> str:
    """A correction in plain words, "" for none.

    >>> corrected("missing-at-random"), corrected("none")
    ('unnamed drugs shared out', '')
    """
    return str(VOCABULARY["corrections"].get(correction, correction))


def agreement(a: Assessment, sense: Sense) -> str:
    """Where the figures of the same quantity lie that were known by the claim's day.

    >>> from fentanyl_stats import assess
    >>> a = assess("foreign-countries")
    >>> agreement(a, a.senses[0])[:72]
    'Of 4 counts of countries with an office of the DEA published by then, 3 '
    """
    n = sense.natural
    claimed, wide = a.claim_interval, a.widened_interval
    if not _is_measured(n) or claimed is None or wide is None or n.form in ("rank", "record"):
        return ""
    same = [r for r in sense.readings if r.quantity == n.quantity and _is_measured(r) and not r.hindsight]
    then = " published by then" if a.as_of or a.article else ""
    share = n.unit == "percent" and not n.form
    what = f"{'figures of the' if share else 'figures of' if n.form else 'counts of'} {n.label}{then}"
    where = Counter(_place(r, claimed, wide) for r in same)
    if len(same) == 1:
        said = "" if n.part_of or n.hindsight else f"It is the only one of the {what}."
    elif len(where) == 1:
        place = next(iter(where))
        edge = {"below": f" {amount(wide.low, n.unit)}", "above": f" {amount(wide.high, n.unit)}"}.get(place, "")
        said = f"{'Both' if len(same) == 2 else f'All {len(same)}'} {what} lie {place}{edge}."
    else:
        order = [place for place in _PLACES if where[place]]
        verbs = [f"{'lies' if where[place] == 1 else 'lie'} " if i == 0 else "" for i, place in enumerate(order)]
        parts = [f"{where[place]} {verb}{place}" for place, verb in zip(order, verbs, strict=True)]
        said = f"Of {len(same)} {what}, {', '.join(parts[:-1])} and {parts[-1]}."
    return said


_PLACES = ("within what the words say", "within the words read generously", "below", "above", "across their edge")


def _place(r: Reading, claimed: Interval, wide: Interval) -> str:
    match r.verdict.label:
        case "SUPPORTED":
            return _PLACES[0]
        case "CLOSE":
            return _PLACES[1]
        case "CONTRADICTED":
            return "below" if r.verdict.direction == "overstates" else "above"
    return _PLACES[4]


def _width(a: Assessment, sense: Sense) -> str:
    if a.phrase is None:
        return ""
    now, wide = a.phrase.truth(a.delta), a.phrase.widened(a.delta)
    curve = [(d, sense.natural.by(a.phrase, d)) for d, _ in a.delta_curve]
    other = [(delta, v) for delta, v in curve if v.label != sense.verdict.label]
    if not other:
        return ""
    delta, verdict = min(other, key=lambda pair: abs(pair[0] - a.delta))
    then, generously = a.phrase.truth(delta), a.phrase.widened(delta)
    sides = [side for side in ("low", "high") if getattr(now, side) != getattr(then, side)]
    if not sides:  # only the generous reading depends on delta
        sides = [side for side in ("low", "high") if getattr(wide, side) != getattr(generously, side)]
        reach, far = (" to ".join(number(getattr(interval, side)) for side in sides) for interval in (wide, generously))
        return f"Read generously the number reaches {reach}; if it reached {far}, this would be {verdict.label}."
    reach, generous, other_reach = (
        " and ".join(number(getattr(interval, side)) for side in sides) for interval in (now, wide, then)
    )
    return (
        f"“{a.phrase.hedge}” is taken to reach {reach} (generously {generous}); if it reached {other_reach}, this would be "
        f"{verdict.label}."
    )


def _is_measured(r: Reading) -> bool:
    return not {"not measured", "not published"} & set(r.flags)


def compared(a: Assessment, sense: Sense | None = None) -> str:
    """The natural reading against the claim, in one sentence; of several senses each, or the one given.

    >>> from fentanyl_stats import assess
    >>> compared(assess("foreign-offices"))
    'Said: 93 offices. Found: 93 offices (offices of the DEA abroad, 2023-03-24).'
    """
    if not a.senses:
        return "No number to compare."
    found = _each(a, _found) if sense is None else _found(a, sense)
    return f"Said: {a.spoken}. Found: {found}"


def _found(a: Assessment, sense: Sense) -> str:
    n = sense.natural
    if n.form:
        return f"{n.shown} ({n.label}, {n.window.short}: {n.reason})."
    return f"{n.shown} ({n.label}, {n.window.short})."


def rule(a: Assessment, sense: Sense | None = None) -> str:
    """The verdict with the rule that gave it, of one sense or of each."""
    if not a.senses or a.claim_interval is None or a.widened_interval is None:
        return "This claim holds no number that public data could test; the rating below is an editor's."
    if sense is None:
        return _each(a, rule)
    n, verdict = sense.natural, sense.verdict
    if "not published" in n.flags:
        return f"There is no figure for the ordinary reading: {n.reason}. What the words say is neither borne out nor refuted."
    claimed, wide = ends(a.claim_interval, n.unit), ends(a.widened_interval, n.unit)
    generous = "" if claimed == wide else f", and outside a generous reading of them, {wide}"
    where = {
        "SUPPORTED": f"lies within what the words say, {claimed}",
        "CLOSE": f"lies outside what the words say, {claimed}, but within a generous reading of them, {wide}",
        "CONTRADICTED": f"lies outside what the words say, {claimed}{generous}",
        "NOT DETERMINED": f"neither lies within {wide} nor outside it: {MEANING['NOT DETERMINED']}",
        "INCONCLUSIVE": f"straddles {wide}: {MEANING['INCONCLUSIVE']}",
    }[verdict.label]
    direction = {"overstates": " The claim overstates.", "understates": " The claim understates."}
    why = f" Why: {n.reason}." if "not measured" in n.flags else ""
    if n.tipping_ratio is not None:
        reason = n.reason.rstrip(".")
        why = f" It is the {n.label}, {n.window.short}."
        why += f" {_capital(reason)}." if reason else ""
    why += f" {ceiling(a)}" if ceiling(a) else ""
    return f"The ordinary reading, {n.shown}, {where}.{direction.get(verdict.direction or '', '')}{why}"


def steps(a: Assessment) -> pd.DataFrame:
    """The written rule in the order in which it is tried, with the numbers of this claim.

    Returns
    -------
    DataFrame
        One row a step: verdict, given_when (the condition, in words), this_claim (whether it is the step that applies).

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> steps(assess("deaths-per-year")).given_when[0]
    'the evidence, with its 90% margin if it has one, lies within 90,000 to just under 100,000 deaths'
    """
    rows: list[tuple[str, str]] = []
    if a.natural and a.claim_interval and a.widened_interval:
        claimed, wide = ends(a.claim_interval, a.natural.unit), ends(a.widened_interval, a.natural.unit)
        rows = [
            ("SUPPORTED", f"the evidence, with its 90% margin if it has one, lies within {claimed}"),
            ("CLOSE", f"else, it lies within the words read generously: {wide}"),
            (
                "CONTRADICTED",
                "else, the evidence, even with its 95% margin, lies wholly outside the words read generously",
            ),
            ("NOT DETERMINED", f"else, {MEANING['NOT DETERMINED']}"),
            ("INCONCLUSIVE", f"else, {MEANING['INCONCLUSIVE']}"),
        ]
    frame = pd.DataFrame(rows, columns=["verdict", "given_when"])
    frame["this_claim"] = frame["verdict"].isin([sense.verdict.label for sense in a.senses])
    frame.attrs["empty"] = "The rule is for claims with a number that public data could test; this one has none."
    return frame


def misfit(a: Assessment) -> str:
    """Which other quantity the number fits, where it does not fit its own; "" where there is none.

    >>> from fentanyl_stats import assess
    >>> misfit(assess("deaths-per-year"))
    'The number fits deaths from all drugs: 101,000 (predicted, 12 months to April 2024; published 2024-09-13).'
    """
    if not a.wrong_quantity:
        return ""
    other = a.wrong_quantity[0]
    label = quantity(other.quantity).label
    return f"The number fits {label}: {number(other.value)} ({other.measure}, {other.period}; published {other.known})."


def in_hindsight(a: Assessment) -> str:
    """Which other quantities the number fits by figures that came out after the claim's day; "" for none, or as of a day.

    >>> from fentanyl_stats import assess
    >>> in_hindsight(assess("deaths-per-year"))
    ''
    """
    if a.as_of or not a.hindsight:
        return ""
    fits = "; ".join(
        f"{quantity(other.quantity).label}, {number(other.value)} ({other.measure}, published {other.known})"
        for other in a.hindsight
    )
    return f"By figures published later the number would fit {fits}."


def equals(found: Published) -> str:
    """Which published figure the number equals to its last digit, and the verdict by it."""
    figure = found.figure
    return (
        f"{number(figure.value)} is the {figure.measure} count of {figure.period} in the release of {figure.vintage}, known "
        f"from {figure.known}; by that figure: {found.verdict}."
    )


def said_of(a: Assessment) -> str:
    """What the number was said of by the last to pass it on, where the quote alone would fit another quantity; else "".

    >>> from fentanyl_stats import assess
    >>> said_of(assess("deaths-per-year")), said_of(assess("origin-share"))
    ('AP: US deaths a year for which the fentanyl crisis is blamed', '')
    """
    if not a.wrong_quantity:
        return ""
    passed = [step for step in a.ladder if step.who in a.claim.speaker_chain[:-1]]
    return f"{passed[-1].who}: {passed[-1].object}" if passed else ""


def measured(a: Assessment, sense: Sense | None = None) -> str:
    """What the ordinary reading counts: as the ledger defines it, else as the quantity is called.

    >>> from fentanyl_stats import assess
    >>> measured(assess("deaths-per-year")), measured(assess("foreign-offices"))
    ('overdose deaths involving T40.4, the usual stand-in for fentanyl', 'offices of the DEA abroad')
    """
    n = sense.natural if sense else a.natural
    if n is None:
        return ""
    kind = n.quantity.rpartition("/")[2]
    return next((d.wording for d in a.claim.definition if d.id == kind), n.label)


def bridge(a: Assessment, sense: Sense | None = None) -> str:
    """What a share of the flow would take, the ratio before the percentage; "" for other quantities.

    >>> from fentanyl_stats import assess
    >>> bridge(assess("origin-share"))[:104]
    'Shipped straight from China: To be 97%, it would take all other fentanyl being caught 298 to 944 times a'
    """
    if sense is None:
        return _each(a, bridge)
    n = sense.natural
    if n.tipping_ratio is None:
        return ""
    said = (
        f"to be {a.spoken}, it would take all other fentanyl being caught {times(n.tipping_ratio.low, n.tipping_ratio.high)} "
        f"as often, {_weighed(n)}"
    )
    if not n.quantity.startswith("flow-share/"):
        return f"Where it was caught; the flow is not measured, but {said}."
    said += f"; under the ratios that are stated the share is at most {n.high:.2g}% ({n.window.short})."
    others = [r for r in sense.readings if r.quantity == n.quantity and r.period != n.period and r.tipping_ratio]
    if others:
        least = min(r.tipping_ratio.low for r in others if r.tipping_ratio)
        said += f" In other years: at least {times(least)}, at most {max(r.high for r in others):.2g}%."
    return _capital(said)


def ceiling(a: Assessment) -> str:
    """Why the ordinary reading is known from above only, and by which figure; "" for the others.

    >>> from fentanyl_stats import assess
    >>> ceiling(assess("deaths-per-year"))
    '“At most”: the count itself is not held as first published; it is part of deaths involving any opioid, 75,091 (CBS News, 2024-09-13).'
    """
    n = a.natural
    if n is None or not n.part_of:
        return ""
    out = ", ".join(filter(None, (n.sources[0].publisher, n.known.isoformat()))) if n.sources else n.known.isoformat()
    return (
        "“At most”: the count itself is not held as first published; it is part of "
        f"{n.part_of}, {number(n.high)} ({out})."
    )


def takes(a: Assessment, sense: Sense | None = None) -> str:
    """What it would take for the verdict to change, of one sense or of each."""
    if not a.senses or a.claim_interval is None or a.widened_interval is None:
        return "A source that can be counted; until then the rating is editorial."
    if sense is None:
        return _each(a, takes)
    n, unit, verdict = sense.natural, sense.natural.unit, sense.verdict
    claimed, wide = ends(a.claim_interval, unit), ends(a.widened_interval, unit)
    if verdict == "SUPPORTED":
        if a.claim_interval.low == a.claim_interval.high:
            return f"Any count other than {amount(a.claim_interval.low, unit)} would change it."
        return f"A figure that is not {claimed} would change it."
    if verdict == "CLOSE":
        return f"A figure of {claimed} would support it; one that is not {wide} would change it."
    if verdict == "NOT DETERMINED":
        return (
            "A measured share with a denominator, a method and an error."
            if "not measured" in n.flags
            else (f"A published figure of {n.label} for {n.window}.")
        )
    if verdict == "INCONCLUSIVE":
        return "A more precise figure."
    nearest = n.high if verdict.direction == "overstates" else n.low
    edge = a.widened_interval.low if verdict.direction == "overstates" else a.widened_interval.high
    gap = abs(edge - nearest)
    text = (
        f"The figure would have to be {wide}; the nearest that the evidence allows, {amount(nearest, unit)}, is "
        f"{number(gap) + ' percentage points' if unit == 'percent' else amount(gap, unit)} away."
    )
    return text + _stretched(a, sense) + _flow(n)


def tipping(a: Assessment) -> str:
    """The width of the hedge at which the verdict would change; "" for words that do not depend on it.

    >>> from fentanyl_stats import assess
    >>> tipping(assess("deaths-per-year"))
    'Tipping delta: 100.0% (all of the evidence within the words), 24.9% (some of it).'
    """
    reached = {"all": "all of the evidence within the words", "any": "some of it"}
    tips = [f"{value:.1%} ({reached[name]})" for name, value in a.tipping.items() if value is not None]
    return f"Tipping delta: {', '.join(tips)}." if tips else ""


def _stretched(a: Assessment, sense: Sense) -> str:
    """How far the hedge would have to reach for another verdict."""
    if a.phrase is None or sense is not a.senses[0]:
        return ""
    wider = ((delta, v) for delta, v in a.delta_curve if delta > a.delta and v.label != sense.verdict.label)
    turn = next(wider, None)
    if turn is None:
        return ""
    return (
        f" Or “{a.phrase.hedge}” would have to reach further than {a.delta:.0%} of the number: at {turn[0]:.0%} this would be "
        f"{turn[1].label}."
    )


def printed(a: Assessment) -> str:
    """Which published figure of the claim's quantities its number is, if any; "" for a claim without a number.

    >>> from fentanyl_stats import assess
    >>> printed(assess("foreign-countries"))
    '69 is the number of countries with DEA offices (foreign) in more than one period: 2021-08; 2023-03-24; 2024-09-16 and 1 more.'
    """
    if a.claim.quantity is None or not a.readings:
        return ""
    return identify(a.claim.quantity.value, "US", quantities={r.quantity for r in a.readings}).sentence


def then_and_now(a: Assessment) -> str:
    """How many readings could be known when the article appeared, and how the later ones differ within their sense.

    >>> from fentanyl_stats import assess
    >>> then_and_now(assess("origin-share"))[-67:]
    'none of those comes to another verdict than their ordinary reading.'
    """
    if not a.readings:
        return ""
    many, later = len(a.readings), [r for r in a.readings if r.hindsight]
    if not later:
        one = "The one reading" if many == 1 else f"All {many} readings"
        return f"{one} could be known on {a.article_date}; none rests on a figure published later."
    ordinary = {sense.name: sense.verdict.label for sense in a.senses}
    changed = sum(r.verdict.label != ordinary[r.sense] for r in later)
    rest = "1 rests on a figure" if len(later) == 1 else f"{len(later)} rest on figures"
    other = f"{changed or 'none'} of those {'comes' if changed in (0, 1) else 'come'}"
    if len(later) == 1:
        other = "comes" if changed else "does not come"
    return (
        f"{many - len(later)} of {many} readings could be known on {a.article_date}; {rest} published later, and {other} "
        f"to another verdict than {'its' if len(later) == 1 else 'their'} ordinary reading."
    )


def context(claim: Claim, article: Article) -> str:
    """Where the words stand and by whom they were passed on.

    >>> from fentanyl_stats.audit import ledger
    >>> book = ledger.read()
    >>> context(book.claims["guangzhou-offices"], book.article)[-42:]
    'Passed on: AP → The Epoch Times → article.'
    >>> context(book.claims["deaths-per-year"], book.article)[-72:]
    'Passed on: CDC → AP → The Epoch Times (this passage not seen) → article.'
    """
    where = f"“{article.title}”, " + ", ".join(filter(None, (article.publisher, article.date)))
    line = f", line {claim.line}" if claim.line else ""
    language = VOCABULARY["languages"].get(article.translated_from, article.translated_from)
    translated = f" Translated from {language}." if language else ""
    seen = {word for step in claim.ladder for word in re.findall(r"\w+", step.who)}
    links = (
        f"{who} (this passage not seen)" if claim.ladder and not {*re.findall(r"\w+", who)} - {"The"} & seen else who
        for who in claim.speaker_chain
    )
    passed = f" Passed on: {' → '.join(links)}." if claim.speaker_chain else ""
    return f"{where}{line}.{translated}{passed}"


_GRADES = {"fidelity": "fidelity to its nearest source", "evidence": "evidence at the time"}


def rating(claim: Claim) -> str:
    """What the two grades of the editor's rating say, for who does not know the scales; "" where there is none.

    >>> from fentanyl_stats import claims
    >>> rating(claims()["deaths-per-year"])[:72]
    'fidelity to its nearest source F3, small loss: a word, a scope, a name; '
    """
    grades = ((what, scale, getattr(claim, scale)) for scale, what in _GRADES.items())
    return "; ".join(f"{what} {grade}, {vocabulary()[scale][grade]}" for what, scale, grade in grades if grade)


def rating_reasons(claim: Claim) -> str:
    """Why the editor rated the claim so.

    >>> from fentanyl_stats import claims
    >>> rating_reasons(claims()["deaths-per-year"])[:44]
    'Editorial rating: contradicted. Fidelity F3:'
    """
    if not claim.headline:
        return "No editor rated this claim."
    graded = ((scale, getattr(claim, scale), getattr(claim, f"{scale}_reason")) for scale in _GRADES)
    reasons = " ".join(f"{scale.capitalize()} {grade}: {reason}" for scale, grade, reason in graded)
    return f"Editorial rating: {claim.headline.replace('-', ' ')}. {reasons}"


def scales() -> str:
    """The two scales of the editor's ratings, grade by grade.

    >>> scales()[:76]
    'Fidelity to the nearest source: F4 same meaning and qualifiers as the neares'
    """
    titles = {"fidelity": "Fidelity to the nearest source", "evidence": "Evidence at the time"}
    grades = {scale: "; ".join(f"{grade} {said}" for grade, said in vocabulary()[scale].items()) for scale in titles}
    return " ".join(f"{title}: {grades[scale]}." for scale, title in titles.items())


def drift(ladder: Iterable[Appearance]) -> str:
    """What the words mean that name how a statement changed on its way.

    >>> from fentanyl_stats import claims
    >>> drift(claims()["foreign-offices"].ladder)[:60]
    'What the words for a change mean: scope dropped (the scope o'
    """
    meanings = vocabulary()["drift"]
    words = sorted({word for step in ladder for word in step.drift})
    listed = "; ".join(f"{word.replace('_', ' ')} ({meanings[word]})" for word in words)
    return f"What the words for a change mean: {listed}." if listed else "No step is known to have changed the words."


def ends(interval: Interval, unit: str) -> str:
    """An interval in words.

    >>> ends(Interval(90_000, 100_000, "left"), "deaths"), ends(Interval(93, 93), "offices")
    ('90,000 to just under 100,000 deaths', 'exactly 93 offices')
    """
    if interval.low == interval.high:
        return f"exactly {amount(interval.low, unit)}"
    if interval.high == float("inf"):
        return f"{'at least' if interval.closed_left else 'more than'} {amount(interval.low, unit)}"
    if interval.low == -float("inf"):
        return f"{'at most' if interval.closed_right else 'less than'} {amount(interval.high, unit)}"
    upper = "to" if interval.closed_right else "to just under"
    return f"{number(interval.low)} {upper} {amount(interval.high, unit)}"


def _flow(natural: Reading) -> str:
    """How unevenly routes would have to be intercepted for the flow to be as claimed, where the share is one of seizures."""
    if natural.tipping_ratio is None:
        return ""
    return (
        " Seizures are not the flow: for the flow to be as claimed, all other fentanyl would have to be caught "
        f"{times(natural.tipping_ratio.low, natural.tipping_ratio.high)} as often as what this share counts, "
        f"{_weighed(natural)}."
    )


def _weighed(natural: Reading) -> str:
    pure = natural.correction == "pure" or natural.quantity.startswith("flow-share/")
    return "by pure weight" if pure else "by raw weight"


def year_judged(a: Assessment) -> str:
    """Which period the ordinary reading speaks of, why, and who first said the number; "" without one.

    >>> from fentanyl_stats import assess
    >>> year_judged(assess("origin-share"))[:77]
    'FY2023 is the period judged: it was the last fiscal year that had closed when'
    """
    notes = {test.sense: test.note for test in a.claim.test if test.natural and test.note}
    sense = next((s for s in a.senses if s.name in notes and "not published" not in s.natural.flags), None)
    if sense is None:
        return ""
    reason, first = notes[sense.name].rstrip(".").partition(". ")[0], next(iter(a.ladder), None)
    said = f" ({first.who}, {first.date})" if first else ""
    return f"{sense.natural.period} is the period judged: {reason[:1].lower()}{reason[1:]}{said}."


_ORDER = ("Said of precursors", "Held of precursors", "Said of fentanyl", "Held of fentanyl")
_WEIGHT = {"pure": "pure weight", "none": "gross weight"}


def statements(assessment: Assessment, day: str = "") -> pd.DataFrame:
    """The statements of one day and the readings that bear on their object, precursors and fentanyl apart.

    Of the measured readings, those of the natural reading's window and those of the mail stand here.

    Parameters
    ----------
    day : str
        The day of the statements; by default that of the ladder's first step.

    Returns
    -------
    DataFrame
        Columns group, label, low, high, value (per cent; value missing where there are bounds alone), kind (`said`,
        `measured`, `not measured`), shown (in words), id (the text that holds a statement).

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> rows = statements(assess("origin-share"))
    >>> rows.loc[rows["kind"] == "said", "shown"].tolist()
    ['more than 97%', 'nearly 100%', 'more than 90%', 'nearly 100%', 'about 97%']
    """
    rows: list[tuple[object, ...]] = []
    day = day or next((step.date for step in assessment.ladder), "")
    for step in assessment.ladder:
        if step.date != day or step.value is None:
            continue
        spoken = hedges.phrase(step.hedge, step.value, "percent")
        span = spoken.truth(assessment.delta).clipped(0, 100)
        label, group = f"{step.who}: {step.object}", f"Said of {_object(step.object)}"
        rows.append((group, label, span.low, span.high, step.value, "said", str(spoken), step.source))
    window = assessment.natural.window if assessment.natural else None
    texts = ", ".join(dict.fromkeys(str(row[-1]) for row in rows))
    tables: dict[str, None] = {}
    for reading in assessment.readings:
        measured = "not measured" not in reading.flags
        if measured and reading.window != window and "mail" not in reading.quantity:
            continue
        weight = _WEIGHT.get(reading.correction, "") if reading.measure == "weight" else ""
        label = ", ".join(filter(None, (reading.label.removeprefix("share of "), reading.window.short, weight)))
        kind = "measured" if measured else "not measured"
        group = f"Held of {_object(reading.quantity)}"
        rows.append((group, label, reading.low, reading.high, reading.value, kind, reading.shown, ""))
        tables |= {str(source) if source.sha256 else "published figures": None for source in reading.sources}
    frame = pd.DataFrame(rows, columns=["group", "label", "low", "high", "value", "kind", "shown", "id"])
    frame.attrs["source"] = f"{texts} (statements); {', '.join(tables) or 'nothing published'} (readings)"
    return frame.sort_values("group", key=lambda g: g.map(_ORDER.index), kind="stable", ignore_index=True)


def _object(words: str) -> str:
    return "precursors" if "precursor" in words else "fentanyl"
