"""The same data give the same picture, byte by byte, with the words that describe it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.analysis import places, seizures
from fentanyl_stats.data import archive
from fentanyl_stats.show import NARROW, PNG, SVG, bundle


def _deaths() -> pd.DataFrame:
    return archive.series("all").tail(40).assign(drug="all")


DRAW: dict[str, Callable[[], Axes]] = {
    "multiverse": lambda: charts.multiverse(fs.assess("foreign-offices")),
    "ladder": lambda: charts.ladder(fs.claims()["origin-share"].ladder),
    "deaths": lambda: charts.deaths(_deaths(), final_until="2024-12"),
    "seizures": lambda: charts.seizures(fs.load("cbp-seizures")),
    "shares": lambda: charts.seizure_shares(seizures.shares()),
    "offices": lambda: charts.offices({"offices": places.office_counts()}),
    "scoreboard": lambda: charts.scoreboard([fs.assess("foreign-offices")]),
    "life": lambda: charts.life(fs.vintages("all", "2023-12")),
}


@pytest.mark.parametrize("name", DRAW)
def test_two_pictures_of_the_same_data_are_the_same_bytes(name: str) -> None:
    first, again = DRAW[name](), DRAW[name]()
    (pictures, metadata), *others = [bundle(ax) for ax in (first, first, again)]
    assert all(other == (pictures, metadata) for other in others)
    assert pictures[PNG].startswith(b"\x89PNG")
    for kind in (SVG, NARROW):
        assert pictures[kind].startswith("<?xml")
        assert "<dc:date>" not in pictures[kind]
    alt = charts.alt_text(first)
    assert pictures["text/plain"] == alt != ""
    assert metadata == {kind: {"alt": alt} for kind in (SVG, PNG)}


def test_other_data_are_another_picture() -> None:
    (one, _), (two, _) = bundle(charts.deaths(_deaths())), bundle(charts.deaths(_deaths().tail(39)))
    assert all(one[kind] != two[kind] for kind in (SVG, PNG, NARROW))
