"""The things public data measure, each under a slug, and how the value of each is looked up."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import filterfalse

import pandas as pd

from ..analysis import origin
from ..analysis.deaths import LABELS, T404, published
from ..analysis.places import OFFICIAL
from ..analysis.revisions import SETTLED, months_between, spread, unspecified
from ..analysis.seizures import CAUTION, shares
from ..data import archive, catalog, names, store
from ..data.catalog import row_source
from ..errors import LedgerError, NotPublished, StatsError, unknown
from ..model import Interval, ModelError, Period, Source, last_day
from .hedges import granularity_of
from .ledger import Test
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
    return {quantity.slug: quantity for quantity in (*DEATHS, *SEIZURES, *OFFICES)}


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


MISSING_AT_RANDOM, UPPER_BOUND, REVISION = "missing-at-random", "upper-bound", "revision"
NAMES = ("none", MISSING_AT_RANDOM, UPPER_BOUND, REVISION)


def correct(
    name: str, figure: Figure, drug: str, measure: str, jurisdiction: str, as_of: date | None
) -> Figure | Absent:
    """The figure under a correction, or why there is none.

    Parameters
    ----------
    name
        One of `NAMES`.
    figure
        The published count.
    as_of
        Use only what was known on that day.
    """
    if name == "none":
        return figure
    if figure.value is None:
        return Absent("a suppressed count cannot be corrected")
    if name == REVISION:
        return _revised(figure, drug, measure, jurisdiction, as_of)
    return _unspecified(name, figure, drug, measure, jurisdiction)


def _unspecified(name: str, figure: Figure, drug: str, measure: str, jurisdiction: str) -> Figure | Absent:
    from ..stats import attribution

    row = unspecified(drug, measure, jurisdiction, figure.vintage)
    row = row[row["month_ending"] == figure.period.month_ending]
    if measure == "final" or row.empty or row["percent_specified"].isna().any():
        return Absent(f"the share of deaths with a drug named is not held for this {measure} count of {figure.vintage}")
    n, total, percent = (float(row[column].iloc[0]) for column in ("involving", "total", "percent_specified"))
    try:
        bounds = attribution.bounds(n, total, percent)
        share = attribution.missing_at_random(n, total, percent)
    except StatsError as error:
        return Absent(str(error))
    sources = (*figure.sources, catalog.find("vsrr-specified", figure.vintage).source)
    silent = f"{percent:.1f}% of {total:,.0f} {measure} deaths name a drug"
    flags = (*figure.flags, "corrected")
    if name == MISSING_AT_RANDOM:
        reason = f"{silent}; the others are taken to be like them"
        return replace(figure, value=share, low=share, high=share, sources=sources, flags=flags, reason=reason)
    reason = f"{silent}; none to all of the {bounds.high - n:,.0f} others are added"
    return replace(figure, value=None, low=n, high=bounds.high, sources=sources, flags=flags, reason=reason)


def _revised(figure: Figure, drug: str, measure: str, jurisdiction: str, as_of: date | None) -> Figure | Absent:
    if measure == "final":
        return Absent("a final count is not revised")
    lag = months_between(figure.period.month_ending, figure.known)
    if lag >= SETTLED:
        return Absent(f"settled: published {lag} months after the window")
    found = spread(drug, measure, lag, jurisdiction, as_of)
    if found is None:
        return Absent("no earlier releases of such a young count are held to tell how far it moves")
    low, high = min(figure.low, figure.low * found.low), max(figure.high, figure.high * found.high)
    return replace(
        figure, low=low, high=high, known=max(figure.known, found.known), flags=(*figure.flags, "provisional"),
        sources=tuple(dict.fromkeys((*figure.sources, found.source))),
        reason="; ".join(filter(None, (figure.reason, f"provisional, {lag} months after the window: {found.words}"))),
    )  # fmt: skip


MEASURES = ("final", "reported", "predicted")
_SUPPRESSED = (1.0, 9.0)
_STALE = 730  # days: a window this old is not "latest" on that day, whatever file happens to be held


def _resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
    drug = cell.quantity.partition("/")[2]
    if cell.period == "latest":
        try:
            series = archive.series(drug, cell.measure, cell.jurisdiction, as_of=as_of).dropna(subset="value")
        except NotPublished as error:
            return Absent(str(error))
        period = Period.parse(str(series["month_ending"].iloc[-1]))
        if as_of is not None and (as_of - period.end).days > _STALE:
            return Absent(f"not published: the newest file known by {as_of} ends in {period.month_ending}")
    else:
        period = Period.parse(cell.period)
    if cell.measure == "final" and period.kind != "year":
        return Absent("final counts are of calendar years")
    whole_state = cell.jurisdiction == "NY" and cell.measure == "final"
    if cell.jurisdiction == "NY" and not whole_state and _final_exists(drug, period, as_of):
        return Absent("provisional counts of NY leave out New York City, the final count holds the whole state")
    rows = published(drug, period, cell.jurisdiction)
    rows = rows[rows["measure"] == cell.measure]
    if as_of is not None:
        rows = rows[rows["known"] <= as_of]
    if cell.vintage not in ("newest", "as-known"):
        rows = rows[rows["vintage"] == cell.vintage]
    if rows.empty:
        return Absent("not published" + (f" by {as_of}" if as_of else ""))
    figure = _figure(rows.iloc[-1], period, _place(cell.jurisdiction, whole_state), cell.sources)
    if isinstance(figure, Absent):
        return figure
    return correct(cell.correction, figure, drug, cell.measure, cell.jurisdiction, as_of)


def _figure(row: pd.Series, period: Period, place: str, cited: Mapping[str, Source]) -> Figure | Absent:
    flags = tuple(filter(None, str(row["flag"]).split(";")))
    source = _source(row, cited)
    vintage = _vintage(row["dataset"], row["vintage"], row["known"])
    rest = {"period": period, "vintage": vintage, "known": row["known"], "sources": (source,), "place": place}
    if pd.isna(row["value"]):
        if "suppressed" in flags:
            reason = "suppressed: between 1 and 9 deaths"
            return Figure(None, *_SUPPRESSED, **rest, flags=flags, reason=reason)
        return Absent("not published: " + ("too few certificates name drugs" if "low_quality" in flags else "blank"))
    value = float(row["value"])
    if row["qualifier"] == "about":
        half = granularity_of(value) / 2
        reason = "printed as a rounded figure"
        return Figure(value, value - half, value + half, **rest, flags=(*flags, "rounded"), reason=reason)
    return Figure.point(value, **rest, flags=flags)


def _vintage(dataset: object, vintage: object, known: object) -> str:
    """A release of the provisional file by its name; texts and finals, which are dated row by row, by their day."""
    return str(vintage if dataset == "vsrr" else known)


def _source(row: pd.Series, cited: Mapping[str, Source]) -> Source:
    if row["dataset"] == "published-figures":
        return cited[str(row["source_id"])]
    return catalog.find(str(row["dataset"]), str(row["vintage"])).source


def _place(jurisdiction: str, whole_state: bool) -> str:
    if jurisdiction == "NY":
        return "New York State, whole" if whole_state else "New York State without New York City"
    return names.jurisdiction_name(jurisdiction)


def _final_exists(drug: str, period: Period, as_of: date | None) -> bool:
    if period.kind != "year":
        return False
    rows = published(drug, period, "NY")
    rows = rows[(rows["measure"] == "final") & rows["value"].notna()]
    return bool(len(rows) if as_of is None else (rows["known"] <= as_of).any())


def _catalogue(drug: str) -> Callable[[Period, str], Iterable[Catalogued]]:
    def entries(period: Period, jurisdiction: str) -> Iterable[Catalogued]:
        if period.kind not in ("year", "twelve-months"):
            return
        for row in published(drug, period, jurisdiction).dropna(subset="value").itertuples():
            yield Catalogued(
                f"deaths/{drug}",
                "deaths",
                period,
                jurisdiction,
                str(row.measure),
                _vintage(row.dataset, row.vintage, row.known),
                float(row.value),
            )

    return entries


DEATHS = tuple(
    Quantity(
        slug=f"deaths/{drug}",
        unit="deaths",
        label=label,
        measures=MEASURES,
        resolve=_resolve,
        corrections=("none", REVISION) if drug == "all" else NAMES,
        caution=T404 if drug == "synthetic-opioids" else "",
        catalogue=_catalogue(drug),
    )
    for drug, label in LABELS.items()
)

WORLD = "world"


def counts(scope: str = "foreign", column: str = "offices", as_of: str | date | None = None) -> pd.DataFrame:
    """The published counts of a scope: as_of, offices or countries, source_id, note, official (bool), in date order.

    >>> counts().query("official").offices.tolist()
    [70, 82, 91, 91, 93]
    """
    table = store.load("dea-offices", as_of=as_of)
    rows = table[(table["scope"] == scope) & table[column].notna()]
    rows = rows[["as_of", "precision", column, "source_id", "note"]].reset_index(drop=True)
    rows["official"] = rows["source_id"].isin(OFFICIAL)
    return rows


def _published(scope: str, column: str) -> Resolve:
    def resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
        return _count(cell, as_of, scope, column)

    return resolve


def _count(cell: Cell, as_of: date | None, scope: str, column: str) -> Figure | Absent:
    try:
        rows = counts(scope, column, as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
    held: Source = rows.attrs["source"]
    named = f" in {' and '.join(cell.test.sources)}" if cell.test.sources else ""
    if named:
        rows = rows[rows["source_id"].isin(cell.test.sources)]
    day = Period.parse(cell.period, instant=True).end if cell.period != "latest" else date.max
    days = rows["as_of"].map(last_day)
    rows = rows[days == (days[days <= day].max() if (days <= day).any() else None)]
    if rows.empty:
        return Absent(f"not published: no count of {column}{named} by {day if day < date.max else 'any day'}")
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
        place=WORLD,
        reason="" if same else f"the counts printed for {stamp} differ",
    )


def _agency(cell: Cell, as_of: date | None) -> Figure | Absent:
    parts = [_count(cell, as_of, scope, "offices") for scope in ("foreign", "domestic")]
    for part in parts:
        if isinstance(part, Absent):
            return part
    foreign, domestic = (part for part in parts if isinstance(part, Figure))
    if foreign.period != domestic.period or foreign.value is None or domestic.value is None:
        return Absent("not published: foreign and domestic offices were not counted on the same day")
    total = foreign.value + domestic.value
    return Figure.point(
        total,
        period=foreign.period,
        vintage=foreign.vintage,
        known=foreign.known,
        sources=foreign.sources,
        place=WORLD,
        reason=f"{foreign.value:g} foreign and {domestic.value:g} domestic offices",
    )


def _in_words(cell: Cell, as_of: date | None) -> Figure | Absent:
    test = cell.test
    if not test.figures and test.count is None:
        return Absent("not published as data: name the published figures or the count in the words of a source")
    figures = store.load("published-figures").set_index("id")
    if missing := [name for name in test.figures if name not in figures.index]:
        return Absent(f"not published: there is no figure {missing[0]}")
    total = float(figures.loc[list(test.figures), "value"].sum()) + (test.count or 0.0)
    ids = (*test.figures, *test.sources)
    sources = _sources(cell, ids)
    known = max((source.known for source in sources if source.known), default=date.max)
    if as_of is not None and known > as_of:
        return Absent(f"not published by {as_of}")
    return Figure.point(
        total,
        period=Period.parse(cell.period, instant=True),
        vintage=known.isoformat(),
        known=known,
        sources=sources,
        place=WORLD,
        reason=test.note,
    )


def _sources(cell: Cell, ids: Iterable[str]) -> tuple[Source, ...]:
    return tuple(cell.sources[name] for name in ids if name in cell.sources)


OFFICES = (
    Quantity(
        "offices/foreign", "offices", "offices of the DEA abroad", ("count",),
        _published("foreign", "offices"), instant=True,
    ),
    Quantity("offices/agency", "offices", "offices of the whole DEA, at home and abroad", ("count",), _agency, instant=True),
    Quantity(
        "countries/foreign", "countries", "countries with an office of the DEA", ("count",),
        _published("foreign", "countries"), instant=True,
    ),
    Quantity("offices/closing", "offices", "offices of the DEA that are to close", ("count",), _in_words, instant=True, worded=True, dated=True),
    Quantity(
        "offices/closing-china", "offices", "offices of the DEA in China that are to close", ("count",), _in_words, instant=True, worded=True, dated=True
    ),
    Quantity("offices/guangzhou", "offices", "offices of the DEA in Guangzhou", ("count",), _in_words, instant=True, worded=True, dated=True),
)  # fmt: skip

MAIL_CHINA = "CBP fentanyl seized in mail and express shipments from China"
MEXICO = "CBP fentanyl seized from Mexico"
PURE = "pure"
"""The correction that turns gross weight into pure weight, as far as published purities go."""


def _elsewhere(cell: Cell, as_of: date | None) -> Figure | Absent:
    try:
        years = shares(as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
    period = Period.parse(cell.period if cell.period != "latest" else f"FY{years['fiscal_year'].max()}")
    row = years[years["fiscal_year"] == period.year]
    if period.kind != "fiscal-year" or row.empty:
        held = f"FY{years['fiscal_year'].min()} to FY{years['fiscal_year'].max()}"
        return Absent(f"not published: the seizure file holds fiscal years, {held}")
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


def _pure(gross: Figure, direct: Interval, other: Interval, cell: Cell, as_of: date | None) -> Figure | Absent:
    """The share by pure weight: bounds over every purity that was published for either route.

    The ends are corners: the share rises with the weight and purity of its own route and falls with the other's.
    """
    from ..stats.selection import pure_share

    try:
        pure, cut = origin.purity("direct", as_of), origin.purity("other", as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
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


def _china_or_mexico(cell: Cell, as_of: date | None) -> Figure | Absent:
    period = Period.parse(cell.period)
    try:
        figures = store.load("published-figures", as_of=as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
    same = figures[
        (figures["period_start"] == period.start.isoformat()) & (figures["period_end"] == period.end.isoformat())
    ]
    found = [same[same["quantity"] == name] for name in (MAIL_CHINA, MEXICO)]
    if any(rows.empty for rows in found):
        return Absent(
            "not published: mail from China and seizures from Mexico are known for single calendar years only"
        )
    china, mexico = (float(rows["value"].iloc[0]) for rows in found)
    c, m = map(_rounded, (china, mexico))
    cited = tuple(cell.sources[str(rows["id"].iloc[0])] for rows in found)
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


def _mail(cell: Cell, as_of: date | None) -> Figure | Absent:
    period = Period.parse(cell.period)
    try:
        table = store.load("cbp-seizures", as_of=as_of)
        figures = store.load("published-figures", as_of=as_of)
    except NotPublished as error:
        return Absent(f"not published: {error}")
    row = figures[(figures["quantity"] == MAIL_CHINA) & (figures["period_end"] == period.end.isoformat())]
    if period.kind != "year" or row.empty:
        return Absent("not published: mail from China is known for single calendar years only")
    pounds, half = float(row["value"].iloc[0]), granularity_of(float(row["value"].iloc[0])) / 2
    months = table[table["month"].str[:4] == str(period.year)]
    total, held = float(months["pounds"].sum()), months["month"].nunique()
    if total <= 0:
        return Absent("not published: no seizure total for that calendar year")
    seizures: Source = table.attrs["source"]
    cited = cell.sources[str(row["id"].iloc[0])]
    whole = held == 12
    reason = (
        "pounds printed to the unit over the calendar-year total of the seizure file"
        if whole
        else f"the seizure file starts in {calendar.month_name[int(months['month'].min()[5:])]}: its {held} months are "
        "a floor of the year's total, so the share has an upper bound only"
    )
    return Figure(
        value=100 * pounds / total if whole else None,
        low=100 * (pounds - half) / total if whole else 0.0,
        high=min(100.0, 100 * (pounds + half) / total),
        period=period,
        vintage=seizures.vintage,
        known=max(day for day in (seizures.known, cited.known) if day),
        sources=(seizures, cited),
        flags=("rounded",) if whole else ("bounded",),
        reason=reason,
    )


_ULTIMATE = (
    "no data set gives the origin of the fentanyl that enters the country: seizures record the route, "
    "laboratories the substance, and what was never seized is not recorded at all"
)
_DIRECT = (
    "no data set gives the part of the flow that comes straight from China: seizures by route are measured, but how often "
    "each route is intercepted is not, and the proportion seized is unknowable (CRS, F117)"
)
_PRECURSORS = (
    "no publisher gives the amount of precursors made worldwide, so a share of it has no denominator; "
    "the shares asserted at one hearing (over 97, nearly all, over 90 percent) came without a method"
)


def _unmeasured(reason: str, place: str = "United States") -> Resolve:
    def resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
        return Figure(
            None,
            0.0,
            100.0,
            Period.parse(cell.period),
            "none",
            date.min,
            (),
            place=place,
            flags=("not measured",),
            reason=reason,
        )

    return resolve


SEIZURES = (
    Quantity(
        "seizure-share/non-southwest",
        "percent",
        "share of the seized weight caught elsewhere than at the Mexican border",
        ("weight",),
        _elsewhere,
        corrections=("none", PURE),
        caution=CAUTION,
    ),
    Quantity(
        "seizure-events-share/non-southwest",
        "percent",
        "share of the seizure events elsewhere than at the Mexican border",
        ("events",),
        _elsewhere,
        caution=CAUTION,
    ),
    Quantity(
        "seizure-share/mail-china",
        "percent",
        "share of the seized weight that came by mail and express from China",
        ("weight",),
        _mail,
        dated=True,
        caution=CAUTION,
    ),
    Quantity(
        "seizure-share/mail-china-or-mexico",
        "percent",
        "share of mail and express from China in what was seized from there and from Mexico",
        ("weight",),
        _china_or_mexico,
        corrections=("none", PURE),
        dated=True,
        caution=CAUTION,
    ),
    Quantity(
        "origin-share/direct",
        "percent",
        "share of the illegal fentanyl entering the country that is shipped straight from China",
        ("not measured",),
        _unmeasured(_DIRECT),
        dated=True,
    ),
    Quantity(
        "origin-share/ultimate",
        "percent",
        "share of the illegal fentanyl entering the country that comes from China",
        ("not measured",),
        _unmeasured(_ULTIMATE),
        dated=True,
    ),
    Quantity(
        "origin-share/precursors",
        "percent",
        "share of the world's fentanyl precursors made in China",
        ("not measured",),
        _unmeasured(_PRECURSORS, place="world"),
        dated=True,
    ),
)
