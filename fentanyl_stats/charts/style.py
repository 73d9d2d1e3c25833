"""The one look of all pictures: colours that a colour-blind reader and a grey print keep apart, sources, alt text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from ..data import names
from ..errors import NotPublished, ReportError, unknown
from ..model import Interval, last_day, number
from ..show import NOTHING
from . import _layout
from ._layout import Layout

if TYPE_CHECKING:
    import pandas as pd

    from ..audit.assess import Assessment

INK, GREY, PALE = "#1b1b1b", "#6b6b6b", "#d9d9d9"
BLUE, SKY, GREEN, ORANGE, RED, PURPLE = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#cc79a7"
"""The palette of Okabe & Ito (2008), made for colour-blind readers."""

VERDICTS = {
    "SUPPORTED": (GREEN, "o"),
    "CLOSE": (BLUE, "D"),
    "NOT DETERMINED": (GREY, "s"),
    "INCONCLUSIVE": (ORANGE, "^"),
    "CONTRADICTED": (RED, "X"),
    "DEPENDS": (GREY, "v"),
}
"""Verdict -> colour and marker: the marker alone must do in a grey print."""

# The words for what the data name by a key; short enough to stand beside a line.
DRUGS = {
    "all": "all drugs",
    "opioids": "any opioid",
    "synthetic-opioids": "synthetic opioids\n(T40.4)",
    "natural-opioids": "natural\nopioids",
    "prescription-opioids": "prescription\nopioids",
}
REGIONS = {
    region: (names.region_name(region), colour)
    for region, colour in {"southwest-border": BLUE, "coastal-interior": ORANGE, "northern-border": GREEN}.items()
}
COMPONENTS = {component: names.component_label(component) for component in names.components()}
MEASURES = {
    "reported": ("counted so far\n(“reported”)", BLUE, "o"),
    "predicted": ("estimate with missing\nrecords added (“predicted”)", RED, "D"),
}
T404 = "T40.4 is the usual stand-in for fentanyl; it also holds analogues and tramadol."

BAND, WIDE, CLAIM = "#f6d55c", "#fdf3cf", "#7a5b00"
SMALL = 8.0
DASHES = (0, (2, 1.5))
CLEAR = {"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85}
"""The box of words that stand on lines."""
Where = Literal["data", "x", "y", "axes"]
_COORDS: dict[str, Any] = {
    "data": "data", "x": ("data", "axes fraction"), "y": ("axes fraction", "data"), "axes": "axes fraction",
}  # fmt: skip


def canvas(ax: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    """The Axes to draw on: the given one, or that of a new figure outside any global state.

    A new figure is not registered with pyplot, so that hundreds of pages leave nothing behind. A figure without a layout
    of its own gets the package's, which keeps words apart at any size; constrained layout becomes that, too.
    """
    own = ax is None
    if ax is None:
        ax = Figure(figsize=(width, height)).add_subplot()
    _layout.adopt(ax, own=own)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=INK, labelsize=SMALL + 1)
    return ax


def panels(width: float, height: float, *grid: int, **options: Any) -> tuple[Figure, list[Axes]]:
    """A new figure of several charts, laid out as one."""
    figure = Figure(figsize=(width, height))
    axes = [canvas(ax) for ax in figure.subplots(*grid, squeeze=False, **options).flat]
    flow(figure, axes, 2.6, shared=bool(options))
    return figure, axes


def flow(figure: Figure, axes: Iterable[Axes], least: float, *, shared: bool = False) -> None:
    """Lay several charts out as one, in fewer columns where one would be narrower than `least` inches."""
    layout = Layout()
    figure.set_layout_engine(layout)
    layout.flow(axes, least, shared=shared)


def facets(grid: Any, title_: str, ylabel: str, source_: str) -> Axes:
    """Give a seaborn grid the look and the layout of the package; its first panel, which stands for it."""
    import matplotlib.pyplot as plt

    figure = grid.figure
    grid.set_axis_labels("", "")
    grid.tick_params(labelsize=SMALL - 0.5)
    figure_title(figure, title_)
    figure.supylabel(ylabel, fontsize=SMALL + 1)
    figure_source(figure, source_)
    flow(figure, grid.axes.flat, 1.2, shared=grid._sharey is True)
    for ax in grid.axes.flat:
        _layout.adopt(ax, own=True)
    plt.close(figure)
    first: Axes = grid.axes.flat[0]
    return first


def inches(ax: Axes) -> tuple[float, float]:
    """How wide and how high the axes now are."""
    box, dpi = ax.get_window_extent(), _layout.root(ax).dpi
    return box.width / dpi, box.height / dpi


def chart(ax: Axes) -> _layout.Chart:
    """What the fitting step knows of the chart in `ax`."""
    found = _layout.of(ax)
    assert found is not None
    return found


def require(frame: pd.DataFrame, columns: Iterable[str], what: str = "") -> None:
    """Refuse a frame that lacks a column, naming close ones; and, where `what` says of what, one without any row.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    for column in columns:
        if column not in frame:
            raise ReportError(unknown("column", column, frame.columns))
    if what and frame.empty:
        raise NotPublished(
            frame.attrs.get("empty") or f"there is nothing to draw: the frame has no row; no {what} had been published"
        )


def held(frame: pd.DataFrame, columns: Sequence[str], what: str, needed: Sequence[str] = ("value",)) -> pd.DataFrame:
    """The rows of a frame that hold every value in `needed`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no row holds a value.
    """
    require(frame, columns)
    rows = frame.dropna(subset=list(needed))
    if rows.empty:
        raise NotPublished(
            frame.attrs.get("empty")
            or f"there is no value to draw: no {what} had been published, every value of the frame is missing"
        )
    return rows


def cited(frame: pd.DataFrame | None, source: object = "", *more: str) -> str:
    """The source line: the given one (words, a Source, several), else what the frame says of itself in `attrs["sources"]` or `attrs["source"]`;
    and `more` after it.

    >>> import pandas as pd
    >>> frame = pd.DataFrame()
    >>> frame.attrs["source"] = "CDC WONDER, 2024"
    >>> cited(frame), cited(frame, "My own.")
    ('Source: CDC WONDER, 2024.', 'My own.')
    """
    if not isinstance(source, str) or not source:
        attrs = {} if frame is None else frame.attrs
        found = source or attrs.get("sources") or attrs.get("source") or ()
        several = [found] if isinstance(found, str) or not isinstance(found, Iterable) else list(found)
        named = "; ".join(dict.fromkeys(map(str, several)))
        source = f"Source{'s' if len(several) > 1 else ''}: {named}." if several else ""
    return " ".join(filter(None, (source, *more)))


def claimed_by(claim: Assessment | None, given: Interval | None, wide: Interval | None, label: str) -> Any:
    """The band of a claim, the wider one, and its label: as given, else as the assessment has them."""
    if claim is None:
        return given, wide, label
    return given or claim.claim_interval, wide or claim.widened_interval, label or f"claimed: {claim.phrase}"


def finish(ax: Axes, alt: str, title_: str, subtitle: str = "", source_: str = "") -> Axes:
    """Give a chart its title, the line under it, its source and its alt text, and hand it back."""
    title(ax, title_, subtitle)
    if source_:
        source(ax, source_)
    return describe(ax, alt)


def title(ax: Axes, text: str, subtitle: str = "") -> None:
    """A left-aligned title that says what is seen, with an optional grey line under it.

    In an Axes that the user gave, the line joins the note under the chart: beside other charts it would stand in the way.
    """
    found = chart(ax)
    pad = 20 if subtitle and found.own else None
    ax.set_title(text, x=0, ha="left", pad=pad, fontsize=12 if found.own else 11, fontweight="bold", color=INK)
    if pad:
        found.under = subtitle
        found.subtitle = label(ax, subtitle, (0, 1), (0, 7), where="axes", size=SMALL + 1, color=GREY, va="bottom")
        found.subtitle.set_in_layout(False)  # the title above it keeps its room
    elif subtitle:
        source(ax, f"{subtitle[0].upper()}{subtitle[1:]}.")


def source(ax: Axes, text: str) -> None:
    """The source, vintage and definition, under the chart, in lines as long as the chart is wide."""
    found = chart(ax)
    found.note = "\n".join(filter(None, (found.note, text)))
    ax.set_xlabel(ax.get_xlabel(), loc="left", fontsize=SMALL, color=GREY)
    found.write_note()


def figure_title(figure: Figure, text: str) -> None:
    """The title of a figure of several panels."""
    figure.suptitle(text, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)


def figure_source(figure: Figure, text: str, width: int = 135) -> None:
    """The source under a figure of several panels."""
    wrapped = "\n".join(textwrap.fill(line, width) for line in text.splitlines())
    figure.supxlabel(wrapped, x=0.01, ha="left", fontsize=SMALL, color=GREY)


def plain(text: str) -> str:
    """Text that others wrote, as matplotlib draws it literally: a pair of dollars is no formula.

    >>> plain("from $5 to $7")
    'from \\\\$5 to \\\\$7'
    """
    return text.replace("$", r"\$")


def nothing(ax: Axes | None, why: str) -> Axes:
    """An Axes without a picture, which `fs.show` shows as the sentence that says why there is none."""
    ax, said = canvas(ax), f"{why[0].upper()}{why[1:].rstrip('.')}."
    ax.set_axis_off()
    ax.set_gid(NOTHING)
    ax.annotate(said, (0.5, 0.5), xycoords="axes fraction", ha="center", wrap=True, color=GREY)
    return describe(ax, said)


def describe(ax: Axes, text: str) -> Axes:
    """Keep the alt text with the Axes: what the picture shows, written from its data."""
    ax.set_label(text)
    return ax


def alt_text(ax: Axes) -> str:
    """The alt text that the chart wrote."""
    return str(ax.get_label())


def label(
    ax: Axes, text: object, xy: tuple[float, float], offset: tuple[float, float] = (0, 0), *, where: Where = "data",
    size: float = SMALL, color: str = INK, ha: str = "left", va: str = "center", bold: bool = False, **look: Any,
) -> Annotation:  # fmt: skip
    """Words beside a point, `offset` points away from it; what does not fit is left out, bold words last.

    `where` says what `xy` means: data, or a fraction of the axes for both, for y (`"x"`) or for x (`"y"`).
    """
    return ax.annotate(
        plain(str(text)), xy, xycoords=_COORDS[where], xytext=offset, textcoords="offset points", ha=ha, va=va,
        fontsize=size, color=color, annotation_clip=False,
        **{"fontweight": "bold" if bold else "normal", "zorder": 5 if bold else 3} | look,
    )  # fmt: skip


def above(
    ax: Axes, text: object, xy: tuple[float, float], gap: float = 3, *, size: float = SMALL - 0.5, **look: Any
) -> Annotation:
    """Words centred above a point."""
    return label(ax, text, xy, (0, gap), size=size, ha="center", va="bottom", **look)


def rows(ax: Axes, places: Sequence[float], names: Sequence[str], **look: Any) -> None:
    """Name rows on the left, where no line of the axis stands."""
    ax.set_yticks(places, names, **look)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


End = tuple[float, float, str, str, str]
"""Where a line ends: x, y, its name, more words about its end, its colour."""


def name_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Name lines at their right ends, beside the axes; in a narrow chart, or where an end is out of sight, in a legend."""
    full = ["\n".join(filter(None, (name, more))) for _, _, name, more, _ in ends]
    marks = [
        ax.annotate(plain(words), (x, y), xytext=(1.015, y), textcoords=("axes fraction", "data"), va="center", color=colour,
                    fontsize=SMALL + 1, annotation_clip=False, zorder=5)
        for words, (x, y, _, _, colour) in zip(full, ends, strict=True)
    ]  # fmt: skip

    def form(level: int) -> None:
        right, top = ax.get_xlim()[1], ax.get_ylim()[1]
        listed = level > 0 or any(x > right or y > top for x, y, *_ in ends)
        for mark, words, (_, y, _, more, _) in zip(marks, full, ends, strict=True):
            mark.set_text(plain(more if listed else words))
            mark.set_position((1.015, y))
        if listed:
            lines = [Line2D([], [], color=colour, lw=2) for *_, colour in ends]
            names = [plain(textwrap.fill(" ".join(end[2].split()), 22)) for end in ends]
            ax.legend(lines, names, frameon=False, fontsize=SMALL, loc="best", handlelength=1)
        elif (legend := ax.get_legend()) is not None:
            legend.remove()

    def place() -> bool:
        seen = [mark for mark in marks if mark.get_text()]
        tall = [mark.get_window_extent().height for mark in seen]
        if seen:
            scale = ax.transData
            at = spread([float(scale.transform(mark.xy)[1]) for mark in seen], max(tall) + 2)
            shift = max(0.0, ax.bbox.y0 - min(at) + tall[at.index(min(at))] / 2 - 4)
            for mark, y in zip(seen, at, strict=True):
                mark.set_position((1.015, float(scale.inverted().transform((0, y + shift))[1])))
        return False

    chart(ax).forms.append(form)
    chart(ax).placers.append(place)
    place()


def roomy(ax: Axes, texts: Sequence[Annotation], width: float, height: float) -> None:
    """Show words that belong together only where the axes are as wide and high (inches) as they need."""

    def place() -> bool:
        wide, high = inches(ax)
        before = [text.get_visible() for text in texts]
        for text in texts:
            text.set_visible(wide >= width and high >= height and not _layout.out_of_sight(ax, text))
        return before != [text.get_visible() for text in texts]

    chart(ax).placers.append(place)


def band(ax: Axes, claimed: Interval, wide: Interval | None = None, axis: str = "y", label_: str = "") -> None:
    """The claim as a band: C dark, C+ pale; an infinite end runs to the edge of the picture."""
    upright = axis == "y"
    span, line = (ax.axhspan, ax.axhline) if upright else (ax.axvspan, ax.axvline)
    bottom, top = ax.get_ylim() if upright else ax.get_xlim()
    for interval, colour in ((wide, WIDE), (claimed, BAND)):
        if interval is not None:
            low, high = max(interval.low, bottom), min(interval.high, top)
            if interval.low == interval.high:
                line(low, color=ORANGE, lw=3, alpha=0.6, zorder=0)
            elif low < high:
                span(low, high, color=colour, zorder=0, lw=0)
    (ax.set_ylim if upright else ax.set_xlim)(bottom, top)
    if label_ and upright:
        label(ax, label_, (0, min(claimed.high, top)), (4, 3), where="y", color=CLAIM, va="bottom")


def mark_day(ax: Axes, day: date, words: str) -> None:
    """A thin vertical line at a day, named at its top."""
    x = float(mdates.date2num(day))
    ax.axvline(x, color=INK, lw=0.8, ls=(0, (1, 2)), zorder=1)
    label(ax, words, (x, 1), (-3, -2), where="x", ha="right", va="top", rotation=90)


def dashed(ax: Axes, x: Any, y: Any, firm: int, **look: Any) -> None:
    """A line that is solid for its first `firm` points, and dashed from the last of them on."""
    ax.plot(x[:firm], y[:firm], **look)
    ax.plot(x[max(firm - 1, 0) :], y[max(firm - 1, 0) :], **look | {"ls": DASHES, "lw": 0.8 * look["lw"]})


def months(values: Iterable[object]) -> list[float]:
    """`YYYY-MM` texts as positions on a date axis: the last day of the month."""
    return [float(mdates.date2num(last_day(str(month)))) for month in values]


class _Dates(mdates.AutoDateLocator):
    """As many dates as the axis has room for."""

    def get_locator(self, dmin: Any, dmax: Any) -> Any:
        assert self.axis is not None
        room = int(self.axis.get_tick_space()) // 2
        self.maxticks = dict.fromkeys(self.maxticks, min(9, max(room, 4)))
        self.minticks = 3 if room > 5 else 1  # between 3 and 5 there is not always a good interval
        return super().get_locator(dmin, dmax)  # type: ignore[no-untyped-call]


def dates(ax: Axes, form: str = "") -> None:
    """Dates along the x axis: as matplotlib writes them shortest, or in one `form` (strftime)."""
    locator = _Dates(minticks=3)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter(form) if form else mdates.ConciseDateFormatter(locator))


def thousands(ax: Axes, axis: str = "y") -> None:
    """Thousands separators on an axis."""
    (ax.yaxis if axis == "y" else ax.xaxis).set_major_formatter(lambda x, _: number(x))


def fiscal_years(ax: Axes, years: Sequence[int], late: Iterable[int] = (), *, short: bool = False) -> None:
    """Name fiscal years along the x axis; one that is not over (`late`) says so."""
    named = [f"FY{year % 100:02}" if short else f"FY{year}" for year in years]
    late = set(late)
    ax.set_xticks(list(years), [name + ("\n(open)" if y in late else "") for y, name in zip(years, named, strict=True)])
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)


def spread(values: list[float], gap: float) -> list[float]:
    """Positions for labels near `values` that keep at least `gap` apart, order kept.

    >>> spread([1.0, 1.1, 5.0], 1.0)
    [0.55, 1.55, 5.0]
    """
    groups: list[tuple[list[int], float]] = []
    for i in sorted(range(len(values)), key=values.__getitem__):
        groups.append(([i], values[i]))
        while len(groups) > 1 and _end(groups[-2], gap) + gap > _end(groups[-1], -gap):
            last, previous = groups.pop(), groups.pop()
            members = previous[0] + last[0]
            groups.append((members, sum(values[m] for m in members) / len(members)))
    placed = [0.0] * len(values)
    for members, centre in groups:
        for k, member in enumerate(members):
            placed[member] = round(centre + gap * (k - (len(members) - 1) / 2), 10)
    return placed


def _end(group: tuple[list[int], float], gap: float) -> float:
    """The upper end of a group of labels, or the lower one where the gap is negative."""
    return group[1] + gap * (len(group[0]) - 1) / 2
