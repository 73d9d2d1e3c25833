"""Pictures: each function takes data and an optional `ax`, draws, and returns the Axes.

The chart's title is the Axes' title, and what is set afterwards (title, limits, colours) changes the picture.

>>> import fentanyl_stats as fs
>>> ax = fs.charts.multiverse(fs.assess("foreign-offices"))
>>> "93" in fs.charts.alt_text(ax)
True
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import NotPublished

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from . import style as style
    from ._claims import *  # noqa: F403
    from ._deaths import *  # noqa: F403
    from ._events import *  # noqa: F403
    from ._offices import *  # noqa: F403
    from ._origin import *  # noqa: F403
    from ._provisional import *  # noqa: F403
    from ._supply import *  # noqa: F403
    from ._trends import *  # noqa: F403
    from .style import alt_text as alt_text

# Modules bear an underscore: a submodule named like its function would take the function's place once imported.
_WHERE = {
    name: module
    for module, names in {
        "_claims": "deciding ladder multiverse parts said_and_found scoreboard windows",
        "_deaths": "deaths revision_range",
        "_events": "dated_series placebo",
        "_offices": "offices",
        "_origin": "contrast seizure_shares seizures tipping",
        "_provisional": "completeness first_numbers life residuals",
        "_supply": "concentration laboratory purity seizure_size supply_areas supply_months supply_years",
        "_trends": "ranks small_multiples trend",
        "style": "alt_text",
    }.items()
    for name in names.split()
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> object:
    if name == "style":
        return import_module(".style", __name__)
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    drawn = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    value = globals()[name] = drawn if name == "alt_text" else _or_nothing(drawn)
    return value


def _or_nothing(draw: Callable[..., Axes]) -> Callable[..., Axes]:
    """Where nothing was published, the chart is an Axes that says so, so that no cell of a notebook needs a condition."""

    @wraps(draw)
    def drawn(*args: Any, **options: Any) -> Axes:
        try:
            return draw(*args, **options)
        except NotPublished as missing:
            from .style import nothing

            given = [x for x in (*args, *options.values()) if type(x).__name__.endswith("Axes")]
            return nothing(given[0] if given else None, str(missing))

    return drawn


def __dir__() -> list[str]:
    return __all__
