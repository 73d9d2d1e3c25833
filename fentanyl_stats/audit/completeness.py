"""NCHS's own formula from reported to predicted deaths, refitted on a release and checked against what it printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from ..data import catalog, names, store
from ..data.catalog import as_date
from ..errors import NotPublished
from ..model import Source

if TYPE_CHECKING:
    from ..stats.provisional import Coefficients

SPANS = ((0, 2022, "2022 or before"), (2023, 2024, "2023 and 2024"), (2025, 9999, "2025 or later"))
"""Years of the month ending that NCHS estimates apart: the last two with one level for each calendar month."""


@dataclass(frozen=True, slots=True)
class Refit:
    """The formula of one drug in one release, all places together.

    `frame` has a row for each printed prediction: jurisdiction, month_ending, span, line (the straight line it lies on: its
    span, with the calendar month where each has a level of its own), reported, predicted, refitted, difference (printed
    minus refitted, deaths), percent_pending, percent_complete, percent_fitted.
    """

    drug: str
    source: Source
    coefficients: Mapping[str, Coefficients]
    frame: pd.DataFrame

    @property
    def exact(self) -> int:
        """Predictions that the formula reproduces exactly."""
        return int((self.frame["difference"] == 0).sum())

    @property
    def slopes(self) -> tuple[float, float]:
        """How many per cent of the overdose deaths are missing for each per cent of records pending: lowest and highest.

        Examples
        --------
        >>> low, high = refit("all").slopes
        >>> round(low, 1), round(high, 1)
        (11.9, 12.0)
        """
        slopes = [fit.b * 100 for fit in self.coefficients.values()]
        return min(slopes), max(slopes)

    @property
    def worst(self) -> int:
        """The largest difference, in deaths."""
        return int(self.frame["difference"].abs().max())


def refit(drug: str, as_of: str | date | None = None) -> Refit:
    """Fit the formula on the newest release that prints the share of records pending for this drug.

    Raises
    ------
    DataError
        If the drug is unknown; NotPublished if no release that is allowed holds what the fit needs.

    Examples
    --------
    >>> found = refit("all")
    >>> found.source.vintage, len(found.frame), found.exact
    ('2025-01-08', 6095, 6095)
    """
    names.require_drug(drug)
    day = None if as_of is None else as_date(as_of)
    for table in reversed(catalog.files("vsrr")):
        if table.is_frame and (day is None or table.known <= day):
            rows = store.load("vsrr", table.vintage)
            rows = rows[(rows["drug"] == drug)].dropna(subset=["reported", "predicted", "percent_pending"])
            if len(rows):
                return _fitted(drug, table.source, pd.DataFrame(rows))
    limit = f" published by {day}" if day else ""
    raise NotPublished(f"no release{limit} holds predicted counts of {drug} with the share of records pending")


def _fitted(drug: str, source: Source, rows: pd.DataFrame) -> Refit:
    from ..stats import provisional

    year, month = rows["month_ending"].str[:4].astype(int), rows["month_ending"].str[5:].astype(int)
    coefficients, parts = {}, []
    for first, last, name in SPANS:
        span = rows[year.between(first, last)]
        if span.empty:
            continue
        by_month = month[span.index] if first else None
        fit = provisional.fit_coefficients(span["reported"], span["predicted"], span["percent_pending"], by_month)
        again = provisional.predict(span["reported"], span["percent_pending"], fit, by_month)
        level = by_month.map(fit.a_month) if by_month is not None else fit.a
        share = 100 * (level - fit.b * span["percent_pending"]).clip(upper=1)
        coefficients[name] = fit
        line = name if by_month is None else name + ", month " + by_month.astype(str)
        parts.append(span.assign(span=name, line=line, refitted=again, percent_fitted=share))
    frame = pd.concat(parts, ignore_index=True)
    frame["difference"] = frame["predicted"] - frame["refitted"]
    frame["percent_complete"] = 100 * (frame["reported"] / frame["predicted"].where(frame["predicted"] > 0))
    columns = [
        "jurisdiction", "month_ending", "span", "line", "reported", "predicted", "refitted", "difference", "percent_pending",
        "percent_complete", "percent_fitted",
    ]  # fmt: skip
    return Refit(drug, source, coefficients, frame[columns])
