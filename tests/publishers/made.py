"""Publisher files made up from known figure tables, with the quirks of each layout."""

from __future__ import annotations

import calendar
import csv
import io

import numpy as np
import pandas as pd

INDICATORS = {
    "all": "Number of Drug Overdose Deaths",
    "opioids": "Opioids (T40.0-T40.4,T40.6)",
    "heroin": "Heroin (T40.1)",
    "natural-opioids": "Natural & semi-synthetic opioids (T40.2)",
    "methadone": "Methadone (T40.3)",
    "synthetic-opioids": "Synthetic opioids, excl. methadone (T40.4)",
    "cocaine": "Cocaine (T40.5)",
    "psychostimulants": "Psychostimulants with abuse potential (T43.6)",
}
_NOTES = {"suppressed": "Data suppressed (<10).", "low_quality": "Data not shown due to low data quality."}


def printed(value: object, comma: bool = False) -> str:
    """A cell as a publisher prints it."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    return f"{value:,}" if comma and isinstance(value, (int, np.integer)) else str(value)


def vsrr(
    frame: pd.DataFrame, soda: bool = False, comma: bool = False, blanks: str = " ", extra: bool = False
) -> list[dict[str, str]]:
    """Rows of a VSRR file that hold this figure table."""
    rows = []
    for row in frame.itertuples():
        flags = row.flag.split(";")
        first = "Underreported due to incomplete data." if "underreported" in flags else "Numbers may differ."
        cells = {
            "State": row.jurisdiction,
            "Year": row.month_ending[:4],
            "Month": calendar.month_name[int(row.month_ending[5:])],
            "Period": "12 month-ending",
            "Indicator": INDICATORS[row.drug],
            "Data Value": printed(row.reported, comma),
            "Predicted Value": printed(row.predicted, comma),
            "Percent Complete": "99.5+" if row.percent_complete == 99.5 else printed(row.percent_complete),
            "Percent Pending Investigation": printed(row.percent_pending),
            "Footnote": blanks.join([first, *(_NOTES[flag] for flag in flags if flag in _NOTES)]),
        }
        rows.append(cells)
        if extra:
            rows.append({**cells, "Indicator": "Percent with drugs specified", "Data Value": "97.0037453184"})
    if soda:
        rows = [{name.lower().replace(" ", "_"): cell for name, cell in row.items()} for row in rows]
    return rows


def cbp(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of a CBP nationwide file that hold this figure table, and a row of another drug."""
    places = {"ofo": "Office of Field Operations", "usbp": "U.S. Border Patrol"}
    regions = {"coastal-interior": "Coastal/Interior"}
    rows = []
    for row in frame.itertuples():
        cells = {
            "FY": f"{row.fiscal_year} (FYTD)" if row.status == "open" else str(row.fiscal_year),
            "Month (abbv)": calendar.month_abbr[int(row.month[5:])].upper(),
            "Component": places[row.component],
            "Region": regions.get(row.region, row.region.replace("-", " ").title()),
            "Land Filter": row.land_filter.replace("-", " ").title(),
            "Area of Responsibility": row.area_of_responsibility.upper(),
            "Drug Type": "Fentanyl",
            "Count of Event": printed(row.events),
            "Sum Qty (lbs)": printed(row.pounds),
        }
        rows += [cells, {**cells, "Drug Type": "Other Drugs**"}]
    return rows


def nflis(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of a query export that hold this figure table, its larger counts split between two salts."""
    halves = {1: "SA1 (JAN - JUN)", 2: "SA2 (JUL - DEC)"}
    rows = []
    for row in frame.itertuples():
        parts = [row.reports - 1, 1] if row.reports > 1 else [row.reports]
        rows += [
            {
                "RPTAGGR": "DrugReport  ",
                "YYYY": str(row.year),
                "PERIOD": halves[row.half],
                "DRUG_REPORTS": printed(part),
                "QUERY_RUN_DATE": "2026-03-03 13:26:55",
                "SUBSTANCE_DESCRIPTION": f"{row.substance.upper()} {salt}",
                "BASE_DESCRIPTION": row.substance,
                "STATE": row.state,
            }
            for salt, part in enumerate(parts)
        ]
    return rows


def wonder(frame: pd.DataFrame) -> bytes:
    """A WONDER export that holds this figure table, with total rows and notes."""
    from fentanyl_stats.data import names

    labels = {"final": " ", "provisional": " (provisional)", "partial": " (provisional and partial)"}
    rates = [
        f"{kind} Rate{end}"
        for kind in ("Crude", "Age Adjusted")
        for end in ("", " Lower 95% Confidence Interval", " Upper 95% Confidence Interval", " Standard Error")
    ]
    columns = [name for name in frame if name.startswith(("crude", "age"))]
    lines = ["\t".join(f'"{name}"' for name in ("Notes", "State", "State Code", "Year", "Year Code"))]
    lines[0] += "\t" + "\t".join(["Deaths", "Population", *rates])
    for record in frame.to_dict("records"):
        place = names.jurisdiction_name(record["jurisdiction"])
        label = f"{record['year']}{labels[record['status']]}"
        cells = [f'"{place}"\t"01"\t"{label}"\t"{record["year"]}"']
        cells += [printed(record["deaths"]), printed(record["population"])]
        cells += ["Unreliable" if pd.isna(record[name]) else f"{record[name]:.9f}" for name in columns]
        lines.append("\t" + "\t".join(cells))
        lines.append("\t".join(['"Total"', f'"{place}"', '"01"', "", "", *["1"] * (len(rates) + 2)]))
    return "\n".join([*lines, '"---"', '"Dataset: Multiple Cause of Death, 1999-2020"', "Caveats:\r\n"]).encode()


def file(rows: list[dict[str, str]], bom: bool = False, end: str = "\n", drop: tuple[str, ...] = ()) -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO(newline="")
    columns = [name for name in rows[0] if name not in drop]
    writer = csv.DictWriter(out, columns, lineterminator=end, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()
