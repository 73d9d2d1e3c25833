"""The nine forms: what words and keys make of a number, and its evidence against a few lines of pandas on the raw tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import evidence, forms, ledger
from fentanyl_stats.audit.figures import Cell, Figure
from fentanyl_stats.audit.forms import Keys, completed, form_of, heard
from fentanyl_stats.audit.hedges import parse
from fentanyl_stats.audit.readings import Reading
from fentanyl_stats.data import paths
from fentanyl_stats.errors import FentanylStatsError, LedgerError, PhraseError
from fentanyl_stats.model import Period
from fentanyl_stats.stats import rates


def raw(path: str) -> pd.DataFrame:
    return pd.read_csv(paths.raw() / path, dtype=str, keep_default_na=False)


def natural(phrase: str, quantity: str, **keys: Any) -> Reading:
    found = fs.check(phrase, quantity, **keys).natural
    assert found is not None
    return found


FINALS = raw("nvss-by-drug/final.csv").query("sex == 'all'").astype({"deaths": "int", "year": "int"})
ALL = FINALS[FINALS["drug"] == "all"].set_index("year")["deaths"]
T404 = FINALS[FINALS["drug"] == "synthetic-opioids"].set_index("year")["deaths"]


# Words and keys ------------------------------------------------------------------------------------------------------------

AGREED = [
    ("70,000", {}, "level"),
    ("70%", {"of": "deaths/all"}, "share"),
    ("half", {"of": "deaths/all"}, "share"),
    ("200 a day", {}, "pace"),
    ("200", {"per": "day"}, "pace"),
    ("31.3 per 100,000", {}, "rate"),
    ("31.3", {"standard": "crude"}, "rate"),
    ("fell 27%", {"since": "2022"}, "change"),
    ("27,000 fewer", {"since": "2022"}, "change"),
    ("doubled", {"since": "2015"}, "change"),
    ("twice as many", {"since": "2015"}, "change"),
    ("more", {"since": "2015"}, "change"),
    ("twice as many", {"versus": "causes/suicide"}, "ratio"),
    ("more than", {"versus": ["causes/suicide", "causes/firearm"]}, "ratio"),
    ("more", {"versus": 58220}, "ratio"),
    ("41 percent higher", {"versus_jurisdiction": "CA"}, "ratio"),
    ("the leading cause", {}, "rank"),
    ("number 5", {"among": "states"}, "rank"),
    ("an all-time high", {}, "record"),
    ("the first decline since 2018", {}, "record"),
    ("fell", {"extreme": "fall", "since": "2018"}, "record"),
    ("258 million lethal doses", {}, "doses"),
    ("nearly seven times", {"dose_mg": 2, "versus": "population"}, "doses"),
]


@pytest.mark.parametrize(("phrase", "given_keys", "form"), AGREED, ids=[row[0] + str(row[1]) for row in AGREED])
def test_the_form_follows_from_words_and_keys(phrase: str, given_keys: dict[str, Any], form: str) -> None:
    spoken = parse(phrase)
    keys = completed(spoken, forms.keys(**given_keys))
    assert form_of(spoken, keys) == form
    assert keys.form == ("" if form == "level" else form)


REFUSED = [
    ("200 a day", {"of": "deaths/opioids"}, PhraseError, "is a pace .*, the key of makes a share"),
    ("200 a day", {"per": "week"}, PhraseError, "says day, the key per says week"),
    ("fell 27%", {}, PhraseError, "is a change .'fell'.; say since when"),
    ("fell 27%", {"of": "deaths/all"}, PhraseError, "is a change .*, the key of makes a share"),
    (
        "fell 27%",
        {"since": "2022", "change_as": "difference"},
        PhraseError,
        "says percent, the key change_as says difference",
    ),
    ("27%", {"since": "2022"}, PhraseError, "does not say whether it rose or fell"),
    ("fell 120%", {"since": "2022"}, PhraseError, "more than 100%"),
    ("twice as many", {}, PhraseError, "is a ratio .*; say versus what"),
    ("number 5", {}, PhraseError, "is a rank .*; say among what"),
    ("an all-time high", {"extreme": "low"}, PhraseError, "says high, the key extreme says low"),
    ("the leading cause", {"since": "2020"}, PhraseError, "is a rank .*, the key since makes a change"),
    ("27%", {"of": "offices/foreign"}, LedgerError, "of: offices/foreign is counted in offices, deaths/all in deaths"),
    ("27%", {"of": "deaths/al"}, LedgerError, "of: unknown quantity 'deaths/al'; did you mean 'deaths/all'"),
    ("200", {"per": "fortnight"}, LedgerError, "per: Input should be .*got 'fortnight'"),
    ("70,000", {"by": "rate"}, LedgerError, "by does not go with a level; by belongs to change or ratio or rank"),
    ("70%", {"of": "deaths/all", "since": "2020"}, LedgerError, "since does not go with a share"),
    ("70,000", {"ages": "young"}, LedgerError, "ages 'young' are no age group; write 18-45 or 65"),
    ("fell 5%", {"since": "20222"}, LedgerError, "since: period '20222' is not understood"),
    ("twice as many", {"versus": -3}, LedgerError, "versus -3 is no number to compare with"),
    ("twice as many", {"versus_jurisdiction": "ZZ"}, LedgerError, "versus_jurisdiction: unknown place 'ZZ'"),
    (
        "5 million doses",
        {"dose_mg": 2},
        LedgerError,
        "dose_mg: deaths/all in United States has no dose_mg; doses are of a weight",
    ),
    ("5 million doses", {}, PhraseError, "is a number of doses, which deaths/all has not"),
    ("number 5", {"among": "states"}, LedgerError, "among: deaths/all in United States has no states"),
]


@pytest.mark.parametrize(("phrase", "given_keys", "kind", "words"), REFUSED, ids=[r[0] + str(r[1]) for r in REFUSED])
def test_where_they_disagree_one_line_says_so(
    phrase: str, given_keys: dict[str, Any], kind: type[FentanylStatsError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        fs.check(phrase, "deaths/all", period="2023", **given_keys)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_purity_and_doses_have_their_own_rules() -> None:
    with pytest.raises(LedgerError, match="purity .* is no range of shares"):
        fs.check("5 million doses", "seizures/fentanyl", period="FY2023", purity=(0.5, 0.1))
    with pytest.raises(
        LedgerError, match='versus: doses are set against the people of a country; write versus="population"'
    ):
        fs.check("5 times", "seizures/fentanyl", period="FY2023", dose_mg=2, versus="seizures/fentanyl/ofo")


HEARD = [
    ("41 percent higher", {"versus_jurisdiction": "CA"}, "deaths", 1.41, "bare", "measure"),
    ("27% lower", {"versus_jurisdiction": "CA"}, "deaths", 0.73, "bare", "measure"),
    ("fell", {"since": "2022"}, "deaths", 0.0, "more than", "percent"),
    ("fewer", {"versus": 100}, "deaths", 1.0, "fewer than", "measure"),
    ("more", {"since": "2022", "change_as": "difference"}, "pounds", 0.0, "more than", "measure"),
    ("four every day", {"per": "day"}, "deaths", 4.0, "bare", "measure"),
    ("the leading cause", {"among": "causes"}, "deaths", 1.0, "bare", "count"),
    ("half", {"of": "deaths/all"}, "deaths", 50.0, "bare", "percent"),
    ("fell by up to 30%", {"since": "2022"}, "deaths", 0.0, "at least", "percent"),
]


@pytest.mark.parametrize(("phrase", "given_keys", "unit", "value", "hedge", "kind"), HEARD)
def test_the_phrase_is_compared_in_the_unit_of_its_form(
    phrase: str, given_keys: dict[str, Any], unit: str, value: float, hedge: str, kind: str
) -> None:
    made = heard(parse(phrase), forms.keys(**given_keys), unit)
    assert (round(made.value, 9), made.hedge, made.kind) == (value, hedge, kind)


# Evidence of each form -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "per", "length"),
    [("200 a day", "day", 365), ("9,000 a month", "month", 12), ("12 an hour", "hour", 8760), ("2,000 a week", "week", 365 / 7),
     ("one every five minutes", "minute", 365 * 1440), ("107,000 a year", "year", 1)],
)  # fmt: skip
def test_a_pace_is_the_count_over_its_length(phrase: str, per: str, length: float) -> None:
    found = natural(phrase, "deaths/all", period="2022", per=per)
    assert found.value == pytest.approx(ALL[2022] / length)
    assert found.low == found.high == found.value
    assert found.unit == f"deaths {'an' if per == 'hour' else 'a'} {per}"
    assert found.reason.startswith("107,941 deaths in 365 days")


def test_a_leap_year_has_a_day_more() -> None:
    assert natural("200 a day", "deaths/all", period="2024").value == pytest.approx(ALL[2024] / 366)


def test_paces_are_judged_by_their_point() -> None:
    assert fs.check("four every day", "deaths/all", period="2015", jurisdiction="NC").verdict == "SUPPORTED"  # 4.29
    assert fs.check("about 200 a day", "deaths/all", period="2023").verdict == "CONTRADICTED"
    assert fs.check("nearly 300 people a day", "deaths/all", period="2022").verdict == "SUPPORTED"
    assert fs.check("thousands every day", "deaths/synthetic-opioids", period="2022").verdict == "CONTRADICTED"


def test_rates_are_those_of_wonder_with_their_interval() -> None:
    row = raw("wonder-overdose/2024-09-24.csv").query("jurisdiction == 'TN' and year == '2021'").iloc[0]
    cell = _cell("deaths/all", "2021", jurisdiction="TN", standard="age-adjusted")
    figure = evidence.resolve(cell, None)
    assert figure.value == pytest.approx(float(row["age_adjusted_rate"]))
    assert figure.ends is not None and not figure.sampled
    assert figure.ends[1].low == pytest.approx(float(row["age_adjusted_low"]), rel=1e-3)
    assert figure.ends[1].high == pytest.approx(float(row["age_adjusted_high"]), rel=1e-3)
    assert natural("31.3 per 100,000", "deaths/all", period="2023").value == 31.3
    assert fs.check("31.3 per 100,000", "deaths/all", period="2023").verdict == "SUPPORTED"


def test_crude_rates_are_deaths_over_people() -> None:
    people = raw("population-us-age/v2024.csv").query("year == '2023'")["population"].astype(int).sum()
    found = natural("about 31 per 100,000", "deaths/all", period="2023", standard="crude")
    assert found.value == pytest.approx(1e5 * ALL[2023] / people)
    figure = evidence.resolve(_cell("deaths/all", "2023", standard="crude"), None)
    low, high = rates.poisson_interval(int(ALL[2023]), method="byar")
    assert figure.ends is not None
    assert (figure.ends[1].low, figure.ends[1].high) == pytest.approx((1e5 * low / people, 1e5 * high / people))
    state = (
        raw("population-state/wonder.csv").query("jurisdiction == 'OH' and year == '2021'")["population"].astype(int)
    )
    ohio = natural("46 per 100,000", "deaths/all", period="2021", jurisdiction="OH", standard="crude")
    assert ohio.value == pytest.approx(1e5 * 5397 / state.iloc[0])


def test_the_best_rate_is_crude_where_no_other_was_published() -> None:
    found = natural("22 per 100,000", "deaths/synthetic-opioids", period="2023")
    assert found.reason.startswith("crude; 72,776 deaths among")
    with pytest.raises(LedgerError, match="no age-adjusted rate of deaths/synthetic-opioids in 2023 was published"):
        fs.check("22 per 100,000", "deaths/synthetic-opioids", period="2023", standard="age-adjusted")


def test_rates_by_age_are_printed_or_made_of_groups() -> None:
    assert natural("4.57 per 100,000", "deaths/all", period="2020", ages="14-18", standard="crude").value == 4.57
    groups = raw("population-us-age/v2024.csv").query(
        "year == '2024' and age_group in ['25-29', '30-34', '35-39', '40-44']"
    )
    deaths = raw("nvss-t404-age/2024.csv").query("age_group in ['25-34', '35-44']")["deaths"].astype(int).sum()
    found = natural("27 per 100,000", "deaths/synthetic-opioids", period="2024", ages="25-44", standard="crude")
    assert found.value == pytest.approx(1e5 * deaths / groups["population"].astype(int).sum())


def test_shares_are_parts_of_wholes_in_one_measure() -> None:
    found = natural("70%", "deaths/synthetic-opioids", period="2023", of="deaths/all")
    assert found.value == pytest.approx(100 * T404[2023] / ALL[2023])
    assert (found.unit, found.measure) == ("percent", "final")
    table = raw("cbp-seizures/2026-05.csv").astype({"pounds": "float"}).query("fiscal_year == '2024'")
    north = table[table["region"] == "northern-border"]["pounds"].sum()
    canada = natural("0.2%", "seizures/fentanyl/northern-border", period="FY2024", of="seizures/fentanyl")
    assert canada.value == pytest.approx(100 * north / table["pounds"].sum())
    assert fs.check("half", "deaths/synthetic-opioids", period="2016", of="deaths/all").verdict == "CONTRADICTED"


def test_a_part_that_is_bounded_bounds_the_share() -> None:
    found = fs.check("half", "deaths/opioids", period="2017", jurisdiction="TX", of="deaths/all")
    assert found.verdict == "NOT DETERMINED"
    assert found.natural is not None
    assert (found.natural.value, found.natural.low, found.natural.high) == (None, 0.0, 100.0)


def test_more_than_the_whole_is_no_share() -> None:
    with pytest.raises(LedgerError, match="107,966 deaths are no part of 74,792 deaths"):
        fs.check("50%", "deaths/all", period="2023", of="deaths/synthetic-opioids")


CHANGES = [
    ("fell 24%", {}, 100 * (1 - ALL[2024] / ALL[2023]), "percent"),
    ("25,000 fewer", {}, ALL[2023] - ALL[2024], "fewer deaths"),
    ("rose 24%", {}, 100 * (ALL[2024] / ALL[2023] - 1), "percent"),
    ("dropped by 70 a day", {"per": "day"}, ALL[2023] / 365 - ALL[2024] / 366, "fewer deaths a day"),
]


@pytest.mark.parametrize(("phrase", "keys", "value", "unit"), CHANGES)
def test_a_change_is_the_later_against_the_earlier(phrase: str, keys: dict[str, str], value: float, unit: str) -> None:
    found = natural(phrase, "deaths/all", period="2024", since="2023", **keys)
    assert found.value == pytest.approx(value)
    assert (found.unit, found.measure) == (unit, "final")


def test_the_verb_gives_the_direction_and_it_alone_can_be_judged() -> None:
    then: dict[str, Any] = {"period": "2024", "since": "2023"}
    assert fs.check("fell", "deaths/all", **then).verdict == "SUPPORTED"
    assert fs.check("rose", "deaths/all", **then).verdict == "CONTRADICTED"
    assert fs.check("fell by up to 30%", "deaths/all", **then).verdict == "SUPPORTED"
    assert fs.check("fell by up to 30%", "deaths/all", period="2021", since="2020").verdict == "CONTRADICTED"
    assert fs.check("doubled", "deaths/all", period="2021", since="2015").verdict == "SUPPORTED"
    assert fs.check("up nearly tenfold", "seizures/fentanyl", period="FY2023", since="FY2019").verdict == "SUPPORTED"
    assert fs.check("more", "seizures/fentanyl", period="FY2024", since="FY2023").verdict == "CONTRADICTED"


def test_both_ends_of_a_change_are_known_the_same_day_in_the_same_measure() -> None:
    found = natural("a decrease of 26.9%", "deaths/all", period="2024", since="2023", as_of="2025-05-14")
    assert found.measure == "predicted"
    assert found.value == pytest.approx(100 * (1 - 80391 / 110037))
    assert found.known <= date(2025, 5, 14)
    later = natural("a decrease of 26.9%", "deaths/all", period="2024", since="2023")
    assert (later.measure, round(later.value or 0, 1)) == ("final", 24.4)


def test_a_young_change_carries_the_range_in_which_it_may_settle() -> None:
    found = fs.check("fell 3%", "deaths/all", period="2023-11", since="2022-11", as_of="2024-06-01").senses[0]
    assert found.settling is not None
    assert found.natural.value == pytest.approx(100 * (1 - 105384 / 108429))
    assert found.settling.low < 0 < found.settling.high == pytest.approx(found.natural.value)  # deaths still arrive
    level = fs.check("105,000", "deaths/all", period="2023-11", as_of="2024-06-01").senses[0].settling
    pace = fs.check("290 a day", "deaths/all", period="2023-11", as_of="2024-06-01").senses[0].settling
    assert level is not None and pace is not None and pace.high == pytest.approx(level.high / 365)


def test_the_first_above_a_number_is_a_record() -> None:
    assert fs.check("the first time above 100,000", "deaths/all", period="2021", extreme="high").verdict == "SUPPORTED"
    again = fs.check("topped 100,000 for the first time", "deaths/all", period="2022", extreme="high")
    assert again.verdict == "CONTRADICTED"
    assert again.natural is not None and "before, so it was in 2021 (106,699 deaths)" in again.natural.reason
    assert fs.check("first above 110,000", "deaths/all", period="2021", extreme="high").verdict == "CONTRADICTED"


def test_windows_that_differ_in_length_are_compared_by_totals_and_said() -> None:
    table = raw("cbp-seizures/2026-05.csv").astype({"pounds": "float"}).query("region == 'northern-border'")
    late = table[table["month"].between("2024-10", "2025-06")]["pounds"].sum()
    early = table[table["fiscal_year"].isin(["2022", "2023", "2024"])]["pounds"].sum()
    found = natural("more", "seizures/fentanyl/northern-border", period="2024-10..2025-06", since="FY2022..FY2024")
    assert found.value == pytest.approx(late - early)
    assert "not equally long" in found.reason and "unequal windows" in found.flags
    alike = natural("fell", "deaths/all", period="2024", since="2023")  # a leap year is as long as another
    assert "unequal windows" not in alike.flags


def test_a_change_of_rates_has_the_interval_of_both() -> None:
    rows = raw("wonder-overdose/2024-09-24.csv").query("jurisdiction == 'US'").set_index("year")
    a, b = (float(rows.loc[year, "age_adjusted_rate"]) for year in ("2021", "2020"))
    found = fs.check("rose 14%", "deaths/all", period="2021", since="2020", by="rate")
    assert found.natural is not None and found.natural.value == pytest.approx(100 * (a / b - 1))
    figure = evidence.resolve(
        _cell("deaths/all", "2021", "rose 14%", since="2020", by="rate", change_as="percent"), None
    )
    assert figure.sampled and figure.ends is not None
    se = math.hypot(
        *(float(rows.loc[y, "age_adjusted_se"]) / float(rows.loc[y, "age_adjusted_rate"]) for y in ("2021", "2020"))
    )
    assert (figure.ends[1].high - figure.ends[1].low) / 2 == pytest.approx(100 * 1.96 * se * a / b, rel=0.05)


def test_a_flow_that_nobody_measures_has_no_change() -> None:
    found = fs.check("cut by 56%", "flow/fentanyl", period="2025", since="2024")
    assert found.verdict == "NOT DETERMINED"
    assert found.natural is not None and "no data set gives how much enters" in found.natural.reason


def test_ratios_add_up_what_they_are_set_against() -> None:
    cars, guns = 42939, 48830
    found = natural("more than", "deaths/all", period="2021", versus=["causes/motor-vehicle-traffic", "causes/firearm"])
    assert found.value == pytest.approx(ALL[2021] / (cars + guns))
    assert fs.check("more", "deaths/synthetic-opioids", period="2020..2021", versus=58220).verdict == "SUPPORTED"
    people = raw("population-us-age/v2024.csv").query("year == '2023'")["population"].astype(int).sum()
    each = natural("0.0005 times", "reports/fentanyl", period="2023", versus="population")
    assert each.value == pytest.approx(178862 / people)


def test_another_place_is_compared_by_rate_with_an_interval() -> None:
    rows = raw("wonder-overdose/2024-09-24.csv").query("year == '2021'").set_index("jurisdiction")
    florida, california = (float(rows.loc[place, "age_adjusted_rate"]) for place in ("FL", "CA"))
    found = fs.check(
        "41 percent higher", "deaths/all", period="2021", jurisdiction="FL", versus_jurisdiction="CA", by="rate"
    )
    assert found.natural is not None and found.natural.value == pytest.approx(florida / california)
    assert found.verdict == "CLOSE"
    by_number = natural("fewer", "deaths/all", period="2021", jurisdiction="FL", versus_jurisdiction="CA")
    assert by_number.value == pytest.approx(int(rows.loc["FL", "deaths"]) / int(rows.loc["CA", "deaths"]))


def test_where_the_other_side_is_not_held_nothing_is_determined() -> None:
    found = fs.check("more than", "deaths/all", period="2014", jurisdiction="WI", versus="causes/motor-vehicle-traffic")
    assert found.verdict == "NOT DETERMINED"
    assert found.natural is not None and found.natural.reason == "causes/motor-vehicle-traffic: not held of Wisconsin"


def test_states_are_ranked_without_the_district() -> None:
    rows = raw("wonder-overdose/2024-09-24.csv").query("year == '2021' and jurisdiction not in ['US', 'DC']")
    rows = rows[rows["age_adjusted_rate"] != ""].astype({"age_adjusted_rate": "float", "deaths": "int"})
    by_rate = rows.set_index("jurisdiction")["age_adjusted_rate"].rank(ascending=False)
    by_number = rows.set_index("jurisdiction")["deaths"].rank(ascending=False, method="min")
    tennessee = fs.check("number 5", "deaths/all", period="2021", jurisdiction="TN", among="states", by="rate")
    assert tennessee.natural is not None and tennessee.natural.value == by_rate["TN"]
    assert tennessee.verdict == "INCONCLUSIVE"  # the intervals reach to the fifth place
    assert "District of Columbia, which is no state, would stand above it" in tennessee.natural.reason
    assert natural("third", "deaths/all", period="2021", jurisdiction="OH", among="states").value == by_number["OH"]
    assert (
        fs.check("number 1", "deaths/all", period="2022", jurisdiction="WV", among="states", by="rate").verdict
        == "SUPPORTED"
    )


def test_provisional_ranks_count_new_york_whole() -> None:
    held = fs.archive("vsrr")
    known = held.as_of(held.observed_through).query(
        "drug == 'all' and measure == 'reported' and month_ending == '2024-04'"
    )
    counts = known.set_index("jurisdiction")["value"].astype(float)
    counts["NY"] += counts["YC"]
    states = counts.drop(["US", "DC", "YC", "PR"], errors="ignore")
    found = natural("fifth", "deaths/all", period="2024-04", jurisdiction="NY", among="states")
    assert found.value == states.rank(ascending=False)["NY"]


def test_drugs_are_ranked_without_the_classes_that_hold_others() -> None:
    assert fs.check("number 1", "deaths/synthetic-opioids", period="2021", among="drugs").verdict == "SUPPORTED"
    year = FINALS[(FINALS["year"] == 2016)].set_index("drug")["deaths"]
    leaves = year.drop(["all", "opioids", "stimulants", "prescription-opioids"])
    assert natural("third", "deaths/heroin", period="2016", among="drugs").low == leaves.rank(ascending=False)["heroin"]
    with pytest.raises(LedgerError, match="hold several drugs"):
        fs.check("number 1", "deaths/opioids", period="2021", among="drugs")


def test_causes_are_ranked_among_those_that_nchs_ranks() -> None:
    assert fs.check("the leading cause", "causes/heart-disease", period="2021").verdict == "SUPPORTED"
    assert fs.check("the third leading cause", "causes/covid-19", period="2021").verdict == "SUPPORTED"
    fentanyl = fs.check("the leading cause", "deaths/synthetic-opioids", period="2021")
    assert f"{fentanyl.verdict}" == "CONTRADICTED (overstates)"
    assert (
        fentanyl.natural is not None
        and "of which overdoses are a part, would stand above it" in fentanyl.natural.reason
    )
    young = fs.check("the leading cause", "deaths/synthetic-opioids", period="2021", ages="18-45")
    assert young.verdict == "NOT DETERMINED"
    assert young.natural is not None and "not held: heart disease, cancer" in young.natural.reason


@pytest.mark.parametrize(
    ("phrase", "quantity", "keys", "verdict"),
    [
        ("an all-time high", "deaths/all", {"period": "2021"}, "SUPPORTED"),
        ("an all-time high", "deaths/all", {"period": "2023"}, "CONTRADICTED (overstates)"),
        ("lowest since 2019", "deaths/all", {"period": "2024"}, "SUPPORTED"),
        ("lowest since 2018", "deaths/all", {"period": "2024"}, "CONTRADICTED (overstates)"),
        ("historic lows", "seizures/fentanyl", {"period": "FY2023"}, "CONTRADICTED (overstates)"),
        ("a record", "seizures/fentanyl", {"period": "FY2023"}, "SUPPORTED"),
        ("the first annual decline since 2018", "deaths/all", {"period": "2023"}, "SUPPORTED"),
        ("the first decline since 2018", "deaths/all", {"period": "2024"}, "CONTRADICTED (understates)"),
        ("the first decline since 2018", "deaths/all", {"period": "2022"}, "CONTRADICTED (overstates)"),
        ("fell", "deaths/all", {"period": "2023", "extreme": "fall", "since": "2018"}, "SUPPORTED"),
    ],
)
def test_records_are_beaten_by_earlier_periods_alone(
    phrase: str, quantity: str, keys: dict[str, Any], verdict: str
) -> None:
    assert f"{fs.check(phrase, quantity, **keys).verdict}" == verdict


def test_a_record_names_its_margin_and_how_far_the_series_reaches() -> None:
    reason = natural("an all-time high", "deaths/all", period="2021").reason
    assert "the highest before it, 91,799 deaths, was in 2020 (a margin of 14,900 deaths)" in reason
    assert "of 23 periods held, back to 1999" in reason
    older = (
        raw("overdose-long/us.csv").query("series == 'drug-poisoning' and qualifier == 'bare'")["deaths"].astype(int)
    )
    assert (
        f"by the older ICD-9 codes and not to be joined, deaths by drug poisoning of 1979 to 1997 were at most {older.max():,}"
        in reason
    )


def test_a_run_is_counted_back_to_its_turn() -> None:
    held = fs.archive("vsrr").as_of(fs.archive("vsrr").observed_through)
    rows = held.query("jurisdiction == 'US' and drug == 'all' and measure == 'reported' and month_ending <= '2024-04'")
    values = rows.sort_values("month_ending")["value"].astype(float).tolist()[::-1]
    run = next(n for n, (later, before) in enumerate(pairwise(values)) if later >= before)
    found = natural("fifth month of decline", "deaths/all", period="2024-04")
    assert found.value == run
    year = natural("the fifth straight month of decline", "deaths/all", period="2023")
    assert year.measure == "reported"  # a year that is counted by months


def test_the_first_period_held_beats_nothing() -> None:
    found = fs.check("a record", "seizures/fentanyl", period="FY2019")
    assert found.verdict == "NOT DETERMINED"
    assert found.natural is not None and "no earlier period is held" in found.natural.reason


def test_doses_are_the_weight_over_what_may_kill() -> None:
    table = raw("cbp-seizures/2026-05.csv").astype({"pounds": "float"})
    pounds = table[table["fiscal_year"] == "2023"]["pounds"].sum()
    found = natural("6.1 billion doses", "seizures/fentanyl", period="FY2023")
    assert found.value == pytest.approx(pounds * 453592.37 / 2)
    assert "the gross weight taken as pure" in found.reason
    bounds = natural("258 million lethal doses", "seizures/fentanyl", period="FY2023", purity=(0.05, 0.15))
    assert (bounds.value, bounds.unit) == (None, "doses")
    assert (bounds.low, bounds.high) == pytest.approx((0.05 * (found.value or 0), 0.15 * (found.value or 0)))
    people = raw("population-us-age/v2024.csv").query("year == '2023'")["population"].astype(int).sum()
    each = natural("over 9.5 times", "seizures/fentanyl", period="FY2023", dose_mg=2, versus="population")
    assert each.value == pytest.approx((found.value or 0) / people)


@pytest.mark.parametrize(
    ("phrase", "quantity", "keys"),
    [
        ("200 a day", "deaths/all", {"period": "2023"}),
        ("31.3 per 100,000", "deaths/all", {"period": "2021"}),
        ("70%", "deaths/synthetic-opioids", {"period": "2023", "of": "deaths/all"}),
        ("fell 27%", "deaths/all", {"period": "2024", "since": "2023"}),
        ("twice as many", "deaths/all", {"period": "2021", "versus": "causes/suicide"}),
        ("number 5", "deaths/all", {"period": "2021", "jurisdiction": "TN", "among": "states", "by": "rate"}),
        ("an all-time high", "deaths/all", {"period": "2021"}),
        ("5 billion doses", "seizures/fentanyl", {"period": "FY2023"}),
    ],
)
def test_before_anything_was_published_nothing_is_determined(phrase: str, quantity: str, keys: dict[str, Any]) -> None:
    found = fs.check(phrase, quantity, as_of="2016-01-01", **keys)
    assert found.verdict == "NOT DETERMINED"
    assert found.natural is not None
    assert found.natural.value is None
    assert "2016-01-01" in found.natural.reason


def test_readings_of_two_forms_are_told_apart() -> None:
    level = natural("105,007", "deaths/all", period="2023")
    share = natural("70%", "deaths/all", period="2023", of="deaths/all")
    assert level.id != share.id and share.id.endswith(";of=deaths/all")


# Claims files --------------------------------------------------------------------------------------------------------------

CLAIM = """
[article]
id = "mine"
title = "A text"
date = "2025-06-01"
[[source]]
id = "S1"
title = "A page"
publisher = "A paper"
[[claim]]
id = "fall"
quote = "Overdose deaths fell by 24.4% in 2024"
kind = "count"
quantity = { value = 24.4, unit = "percent" }
as_of = "2026-06-01"
said = "2026-06-01"
sources = ["S1"]
[[claim.test]]
quantity = "deaths/all"
period = "2024"
measures = ["final"]
since = "2023"
as = "percent"
natural = true
"""


def _file(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_claims_files_take_the_same_keys(tmp_path: Path) -> None:
    found = fs.assess("fall", claims=_file(tmp_path, CLAIM))
    assert found.natural is not None
    assert round(found.natural.value or 0, 2) == 24.40
    assert found.verdict == "SUPPORTED"
    assert found.natural.unit == "percent"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('since = "2023"\nas = "percent"', "", "counted in deaths, the claim in percent"),
        ("fell by 24.4%", "were 24.4% of all", "does not say whether it rose or fell"),
        ('unit = "percent"', 'unit = "pounds"', "is not counted as percent"),
        ('as = "percent"', 'as = "percent"\nchange_as = "percent"', "as and change_as are one key"),
        ('period = "2024"', 'period = "2024"\nperiods = ["2024"]', "period and periods are one key"),
        ('period = "2024"', 'period = "latest"', "a change is of a period that is named"),
        ('since = "2023"', 'since = "2023"\nof = "deaths/opioids"', "since does not go with a share"),
        ('since = "2023"', 'since = "2023"\nsinse = "2023"', "unknown key 'sinse'; did you mean 'since'"),
    ],
)
def test_a_claims_file_is_refused_with_the_claim_and_the_key(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in CLAIM
    with pytest.raises(LedgerError, match=words) as caught:
        ledger.read(_file(tmp_path, CLAIM.replace(old, new)))
    assert "'fall'" in str(caught.value)


# Properties ----------------------------------------------------------------------------------------------------------------


def _cell(quantity: str, period: str, phrase: str = "", **keys: Any) -> Cell:
    measure = keys.pop("measure", "final")
    test = ledger.Test.model_validate({"quantity": quantity, "period": period, **keys})
    return Cell(
        quantity, period, measure, "newest", "none", test, ledger.read().sources, parse(phrase) if phrase else None
    )


def _years() -> Iterator[tuple[int, int]]:
    return iter([(a, b) for a in range(1999, 2025) for b in range(1999, 2025) if a != b])


@given(pair=st.sampled_from(list(_years())))
def test_a_fall_is_a_rise_the_other_way_round(pair: tuple[int, int]) -> None:
    later, earlier = pair
    keys = {"since": str(earlier), "change_as": "difference"}
    fall = evidence.resolve(_cell("deaths/all", str(later), "fell by 5", **keys), None)
    rise = evidence.resolve(_cell("deaths/all", str(later), "rose by 5", **keys), None)
    assert fall.value == -(rise.value or 0) == ALL[earlier] - ALL[later]
    assert (fall.low, fall.high) == (fall.value, fall.value)


@given(count=st.integers(0, 10**6))
def test_byar_is_near_the_exact_interval(count: int) -> None:
    for ends, level in zip(evidence._poisson(count, 1.0), (0.90, 0.95), strict=True):
        low, high = rates.poisson_interval(count, level=level)
        assert ends.low == pytest.approx(low, abs=0.05, rel=2e-3)
        assert ends.high == pytest.approx(high, abs=0.05, rel=2e-3)


@given(
    value=st.integers(1, 10**6),
    others=st.lists(st.integers(1, 10**6), max_size=12),
)
def test_a_rank_lies_between_its_ends(value: int, others: list[int]) -> None:
    own = Figure.point(float(value), period=Period.parse("2023"), vintage="v", known=date(2024, 1, 1), sources=())
    rivals = [evidence._Ranked(f"{n}", float(other)) for n, other in enumerate(others)]
    found = evidence._placed("it", own, float(value), rivals, [], "x")
    above, ties = sum(other > value for other in others), sum(other == value for other in others)
    assert (found.low, found.high) == (1 + above, 1 + above + ties)
    assert found.value == (None if ties else 1 + above)


def test_keys_of_every_form_are_named() -> None:
    named = {key for keys in forms._GOES_WITH.values() for key in keys.split()}
    assert named == set(Keys.model_fields)
    assert set(forms._GOES_WITH) == set(forms.FORMS)
