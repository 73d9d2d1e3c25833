"""The life of a provisional number: its published values, one after another."""

from __future__ import annotations

from datetime import date

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..errors import ReportError
from ..model import number
from . import style

MEASURES = {
    "reported": ("counted so far\n(“reported”)", style.BLUE, "o"),
    "predicted": ("estimate with missing\nrecords added (“predicted”)", style.RED, "D"),
}
FINAL = ("final", style.INK, "s")


def life(
    history: pd.DataFrame,
    ax: Axes | None = None,
    *,
    article: date | None = None,
    article_label: str = "the article",
    title: str = "One number, published again and again",
    source: str = "",
) -> Axes:
    """Draw every published value of one number at the day it was published, the final count as a line from its day on.

    Parameters
    ----------
    history : DataFrame
        Columns known (date), measure (`reported`, `predicted`, `final`), value (deaths; missing is left out), as
        `fs.vintages` gives them.
    article : date, optional
        A day to mark: what could be known then lies left of it.
    article_label : str
        What happened on that day.

    Raises
    ------
    ReportError
        If a column is missing or no value is given.

    Examples
    --------
    >>> import fentanyl_stats as fs
    >>> ax = life(fs.vintages("all", "2023-12"))
    >>> print(style.alt_text(ax)[:64])
    The final count is 105,007. Reported: 107,682 (2025-01-08), 106,
    """
    rows = _checked(history, ("known", "measure", "value"))
    ax = style.canvas(ax, 8.8, 4.6)
    days = pd.to_datetime(rows["known"])
    marks = [*days, *([pd.Timestamp(article)] if article else [])]
    first, last = mdates.date2num(min(marks)), mdates.date2num(max(marks))
    room = max(last - first, 60.0)
    low, high = float(rows["value"].min()), float(rows["value"].max())
    height = max(high - low, 0.02 * high, 2.0)
    ax.set_xlim(first - 0.06 * room, last + 0.05 * room)
    ax.set_ylim(low - 0.22 * height, high + 0.24 * height)
    ends: list[tuple[float, str, str]] = []
    edge = last + 0.05 * room
    final = rows[rows["measure"] == FINAL[0]].sort_values("known", kind="stable")
    for value in final["value"].astype(float).unique()[-1:]:
        start = mdates.date2num(final.loc[final["value"].astype(float) == value, "known"].iloc[0])
        ax.plot([start, edge], [value, value], color=FINAL[1], lw=2)
        ax.plot([start], [value], FINAL[2], color=FINAL[1], ms=7, mec="white")
        _name(ax, start, value, number(value), FINAL[1], up=False)
        ends.append((value, "final count\n(residents only)", FINAL[1]))
    both = (rows["measure"] == "predicted").any()
    for measure, (name, colour, marker) in MEASURES.items():
        group = rows[rows["measure"] == measure].sort_values("known", kind="stable")
        if group.empty:
            continue
        x, y = mdates.date2num(pd.to_datetime(group["known"])), group["value"].astype(float).to_numpy()
        ax.step([*x, edge], [*y, y[-1]], where="post", color=colour, lw=1, ls=(0, (2, 1.5)), alpha=0.45, zorder=1)
        ax.plot(x, y, marker, color=colour, ms=7, mec="white")
        for i, (px, py) in enumerate(zip(x, y, strict=True)):
            fell = measure == "reported" and i > 0 and py < y[i - 1]
            text = number(py) + (f"\n{number(y[i - 1] - py)} fewer" if fell else "")
            _name(ax, px, py, text, colour, up=measure == "predicted" or not both)
        ends.append((float(y[-1]), name, colour))
    for (value, text, colour), place in zip(ends, style.spread([e[0] for e in ends], 0.17 * height), strict=True):
        ax.annotate(
            text, (1, value), xycoords=("axes fraction", "data"), xytext=(1.015, place),
            textcoords=("axes fraction", "data"), va="center", fontsize=style.SMALL + 1, color=colour, annotation_clip=False,
        )  # fmt: skip
    if article is not None:
        style.mark_day(ax, article, article_label)
    _dates(ax, room)
    ax.yaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months")
    ax.set_xlabel("day of publication", loc="right", fontsize=style.SMALL + 1)
    style.title(
        ax,
        title,
        "each mark: a figure as published; pale lines only join them, other releases are not held; axis not from 0",
    )
    style.source(ax, source)
    return style.describe(ax, _life_alt(rows))


def _checked(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    style.require(frame, columns)
    rows = frame.dropna(subset="value")
    if rows.empty:
        raise ReportError("there is no value to draw: every value of the frame is missing")
    return rows


def _name(ax: Axes, x: float, y: float, text: str, colour: str, *, up: bool) -> None:
    ax.annotate(
        text, (x, y), xytext=(0, 9 if up else -9), textcoords="offset points", ha="center", va="bottom" if up else "top",
        fontsize=style.SMALL + 1, color=colour, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _dates(ax: Axes, days: float) -> None:
    """Ticks that name month and year each, and the day where the picture spans few months."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b\n%Y" if days > 200 else "%d %b\n%Y"))


def _life_alt(rows: pd.DataFrame) -> str:
    final = rows.loc[rows["measure"] == "final", "value"]
    parts = [f"The final count is {number(float(final.iloc[-1]))}."] if len(final) else ["No final count is held."]
    for measure in MEASURES:
        group = rows[rows["measure"] == measure]
        if len(group):
            steps = (f"{number(float(v))} ({k})" for v, k in zip(group["value"], group["known"], strict=True))
            parts.append(f"{measure.capitalize()}: {', '.join(steps)}.")
    return " ".join(parts)
