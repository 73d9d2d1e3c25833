"""Pictures: each function takes data and an optional `ax`, draws, and returns the Axes.

>>> import fentanyl_stats as fs
>>> ax = fs.charts.multiverse(fs.assess("foreign-offices"))
>>> "93" in fs.charts.alt_text(ax)
True
"""

from __future__ import annotations

from importlib import import_module

_WHERE = {
    "alt_text": "style",
    "deaths": "deaths",
    "ladder": "ladder",
    "multiverse": "multiverse",
    "offices": "offices",
    "seizure_shares": "seizures",
    "ranks": "ranks",
    "scoreboard": "scoreboard",
    "seizures": "seizures",
    "small_multiples": "trend",
    "style": "style",
    "trend": "trend",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{_WHERE[name]}", __name__)
    value = module if name == "style" else getattr(module, name)
    globals()[name] = value
    return value
