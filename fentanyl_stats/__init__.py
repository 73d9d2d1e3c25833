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
    from . import analysis as analysis
    from . import charts as charts
    from . import errors as errors
    from . import model as model
    from . import reports as reports
    from . import stats as stats
    from .audit import hedges as hedges
    from .audit import sentences as sentences
    from .audit import verdicts as verdicts
    from .audit.assess import Assessment as Assessment
    from .audit.assess import assess as assess
    from .audit.assess import check as check
    from .audit.ledger import Claim as Claim
    from .audit.ledger import article_figures as article_figures
    from .audit.ledger import claims as claims
    from .audit.ledger import sources as sources
    from .audit.quantities import quantities as quantities
    from .audit.reading import Candidate as Candidate
    from .audit.reading import read as read
    from .audit.readings import Reading as Reading
    from .data import names as names
    from .data.archive import Archive as Archive
    from .data.archive import archive as archive
    from .data.archive import vintages as vintages
    from .data.catalog import datasets as datasets
    from .data.identify import Matches as Matches
    from .data.identify import identify as identify
    from .data.names import drugs as drugs
    from .data.names import jurisdictions as jurisdictions
    from .data.publishers import read_publisher as read_publisher
    from .data.store import load as load
    from .errors import FentanylStatsError as FentanylStatsError
    from .model import Estimate as Estimate
    from .model import Interval as Interval
    from .model import Period as Period
    from .model import Source as Source
    from .model import __version__ as __version__
    from .reports.parameters import parameters as parameters
    from .show import show as show

_MODULES = {"": "analysis charts errors model reports stats", "audit.": "hedges sentences verdicts", "data.": "names"}
_OBJECTS = {
    "audit.assess": "Assessment assess check",
    "audit.ledger": "Claim article_figures claims sources",
    "audit.quantities": "quantities",
    "audit.reading": "Candidate read",
    "audit.readings": "Reading",
    "data.archive": "Archive archive vintages",
    "data.catalog": "datasets",
    "data.identify": "Matches identify",
    "data.names": "drugs jurisdictions",
    "data.publishers": "read_publisher",
    "data.store": "load",
    "errors": "FentanylStatsError",
    "model": "Estimate Interval Period Source __version__",
    "reports.parameters": "parameters",
    "show": "show",
}
_LAZY = {name: (folder + name, "") for folder, listed in _MODULES.items() for name in listed.split()}
_LAZY |= {name: (path, name) for path, listed in _OBJECTS.items() for name in listed.split()}
__all__ = sorted(_LAZY)


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    path, attribute = _LAZY[name]
    module = import_module(f".{path}", __name__)
    value = globals()[name] = getattr(module, attribute) if attribute else module
    return value


class _Package(ModuleType):
    """Keeps `show` the function: Python binds a submodule here when anybody imports it, and `show.py` is named alike."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value.show if name == "show" and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext fentanyl_stats`: complete claim ids, datasets, drugs, places and quantities at the TAB key."""
    from . import completion

    completion.register(shell)


if "IPython" in sys.modules:  # in a notebook importing is enough; elsewhere IPython is not even looked at
    load_ipython_extension(None)
