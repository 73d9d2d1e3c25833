"""The fitting step: how a chart keeps readable when its figure is small, is resized, or is given another title."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedFormatter, FixedLocator, Formatter, Locator
from matplotlib.transforms import Bbox

Form = Callable[[int], None]
"""Draws a part of a chart in its full form (0), or in a more compact one (1, 2)."""


class Layout(ConstrainedLayoutEngine):
    """Constrained layout that first fits each chart of the package to the room it has.

    It runs whenever the figure is drawn, and starts afresh each time: the picture depends on the figure's size and on
    what its Axes hold, not on how often it was drawn.
    """

    def __init__(self, **pads: Any) -> None:
        super().__init__(**pads)
        self._words: dict[str, Words] = {"suptitle": Words(), "supxlabel": Words()}
        self._panels: list[tuple[Axes, SubplotSpec]] = []
        self._least, self._shared = 0.0, False

    def flow(self, panels: Iterable[Axes], least: float, *, shared: bool = False) -> None:
        """Put the panels in fewer columns where one would be narrower than `least` inches; `shared` are the axes."""
        self._panels = [(ax, place) for ax in panels if (place := ax.get_subplotspec()) is not None]
        self._least, self._shared = least, shared

    def _reflow(self, fig: Figure) -> None:
        most = max((place.colspan.stop for _, place in self._panels), default=0)
        columns = max(1, min(most, int(fig.get_figwidth() / (self._least or 1))))
        grid = GridSpec(-(-len(self._panels) // columns), columns, figure=fig) if columns < most else None
        for i, (ax, place) in enumerate(self._panels):
            ax.set_subplotspec(place if grid is None else grid[i])
            if self._shared:
                ax.tick_params(labelleft=i % columns == 0, labelbottom=i >= len(self._panels) - columns)

    def execute(self, fig: Figure) -> None:
        """Fit the charts of the figure, and lay them out."""
        with _measured_once():
            self._fit(fig)

    def _fit(self, fig: Figure) -> None:
        renderer = fig._get_renderer()  # type: ignore[attr-defined]
        charts = [chart for ax in fig.axes if (chart := of(ax)) is not None]
        self._reflow(fig)
        _back(fig)
        for chart in charts:
            chart.reset()
        for name, words in self._words.items():
            text = getattr(fig, f"_{name}", None)
            if text is not None:
                words.wrap(text, 0.97 * fig.bbox.width, renderer)
        unfit = True
        while unfit:
            self._lay_out(fig)
            if unfit := self._compact(charts, renderer):
                continue
            for _ in range(2):  # words take room from the axes, and what they say depends on the room
                if not sum(chart.place() | chart.wrap(renderer) for chart in charts):
                    break
                self._lay_out(fig)
            unfit = self._compact(charts, renderer)
        for _ in range(3):  # what is left out is counted in the note, which takes room in turn
            if not sum(chart.thin(renderer) for chart in charts):
                break
            for chart in charts:
                chart.wrap(renderer)
            self._lay_out(fig)
        taken = [box for chart in charts for box in chart.align(renderer)]
        for chart in charts:
            chart.declutter(renderer, taken)

    def _compact(self, charts: list[Chart], renderer: Any) -> bool:
        return sum(chart.compacted(renderer) for chart in charts) > 0

    def _lay_out(self, fig: Figure) -> None:
        _back(fig)
        # Where a title and a note begin is a share of the width of the axes, which is another before the layout than after.
        words = [text for ax in fig.axes if of(ax) is not None for text in (ax.title, ax.xaxis.label)]
        places = [(text.get_position()[0], text.get_horizontalalignment()) for text in words]
        for text in words:
            text.set(x=0.5, ha="center")
        for ax in fig.axes:
            _measure_few(ax.yaxis.get_majorticklabels())
        with warnings.catch_warnings():  # where there is no room, a more compact form comes next
            warnings.filterwarnings("ignore", "constrained_layout not applied")
            super().execute(fig)
        for text, (x, side) in zip(words, places, strict=True):
            text.set(x=x, ha=side)


def _measure_few(labels: list[Text]) -> None:
    """Of many labels on an axis only the longest and the outermost take part in the layout, which asks each for its size
    again and again; the others lie between them."""
    longest = sorted(labels, key=lambda text: len(text.get_text()))[-5:]
    for text in labels:
        text.set_in_layout(len(labels) < 20 or text in longest or text in (labels[0], labels[-1]))


@contextmanager
def _measured_once() -> Iterator[None]:
    """Measure each text once for all passes of a layout: its size hangs on its look alone, and measuring takes most of the time."""
    measure = Text._get_layout  # type: ignore[attr-defined]
    sizes: dict[object, Any] = {}

    def measured(text: Text, renderer: Any) -> Any:
        figure = text.get_figure(root=True)
        look = (text.get_text(), text.get_fontproperties(), text.get_rotation(), text.get_rotation_mode(), text.get_horizontalalignment(),
                text.get_verticalalignment(), text._linespacing, text.get_wrap(), figure and figure.dpi, type(renderer))  # type: ignore[attr-defined]  # fmt: skip
        if look not in sizes:
            sizes[look] = measure(text, renderer)
        return sizes[look]

    Text._get_layout = measured  # type: ignore[attr-defined]
    try:
        yield
    finally:
        Text._get_layout = measure  # type: ignore[attr-defined]


def _back(fig: Figure) -> None:
    """Put the Axes where they stood before any layout: constrained layout moves things a little at every run."""
    for ax in fig.axes:
        if (place := ax.get_subplotspec()) is not None and ax.get_in_layout():
            ax.set_subplotspec(place)


class Words:
    """A text as it was given, and as it was last wrapped: whatever else it says now, somebody has set since."""

    def __init__(self) -> None:
        self.given = ""
        self.shown: str | None = None

    def restore(self, text: Text) -> str:
        """The text as given: what was set since the last wrapping, else what was given before it."""
        if text.get_text() != self.shown:
            self.given = text.get_text()
        return self.given

    def wrap(self, text: Text, width: float, renderer: Any, tail: str = "", most: float = float("inf")) -> None:
        """Break the lines of the text, and of what follows it, at `width`; lines below `most` are left out."""
        full = "\n\n".join(filter(None, (self.restore(text), tail)))
        self.shown = broken(text, full, width, renderer, most)
        text.set_text(self.shown)


class Chart(Artist):
    """What the fitting step knows of a chart; it draws nothing, lives in the Axes and goes with them."""

    def __init__(self, *, own: bool) -> None:
        super().__init__()
        self.set_in_layout(False)
        self.own = own
        self.subtitle: Annotation | None = None
        self.under = ""
        self.note = ""
        self.more = ""
        self.level = 0
        self.last = 1
        self._wide = True
        self._unnamed = 0
        self._above = 6.0
        self.forms: list[Form] = []
        self.placers: list[Callable[[], bool]] = []
        self._words = {"title": Words(), "x": Words(), "y": Words()}
        self._hidden: list[Text] = []
        self._thinned: list[tuple[Axis, Locator, Formatter, Locator]] = []

    @property
    def _ax(self) -> Axes:
        assert isinstance(self.axes, Axes)
        return self.axes

    def write_note(self) -> None:
        """Put the note under the chart, in lines that are about right until the figure is laid out."""
        label, ax = self._words["x"], self._ax
        size = max(30, int(ax.bbox.width / root(ax).dpi * 17))
        wrapped = "\n".join(textwrap.fill(line, size) for line in self.note.splitlines())
        label.shown = "\n\n".join(filter(None, (label.restore(ax.xaxis.label), wrapped)))
        ax.xaxis.label.set_text(label.shown)

    def reset(self) -> None:
        """Undo what the last fitting left out or broke."""
        for text in self._hidden:
            text.set_visible(True)
        for axis, locator, formatter, placed in reversed(self._thinned):
            if axis.get_major_locator() is placed:
                axis.set_major_locator(locator)
                axis.set_major_formatter(formatter)
        self._hidden, self._thinned, self.more, self.level, self._unnamed = [], [], "", 0, 0
        for form in self.forms:
            form(0)
        for text in self._ax.texts:
            if text.get_text() and text.get_visible() and out_of_sight(self._ax, text):
                self._hide(text)
        for name, text in (("title", self._ax.title), ("y", self._ax.yaxis.label)):
            text.set_text(self._words[name].restore(text))
        label = self._ax.xaxis.label
        label.set_text(self._words["x"].restore(label))
        # Words placed for another room would reach far out of this one, and nothing would fit.
        self._put_title(0)
        self._begin(0)
        if self.note:
            self.write_note()

    def place(self) -> bool:
        """Put words where the axes now stand; whether they now take another room."""
        return sum(place() for place in self.placers) > 0

    def compacted(self, renderer: Any) -> bool:
        """Whether the chart had too little room, and has taken its next form."""
        if self.level >= self.last or not self.forms or self._roomy(renderer):
            return False
        self.level += 1
        for form in self.forms:
            form(self.level)
        return True

    def _roomy(self, renderer: Any) -> bool:
        inner, outer, figure = self._ax.bbox, self._outer(renderer), root(self)
        inch = figure.dpi
        if inner.width < max(1.3 * inch, 0.34 * outer.width) or inner.height < 0.7 * inch:
            return False
        if outer.x0 < figure.bbox.x0 - 2 or outer.x1 > figure.bbox.x1 + 2:
            return False
        return not touching(boxes(ticks(self._ax.yaxis), renderer))

    def _outer(self, renderer: Any) -> Bbox:
        box = self._ax.get_tightbbox(renderer, for_layout_only=True)
        assert isinstance(box, Bbox)
        return box

    def wrap(self, renderer: Any) -> bool:
        """Break the title, the words under it, the note and the label of the y axis to the room they have.

        Returns whether they are now of another height.
        """
        before = self._heights()
        ax, inner, outer = self._ax, self._ax.bbox, self._outer(renderer)
        self._wide = bool(inner.width >= 0.6 * outer.width)
        left = inner.x0 if self._wide else outer.x0
        width, x = outer.x1 - left, (left - inner.x0) / inner.width
        above = 6.0
        if self.subtitle is not None:
            self.subtitle.set_text(broken(self.subtitle, self.under, width, renderer))
            above += points(self.subtitle, renderer).height + 4
        higher, self._above = above != self._above, above
        if ax.get_title():
            self._words["title"].wrap(ax.title, width, renderer)
            self._put_title(x)
        label = ax.xaxis.label
        self._begin(x)
        if self.note or self.more:
            label.set_horizontalalignment("left")
            # The chart comes first: in a very low figure the note gives way to it.
            most = 0.4 * root(ax).bbox.height
            self._words["x"].wrap(label, width, renderer, "\n".join(filter(None, (self.more, self.note))), most)
        if ax.get_ylabel():
            self._words["y"].wrap(ax.yaxis.label, max(inner.height, 60.0), renderer)
        return higher or before != self._heights()

    def _put_title(self, x: float) -> None:
        """The title on the left, as far above as the words under it need, whoever wrote it."""
        title = self._ax.title
        look = {key: getattr(title, f"get_{key}")() for key in ("size", "weight", "style", "family", "color")}
        self._ax.set_title(title.get_text(), pad=self._above, x=x, ha="left", **look)

    def _begin(self, x: float) -> None:
        """Where the words under the title and the note begin."""
        if self.note or self.more:
            self._ax.xaxis.label.set_x(x)
        if self.subtitle is not None:
            self.subtitle.xy = (x, 1)

    def _heights(self) -> list[int]:
        ax = self._ax
        texts = (ax.title, ax.xaxis.label, ax.yaxis.label, *filter(None, [self.subtitle]))
        return [text.get_text().count("\n") for text in texts]

    def thin(self, renderer: Any) -> bool:
        """Leave out tick labels that would touch: every second, every third and so on, counted back from the last.

        Returns whether any was left out.
        """
        before = len(self._thinned)
        for axis in (self._ax.xaxis, self._ax.yaxis):
            shown = ticks(axis)
            found = boxes(shown, renderer)
            step = next((k for k in range(1, len(found)) if not touching(found[::-1][::k])), len(found))
            if step < 2:
                continue
            kept = shown[::-1][::step][::-1]
            upright = axis is self._ax.yaxis
            if upright and isinstance(axis.get_major_locator(), FixedLocator):
                self._unnamed += len(shown) - len(kept)
                self.more = f"{self._unnamed} more rows, not named."
            placed = FixedLocator([text.get_position()[upright] for text in kept])
            self._thinned.append((axis, axis.get_major_locator(), axis.get_major_formatter(), placed))
            words = [text.get_text() for text in kept]
            axis.set_major_locator(placed)
            axis.set_major_formatter(FixedFormatter(words))
        return len(self._thinned) > before

    def align(self, renderer: Any) -> list[Bbox]:
        """Put words where the axes stand at last; the room that is taken."""
        ax, inner = self._ax, self._ax.bbox
        self.place()
        outer = self._outer(renderer)
        x = 0.0 if self._wide else (outer.x0 - inner.x0) / inner.width
        ax.title.set_x(x)
        self._begin(x)
        ax.get_tightbbox(renderer)  # moves title and labels
        fixed = [ax.title, *ticks(ax.xaxis), *ticks(ax.yaxis)]
        fixed += [ax.xaxis.label, ax.yaxis.label] if ax.axison else []
        legend = ax.get_legend()
        return boxes(fixed, renderer) + ([legend.get_window_extent(renderer)] if legend is not None else [])

    def declutter(self, renderer: Any, taken: list[Bbox]) -> None:
        """Hide labels that would stand on another, the less important ones first."""
        for text in sorted(self._ax.texts, key=lambda text: -text.get_zorder()):
            if not text.get_visible() or not text.get_text().strip():
                continue
            box = extent(text, renderer)
            if any(meet(box, other) for other in taken):
                self._hide(text)
            else:
                taken.append(box)

    def _hide(self, text: Text) -> None:
        text.set_visible(False)
        self._hidden.append(text)


def of(ax: Axes) -> Chart | None:
    """The chart in the Axes, if one of this package's is."""
    return next((artist for artist in ax.artists if isinstance(artist, Chart)), None)


def adopt(ax: Axes, *, own: bool) -> Chart:
    """Let the fitting step know of the Axes, and see to it that their figure has that step."""
    chart = of(ax) or ax.add_artist(Chart(own=own))
    assert isinstance(chart, Chart)
    figure = root(ax)
    engine = figure.get_layout_engine()
    if engine is None or type(engine) is ConstrainedLayoutEngine:
        figure.set_layout_engine(Layout(**(engine.get() if engine else {})))
    return chart


def root(artist: Artist) -> Figure:
    """The whole figure that an artist is drawn in."""
    figure = artist.get_figure(root=True)
    assert figure is not None
    return figure


def extent(text: Text, renderer: Any) -> Bbox:
    """The room a text takes, without the arrow of an annotation."""
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


def boxes(texts: Iterable[Text], renderer: Any) -> list[Bbox]:
    """The room each text takes that says something."""
    return [extent(text, renderer) for text in texts if text.get_visible() and text.get_text().strip()]


def points(text: Text, renderer: Any) -> Bbox:
    """The room a text takes, in points."""
    box, scale = extent(text, renderer), 72 / root(text).dpi
    return Bbox.from_bounds(box.x0 * scale, box.y0 * scale, box.width * scale, box.height * scale)


def meet(a: Bbox, b: Bbox) -> bool:
    """Whether two boxes overlap, or all but touch.

    >>> meet(Bbox([[0, 0], [2, 2]]), Bbox([[1, 1], [3, 3]])), meet(Bbox([[0, 0], [2, 2]]), Bbox([[4, 0], [6, 2]]))
    (True, False)
    """
    return bool(a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1)


def touching(found: list[Bbox]) -> bool:
    """Whether any of the boxes, in order, stands on the next one."""
    return any(meet(Bbox.from_extents(a.x0 - 4, a.y0, a.x1 + 4, a.y1), b.padded(0.5)) for a, b in pairwise(found))


def ticks(axis: Axis) -> list[Text]:
    """The labels of the ticks in sight, in their order along the axis."""
    if not (axis.get_visible() and axis.axes.axison):
        return []
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    seen = [
        (tick.get_loc(), tick.label1)
        for tick in axis.get_major_ticks(len(axis.get_majorticklocs()))
        if low - slack <= tick.get_loc() <= high + slack and tick.label1.get_visible() and tick.label1.get_text().strip()
    ] if axis.get_majorticklabels() else []  # fmt: skip
    return [text for _, text in sorted(seen, key=lambda pair: pair[0])]


def broken(text: Text, words: str, width: float, renderer: Any, most: float = float("inf")) -> str:
    """`words` in lines that are no longer than `width` (pixels) in the look of `text`, `most` pixels high at most."""
    lines = words.splitlines() or [""]
    longest = size = max(map(len, lines))
    while True:
        text.set_text("\n".join(lines))
        box = extent(text, renderer)
        reach = box.height if text.get_rotation() == 90 else box.width
        if reach <= width or size <= 8:
            break
        size = max(8, min(size - 1, int(max(map(len, lines)) * width / reach))) if size == longest else size - 1
        lines = [
            part for line in words.splitlines() for part in textwrap.wrap(line, size, break_long_words=False) or [""]
        ]
    kept = len(lines)
    while kept > 2 and extent(text, renderer).height > most and text.get_rotation() != 90:
        kept -= 1
        text.set_text("\n".join([*lines[: kept - 1], lines[kept - 1] + " …"]))
    return text.get_text()


def out_of_sight(ax: Axes, text: Text) -> bool:
    """Whether an annotation names a point that the limits of the axes leave out."""
    if not isinstance(text, Annotation):
        return False
    coords = text.xycoords if isinstance(text.xycoords, tuple) else (text.xycoords, text.xycoords)
    for kind, value, limits in zip(coords, text.xy, (ax.get_xlim(), ax.get_ylim()), strict=True):
        low, high = sorted(limits)
        if kind == "data" and not low - 0.01 * (high - low) <= float(value) <= high + 0.01 * (high - low):
            return True
    return False
