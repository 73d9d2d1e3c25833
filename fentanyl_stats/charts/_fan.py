"""How far the newest counts may still move: a panel for each measure, on one scale."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ReportError
from ..model import last_day, number
from . import style
from ._life import MEASURES

_TICKS = 5
_HATCH = {"reported": "", "predicted": "///"}


def fan(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "How far the newest months may still move",
    note: str = "dashed: may still move",
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
        If a column is missing or no value is given.

    Examples
    --------
    >>> one = {"measure": "reported", "month_ending": ["2025-01", "2025-02"], "value": [100, 90], "low": [100, 91]}
    >>> print(style.alt_text(fan(pd.DataFrame(one | {"high": [100, 99]}))))
    Reported: 90 in the 12 months to 2025-02; earlier counts of the same age settled at 91 to 99.
    """
    style.require(frame, ("measure", "month_ending", "value", "low", "high"))
    rows = frame.dropna(subset="value")
    shown = [measure for measure in MEASURES if (rows["measure"] == measure).any()]
    if not shown:
        raise ReportError("there is no value to draw: every value of the frame is missing")
    if ax is None:
        figure = Figure(figsize=(5.6 if len(shown) == 1 else 9.6, 4.8), layout="constrained")
        panels = [style.canvas(panel) for panel in figure.subplots(1, len(shown), sharey=True, squeeze=False).flat]
    else:
        panels = [style.canvas(ax)] * len(shown)
    tall = rows[["value", "low", "high"]].astype(float)
    bottom, top = float(tall.min().min()), float(tall.max().max())
    height = (top - bottom) or 1.0
    x = style.months(rows["month_ending"])
    first, last = min(x), max(x)
    span = (last - first) or 30.0  # days, around a single month
    for panel in panels:
        panel.set_ylim(bottom - 0.12 * height, top + 0.08 * height)
        panel.set_xlim(first - 0.03 * span, last + 0.75 * span)  # the room on the right holds the words
        _month_ends(panel, sorted(set(rows["month_ending"])))
        style.thousands(panel)
    groups = [rows[rows["measure"] == measure].sort_values("month_ending") for measure in shown]
    near = [max(float(group["value"].iloc[-1]), bottom + 0.22 * height) for group in groups]
    places = near if ax is None else style.spread(near, 0.34 * height)
    alt = []
    for panel, measure, group, place in zip(panels, shown, groups, places, strict=True):
        text, said = _line(panel, measure, group)
        panel.annotate(
            text, (last + 0.05 * span, place), va="center", fontsize=style.SMALL + 1, color=MEASURES[measure][1],
            annotation_clip=False,
        )  # fmt: skip
        alt.append(said)
    panels[0].set_ylabel("deaths in the 12 months\nto that month")
    drawn = f"shaded: where earlier counts of the same age settled; {note}; axis not from 0"
    if ax is None and len(shown) > 1:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=style.INK)
        style.figure_source(figure, f"{drawn.capitalize()}.\n{source}".strip())
    else:
        style.title(panels[0], title)
        style.source(panels[0], f"{drawn.capitalize()}.\n{source}".strip(), width=118 if ax else 80)
    return style.describe(panels[0], " ".join(alt))


def _line(ax: Axes, measure: str, group: pd.DataFrame) -> tuple[str, str]:
    """Draw one measure; the words at its end, and those of the alt text."""
    name, colour, _ = MEASURES[measure]
    x = style.months(group["month_ending"])
    value, low, high = (group[column].astype(float).to_numpy() for column in ("value", "low", "high"))
    ax.fill_between(x, low, high, color=colour, alpha=0.22, lw=0, hatch=_HATCH[measure], zorder=1)
    moving = ~group["settled"].to_numpy(bool) if "settled" in group else high > low
    firm = int(moving.argmax()) if moving.any() else len(value)
    ax.plot(x[: firm + 1], value[: firm + 1], color=colour, lw=2.2)
    ax.plot(x[firm:], value[firm:], color=colour, lw=1.8, ls=(0, (2, 1.5)))
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


def _month_ends(ax: Axes, months: list[str]) -> None:
    """Ticks at the ends of months, counted back from the newest, so that each point has the month it belongs to."""
    step = max(1, -(-len(months) // _TICKS))
    shown = months[::-1][::step][::-1]
    ax.set_xticks(style.months(shown), [f"{last_day(month):%b\n%Y}" for month in shown])
