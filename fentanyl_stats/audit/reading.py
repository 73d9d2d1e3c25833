"""Sentences to candidate claims: each number of a text with its hedge, form, quantity, period and place.

A closed grammar of this field: words that stand in `reading.toml` and the phrases of `hedges`. No model is used, nothing leaves the
machine, and the same text gives the same result. What is not sure is said; no quantity is guessed in silence.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import names
from ..data.catalog import as_date
from ..errors import FentanylStatsError, PhraseError
from ..model import Period, number
from ..show import Card, Shown
from . import hedges, quantities
from .hedges import Heard, Phrase
from .numerals import numerals_read

if TYPE_CHECKING:
    from .assess import Assessment

_LARGEST = 1_000_000  # characters of a text
_WORDLESS = ("change", "ratio", "record")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_KILLING = re.compile(
    r"\b(?:enough (?:fentanyl )?to (?:\w+ )?kill|(?:could|can|would)(?: have)? kill(?:ed)?)\b", re.IGNORECASE
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")  # what a terminal would obey
_END = re.compile(r"(?<=[.!?])[”\"’)]*\s+(?=[“\"‘(]?[A-Z0-9])|\n\s*\n|(?<=;)\s+")
_SHORT = re.compile(r"\b(?:U\.S|No|Mr|Mrs|Ms|Dr|Sen|Rep|Gov|St|vs|approx|ca|c|[A-Z])\.$")


@dataclass(frozen=True, slots=True)
class Candidate(Shown):
    """A number of a text, or words that stand for one, as a claim that could be checked.

    `value` is None for words without a number (a record, "more than"). `quantity`, `period` are "" where the text does not tell;
    `keys` are those of the form, as `check` takes them. `sure` is "yes" where the words say it all, "guess" where something was
    taken from beside them, "no" where something is missing; `why` says which. `day` is the date of the text.
    """

    sentence: str
    phrase: str
    value: float | None
    hedge: str
    form: str
    quantity: str
    period: str
    jurisdiction: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    sure: str = "no"
    why: str = ""
    day: date | None = None

    def check(self, delta: float = hedges.DELTA) -> Assessment:
        """The verdict, as of the date of the text, if it has one.

        Raises
        ------
        PhraseError
            If quantity or period is not known; the message says which.
        FentanylStatsError
            As `check` raises it.
        """
        from .assess import check

        missing = [name for name in ("quantity", "period") if not getattr(self, name)]
        if missing:
            raise PhraseError(
                f"{self.phrase[:60]!r}: the sentence does not tell the {' and the '.join(missing)}; {self.why}"
            )
        return check(
            self.phrase, self.quantity, self.period, self.jurisdiction, as_of=self.day, delta=delta, **dict(self.keys)
        )

    def to_toml(self, id: str) -> str:
        """The claim as a [[claim]] table of a claims file, whose source is called `text`; what is missing is left to write in.

        >>> print(read("107,543 deaths in 2023 from overdoses")[0].to_toml("deaths").splitlines()[1])
        id = "deaths"
        """
        share = self.form in ("share", "change") and "%" in self.phrase
        day = (self.day or date.today()).isoformat()
        lines = [
            "[[claim]]", f"id = {_toml(id)}", f"quote = {_toml(_short(self.sentence))}", f'kind = "{"share" if share else "count"}"',
            f"quantity = {{ phrase = {_toml(self.phrase)} }}", f'as_of = "{day}"', f'said = "{day}"', 'sources = ["text"]',
            f"# {self.sure}: {_plain(self.why)}" if self.why else f"# {self.sure}", "", "[[claim.test]]",
            f"quantity = {_toml(self.quantity or '?')}", f"period = {_toml(self.period or '?')}",
        ]  # fmt: skip
        lines += [f"jurisdiction = {_toml(self.jurisdiction)}"] if self.jurisdiction != "US" else []
        lines += [f"{key} = {_toml(value)}" for key, value in self.keys.items()]
        return "\n".join([*lines, "natural = true", ""])

    def _card_(self) -> Card:
        told = [("value", "" if self.value is None else number(self.value)), ("hedge", self.hedge), ("form", self.form)]
        told += [("quantity", self.quantity), ("period", self.period), ("place", self.jurisdiction)]
        told += [("keys", ", ".join(f"{k}={v}" for k, v in self.keys.items())), ("sure", f"{self.sure}: {self.why}")]
        return Card(self.phrase, told, quote=self.sentence)

    def __str__(self) -> str:
        keys = "".join(f", {key}={value}" for key, value in self.keys.items())
        where = "" if self.jurisdiction == "US" else f" in {self.jurisdiction}"
        what = f"{self.form} of {self.quantity or '?'}{where}, {self.period or 'no period'}{keys}"
        return f"{_plain(self.phrase)}: {what} ({self.sure}{': ' if self.why else ''}{self.why})"


def read(text: str, date: str | date | None = None) -> list[Candidate]:
    """The numbers of a text as candidate claims, in order; years, dates, ages and lengths of time are none.

    Parameters
    ----------
    text : str
        A sentence, an article, a page: plain text of at most a million characters.
    date : str or date, optional
        The day of the text, by which "last year" and "in January" are understood and `Candidate.check` judges.

    Raises
    ------
    PhraseError
        If it is no text or too long.
    DataError
        If the date is none.

    Examples
    --------
    >>> found = read("More than 70,000 Americans died of fentanyl last year.", date="2024-08-01")[0]
    >>> found.value, found.hedge, found.form, found.quantity, found.period, found.sure
    (70000.0, 'more than', 'level', 'deaths/synthetic-opioids', '2023', 'yes')
    >>> read("Overdose deaths fell 27% in 2024.")[0].keys
    {'since': '2023'}
    """
    if not isinstance(text, str):
        raise PhraseError(f"a text is read, not {type(text).__name__}")
    if len(text) > _LARGEST:
        raise PhraseError(f"the text has {len(text):,} characters; read at most {_LARGEST:,} at a time")
    day = as_date(date) if date is not None else None
    found: list[Candidate] = []
    topic = ""
    for sentence in _sentences(_ESCAPES.sub("", text)):
        for candidate in _read(sentence, day, topic):
            found.append(candidate)
            topic = candidate.quantity or topic
    return found


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(names.__file__).with_name("reading.toml")).read_text("utf-8"))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        if not _SHORT.search(text[start : match.start()]):
            yield from filter(None, [text[start : match.start()].strip()])
            start = match.end()
    yield from filter(None, [text[start:].strip()])


def _read(sentence: str, day: date | None, topic: str) -> Iterator[Candidate]:
    plain = numerals_read(sentence)
    heard = hedges.spans(plain)
    periods = list(_periods(plain, day))
    for one in heard:
        if candidate := _candidate(plain, one, heard, periods, day, topic):
            yield candidate


def _candidate(
    plain: str, one: Heard, heard: list[Heard], periods: list[_When], day: date | None, topic: str
) -> Candidate | None:
    phrase = one.phrase
    if _is_year(phrase, one, periods):
        return None
    near = plain[_left(plain, one, heard) : _right(plain, one, heard)]
    form = _form(phrase, near, plain)
    unit = "" if phrase.form in _WORDLESS else _unit(phrase, plain[one.end : one.end + 60])
    quantity, doubt = _quantity(plain, near, form, unit, topic)
    when = _when(one, periods, form)
    keys: dict[str, Any] = {}
    why = [doubt] if doubt else []
    if form == "change":
        since = when.since if when and when.since else _before(when.code) if when else ""
        keys |= {"since": since} if since else {}
    elif form == "share":
        whole = _whole(quantity)
        keys |= {"of": whole} if whole else {}
    elif form == "ratio":
        others = _others(plain)
        keys |= {"versus": others} if others else {}
        why += [] if others else ["what it is set against is held in no table, or not named"]
    elif form == "rank":
        keys["among"] = (
            "states" if _place(plain) != "US" else "causes" if re.search(r"\bcause|killer", plain, re.I) else "states"
        )
    elif form == "record" and phrase.extreme:
        keys["extreme"] = phrase.extreme
    elif form == "pace" and phrase.per:
        keys["per"] = phrase.per
    if (
        ages := re.search(r"\b(\d{2})\s?(?:-|–|to)\s?(\d{2})\b(?!\s*(?:percent|%))", near)
        if "deaths" in quantity
        else None
    ):
        keys["ages"] = f"{ages[1]}-{ages[2]}"
    period = when.code if when else ""
    if not period:
        why.append("no period is named")
    if group := _named(plain, _words()["groups"]["words"]):
        why.append(f"{group!r} are a part of the people that no table sets apart")
    if city := next((c for c in _words()["cities"]["words"] if c in plain), ""):
        why.append(f"no table holds {city}")
    value = None if _is_wordless(phrase, form) else phrase.value
    sure = "no" if not (quantity and period) or group or city else "guess" if why or (when and when.guessed) else "yes"
    if when and when.guessed and not why:
        why.append(when.guessed)
    return Candidate(
        plain,
        _said(plain, one),
        value,
        phrase.hedge,
        form,
        quantity,
        period,
        _place(plain),
        keys,
        sure,
        "; ".join(why),
        day,
    )


def _is_year(phrase: Phrase, one: Heard, periods: list[_When]) -> bool:
    inside = any(when.start <= one.start and one.end <= when.end for when in periods)
    return inside and phrase.form in ("", "level") and 1900 <= phrase.value < 2100


def _is_wordless(phrase: Phrase, form: str) -> bool:
    if form == "record":
        return phrase.value == 1
    return form in _WORDLESS and not re.search(r"\d|\b(?:doubl|tripl|quadrupl|twice|half|halv|thir|quarter|fold|times)", phrase.text, re.I) and (
        phrase.value in (0, 1)
    )  # fmt: skip


def _said(plain: str, one: Heard) -> str:
    """The words of the number with those that give it its meaning, as they stand in the sentence."""
    spans = sorted([(one.start, one.end), *one.parts])
    said = plain[spans[0][0] : spans[-1][1]]
    whole = said if len(said) <= 80 else one.phrase.text
    after = re.match(
        r"\s+(?:people|americans|deaths|overdose deaths|pounds|lbs|kilograms|doses|lives)\b",
        plain[spans[-1][1] :],
        re.I,
    )
    return (whole + (after[0] if after and len(said) <= 80 else "")).strip(" ,;")


def _left(plain: str, one: Heard, heard: list[Heard]) -> int:
    return max((other.end for other in heard if other.end <= one.start), default=0)


def _right(plain: str, one: Heard, heard: list[Heard]) -> int:
    return min((other.start for other in heard if other.start >= one.end), default=len(plain))


# What it counts -----------------------------------------------------------------------------------------------------------


def _named(text: str, words: Iterable[str]) -> str:
    """The first of some words that a text holds, the longest of those that begin at one place."""
    found = _any(tuple(words)).search(text)
    return found[0] if found else ""


@lru_cache(maxsize=256)
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w])", re.IGNORECASE)


def _unit(phrase: Phrase, after: str) -> str:
    if phrase.kind == "percent" or phrase.unit == "percent":
        return "percent"
    listed: dict[str, Any] = _words()["units"]
    between = "|".join(map(re.escape, sorted(listed["between"], key=len, reverse=True)))
    for unit, words in listed.items():
        if unit in ("between", "after"):
            continue
        nouns = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        if re.match(rf"(?:\W+(?:{between}))*\W+(?:{nouns})\b", after, re.IGNORECASE):
            return str(unit)
    if re.match(r"\W*(?:pounds?|lbs?|kilograms?|kilos?|kg|grams?|tons?|tonnes?|ounces?)\b", after, re.IGNORECASE) or phrase.unit in (
        "pounds", "lbs", "kilograms", "kg", "kilos", "tons", "grams",
    ):  # fmt: skip
        return "weight"
    return ""


def _form(phrase: Phrase, near: str, plain: str) -> str:
    if phrase.form and not (phrase.unit == "times" and _KILLING.search(plain)):
        return phrase.form
    if phrase.per and phrase.per != "year":
        return "pace"
    if phrase.kind == "percent":
        higher = re.search(r"\b(?:higher|lower|more|less)\s+than\b", near, re.IGNORECASE)
        if phrase.direction:
            return "ratio" if higher and not re.search(r"\bthan (?:in )?(?:\d{4}|last|the)", near, re.I) else "change"
        return "share"
    if re.search(r"\bdoses?\b", near[:90], re.IGNORECASE) or _KILLING.search(plain):
        return "doses"
    if phrase.direction:
        return "change"
    return "level"


def _quantity(plain: str, near: str, form: str, unit: str, topic: str) -> tuple[str, str]:
    """The quantity that a number is said of, and what was guessed."""
    words = _words()
    dead = bool(_named(plain, words["dead"]["words"]))
    if unit == "pills":
        return "", "no table counts pills"
    if unit == "states":
        return "", "a count of states is no quantity"
    if unit in ("offices", "countries"):
        return f"{unit}/foreign", "taken to be the DEA's abroad"
    topics = [
        name for name in ("seizures", "deaths", "flow", "people", "reports") if _named(plain, words["topics"][name])
    ]
    if form == "doses" or unit == "weight" or ("seizures" in topics and not dead):
        return _seizures(plain, unit), ""
    if "flow" in topics and not dead:
        return "flow/fentanyl", "what flows is measured by nobody"
    if "people" in topics and unit == "percent" and not dead:
        return "people/citizens-sentenced", "taken to be the Sentencing Commission's"
    if _named(plain, words["nonfatal"]["words"]) and not dead:
        return "", "the sentence speaks of something else than deaths"
    drug = _drug(plain) or _drug(near)
    if drug and (dead or _named(plain, words["topics"]["deaths"])):
        return f"deaths/{drug}", "" if dead or "overdose" in plain.lower() else "deaths are not named"
    if drug and (unit in ("people", "deaths") or form in ("rank", "record", "ratio", "pace")):
        return f"deaths/{drug}", "deaths are not named"
    if dead and topic:
        return topic, "what is counted stands in an earlier sentence"
    return topic, "what is counted is not named" if topic else "what is counted is not named; no quantity is guessed"


def _drug(text: str) -> str:
    """The drug of a count of deaths: the narrowest that is named."""
    listed: dict[str, list[str]] = _words()["drugs"]
    found = [drug for drug, words in listed.items() if _named(text, words)]
    narrow = [drug for drug in found if drug not in ("all", "opioids")]
    if "prescription-opioids" in narrow:
        return "prescription-opioids"
    return next(iter(narrow), "opioids" if "opioids" in found else "all" if found else "")


def _seizures(plain: str, unit: str) -> str:
    words = _words()
    drug = next(
        (d for d in ("fentanyl", "heroin", "cocaine", "methamphetamine") if re.search(rf"\b{d}", plain, re.I)),
        "fentanyl",
    )
    region = next((name for name, listed in words["regions"].items() if _named(plain, listed)), "")
    component = next((name for name, listed in reversed(words["components"].items()) if _named(plain, listed)), "")
    family = "seizure-events" if unit == "seizures" else "seizures"
    parts = [family, drug, *filter(None, (region, component))]
    slug = "/".join(parts)
    known = quantities.catalogue()
    return slug if slug in known else "/".join(parts[:3]) if "/".join(parts[:3]) in known else f"{family}/{drug}"


def _whole(quantity: str) -> str:
    """What a share is taken to be of, where the words do not say: all drugs, all of the seizures, all along a border."""
    family, *parts = quantity.split("/")
    if family == "deaths" and parts[0] != "all":
        return "deaths/all"
    if family.startswith("seizure") and len(parts) > 1:
        return "/".join((family, *parts[:-1]))
    return ""


def _others(plain: str) -> list[str]:
    listed: dict[str, list[str]] = _words()["others"]
    return [slug for slug, words in listed.items() if _named(plain, words) and slug in quantities.catalogue()]


def _place(plain: str) -> str:
    for code, words in _words()["demonyms"].items():
        if _named(plain, words):
            return str(code)
    held = {
        names.jurisdiction_name(code).partition(" (")[0]: code
        for code in names.jurisdictions()
        if code not in ("US", "YC")
    }
    found = _any(tuple(name for name in held if " without" not in name)).search(plain.replace("New York City", ""))
    if found:
        return next(code for name, code in held.items() if name.lower() == found[0].lower())
    return "NY" if re.search(r"\bNew York\b(?! City)", plain) else "US"


# When ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _When:
    """A period that a sentence names, where it stands; `since` the one before it, `guessed` what was taken from the date."""

    start: int
    end: int
    code: str
    since: str = ""
    guessed: str = ""
    day: date | None = None
    changes: bool = False


def _last_year(when: _When) -> str:
    return str(when.day.year - 1) if when.day else ""


_CHANGES = re.compile(
    r"\b(?:r[io]se|rising|fell|fall|drop|declin|decreas|increas|soar|surg|jump|climb|doubl|tripl|quadrupl|plummet|plung|grew|up|down)\w*",
    re.IGNORECASE,
)


def _month(text: str) -> int:
    return next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(text.lower()[:3]))


_YEAR = r"(?:19|20)\d\d"
_COUNTS = {
    word: n
    for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"], 2)
}
_COUNTS |= {str(n): n for n in range(2, 12)} | {"first half": 6}
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("twelve", rf"\b(?:12|twelve)[ -]months?(?: period)?[^.;]{{0,24}}?\b(?:end(?:ing|ed)|to|through)\b(?: in)?\s+{_MONTH.format('m')}(?:\s+\d{{1,2}})?,?\s+(?P<y>{_YEAR})"),
        ("twelve", rf"\b(?:the )?year (?:ending|ended)(?: in)?\s+{_MONTH.format('m')}(?:\s+\d{{1,2}})?,?\s+(?P<y>{_YEAR})"),
        ("months", rf"\b(?:between|from)\s+{_MONTH.format('m')}\s+(?P<y>{_YEAR})\s+(?:and|to|through|until)\s+{_MONTH.format('n')}\s+(?P<z>{_YEAR})"),
        ("fiscal-span", rf"\b(?:FY|fiscal years?)\s*(?P<y>{_YEAR})\s*(?:to|through|and|-|–)\s*(?:FY|fiscal year)?\s*(?P<z>{_YEAR})"),
        ("first-months", rf"\bfirst (?P<n>{'|'.join(_COUNTS)}) months of (?P<f>(?:FY|fiscal(?: year)?)\s*)?(?P<y>{_YEAR})"),
        ("first-months", rf"\b(?P<n>first half) of (?P<f>(?:FY|fiscal(?: year)?)\s*)?(?P<y>{_YEAR})"),
        ("fiscal", rf"\b(?:FY|fiscal(?: year)?)\s*(?P<y>{_YEAR})\b"),
        ("fiscal2", r"\b(?:FY|fiscal(?: year)?)\s*(?P<y>\d\d)\b"),
        ("months-one-year", rf"\b(?:between|from)\s+{_MONTH.format('m')}\s+(?:and|to|through|until)\s+{_MONTH.format('n')}(?:,?\s+(?P<y>{_YEAR}))?"),
        ("twelve-now", rf"\b(?:12|twelve)[ -]months?(?: period)?[^.;]{{0,24}}?\b(?:end(?:ing|ed)|to|through)\b(?: in)?\s+{_MONTH.format('m')}"),
        ("past-years", rf"\b(?:past|last) (?P<n>{'|'.join(_COUNTS)}) years\b"),
        ("years", rf"\b(?:from|between)\s+(?P<y>{_YEAR})\s*(?:to|and|through|-|–)\s*(?P<z>{_YEAR})"),
        ("years", rf"\b(?P<y>{_YEAR})\s*(?:-|–|to)\s*(?P<z>{_YEAR})\b"),
        ("month-year", rf"\b{_MONTH.format('m')}(?:\s+\d{{1,2}},?)?\s+(?:of\s+)?(?P<y>{_YEAR})"),
        ("month", rf"\b(?:in|during|for|since|last)\s+{_MONTH.format('m')}\b(?!\s+\d)"),
        ("since", rf"\b(?:since|than in|as in|compared (?:to|with)|against)\s+(?P<y>{_YEAR})"),
        ("since-last", r"\b(?:compared (?:to|with)|than|from) last year\b"),
        ("last-fiscal", r"\b(?:last|the previous|the prior) fiscal year\b"),
        ("year", rf"(?<![\d,.$#-])(?P<y>{_YEAR})(?![\d,]*\d|[%-]\d|\s+(?:people|deaths|americans|pounds|lives|doses|residents|overdose))"),
        ("this-fiscal", r"\bthis fiscal year\b"),
        ("last-year", r"\b(?:last|the previous|the prior|the past calendar) year\b"),
        ("this-year", r"\b(?:this|the current) year\b"),
    )
)  # fmt: skip


def _periods(plain: str, day: date | None) -> Iterator[_When]:
    """The periods that a sentence names, each place once."""
    taken: list[tuple[int, int]] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if found := _period(name, match, day):
                taken.append(match.span())
                yield _When(match.start(), match.end(), *found, day, bool(_CHANGES.search(plain)))


def _period(name: str, match: re.Match[str], day: date | None) -> tuple[str, str, str] | None:
    told = {key: value for key, value in match.groupdict().items() if value}
    y, z = told.get("y", ""), told.get("z", "")
    match name:
        case "twelve":
            return f"{y}-{_month(told['m']):02}", "", ""
        case "months":
            first, last = f"{y}-{_month(told['m']):02}", f"{z}-{_month(told['n']):02}"
            months = len(Period.parse(f"{first}..{last}").months) if first <= last else 0
            if months in (12, 13):
                return last, "", ""
            return (f"{first}..{last}", first, "") if months else None
        case "fiscal-span":
            return f"FY{y}..FY{z}", f"FY{y}", ""
        case "fiscal" | "fiscal2":
            return f"FY{y if len(y) == 4 else '20' + y}", "", ""
        case "years":
            return (f"{y}..{z}", y, "") if y < z else None
        case "month-year":
            month = f"{y}-{_month(told['m']):02}"
            return f"{month}..{month}", "", ""
        case "since":
            return "", y, ""
        case "year":
            return y, "", ""
        case "first-months":
            start = f"{int(y) - 1}-10" if told.get("f") else f"{y}-01"
            end = Period.parse(f"{start}..{start}").shifted(_COUNTS[told["n"].lower()] - 1)
            return f"{start}..{end.code.partition('..')[0]}", "", ""
        case "months-one-year" if y or day:
            year = int(y) if y else day.year if day and day.month >= _month(told["n"]) else (day.year - 1 if day else 0)
            m, n = _month(told["m"]), _month(told["n"])
            return (
                (f"{year}-{m:02}..{year}-{n:02}", "", "" if y else "the year is taken from the date of the text")
                if m <= n
                else None
            )
    if day is None:
        return None
    year = day.year
    match name:
        case "month":
            m = _month(told["m"])
            year -= m > day.month
            return f"{year}-{m:02}..{year}-{m:02}", "", "the year of the month is taken from the date of the text"
        case "twelve-now":
            m = _month(told["m"])
            return f"{year - (m > day.month)}-{m:02}", "", "the year of the month is taken from the date of the text"
        case "past-years":
            return (
                f"{year - _COUNTS[told['n'].lower()]}..{year - 1}",
                "",
                "whole years before the date of the text are taken",
            )
        case "since-last":
            return "", str(year - 1), ""
        case "last-fiscal":
            return f"FY{year - (day.month < 10)}", "", ""
        case "this-fiscal":
            return f"FY{year + (day.month >= 10)}", "", ""
        case "last-year":
            return str(year - 1), "", ""
        case "this-year":
            return str(year), "", ""
    return None


def _when(one: Heard, periods: list[_When], form: str) -> _When | None:
    """The period of a number: the nearest that is named, in its own words first; the two ends of a change are one."""
    named = [when for when in periods if when.code]
    since = next((when.since for when in periods if when.since and not when.code), "")
    if not named and since and form == "level":  # "since 1999": the years up to the last that is over
        at = next(when for when in periods if when.since and not when.code)
        last = _last_year(at)
        return (
            _When(at.start, at.end, f"{since}..{last}", "", "the years up to the last whole one are taken")
            if last
            else None
        )
    if not named:
        return None
    middle = (one.start + one.end) / 2
    best = min(named, key=lambda when: abs((when.start + when.end) / 2 - middle) + (25 if when.end < one.start else 0))
    code, before = best.code, best.since or since
    if (best.changes or form in ("change", "record")) and re.fullmatch(r"\d{4}\.\.\d{4}", code):
        before, _, code = code.partition("..")
    return _When(best.start, best.end, code, before, best.guessed)


def _before(code: str) -> str:
    """The same period a year earlier."""
    try:
        return Period.parse(code).shifted(-12).code
    except (FentanylStatsError, ValueError):
        return ""


def _short(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words) if len(words) <= 25 else " ".join(words[:24]) + " …"


def _plain(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _toml(value: object) -> str:
    """A value of TOML; a text is a basic string, in which JSON escapes the same characters."""
    if isinstance(value, str):
        return json.dumps(_plain(value), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)


HEAD = """# Written from a text by `fentanyl-stats read --toml`: look at every claim, fill in what stands as "?", and run
#   fentanyl-stats report --claims THIS_FILE

[article]
id = "text"
title = {title}
date = {day}

[[source]]
id = "text"
title = {title}
publisher = "?"
date = {day}

"""


def to_toml(candidates: Iterable[Candidate], day: date | None = None) -> str:
    """A claims file of the candidates whose quantity and period are known; the others stand in it as remarks.

    >>> made = to_toml(read("107,543 people died of overdoses in 2023. Agents seized 12 million pills in 2023."))
    >>> made.count("[[claim]]"), made.count("# not taken")
    (1, 1)
    """
    today = (day or date.today()).isoformat()
    made, rest = [], []
    for n, candidate in enumerate(candidates, 1):
        if candidate.quantity and candidate.period and candidate.sure != "no":
            made.append(candidate.to_toml(f"n{n}"))
        else:
            rest.append(f"# not taken: {candidate}\n")
    return (
        HEAD.format(title=_toml("A text"), day=_toml(today)) + "\n".join(made) + ("\n" if rest else "") + "".join(rest)
    )
