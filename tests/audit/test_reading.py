"""Sentences to candidate claims."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import reading
from fentanyl_stats.errors import DataError, PhraseError

DAY = "2024-08-01"
SENTENCES_FILE = Path(__file__).with_name("read_sentences.tsv")
SENTENCES: list[tuple[str, float | None, str, str, str, str]] = [  # value, hedge, form, quantity, period
    ("More than 70,000 Americans died of fentanyl last year.", 70_000, "more than", "level", "deaths/synthetic-opioids", "2023"),
    ("There were 107,543 overdose deaths in 2023.", 107_543, "bare", "level", "deaths/all", "2023"),
    ("Nearly 82,000 people died of opioid overdoses in 2022.", 82_000, "nearly", "level", "deaths/opioids", "2022"),
    ("CBP seized over 27,000 pounds of fentanyl in fiscal year 2023.", 27_000, "more than", "level", "seizures/fentanyl", "FY2023"),
    ("About 2,100 pounds of fentanyl were seized at the southern border in April.", 2_100, "about", "level",
     "seizures/fentanyl/southwest-border", "2024-04..2024-04"),
    ("Overdose deaths fell 27% in 2024.", 27, "bare", "change", "deaths/all", "2024"),
    ("Fentanyl deaths more than doubled from 2019 to 2021.", 2, "more than", "change", "deaths/synthetic-opioids", "2021"),
    ("About 200 people a day died of fentanyl in 2022.", 200, "about", "pace", "deaths/synthetic-opioids", "2022"),
    ("Overdose deaths hit a record high in 2021.", None, "bare", "record", "deaths/all", "2021"),
    ("Fentanyl is the leading cause of death for Americans 18-45.", 1, "bare", "rank", "deaths/synthetic-opioids", ""),
    ("Nearly 70 percent of overdose deaths in 2023 involved fentanyl.", 70, "nearly", "share", "deaths/synthetic-opioids", "2023"),
    ("Overdose deaths declined about 17 percent in the 12 months ending in July 2024.", 17, "about", "change", "deaths/all", "2024-07"),
    ("Twice as many Ohioans died of overdoses as in car crashes in 2021.", 2, "bare", "ratio", "deaths/all", "2021"),
]  # fmt: skip


@pytest.mark.parametrize("said", SENTENCES, ids=[said[0][:40] for said in SENTENCES])
def test_a_sentence_gives_its_number(said: tuple[str, float | None, str, str, str, str]) -> None:
    text, value, hedge, form, quantity, period = said
    found = fs.read(text, date=DAY)
    assert len(found) == 1
    one = found[0]
    assert (one.value, one.hedge, one.form, one.quantity, one.period) == (value, hedge, form, quantity, period)
    assert one.sure in ("yes", "guess", "no") and (one.sure == "yes" or one.why)


@pytest.mark.parametrize(
    "text",
    [
        "In 2021 the agency changed its rules.",
        "The law of July 4, 2023 is in force since 12 months.",
        "Title 21 was amended in fiscal year 2022.",
        "",
        "Nobody knows.",
    ],
)
def test_years_dates_and_lengths_of_time_are_no_claims(text: str) -> None:
    assert fs.read(text, date=DAY) == []


def test_keys_come_from_the_words_and_lead_to_a_verdict() -> None:
    change, share, place = fs.read(
        "Overdose deaths fell 27% in 2024. Fentanyl was 70% of overdose deaths in 2023. In 2021, 1,400 people in West Virginia "
        "died of overdoses."
    )
    assert (change.keys, share.keys, place.jurisdiction) == ({"since": "2023"}, {"of": "deaths/all"}, "WV")
    assert str(change.check().verdict) == "CONTRADICTED (overstates)"
    assert share.check().verdict == "CLOSE"
    assert fs.read("107,543 overdose deaths in 2023", date="2024-08-23")[0].check().verdict == "SUPPORTED"


def test_nothing_is_guessed_in_silence() -> None:
    (bare,) = fs.read("About 5,000 of them were counted in 2022.")
    assert (bare.quantity, bare.sure) == ("", "no") and "no quantity is guessed" in bare.why
    with pytest.raises(PhraseError, match="does not tell the quantity"):
        bare.check()
    (city,) = fs.read("San Francisco had 806 overdose deaths in 2023.")
    assert city.sure == "no" and "no table holds San Francisco" in city.why
    (pills,) = fs.read("Agents seized 22 million pills in 2023.")
    assert (pills.quantity, pills.sure) == ("", "no")


def test_the_same_text_gives_the_same_and_no_date_no_relative_period() -> None:
    text = "More than 70,000 Americans died of fentanyl last year."
    assert fs.read(text, date=DAY) == fs.read(text, date=DAY)
    assert fs.read(text)[0].period == ""


def test_a_claims_file_is_written_that_can_be_read_and_judged(tmp_path: Path) -> None:
    text = 'He said: "More than 70,000 died of fentanyl in 2023."\nDeaths\x1b[31m fell 27% in 2024 from overdoses. Some 12 things.'
    file = tmp_path / "mine.toml"
    file.write_text(reading.to_toml(fs.read(text)), "utf-8")
    assert "\x1b" not in file.read_text("utf-8")
    found = {name: str(fs.assess(name, claims=file).verdict_now) for name in fs.claims(file)}
    assert list(found.values()) == ["SUPPORTED", "CONTRADICTED (overstates)"]
    assert "# not taken:" in file.read_text("utf-8")


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(PhraseError, match="a text is read"):
        fs.read(7)  # type: ignore[arg-type]
    with pytest.raises(PhraseError, match="read at most"):
        fs.read("a" * 1_000_001)
    with pytest.raises(DataError):
        fs.read("107,543 deaths", date="soon")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_an_accident(text: str) -> None:
    for candidate in fs.read(text, date=DAY):
        assert candidate.sentence and str(candidate)
        assert reading.to_toml([candidate]).count("[[claim]]") <= 1


def test_most_of_the_sentences_of_a_larger_list_are_read() -> None:
    """115 sentences of this field: of their numbers, how many are found with value and hedge, form, and period."""
    rows = csv.DictReader(SENTENCES_FILE.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    right = {"value": 0, "hedge": 0, "form": 0, "period": 0}
    asked = {"number": 0, "period": 0}
    for row in rows:
        found = fs.read(row["text"], date=row["day"])
        years = {float(year) for year in re.findall(r"(?<![\d,])(?:19|20)\d\d(?![\d,])", row["text"])}
        assert not any(candidate.value in years for candidate in found), row["text"]
        for value, hedge, form, period in json.loads(row["expected"]):
            near = [c for c in found if c.value == (None if value is None else pytest.approx(value, rel=1e-4))]
            asked["number"] += 1
            right["value"] += bool(near)
            right["hedge"] += any(c.hedge == hedge or not hedge for c in near)
            right["form"] += any(c.form in (form if isinstance(form, list) else [form]) for c in near)
            asked["period"] += bool(period)
            right["period"] += bool(period) and any(c.period == period for c in near)
    assert min(right["value"], right["hedge"], right["form"]) >= 0.95 * asked["number"]
    assert right["period"] >= 0.9 * asked["period"]
