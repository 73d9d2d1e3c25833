"""Yearly death rates with their intervals."""

from __future__ import annotations

import pandas as pd

from ..data import names
from ..errors import DataError, NotPublished, unknown
from .places import _crude, _wonder

MEASURES = ("age-adjusted", "crude")


def death_rates(
    measure: str = "age-adjusted",
    drug: str = "all",
    jurisdiction: str = "US",
    first: int = 1999,
    last: int = 2022,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Death rates per 100,000 by calendar year, residents, with 95 % limits as NCHS prints them.

    Age-adjusted rates and the crude rates of states are those of CDC WONDER, of all drugs; crude rates of a drug are
    final counts over the Census population of the year, for the United States. Rates printed to one decimal are not
    used: they are too coarse for a trend.

    Returns
    -------
    DataFrame
        Columns year, rate, se, low, high, deaths, flag; years without a final rate are left out and counted in
        attribute "missing". Attribute "source" is the Source.

    Raises
    ------
    DataError
        If a name is unknown or the years are upside down.
    NotPublished
        If no such rate is held.

    Examples
    --------
    >>> us = death_rates(first=2021)
    >>> us["rate"].round(1).tolist()
    [32.4, 32.6]
    """
    names.require_drug(drug)
    names.require_jurisdiction(jurisdiction)
    if measure not in MEASURES:
        raise DataError(unknown("measure", measure, MEASURES))
    if first > last:
        raise DataError(f"years upside down: first {first} is after last {last}")
    if drug == "all":
        found = _wonder(measure, jurisdiction, as_of)
    elif measure == "crude" and jurisdiction == "US":
        found = _crude(drug, as_of)
    else:
        raise NotPublished(
            f"{measure} rates of {drug} are not held for {jurisdiction}: age-adjusted and state rates are of drug 'all', "
            "crude rates of a drug are of the United States"
        )
    wanted = found[found["year"].between(first, last)]
    if wanted.empty:
        raise NotPublished(f"no {measure} rate of {drug} is held for {jurisdiction} from {first} to {last}")
    kept = wanted.dropna(subset=["rate"]).reset_index(drop=True)
    kept.attrs = {"source": found.attrs["source"], "missing": len(wanted) - len(kept)}
    return kept
