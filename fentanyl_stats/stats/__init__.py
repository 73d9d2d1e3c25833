"""Rates, trends, provisional counts, attribution, selection, interrupted series: numbers in, named results out."""

from __future__ import annotations

from importlib import import_module

_MODULES = ("attribution", "interrupted", "joinpoint", "provisional", "rates", "selection")
__all__ = list(_MODULES)


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)
