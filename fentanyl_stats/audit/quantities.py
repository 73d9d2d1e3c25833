"""The things public data measure, each under a slug: its unit, its words, and the measures it comes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..data import names
from ..data.names import VOCABULARY
from ..errors import LedgerError, unknown

MISSING_AT_RANDOM, UPPER_BOUND, REVISION = "missing-at-random", "upper-bound", "revision"
PURE = "pure"
"""The correction that turns gross weight into pure weight, as far as published purities go."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured thing: its unit, its words, the measures it comes in (the preferred first), the corrections there are.

    `instant` counts are of a day, `worded` ones stand in texts alone, so that a test has to name the figures or the
    count; `dated` ones are known for named periods and have no "latest".
    """

    slug: str
    unit: str
    label: str
    measures: tuple[str, ...]
    corrections: tuple[str, ...] = ("none",)
    instant: bool = False
    worded: bool = False
    dated: bool = False


def _deaths(drug: str) -> Quantity:
    corrections = ("none", REVISION) if drug == "all" else ("none", MISSING_AT_RANDOM, UPPER_BOUND, REVISION)
    return Quantity(
        f"deaths/{drug}", "deaths", names.deaths_label(drug), ("final", "reported", "predicted"), corrections
    )


def _listed(entry: dict[str, Any]) -> Quantity:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return Quantity(**{**entry, **lists})


_ALL = (*map(_deaths, names.drugs()), *map(_listed, VOCABULARY["quantities"]))


def catalogue() -> dict[str, Quantity]:
    """Every quantity by slug."""
    return {quantity.slug: quantity for quantity in _ALL}


def quantities() -> pd.DataFrame:
    """What public data measure, and `check` and claims files can name: quantity, unit, label, measures (in words).

    >>> quantities().set_index("quantity").unit["deaths/heroin"]
    'deaths'
    """
    rows = [(found.slug, found.unit, found.label, ", ".join(found.measures)) for found in _ALL]
    return pd.DataFrame(rows, columns=["quantity", "unit", "label", "measures"])


def quantity(slug: str) -> Quantity:
    """The quantity of that slug.

    Raises
    ------
    LedgerError
        If there is none; close slugs are suggested.

    Examples
    --------
    >>> quantity("deaths/synthetic-opioids").unit
    'deaths'
    """
    known = catalogue()
    if slug not in tuple(known):  # which asks for no hash
        raise LedgerError(unknown("quantity", slug, known, limit=40))
    return known[slug]


def places(slug: str) -> Iterable[str]:
    """The jurisdictions that a quantity is held for: only deaths are counted by place."""
    return names.jurisdictions() if slug.startswith("deaths/") else ("US",)
