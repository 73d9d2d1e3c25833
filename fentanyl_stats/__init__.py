"""Printed numbers about fentanyl, next to the public data: readings, intervals, verdicts, reports.

Everything below loads on first use (PEP 562), so that importing the package costs next to nothing.

>>> import fentanyl_stats as fs
>>> print(fs.check("nearly 100,000", "deaths/synthetic-opioids", period="2023").verdict)
CONTRADICTED (overstates)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import charts, errors, model, reports, stats
    from .audit import hedges, verdicts
    from .audit.assess import Assessment, assess, check
    from .audit.ledger import Claim, article_figures, claims
    from .audit.readings import Reading
    from .data.archive import vintages
    from .data.catalog import datasets
    from .data.publishers import read_publisher
    from .data.store import load
    from .errors import FentanylStatsError
    from .model import Estimate, Interval, Period, Source
    from .show import show

__version__ = "0.1.0"

_LAZY = {
    "Assessment": "audit.assess:Assessment",
    "Claim": "audit.ledger:Claim",
    "Estimate": "model:Estimate",
    "FentanylStatsError": "errors:FentanylStatsError",
    "Interval": "model:Interval",
    "Period": "model:Period",
    "Reading": "audit.readings:Reading",
    "Source": "model:Source",
    "article_figures": "audit.ledger:article_figures",
    "assess": "audit.assess:assess",
    "charts": "charts",
    "check": "audit.assess:check",
    "claims": "audit.ledger:claims",
    "datasets": "data.catalog:datasets",
    "errors": "errors",
    "hedges": "audit.hedges",
    "load": "data.store:load",
    "model": "model",
    "read_publisher": "data.publishers:read_publisher",
    "reports": "reports",
    "show": "show:show",
    "stats": "stats",
    "verdicts": "audit.verdicts",
    "vintages": "data.archive:vintages",
}

__all__ = [
    "Assessment",
    "Claim",
    "Estimate",
    "FentanylStatsError",
    "Interval",
    "Period",
    "Reading",
    "Source",
    "__version__",
    "article_figures",
    "assess",
    "charts",
    "check",
    "claims",
    "datasets",
    "errors",
    "hedges",
    "load",
    "model",
    "read_publisher",
    "reports",
    "show",
    "stats",
    "verdicts",
    "vintages",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    path, _, attribute = _LAZY[name].partition(":")
    module = import_module(f".{path}", __name__)
    value = globals()[name] = getattr(module, attribute) if attribute else module
    return value


class _Package(ModuleType):
    """Keeps `show` the function: Python binds a submodule here when anybody imports it, and `show.py` is named alike."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value.show if name == "show" and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext fentanyl_stats`: complete claim ids, datasets, drugs, places and quantities at the TAB key."""
    from . import completion

    completion.register(shell)


if "IPython" in sys.modules:  # in a notebook importing is enough; elsewhere IPython is not even looked at
    load_ipython_extension(None)
