"""Small made-up tables, as text, that keep every contract; and copies of them with one thing wrong."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import pandas as pd

from fentanyl_stats.data.contracts import AGES_11, AGES_18, AGES_19, STATES

_PARTS = (*STATES, "YC")
_CLASSES = {
    "all": 520,
    "opioids": 400,
    "synthetic-opioids": 300,
    "heroin": 40,
    "natural-opioids": 50,
    "methadone": 30,
    "prescription-opioids": 70,
    "cocaine": 100,
    "psychostimulants": 120,
    "stimulants": 200,
    "benzodiazepines": 60,
    "antidepressants": 20,
}


def _frame(columns: str, rows: Iterable[Iterable[object]]) -> pd.DataFrame:
    return pd.DataFrame([[str(cell) for cell in row] for row in rows], columns=columns.split(), dtype=str)


def _csv(text: str) -> pd.DataFrame:
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return pd.read_csv(io.StringIO(lines), dtype=str, na_filter=False)


def _vsrr() -> pd.DataFrame:
    """United States by class over three months, the parts for one month, and a withheld cell."""
    months = ("2023-12", "2024-01", "2024-02")
    rows = [("US", month, drug, n, n + 1, 100, 0.5, "") for drug, n in _CLASSES.items() for month in months]
    rows += [(part, "2024-01", "all", 10, 11, 100, 0.5, "") for part in _PARTS]
    withheld = [
        ("AK", "2024-01", "heroin", "", 12, 100, 0.5, "suppressed;low_quality"),
        ("AL", "2024-01", "heroin", 10, "", "", "", "not_published"),
    ]
    return _frame(
        "jurisdiction month_ending drug reported predicted percent_complete percent_pending flag", [*rows, *withheld]
    )


def _wonder() -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for year, flag in ((2021, ""), (2022, ""), (2023, "population_2022")):
        limits = (20, 15, 25, 2, 21, 16, 26, 2)
        rows.append(("US", year, 20 * len(STATES) - 5, 100_000 * len(STATES), *("",) * 8, "final", flag))
        rows += [(state, year, 20, 100_000, *limits, "final", flag) for state in STATES[1:]]
        few = ";".join(filter(None, ["unreliable", flag]))
        rows.append((STATES[0], year, 15, 100_000, "", 8, 25, 4, "", 8, 25, 4, "final", few))
    columns = (
        "jurisdiction year deaths population crude_rate crude_low crude_high crude_se "
        "age_adjusted_rate age_adjusted_low age_adjusted_high age_adjusted_se status flag"
    )
    frame = _frame(columns, rows)
    us = frame["jurisdiction"] == "US"
    rate = (20 * len(STATES) - 5) / len(STATES)
    for prefix in ("crude", "age_adjusted"):
        for name, value in (("rate", rate), ("low", rate - 1), ("high", rate + 1), ("se", 0.5)):
            frame.loc[us, f"{prefix}_{name}"] = f"{value:.9f}"
    return frame


def _finals() -> pd.DataFrame:
    shares = (("all", 10), ("female", 4), ("male", 6))
    rows = [
        (year, drug, sex, n // 10 * share, "" if year == 2024 else 3.1, "rate_not_seen" if year == 2024 else "")
        for drug, n in _CLASSES.items()
        for sex, share in shares
        for year in (2022, 2023, 2024)
    ]
    return _frame("year drug sex deaths age_adjusted_rate flag", rows)


def _standard_11() -> pd.DataFrame:
    persons = [4_000_000, *[9_600_000] * 10]
    rows = [(age, n, n // 1000, f"{n / sum(persons):.6f}") for age, n in zip(AGES_11, persons, strict=True)]
    return _frame("age_group population population_thousands weight", rows)


SMALL: dict[str, pd.DataFrame] = {
    "vsrr": _vsrr(),
    "vsrr-specified": _frame(
        "jurisdiction month_ending percent_specified",
        [(code, f"2024-0{month}", 95.5) for code in ("US", "YC") for month in (1, 2, 3)],
    ),
    "vsrr-archive": _csv("""
        vintage,known_from,known_to,jurisdiction,drug,measure,month_ending,value,flag
        2024-01,2024-01-01,2024-01-20,US,all,reported,2023-07,520,
        2024-01,2024-01-01,2024-01-20,US,all,reported,2023-08,521,underreported
        2024-01,2024-01-01,2024-01-20,AK,heroin,predicted,2023-08,,suppressed
    """),
    "vsrr-archive-coverage": _csv("""
        vintage,jurisdiction,drug,measure,first,last
        2024-01,US,all,reported,2023-07,2023-08
    """),
    "vsrr-archive-vintages": _csv("""
        vintage,known_from,known_to,first_month,newest_month,rows,values,jurisdictions,drugs,measures,complete,flags,repo,commit,path,sha256,bounded_by,quirks
        2024-01,2024-01-01,2024-01-20,2023-07,2023-08,3,2,2,2,reported,true,own,a/b,ab12,c.csv,00,a copy,
    """),
    "cbp-archive": _csv("""
        vintage,known_from,known_to,fiscal_year,month,component,region,land_filter,area_of_responsibility,events,pounds,status
        fy21-fy24,2024-10-01,2024-11-08,2024,2024-09,ofo,southwest-border,land-only,Laredo Field Office,2,3.5,closed
        fy21-fy24,2024-10-01,2024-11-08,2024,2024-08,ofo,southwest-border,land-only,Laredo Field Office,1,0,closed
        fy21-fy24,2024-10-01,2024-11-08,2024,2024-09,usbp,northern-border,land-only,Blaine Sector,1,0,closed
    """),
    "cbp-archive-vintages": _csv("""
        vintage,known_from,known_to,first_fiscal_year,last_fiscal_year,newest_month,rows,complete,repo,commit,path,sha256,bounded_by,quirks
        fy21-fy24,2024-10-01,2024-11-08,2021,2024,2024-09,3,true,a/b,ab12,c.csv,00,a copy,
    """),
    "finals-release": _csv("""
        year,drug,deaths,printed,known,known_precision,publication,source,note
        2022,all,107941,"107,941",2024-03-21,day,A brief,M117;M69,
        2023,all,105007,"105,007",2024-12,month,A brief,M70,
    """),
    "cause-deaths": _csv("""
        year,cause,age,system,measure,deaths,known,known_basis,source,note
        2021,covid-19,all,nvss,final,416893,2022-12-22,overdose-report,M35,
        2021,homicide,18-45,nvss,final,100,,not-seen,M35;M36,
    """),
    "cause-deaths-other-periods": _csv("""
        period_start,period_end,cause,age,deaths,measure,known,source,note
        2018-05,2019-04,suicide,18-45,21195,provisional,2021-12-23,M44,
    """),
    "overdose-age": _csv("""
        year,drug,age,age_low,age_high,deaths,crude_rate,measure,known,known_basis,source,note
        2010,all,14-18,14,18,518,2.40,final,2022-04-12,printed,M45,
        2010,heroin,75+,75,,,0.1,final,,not-seen,M45,
    """),
    "overdose-long": _csv("""
        year,series,classification,deaths,qualifier,source,note
        1979,drug-poisoning,icd-9,6627,bare,M50,
    """),
    "people": _csv("""
        id,quantity,qualifier,value,unit,period_start,period_end,place,system,known,source,quote,note
        P01,US citizens among offenders,bare,86.4,percent,2022-10-01,2023-09-30,us,ussc,2024-09-20,M80,86.4 percent,
    """),
    "lethal-dose": _csv("""
        id,quantity,qualifier,value,unit,period_start,period_end,known,source,quote,note
        D01,potentially lethal dose,bare,2,mg,2022,2022-12-20,2022-12-20,M91,As little as 2 milligrams,
    """),
    "lethal-dose-implied": _csv("""
        year,pills,powder_lb,doses_claimed,powder_doses_at_2mg_gross,pill_share_percent,powder_purity_percent_if_share,powder_purity_percent_if_every_pill,note
        2022,50600000,10000,379000000,2267961850,60.0,15.4,14.5,
    """),
    "overdose-abroad": _csv("""
        country,quantity,year,deaths,measure,known,source,note
        scotland,drug-related deaths,1996,244,final,,M100,
    """),
    "factcheck": _csv("""
        id,group,words,day,said_on,speaker,source,checker,rating,official_figure,truth,phrase,form,quantity,period,jurisdiction,keys,expect_then,expect_now,reason,expect_read,needs_data
        X001,printed,more than 70000 died,2024-08-31,2024-08,A paper,https://a.gov/b,,,,right,more than 70000,level,deaths/all,2023,US,,SUPPORTED,SUPPORTED,as counted,,
    """),
    "more-sources": _csv("""
        id,publisher,title,date,url,copy,level,note
        M01,CDC,A file,,https://a.gov/b,a copy,primary-copy,
        M02,NHTSA,A note,2013-11,https://a.gov/c,,primary,
    """),
    "wonder-overdose": _wonder(),
    "nvss-by-drug": _finals(),
    "nvss-t404-month": _frame(
        "month deaths source_note", [(month, 100, "wonder-2026-09") for month in ("2023-11", "2023-12", "2024-01")]
    ),
    "nvss-t404-age": _frame("year age_group deaths", [(2024, age, 50) for age in AGES_11]),
    "county": _csv("""
        fips,state,deaths,deaths_prior,population,suppressed,flag
        01001,AL,,,61464,true,suppressed;prior_not_given
        01003,AL,42,55,261608,false,
        02020,AK,0,,288000,false,prior_not_given
        02261,AK,,,,true,suppressed;prior_not_given;population_not_given
        09001,CT,120,130,957419,false,population_2020
    """),
    "population-us-age": _frame(
        "year age_group sex population series",
        [
            (year, age, sex, 1000, series)
            for year, series in ((2019, "intercensal-2010"), (2020, "v2024"), (2021, "v2024"))
            for age in AGES_18
            for sex in ("female", "male")
        ],
    ),
    "population-state": _frame(
        "jurisdiction year population flag",
        [
            (code, year, 1000 * (len(STATES) if code == "US" else 1), "carried_2022" if year == 2023 else "")
            for code in ("US", *STATES)
            for year in (2021, 2022, 2023)
        ],
    ),
    "standard-population-2000/11": _standard_11(),
    "standard-population-2000/19": _frame(
        "age_group population weight_per_million",
        [(age, 100_000_000 if age == "<1" else 50_000_000, 100_000 if age == "<1" else 50_000) for age in AGES_19],
    ),
    "cbp-seizures": _csv("""
        fiscal_year,month,component,region,land_filter,area_of_responsibility,events,pounds,source_file_vintage,status
        2024,2024-09,ofo,southwest-border,land-only,Laredo Field Office,2,3.5,fy23-fy26,closed
        2024,2024-09,usbp,northern-border,land-only,Blaine Sector,1,0,fy23-fy26,closed
        2025,2024-10,ofo,southwest-border,land-only,Laredo Field Office,2,3.5,fy23-fy26-apr,open
        2025,2024-11,ofo,southwest-border,land-only,Laredo Field Office,1,1.5,fy23-fy26-apr,open
        2025,2024-12,ofo,coastal-interior,other,Miami Field Office,1,0.2,fy23-fy26-apr,open
    """),
    "nflis": _csv("""
        year,half,state,substance,reports
        2024,1,AK,Fentanyl,2
        2024,2,XX,4-ANPP,1
    """),
    "dea-offices": _csv("""
        as_of,precision,offices,countries,staff,budget_usd,scope,source_id,note,flag
        1996,fiscal_year,70,,,,foreign,F120,,countries_not_stated;staff_not_stated;budget_not_stated
        2006,fiscal_year,,59,751,312000000,foreign,S09,a note,offices_not_stated
        2018-02,month,222,,,,domestic,S08,,countries_not_stated;staff_not_stated;budget_not_stated
        2023-03-24,day,93,69,,,foreign,S07,,staff_not_stated;budget_not_stated
    """),
    "published-figures": _csv("""
        id,topic,quantity,qualifier,value,unit,period_start,period_end,place,publisher,title,date_published,url,level,quote,note,flag
        F001,deaths,all deaths,about,100,deaths,2023-01-01,2023-12-31,us,CDC,A title,2024-05-15,https://a.gov/b,primary,a quote,,
        F002,origin,a share,,,,,,us,Press,A title,2024-09,https://a.gov/c,secondary,words,,no_period;qualitative
        F003a,offices,offices,bare,3,offices,2020-01-01,,us,Press,A title,,,tertiary,,,open_period;no_date;no_url;no_quote
    """),
    "events": _csv("""
        date,precision,id,kind,actor,event,source_id,confidence
        2017,year,a-year,office,us-china,Something,S04,medium
        2017-01-09,week,a-week,office,us-china,Something,S12;V18,low
        2018-10,month,a-month,regulation,un,Something,V03,high
    """),
}


def with_cells(name: str, where: Mapping[str, str], cells: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """The small table with other cells in its first row that has the values `where`; and that row's number."""
    frame = SMALL[name].copy()
    place = _first(frame, where)
    for column, text in cells.items():
        frame.loc[place, column] = text
    return frame, place + 1


def without_row(name: str, where: Mapping[str, str]) -> pd.DataFrame:
    """The small table without its first row that has the values `where`."""
    frame = SMALL[name]
    return frame.drop(index=_first(frame, where)).reset_index(drop=True)


def _first(frame: pd.DataFrame, where: Mapping[str, str]) -> int:
    fits = pd.Series(True, index=frame.index)
    for column, text in where.items():
        fits &= frame[column] == text
    assert fits.any()
    return int(fits.to_numpy().argmax())
