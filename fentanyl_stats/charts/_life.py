"""The life of a provisional number: its published values one after another, and how far the newest may still move."""

from __future__ import annotations

from datetime import date

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError, unknown
from ..model import number
from . import style

MEASURES = {
    "reported": ("counted so far\n(reported)", style.BLUE, "o"),
    "predicted": ("scaled up by NCHS\n(predicted)", style.RED, "D"),
}
FINAL = ("final", style.INK)


def life(
    history: pd.DataFrame,
    ax: Axes | None = None,
    *,
    article: date | None = None,
    title: str = "One number, published again and again",
    source: str = "",
) -> Axes:
    """Draw every published value of one number at the day it was published, and the final count as a line.

    Parameters
    ----------
    history : DataFrame
        Columns known (date), measure (`reported`, `predicted`, `final`), value (deaths; missing is left out), as
        `fs.vintages` gives them.
    article : date, optional
        A day to mark: what could be known then lies left of it.

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
    final = rows[rows["measure"] == FINAL[0]]
    for value in final["value"].astype(float).unique()[-1:]:
        ax.axhline(value, color=FINAL[1], lw=2)
        ends.append((value, f"final count\n{number(value)}", FINAL[1]))
    for measure, (name, colour, marker) in MEASURES.items():
        group = rows[rows["measure"] == measure].sort_values("known", kind="stable")
        if group.empty:
            continue
        x, y = mdates.date2num(pd.to_datetime(group["known"])), group["value"].astype(float).to_numpy()
        ax.step([*x, last + 0.05 * room], [*y, y[-1]], where="post", color=colour, lw=1.6, ls=(0, (2, 1.5)))
        ax.plot(x, y, marker, color=colour, ms=7, mec="white")
        up = measure == "predicted" or not (rows["measure"] == "predicted").any()
        for px, py in zip(x, y, strict=True):
            ax.annotate(
                number(py), (px, py), xytext=(0, 9 if up else -9), textcoords="offset points", ha="center",
                va="bottom" if up else "top", fontsize=style.SMALL + 1, color=colour,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )  # fmt: skip
        ends.append((float(y[-1]), name, colour))
    for (value, text, colour), place in zip(ends, style.spread([e[0] for e in ends], 0.17 * height), strict=True):
        ax.annotate(
            text, (1, value), xycoords=("axes fraction", "data"), xytext=(1.015, place),
            textcoords=("axes fraction", "data"), va="center", fontsize=style.SMALL + 1, color=colour, annotation_clip=False,
        )  # fmt: skip
    if article is not None:
        style.mark_day(ax, article, "the article")
    _dates(ax)
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months")
    ax.set_xlabel("day of publication", loc="right", fontsize=style.SMALL + 1)
    style.title(ax, title, "each mark: a figure as it was published; the axis does not start at zero")
    style.source(ax, source)
    return style.describe(ax, _life_alt(rows))


def fan(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "How far the newest months may still move",
    source: str = "",
) -> Axes:
    """Draw the newest counts with the range in which they will settle if the past is a guide.

    Parameters
    ----------
    frame : DataFrame
        Columns measure, month_ending (`YYYY-MM`), value, low, high (deaths); missing low and high draw no range.

    Raises
    ------
    ReportError
        If a column is missing or no value is given.

    Examples
    --------
    >>> one = {"measure": "reported", "month_ending": ["2025-01", "2025-02"], "value": [100, 90], "low": [100, 91]}
    >>> print(style.alt_text(fan(pd.DataFrame(one | {"high": [100, 99]}))))
    Reported: 90 in the 12 months to 2025-02, earlier counts as young settled at 91 to 99.
    """
    rows = _checked(frame, ("measure", "month_ending", "value", "low", "high"))
    ax = style.canvas(ax, 8.8, 4.6)
    ends: list[tuple[float, str, str]] = []
    alt = []
    tall = rows[["value", "low", "high"]].astype(float)
    height = float(tall.max().max() - tall.min().min()) or 1.0
    for measure, (name, colour, _) in MEASURES.items():
        group = rows[rows["measure"] == measure].sort_values("month_ending")
        if group.empty:
            continue
        x = style.months(group["month_ending"])
        value, low, high = (group[c].astype(float).to_numpy() for c in ("value", "low", "high"))
        hatch = "" if measure == "reported" else "///"
        ax.fill_between(x, low, high, color=colour, alpha=0.22, lw=0, hatch=hatch, zorder=1)
        moving = high > low
        firm = int(moving.argmax()) if moving.any() else len(value)
        ax.plot(x[: firm + 1], value[: firm + 1], color=colour, lw=2.2)
        ax.plot(x[firm:], value[firm:], color=colour, lw=1.8, ls=(0, (2, 1.5)))
        text = f"{name}\n{number(value[-1])}"
        end = f"{str(measure).capitalize()}: {number(value[-1])} in the 12 months to {group['month_ending'].iloc[-1]}"
        if high[-1] > low[-1]:
            text += f"\nmay settle at {number(round(low[-1]))}\nto {number(round(high[-1]))}"
            end += f", earlier counts as young settled at {number(round(low[-1]))} to {number(round(high[-1]))}"
        ends.append((float(value[-1]), text, colour))
        alt.append(end + ".")
    x_all = style.months(rows["month_ending"])
    ax.set_xlim(min(x_all), max(x_all) + 0.02 * (max(x_all) - min(x_all)))
    ax.set_ylim(float(tall.min().min()) - 0.3 * height, float(tall.max().max()) + 0.05 * height)
    for (value, text, colour), place in zip(ends, style.spread([e[0] for e in ends], 0.34 * height), strict=True):
        ax.annotate(
            text, (1, value), xycoords=("axes fraction", "data"), xytext=(1.015, place),
            textcoords=("axes fraction", "data"), va="center", fontsize=style.SMALL + 1, color=colour, annotation_clip=False,
        )  # fmt: skip
    _dates(ax)
    style.thousands(ax)
    ax.set_ylabel("deaths in the 12 months ending there")
    style.title(
        ax, title, "shaded: where earlier counts of the same age settled; dashed: provisional; no zero on the axis"
    )
    style.source(ax, source)
    return style.describe(ax, " ".join(alt))


def _checked(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    for column in columns:
        if column not in frame:
            raise ReportError(unknown("column", column, frame.columns))
    rows = frame.dropna(subset="value")
    if rows.empty:
        raise ReportError("there is no value to draw: every value of the frame is missing")
    return rows


def _dates(ax: Axes) -> None:
    locator = mdates.AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def _life_alt(rows: pd.DataFrame) -> str:
    final = rows.loc[rows["measure"] == "final", "value"]
    parts = [f"The final count is {number(float(final.iloc[-1]))}."] if len(final) else ["No final count is held."]
    for measure in MEASURES:
        group = rows[rows["measure"] == measure]
        if len(group):
            steps = (f"{number(float(v))} ({k})" for v, k in zip(group["value"], group["known"], strict=True))
            parts.append(f"{measure.capitalize()}: {', '.join(steps)}.")
    return " ".join(parts)
