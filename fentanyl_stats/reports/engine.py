"""The papermill engine under the name by which papermill finds it.

papermill loads the engines of other packages while it is being imported itself. Whoever comes first, papermill must have
begun before the engine that builds on it (`_engine.py`); so this module imports neither until it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._engine import ForkedEngine

__all__ = ["ForkedEngine"]


def __getattr__(name: str) -> object:
    if name != "ForkedEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import papermill  # noqa: F401

    from ._engine import ForkedEngine

    return ForkedEngine
