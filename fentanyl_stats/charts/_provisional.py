"""Provisional counts: the life of one number, how completeness follows pending records, and what the formula misses."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..data.names import deaths_label
from ..model import number
from . import style

if TYPE_CHECKING:
    from ..audit.assess import Assessment

FINAL = ("final", style.INK, "s")
_NOTE = (
    "Reported and predicted: provisional counts of NCHS, the National Center for Health Statistics of CDC, by the place where "
    "people died. Final: residents only, when the file of the year was closed."
)
_COLOURS = (style.GREY, style.BLUE, style.RED, style.GREEN)


def life(
    history: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | None = None,
    article: date | None = None,
    article_label: str = "",
    title: str = "One number, published again and again",
    source: str = "",
) -> Axes:
    """Draw every published value of one number at the day it was published, the final count as a line from its day on.

    Parameters
    ----------
    history : DataFrame
        Columns known (date), measure (`reported`, `predicted`, `final`), value (deaths; missing is left out), as
        `analysis.deaths.published` and `fs.vintages` give them; optional source_id and release, cited under the chart.
    claim : Assessment, optional
        Its article's day is marked: what could be known then lies left of it.
    article : date, optional
        A day to mark instead.
    article_label : str
        What happened on that day; by default that it is the article's.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no value is given.

    Examples
    --------
    >>> import fentanyl_stats as fs
    >>> ax = life(fs.vintages("all", "2023-12"))
    >>> print(style.alt_text(ax)[:64])
    The final count is 105,007. Reported: 107,682 (2025-01-08), 106,
    """
    rows = style.held(history, ("known", "measure", "value"), "value of it").sort_values("known", kind="stable")
    article = article or (claim.article_date if claim is not None else None)
    article_label = article_label or (f"the checked article, {article}" if claim is not None else "the article")
    ax = style.canvas(ax, 8.8, 4.6)
    marks = [*pd.to_datetime(rows["known"]), *([pd.Timestamp(article)] if article else [])]
    first, last = mdates.date2num(min(marks)), mdates.date2num(max(marks))
    room = max(last - first, 60.0)
    edge = last + 0.05 * room
    low, high = float(rows["value"].min()), float(rows["value"].max())
    height = max(high - low, 0.02 * high, 2.0)
    ax.set_xlim(first - 0.06 * room, edge)
    ax.set_ylim(low - 0.22 * height, high + 0.24 * height)
    groups = {m: rows.loc[rows["measure"] == m, ["known", "value"]] for m in (FINAL[0], *style.MEASURES)}
    ends: list[style.End] = []
    final = groups[FINAL[0]]
    said = ["No final count is held."]
    if len(final):
        value = float(final["value"].iloc[-1])
        start = mdates.date2num(final.loc[final["value"].astype(float) == value, "known"].iloc[0])
        ax.plot([start, edge], [value, value], color=FINAL[1], lw=2)
        ax.plot([start], [value], FINAL[2], color=FINAL[1], ms=7, mec="white")
        _name(ax, start, value, number(value), FINAL[1], up=False)
        ends.append((edge, value, "final count\n(residents only)", "", FINAL[1]))
        said = [f"The final count is {number(value)}."]
    for measure, (name, colour, marker) in style.MEASURES.items():
        group = groups[measure]
        if group.empty:
            continue
        x, y = mdates.date2num(pd.to_datetime(group["known"])), group["value"].astype(float).to_numpy()
        ax.step([*x, edge], [*y, y[-1]], where="post", color=colour, lw=1, ls=style.DASHES, alpha=0.45, zorder=1)
        ax.plot(x, y, marker, color=colour, ms=7, mec="white")
        up = measure == "predicted" or groups["predicted"].empty
        for i, (px, py) in enumerate(zip(x, y, strict=True)):
            fell = measure == "reported" and i > 0 and py < y[i - 1]
            _name(ax, px, py, number(py) + (f"\n{number(y[i - 1] - py)} fewer" if fell else ""), colour, up=up)
        ends.append((edge, float(y[-1]), name, "", colour))
        steps = (f"{number(v)} ({k})" for v, k in zip(y, group["known"], strict=True))
        said.append(f"{measure.capitalize()}: {', '.join(steps)}.")
    style.name_ends(ax, ends)
    if article is not None:
        style.mark_day(ax, article, article_label)
    style.dates(ax, "%b\n%Y" if room > 200 else "%d %b\n%Y")
    ax.yaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months")
    ax.set_xlabel("day of publication")
    under = "each mark: a figure as published; pale lines only join them, other releases are not held; axis not from 0"
    return style.finish(ax, " ".join(said), title, under, source or _releases(history))


def _releases(history: pd.DataFrame) -> str:
    """The texts and releases of a number, in order of publication, and what they count."""
    if not {"source_id", "release"} <= set(history):
        return style.cited(history)
    pairs = dict.fromkeys(zip(history["source_id"], history["release"], strict=True))
    named = ", ".join(name if name == release else f"{name} {release}" for name, release in pairs)
    t404 = style.T404 if "drug" in history and "synthetic-opioids" in set(history["drug"]) else ""
    return " ".join(filter(None, (f"Source: {named}.", _NOTE, t404)))


def _name(ax: Axes, x: float, y: float, text: str, colour: str, *, up: bool) -> None:
    style.label(ax, text, (x, y), (0, 9 if up else -9), ha="center", va="bottom" if up else "top", size=style.SMALL + 1,
                color=colour, bbox=style.CLEAR)  # fmt: skip


def completeness(frame: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw reported as a share of predicted deaths against the share of records pending, one mark a window and place.

    Parameters
    ----------
    frame : DataFrame
        Columns span (a name; one colour each), percent_pending (per cent), percent_complete (reported in per cent of
        predicted), percent_fitted (the same by the formula); optional line (a name): the formula has one straight line
        for each, by default one for each span.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no row is complete.
    """
    needed = ("span", "percent_pending", "percent_complete", "percent_fitted")
    rows = style.held(frame, needed, "pair of counts", needed).sort_values("percent_pending")
    ax = style.canvas(ax, 8.4, 4.4)
    for i, span in enumerate(frame["span"].drop_duplicates()):
        group = rows[rows["span"] == span]
        ax.plot(group["percent_pending"], group["percent_complete"], "oDs^"[i % 4], color=_COLOURS[i % 4], ms=3.2, alpha=0.45,
                mew=0, label=f"{span}", rasterized=True)  # fmt: skip
    for i, (_, group) in enumerate(rows.groupby("line" if "line" in rows else "span", sort=False)):
        name = "" if i else "the formula"
        ax.plot(group["percent_pending"], group["percent_fitted"], color=style.INK, lw=0.9, label=name)
    size = style.SMALL + 1
    ax.legend(frameon=False, fontsize=size, loc="lower left", title="months ending in", title_fontsize=size)
    ax.set_xlabel("records of all deaths, any cause, still under investigation, %")
    ax.set_ylabel("overdose deaths counted so far,\nin % of the estimate")
    return style.finish(
        ax,
        f"{number(len(rows))} sums of 12 months: reported deaths fall from {rows['percent_complete'].max():.1f}% of the predicted "
        f"ones to {rows['percent_complete'].min():.1f}% as pending records rise to {rows['percent_pending'].max():.2f}%; the "
        "formula runs through the marks.",
        title or "The more death records are still open, the more overdoses are added",
        "each mark: 12 months in one place (small ones scatter, as deaths are whole numbers); lines: the formula",
        source or _all_places(frame),
    )


def first_numbers(errors: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw how far each first number was off, in per cent of what the count became, by its age; a line joins the means.

    Parameters
    ----------
    errors : DataFrame
        Columns method (`reported`, `predicted`; others are left out), age_months, percent (error in per cent), as `analysis.revisions.errors`
        gives them; optional vintage.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no row is of either method.
    """
    shown = errors[errors["method"].isin(style.MEASURES)] if "method" in errors else errors
    rows = style.held(shown, ("method", "age_months", "percent"), "error", ("percent",))
    ax = style.canvas(ax, 8.4, 4.6)
    ax.axhline(0, color=style.INK, lw=1)
    ends: list[style.End] = []
    said = []
    last = float(rows["age_months"].max())
    for shift, (method, (_, colour, marker)) in zip((-0.12, 0.12), style.MEASURES.items(), strict=True):
        group = rows[rows["method"] == method]
        if group.empty:
            continue
        age, percent = (group[name].astype(float) for name in ("age_months", "percent"))
        ax.plot(age + shift, percent, marker, color=colour, ms=4, alpha=0.5, mew=0, rasterized=True)
        mean = percent.groupby(age).mean()
        ax.plot(mean.index.to_numpy(float), mean.to_numpy(), color=colour, lw=1.6)
        ends.append((last + 0.3, float(mean.iloc[-1]), f"{method}:\nmean error", "", colour))
        young = percent[age <= 9]
        if len(young):
            way = "too high" if young.mean() > 0 else "too low"
            said.append(
                f"{method.capitalize()} counts at most 9 months old were {abs(young.mean()):.1f}% {way} on average"
            )
    ax.set_xlim(float(rows["age_months"].min()) - 0.7, last + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:+.0f}%" if value else "0")
    ax.set_xlabel("age of the count at its release, months after the window")
    ax.set_ylabel("error, % of what\nthe count became")
    style.name_ends(ax, ends)
    releases = f" in {errors['vintage'].nunique()} releases" if "vintage" in errors else ""
    return style.finish(
        ax,
        f"{'. '.join(said)}." if said else "No count at most 9 months old has settled.",
        title
        or (
            "; ".join(said).replace(" on average; Predicted counts at most 9 months old were", ", predicted ones")
            or "How far first numbers were off"
        ),
        f"each mark: one window of 12 months in one release{releases}; the line: their mean",
        source or style.cited(errors),
    )


def _all_places(frame: pd.DataFrame) -> str:
    """What a frame of the formula holds, with its release."""
    drugs = [deaths_label(str(drug)).capitalize() for drug in frame["drug"].unique()] if "drug" in frame else []
    return " ".join(filter(None, (style.cited(frame), *(f"{drug}, all places." for drug in drugs))))


def residuals(frame: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw how many printed predictions the formula hits, and how many it misses by how many deaths (seaborn).

    Parameters
    ----------
    frame : DataFrame
        Column difference: printed minus recomputed, in deaths.

    Raises
    ------
    ReportError
        If the column is missing.
    NotPublished
        If it holds no value.

    Examples
    --------
    >>> print(style.alt_text(residuals(pd.DataFrame({"difference": [0, 0, 0, 1]}))))
    Printed minus recomputed predictions, in deaths: 0: 3, 1: 1.
    """
    import seaborn as sns

    rows = style.held(frame, ("difference",), "prediction", ("difference",))
    counts = rows["difference"].astype(int).value_counts().sort_index()
    reach = max(1, int(counts.index.to_series().abs().max()))
    shown = counts.reindex(range(-reach, reach + 1), fill_value=0) if reach <= 10 else counts
    ax = style.canvas(ax, 6.4, 3.2)
    hue = [i == 0 for i in shown.index]
    sns.barplot(x=shown.index, y=shown.to_numpy(), hue=hue, palette={True: style.BLUE, False: style.RED}, saturation=1, width=0.7,
                native_scale=True, legend=False, ax=ax)  # fmt: skip
    for x, y in shown.items():
        style.label(
            ax, number(int(y)), (float(str(x)), float(y)), (0, 2), ha="center", va="bottom", size=style.SMALL + 1
        )
    places = list(shown.index) if len(shown) <= 21 else []
    ax.set_xticks(places, ["hit exactly" if i == 0 else f"{i:+d}" for i in places])
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.margins(y=0.15)
    ax.set(xlabel="printed minus recomputed, deaths", ylabel="")
    listed = ", ".join(f"{i}: {number(int(n))}" for i, n in counts.items())
    alt = f"Printed minus recomputed predictions, in deaths: {listed}."
    return style.finish(
        ax,
        alt,
        title or "Does the formula give what was printed?",
        "number of predictions",
        source or _all_places(frame),
    )
