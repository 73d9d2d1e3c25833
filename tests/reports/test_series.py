"""The table of calendar years names the day of each figure, not of the file that later held it."""

from __future__ import annotations

from fentanyl_stats.reports import series


def test_final_counts_carry_the_day_they_came_out() -> None:
    table = series.deaths("synthetic-opioids").totals().set_index("year")["final, deaths"]
    assert table["2021"] == "70,601 (2023-01-19)"
    assert table["2023"] == "72,776 (2024-12-19)"
    assert table["2024"] == "47,735 (2026-02-28)"
    assert table["2025"] == "–"
