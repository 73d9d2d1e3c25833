"""Rates, trends, provisional counts, attribution, selection, interrupted series: numbers in, named results out."""

from __future__ import annotations

from importlib import import_module

__all__ = ["attribution", "interrupted", "joinpoint", "provisional", "rates", "selection"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)


def __dir__() -> list[str]:
    return __all__
