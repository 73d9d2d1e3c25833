"""Every reading of a claim against the claim's band."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..audit import words
from ..audit.assess import Assessment
from ..audit.readings import Reading
from ..errors import ReportError
from ..model import Interval, number
from . import style


def multiverse(assessment: Assessment, ax: Axes | None = None) -> Axes:
    """Draw each reading with its interval, grouped by quantity, against what the claim says (C) and generously (C+).

    The natural reading is bold and comes first in its group; bounds without a value are bars; what could only be known
    later is marked "later". What was found, and the verdict, stand in a column on the right, clear of the bands.

    Raises
    ------
    ReportError
        If the claim has no computed reading.
    """
    if not assessment.readings or assessment.claim_interval is None or assessment.natural is None:
        raise ReportError(f"claim {assessment.claim.id!r} has no computed reading, so there is nothing to draw")
    claimed, natural = assessment.claim_interval, assessment.natural
    groups = _groups(assessment.readings)
    rows = sum(len(group) + 1 for _, group in groups)
    ax = style.canvas(ax, 11.0, 1.9 + 0.235 * rows)
    low, high = _limits(assessment.readings, claimed, assessment.widened_interval)
    ax.set_xlim(low, high)
    style.band(ax, claimed, assessment.widened_interval, axis="x")
    y = 0.0
    ticks: list[tuple[float, str, bool]] = []
    for label, group in groups:
        ax.annotate(
            label, (0, y), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=style.SMALL + 1, fontweight="bold", color=style.INK,
        )  # fmt: skip
        y += 1
        for reading in group:
            _row(ax, reading, y, low, high, natural.unit)
            ticks.append((y, _label(reading), reading.natural))
            y += 1
    ax.set_ylim(y - 0.3, -1.6)
    ax.set_yticks([t[0] for t in ticks], [t[1] for t in ticks], fontsize=style.SMALL)
    for tick, (_, _, bold) in zip(ax.get_yticklabels(), ticks, strict=True):
        tick.set_fontweight("bold" if bold else "normal")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(
        MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=natural.unit != "percent")
    )  # nobody counts half an office
    style.thousands(ax, "x")
    ax.set_xlabel(natural.unit)
    _heads(ax, low, high, "% of what is counted" if natural.unit == "percent" else natural.unit)
    style.title(ax, f"{assessment.phrase}: every reading", _subtitle(assessment))
    style.source(ax, _source(assessment), width=100)
    return style.describe(ax, _alt(assessment))


def _groups(readings: tuple[Reading, ...]) -> list[tuple[str, list[Reading]]]:
    order = list(dict.fromkeys(reading.quantity for reading in readings))
    key = lambda r: (order.index(r.quantity), not r.natural, r.window.end, r.measure, r.known)  # noqa: E731
    return [
        (group[0].label, group)
        for _, g in groupby(sorted(readings, key=key), lambda r: r.quantity)
        if (group := list(g))
    ]


def _limits(readings: tuple[Reading, ...], claimed: Interval, wide: Interval | None) -> tuple[float, float]:
    ends = [e for r in readings for e in (r.low, r.high)] + [claimed.low, claimed.high]
    ends += [wide.low, wide.high] if wide else []
    finite = [e for e in ends if math.isfinite(e)]
    if readings[0].unit == "percent":
        return -2.0, 102.0
    low, high = min(finite), max(finite)
    low = 0.0 if low < 0.5 * high else low - (0.15 * (high - low) or 1.0)
    return low - 0.02 * (high - low), high + 0.03 * (high - low or high)


def _heads(ax: Axes, low: float, high: float, unit: str) -> None:
    """What the columns hold, and the axis once more at the top: the one at the foot may be a screen away."""
    look: dict[str, Any] = {
        "fontsize": style.SMALL - 0.5,
        "color": style.GREY,
        "va": "center",
        "annotation_clip": False,
    }
    for x, side, text in (
        (0, "right", "period · measure · published · how adjusted"),
        (1, "left", f"found, {unit}; verdict"),
    ):
        ax.annotate(text, (x, -0.9), xycoords=("axes fraction", "data"), xytext=(8 * (2 * x - 1), 0),
                    textcoords="offset points", ha=side, **look)  # fmt: skip
    for tick in ax.get_xticks():
        if low <= tick <= high:
            ax.annotate(number(tick), (tick, -0.9), ha="center", **look)


def _row(ax: Axes, reading: Reading, y: float, low: float, high: float, unit: str) -> None:
    colour, marker = style.VERDICTS[reading.verdict.label]
    left, right = max(reading.low, low), min(reading.high, high)
    if reading.low < reading.high:
        width = 3.0 if reading.value is None else 1.5
        ax.plot([left, right], [y, y], color=colour, lw=width, solid_capstyle="butt", alpha=0.75, zorder=2)
    if reading.value is not None:
        size = 9 if reading.natural else 6
        ax.plot(reading.value, y, marker, color=colour, ms=size, mec="white", mew=0.6, zorder=3)
    ax.annotate(
        f"{reading.shown.removesuffix(' ' + unit)}  {reading.verdict.label.lower()}", (1, y),
        xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
        fontsize=style.SMALL - 0.5, color=style.INK, fontweight="bold" if reading.natural else "normal",
        annotation_clip=False,
    )  # fmt: skip


def _label(reading: Reading) -> str:
    parts = [
        reading.window.short,
        reading.measure,
        reading.vintage.split(",")[0] if reading.vintage != "none" else "",
    ]
    parts.append(words.corrected(reading.correction))
    text = " · ".join(filter(None, parts))
    return ("natural: " if reading.natural else "") + text + (" · later" if reading.hindsight else "")


def _subtitle(assessment: Assessment) -> str:
    wide = assessment.widened_interval
    claimed = assessment.claim_interval
    unit = (
        "percent" if assessment.natural and assessment.natural.unit == "percent" else ""
    )  # named in the column's head
    assert claimed is not None
    generous = f"; generously (pale): {words.ends(wide, unit)}" if wide is not None and wide != claimed else ""
    return f"the words say (band): {words.ends(claimed, unit)}{generous}"


def _source(assessment: Assessment) -> str:
    ids = dict.fromkeys(f"{s.id} {s.vintage}".strip() for reading in assessment.readings for s in reading.sources)
    shown = list(ids)[:8]
    more = f" and {len(ids) - 8} more, listed under “Sources”" if len(ids) > 8 else ""
    text = f"Sources: {', '.join(shown)}{more}" if ids else "No source measures it"
    if any(reading.quantity == "deaths/synthetic-opioids" for reading in assessment.readings):
        text += ".\nT40.4 stands in for fentanyl; it also holds analogues and tramadol. Reported: counted so far; predicted: the agency's estimate with late records; final: the closed file"
    if any("seizure" in reading.quantity for reading in assessment.readings):
        text += ".\nA seizure share is not a flow share"
    later = any(reading.hindsight for reading in assessment.readings)
    text += ". “natural”: as most readers would take the sentence"
    return text + ("; “later”: known only after the article." if later else ".")


def _alt(assessment: Assessment) -> str:
    natural = assessment.natural
    assert natural is not None
    counts: dict[str, int] = {}
    for reading in assessment.readings:
        counts[reading.verdict.label] = counts.get(reading.verdict.label, 0) + 1
    tally = ", ".join(f"{n} {label.lower()}" for label, n in counts.items())
    return (
        f"{len(assessment.readings)} readings of “{assessment.claim.quote}” against the claimed {assessment.claim_interval}: "
        f"{tally}. Natural reading: {natural.shown}, {natural.label}, {natural.window.short}: {assessment.verdict}."
    )
