"""Pictures: each function takes data and an optional `ax`, draws, and returns the Axes.

>>> import fentanyl_stats as fs
>>> ax = fs.charts.multiverse(fs.assess("foreign-offices"))
>>> "93" in fs.charts.alt_text(ax)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import style as style
    from ._beside import laboratory as laboratory
    from ._beside import purity as purity
    from ._completeness import completeness as completeness
    from ._completeness import residuals as residuals
    from ._contrast import contrast as contrast
    from ._deaths import deaths as deaths
    from ._events import dated_series as dated_series
    from ._events import placebo as placebo
    from ._fan import fan as fan
    from ._heat import supply_areas as supply_areas
    from ._ladder import ladder as ladder
    from ._life import life as life
    from ._multiverse import multiverse as multiverse
    from ._offices import offices as offices
    from ._ranks import ranks as ranks
    from ._said import said_and_found as said_and_found
    from ._scoreboard import scoreboard as scoreboard
    from ._seizures import seizure_shares as seizure_shares
    from ._seizures import seizures as seizures
    from ._supply import concentration as concentration
    from ._supply import seizure_size as seizure_size
    from ._supply import supply_months as supply_months
    from ._supply import supply_years as supply_years
    from ._tipping import tipping as tipping
    from ._trend import small_multiples as small_multiples
    from ._trend import trend as trend
    from .style import alt_text as alt_text

# Modules bear an underscore: a submodule named like its function would take the function's place once imported.
_WHERE = {
    "alt_text": "style",
    "completeness": "_completeness",
    "concentration": "_supply",
    "dated_series": "_events",
    "contrast": "_contrast",
    "deaths": "_deaths",
    "fan": "_fan",
    "laboratory": "_beside",
    "ladder": "_ladder",
    "life": "_life",
    "multiverse": "_multiverse",
    "offices": "_offices",
    "placebo": "_events",
    "purity": "_beside",
    "seizure_shares": "_seizures",
    "seizure_size": "_supply",
    "ranks": "_ranks",
    "residuals": "_completeness",
    "said_and_found": "_said",
    "scoreboard": "_scoreboard",
    "seizures": "_seizures",
    "small_multiples": "_trend",
    "style": "style",
    "supply_areas": "_heat",
    "supply_months": "_supply",
    "supply_years": "_supply",
    "tipping": "_tipping",
    "trend": "_trend",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{_WHERE[name]}", __name__)
    value = module if name == "style" else getattr(module, name)
    globals()[name] = value
    return value
