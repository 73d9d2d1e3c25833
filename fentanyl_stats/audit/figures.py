"""Where each figure comes from: what a cell of a reading grid asks for, and the value that public data hold for it."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

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
from ..model import Interval, Period, Source, last_day, number
from .forms import AGES
from .hedges import Phrase
from .numerals import granularity_of
from .quantities import MISSING_AT_RANDOM, PURE, REVISION, quantity, year_runs
from .verdicts import Catalogued

if TYPE_CHECKING:
    from .ledger import Test


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a reading grid: which value is wanted. `vintage` is "as-known", "newest" or a name.

    `sources` are those that a claims file can cite, by id; `phrase` is what was said, which gives a change its direction.
    """

    quantity: str
    period: str
    measure: str
    vintage: str
    correction: str
    test: Test
    sources: Mapping[str, Source]
    phrase: Phrase | None = None

    @property
    def jurisdiction(self) -> str:
        """Where: a code of the data, US by default."""
        return self.test.jurisdiction

    @property
    def slug(self) -> str:
        """The quantity within its family, such as the drug of a count of deaths."""
        return self.quantity.partition("/")[2]


class Part(NamedTuple):
    """One of the figures that a number is made of or compared with: its name, value, bounds or interval, whether it is judged."""

    label: str
    value: float | None
    low: float
    high: float
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What the public data say for a cell: a value, or bounds alone, with all that a reader must know of it.

    `known` is the day from which it could be known; `low` and `high` are identification bounds; `part_of` names the wider
    class that bounds it; `caught` is, of a share of the flow, the share of the pure weight seized (per cent). `unit` is given
    where it is not the quantity's own. `ends` are its intervals at 90 and at 95 per cent, which are shown; where `sampled`,
    they decide the verdict too. `parts` are the figures that a change, a share, a ratio, a rank or a record is made of.
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
    caught: Interval | None = None
    unit: str = ""
    ends: tuple[Interval, Interval] | None = None
    sampled: bool = False
    parts: tuple[Part, ...] = ()

    @classmethod
    def point(cls, value: float, **rest: object) -> Figure:
        """A plain value: both bounds equal it."""
        return cls(value, value, value, **rest)  # type: ignore[arg-type]


class Absent(NotPublished):
    """Why a cell has no value."""


class Withheld(Absent):
    """The publisher holds the value back, counts too badly to print it, or prints it of other ages only."""


def level(cell: Cell, as_of: date | None) -> Figure:
    """The count of a cell as known on `as_of` (None: all that is held), whatever its keys make of it.

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a looked-up value hangs on; two cells that differ in their form alone ask for the same."""

    key: tuple[object, ...]
    cell: Cell = field(compare=False)


def _looked_up(cell: Cell, as_of: date | None) -> Figure:
    test = cell.test
    asked = (
        cell.quantity,
        cell.period,
        cell.measure,
        cell.vintage,
        cell.correction,
        test.jurisdiction,
        test.ages,
        test.figures,
    )
    key = (*asked, test.count, test.sources, test.note, as_of, id(cell.sources))
    found = _kept(_Asked(key, cell), as_of, store.touched(catalog.entries()))
    if isinstance(found, Absent):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=4096)
def _kept(asked: _Asked, as_of: date | None, stamp: store.Stamp) -> Figure | Absent:
    """A figure, or why there is none, kept as long as no file is touched: a grid asks for the same one again and again."""
    try:
        return _found(asked.cell, as_of)
    except Absent as absent:
        return absent


def _found(cell: Cell, as_of: date | None) -> Figure:
    try:
        return (_LOOKUPS.get(cell.quantity) or _FAMILIES[quantity(cell.quantity).family])(cell, as_of)
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
    if cell.test.ages:
        return _of_ages(cell, as_of)
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
    if period.kind in ("span", "month"):
        return _span(cell, period, as_of)
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
        raise Withheld("not published: " + ("too few certificates name drugs" if "low_quality" in flags else "blank"))
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
        figure = float(str(row.value))
        yield Catalogued(slug, "deaths", period, jurisdiction, str(row.measure), vintage, figure, row.known)


def held_periods(slug: str, jurisdiction: str) -> str:
    """Which windows of a count of deaths are held, in words; "" for other quantities, whose lookups say it themselves.

    >>> held_periods("deaths/heroin", "WV")[:39]
    'held are 12 months ending 2015-01 to 20'
    """
    family, _, drug = slug.partition("/")
    if family != "deaths":
        return ""
    months = archive.windows(drug, jurisdiction)
    parts = {m: f"{found.iloc[0][:cut]} to {found.iloc[-1][:cut]}" for m, found, cut in (
        ("12 months ending", months["provisional"], 7), ("final years", months["final"], 4)) if len(found)}  # fmt: skip
    return (
        f"held are {', '.join(f'{what} {span}' for what, span in parts.items())}" if parts else "nothing is held there"
    )


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


def _direct_flow(cell: Cell, as_of: date | None) -> Figure:
    """The share of the flow that came straight from China: bounds over stated purities and interception ratios."""
    period = Period.parse(cell.period)
    assumed = origin.as_published(as_of)
    seized = origin.routes(as_of=as_of)
    row = origin.shares(seized[seized["period"] == period.code], assumed, 0.5)
    if row.empty:
        raise Absent("not published: " + (f"the seizure file holds {seized['period'].iloc[0]} to {seized['period'].iloc[-1]}"
                                          if len(seized) else str(seized.attrs["empty"])))  # fmt: skip
    share = row.iloc[0]
    source: Source = seized.attrs["source"]
    pure, cut, rates = origin.purity("direct", as_of), origin.purity("other", as_of), origin.inspection(as_of)
    cited = [cell.sources[name] for name in (*pure.ids, *cut.ids, *rates.ids)]
    ratio = assumed.ratio
    reason = (
        f"all that was caught away from the Mexican border is counted as shipped straight from China, {pure.words} pure "
        f"against {cut.words} for the rest; other routes are taken to be caught {number(ratio.low)} to "
        f"{number(ratio.high)} times as often, as far apart as published rates of inspection lie"
    )
    return Figure(
        None,
        100 * share["flow_low"],
        100 * share["flow_high"],
        period,
        source.vintage,
        max(known for known in (source.known, *(text.known for text in cited)) if known),
        tuple(dict.fromkeys((source, *cited))),
        flags=("open", "bounded") if share["status"] == "open" else ("bounded",),
        reason=reason,
        caught=Interval(100 * share["pure_low"], 100 * share["pure_high"]),
    )


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
    said: dict[str, dict[str, str]] = VOCABULARY["unmeasured"]
    found = quantity(cell.quantity)
    words = said.get(found.slug) or said[found.family]
    high = 100.0 if found.unit == "percent" else math.inf
    period = Period.parse(cell.period)
    flags = ("not measured",)
    return Figure(None, 0.0, high, period, "none", date.min, (), words["place"], flags, words["reason"])


def _span(cell: Cell, period: Period, as_of: date | None) -> Figure:
    """Deaths of several years, or of a run of months, added up; every part has to be held.

    Years without a final count yet are taken as reported, and named. Months are those of the monthly final file.
    """
    if cell.correction != "none":
        raise Absent("sums of several windows are not corrected")
    if cell.measure == "final" and not (period.twelves and period.start.month == 1):
        return _final_months(cell, period, as_of)
    if not period.twelves:
        raise Absent(f"{cell.measure} counts are of 12 months each, and {period} is no whole number of them")
    parts, lent = [], []
    for window in period.twelves:
        try:
            parts.append(_deaths(replace(cell, period=window.code), as_of))
        except Absent as absent:
            if (
                cell.measure != "final" or not parts or cell.jurisdiction == "NY"
            ):  # whose provisional counts are of a part
                raise Absent(f"{absent} (needed for {window}, a part of {period})") from None
            parts.append(_deaths(replace(cell, period=window.code, measure="reported"), as_of))
            lent.append(window.code)
    reason = f"{' and '.join(lent)} as reported so far, as no final count was known" if lent else ""
    return _added(parts, period, reason)


def _added(parts: Sequence[Figure], period: Period, reason: str = "") -> Figure:
    """Figures added up: bounds add too, and the sum was known when the last part was."""
    bounded = any(part.value is None for part in parts)
    low, high = (math.fsum(getattr(part, end) for part in parts) for end in ("low", "high"))
    newest = max(parts, key=lambda part: part.known)
    reasons = dict.fromkeys(filter(None, (reason, *(part.reason for part in parts))))
    return replace(
        newest,
        value=None if bounded else math.fsum(part.value or 0.0 for part in parts),
        low=low,
        high=high,
        period=period,
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)),
        reason="; ".join(reasons),
    )


def _final_months(cell: Cell, period: Period, as_of: date | None) -> Figure:
    if (cell.slug, cell.jurisdiction) != ("synthetic-opioids", "US"):
        raise Absent("final counts are of calendar years; by month those of synthetic opioids in the US alone are held")
    table = store.load("nvss-t404-month", as_of=as_of)
    rows = table[table["month"].isin(period.months)]
    if len(rows) < len(period.months):
        raise Absent(f"not held: final counts by month reach from {table['month'].min()} to {table['month'].max()}")
    source: Source = table.attrs["source"]
    return Figure.point(
        float(rows["deaths"].sum()), period=period, vintage=source.vintage, known=source.known, sources=(source,)
    )


_OLDEST = 200


def _ages(text: str) -> tuple[int, int]:
    low, high = re.fullmatch(AGES, text).groups()  # type: ignore[union-attr]  # a test holds no other
    return int(low), _OLDEST if high is None else int(high)


def _of_ages(cell: Cell, as_of: date | None) -> Figure:
    """The count of an age group: as printed for it, or added up of groups that make it up exactly."""
    family, _, slug = cell.quantity.partition("/")
    period = Period.parse(cell.period)
    if period.kind != "year" or cell.jurisdiction != "US":
        raise Withheld("not held: counts by age are of calendar years in the United States")
    parts = [_dated("cause-deaths" if family == "causes" else "overdose-age", as_of)]
    parts[0] = parts[0][parts[0]["cause" if family == "causes" else "drug"] == slug]
    if cell.quantity == "deaths/synthetic-opioids":
        groups = store.load_or_empty("nvss-t404-age", as_of).rename(columns={"age_group": "age"})
        parts.append(groups.assign(measure="final", age=groups["age"].replace("<1", "0-0"), dataset="nvss-t404-age"))
    rows = pd.concat(parts, ignore_index=True)
    if family == "deaths":
        rows = rows.assign(measure=rows["measure"].replace("provisional", "reported"))
    rows = rows[(rows["measure"] == cell.measure) & rows["deaths"].notna() & (rows["age"] != "all")]
    rows = rows[rows["year"] == period.year]
    low, high = _ages(cell.test.ages)
    spans = {index: _ages(str(age)) for index, age in rows["age"].items()}
    chosen, reached = [], low
    while reached <= high:
        fitting = [index for index, (first, last) in spans.items() if first == reached and last <= high]
        if not fitting:
            held = ", ".join(rows["age"].replace("0-0", "<1").unique()) or "none"
            raise Withheld(f"not held: of ages in {period.year} there is {held} ({cell.measure})")
        chosen.append(max(fitting, key=lambda index: (spans[index][1], index)))
        reached = spans[chosen[-1]][1] + 1
    return _printed(rows.loc[chosen], period)


def _dated(dataset: str, as_of: date | None) -> pd.DataFrame:
    """A table whose rows are dated one by one: those known on the day, in the order in which they became known."""
    table = store.load_or_empty(dataset, as_of)
    days = catalog.known_days(dataset, table) if len(table) else pd.Series(dtype="datetime64[ns]")
    return table.assign(day=days, dataset=dataset).sort_values(
        "day", na_position="first", kind="stable", ignore_index=True
    )


def _printed(rows: pd.DataFrame, period: Period) -> Figure:
    """Rows of a table added up; where nobody saw the day of a row, it was surely known when the table was compiled."""
    tables = [catalog.find(name) for name in rows["dataset"].unique()]
    seen = [day.date() for day in rows["day"].dropna()] if "day" in rows else []
    undated = "day" not in rows or rows["day"].isna().any()
    known = max([*seen, *(table.known for table in tables if undated)])
    notes = dict.fromkeys(rows["note"].dropna()) if "note" in rows else ()
    return Figure.point(
        float(rows["deaths"].sum()),
        period=period,
        vintage=known.isoformat(),
        known=known,
        sources=tuple(table.source for table in tables),
        reason="; ".join(notes),
    )


def _cause(cell: Cell, as_of: date | None) -> Figure:
    if cell.test.ages:
        return _of_ages(cell, as_of)
    period = Period.parse(cell.period)
    table = _dated("cause-deaths", as_of)
    rows = table[(table["cause"] == cell.slug) & (table["age"] == "all") & (table["measure"] == cell.measure)]
    held = sorted(rows["year"].unique())
    rows = rows[rows["year"].isin([window.year for window in period.twelves])].drop_duplicates("year", keep="last")
    if period.start.month != 1 or not period.twelves or len(rows) < len(period.twelves):
        by = f" by {as_of}" if as_of else ""
        years = f"those of {year_runs(held)}" if held else "none"
        raise Absent(f"not published{by}: of {cell.measure} counts of calendar years {years} are held")
    return _printed(rows, period)


def _seized(cell: Cell, as_of: date | None) -> Figure:
    """Pounds or seizures of a region and a component, over months that the file covers; a month without a row is 0."""
    period = Period.parse(cell.period)
    table = store.load_or_empty("cbp-seizures", as_of)
    if table.empty:
        raise Absent(f"not published: {str(table.attrs['empty']).rstrip('.')}")
    first, last = table["month"].min(), table["month"].max()
    if period.months[0] < first or period.months[-1] > last:
        raise Absent(f"not held: the seizure file known by then has the months {first} to {last}" if as_of else
                     f"not held: the seizure file has the months {first} to {last}")  # fmt: skip
    rows = table[table["month"].isin(period.months)]
    for part in cell.slug.split("/")[1:]:
        rows = rows[rows["region" if part in names.regions() else "component"] == part]
    source: Source = table.attrs["source"]
    open_year = bool((table.loc[table["month"].isin(period.months), "status"] == "open").any())
    events = cell.measure == "events"
    return Figure.point(
        float(rows["events" if events else "pounds"].sum()),
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        flags=("open",) if open_year else (),
        reason="the fiscal year is not over; event counts run low at first" if open_year and events else "",
    )


def _reports(cell: Cell, as_of: date | None) -> Figure:
    """Laboratory reports of half-years; the state that a report names is that of the laboratory's request."""
    period = Period.parse(cell.period)
    table = store.load("nflis", as_of=as_of)
    halves = {f"{month[:4]}-{1 if month[5:] < '07' else 2}" for month in period.months}
    held = table["year"].astype(str) + "-" + table["half"].astype(str)
    if len(period.months) != 6 * len(halves) or not halves <= set(held):
        raise Absent(f"not held: laboratory reports are of half-years, from {held.min()[:4]} to {held.max()[:4]}")
    rows = table[held.isin(halves)]
    if cell.slug != "all":
        rows = rows[rows["substance"] == names.SUBSTANCES[cell.slug]]
    if cell.jurisdiction != "US":
        rows = rows[rows["state"] == cell.jurisdiction]
    source: Source = table.attrs["source"]
    young = period.year >= source.known.year - 1 if source.known else False
    return Figure.point(
        float(rows["reports"].sum()),
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        place=names.jurisdiction_name(cell.jurisdiction),
        flags=("open",) if young else (),
        reason="laboratories had not sent all reports of the last year" if young else "",
    )


def _people(cell: Cell, as_of: date | None) -> Figure:
    """A statement on people or ports that was printed for the period: the one with the most digits known by the day."""
    period = Period.parse(cell.period)
    table = _dated("people", as_of)
    rows = table[table["id"].isin(quantity(cell.quantity).statements)]
    begins, ends = rows["period_start"].map(date.fromisoformat), rows["period_end"].map(date.fromisoformat)
    chosen = rows[(begins == period.start) & (ends <= period.end) & (ends > period.shifted(-12).end)]
    if chosen.empty:
        spans = sorted(f"{a} to {b}" for a, b in set(zip(rows["period_start"], rows["period_end"], strict=True)))
        by = f" by {as_of}" if as_of else ""
        raise Absent(f"not published{by}: statements were printed for {', '.join(spans) or 'no period'}")
    digits = chosen["value"].map(lambda value: len(f"{value:g}"))
    row = chosen.loc[digits[digits == digits.max()].index[0]]
    known = row["day"].date() if pd.notna(row["day"]) else catalog.find("people").known
    source = row_source(catalog.find("people").source, known)
    short = (
        ""
        if row["period_end"] == period.end.isoformat()
        else f"printed for {row['period_start']} to {row['period_end']}"
    )
    note = row["note"] if pd.notna(row["note"]) else ""
    return Figure.point(
        float(row["value"]),
        period=period,
        vintage=known.isoformat(),
        known=known,
        sources=(source,),
        reason="; ".join(filter(None, (f"{row['id']}: “{row['quote']}”", short, note))),
    )


_LOOKUPS: dict[str, Callable[[Cell, date | None], Figure]] = {
    "seizure-share/non-southwest": _elsewhere,
    "seizure-events-share/non-southwest": _elsewhere,
    "seizure-share/mail-china": _mail,
    "seizure-share/mail-china-or-mexico": _china_or_mexico,
    "flow-share/direct": _direct_flow,
    **dict.fromkeys((slug for slug in VOCABULARY["unmeasured"] if slug != "flow"), _unmeasured),
    "offices/foreign": partial(_count, scope="foreign", column="offices"),
    "offices/agency": _agency,
    "countries/foreign": partial(_count, scope="foreign", column="countries"),
    **dict.fromkeys(("offices/closing", "offices/closing-china", "offices/guangzhou"), _in_words),
}
"""How single quantities are looked up."""

_FAMILIES: dict[str, Callable[[Cell, date | None], Figure]] = {
    "deaths": _deaths,
    "causes": _cause,
    "seizures": _seized,
    "seizure-events": _seized,
    "reports": _reports,
    "people": _people,
    "flow": _unmeasured,
}
"""How the quantities of a family are looked up."""
