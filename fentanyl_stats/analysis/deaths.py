"""Overdose deaths: every published value of one number."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from ..data import archive, names
from ..errors import NotPublished
from ..model import Period

LABELS = {drug: names.deaths_label(drug) for drug in names.drugs()}
T404 = "T40.4 is the usual stand-in for fentanyl; it also holds analogues and tramadol"


def published(drug: str, period: Period, jurisdiction: str) -> pd.DataFrame:
    """Every published value of one number, in order of publication, a table after a text of the same day; no misprints."""
    return _published(drug, period, jurisdiction, archive.stamp()).copy()


@lru_cache(maxsize=1024)
def _published(drug: str, period: Period, jurisdiction: str, stamp: object) -> pd.DataFrame:
    try:
        rows = archive.vintages(drug, period.month_ending, jurisdiction)
    except NotPublished:
        return pd.DataFrame(
            columns=["known", "vintage", "dataset", "measure", "value", "qualifier", "flag", "source_id"]
        )
    if period.kind != "year":
        rows = rows[rows["measure"] != "final"]
    rows = rows[~rows["flag"].str.contains("misprint")]
    return rows.assign(text=rows["dataset"] == "published-figures").sort_values(
        ["known", "text"], ascending=[True, False], kind="stable"
    )
