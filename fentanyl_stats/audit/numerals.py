"""Text to numbers: digits, written numbers, fractions, multiples and plurals; and what only looks like a number."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ..data.names import VOCABULARY
from ..errors import PhraseError

_KNOWN: dict[str, Any] = VOCABULARY["numbers"]
NUMBER_WORDS = {word: value for value, word in enumerate(_KNOWN["units"])} | {
    word: 10 * tens for tens, word in enumerate(_KNOWN["tens"], 3)
}
SCALES: dict[str, int] = {"hundred": 2, "thousand": 3, "k": 3, "million": 6, "m": 6, "billion": 9, "bn": 9}
PARTS: dict[str, int] = _KNOWN["parts"]
MULTIPLES: dict[str, int] = _KNOWN["multiples"]
DOZEN = 12.0


def any_of(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest tried first, however they are spaced.

    >>> re.findall(any_of(["more", "more than"]), "more  than 5, more")
    ['more  than', 'more']
    """
    known = sorted(set(words), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace("\\ ", r"[\s-]+") for word in known) + ")"


FIGURES = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ATOM = rf"{any_of(NUMBER_WORDS)}(?:(?!\w)|(?=fold\b))"
_BIG = r"(?:hundred|thousand|million|billion)\b"
_WRITTEN = (
    rf"(?:{_ATOM}(?:[\s-]+{_ATOM})?|a(?=\s+{_BIG}))(?:[\s-]+{_BIG}(?:(?:\s+and)?[\s-]+{_ATOM}(?:[\s-]+{_ATOM})?)?)*"
)
COUNT = rf"(?:{any_of(NUMBER_WORDS)}\b|\d{{1,4}}\b)"
MONTHS = rf"(?:{'|'.join(_KNOWN['months'])})\b\.?"
_UNIT_OF_TIME = r"(?:second|minute|hour|day|week|month|year|decade)s?\b"
_PLAIN_END = r"(?![.,]?\d|\s?[%％]|[\s-]*(?:per\s?cent|percent|hundred|thousand|million|billion)\b|k\b|m\b)"
_GROUP = any_of(_KNOWN["groups"])

_LOOKALIKES = {
    "a date": rf"\b{MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+(?:19|20)\d\d\b)?(?![.,]?\d)|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTHS}"
    r"(?:,?\s+(?:19|20)\d\d\b)?|\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b|\b\d+/\d+(?:/\d+)?\b|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b",
    "a year": r"\b(?:fy\s?|fiscal\s+years?\s+)\d\d(?:\d\d)?\b(?:\s?[-–]\s?\d\d(?:\d\d)?\b)?"
    rf"|(?<![\w,.$€£-])(?:18|19|20)\d\d(?:\s?[-–]\s?(?:(?:19|20)\d\d|\d\d))?(?!\w){_PLAIN_END}",
    "an age": rf"\b(?:ages|aged?)[\s,:]+(?:(?:of|between|from|is)\s+)*\d{{1,2}}\b(?:\s*(?:-|–|to|through|and)\s*\d{{1,2}}\b)?"
    rf"|\b\d{{1,2}}\s*(?:-|–|to)\s*\d{{1,2}}[\s-]+years?[\s-]+olds?\b|\b{COUNT}[\s-]+years?[\s-]+olds?\b"
    r"|\b\d{1,2}\s+(?:and|or)\s+(?:older|younger)\b"
    rf"|(?<=\b)(?:{_GROUP})\s*,?\s+(?:\d{{1,2}}\s*(?:-|–|to)|between\s+\d{{1,2}}\s+and|under|over|younger\s+than|older\s+than)"
    rf"\s+?(?:the\s+age\s+of\s+)?\d{{1,2}}\b{_PLAIN_END}|\b(?:{_GROUP})\s*,?\s+\d{{1,2}}\s*[-–]\s*\d{{1,2}}\b{_PLAIN_END}",
    "a span of time": rf"(?<![\w,.])(?<!every\s)(?<!each\s){COUNT}[\s-]+(?:(?:consecutive|straight|calendar|full|fiscal|more)[\s-]+)?{_UNIT_OF_TIME}",
    "a name": rf"\b(?:{'|'.join(_KNOWN['named'])})\s+\d+\b|\[\d+\]",
}
_MASKS = [(what, re.compile(pattern, re.IGNORECASE)) for what, pattern in _LOOKALIKES.items()]
_COUNTED = re.compile(rf"\s+{any_of(_KNOWN['counted'])}\b", re.IGNORECASE)
HEDGED = re.compile(
    rf"(?<!\w)(?P<hedge>{any_of(word for words in VOCABULARY['hedges'].values() for word in words if word)})\s*(?P<money>[$€£]?)$",
    re.IGNORECASE,
)

_HALVES = re.compile(
    rf"(?<![\w-])(?:(?P<whole>{COUNT})[\s-]+and[\s-]+)?(?:an?[\s-]+|one[\s-]+)?(?P<part>half|quarter|three[\s-]quarters)[\s-]+"
    rf"(?:of[\s-]+)?(?:an?[\s-]+)?(?P<big>{_BIG}|dozen\b)"
    rf"|(?<![\w-])(?P<whole2>an?|{COUNT})[\s-]+(?P<big2>{_BIG})[\s-]+and[\s-]+a[\s-]+(?P<part2>half|quarter)\b",
    re.IGNORECASE,
)
_IN_EVERY = re.compile(
    rf"(?<![\w.,-])(?P<p>{COUNT})[\s-]+(?:in|out\s+of|of(?=\s+every))[\s-]+(?:every\s+)?(?P<n>{COUNT}|100,000\b|10,000\b)"
    r"(?![.,-]?\d|\s?%|[\s-]+(?:percent|per|hundred|thousand|million|states|countries|counties|cities|years?|months?|weeks?|days?|hours?|minutes?)\b)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"(?<![\w.,’'-])(?:(?P<p>an?|{COUNT})[\s-]+)?(?P<part>{any_of(PARTS)})(?P<s>s?)\b(?![’'])(?!-(?:life|century|hour|year))",
    re.IGNORECASE,
)
_PART_GOES_ON = re.compile(
    r"\s*(?:$|[.,;:!?)–—-]|(?:of|fewer|less|more|lower|higher|since|from|compared|over|between|in|last)\b)"
)
_PLURAL = re.compile(
    r"(?<![\w-])(?<!\bof\s)(?:(?P<of>tens|hundreds)\s+of\s+)?(?P<big>hundreds|thousands|millions|billions)\b", re.IGNORECASE
)  # fmt: skip
_NUMBER = re.compile(
    rf"(?<![\w,])(?:(?<!\.)|(?<=\bc\.)|(?<=\bca\.)|(?<=\bapprox\.))(?:"
    rf"(?P<digits>(?:(?<![\w\s–-])|(?<=\s)|^)[-−](?={FIGURES})|)(?P<figures>{FIGURES})(?!\d|[.,]\d|(?:st|nd|rd|th)\b)"
    rf"(?P<scale>(?:(?:[\s-]*{_BIG}|\s*bn|k|m)\b)*)"  # 5 m are metres, 5m are millions
    rf"|(?P<written>{_WRITTEN})|(?P<dozen>an?(?=\s+dozens?\b)))"
    r"(?P<dozens>\s+dozens?\b)?(?P<times>[\s-]?fold\b|\s*x\b(?!\d)|[\s-]+times\b)?"
    r"(?P<percent>[\s-]*(?:[%％]|per\s?cent\b|percent\b|pct\b))?",
    re.IGNORECASE,
)
_DOZEN = re.compile(r"(?<![\w-])(?<!several )(?<!few )dozen\b", re.IGNORECASE)
_MULTIPLE = re.compile(rf"(?<![\w-]){any_of(MULTIPLES)}(?![\w-])(?!\s+\d)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—]|\bto\b|\bor\b)\s*[$€£]?", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?:\b(?:half|halves|{'|'.join(PARTS)})s?\s+of\s+(?:the\s+|an?\s+)?"
    r"|\b(?:not|never|hardly|nowhere)(?:\s+(?:quite|even|yet|near))?\s+|n[’']t\s+(?:quite\s+|even\s+|yet\s+)?)$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"e[+-]?\d|x\d|_|[’']?s\b|[\s’'-]?(?:st|nd|rd|th)\b|[ºª°ᵗˢⁿʳ‰‱]|[\s-]percentage\b|[\s-](?:{any_of(PARTS)})s\b"
    rf"|\s+and\s+(?:an?|one|two|three)[\s-](?:{any_of(PARTS)})s?\b",
    re.IGNORECASE,
)
_GAPS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_SPAN = 40


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number where it stands in a text: [start, end), its value, the unit of its last digit, "percent", "times" or ""."""

    start: int
    end: int
    value: float
    granularity: float
    unit: str = ""
    step: float | None = None
    upper: float | None = None
    plural: bool = False
    scale: int = 0


def numerals_read(text: str) -> str:
    """A text without marks that nobody sees, its thousands set apart by commas where fixed spaces did it.

    >>> numerals_read("over 70\u202f000\u200b")
    'over 70,000'
    """
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _GAPS.sub(",", seen)


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


def written(text: str) -> float | None:
    """The value of a number in words or plain digits; None where the words make no number.

    >>> written("one hundred fifty thousand"), written("ninety-three"), written("12"), written("two three")
    (150000.0, 93.0, 12.0, None)
    """
    total, current, last = 0, 0, 0
    for word in re.findall(r"[a-z]+|\d+", text.lower()):
        if word in ("a", "and"):
            continue
        if word in SCALES:
            power: int = 10 ** SCALES[word]
            if word == "hundred":
                current = max(current, 1) * power
            elif current or not total:
                total, current = total + max(current, 1) * power, 0
            else:
                total *= power
            last = 100
            continue
        value = int(word) if word.isdigit() else NUMBER_WORDS[word]
        if last and not (value < last and (last == 100 or (20 <= last < 100 and last % 10 == 0 and 0 < value < 10))):
            return None
        current, last = current + value, value or 1
    return float(total + current)


def lookalikes(text: str) -> list[tuple[int, int, str]]:
    """What holds digits or number words in a text and counts nothing: dates, years, ages, spans of time, names.

    >>> text = "In FY 2023, over 12 months, 45 Americans aged 18-45"
    >>> [(text[start:end], what) for start, end, what in lookalikes(text)]
    [('FY 2023', 'a year'), ('12 months', 'a span of time'), ('aged 18-45', 'an age')]
    """
    found: list[tuple[int, int, str]] = []
    for what, pattern in _MASKS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other < end for other, other_end, _ in found):
                continue
            if what == "a year" and match[0].isdigit() and _is_count(text, start, end):
                continue
            found.append((start, end, what))
    return sorted(found)


def _is_count(text: str, start: int, end: int) -> bool:
    """Whether four digits that could be a year count something: "over 2000 deaths", "1900 people"."""
    counted = _COUNTED.match(text, end)
    if counted is None:
        return False
    hedged = HEDGED.search(text[max(0, start - _SPAN) : start])
    return bool(hedged) or not re.search("death|overdose", counted[0], re.IGNORECASE)


def numerals(text: str, masked: bool = True) -> list[Numeral]:
    """Every number that counts something, in order; ranges are one number with its upper end.

    >>> [(found.value, found.upper, found.unit) for found in numerals("70 to 75 thousand in 2023, three-quarters, tenfold")]
    [(70000.0, 75000.0, ''), (75.0, None, 'percent'), (10.0, None, 'times')]
    """
    taken = [(start, end) for start, end, _ in lookalikes(text)] if masked else []
    found: list[Numeral] = []
    for numeral in (*_halves(text), *_fractions(text), *_plurals(text), *_plain(text)):
        if not any(numeral.start < end and start < numeral.end for start, end in taken):
            taken.append((numeral.start, numeral.end))
            found.append(numeral)
    joined = _ranges(text, sorted(found, key=lambda numeral: numeral.start))
    return [numeral for numeral in joined if not _is_fragment(text, numeral)]


def _is_fragment(text: str, numeral: Numeral) -> bool:
    """Whether the number is part of something larger: 1e5, 5½, half of it, not it."""
    before = text[max(0, numeral.start - _SPAN) : numeral.start]
    hedge = HEDGED.search(before)
    lead = before[: hedge.start()] if hedge else before
    after = text[numeral.end : numeral.end + _SPAN]
    if any(
        unicodedata.category(char) == "No" for char in before.rstrip()[-1:] + lead.rstrip()[-1:] + after.lstrip()[:1]
    ):
        return True
    return bool(_BEFORE.search(before) or _BEFORE.search(lead) or _AFTER.match(after) or math.isnan(numeral.value))


def _halves(text: str) -> Iterator[Numeral]:
    """Half a million, two and a half million, a million and a half."""
    for match in _HALVES.finditer(text):
        part = (match["part"] or match["part2"]).lower()
        share = 0.5 if part == "half" else 0.25 if part == "quarter" else 0.75
        whole = written(re.sub("^an?$", "one", match["whole"] or match["whole2"] or "zero", flags=re.IGNORECASE)) or 0.0
        big = (match["big"] or match["big2"]).lower()
        value = (whole + share) * (DOZEN if big == "dozen" else 10.0 ** SCALES[big])
        yield Numeral(match.start(), match.end(), value, granularity_of(value))


def _fractions(text: str) -> Iterator[Numeral]:
    """One in three, two-thirds, half: per cents of something."""
    for match in _IN_EVERY.finditer(text):
        p, n = (written(match[name].replace(",", "")) or 0.0 for name in "pn")
        if 0 < p < n and not 1900 <= n <= 2100:
            yield _share(match.start(), match.end(), p / n)
    for match in _PART.finditer(text):
        part, before = match["part"].lower(), text[max(0, match.start() - 8) : match.start()].lower()
        if part == "half" and not re.search(r"(?:first|second|last|past|other)\s$", before):
            of_number = re.match(r"\s+of\s+(?:the\s+|an?\s+)?\d", text[match.end() : match.end() + _SPAN])
            if not of_number and (match["p"] or "a").lower() in ("a", "one"):
                yield _share(match.start(), match.end(), 0.5)
        elif match["p"] and part != "half":
            p = 1.0 if match["p"].lower() in ("a", "an") else written(match["p"]) or 0.0
            article = match["p"].lower() in ("a", "an")
            if 0 < p < PARTS[part] and (not article or _PART_GOES_ON.match(text, match.end())):
                yield _share(match.start(), match.end(), p / PARTS[part])


def _share(start: int, end: int, share: float) -> Numeral:
    """A fraction in per cents: it reaches five points to each side, a quarter of itself where that is less."""
    percent = 100 * share
    return Numeral(start, end, percent, min(10.0, min(percent, 100 - percent) / 2), "percent")


def _plurals(text: str) -> Iterator[Numeral]:
    """Thousands are at least two; tens of thousands at least two tens and less than ten."""
    for match in _PLURAL.finditer(text):
        if re.search(r"(?:dozens?|\d)\s+(?:of\s+)?$", text[max(0, match.start() - _SPAN) : match.start()]):
            continue
        unit = 10.0 ** SCALES[match["big"].lower()[:-1]]
        many = {"tens": 10.0, "hundreds": 100.0}.get((match["of"] or "").lower())
        unit *= many or 1.0
        yield Numeral(match.start(), match.end(), 2 * unit, unit, upper=10 * unit if many else None, plural=True)


def _plain(text: str) -> Iterator[Numeral]:
    """Digits and words, with scale, dozen, fold and per cent sign; and twice, double, triple."""
    for match in _NUMBER.finditer(text):
        if match["dozens"] or match["dozen"]:
            amount = 1.0 if match["dozen"] else written(match["written"]) if match["written"] else _figures(match)
            if amount is not None:
                yield Numeral(match.start(), match.end(), _sane(DOZEN * amount, match[0]), 1.0, step=DOZEN)
            continue
        unit = "percent" if match["percent"] else "times" if match["times"] else ""
        value, grain, scale = _valued(match)
        if unit == "times":
            grain = min(grain, value / 10) or grain  # doubled is within a twentieth of two
        yield Numeral(match.start(), match.end(), value, grain, unit, scale=scale)
    for match in _MULTIPLE.finditer(text):
        value = float(MULTIPLES[match[0].lower()])
        yield Numeral(match.start(), match.end(), value, value / 10, "times")


def _figures(match: re.Match[str]) -> float:
    return float((match["digits"] + match["figures"]).replace(",", "").replace("−", "-"))


def _valued(match: re.Match[str]) -> tuple[float, float, int]:
    """Value, granularity and power of ten of a number; NaN where written words make no number."""
    if match["written"]:
        value = written(match["written"])
        return (math.nan, 1.0, 0) if value is None else (value, granularity_of(value), _power(match["written"]))
    printed = Decimal((match["digits"] + match["figures"]).replace(",", "").replace("−", "-"))
    scale = sum(SCALES[part.lower()] for part in re.findall(r"[a-z]+", match["scale"], re.IGNORECASE))
    return (*_scaled(printed, scale, match[0]), scale)


def _power(words: str) -> int:
    """The power of ten that a written number ends with: 3 of "seventy thousand"."""
    return SCALES.get(re.split(r"[\s-]+", words.lower())[-1], 0)


def _scaled(printed: Decimal, scale: int, text: str) -> tuple[float, float]:
    decimals = max(0, -int(printed.as_tuple().exponent))
    value = _sane(float(printed.scaleb(scale)), text)
    coarse = float(Decimal(1).scaleb(scale - decimals)) if decimals else granularity_of(value)
    if decimals and scale and value:  # 0.07 million is 70,000: a scale is no reason to read its digits more coarsely
        coarse = min(coarse, max(1.0, 10.0 ** (math.floor(math.log10(abs(value))) - 1)))
    return value, coarse


def _ranges(text: str, found: list[Numeral]) -> list[Numeral]:
    """Numbers with two ends made one; of what else is tied by a dash, as 5-4, neither is a number."""
    made: list[Numeral] = []
    for numeral in found:
        last = made[-1] if made else None
        between = text[last.end : numeral.start] if last else ""
        if last and last.upper is None and _joins(text, last, between):
            low = replace(last, unit=numeral.unit) if not last.unit else last
            if not last.scale and numeral.scale and last.value < numeral.value / 10**numeral.scale:
                value = last.value * 10**numeral.scale
                low = replace(low, value=value, granularity=granularity_of(value))
            if low.unit == numeral.unit and low.value < numeral.value and not numeral.plural:
                grain = min(low.granularity, numeral.granularity)
                made[-1] = replace(low, end=numeral.end, upper=numeral.value, granularity=grain)
                continue
            if between.strip() in ("-", "–"):
                made[-1] = replace(last, end=numeral.end, value=math.nan)
                continue
        elif re.search(r"\w[-–]$", text[max(0, numeral.start - 2) : numeral.start]):  # COVID-19
            numeral = replace(numeral, value=math.nan)
        made.append(numeral)
    return made


def _joins(text: str, last: Numeral, between: str) -> bool:
    before = text[max(0, last.start - _SPAN) : last.start]
    if re.search(r"\bbetween\s+(?:\w+\s+)?[$€£]?$", before, re.IGNORECASE):
        return bool(re.fullmatch(r"\s+and\s+[$€£]?|\s*[-–]\s*", between, re.IGNORECASE))
    if re.search(r"(?<!anywhere\s)(?<!ranging\s)(?<!ranges\s)\bfrom\s+[$€£]?$", before, re.IGNORECASE):
        return False
    return bool(_RANGE.fullmatch(between))


def _sane(value: float, text: str) -> float:
    if not math.isfinite(value):
        raise PhraseError(f"the number in {text[:40]!r} is too large to be meant")
    return value
