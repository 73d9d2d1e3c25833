"""Frames of numbers behind the pages: for notebooks, for the audit, and for anyone.

>>> import fentanyl_stats as fs
>>> fs.analysis.seizures.shares().columns[0]
'fiscal_year'
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["deaths", "events", "laboratory", "origin", "places", "revisions", "seizures", "trends"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)


def __dir__() -> list[str]:
    return __all__
