"""Shares of what border agencies seize, by route, and the shares of origin that nobody measures.

A seizure share is not a flow share: it measures where drugs are caught, not where they come from.
"""

from __future__ import annotations

import calendar
from datetime import date

import pandas as pd

from ..data import tables
from ..errors import NotPublished
from ..model import Period, Source
from .hedges import granularity_of
from .quantities import Absent, Cell, Figure, Quantity, Resolve

MAIL_CHINA = "CBP fentanyl seized in mail and express shipments from China"
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
    table = tables.load("cbp-seizures", as_of=as_of)
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
    return Figure.point(
        float(row[column].iloc[0]),
        period=period,
        vintage=source.vintage,
        known=source.known,
        sources=(source,),
        flags=("open",) if open_year else (),
        reason="the fiscal year is not over; event counts run low at first" if open_year else "",
    )


def _mail(cell: Cell, as_of: date | None) -> Figure | Absent:
    period = Period.parse(cell.period)
    try:
        table = tables.load("cbp-seizures", as_of=as_of)
        figures = tables.load("published-figures", as_of=as_of)
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
_PRECURSORS = (
    "no publisher gives the amount of precursors made worldwide, so a share of it has no denominator; "
    "the shares asserted at one hearing (over 97, nearly all, over 90 percent) came without a method"
)


def _unmeasured(reason: str) -> Resolve:
    def resolve(cell: Cell, as_of: date | None) -> Figure | Absent:
        return Figure(
            None,
            0.0,
            100.0,
            Period.parse(cell.period),
            "none",
            date.min,
            (),
            flags=("not measured",),
            reason=reason,
        )

    return resolve


QUANTITIES = (
    Quantity(
        "seizure-share/non-southwest",
        "percent",
        "share of the seized weight that was not caught at the Southwest border",
        ("weight",),
        _elsewhere,
        caution=CAUTION,
    ),
    Quantity(
        "seizure-events-share/non-southwest",
        "percent",
        "share of the seizure events that were not at the Southwest border",
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
        caution=CAUTION,
    ),
    Quantity(
        "origin-share/ultimate",
        "percent",
        "share of the illegal fentanyl entering the country that comes from China",
        ("not measured",),
        _unmeasured(_ULTIMATE),
    ),
    Quantity(
        "origin-share/precursors",
        "percent",
        "share of the world's fentanyl precursors made in China",
        ("not measured",),
        _unmeasured(_PRECURSORS),
    ),
)
