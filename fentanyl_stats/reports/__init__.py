"""Notebooks in, pages out: parameters, execution through papermill, batches, the HTML site and results.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .batch import run
    from .cache import Job, Outcome

_WHERE = {"Job": "cache", "Outcome": "cache", "run": "batch"}
__all__ = ["Job", "Outcome", "run"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
