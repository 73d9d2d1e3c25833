"""The things public data measure, each under a slug, and the one question put to them: what was the value?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import filterfalse

from ..data import names
from ..errors import LedgerError, unknown
from ..model import ModelError, Period, Source, last_day
from .entries import Test
from .verdicts import Catalogued, Evidence


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a reading grid: which value is wanted. `vintage` is "as-known", "newest" or a name.

    `sources` are those that a claims file can cite, by id.
    """

    quantity: str
    period: str
    measure: str
    vintage: str
    correction: str
    test: Test
    sources: Mapping[str, Source]

    @property
    def jurisdiction(self) -> str:
        """Where: a code of the data, US by default."""
        return self.test.jurisdiction


@dataclass(frozen=True, slots=True)
class Figure:
    """What the public data say for a cell: a value, or bounds alone, with all that a reader must know of it.

    `known` is the day from which it could be known; `low` and `high` are identification bounds.
    """

    value: float | None
    low: float
    high: float
    period: Period
    vintage: str
    known: date
    sources: tuple[Source, ...]
    place: str = "United States"
    flags: tuple[str, ...] = ()
    reason: str = ""

    @classmethod
    def point(cls, value: float, **rest: object) -> Figure:
        """A plain value: both bounds equal it."""
        return cls(value, value, value, **rest)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Absent:
    """Why a cell has no value."""

    reason: str


Resolve = Callable[[Cell, date | None], Figure | Absent]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured thing: its unit, its words, the measures it comes in (the preferred first), and its resolver.

    `instant` counts are of a day, `worded` ones stand in texts alone, so that a test has to name the figures or the
    count; `dated` ones are known for named periods and have no "latest".
    """

    slug: str
    unit: str
    label: str
    measures: tuple[str, ...]
    resolve: Resolve
    corrections: tuple[str, ...] = ("none",)
    instant: bool = False
    worded: bool = False
    dated: bool = False
    caution: str = ""
    catalogue: Callable[[Period, str], Iterable[Catalogued]] | None = field(default=None, compare=False)

    def evidence(self, low: float, high: float, se: float = 0.0) -> Evidence:
        """Bounds of this quantity as evidence: counts end at 0, percentages at 0 and 100."""
        return Evidence(low, high, se, se, floor=0.0, ceiling=100.0 if self.unit == "percent" else math.inf)


def catalogue() -> dict[str, Quantity]:
    """Every quantity by slug."""
    from . import deaths, offices, seizures

    return {quantity.slug: quantity for part in (deaths, seizures, offices) for quantity in part.QUANTITIES}


def quantity(slug: str) -> Quantity:
    """The quantity of that slug.

    Raises
    ------
    LedgerError
        If there is none; close slugs are suggested.

    Examples
    --------
    >>> quantity("deaths/synthetic-opioids").unit
    'deaths'
    """
    known = catalogue()
    if slug not in tuple(known):  # which asks for no hash
        raise LedgerError(unknown("quantity", slug, known, limit=40))
    return known[slug]


def places(slug: str) -> Iterable[str]:
    """The jurisdictions that a quantity is held for: only deaths are counted by place."""
    return names.jurisdictions() if slug.startswith("deaths/") else ("US",)


def check_test(test: Test, unit: str = "") -> None:
    """Whether slug, measures, corrections, vintages, place and unit of a test make sense; the message starts with the key.

    `unit` is the one of the claim: where public data know it, the quantity has to be counted in it.
    """
    try:
        found = quantity(test.quantity)
    except LedgerError as error:
        raise LedgerError(f"quantity: {error}") from None
    if unit != found.unit and unit in {known.unit for known in catalogue().values()}:
        raise LedgerError(f"quantity: {found.slug} is counted in {found.unit}, the claim in {unit}")
    for key, given, valid in (
        ("measures", test.measures, found.measures),
        ("corrections", test.corrections, found.corrections),
        ("jurisdiction", (test.jurisdiction,), places(test.quantity)),
        ("bounded_by", filter(None, (test.bounded_by,)), _wider(found)),
        ("vintages", filterfalse(_is_date, test.vintages), ("as-known", "newest")),
    ):
        for name in given:
            if name not in valid:
                raise LedgerError(f"{key}: {unknown(key.removesuffix('s'), name, valid)}")
    _check_periods(test, found)
    _check_words(test, found)
    if test.natural and test.measures == ("final",) and not all(map(_is_year, test.periods)):
        raise LedgerError("measures: final counts are of calendar years; write reported or predicted")


def _check_periods(test: Test, found: Quantity) -> None:
    for period in test.periods:
        if period == "latest" and found.dated:
            raise LedgerError(f"periods: {found.slug} has no latest value; write the period that is meant")
        if period != "latest":
            try:
                Period.parse(period, instant=found.instant)
            except ModelError as error:
                raise LedgerError(f"periods: {error}") from None


def _check_words(test: Test, found: Quantity) -> None:
    """Figures and counts belong to quantities without a table, and each figure is one number of their unit."""
    for key, given in (("figures", bool(test.figures)), ("count", test.count is not None)):
        if given and not found.worded:
            worded = " and ".join(slug for slug, other in catalogue().items() if other.worded)
            raise LedgerError(f"{key}: {found.slug} is read from the tables; leave {key} out, it is for {worded} alone")
    if not test.figures:
        return
    from ..data import store

    figures = store.load("published-figures").set_index("id")
    for name in test.figures:
        if name not in figures.index:
            raise LedgerError(f"figures: {unknown('figure', name, figures.index, limit=6)}")
        if test.figures.count(name) > 1:
            raise LedgerError(f"figures: {name} is named {test.figures.count(name)} times; it can be added up once")
        unit, value = figures.at[name, "unit"], figures.at[name, "value"]
        if unit != found.unit or not value >= 0:
            raise LedgerError(f"figures: {name} is {value} {unit}; name figures in {found.unit}")


def _wider(inner: Quantity) -> list[str]:
    return [slug for slug, other in catalogue().items() if other.unit == inner.unit and slug != inner.slug]


def _is_date(vintage: str) -> bool:
    try:
        return bool(last_day(vintage))
    except ModelError:
        return False


def _is_year(period: str) -> bool:
    return period != "latest" and Period.parse(period).kind == "year"


def resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
    """The figure of a cell as known on `as_of` (None: all that is held).

    Where nothing was published and the test names a wider class (`bounded_by`), the class bounds it from above.
    """
    found = quantity(cell.quantity).resolve(cell, as_of)
    if isinstance(found, Figure) or not cell.test.bounded_by:
        return found
    wider = quantity(cell.test.bounded_by)
    outer = wider.resolve(replace(cell, quantity=wider.slug), as_of)
    if isinstance(outer, Absent):
        return found
    reason = f"{found.reason}; it is part of {wider.label}, hence at most that count"
    return replace(outer, value=None, low=0.0, reason=reason, flags=(*outer.flags, "bounded"))
