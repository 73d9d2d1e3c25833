"""Claims: every reading against the band, how a statement changed on its way, all verdicts, what was said and found."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator

from ..audit import sentences
from ..errors import NotPublished, ReportError, unknown
from ..model import Interval, number
from . import style

if TYPE_CHECKING:
    from ..audit.assess import Assessment, Sense
    from ..audit.ledger import Appearance
    from ..audit.readings import Reading

_GLYPHS = {"o": "●", "D": "◆", "s": "■", "^": "▲", "X": "✖", "v": "▼"}
_ROW = 10.5
"""Points that a row of words needs."""


def multiverse(assessment: Assessment, ax: Axes | None = None) -> Axes:
    """Draw each reading with its interval, grouped by quantity, against what the claim says (C) and generously (C+).

    The natural reading is bold and comes first in its group; bounds without a value are bars; what could only be known
    later is marked "later". What was found, and the verdict, stand in a column on the right, clear of the bands. In a
    small figure the natural reading is named, and as many of the others as there is room for, evenly chosen.

    Raises
    ------
    NotPublished
        If the claim has no computed reading.
    """
    if not assessment.readings or assessment.claim_interval is None or assessment.natural is None:
        raise NotPublished(f"claim {assessment.claim.id!r} has no computed reading, so there is nothing to draw")
    claimed, natural = assessment.claim_interval, assessment.natural
    groups = _groups(assessment.readings)
    total = sum(len(group) + 1 for _, group in groups)
    ax = style.canvas(ax, 11.0, 1.9 + 0.235 * total)
    percent = natural.unit == "percent"
    low, high = _limits(assessment.readings, claimed, assessment.widened_interval)
    ax.set_xlim(low, high)
    style.band(ax, claimed, assessment.widened_interval, axis="x")
    rows, y = [], 0
    headings: list[Text] = []
    for heading, group in groups:
        headings.append(style.label(ax, heading, (0, y), (4, 0), where="y", size=style.SMALL + 1, bold=True))
        rows += [_Row(ax, reading, y + 1 + i, (low, high)) for i, reading in enumerate(group)]
        y += len(group) + 1
    ax.set_ylim(y - 0.3, -1.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    # Nobody counts half an office.
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=not percent))
    style.thousands(ax, "x")
    ax.set_xlabel(natural.unit)
    headings += _heads(ax, low, high, "% of what is counted" if percent else natural.unit)
    _fit_rows(ax, rows, headings, total + 1.3)
    unit = "percent" if percent else ""  # else named in the column's head
    wide = assessment.widened_interval
    generous = f"; generously (pale): {sentences.ends(wide, unit)}" if wide is not None and wide != claimed else ""
    counts = Counter(reading.verdict.label for reading in assessment.readings)
    tally = ", ".join(f"{n} {name.lower()}" for name, n in counts.items())
    return style.finish(
        ax,
        f"{len(assessment.readings)} readings of “{assessment.claim.quote}” against the claimed {claimed}: "
        f"{tally}. {sentences.compared(assessment)} {assessment.verdict}.",
        f"{assessment.phrase}: every reading",
        f"the words say (band): {sentences.ends(claimed, unit)}{generous}",
        _basis(assessment),
    )


_CHOICES = {
    "quantity": "what is counted",
    "period": "period",
    "measure": "measure",
    "vintage": "release",
    "correction": "correction",
}


def deciding(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how much of the spread of the readings each choice explains, as bars.

    Parameters
    ----------
    rows : DataFrame
        Columns choice and share, as `Assessment.deciding` gives them.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    style.require(rows, ("choice", "share"), "choice")
    ax = style.canvas(ax, 7.0, 0.9 + 0.3 * len(rows))
    names = [_CHOICES.get(str(choice), str(choice)) for choice in rows["choice"]]
    places = list(range(len(rows)))
    ax.barh(places, 100 * rows["share"], color=style.BLUE, height=0.6)
    for y, share in zip(places, rows["share"], strict=True):
        style.label(ax, f"{share:.0%}", (100 * share, y), (5, 0))
    style.rows(ax, places, names, fontsize=style.SMALL + 1)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 105)
    ax.set_xlabel("% of the spread of all readings")
    said = ", ".join(f"{name} {share:.0%}" for name, share in zip(names, rows["share"], strict=True))
    return style.finish(
        ax,
        f"Share of the spread explained: {said}.",
        f"{names[0].capitalize()} makes most of the difference",
        source_=style.cited(rows, ""),
    )


_MOST = 16
"""Rows that a picture of a rank has at most."""


def parts(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the figures that a number is made of, as its form asks for.

    A change is two points and a slope, a rank dots in order with their intervals, a record the series with its extremes, a
    share or a ratio bars. The judged figure stands out by colour, shape and weight.

    Parameters
    ----------
    rows : DataFrame
        As `Assessment.parts` gives it: label, value, low, high, judged; `attrs` form, unit, title, source.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    style.require(rows, ("label", "value", "low", "high", "judged"), "figure")
    if rows.empty:
        raise NotPublished(str(rows.attrs.get("empty", "There is no figure to draw.")))
    form, unit = rows.attrs.get("form", ""), str(rows.attrs.get("unit", ""))
    shown = _near(rows) if form == "rank" else rows
    drawn = {"change": _slope, "record": _series}.get(form, _dots)
    ax = drawn(shown, ax, unit)
    left = len(rows) - len(shown)
    said = "; ".join(f"{row.label} {_value(row)}" for row in shown.itertuples())
    title = str(rows.attrs.get("title") or "What the number is made of")
    under = f"the nearest {len(shown)} of {len(rows)}; lines: 95% intervals" if left else ""
    return style.finish(ax, f"{title}. {said}, in {unit}.", title, under, style.cited(rows, ""))


def _value(row: Any) -> str:
    return f"{number(row.low)} to {number(row.high)}" if pd.isna(row.value) else number(row.value)


def _near(rows: pd.DataFrame) -> pd.DataFrame:
    place = int(rows["judged"].to_numpy().argmax())
    start = max(0, min(place - _MOST // 2, len(rows) - _MOST))
    return rows.iloc[start : start + _MOST]


def _slope(rows: pd.DataFrame, ax: Axes | None, unit: str) -> Axes:
    ax = style.canvas(ax, 6.0, 3.6)
    x = list(range(len(rows)))
    middle = rows["value"].fillna((rows["low"] + rows["high"]) / 2)
    ax.plot(x, middle, color=style.BLUE, lw=2.2, marker="o", ms=7)
    for at, row, y in zip(x, rows.itertuples(), middle, strict=True):
        if row.low < row.high:
            ax.plot([at, at], [row.low, row.high], color=style.BLUE, lw=1.4)
        style.label(ax, _value(row), (at, y), (0, 10), ha="center", size=style.SMALL + 1, bold=bool(row.judged))
    ax.set_xticks(x, rows["label"].astype(str).tolist())
    ax.set_xlim(-0.5, len(rows) - 0.5)
    ax.set_ylim(0, 1.2 * float(rows["high"].max()))
    style.thousands(ax, "y")
    ax.set_ylabel(unit)
    return ax


def _series(rows: pd.DataFrame, ax: Axes | None, unit: str) -> Axes:
    ax = style.canvas(ax, 8.0, 3.6)
    x, y = list(range(len(rows))), rows["value"].to_numpy(dtype=float)
    ax.plot(x, y, color=style.GREY, lw=1.6, marker="o", ms=3)
    for at in dict.fromkeys((int(y.argmax()), int(y.argmin()), int(rows["judged"].to_numpy().argmax()))):
        judged = bool(rows["judged"].iloc[at])
        ax.plot(at, y[at], "D" if judged else "o", color=style.ORANGE if judged else style.INK, ms=8 if judged else 5)
        words = f"{rows['label'].iloc[at]}: {number(y[at])}"
        ha = "right" if at > 0.7 * len(rows) else "left" if at < 0.3 * len(rows) else "center"
        style.label(ax, words, (at, y[at]), (0, 11), ha=ha, bold=judged)
    step = max(1, len(rows) // 8)
    ax.set_xticks(x[::step], rows["label"].astype(str).tolist()[::step])
    ax.set_ylim(0, 1.18 * float(y.max()))
    style.thousands(ax, "y")
    ax.set_ylabel(unit)
    return ax


def _dots(rows: pd.DataFrame, ax: Axes | None, unit: str) -> Axes:
    ax = style.canvas(ax, 7.0, 0.9 + 0.3 * len(rows))
    places = list(range(len(rows)))
    for y, row in zip(places, rows.itertuples(), strict=True):
        colour = style.ORANGE if row.judged else style.BLUE
        if row.low < row.high:
            ax.plot([row.low, row.high], [y, y], color=colour, lw=1.6)
        if not pd.isna(row.value):
            ax.plot(row.value, y, "D" if row.judged else "o", color=colour, ms=7 if row.judged else 5)
        style.label(ax, _value(row), (row.high, y), (9, 0), bold=bool(row.judged))
    style.rows(ax, places, [style.plain(textwrap.shorten(str(name), 48, placeholder=" …")) for name in rows["label"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.15 * float(rows["high"].max()) or 1)
    style.thousands(ax, "x")
    ax.set_xlabel(unit)
    return ax


def windows(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the change over every window of one length: a square a window, by the year and month in which it ends.

    Parameters
    ----------
    rows : DataFrame
        As `Assessment.windows` gives it: start, end, percent, printed.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    if rows.empty:
        raise NotPublished(str(rows.attrs.get("empty", "There is no window to draw.")))
    style.require(rows, ("start", "end", "percent", "printed"), "window")
    import seaborn as sns

    ends = pd.PeriodIndex(rows["end"], freq="M")
    table = rows.assign(year=ends.year, month=ends.month).pivot(index="year", columns="month", values="percent")
    ax = style.canvas(ax, 7.6 if table.shape[1] > 1 else 3.6, 1.3 + 0.27 * len(table))
    limit = float(rows["percent"].abs().max())
    sns.heatmap(
        table, ax=ax, cmap="PuOr_r", vmin=-limit, vmax=limit, annot=True, fmt=".0f", annot_kws={"size": style.SMALL - 1},
        cbar=False, linewidths=0.5,
    )  # fmt: skip
    for end in rows.loc[rows["printed"], "end"]:
        year, month = (int(part) for part in end.split("-"))
        at = (list(table.columns).index(month), list(table.index).index(year))
        ax.add_patch(Rectangle(at, 1, 1, fill=False, ec=style.INK, lw=2.2))
    ax.tick_params(axis="y", rotation=0)
    ax.set_xlabel("month in which the window ends")
    ax.set_ylabel("")
    said = sentences.among_windows(rows)
    return style.finish(
        ax,
        f"Change in per cent over every window. {said}",
        "The same change, window by window",
        said or "per cent, by the month in which the window ends",
        style.cited(rows, ""),
    )


def _groups(readings: tuple[Reading, ...]) -> list[tuple[str, list[Reading]]]:
    order = list(dict.fromkeys(reading.quantity for reading in readings))
    key = lambda r: (order.index(r.quantity), not r.natural, r.window.end, r.measure, r.known)  # noqa: E731
    grouped = (list(group) for _, group in groupby(sorted(readings, key=key), lambda r: r.quantity))
    return [(group[0].label, group) for group in grouped]


def _limits(readings: tuple[Reading, ...], claimed: Interval, wide: Interval | None) -> tuple[float, float]:
    if readings[0].unit == "percent":
        return -2.0, 102.0
    spans: list[Any] = [claimed, wide or claimed]
    ends = [end for span in (*readings, *spans) for end in (span.low, span.high)]
    finite = [end for end in ends if math.isfinite(end)]
    low, high = min(finite), max(finite)
    low = 0.0 if low < 0.5 * high else low - (0.15 * (high - low) or 1.0)
    return low - 0.02 * (high - low), high + 0.03 * (high - low or high)


def _heads(ax: Axes, low: float, high: float, unit: str) -> list[Text]:
    """What the columns hold, and the axis once more at the top: the one at the foot may be a screen away."""
    look: dict[str, Any] = {"size": style.SMALL - 0.5, "color": style.GREY}
    return [
        style.label(
            ax, "period · measure · published · how adjusted", (0, -0.9), (-8, 0), where="y", ha="right", **look
        ),
        style.label(ax, f"found, {unit}; verdict", (1, -0.9), (8, 0), where="y", **look),
        *(style.label(ax, number(x), (x, -0.9), ha="center", **look) for x in ax.get_xticks() if low <= x <= high),
    ]


class _Row:
    """A reading as it is drawn: its line, its mark, its name on the left, what was found on the right."""

    def __init__(self, ax: Axes, reading: Reading, y: float, limits: tuple[float, float]) -> None:
        self.reading, self.y = reading, y
        self.line: Line2D | None = None
        self.mark: Line2D | None = None
        colour, marker = style.VERDICTS[reading.verdict.label]
        if reading.low < reading.high:
            ends = [max(reading.low, limits[0]), min(reading.high, limits[1])]
            (self.line,) = ax.plot(
                ends, [y, y], color=colour, solid_capstyle="butt", alpha=0.75, zorder=2, in_layout=False
            )
        if reading.value is not None:
            (self.mark,) = ax.plot(
                reading.value, y, marker, color=colour, mec="white", mew=0.6, zorder=3, in_layout=False
            )
        self.found: Annotation = style.label(
            ax, "", (1, y), (8, 0), where="y", size=style.SMALL - 0.5, bold=reading.natural
        )

    def draw(self, pitch: float, level: int, *, named: bool) -> None:
        """Marks as large as the rows (`pitch` points) allow, and words only where the row is `named`."""
        reading, r = self.reading, min(1.0, pitch / _ROW)
        if self.line is not None:
            self.line.set_linewidth((3.0 if reading.value is None else 1.5) * r)
        if self.mark is not None:
            self.mark.set_markersize(max(9 * r, 5) if reading.natural else max(6 * r, 1.5))
        shown = reading.shown.removesuffix(" " + self.reading.unit)
        verdict = f"  {reading.verdict.label.lower()}" if level == 0 else ""
        self.found.set_text(f"{shown}{verdict}" if named and (level < 2 or reading.natural) else "")

    def name(self, level: int) -> str:
        """Window, measure, release and correction; in a compact chart the first two alone."""
        reading = self.reading
        parts = [reading.window.short]
        if level < 2:
            parts.append(reading.measure)
        if level == 0:
            parts += [
                reading.vintage.split(",")[0] if reading.vintage != "none" else "",
                sentences.corrected(reading.correction),
            ]
        if reading.hindsight and level < 2:
            parts.append("later")
        return ("natural: " if reading.natural and level == 0 else "") + " · ".join(filter(None, parts))


def _fit_rows(ax: Axes, rows: list[_Row], headings: list[Text], total: float) -> None:
    """Name as many rows as have room, the natural one always; the rest are marks alone, and the note says so."""
    natural = next(i for i, row in enumerate(rows) if row.reading.natural)
    present = dict.fromkeys(row.reading.verdict.label for row in rows)
    key = ", ".join(f"{_GLYPHS[style.VERDICTS[v][1]]} {v.lower()}" for v in style.VERDICTS if v in present)
    chart = style.chart(ax)
    chart.last = 2

    def form(level: int) -> None:
        pitch = 72 * style.inches(ax)[1] / total
        step = max(1, math.ceil(_ROW / pitch))
        kept = [i for i in range(len(rows)) if (i - natural) % step == 0]
        if step > 1:  # a heading stands in a row of its own
            kept = [i for i in kept if i == natural or abs(rows[i].y - rows[natural].y) * pitch >= _ROW]
        for i, row in enumerate(rows):
            row.draw(pitch, level, named=i in kept)
        widest = max((rows[i].found for i in kept), key=lambda text: len(text.get_text()))
        for row in rows:
            row.found.set_in_layout(row.found is widest)  # to measure one of them is enough
        names = [rows[i].name(level) for i in kept]
        ax.set_yticks([rows[i].y for i in kept], names, fontsize=style.SMALL)
        for text, i in zip(ax.get_yticklabels(), kept, strict=True):
            text.set_fontweight("bold" if rows[i].reading.natural else "normal")
        for heading in headings:
            heading.set_visible(level == 0 and step == 1)
        left_out = f"{len(rows) - len(kept)} more readings, drawn but not named. " if step > 1 else ""
        chart.more = left_out + (f"{key}; bold: the natural reading." if level else "")

    def place() -> bool:
        before = len(ax.get_yticks())
        form(chart.level)
        return len(ax.get_yticks()) != before

    chart.forms.append(form)
    chart.placers.append(place)
    form(0)


def _basis(assessment: Assessment) -> str:
    ids = list(dict.fromkeys(f"{s.id} {s.vintage}".strip() for r in assessment.readings for s in r.sources))
    more = f" and {len(ids) - 8} more, listed under “Sources”" if len(ids) > 8 else ""
    text = f"Sources: {', '.join(ids[:8])}{more}" if ids else "No source measures it"
    if any(reading.quantity == "deaths/synthetic-opioids" for reading in assessment.readings):
        text += ".\nT40.4 stands in for fentanyl; it also holds analogues and tramadol. Reported: counted so far; predicted: the agency's estimate with late records; final: the closed file"
    if any("seizure" in reading.quantity for reading in assessment.readings):
        text += ".\nA seizure share is not a flow share"
    later = any(reading.hindsight for reading in assessment.readings)
    return f"{text}. “natural”: as most readers would take the sentence" + (
        "; “later”: known only after the article." if later else "."
    )


Cell = tuple[float, float, str, dict[str, Any]]
"""Words in a table: where they start and end, in per cent of its width, what they say, their look."""


def _sheet(
    ax: Axes, heads: Sequence[tuple[float, str]], rows: Sequence[Sequence[Cell]], left: float = 0
) -> list[float]:
    """Rows of words in columns, broken at the width they have; rows that do not fit are counted in the last line.

    Returns the middle of each row, counted in lines from the top; `ax` keeps it up to date through `style.chart`.
    """
    ax.set_axis_off()
    ax.set_xlim(left, 100)
    named = [style.label(ax, heading, (x, -0.6), color=style.GREY) for x, heading in heads]
    texts = [[style.label(ax, "", (x, 0), zorder=5, linespacing=1.25, **look) for x, _, _, look in row] for row in rows]
    rules = [ax.plot([max(left, 0), 100], [0, 0], color=style.PALE, lw=0.6)[0] for _ in rows]
    rest = style.label(ax, "", (0, 0), color=style.GREY, zorder=6)
    middles = [0.0] * len(rows)

    def form(_: int) -> bool:
        before = [text.get_text() for row in texts for text in row]
        width, height = style.inches(ax)
        room = height * 72 / (1.25 * (style.SMALL + 1)) - 1.2  # lines
        narrow = width < 5  # there the cells of a row stand below each other
        per_line = width * 72 / (100 - left) / (0.58 * style.SMALL)  # characters a per cent
        for text in named:
            text.set_visible(not narrow)
        top, shown = 0.0, 0
        for i, (row, drawn, rule) in enumerate(zip(rows, texts, rules, strict=True)):
            first = row[0][0]
            lines = [_filled(said, int((100 - first if narrow else end - x) * per_line)) for x, end, said, _ in row]
            tall = [line.count("\n") + 1 for line in lines]
            deep = (sum(tall) if narrow else max(2, *tall)) + 0.9
            fits = shown == i and (top + deep <= room or i == 0)
            at = top - 0.2
            for text, line, n, cell in zip(drawn, lines, tall, row, strict=True):
                text.set_text(style.plain(line) if fits else "")
                text.xy = (first, at + n / 2) if narrow else (cell[0], top + deep / 2 - 0.45)
                at += n
            middles[i] = top + deep / 2 - 0.45 if fits else math.nan
            rule.set_ydata([top + deep - 0.45] * 2 if fits else [math.nan] * 2)
            if fits:
                top, shown = top + deep, shown + 1
        chart.more = f"{len(rows) - shown} more, not shown" if shown < len(rows) else ""
        rest.set_text(chart.more)
        rest.xy = (max(left, 0), top)
        ax.set_ylim(max(room, top) if narrow or chart.more else top, -1.2)
        return before != [text.get_text() for row in texts for text in row]

    chart = style.chart(ax)
    chart.last = 0
    chart.placers.append(lambda: form(0))
    form(0)
    return middles


def _filled(text: str, size: int) -> str:
    return "\n".join(textwrap.fill(line, max(size, 8), break_long_words=False) for line in text.splitlines())


def ladder(appearances: Sequence[Appearance], ax: Axes | None = None) -> Axes:
    """Draw appearances top down by step: who, when, what was said, and what changed from the step before.

    Raises
    ------
    NotPublished
        If there is no appearance.
    """
    if not appearances:
        raise NotPublished("a ladder needs at least one appearance; this claim has none")
    steps = sorted(appearances, key=lambda a: a.step)
    rows: list[list[Cell]] = []
    for step in steps:
        note = "starts here" if step.parent == 0 else ", ".join(step.drift).replace("_", " ") or "unchanged"
        prefix = {"on_or_before": "by ", "on_or_after": "from ", "week": "week of "}.get(step.date_precision, "")
        rows.append([
            (6, 32, f"{prefix}{step.date}\n{step.who}", {}),
            (33, 77, _said(step), {"size": style.SMALL + 0.5}),
            (78, 100, note, {"color": style.GREY if step.parent == 0 else style.RED}),
        ])  # fmt: skip
    lines = sum(max(2, len(_said(s)) // 62 + 1, len(r[2][2]) // 30 + 1) + 0.9 for s, r in zip(steps, rows, strict=True))
    ax = style.canvas(ax, 9.2, 0.9 + 0.185 * lines)
    heads = ((6, "when and who"), (33, "what was said"), (78, "what changed from the step before"))
    middles = _sheet(ax, heads, rows, left=-4)
    drawn: list[Any] = []

    def form() -> bool:
        while drawn:
            drawn.pop().remove()
        place = {step.step: y for step, y in zip(steps, middles, strict=True) if y == y}
        lanes: list[tuple[float, float, int]] = []
        for step in steps:
            if (y := place.get(step.step)) is None:
                continue
            own = step.parent == 0
            drawn.extend(ax.plot(3, y, "s" if own else "o", ms=8, color=style.BLUE if own else style.INK, zorder=3))
            drawn.append(style.label(ax, step.step, (3, y), size=5.5, color="white", ha="center", zorder=7))
            if step.parent in place:
                drawn.extend(_arrow(ax, place[step.parent], y, lanes))
        for artist in drawn:
            artist.set_in_layout(False)
        return False

    style.chart(ax).placers.append(form)
    form()
    said = "; ".join(
        f"{a.step}. {a.who}, {a.date}: {_said(a)}" + (f" ({', '.join(a.drift)})" if a.drift else "") for a in steps
    )
    return style.describe(ax, f"Drift ladder of {len(steps)} appearances. {said}".replace("_", " ") + ".")


def _arrow(ax: Axes, start: float, end: float, lanes: list[tuple[float, float, int]]) -> list[Any]:
    """From a step to the one taken from it: straight to the next, else around in the first free lane on the left."""
    drawn: list[Any] = []
    origin = 3.0
    if end - start > 4:
        taken = {lane for low, high, lane in lanes if low < end and start < high}
        lane = next(n for n in range(len(lanes) + 1) if n not in taken)
        lanes.append((start, end, lane))
        origin = 0.6 - 1.1 * lane
        drawn += ax.plot([2.2, origin, origin], [start, start + 0.6, end - 0.6], color=style.GREY, lw=1, zorder=1)
        start = end - 0.6
    look = {"arrowstyle": "-|>", "color": style.GREY, "lw": 1, "shrinkA": 0 if origin < 3 else 5, "shrinkB": 5}
    drawn.append(ax.annotate("", (3, end), xytext=(origin, start), zorder=2, arrowprops=look))
    return drawn


def _said(a: Appearance) -> str:
    if a.value is None:
        return a.object
    hedge = "" if a.hedge == "bare" else a.hedge.replace("-", " ") + " "
    return f"{hedge}{number(a.value)}{'%' if a.unit.startswith('percent') else ''}: {a.object}"


def scoreboard(assessments: Sequence[Assessment], ax: Axes | None = None) -> Axes:
    """Draw one row a claim: what was said, what was found, the verdict as a marker and a word.

    Raises
    ------
    NotPublished
        If no claim has a computed verdict.
    """
    rows: list[list[Cell]] = []
    said = []
    for a in assessments:
        if a.verdict is None or a.natural is None:
            continue
        colour, marker = style.VERDICTS[a.verdict.label]
        found = "\n".join(_found(sense) for sense in a.senses)
        verdict = f"{_GLYPHS[marker]} {a.verdict}".replace(" (", "\n(")
        rows.append([
            (1, 40, f"“{a.claim.quote}”", {"size": style.SMALL + 1, "style": "italic"}),
            (41, 78, found, {}),
            (79, 100, verdict, {"size": style.SMALL + 1, "bold": True, "color": colour}),
        ])  # fmt: skip
        said.append(
            f"“{a.claim.quote}”: {a.verdict}, found {'; '.join(_found(s).partition(chr(10))[0] for s in a.senses)}"
        )
    if not rows:
        raise NotPublished("there is no computed verdict to draw")
    ax = style.canvas(ax, 9.6, 0.5 + 0.66 * len(rows))
    _sheet(ax, ((1, "the article says"), (41, "the natural reading finds"), (79, "verdict")), rows)
    return style.describe(ax, f"Verdicts on {len(rows)} claims. {'; '.join(said)}.")


def _found(sense: Sense) -> str:
    n = sense.natural
    return f"{sense.name}: {n.shown}" if sense.name else f"{n.shown}\n{n.label}, {n.window.short}"


_MARKS = {"said": (style.ORANGE, "D"), "measured": (style.BLUE, "o"), "not measured": (style.PALE, "s")}


def said_and_found(rows: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw statements and readings in groups, each with its interval in per cent.

    Parameters
    ----------
    rows : DataFrame
        Columns group, label, low, high, value (per cent, value missing where there are bounds alone), kind (`said`,
        `measured`, `not measured`), shown (the words beside the mark); in the order in which they are drawn.

    Raises
    ------
    ReportError
        If a column is missing or a kind is not known.
    NotPublished
        If there is no row.
    """
    style.require(rows, ("group", "label", "low", "high", "value", "kind", "shown"), "statement or reading")
    for kind in rows.loc[~rows["kind"].isin(list(_MARKS)), "kind"]:
        raise ReportError(unknown("kind", kind, _MARKS))
    heights = [max(2, -(-len(str(label)) // 52)) * 0.44 for label in rows["label"]]
    groups = rows.assign(height=heights).groupby("group", sort=False)
    ax = style.canvas(ax, 9.2, 1.6 + 0.37 * (sum(heights) + 0.9 * groups.ngroups))
    ax.set_xlim(0, 132)
    y, places = 0.0, []
    for group, members in groups:
        style.label(ax, group, (0, y), (2, 0), size=style.SMALL + 1, bold=True)
        y += 0.45
        for row, height in zip(members.itertuples(), members["height"].tolist(), strict=True):
            places.append((y + height / 2, str(row.label)))
            _mark(ax, row, places[-1][0])
            y += height
        y += 0.45

    def form(level: int) -> None:
        size, most = (24, 2) if level else (52, None)
        names = [textwrap.fill(name, size, max_lines=most, placeholder=" …") for _, name in places]
        style.rows(ax, [y for y, _ in places], [style.plain(name) for name in names], fontsize=style.SMALL)

    style.chart(ax).forms.append(form)
    form(0)
    ax.set_ylim(y - 0.3, -0.6)
    ax.set_xticks(range(0, 101, 20))
    ax.spines["bottom"].set_bounds(0, 100)
    ax.set_xlabel("per cent")
    said = "; ".join(f"{row.group}, {row.label}: {row.shown}" for row in rows.itertuples())
    under = "diamonds: what was said; circles: what was measured; pale: not measured by anybody"
    return style.finish(ax, f"{title}. {said}.", title, under, style.cited(rows, source))


def _mark(ax: Axes, row: Any, y: float) -> None:
    low, high, value = float(row.low), float(row.high), row.value
    colour, marker = _MARKS[row.kind]
    if low < high:
        ax.plot([low, high], [y, y], color=colour, lw=6, solid_capstyle="butt", alpha=0.9, zorder=2)
    if not pd.isna(value):
        ax.plot(float(value), y, marker, color=colour, mec=style.INK, mew=0.6, ms=7, zorder=3, clip_on=False)
    style.label(ax, row.shown, (high if pd.isna(value) else max(high, float(value)), y), (9, 0))
