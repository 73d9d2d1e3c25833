"""The papermill engine under the name by which papermill finds it.

papermill loads the engines of other packages while it is being imported itself. So this class needs nothing of papermill
until it is asked for something; all that it can do is in `kernel.client`.
"""

from __future__ import annotations


class _Later(type):
    def __getattr__(cls, name: str) -> object:
        from .kernel.client import ForkedEngine as Engine

        return getattr(Engine, name)


class ForkedEngine(metaclass=_Later):
    """Runs notebooks in forks of one preloaded process: `papermill --engine fentanyl`."""
