"""What laboratories and publications say of the drug itself: NFLIS reports by half-year, printed purities and pills.

A report is one drug in one tested item: no seizure, no death, no person. Calendar halves are never added to fiscal years.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from ..data import store
from ..errors import NotPublished

FENTANYL = "Fentanyl"
LATE = timedelta(days=365)
"""Laboratories report late: a calendar year counts as complete when it ended this long before the query."""
PURITY = "average purity of fentanyl powder"
PILL = "fentanyl per pill"
PILLS = "fake pills seized by DEA"
_GROUPS = {
    "powder": (PURITY,),
    "pill": (PILL,),
    "pills": (PILLS,),
    "china": ("purity of fentanyl shipped directly from China", "purity of Chinese fentanyl"),
    "mexico": ("purity of fentanyl arriving overland from Mexico", "purity of fentanyl at the southwest border"),
}
CAUTION = "a report is one drug in one tested item, not a seizure, a death or a person"


def half_years(as_of: str | date | None = None) -> pd.DataFrame:
    """Laboratory reports of the United States by half-year, with what CBP seized in the same six months.

    Returns
    -------
    DataFrame
        Columns half (`2023-1`), start and end (days), fentanyl, related (reports of all other substances of the
        category), complete (bool: late reports are in), pounds and events (missing unless the seizure file holds all
        six months), settled (bool: no month of an open fiscal year). `.attrs["source"]` is that of the reports,
        `.attrs["seizures"]` that of the seizures or None.

    Raises
    ------
    NotPublished
        If no query was known by `as_of`.

    Examples
    --------
    >>> int(half_years().set_index("half").fentanyl["2023-1"])
    95173
    """
    table = store.load("nflis", as_of=as_of)
    source = table.attrs["source"]
    names = np.where(table["substance"] == FENTANYL, "fentanyl", "related")
    found = table.pivot_table(index=["year", "half"], columns=names, values="reports", aggfunc="sum", fill_value=0)
    found = found.reindex(columns=["fentanyl", "related"], fill_value=0).reset_index()
    year, half = found["year"].astype(int), found["half"].astype(int)
    frame = pd.DataFrame(
        {
            "half": year.astype(str) + "-" + half.astype(str),
            "start": [date(y, 1 if h == 1 else 7, 1) for y, h in zip(year, half, strict=True)],
            "end": [date(y, 6, 30) if h == 1 else date(y, 12, 31) for y, h in zip(year, half, strict=True)],
            "fentanyl": found["fentanyl"].astype(int),
            "related": found["related"].astype(int),
            "complete": [date(y, 12, 31) + LATE <= source.known for y in year],
        }
    )
    seized = _seized(as_of)
    frame = frame.merge(seized, on="half", how="left") if seized is not None else frame.assign(
        pounds=np.nan, events=np.nan, settled=False
    )  # fmt: skip
    frame["settled"] = frame["settled"].fillna(False).astype(bool)
    frame.attrs = {"source": source, "seizures": None if seized is None else seized.attrs["source"]}
    return frame


def substances(as_of: str | date | None = None, most: int = 8) -> pd.DataFrame:
    """Reports of the commonest substances by complete calendar year, largest of the last such year first.

    Returns
    -------
    DataFrame
        Column substance, then one column a year (int reports).

    Examples
    --------
    >>> substances()["substance"].iloc[0]
    'Fentanyl'
    """
    table = store.load("nflis", as_of=as_of)
    known = table.attrs["source"].known
    rows = table[[date(int(year), 12, 31) + LATE <= known for year in table["year"]]]
    found = rows.pivot_table(index="substance", columns="year", values="reports", aggfunc="sum", fill_value=0)
    last = found.columns[-1]
    found = found.sort_values([last], ascending=False, kind="stable").head(most).astype(int)
    return found.rename(columns=str).rename_axis(columns=None).reset_index()


def published(as_of: str | date | None = None) -> pd.DataFrame:
    """Printed figures of purity, fentanyl per pill and pills, as they stand in published-figures.

    Returns
    -------
    DataFrame
        The columns of published-figures, rows with a value of the topics purity, dea-seizures and hidta (pills only), and
        group: `powder`, `mexico`, `china` (purity in per cent), `pill` (mg), `pills` (seized by DEA) or "" (other scopes).

    Examples
    --------
    >>> float(published().set_index("id").value["F066"])  # mg
    2.4
    """
    figures = store.load("published-figures", as_of=as_of)
    source = figures.attrs["source"]
    pills = figures["quantity"].str.contains("pill") & figures["topic"].isin(["dea-seizures", "hidta"])
    rows = figures[((figures["topic"] == "purity") | pills) & figures["value"].notna()].reset_index(drop=True)
    rows["group"] = rows["quantity"].map(_group)
    rows.attrs["source"] = source
    return rows


def _group(quantity: str) -> str:
    for name, words in _GROUPS.items():
        if any(word in quantity for word in words):
            return name
    return ""


def _seized(as_of: str | date | None) -> pd.DataFrame | None:
    """Pounds and events of calendar half-years of which the seizure file holds every month."""
    try:
        table = store.load("cbp-seizures", as_of=as_of)
    except NotPublished:
        return None
    half = table["month"].str[:4] + "-" + ((table["month"].str[5:].astype(int) > 6) + 1).astype(str)
    found = table.assign(half=half).groupby("half", as_index=False).agg(
        pounds=("pounds", "sum"), events=("events", "sum"), months=("month", "nunique"),
        settled=("status", lambda status: bool((status == "closed").all())),
    )  # fmt: skip
    found = found[found["months"] == 6].drop(columns="months")
    found.attrs["source"] = table.attrs["source"]
    return found
