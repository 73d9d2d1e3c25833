"""Quantities: what is listed, and what each lookup comes to, against a few lines of pandas on the raw tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import quantities
from fentanyl_stats.audit.figures import Absent, Cell, Figure, level
from fentanyl_stats.audit.hedges import parse
from fentanyl_stats.audit.ledger import Test, read
from fentanyl_stats.data import paths
from fentanyl_stats.errors import FentanylStatsError, LedgerError
from fentanyl_stats.model import Period


def raw(path: str) -> pd.DataFrame:
    return pd.read_csv(paths.raw() / path, dtype=str, keep_default_na=False)


def found(slug: str, period: str, measure: str = "", as_of: date | None = None, **keys: object) -> Figure:
    test = Test.model_validate({"quantity": slug, "period": period, **keys})
    first = measure or quantities.quantity(slug).measures[0]
    return level(Cell(slug, period, first, "newest", "none", test, read().sources), as_of)


def test_everything_is_listed_with_what_is_held() -> None:
    table = fs.quantities()
    assert list(table.columns) == ["quantity", "unit", "label", "places", "periods", "measures"]
    assert table["quantity"].is_unique
    assert table["quantity"].tolist() == list(quantities.catalogue())
    assert table.notna().all().all() and (table != "").all().all()
    rows = table.set_index("quantity")
    assert rows.loc["seizures/fentanyl/ofo", "unit"] == "pounds"
    assert rows.loc["deaths/heroin", "periods"].startswith("final 1999 to 2021; 12 months ending 2015-01")
    assert rows.loc["reports/carfentanil", "places"] == "US, states, DC, PR"
    assert "1999 to 2022" in rows.loc["causes/stroke", "periods"]


def test_a_word_finds_its_quantities() -> None:
    assert fs.quantities("homicide")["quantity"].tolist() == ["causes/homicide", "causes/firearm-homicide"]
    assert fs.quantities("Citizens")["quantity"].str.startswith("people/").all()
    with pytest.raises(LedgerError, match="unknown word of a quantity 'fentnyl'; did you mean 'fentanyl'"):
        fs.quantities("fentnyl")


def test_the_list_is_given_anew() -> None:
    mine = fs.quantities()
    mine["unit"] = "apples"
    assert fs.quantities().loc[0, "unit"] == "deaths"


def test_an_unknown_quantity_is_one_short_line() -> None:
    with pytest.raises(LedgerError) as caught:
        fs.check("1,000 pounds", "seizures/fentanil", period="FY2023")
    assert "did you mean 'seizures/fentanyl'" in str(caught.value)
    assert len(str(caught.value)) < 300


SEIZED = [
    ("seizures/fentanyl", "FY2021", {}),
    ("seizures/fentanyl/southwest-border", "2022-01..2022-01", {"region": "southwest-border"}),
    ("seizures/fentanyl/ofo", "FY2023", {"component": "ofo"}),
    ("seizures/fentanyl/northern-border/usbp", "FY2022..FY2024", {"region": "northern-border", "component": "usbp"}),
    ("seizures/fentanyl/coastal-interior", "2024", {"region": "coastal-interior"}),
    ("seizures/fentanyl", "2023-04", {}),
]


@pytest.mark.parametrize(("slug", "period", "where"), SEIZED)
def test_pounds_and_events_are_those_of_the_file(slug: str, period: str, where: dict[str, str]) -> None:
    table = raw("cbp-seizures/2026-05.csv")
    window = Period.parse(period)
    rows = table[(table["month"] >= f"{window.start:%Y-%m}") & (table["month"] <= f"{window.end:%Y-%m}")]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert found(slug, period).value == pytest.approx(rows["pounds"].astype(float).sum())
    events = found(slug.replace("seizures/", "seizure-events/"), period)
    assert events.value == rows["events"].astype(int).sum()


@pytest.mark.parametrize("period", ["FY2015..FY2024", "2018", "FY2030", "2018-09..2018-09", "FY2026"])
def test_a_span_of_which_a_part_is_not_held_names_what_is(period: str) -> None:
    with pytest.raises(Absent, match="the seizure file has the months 2018-10 to 2026-04"):
        found("seizures/fentanyl", period)


def test_a_month_without_a_seizure_is_zero() -> None:
    table = raw("cbp-seizures/2026-05.csv")
    rows = table[(table["region"] == "northern-border") & (table["component"] == "usbp")]
    month = next(month for month in sorted(table["month"].unique()) if month not in set(rows["month"]))
    quiet = found("seizures/fentanyl/northern-border/usbp", f"{month}..{month}")
    assert (quiet.value, quiet.low, quiet.high) == (0.0, 0.0, 0.0)


def test_seizures_are_known_from_the_release_of_their_file() -> None:
    with pytest.raises(Absent, match="No vintage of cbp-seizures was published by 2023-11-07"):
        found("seizures/fentanyl", "FY2021", as_of=date(2023, 11, 7))
    then = found("seizures/fentanyl", "FY2023", as_of=date(2023, 11, 8))
    assert then.vintage == "fy20-fy23"
    assert then.known == date(2023, 11, 8)
    assert then.value == pytest.approx(27022.850918)
    with pytest.raises(Absent, match="known by then has the months 2018-10 to 2023-09"):
        found("seizures/fentanyl", "FY2024", as_of=date(2023, 11, 8))


def test_an_open_year_says_so() -> None:
    young = found("seizure-events/fentanyl", "2025-10..2026-04")
    assert "open" in young.flags and "run low at first" in young.reason


@pytest.mark.parametrize(
    ("cause", "year", "measure", "ages", "deaths"),
    [
        ("covid-19", "2021", "final", "", 416893),
        ("homicide", "2014", "final", "", 15872),  # after 125 deaths of that year were recoded
        ("motor-vehicle-traffic", "2021", "annual-report", "", 42939),
        ("drug-overdose", "2024", "final", "", 79385),
        ("suicide", "2022", "provisional", "", 49449),
        ("unintentional-injury", "2021", "final", "18-45", 87736),
        ("firearm", "2020", "final", "1-24", None),
    ],
)
def test_causes_are_those_of_the_table(cause: str, year: str, measure: str, ages: str, deaths: int | None) -> None:
    table = raw("cause-deaths/us.csv")
    rows = table[(table["cause"] == cause) & (table["year"] == year) & (table["measure"] == measure)]
    rows = rows[rows["age"] == (ages or "all")].sort_values("known")
    expected = int(rows["deaths"].iloc[-1])
    assert deaths in (None, expected)
    assert found(f"causes/{cause}", year, measure, ages=ages).value == expected


def test_years_of_a_cause_are_added_up() -> None:
    table = raw("cause-deaths/us.csv").query("cause == 'heart-disease' and age == 'all' and measure == 'final'")
    rows = table[table["year"].between("1999", "2019")]
    assert found("causes/heart-disease", "1999..2019").value == rows["deaths"].astype(int).sum()
    with pytest.raises(Absent, match="of final counts of calendar years those of 1999 to 2019, 2021 to 2022 are held"):
        found("causes/heart-disease", "2019..2021")


def test_a_cause_of_which_nobody_saw_the_day_is_known_on_none() -> None:
    assert found("causes/firearm", "2022").value == 48204
    with pytest.raises(Absent, match="not published by 2025-01-01"):
        found("causes/firearm", "2022", as_of=date(2025, 1, 1))
    assert found("causes/covid-19", "2021", as_of=date(2022, 12, 22)).known == date(2022, 12, 22)


def test_ages_are_printed_or_made_up_of_groups() -> None:
    assert found("deaths/synthetic-opioids", "2020", ages="18-45").value == 37208
    assert found("deaths/all", "2020", ages="14-18").value == 954
    groups = raw("nvss-t404-age/2024.csv").set_index("age_group")["deaths"].astype(int)
    assert found("deaths/synthetic-opioids", "2024", ages="25-44").value == groups["25-34"] + groups["35-44"]
    assert found("deaths/synthetic-opioids", "2024", ages="75+").value == groups["75-84"] + groups["85+"]
    by_year = raw("overdose-age/us.csv").query("drug == 'all' and year == '2010' and age in ['25-34', '35-44']")
    assert found("deaths/all", "2010", ages="25-44").value == by_year["deaths"].astype(int).sum()
    with pytest.raises(Absent, match="of ages in 2024 there is <1, 1-4, .*85"):
        found("deaths/synthetic-opioids", "2024", ages="18-45")


def test_years_of_deaths_are_added_up() -> None:
    finals = (
        raw("nvss-by-drug/final.csv").query("drug == 'all' and sex == 'all'").set_index("year")["deaths"].astype(int)
    )
    assert found("deaths/all", "1999..2023").value == finals["1999":"2023"].sum()
    assert found("deaths/all", "2020..2021").value == 91799 + 106699
    mixed = found("deaths/all", "2024..2025")
    reported = found("deaths/all", "2025", "reported").value
    assert mixed.value == finals["2024"] + (reported or 0)
    assert mixed.reason == "2025 as reported so far, as no final count was known"
    with pytest.raises(Absent, match="needed for calendar year 1998, a part of 1998 to 2000"):
        found("deaths/all", "1998..2000")


def test_months_of_synthetic_opioids_are_added_up() -> None:
    months = raw("nvss-t404-month/final.csv").set_index("month")["deaths"].astype(int)
    assert found("deaths/synthetic-opioids", "2021-01..2022-03").value == months["2021-01":"2022-03"].sum()
    assert found("deaths/synthetic-opioids", "2020-07..2020-07").value == months["2020-07"]
    with pytest.raises(Absent, match="by month those of synthetic opioids in the US alone are held"):
        found("deaths/all", "2020-07..2020-07")


def test_two_windows_of_twelve_months_are_added_up() -> None:
    both = found("deaths/all", "2022-05..2024-04", "reported").value
    each = [found("deaths/all", month, "reported").value or 0 for month in ("2023-04", "2024-04")]
    assert both == sum(each)


def test_laboratory_reports_are_those_of_the_table() -> None:
    table = raw("nflis/2026-03-03.csv").astype({"reports": "int"})
    year = table[table["year"] == "2023"]
    assert found("reports/all", "2023").value == year["reports"].sum()
    ohio = year[(year["substance"] == "Fentanyl") & (year["state"] == "OH")]["reports"].sum()
    assert found("reports/fentanyl", "2023", jurisdiction="OH").value == ohio
    half = year[(year["half"] == "1") & (year["substance"] == "Carfentanil")]["reports"].sum()
    assert found("reports/carfentanil", "2023-01..2023-06").value == half
    assert "open" in found("reports/all", "2025").flags
    with pytest.raises(Absent, match="laboratory reports are of half-years, from 2017 to 2025"):
        found("reports/all", "2023-02..2023-07")


def test_statements_on_people_are_those_known_by_the_day() -> None:
    assert found("people/citizens-sentenced", "FY2023").value == 86.4
    then = found("people/citizens-sentenced", "FY2023", as_of=date(2024, 7, 1))
    assert (then.value, then.known) == (86.0, date(2024, 6, 28))
    assert found("people/citizens-sentenced", "FY2022").value == 89.0
    assert "to 2023-07-12" in found("people/citizens-in-seizures", "FY2023").reason
    assert found("people/citizens-at-ports", "2018-10..2024-06").value == 80.2
    with pytest.raises(
        Absent, match="not published by 2024-01-01: statements were printed for 2020-10-01 to 2021-09-30"
    ):
        found("people/citizens-sentenced", "FY2023", as_of=date(2024, 1, 1))


@pytest.mark.parametrize("slug", ["flow/fentanyl", "flow/all", "lives-saved", "origin-share/ultimate"])
def test_what_nobody_measures_is_not_determined_and_says_why(slug: str) -> None:
    phrase = "50%" if slug.startswith("origin") else "1,000"
    judged = fs.check(phrase, slug, period="2024")
    assert judged.verdict == "NOT DETERMINED"
    assert judged.natural is not None and judged.natural.reason.startswith("no data set")


@pytest.mark.parametrize(
    ("phrase", "pounds"),
    [
        ("2 tons", 4000),
        ("2 metric tons", 4409.245),
        ("100 kilograms", 220.462),
        ("500 grams", 1.1023),
        ("43.5 lbs", 43.5),
        ("16 ounces", 1),
    ],
)
def test_weights_are_compared_in_pounds(phrase: str, pounds: float) -> None:
    judged = fs.check(phrase, "seizures/fentanyl", period="FY2023")
    assert judged.phrase is not None and judged.natural is not None
    assert judged.phrase.value == pytest.approx(pounds, rel=1e-4)
    assert judged.natural.unit == "pounds"


def test_a_weight_keeps_the_precision_it_was_printed_with() -> None:
    tons = quantities.in_pounds(parse("13.5 tons"), "tons")
    assert tons.granularity == pytest.approx(200)
    assert fs.check("13.5 tons", "seizures/fentanyl", period="FY2023").verdict == "SUPPORTED"
    assert fs.check("12 tons", "seizures/fentanyl", period="FY2023").verdict == "CONTRADICTED"


SPANS = [
    ("2019..2023", "2019..2023", "2019 to 2023", 60),
    ("FY2021..FY2023", "FY2021..FY2023", "fiscal years 2021 to 2023", 36),
    ("2021-01..2022-03", "2021-01..2022-03", "January 2021 to March 2022", 15),
    ("2022-07..2022-07", "2022-07..2022-07", "July 2022", 1),
    ("2021-01..2021-12", "2021", "calendar year 2021", 12),
    ("2020-05..2021-04", "2021-04", "12 months to April 2021", 12),
    ("2022..2022", "2022", "calendar year 2022", 12),
    ("2020..FY2022", "2020-01..2022-09", "January 2020 to September 2022", 33),
]


@pytest.mark.parametrize(("text", "code", "words", "months"), SPANS)
def test_spans_of_periods(text: str, code: str, words: str, months: int) -> None:
    period = Period.parse(text)
    assert (period.code, str(period), len(period.months)) == (code, words, months)
    assert Period.parse(period.code) == period


@pytest.mark.parametrize(("text", "words"), [("2023..2021", "ends before it begins"), ("2023..", "is not understood")])
def test_what_is_no_span_is_refused(text: str, words: str) -> None:
    with pytest.raises(FentanylStatsError, match=words):
        fs.check("70,000", "deaths/all", period=text)


def test_a_moment_is_still_written_as_one() -> None:
    moment = Period.parse("2023-03", instant=True)
    assert (moment.code, str(moment)) == ("2023-03", "March 2023")
    assert moment == replace(moment, instant=False)
