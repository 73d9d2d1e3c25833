"""The headline number of each page once more, from the raw tables by a few lines of pandas that share nothing with the package."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fentanyl_stats as fs

RAW = Path(__file__).parents[1] / "data" / "raw"


def raw(name: str, **options: object) -> pd.DataFrame:
    """A raw table as pandas reads it."""
    return pd.read_csv(RAW / name, **options)


def found(phrase: str, quantity: str, period: str, jurisdiction: str = "US") -> float | None:
    """The figure that a phrase is judged by."""
    natural = fs.check(phrase, quantity, period, jurisdiction).natural
    assert natural is not None
    return natural.value


def numbers(text: str) -> list[float]:
    """The numbers that a sentence prints."""
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def finals() -> pd.DataFrame:
    """Final counts of the United States: a row a year, a column a drug."""
    table = raw("nvss-by-drug/final.csv")
    return table[table["sex"] == "all"].pivot(index="year", columns="drug", values="deaths")


def test_deaths_claim() -> None:
    printed = raw("published-figures/figures.csv").set_index("id")["value"]
    claim = fs.assess("deaths-per-year")
    assert claim.natural is not None and claim.natural.high == printed["F208"] == 75_091
    assert [other.value for other in claim.wrong_quantity] == [printed["F209"]]
    assert (
        found("more than 70,000", "deaths/synthetic-opioids", period="2023") == finals().loc[2023, "synthetic-opioids"]
    )


def test_deaths_page_peak() -> None:
    vsrr = raw("vsrr/2026-09-16.csv").query("jurisdiction == 'US' and drug == 'synthetic-opioids'")
    text = fs.analysis.deaths.peak_sentence(fs.analysis.deaths.sums(["synthetic-opioids"]), "synthetic-opioids")
    assert vsrr["reported"].max() in numbers(text)


def test_origin_share_of_the_weight_and_what_it_would_take() -> None:
    file = raw("cbp-seizures/2026-05.csv").query("fiscal_year == 2023")
    away = file["pounds"][file["region"] != "southwest-border"].sum()
    border = file["pounds"].sum() - away
    shipped = fs.assess("origin-share").senses[1].natural
    odds = [away * 0.95 / (border * 0.10), away * 0.90 / (border * 0.30)]  # pure pounds, in favour and against
    assert shipped.high == pytest.approx(100 * odds[0] * 9 / (1 + odds[0] * 9))
    assert shipped.low == pytest.approx(100 * (odds[1] / 9) / (1 + odds[1] / 9))
    assert shipped.tipping_ratio is not None
    assert [shipped.tipping_ratio.low, shipped.tipping_ratio.high] == pytest.approx([0.97 / 0.03 / o for o in odds])
    assert f"{100 * away / (away + border):.2f}%" in fs.analysis.seizures.lowest_sentence(
        fs.analysis.seizures.shares(), "FY2023"
    )


def test_offices() -> None:
    table = raw("dea-offices/published.csv").query("as_of == '2023-03-24' and scope == 'foreign'")
    counts = [fs.assess(name).natural for name in ("foreign-offices", "foreign-countries")]
    assert [n.value for n in counts if n] == [table["offices"].max(), table["countries"].max()] == [93, 69]


def test_supply_heaviest_year() -> None:
    years = (
        raw("cbp-seizures/2026-05.csv").query("status == 'closed'").groupby("fiscal_year")[["pounds", "events"]].sum()
    )
    text = fs.analysis.seizures.closed_sentence(fs.analysis.seizures.by_year(fs.analysis.seizures.seizures()))
    top = years["pounds"].idxmax()
    assert f"FY{top} with {years.loc[top, 'pounds']:,.0f} pounds in {years.loc[top, 'events']:,} seizures" in text


def test_trends_crude_rate_of_the_newest_final_year() -> None:
    deaths = finals().loc[2024, "all"]
    rates = fs.analysis.trends.death_rates("crude", "all", "US")
    row = rates.iloc[-1]
    assert row["deaths"] == deaths
    wonder = raw("wonder-overdose/2024-09-24.csv").query("jurisdiction == 'US' and year == 2022")
    held = fs.analysis.trends.death_rates("age-adjusted", "all", "US").set_index("year")
    assert held.loc[2022, "rate"] == pytest.approx(wonder["age_adjusted_rate"].iloc[0])


def test_trends_slope_of_a_piece_without_a_bend() -> None:
    """Log rates on the years by weighted least squares: what a fit without a bend is."""
    held = fs.analysis.trends.death_rates("age-adjusted", "all", "WV")
    weight = held["rate"] / held["se"]  # of log rates, by the delta method
    slope = np.polyfit(held["year"], np.log(held["rate"]), 1, w=weight)[0]
    fit = fs.stats.joinpoint.fit(held["year"], held["rate"], se=held["se"], k=0)
    assert fit.segments["apc"].iloc[0] == pytest.approx(100 * (np.exp(slope) - 1), rel=1e-3)


def test_jurisdiction_newest_final() -> None:
    table = raw("wonder-overdose/2024-09-24.csv").query("jurisdiction == 'WV' and status == 'final'").set_index("year")
    assert found("1,000", "deaths/all", period="2022", jurisdiction="WV") == table.loc[2022, "deaths"]


def test_provisional_published_values_of_2023() -> None:
    releases = [
        raw(f"vsrr/{day}.csv").query("jurisdiction == 'US' and drug == 'all' and month_ending == '2023-12'")
        for day in ("2025-01-08", "2026-06-27", "2026-09-16")
    ]
    held = {value for table in releases for column in ("reported", "predicted") for value in table[column].dropna()}
    published = fs.analysis.deaths.published("all", "2023")
    assert held <= set(published["value"])
    assert finals().loc[2023, "all"] in set(published["value"])


def test_revisions_first_reported_counts() -> None:
    """Of complete releases: no reported count of the US up to nine months old stood above what it became."""
    key = ["jurisdiction", "drug", "measure", "month_ending"]
    table = raw("vsrr-archive/changes.csv.xz", dtype=str, keep_default_na=False)
    table = table[(table["jurisdiction"] == "US") & (table["drug"] == "all") & (table["measure"] == "reported")]
    newest = (
        raw("vsrr/2026-09-16.csv").query("jurisdiction == 'US' and drug == 'all'").set_index("month_ending")["reported"]
    )
    errors = fs.analysis.revisions.errors("all", "US")
    young = errors[(errors["method"] == "reported") & (errors["age_months"] <= 9)]
    for vintage, rows in young.groupby("vintage"):
        seen = table[table["vintage"] <= vintage].drop_duplicates(key, keep="last").set_index("month_ending")["value"]
        for row in rows.itertuples():
            if row.month_ending in seen.index and vintage in set(table["vintage"]):
                assert float(seen[row.month_ending]) == row.reported
            assert row.became == newest[row.month_ending] or row.month_ending not in newest.dropna().index
    percent = (100 * (young["reported"] - young["became"]) / young["became"]).astype(float)
    text = fs.analysis.revisions.errors_sentence(errors, most=9)
    assert (percent < 0).all()
    assert f"Of the {len(young)} reported counts" in text and f"{-percent.mean():.1f}% too low" in text


def test_laboratory_reports() -> None:
    table = raw("nflis/2026-03-03.csv")
    text = table[table["substance"] == "Fentanyl"].groupby("year")["reports"].sum()
    years = fs.load("nflis").query("substance == 'Fentanyl'").groupby("year")["reports"].sum()
    assert years.to_dict() == text.to_dict()
