"""Overdose deaths over time against a claim, and how far the newest counts may still be revised."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from ..analysis.deaths import place_name
from ..errors import ReportError
from ..model import Interval, last_day, number
from . import style

if TYPE_CHECKING:
    from ..audit.assess import Assessment

COLOURS = {"all": style.INK, "opioids": style.PURPLE, "synthetic-opioids": style.BLUE}
_SUMS = "sum of deaths in 12 months"


def deaths(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | None = None,
    value: str = "",
    claimed: Interval | None = None,
    wide: Interval | None = None,
    claim_label: str = "",
    article: date | None = None,
    final_until: str | None = None,
    labels: dict[str, str] | None = None,
    place: str = "",
    source: str = "",
    band: str = "where such young counts settled before",
    title: str = "",
) -> Axes:
    """Draw 12-month sums of deaths, one line a drug, labelled at its end.

    Parameters
    ----------
    frame : DataFrame
        Columns drug, month_ending (`YYYY-MM`) and one of deaths in the 12 months ending there (missing leaves a gap), as
        `analysis.deaths.sums` and `load("vsrr")` give them; optional jurisdiction and measure (one each), low and high
        (deaths), which are drawn as a band where they differ, and provisional (bool), drawn dashed.
    claim : Assessment, optional
        Its band, its words and the article's day are drawn where the counts are those of the United States, and nowhere
        else: the claim is about them.
    value : str
        The column of deaths; by default `value`, else `reported`.
    claimed, wide : Interval, optional
        C and C+ of a claim in deaths a year, with `claim_label`, instead of those of `claim`.
    article : date, optional
        A day to mark, where the series reaches it.
    final_until : str, optional
        Last month (`YYYY-MM`) that final counts cover, instead of the column provisional; later months are drawn dashed.
    labels : dict, optional
        Names of drugs.
    place : str
        Name of the place; by default that of the jurisdiction.
    source : str
        The line under the chart; by default what the frame names in `attrs`.
    band : str
        What the band from low to high means.
    title : str
        What is seen; by default overdose deaths and the place.

    Raises
    ------
    ReportError
        If a column is missing, or the frame holds several places or measures.
    NotPublished
        If no value is given.

    Examples
    --------
    >>> import fentanyl_stats as fs
    >>> sums = fs.load("vsrr").query("drug == 'all' and jurisdiction == 'US'")
    >>> ax = deaths(sums, claim=fs.assess("deaths-per-year"))
    >>> ax.get_title()
    'Overdose deaths, United States'
    """
    value = value or ("reported" if "value" not in frame and "reported" in frame else "value")
    style.require(frame, ("drug", "month_ending", value))
    frame = frame.assign(value=frame[value])
    rows = style.held(frame, (), _SUMS)
    for column in ("jurisdiction", "measure"):
        if column in rows and rows[column].nunique() > 1:
            several = ", ".join(sorted(map(str, rows[column].unique()))[:4])
            raise ReportError(
                f"the frame holds {rows[column].nunique()} of {column!r} ({several} …); one line a drug needs one"
            )
    nation = place_name("US")
    counted = place_name(str(rows["jurisdiction"].iloc[0])) if "jurisdiction" in rows else place or nation
    place = place or counted
    if claim is not None and counted == nation:
        claimed, wide, claim_label = style.claimed_by(claim, claimed, wide, claim_label)
        article = article or claim.article_date
    names = style.DRUGS | (labels or {})
    name = {drug: names.get(str(drug), str(drug).replace("-", " ")) for drug in frame["drug"].unique()}
    ax = style.canvas(ax, 8.6, 4.8)
    top = max(float(rows["value"].max()), claimed.high if claimed and claimed.high < float("inf") else 0.0) or 1.0
    ax.set_ylim(0, top * 1.12)
    ends: list[style.End] = []
    said = []
    newest = rows["month_ending"].max()
    if final_until is None and "provisional" in rows:
        final_until = max(rows.loc[~rows["provisional"].astype(bool), "month_ending"], default="")
    firm_until = newest if final_until is None else final_until
    for drug, group in frame.sort_values("month_ending").groupby("drug", sort=False):
        x, y = style.months(group["month_ending"]), group["value"].astype(float).to_numpy()
        colour = COLOURS.get(str(drug), style.GREEN)
        if {"low", "high"} <= set(group):
            low, high = (group[end].astype(float).to_numpy() for end in ("low", "high"))
            ax.fill_between(x, low, high, where=high > low, color=colour, alpha=0.25, lw=0)
        firm = int((group["month_ending"] <= firm_until).sum())
        style.dashed(ax, x, y, firm, color=colour, lw=2, marker="o" if len(x) == 1 else "")
        group = group.dropna(subset="value")
        if group.empty:
            continue
        peak, last = group.loc[group["value"].astype(float).idxmax()], group.iloc[-1]
        # The label stands at the edge, the line may not reach it.
        until = "" if last["month_ending"] == newest else f" (to {last['month_ending']})"
        shown = number(float(last["value"]))
        ends.append((style.months([last["month_ending"]])[0], float(last["value"]), name[drug], shown + until, colour))
        said.append(
            f"{name[drug]} peaked at {number(float(peak['value']))} in the 12 months to {peak['month_ending']} and stood "
            f"at {shown} in {last['month_ending']}"
        )
    x_end, x_start = max(end[0] for end in ends), min(style.months(rows["month_ending"]))
    room = (x_end - x_start) or 30.0  # days, around a single month
    ax.set_xlim(x_start if x_start < x_end else x_start - room, x_end + 0.02 * room)
    if claimed is not None:
        style.band(ax, claimed, wide, label_=claim_label)
    style.name_ends(ax, ends)
    if article is not None and date2num(article) <= ax.get_xlim()[1]:  # else a label far beside the axes
        style.mark_day(ax, article, "the article")
    style.dates(ax)
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months ending there")
    under = "sums of 12 months, not months"
    if newest > firm_until:
        under += f"; dashed: provisional{', after' if firm_until else ''} {firm_until}".rstrip()
    if {"low", "high"} <= set(rows) and (rows["high"] > rows["low"]).any():
        under += f"; shaded: {band}"
    told = f" The claim's band is {claimed}." if claimed else ""
    about = (
        [f"{str(rows['measure'].iloc[0]).capitalize()} counts, by place of occurrence."] if "measure" in rows else []
    )
    about += [style.T404] if "synthetic-opioids" in name else ["Drug classes overlap."] if len(name) > 1 else []
    note = source or style.cited(frame, "", *about)
    alt = f"Overdose deaths in 12-month sums, {place}: {'; '.join(said)}.{told}"
    return style.finish(ax, alt, title or f"Overdose deaths, {place}", under, note)


def revision_range(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "How far may the newest months still move?",
    note: str = "dashed: may still be revised",
    source: str = "",
) -> Axes:
    """Draw the newest counts with the range in which they will settle if the past is a guide.

    Parameters
    ----------
    frame : DataFrame
        Columns measure, month_ending (`YYYY-MM`), value, low, high (deaths); missing low and high draw no range.
        Optional settled (bool): the others are drawn dashed; by default those from the first range on.
    ax : Axes, optional
        Where to draw every measure; by default each has a panel of its own, all on one scale.
    note : str
        What dashed lines mean.

    Returns
    -------
    Axes
        The given one, or the first panel; its figure holds them all.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no value is given.

    Examples
    --------
    >>> one = {"measure": "reported", "month_ending": ["2025-01", "2025-02"], "value": [100, 90], "low": [100, 91]}
    >>> print(style.alt_text(revision_range(pd.DataFrame(one | {"high": [100, 99]}))))
    Reported: 90 in the 12 months to 2025-02; earlier counts of the same age settled at 91 to 99.
    """
    rows = style.held(frame, ("measure", "month_ending", "value", "low", "high"), _SUMS)
    groups = {m: rows[rows["measure"] == m].sort_values("month_ending") for m in style.MEASURES}
    groups = {measure: group for measure, group in groups.items() if len(group)}
    if not groups:
        raise ReportError(f"no row is of a measure that can be drawn ({', '.join(style.MEASURES)})")
    several = ax is None and len(groups) > 1
    if several:
        figure, panels = style.panels(9.6, 4.8, 1, len(groups), sharey=True)
    else:
        panels = [style.canvas(ax, 5.6, 4.8)] * len(groups)
    tall = rows[["value", "low", "high"]].astype(float)
    bottom, top = float(tall.min().min()), float(tall.max().max())
    height = (top - bottom) or 1.0
    months = sorted(set(rows["month_ending"]))
    first, last = style.months([months[0], months[-1]])
    span = (last - first) or 30.0  # days, around a single month
    shown = months[:: -max(1, -(-len(months) // 5))][::-1]  # counted back from the newest
    for panel in panels:
        panel.set_ylim(bottom - 0.12 * height, top + 0.08 * height)
        panel.set_xlim(first - 0.03 * span, last + 0.75 * span)  # the room on the right holds the words
        panel.set_xticks(style.months(shown), [f"{last_day(month):%b\n%Y}" for month in shown])
        style.thousands(panel)
    near = [max(float(group["value"].iloc[-1]), bottom + 0.22 * height) for group in groups.values()]
    places = near if several else style.spread(near, 0.34 * height)
    alt = []
    for panel, (measure, group), y in zip(panels, groups.items(), places, strict=True):
        text, said = _line(panel, measure, group)
        style.label(
            panel, text, (last + 0.05 * span, y), size=style.SMALL + 1, color=style.MEASURES[measure][1], zorder=5
        )
        alt.append(said)
    panels[0].set_ylabel("deaths in the 12 months\nto that month")
    drawn = f"Shaded: where earlier counts of the same age settled; {note}; axis not from 0."
    source = f"{drawn}\n{style.cited(frame, source)}".strip()
    if not several:
        return style.finish(panels[0], " ".join(alt), title, "", source)
    style.figure_title(figure, title)
    style.figure_source(figure, source)
    return style.describe(panels[0], " ".join(alt))


def _line(ax: Axes, measure: str, group: pd.DataFrame) -> tuple[str, str]:
    """Draw one measure; the words at its end, and those of the alt text."""
    name, colour, _ = style.MEASURES[measure]
    x = style.months(group["month_ending"])
    value, low, high = (group[column].astype(float).to_numpy() for column in ("value", "low", "high"))
    hatch = "///" if measure == "predicted" else ""
    ax.fill_between(x, low, high, color=colour, alpha=0.22, lw=0, hatch=hatch, zorder=1)
    moving = ~group["settled"].to_numpy(bool) if "settled" in group else high > low
    style.dashed(ax, x, value, int(moving.argmax()) + 1 if moving.any() else len(value), color=colour, lw=2.2)
    ax.plot(x[-1:], value[-1:], "o", color=colour, ms=5)
    month = str(group["month_ending"].iloc[-1])
    text = f"{name}:\n{number(value[-1])} in the\n12 months to {last_day(month):%b %Y}"
    said = f"{measure.capitalize()}: {number(value[-1])} in the 12 months to {month}"
    if high[-1] > low[-1]:
        ends = number(round(low[-1])), number(round(high[-1]))
        ax.plot([x[-1], x[-1]], [low[-1], high[-1]], color=colour, lw=4, alpha=0.5, solid_capstyle="butt")
        way = "rises" if low[-1] > value[-1] else "falls" if high[-1] < value[-1] else "moves"
        text += f"\n\nmay settle at {ends[0]}\nto {ends[1]}, if it\n{way} as earlier ones did"
        said += f"; earlier counts of the same age settled at {ends[0]} to {ends[1]}"
    return text, f"{said}."
