"""The same data give the same picture, byte by byte, with the words that describe it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.audit import offices, seizures
from fentanyl_stats.data import archive
from fentanyl_stats.reports import view

Shown = list[tuple[dict[str, Any], dict[str, Any]]]


def _deaths() -> pd.DataFrame:
    return archive.series("all").tail(40).assign(drug="all")


DRAW: dict[str, Callable[[], Axes]] = {
    "multiverse": lambda: charts.multiverse(fs.assess("foreign-offices")),
    "ladder": lambda: charts.ladder(fs.claims()["origin-share"].ladder),
    "deaths": lambda: charts.deaths(_deaths(), final_until="2024-12"),
    "seizures": lambda: charts.seizures(fs.load("cbp-seizures")),
    "shares": lambda: charts.seizure_shares(seizures.shares()),
    "offices": lambda: charts.offices({"offices": offices.counts()}),
    "scoreboard": lambda: charts.scoreboard([fs.assess("foreign-offices")]),
    "life": lambda: charts.life(fs.vintages("all", "2023-12")),
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    found: Shown = []

    def display(pictures: dict[str, Any], metadata: dict[str, Any], raw: bool) -> None:
        assert raw
        found.append((pictures, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    return found


@pytest.mark.parametrize("name", DRAW)
def test_two_pictures_of_the_same_data_are_the_same_bytes(name: str, shown: Shown) -> None:
    first, again = DRAW[name](), DRAW[name]()
    for ax in (first, first, again):
        view.figure(ax)
    (pictures, metadata), *others = shown
    assert all(other == (pictures, metadata) for other in others)
    assert pictures["image/png"].startswith(b"\x89PNG")
    assert pictures["image/svg+xml"].startswith("<?xml")
    assert "<dc:date>" not in pictures["image/svg+xml"]
    alt = charts.alt_text(first)
    assert pictures["text/plain"] == alt != ""
    assert metadata == {kind: {"alt": alt} for kind in ("image/svg+xml", "image/png")}


def test_other_data_are_another_picture(shown: Shown) -> None:
    view.figure(charts.deaths(_deaths()))
    view.figure(charts.deaths(_deaths().tail(39)))
    assert shown[0][0]["image/png"] != shown[1][0]["image/png"]
    assert shown[0][0]["image/svg+xml"] != shown[1][0]["image/svg+xml"]
