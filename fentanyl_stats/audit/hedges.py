"""Words to intervals: what "nearly 100,000" or "over 97%" commits a speaker to."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from typing import Literal

from ..data.names import VOCABULARY
from ..errors import PhraseError, unknown
from ..model import Interval

_UNITS, _TENS = VOCABULARY["numbers"]["units"], VOCABULARY["numbers"]["tens"]
NUMBER_WORDS = {word: float(value) for value, word in enumerate(_UNITS)} | {
    word: 10.0 * tens for tens, word in enumerate(_TENS, 3)
}
SCALES = {"hundred": 2, "thousand": 3, "k": 3, "million": 6, "m": 6, "billion": 9, "bn": 9}
FIGURES = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"

_PARTS = "half|halves|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth"
_SPAN = 40
_BEFORE = re.compile(
    rf"(?:\b(?:{_PARTS})s?\s+of\s+(?:the\s+|an?\s+)?"
    r"|\b(?:not|never|hardly|nowhere)(?:\s+(?:quite|even|yet|near))?\s+|n[’']t\s+(?:quite\s+|even\s+|yet\s+)?)$",
    re.IGNORECASE,
)
_PART_BEFORE = re.compile(rf"\b(?:{_PARTS})[\s-]+$", re.IGNORECASE)
_AFTER = re.compile(
    r"e[+-]?\d|x\d|x\b|_|[’']?s\b|[\s’'-]?(?:st|nd|rd|th)\b|[ºª°ᵗˢⁿʳ‰‱]|[\s-]?fold\b|[\s-]percentage\b"
    rf"|[\s-](?:halves|(?:{_PARTS})s)\b|\s+and\s+(?:an?|one|two|three)[\s-](?:{_PARTS})s?\b",
    re.IGNORECASE,
)
_ONE_PART_AFTER = re.compile(rf"[\s-](?:{_PARTS})\b", re.IGNORECASE)
_UNIT_AFTER = re.compile(rf"[\s-](?:{'|'.join(_UNITS[1:10])})\b", re.IGNORECASE)
_TRAILING = {
    "at least": r"\s?\+(?!\s?\d)|,?\s+or\s+(?:more|greater|above|over|higher)\b|\s+and\s+(?:more|up|above|counting)\b|[\s-]plus\b",
    "at most": r",?\s+or\s+(?:fewer|less|under|below|lower)\b",
    "about": r",?\s+or\s+so\b|-ish\b",
}
_GAPS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def numerals_read(text: str) -> str:
    """A text without marks that nobody sees, its thousands set apart by commas where fixed spaces did it.

    >>> numerals_read("over 70\u202f000\u200b")
    'over 70,000'
    """
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _GAPS.sub(",", seen)


def is_fragment(text: str, start: int, end: int) -> bool:
    """Whether the number at [start, end) of a text, its hedge included, is part of something larger.

    >>> [is_fragment(text, text.index("1"), len(text.rstrip("e5th½"))) for text in ("1e5", "1th", "1½", "over 1")]
    [True, True, True, False]
    """
    before, number, after = text[max(0, start - _SPAN) : start], text[start:end], text[end : end + _SPAN]
    if any(unicodedata.category(char) == "No" for char in before.rstrip()[-1:] + after.lstrip()[:1]):
        return True
    words = not any(char.isdigit() for char in number)
    one = number.split()[-1:] in (["one"], ["One"], ["1"], ["a"])
    return bool(
        _BEFORE.search(before)
        or _AFTER.match(after)
        or (words and (_PART_BEFORE.search(before) or _UNIT_AFTER.match(after)))
        or (one and _ONE_PART_AFTER.match(after))
    )


def trailing_hedge(after: str) -> str:
    """The hedge that follows a number, "" if none does.

    >>> trailing_hedge(" or more"), trailing_hedge("+"), trailing_hedge(" or so"), trailing_hedge(" or ten")
    ('at least', 'at least', 'about', '')
    """
    return next((hedge for hedge, words in _TRAILING.items() if re.match(words, after, re.IGNORECASE)), "")


Kind = Literal["percent", "count", "measure"]
KINDS: tuple[Kind, ...] = ("percent", "count", "measure")
DELTA = 0.10
DOZEN = 12.0

WORDS: dict[str, tuple[str, ...]] = {hedge: tuple(words) for hedge, words in VOCABULARY["hedges"].items()}
"""Hedge -> the words and the stored slugs that mean it."""

_BESIDE: dict[str, list[str]] = VOCABULARY["phrases"]
_UNIT = re.compile(r"[\s-]*([^\W\d_]+)")
_PACE = re.compile(
    r"(?:[\s-]+[^\W\d_]+){0,3}?[\s-]+((?:an?|per|every|each)\s+(?:minute|hour|day|week|month)|daily|weekly|monthly)\b",
    re.IGNORECASE,
)
_JUST = ("just over", "just under")
_ELASTIC = ("nearly", "about", *_JUST)
_HEDGE_OF = {word: hedge for hedge, words in WORDS.items() for word in words}
_HEDGE_PATTERN = "|".join(re.escape(w) for w in sorted(filter(None, _HEDGE_OF), key=len, reverse=True))
_PATTERN = re.compile(
    rf"(?:(?<!\w)(?P<hedge>{_HEDGE_PATTERN})\s*)?"
    r"[$€£]?(?<![\w,–-])(?:(?<!\.)|(?<=\bc\.)|(?<=\bca\.)|(?<=\bapprox\.))(?:"
    rf"(?:(?P<tens>{'|'.join(NUMBER_WORDS)}|a|an|{FIGURES})\s+)?(?<!several )(?<!few )(?P<dozen>dozens?)\b"
    rf"|(?:(?P<digits>[-−]?{FIGURES})(?![\d]|[.,–-]\d|(?:st|nd|rd|th)\b)|(?P<word>{'|'.join(NUMBER_WORDS)}|a(?=\s+(?:hundred|thousand|million|billion)\b))(?!\w|-))"
    r"(?P<scale>(?:(?:\s*(?:hundred|thousand|million|billion|bn)|k|m)\b)*)"  # 5 m are metres, 5m are millions
    r")"
    r"(?P<percent>\s*(?:[%％]|per\s?cent\b|percent\b|pct\b))?(?:[ -](?P<unit>[^\W\d_]+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A printed number with its hedge, ready to become an interval.

    `granularity` is the unit of the last significant digit as printed; `step` is 12 where the unit is a dozen.
    """

    text: str
    hedge: str
    value: float
    unit: str
    kind: Kind
    granularity: float
    step: float | None = None

    def interval(self, delta: float = DELTA) -> Interval:
        """C, what the phrase says ("more than": with its pragmatic upper end)."""
        if self.hedge != "more than" or self.value <= 0:
            return self.truth(delta)
        value = self.value
        magnitude = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 10.0 ** math.floor(math.log10(value))
        reach = self.step if self.step is not None else max(self.granularity, magnitude)
        return self._capped(Interval(value, value + reach, "neither"))

    def truth(self, delta: float = DELTA) -> Interval:
        """The interval a verdict uses: C, save that "more than" has no upper end."""
        v, g, d = self.value, self.granularity, _delta(delta) * abs(self.value)
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

        A plain number of what is measured also takes in all within delta / 2 of it.
        """
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
        share = self.kind == "percent" and self.value <= 100.0 < interval.high
        return interval.clipped(high=100.0) if share else interval

    def tipping(self, low: float, high: float) -> dict[str, float | None]:
        """The smallest delta at which C holds all of [low, high] and at which it touches it; None if no delta does.

        Only "nearly", "about", "just over" and "just under" depend on delta; below granularity / value (half of it for
        "about") the printed precision binds, not delta.
        """
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

    def __str__(self) -> str:
        return self.text


def granularity_of(value: float, decimals: int = 0) -> float:
    """The unit of the last significant digit, never coarser than two significant figures.

    >>> granularity_of(100_000), granularity_of(70_000), granularity_of(1_370), granularity_of(97.0, decimals=1)
    (10000.0, 1000.0, 10.0, 0.1)
    """
    if decimals:
        return float(Decimal(1).scaleb(-decimals))
    digits, _, rest = f"{abs(Decimal(str(value))):f}".partition(".")  # as printed: 1e24 is no exact float
    if rest.strip("0"):
        return granularity_of(value, decimals=len(rest))
    if digits == "0":
        return 1.0
    zeros = len(digits) - len(digits.rstrip("0"))
    return float(min(10**zeros, max(1, 10 ** (len(digits) - 2))))


def hedge_name(word: str) -> str:
    """The hedge that a word or a stored slug means: over -> more than, estimated -> about, reportedly -> bare."""
    key = " ".join(str(word).lower().split())
    if key not in _HEDGE_OF:
        raise PhraseError(unknown("hedge", word, _HEDGE_OF, limit=60))
    return _HEDGE_OF[key]


def find(text: str) -> list[Phrase]:
    """Every printed number of a text, in order.

    >>> [(p.hedge, p.value, p.unit) for p in find("93 offices in 69 countries")]
    [('bare', 93.0, 'offices'), ('bare', 69.0, 'countries')]
    """
    if not isinstance(text, str):
        raise PhraseError(f"a phrase must be text, such as 'nearly 100,000', not {type(text).__name__}")
    plain = numerals_read(text)
    vague = ("dozens", None)
    matches = _PATTERN.finditer(plain)
    found = (m for m in matches if not is_fragment(plain, m.start(), _end(m)))
    return [_phrase(match) for match in found if ((match["dozen"] or "").lower(), match["tens"]) != vague]


def parse(text: str, kind: str | None = None) -> Phrase:
    """Read the one number of a phrase and its hedge.

    Parameters
    ----------
    text : str
        Such as "nearly 100,000", "97%", "over a dozen offices", "1.5 million".
    kind : {"percent", "count", "measure"}, optional
        Without it: a per cent sign means percent; a whole number printed to the unit, or a dozen, a count; all else
        a measure.

    Raises
    ------
    PhraseError
        If there is no number or more than one, or `kind` is none of the three.

    Examples
    --------
    >>> phrase = parse("nearly 100,000")
    >>> print(phrase.interval(), phrase.widened())
    [90,000, 100,000) [80,000, 105,000)
    """
    found = find(text)
    if len(found) != 1:
        several = f"{len(found)} numbers ({', '.join(f'{p.value:g}' for p in found)})"
        what = several if found else "no number that can be read"
        raise PhraseError(f"{what} in the phrase {text[:80]!r}; write one in digits, such as 'nearly 100,000' or '97%'")
    phrase = replace(found[0], text=text.strip())
    return phrase if kind is None else replace(phrase, kind=_kind(kind))


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

    What says something else than the number and its hedge is found here: a sign of money, "another", "a week", "lakh".

    >>> unread("there were 20,000 deaths", ["deaths"]), unread("another 20,000 deaths", ["deaths"]), unread("$5")
    ('', 'another', '$')
    """
    plain = numerals_read(text)
    match = next(m for m in _PATTERN.finditer(plain) if not is_fragment(plain, m.start(), _end(m)))
    before, after = plain[: match.start()], plain[_end(match) :]
    own = _phrase(match).hedge
    trailing = _TRAILING.get("at least" if own == "more than" else own)
    if trailing:  # "72,000 or more" holds its hedge behind the number
        after = re.sub(trailing, " ", after, count=1, flags=re.IGNORECASE)
    money = next((char for char in plain if unicodedata.category(char) == "Sc"), "")
    left = _beside(before, (*_BESIDE["before"], *words), "") or _beside(after, (*_BESIDE["after"], *words), "-–—.!?()")
    return money or left


def other_unit(text: str, value: float, unit: str) -> str:
    """The unit, other than `unit`, that a text counts a number in wherever that number stands in it; "" if there is none.

    >>> other_unit("20,000 pounds in 2023", 20_000, "deaths"), other_unit("150 people every day", 150, "deaths")
    ('pounds', 'every day')
    """
    plain, found = numerals_read(text), ""
    for match in _PATTERN.finditer(plain):
        if is_fragment(plain, match.start(), _end(match)) or _phrase(match).value != value:
            continue
        word = _UNIT.match(plain, _end(match))
        pace = _PACE.match(plain, _end(match))
        money = next((char for char in match[0] if unicodedata.category(char) == "Sc"), "")
        if match["percent"] or unit == "percent":
            found = "" if unit == "percent" else "percent"
        elif (
            word and word[1].lower().removesuffix("s") in _BESIDE["foreign"] and word[1].lower().rstrip("s") not in unit
        ):
            found = word[1]
        else:
            found = money or (pace[1] if pace else "")
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
    elif spoken.granularity < 1 or not spoken.value.is_integer():
        raise PhraseError(f"{text} has decimals, but {unit} are whole; write thousands as in 70,000")
    elif spoken.hedge == "bare" and re.fullmatch(r"(?:19|20)\d\d", spoken.text):
        raise PhraseError(f"{text} reads as a year; a number of {unit} is written {spoken.value:,.0f} {unit}")


def says(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a text.

    >>> says("20,000 Deaths", ["deaths"]), says("20,000 overdoses", ["deaths", "dose"])
    (True, False)
    """
    return re.search(_any_of(words), numerals_read(text), re.IGNORECASE) is not None


def _any_of(words: Iterable[str]) -> str:
    """A pattern of whole words, the longest tried first."""
    known = "|".join(re.escape(word).replace("\\ ", r"[\s-]+") for word in sorted(set(words), key=len, reverse=True))
    return rf"(?<![\w'’])(?:{known})(?![\w'’])"


def _beside(text: str, words: Iterable[str], marks: str) -> str:
    """The first word or sign of a text that is none of the words."""
    rest = re.sub(_any_of(words), " ", text.replace("’", "'"), flags=re.IGNORECASE)
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


def _phrase(match: re.Match[str]) -> Phrase:
    hedge = hedge_name(match["hedge"] or "")
    word = (match["unit"] or "").lower()
    if hedge == "bare":
        after, later = (match.string[end : end + 40] for end in (_end(match), match.end()))
        word = "" if trailing_hedge(after) else word
        hedge = trailing_hedge(after) or trailing_hedge(later) or hedge
    text = (match[0][: match.start("unit") - match.start()] if match["unit"] else match[0]).strip(" -")
    if match["dozen"]:
        tens = (match["tens"] or "a").lower()
        words = {"a": 1.0, "an": 1.0, **NUMBER_WORDS}
        times = words[tens] if tens in words else float(tens.replace(",", ""))
        return Phrase(text, hedge, _sane(DOZEN * times, text), word, "count", 1.0, step=DOZEN)
    if match["digits"]:
        printed = Decimal(match["digits"].replace(",", "").replace("−", "-"))
    else:
        printed = Decimal(int(NUMBER_WORDS.get((match["word"] or "").lower(), 1.0)))
    scale = sum(SCALES[part.lower()] for part in re.findall(r"[a-z]+", match["scale"], re.IGNORECASE))
    decimals = max(0, -int(printed.as_tuple().exponent))
    value = _sane(float(printed.scaleb(scale)), text)
    coarse = float(Decimal(1).scaleb(scale - decimals)) if decimals else granularity_of(value)
    if decimals and scale and value:  # 0.07 million is 70,000: a scale is no reason to read its digits more coarsely
        coarse = min(coarse, max(1.0, 10.0 ** (math.floor(math.log10(abs(value))) - 1)))
    if match["percent"]:
        return Phrase(text, hedge, value, "percent", "percent", coarse)
    kind: Kind = "count" if value.is_integer() and coarse == 1 else "measure"
    return Phrase(text, hedge, value, word, kind, coarse)


def _end(match: re.Match[str]) -> int:
    """Where the number ends, its scale and per cent sign included and its unit not."""
    return match.start("unit") - 1 if match["unit"] else match.end()


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


def _sane(value: float, text: str) -> float:
    if not math.isfinite(value):
        raise PhraseError(f"the number in {text[:40]!r} is too large to be meant")
    return value


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
