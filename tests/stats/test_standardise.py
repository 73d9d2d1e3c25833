"""Age-adjusted rates, of one population and of whole frames, against published ones and other programs."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from fentanyl_stats.errors import StatsError
from fentanyl_stats.model import Estimate, Source
from fentanyl_stats.stats import rates
from fentanyl_stats.stats.standardise import METHODS

ORACLES = Path(__file__).parents[1] / "oracles"
GAMMA = ["fay-feuer", "tiwari", "gamma-mean-weight", "gamma-midrange-weight"]
ANY_LEVEL = [method for method in METHODS if method != "nchs"]

strata = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 10_000_000), st.integers(1, 1_000_000)),
    min_size=1,
    max_size=19,
).map(lambda rows: tuple(list(column) for column in zip(*rows, strict=True)))


@pytest.fixture(scope="module")
def births() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "dsr_gamma_input.csv", index_col=["birth_order", "age"])


@pytest.fixture
def fifth(births: pd.DataFrame) -> pd.DataFrame:
    return births.loc[5]


def rate(frame: pd.DataFrame, **options: Any) -> rates.AgeAdjustedRate:
    return rates.age_adjusted_rate(frame["events"], frame["population"], frame["std_population"], **options)


def test_limits_of_fay_and_feuer_table_1_and_of_r(births: pd.DataFrame) -> None:
    expected = pd.read_csv(ORACLES / "dsr_gamma_expected.csv")
    assert expected["method"].nunique() == 9
    for row in expected.itertuples():
        method = str(row.method).removeprefix("published_")
        got = rate(births.loc[row.birth_order], method=method)
        printed = (row.rate, row.lower, row.upper)
        if str(row.method).startswith("published"):
            assert tuple(round(x, 1) for x in (got.value or 0, got.low, got.high)) == printed
        else:
            # R's root finder stops early for the mid-p limits.
            rel = 2e-6 if "midp" in method else 1e-8
            assert (got.value, got.low, got.high) == pytest.approx(printed, rel=rel)
            assert got.se == pytest.approx(row.se, rel=1e-8)


@pytest.mark.slow
@settings(deadline=None)
@given(strata)
def test_rate_and_variance_are_the_weighted_sums(cells: tuple[list[int], ...]) -> None:
    deaths, population, weights = cells
    got = rates.standardise(deaths, population, weights, per=1000)
    shares = [Fraction(w, sum(weights)) for w in weights]
    terms = [1000 * c * n / p for c, n, p in zip(shares, deaths, population, strict=True)]
    squares = [(1000 * c / p) ** 2 * n for c, n, p in zip(shares, deaths, population, strict=True)]
    assert got.rate == pytest.approx(float(sum(terms)), rel=1e-12)
    assert got.variance == pytest.approx(float(sum(squares)), rel=1e-12)
    assert got.se == math.sqrt(got.variance)
    estimate = rates.age_adjusted_rate(deaths, population, weights, per=1000)
    assert (estimate.value, estimate.se) == (got.rate, got.se)


@pytest.mark.slow
@settings(deadline=None)
@given(strata, st.floats(1e-3, 1e3), st.sampled_from(ANY_LEVEL))
def test_only_relative_weights_matter(cells: tuple[list[int], ...], factor: float, method: str) -> None:
    deaths, population, weights = cells
    one = rates.age_adjusted_rate(deaths, population, weights, method=method)
    other = rates.age_adjusted_rate(deaths, population, [w * factor for w in weights], method=method)
    assert (one.value is None) == (other.value is None)
    for ours, theirs in ((one.value or 0, other.value or 0), (one.low, other.low), (one.high, other.high)):
        assert ours == pytest.approx(theirs, rel=1e-9, nan_ok=True)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=11), st.integers(100, 100_000))
def test_with_the_own_population_as_standard_it_is_the_crude_rate(deaths: list[int], size: int) -> None:
    population = [size * (i + 1) for i in range(len(deaths))]
    total, persons = sum(deaths), sum(population)
    crude = {m: rates.crude_rate(total, persons, method=m).iloc[0] for m in ("exact", "byar", "nchs")}
    assert rates.standardise(deaths, population, population).rate == pytest.approx(crude["exact"]["rate"])
    # Every factor u_i is then the same, and the limits are those of the total count.
    twins = dict.fromkeys(GAMMA, "exact") | {"nchs": "nchs"}
    twins |= {"dobson-garwood": "exact"} if total else {}
    twins |= {"dobson": "byar"} if total >= 10 else {}
    for method, twin in twins.items():
        got = rates.age_adjusted_rate(deaths, population, population, method=method)
        assert (got.low, got.high) == pytest.approx((crude[twin]["low"], crude[twin]["high"]), rel=1e-8)


@pytest.mark.slow
@settings(deadline=None)
@given(strata, st.sampled_from(ANY_LEVEL))
def test_limits_hold_the_rate_and_widen_with_the_level(cells: tuple[list[int], ...], method: str) -> None:
    deaths, population, weights = cells
    assume(sum(deaths) >= 10)
    narrow = rates.age_adjusted_rate(deaths, population, weights, method=method, level=0.9)
    wide = rates.age_adjusted_rate(deaths, population, weights, method=method, level=0.99)
    assert narrow.value is not None
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


@pytest.mark.slow
@settings(deadline=None)
@given(strata)
def test_tiwari_and_mid_p_lie_within_fay_feuer(cells: tuple[list[int], ...]) -> None:
    deaths, population, weights = cells
    outer, tiwari, mid_p = (
        rates.age_adjusted_rate(deaths, population, weights, method=method)
        for method in ("fay-feuer", "tiwari", "midp")
    )
    assert tiwari.low == outer.low
    assert tiwari.high <= outer.high * (1 + 1e-9)
    assert mid_p.high <= outer.high * (1 + 1e-9)


def test_no_deaths() -> None:
    population, weights = [1000, 4000], [1, 3]
    largest = 100_000 * max(1 / 4 / 1000, 3 / 4 / 4000)
    for method in ("fay-feuer", "nchs"):
        got = rates.age_adjusted_rate([0, 0], population, weights, method=method)
        assert (got.value, got.low) == (0, 0)
        assert got.high == pytest.approx(3.688879454 * largest)
    for method in ("normal", "lognormal", "dobson-garwood"):
        got = rates.age_adjusted_rate([0, 0], population, weights, method=method)
        assert got.value == 0
        assert math.isnan(got.low)
        assert math.isnan(got.high)
        assert got.note == "no limits: rate 0"


def test_dobson_withholds_under_ten_deaths() -> None:
    got = rates.age_adjusted_rate([4, 5], [1000, 4000], [1, 3], method="dobson")
    assert got.value is None
    assert math.isnan(got.low)
    assert "fewer than 10 deaths" in got.note
    assert rates.age_adjusted_rate([5, 5], [1000, 4000], [1, 3], method="dobson").value is not None


def test_dobson_carries_the_limits_of_the_total_count() -> None:
    deaths, population, weights = [6, 30], [1000, 4000], [1, 3]
    plain = rates.standardise(deaths, population, weights)
    for level in (0.95, 0.998):
        low, high = rates.poisson_interval(36, level, "byar")
        unit = math.sqrt(plain.variance / 36)
        got = rates.age_adjusted_rate(deaths, population, weights, level=level, method="dobson")
        assert got.low == pytest.approx(plain.rate + unit * (low - 36), rel=1e-10)
        assert got.high == pytest.approx(plain.rate + unit * (high - 36), rel=1e-10)


def test_nchs_limits_are_those_from_rate_se_and_all_deaths(fifth: pd.DataFrame) -> None:
    few = fifth.assign(events=[0, 0, 6, 12, 30, 31])
    for unknown_age in (0, 30):
        got = rate(few, method="wonder", unknown_age=unknown_age)
        assert got.deaths == 79 + unknown_age
        assert (got.low, got.high) == rates.nchs_interval(got.value, got.se, 79 + unknown_age)
    with pytest.raises(StatsError, match=r"0\.95 only"):
        rate(few, method="nchs", level=0.9)


def test_the_estimate_says_what_it_is(fifth: pd.DataFrame) -> None:
    source = Source("S1", publisher="Fay & Feuer")
    got = rate(fifth, per=1000, level=0.9, sources=(source,))
    assert isinstance(got, Estimate)
    assert (got.level, got.unit, got.method) == (0.9, "deaths per 1,000, age-adjusted", "fay-feuer")
    assert (got.sources, got.deaths, got.note) == ((source,), 740, "")
    few = fifth.assign(events=[0, 0, 1, 1, 2, 8])
    assert rate(few).note == "unreliable"
    assert rate(few, rule="nchs2023").note == ""


@pytest.mark.parametrize("alias", ["Fay_Feuer", "gamma", "FF", "fay feuer"])
def test_names_of_the_default_method(fifth: pd.DataFrame, alias: str) -> None:
    assert rate(fifth, method=alias) == rate(fifth)


def test_age_groups_are_matched_by_name_in_any_order(fifth: pd.DataFrame) -> None:
    shuffled = fifth["std_population"].sample(frac=1, random_state=3)
    assert not shuffled.index.equals(fifth.index)
    for weights in (shuffled, shuffled.to_dict()):
        assert rates.age_adjusted_rate(fifth["events"], fifth["population"], weights) == rate(fifth)


def test_age_groups_that_differ_are_named(fifth: pd.DataFrame) -> None:
    deaths, population, weights = (fifth[name] for name in ("events", "population", "std_population"))
    with pytest.raises(StatsError, match=r"weights lacks '40\+'"):
        rates.age_adjusted_rate(deaths, population, weights.drop("40+"))
    with pytest.raises(StatsError, match="deaths lacks '<20'"):
        rates.age_adjusted_rate(deaths.drop("<20"), population.drop("<20"), weights)
    twice = pd.concat([fifth, fifth.loc[["25-29"]]])
    with pytest.raises(StatsError, match="'25-29' occur more than once"):
        rate(twice)
    with pytest.raises(StatsError, match="none to match"):
        rates.age_adjusted_rate(deaths.to_numpy(), population.to_numpy(), weights.to_dict())


@pytest.mark.parametrize("column", ["events", "population", "std_population"])
def test_a_missing_cell_is_refused_never_left_out(fifth: pd.DataFrame, column: str) -> None:
    gap = fifth.astype(float)
    gap.loc["30-34", column] = np.nan
    with pytest.raises(StatsError, match=r"missing \w+ in 1 of 6 rows \(at '30-34'\)"):
        rate(gap)


def test_groups_without_population() -> None:
    with pytest.raises(StatsError, match="deaths among 0 persons"):
        rates.age_adjusted_rate([1, 2], [0, 100], [1, 1])
    with pytest.raises(StatsError, match="no age group with a weight"):
        rates.age_adjusted_rate([0, 0], [0, 100], [1, 0])
    # No one there, no one died there: it adds nothing, and no limit comes from it.
    for method in GAMMA:
        got = rates.age_adjusted_rate([0, 5], [0, 100], [1, 1], per=100, method=method)
        expected = (2.5, 1.623486390 / 2, 11.668332079 / 2)
        assert (got.value, got.low, got.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (([], [], []), "no age groups"),
        ((5, [10, 20], [1, 1]), "deaths must have one value per age group"),
        (([[1], [2, 3]], [10, 20], [1, 1]), "deaths must be numbers"),
        (([1, 2], np.array(10), [1, 1]), "population must have one value per age group"),
        (([1, 2], [10, 20], [0, 0]), "weights are all 0"),
        (([1, 2], [10, 20], [1, -1]), "weights: 1 of 2 is negative"),
        (([1, 2.5], [10, 20], [1, 1]), "not whole"),
        (([1, -2], [10, 20], [1, 1]), "deaths: 1 of 2 is negative"),
        (([1, 2], [10, math.inf], [1, 1]), "infinite"),
        (([1, 2], [10, 20], [1, 1, 1]), "weights has 3"),
        ((["1", "2"], [10, 20], [1, 1]), "must be numbers"),
    ],
)
def test_bad_strata_are_refused(inputs: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(StatsError, match=message):
        rates.age_adjusted_rate(*inputs)
    with pytest.raises(StatsError, match=message):
        rates.standardise(*inputs)


def test_bad_options_are_refused(fifth: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="did you mean 'fay-feuer'"):
        rate(fifth, method="fay-feur")
    with pytest.raises(StatsError, match="unknown_age"):
        rate(fifth, unknown_age=[1, 2])
    with pytest.raises(StatsError, match="per"):
        rate(fifth, per=-1)
    with pytest.raises(StatsError, match="level"):
        rate(fifth, level=95)


@pytest.fixture(scope="module")
def strata_of_births() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "dsr_gamma_input.csv").rename(columns={"events": "deaths", "age": "age_group"})


@pytest.fixture(scope="module")
def standard(strata_of_births: pd.DataFrame) -> pd.Series:
    return strata_of_births.drop_duplicates("age_group").set_index("age_group")["std_population"]


def adjusted(frame: pd.DataFrame, standard: Any, **options: Any) -> pd.DataFrame:
    return rates.age_adjusted(frame, **({"by": "birth_order"} | options), standard=standard)


@pytest.mark.parametrize("method", list(METHODS))
def test_rows_in_any_order_agree_with_one_population_at_a_time(
    strata_of_births: pd.DataFrame, standard: pd.Series, method: str
) -> None:
    shuffled = strata_of_births.sample(frac=1, random_state=7)
    got = adjusted(shuffled, standard.iloc[::-1], method=method).set_index("birth_order")
    for order, rows in strata_of_births.groupby("birth_order"):
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


def test_columns_order_and_units(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    frame = strata_of_births.assign(sex=pd.Categorical(["f"] * 12, ["f", "m"])).iloc[::-1]
    got = adjusted(frame, standard.to_dict(), by=["sex", "birth_order"], per=1000)
    assert list(got.columns) == [
        "sex", "birth_order", "deaths", "population", "rate", "se", "low", "high", "method", "flag",
    ]  # fmt: skip
    assert got["birth_order"].tolist() == [5, 1]
    assert got.attrs == {"unit": "deaths per 1,000, age-adjusted", "level": 0.95}


def test_without_by_the_frame_is_one_population(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    got = rates.age_adjusted(strata_of_births[strata_of_births["birth_order"] == 5], standard=standard)
    assert got["rate"].round(1).tolist() == [75.5]
    assert "birth_order" not in got


def test_other_column_names(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    names = {"deaths": "n", "population": "strata_of_births", "age_group": "mother"}
    got = adjusted(
        strata_of_births.rename(columns=names), standard, deaths="n", population="strata_of_births", age="mother"
    )
    pd.testing.assert_frame_equal(got, adjusted(strata_of_births, standard))


def test_a_group_with_a_missing_label_is_kept(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    got = adjusted(strata_of_births.assign(sex=None), standard, by=["sex", "birth_order"])
    pd.testing.assert_frame_equal(got.drop(columns="sex"), adjusted(strata_of_births, standard))
    assert got["sex"].isna().all()


@pytest.mark.parametrize("column", ["deaths", "population"])
def test_a_suppressed_cell_is_refused_or_withheld(
    strata_of_births: pd.DataFrame, standard: pd.Series, column: str
) -> None:
    gap = strata_of_births.astype({column: float})
    gap.loc[(gap["birth_order"] == 5) & (gap["age_group"] == "20-24"), column] = np.nan
    with pytest.raises(StatsError, match="missing deaths or population for 5 '20-24'"):
        adjusted(gap, standard)
    got = adjusted(gap, standard, missing="withhold").set_index("birth_order")
    assert got.loc[5, "flag"] == "missing"
    assert got.loc[5, ["rate", "se", "low", "high", column]].isna().all()
    whole = adjusted(strata_of_births, standard).set_index("birth_order")
    pd.testing.assert_series_equal(got.loc[1], whole.loc[1])


def test_an_absent_age_group_is_refused_or_withheld(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    short = strata_of_births[~((strata_of_births["birth_order"] == 1) & (strata_of_births["age_group"] == "40+"))]
    with pytest.raises(StatsError, match=r"no row for 1 '40\+'"):
        adjusted(short, standard)
    got = adjusted(short, standard, missing="withhold")
    assert got["flag"].tolist() == ["missing", ""]


def test_deaths_of_unknown_age_count_in_the_total_only(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    extra = pd.DataFrame({"birth_order": [5], "age_group": ["Not Stated"], "deaths": [7], "population": [np.nan]})
    frame = pd.concat([strata_of_births, extra], ignore_index=True)
    with pytest.raises(StatsError, match=r"'Not Stated' are not in the standard.*unknown_age"):
        adjusted(frame, standard)
    got = adjusted(frame, standard, unknown_age="Not Stated")
    plain = adjusted(strata_of_births, standard)
    assert (got["deaths"] - plain["deaths"]).tolist() == [0, 7]
    pd.testing.assert_frame_equal(got.drop(columns="deaths"), plain.drop(columns="deaths"))
    unknown = frame.assign(deaths=frame["deaths"].where(frame["age_group"] != "Not Stated"))
    with pytest.raises(StatsError, match="missing deaths of unknown age for 5"):
        adjusted(unknown, standard, unknown_age="Not Stated")
    withheld = adjusted(unknown, standard, unknown_age="Not Stated", missing="withhold")
    assert withheld["flag"].tolist() == ["", "missing"]
    with pytest.raises(StatsError, match="has a weight"):
        adjusted(frame, standard, unknown_age="40+")


def test_age_groups_that_differ_are_named_in_a_frame(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    with pytest.raises(StatsError, match=r"'40\+' are not in the standard"):
        adjusted(strata_of_births, standard.drop("40+"))
    with pytest.raises(StatsError, match=r"'40\+ years' are not in the standard"):
        adjusted(strata_of_births.replace({"age_group": {"40+": "40+ years"}}), standard)
    with pytest.raises(StatsError, match="nan are not in the standard"):
        adjusted(
            strata_of_births.assign(age_group=strata_of_births["age_group"].where(strata_of_births.index != 3)),
            standard,
        )
    twice = pd.concat([strata_of_births, strata_of_births.iloc[[2]]])
    with pytest.raises(StatsError, match="more than one row for 1 '25-29'"):
        adjusted(twice, standard)
    with pytest.raises(StatsError, match="name `by` columns"):
        rates.age_adjusted(strata_of_births, standard=standard)


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
def test_bad_standards_are_refused(strata_of_births: pd.DataFrame, standard: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        adjusted(strata_of_births, standard)


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
def test_bad_options_are_refused_for_a_frame(
    strata_of_births: pd.DataFrame, standard: pd.Series, options: dict[str, Any], message: str
) -> None:
    frame = (
        strata_of_births.assign(population=range(1, 13)) if options.get("by") == ["population"] else strata_of_births
    )
    with pytest.raises(StatsError, match=message):
        adjusted(frame, standard, **({"missing": "withhold"} | options))


def test_bad_frames_are_refused(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    with pytest.raises(StatsError, match="no rows"):
        adjusted(strata_of_births.iloc[:0], standard)
    with pytest.raises(StatsError, match="must be a DataFrame, not list"):
        adjusted([1, 2], standard)
    with pytest.raises(StatsError, match="deaths among 0 persons for 1 '<20'"):
        adjusted(
            strata_of_births.assign(population=strata_of_births["population"].where(strata_of_births.index != 0, 0)),
            standard,
        )
    with pytest.raises(StatsError, match="no population in any age group that has a weight for 1; 5"):
        adjusted(strata_of_births.assign(deaths=0, population=0), standard)
    with pytest.raises(StatsError, match="negative"):
        adjusted(strata_of_births.assign(deaths=-1), standard)
    with pytest.raises(StatsError, match="must be numbers"):
        adjusted(strata_of_births.assign(deaths="Suppressed"), standard)


def test_withheld_and_unreliable_rates_keep_their_rows(strata_of_births: pd.DataFrame, standard: pd.Series) -> None:
    few = strata_of_births.assign(deaths=strata_of_births["deaths"].where(strata_of_births["birth_order"] == 5, 1))
    got = adjusted(few, standard, method="dobson")
    assert got["flag"].tolist() == ["withheld: fewer than 10 deaths", ""]
    assert math.isnan(got.loc[0, "rate"])
    assert adjusted(few, standard)["flag"].tolist() == ["unreliable", ""]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=6), st.integers(0, 10**6), st.sampled_from([0.8, 0.95, 0.998]))
def test_mid_p_limits_solve_their_equation(deaths: list[int], seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    n, people = np.array(deaths), rng.uniform(1e3, 1e6, len(deaths))
    share = rng.dirichlet(np.ones(len(deaths)))
    got = rates.age_adjusted_rate(n, people, share, level=level, method="fay-kim-midp")
    u = 1e5 * share / people
    mean, variance = float(u @ n), float(u**2 @ n)

    def below(x: float) -> float:
        parts = [stats.gamma.cdf(x, a=m**2 / v, scale=v / m) if m else 1.0
                 for m, v in ((mean, variance), (mean + u.max(), variance + u.max() ** 2))]  # fmt: skip
        return float(np.mean(parts))

    assert below(got.high) == pytest.approx((1 + level) / 2, rel=1e-9)
    if mean:
        assert below(got.low) == pytest.approx((1 - level) / 2, rel=1e-8)
    else:
        assert got.low == 0
