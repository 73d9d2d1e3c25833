"""The shape of a claims file: one frozen model for each table that a person can write.

These models check what a single entry can know about itself; what entries owe one another is checked in `ledger`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..errors import FentanylStatsError, unknown
from ..model import Period, last_day
from . import hedges

Precision = Literal["day", "week", "month", "year", "fiscal_year", "on_or_before", "on_or_after"]
MAX_QUOTE_WORDS = 25

KINDS: dict[str, hedges.Kind] = {
    "share": "percent",
    "count": "count",
    "event": "count",
    **dict.fromkeys(
        (
            "attributed-finding",
            "attribution",
            "causal",
            "legal",
            "opinion",
            "qualitative",
            "quotation",
            "self-description",
        ),
        "measure",
    ),
}
"""Claim kind -> the kind of number it holds; a count of deaths is a measure."""

UNITS = {"deaths-per-year": "deaths", "foreign-offices": "offices"}
"""Units that are compared as another."""

DRIFT_MEANING = {
    "attribution_shift": "said by someone else than the source says",
    "back_translated_quote": "printed as a quotation after two translations",
    "category_conflation": "a narrower or wider category put in place of the measured one",
    "causal_upgrade": "an association worded as a cause",
    "charge_substitution": "another offence than the one charged",
    "digit_swap": "digits exchanged in printing",
    "hedge_removed": "an estimate restated as fact",
    "insertion": "matter absent from the source",
    "name_mistranslated": "name of a body or person garbled",
    "object_blur": "the thing counted made vague",
    "object_substitution": "the number moved to another thing",
    "omission": "a relevant part left out",
    "qualifier_dropped": "a limiting word lost",
    "rounding": "a figure rounded or coarsened",
    "scope_dropped": "the scope of a figure lost",
    "scope_widened": "a statement stretched to a larger scope",
    "stale_reuse": "an old figure given as current",
    "status_shift": "legal or diplomatic status changed",
    "strength_change": "tone stronger or weaker than the source",
    "title_change": "office or title changed",
    "translation": "changed language at this step",
    "truncation": "part of a quotation cut",
    "unit_confusion": "the unit changed",
}
"""How a statement changes from one speaker to the next, as vocabulary.toml defines it."""

DRIFT = tuple(DRIFT_MEANING)


FIDELITY = {
    "F4": "same meaning and qualifiers as the nearest source",
    "F3": "small loss: a word, a scope, a name",
    "F2": "object, strength or speaker changed in substance",
    "F1": "contradicts its source or is not in it",
    "F0": "source passage not seen",
}
EVIDENCE = {
    "E4": "supported by a primary source or several independent ones",
    "E3": "supported, but needs a clarification",
    "E2": "contested, or depends on the definition",
    "E1": "contradicted in its natural reading",
    "E0": "cannot be checked with public evidence",
}
"""The two scales of the editor's ratings, as vocabulary.toml defines their grades."""


def _one_of(what: str, options: Any) -> AfterValidator:
    def check(value: str) -> str:
        if value not in options:
            raise ValueError(unknown(what, value, options, limit=30))
        return value

    return AfterValidator(check)


def _date(value: str) -> str:
    try:
        last_day(value)
    except FentanylStatsError as error:
        raise ValueError(str(error)) from None
    return value


def _quote(value: str) -> str:
    if (words := len(value.split())) > MAX_QUOTE_WORDS:
        raise ValueError(f"the quote has {words} words; quote {MAX_QUOTE_WORDS} at most")
    if not value.strip():
        raise ValueError("the quote is empty")
    return value


def _hedge(value: str) -> str:
    try:
        hedges.hedge_name(value)
    except FentanylStatsError as error:
        raise ValueError(str(error)) from None
    return value


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
Date = Annotated[str, AfterValidator(_date)]
Quote = Annotated[str, AfterValidator(_quote)]
Hedge = Annotated[str, AfterValidator(_hedge)]
Drift = Annotated[str, _one_of("drift operator", DRIFT)]
ClaimKind = Annotated[str, _one_of("kind of claim", KINDS)]


class Entry(BaseModel):
    """A table of a claims file: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quantity(Entry):
    """The number of a claim: value, unit, hedge."""

    value: Annotated[float, Field(strict=True)]
    unit: str
    hedge: Hedge = "bare"

    @property
    def compared_unit(self) -> str:
        """The unit after the aliases: deaths-per-year is deaths, percent-of-anything is percent."""
        return "percent" if self.unit.startswith("percent") else UNITS.get(self.unit, self.unit)


class Definition(Entry):
    """Editor's wording of what a claim could mean."""

    id: Id
    wording: str
    measurable: Literal["yes", "no", "in-principle"]
    note: str = ""


class Test(Entry):
    """A block of the reading grid: every combination of periods, measures, vintages and corrections is a cell.

    `vintages`: "as-known" (newest on the article's date), "newest", or the name of one. `figures` names rows of
    published-figures that are added up and `count` is a count that stands only in the words of `sources`.
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
    bounded_by: str = ""
    figures: tuple[str, ...] = ()
    count: Annotated[float, Field(ge=0, strict=True, multiple_of=1)] | None = None
    sources: tuple[str, ...] = ()
    note: str = ""

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
    url: str = ""
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
    url: str = ""
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
            if (count := sum(test.natural for test in self.test)) != 1:
                raise ValueError(f"{count} tests are marked natural = true; mark one")
        for test in self.test:
            cells = len(test.periods) * len(test.measures or ("",)) * len(test.vintages) * len(test.corrections)
            if test.natural and cells != 1:
                raise ValueError(f"the natural test spans {cells} readings; give it one period, measure and vintage")
        return self
