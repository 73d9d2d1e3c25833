"""Age-adjusted rates of a frame, matched to the standard population by the name of the age group."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats import rates
from fentanyl_stats.stats.standardise import METHODS

ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="module")
def births() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "dsr_gamma_input.csv").rename(columns={"events": "deaths", "age": "age_group"})


@pytest.fixture(scope="module")
def standard(births: pd.DataFrame) -> pd.Series:
    return births.drop_duplicates("age_group").set_index("age_group")["std_population"]


def adjusted(frame: pd.DataFrame, standard: Any, **options: Any) -> pd.DataFrame:
    return rates.age_adjusted(frame, **({"by": "birth_order"} | options), standard=standard)


@pytest.mark.parametrize("method", list(METHODS))
def test_rows_in_any_order_agree_with_one_population_at_a_time(
    births: pd.DataFrame, standard: pd.Series, method: str
) -> None:
    shuffled = births.sample(frac=1, random_state=7)
    got = adjusted(shuffled, standard.iloc[::-1], method=method).set_index("birth_order")
    for order, rows in births.groupby("birth_order"):
        one = rates.age_adjusted_rate(rows["deaths"], rows["population"], rows["std_population"], method=method)
        row = got.loc[order]
        assert (row["rate"], row["se"], row["low"], row["high"]) == pytest.approx(
            (one.value, one.se, one.low, one.high), rel=1e-12
        )
        assert (row["deaths"], row["population"]) == (rows["deaths"].sum(), rows["population"].sum())
        assert (row["method"], row["flag"]) == (one.method, one.note)


def test_standard_population_of_2000() -> None:
    table = pd.read_csv(ORACLES / "us2000_standard.csv", index_col="age")
    assert table["weight"].sum() == pytest.approx(1, abs=1e-12)
    cells = pd.DataFrame({"age_group": table.index, "deaths": np.arange(11), "population": 10_000})
    got = rates.age_adjusted(cells, standard=table["weight"]).iloc[0]
    assert got["rate"] == pytest.approx(10 * (table["weight"] * np.arange(11)).sum(), rel=1e-12)
    by_size = rates.age_adjusted(cells, standard=table["population_thousands"]).iloc[0]
    assert by_size["rate"] == pytest.approx(got["rate"], rel=1e-5)


def test_columns_order_and_units(births: pd.DataFrame, standard: pd.Series) -> None:
    frame = births.assign(sex=pd.Categorical(["f"] * 12, ["f", "m"])).iloc[::-1]
    got = adjusted(frame, standard.to_dict(), by=["sex", "birth_order"], per=1000)
    assert list(got.columns) == [
        "sex", "birth_order", "deaths", "population", "rate", "se", "low", "high", "method", "flag",
    ]  # fmt: skip
    assert got["birth_order"].tolist() == [5, 1]
    assert got.attrs == {"unit": "deaths per 1,000, age-adjusted", "level": 0.95}


def test_without_by_the_frame_is_one_population(births: pd.DataFrame, standard: pd.Series) -> None:
    got = rates.age_adjusted(births[births["birth_order"] == 5], standard=standard)
    assert got["rate"].round(1).tolist() == [75.5]
    assert "birth_order" not in got


def test_other_column_names(births: pd.DataFrame, standard: pd.Series) -> None:
    names = {"deaths": "n", "population": "births", "age_group": "mother"}
    got = adjusted(births.rename(columns=names), standard, deaths="n", population="births", age="mother")
    pd.testing.assert_frame_equal(got, adjusted(births, standard))


def test_a_group_with_a_missing_label_is_kept(births: pd.DataFrame, standard: pd.Series) -> None:
    got = adjusted(births.assign(sex=None), standard, by=["sex", "birth_order"])
    pd.testing.assert_frame_equal(got.drop(columns="sex"), adjusted(births, standard))
    assert got["sex"].isna().all()


@pytest.mark.parametrize("column", ["deaths", "population"])
def test_a_suppressed_cell_is_refused_or_withheld(births: pd.DataFrame, standard: pd.Series, column: str) -> None:
    gap = births.astype({column: float})
    gap.loc[(gap["birth_order"] == 5) & (gap["age_group"] == "20-24"), column] = np.nan
    with pytest.raises(StatsError, match="missing deaths or population for 5 '20-24'"):
        adjusted(gap, standard)
    got = adjusted(gap, standard, missing="withhold").set_index("birth_order")
    assert got.loc[5, "flag"] == "missing"
    assert got.loc[5, ["rate", "se", "low", "high", column]].isna().all()
    whole = adjusted(births, standard).set_index("birth_order")
    pd.testing.assert_series_equal(got.loc[1], whole.loc[1])


def test_an_absent_age_group_is_refused_or_withheld(births: pd.DataFrame, standard: pd.Series) -> None:
    short = births[~((births["birth_order"] == 1) & (births["age_group"] == "40+"))]
    with pytest.raises(StatsError, match=r"no row for 1 '40\+'"):
        adjusted(short, standard)
    got = adjusted(short, standard, missing="withhold")
    assert got["flag"].tolist() == ["missing", ""]


def test_deaths_of_unknown_age_count_in_the_total_only(births: pd.DataFrame, standard: pd.Series) -> None:
    extra = pd.DataFrame({"birth_order": [5], "age_group": ["Not Stated"], "deaths": [7], "population": [np.nan]})
    frame = pd.concat([births, extra], ignore_index=True)
    with pytest.raises(StatsError, match=r"'Not Stated' are not in the standard.*unknown_age"):
        adjusted(frame, standard)
    got = adjusted(frame, standard, unknown_age="Not Stated")
    plain = adjusted(births, standard)
    assert (got["deaths"] - plain["deaths"]).tolist() == [0, 7]
    pd.testing.assert_frame_equal(got.drop(columns="deaths"), plain.drop(columns="deaths"))
    unknown = frame.assign(deaths=frame["deaths"].where(frame["age_group"] != "Not Stated"))
    with pytest.raises(StatsError, match="missing deaths of unknown age for 5"):
        adjusted(unknown, standard, unknown_age="Not Stated")
    withheld = adjusted(unknown, standard, unknown_age="Not Stated", missing="withhold")
    assert withheld["flag"].tolist() == ["", "missing"]
    with pytest.raises(StatsError, match="has a weight"):
        adjusted(frame, standard, unknown_age="40+")


def test_age_groups_that_differ_are_named(births: pd.DataFrame, standard: pd.Series) -> None:
    with pytest.raises(StatsError, match=r"'40\+' are not in the standard"):
        adjusted(births, standard.drop("40+"))
    with pytest.raises(StatsError, match=r"'40\+ years' are not in the standard"):
        adjusted(births.replace({"age_group": {"40+": "40+ years"}}), standard)
    with pytest.raises(StatsError, match="nan are not in the standard"):
        adjusted(births.assign(age_group=births["age_group"].where(births.index != 3)), standard)
    twice = pd.concat([births, births.iloc[[2]]])
    with pytest.raises(StatsError, match="more than one row for 1 '25-29'"):
        adjusted(twice, standard)
    with pytest.raises(StatsError, match="name `by` columns"):
        rates.age_adjusted(births, standard=standard)


@pytest.mark.parametrize(
    ("standard", "message"),
    [
        ([1, 2, 3, 4, 5, 6], "indexed by age group"),
        (pd.Series([1, 2], ["<20", "<20"]), "repeats the age groups '<20'"),
        ({"<20": None}, "no weight for '<20'"),
        ({"<20": 0}, "no weight above 0"),
        ({"<20": -1}, "negative"),
        ({}, "no weight above 0"),
    ],
)
def test_bad_standards_are_refused(births: pd.DataFrame, standard: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        adjusted(births, standard)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "birth_ordr"}, "unknown column 'birth_ordr'; did you mean 'birth_order'"),
        ({"deaths": "death"}, "did you mean 'deaths'"),
        ({"by": ["population"]}, "which the result holds too"),
        ({"missing": "drop"}, "unknown choice for missing"),
        ({"method": "nchs", "level": 0.9}, r"0\.95 only"),
    ],
)
def test_bad_options_are_refused(
    births: pd.DataFrame, standard: pd.Series, options: dict[str, Any], message: str
) -> None:
    frame = births.assign(population=range(1, 13)) if options.get("by") == ["population"] else births
    with pytest.raises(StatsError, match=message):
        adjusted(frame, standard, **({"missing": "withhold"} | options))


def test_bad_frames_are_refused(births: pd.DataFrame, standard: pd.Series) -> None:
    with pytest.raises(StatsError, match="no rows"):
        adjusted(births.iloc[:0], standard)
    with pytest.raises(StatsError, match="must be a DataFrame, not list"):
        adjusted([1, 2], standard)
    with pytest.raises(StatsError, match="deaths among 0 persons for 1 '<20'"):
        adjusted(births.assign(population=births["population"].where(births.index != 0, 0)), standard)
    with pytest.raises(StatsError, match="no population in any age group that has a weight for 1; 5"):
        adjusted(births.assign(deaths=0, population=0), standard)
    with pytest.raises(StatsError, match="negative"):
        adjusted(births.assign(deaths=-1), standard)
    with pytest.raises(StatsError, match="must be numbers"):
        adjusted(births.assign(deaths="Suppressed"), standard)


def test_withheld_and_unreliable_rates_keep_their_rows(births: pd.DataFrame, standard: pd.Series) -> None:
    few = births.assign(deaths=births["deaths"].where(births["birth_order"] == 5, 1))
    got = adjusted(few, standard, method="dobson")
    assert got["flag"].tolist() == ["withheld: fewer than 10 deaths", ""]
    assert math.isnan(got.loc[0, "rate"])
    assert adjusted(few, standard)["flag"].tolist() == ["unreliable", ""]
