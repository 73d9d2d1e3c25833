"""How provisional counts are revised: past revisions, ranges, what NCHS adds, its formula; and what they come to in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import deaths, revisions
from fentanyl_stats.errors import DataError

LOW_END = 90_000


@pytest.mark.parametrize("measure", ["reported", "predicted"])
def test_every_unspecified_death_added_stays_below_the_claim(measure: str) -> None:
    rows = revisions.unspecified(measure=measure)
    assert len(rows) == 115 and rows["upper"].notna().all()
    assert rows["upper"].max() < LOW_END
    assert {f"{year}-12" for year in range(2015, 2024)} <= set(rows["month_ending"])


def test_factors_are_ratios_of_published_counts() -> None:
    past = revisions.past_revisions("all")
    row = past[(past["vintage"] == "2025-01-08") & (past["month_ending"] == "2024-07")].iloc[0]
    first, later = 90_157, float(fs.load("vsrr", "2026-09-16").query(
        "drug == 'all' and jurisdiction == 'US' and month_ending == '2024-07'")["reported"].iloc[0])  # fmt: skip
    assert (row["lag_months"], row["reported"], row["final"]) == (6, first, later)
    assert past["lag_months"].between(0, revisions.SETTLED - 1).all()


def test_a_series_without_a_past_borrows_one_and_says_so() -> None:
    own, borrowed = (revisions.revision("all", "reported", 6, place) for place in ("US", "PR"))
    assert own is not None and borrowed is not None
    assert (own.low, own.high) == (borrowed.low, borrowed.high)
    assert "no such past of its own" in borrowed.words and "no such past" not in own.words


def test_the_words_say_at_what_age_the_earlier_counts_were_published() -> None:
    found = revisions.revision("all", "reported", 5)
    assert found is not None and found.lags == (6, 7)
    assert "6 to 7 months after their last month (none held was published 5 months after)" in found.words
    within = revisions.revision("all", "reported", 7)
    assert within is not None and within.lags[0] <= 7 <= within.lags[1] and "none held" not in within.words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.01, 1.039, "rose by 1.0% to 3.9%"),
        (0.974, 0.99, "fell by 1.0% to 2.6%"),
        (0.995, 1.018, "moved by −0.5% to +1.8%"),
        (1.02, 1.02, "rose by 2.0%"),
        (1, 1, "did not move"),
    ],
)
def test_how_counts_moved_in_words(low: float, high: float, words: str) -> None:
    found = revisions.revision("all", "reported", 7)
    assert found is not None and replace(found, low=low, high=high).moved == words


def test_young_counts_are_unsettled_also_where_no_past_tells() -> None:
    rows = revisions.revision_range("all", "reported")
    assert not rows["settled"].iloc[-1] and rows["settled"].iloc[0]
    assert rows.loc[~rows["settled"], "month_ending"].min() == "2025-04"  # the release is of September 2026
    early = revisions.revision_range("all", "reported", as_of=date(2017, 12, 31))
    assert early.loc[~early["settled"], ["low", "high"]].isna().all(axis=None) and not early["settled"].iloc[-1]


def test_no_past_no_factor() -> None:
    assert revisions.revision("synthetic-opioids", "predicted", 7, as_of=date(2018, 6, 1)) is None
    assert revisions.past_revisions("all", "US", date(2016, 1, 1)).empty


def test_missing_stays_missing() -> None:
    for jurisdiction in ("ND", "SD", "YC"):
        rows = revisions.revision_range("synthetic-opioids", "reported", jurisdiction)
        blank = rows["value"].isna()
        assert rows.loc[blank, ["low", "high"]].isna().all(axis=None)
        known = revisions.unspecified("synthetic-opioids", "reported", jurisdiction)
        gaps = known[["involving", "total", "percent_specified"]].isna().any(axis=1)
        assert known.loc[gaps, ["lower", "mar", "upper"]].isna().all(axis=None)


def test_settled_counts_have_no_range() -> None:
    rows = revisions.revision_range("all", "reported").dropna(subset="value")
    old = rows[rows["month_ending"] < "2025-01"]
    assert np.allclose(old["low"], old["value"].astype(float)) and np.allclose(old["high"], old["value"].astype(float))
    assert (rows["high"] - rows["low"]).iloc[-1] > 0


def test_what_is_added_is_predicted_over_reported() -> None:
    found = revisions.adjustment("all")
    assert found is not None and not found.outside
    newest = fs.load("vsrr", "2026-09-16").query("drug == 'all' and jurisdiction == 'US'").iloc[-1]
    assert found.month_ending == newest["month_ending"]
    assert found.now == pytest.approx(100 * (newest["predicted"] - newest["reported"]) / newest["reported"])
    past = revisions.past_revisions("all").query("3 <= lag_months <= 7").dropna(subset="predicted")
    assert found.n == len(past) == 7
    assert found.high == pytest.approx(100 * (94_112 / 90_157 - 1))  # 2024-07 in the release of 2025-01-08
    assert found.low == pytest.approx(100 * (78_323 / 77_139 - 1))  # 2025-02 in that of 2025-09-17


@pytest.mark.parametrize(
    ("drug", "place", "day"),
    [
        ("synthetic-opioids", "US", None),  # the newest release has no predicted counts of them
        ("opioids", "US", None),  # held in one release
        ("all", "US", "2017-12-31"),  # before predicted counts
        ("heroin", "LA", None),
    ],
)
def test_nothing_is_said_where_too_little_is_held(drug: str, place: str, day: str | None) -> None:
    assert revisions.adjustment(drug, place, day) is None


def test_a_settled_count_is_nearly_still_a_predicted_one_is_not() -> None:
    reported, predicted = revisions.late_revision("all"), revisions.late_revision("all", "predicted")
    assert reported is not None and predicted is not None
    assert reported == pytest.approx(100 * (111_663 / 111_382 - 1))  # 2023-07, releases of 2025-01-08 and 2026-09-16
    assert reported < predicted
    assert revisions.late_revision("opioids") == pytest.approx(0.0834, abs=1e-4)
    assert revisions.late_revision("heroin", "reported", "LA") is None


@pytest.mark.parametrize(("drug", "vintage"), [("all", "2025-01-08"), ("synthetic-opioids", "2026-06-27")])
def test_printed_predictions_come_back(drug: str, vintage: str) -> None:
    formula = revisions.refit(drug)
    assert formula.attrs["source"].vintage == vintage
    assert formula["difference"].abs().max() <= 1
    assert (formula["difference"] == 0).mean() >= 0.999
    assert formula["predicted"].notna().all()


def test_the_release_of_january_2025_for_synthetic_opioids() -> None:
    formula = revisions.refit("synthetic-opioids", as_of="2025-06-01")
    assert formula.attrs["source"].vintage == "2025-01-08"
    assert (formula["difference"] == 0).all() and len(formula) > 4_000
    assert formula["span"].unique().tolist() == ["2022 or before", "2023 and 2024"]
    assert (formula.groupby("span")["slope"].nunique() == 1).all()


def test_the_fitted_share_is_a_share() -> None:
    formula = revisions.refit("all")
    assert formula["percent_fitted"].between(0, 100).all()
    large = formula[formula["predicted"] > 5_000]
    assert (large["percent_fitted"] - large["percent_complete"]).abs().max() < 0.03


def test_nothing_to_fit() -> None:
    formula = revisions.refit("all", as_of="2024-09-17")
    assert formula.empty and "by 2024-09-17" in formula.attrs["empty"]
    assert revisions.refit_sentence(formula) == formula.attrs["empty"]
    assert "by 2024-09-17" in fs.charts.alt_text(fs.charts.completeness(formula))
    with pytest.raises(DataError, match="herion"):
        revisions.refit("herion")


def test_the_formula_in_words() -> None:
    formula = revisions.refit("all")
    words = revisions.refit_sentence(formula)
    assert "printed predictions are reproduced exactly: every residual is 0" in words and "11.9 to 12.0" in words
    assert "6,095" in fs.charts.alt_text(fs.charts.completeness(formula))
    other = revisions.refit("synthetic-opioids")
    assert (other["difference"] != 0).any() and "off by 1 at most" in revisions.refit_sentence(other)


def test_where_the_two_ranges_do_not_meet_the_page_says_why() -> None:
    both = deaths.sums("all", measures=["reported", "predicted"], as_of="2019-12-31")
    words, basis = revisions.compared(both), revisions.basis(both)
    assert "67,460 to 69,648" in words and "67,262 to 67,372" in words and "do not meet" in words
    assert "adds 3.0%" in words and "3.2% to 3.8%" in words and "67,262 to 69,648" in words
    assert "range, not a confidence interval" in basis and "they do not meet" in basis
    note = f"dashed: published less than {revisions.SETTLED} months after that month"
    ax = fs.charts.revision_range(both.groupby("measure").tail(20), note=note, source=basis)
    caption = " ".join(ax.get_figure().get_supxlabel().split())  # type: ignore[union-attr]
    assert "less than 18 months" in caption and "they do not meet" in caption


def test_ranges_that_overlap_are_said_to() -> None:
    words = revisions.compared(deaths.sums("all", measures=["reported", "predicted"]))
    assert "66,316 to 68,294" in words and "65,526 to 66,517" in words and "they overlap" in words


def test_ranges_of_other_months_are_not_compared() -> None:
    words = revisions.compared(deaths.sums("synthetic-opioids", measures=["reported", "predicted"]))
    assert "April 2026" in words and "January 2026" in words and "Both ranges" not in words


@pytest.mark.parametrize(
    ("drug", "place", "reason"),
    [
        ("all", "US", "the 15 held of this series lie 0 to 30 months apart"),
        ("heroin", "LA", "no release of this series is held"),
        ("synthetic-opioids", "SD", "the 7 held of this series lie 3 to 38 months apart"),
    ],
)
def test_why_no_chain_ladder_is_drawn(drug: str, place: str, reason: str) -> None:
    assert reason in revisions.chain_ladder_sentence(drug, place)


def test_settled_is_not_final() -> None:
    said = revisions.settled_sentence("all")
    assert "reported ones by 0.25% at most and predicted ones by 2.45% at most" in said


def test_with_every_unnamed_death_the_count_stays_below_the_claim() -> None:
    claim = fs.assess("deaths-per-year")
    assert claim.claim_interval is not None
    rows = revisions.unspecified(measure="predicted")
    words = revisions.unspecified_sentence(rows, claim.claim_interval, claim.widened_interval)
    assert "83,795" in words and "begins at 90,000; from 80,000 a figure is called close" in words
    assert claim.claim_interval.low > 83_795
    drawn = rows.rename(columns={"involving": "value", "lower": "low", "upper": "high"})
    ax = fs.charts.deaths(drawn, claim=claim, band="all deaths with no drug named added")
    assert "all deaths with no drug named added" in " ".join(text.get_text() for text in ax.texts)


def test_the_share_that_names_a_drug_was_not_always_held() -> None:
    rows = revisions.unspecified(as_of="2024-09-17")
    assert rows.empty and revisions.unspecified_sentence(rows) == rows.attrs["empty"]
    assert "was not held by 2024-09-17" in rows.attrs["empty"]
    assert {source.vintage for source in revisions.unspecified().attrs["sources"]} == {"2025-01-08"}
