"""Charts: what is drawn, what is refused, what is said where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes

from fentanyl_stats import charts
from fentanyl_stats.errors import ReportError
from fentanyl_stats.show import NOTHING


def refusal(draw: Callable[[], Axes]) -> str:
    """Why there is no picture: the error, or the sentence of an Axes in which nothing could be drawn."""
    try:
        ax = draw()
    except ReportError as error:
        return str(error)
    assert ax.get_gid() == NOTHING and not ax.axison
    return charts.alt_text(ax)
