"""All reasonable readings of a claim: the declared grid, cell by cell, each with its value and its verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from ..analysis import origin
from ..data import names
from ..model import Interval, Period, Source, amount, finite, number
from .evidence import resolve
from .figures import Absent, Cell, Figure, Part, Withheld
from .forms import unit_of
from .hedges import Phrase
from .ledger import Test
from .quantities import REVISION, quantity
from .verdicts import Evidence, Verdict, judge, judge_evidence

FOREVER = date.max


@dataclass(frozen=True, slots=True)
class Reading:
    """One operational definition of a claim with its value: quantity, period, vintage, measure, correction.

    `value` is None where only bounds (`low`, `high`) are known. `hindsight` marks what could not be known when the
    article appeared; `identified` is False where public data cannot pin the quantity down; `reason` says why in words.
    `tipping_ratio` is, for a share of seized weight, how many times as often all else would have to be intercepted for the
    flow to be as claimed (`selection.tipping_ratio`), from its `high` end to its `low` one; None for other quantities.
    `part_of` names the wider class that bounds it from above, where its own value was not published; `sense` the ordinary
    meaning of the words that it belongs to, "" where there is one only; `form` how the number is made of counts ("" for a
    count itself); `ends` its intervals at 90 and 95 per cent, where it has them, which decide the verdict where `sampled`;
    `parts` the figures that the number is made of or compared with.
    """

    id: str
    quantity: str
    period: str
    vintage: str
    measure: str
    correction: str
    value: float | None
    low: float
    high: float
    unit: str
    verdict: Verdict
    natural: bool
    label: str
    jurisdiction: str
    place: str
    window: Period
    known: date
    hindsight: bool
    identified: bool
    flags: tuple[str, ...]
    reason: str
    sources: tuple[Source, ...]
    tipping_ratio: Interval | None = None
    part_of: str = ""
    sense: str = ""
    form: str = ""
    ends: tuple[Interval, Interval] | None = None
    sampled: bool = False
    parts: tuple[Part, ...] = ()

    def by(self, phrase: Phrase, delta: float) -> Verdict:
        """The verdict on a phrase: by the interval where that decides, else by the bounds, a point for a plain count."""
        return _verdict(self, phrase, self.unit, delta, self.form)

    @property
    def interval(self) -> Interval:
        """(low, high), closed."""
        return Interval(self.low, self.high)

    @property
    def shown(self) -> str:
        """The value, or the bounds, as a reader reads it."""
        if self.value is not None:
            ends = self.ends[0] if self.form == "rank" and self.sampled and self.ends else None
            return amount(self.value, self.unit) + (f" ({ends.low:.0f} to {ends.high:.0f})" if ends else "")
        if "not measured" in self.flags:
            return "not measured"
        if self.form == "rank" and self.high < math.inf and "not published" not in self.flags:
            return f"number {number(self.low)} to {number(self.high)}"
        if self.high == math.inf or "not published" in self.flags:
            return "not published"
        if self.quantity.startswith("flow-share/"):  # stated assumptions carry no third digit
            return f"{self.low:.2g} to {self.high:.2g}%"
        if self.low == 0:
            return f"at most {amount(self.high, self.unit)}"
        return f"{number(self.low)} to {amount(self.high, self.unit)}"

    def to_dict(self) -> dict[str, Any]:
        """For results.json."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name in COLUMNS}
        known = self.known.isoformat() if date.min < self.known < FOREVER else None
        tipping = self.tipping_ratio.to_dict() if self.tipping_ratio else None
        made = plain | {"value": finite(self.value), "low": finite(self.low), "high": finite(self.high)}
        made |= {"closed": "both", "verdict": self.verdict.label, "direction": self.verdict.direction}
        made |= {"window": str(self.window), "known": known, "flags": list(self.flags), "tipping_ratio": tipping}
        made |= {"sources": [source.id for source in self.sources]}
        return {name: made[name] for name in COLUMNS}


COLUMNS = [
    "id", "quantity", "period", "vintage", "measure", "correction", "value", "low", "high", "closed", "unit", "verdict",
    "direction", "natural", "label", "jurisdiction", "place", "window", "known", "hindsight", "identified", "flags",
    "reason", "tipping_ratio", "sources", "sense", "form",
]  # fmt: skip
"""What results.json says of a reading, in its order."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A cell of the grid that was never published, or not by the day asked for."""

    id: str
    quantity: str
    period: str
    vintage: str
    measure: str
    correction: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """For results.json."""
        return {name: getattr(self, name) for name in self.__slots__}


class Grid(NamedTuple):
    """A declared grid, answered: its readings, its holes, and the reading of each declared cell that has a figure.

    Cells that come to the same figure share a reading; `by_cell` names them as they were declared, whatever vintage is held.
    `cells` are the natural cells of each sense, `now` holds the natural reading of each sense by all that is known today, `settling` its range of past revisions as known
    on the claim's day, where it may still move.
    """

    readings: tuple[Reading, ...]
    holes: tuple[Hole, ...]
    by_cell: Mapping[str, Reading]
    now: Mapping[str, Reading]
    settling: Mapping[str, Reading]
    cells: Mapping[str, Cell]


def grid(
    tests: Iterable[Test],
    phrase: Phrase,
    sources: Mapping[str, Source],
    article_date: date,
    as_of: date | None = None,
    delta: float = 0.10,
) -> Grid:
    """Every cell of the declared tests as a reading or a stated hole, the natural ones first.

    Cells that come to the same figure are one reading. The natural reading of a sense is looked up as known on the claim's
    day. Of a natural test that leaves the measure open, the first measure held is natural. A natural test without a figure
    becomes a reading that spans all that the quantity could be, so that a claim is never left without an answer.
    """
    readings: dict[str, Reading] = {}
    holes: dict[str, Hole] = {}
    by_cell: dict[str, Reading] = {}
    chosen: dict[str, Cell] = {}
    for test in sorted(tests, key=lambda test: not test.natural):
        cells = list(_cells(test, sources, phrase))
        for cell in cells:
            natural = test.natural and test.sense not in chosen
            day = _day(cell, article_date, as_of)
            try:
                figure = resolve(cell, day)
            except Absent as absent:
                if not (natural and cell is cells[-1]):
                    name = _identity(cell, cell.period, cell.vintage)
                    axes = cell.quantity, cell.period, cell.vintage, cell.measure, cell.correction
                    holes[name] = Hole(name, *axes, str(absent))
                    continue
                figure = _everything(cell, absent, day or article_date)
            reading = _reading(cell, figure, phrase, article_date, delta, natural)
            readings.setdefault(reading.id, reading)
            if natural:
                chosen[test.sense] = cell
            if "not published" not in figure.flags:
                by_cell[_declared(cell)] = reading
    day = _own_day(article_date, as_of)
    read = partial(_reading, phrase=phrase, article_date=article_date, delta=delta, natural=True)
    now = {sense: read(*_now(cell)) for sense, cell in chosen.items()}
    moving = {sense: _settling(cell, day) for sense, cell in chosen.items()}
    settling = {sense: read(chosen[sense], figure) for sense, figure in moving.items() if figure is not None}
    return Grid(tuple(readings.values()), tuple(holes.values()), by_cell, now, settling, chosen)


def _now(cell: Cell) -> tuple[Cell, Figure]:
    """A natural cell and its figure by all that is held: the final count where there is one, else its own measure."""
    vintage = "newest" if cell.vintage == "as-known" else cell.vintage
    measures = quantity(cell.quantity).measures
    order = dict.fromkeys((*(m for m in measures if m == "final"), cell.measure, *measures))
    wanted = [
        replace(cell, measure=m, vintage=vintage, test=cell.test.model_copy(update={"bounded_by": ""})) for m in order
    ]
    absences = []
    for candidate in (*wanted, replace(cell, vintage=vintage)):
        try:
            return candidate, resolve(candidate, None)
        except Absent as absent:
            absences.append(absent)
    withheld = next((absent for absent in absences if isinstance(absent, Withheld)), None)
    return cell, _everything(cell, withheld or absences[-1], date.max)


def _settling(cell: Cell, day: date | None) -> Figure | None:
    """The range in which a provisional figure may settle, from errors known by that day; None where it does not move."""
    if REVISION not in quantity(cell.quantity).corrections or cell.correction != "none":
        return None
    if cell.test.form in ("rank", "record", "rate", "ratio"):
        return None
    try:
        return resolve(replace(cell, correction=REVISION, test=cell.test.model_copy(update={"bounded_by": ""})), day)
    except Absent:
        return None


def _cells(test: Test, sources: Mapping[str, Source], phrase: Phrase) -> Iterable[Cell]:
    measured = quantity(test.quantity)
    axes = product(test.periods, test.measures or measured.measures, test.vintages, test.corrections)
    for period, measure, vintage, correction in axes:
        twelve = period == "latest" or (
            not measured.instant and Period.parse(period).kind in ("twelve-months", "fiscal-year")
        )
        if measure == "final" and twelve and measured.family == "deaths":
            continue  # finals exist for calendar years alone: not a hole, but no such cell
        yield Cell(test.quantity, period, measure, vintage, correction, test, sources, phrase)


def _own_day(article_date: date, as_of: date | None) -> date:
    return min(article_date, as_of) if as_of else article_date


def _day(cell: Cell, article_date: date, as_of: date | None) -> date | None:
    if cell.vintage == "as-known" or cell.test.natural:
        return _own_day(article_date, as_of)
    return as_of


def _identity(cell: Cell, period: str, vintage: str) -> str:
    place = "" if cell.jurisdiction == "US" else f"/{cell.jurisdiction}"
    keys = "".join(f";{key}={_code(value)}" for key, value in cell.test.given.items())
    return f"{cell.quantity}{place}@{period}/{cell.measure}/{vintage}/{cell.correction}{keys}".replace(" ", "")


def _code(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _declared(cell: Cell) -> str:
    """The name of a cell as its test declares it."""
    cited = "+".join((*cell.test.figures, *cell.test.sources))
    return _identity(cell, cell.period, cell.vintage) + (f"/{cited}" if cited else "")


def _everything(cell: Cell, absent: Absent, day: date) -> Figure:
    """All that a quantity could be, of which nothing was published."""
    measured = quantity(cell.quantity)
    latest = Period(day, day)
    unit = unit_of(cell.phrase, cell.test, measured.unit)
    return Figure(
        None,
        -math.inf if cell.test.form == "change" else 0.0,
        100.0 if unit == "percent" and cell.test.form != "change" else math.inf,
        latest if cell.period == "latest" else Period.parse(cell.period, instant=measured.instant),
        "none",
        day,
        (),
        place="world" if measured.instant else names.jurisdiction_name(cell.jurisdiction),
        flags=("not published", "withheld") if isinstance(absent, Withheld) else ("not published",),
        reason=_reason(absent, day),
        unit=unit,
    )


def _reason(absent: Absent, day: date) -> str:
    """Why there is no figure as of a day, in words; `FOREVER` stands for no day."""
    said = str(absent)
    if day == FOREVER or isinstance(absent, Withheld) or said.startswith("not published by"):
        return said
    return f"not published by {day}: {said.removeprefix('not published: ').removeprefix('not held: ')}"


def _reading(cell: Cell, figure: Figure, phrase: Phrase, article_date: date, delta: float, natural: bool) -> Reading:
    measured = quantity(cell.quantity)
    unit = figure.unit or measured.unit
    verdict = _verdict(figure, phrase, unit, delta, cell.test.form)
    # Counts that stand in texts are told apart by the texts; a dataset's value by its vintage alone.
    texts = "/" + "+".join(source.id for source in figure.sources) if measured.instant and figure.sources else ""
    return Reading(
        id=_identity(cell, figure.period.code, figure.vintage) + texts,
        quantity=cell.quantity,
        period=figure.period.code,
        measure=cell.measure,
        correction=cell.correction,
        unit=unit,
        verdict=verdict,
        natural=natural,
        label=measured.label,
        jurisdiction=cell.jurisdiction,
        window=figure.period,
        hindsight=figure.known > article_date,
        identified=verdict != "NOT DETERMINED",
        reason=figure.reason or cell.test.note,
        tipping_ratio=_tipping_ratio(cell, figure, phrase),
        sense=cell.test.sense,
        form=cell.test.form,
        **{name: getattr(figure, name) for name in _SHARED},
    )


def _verdict(figure: Figure | Reading, phrase: Phrase, unit: str, delta: float, form: str) -> Verdict:
    """The verdict by a figure: by its interval where that decides, else by its bounds, which are a point for a plain count.

    A change can lie below 0; a rank that is too high a place, the smaller number, overstates.
    """
    c, wide = phrase.truth(delta), phrase.widened(delta)
    if figure.ends is not None and figure.sampled:
        found = judge(c, wide, *figure.ends)
    else:
        plain = (
            Evidence(figure.low, figure.high) if form == "change" else Evidence.within(figure.low, figure.high, unit)
        )
        found = judge_evidence(c, wide, plain)
    if form == "rank" and found.direction:
        return Verdict(found.label, "understates" if found.direction == "overstates" else "overstates")
    return found


_SHARED = (
    "value",
    "low",
    "high",
    "vintage",
    "place",
    "known",
    "flags",
    "sources",
    "part_of",
    "ends",
    "sampled",
    "parts",
)
"""What a reading has from its figure as it is."""


def _tipping_ratio(cell: Cell, figure: Figure, phrase: Phrase) -> Interval | None:
    caught = figure.caught or (
        Interval(figure.low, figure.high) if cell.quantity.startswith("seizure-share/") else None
    )
    if caught is None or "not published" in figure.flags or not 0 < phrase.value < 100:
        return None
    low, high = (origin.tipping(share / 100, phrase.value / 100) for share in (caught.high, caught.low))
    return Interval(low, high)
