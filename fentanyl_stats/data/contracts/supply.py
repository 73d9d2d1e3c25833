"""Contracts of the tables of seizures and laboratory reports."""

from __future__ import annotations

import pandas as pd

from ..relations import Relation, met, one_each
from .base import MONTH, STATES, Contract


def _fiscal_year(frame: pd.DataFrame) -> pd.Series:
    year, month = (pd.to_numeric(frame["month"].str[part], errors="coerce") for part in (slice(4), slice(5, 7)))
    return met(frame["fiscal_year"] == year + (month >= 10))


CONTRACTS: dict[str, Contract] = {
    "cbp-seizures": Contract(
        key=("month", "component", "region", "land_filter", "area_of_responsibility"),
        given=("events", "pounds", "source_file_vintage", "status"),
        words={
            "component": ["ofo", "usbp"],
            "region": ["southwest-border", "northern-border", "coastal-interior"],
            "land_filter": ["land-only", "other"],
            "status": ["closed", "open"],
        },
        patterns={"month": MONTH},
        ranges={"events": (0, None), "pounds": (0, None)},
        relations=[
            Relation("fiscal_year", "fiscal_year must be that of month (October begins the next)", _fiscal_year),
            one_each("component", "area_of_responsibility"),
            one_each("source_file_vintage", "fiscal_year"),
            one_each("status", "fiscal_year"),
            Relation(
                "status",
                "only the last fiscal year can be open",
                lambda f: (f["status"] == "closed") | (f["fiscal_year"] == f["fiscal_year"].max()),
            ),
            Relation(
                "land_filter",
                "the coast and the interior have no land border",
                lambda f: (f["land_filter"] == "other") | (f["region"] != "coastal-interior"),
            ),
            Relation(
                "pounds",
                "pounds need at least one event",
                lambda f: met((f["pounds"] == 0) | (f["events"] > 0)),
            ),
        ],
    ),
    "nflis": Contract(
        key=("year", "half", "state", "substance"),
        given=("reports",),
        words={"half": [1, 2], "state": [*STATES, "PR", "GU", "VI", "XX"]},
        ranges={"reports": (0, None), "year": (1990, 2100)},
    ),
}
