"""What stands beside seizures: laboratory reports by half-year, and printed figures of purity and pills."""

from __future__ import annotations

from datetime import date

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure

from ..errors import ReportError
from ..model import last_day, number
from . import style
from ._supply import OPEN_DASH, require

GROUPS = {
    "china": ("shipped directly from China", style.RED, "s"),
    "mexico": ("overland from Mexico", style.ORANGE, "D"),
    "powder": ("powder samples, United States", style.BLUE, "o"),
}
HEDGES = {"over": ">", "at-least": "≥", "under": "<", "at-most": "≤", "about": "≈", "nearly": "≲", "estimated": "≈"}


def laboratory(frame: pd.DataFrame, *, source: str = "") -> Axes:
    """Draw laboratory reports by half-year over the pounds seized in the same half-years, on one axis of time.

    Parameters
    ----------
    frame : DataFrame
        Columns half, start, end, fentanyl, related, complete, pounds, settled, such as `audit.laboratory.half_years`.

    Returns
    -------
    Axes
        The upper panel; its figure holds both.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    require(frame, ("half", "start", "end", "fentanyl", "related", "complete", "pounds", "settled"))
    figure = Figure(figsize=(8.2, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    middle = [
        mdates.date2num(a) / 2 + mdates.date2num(b) / 2 for a, b in zip(frame["start"], frame["end"], strict=True)
    ]
    x = pd.Series(middle, index=frame.index)
    for ax, column, firm, colour, name in (
        (above, "fentanyl", "complete", style.BLUE, "fentanyl"),
        (above, "related", "complete", style.PURPLE, "related\nsubstances"),
        (below, "pounds", "settled", style.GREEN, "pounds seized"),
    ):
        style.canvas(ax)
        y = frame[column].astype("Float64").astype("float64")
        held = y.notna()
        sure = held & frame[firm]
        late = held & ~frame[firm]
        ax.plot(x[sure], y[sure], color=colour, lw=2, marker="o", ms=5)
        if late.any():
            joined = pd.concat([x[sure].tail(1), x[late]])
            ax.plot(joined, y[joined.index], color=colour, lw=1.3, ls=OPEN_DASH, marker="o", ms=5, mfc="white")
        if held.any():
            last = y[held].index[-1]
            ax.annotate(
                f"{name}\n{number(round(float(y[last])))}", (x[last], float(y[last])), xytext=(8, 0), va="center",
                textcoords="offset points", fontsize=style.SMALL + 1, color=colour, annotation_clip=False,
            )  # fmt: skip
        ax.set_ylim(0, max(float(y.max()) if held.any() else 0, *ax.get_ylim()))
        style.thousands(ax)
    above.set_ylabel("laboratory reports\nin six months")
    below.set_ylabel("CBP, pounds (gross)\nin six months")
    below.xaxis.set_major_locator(YearLocator())
    below.xaxis.set_major_formatter(DateFormatter("%Y"))
    style.title(
        above,
        "Laboratory reports beside seizures",
        "calendar half-years; hollow: reports still come in, or a fiscal year is open",
    )
    style.source(below, source)
    done = frame[frame["complete"]]
    alt = "Laboratory reports of fentanyl by half-year"
    if len(done):
        top = done.loc[done["fentanyl"].idxmax()]
        alt += f", most in {top['half']} ({number(float(top['fentanyl']))}), {number(float(done['fentanyl'].iloc[-1]))} in {done['half'].iloc[-1]}, the last with all reports in"
    return style.describe(above, f"{alt}; beside them the pounds that CBP seized in the same half-years.")


def purity(frame: pd.DataFrame, *, source: str = "") -> Axes:
    """Draw printed figures of purity, of fentanyl per pill and of pills seized, each over the period it is printed for.

    Bars are periods; an arrow is a bound (`over`, `under`); hollow is a figure without a period, drawn at its publication.

    Parameters
    ----------
    frame : DataFrame
        Columns id, group, value, qualifier, period_start, period_end, date_published, such as
        `audit.laboratory.published`.

    Returns
    -------
    Axes
        The first panel; its figure holds all three.

    Raises
    ------
    ReportError
        If a column is missing or no figure belongs to a panel.
    """
    require(frame, ("id", "group", "value", "qualifier", "period_start", "period_end", "date_published"))
    if not frame["group"].isin([*GROUPS, "pill", "pills"]).any():
        raise ReportError("there is nothing to draw: no figure of purity or pills")
    figure = Figure(figsize=(9.2, 4.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(2.2, 1, 1))
    for name, (words, colour, marker) in GROUPS.items():
        rows = frame[frame["group"] == name]
        _figures(left, rows, colour, marker, 1.0)
        if len(rows):
            at = rows.loc[rows["value"].astype(float).idxmax()]
            _name(left, words, at, colour)
    left.set_ylim(0, 100)
    left.set_ylabel("purity, percent")
    _figures(middle, frame[frame["group"] == "pill"], style.PURPLE, "o", 1.0)
    middle.set_ylim(bottom=0)
    middle.set_ylabel("mg of fentanyl in a pill")
    # Of several bounds for one period the sharpest is drawn; the table lists them all.
    pills = frame[frame["group"] == "pills"].sort_values("value").drop_duplicates("period_start", keep="last")
    _figures(right, pills.sort_values("period_start"), style.GREEN, "o", 1e6)
    right.set_ylim(bottom=0)
    right.set_ylabel("pills seized by DEA, million")
    for ax in (left, middle, right):
        style.canvas(ax)
        ax.margins(x=0.16)
        low, high = ax.get_ylim()
        ax.set_ylim(low, high if ax is left else high * 1.12)
        ax.xaxis.set_major_locator(YearLocator(2 if ax is left else 1))
        ax.xaxis.set_major_formatter(DateFormatter("%Y"))
    style.title(left, "Purity and pills, as printed", "bar: period; arrow: a bound; hollow: no period given")
    figure.supxlabel(source, x=0.01, ha="left", fontsize=style.SMALL, color=style.GREY)
    shown = frame[frame["group"].isin([*GROUPS, "pill"])]
    parts = [f"{row.id} {_text(row, 1.0)} {'mg' if row.group == 'pill' else 'percent'}" for row in shown.itertuples()]
    return style.describe(
        left, f"Printed figures of purity and fentanyl per pill: {', '.join(parts)}; and pills seized by year."
    )


def _figures(ax: Axes, rows: pd.DataFrame, colour: str, marker: str, scale: float) -> None:
    for row in rows.itertuples():
        start, end = _span(row)
        y, x = float(row.value) / scale, (mdates.date2num(start) + mdates.date2num(end)) / 2
        firm = isinstance(row.period_start, str) and row.period_start != ""
        if start != end:
            ax.plot([mdates.date2num(start), mdates.date2num(end)], [y, y], color=colour, lw=1.6, alpha=0.6)
        ax.plot([x], [y], marker=marker, ms=6, color=colour, mfc=colour if firm else "white", ls="")
        if row.qualifier in ("over", "at-least", "under", "at-most"):
            up = 1 if row.qualifier in ("over", "at-least") else -1
            ax.annotate(
                "", (x, y), xytext=(0, 20 * up), textcoords="offset points",
                arrowprops={"arrowstyle": "<-", "color": colour, "lw": 1.2},
            )  # fmt: skip
        ax.annotate(
            _text(row, scale), (x, y), xytext=(7, 5), textcoords="offset points", fontsize=style.SMALL, color=style.INK
        )


def _name(ax: Axes, words: str, row: pd.Series, colour: str) -> None:
    start, end = _span(row)
    x = (mdates.date2num(start) + mdates.date2num(end)) / 2
    ax.annotate(
        words, (x, float(row["value"])), xytext=(0, -9), textcoords="offset points", ha="center", va="top",
        fontsize=style.SMALL, color=colour,
    )  # fmt: skip


def _span(row: object) -> tuple[date, date]:
    start, end = getattr(row, "period_start", None), getattr(row, "period_end", None)
    if isinstance(start, str) and start and isinstance(end, str) and end:
        return date.fromisoformat(start), date.fromisoformat(end)
    day = last_day(str(getattr(row, "date_published", "")))
    return day, day


def _text(row: object, scale: float) -> str:
    value = float(getattr(row, "value", 0.0)) / scale
    return f"{HEDGES.get(str(getattr(row, 'qualifier', '')), '')}{number(value)}"
