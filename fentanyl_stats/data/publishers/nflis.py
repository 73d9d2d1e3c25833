"""DEA NFLIS-Drug, Data Query System export: laboratory reports by half-year, state and substance."""

from __future__ import annotations

import pandas as pd

from ..contracts import STATES
from .sheet import Sheet, read

_STATES = {code.lower(): code for code in (*STATES, "PR", "GU", "VI", "XX")} | {"": "XX"}


def normalise(content: bytes) -> tuple[Sheet, pd.DataFrame]:
    """The figure table `nflis`: salt forms are summed to their base substance.

    Raises
    ------
    DataError
        Naming line and column of the first cell that cannot be.
    """
    sheet = read(content)
    sheet.require("yyyy", "period", "drug_reports", "base_description", "state")
    year = sheet.column("yyyy")
    sheet.fail("yyyy", ~year.str.fullmatch(r"(?:19|20)[0-9][0-9]").astype(bool), "it must be a year of four digits")
    half = sheet.column("period").str.extract(r"^SA([12])\b", expand=False)
    sheet.fail("period", half.isna(), "it must be a half-year, as SA1 (JAN - JUN)")
    sheet.fail("base_description", sheet.column("base_description") == "", "it must name a substance")
    if "rptaggr" in sheet.text:
        sheet.mapped("rptaggr", {"drugreport": ""}, "it must be DrugReport: counts of reports, not of cases")
    rows = pd.DataFrame(
        {
            "year": year.astype("int64"),
            "half": half.astype("int64"),
            "state": sheet.mapped("state", _STATES, "it must be a state code or blank"),
            "substance": sheet.column("base_description"),
            "reports": sheet.whole("drug_reports", ()),
        }
    )
    sheet.unique("labtype", "yyyy", "period", "substance_id", "substance_description", "base_description", "state")
    stamps = sheet.column("query_run_date").str.extract(r"^([0-9]{4}-[0-9][0-9]-[0-9][0-9])", expand=False).dropna()
    sheet.stamp = str(stamps.max()) if len(stamps) else ""
    key = ["year", "half", "state", "substance"]
    return sheet, rows.groupby(key, sort=True)["reports"].sum().reset_index()
