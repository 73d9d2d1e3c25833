"""Releases side by side, and what changed between two."""

from __future__ import annotations

import pandas as pd
import pytest

from fentanyl_stats.data import archive, store
from fentanyl_stats.data.archive import changes, triangle
from fentanyl_stats.errors import DataError, NotPublished


def test_columns_are_releases_in_order_of_publication() -> None:
    wide = triangle("all")
    days = [wide.attrs["known"][vintage] for vintage in wide.columns]
    assert days == sorted(days) and len(days) == 8
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
    assert list(triangle("synthetic-opioids", as_of="2018-06-01").columns) == ["2017-12-16", "2018-04-30"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("herion",), "unknown drug"),
        (("all", "final"), "unknown measure"),
        (("all", "reported", "XX"), "jurisdiction"),
        (("all", "reported", "US", "2016-01-01"), "published by 2016-01-01"),
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
