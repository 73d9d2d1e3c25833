"""What was said: claims, their drift ladders and their sources, read from TOML and checked as a whole."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import filterfalse
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..data import catalog, store
from ..errors import DataError, FentanylStatsError, LedgerError, PhraseError, unknown
from ..model import ModelError, Period, Source, last_day
from ..show import Card, Shown
from . import forms, hedges, quantities

Precision = Literal["day", "week", "month", "year", "fiscal_year", "on_or_before", "on_or_after"]
MAX_QUOTE_WORDS = 25

_OTHER_KINDS = "attributed-finding attribution causal legal opinion qualitative quotation self-description"
KINDS: dict[str, hedges.Kind] = {
    "share": "percent",
    "count": "count",
    "event": "count",
    **dict.fromkeys(_OTHER_KINDS.split(), "measure"),
}
"""Claim kind -> the kind of number it holds where its unit does not tell (`hedges.kind_of`)."""

UNITS = {"deaths-per-year": "deaths", "foreign-offices": "offices"}
"""Units that are compared as another."""


def vocabulary() -> Mapping[str, Any]:
    """The closed lists of vocabulary.toml: `drift` (how a statement changes from one speaker to the next), and the two
    scales of the editor's ratings, `fidelity` and `evidence`; each a mapping of words to what they mean.

    >>> vocabulary()["drift"]["rounding"]
    'a figure rounded or coarsened'
    """
    return _vocabulary(raw_text("claims/vocabulary.toml"))


@lru_cache(maxsize=2)
def _vocabulary(text: str) -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(text))


def _one_of(what: str, options: Callable[[], Iterable[str]]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in tuple(options()):
            raise ValueError(unknown(what, value, options(), limit=30))
        return value

    return AfterValidator(check)


def _read_by(parse: Callable[[str], object]) -> AfterValidator:
    """A text that a function of this package has to understand."""

    def check(value: str) -> str:
        try:
            parse(value)
        except FentanylStatsError as error:
            raise ValueError(str(error)) from None
        return value

    return AfterValidator(check)


def _quote(value: str) -> str:
    if (words := len(value.split())) > MAX_QUOTE_WORDS:
        raise ValueError(f"the quote has {words} words; quote {MAX_QUOTE_WORDS} at most")
    if not value.strip():
        raise ValueError("the quote is empty")
    return value


def _caveat(value: str) -> str:
    if (words := len(value.split())) > MAX_QUOTE_WORDS:
        raise ValueError(f"the caveat has {words} words; write {MAX_QUOTE_WORDS} at most")
    return value


def _web(value: str) -> str:
    if value and not re.match(r"https?://\S", value):
        raise ValueError(f"an address starts with https:// or http://, got {value[:60]!r}")
    return value


Web = Annotated[str, AfterValidator(_web)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
Date = Annotated[str, _read_by(last_day)]
Quote = Annotated[str, AfterValidator(_quote)]
Hedge = Annotated[str, _read_by(hedges.hedge_name)]
Drift = Annotated[str, _one_of("drift operator", lambda: vocabulary()["drift"])]
ClaimKind = Annotated[str, _one_of("kind of claim", lambda: KINDS)]


class Entry(BaseModel):
    """A table of a claims file: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quantity(Entry):
    """The number of a claim: value, unit, hedge; or its words, `phrase`, from which they are read as `check` does."""

    value: Annotated[float, Field(strict=True)]
    unit: str
    hedge: Hedge = "bare"
    phrase: str = ""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or not given.get("phrase"):
            return given
        if rest := sorted({"value", "unit", "hedge"} & set(given)):
            raise ValueError(
                f"phrase says what {' and '.join(rest)} would; leave {'them' if len(rest) > 1 else 'it'} out"
            )
        try:
            read = hedges.parse(given["phrase"])
        except PhraseError as error:
            raise ValueError(str(error)) from None
        return {**given, "value": read.value, "unit": read.unit, "hedge": read.hedge}

    @property
    def compared_unit(self) -> str:
        """The unit after the aliases: deaths-per-year is deaths, percent-of-anything is percent."""
        return "percent" if self.unit.startswith("percent-of-") else UNITS.get(self.unit, self.unit)


class Definition(Entry):
    """Editor's wording of what a claim could mean."""

    id: Id
    wording: str
    measurable: Literal["yes", "no", "in-principle"]
    note: str = ""


class Test(forms.Keys, Entry):
    """A block of the reading grid: every combination of periods, measures, vintages and corrections is a cell.

    The keys of `forms.Keys` say how its number is made of counts: a pace, a share, a change …; `period` names a single period.

    `vintages`: "as-known" (newest on the article's date), "newest", or the name of one. `figures` names rows of
    published-figures that are added up and `count` is a count that stands only in the words of `sources`.
    `sense` names the ordinary meaning of the words that the block belongs to; each sense has one natural test.
    `bounded_by` names a wider quantity that bounds this one from above where its own value was not published.
    """

    __test__ = False

    quantity: str
    periods: tuple[str, ...] = Field(min_length=1)
    measures: tuple[str, ...] = ()
    vintages: tuple[str, ...] = ("newest",)
    corrections: tuple[str, ...] = ("none",)
    jurisdiction: str = "US"
    natural: bool = False
    sense: str = ""
    bounded_by: str = ""
    figures: tuple[str, ...] = ()
    count: Annotated[float, Field(ge=0, strict=True, multiple_of=1)] | None = None
    sources: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_period(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "period" in given:
            if "periods" in given:
                raise ValueError("period and periods are one key; leave one out")
            given = {("periods" if key == "period" else key): value for key, value in given.items()}
            given["periods"] = [given["periods"]]
        return given

    @model_validator(mode="after")
    def _sensible(self) -> Test:
        for period in self.periods:
            if period != "latest":
                try:
                    Period.parse(period, instant=not self.quantity.startswith(("deaths/", "seizure")))
                except FentanylStatsError as error:
                    raise ValueError(str(error)) from None
        if self.count is not None and not self.sources:
            raise ValueError("a typed count needs the source whose words hold it (key sources)")
        return self


class Appearance(Entry):
    """One place where a version of a claim was printed; a ladder orders them by step."""

    family: Id
    step: Annotated[int, Field(ge=1)]
    parent: Annotated[int, Field(ge=0)] = 0
    date: Date
    date_precision: Precision = "day"
    who: str
    value: float | None = None
    unit: str = ""
    hedge: Hedge = "bare"
    object: str
    language: str = "en"
    source: Id
    drift: tuple[Drift, ...] = ()


class SourceEntry(Entry):
    """A text that was read, with what was quoted from it."""

    id: Id
    title: str
    publisher: str
    date: Date | None = None
    date_precision: Precision = "day"
    url: Web = ""
    url_kind: str = ""
    seen_kind: str = ""
    quotes: tuple[Quote, ...] = ()
    note: str = ""


class Link(Entry):
    """A step of the chain that the article came through."""

    step: int
    work: str
    publisher: str
    date: Date
    date_precision: Precision = "day"
    language: str = "en"
    source: Id | None = None
    seen: str = ""


class Article(Entry):
    """The article under check."""

    id: Id
    title: str
    publisher: str = ""
    url: Web = ""
    language: str = "en"
    translated_from: str = ""
    date: Date
    date_precision: Precision = "day"
    date_note: str = ""
    text_lines: int | None = None
    text_bytes: int | None = None
    text_sha256: str = ""
    note: str = ""
    chain: tuple[Link, ...] = ()


class ClaimEntry(Entry):
    """One checkable statement, as it stands in a claims file."""

    id: Id
    ref: str = ""
    line: int | None = None
    quote: Quote
    kind: ClaimKind
    quantity: Quantity | None = None
    as_of: Date
    as_of_note: str = ""
    said: Date | None = None
    caveat: Annotated[str, AfterValidator(_caveat)] = ""
    speaker_chain: tuple[str, ...] = ()
    family: str = ""
    fidelity: Literal["F0", "F1", "F2", "F3", "F4"] | None = None
    fidelity_reason: str = ""
    evidence: Literal["E0", "E1", "E2", "E3", "E4"] | None = None
    evidence_reason: str = ""
    confidence: Literal["high", "medium", "low"] | None = None
    missing_qualifier: bool = False
    sources: tuple[Id, ...] = Field(min_length=1)
    drift: tuple[Drift, ...] = ()
    tables: tuple[str, ...] = ()
    definition: tuple[Definition, ...] = ()
    test: tuple[Test, ...] = ()

    @model_validator(mode="after")
    def _natural(self) -> ClaimEntry:
        if self.test:
            if self.quantity is None:
                raise ValueError("a claim with tests needs a quantity = { value, unit, hedge }")
            for sense in dict.fromkeys(test.sense for test in self.test):
                count = sum(test.natural for test in self.test if test.sense == sense)
                if count != 1:
                    of = f" of the sense {sense!r}" if sense else ""
                    raise ValueError(f"{count} tests{of} are marked natural = true; mark one")
        for test in self.test:
            cells = len(test.periods) * len(test.measures or ("",)) * len(test.vintages) * len(test.corrections)
            if test.natural and cells != 1:
                raise ValueError(f"the natural test spans {cells} readings; give it one period, measure and vintage")
        return self


E = TypeVar("E", bound=Entry)
_PARTS = ("article", "claim", "source", "appearance")
_FILES = ("article", "claims", "appearances", "sources", "tests")
_TABLES: dict[Any, type[Entry]] = {
    "quantity": Quantity,
    "test": Test,
    "definition": Definition,
    "chain": Link,
}
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}
_DEEPEST = 32
"""Parts that a dotted key may have."""
_LARGEST = 10_000_000  # bytes of a claims file, which is read whole
_HEADLINES = (
    ("contradicted", lambda c: c.evidence == "E1"),
    ("distorted", lambda c: c.fidelity in ("F1", "F2")),
    ("not-checkable", lambda c: c.evidence == "E0"),
    ("needs-context", lambda c: c.evidence == "E2" or c.missing_qualifier),
)


class Claim(ClaimEntry, Shown):
    """One checkable statement with the ladder it came down and the sources that bear on it."""

    ladder: tuple[Appearance, ...] = ()
    cited: tuple[Source, ...] = ()

    @property
    def headline(self) -> str | None:
        """The editorial headline, computed by the ledger's rule; None for a claim that nobody rated."""
        if self.evidence is None:
            return None
        return next((name for name, applies in _HEADLINES if applies(self)), "supported")

    @property
    def phrase(self) -> hedges.Phrase | None:
        """The claim's number as a phrase, as it is compared (`forms.heard`)."""
        spoken = _spoken(self)
        test = next((test for test in self.test if test.natural), None)
        if spoken is None or test is None or not (test.form or (self.quantity and self.quantity.phrase)):
            return spoken
        return forms.heard(spoken, test, quantities.quantity(test.quantity).unit)

    def definitions(self) -> pd.DataFrame:
        """What the words could mean, in the words of the editor: wording, measurable (yes, no, in-principle), note."""
        rows = [(entry.wording, entry.measurable, entry.note) for entry in self.definition]
        frame = pd.DataFrame(rows, columns=["wording", "measurable", "note"])
        frame.attrs["empty"] = "The editor of this audit wrote down no other meaning of the words."
        return frame

    def _card_(self) -> Card:
        rated = f"{self.headline} (fidelity {self.fidelity}, evidence {self.evidence})" if self.headline else ""
        rows = [
            ("kind", self.kind),
            ("number", f"{self.phrase} ({self.quantity.unit})" if self.phrase and self.quantity else ""),
            ("as of", self.as_of),
            ("speakers", " → ".join(self.speaker_chain)),
            ("editorial rating", rated),
            ("appearances", len(self.ladder) or ""),
            ("sources", ", ".join(self.sources)),
        ]
        return Card(self.id, rows, quote=self.quote)


def _spoken(claim: ClaimEntry) -> hedges.Phrase | None:
    """The number of a claim as a phrase; the printed precision is read off the quote where the number stands in it."""
    if claim.quantity is None:
        return None
    if claim.quantity.phrase:
        return hedges.parse(claim.quantity.phrase)
    kind = hedges.kind_of(claim.quantity.compared_unit) or KINDS[claim.kind]
    for found in hedges.find(claim.quote):
        if found.value == claim.quantity.value:
            made = hedges.phrase(claim.quantity.hedge, found.value, kind, found.granularity)
            return replace(found, hedge=made.hedge, kind=made.kind, unit=made.unit)
    return hedges.phrase(claim.quantity.hedge, claim.quantity.value, kind)


def _require_form(claim: ClaimEntry, test: Test, unit: str, where: str) -> None:
    """Refuse a claim whose words are of another form than its test, or whose unit is not that of the form."""
    spoken = _spoken(claim)
    assert spoken is not None
    try:
        forms.form_of(spoken, test)
        expected = forms.unit_of(forms.heard(spoken, test, unit), test, unit)
    except PhraseError as error:
        raise LedgerError(f"{where}: {error}") from None
    said = claim.quantity.compared_unit if claim.quantity else ""
    also = {"ratio": "percent", "pace": unit, "doses": "doses", "change": unit}.get(test.form)
    if test.form not in ("rank", "record") and said not in (expected, also):
        raise LedgerError(
            f"{where}.quantity: a {test.form} of {test.quantity} is counted in {expected}, the claim in {said}"
        )


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that what is judged can be kept
class Ledger:
    """An article with its claims (in order), sources and appearances; `builtin` marks the one that ships."""

    article: Article
    claims: Mapping[str, Claim]
    sources: Mapping[str, Source]
    builtin: bool

    def claim(self, name: str) -> Claim:
        """The claim of that id; a LedgerError lists the close ids."""
        if not isinstance(name, str) or name not in self.claims:
            raise LedgerError(unknown("claim", name, self.claims, limit=30))
        return self.claims[name]

    def using(self, part: str) -> Ledger:
        """The ledger itself, with a note that what is shown rests on this part of it (see `digest` and `used`)."""
        _used[self.builtin, part] = self.digest(part)
        return self

    def digest(self, part: str) -> str:
        """The SHA-256 of a part: `claims`, `sources`, or `claim:` with an id; "" for a claim that is not there.

        >>> book = read()
        >>> book.digest("claim:root-cause") == book.digest("claim:subsidies"), book.digest("claim:none")
        (False, '')
        """
        if part == "sources":
            held: list[object] = [self.sources]
        elif part == "claims":
            held = [self.article, self.claims, self.sources]
        elif claim := self.claims.get(part.removeprefix("claim:")):
            held = [self.article, claim, [self.sources[step.source] for step in claim.ladder]]
        else:
            return ""
        return hashlib.sha256(repr(held).encode()).hexdigest()


_used: dict[tuple[bool, str], str] = {}


def used() -> list[dict[str, Any]]:
    """The parts of ledgers that this process used so far, sorted: keys `part`, `builtin` (or of a claims file), `sha256`."""
    return [{"part": part, "builtin": builtin, "sha256": _used[builtin, part]} for builtin, part in sorted(_used)]


def claims(path: str | Path | None = None) -> dict[str, Claim]:
    """The claims of the built-in article, or of a TOML file of your own, by id.

    Raises
    ------
    LedgerError
        If the file is not readable TOML, a key is missing, unknown or wrong, ids repeat, a source does not resolve,
        or a quote is too long. The message names the claim and the key.

    Examples
    --------
    >>> claims()["deaths-per-year"].quantity
    Quantity(value=100000.0, unit='deaths-per-year', hedge='nearly', phrase='')
    """
    return dict(read(path).using("claims").claims)


def sources(*things: object) -> tuple[Source, ...]:
    """The sources of what a page shows, each once, in order.

    Parameters
    ----------
    *things : Assessment, Claim, DataFrame, str, Source, or a sequence of them
        Of an assessment: what its claim cites, what its readings rest on, and what they name as their reason. Of a frame:
        `attrs["source"]` and `attrs["sources"]`, and the texts and figures whose ids (F060, S07, V12) stand in its columns;
        of a sentence, those that it names.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> [source.id for source in sources(assess("foreign-offices"), "as CRS has it (F117)")]
    ['S03', 'S07', 'S08', 'S10', 'F127a', 'F117']
    """
    return tuple({(source.id, source.vintage): source for thing in things for source in _behind(thing)}.values())


_ID = re.compile(r"\b[SFV]\d{2,3}[a-z]?\b")


def _behind(thing: Any) -> Iterator[Source]:
    if isinstance(thing, Source):
        yield thing
    elif isinstance(thing, Claim):
        yield from thing.cited
    elif isinstance(thing, pd.DataFrame):
        yield from sources(thing.attrs.get("source", ()), thing.attrs.get("sources", ()))
        words = thing.select_dtypes(exclude=["number", "bool", "datetime"])
        yield from _behind(" ".join(map(str, words.to_numpy().ravel())))
    elif hasattr(thing, "readings"):
        yield from thing.claim.cited
        for reading in thing.readings:
            yield from reading.sources
        yield from _behind(" ".join(reading.reason for reading in thing.readings))
    elif isinstance(thing, str):
        if ids := dict.fromkeys(_ID.findall(thing)):  # what names none does not rest on the ledger's sources
            known = read().using("sources").sources
            yield from (known[name] for name in ids if name in known)
    elif isinstance(thing, Iterable):
        yield from sources(*(thing.values() if isinstance(thing, Mapping) else thing))
    else:
        raise LedgerError(f"{type(thing).__name__} has no sources; give assessments, frames, sentences or Sources")


def article_figures(path: str | Path | None = None) -> pd.DataFrame:
    """The article's numbers, one row each: id, value, unit, hedge, low and high of C (delta 0.10), as_of, quote."""
    rows = []
    for claim in read(path).using("claims").claims.values():
        if claim.quantity is not None and claim.phrase is not None:
            c = claim.phrase.interval()
            q = claim.quantity
            rows.append((claim.id, q.value, q.unit, q.hedge, c.low, c.high, claim.as_of, claim.quote))
    return pd.DataFrame(rows, columns=["id", "value", "unit", "hedge", "low", "high", "as_of", "quote"])


def read(path: str | Path | None = None) -> Ledger:
    """The built-in ledger, or the one of a claims file ([article], [[claim]], [[source]], [[appearance]]).

    The same texts are assembled once; every call reads the files and checks the hashes of the built-in ones.
    """
    if path is not None:
        if not isinstance(path, str | PathLike):
            raise LedgerError(f"a claims file is named by a path, not by {type(path).__name__} {path!r:.40}")
        file = Path(path)
        try:
            with file.open("rb") as opened:
                content = opened.read(_LARGEST + 1)
        except (OSError, ValueError) as error:  # a name can hold NUL
            raise LedgerError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        if len(content) > _LARGEST:
            raise LedgerError(f"{file}: larger than {_LARGEST / 1e6:g} MB; is it a claims file?")
        return _own(file.name, content, _digests())
    texts = tuple(raw_text(f"claims/{part}.toml") for part in _FILES)
    return _builtin(texts, _digests())


@lru_cache(maxsize=8)
def _own(name: str, content: bytes, _: tuple[str, ...]) -> Ledger:
    return _assembled(_toml(name, content), name, builtin=False)


@lru_cache(maxsize=2)
def _builtin(texts: tuple[str, ...], _: tuple[str, ...]) -> Ledger:
    document = {part: _toml(f"{part}.toml", text.encode()) for part, text in zip(_FILES, texts, strict=True)}
    tests = {claim.get("id"): claim for claim in document["tests"].get("claim", [])}
    entries = document["claims"].get("claim", [])
    if strays := sorted(set(tests) - {claim.get("id") for claim in entries}):
        raise LedgerError(f"tests.toml: {unknown('claim', strays[0], [c.get('id') for c in entries], limit=30)}")
    merged = {
        "article": document["article"],
        "claim": [{**claim, **tests.get(claim.get("id"), {})} for claim in entries],
        "source": document["sources"].get("source", []),
        "appearance": document["appearances"].get("appearance", []),
    }
    return _assembled(merged, "claims.toml", builtin=True)


def raw_text(path: str) -> str:
    """The text of a file under raw/, its hash checked against the catalogue.

    Raises
    ------
    DataError
        If the catalogue does not name the file, or it is missing or damaged.
    """
    named = [table for table in catalog.entries() if table.path == path]
    if not named:
        raise DataError(f"SOURCES.toml names no file {path}")
    return store.raw_bytes(named[0]).decode("utf-8")


def _digests() -> tuple[str, ...]:
    """The hashes of what `citable` rests on, both files read and checked."""
    held = (catalog.find("published-figures"), *(t for t in catalog.files("events") if not t.is_frame))
    for table in held:
        store.raw_bytes(table)
    return tuple(table.sha256 for table in held)


def citable() -> tuple[Source, ...]:
    """Every published figure (F..) and event source (V..) as a Source.

    >>> next(source for source in citable() if source.id == "F208").known
    datetime.date(2024, 9, 13)
    """
    figures = store.load("published-figures")
    days = catalog.known_days("published-figures", figures)
    words = figures[["id", "title", "publisher", "url", "quote"]].fillna("")
    texts = [
        Source(name, title, publisher, url, known=None if pd.isna(day) else day.date(), citation=quote)
        for (name, title, publisher, url, quote), day in zip(words.itertuples(index=False), days, strict=True)
    ]
    events = tomllib.loads(raw_text("events/sources.toml")).get("source", [])
    return (*texts, *(Source(e["id"], e["title"], e.get("publisher", ""), e.get("url", "")) for e in events))


def _toml(name: str, content: bytes) -> dict[str, Any]:
    if any(line.count(b".") >= _DEEPEST and _KEYS.match(line) for line in content.splitlines()):
        raise LedgerError(f"{name}: a key of more than {_DEEPEST} parts; a claims file needs two")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{name}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if odd := next((char for char in text if _is_control(char)), ""):
        line = text[: text.index(odd)].count("\n") + 1
        raise LedgerError(f"{name}: line {line} holds a control character ({odd!r}); take it out")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"{name}: not valid TOML: {error}") from None
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, a list within thousands of lists
        raise LedgerError(f"{name}: not a claims file: {error}") from None
    return _plain(document, name)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and char not in "\t\n\r"


_KEYS = re.compile(rb"[\s\[]*[\w\-\"']+(?:\s*\.\s*[\w\-\"']+){31}")


def _plain(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The document, unless a text in it was given a control character by an escape: a terminal would obey it."""
    waiting: list[object] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and any(map(_is_control, value)):
            raise LedgerError(f"{name}: {value[:60]!r} holds a control character; take it out")
    return document


def _assembled(document: Mapping[str, Any], file: str, *, builtin: bool) -> Ledger:
    for key in document:
        if key not in _PARTS:
            raise LedgerError(f"{file}: {unknown('table', key, _PARTS)}")
    if not isinstance(document.get("article"), Mapping):
        raise LedgerError(f"{file}: the table [article] is missing; it needs id, title and date")
    if not document.get("claim"):
        raise LedgerError(f"{file}: no [[claim]] in it; write at least one, with id, quote, kind, as_of, sources")
    article = _model(Article, document["article"], file, "article")
    texts = _models(SourceEntry, document, "source", file)
    appearances = _models(Appearance, document, "appearance", file)
    entries = _models(ClaimEntry, document, "claim", file)
    for what, ids in (("claim", entries), ("source", texts)):
        _unique((entry.id for entry in ids), what, file)
    own = {t.id: Source(t.id, t.title, t.publisher, t.url, known=last_day(t.date) if t.date else None) for t in texts}
    sources = own | {source.id: source for source in citable() if source.id not in own}
    _check_ladders(appearances, sources, file)
    families = {appearance.family for appearance in appearances}
    found: dict[str, Claim] = {}
    for entry in entries:
        _check_claim(entry, sources, families, file)
        ladder = sorted((a for a in appearances if a.family == entry.family), key=lambda a: a.step)
        cited = tuple(sources[source] for source in entry.sources)
        if entry.quantity and entry.quantity.phrase:
            spoken = hedges.parse(entry.quantity.phrase)
            told = [test.model_copy(update=forms.completed(spoken, test).given) for test in entry.test]
            entry = entry.model_copy(update={"test": tuple(told)})
        found[entry.id] = Claim.model_construct(**dict(entry), ladder=tuple(ladder), cited=cited)
    return Ledger(article, found, sources, builtin)


def _models(model: type[E], document: Mapping[str, Any], key: str, file: str) -> list[E]:
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise LedgerError(f"{file}: {key} must be written as [[{key}]] tables")
    return [_model(model, table, file, _name(key, number, table)) for number, table in enumerate(tables, 1)]


def _name(key: str, number: int, table: Any) -> str:
    table = table if isinstance(table, Mapping) else {}
    if "family" in table and "step" in table:
        return f"{key} {number} (family {str(table['family'])[:80]!r}, step {table['step']!r:.8})"
    return f"{key} {str(table['id'])[:80]!r}" if "id" in table else f"{key} {number} (without id)"


def _model(model: type[E], table: Any, file: str, name: str) -> E:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        where = ".".join(_part(part) for part in first["loc"])
        match first["type"]:
            case "missing":
                what = "is required but missing"
            case "extra_forbidden":
                what = unknown("key", first["loc"][-1], _keys(model, first["loc"][:-1]), limit=30)
            case "value_error":
                what = str(first["ctx"]["error"])
            case _:
                what = f"{first['msg']}, got {str(first['input'])[:60]!r}"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise LedgerError(f"{file}: {name}, key {where or 'test'}: {what}{more}") from None


def _part(part: int | str) -> str:
    if isinstance(part, int):
        return str(part + 1)
    return part if part.isidentifier() and len(part) < 40 else repr(part[:40])


def _keys(model: type[Entry], location: tuple[int | str, ...]) -> Iterable[str]:
    inner = [_TABLES[part] for part in location if part in _TABLES]
    return (inner[-1] if inner else model).model_fields


def _unique(ids: Iterable[str], what: str, file: str) -> None:
    ids = list(ids)
    for name, count in Counter(ids).items():
        if count > 1:
            raise LedgerError(f"{file}: {what} {name!r}, key id: used {count} times; ids must be unique")
    folded: dict[str, str] = {}
    for name in ids:
        if name.upper() in _RESERVED:
            raise LedgerError(f"{file}: {what} {name!r}, key id: a name that some systems give no file; write another")
        if (other := folded.setdefault(name.casefold(), name)) != name:
            raise LedgerError(
                f"{file}: {what} {name!r}, key id: {other!r} differs from it in capitals alone; on some systems one page would "
                "replace the other"
            )


def _check_ladders(appearances: Iterable[Appearance], sources: Mapping[str, Source], file: str) -> None:
    steps: dict[str, set[int]] = {}
    for a in sorted(appearances, key=lambda a: (a.family, a.step)):
        name = f"{file}: appearance of family {a.family!r}, step {a.step}"
        seen = steps.setdefault(a.family, set())
        if a.step in seen:
            raise LedgerError(f"{name}, key step: used twice; steps order a ladder")
        if a.parent and a.parent not in seen:
            raise LedgerError(
                f"{name}, key parent: there is no earlier step {a.parent}; write one of {sorted(seen)} or 0"
            )
        if a.source not in sources:
            raise LedgerError(f"{name}, key source: {unknown('source', a.source, sources, limit=6)}")
        seen.add(a.step)


def _check_claim(entry: ClaimEntry, sources: Mapping[str, Source], families: set[str], file: str) -> None:
    name = f"{file}: claim {entry.id!r}"
    for key, ids in [
        ("sources", entry.sources),
        *((f"test.{n}.sources", t.sources) for n, t in enumerate(entry.test, 1)),
    ]:
        for source in ids:
            if source not in sources:
                raise LedgerError(f"{name}, key {key}: {unknown('source', source, sources, limit=6)}")
    if entry.family and entry.family not in families:
        raise LedgerError(f"{name}, key family: {unknown('family', entry.family, families)}")
    try:
        require_comparable(entry)
    except LedgerError as error:
        raise LedgerError(f"{file}: {error}") from None
    for number, test in enumerate(entry.test, 1):
        try:
            _check_test(test)
        except LedgerError as error:
            raise LedgerError(f"{name}, key test.{number}.{error}") from None


def require_comparable(claim: ClaimEntry) -> None:
    """Refuse a claim whose number is none of the quantity it is set against: the unit is compared after `UNITS`.

    Raises
    ------
    LedgerError
        If unit or number are not the quantity's, or the quote says another unit right after that number; the message names
        the claim, the key, the unit and the right unit.
    """
    said = claim.quantity
    for number, test in enumerate(claim.test if said else (), 1):
        where = f"claim {claim.id!r}, key"
        try:
            found = quantities.quantity(test.quantity)
        except LedgerError as error:
            raise LedgerError(f"{where} test.{number}.quantity: {error}") from None
        assert said is not None
        if said.phrase:
            try:
                forms.understood(said.phrase, test, found, test.jurisdiction, test.periods[0])
            except (PhraseError, LedgerError) as error:
                raise LedgerError(f"{where} quantity.phrase: {error}") from None
            continue
        if test.form:
            _require_form(claim, test, found.unit, f"{where} test.{number}")
            continue
        if said.compared_unit != found.unit:
            unit = said.unit if re.fullmatch(r"[\w-]{1,60}", said.unit) else repr(said.unit[:60])
            raise LedgerError(
                f"{where} test.{number}.quantity: {found.slug} is counted in {found.unit}, the claim in {unit}"
            )
        try:
            kind = hedges.kind_of(found.unit) or "measure"
            hedges.require_amount(hedges.phrase(said.hedge, said.value, kind), found.unit)
            other = hedges.other_unit(claim.quote, said.value, found.unit)
        except PhraseError as error:
            raise LedgerError(f"{where} quantity.value: {error}") from None
        if other:
            raise LedgerError(
                f"{where} quantity.unit: the quote counts its number in {other!r}, {found.slug} is counted in {found.unit}"
            )


def _check_test(test: Test) -> None:
    """Whether measures, corrections, vintages and place of a test make sense; the message starts with the key."""
    found = quantities.quantity(test.quantity)
    known = quantities.catalogue().values()
    wider = [other.slug for other in known if other.unit == found.unit and other.slug != found.slug]
    for key, given, valid in (
        ("measures", test.measures, found.measures),
        ("corrections", test.corrections, found.corrections),
        ("jurisdiction", (test.jurisdiction,), quantities.places(test.quantity)),
        ("bounded_by", filter(None, (test.bounded_by,)), wider),
        ("vintages", filterfalse(_is_date, test.vintages), ("as-known", "newest")),
    ):
        for name in given:
            if name not in valid:
                raise LedgerError(f"{key}: {unknown(key.removesuffix('s'), name, valid)}")
    kinds = []
    for period in test.periods:
        if period == "latest" and found.dated:
            raise LedgerError(f"periods: {found.slug} has no latest value; write the period that is meant")
        try:
            kinds += ["latest" if period == "latest" else Period.parse(period, instant=found.instant).kind]
        except ModelError as error:
            raise LedgerError(f"periods: {error}") from None
    if test.form and "latest" in test.periods:
        raise LedgerError(f"periods: a {test.form} is of a period that is named; write it")
    forms.require_sensible(test, found, test.jurisdiction)
    _check_words(test, found)
    if test.natural and test.measures == ("final",) and not {*kinds} <= {"year", "span"}:
        raise LedgerError("measures: final counts are of calendar years; write reported or predicted")


def _check_words(test: Test, found: quantities.Quantity) -> None:
    """Figures and counts belong to quantities without a table, and each figure is one number of their unit."""
    for key, given in (("figures", bool(test.figures)), ("count", test.count is not None)):
        if given and not found.worded:
            worded = " and ".join(slug for slug, other in quantities.catalogue().items() if other.worded)
            raise LedgerError(f"{key}: {found.slug} is read from the tables; leave {key} out, it is for {worded} alone")
    if not test.figures:
        return
    figures = store.load("published-figures").set_index("id")
    for name in test.figures:
        if name not in figures.index:
            raise LedgerError(f"figures: {unknown('figure', name, figures.index, limit=6)}")
        if test.figures.count(name) > 1:
            raise LedgerError(f"figures: {name} is named {test.figures.count(name)} times; it can be added up once")
        unit, value = figures.at[name, "unit"], figures.at[name, "value"]
        if unit != found.unit or not value >= 0:
            raise LedgerError(f"figures: {name} is {value} {unit}; name figures in {found.unit}")


def _is_date(vintage: str) -> bool:
    try:
        return bool(last_day(vintage))
    except ModelError:
        return False
