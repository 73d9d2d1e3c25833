"""What the public data say in each form: figures made of the counts of cells, with vintage, bounds, interval and reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd

from ..data import archive, catalog, names, store
from ..data.catalog import row_source
from ..errors import NotPublished
from ..model import Interval, Period, Source, amount, number
from .figures import Absent, Cell, Figure, Part, level
from .forms import Keys, change_as, unit_of
from .hedges import parse
from .quantities import REVISION, places, quantity

NONE = Keys()
_Z = (1.6448536269514722, 1.959963984540054)
"""Normal quantiles of 90 and 95 per cent, two-sided."""
_MG_IN_POUND = 453_592.37
_HOLDING = ("all", "opioids", "stimulants", "prescription-opioids")
"""Classes of drugs that hold others; no rank among drugs has them."""


def resolve(cell: Cell, as_of: date | None) -> Figure:
    """The figure of a cell in the form that the keys of its test give it, as known on `as_of`.

    None, or the last of all days, is all that is held, with what nobody dated.

    Raises
    ------
    Absent
        If there is none; the message says why.
    """
    as_of = None if as_of == date.max else as_of
    form, measured = cell.test.form, quantity(cell.quantity)
    if not form:
        return level(cell, as_of)
    uncorrected = {"rank", "record"} | ({"share", "ratio", "doses"} if cell.correction == REVISION else set())
    if cell.correction != "none" and form in uncorrected:
        raise Absent(f"a {form} is made of several counts, which are not corrected together")
    unit = unit_of(cell.phrase, cell.test, measured.unit)
    if measured.measures == ("not measured",):
        low = -math.inf if form == "change" else 0.0
        return replace(level(_plain(cell), as_of), low=low, high=100.0 if form == "share" else math.inf, unit=unit)
    try:
        return replace(_MADE[form](cell, as_of), unit=unit)
    except Absent:
        raise
    except NotPublished as error:
        raise Absent(f"not published: {error}") from None


def _plain(cell: Cell, **changes: Any) -> Cell:
    """The cell without its keys, save the ages; `changes` name another quantity, period, measure or jurisdiction."""
    place = changes.pop("jurisdiction", cell.jurisdiction)
    other = changes.get("quantity", cell.quantity) != cell.quantity
    bounded = "" if other else cell.test.bounded_by
    kept: dict[str, Any] = {key: getattr(NONE, key) for key in Keys.model_fields if key != "ages"}
    test = cell.test.model_copy(update=kept | {"jurisdiction": place, "bounded_by": bounded})
    return replace(cell, test=test, phrase=None, **changes)


def _any_measure(cell: Cell, as_of: date | None) -> tuple[Figure, str]:
    """The count of a cell in its own measure, or in the first one held where its quantity has no such measure or value."""
    measures = quantity(cell.quantity).measures
    absences = []
    for measure in dict.fromkeys((*(m for m in measures if m == cell.measure), *measures)):
        try:
            return level(replace(cell, measure=measure), as_of), measure
        except Absent as absent:
            absences.append(absent)
    raise absences[0]


def _combined(
    figure: Figure, others: Iterable[Figure], value: float | None, low: float, high: float, reason: str
) -> Figure:
    """A figure computed from several: known when the last was, resting on all their sources; bounded where one is."""
    every = (figure, *others)
    reasons = dict.fromkeys(filter(None, (reason, *(each.reason for each in every))))
    vintages = dict.fromkeys(each.vintage for each in every)
    return replace(
        figure,
        value=value,
        low=low,
        high=high,
        vintage=" and ".join(vintages),
        known=max(each.known for each in every),
        sources=tuple(dict.fromkeys(source for each in every for source in each.sources)),
        flags=tuple(dict.fromkeys(flag for each in every for flag in each.flags)),
        reason="; ".join(reasons),
        ends=None,
        sampled=False,
    )


def _parts(labels: Iterable[str], figures: Iterable[Figure]) -> tuple[Part, ...]:
    """Figures as they are drawn, the first one judged."""
    made = [
        Part(
            label,
            figure.value,
            *((figure.ends[1].low, figure.ends[1].high) if figure.ends else (figure.low, figure.high)),
        )
        for label, figure in zip(labels, figures, strict=True)
    ]
    return (made[0]._replace(judged=True), *made[1:])


def _known(*figures: Figure) -> bool:
    return all(figure.value is not None for figure in figures)


def _unknown(figure: Figure, reason: str, most: float = math.inf) -> Figure:
    """What cannot be told, as the other side of the comparison is not held."""
    return replace(
        figure, value=None, low=0.0, high=most, reason=reason, flags=(*figure.flags, "no comparison"), ends=None
    )


# Pace ---------------------------------------------------------------------------------------------------------------------


def _pace(cell: Cell, as_of: date | None) -> Figure:
    count = level(_plain(cell), as_of)
    times = _lengths(count.period, cell.test.per)
    what = quantity(cell.quantity).unit
    reason = f"{_amount(count, what)} in {number(count.period.days)} days"
    made = _scaled(count, 1 / times, reason)
    return replace(made, ends=_poisson(count.value, times)) if what == "deaths" and count.value is not None else made


def _lengths(period: Period, per: str) -> float:
    """How many minutes, hours, days, weeks, months or years a period lasts."""
    days = float(period.days)
    return {
        "minute": days * 1440, "hour": days * 24, "day": days, "week": days / 7, "month": float(len(period.months)),
        "year": len(period.months) / 12,
    }[per]  # fmt: skip


def _scaled(figure: Figure, factor: float, reason: str) -> Figure:
    value = None if figure.value is None else figure.value * factor
    return _combined(figure, (), value, figure.low * factor, figure.high * factor, reason)


def _poisson(count: float, per: float) -> tuple[Interval, Interval]:
    """The Poisson intervals of a count, divided by what it is counted over: Byar's approximation, which needs no library.

    >>> [round(end) for end in (_poisson(100, 1)[1].low, _poisson(100, 1)[1].high)]
    [81, 122]
    """

    def ends(z: float) -> Interval:
        low = count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3 if count else 0.0
        high = (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * math.sqrt(count + 1))) ** 3
        return Interval(max(low, 0.0) / per, high / per)

    return ends(_Z[0]), ends(_Z[1])


def _amount(figure: Figure, unit: str) -> str:
    """The value of a figure, or its bounds, with the unit."""
    if figure.value is not None:
        return amount(figure.value, unit)
    return f"{number(figure.low)} to {amount(figure.high, unit)}"


# Rate ---------------------------------------------------------------------------------------------------------------------


def _rate(cell: Cell, as_of: date | None) -> Figure:
    """Deaths for each 100,000 people: age-adjusted as published, else crude over the population of the period."""
    wanted = cell.test.standard
    if wanted != "crude":
        try:
            return _age_adjusted(cell, as_of)
        except Absent:
            if wanted == "age-adjusted":
                raise
    return _crude(cell, as_of)


def _age_adjusted(cell: Cell, as_of: date | None) -> Figure:
    """The rate that WONDER has, with its limits, or for the US that NCHS printed, to one decimal."""
    period, by = Period.parse(cell.period), f" by {as_of}" if as_of else ""
    none = Absent(
        f"no age-adjusted rate of {cell.quantity} in {_said(period)} was published{by} for this place; they are of final counts "
        "of calendar years, all ages"
    )
    if cell.measure != "final" or period.kind != "year" or cell.test.ages:
        raise none
    ends: tuple[Interval, Interval] | None = None
    rows = _wonder(period.year, as_of)
    rows = rows[rows["jurisdiction"] == cell.jurisdiction]
    if cell.quantity == "deaths/all" and len(rows):
        row, source = rows.iloc[0], rows.attrs["source"]
        rate, se = float(row["age_adjusted_rate"]), float(row["age_adjusted_se"])
        ninety, ninety_five = (Interval(max(rate - z * se, 0.0), rate + z * se) for z in _Z)
        if int(row["deaths"]) < 100:  # where NCHS uses the gamma distribution
            ninety_five = Interval(float(row["age_adjusted_low"]), float(row["age_adjusted_high"]))
        ends = ninety, ninety_five
        reason = f"age-adjusted; {number(float(row['deaths']))} deaths of residents"
    else:
        table = store.load("nvss-by-drug", as_of=as_of)
        rows = table[(table["drug"] == cell.slug) & (table["sex"] == "all") & (table["year"] == period.year)]
        rows = rows.dropna(subset="age_adjusted_rate")
        if cell.jurisdiction != "US" or not cell.quantity.startswith("deaths/") or rows.empty:
            raise none
        rate, day = float(rows["age_adjusted_rate"].iloc[0]), catalog.known_days("nvss-by-drug", rows).iloc[0]
        source = table.attrs["source"] if pd.isna(day) else row_source(table.attrs["source"], day.date())
        reason = "age-adjusted, as printed to one decimal"
    return Figure.point(
        rate,
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        place=names.jurisdiction_name(cell.jurisdiction),
        reason=reason,
        ends=ends,
    )


def _wonder(year: int, as_of: date | None) -> pd.DataFrame:
    """The final rates of the states and of the US in one year; empty where none was known."""
    table = store.load_or_empty("wonder-overdose", as_of)
    return table[(table["status"] == "final") & (table["year"] == year)].dropna(subset="age_adjusted_rate")


def _crude(cell: Cell, as_of: date | None) -> Figure:
    if cell.test.ages and (printed := _printed_rate(cell, as_of)):
        return printed
    count = level(_plain(cell), as_of)
    people, source, words = _population(cell, count.period)
    per = people / 100_000
    made = _scaled(count, 1 / per, f"crude; {_amount(count, 'deaths')} among {words}")
    ends = _poisson(count.value, per) if count.value is not None else None
    return replace(made, sources=(*made.sources, source), ends=ends)


def _printed_rate(cell: Cell, as_of: date | None) -> Figure | None:
    """The crude rate of an age group, as printed; None where none was."""
    period = Period.parse(cell.period)
    table = store.load_or_empty("overdose-age", as_of)
    rows = table[(table["drug"] == cell.slug) & (table["age"] == cell.test.ages) & (table["measure"] == cell.measure)]
    rows = rows[rows["year"] == period.year].dropna(subset="crude_rate")
    if rows.empty or period.kind != "year" or cell.jurisdiction != "US":
        return None
    source: Source = table.attrs["source"]
    return Figure.point(
        float(rows["crude_rate"].iloc[0]),
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        reason=f"crude, ages {cell.test.ages}, as printed",
    )


def _population(cell: Cell, period: Period) -> tuple[float, Source, str]:
    """The people of a place, in the year in which a period ends, times its length in years; a later year than held counts as
    the last that is."""
    ages = store.load("population-us-age") if cell.jurisdiction == "US" else pd.DataFrame({"year": []})
    table = ages if period.year >= (ages["year"].min() if len(ages) else math.inf) else store.load("population-state")
    rows = table[table["jurisdiction"] == cell.jurisdiction] if "jurisdiction" in table else table
    if rows.empty or period.year < rows["year"].min():
        raise Absent(
            f"not held: populations of {names.jurisdiction_name(cell.jurisdiction)} start in {rows['year'].min()}"
        )
    if cell.test.ages:
        rows = _of_ages(rows, cell.test.ages)
    year = min(period.year, int(rows["year"].max()))
    people = float(rows.loc[rows["year"] == year, "population"].sum())
    if not people:
        raise Absent(f"not held: no population of ages {cell.test.ages}, which are not made of five-year groups")
    years = len(period.months) / 12
    words = f"{people / 1e6:,.1f} million people of {year}" + (f", {number(years)} years long" if years > 1 else "")
    return people * years, table.attrs["source"], words


def _of_ages(rows: pd.DataFrame, ages: str) -> pd.DataFrame:
    """The five-year groups that make up an age group exactly; none where they do not."""
    low, _, high = ages.rstrip("+").partition("-")
    starts = rows["age_group"].str.extract(r"^(\d+)")[0].astype(int)
    last = rows["age_group"].str.extract(r"-(\d+)$")[0].astype(float).fillna(math.inf)
    top = float(high) if high else math.inf
    kept = rows[(starts >= int(low)) & (last <= top)]
    exact = bool((starts == int(low)).any() and (last == top).any())
    return kept if exact else rows.iloc[:0].assign(year=[])


# Share --------------------------------------------------------------------------------------------------------------------


def _share(cell: Cell, as_of: date | None) -> Figure:
    corrected = cell.correction if cell.correction in quantity(cell.test.of).corrections else "none"
    part, of = level(_plain(cell), as_of), _plain(cell, quantity=cell.test.of, correction=corrected)
    alike = quantity(of.quantity).family == quantity(cell.quantity).family
    whole = level(of, as_of) if alike else _any_measure(of, as_of)[0]
    unit = quantity(cell.quantity).unit
    if whole.low <= 0 or (part.low > whole.high):
        raise Absent(f"{_amount(part, unit)} are no part of {_amount(whole, unit)}")
    reason = f"{_amount(part, unit)} of {_amount(whole, unit)}"
    value = 100 * part.value / whole.value if part.value is not None and whole.value is not None else None
    low, high = 100 * part.low / whole.high, min(100.0, 100 * part.high / whole.low)
    labels = [quantity(slug).label for slug in (cell.quantity, cell.test.of)]
    return replace(_combined(part, (whole,), value, low, high, reason), parts=_parts(labels, (part, whole)))


# Change -------------------------------------------------------------------------------------------------------------------


def _change(cell: Cell, as_of: date | None) -> Figure:
    """The later figure against the earlier one, both as known the same day and in the same measure; upward is above 0, or
    downward where the words say that something fell."""
    keys, fell = cell.test, cell.phrase is not None and cell.phrase.direction == "fall"
    later, earlier = _end(cell, as_of), _end(replace(cell, period=keys.since), as_of)
    counted = change_as(cell.phrase, keys)
    rated = "per 100,000" if keys.by == "rate" or keys.standard else quantity(cell.quantity).unit
    unit = unit_of(None, NONE.model_copy(update={"per": keys.per}), rated)
    reason = f"{_amount(earlier, unit)} in {_said(earlier.period)}, {_amount(later, unit)} in {_said(later.period)} ({cell.measure})"
    if counted != "difference" and earlier.low <= 0:
        return _unknown(later, f"{reason}; nothing can be compared with 0")
    if counted == "times" and fell:
        later, earlier = earlier, later
        if earlier.low <= 0:
            return _unknown(later, f"{reason}; nothing can be compared with 0")
    measure = _MEASURED[counted]
    sign = -1 if fell and counted != "times" else 1

    def corners(one: Interval, other: Interval) -> Interval:
        low, high = sorted((sign * measure(one.low, other.high), sign * measure(one.high, other.low)))
        return Interval(low, high)

    both = later.value is not None and earlier.value is not None
    value = sign * measure(later.value or 0.0, earlier.value or 0.0) if both else None
    bounds = corners(Interval(later.low, later.high), Interval(earlier.low, earlier.high))
    made = _combined(later, (earlier,), value, bounds.low, bounds.high, reason)
    ends = sorted((later, earlier), key=lambda figure: figure.period.end)
    parts = _parts([_said(figure.period) for figure in ends], ends)
    made = replace(
        made, period=Period.parse(cell.period), parts=tuple(p._replace(judged=p is parts[-1]) for p in parts)
    )
    if abs(made.period.days - Period.parse(keys.since).days) > 3 and not keys.per:
        words = f"{made.reason}; the windows are not equally long, and their totals are compared"
        made = replace(made, flags=(*made.flags, "unequal windows"), reason=words)
    if both and later.ends and earlier.ends and (keys.by == "rate" or keys.standard):
        ninety, ninety_five = map(corners, _shrunk(later), _shrunk(earlier))
        made = replace(made, ends=(ninety, ninety_five), sampled=True)
    return made


_MEASURED: dict[str, Callable[[float, float], float]] = {
    "percent": lambda later, earlier: 100 * (later / earlier - 1),
    "times": lambda later, earlier: later / earlier,
    "difference": lambda later, earlier: later - earlier,
}


def _end(cell: Cell, as_of: date | None) -> Figure:
    """One end of a change: a count, or the pace or the rate that the keys ask for; with past revisions where it may still move."""
    keys = cell.test
    if cell.correction == REVISION:
        try:
            return _scaled_end(cell, level(_plain(cell), as_of))
        except Absent:
            if cell.period != keys.since:
                raise
            cell = replace(cell, correction="none")
    if keys.by == "rate" or keys.standard:
        return _rate(cell, as_of)
    return _scaled_end(cell, level(_plain(cell), as_of))


def _scaled_end(cell: Cell, count: Figure) -> Figure:
    return _scaled(count, 1 / _lengths(count.period, cell.test.per), "") if cell.test.per else count


def _shrunk(figure: Figure) -> tuple[Interval, Interval]:
    """Intervals of one of two independent figures whose corners give, of their ratio or difference, about the right interval:
    each is drawn in by the square root of two."""
    assert figure.ends is not None and figure.value is not None
    v, root = figure.value, math.sqrt(2)
    first, second = (Interval(v - (v - e.low) / root, v + (e.high - v) / root) for e in figure.ends)
    return first, second


def _said(period: Period) -> str:
    return str(period).partition(" (")[0].removeprefix("calendar year ")


# Ratio --------------------------------------------------------------------------------------------------------------------


def _ratio(cell: Cell, as_of: date | None) -> Figure:
    """The figure over another place's, or over other quantities and numbers added up."""
    keys, unit = cell.test, quantity(cell.quantity).unit
    if place := keys.versus_jurisdiction:
        return _against_place(cell, place, as_of)
    top = level(_plain(cell), as_of)
    parts, said = [], []
    for other in keys.versus:
        try:
            figure, words = _compared(cell, other, top, as_of)
        except Absent as absent:
            return _unknown(top, f"{other}: {absent}")
        parts.append(figure)
        said.append(words)
    low, high = (math.fsum(getattr(part, end) for part in parts) for end in ("low", "high"))
    value = math.fsum(part.value or 0.0 for part in parts) if _known(*parts) else None
    bottom = _combined(parts[0], parts[1:], value, low, high, "")
    made = _over(top, bottom, f"{_amount(top, unit)} against {' and '.join(said)}", False)
    labels = [
        quantity(cell.quantity).label,
        *(str(quantity(o).label if isinstance(o, str) and o != "population" else o) for o in keys.versus),
    ]
    return replace(made, parts=_parts(labels, (top, *parts)))


def _against_place(cell: Cell, place: str, as_of: date | None) -> Figure:
    rated = cell.test.by == "rate" or bool(cell.test.standard)
    unit = "per 100,000" if rated else quantity(cell.quantity).unit
    there = cell.test.model_copy(update={"jurisdiction": place, "bounded_by": ""})
    elsewhere = replace(cell, test=there)
    top = _rate(cell, as_of) if rated else level(_plain(cell), as_of)
    try:
        bottom = _rate(elsewhere, as_of) if rated else level(_plain(elsewhere), as_of)
    except Absent as absent:
        return _unknown(top, f"{names.jurisdiction_name(place)}: {absent}")
    reason = f"{_amount(top, unit)} against {_amount(bottom, unit)} in {names.jurisdiction_name(place)}"
    labels = [names.jurisdiction_name(cell.jurisdiction), names.jurisdiction_name(place)]
    return replace(_over(top, bottom, reason, rated), parts=_parts(labels, (top, bottom)))


def _compared(cell: Cell, other: str | float, top: Figure, as_of: date | None) -> tuple[Figure, str]:
    """What a figure is set against, and its words: a number, the people of the place, or the same period of another quantity."""
    if not isinstance(other, str):
        same = replace(top, value=float(other), low=float(other), high=float(other), reason="", flags=())
        return same, number(float(other))
    if other == "population":
        people, source, words = _population(cell, top.period)
        return replace(top, value=people, low=people, high=people, sources=(source,), reason="", flags=()), words
    if cell.jurisdiction not in tuple(places(other)):
        raise Absent(f"not held of {names.jurisdiction_name(cell.jurisdiction)}")
    found, measure = _any_measure(_plain(cell, quantity=other), as_of)
    return found, f"{_amount(found, quantity(other).unit)} ({quantity(other).label}, {measure})"


def _over(top: Figure, bottom: Figure, reason: str, sampled: bool) -> Figure:
    if bottom.low <= 0:
        return _unknown(top, f"{reason}; nothing can be compared with 0")
    value = top.value / bottom.value if top.value is not None and bottom.value is not None else None
    made = _combined(top, (bottom,), value, top.low / bottom.high, top.high / bottom.low, reason)
    if not sampled or value is None or not (top.ends and bottom.ends):
        return made
    ends = tuple(
        Interval(max(a.low, 0.0) / b.high, a.high / b.low)
        for a, b in zip(_shrunk(top), _shrunk(bottom), strict=True)
        if b.low > 0
    )
    return replace(made, ends=(ends[0], ends[1]), sampled=True) if len(ends) == 2 else made


# Rank ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ranked:
    """One of those that are ranked: its name, and its figure; `ends` where an interval, not the point, decides."""

    name: str
    value: float
    ends: tuple[Interval, Interval] | None = None


def _rank(cell: Cell, as_of: date | None) -> Figure:
    return {"states": _among_states, "drugs": _among_drugs, "causes": _among_causes}[cell.test.among](cell, as_of)


def _placed(name: str, own: Figure, value: float, others: list[_Ranked], missing: Iterable[str], reason: str) -> Figure:
    """The rank of a value among others, 1 the highest; a range where values tie or intervals overlap, or where some are missing."""
    lacking = list(missing)
    above = [other for other in others if other.value > value]
    ties = sum(other.value == value for other in others)
    best, worst = 1 + len(above), 1 + len(above) + ties + len(lacking)
    top = max(others, key=lambda other: other.value, default=None)
    words = f"{reason}; " + (
        f"above it stand {_listed([other.name for other in above])}" if above else "none is above it"
    )
    words += f"; not held: {_listed(lacking)}" if lacking else ""
    if top is not None and not above:
        words += f"; the next is {max(others, key=lambda other: other.value).name}"
    rank = None if lacking or ties else float(best)
    made = _combined(own, (), rank, float(best), float(worst), words)
    listed = [_Ranked(name, value, own.ends), *others]
    listed.sort(key=lambda one: -one.value)
    spans = [(one.ends[1] if one.ends else Interval(one.value, one.value)) for one in listed]
    made = replace(made, parts=tuple(
        Part(one.name, one.value, span.low, span.high, one.name == name)
        for one, span in zip(listed, spans, strict=True)
    ))  # fmt: skip
    if own.ends is None or any(other.ends is None for other in others):
        return made
    ranges = []
    for at in (0, 1):
        e = own.ends[at]
        over = sum(other.ends is not None and other.ends[at].low > e.high for other in others)
        under = sum(other.ends is not None and other.ends[at].high < e.low for other in others)
        ranges.append(Interval(1.0 + over, float(1 + len(others) + len(lacking) - under)))
    return replace(made, ends=(ranges[0], ranges[1]), sampled=True)


def _listed(things: list[str], most: int = 5) -> str:
    shown = things[:most] + ([f"{len(things) - most} more"] if len(things) > most else [])
    return ", ".join(shown[:-1]) + (" and " if shown[:-1] else "") + shown[-1] if shown else "none"


STATES = tuple(place for place in names.jurisdictions() if place not in ("US", "DC", "PR", "YC"))
"""The fifty that are ranked; the District of Columbia is a city."""


def _among_states(cell: Cell, as_of: date | None) -> Figure:
    rated = cell.test.by == "rate" or bool(cell.test.standard)
    values = _state_rates(cell, as_of) if rated else _state_counts(cell, as_of)
    own = values.pop(cell.jurisdiction, None)
    if own is None:
        by = f" by {as_of}" if as_of else ""
        raise Absent(f"not published{by}: no such figure of {names.jurisdiction_name(cell.jurisdiction)}")
    dc = values.pop("DC", None)
    others = [_ranked(place, found) for place, found in values.items() if place in STATES]
    missing = [] if cell.jurisdiction == "DC" else [
        names.jurisdiction_name(place) for place in STATES if place not in values and place != cell.jurisdiction
    ]  # fmt: skip
    unit = "per 100,000" if rated else quantity(cell.quantity).unit
    assert own.value is not None
    reason = f"{_amount(own, unit)}; {own.reason}" if own.reason else _amount(own, unit)
    made = _placed(own.place, replace(own, reason=""), own.value, others, missing, reason)
    if dc is not None and cell.jurisdiction != "DC":
        side = "above" if (dc.value or 0) > own.value else "below"
        made = replace(
            made, reason=f"{made.reason}; the District of Columbia, which is no state, would stand {side} it"
        )
    return made


def _ranked(place: str, found: Figure) -> _Ranked:
    assert found.value is not None
    return _Ranked(names.jurisdiction_name(place), found.value, found.ends)


def _state_rates(cell: Cell, as_of: date | None) -> dict[str, Figure]:
    period = Period.parse(cell.period)
    made: dict[str, Figure] = {}
    if cell.test.standard != "crude" and cell.quantity == "deaths/all" and cell.measure == "final":
        for place in _wonder(period.year, as_of)["jurisdiction"]:
            if place != "US":
                made[place] = _age_adjusted(_at(cell, place), as_of)
        if made or cell.test.standard == "age-adjusted":
            return made
    for place, count in _state_counts(cell, as_of).items():
        if count.value is not None and place not in ("PR",):
            people, source, words = _population(_at(cell, place), count.period)
            per = people / 100_000
            reason = f"crude; {_amount(count, 'deaths')} among {words}"
            made[place] = replace(
                _scaled(count, 1 / per, reason), ends=_poisson(count.value, per), sources=(*count.sources, source)
            )
    return made


def _state_counts(cell: Cell, as_of: date | None) -> dict[str, Figure]:
    """The count of every state that has one; New York with its city."""
    if cell.quantity.startswith("reports/"):
        return {place: level(_plain(_at(cell, place)), as_of) for place in (*STATES, "DC")}
    period = Period.parse(cell.period)
    if cell.measure == "final":
        if cell.quantity != "deaths/all" or period.kind != "year":
            raise Absent("final counts of the states are of all drugs and of calendar years")
        final = _wonder(period.year, as_of)
        return {
            str(row.jurisdiction): Figure.point(
                float(str(row.deaths)),
                period=period,
                vintage=final.attrs["source"].vintage,
                known=final.attrs["source"].known,
                sources=(final.attrs["source"],),
                place=names.jurisdiction_name(str(row.jurisdiction)),
            )
            for row in final.itertuples()
            if row.jurisdiction != "US"
        }
    if period.kind not in ("year", "twelve-months"):
        raise Absent("provisional counts of the states are of 12 months each")
    held = archive.archive("vsrr")
    try:
        known = held.as_of(min(as_of or held.observed_through, held.observed_through))
    except NotPublished as error:
        raise Absent(f"not published: {error}") from None
    rows = known[
        (known["drug"] == cell.slug)
        & (known["measure"] == cell.measure)
        & (known["month_ending"] == period.month_ending)
    ]
    rows = rows.dropna(subset="value").set_index("jurisdiction")
    source: Source = known.attrs["source"]
    made = {}
    for place in (place for place in rows.index if place in (*STATES, "DC")):
        value = float(rows["value"][place])
        if place == "NY":
            if "YC" not in rows.index:
                continue
            value += float(rows["value"]["YC"])
        made[place] = Figure.point(
            value,
            period=period,
            vintage=str(rows["vintage"][place]),
            known=known.attrs["known_to"],
            sources=(source,),
            place="New York State, whole" if place == "NY" else names.jurisdiction_name(place),
        )
    return made


def _at(cell: Cell, place: str) -> Cell:
    return replace(cell, test=cell.test.model_copy(update={"jurisdiction": place}))


def _among_drugs(cell: Cell, as_of: date | None) -> Figure:
    own = level(_plain(cell), as_of)
    if own.value is None or cell.slug in _HOLDING:
        raise Absent(f"{quantity(cell.quantity).label} hold several drugs" if own.value is not None else own.reason)
    held: dict[str, float] = {}
    for drug in names.drugs():
        with suppress(Absent):
            found = level(_plain(cell, quantity=f"deaths/{drug}"), as_of)
            if found.value is not None:
                held[drug] = found.value
    rivals = [drug for drug in names.drugs() if drug not in (*_HOLDING, cell.slug)]
    others = [_Ranked(names.drug_label(drug), held[drug]) for drug in rivals if drug in held]
    within = {
        drug: held.get("prescription-opioids", math.inf) for drug in ("natural-opioids", "methadone")
    }  # are parts of it
    missing = [
        names.drug_label(drug) for drug in rivals if drug not in held and within.get(drug, math.inf) >= own.value
    ]
    return _placed(
        names.drug_label(cell.slug),
        own,
        own.value,
        others,
        missing,
        f"{_amount(own, 'deaths')}; one death can count for several drugs",
    )


def _among_causes(cell: Cell, as_of: date | None) -> Figure:
    """The rank among the causes that NCHS ranks; those of which overdoses are a part are no rivals, so they widen the range."""
    own = level(_plain(cell), as_of)
    if own.value is None:
        return _unknown(own, own.reason)
    ranked = names.causes("ranked")
    held: dict[str, float] = {}
    sources = []
    for cause in ranked:
        if f"causes/{cause}" != cell.quantity:
            try:
                found, _ = _any_measure(_plain(cell, quantity=f"causes/{cause}"), as_of)
            except Absent:
                continue
            if found.value is not None:
                held[cause] = found.value
                sources.append(found)
    overlapping = set(names.causes("holds_overdoses")) if _is_overdose(cell) else set()
    rivals = [_Ranked(names.cause_name(cause), value) for cause, value in held.items() if cause not in overlapping]
    wholes = [names.cause_name(cause) for cause in held if cause in overlapping and held[cause] > own.value]
    missing = [
        names.cause_name(c) for c in ranked if c not in held and c not in overlapping and f"causes/{c}" != cell.quantity
    ]
    if Period.parse(cell.period).year < 2020:
        missing = [name for name in missing if name != names.cause_name("covid-19")]
    what = f"{_amount(own, 'deaths')}" + (f", ages {cell.test.ages}" if cell.test.ages else "")
    made = _placed(quantity(cell.quantity).label, own, own.value, rivals, missing, what)
    made = _combined(made, sources, made.value, made.low, made.high, made.reason)
    if wholes:
        note = f"{_listed(wholes)}, of which overdoses are a part, would stand above it"
        made = replace(made, reason=f"{made.reason}; {note}", high=made.high + len(wholes), value=None)
    return made


def _is_overdose(cell: Cell) -> bool:
    return cell.quantity.startswith("deaths/") or "overdose" in cell.quantity or cell.slug == "poisoning"


# Record -------------------------------------------------------------------------------------------------------------------


def _record(cell: Cell, as_of: date | None) -> Figure:
    """Whether the period beats every earlier one that is held (1) or not (0); of falls and rises, how long their run is."""
    kind, since = cell.test.extreme, cell.test.since
    if cell.measure == "final" and _monthly(cell):
        raise Absent("a run of months is of provisional counts, 12 months each")
    own = level(_plain(cell), as_of)
    if own.value is None:
        return _unknown(own, own.reason)
    earlier = list(_earlier(cell, own, as_of, until_turn=kind in ("fall", "rise") and not since))
    if since:
        bound = Period.parse(since) if since.startswith("FY") or ".." in since else None
        last = bound.end if bound else Period.parse(since, instant=True).end
        reached = bool(earlier) and earlier[-1].period.end <= last
        kept = [figure for figure in earlier if figure.period.end > last]
        named = next((figure for figure in earlier if figure.period.end == last), None)
    else:
        reached, kept, named = False, earlier, None
    if kind in ("fall", "rise"):
        # since X leaves X itself out, but the first step after it starts from it
        return _run(cell, own, [*kept, named] if named is not None else kept, reached)
    unit = quantity(cell.quantity).unit
    reach = (
        f"of {len(kept) + 1} periods held" + (f", back to {_said(kept[-1].period)}" if kept else "")
        + ("" if not since or reached else f"; nothing is held from {since} on to there")
    )  # fmt: skip
    if not kept:
        return _unknown(own, f"{_amount(own, unit)}; no earlier period is held to compare it with")
    if cell.phrase is not None and cell.phrase.unit == "first":
        return _first(cell, own, kept, reach)
    pick = max if kind == "high" else min
    rival = pick(kept, key=lambda figure: figure.value or 0.0)
    assert rival.value is not None
    beaten = own.value > rival.value if kind == "high" else own.value < rival.value
    called = "highest" if kind == "high" else "lowest"
    words = (
        f"{_amount(own, unit)}; the {called} before it, {_amount(rival, unit)}, was in {_said(rival.period)} "
        f"({'a margin of ' if beaten else 'which is beyond it by '}{amount(abs(own.value - rival.value), unit)}); {reach}"
    )
    words += _before_1999(cell, own, kept, since)
    return replace(_combined(own, kept, float(beaten), float(beaten), float(beaten), words), parts=_series(own, kept))


def _first(cell: Cell, own: Figure, earlier: list[Figure], reach: str) -> Figure:
    """Whether the period is the first whose count is what the words say: above 100,000."""
    assert cell.phrase is not None and own.value is not None
    said, unit = parse(cell.phrase.text, "measure").truth(), quantity(cell.quantity).unit
    before = [figure for figure in earlier if figure.value is not None and figure.value in said]
    is_first = float(own.value in said and not before)
    words = f"{_amount(own, unit)}" + ("" if own.value in said else f", which is not in {said}")
    words += (
        f"; before, so it was in {_said(before[-1].period)} ({_amount(before[-1], unit)})"
        if before
        else "; never before"
    )
    return _combined(own, earlier, is_first, is_first, is_first, f"{words}; {reach}")


def _run(cell: Cell, own: Figure, earlier: list[Figure], reached: bool) -> Figure:
    """How many falls, or rises, in a row end with the period; since a year, how many there were from then on."""
    values = [figure.value or 0.0 for figure in (own, *earlier)]
    way = -1 if cell.test.extreme == "fall" else 1
    steps = [way * (later - before) > 0 for later, before in pairwise(values)]
    called = "fall" if way < 0 else "rise"
    if not steps:
        return _unknown(own, "no earlier period is held to compare it with")
    run = next((n for n, step in enumerate(steps) if not step), len(steps))
    counted = sum(steps) if cell.test.since and steps[0] else run
    reach = f"{len(steps)} steps held, back to {_said(earlier[-1].period)}"
    unit = quantity(cell.quantity).unit
    words = f"{_amount(earlier[0], unit)} in {_said(earlier[0].period)}, {_amount(own, unit)} in {_said(own.period)}; "
    words += f"the run of {called}s is {run} long" if steps[0] else f"no {called}"
    words += f"; {reach}" + (
        "" if reached or not cell.test.since else f"; nothing is held from {cell.test.since} on to there"
    )
    parts = _series(own, earlier)
    if run == len(steps) and not cell.test.since:  # the run may be longer than what is held
        return replace(_combined(own, earlier, None, float(run), math.inf, words), parts=parts)
    return replace(_combined(own, earlier, float(counted), float(counted), float(counted), words), parts=parts)


def _series(own: Figure, earlier: Iterable[Figure]) -> tuple[Part, ...]:
    """The figures of a record in order of time, the one judged last."""
    figures = sorted((own, *earlier), key=lambda figure: figure.period.end)
    parts = _parts([_said(figure.period) for figure in figures], figures)
    return tuple(part._replace(judged=part is parts[-1]) for part in parts)


def _earlier(cell: Cell, own: Figure, as_of: date | None, until_turn: bool) -> Iterator[Figure]:
    """The figures of the periods before, newest first, as far back as they are held without a gap, or until a run turns.

    A 12-month window steps by a month, all other periods by their own length.
    """
    period, way = Period.parse(cell.period), -1 if cell.test.extreme == "fall" else 1
    step = 1 if _monthly(cell) else len(period.months)
    later = own
    while True:
        try:
            period = period.shifted(-step)
            figure = level(_plain(cell, period=period.code), as_of)
        except (Absent, ValueError):
            return
        if figure.value is None or later.value is None:
            return
        yield figure
        if until_turn and not way * (later.value - figure.value) > 0:
            return
        later = figure


def _monthly(cell: Cell) -> bool:
    """Whether the series steps by a month: 12-month windows of deaths do, and years where the words count months."""
    kind = Period.parse(cell.period).kind
    windows = kind == "twelve-months" or (cell.quantity.startswith("deaths/") and kind == "fiscal-year")
    return windows or (kind == "year" and cell.phrase is not None and cell.phrase.unit == "months")


def _before_1999(cell: Cell, own: Figure, kept: list[Figure], since: str) -> str:
    """What is said of the years before 1999, which are counted by other codes, of the United States and all drugs."""
    if (cell.quantity, cell.jurisdiction, own.period.kind) != ("deaths/all", "US", "year") or since or not kept:
        return ""
    if kept[-1].period.year != 1999:
        return ""
    rows = store.load("overdose-long").query(
        "series == 'drug-poisoning' and classification == 'icd-9' and qualifier == 'bare'"
    )
    top = rows.loc[rows["deaths"].astype(float).idxmax()]
    return (
        f"; before 1999, by the older ICD-9 codes and not to be joined, deaths by drug poisoning of {rows['year'].min()} to "
        f"{rows['year'].max()} were at most {number(float(top['deaths']))} ({top['year']})"
    )


# Doses --------------------------------------------------------------------------------------------------------------------


def _doses(cell: Cell, as_of: date | None) -> Figure:
    """A weight over what may kill: gross weight taken as pure, or bounds over the purities named; for each person if asked."""
    keys = cell.test
    seized = level(_plain(cell), as_of)
    dose = keys.dose_mg or 2.0
    low, high = keys.purity or (1.0, 1.0)
    each = _MG_IN_POUND / dose
    pure = f"{100 * low:g} to {100 * high:g}% pure" if keys.purity else "the gross weight taken as pure"
    reason = f"{_amount(seized, 'pounds')} at {dose:g} mg a dose, {pure}"
    value = None if seized.value is None or low < high else seized.value * each * high
    made = _combined(seized, (), value, seized.low * each * low, seized.high * each * high, reason)
    if not keys.versus:
        return made
    people, source, words = _population(cell, seized.period)
    people /= len(seized.period.months) / 12
    made = _scaled(made, 1 / people, f"for each of {words.partition(', ')[0]}")
    return replace(made, sources=(*made.sources, source))


_MADE: dict[str, Callable[[Cell, date | None], Figure]] = {
    "pace": _pace,
    "rate": _rate,
    "share": _share,
    "change": _change,
    "ratio": _ratio,
    "rank": _rank,
    "record": _record,
    "doses": _doses,
}
"""How the evidence of each form is made."""


def windows(cell: Cell, as_of: date | None) -> pd.DataFrame:
    """The change of a count of deaths over every window as long as that of a cell, in per cent of its start.

    Provisional counts step by a month and are read from one release, final ones by a year.

    Returns
    -------
    DataFrame
        Columns start, end (last month of twelve), percent (change from start to end), printed (whether it is the cell's own),
        in order of time; empty where the cell is no change of deaths over years or windows of twelve months.
        `.attrs["sources"]` are the tables that the windows are read from.
    """
    made = pd.DataFrame({"start": [], "end": [], "percent": [], "printed": []})
    if not cell.test.since or not cell.quantity.startswith("deaths/") or cell.test.form != "change":
        return made
    later, earlier = Period.parse(cell.period), Period.parse(cell.test.since)
    if {later.kind, earlier.kind} - {"year", "twelve-months"}:
        return made
    gap = len(Period(earlier.end, later.end).months) - 1
    values: dict[str, float] = {}
    read: dict[Source, None] = {}
    if cell.measure == "final":
        for month in archive.windows(cell.slug, cell.jurisdiction)["final"]:
            with suppress(Absent):
                figure = level(_plain(cell, period=month[:4]), as_of)
                values[month], read = figure.low, read | dict.fromkeys(figure.sources)
    else:
        with suppress(NotPublished):
            held = archive.series(cell.slug, cell.measure, cell.jurisdiction, as_of=as_of).dropna(subset="value")
            values, read = (
                dict(zip(held["month_ending"], held["value"].astype(float), strict=True)),
                {held.attrs["source"]: None},
            )
    starts = {end: str(pd.Period(end, "M") - gap) for end in values}
    rows = [
        (start, end, 100 * (values[end] / values[start] - 1), end == later.month_ending)
        for end, start in starts.items()
        if values.get(start)
    ]
    made = pd.DataFrame(rows, columns=list(made.columns)).sort_values("end", ignore_index=True)
    made.attrs["sources"] = tuple(read)
    return made
