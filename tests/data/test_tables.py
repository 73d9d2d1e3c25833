from __future__ import annotations

import time
from datetime import date

import pandas as pd
import pytest

import fentanyl_stats
from fentanyl_stats.data import catalog
from fentanyl_stats.data.store import load
from fentanyl_stats.errors import DataError
from fentanyl_stats.model import Source


def test_every_dataset_and_vintage_loads_with_its_source() -> None:
    held = catalog.datasets()
    for dataset, vintage, rows in held[["dataset", "vintage", "rows"]].itertuples(index=False):
        if dataset != "claims":
            frame = load(dataset, vintage)
            source = frame.attrs["source"]
            assert len(frame) == rows
            assert isinstance(source, Source)
            assert (source.id, source.vintage) == (dataset, vintage)
            assert frame.index.equals(pd.RangeIndex(rows))


def test_the_public_names_are_these() -> None:
    assert fentanyl_stats.load("county").equals(load("county"))
    assert fentanyl_stats.datasets().equals(catalog.datasets())


def test_the_newest_vintage_by_default() -> None:
    frame = load("vsrr")
    assert frame.attrs["source"].vintage == "2026-09-16"
    assert set(frame["jurisdiction"]) == {"US"}


def test_fips_and_ages_stay_text_and_blanks_stay_missing() -> None:
    county = load("county")
    assert county["fips"].iloc[0] == "01001"
    assert county["deaths"].isna().sum() == 1629
    assert county["deaths"].sum() == 62_825
    assert str(county["deaths"].dtype) == "Int64"
    assert county["suppressed"].dtype == bool
    assert "5-14" in load("nvss-t404-age")["age_group"].tolist()
    assert load("events")["date"].iloc[0] == "2008-07"


def test_flags_are_never_missing() -> None:
    for dataset in ("county", "wonder-overdose", "published-figures", "nvss-by-drug"):
        flags = load(dataset)["flag"]
        assert flags.notna().all()
        assert (flags == "").any()


def test_an_older_vintage_is_cut_from_its_file() -> None:
    frame = load("vsrr", "2018-04-30")
    assert list(frame) == list(load("vsrr", "2025-01-08"))
    assert set(frame["jurisdiction"]) == {"US"}
    assert frame["month_ending"].max() == "2017-09"
    assert frame[["percent_complete", "percent_pending", "predicted"]].isna().all().all()


def test_as_of_takes_what_was_published_then() -> None:
    frame = load("vsrr", as_of="2024-09-17")
    assert frame.attrs["source"].vintage == "2019-10-12"
    assert frame.attrs["source"].known == date(2019, 10, 12)
    with pytest.raises(DataError, match="the earliest held is 2017-12-16"):
        load("vsrr", as_of="2017-01-01")
    with pytest.raises(DataError, match="the earliest held is 2024-09-24"):
        load("wonder-overdose", as_of="2024-09-17")
    with pytest.raises(DataError, match="as_of: 'soon' is not a date"):
        load("events", as_of="soon")


def test_published_figures_are_filtered_by_row() -> None:
    frame = load("published-figures", as_of="2024-09-17")
    assert {"F200", "F205", "F206", "F208", "F209"} <= set(frame["id"])
    assert not {"F004", "F210", "F211", "F223", "F125a"} & set(frame["id"])  # later, a month not over, no date
    assert frame.attrs["source"].known <= date(2024, 9, 17)
    assert "F004" in set(load("published-figures", as_of="2024-09-30")["id"])
    assert not {"F208", "F209"} & set(load("published-figures", as_of="2024-09-12")["id"])


def test_offices_and_events_are_filtered_by_row() -> None:
    offices = load("dea-offices", as_of="2024-09-15")
    assert offices["as_of"].max() == "2023-03-24"
    assert load("dea-offices", as_of="1996")["offices"].tolist() == [70]
    events = load("events", as_of="2024-09-17")
    assert events["date"].iloc[-1] == "2024-09-17"
    with pytest.raises(DataError, match=r"no row of events was known by 2008-07-30; the earliest is of 2008-07-31"):
        load("events", as_of="2008-07-30")


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2023-01-19", 2021),
        ("2024-03-30", 2021),
        ("2024-03-31", 2022),
        ("2024-09-17", 2022),
        ("2024-12-18", 2022),
        ("2024-12-19", 2023),
        ("2026-02-27", 2023),
        ("2026-02-28", 2024),
    ],
)
def test_final_deaths_are_filtered_by_year(as_of: str, last: int) -> None:
    frame = load("nvss-by-drug", as_of=as_of)
    assert frame["year"].max() == last
    assert frame.attrs["source"].known <= pd.Timestamp(as_of).date()


def test_final_deaths_unfiltered_are_as_young_as_their_newest_row() -> None:
    assert load("nvss-by-drug").attrs["source"].known == date(2026, 2, 28)
    with pytest.raises(DataError, match="the earliest is of 2023-01-19"):
        load("nvss-by-drug", as_of="2023-01-18")


def test_a_frame_belongs_to_its_reader() -> None:
    first = load("vsrr", "2025-01-08")
    first.loc[:, "reported"] = 0
    first["flag"] = "mine"
    second = load("vsrr", "2025-01-08")
    assert second["reported"].max() > 100_000
    assert "mine" not in set(second["flag"])


def test_attributes_do_not_stop_ordinary_work() -> None:
    frame = load("nvss-t404-month")
    both = pd.concat([frame, frame])
    assert len(both.groupby("month")["deaths"].sum()) == 180
    assert frame.merge(frame, on="month").shape == (180, 5)


def test_a_warm_load_is_quick() -> None:
    for dataset, vintage, limit in (("vsrr", None, 0.05), ("vsrr", "2025-01-08", 0.3)):
        load(dataset, vintage)
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            load(dataset, vintage)
            seconds.append(time.perf_counter() - start)
        assert min(seconds) < limit
