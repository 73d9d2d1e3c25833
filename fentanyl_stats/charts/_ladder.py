"""How a statement changed from speaker to speaker: the drift ladder as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from ..audit.entries import Appearance
from ..errors import ReportError
from ..model import number
from . import style


def ladder(appearances: Sequence[Appearance], ax: Axes | None = None) -> Axes:
    """Draw appearances top down by step: who, when, what was said, and what changed from the step before.

    Raises
    ------
    ReportError
        If there is no appearance.
    """
    if not appearances:
        raise ReportError("a ladder needs at least one appearance; this claim has none")
    steps = sorted(appearances, key=lambda a: a.step)
    texts = [textwrap.wrap(_said(a), 62) for a in steps]
    drifts = [textwrap.wrap(", ".join(d.replace("_", " ") for d in a.drift), 30) for a in steps]
    heights = [max(len(t), len(d), 2) + 0.9 for t, d in zip(texts, drifts, strict=True)]
    ax = style.canvas(ax, 9.2, 0.9 + 0.185 * sum(heights))
    ax.set_axis_off()
    ax.set_xlim(-4, 100)
    ax.set_ylim(sum(heights), -1.2)
    for x, heading in ((6, "when and who"), (33, "what was said"), (78, "what changed from the step before")):
        ax.text(x, -0.6, heading, fontsize=style.SMALL, color=style.GREY, va="center")
    position: dict[int, float] = {}
    lanes: list[tuple[float, float, int]] = []
    top = 0.0
    for step, said, drift, height in zip(steps, texts, drifts, heights, strict=True):
        y = top + height / 2 - 0.45
        position[step.step] = y
        origin = step.parent == 0
        ax.plot(3, y, "s" if origin else "o", ms=8, color=style.BLUE if origin else style.INK, zorder=3)
        ax.text(3, y, str(step.step), fontsize=5.5, color="white", ha="center", va="center", zorder=4)
        if step.parent in position:
            _arrow(ax, position[step.parent], y, lanes)
        ax.text(
            6,
            y,
            f"{_day(step)}\n{style.plain(textwrap.fill(step.who, 30))}",
            fontsize=style.SMALL,
            va="center",
            color=style.INK,
        )
        ax.text(33, y, style.plain("\n".join(said)), fontsize=style.SMALL + 0.5, va="center", color=style.INK)
        note = "starts here" if origin else "\n".join(drift) or "unchanged"
        ax.text(78, y, note, fontsize=style.SMALL, va="center", color=style.GREY if origin else style.RED)
        top += height
        ax.plot([6, 100], [top - 0.45, top - 0.45], color=style.PALE, lw=0.6)
    return style.describe(ax, _alt(steps))


def _arrow(ax: Axes, start: float, end: float, lanes: list[tuple[float, float, int]]) -> None:
    """From a step to the one taken from it: straight to the next, else around in the first free lane on the left."""
    if end - start > 4:
        taken = {lane for low, high, lane in lanes if low < end and start < high}
        lane = next(n for n in range(len(lanes) + 1) if n not in taken)
        lanes.append((start, end, lane))
        x = 0.6 - 1.1 * lane
        ax.plot([2.2, x, x], [start, start + 0.6, end - 0.6], color=style.GREY, lw=1, zorder=1)
        start, origin = end - 0.6, x
    else:
        origin = 3.0
    arrow = {
        "arrowstyle": "-|>",
        "color": style.GREY,
        "lw": 1,
        "shrinkA": 0 if origin < 3 else 5,
        "shrinkB": 5,
    }
    ax.annotate("", (3, end), xytext=(origin, start), zorder=2, arrowprops=arrow)


def _said(a: Appearance) -> str:
    if a.value is None:
        return a.object
    hedge = "" if a.hedge == "bare" else a.hedge.replace("-", " ") + " "
    unit = "%" if a.unit.startswith("percent") else ""
    return f"{hedge}{number(a.value)}{unit}: {a.object}"


def _day(a: Appearance) -> str:
    prefix = {"on_or_before": "by ", "on_or_after": "from ", "week": "week of "}.get(a.date_precision, "")
    return prefix + a.date


def _alt(steps: Sequence[Appearance]) -> str:
    parts = [
        f"{a.step}. {a.who}, {a.date}: {_said(a)}" + (f" ({', '.join(a.drift)})" if a.drift else "") for a in steps
    ]
    return f"Drift ladder of {len(steps)} appearances. " + "; ".join(parts).replace("_", " ") + "."
