"""What border agencies seize: by route, month, office and year, and beside the totals that were printed."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ..data import names, store
from ..errors import DataError, unknown
from ..model import number

__all__ = [
    "CAUTION", "COMPONENTS", "LARGEST", "REGIONS", "areas", "by_month", "by_year", "closed_sentence",
    "lowest_sentence", "offices", "open_sentence", "panels", "parse_years", "published_totals", "same_months", "seizures", "shares",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__


CAUTION = "a seizure share is not a flow share: it says where drugs are caught, not where they come from"


def shares(as_of: str | date | None = None) -> pd.DataFrame:
    """Weight and events seized by fiscal year, with the part that was not seized at the Southwest border.

    Returns
    -------
    DataFrame
        One row a fiscal year: fiscal_year, pounds (gross), events, status (`open` while the year is not over),
        pounds_elsewhere, events_elsewhere, share_weight and share_events (of those, per cent).

    Examples
    --------
    >>> round(float(shares().set_index("fiscal_year").share_weight[2023]), 2)
    1.13
    """
    return _shares(as_of, store.stamp("cbp-seizures")).copy()


@lru_cache(maxsize=64)
def _shares(as_of: str | date | None, stamp: store.Stamp) -> pd.DataFrame:
    table = store.load_or_empty("cbp-seizures", as_of)
    elsewhere = table[table["region"] != "southwest-border"]
    years = table.groupby("fiscal_year").agg(
        pounds=("pounds", "sum"), events=("events", "sum"), status=("status", "last")
    )
    parts = elsewhere.groupby("fiscal_year")[["pounds", "events"]].sum().add_suffix("_elsewhere")
    years = years.join(parts).reset_index()
    for unit, measure in (("pounds", "weight"), ("events", "events")):
        years[f"share_{measure}"] = (100.0 * years[f"{unit}_elsewhere"] / years[unit]).astype(float)
    years.attrs = dict(table.attrs)
    return years


REGIONS = {region: names.region_name(region) for region in ("all", *names.regions())}
COMPONENTS = {component: names.component_name(component) for component in ("all", *names.components())}
LARGEST = 10
"""How many of the heaviest seizures the concentration is told of."""


def parse_years(text: str) -> tuple[int, int] | None:
    """First and last fiscal year of `2023`, `2019-2023` (FY may stand before a year); None for `all`.

    Raises
    ------
    DataError
        If the text is none of these, or the years are not in order.

    Examples
    --------
    >>> parse_years("FY2019-FY2023"), parse_years("2023"), parse_years("all")
    ((2019, 2023), (2023, 2023), None)
    """
    if text.strip().lower() == "all":
        return None
    match = re.fullmatch(r"(?:FY\s?)?(\d{4})(?:\s*[-–]\s*(?:FY\s?)?(\d{4}))?", text.strip(), re.IGNORECASE)
    if not match:
        raise DataError(
            f"{text[:40]!r} is not a fiscal year; write all, one year (2023) or a range of years (2019-2023)"
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if first > last:
        raise DataError(f"fiscal years {first} to {last} are not in order; write the earlier one first")
    return first, last


def seizures(
    years: str = "all", region: str = "all", component: str = "all", as_of: str | date | None = None
) -> pd.DataFrame:
    """The rows of the seizure table for some fiscal years, a region and a component.

    Parameters
    ----------
    years : str
        As `parse_years` takes them.
    region, component : str
        A key of `REGIONS`, of `COMPONENTS`.

    Returns
    -------
    DataFrame
        As `load("cbp-seizures")`, without a row if no file was known by `as_of`. `.attrs`: "source", the Source; "scope",
        region and component in words; "months", every month of those years that the file covers, as (month, fiscal
        year, status).

    Raises
    ------
    DataError
        If a name is not known or a year not held.

    Examples
    --------
    >>> rows = seizures("2022", component="ofo")
    >>> round(float(rows["pounds"].sum()), 2)
    12493.06
    """
    for what, value, valid in (("region", region, REGIONS), ("component", component, COMPONENTS)):
        if value not in valid:
            raise DataError(unknown(what, value, valid))
    table = store.load_or_empty("cbp-seizures", as_of)
    scope = f"{REGIONS[region]}, {COMPONENTS[component]}"
    if table.empty:
        table.attrs |= {"scope": scope, "months": ()}
        return table
    held = table["fiscal_year"].min(), table["fiscal_year"].max()
    wanted = parse_years(years) or held
    if wanted[0] < held[0] or wanted[1] > held[1]:
        odd = wanted[0] if wanted[0] < held[0] else wanted[1]
        raise DataError(f"fiscal year {odd} is not held; the seizure file has FY{held[0]} to FY{held[1]}")
    rows = table[table["fiscal_year"].between(*wanted)]
    months = _calendar(rows)
    for column, value in (("region", region), ("component", component)):
        if value != "all":
            rows = rows[rows[column] == value]
    rows = rows.reset_index(drop=True)
    rows.attrs |= {"scope": scope, "months": months, "empty": f"No seizure is recorded for {scope}."}
    return rows


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Events and pounds of each month that the file covers, zero where there is no row.

    Parameters
    ----------
    rows : DataFrame
        What `seizures` returns.

    Returns
    -------
    DataFrame
        Columns month (`YYYY-MM`), fiscal_year, position (1 for October, 12 for September), status, events, pounds,
        pounds_per_event (missing without events).

    Examples
    --------
    >>> print(by_month(seizures("2023")).head(1)[["month", "position", "events"]].to_string(index=False))
      month  position  events
    2022-10         1     115
    """
    covered = pd.DataFrame(rows.attrs["months"], columns=["month", "fiscal_year", "status"]).astype({"month": str})
    frame = covered.merge(rows.groupby("month", as_index=False)[["events", "pounds"]].sum(), on="month", how="left")
    frame[["events", "pounds"]] = frame[["events", "pounds"]].fillna(0)
    frame.insert(2, "position", (frame["month"].str[5:].astype(int) + 2) % 12 + 1)
    frame["pounds_per_event"] = _ratio(frame["pounds"], frame["events"])
    frame.attrs = _said(rows)
    return frame


def _said(rows: pd.DataFrame, **instead: str) -> dict[Any, Any]:
    """What a frame made of rows says of itself: source, scope, and what an empty one stands for."""
    said = {name: rows.attrs[name] for name in ("source", "scope", "empty") if name in rows.attrs}
    return said | instead if len(rows) else said


def panels(rows: pd.DataFrame) -> pd.DataFrame:
    """The months of each component and region that has any seizure.

    Returns
    -------
    DataFrame
        As `by_month`, with columns component and region before.
    """
    parts = []
    for (component, region), part in rows.groupby(["component", "region"]):
        part.attrs = rows.attrs
        parts.append(by_month(part).assign(component=component, region=region))
    frame = pd.concat(parts, ignore_index=True) if parts else by_month(rows).head(0).assign(component="", region="")
    frame.attrs = _said(rows)
    return frame


def areas(rows: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """Pounds by area of responsibility and month: the `most` heaviest areas, and the others together.

    Returns
    -------
    DataFrame
        One row an area, heaviest first, `all N others` last; one column a month (`YYYY-MM`), 0 where nothing was seized.

    Examples
    --------
    >>> areas(seizures("2023"), most=2).index.tolist()
    ['Tucson Field Office', 'San Diego Field Office', 'all 34 others']
    """
    months = [month for month, _, _ in rows.attrs["months"]]
    table = rows.pivot_table(index="area_of_responsibility", columns="month", values="pounds", aggfunc="sum")
    table = table.reindex(columns=months).astype("float64").fillna(0.0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    rest = table.iloc[most:]
    if len(rest) > 1:
        others = rest.sum().to_frame(f"all {len(rest)} others").T
        table = pd.concat([table.head(most), others])
    table = table.rename_axis(index=None, columns=None)
    table.attrs = _said(rows)
    return table


def by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Weight, events and concentration by fiscal year.

    Rows add up the seizures of an area in a month, so that the effective number of seizures and the part of the
    heaviest ten have bounds only (see `stats.flows.effective_bounds`, `largest_share`).

    Returns
    -------
    DataFrame
        Columns fiscal_year, status, months (held), events, pounds, pounds_per_event, effective_low, effective_high,
        largest_low, largest_high (shares, 0 to 1); missing where nothing was seized.

    Examples
    --------
    >>> years = by_year(seizures("2019-2023")).set_index("fiscal_year")
    >>> round(float(years.pounds[2023]), 2), round(float(years.pounds_per_event[2023]), 1)
    (27022.85, 20.0)
    """
    years = _years(by_month(rows))
    parts = dict(list(rows.groupby("fiscal_year")))
    bounds = [_concentration(parts.get(year)) for year in years["fiscal_year"]]
    ends = ["effective_low", "effective_high", "largest_low", "largest_high"]
    years = years.join(pd.DataFrame(bounds, columns=ends, dtype="float64"))
    years.attrs = _said(rows)
    return years


def same_months(months: pd.DataFrame) -> pd.DataFrame:
    """The open fiscal year beside the same months of each closed one; empty when no year is open.

    Parameters
    ----------
    months : DataFrame
        What `by_month` returns.

    Returns
    -------
    DataFrame
        Columns fiscal_year, status, months (how many), events, pounds, pounds_per_event, all over the months that the open year holds.

    Examples
    --------
    >>> same_months(by_month(seizures("2025-2026")))[["fiscal_year", "months"]].values.tolist()
    [[2025, 7], [2026, 7]]
    """
    held = set(months.loc[months["status"] == "open", "position"])
    found = _years(months[months["position"].isin(held)])
    found.attrs = _said(months, empty="Every fiscal year asked for is closed.")
    return found


def offices(rows: pd.DataFrame) -> pd.DataFrame:
    """Closed fiscal years by area of responsibility (field office or sector), heaviest first; the open year is left out.

    Returns
    -------
    DataFrame
        Columns component, area, events, pounds, share (of the weight, per cent), pounds_per_event.

    Examples
    --------
    >>> offices(seizures("2023"))["area"].iloc[0]
    'Tucson Field Office'
    """
    closed = rows[rows["status"] == "closed"].rename(columns={"area_of_responsibility": "area"})
    found = closed.groupby(["component", "area"], as_index=False)[["events", "pounds"]].sum()
    total = float(found["pounds"].sum())
    found["share"] = found["pounds"].astype(float) * 100 / total if total else np.nan
    found["pounds_per_event"] = _ratio(found["pounds"], found["events"])
    found = found.sort_values(["pounds", "area"], ascending=[False, True], ignore_index=True)
    found.attrs = _said(rows, empty="No closed fiscal year is among those asked for.")
    return found


def lowest_sentence(years: pd.DataFrame, period: str) -> str:
    """Where the share seized elsewhere of one fiscal year of `shares` stands among all that are held; "" without it.

    >>> lowest_sentence(shares(), "FY2023")
    'FY2023, with 1.13% of the weight elsewhere, is the lowest of 8 fiscal years (1.13% to 6.89%).'
    """
    ranked = years.set_index("fiscal_year")["share_weight"].rank()
    year = int(period.removeprefix("FY")) if period.startswith("FY") else 0
    if year not in ranked.index or len(years) < 2:
        return ""
    value = float(years.set_index("fiscal_year")["share_weight"][year])
    place = {1.0: "the lowest", float(len(years)): "the highest"}.get(
        float(ranked[year]), f"number {ranked[year]:.0f} from below"
    )
    return (
        f"{period}, with {value:.2f}% of the weight elsewhere, is {place} of {len(years)} fiscal years "
        f"({years['share_weight'].min():.2f}% to {years['share_weight'].max():.2f}%)."
    )


def closed_sentence(years: pd.DataFrame) -> str:
    """The heaviest and the last of the closed years that `by_year` gives, in words.

    >>> closed_sentence(by_year(seizures("2023", "northern-border")))
    'In northern border, ports of entry and Border Patrol, FY2023 had 2.48 pounds in 32 seizures.'
    """
    scope, closed = years.attrs["scope"], years[years["status"] == "closed"]
    if not (years["events"] > 0).any():
        return str(years.attrs["empty"])
    if closed.empty:
        return f"No closed fiscal year is among those asked for ({scope})."
    top, last = closed.loc[closed["pounds"].astype(float).idxmax()], closed.iloc[-1]
    if len(closed) == 1:
        return f"In {scope}, FY{last['fiscal_year']} had {_both(last)}."
    return (
        f"In {scope}, the closed fiscal years are FY{closed['fiscal_year'].iloc[0]} to FY{last['fiscal_year']}. The heaviest "
        f"is FY{top['fiscal_year']} with {_both(top)}; FY{last['fiscal_year']} had {_both(last)}."
    )


def open_sentence(months: pd.DataFrame) -> str:
    """The year that is not over beside the same months of the year before, in words; "" where nothing is held.

    Parameters
    ----------
    months : DataFrame
        What `by_month` returns.
    """
    rows = same_months(months)
    if rows.empty:
        return "" if months.empty else str(rows.attrs["empty"])
    now = rows.iloc[-1]
    held = months[months["status"] == "open"]
    first, last = (calendar.month_name[int(held["month"].iloc[i][5:])] for i in (0, -1))
    text = f"FY{now['fiscal_year']} is not over: its {now['months']} months ({first} to {last}) hold {_both(now)}"
    if len(rows) > 1:
        earlier = rows.iloc[-2]
        text += f"; the same months of FY{earlier['fiscal_year']} had {_both(earlier)}"
    return f"{text}. Counts of seizures in an open year still rise; it is never set beside a whole year here."


def _both(row: pd.Series) -> str:
    pounds = float(row["pounds"])
    return f"{number(round(pounds, 0 if abs(pounds) >= 10 else 2))} pounds in {number(float(row['events']))} seizures"


def _calendar(rows: pd.DataFrame) -> tuple[tuple[str, int, str], ...]:
    """Every month from the first to the last, with fiscal year and status."""
    months = pd.period_range(rows["month"].min(), rows["month"].max(), freq="M")
    status = dict(zip(rows["fiscal_year"], rows["status"], strict=True))
    years = [int(month.year) + (month.month >= 10) for month in months]
    # Plain values: pandas compares attrs when it joins frames.
    return tuple((str(month), year, status.get(year, "closed")) for month, year in zip(months, years, strict=True))


def _concentration(rows: pd.DataFrame | None) -> tuple[float, float, float, float]:
    if rows is None or not (rows["pounds"] > 0).any():
        return (np.nan,) * 4
    pounds, counts = rows["pounds"].to_numpy(dtype=float), rows["events"].to_numpy(dtype=float)
    from ..stats import flows  # SciPy is slow to import, and a share of seizures does not need it

    return (*flows.effective_bounds(pounds, counts), *flows.largest_share(pounds, counts, LARGEST))


def _years(months: pd.DataFrame) -> pd.DataFrame:
    """Months of `by_month`, added up by fiscal year."""
    years = months.groupby("fiscal_year", as_index=False).agg(
        status=("status", "last"), months=("month", "size"), events=("events", "sum"), pounds=("pounds", "sum")
    )
    return years.assign(pounds_per_event=_ratio(years["pounds"], years["events"]))


def _ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    over = bottom.astype("float64")
    return top.astype("float64") / over.where(over > 0)


def published_totals(as_of: str | date | None = None) -> pd.DataFrame:
    """Seizure totals as printed elsewhere, each beside what the file adds up to for the same months and place.

    A printed period that ends within a month is set beside the whole months before it.

    Returns
    -------
    DataFrame
        Columns id, quantity, place, period_start, period_end, printed (lb), months (of the file), file (lb), difference
        (per cent of the file), unexplained (bool). Rows whose months the file does not hold are left out.

    Examples
    --------
    >>> found = published_totals().set_index("id")
    >>> round(float(found.difference["F053b"]), 4)
    0.0
    """
    figures, table = store.load_or_empty("published-figures", as_of), store.load_or_empty("cbp-seizures", as_of)
    figures = figures[(figures["topic"] == "vintage-check") & (figures["unit"] == "lb")]
    held = set(table["month"])
    found = []
    for row in figures.itertuples():
        months = _whole_months(str(row.period_start), str(row.period_end))
        if months and months[0] in held and months[-1] in held:
            rows = table["month"].isin(months) & _covers(table, str(row.quantity), str(row.place))
            total, printed = float(table.loc[rows, "pounds"].sum()), float(str(row.value))
            gap = 100 * (printed / total - 1) if total else np.nan
            found.append((row.id, row.quantity, row.place, row.period_start, row.period_end, printed, len(months), total,
                          gap, "unresolved" in str(row.flag)))  # fmt: skip
    columns = [
        "id", "quantity", "place", "period_start", "period_end", "printed", "months", "file", "difference", "unexplained",
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=columns)
    frame.attrs = _said(table)
    return frame


def _covers(table: pd.DataFrame, quantity: str, place: str) -> pd.Series:
    """The rows of the file that a printed total speaks of."""
    rows = pd.Series(True, index=table.index)
    if place in REGIONS:
        rows &= table["region"] == place
    if place == "ports-of-entry":
        rows &= table["component"] == "ofo"
    if quantity.startswith("Border Patrol"):
        rows &= table["component"] == "usbp"
    return rows


def _whole_months(start: str, end: str) -> Sequence[str]:
    """The months from `start` that are over by `end`.

    >>> _whole_months("2022-10-01", "2023-01-03")
    ['2022-10', '2022-11', '2022-12']
    """
    last = pd.Timestamp(end)
    final = last.to_period("M") - (0 if last.is_month_end else 1)
    return [str(month) for month in pd.period_range(pd.Period(start, "M"), final, freq="M")]
