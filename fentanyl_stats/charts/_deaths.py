"""Overdose deaths over time against a claim."""

from __future__ import annotations

from datetime import date

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from ..errors import ReportError
from ..model import Interval, number
from . import style

COLOURS = {"all": style.INK, "opioids": style.PURPLE, "synthetic-opioids": style.BLUE}


def deaths(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claimed: Interval | None = None,
    wide: Interval | None = None,
    claim_label: str = "",
    article: date | None = None,
    final_until: str | None = None,
    labels: dict[str, str] | None = None,
    place: str = "United States",
    source: str = "",
    band: str = "where such young counts settled before",
    title: str = "",
) -> Axes:
    """Draw 12-month sums of deaths, one line a drug, labelled at its end.

    Parameters
    ----------
    frame : DataFrame
        Columns drug, month_ending (`YYYY-MM`), value (deaths in the 12 months ending there; missing leaves a gap);
        optional low and high (deaths) are drawn as a band where they differ.
    claimed, wide : Interval, optional
        C and C+ of a claim in deaths a year.
    article : date, optional
        A day to mark, where the series reaches it.
    final_until : str, optional
        Last month (`YYYY-MM`) that final counts cover; later months are provisional and drawn dashed.
    band : str
        What the band from low to high means.
    title : str
        What is seen; by default overdose deaths and the place.

    Raises
    ------
    ReportError
        If a column is missing or no value is given.
    """
    style.require(frame, ("drug", "month_ending", "value"))
    rows = frame.dropna(subset="value")
    if rows.empty:
        raise ReportError("there is no value to draw: every value of the frame is missing")
    ax = style.canvas(ax, 8.6, 4.8)
    top = max(float(rows["value"].max()), claimed.high if claimed and claimed.high < float("inf") else 0.0) or 1.0
    ax.set_ylim(0, top * 1.12)
    ends: list[tuple[float, float, str, str]] = []
    newest = rows["month_ending"].max()
    for drug, group in frame.groupby("drug", sort=False):
        group = group.sort_values("month_ending")
        x, y = style.months(group["month_ending"]), group["value"].astype(float).to_numpy()
        colour = COLOURS.get(str(drug), style.GREEN)
        if {"low", "high"} <= set(group):
            low, high = (group[end].astype(float).to_numpy() for end in ("low", "high"))
            ax.fill_between(x, low, high, where=high > low, color=colour, alpha=0.25, lw=0)
        late = group["month_ending"] > final_until if final_until else pd.Series(False, group.index)
        firm = int((~late).sum())
        dot = "o" if len(x) == 1 else ""
        ax.plot(x[:firm], y[:firm], color=colour, lw=2, marker=dot)
        ax.plot(x[max(firm - 1, 0) :], y[max(firm - 1, 0) :], color=colour, lw=1.6, ls=(0, (2, 1.5)), marker=dot)
        if group["value"].isna().all():
            continue
        last = group.dropna(subset="value").iloc[-1]
        name = (labels or {}).get(str(drug), str(drug))
        value = float(last["value"])
        until = (
            "" if last["month_ending"] == newest else f" (to {last['month_ending']})"
        )  # the label stands at the edge
        ends.append((style.months([last["month_ending"]])[0], value, f"{name}\n{number(value)}{until}", colour))
    x_end = max(end[0] for end in ends)
    x_start = min(style.months(rows["month_ending"]))
    room = (x_end - x_start) or 30.0  # days, around a single month
    ax.set_xlim(x_start if x_start < x_end else x_start - room, x_end + 0.02 * room)
    if claimed is not None:
        style.band(ax, claimed, wide, label=claim_label)
    for (x0, y0, text, colour), y in zip(ends, style.spread([e[1] for e in ends], top * 0.11), strict=True):
        ax.annotate(
            text, (x0, y0), xytext=(1.015, y), textcoords=("axes fraction", "data"), va="center",
            color=colour, fontsize=style.SMALL + 1, annotation_clip=False,
        )  # fmt: skip
    if article is not None and date2num(article) <= ax.get_xlim()[1]:  # else a label far beside the axes
        style.mark_day(ax, article, "the article")
    locator = AutoDateLocator(minticks=3, maxticks=9)  # a range of four years has no other good interval
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months ending there")
    dashed = (
        f"; dashed: provisional, after {final_until}"
        if final_until and (rows["month_ending"] > final_until).any()
        else ""
    )
    shaded = f"; shaded: {band}" if _has_band(rows) else ""
    style.title(ax, title or f"Overdose deaths, {place}", f"sums of 12 months, not months{dashed}{shaded}")
    style.source(ax, source)
    return style.describe(ax, _alt(rows, labels or {}, claimed, place))


def _has_band(rows: pd.DataFrame) -> bool:
    return {"low", "high"} <= set(rows) and bool((rows["high"] > rows["low"]).any())


def _alt(rows: pd.DataFrame, labels: dict[str, str], claimed: Interval | None, place: str) -> str:
    parts = []
    for drug, group in rows.groupby("drug", sort=False):
        group = group.sort_values("month_ending")
        peak, last = group.loc[group["value"].astype(float).idxmax()], group.iloc[-1]
        parts.append(
            f"{labels.get(str(drug), str(drug))} peaked at {number(float(peak['value']))} in the 12 months to "
            f"{peak['month_ending']} and stood at {number(float(last['value']))} in {last['month_ending']}"
        )
    band = f" The claim's band is {claimed}." if claimed else ""
    return f"Overdose deaths in 12-month sums, {place}: " + "; ".join(parts) + "." + band
