"""Numbers in words, numbers that are part of something larger, and hedges that follow their number.

"Half a million", "two thirds", "1e5", "the 1990s" and "not nearly 100" all hold a number that is not the one meant. Such
a number is left alone: to read none is better than to read a wrong one.
"""

from __future__ import annotations

import re
import unicodedata

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
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


def plain(text: str) -> str:
    """A text without marks that nobody sees, its thousands set apart by commas where fixed spaces did it.

    >>> plain("over 70\u202f000\u200b")
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
