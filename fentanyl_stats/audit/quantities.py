"""The things public data measure, each under a slug: its unit, its words, and the measures it comes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ..data import names
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


def _share(slug: str, label: str, measure: str = "weight", *, pure: bool = False, dated: bool = False) -> Quantity:
    return Quantity(
        slug, "percent", f"share of {label}", (measure,), ("none", PURE) if pure else ("none",), dated=dated
    )


def _offices(slug: str, label: str, *, worded: bool = False) -> Quantity:
    unit = slug.partition("/")[0]
    return Quantity(slug, unit, label, ("count",), instant=True, worded=worded, dated=worded)


_SEIZED, _ENTERING = "the seized weight", "the illegal fentanyl entering the country"
_ALL = (
    *map(_deaths, names.drugs()),
    _share("seizure-share/non-southwest", f"{_SEIZED} caught elsewhere than at the Mexican border", pure=True),
    _share("seizure-events-share/non-southwest", "the seizure events elsewhere than at the Mexican border", "events"),
    _share("seizure-share/mail-china", f"{_SEIZED} that came by mail and express from China", dated=True),
    _share(
        "seizure-share/mail-china-or-mexico",
        "mail and express from China in what was seized from there and from Mexico",
        pure=True,
        dated=True,
    ),
    _share("origin-share/direct", f"{_ENTERING} that is shipped straight from China", "not measured", dated=True),
    _share("origin-share/ultimate", f"{_ENTERING} that comes from China", "not measured", dated=True),
    _share("origin-share/precursors", "the world's fentanyl precursors made in China", "not measured", dated=True),
    _offices("offices/foreign", "offices of the DEA abroad"),
    _offices("offices/agency", "offices of the whole DEA, at home and abroad"),
    _offices("countries/foreign", "countries with an office of the DEA"),
    _offices("offices/closing", "offices of the DEA that are to close", worded=True),
    _offices("offices/closing-china", "offices of the DEA in China that are to close", worded=True),
    _offices("offices/guangzhou", "offices of the DEA in Guangzhou", worded=True),
)


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
