"""NCHS's formula, recovered from each release that prints the share of records pending."""

from __future__ import annotations

import pytest

from fentanyl_stats.analysis import revisions
from fentanyl_stats.errors import DataError, NotPublished


@pytest.mark.parametrize(("drug", "vintage"), [("all", "2025-01-08"), ("synthetic-opioids", "2026-06-27")])
def test_printed_predictions_come_back(drug: str, vintage: str) -> None:
    found = revisions.refit(drug)
    assert found.source.vintage == vintage
    assert found.worst <= 1
    assert found.exact / len(found.frame) >= 0.999
    assert found.frame["predicted"].notna().all()


def test_the_release_of_january_2025_for_synthetic_opioids() -> None:
    found = revisions.refit("synthetic-opioids", as_of="2025-06-01")
    assert found.source.vintage == "2025-01-08" and found.exact == len(found.frame) > 4_000
    assert list(found.coefficients) == ["2022 or before", "2023 and 2024"]


def test_the_fitted_share_is_a_share() -> None:
    frame = revisions.refit("all").frame
    assert frame["percent_fitted"].between(0, 100).all()
    large = frame[frame["predicted"] > 5_000]
    assert (large["percent_fitted"] - large["percent_complete"]).abs().max() < 0.03


def test_nothing_to_fit() -> None:
    with pytest.raises(NotPublished, match="by 2024-09-17"):
        revisions.refit("all", as_of="2024-09-17")
    with pytest.raises(DataError, match="herion"):
        revisions.refit("herion")
