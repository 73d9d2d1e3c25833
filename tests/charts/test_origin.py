"""Pictures of what a claimed share would take: they draw what they are given, and say it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.analysis import origin
from fentanyl_stats.audit import sentences
from fentanyl_stats.model import Interval

from . import refusal

TARGET = 0.97


@cache
def _years() -> pd.DataFrame:
    return origin.shares(origin.routes(), origin.as_published(), TARGET)


@cache
def _contrast() -> pd.DataFrame:
    return origin.contrast(origin.shares(origin.before(), origin.as_published(), TARGET), _years())


def _tipping(ax: Axes | None = None, pivot: str = "FY2023", **changes: float) -> Axes:
    years = _years().assign(**changes)
    shaded = Interval(1 / 9, 9)
    return charts.tipping(
        origin.curves(years), years, ax, target=TARGET, plausible=shaded, plausible_label="shaded", pivot=pivot
    )


def _x(line: Line2D) -> list[float]:
    return [float(x) for x in np.asarray(line.get_xdata())]


DRAW: dict[str, tuple[Callable[[Axes | None], Axes], str]] = {
    "tipping": (lambda ax: _tipping(ax), "FY2023 298 times"),
    "contrast": (lambda ax: charts.contrast(_contrast(), ax, claimed=Interval(96.5, 97.5)), "gross 1.1, pure 3.3 to 9.8"),
    "said": (lambda ax: charts.said_and_found(sentences.statements(fs.assess("origin-share")), ax, title="T"), "about 97%"),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAW)
def test_a_picture_draws_into_a_given_axes_or_its_own(name: str) -> None:
    draw, words = DRAW[name]
    left, right = Figure(figsize=(16, 6)).subplots(1, 2)
    assert draw(right) is right
    assert words in charts.alt_text(right)
    assert not left.lines
    assert draw(None).figure is not right.figure


def test_one_line_a_year_and_a_dot_where_it_meets_the_claim() -> None:
    ax = _tipping()
    curves = [line for line in ax.lines if len(_x(line)) > 2]
    assert len(curves) == len(_years())
    assert [line.get_linestyle() == "--" for line in curves] == [False] * 7 + [True]  # the last year is not over
    dots = {_x(line)[0] for line in ax.lines if line.get_marker() == "o"}
    assert dots == set(_years()["tipping_low"])
    named = [text.get_text() for text in ax.texts]
    assert {"FY2023, the year judged", "claimed: 97%", "shaded"} <= set(named)
    listed = [text for text in named if text.startswith("FY") and "," not in text]
    assert listed == [*_years()["period"][:-1], "FY2026*"]  # in order of time
    assert named[named.index("FY2026*") + 1] == "46 times"
    assert len(ax.patches) == 1


def test_years_that_never_reach_the_claim_are_named_without_a_dot() -> None:
    ax = _tipping(tipping_low=math.inf)
    assert "FY2019 never" in charts.alt_text(ax)
    assert [text.get_text() for text in ax.texts].count("never") == len(_years())
    assert not [line for line in ax.lines if line.get_marker() == "o"]


@pytest.mark.parametrize(("pivot", "stands_out", "name"), [("FY2023", "FY2023", "FY2023, the year judged"), ("", "FY2025", "FY2025"),
                                                           ("FY1990", "FY2025", "FY2025")])  # fmt: skip
def test_one_year_stands_out(pivot: str, stands_out: str, name: str) -> None:
    ax = _tipping(pivot=pivot)
    (thick,) = [line for line in ax.lines if len(_x(line)) > 2 and line.get_linewidth() > 2]
    years = _years()
    curve = origin.curves(years)
    own = curve[curve["period"] == stands_out]["share"]
    assert np.asarray(thick.get_ydata()).astype(float) == pytest.approx(100 * own.to_numpy())
    assert name in {text.get_text() for text in ax.texts if text.get_fontweight() == "bold"}


def test_the_contrast_has_a_row_a_period_and_pales_what_is_open() -> None:
    ax = charts.contrast(_contrast())
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[:3] == ["FY2017", "2017", "2018"]
    assert labels[-1] == "FY2026 (open)"
    spans = [line for line in ax.lines if line.get_linewidth() == 6]
    assert [sorted(_x(span)) for span in spans] == [
        pytest.approx([100 * low, 100 * high])
        for low, high in zip(_contrast()["pure_low"], _contrast()["pure_high"], strict=True)
    ]
    assert [(span.get_alpha() or 1) < 0.5 for span in spans] == [False] * 11 + [True]


def test_what_others_wrote_is_drawn_literally() -> None:
    rows = sentences.statements(fs.assess("origin-share")).assign(label=r"from $5 to $7 \frac{", shown="$x^2$")
    ax = charts.said_and_found(rows, title="T")
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # a formula that is none would raise here
    assert r"\$x^2\$" in {text.get_text() for text in ax.texts}


def test_pictures_name_their_sources_and_assumptions() -> None:
    claim, known = fs.assess("origin-share"), origin.as_published()
    tipping = charts.tipping(origin.curves(_years()), _years(), claim=claim, plausible=known.ratio)
    contrast = charts.contrast(_contrast(), claim=claim, plausible=known.ratio)
    said = charts.said_and_found(sentences.statements(claim), title="What was said")
    for ax in (tipping, contrast, said):
        assert "cbp-seizures 2026-05 (US Customs and Border Protection)" in ax.get_xlabel().replace("\n", " ")
        assert len(charts.alt_text(ax)) > 100
    for name in ("2017: at ports of entry away from the southern border (F04", "F042, F042b", "F044, F044b"):
        assert name in contrast.get_xlabel().replace("\n", " ")
    assert "2018, 2019: mail and express from China, against seizures from Mexico" in contrast.get_xlabel().replace(
        "\n", " "
    )
    under = tipping.get_xlabel().replace("\n", " ")
    assert "made pure with 90 to 95% for the direct route and 10 to 30%" in under
    assert "No source gives an interception ratio." in under and "*: year not over." in under
    words = " ".join(text.get_text() for text in tipping.texts)
    assert "assumed to be plausible: 0.11 to 9 times" in words.replace("\n", " ") and "FY2023, the year judged" in words
    mail = origin.shares(origin.routes("mail"), known, TARGET)
    drawn = charts.tipping(origin.curves(mail), mail, claim=claim)
    assert "the year judged" not in " ".join(text.get_text() for text in drawn.texts)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: charts.tipping(pd.DataFrame({"period": []}), _years(), target=TARGET), "column 'ratio'"),
        (lambda: charts.tipping(origin.curves(_years()), _years().drop(columns="status"), target=TARGET), "column 'status'"),
        (lambda: charts.tipping(origin.curves(_years()), _years().head(0), target=TARGET), "no row"),
        (lambda: charts.contrast(_contrast().drop(columns="flow_low")), "column 'flow_low'"),
        (lambda: charts.contrast(_contrast().head(0)), "no row"),
        (lambda: charts.said_and_found(pd.DataFrame({"group": []})), "column 'label'"),
        (lambda: charts.said_and_found(sentences.statements(fs.assess("origin-share")).head(0)), "no row"),
        (lambda: charts.said_and_found(sentences.statements(fs.assess("origin-share")).assign(kind="sung")), "unknown kind 'sung'"),
    ],
)  # fmt: skip
def test_nothing_to_draw_is_an_error(draw: Callable[[], Axes], words: str) -> None:
    assert re.search(words, refusal(draw))
