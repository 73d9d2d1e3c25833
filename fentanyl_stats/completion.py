"""Tab completion of the names that stand in quotes: claims, datasets, drugs, places, quantities.

Importing the package in IPython or Jupyter switches it on; `%load_ext fentanyl_stats` does so by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any


def _claims() -> Iterable[str]:
    from .audit import ledger

    return ledger.claims()


def _datasets() -> Iterable[str]:
    from .data import catalog

    return dict.fromkeys(table.dataset for table in catalog.entries() if table.is_frame)


def _drugs() -> Iterable[str]:
    from .data import names

    return names.drugs()


def _places() -> Iterable[str]:
    from .data import names

    return names.jurisdictions()


def _quantities() -> Iterable[str]:
    from .audit import quantities

    return quantities.catalogue()


_BY_NAME: dict[str, Callable[[], Iterable[str]]] = {
    "claim": _claims,
    "dataset": _datasets,
    "drug": _drugs,
    "jurisdiction": _places,
    "quantity": _quantities,
}
"""Parameter -> its names: in a call (`drug="`) and in a parameters cell (`drug: str = "`)."""

_BY_CALL: dict[str, Callable[[], Iterable[str]]] = {"assess": _claims, "load": _datasets, "vintages": _drugs}
"""Function of the package -> the names of its first argument."""

_QUOTED = r"""["']([\w/-]*)$"""
_NAMED = re.compile(rf"\b({'|'.join(_BY_NAME)})\s*(?::\s*str\s*)?=\s*{_QUOTED}")
_CALLED = re.compile(rf"\b({'|'.join(_BY_CALL)})\(\s*{_QUOTED}")
_PICKED = re.compile(rf"\bclaims\([^()]*\)\[\s*{_QUOTED}")
_CHECKED = re.compile(rf"\bcheck\(\s*(?:\"[^\"]*\"|'[^']*')\s*,\s*{_QUOTED}")


def names(line: str) -> list[str]:
    """The names that fit a line of code up to the cursor; none where nothing of the package is asked for.

    Examples
    --------
    >>> names('fs.assess("deaths-p')
    ['deaths-per-year']
    >>> names('drug: str = "her')
    ['heroin']
    """
    options, start = _asked(line)
    return [name for name in options() if name.startswith(start)]


def register(shell: Any = None) -> None:
    """Add the names to the completer of an IPython shell, once; without a shell, to the running one, if any."""
    if shell is None and "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
    completer = getattr(shell, "Completer", None)
    if completer is not None and _matcher() not in completer.custom_matchers:
        completer.custom_matchers.append(_matcher())


def _asked(line: str) -> tuple[Callable[[], Iterable[str]], str]:
    """Where the names come from, and what has been typed of one."""
    for pattern, table in ((_NAMED, _BY_NAME), (_CALLED, _BY_CALL)):
        if found := pattern.search(line):
            return table[found[1]], found[2]
    for pattern, options in ((_PICKED, _claims), (_CHECKED, _quantities)):
        if found := pattern.search(line):
            return options, found[1]
    return tuple, ""


@cache
def _matcher() -> Callable[[Any], dict[str, Any]]:
    from IPython.core.completer import SimpleCompletion, context_matcher

    def fentanyl_stats_names(context: Any) -> dict[str, Any]:
        line = context.text_until_cursor
        completions = [SimpleCompletion(text=name, type="name") for name in names(line)]
        # Files of such names are not meant, so other completions are left out where there are names.
        return {"completions": completions, "matched_fragment": _asked(line)[1], "suppress": bool(completions)}

    made: Callable[[Any], dict[str, Any]] = context_matcher()(fentanyl_stats_names)
    return made
