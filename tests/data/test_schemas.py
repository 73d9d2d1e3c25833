from __future__ import annotations

import hashlib
import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from frictionless import validate
from hypothesis import given, settings
from hypothesis import strategies as st

from fentanyl_stats.data import catalog, paths, schemas, store
from fentanyl_stats.data.columns import LAYOUTS, layout, typed
from fentanyl_stats.data.contracts import CONTRACTS, Relation
from fentanyl_stats.errors import DataError

from .folder import Folder
from .small import SMALL, with_cells, without_row

Cells = dict[str, str]


def as_typed(name: str, text: pd.DataFrame) -> pd.DataFrame:
    return typed(text, layout(name.split("/")[0], list(text)))


def check(name: str, text: pd.DataFrame) -> None:
    schemas.check(name.split("/")[0], as_typed(name, text))


def broken_rules(name: str, text: pd.DataFrame) -> list[Relation]:
    frame = as_typed(name, text)
    relations = CONTRACTS[name.split("/")[0]].relations
    return [rule for rule in relations if rule.column in frame and not rule.holds(frame).all()]


def test_there_is_a_contract_for_every_layout() -> None:
    assert set(CONTRACTS) == set(LAYOUTS) == {name.split("/")[0] for name in SMALL}


@pytest.mark.parametrize("name", SMALL)
def test_the_small_tables_keep_their_contract(name: str) -> None:
    check(name, SMALL[name])


@pytest.mark.parametrize("name", SMALL)
def test_an_empty_table_is_no_table(name: str) -> None:
    with pytest.raises(DataError, match="the table has no rows"):
        check(name, SMALL[name].iloc[:0])


@pytest.mark.parametrize("name", SMALL)
def test_keys_are_unique_and_never_blank(name: str) -> None:
    contract, frame = CONTRACTS[name.split("/")[0]], SMALL[name]
    twice = pd.concat([frame, frame.iloc[[0]]], ignore_index=True)
    key = r" \+ ".join(contract.key)
    with pytest.raises(DataError, match=rf"column {key}, row {len(twice)} .*: this key stands in an earlier row too"):
        check(name, twice)
    kinds = layout(name.split("/")[0], list(frame))
    for column in contract.never_blank:
        if column in kinds and kinds[column] in ("text", "count", "number"):
            blank, _ = with_cells(name, {}, {column: ""})
            with pytest.raises(DataError, match=rf"column {column}, row 1 \(blank\): must not be blank"):
                check(name, blank)


@pytest.mark.parametrize("name", SMALL)
def test_words_forms_and_ranges_are_checked(name: str) -> None:
    contract, frame = CONTRACTS[name.split("/")[0]], SMALL[name]
    wrong: list[tuple[str, str, str]] = []
    wrong += [(column, "9" if column == "half" else "nonsense", "must be one of") for column in contract.words]
    wrong += [
        (column, "non sense", "must (have the form|match|be a source id|join source ids|be all)")
        for column in contract.patterns
    ]
    for column, (low, high) in contract.ranges.items():
        wrong += [] if low is None else [(column, f"{low - 1:g}", f"must be at least {low:g}")]
        wrong += [] if high is None else [(column, f"{high + 1:g}", f"must be at most {high:g}")]
    for column, cell, right in wrong:
        if column in frame:
            broken, row = with_cells(name, {}, {column: cell})
            with pytest.raises(DataError, match=rf"column {column}, row {row} \('?{cell}'?\): {right}"):
                check(name, broken)


ALL = {"jurisdiction": "US", "month_ending": "2024-01", "drug": "all"}
HEROIN = {"jurisdiction": "AK", "drug": "heroin"}
US_2022 = {"jurisdiction": "US", "year": "2022"}
STATE_2022 = {"jurisdiction": "WY", "year": "2022"}

# table, the first row that has these cells, new cells, the column that is named, words of the message
CELLS: list[tuple[str, Cells, Cells, str, str]] = [
    ("vsrr", ALL, {"predicted": "519"}, "predicted", "at least reported"),
    ("vsrr", ALL, {"reported": ""}, "reported", "a blank reported needs one of the flags suppressed"),
    ("vsrr", ALL, {"reported": "", "flag": "underreported"}, "reported", "a blank reported needs"),
    ("vsrr", ALL, {"predicted": ""}, "predicted", "a blank predicted needs"),
    ("vsrr", ALL, {"flag": "suppressed"}, "reported", "must be blank under flag suppressed"),
    (
        "vsrr",
        ALL,
        {"flag": "underreported;low_quality"},
        "reported",
        "must be blank under flag suppressed or low_quality",
    ),
    ("vsrr", ALL, {"flag": "not_published"}, "predicted", "must be blank under flag not_published"),
    ("vsrr", ALL, {"flag": "Suppressed"}, "flag", "must join some of suppressed"),
    ("vsrr", ALL, {"flag": "underreported;underreported"}, "flag", "must join some of"),
    ("vsrr", ALL, {"flag": "underreported;"}, "flag", "must join some of"),
    ("vsrr", {**HEROIN, "jurisdiction": "AL"}, {"reported": "9"}, "reported", "1 to 9 must be suppressed"),
    ("vsrr", ALL, {"reported": "521", "predicted": "530"}, "reported", "of US must be the sum of its 52 parts"),
    ("vsrr-archive", {}, {"flag": "carried"}, "flag", "must join some of suppressed"),
    ("vsrr-archive", {}, {"value": ""}, "value", "a blank value needs one of the flags suppressed"),
    ("vsrr-archive", {}, {"known_from": "2024-01-02"}, "known_from", "must be the same in all rows of one vintage"),
    ("vsrr-archive", {}, {"known_to": "2024-01-21"}, "known_to", "must be the same in all rows of one vintage"),
    ("vsrr-archive", {}, {"known_from": "2024-02-30"}, "known_from", "must be a day, month or year of the calendar"),
    ("vsrr-archive", {}, {"known_to": "2024-02-30"}, "known_to", "must be a day, month or year of the calendar"),
    ("vsrr-archive-coverage", {}, {"last": "2023-06"}, "last", "at least first"),
    ("vsrr-archive-vintages", {}, {"known_to": "2023-12-31"}, "known_to", "at least known_from"),
    ("vsrr-archive-vintages", {}, {"known_to": "2024-02-30"}, "known_to", "of the calendar"),
    ("vsrr-archive-vintages", {}, {"known_from": "2023-02-30"}, "known_from", "of the calendar"),
    ("cbp-archive", {}, {"fiscal_year": "2023"}, "fiscal_year", "must be that of month"),
    (
        "cbp-archive",
        {"component": "usbp"},
        {"area_of_responsibility": "Laredo Field Office"},
        "component",
        "must be the same",
    ),
    ("cbp-archive", {"pounds": "3.5"}, {"events": "0"}, "pounds", "pounds need at least one event"),
    ("cbp-archive", {}, {"known_to": "2024-11-09"}, "known_to", "must be the same in all rows of one vintage"),
    ("cbp-archive-vintages", {}, {"known_to": "2024-09-30"}, "known_to", "at least known_from"),
    ("cbp-archive-vintages", {}, {"last_fiscal_year": "2020"}, "last_fiscal_year", "at least first_fiscal_year"),
    ("cbp-archive-vintages", {}, {"known_to": "2024-11-31"}, "known_to", "of the calendar"),
    ("finals-release", {}, {"known": "2024-02-30"}, "known", "of the calendar"),
    ("cause-deaths", {"cause": "covid-19"}, {"known": "2022-02-30"}, "known", "of the calendar"),
    (
        "cause-deaths",
        {"cause": "covid-19"},
        {"known": ""},
        "known",
        "blank where known_basis is not-seen, and only there",
    ),
    ("cause-deaths", {"cause": "homicide"}, {"deaths": "9"}, "deaths", "1 to 9 must be suppressed"),
    ("cause-deaths-other-periods", {}, {"period_end": "2018-04"}, "period_end", "not be before period_start"),
    ("cause-deaths-other-periods", {}, {"known": "2021-02-30"}, "known", "of the calendar"),
    ("overdose-age", {"drug": "all"}, {"deaths": "9"}, "deaths", "1 to 9 must be suppressed"),
    ("overdose-age", {"drug": "heroin"}, {"crude_rate": ""}, "deaths", "at least one of deaths, crude_rate"),
    ("overdose-age", {"drug": "all"}, {"age_high": "13"}, "age_high", "at least age_low"),
    ("overdose-age", {"drug": "all"}, {"known": "2022-02-30"}, "known", "of the calendar"),
    (
        "overdose-age",
        {"drug": "heroin"},
        {"known": "2022"},
        "known",
        "blank where known_basis is not-seen, and only there",
    ),
    ("people", {}, {"period_start": "2022-02-30"}, "period_start", "of the calendar"),
    ("people", {}, {"period_end": "2022-09-30"}, "period_end", "not be before period_start"),
    ("people", {}, {"period_end": "2023-09-31"}, "period_end", "of the calendar"),
    ("people", {}, {"known": "2023-09-31"}, "known", "of the calendar"),
    ("lethal-dose", {}, {"period_start": "2022-02-30"}, "period_start", "of the calendar"),
    ("lethal-dose", {}, {"period_end": "2022-02-30"}, "period_end", "of the calendar"),
    ("lethal-dose", {}, {"period_end": "2021"}, "period_end", "not be before period_start"),
    ("lethal-dose", {}, {"period_end": ""}, "period_start", "blank together"),
    ("lethal-dose", {}, {"known": "2023-02-30"}, "known", "of the calendar"),
    ("overdose-abroad", {}, {"deaths": "9"}, "deaths", "1 to 9 must be suppressed"),
    ("overdose-abroad", {}, {"known": "2019-02-30"}, "known", "of the calendar"),
    ("factcheck", {}, {"day": "2024-02-30"}, "day", "of the calendar"),
    ("factcheck", {}, {"said_on": "2024-02-30"}, "said_on", "of the calendar"),
    ("more-sources", {"id": "M02"}, {"date": "2013-02-30"}, "date", "of the calendar"),
    ("wonder-overdose", STATE_2022, {"crude_low": "20.1"}, "crude_rate", "at least crude_low"),
    ("wonder-overdose", STATE_2022, {"crude_high": "19.9"}, "crude_high", "at least crude_rate"),
    ("wonder-overdose", STATE_2022, {"age_adjusted_low": "22"}, "age_adjusted_rate", "at least age_adjusted_low"),
    ("wonder-overdose", STATE_2022, {"age_adjusted_high": "17"}, "age_adjusted_high", "at least age_adjusted_rate"),
    ("wonder-overdose", {"jurisdiction": "AK"}, {"crude_low": "26"}, "crude_high", "at least crude_low"),
    (
        "wonder-overdose",
        {"jurisdiction": "AK"},
        {"age_adjusted_low": "26"},
        "age_adjusted_high",
        "at least age_adjusted_low",
    ),
    ("wonder-overdose", STATE_2022, {"crude_rate": ""}, "crude_rate", "blank where flag unreliable stands"),
    (
        "wonder-overdose",
        STATE_2022,
        {"age_adjusted_rate": ""},
        "age_adjusted_rate",
        "blank where flag unreliable stands",
    ),
    ("wonder-overdose", STATE_2022, {"crude_rate": "20.1"}, "crude_rate", "deaths per 100,000"),
    ("wonder-overdose", {"jurisdiction": "AK"}, {"flag": ""}, "flag", "exactly where deaths are under 20"),
    ("wonder-overdose", {"jurisdiction": "AK"}, {"deaths": "5"}, "deaths", "1 to 9 must be suppressed"),
    ("wonder-overdose", STATE_2022, {"flag": "population_2022"}, "flag", "belongs to years after 2022"),
    ("wonder-overdose", STATE_2022, {"flag": "carried"}, "flag", "must join some of"),
    ("wonder-overdose", {"jurisdiction": "AK"}, {"population": "12"}, "population", "at least deaths"),
    ("wonder-overdose", US_2022, {"deaths": "1016"}, "deaths", "of US must be the sum of its 51 parts"),
    ("wonder-overdose", US_2022, {"population": "5100001"}, "population", "of US must be the sum of its 51 parts"),
    (
        "nvss-by-drug",
        {"year": "2022"},
        {"age_adjusted_rate": ""},
        "age_adjusted_rate",
        "where flag rate_not_seen stands",
    ),
    (
        "nvss-by-drug",
        {"year": "2022"},
        {"flag": "rate_not_seen"},
        "age_adjusted_rate",
        "where flag rate_not_seen stands",
    ),
    ("nvss-by-drug", {"year": "2022"}, {"flag": "seen"}, "flag", "must join some of"),
    ("nvss-by-drug", {"sex": "all"}, {"deaths": "521"}, "deaths", "of all must be the sum of its 2 parts"),
    ("nvss-t404-age", {}, {"deaths": "5"}, "deaths", "1 to 9 must be suppressed"),
    ("county", {"fips": "01003"}, {"suppressed": "true"}, "suppressed", "true where deaths are blank"),
    ("county", {"fips": "01001"}, {"suppressed": "false"}, "suppressed", "true where deaths are blank"),
    ("county", {"fips": "01001"}, {"flag": "prior_not_given"}, "deaths", "where flag suppressed stands"),
    ("county", {"fips": "01003"}, {"deaths_prior": ""}, "deaths_prior", "where flag prior_not_given stands"),
    ("county", {"fips": "01003"}, {"population": ""}, "population", "where flag population_not_given stands"),
    ("county", {"fips": "01003"}, {"deaths": "9"}, "deaths", "1 to 9 must be suppressed"),
    ("county", {"fips": "01003"}, {"deaths_prior": "1"}, "deaths_prior", "1 to 9 must be suppressed"),
    ("county", {"fips": "01003"}, {"population": "41"}, "population", "at least deaths"),
    ("county", {"fips": "01003"}, {"state": "AK"}, "state", "first two digits of fips"),
    ("county", {"fips": "01003"}, {"flag": "what"}, "flag", "must join some of"),
    ("population-us-age", {"year": "2021"}, {"series": "v2023"}, "series", "the same in all rows of one year"),
    ("population-state", {"year": "2023"}, {"population": "52000"}, "population", "repeat that of 2022"),
    ("population-state", {"year": "2021"}, {"population": "52000"}, "population", "of US must be the sum of its 51"),
    ("population-state", {"year": "2021"}, {"flag": "carried"}, "flag", "must join some of"),
    ("standard-population-2000/11", {}, {"weight": "0.050000"}, "weight", "must sum to 1"),
    ("standard-population-2000/11", {}, {"population_thousands": "4002"}, "population_thousands", "population / 1000"),
    ("standard-population-2000/19", {}, {"weight_per_million": "100001"}, "weight_per_million", "must sum to 1e+06"),
    ("cbp-seizures", {}, {"fiscal_year": "2023"}, "fiscal_year", "October begins the next"),
    (
        "cbp-seizures",
        {"component": "usbp"},
        {"area_of_responsibility": "Laredo Field Office"},
        "component",
        "of one area_of_responsibility",
    ),
    (
        "cbp-seizures",
        {"month": "2024-12"},
        {"source_file_vintage": "fy20-fy23"},
        "source_file_vintage",
        "in all rows of one fiscal_year",
    ),
    ("cbp-seizures", {}, {"status": "open"}, "status", "only the last fiscal year can be open"),
    ("cbp-seizures", {"month": "2024-12"}, {"status": "closed"}, "status", "the same in all rows of one fiscal_year"),
    ("cbp-seizures", {"month": "2024-12"}, {"land_filter": "land-only"}, "land_filter", "no land border"),
    ("cbp-seizures", {}, {"events": "0"}, "pounds", "at least one event"),
    ("dea-offices", {}, {"offices": ""}, "offices", "where flag offices_not_stated stands"),
    ("dea-offices", {}, {"countries": "5"}, "countries", "where flag countries_not_stated stands"),
    ("dea-offices", {}, {"staff": "5"}, "staff", "where flag staff_not_stated stands"),
    ("dea-offices", {}, {"budget_usd": "5"}, "budget_usd", "where flag budget_not_stated stands"),
    (
        "dea-offices",
        {},
        {"offices": "", "flag": "offices_not_stated;countries_not_stated;staff_not_stated;budget_not_stated"},
        "offices",
        "at least one of offices, countries, staff",
    ),
    ("dea-offices", {"precision": "month"}, {"as_of": "2018"}, "as_of", "as long as its precision says"),
    ("dea-offices", {"precision": "day"}, {"as_of": "2023-02-30"}, "as_of", "of the calendar"),
    ("dea-offices", {}, {"flag": "nothing"}, "flag", "must join some of"),
    ("published-figures", {}, {"value": ""}, "value", "where flag qualitative stands"),
    ("published-figures", {}, {"unit": ""}, "unit", "blank together"),
    ("published-figures", {}, {"qualifier": ""}, "qualifier", "a value needs a qualifier"),
    ("published-figures", {}, {"period_start": "", "period_end": ""}, "period_start", "no_period must stand"),
    ("published-figures", {}, {"period_end": ""}, "period_start", "open_period must stand"),
    ("published-figures", {}, {"period_end": "2022-12-31"}, "period_end", "not be before period_start"),
    ("published-figures", {}, {"period_start": "2023-02-30"}, "period_start", "of the calendar"),
    ("published-figures", {}, {"period_end": "2023-11-31"}, "period_end", "of the calendar"),
    ("published-figures", {}, {"date_published": "2023-02-30"}, "date_published", "of the calendar"),
    ("published-figures", {}, {"date_published": ""}, "date_published", "where flag no_date stands"),
    ("published-figures", {}, {"url": ""}, "url", "where flag no_url stands"),
    ("published-figures", {}, {"quote": ""}, "quote", "where flag no_quote stands"),
    ("published-figures", {}, {"flag": "misprinted"}, "flag", "must join some of"),
    ("events", {"precision": "week"}, {"date": "2017-01"}, "date", "as long as its precision says"),
    ("events", {"precision": "week"}, {"date": "2017-02-29"}, "date", "of the calendar"),
]

OPIOIDS = ("synthetic-opioids", "heroin", "natural-opioids", "methadone", "prescription-opioids")
OTHERS = ("cocaine", "psychostimulants", "stimulants", "benzodiazepines", "antidepressants")
NESTED = [
    *((inner, "opioids") for inner in OPIOIDS),
    *((inner, "all") for inner in (*OPIOIDS, "opioids", *OTHERS)),
    *((inner, "stimulants") for inner in ("cocaine", "psychostimulants")),
]

# table, the row that is dropped, the column that is named, words of the message
DROPPED: list[tuple[str, Cells, str, str]] = [
    ("vsrr", ALL, "month_ending", "a month is missing before this row"),
    ("vsrr-specified", {"month_ending": "2024-02"}, "month_ending", "a month is missing before this row"),
    ("wonder-overdose", STATE_2022, "year", "a year is missing before this row"),
    ("nvss-by-drug", {"year": "2023", "sex": "all"}, "year", "a year is missing before this row"),
    ("nvss-t404-month", {"month": "2023-12"}, "month", "a month is missing before this row"),
    ("nvss-t404-age", {"age_group": "5-14"}, "age_group", "all 11 values <1 to 85+ must be there"),
    ("population-us-age", {"age_group": "5-9"}, "age_group", "all 18 values 0-4 to 85+ must be there"),
    ("population-us-age", {"year": "2020"}, "year", "a year is missing before this row"),
    ("population-state", {"jurisdiction": "WY", "year": "2022"}, "year", "a year is missing before this row"),
    ("standard-population-2000/11", {"age_group": "5-14"}, "weight", "the 11 age groups must all be there"),
    ("standard-population-2000/19", {"age_group": "5-9"}, "weight_per_million", "the 19 age groups must all be there"),
]


def nested_cells(inner: str, outer: str) -> list[tuple[str, Cells, Cells]]:
    """The inner class one death above the outer, in the tables that have both."""
    vsrr, finals = SMALL["vsrr"].set_index(["jurisdiction", "month_ending", "drug"]), SMALL["nvss-by-drug"]
    above = str(int(vsrr.loc[("US", "2024-01", outer), "reported"]) + 1)
    place = {"jurisdiction": "US", "month_ending": "2024-01", "drug": inner}
    most = finals.set_index(["year", "drug", "sex"]).loc[("2023", outer, "all"), "deaths"]
    return [
        ("nvss-by-drug", {"year": "2023", "drug": inner, "sex": "all"}, {"deaths": str(int(most) + 1)}),
        *([] if outer == "stimulants" else [("vsrr", place, {"reported": above, "predicted": above})]),
    ]


@pytest.mark.parametrize(("name", "where", "cells", "column", "words"), CELLS)
def test_each_relation_between_columns(name: str, where: Cells, cells: Cells, column: str, words: str) -> None:
    broken, row = with_cells(name, where, cells)
    rules = broken_rules(name, broken)
    rule = next(rule for rule in rules if rule.column == column and words in rule.right)
    assert not rule.holds(as_typed(name, broken)).iloc[row - 1]
    with pytest.raises(DataError) as caught:
        check(name, broken)
    if len(rules) == 1:
        assert str(caught.value).startswith(f"column {column}, row {row} (")
        assert rule.right in str(caught.value)


@pytest.mark.parametrize(("inner", "outer"), NESTED)
def test_each_class_lies_within_the_class_that_holds_it(inner: str, outer: str) -> None:
    for name, where, cells in nested_cells(inner, outer):
        broken, row = with_cells(name, where, cells)
        column = next(iter(cells))
        with pytest.raises(DataError, match=rf"^column {column}, row \d+ \("):
            check(name, broken)
        rule = next(
            r for r in broken_rules(name, broken) if r.right == f"{column} of {inner} must be at most that of {outer}"
        )
        assert not rule.holds(as_typed(name, broken)).iloc[row - 1]


@pytest.mark.parametrize(("name", "where", "column", "words"), DROPPED)
def test_each_relation_between_rows(name: str, where: Cells, column: str, words: str) -> None:
    broken = without_row(name, where)
    assert any(rule.column == column and words in rule.right for rule in broken_rules(name, broken))
    with pytest.raises(DataError, match=r"^column \w+, row \d+ \("):
        check(name, broken)


@pytest.mark.slow
def test_no_relation_goes_untried() -> None:
    tables = [(name, with_cells(name, where, cells)[0]) for name, where, cells, _, _ in CELLS]
    tables += [(name, without_row(name, where)) for name, where, _, _ in DROPPED]
    for inner, outer in NESTED:
        tables += [(name, with_cells(name, where, cells)[0]) for name, where, cells in nested_cells(inner, outer)]
    tried = {
        (name.split("/")[0], rule.column, rule.right) for name, text in tables for rule in broken_rules(name, text)
    }
    known = {(name, rule.column, rule.right) for name, each in CONTRACTS.items() for rule in each.relations}
    assert known - tried == set()


def test_the_sum_over_states_waits_until_all_are_held() -> None:
    for where in ({"jurisdiction": "WY"}, {"jurisdiction": "YC"}):
        check("vsrr", without_row("vsrr", where))
    withheld, _ = with_cells("vsrr", {"jurisdiction": "WY"}, {"reported": "", "flag": "suppressed"})
    check("vsrr", withheld)
    with_pr = pd.concat([SMALL["vsrr"], SMALL["vsrr"].query("jurisdiction == 'WY'").assign(jurisdiction="PR")])
    check("vsrr", with_pr.reset_index(drop=True))  # Puerto Rico is not in US


def test_flags_that_may_stand_on_values() -> None:
    for flag in ("underreported", "not_transcribed", "underreported;not_transcribed"):
        kept, _ = with_cells("vsrr", ALL, {"flag": flag})
        check("vsrr", kept)


def test_a_message_counts_rows_and_other_rules() -> None:
    text = SMALL["vsrr-specified"].assign(percent_specified="101")
    text.loc[0, "jurisdiction"] = "ZZ"
    with pytest.raises(DataError) as caught:
        check("vsrr-specified", text)
    assert str(caught.value).startswith("column jurisdiction, row 1 ('ZZ'): must be one of US, AK, AL,")
    assert str(caught.value).endswith("; 1 other rule is broken too")
    with pytest.raises(DataError, match=r"row 1 \(101\): must be at most 100; so in 6 rows$"):
        check("vsrr-specified", SMALL["vsrr-specified"].assign(percent_specified="101"))


def test_types_are_part_of_the_contract() -> None:
    frame = as_typed("nvss-t404-month", SMALL["nvss-t404-month"])
    with pytest.raises(DataError, match=r"^column deaths: must be of type Int64"):
        schemas.check("nvss-t404-month", frame.astype({"deaths": "float64"}))
    with pytest.raises(DataError, match="column note is not expected"):
        schemas.check("nvss-t404-month", frame.assign(note="x"))
    with pytest.raises(DataError, match="unknown dataset 'vssr'"):
        schemas.check("vssr", frame)


def test_order_of_rows_does_not_matter() -> None:
    for name, text in SMALL.items():
        check(name, text.iloc[::-1].reset_index(drop=True))


@pytest.mark.slow
def test_every_shipped_table_keeps_its_contract_from_raw() -> None:
    for table in catalog.entries():
        if table.is_frame and not table.released:
            assert len(store.from_raw(table, store.raw_bytes(table))) == table.rows


@settings(max_examples=40)
@given(st.sampled_from(list(SMALL)), st.data())
def test_a_changed_cell_passes_or_is_named_never_otherwise(name: str, data: st.DataObject) -> None:
    frame = SMALL[name].copy()
    row = data.draw(st.integers(0, len(frame) - 1))
    column = data.draw(st.sampled_from(list(frame)))
    frame.loc[row, column] = data.draw(st.one_of(st.text(max_size=8), st.integers().map(str), st.just("")))
    message = ""
    try:
        check(name, frame)
    except DataError as error:
        message = str(error)
    assert message == "" or (message.startswith("column ") and "\n" not in message)


def test_the_data_package_describes_the_processed_files(folder: Folder) -> None:
    store.build("nflis")
    store.build("county")
    text = (folder.processed / "datapackage.json").read_text("utf-8")
    package = json.loads(text)
    assert (package["profile"], package["name"]) == ("data-package", "fentanyl-stats")
    assert [resource["name"] for resource in package["resources"]] == ["county-2026-08-17", "nflis-2026-03-03"]
    for resource in package["resources"]:
        file = folder.processed / resource["path"]
        assert resource["hash"] == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
        assert resource["rows"] == pq.read_metadata(file).num_rows
        assert (resource["format"], resource["mediatype"]) == ("parquet", "application/vnd.apache.parquet")
        assert [field["name"] for field in resource["schema"]["fields"]] == pq.read_schema(file).names
        assert {field["type"] for field in resource["schema"]["fields"]} <= {"string", "integer", "number", "boolean"}
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])  # as the standard wants it
        assert resource["licenses"][0]["title"].startswith("US federal public domain")
        assert resource["sources"][0]["title"]
    store.build("county")
    assert (folder.processed / "datapackage.json").read_text("utf-8") == text


def _complaints(folder: Folder) -> list[tuple[str, str]]:
    """What the frictionless package finds wrong, as kind of error and note; it reads the Parquet files themselves."""
    report = validate(str(folder.processed / "datapackage.json"))
    return [(kind, note) for kind, note in report.flatten(["type", "note"])]


@pytest.mark.slow
def test_frictionless_finds_every_table_valid() -> None:
    built = store.build()
    package = json.loads((paths.processed() / "datapackage.json").read_text("utf-8"))
    (archive,) = (each for each in package["resources"] if each["name"].startswith("vsrr-archive-2026"))
    sample = validate({**package, "resources": [archive]}, basepath=str(paths.processed()), limit_rows=2000)
    assert sample.valid, sample.flatten(["title", "fieldName", "note"])[
        :5
    ]  # whole it takes minutes; its contract is checked elsewhere
    built = built[built["dataset"] != "vsrr-archive"]
    others = [each for each in package["resources"] if each is not archive]
    report = validate({**package, "resources": others}, basepath=str(paths.processed()))
    assert report.valid, report.flatten(["title", "fieldName", "note"])[:5]
    assert [task.stats["rows"] for task in report.tasks] == built["rows"].tolist()
    assert len(report.tasks) == len([table for table in catalog.entries() if table.is_frame and not table.released]) - 1


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("state", "Narnia", "constraint-error"),
        ("substance", None, "constraint-error"),
        ("reports", -1, "constraint-error"),
    ],
)
def test_frictionless_finds_what_breaks_the_contract(folder: Folder, column: str, value: object, kind: str) -> None:
    store.build("nflis")
    assert _complaints(folder) == []
    (file,) = (folder.processed / "nflis").glob("*.parquet")
    frame = pd.read_parquet(file)
    frame.loc[3, column] = value
    frame.to_parquet(file)
    assert kind in [found for found, _ in _complaints(folder)]


@pytest.mark.slow
def test_frictionless_finds_a_row_twice_and_a_row_missing(folder: Folder) -> None:
    store.build("nflis")
    (file,) = (folder.processed / "nflis").glob("*.parquet")
    frame = pd.read_parquet(file)
    pd.concat([frame.iloc[:-1], frame.iloc[:1]], ignore_index=True).to_parquet(file)
    assert [kind for kind, _ in _complaints(folder)] == ["primary-key"]
    frame.iloc[:-1].to_parquet(file)
    assert [kind for kind, _ in _complaints(folder)] == ["row-count"]
