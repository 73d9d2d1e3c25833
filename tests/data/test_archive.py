from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import fentanyl_stats
from fentanyl_stats.data import archive, catalog, store
from fentanyl_stats.data.archive import Measure, published_deaths, series, vintages
from fentanyl_stats.data.names import drugs
from fentanyl_stats.data.store import load
from fentanyl_stats.errors import DataError, NotPublished

from .folder import Folder

changes = archive.archive("vsrr").changes


def triangle(drug: str, measure: str = "reported", place: str = "US", as_of: str | None = None) -> pd.DataFrame:
    return archive.archive("vsrr", as_of).triangle(drug, measure, place)


@pytest.mark.parametrize(
    ("drug", "measure", "jurisdiction", "vintage", "last"),
    [
        ("all", "reported", "US", "2026-09-16", "2026-04"),
        ("all", "predicted", "US", "2026-09-16", "2026-04"),
        ("synthetic-opioids", "reported", "US", "2026-09-16", "2026-04"),
        ("synthetic-opioids", "predicted", "US", "2026-06-27", "2026-01"),
        ("synthetic-opioids", "reported", "WV", "2026-06-27", "2026-01"),
        ("synthetic-opioids", "reported", "PR", "2026-06-27", "2026-01"),
        ("opioids", "reported", "US", "2025-01-08", "2024-07"),
        ("cocaine", "reported", "WV", "2025-01-08", "2024-07"),
        ("all", "reported", "NY", "2025-01-08", "2024-07"),
        ("all", "reported", "YC", "2025-01-08", "2024-07"),
    ],
)
def test_each_series_comes_from_the_newest_vintage_that_holds_it(
    drug: str, measure: Measure, jurisdiction: str, vintage: str, last: str
) -> None:
    frame = series(drug, measure, jurisdiction)
    source = frame.attrs["source"]
    assert list(frame) == ["month_ending", "value", "flag"]
    assert (source.id, source.vintage) == ("vsrr", vintage)
    assert (frame["month_ending"].iloc[0], frame["month_ending"].iloc[-1]) == ("2015-01", last)
    assert frame["month_ending"].is_monotonic_increasing
    assert str(frame["value"].dtype) == "Int64"


def test_a_series_is_the_column_of_its_table() -> None:
    table = load("vsrr", "2025-01-08")
    wanted = table[(table["jurisdiction"] == "OH") & (table["drug"] == "cocaine")].sort_values("month_ending")
    assert series("cocaine", "predicted", "OH")["value"].tolist() == wanted["predicted"].tolist()


def test_a_series_as_known_then_or_of_one_vintage() -> None:
    then = series("all", as_of="2024-09-17")
    assert then.attrs["source"].vintage == "2024-05-07"
    assert then["month_ending"].iloc[-1] == "2023-11"
    assert series("synthetic-opioids", as_of="2024-09-17").attrs["source"].vintage == "2021-08-14"
    assert series("opioids", "predicted", as_of="2024-09-17").attrs["source"].vintage == "2021-08-14"
    year = {}
    for vintage in ("2018-10", "2018-11", "2019-04-24"):
        of = series("all", vintage=vintage).set_index("month_ending")["value"]
        year[vintage] = int(of["2017-12"])
    assert year == {"2018-10": 70_771, "2018-11": 70_908, "2019-04-24": 70_699}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"drug": "opiods"}, "did you mean 'opioids'"),
        ({"drug": "all", "jurisdiction": "West Virginia"}, r"did you mean 'WV' \(West Virginia\)"),
        ({"drug": "all", "measure": "final"}, "unknown measure 'final'"),
        ({"drug": "all", "vintage": "2025-01-09"}, "did you mean '2025-01-08'"),
        ({"drug": "all", "as_of": "2017-01-01"}, "the earliest held is 2017-12-16"),
        ({"drug": "all", "as_of": "then"}, "'then' is not a date"),
        ({"drug": "all", "vintage": "2025-01-08", "as_of": "2024-09-17"}, "after as_of 2024-09-17"),
    ],
)
def test_names_and_dates_that_are_wrong(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        series(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"drug": "opioids", "jurisdiction": "LA"}, "no VSRR vintage holds reported counts of opioids in LA"),
        (
            {"drug": "opioids", "measure": "predicted", "as_of": "2018-09-17"},
            "no VSRR vintage published by 2018-09-17 holds predicted",
        ),
        (
            {"drug": "all", "measure": "predicted", "vintage": "2017-12-16"},
            "no VSRR vintage 2017-12-16 holds predicted",
        ),
        ({"drug": "all", "jurisdiction": "PR"}, "no VSRR vintage holds reported counts of all in PR"),
        ({"drug": "benzodiazepines"}, "no VSRR vintage holds"),
    ],
)
def test_what_was_never_published(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(NotPublished, match=message):
        series(**arguments)


def test_every_published_value_of_2023() -> None:
    history = vintages("all", "2023-12")
    assert list(history) == ["known", "vintage", "dataset", "measure", "value", "qualifier", "flag", "source_id"]
    assert history["known"].is_monotonic_increasing
    found = history.set_index(["source_id", "vintage", "measure"])["value"].to_dict()
    figures = catalog.find("published-figures").vintage
    finals = catalog.find("nvss-by-drug").vintage
    assert found == {
        ("F200", figures, "predicted"): 107_543,
        ("F210", figures, "final"): 105_007,
        ("nvss-by-drug", finals, "final"): 105_007,
        ("vsrr", "2025-01-08", "reported"): 107_682,
        ("vsrr", "2025-01-08", "predicted"): 108_472,
        ("F215", figures, "predicted"): 110_037,
        **{("vsrr", vintage, "reported"): 106_881 for vintage in ("2025-09-17", "2026-02-14", "2026-09-16")},
        **{("vsrr", vintage, "predicted"): 108_550 for vintage in ("2025-09-17", "2026-02-14")},
        ("vsrr", "2026-09-16", "predicted"): 107_966,
    }
    assert history["known"].iloc[0] == date(2024, 5, 15)
    final = history[history["measure"] == "final"]
    assert set(final["known"]) == {date(2024, 12, 19)}


def test_only_december_has_final_counts() -> None:
    assert "final" not in set(vintages("all", "2023-11")["measure"])
    assert vintages("heroin", "2020-12").query("measure == 'final'")["value"].tolist() == [
        int(load("nvss-by-drug").query("year == 2020 and drug == 'heroin' and sex == 'all'")["deaths"].iloc[0])
    ]


def test_drugs_that_only_final_counts_have() -> None:
    history = vintages("benzodiazepines", "2021-12")
    assert history["dataset"].tolist() == ["nvss-by-drug"]


def test_figures_of_the_press_are_national_and_final_counts_of_a_state_are_of_its_residents() -> None:
    history = vintages("all", "2022-12", "WV")
    final = history[history["measure"] == "final"]
    assert set(history["dataset"]) == {"vsrr", "wonder-overdose"}
    assert (
        final["value"].tolist()
        == load("wonder-overdose").query("jurisdiction == 'WV' and year == 2022")["deaths"].tolist()
    )
    assert set(vintages("synthetic-opioids", "2022-12", "WV")["dataset"]) == {"vsrr"}


def test_the_misprint_is_listed_with_its_flag() -> None:
    history = vintages("synthetic-opioids", "2022-12").set_index("source_id")
    assert history.loc["F206", "flag"] == "misprint"
    assert history.loc["F206", "value"] == 76_702
    assert history.loc["F204", "flag"] == ""


def test_what_was_known_of_the_window_on_the_day_of_the_article() -> None:
    history = vintages("all", "2024-04")
    then = history[history["known"] <= date(2024, 9, 17)]
    assert then[["source_id", "value", "qualifier"]].values.tolist() == [["F209", 101_000, "about"]]


def test_withheld_values_stand_with_their_flag_and_are_no_zero() -> None:
    table = load("vsrr", "2025-01-08")
    cell = table[table["reported"].isna() & table["predicted"].notna()].iloc[0]
    history = vintages(cell["drug"], cell["month_ending"], cell["jurisdiction"])
    row = history[(history["vintage"] == "2025-01-08") & (history["measure"] == "reported")].iloc[0]
    assert pd.isna(row["value"])
    assert row["flag"] == cell["flag"] != ""


def test_predicted_values_that_a_file_did_not_have_are_left_out() -> None:
    history = vintages("all", "2016-12")
    assert history[history["vintage"] == "2017-12-16"]["measure"].tolist() == ["reported"]
    reported = history[history["measure"] == "reported"].set_index("vintage")["value"]
    assert (reported["2017-12-16"], reported["2019-10-12"]) != (reported["2019-10-12"], reported["2017-12-16"])


@pytest.mark.parametrize("month", ["2023", "2023-13", "2023-1", "2023-12-31", "", "december", None, 202312])
def test_months_that_are_none(month: object) -> None:
    with pytest.raises(DataError, match=r"month_ending .* is not a month; write YYYY-MM"):
        vintages("all", month)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drug", "month", "jurisdiction"), [("all", "2031-12", "US"), ("heroin", "2020-12", "LA"), ("all", "1998-12", "US")]
)
def test_windows_of_which_nothing_is_held(drug: str, month: str, jurisdiction: str) -> None:
    with pytest.raises(NotPublished, match=f"no published value of {drug} for the 12 months to {month}"):
        vintages(drug, month, jurisdiction)


def test_published_deaths_are_twelve_months_of_the_country() -> None:
    frame = published_deaths()
    assert list(frame) == ["id", "drug", "measure", "month_ending", "value", "qualifier", "known", "flag"]
    assert set(frame["drug"]) <= set(drugs())
    assert set(frame["measure"]) == {"predicted", "final"}
    assert frame["value"].notna().all()
    assert not {"F221", "F222", "F223", "F225", "F226"} & set(frame["id"])  # quoted by others, shares, a day
    assert frame.set_index("id").loc["F224", "month_ending"] == "2021-04"
    assert frame.attrs["source"].id == "published-figures"


def test_published_deaths_as_known_then() -> None:
    then = published_deaths("2024-09-17")
    expected = {"F200", "F201", "F202", "F203", "F204", "F205", "F206", "F207", "F208", "F209", "F224"}
    assert set(then["id"]) == expected
    assert then["known"].max() == date(2024, 9, 13)
    assert published_deaths("2021-01-01").empty


def test_a_window_that_is_not_twelve_months_is_left_out(folder: Folder) -> None:
    folder.rewrite("published-figures/figures.csv", "deaths,2023-05-01,2024-04-30", "deaths,2023-06-01,2024-04-30")
    assert len(published_deaths().query("month_ending == '2024-04'")) == 1


def test_the_public_name() -> None:
    assert fentanyl_stats.vintages("all", "2023-12").equals(vintages("all", "2023-12"))


def test_columns_are_releases_in_order_of_publication() -> None:
    wide = triangle("all")
    days = [wide.attrs["known"][vintage] for vintage in wide.columns]
    assert days == sorted(days) and len(days) == 15
    assert wide.index.is_monotonic_increasing and wide.index.is_unique
    assert (wide.dtypes == "Int64").all()


@pytest.mark.parametrize(("drug", "place"), [("all", "US"), ("synthetic-opioids", "OH"), ("heroin", "YC")])
@pytest.mark.parametrize("measure", ["reported", "predicted"])
def test_each_column_is_what_the_release_holds(drug: str, place: str, measure: str) -> None:
    wide = triangle(drug, measure, place)
    for vintage in wide.columns:
        rows = archive.series(drug, measure, place, vintage=vintage).set_index("month_ending")["value"]
        pd.testing.assert_series_equal(wide[vintage].reindex(rows.index), rows, check_names=False)
        assert wide[vintage].notna().sum() == rows.notna().sum()


def test_only_what_was_known() -> None:
    assert list(triangle("synthetic-opioids", as_of="2018-06-01").columns) == ["2017-12-16", "2018-03-29", "2018-04-30"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("herion",), "unknown drug"),
        (("all", "final"), "unknown measure"),
        (("all", "reported", "XX"), "jurisdiction"),
        (("all", "reported", "US", "2016-01-01"), "surely public by 2016-01-01"),
    ],
)
def test_triangle_refuses(arguments: tuple[str, ...], error: str) -> None:
    with pytest.raises(DataError, match=error):
        triangle(*arguments)


def test_changes_are_differences_of_the_two_releases() -> None:
    moved = changes("2025-01-08", "2026-06-27", "synthetic-opioids")
    assert set(moved["kind"]) <= {"revised", "appeared", "withdrawn"}
    revised = moved[moved["kind"] == "revised"]
    assert (revised["change"] == revised["new"] - revised["old"]).all() and (revised["change"] != 0).all()
    other = moved[moved["kind"] != "revised"]
    assert other[["change", "percent"]].isna().all(axis=None)
    assert set(moved["drug"]) == {"synthetic-opioids"}


def test_nothing_changed_within_a_release() -> None:
    assert changes("2026-09-16", "2026-09-16").empty


def test_there_and_back() -> None:
    there, back = changes("2018-10", "2019-04-24"), changes("2019-04-24", "2018-10")
    both = there.merge(back, on=["jurisdiction", "drug", "month_ending", "measure"], suffixes=("", "_back"))
    assert len(both) == len(there) == len(back)
    assert both["old"].equals(both["new_back"]) and both["new"].equals(both["old_back"])


def test_a_series_of_one_release_alone_is_no_change() -> None:
    assert store.load("vsrr", "2025-01-08")["drug"].nunique() > 1
    assert set(changes("2025-01-08", "2026-06-27")["drug"]) == {"synthetic-opioids"}


def test_changes_refuse() -> None:
    with pytest.raises(NotPublished, match="share no series"):
        changes("2025-01-08", "2026-06-27", "heroin")
    with pytest.raises(DataError):
        changes("2025-01-08", "1999-01-01")
