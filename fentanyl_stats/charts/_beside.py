"""What stands beside seizures: laboratory reports by half-year, and printed figures of purity and pills."""

from __future__ import annotations

from datetime import date
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure

from ..errors import ReportError
from ..model import number
from . import style
from ._supply import OPEN_DASH, require

GROUPS = {
    "china": ("direct from China", style.RED),
    "mexico": ("Southwest border", style.ORANGE),
    "powder": ("powder samples, US", style.BLUE),
}
PANELS = {
    "purity": ("Purity, percent", 1.0),
    "pill": ("Fentanyl in a pill, mg", 1.0),
    "pills": ("Pills seized by DEA, million", 1e6),
}
BOUNDS = {"over": 1, "at-least": 1, "under": -1, "at-most": -1}
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
            ax.plot(joined, y[joined.index], color=colour, lw=1.3, ls=OPEN_DASH)
            ax.plot(x[late], y[late], "o", ms=5, color=colour, mfc="white")
        if held.any():
            last = y[held].index[-1]
            ax.annotate(
                f"{name}\n{number(round(float(y[last])))}", (x[last], float(y[last])), xytext=(8, 0),
                va="center" if float(y[last]) > 0.3 * float(y.max()) else "bottom",  # clear of the axis below
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
    """Draw printed figures of purity, of fentanyl per pill and of pills seized, one row each, named by what and when.

    An arrow is a bound (`over`, `under`); hollow is a figure without a period, named by its day of publication.

    Parameters
    ----------
    frame : DataFrame
        Columns group, value, qualifier, period_start, period_end, date_published, such as `audit.laboratory.published`.

    Returns
    -------
    Axes
        The panel of purities; its figure holds all three.

    Raises
    ------
    ReportError
        If a column is missing or no figure belongs to a panel.
    """
    require(frame, ("group", "value", "qualifier", "period_start", "period_end", "date_published"))
    shown = {panel: _rows(frame, panel) for panel in PANELS}
    if not any(len(rows) for rows in shown.values()):
        raise ReportError("there is nothing to draw: no figure of purity or pills")
    tall = max(len(shown["purity"]), len(shown["pill"]) + len(shown["pills"]) + 3, 6)
    figure = Figure(figsize=(9.2, 1.2 + 0.3 * tall), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1), height_ratios=(2, 5))
    axes = {"purity": grid[:, 0], "pill": grid[0, 1], "pills": grid[1, 1]}
    parts = []
    for panel, (title, scale) in PANELS.items():
        ax = style.canvas(figure.add_subplot(axes[panel]))
        _panel(ax, shown[panel], scale)
        style.title(ax, title)
        if panel == "purity":
            first = ax
            ax.set_xlim(0, 100)
        parts += [f"{_label(row)} {_text(row, scale)}" for row in shown[panel].itertuples()]
    style.figure_source(
        figure, f"Arrow: a bound. Hollow: no period given, named by its day of publication.\n{source}".strip()
    )
    return style.describe(
        first,
        f"Purity in percent, milligrams of fentanyl per pill and million pills seized, as printed: {'; '.join(parts)}.",
    )


def _panel(ax: Axes, rows: pd.DataFrame, scale: float) -> None:
    for y, row in enumerate(rows.itertuples()):
        x = float(row.value) / scale
        colour = GROUPS.get(str(row.group), ("", style.GREEN))[1]
        ax.plot([0, x], [y, y], color=style.PALE, lw=1, zorder=1)
        ax.plot([x], [y], "o", ms=7, color=colour, mfc=colour if _period(row) else "white", mew=1.5, zorder=3)
        way = BOUNDS.get(str(row.qualifier), 0)
        if way:
            ax.annotate(
                "", (x, y), xytext=(18 * way, 0), textcoords="offset points", zorder=2,
                arrowprops={"arrowstyle": "<-", "color": colour, "lw": 1.4},
            )  # fmt: skip
        ax.annotate(
            _text(row, scale), (x, y), xytext=(20 if way > 0 else 8, 0), textcoords="offset points", va="center",
            fontsize=style.SMALL + 0.5, color=style.INK, annotation_clip=False,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [style.plain(_label(row)) for row in rows.itertuples()], fontsize=style.SMALL + 0.5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlim(0, max((float(value) / scale for value in rows["value"]), default=1.0) * 1.3)
    ax.tick_params(axis="y", length=0)


def _rows(frame: pd.DataFrame, panel: str) -> pd.DataFrame:
    names = list(GROUPS) if panel == "purity" else [panel]
    rows = frame[frame["group"].isin(names)]
    place = {name: i for i, name in enumerate(names)}
    when = rows["period_start"].fillna(rows["date_published"]).where(rows["period_start"] != "", rows["date_published"])
    order = rows.assign(_place=rows["group"].map(place), _when=when)
    return order.sort_values(["_place", "_when", "value"], kind="stable").drop(columns=["_place", "_when"])


def _period(row: Any) -> tuple[date, date] | None:
    if all(isinstance(end, str) and end for end in (row.period_start, row.period_end)):
        return date.fromisoformat(row.period_start), date.fromisoformat(row.period_end)
    return None


def _label(row: Any) -> str:
    """What a figure is of, and when.

    >>> from types import SimpleNamespace as row
    >>> _label(row(group="powder", period_start="2022-10-01", period_end="2023-09-30"))
    'powder samples, US, FY2023'
    >>> _label(row(group="china", period_start="2016-01-01", period_end="2019-12-31"))
    'direct from China, 2016–2019'
    """
    what = GROUPS.get(str(row.group), ("", ""))[0]
    period = _period(row)
    if period is None:
        when = f"printed {row.date_published}"
    else:
        start, end = period
        if (start.month, start.day) == (10, 1) and end == date(start.year + 1, 9, 30):
            when = f"FY{end.year}"
        elif (end.month, end.day) != (12, 31):
            when = f"{start.year}, to {end.day} {end:%B}"
        else:
            when = str(end.year) if start.year == end.year else f"{start.year}–{end.year}"
    return ", ".join(filter(None, (what, when)))


def _text(row: Any, scale: float) -> str:
    return f"{HEDGES.get(str(row.qualifier), '')}{float(row.value) / scale:g}"
