"""All reasonable readings of a claim: the declared grid, cell by cell, how each is looked up, its value and its verdict."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from ..analysis import origin
from ..analysis.deaths import place_name, published
from ..analysis.places import office_counts
from ..analysis.revisions import SETTLED, months_between, revision, unspecified
from ..analysis.seizures import shares
from ..data import archive, catalog, names, store
from ..data.catalog import row_source
from ..data.names import VOCABULARY
from ..errors import NotPublished, StatsError
from ..model import Interval, Period, Source, amount, finite, last_day, number
from .hedges import Phrase, granularity_of
from .ledger import Test
from .quantities import MISSING_AT_RANDOM, PURE, REVISION, quantity
from .verdicts import Catalogued, Evidence, Verdict, judge_evidence

FOREVER = date.max


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

    @property
    def slug(self) -> str:
        """The quantity within its family, such as the drug of a count of deaths."""
        return self.quantity.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """What the public data say for a cell: a value, or bounds alone, with all that a reader must know of it.

    `known` is the day from which it could be known; `low` and `high` are identification bounds; `part_of` names the wider
    class that bounds it.
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
    part_of: str = ""

    @classmethod
    def point(cls, value: float, **rest: object) -> Figure:
        """A plain value: both bounds equal it."""
        return cls(value, value, value, **rest)  # type: ignore[arg-type]


class Absent(NotPublished):
    """Why a cell has no value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One operational definition of a claim with its value: quantity, period, vintage, measure, correction.

    `value` is None where only bounds (`low`, `high`) are known. `hindsight` marks what could not be known when the
    article appeared; `identified` is False where public data cannot pin the quantity down; `reason` says why in words.
    `tipping_ratio` is, for a share of seized weight, how many times as often all else would have to be intercepted for the
    flow to be as claimed (`selection.tipping_ratio`), from its `high` end to its `low` one; None for other quantities.
    `part_of` names the wider class that bounds it from above, where its own value was not published.
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

    @property
    def interval(self) -> Interval:
        """(low, high), closed."""
        return Interval(self.low, self.high)

    @property
    def shown(self) -> str:
        """The value, or the bounds, as a reader reads it."""
        if self.value is not None:
            return amount(self.value, self.unit)
        if "not measured" in self.flags:
            return "not measured"
        if self.high == math.inf or "not published" in self.flags:
            return "not published"
        if self.low == 0:
            return f"at most {amount(self.high, self.unit)}"
        return f"{number(self.low)} to {amount(self.high, self.unit)}"

    def to_dict(self) -> dict[str, Any]:
        """For results.json."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "part_of"}
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
    "reason", "tipping_ratio", "sources",
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
    """

    readings: tuple[Reading, ...]
    holes: tuple[Hole, ...]
    by_cell: Mapping[str, Reading]


def grid(
    tests: Iterable[Test],
    phrase: Phrase,
    sources: Mapping[str, Source],
    article_date: date,
    as_of: date | None = None,
    delta: float = 0.10,
) -> Grid:
    """Every cell of the declared tests as a reading or a stated hole, the natural one first.

    Cells that come to the same figure are one reading. Of a natural test that leaves the measure open, the first
    measure held is natural. A natural test without a figure becomes a reading that spans all that the quantity could
    be, so that a claim is never left without an answer.
    """
    readings: dict[str, Reading] = {}
    holes: dict[str, Hole] = {}
    by_cell: dict[str, Reading] = {}
    for test in sorted(tests, key=lambda test: not test.natural):
        cells = list(_cells(test, sources))
        for cell in cells:
            natural = test.natural and not any(reading.natural for reading in readings.values())
            day = _day(cell, article_date, as_of)
            try:
                figure = resolve(cell, day)
            except Absent as absent:
                if not (natural and cell is cells[-1]):
                    name = _identity(cell, cell.period, cell.vintage)
                    axes = cell.quantity, cell.period, cell.vintage, cell.measure, cell.correction
                    holes[name] = Hole(name, *axes, str(absent))
                    continue
                figure = _everything(cell, str(absent), day or article_date)
            reading = _reading(cell, figure, phrase, article_date, delta, natural)
            readings.setdefault(reading.id, reading)
            if "not published" not in figure.flags:
                by_cell[_declared(cell)] = reading
    return Grid(tuple(readings.values()), tuple(holes.values()), by_cell)


def _cells(test: Test, sources: Mapping[str, Source]) -> Iterable[Cell]:
    measured = quantity(test.quantity)
    axes = product(test.periods, test.measures or measured.measures, test.vintages, test.corrections)
    for period, measure, vintage, correction in axes:
        annual = period != "latest" and (measured.instant or Period.parse(period).kind == "year")
        if measure == "final" and not annual:
            continue  # finals exist for calendar years alone: not a hole, but no such cell
        yield Cell(test.quantity, period, measure, vintage, correction, test, sources)


def _day(cell: Cell, article_date: date, as_of: date | None) -> date | None:
    if cell.vintage == "as-known":
        return min(article_date, as_of) if as_of else article_date
    return as_of


def _identity(cell: Cell, period: str, vintage: str) -> str:
    place = "" if cell.jurisdiction == "US" else f"/{cell.jurisdiction}"
    return f"{cell.quantity}{place}@{period}/{cell.measure}/{vintage}/{cell.correction}".replace(" ", "")


def _declared(cell: Cell) -> str:
    """The name of a cell as its test declares it."""
    cited = "+".join((*cell.test.figures, *cell.test.sources))
    return _identity(cell, cell.period, cell.vintage) + (f"/{cited}" if cited else "")


def _everything(cell: Cell, reason: str, day: date) -> Figure:
    """All that a quantity could be, of which nothing was published."""
    measured = quantity(cell.quantity)
    latest = Period(day, day)
    return Figure(
        None,
        0.0,
        100.0 if measured.unit == "percent" else math.inf,
        latest if cell.period == "latest" else Period.parse(cell.period, instant=measured.instant),
        "none",
        day,
        (),
        place="world" if measured.instant else names.jurisdiction_name(cell.jurisdiction),
        flags=("not published",),
        reason=reason,
    )


def _reading(cell: Cell, figure: Figure, phrase: Phrase, article_date: date, delta: float, natural: bool) -> Reading:
    measured = quantity(cell.quantity)
    verdict = judge_evidence(
        phrase.truth(delta), phrase.widened(delta), Evidence.within(figure.low, figure.high, measured.unit)
    )
    # Counts that stand in texts are told apart by the texts; a dataset's value by its vintage alone.
    texts = "/" + "+".join(source.id for source in figure.sources) if measured.instant and figure.sources else ""
    return Reading(
        id=_identity(cell, figure.period.code, figure.vintage) + texts,
        quantity=cell.quantity,
        period=figure.period.code,
        measure=cell.measure,
        correction=cell.correction,
        unit=measured.unit,
        verdict=verdict,
        natural=natural,
        label=measured.label,
        jurisdiction=cell.jurisdiction,
        window=figure.period,
        hindsight=figure.known > article_date,
        identified=verdict != "NOT DETERMINED",
        reason=figure.reason or cell.test.note,
        tipping_ratio=_tipping_ratio(cell, figure, phrase),
        **{name: getattr(figure, name) for name in _SHARED},
    )


_SHARED = ("value", "low", "high", "vintage", "place", "known", "flags", "sources", "part_of")
"""What a reading has from its figure as it is."""


def _tipping_ratio(cell: Cell, figure: Figure, phrase: Phrase) -> Interval | None:
    shares_of_weight = cell.quantity.startswith("seizure-share/")
    if not shares_of_weight or "not published" in figure.flags or not 0 < phrase.value < 100:
        return None
    low, high = (origin.tipping(share / 100, phrase.value / 100) for share in (figure.high, figure.low))
    return Interval(low, high)


def resolve(cell: Cell, as_of: date | None) -> Figure:
    """The figure of a cell as known on `as_of` (None: all that is held).

    Where nothing was published and the test names a wider class (`bounded_by`), the class bounds it from above.

    Raises
    ------
    Absent
        If there is none; the message says why.
    """
    try:
        return _looked_up(cell, as_of)
    except Absent as absent:
        if not cell.test.bounded_by:
            raise
        wider = quantity(cell.test.bounded_by)
        try:
            outer = _looked_up(replace(cell, quantity=wider.slug), as_of)
        except Absent:
            raise absent from None
        reason = f"{absent}; it is part of {wider.label}, hence at most that count"
    return replace(outer, value=None, low=0.0, reason=reason, flags=(*outer.flags, "bounded"), part_of=wider.label)


def _looked_up(cell: Cell, as_of: date | None) -> Figure:
    try:
        return _LOOKUPS.get(cell.quantity, _deaths)(cell, as_of)
    except Absent:
        raise
    except NotPublished as error:
        raise Absent(f"not published: {error}") from None


def _with_unnamed_drugs(figure: Figure, cell: Cell) -> Figure:
    """The count with the deaths of which no drug was named: shared out alike, or none to all of them."""
    from ..stats import attribution

    measure = cell.measure
    row = unspecified(cell.slug, measure, cell.jurisdiction, figure.vintage)
    row = row[row["month_ending"] == figure.period.month_ending]
    if measure == "final" or row.empty or row["percent_specified"].isna().any():
        raise Absent(f"the share of deaths with a drug named is not held for this {measure} count of {figure.vintage}")
    n, total, percent = (float(row[column].iloc[0]) for column in ("involving", "total", "percent_specified"))
    try:
        bounds = attribution.bounds(n, total, percent)
        share = attribution.missing_at_random(n, total, percent)
    except StatsError as error:
        raise Absent(str(error)) from None
    sources = (*figure.sources, catalog.find("vsrr-specified", figure.vintage).source)
    silent = f"{percent:.1f}% of {total:,.0f} {measure} deaths name a drug"
    flags = (*figure.flags, "corrected")
    if cell.correction == MISSING_AT_RANDOM:
        reason = f"{silent}; the others are taken to be like them"
        return replace(figure, value=share, low=share, high=share, sources=sources, flags=flags, reason=reason)
    reason = f"{silent}; none to all of the {bounds.high - n:,.0f} others are added"
    return replace(figure, value=None, low=n, high=bounds.high, sources=sources, flags=flags, reason=reason)


def _revised(figure: Figure, cell: Cell, as_of: date | None) -> Figure:
    """The count with the range in which it may settle, as earlier ones of its age did."""
    if cell.measure == "final":
        raise Absent("a final count is not revised")
    lag = months_between(figure.period.month_ending, figure.known)
    if lag >= SETTLED:
        raise Absent(f"settled: published {lag} months after the window")
    found = revision(cell.slug, cell.measure, lag, cell.jurisdiction, as_of)
    if found is None:
        raise Absent("no earlier releases of such a young count are held to tell how far it moves")
    low, high = min(figure.low, figure.low * found.low), max(figure.high, figure.high * found.high)
    return replace(
        figure, low=low, high=high, known=max(figure.known, found.known), flags=(*figure.flags, "provisional"),
        sources=tuple(dict.fromkeys((*figure.sources, found.source))),
        reason="; ".join(filter(None, (figure.reason, f"provisional, {lag} months after the window: {found.words}"))),
    )  # fmt: skip


_SUPPRESSED = (1.0, 9.0)
_STALE = 730  # days: a window this old is not "latest" on that day, whatever file happens to be held


def _deaths(cell: Cell, as_of: date | None) -> Figure:
    drug, place = cell.slug, cell.jurisdiction
    if cell.period == "latest":
        try:
            series = archive.series(drug, cell.measure, place, as_of=as_of).dropna(subset="value")
        except NotPublished as error:
            raise Absent(str(error)) from None
        period = Period.parse(str(series["month_ending"].iloc[-1]))
        if as_of is not None and (as_of - period.end).days > _STALE:
            raise Absent(f"not published: the newest file known by {as_of} ends in {period.month_ending}")
    else:
        period = Period.parse(cell.period)
    if cell.measure == "final" and period.kind != "year":
        raise Absent("final counts are of calendar years")
    rows = published(drug, period, place, as_of)
    finals = rows[(rows["measure"] == "final") & rows["value"].notna()]
    if place == "NY" and cell.measure != "final" and period.kind == "year" and len(finals):
        raise Absent("provisional counts of NY leave out New York City, the final count holds the whole state")
    rows = rows[rows["measure"] == cell.measure]
    if cell.vintage not in ("newest", "as-known"):
        rows = rows[rows["vintage"] == cell.vintage]
    if rows.empty:
        raise Absent("not published" + (f" by {as_of}" if as_of else ""))
    figure = _figure(rows.iloc[-1], period, cell)
    if cell.correction == "none":
        return figure
    if figure.value is None:
        raise Absent("a suppressed count cannot be corrected")
    return _revised(figure, cell, as_of) if cell.correction == REVISION else _with_unnamed_drugs(figure, cell)


def _figure(row: pd.Series, period: Period, cell: Cell) -> Figure:
    flags = tuple(filter(None, str(row["flag"]).split(";")))
    place = names.jurisdiction_name(cell.jurisdiction)
    if cell.jurisdiction == "NY":
        place = "New York State, whole" if cell.measure == "final" else place_name("NY")
    if row["dataset"] == "published-figures":
        source = cell.sources[str(row["source_id"])]
    else:
        source = catalog.find(str(row["dataset"]), str(row["vintage"])).source
    vintage = _vintage(row["dataset"], row["vintage"], row["known"])
    rest = {"period": period, "vintage": vintage, "known": row["known"], "sources": (source,), "place": place}
    if pd.isna(row["value"]):
        if "suppressed" in flags:
            reason = "suppressed: between 1 and 9 deaths"
            return Figure(None, *_SUPPRESSED, **rest, flags=flags, reason=reason)
        raise Absent("not published: " + ("too few certificates name drugs" if "low_quality" in flags else "blank"))
    value = float(row["value"])
    if row["qualifier"] == "about":
        span = _rounded(value)
        reason = "printed as a rounded figure"
        return Figure(value, span.low, span.high, **rest, flags=(*flags, "rounded"), reason=reason)
    return Figure.point(value, **rest, flags=flags)


def _vintage(dataset: object, vintage: object, known: object) -> str:
    """A release of the provisional file by its name; texts and finals, which are dated row by row, by their day."""
    return str(vintage if dataset == "vsrr" else known)


def figures_published(slug: str, period: Period, jurisdiction: str) -> Iterable[Catalogued]:
    """Every figure of a quantity that was published for a window and a place; deaths alone are listed so."""
    family, _, drug = slug.partition("/")
    if family != "deaths" or period.kind not in ("year", "twelve-months"):
        return
    for row in published(drug, period, jurisdiction).dropna(subset="value").itertuples():
        vintage = _vintage(row.dataset, row.vintage, row.known)
        yield Catalogued(slug, "deaths", period, jurisdiction, str(row.measure), vintage, float(str(row.value)))


def _count(cell: Cell, as_of: date | None, scope: str, column: str) -> Figure:
    rows = office_counts(scope, column, as_of)
    held: Source = rows.attrs["source"]
    named = f" in {' and '.join(cell.test.sources)}" if cell.test.sources else ""
    if named:
        rows = rows[rows["source_id"].isin(cell.test.sources)]
    day = Period.parse(cell.period, instant=True).end if cell.period != "latest" else date.max
    days = rows["as_of"].map(last_day)
    rows = rows[days == (days[days <= day].max() if (days <= day).any() else None)]
    if rows.empty:
        raise Absent(f"not published: no count of {column}{named} by {day if day < date.max else 'any day'}")
    values = rows[column].astype(float)
    ids = tuple(dict.fromkeys(rows["source_id"]))
    same = values.nunique() == 1
    stamp = str(rows["as_of"].iloc[0])
    return Figure(
        float(values.iloc[0]) if same else None,
        float(values.min()),
        float(values.max()),
        Period.parse(stamp, instant=True),
        vintage=stamp,
        known=last_day(stamp),
        sources=_sources(cell, ids) or (row_source(held, last_day(stamp)),),
        place="world",
        reason="" if same else f"the counts printed for {stamp} differ",
    )


def _agency(cell: Cell, as_of: date | None) -> Figure:
    foreign, domestic = (_count(cell, as_of, scope, "offices") for scope in ("foreign", "domestic"))
    if foreign.period != domestic.period or foreign.value is None or domestic.value is None:
        raise Absent("not published: foreign and domestic offices were not counted on the same day")
    total, reason = foreign.value + domestic.value, f"{foreign.value:g} foreign and {domestic.value:g} domestic offices"
    return replace(foreign, value=total, low=total, high=total, reason=reason)


def _in_words(cell: Cell, as_of: date | None) -> Figure:
    test = cell.test
    if not test.figures and test.count is None:
        raise Absent("not published as data: name the published figures or the count in the words of a source")
    figures = store.load("published-figures").set_index("id")
    if missing := [name for name in test.figures if name not in figures.index]:
        raise Absent(f"not published: there is no figure {missing[0]}")
    sources = _sources(cell, (*test.figures, *test.sources))
    known = max((source.known for source in sources if source.known), default=date.max)
    if as_of is not None and known > as_of:
        raise Absent(f"not published by {as_of}")
    return Figure.point(
        float(figures.loc[list(test.figures), "value"].sum()) + (test.count or 0.0),
        period=Period.parse(cell.period, instant=True),
        vintage=known.isoformat(),
        known=known,
        sources=sources,
        place="world",
        reason=test.note,
    )


def _sources(cell: Cell, ids: Iterable[str]) -> tuple[Source, ...]:
    return tuple(cell.sources[name] for name in ids if name in cell.sources)


def _elsewhere(cell: Cell, as_of: date | None) -> Figure:
    years = shares(as_of)
    if years.empty:
        nothing = str(years.attrs["empty"]).rstrip(".")
        raise Absent(f"not published: {nothing[0].lower()}{nothing[1:]}")
    period = Period.parse(cell.period if cell.period != "latest" else f"FY{years['fiscal_year'].max()}")
    row = years[years["fiscal_year"] == period.year]
    if period.kind != "fiscal-year" or row.empty:
        held = f"FY{years['fiscal_year'].min()} to FY{years['fiscal_year'].max()}"
        raise Absent(f"not published: the seizure file holds fiscal years, {held}")
    column = "share_events" if cell.measure == "events" else "share_weight"
    source: Source = years.attrs["source"]
    open_year = row["status"].iloc[0] == "open"
    gross = Figure.point(
        float(row[column].iloc[0]),
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        flags=("open",) if open_year else (),
        reason="the fiscal year is not over; event counts run low at first" if open_year else "",
    )
    if cell.correction != PURE:
        return gross
    elsewhere, pounds = float(row["pounds_elsewhere"].iloc[0]), float(row["pounds"].iloc[0])
    return _pure(gross, Interval(elsewhere, elsewhere), Interval(pounds - elsewhere, pounds - elsewhere), cell, as_of)


def _pure(gross: Figure, direct: Interval, other: Interval, cell: Cell, as_of: date | None) -> Figure:
    """The share by pure weight: bounds over every purity that was published for either route.

    The ends are corners: the share rises with the weight and purity of its own route and falls with the other's.
    """
    from ..stats.selection import pure_share

    pure, cut = origin.purity("direct", as_of), origin.purity("other", as_of)
    low = pure_share([direct.low, other.high], [pure.interval.low, cut.interval.high])[0]
    high = pure_share([direct.high, other.low], [pure.interval.high, cut.interval.low])[0]
    cited = [cell.sources[name] for name in (*pure.ids, *cut.ids)]
    reason = f"purities as printed: {pure.words} for what comes straight from China, {cut.words} for the rest"
    return replace(
        gross,
        value=None,
        low=100 * float(low),
        high=100 * float(high),
        known=max([gross.known, *(source.known for source in cited if source.known)]),
        sources=tuple(dict.fromkeys((*gross.sources, *cited))),
        reason="; ".join(filter(None, (gross.reason, reason))),
    )


def _china_or_mexico(cell: Cell, as_of: date | None) -> Figure:
    period = Period.parse(cell.period)
    figures = store.load("published-figures", as_of=as_of)
    mail = origin.printed_figure(figures, origin.MAIL_FROM_CHINA, period.code)
    border = origin.printed_figure(figures, origin.FROM_MEXICO, period.code)
    if not mail or not border:
        raise Absent("not published: mail from China and seizures from Mexico are known for single calendar years only")
    cited = tuple(cell.sources[name] for name, _ in (mail, border))
    (_, china), (_, mexico) = mail, border
    c, m = _rounded(china), _rounded(mexico)
    known = max(source.known for source in cited if source.known)
    gross = Figure(
        value=100 * china / (china + mexico),
        low=100 * c.low / (c.low + m.high),
        high=100 * c.high / (c.high + m.low),
        period=period,
        vintage=known.isoformat(),
        known=known,
        sources=cited,
        flags=("rounded",),
        reason="two printed weights, each rounded; what CBP seized from elsewhere is left out of both",
    )
    return _pure(gross, c, m, cell, as_of) if cell.correction == PURE else gross


def _rounded(printed: float) -> Interval:
    half = granularity_of(printed) / 2
    return Interval(printed - half, printed + half)


def _mail(cell: Cell, as_of: date | None) -> Figure:
    period = Period.parse(cell.period)
    table, figures = (store.load(name, as_of=as_of) for name in ("cbp-seizures", "published-figures"))
    printed = origin.printed_figure(figures, origin.MAIL_FROM_CHINA, period.code)
    if period.kind != "year" or not printed:
        raise Absent("not published: mail from China is known for single calendar years only")
    pounds = _rounded(printed[1])
    months = table[table["month"].str[:4] == str(period.year)]
    total, held = float(months["pounds"].sum()), months["month"].nunique()
    if total <= 0:
        raise Absent("not published: no seizure total for that calendar year")
    seizures: Source = table.attrs["source"]
    cited = cell.sources[printed[0]]
    whole = held == 12
    reason = (
        "pounds printed to the unit over the calendar-year total of the seizure file"
        if whole
        else f"the seizure file starts in {calendar.month_name[int(months['month'].min()[5:])]}: its {held} months are "
        "a floor of the year's total, so the share has an upper bound only"
    )
    return Figure(
        value=100 * printed[1] / total if whole else None,
        low=100 * pounds.low / total if whole else 0.0,
        high=min(100.0, 100 * pounds.high / total),
        period=period,
        vintage=seizures.vintage,
        known=max(day for day in (seizures.known, cited.known) if day),
        sources=(seizures, cited),
        flags=("rounded",) if whole else ("bounded",),
        reason=reason,
    )


def _unmeasured(cell: Cell, as_of: date | None) -> Figure:
    period = Period.parse(cell.period)
    flags = ("not measured",)
    return Figure(
        None, 0.0, 100.0, period, "none", date.min, (), flags=flags, **VOCABULARY["unmeasured"][cell.quantity]
    )


_LOOKUPS: dict[str, Callable[[Cell, date | None], Figure]] = {
    "seizure-share/non-southwest": _elsewhere,
    "seizure-events-share/non-southwest": _elsewhere,
    "seizure-share/mail-china": _mail,
    "seizure-share/mail-china-or-mexico": _china_or_mexico,
    **dict.fromkeys(VOCABULARY["unmeasured"], _unmeasured),
    "offices/foreign": partial(_count, scope="foreign", column="offices"),
    "offices/agency": _agency,
    "countries/foreign": partial(_count, scope="foreign", column="countries"),
    **dict.fromkeys(("offices/closing", "offices/closing-china", "offices/guangzhou"), _in_words),
}
"""How each quantity is looked up; deaths are in `_deaths`."""
