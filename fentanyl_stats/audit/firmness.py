"""How firm a verdict is: what the other readings find, what the width of the words decides, what was known when."""

from __future__ import annotations

import math

from ..model import amount, number
from .assess import Assessment
from .readings import Reading


def sure(a: Assessment) -> str:
    """How firm the verdict is: what the other readings find, whether the width of the words matters, what was known when.

    >>> from fentanyl_stats import assess
    >>> print(sure(assess("foreign-offices")))
    2 of 6 readings agree; the other 4 find 91 to 334 offices.
    >>> print(sure(assess("deaths-per-year")).partition(". ")[2])
    “nearly” is taken to reach 90,000 (generously 80,000); if it reached 85,000, this would be NOT DETERMINED.
    """
    if a.natural is None or a.verdict is None:
        return f"An editor's rating; confidence {a.claim.confidence}." if a.claim.confidence else "Not rated."
    return " ".join(filter(None, (_agreement(a), _width(a), _known(a))))


def furthest(a: Assessment) -> str:
    """How near to the claim any reading of the same quantity comes, with its verdict; "" where the natural one is nearest.

    >>> from fentanyl_stats import assess
    >>> furthest(assess("deaths-per-year"))[:66]
    'The highest that any reading of this quantity comes to is 83,795 d'
    """
    n = a.natural
    if n is None or a.verdict is None or a.verdict.label != "CONTRADICTED":
        return ""
    over = a.verdict.direction == "overstates"
    same = [r for r in a.readings if r.quantity == n.quantity and math.isfinite(r.high)]
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
    return {
        "none": "",
        "missing-at-random": "unnamed drugs shared out",
        "upper-bound": "unnamed drugs: none to all",
        "revision": "with past revisions",
        "pure": "made pure",
    }.get(correction, correction)


def _agreement(a: Assessment) -> str:
    total, verdict = len(a.readings), a.verdict
    assert verdict is not None
    other = [r for r in a.readings if r.verdict.label != verdict.label]
    if total == 1:
        return "The only reading: nobody measures it." if not _is_measured(a.readings[0]) else "The only reading."
    if not other:
        return "Both readings agree." if total == 2 else f"All {total} readings agree."
    found = [r for r in other if _is_measured(r)]
    parts = []
    if found:
        low, high = min(_low(r) for r in found), max(_high(r) for r in found)
        verb = "finds" if len(other) == 1 else "find"
        upper = amount(high, found[0].unit)
        parts.append(f"{verb} {upper if low == high else f'{number(round(low, 2))} to {upper}'}")
    if len(found) < len(other):
        parts.append("is not measured" if len(other) == 1 else "are not measured")
    rest = "one" if len(other) == 1 else str(len(other))
    return f"{total - len(other)} of {total} readings agree; the other {rest} {' or '.join(parts)}."


def _width(a: Assessment) -> str:
    other = [(delta, v) for delta, v in a.delta_curve if a.verdict and v.label != a.verdict.label]
    if not other or a.phrase is None:
        return ""
    delta, verdict = min(other, key=lambda pair: abs(pair[0] - a.delta))
    now, wide, then = a.phrase.truth(a.delta), a.phrase.widened(a.delta), a.phrase.truth(delta)
    sides = [side for side in ("low", "high") if getattr(now, side) != getattr(then, side)]
    reach, generous, other_reach = (
        " and ".join(number(getattr(interval, side)) for side in sides) for interval in (now, wide, then)
    )
    if not sides:
        return f"It would be {verdict.label} if “{a.phrase.hedge}” reached {delta:.0%}."
    return (
        f"“{a.phrase.hedge}” is taken to reach {reach} (generously {generous}); if it reached {other_reach}, this would be "
        f"{verdict.label}."
    )


def _known(a: Assessment) -> str:
    if a.natural is None or a.verdict is None or not a.natural.hindsight:
        return ""
    then = [r for r in a.readings if not r.hindsight and _is_measured(r)]
    agree = sum(r.verdict.label == a.verdict.label for r in then)
    held = (
        f"of {len(then)} readings measured and published by then, {agree} agree"
        if then
        else "none was published by then"
    )
    return f"Our figure was published after the article; {held}."


def _is_measured(r: Reading) -> bool:
    return not {"not measured", "not published"} & set(r.flags)


def _low(r: Reading) -> float:
    return r.low if r.value is None else r.value


def _high(r: Reading) -> float:
    return r.high if r.value is None else r.value
