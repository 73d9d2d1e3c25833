"""Tab completion of the names that stand in quotes: claims, datasets, drugs, places, quantities.

Importing the package in IPython or Jupyter switches it on; `%load_ext fentanyl_stats` does so by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import fentanyl_stats as fs


def _datasets() -> Iterable[str]:
    from .data import catalog

    return dict.fromkeys(table.dataset for table in catalog.entries() if table.is_frame)


_OPTIONS: dict[str, Callable[[], Iterable[str]]] = {
    "claim": lambda: fs.claims(),
    "dataset": _datasets,
    "drug": lambda: fs.drugs(),
    "jurisdiction": lambda: fs.jurisdictions(),
    "quantity": lambda: fs.quantities()["quantity"],
}
"""Parameter -> its names."""

_BEFORE = {
    r"\bassess\(\s*": "claim",
    r"\bload\(\s*": "dataset",
    r"\bvintages\(\s*": "drug",
    r"\bclaims\([^()]*\)\[\s*": "claim",
    r"\bcheck\(\s*(?:\"[^\"]*\"|'[^']*')\s*,\s*": "quantity",
    **{rf"\b{name}\s*(?::\s*str\s*)?=\s*": name for name in _OPTIONS},
}
"""What stands before the quote -> the parameter meant, by its name too: in a call and in a parameters cell (`drug: str = "`)."""


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
    for before, parameter in _BEFORE.items():
        if found := re.search(before + r"""["']([\w/-]*)$""", line):
            return _OPTIONS[parameter], found[1]
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
