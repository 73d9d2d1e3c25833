"""A claims file that tries everything: all of it is shown as text, on every page."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.reports import report
from fentanyl_stats.show import text as escape

from .pages import sound

ATTACKS = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "</title></style><svg onload=alert(3)>",
    "[link](javascript:alert(4)) ![pic](http://evil.example/x.png)",
    "{braces} {0} {claim.id} {{7*7}} {% raw %} %(x)s",
    r"from $\frac{1}$ to $\bad_{x$ and 5$ \textbf{b} \(a\) \\",
    "***bold*** `code` # head | cell ~~gone~~ &lt;b&gt; &amp;",
    "\"double\" 'single' – —",
    "עברית العربية \u202ereversed\u202c",
    "w" * 300,
)
TEXT = " ".join(ATTACKS)
Q = "'''"
FIRST = ATTACKS[0] + ATTACKS[1] + " " + ATTACKS[3]
SECOND = ATTACKS[2] + " " + " ".join(ATTACKS[4:6])
THIRD = " ".join(ATTACKS[6:])


def _claim(name: str, quote: str) -> str:
    return f"""
[[claim]]
id = "{name}"
quote = {Q}{quote}{Q}
kind = "count"
quantity = {{ value = 70000, unit = "deaths", hedge = "over" }}
as_of = "2025-06-01"
sources = ["A1", "A2"]
family = "{name}"
fidelity = "F2"
fidelity_reason = {Q}{TEXT}{Q}
evidence = "E2"
evidence_reason = {Q}{TEXT}{Q}
confidence = "low"
[[claim.definition]]
id = "d"
wording = {Q}{TEXT}{Q}
measurable = "no"
note = {Q}{TEXT}{Q}
"""


TEST = f"""
[[claim.test]]
quantity = "deaths/synthetic-opioids"
periods = ["2023"]
measures = ["final"]
natural = true
note = {Q}{TEXT}{Q}
"""

ARTICLE = f"""
[article]
id = "hostile"
title = {Q}{TEXT}{Q}
publisher = {Q}{TEXT}{Q}
date = "2025-06-01"
[[source]]
id = "A1"
title = {Q}{TEXT}{Q}
publisher = {Q}{TEXT}{Q}
url = "https://evil.example/javascript:alert(5)"
date = "2025-06-01"
[[source]]
id = "A2"
title = "plain"
publisher = "plain"
url = {Q}https://example.org/" onmouseover="alert(6){Q}
date = "2025-06-01"
{_claim("one", FIRST)}
{TEST}
{_claim("two", SECOND)}
{TEST}
{_claim("three", THIRD)}
[[appearance]]
family = "one"
step = 1
date = "2025-06-01"
who = {Q}{TEXT}{Q}
object = {Q}{TEXT}{Q}
unit = {Q}{TEXT}{Q}
source = "A1"
[[appearance]]
family = "two"
step = 1
date = "2025-06-01"
who = "x"
object = "x"
source = "A1"
[[appearance]]
family = "three"
step = 1
date = "2025-06-01"
who = "x"
object = "x"
source = "A1"
"""


@pytest.fixture
def claims_file(tmp_path: Path) -> Path:
    file = tmp_path / "hostile <b> 'x' & $y$.toml"
    file.write_text(ARTICLE, "utf-8")
    return file


@pytest.mark.slow
def test_every_attack_is_shown_as_text_on_every_page(claims_file: Path, report_folder: Path) -> None:
    ledger = report.read(str(claims_file))
    out = report_folder / "hostile"
    found = sound(out)
    assert set(found) == {"index.html", "themes/claims.html", *(f"claims/{n}.html" for n in ("one", "two", "three"))}
    for name, page in found.items():
        quotes = [claim.quote for claim in ledger.claims.values() if name in ("index.html", "themes/claims.html")]
        own = ledger.claims.get(Path(name).stem)
        for text in [*quotes, *([own.quote, TEXT] if own else [])]:
            assert " ".join(text.split()) in page.text, name
    assert " ".join(TEXT.split()) in found["index.html"].text
    assert any(alt.count(ATTACKS[0]) == 2 for _, alt in found["claims/one.html"].images)  # who and what, in the ladder
    (review,) = found["claims/one.html"].jsonld
    assert json.loads(review) == json.loads((out / "claimreview" / "one.jsonld").read_text("utf-8"))
    assert json.loads(review)["claimReviewed"] == FIRST
    results = json.loads((out / "results.json").read_text("utf-8"))
    assert [claim["quote"] for claim in results["claims"]] == [FIRST, SECOND, THIRD]


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font:UserWarning")
def test_charts_draw_dollars_as_dollars(claims_file: Path) -> None:
    claims = fs.claims(claims_file)
    assessed = [fs.assess(claim, claims=claims_file) for claim in claims]
    one, two, _ = assessed
    drawn = [fs.charts.ladder(one.ladder), fs.charts.scoreboard(assessed), *map(fs.charts.multiverse, (one, two))]
    for ax in drawn:
        figure = ax.get_figure(root=True)
        assert figure is not None
        figure.savefig(io.BytesIO(), format="svg")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_in_prose_is_never_markup(attack: str) -> None:
    from html import unescape

    from nbconvert.filters import markdown2html

    escaped = escape(attack)
    assert not set(escaped) & set("<>*_`[]{}$\\\"'~")
    assert unescape(escaped) == " ".join(attack.split())
    rendered = markdown2html(f"before {escaped} after").strip()
    assert rendered.startswith("<p>before ") and rendered.endswith(" after</p>")
    assert "<" not in rendered.removeprefix("<p>").removesuffix("</p>")
