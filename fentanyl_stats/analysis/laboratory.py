"""What laboratories and publications say of the drug itself: reports by half-year, printed purities and pills."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from ..data.names import VOCABULARY
from ..data.store import load_or_empty
from ..model import number

__all__ = ["CAUTION", "half_years", "printed", "sentence", "substances"]


def __dir__() -> list[str]:
    return __all__


FENTANYL = "Fentanyl"
LATE = timedelta(days=365)
"""Laboratories report late: a calendar year counts as complete when it ended this long before the query."""
CAUTION = "a report is one drug in one tested item, not a seizure, a death or a person"


def half_years(as_of: str | date | None = None) -> pd.DataFrame:
    """Laboratory reports of the United States by half-year, with what CBP seized in the same six months.

    Returns
    -------
    DataFrame
        Columns half (`2023-1`), start and end (days), fentanyl, related (reports of all other substances of the
        category), complete (bool: late reports are in), pounds and events (missing unless the seizure file holds all
        six months), settled (bool: no month of an open fiscal year). `.attrs["sources"]` are those of the reports and of
        the seizures.

    Examples
    --------
    >>> int(half_years().set_index("half").fentanyl["2023-1"])
    95173
    """
    table, seized = load_or_empty("nflis", as_of), _seized(as_of)
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
            "complete": [_complete(y, table) for y in year],
        }
    ).merge(seized, on="half", how="left")
    frame["settled"] = frame["settled"].eq(True)
    sources = [part.attrs["source"] for part in (table, seized) if "source" in part.attrs]
    frame.attrs = {"sources": tuple(sources), **({"empty": table.attrs["empty"]} if table.empty else {})}
    return frame


def sentence(halves: pd.DataFrame) -> str:
    """The peak of `half_years`, and the last half-year with all reports in, in words.

    >>> sentence(half_years())[:84]
    'Laboratories reported fentanyl most often in the first half of 2023 (95,173 reports)'
    """
    done = halves[halves["complete"].astype(bool)]
    if done.empty:
        return str(halves.attrs.get("empty", "No half-year is complete yet."))
    top, last = done.loc[done["fentanyl"].idxmax()], done.iloc[-1]
    late = len(halves) - len(done)
    rest = f" {late} later half-years are still incomplete." if late else ""
    return (
        f"Laboratories reported fentanyl most often in the {_half(top['half'])} ({number(float(top['fentanyl']))} "
        f"reports); in the {_half(last['half'])}, the last that counts as complete, {number(float(last['fentanyl']))}.{rest}"
    )


def _half(half: str) -> str:
    return f"{'first' if half.endswith('1') else 'second'} half of {half[:4]}"


def _complete(year: int, table: pd.DataFrame) -> bool:
    return bool(date(int(year), 12, 31) + LATE <= table.attrs["source"].known)


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
    table = load_or_empty("nflis", as_of)
    rows = table[np.array([_complete(year, table) for year in table["year"]], dtype=bool)]
    found = rows.pivot_table(index="substance", columns="year", values="reports", aggfunc="sum", fill_value=0)
    found = found.sort_values([*found.columns[-1:]], ascending=False, kind="stable").head(most).astype(int)
    found = found.rename(columns=str).rename_axis(columns=None).reset_index()
    found.attrs = dict(table.attrs)
    return found


def printed(as_of: str | date | None = None) -> pd.DataFrame:
    """Printed figures of purity, fentanyl per pill and pills, as they stand in published-figures.

    Returns
    -------
    DataFrame
        The columns of published-figures, rows with a value of the topics purity, dea-seizures and hidta (pills only),
        read_in (who was read: the publisher itself, or a report of it) and group: `powder`, `mexico`, `china` (purity in
        per cent), `pill` (mg), `pills` (seized by DEA) or "" (other scopes).

    Examples
    --------
    >>> float(printed().set_index("id").value["F066"])  # mg
    2.4
    """
    figures = load_or_empty("published-figures", as_of)
    pills = figures["quantity"].str.contains("pill") & figures["topic"].isin(["dea-seizures", "hidta"])
    rows = figures[((figures["topic"] == "purity") | pills) & figures["value"].notna()].reset_index(drop=True)
    rows["group"] = rows["quantity"].map(_group)
    rows["read_in"] = rows["level"].map(VOCABULARY["laboratory"]["levels"]).fillna(rows["level"])
    rows.attrs = {"empty": "No figure of purity or pills was printed by that day."} | figures.attrs
    return rows


def _group(quantity: str) -> str:
    groups = VOCABULARY["laboratory"]["groups"].items()
    return next((name for name, words in groups if any(word in quantity for word in words)), "")


def _seized(as_of: str | date | None) -> pd.DataFrame:
    """Pounds and events of calendar half-years of which the seizure file holds every month."""
    table = load_or_empty("cbp-seizures", as_of)
    half = table["month"].str[:4] + "-" + ((table["month"].str[5:].astype(int) > 6) + 1).astype(str)
    found = table.assign(half=half).groupby("half", as_index=False).agg(
        pounds=("pounds", "sum"), events=("events", "sum"), months=("month", "nunique"),
        settled=("status", lambda status: bool((status == "closed").all())),
    )  # fmt: skip
    found = found[found["months"] == 6].drop(columns="months")
    found.attrs = dict(table.attrs)
    return found
