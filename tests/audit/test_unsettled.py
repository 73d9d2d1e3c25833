"""What NCHS adds to the newest count, and how still a settled count stands."""

from __future__ import annotations

import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import revisions


def test_what_is_added_is_predicted_over_reported() -> None:
    found = revisions.adjustment("all")
    assert found is not None and found.outside
    newest = fs.load("vsrr", "2026-09-16").query("drug == 'all' and jurisdiction == 'US'").iloc[-1]
    assert found.month_ending == newest["month_ending"]
    assert found.now == pytest.approx(100 * (newest["predicted"] - newest["reported"]) / newest["reported"])
    past = revisions.past_revisions("all").query("3 <= lag_months <= 7").dropna(subset="predicted")
    assert found.n == len(past) == 5
    assert found.high == pytest.approx(100 * (94_112 / 90_157 - 1))  # 2024-07 in the release of 2025-01-08


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
    assert revisions.late_revision("opioids") is None  # one release
    assert revisions.late_revision("heroin", "reported", "LA") is None
