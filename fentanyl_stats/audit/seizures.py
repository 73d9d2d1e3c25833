"""Shares of what border agencies seize, by route, and the shares of origin that nobody measures.

A seizure share is not a flow share: it measures where drugs are caught, not where they come from.
"""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pandas as pd

from ..data import store
from ..errors import NotPublished
from ..model import Interval, Period, Source
from . import published
from .hedges import granularity_of
from .quantities import Absent, Cell, Figure, Quantity, Resolve

MAIL_CHINA = "CBP fentanyl seized in mail and express shipments from China"
MEXICO = "CBP fentanyl seized from Mexico"
PURE = "pure"
"""The correction that turns gross weight into pure weight, as far as published purities go."""
CAUTION = "a seizure share is not a flow share: it says where drugs are caught, not where they come from"


def shares(as_of: str | date | None = None) -> pd.DataFrame:
    """Weight and events seized by fiscal year, with the part that was not seized at the Southwest border.

    Returns
    -------
    DataFrame
        One row a fiscal year: pounds, events, pounds_elsewhere, events_elsewhere, share_weight and share_events (per
        cent), status (`open` while the year is not over). Attribute "source" is the Source.

    Examples
    --------
    >>> round(float(shares().set_index("fiscal_year").share_weight[2023]), 2)
    1.13
    """
    return _shares(as_of, store.stamp("cbp-seizures")).copy()


@lru_cache(maxsize=64)
def _shares(as_of: str | date | None, stamp: store.Stamp) -> pd.DataFrame:
    table = store.load("cbp-seizures", as_of=as_of)
    elsewhere = table[table["region"] != "southwest-border"]
    years = table.groupby("fiscal_year").agg(
        pounds=("pounds", "sum"), events=("events", "sum"), status=("status", "last")
    )
    parts = elsewhere.groupby("fiscal_year")[["pounds", "events"]].sum().add_suffix("_elsewhere")
    years = years.join(parts).reset_index()
    for unit, measure in (("pounds", "weight"), ("events", "events")):
        years[f"share_{measure}"] = (100.0 * years[f"{unit}_elsewhere"] / years[unit]).astype(float)
    years.attrs["source"] = table.attrs["source"]
    return years


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
        pure, cut = published.purity("direct", as_of), published.purity("other", as_of)
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


QUANTITIES = (
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
