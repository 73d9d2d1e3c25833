"""Pictures of the forms of a number, of every window of a change, and of what decides."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.axes import Axes

import fentanyl_stats as fs
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.charts import style
from fentanyl_stats.errors import ReportError

FORMS: dict[str, Assessment] = {
    "change": fs.check("fell 27%", "deaths/all", period="2024-04", since="2023-04"),
    "rank": fs.check("number 5", "deaths/all", period="2021", jurisdiction="TN", among="states", by="rate"),
    "record": fs.check("an all-time high", "deaths/all", period="2021", extreme="high"),
    "ratio": fs.check(
        "more than", "deaths/all", period="2021", versus=["causes/motor-vehicle-traffic", "causes/homicide"]
    ),
    "share": fs.check("70%", "deaths/synthetic-opioids", period="2023", of="deaths/all"),
}


def _words(ax: Axes) -> str:
    style.chart(ax)
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    return " ".join(text.get_text() for text in [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()])


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_drawn_from_its_parts(form: str) -> None:
    found = FORMS[form]
    rows = found.parts()
    assert (rows.attrs["form"], found.form) == (form, form)
    assert rows["judged"].sum() == 1
    ax = fs.charts.parts(rows)
    judged = rows[rows["judged"]].iloc[0]
    assert f"{judged['value']:,.0f}" in _words(ax) or f"{judged['value']:.2f}" in _words(ax)
    assert str(judged["label"]) in fs.charts.alt_text(ax)
    assert ax.get_title().replace("\n", " ").startswith("Deaths ")


def test_the_parts_of_a_change_give_it() -> None:
    rows = FORMS["change"].parts()
    before, after = rows["value"]
    natural = FORMS["change"].natural
    assert natural is not None and natural.value == pytest.approx(-100 * (after / before - 1))
    assert rows["label"].tolist() == ["12 months to April 2023", "12 months to April 2024"]


def test_the_parts_of_a_rank_are_in_order_and_the_picture_holds_the_nearest() -> None:
    rows = FORMS["rank"].parts()
    assert len(rows) == 50 and rows["value"].is_monotonic_decreasing
    place = int(rows["judged"].to_numpy().argmax())
    assert FORMS["rank"].natural is not None and FORMS["rank"].natural.value == place + 1
    last = fs.check("number 50", "deaths/all", period="2021", jurisdiction="NE", among="states", by="rate")
    assert "Nebraska" in _words(fs.charts.parts(last.parts()))


def test_a_plain_count_has_no_parts_and_no_window() -> None:
    found = fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023")
    assert found.parts().empty and found.windows().empty
    for ax in (fs.charts.parts(found.parts()), fs.charts.windows(found.windows())):
        assert isinstance(ax, Axes)
    with pytest.raises(ReportError, match="judged"):
        fs.charts.parts(pd.DataFrame({"label": ["a"], "value": [1.0], "low": [1.0], "high": [1.0]}))


def test_every_window_of_the_same_length_is_computed_from_one_release() -> None:
    rows = FORMS["change"].windows()
    newest = (
        fs.load("vsrr", jurisdiction="US", drug="all").dropna(subset="reported").set_index("month_ending")["reported"]
    )
    for row in rows.iloc[[0, -1]].itertuples():
        expected = 100 * (float(newest[str(row.end)]) / float(newest[str(row.start)]) - 1)
        assert row.percent == pytest.approx(expected)
    assert rows.loc[rows["printed"], "end"].tolist() == ["2024-04"]
    assert [source.id for source in rows.attrs["sources"]] == ["vsrr"]  # the release, not what the ends were printed in
    ax = fs.charts.windows(rows)
    assert fs.sentences.among_windows(rows) in fs.charts.alt_text(ax)
    finals = fs.check("fell 27%", "deaths/all", period="2024", since="2023").windows()
    assert len(finals) == 25 and finals["percent"].iloc[-1] == finals["percent"].min()


def test_the_picture_of_what_decides_names_every_choice() -> None:
    rows = fs.assess("deaths-per-year").deciding
    words = _words(fs.charts.deciding(rows))
    for share, name in zip(
        rows["share"], ["period", "what is counted", "release", "correction", "measure"], strict=True
    ):
        assert f"{share:.0%}" in words and name in words
    assert fs.charts.deciding(rows.head(0)) is not None
