"""Words to intervals: what "nearly 100,000" or "over 97%" commits a speaker to."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from numbers import Real
from typing import Any, Literal

from ..data.names import VOCABULARY
from ..errors import PhraseError, unknown
from ..model import Interval
from .numerals import (
    COUNT,
    HEDGED,
    MONTHS,
    Numeral,
    any_of,
    lookalikes,
    numerals,
    numerals_read,
    written,
)
from .numerals import (
    granularity_of as granularity_of,
)

Kind = Literal["percent", "count", "measure"]
KINDS: tuple[Kind, ...] = ("percent", "count", "measure")
DELTA = 0.10

WORDS: dict[str, tuple[str, ...]] = {hedge: tuple(words) for hedge, words in VOCABULARY["hedges"].items()}
"""Hedge -> the words and the stored slugs that mean it."""

_BESIDE: dict[str, Any] = VOCABULARY["phrases"]
_JUST = ("just over", "just under")
_ELASTIC = ("nearly", "about", *_JUST)
_OPPOSITE = {
    "more than": "fewer than", "fewer than": "more than", "at least": "at most", "at most": "at least", "just over": "just under",
    "just under": "just over", "nearly": "just over",
}  # fmt: skip
_HEDGE_OF = {word: hedge for hedge, words in WORDS.items() for word in words}
_NEAR = 60
_TRAILING = {
    hedge: re.compile(rf"(?:{sign}[,\s-]+{any_of(words)}(?![\w’'])(?!\s+\d))", re.IGNORECASE)
    for (hedge, words), sign in zip(VOCABULARY["trailing"].items(), (r"\s?\+(?!\s?\d)|", "", "-ish\\b|"), strict=True)
}
_MOVES: dict[str, Any] = VOCABULARY["directions"]
_TURN = {word: way for way in ("fall", "rise") for word in _MOVES[way]}
_COMPARED = dict.fromkeys(_MOVES["less"], "fall") | dict.fromkeys(_MOVES["more"], "rise")
_TIMES: dict[str, int] = _MOVES["times"]
_UNIT_OF_TIME = "minute|hour|day|week|month"
_MOVED = rf"(?<![\w-])(?<!make\s)(?<!makes\s)(?<!made\s)(?<!making\s)(?P<move>{any_of(_TURN)})(?![\w-])"
_MOVED_BEFORE = re.compile(
    rf"{_MOVED}(?:\s+(?P<to>(?:(?:back|sharply|down|up)\s+)?to)|(?P<by>(?:\s+[\w’'-]+){{0,8}}?\s+(?:by|of|in))|)(?:\s+an?)?\s*$",
    re.IGNORECASE,
)
_MOVED_AFTER = re.compile(
    rf"\s*-?\s*(?P<between>(?:(?!(?:of|to|in|and|or|from|for|at|were|was|are|is|showed|saw)\b)[\w-]+\s+){{0,2}}?)(?P<move>{any_of([*_TURN, *_COMPARED])})(?![\w-])",
    re.IGNORECASE,
)
_FALLS_OF_COUNT = re.compile(
    rf"[\s-]+(?:(?:deaths?|people|lives|pounds|overdoses)\s+)?(?P<move>{any_of([*_COMPARED, 'decline', 'drop', 'decrease', 'reduction', 'increase', 'rise'])})(?![\w-])",
    re.IGNORECASE,
)
_AS_RATIO = re.compile(
    r"\s+(?:as\s+(?:many|much|high|large|great|likely|deadly)|the\s+(?:number|rate|amount|total|deaths?)|higher|more|greater|larger)\b",
    re.IGNORECASE,
)
_PACE = re.compile(
    rf"(?<!in\s)(?<!within\s)\b(?:an?|per|every|each)\s+(?:single\s+)?(?P<per>{_UNIT_OF_TIME})\b|\b(?P<ly>daily|weekly|monthly|hourly)\b|(?<=\w)/(?P<slash>day|week|month|hour)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    rf"\bevery\s+(?:(?P<other>other)\s+|(?P<n>\d+\.\d+|{COUNT})\s+)(?P<per>second|{_UNIT_OF_TIME})s?\b", re.IGNORECASE
)
_YEARLY = re.compile(r"\b(?:an?|per|every|each)\s+year\b|\bannually\b|\byearly\b|\bannual\b", re.IGNORECASE)
_RATE = re.compile(
    r"\bper\s+(?:100,000|100k|(?:one\s+)?hundred\s+thousand)(?:\s+(?:people|population|residents|persons|inhabitants|americans))?\b",
    re.IGNORECASE,
)
_DOSES = re.compile(r"\s+(?:(?:potentially|potential|lethal|deadly|fatal|fentanyl)\s+)*doses?\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|no|hardly|nowhere|neither|nor)\b|\b\w+n[’']t\b", re.IGNORECASE)
_UNIT = re.compile(r"[\s-]*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A printed number with its hedge, ready to become an interval.

    `granularity` is the unit of the last significant digit as printed; `step` is 12 where the unit is a dozen; `upper` the
    upper end of a range. `form` is the form that the words force, "" where they leave it open; `per` the unit of time of a
    pace; `direction` and `change_as` what the words say of a change; `extreme` and `since` what they say of a record.

    >>> fell = parse("fell by nearly 27%")
    >>> fell.value, fell.hedge, fell.form, fell.direction, fell.change_as
    (27.0, 'nearly', 'change', 'fall', 'percent')
    """

    text: str
    hedge: str
    value: float
    unit: str
    kind: Kind
    granularity: float
    step: float | None = None
    form: str = ""
    per: str = ""
    direction: str = ""
    change_as: str = ""
    extreme: str = ""
    since: str = ""
    upper: float | None = None

    def interval(self, delta: float = DELTA) -> Interval:
        """C, what the phrase says ("more than": with its pragmatic upper end)."""
        if self.hedge != "more than" or self.value <= 0 or self.upper is not None:
            return self.truth(delta)
        value = self.value
        magnitude = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 10.0 ** math.floor(math.log10(value))
        reach = self.step if self.step is not None else max(self.granularity, magnitude)
        return self._capped(Interval(value, value + reach, "neither"))

    def truth(self, delta: float = DELTA) -> Interval:
        """The interval a verdict uses: C, save that "more than" has no upper end."""
        v, g, d = self.value, self.granularity, _delta(delta) * abs(self.value)
        if self.upper is not None:
            if self.hedge == "at least":  # tens of thousands: from two of them to less than ten
                return self._capped(Interval(v, self.upper, "left"))
            ends = (replace(self, value=value, upper=None) for value in (v, self.upper))
            low, high = (end.truth(delta) for end in ends)
            return low.hull(high)
        match self.hedge:
            case "nearly":
                found = Interval(v - max(g, d), v, "left")
            case "about":
                found = Interval(v - max(g / 2, d), v + max(g / 2, d))
            case "more than":
                found = Interval(v, math.inf, "neither")
            case "at least":
                found = Interval(v, math.inf, "left")
            case "at most":
                found = Interval(-math.inf, v, "right")
            case "fewer than":
                found = Interval(-math.inf, v, "neither")
            case "just over":
                found = Interval(v, v + max(self._least, d / 2), "right")
            case "just under":
                found = Interval(v - max(self._least, d / 2), v, "left")
            case "exactly" if self.kind != "percent":
                found = Interval(v, v)
            case _ if self.kind == "count" and g == 1:
                found = Interval(v, v)
            case _:
                found = Interval(v - g / 2, v + g / 2, "left")
        return self._capped(found)

    def widened(self, delta: float = DELTA) -> Interval:
        """C+, the truth interval with delta and granularity doubled, joined with all that rounds to the value.

        A plain number of what is measured also takes in all within delta / 2 of it. A range reaches as far as its ends do.
        """
        if self.upper is not None:
            ends = (replace(self, value=value, upper=None) for value in (self.value, self.upper))
            if self.hedge == "at least":
                reach = self.granularity / 2
                return self._capped(Interval(self.value - reach, self.upper + reach, "left"))
            low, high = (end.widened(delta) for end in ends)
            return low.hull(high)
        exact = self.kind == "count" and self.granularity == 1
        if self.hedge == "exactly" or (exact and self.hedge not in _ELASTIC) or (self.step and self.hedge not in _JUST):
            return self.truth(delta)
        half = self.granularity / 2
        rounding = Interval(self.value - half, self.value + half, "left")
        wide = replace(self, granularity=2 * self.granularity).truth(2 * delta).hull(rounding)
        if self.hedge == "bare" and self.kind == "measure":
            reach = _delta(delta) / 2 * abs(self.value)
            wide = wide.hull(Interval(self.value - reach, self.value + reach))
        return self._capped(wide)

    @property
    def _least(self) -> float:
        """How far "just over" reaches at least: half a unit of the last digit, of things listed one by one the next."""
        one_by_one = self.kind == "count" and self.granularity in (1, 2)  # 2: the 1 of the digits, doubled for C+
        return self.granularity if one_by_one else self.granularity / 2

    def _capped(self, interval: Interval) -> Interval:
        share = self.kind == "percent" and self.direction != "rise" and self.value <= 100.0 < interval.high
        return interval.clipped(high=100.0) if share else interval

    def tipping(self, low: float, high: float) -> dict[str, float | None]:
        """The smallest delta at which C holds all of [low, high] and at which it touches it; None if no delta does.

        Only "nearly", "about", "just over" and "just under" depend on delta; below granularity / value (half of it for
        "about") the printed precision binds, not delta.
        """
        if self.upper is not None:
            return {"all": None, "any": None}
        if self.hedge == "nearly":
            reach = {
                "all": self.value - low if high < self.value else math.nan,
                "any": max(self.value - high, 0.0) if low < self.value else math.nan,
            }
        elif self.hedge == "about":
            reach = {
                "all": max(self.value - low, high - self.value, 0.0),
                "any": max(self.value - high, low - self.value, 0.0),
            }
        elif self.hedge in _JUST:
            over = self.hedge == "just over"
            near, far = (low - self.value, high - self.value) if over else (self.value - high, self.value - low)
            reach = {"all": 2 * far if near > 0 else math.nan, "any": 2 * max(near, 0.0) if far > 0 else math.nan}
        else:
            return {"all": None, "any": None}
        return {k: v / self.value if self.value > 0 and math.isfinite(v) else None for k, v in reach.items()}

    def as_ratio(self) -> Phrase:
        """The phrase in times: 41 percent higher is 1.41 times, 27% lower 0.73 times; a multiple stays what it is.

        >>> parse("41 percent higher").as_ratio().value, parse("more than 27% lower").as_ratio().hedge
        (1.41, 'fewer than')
        """
        if self.kind != "percent":
            return self
        sign = -1 if self.direction == "fall" else 1 if self.direction == "rise" else 0
        ends = [abs(sign) + (sign or 1) * end / 100 for end in (self.value, self.upper) if end is not None]
        return replace(
            self,
            value=min(ends),
            upper=max(ends) if len(ends) == 2 else None,
            hedge=_OPPOSITE.get(self.hedge, self.hedge) if sign < 0 else self.hedge,
            unit="times",
            kind="measure",
            granularity=self.granularity / 100,
            form="ratio",
        )

    def __str__(self) -> str:
        return self.text


def hedge_name(word: str) -> str:
    """The hedge that a word or a stored slug means: over -> more than, estimated -> about, reportedly -> bare."""
    key = " ".join(str(word).lower().split())
    if key not in _HEDGE_OF:
        raise PhraseError(unknown("hedge", word, _HEDGE_OF, limit=60))
    return _HEDGE_OF[key]


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase where it stands in a text: its number at [start, end), every part of the text it is read from, the words of its form."""

    phrase: Phrase
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]
    mark: str = ""


def find(text: str) -> list[Phrase]:
    """Every printed number of a text and every wordless one ("doubled", "the leading cause"), in order.

    >>> [(p.hedge, p.value, p.unit) for p in find("93 offices in 69 countries")]
    [('bare', 93.0, 'offices'), ('bare', 69.0, 'countries')]
    >>> [(p.form, p.value) for p in find("Deaths doubled; fentanyl is the leading killer of Americans 18-45 in 2021.")]
    [('change', 2.0), ('rank', 1.0)]
    """
    return [found.phrase for found in spans(text, weak=False)]


def spans(text: str, weak: bool = True) -> list[Heard]:
    """What `find` finds, with the places where it stands; where that is nothing, `weak` words: "fell" or "more ... than" alone.

    >>> found = spans("Deaths fell by 27% in 2024.")[0]
    >>> found.phrase.direction, found.parts
    ('fall', ((15, 18), (7, 11), (11, 15)))
    >>> spans("More people die of overdoses than in car crashes.")[0].phrase.form
    'ratio'
    """
    plain = _text(text)
    strong = _wordless(plain)
    heard = [*strong, *_numbers(plain, strong)] or (_weak(plain) if weak else [])
    return sorted(heard, key=lambda found: found.start)


def parse(text: str, kind: str | None = None) -> Phrase:
    """Read the one number of a phrase and its hedge.

    Years, dates, ages and spans of time ("12 months") are no numbers of a phrase. Without a number, words that stand for one are
    read: "doubled", "half", "the leading cause", "an all-time high", "fell", "more than".

    Parameters
    ----------
    text : str
        Such as "nearly 100,000", "97%", "over a dozen offices", "1.5 million", "fell 27%", "200 a day".
    kind : {"percent", "count", "measure"}, optional
        Without it: a per cent sign means percent; a whole number printed to the unit, or a dozen, a count; all else
        a measure.

    Raises
    ------
    PhraseError
        If there is no number or more than one, if something falls by more than all of it, or `kind` is none of the three.

    Examples
    --------
    >>> phrase = parse("nearly 100,000")
    >>> print(phrase.interval(), phrase.widened())
    [90,000, 100,000) [80,000, 105,000)
    >>> parse("one every five minutes").value, parse("tens of thousands").upper, parse("doubled").direction
    (0.2, 100000.0, 'rise')
    """
    phrase = replace(_one(text).phrase, text=text.strip())
    if phrase.direction == "fall" and phrase.kind == "percent" and (phrase.upper or phrase.value) > 100:
        raise PhraseError(f"{phrase.text[:80]!r} falls by more than all of it; nothing falls by more than 100%")
    return phrase if kind is None or phrase.unit in _OWN_KIND else replace(phrase, kind=_kind(kind))


_OWN_KIND = ("times", "rank", "record", "months", "per 100,000")


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise PhraseError(f"a phrase must be text, such as 'nearly 100,000', not {type(text).__name__}")
    return numerals_read(text)


def _one(text: str) -> Heard:
    """The one number of a text; where there is none, the words that stand for one."""
    plain = _text(text)
    strong = _wordless(plain)
    heard = _numbers(plain, strong) or strong or _weak(plain)
    if len(heard) == 1:
        return heard[0]
    several = f"{len(heard)} numbers ({', '.join(f'{found.phrase.value:g}' for found in heard)})"
    other = next((f"; {plain[start:end]!r} reads as {what}" for start, end, what in lookalikes(plain)), "")
    if not heard and (denied := _DENIED.search(plain)):
        other = f"; {denied[0]!r} denies what follows"
    what = several if heard else "no number that can be read"
    raise PhraseError(
        f"{what} in the phrase {text[:80]!r}{other[:60]}; write one in digits, such as 'nearly 100,000' or '97%'"
    )


def _numbers(plain: str, taken: list[Heard]) -> list[Heard]:
    """The numbers of a text outside of what is read otherwise, each with its hedge and what the words about it say."""
    clocks = list(_CLOCK.finditer(plain))
    rates = list(_RATE.finditer(plain))
    outside = [match.span() for match in (*clocks, *rates)] + [found.parts[0] for found in taken]
    heads = [n for n in numerals(plain) if not any(n.start < end and start < n.end for start, end in outside)]
    heard = []
    for place, numeral in enumerate(heads):
        since = heads[place - 1].end if place else 0
        until = heads[place + 1].start if place + 1 < len(heads) else len(plain)
        heard.append(_heard(plain, numeral, since, until))
    if not heads:
        return [_every(match) for match in clocks]
    return heard


def _heard(plain: str, numeral: Numeral, since: int, until: int) -> Heard:
    """A number with all that the words between its neighbours say about it."""
    lead = plain[max(since, numeral.start - _NEAR) : numeral.start]
    offset = numeral.start - len(lead)
    match = HEDGED.search(lead)
    between = re.search(
        r"(?<!\w)(?:between|from|anywhere from|ranging from|ranges from)\s+[$€£]?$", lead, re.IGNORECASE
    )
    hedge, start, parts = "bare", numeral.start, [(numeral.start, numeral.end)]
    if match:
        hedge, start = hedge_name(match["hedge"]), offset + match.start()
    elif between and numeral.upper is not None and not numeral.plural:
        start = offset + between.start()
    parts[0] = (start, numeral.end)
    said = plain[start : numeral.end]
    after, unit = plain[numeral.end : until], ""
    if numeral.unit == "":
        word = re.match(r"[ -]([^\W\d_]+)", after)
        unit = word[1].lower() if word else ""
    trailing, spot = _trailing(after)
    if trailing and hedge in ("bare", trailing, "more than" if trailing == "at least" else ""):
        if hedge == "bare":
            hedge = trailing
        parts.append((numeral.end + spot[0], numeral.end + spot[1]))
        unit = "" if spot[0] == 0 else unit
    found = _shaped(said.strip(" -"), hedge, numeral, unit)
    found, more, mark = _spoken_of(plain, found, numeral, start, since, until)
    return Heard(found, start, numeral.end, (*parts, *more), mark)


def _shaped(text: str, hedge: str, numeral: Numeral, unit: str) -> Phrase:
    """A numeral as a phrase, before the words about it are heard."""
    value, upper, grain = numeral.value, numeral.upper, numeral.granularity
    if numeral.plural:
        hedge = "at least" if hedge in ("bare", "more than", "at least") else hedge
        return Phrase(text, hedge, value, unit, "measure", grain, upper=upper if hedge == "at least" else None)
    if upper is not None and hedge in ("more than", "at least", "just over"):
        upper = None
    elif upper is not None and hedge in ("at most", "fewer than", "just under"):
        value, upper = upper, None
    if numeral.step:
        return Phrase(text, hedge, value, unit, "count", 1.0, step=numeral.step, upper=upper)
    if numeral.unit == "percent":
        return Phrase(text, hedge, value, "percent", "percent", grain, upper=upper)
    if numeral.unit == "times":
        return Phrase(text, hedge, value, "times", "measure", grain, upper=upper)
    kind: Kind = "count" if value.is_integer() and grain == 1 else "measure"
    return Phrase(text, hedge, value, unit, kind, grain, upper=upper)


def _spoken_of(
    plain: str, found: Phrase, numeral: Numeral, start: int, since: int, until: int
) -> tuple[Phrase, list[tuple[int, int]], str]:
    """What the words before and after a number make of it: a change, a ratio, a rate, a pace, doses."""
    after = plain[numeral.end : until + _NEAR if until < len(plain) else until]
    lead = plain[max(since, start - 2 * _NEAR) : start]
    offset = start - len(lead)
    if found.unit == "times" and (match := _AS_RATIO.match(after)):
        end = numeral.end + match.end()
        return replace(found, form="ratio"), [(numeral.end, end)], plain[numeral.start : end]
    if found.unit == "percent" and (
        match := re.match(r"\s+as\s+(?:many|much|high|large|likely)\b", after, re.IGNORECASE)
    ):
        made = replace(found.as_ratio(), form="ratio")
        return (
            made,
            [(numeral.end, numeral.end + match.end())],
            plain[numeral.start : numeral.end + match.end()].strip(),
        )
    if match := _RATE.search(after[:_NEAR]):
        made = replace(found, form="rate", unit="per 100,000", kind="measure")
        return made, [(numeral.end + match.start(), numeral.end + match.end())], match[0]
    if found.unit not in ("percent", "times") and (match := _DOSES.match(after)):
        return (
            replace(found, form="doses", unit="doses"),
            [(numeral.end, numeral.end + match.end())],
            match[0].strip().split()[-1],
        )
    found, parts, mark = _moved(found, numeral, lead, offset, after)
    return _paced(plain, found, numeral, parts, mark, since, until)


def _moved(
    found: Phrase, numeral: Numeral, lead: str, offset: int, after: str
) -> tuple[Phrase, list[tuple[int, int]], str]:
    """The direction that a verb before, or a noun or comparative after, gives a number."""
    change_as = {"percent": "percent", "times": "times"}.get(found.unit, "difference")
    level = re.match(r"(?:below|under|above)\b", found.text, re.IGNORECASE) and found.unit != "percent"
    match = _MOVED_BEFORE.search(lead)
    if match and (match["by"] or "").split()[-1:] == ["in"] and found.value != 50:  # cut in half
        match = None
    if match:
        span = (offset + match.start("move"), offset + match.end("move"))
        if match["to"] or level:
            return found, [span, (offset + match.start(), offset + match.end())] if match["to"] else [span], ""
        parts = [span]
        if match["by"]:
            parts.append((offset + match.end("by") - 3, offset + match.end()))
        way = _TURN[match["move"].lower()]
        return replace(found, form="change", direction=way, change_as=change_as), parts, match["move"]
    pattern = _MOVED_AFTER if found.unit in ("percent", "times") else _FALLS_OF_COUNT
    behind = pattern.match(after)
    if behind:
        word = behind["move"].lower()
        way = _TURN.get(word) or _COMPARED[word]
        compared = word in _COMPARED and found.unit == "percent"
        made = replace(found, form="" if compared else "change", direction=way, change_as=change_as)
        if found.unit not in ("percent", "times"):
            made = replace(made, unit="" if made.unit == word else made.unit)
        start = numeral.end
        return made, [(start + behind.start("move"), start + behind.end("move"))], behind["move"]
    if found.unit == "times" and re.search(r"fold", found.text, re.IGNORECASE):
        return replace(found, form="change", direction="rise", change_as="times"), [], found.text
    return found, [], ""


def _paced(
    plain: str, found: Phrase, numeral: Numeral, parts: list[tuple[int, int]], mark: str, since: int, until: int
) -> tuple[Phrase, list[tuple[int, int]], str]:
    """The unit of time that the words give a number: behind it, else before it in its sentence."""
    behind = re.split(r"[;!?]|\.(?=\s)", plain[numeral.end : until])[0]
    lead_start = max((m.end() for m in re.finditer(r"[;!?]|\.(?=\s)", plain[since : numeral.start])), default=0) + since
    ahead = plain[lead_start : numeral.start]
    for text, offset in ((behind, numeral.end), (ahead, lead_start)):
        clock, pace = _CLOCK.search(text), _PACE.search(text)
        if clock and found.unit not in ("percent", "times"):
            every = _every(clock).phrase
            made = replace(
                found, value=found.value * every.value, per=every.per, form=found.form or "pace", kind="measure", step=None,
                granularity=max(found.value * every.granularity, found.granularity * every.value if found.value != 1 else 0.0),
                upper=found.upper * every.value if found.upper is not None else None,
                unit="" if found.unit == "every" else found.unit,
            )  # fmt: skip
            return made, [*parts, (offset + clock.start(), offset + clock.end())], mark or clock[0]
        if pace and not re.match(r"\s+(?:after|before|ago)\b", text[pace.end() :]):
            per = (
                pace["per"]
                or pace["slash"]
                or {"daily": "day"}.get((pace["ly"] or "").lower(), (pace["ly"] or "")[:-2])
            ).lower()
            first = pace[0].split()[0].lower()
            made = replace(found, per=per, form=found.form or "pace", unit="" if found.unit == first else found.unit)
            if made.form == "pace" and made.kind != "percent":
                made = replace(made, kind="measure")
            return made, [*parts, (offset + pace.start(), offset + pace.end())], mark or pace[0]
    if yearly := _YEARLY.search(behind) or _YEARLY.search(ahead):
        found = replace(found, per="year", unit="" if found.unit == yearly[0].split()[0].lower() else found.unit)
    return found, parts, mark


def _every(match: re.Match[str]) -> Heard:
    """A pace without a number of its own: a death every five minutes."""
    said = match["n"] or "2"
    n = float(said) if re.fullmatch(r"\d+(?:\.\d+)?", said) and float(said) else written(said) or 1.0
    per, value = match["per"].lower(), 1 / n
    if per == "second":
        per, value = "minute", 60 / n
    grain = value / n * granularity_of(n) if n > 1 else value / 10
    found = Phrase(match[0], "bare", value, "", "measure", grain, form="pace", per=per)
    return Heard(found, match.start(), match.end(), (match.span(),), match[0])


def _trailing(after: str) -> tuple[str, tuple[int, int]]:
    """The hedge behind a number, or behind the unit that follows it, and where it stands; "" if there is none."""
    unit = re.match(r"[ -](?:[^\W\d_]+)", after)
    for start in (0, unit.end() if unit else 0):
        for hedge, pattern in _TRAILING.items():
            if match := pattern.match(after, start):
                return hedge, (start, match.end())
    return "", (0, 0)


_ORDINALS = {word: place for place, word in enumerate(VOCABULARY["numbers"]["ordinals"], 1)}
_ORDINAL = rf"(?:{any_of(_ORDINALS)}|\d+(?:st|nd|rd|th))\b"
_RECORD = VOCABULARY["records"]
_NOT_OF_CHANGE = rf"(?![\s-]+(?:[\w-]+[\s-]+)?{any_of([*_TURN, 'amount'])}\b)"
_SINCE = rf"since\s+(?P<since>(?:(?:at\s+least|the|early|late)\s+)?(?:{MONTHS}\s+)?(?:19|20)\d\d)\b"
_IN_YEARS = rf"in\s+(?:at\s+least\s+|nearly\s+|almost\s+|more\s+than\s+|over\s+)?(?:the\s+(?:last|past)\s+)?(?P<years>{COUNT})\s+years"
_FORMS: list[tuple[str, tuple[str, ...], str]] = [  # name, clues of which one must stand in the text, pattern
    ("times", ("doubl", "tripl", "trebl", "quadrupl", "quintupl", "sextupl"), rf"(?<!\w)(?P<word>{any_of(_TIMES)})\b"),
    ("halved", ("halv",), r"(?<!\w)(?:halved|halving)\b"),
    ("run", ("month", "year of", "years of", "quarter"), rf"(?<!\w)(?:the\s+)?(?P<n>{_ORDINAL}|{COUNT})[\s-]+(?:(?:consecutive|straight)[\s-]+)?(?P<what>months?|years?|quarters?)(?:\s+(?:in\s+a\s+row|running))?\s+(?:of|with)\s+(?:an?\s+)?(?:\w+\s+)?(?P<move>{any_of(_TURN)})\b"),
    ("run", ("consecutive", "straight"), rf"(?<!\w)(?P<move>{any_of(_TURN)})\s+(?:for|in)\s+(?:the\s+)?(?P<n>{_ORDINAL}|{COUNT})[\s-]+(?:consecutive|straight)[\s-]+(?P<what>months?|years?|quarters?)\b"),
    ("first", ("first",), rf"(?<!\w)(?:the\s+)?first\s+(?:[\w-]+\s+){{0,3}}?(?P<move>{any_of(_TURN)})(?:\s+(?:{_SINCE}|{_IN_YEARS}))"),
    ("low", ("low", "few", "small"), rf"(?<!\w)(?:the\s+|its\s+|their\s+|an?\s+)?(?:{any_of(_RECORD['low'])}(?![\w-]){_NOT_OF_CHANGE}|{any_of(_RECORD['least'])}\b(?:\s+[\w-]+){{0,6}}?\s+(?:{_SINCE}|{_IN_YEARS}|ever|on\s+record|in\s+history|recorded))"),
    ("high", ("high", "record", "most", "worst", "deadl", "large", "big", "great", "unprecedent", "peak"), rf"(?<!\w)(?:the\s+|its\s+|their\s+|an?\s+)?(?:{any_of(_RECORD['most'])}\b{_NOT_OF_CHANGE}(?:\s+[\w-]+){{0,6}}?\s+(?:{_SINCE.replace('since>', 'since2>')}|{_IN_YEARS.replace('years>', 'years2>')}|ever|on\s+record|in\s+history|recorded)|{any_of(_RECORD['high'])}(?![\w-]){_NOT_OF_CHANGE}(?!\s+\d))"),
    ("cause", ("cause", "killer"), rf"(?<!\w)(?<!of\sthe\s)(?:the\s+|(?:America|country|nation)['’]s\s+)?(?:(?P<n>{_ORDINAL})[\s-]+)?(?:leading|top|number[\s-]one|no\.?\s*1|#\s?1|biggest|main|most\s+common)\s+(?:cause|killer)\b(?:\s+of\s+(?:\w+\s+)?deaths?)?"),
    ("place", ("number", "no.", "no ", "#"), rf"(?<!\w)(?:(?:is|ranks?|ranked|ranking)\s+)?(?:number|no\.?)\s*(?P<n>{COUNT})(?![,.]?\d)|(?<!\w)#\s?(?P<n2>\d+)\b"),
    ("place", ("rank", "plac"), rf"(?<!\w)(?:ranks?|ranked|ranking|placed)\s+(?:the\s+)?(?P<n>{_ORDINAL})(?:[\s-]+(?:highest|most|worst|largest))?"),
    ("place", ("est", "most", "leading"), rf"(?<!\w)(?:the\s+)?(?P<n>{_ORDINAL})[\s-]+(?:highest|largest|worst|deadliest|leading|most)\b"),
    ("place", ("in the", "among", "of all", "nationally"), rf"(?<!\w)(?:the\s+)?(?P<n>{_ORDINAL})\s+(?=(?:in\s+the\s+(?:nation|country|u\.?s)|among|of\s+all|nationally)\b)"),
    ("place", ("",), rf"^\W*(?:the\s+)?(?P<n>{_ORDINAL})\W*$"),
    ("place", ("high", "worst", "most"), r"(?<!\w)(?:the\s+)?(?:highest|worst|most)\b(?=(?:\s+[\w-]+){0,6}\s+(?:in\s+the\s+(?:nation|country|u\.?s)|of\s+(?:any|all\s+(?:the\s+)?)(?:\s+)?states?|among\s+(?:all\s+)?(?:the\s+)?states|nationwide)\b)"),
]  # fmt: skip


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of a form, compiled when a text first has one of its clues."""
    return re.compile(pattern, re.IGNORECASE)


def _wordless(plain: str) -> list[Heard]:
    """What stands for a number without being one: doubled, halved, a rank, a record, a run."""
    heard: list[Heard] = []
    masked, lower = lookalikes(plain), plain.lower()
    for name, clues, pattern in _FORMS:
        if not any(clue in lower for clue in clues):
            continue
        for match in _pattern(pattern).finditer(plain):
            if any(match.start() < found.end and found.start < match.end() for found in heard):
                continue
            if name == "place" and any(start <= match.start() < end for start, end, what in masked if what != "a name"):
                continue
            found = _of_words(plain, name, match)
            if (
                not _DENIED.search(plain[max(0, found.start - 12) : found.start].rpartition(",")[2])
                or "never been" in match[0].lower()
            ):
                heard.append(found)
    return sorted(heard, key=lambda found: found.start)


def _of_words(plain: str, name: str, match: re.Match[str]) -> Heard:
    """The phrase of a wordless number."""
    text, groups = match[0].strip(), match.groupdict()
    start, hedge = match.start(), "bare"
    if name in ("times", "halved"):
        before = HEDGED.search(plain[max(0, start - _NEAR) : start])
        if before and not before["money"]:
            hedge, start = hedge_name(before["hedge"]), start - len(before[0])
        text = plain[start : match.end()].strip()
        if name == "halved":
            found = Phrase(
                text, hedge, 50.0, "percent", "percent", 10.0, form="change", direction="fall", change_as="percent"
            )
        else:
            times = float(_TIMES[groups["word"].lower()])
            found = Phrase(
                text, hedge, times, "times", "measure", times / 10, form="change", direction="rise", change_as="times"
            )
    elif name in ("run", "first"):
        way = _TURN[groups["move"].lower()]
        value, unit = (
            (1.0, "record") if name == "first" else (_place(groups["n"]), groups["what"].lower().rstrip("s") + "s")
        )
        found = Phrase(text, hedge, value, unit, "count", 1.0, form="record", extreme=way, since=_since(groups))
    elif name in ("low", "high"):
        found = Phrase(text, hedge, 1.0, "record", "count", 1.0, form="record", extreme=name, since=_since(groups))
    else:
        place = groups.get("n") or groups.get("n2")
        found = Phrase(text, hedge, _place(place) if place else 1.0, "rank", "count", 1.0, form="rank")
    return Heard(found, start, match.end(), ((start, match.end()),), text.split()[0] if name == "place" else text)


def _place(word: str) -> float:
    """The number of a place: third, 3rd, three or 3."""
    word = word.lower()
    return float(_ORDINALS.get(word) or written(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", word)) or 0.0)


def _since(groups: dict[str, str | None]) -> str:
    """The year, or the month, that a record names: 2019, 2019-03; "5 years" where it names only how long ago."""
    said = (groups.get("since") or groups.get("since2") or "").lower()
    if years := groups.get("years") or groups.get("years2"):
        return f"{written(years) or 0:.0f} years"
    months: list[str] = VOCABULARY["numbers"]["months"]
    month = next((place for place, name in enumerate(months[:12], 1) if name[:3] in said), None)
    year = said[-4:]
    return f"{year}-{month:02d}" if month and re.search(MONTHS, said, re.IGNORECASE) else year


def _weak(plain: str) -> list[Heard]:
    """What a phrase without number and record may still say: more than, as many as, fell."""
    spans: tuple[tuple[int, int], ...]
    if match := re.search(r"(?<!\w)(as\s+(?:many|much|high))\b(?:(?:\s+[\w-]+)*?\s+(as)\b)?", plain, re.IGNORECASE):
        spans = (match.span(1), match.span(2)) if match[2] else (match.span(1),)
        found = Phrase(plain.strip(), "at least", 1.0, "times", "measure", 0.1, form="ratio")
    elif match := re.search(rf"(?<!\w){any_of(_COMPARED)}(?!\w)", plain, re.IGNORECASE):
        way = _COMPARED[match[0].lower()]
        hedge, than = (
            "more than" if way == "rise" else "fewer than",
            re.search(r"\bthan\b", plain[match.end() :], re.IGNORECASE),
        )
        spans = (match.span(),)
        if than:
            spans = (match.span(), (match.end() + than.start(), match.end() + than.end()))
            found = Phrase(plain.strip(), hedge, 1.0, "times", "measure", 0.001, form="ratio")
        else:
            found = Phrase(plain.strip(), "more than", 0.0, "", "measure", 1e-9, form="change", direction=way)
    elif match := re.search(rf"(?<!\w){_RATIO_VERB}(?!\w)", plain, re.IGNORECASE):
        spans = (match.span(),)
        found = Phrase(plain.strip(), "more than", 1.0, "times", "measure", 0.001, form="ratio")
    elif match := re.search(_MOVED, plain, re.IGNORECASE):
        spans, way = (match.span(),), _TURN[match[0].lower()]
        found = Phrase(
            plain.strip(),
            "more than",
            0.0,
            "percent",
            "percent",
            1e-9,
            form="change",
            direction=way,
            change_as="percent",
        )
    else:
        return []
    if _DENIED.search(plain):
        return []
    return [Heard(found, match.start(), match.end(), spans, match[0])]


_RATIO_VERB = (
    r"(?:surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|outnumber(?:s|ed|ing)?|outpac(?:es|ed|ing)|eclips(?:es|ed|ing))"
)


def kind_of(unit: str) -> Kind | None:
    """The kind of a number counted in a unit: deaths and pounds are measures, what can be listed is a count; else None.

    >>> kind_of("deaths"), kind_of("offices"), kind_of("percent"), kind_of("bottles")
    ('measure', 'count', 'percent', None)
    """
    if unit == "percent":
        return "percent"
    known: dict[str, list[str]] = VOCABULARY["units"]
    return "count" if unit in known["count"] else "measure" if unit in known["measure"] else None


def unread(text: str, words: Iterable[str] = ()) -> str:
    """The first word or sign beside the one number of a phrase that is neither neutral nor one of `words`, "" if none is.

    What says something else than the number, its hedge and its form is found here: a sign of money, "another", "lakh".

    >>> unread("there were 20,000 deaths", ["deaths"]), unread("another 20,000 deaths", ["deaths"]), unread("$5")
    ('', 'another', '$')
    """
    plain, heard = numerals_read(text), _one(text)
    read = plain
    for start, end in heard.parts:
        read = read[:start] + " " * (end - start) + read[end:]
    money = next((char for char in plain if unicodedata.category(char) == "Sc"), "")
    before, after = read[: heard.start], read[heard.start :]
    left = _beside(before, (*_BESIDE["before"], *words), "") or _beside(after, (*_BESIDE["after"], *words), "-–—.!?()")
    return money or left


def mark_of(phrase: Phrase) -> str:
    """The words that give a phrase its form, "" where there are none, or where it was not read from its text.

    >>> mark_of(parse("deaths fell by 27%")), mark_of(parse("93 offices"))
    ('fell', '')
    """
    try:
        return _one(phrase.text).mark
    except PhraseError:
        return ""


def require_comparable(
    spoken: Phrase, slug: str, unit: str, place: str = "United States", form: str = "level", words: Iterable[str] = ()
) -> None:
    """Refuse a phrase that counts something else than a quantity does, or says more than a number with its hedge.

    Parameters
    ----------
    spoken : Phrase
        What `parse` read.
    slug, unit, place : str
        The quantity, what it is counted in, and the name of the place that is asked for.
    form : str
        How the number is to be compared; a phrase of another form is refused.
    words : iterable of str
        What else may stand beside the number: the period, the ages, what it is set against.

    Raises
    ------
    PhraseError
        In one line, with the word that is not understood.

    Examples
    --------
    >>> require_comparable(parse("more than 70,000 Americans"), "deaths/all", "deaths")
    >>> require_comparable(parse("200 a day"), "deaths/all", "deaths")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.PhraseError: '200 a day' is a pace ('a day'), not a level
    """
    text = repr(spoken.text[:80])
    if spoken.form and spoken.form != form:
        said = "number of doses" if spoken.form == "doses" else spoken.form
        raise PhraseError(f"{text} is a {said} ({_one(spoken.text).mark[:40]!r}), not a {form}")
    if spoken.direction and form not in ("change", "ratio", "record"):
        raise PhraseError(f"{text} compares ({_one(spoken.text).mark[:40]!r}), so it is not a {form}")
    if form in ("level", "share"):
        _require_unit(spoken, slug, "percent" if form == "share" else unit)
    known = _BESIDE
    plain = known["units"].get(unit, [unit, unit.removesuffix("s")])
    named = plain + known["quantities"].get(slug, [])
    if unit == "deaths":  # 20,000 fentanyl overdoses are no deaths
        dying = known["dying"]["words"]
        somebody_died = form != "level" or says(spoken.text, dying)
        named = plain + dying + (named + known["dying"]["of"] if somebody_died else [])
    beside = (*named, *known["forms"].get(form, []), *words)
    if word := unread(spoken.text, (*beside, *(known["whole"] if place == "United States" else [place]))):
        raise PhraseError(
            f"{text} is not judged: {word[:40]!r} is none of the words that {slug}, in {unit}, is read with; "
            "write the number with its hedge and unit alone"
        )
    if form == "level" or spoken.change_as == "difference":
        require_amount(spoken, unit)
    elif form == "share":
        require_amount(spoken, "percent")


def _require_unit(spoken: Phrase, slug: str, unit: str) -> None:
    """Refuse a level in another unit than its quantity's."""
    text = repr(spoken.text[:80])
    if (spoken.kind == "percent") != (unit == "percent"):
        kind = "percent" if spoken.kind == "percent" else "things"
        raise PhraseError(f"{text} is counted in {kind}, {slug} in {unit}")
    if spoken.unit == "times":
        raise PhraseError(f"{text} is counted in 'times', {slug} in {unit}")
    said = "countries" if spoken.unit == "country" else spoken.unit.removesuffix("s") + "s"
    others = {"deaths", *VOCABULARY["units"]["count"], *(entry["unit"] for entry in VOCABULARY["quantities"])}
    own = {word.removesuffix("s") + "s" for word in (unit, *_BESIDE["units"].get(unit, []))}
    if unit != "percent" and said in others & {"deaths", "offices", "countries"} and said not in own:
        raise PhraseError(f"{text} is counted in {said}, {slug} in {unit}")


def other_unit(text: str, value: float, unit: str) -> str:
    """The unit, other than `unit`, that a text counts a number in wherever that number stands in it; "" if there is none.

    >>> other_unit("20,000 pounds in 2023", 20_000, "deaths"), other_unit("150 people every day", 150, "deaths")
    ('pounds', 'every day')
    """
    plain, found = numerals_read(text), ""
    for numeral in numerals(plain, masked=False):
        if numeral.value != value:
            continue
        word = _UNIT.match(plain, numeral.end)
        near = re.match(r"(?:[\s-]+[^\W\d_]+){0,6}", plain[numeral.end :])
        pace = _PACE.search(near[0]) if near else None
        money = next((c for c in plain[max(0, numeral.start - 1) : numeral.end] if unicodedata.category(c) == "Sc"), "")
        if numeral.unit == "percent" or unit == "percent":
            found = "" if unit == "percent" else "percent"
        elif numeral.unit == "times":
            found = "times"
        elif (
            word and word[1].lower().removesuffix("s") in _BESIDE["foreign"] and word[1].lower().rstrip("s") not in unit
        ):
            found = word[1]
        else:
            found = money or (pace[0] if pace else "")
        if not found:
            return ""
    return found


def require_amount(spoken: Phrase, unit: str) -> None:
    """Refuse a number that no amount of a unit can be.

    Raises
    ------
    PhraseError
        If it is negative, has decimals though the unit comes in whole ones, is a share above 100%, or reads as a year.

    Examples
    --------
    >>> require_amount(parse("150%"), "percent")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.PhraseError: '150%' is more than the whole; a share is at most 100%
    """
    text = repr(spoken.text[:80])
    if math.copysign(1.0, spoken.value) < 0:  # "-0" has a sign as well
        raise PhraseError(f"{text} is negative; a number of {'per cents' if unit == 'percent' else unit} is not")
    if unit == "percent":
        if spoken.value > 100 or (spoken.value == 100 and spoken.hedge in ("more than", "just over")):
            raise PhraseError(f"{text} is more than the whole; a share is at most 100%")
    elif unit != "pounds" and (spoken.granularity < 1 or not spoken.value.is_integer()):
        raise PhraseError(f"{text} has decimals, but {unit} are whole; write thousands as in 70,000")
    elif spoken.hedge == "bare" and re.fullmatch(r"(?:19|20)\d\d", spoken.text):
        raise PhraseError(f"{text} reads as a year; a number of {unit} is written {spoken.value:,.0f} {unit}")


def says(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a text.

    >>> says("20,000 Deaths", ["deaths"]), says("20,000 overdoses", ["deaths", "dose"])
    (True, False)
    """
    return re.search(_whole(words), numerals_read(text), re.IGNORECASE) is not None


def _whole(words: Iterable[str]) -> str:
    """A pattern of whole words, the longest tried first."""
    return rf"(?<![\w'’]){any_of(words)}(?![\w'’])"


def _beside(text: str, words: Iterable[str], marks: str) -> str:
    """The first word or sign of a text that is none of the words."""
    rest = re.sub(_whole(words), " ", text.replace("’", "'"), flags=re.IGNORECASE)
    sign = rf"[^\w\s,:;\"“”‘'{re.escape(marks)}]"
    found = re.search(rf"(?:(?:an?|per|each|every)\s+)?\w[\w'.-]*|{sign}", rest, re.IGNORECASE)
    return found[0].strip("-") or found[0] if found else ""


def interval(
    hedge: str, value: float, delta: float = DELTA, kind: str = "measure", granularity: float | None = None
) -> Interval:
    """C, the interval of a hedge and a number.

    Raises
    ------
    PhraseError
        If hedge or kind is unknown, or a number is not finite, negative delta or granularity included.

    Examples
    --------
    >>> print(interval("nearly", 100_000))
    [90,000, 100,000)
    """
    return phrase(hedge, value, kind, granularity).interval(delta)


def phrase(hedge: str, value: float, kind: str = "measure", granularity: float | None = None, text: str = "") -> Phrase:
    """A Phrase from its parts; `hedge` may be a word, a name or a stored slug."""
    if not _is_number(value):
        raise PhraseError(f"a claim needs a finite number, got {_shown(value)}")
    if granularity is not None and not (_is_number(granularity) and granularity > 0):
        raise PhraseError(f"granularity must be a positive number, got {_shown(granularity)}")
    name = hedge_name(hedge)
    step = granularity if granularity is not None else granularity_of(value)
    written = text or f"{'' if name == 'bare' else name + ' '}{value:,g}{'%' if kind == 'percent' else ''}"
    unit = "percent" if kind == "percent" else ""
    return Phrase(written, name, float(value), unit, _kind(kind), float(step))


def _kind(kind: str) -> Kind:
    for known in KINDS:
        if kind == known:
            return known
    raise PhraseError(unknown("kind of number", kind, KINDS))


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _shown(value: object) -> str:
    return "an integer beyond all floats" if isinstance(value, int) and abs(value) > 10**300 else repr(value)[:40]


def require_share(delta: float) -> float:
    """A delta with which a claim may be judged: at 1 "nearly" would reach down to 0, and say nothing any more.

    Raises
    ------
    PhraseError
        If it is not a number from 0 up to, but not including, 1.

    Examples
    --------
    >>> require_share(0.10)
    0.1
    """
    if not _is_number(delta) or not 0 <= delta < 1:
        raise PhraseError(f"delta must be at least 0 and less than 1 (write 10% as 0.10), got {_shown(delta)}")
    return float(delta)


def _delta(delta: float) -> float:
    if not _is_number(delta) or delta < 0:
        raise PhraseError(f"delta must be a number of at least 0, such as 0.10, got {_shown(delta)}")
    return float(delta)
