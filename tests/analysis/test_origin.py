"""What a claimed share would take: frozen examples, limits, monotony, units, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.analysis import origin
from fentanyl_stats.audit import sentences
from fentanyl_stats.errors import DataError, NotPublished, StatsError
from fentanyl_stats.model import Interval
from fentanyl_stats.stats import selection

EXAMPLES = pd.read_csv(Path(__file__).parents[1] / "oracles" / "share_examples.csv").set_index("case")
FY2017, FY2023 = EXAMPLES.index
KNOWN = origin.as_published()
TARGET = 0.97


def at(ends: float, other: float, ratio: Interval = Interval(1, 1)) -> origin.Assumptions:  # noqa: B008
    """Purities held at one value each, interception ratios in a span."""
    direct = Interval(0.1 / max(ratio.high, 1), 0.1)
    return replace(
        KNOWN,
        purity_direct=Interval(ends, ends),
        purity_other=Interval(other, other),
        interception_direct=direct if ratio.high > 1 else Interval(0.1, 0.1),
        interception_other=Interval(0.1 * ratio.low, 0.1),
    )


def made(direct: float, other: float) -> pd.DataFrame:
    row = ("FY2000", date(2000, 9, 30), "made up", direct, other, "closed", "made up")
    columns = ["period", "end", "what", "direct_lb", "other_lb", "status", "basis"]
    return pd.DataFrame([row], columns=columns)


@pytest.mark.parametrize("case", EXAMPLES.index)
def test_the_frozen_examples(case: str) -> None:
    e = EXAMPLES.loc[case]
    assumed = at(e["purity_direct"], e["purity_other"], Interval(0.1, 10))
    assert (assumed.ratio.low, assumed.ratio.high) == pytest.approx((0.1, 10))
    row = origin.shares(made(e["lb_direct"], e["lb_other"]), assumed, TARGET).iloc[0]
    assert row["gross"] == pytest.approx(e["share_gross"], rel=1e-9)
    assert row["pure_low"] == row["pure_high"] == pytest.approx(e["share_pure"], rel=1e-9)
    assert row["tipping_low"] == row["tipping_high"] == pytest.approx(e["tipping_970"], rel=1e-9)
    assert origin.tipping(row["pure_low"], 0.965) == pytest.approx(e["tipping_965"], rel=1e-9)
    assert (row["flow_low"], row["flow_high"]) == pytest.approx((e["gamma10_lower"], e["gamma10_upper"]), rel=1e-9)
    alike = origin.shares(made(e["lb_direct"], e["lb_other"]), at(e["purity_direct"], e["purity_other"]), TARGET).iloc[
        0
    ]
    assert alike["needed_low"] == alike["needed_high"] == pytest.approx(e["origin_q_needed_970"], rel=1e-9)
    assert alike["flow_low"] == alike["flow_high"] == alike["pure_low"]


@pytest.mark.parametrize(("case", "found"), [(FY2017, origin.before()), (FY2023, origin.routes())])
def test_the_data_give_the_examples(case: str, found: pd.DataFrame) -> None:
    e, period = EXAMPLES.loc[case], {FY2017: "2017", FY2023: "FY2023"}[case]
    row = origin.shares(found, at(0.9, 0.1), TARGET).set_index("period").loc[period]
    assert (row["direct_lb"], row["other_lb"]) == pytest.approx((e["lb_direct"], e["lb_other"]), abs=0.01)
    assert row["tipping_low"] == pytest.approx(e["tipping_970"], rel=2e-5)


def test_the_published_ranges_are_the_printed_values() -> None:
    printed = fs.load("published-figures").set_index("id")["value"]
    assert origin.purity("direct").interval == Interval(printed["F060"] / 100, printed["F062d"] / 100)
    assert origin.purity("other").interval == Interval(printed["F061"] / 100, printed["F062b"] / 100)
    assert origin.inspection().interval == Interval(printed["F112a"] / 100, printed["F114"] / 100)
    assert origin.consumption() == (printed["F110"], "F110")
    assert KNOWN.ratio.low == pytest.approx(1 / 9) and KNOWN.ratio.high == pytest.approx(9)
    milligrams = fs.load("published-figures").query("unit == 'mg'")["id"]
    assert not set(milligrams) & set(origin.purities()["id"])
    rates = origin.interceptions().set_index("id")
    assert rates.loc["F115a", "fraction"] == pytest.approx(0.85)
    assert rates["fraction"].between(0, 1).all()
    plans = set(rates.index[rates["kind"] == origin.PLANNED])
    assert plans == {"F113c", "F113d"}
    assert not plans & set(origin.inspection().ids)


def test_only_what_was_known() -> None:
    assert origin.purity("other", "2018-12-31").interval == Interval(0.2, 0.3)
    with pytest.raises(NotPublished, match="inspected"):
        origin.inspection("2019-12-31")
    with pytest.raises(NotPublished, match="consumption"):
        origin.consumption("2022-07-27")
    assert origin.before("2018-06-01")["period"].tolist() == ["FY2017", "2017"]
    assert origin.before("2010-01-01").empty
    assert origin.routes("mail", "2023-01-01")["period"].tolist() == ["2018", "2019"]
    assert origin.routes(as_of="2024-09-17")["period"].tolist() == [f"FY{year}" for year in range(2019, 2024)]
    then = origin.routes(as_of="2023-01-01")
    assert then.empty and list(then) == list(origin.routes())
    assert then.attrs["empty"] == "No weights for “coastal interior, northern border” were published by 2023-01-01."
    assert origin.routes("mail", "2020-01-01").attrs["empty"].endswith("mail and express was published by 2020-01-01.")


def test_where_nothing_was_published_every_frame_is_empty_and_says_so() -> None:
    years = origin.shares(origin.routes(as_of="2016-01-01"), KNOWN, TARGET)
    assert list(years) == list(origin.shares(origin.routes(), KNOWN, TARGET))
    said = years.attrs["empty"]
    frames = (
        years,
        origin.by_purity(years, KNOWN, TARGET, "2016-01-01"),
        origin.by_interception(years, "2016-01-01"),
        origin.balance(years, KNOWN, TARGET),
        origin.contrast(origin.shares(origin.before("2016-01-01"), KNOWN, TARGET), years),
    )
    for frame in frames:
        assert frame.empty and frame.attrs["empty"] == said
    assert origin.purities("2016-01-01").empty and origin.interceptions("2016-01-01").empty
    assert origin.resampled(origin.KINDEST, KNOWN, "2016-01-01").empty
    assert origin.judged(years) == ""
    assert origin.ratio_sentence(years, KNOWN, TARGET) == origin.balance_sentence(frames[3], TARGET) == said
    assert origin.contrast_sentence(frames[4], TARGET) == said and origin.year_sentence(years, KNOWN, TARGET, "") == ""
    assert origin.evidence(years, "", 0.965)["from"].notna().sum() == 1


def test_pounds_are_those_of_the_file() -> None:
    table = fs.load("cbp-seizures")
    whole = table.groupby("fiscal_year")["pounds"].sum()
    for direct in (origin.KINDEST, "coastal-interior/ofo", "northern-border,southwest-border/other"):
        frame = origin.routes(direct)
        assert (frame["direct_lb"] + frame["other_lb"]).to_numpy() == pytest.approx(whole.to_numpy())
    narrow, wide = origin.routes("coastal-interior/ofo"), origin.routes("coastal-interior")
    assert (narrow["direct_lb"] <= wide["direct_lb"]).all()
    seaports = table[(table["region"] == "southwest-border") & (table["land_filter"] == "other")]
    by_year = seaports.groupby("fiscal_year")["pounds"].sum().to_numpy()
    assert origin.routes("southwest-border/other")["direct_lb"].to_numpy() == pytest.approx(by_year)
    assert origin.routes()["status"].tolist() == ["closed"] * 7 + ["open"]


def test_mail_is_from_china_or_of_any_origin() -> None:
    printed = fs.load("published-figures").set_index("id")["value"]
    frame = origin.routes("mail").set_index("period")
    assert frame.loc["2018", ["direct_lb", "other_lb"]].tolist() == [printed["F010"], printed["F012"]]
    assert frame.loc["FY2022", "direct_lb"] == pytest.approx(printed["F022"] + printed["F025"])
    assert "any origin" in frame.loc["FY2022", "what"]
    assert frame.loc["FY2022", "basis"] == "F022, F025, cbp-seizures"


@pytest.mark.parametrize(
    ("direct", "message"),
    [
        ("coastal", "did you mean 'coastal-interior'"),
        ("coastal-interior/opo", "did you mean 'ofo'"),
        ("mail,coastal-interior", "mail stands alone"),
        (" , ", "no stand-in"),
        ("ofo,usbp", "counts every seizure as direct"),
    ],
)
def test_stand_ins_that_are_refused(direct: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        origin.routes(direct)


weights = st.floats(0.1, 1e5)
purities = st.floats(0.01, 1)


@given(weights, weights, purities, purities, st.floats(1, 1e4))
def test_wider_interception_widens_the_flow(d: float, o: float, first: float, second: float, gamma: float) -> None:
    near = origin.shares(made(d, o), at(first, second), TARGET).iloc[0]
    far = origin.shares(made(d, o), at(first, second, Interval(1 / gamma, gamma)), TARGET).iloc[0]
    assert far["flow_low"] <= near["flow_low"] * (1 + 1e-9)
    assert far["flow_high"] >= near["flow_high"] * (1 - 1e-9)
    reaches = far["flow_high"] >= TARGET
    if abs(far["tipping_low"] / gamma - 1) > 1e-6:
        assert reaches == (far["tipping_low"] <= gamma)
    assert (far["needed_low"] == 0) == (far["flow_high"] >= TARGET)


@given(weights, weights, purities, purities)
def test_the_purity_needed_makes_the_seized_share_the_target(d: float, o: float, first: float, second: float) -> None:
    needed = origin.shares(made(d, o), at(first, second), TARGET).iloc[0]["purity_needed"]
    assert d * first / (d * first + o * needed) == pytest.approx(TARGET)


@given(st.floats(0.01, 0.99), purities, purities)
def test_more_weight_or_purity_on_the_direct_route_takes_less(share: float, first: float, second: float) -> None:
    less, more = (
        origin.shares(made(100 * s, 100), at(first, second), TARGET).iloc[0]["tipping_low"]
        for s in (share, share * 1.5)
    )
    purer = origin.shares(made(100 * share, 100), at(min(1.0, first * 1.1), second), TARGET).iloc[0]["tipping_low"]
    assert more < less
    assert purer <= less


def test_pounds_and_kilograms_of_a_route_have_the_same_share_but_not_the_same_balance() -> None:
    pounds, kilograms = made(300.0, 20_000.0), made(300 * 0.45359237, 20_000 * 0.45359237)
    shares = [origin.shares(found, KNOWN, TARGET).iloc[0] for found in (pounds, kilograms)]
    assert shares[0]["tipping_low"] == pytest.approx(shares[1]["tipping_low"])
    rows = [origin.balance(found, KNOWN, TARGET).iloc[0] for found in (pounds, kilograms)]
    assert rows[1]["seized_kg_high"] == pytest.approx(0.45359237 * rows[0]["seized_kg_high"])
    assert rows[0]["seized_kg_high"] == pytest.approx(0.45359237 * (300 * 0.95 + 20_000 * 0.3))
    assert rows[0]["share_high"] < rows[1]["share_high"]


@pytest.mark.parametrize("consumed", [0.5, 3.0, 10.0, 200.0])
def test_the_balance_agrees_with_the_worst_case(consumed: float) -> None:
    found, assumed = made(305.02, 26_717.84), replace(KNOWN, consumption_tonnes=consumed)
    row = origin.balance(found, assumed, TARGET).iloc[0]
    kilograms = selection.kilograms(26_717.84 * 0.1, "lb")
    flow = kilograms + selection.kilograms(305.02 * 0.95, "lb") + selection.kilograms(consumed, "t")
    assert row["share_high"] == pytest.approx(1 - kilograms / flow)
    assert row["possible"] == (row["share_high"] >= TARGET)
    assert row["other_rate"] == pytest.approx(kilograms / (flow * (1 - TARGET)))
    assert row["interception_low"] < row["interception_high"] < 1


def test_a_larger_consumption_allows_more() -> None:
    highs = [
        origin.balance(origin.routes(), replace(KNOWN, consumption_tonnes=tonnes), TARGET)["share_high"]
        for tonnes in (1, 10, 100)
    ]
    assert (highs[0] < highs[1]).all() and (highs[1] < highs[2]).all()
    assert "FY2026" not in set(origin.balance(origin.routes(), KNOWN, TARGET)["period"])


def test_monte_carlo_meets_the_closed_form_and_keeps_its_seed() -> None:
    fixed = replace(at(0.9, 0.1), interception_other=Interval(0.1, 0.1))
    made_up = origin.simulate(342.5, 1027.5, fixed, consumption=False)
    assert made_up.share.value == made_up.share.low == pytest.approx(EXAMPLES.loc[FY2017, "share_pure"], rel=1e-9)
    first, again = (origin.simulate(614.9, 10_586.4, KNOWN).share for _ in range(2))
    other = origin.simulate(614.9, 10_586.4, replace(KNOWN, seed=1)).share
    assert first == again
    assert first != other
    row = origin.shares(made(614.9, 10_586.4), KNOWN, TARGET).iloc[0]
    assert row["flow_low"] < first.low < first.high < row["flow_high"]
    with pytest.raises(StatsError, match="consumption"):
        origin.simulate(305.02, 26_717.84, replace(KNOWN, consumption_tonnes=0.5))


def test_resampling_keeps_its_seed_and_widens_the_bounds() -> None:
    first, again, other = (origin.resampled(origin.KINDEST, replace(KNOWN, seed=seed)) for seed in (0, 0, 1))
    assert first["im_low"].tolist() == again["im_low"].tolist() != other["im_low"].tolist()
    years = origin.shares(origin.routes(), KNOWN, TARGET)
    assert first["period"].tolist() == years["period"].tolist()
    assert (first["im_low"] < years["pure_low"]).all() and (first["im_high"] > years["pure_high"]).all()
    assert first["im_low"].between(0, 1).all() and first["im_high"].between(0, 1).all()
    rows = fs.load("cbp-seizures").query("fiscal_year == 2023")["pounds"]
    assert first.set_index("period").loc["FY2023", "effective_rows"] == pytest.approx(rows.sum() ** 2 / (rows**2).sum())
    assert origin.resampled("mail", KNOWN).empty


def test_nothing_seized_on_a_route() -> None:
    none = origin.shares(made(0.0, 100.0), KNOWN, TARGET).iloc[0]
    assert (none["tipping_low"], none["flow_high"], none["needed_low"]) == (math.inf, 0, pytest.approx(TARGET))
    every = origin.shares(made(100.0, 0.0), KNOWN, TARGET).iloc[0]
    assert (every["tipping_high"], every["flow_low"], every["needed_high"]) == (0, 1, 0)
    never = origin.by_interception(pd.DataFrame({"period": ["FY2000"], "tipping_low": [math.inf]}))
    assert never["needed"].isna().all() and not never["possible"].any()
    open_year = origin.routes("usbp/coastal-interior").set_index("period").loc["FY2026"]
    assert open_year["direct_lb"] == 0


def test_curves_are_the_identity_of_odds() -> None:
    years = origin.shares(origin.routes(), KNOWN, TARGET)
    drawn = origin.curves(years)
    for period, line in drawn.groupby("period"):
        assert (np.diff(line["share"]) > 0).all()
        row = years.set_index("period").loc[str(period)]
        reached = np.interp(math.log(row["tipping_low"]), np.log(line["ratio"]), line["share"])
        assert reached == pytest.approx(TARGET, abs=2e-3)
    assert drawn["ratio"].min() == pytest.approx(0.1) and drawn["ratio"].max() == pytest.approx(10_000)


def test_each_published_figure_alone() -> None:
    d, o = 305.02, 26_717.84
    purity = origin.by_purity(made(d, o), KNOWN, TARGET).set_index("id")
    assert purity.loc["F065b", "pure"] == pytest.approx(d * 0.95 / (d * 0.95 + o * 0.195))
    assert purity.loc["F060", "tipping"] == pytest.approx(EXAMPLES.loc[FY2023, "tipping_970"], rel=1e-9)
    rates = origin.by_interception(pd.DataFrame({"period": ["FY2000"], "tipping_low": [100.0]})).set_index("id")
    assert rates.loc["F112b", "needed"] == pytest.approx(0.0015)
    assert rates.loc["F116b", "needed"] == pytest.approx(57)
    assert rates["possible"].to_dict() == {key: route == "other" for key, route in rates["route"].items()}


def test_the_contrast_of_2019() -> None:
    events = fs.load("events").set_index("id")["date"]
    assert events["china-class-scheduling-effective"] == origin.CLASS_CONTROL.isoformat()
    rows = origin.contrast(*(origin.shares(f, KNOWN, TARGET) for f in (origin.before(), origin.routes())))
    groups = rows.groupby("group", sort=False)["period"].agg(list)
    assert groups.index.tolist() == ["before May 2019", "in the year around May 2019", "after May 2019"]
    assert groups.iloc[0] == ["FY2017", "2017", "2018"]
    assert rows["end"].is_monotonic_increasing
    mail = origin.shares(origin.routes("mail"), KNOWN, TARGET)
    both = origin.contrast(origin.shares(origin.before(), KNOWN, TARGET), mail)
    assert both["period"].tolist().count("2018") == 1


def test_statements_stand_beside_their_object() -> None:
    found = fs.assess("origin-share")
    rows = sentences.statements(found)
    said = rows[rows["kind"] == "said"]
    assert len(said) == sum(step.date == "2024-04-16" for step in found.ladder) == 5
    assert set(said["id"]) <= {source.id for source in fs.sources(rows)}
    assert "S13" in rows.attrs["source"] and "cbp-seizures 2026-05" in rows.attrs["source"]
    assert said.groupby("group").size().to_dict() == {"Said of fentanyl": 1, "Said of precursors": 4}
    assert (rows["low"] <= rows["high"]).all() and rows["high"].le(100).all()
    unmeasured = rows[rows["kind"] == "not measured"]
    assert (unmeasured["value"].isna() & (unmeasured["low"] == 0) & (unmeasured["high"] == 100)).all()
    assert sentences.statements(fs.assess("precursor-share"))["kind"].tolist().count("said") == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(KNOWN, purity_direct=Interval(0.9, 95)), r"purity of the direct route.*write 90% as 0.9.*95"),
        (lambda: replace(KNOWN, purity_other=Interval(0, 0.1)), "purity of the other route must lie above 0"),
        (lambda: replace(KNOWN, interception_other=Interval(0.1, 1.5)), "interception of the other route"),
        (lambda: replace(KNOWN, interception_direct=Interval(-0.1, 0.5)), "interception of the direct route"),
        (lambda: replace(KNOWN, consumption_tonnes=-3), "consumption must be above 0 tonnes.*-3"),
        (lambda: replace(KNOWN, consumption_tonnes=math.inf), "consumption"),
        (lambda: replace(KNOWN, seed=-1), "seed"),
        (lambda: origin.shares(made(-5.0, 100.0), KNOWN, TARGET), r"weights must lie in \[0, inf\)"),
        (lambda: origin.shares(made(5.0, 100.0), KNOWN, 97), "target share.*97.*write 97 % as 0.97"),
        (lambda: origin.shares(made(0.0, 100.0), KNOWN, 1.0), "target share"),
        (lambda: origin.shares(made(0.0, 0.0), KNOWN, TARGET), "nothing to share"),
        (lambda: origin.balance(made(5.0, 100.0), KNOWN, 97), "direct share"),
        (lambda: origin.balance(made(-5.0, 100.0), KNOWN, TARGET), "seized"),
        (lambda: origin.simulate(-5.0, 100.0, KNOWN), "seized"),
    ],
)
def test_impossible_numbers_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(StatsError, match=message):
        call()


def test_readings_gross_and_pure_by_year() -> None:
    found = fs.assess("origin-share")
    by = {(r.quantity, r.period, r.correction): r for r in found.readings}
    years = origin.shares(origin.routes(), KNOWN, TARGET).set_index("period")
    assert list(years.index) == [f"FY{year}" for year in range(2019, 2027)]
    for period, row in years.iterrows():
        gross, pure = (by["seizure-share/non-southwest", str(period), c] for c in ("none", "pure"))
        assert gross.value == pytest.approx(100 * row["gross"])
        assert pure.value is None
        assert (pure.low, pure.high) == pytest.approx((100 * row["pure_low"], 100 * row["pure_high"]))
        assert gross.value is not None and gross.value < pure.low
        assert {"F060", "F061", "F062d", "F065"} <= {source.id for source in pure.sources}
        assert "10 to 30%" in pure.reason
        assert ("open" in pure.flags) == (period == "FY2026")
        assert pure.tipping_ratio is not None and gross.tipping_ratio is not None
        assert (pure.tipping_ratio.low, pure.tipping_ratio.high) == pytest.approx(
            (row["tipping_low"], row["tipping_high"])
        )
        assert gross.tipping_ratio.low == gross.tipping_ratio.high == pytest.approx(row["tipping_gross"])
        assert pure.to_dict()["tipping_ratio"] == pure.tipping_ratio.to_dict()
        assert str(pure.verdict) == "CONTRADICTED (overstates)"
    early = origin.shares(origin.before(), KNOWN, TARGET).set_index("period")
    for period in ("2018", "2019"):
        gross, pure = (by["seizure-share/mail-china-or-mexico", period, c] for c in ("none", "pure"))
        assert gross.value == pytest.approx(100 * early.loc[period, "gross"])
        assert gross.low < gross.value < gross.high  # type: ignore[operator]
        assert pure.low < 100 * early.loc[period, "pure_low"] < 100 * early.loc[period, "pure_high"] < pure.high
        assert not pure.hindsight
    assert by["flow-share/direct", "FY2023", "none"].verdict == "CONTRADICTED"
    floor = by["seizure-share/mail-china", "2018", "none"].tipping_ratio  # the share may be nothing at all
    assert floor is not None and floor.to_dict()["high"] is None and floor.low > 1
    assert {
        r.tipping_ratio for r in found.readings if not r.quantity.startswith(("seizure-share/", "flow-share/"))
    } == {None}


def test_pure_readings_use_the_purities_known_then() -> None:
    then = {(r.quantity, r.period, r.correction): r for r in fs.assess("origin-share", as_of="2022-01-01").readings}
    pure = then["seizure-share/mail-china-or-mexico", "2018", "pure"]
    assert {source.id for source in pure.sources} == {
        "F010",
        "F012",
        "F060",
        "F061",
        "F062a",
        "F062b",
        "F062c",
        "F062d",
    }
    assert pure.known == date(2021, 8, 25)


def _years(direct: str = origin.KINDEST, as_of: str | None = None, **changes: Any) -> pd.DataFrame:
    return origin.shares(origin.routes(direct, as_of), replace(KNOWN, **changes), TARGET)


def _said(direct: str = origin.KINDEST, period: str = "FY2023", **changes: Any) -> str:
    assumed = replace(KNOWN, **changes)
    return origin.year_sentence(_years(direct, **changes), assumed, TARGET, period)


EASY: dict[str, Any] = {"interception_direct": Interval(0.0005, 0.18)}
"""A direct route that is hardly ever intercepted."""


def test_what_the_sentences_say_by_default() -> None:
    said = _said()
    assert "In FY2023, 1.1% of the seized weight and 3.3 to 9.8% of the pure weight" in said
    assert "298 to 944 times as often" in said
    assert "were everything equally pure, that is by raw weight, 2,832 times." in said
    assert said.endswith("up to 9 times, which reaches 97% in no year.")
    balance = origin.balance_sentence(origin.balance(origin.routes(), KNOWN, TARGET), TARGET)
    assert "impossible in FY2021, FY2022, FY2023, FY2024, FY2025" in balance
    rows = origin.contrast(origin.shares(origin.before(), KNOWN, TARGET), _years())
    before, around, after = origin.contrast_sentence(rows, TARGET).split(". ")
    assert before.startswith("Before May 2019") and before.endswith("possible in FY2017")
    assert around.startswith("In the year around May 2019") and after.endswith("possible in no period.")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"purity_other": Interval(0.02, 0.3)}, "pure_high"),
        ({"purity_direct": Interval(0.5, 0.95)}, "pure_low"),
        (EASY, "flow_high"),
        ({"interception_other": Interval(0.02, 0.7)}, "flow_high"),
        ({"direct": "coastal-interior/ofo"}, "direct_lb"),
        ({"direct": "mail"}, "period"),
    ],
)
def test_the_shares_move_with_each_assumption(change: dict[str, Any], column: str) -> None:
    assert _years()[column].tolist() != _years(**change)[column].tolist()


def test_the_claim_can_be_reached_and_lost_by_a_reader_of_either_side() -> None:
    kind = _said(**EASY)
    assert "which reaches 97% in FY2019, FY2020" in kind and "FY2023" in kind.rsplit("reaches", 1)[1]
    assert origin.times(*(getattr(replace(KNOWN, **EASY).ratio, end) for end in ("low", "high"))) == "0.11 to 360 times"
    harsh = _said(interception_other=Interval(0.02, 0.02), purity_other=Interval(0.3, 0.3))
    assert "944 times as often" in harsh and "up to 1 time, " in harsh


def test_the_balance_moves_with_consumption() -> None:
    def balance(tonnes: float) -> pd.DataFrame:
        return origin.balance(origin.routes(), replace(KNOWN, consumption_tonnes=tonnes), TARGET)

    assert "in no year" in origin.balance_sentence(balance(100.0), TARGET)
    assert "FY2019" in origin.balance_sentence(balance(1.0), TARGET)
    assert balance(0.5)["simulated"].isna().any()  # the assumptions exclude each other
    assert balance(10.0)["simulated"].between(0, 1).all()


def test_assumptions_stand_beside_what_was_published() -> None:
    found = origin.assumptions(replace(KNOWN, interception_other=Interval(0.02, 0.7))).set_index("assumption")
    assert found.loc["purity, all else", "id"] == "F061, F062a, F062b, F063, F064, F065, F065b"
    assert found.loc["purity, all else", ["published_low", "published_high"]].tolist() == [10.0, 30.0]
    other = found.loc["interception, all else"]
    assert (other["high"], other["published_high"]) == (70.0, 18.0)  # the reader's, not what was published
    assert {"F112a", "F114"} <= set(other["id"].split(", ")) and "of fentanyl nothing is" in other["remark"]
    ratio = found.loc["how many times as often all else is intercepted"]
    assert ratio["remark"] == "no source gives this ratio" and math.isnan(ratio["published_high"])
    assert found.loc["consumed in a year, pure", ["high", "id"]].tolist() == [10.0, "F110"]


def test_each_published_figure_as_a_reader_sees_it() -> None:
    years = _years()
    purity = origin.by_purity(years, KNOWN, TARGET).query("period == 'FY2023'").set_index("id")
    assert purity.loc["F061", ["qualifier", "fraction"]].tolist() == ["under", 0.1]
    assert round(float(purity.loc["F061", "tipping"])) == 298
    assert years.set_index("period").loc["FY2023", "purity_needed"] == pytest.approx(0.00034, abs=5e-6)
    rates = origin.by_interception(years).query("period == 'FY2023'").set_index("id")
    assert rates.loc["F115a", ["fraction", "route", "possible"]].tolist() == [0.85, "direct", False]
    assert rates.loc["F112b", "needed"] == pytest.approx(0.0005, abs=5e-6)
    settle = origin.evidence(years, "FY2023", 0.965)
    assert len(settle) >= 5 and round(settle["from"].iloc[0]) == 298


def test_the_lead_speaks_of_all_years_before_the_one_judged() -> None:
    said, ends = origin.ratio_sentence(_years(), KNOWN, TARGET), _years().set_index("period")["tipping_low"]
    span = f"{round(ends.min())} times ({ends.idxmin()}) to {round(ends.max())} times ({ends.idxmax()}) as often"
    assert span in said
    assert f"At most 9 times is assumed to be plausible, which is enough in 0 of {len(ends)} periods." in said
    judged = sentences.year_judged(fs.assess("origin-share"))
    assert judged == (
        "FY2023 is the period judged: it was the last fiscal year that had closed when the number was first said, at a House "
        "hearing in April 2024 (House Select Committee, video, 2024-04-16)."
    )
    assert sentences.year_judged(fs.assess("origin-share", as_of="2023-01-01")) == ""
    easy = origin.ratio_sentence(_years(**EASY), replace(KNOWN, **EASY), TARGET)
    assert f"enough in {len(ends)} of {len(ends)} periods" in easy
    assert "judged" not in origin.ratio_sentence(_years("mail"), KNOWN, TARGET)


def test_mail_before_the_seizure_file_was_held() -> None:
    years = _years("mail", "2023-01-01")
    assert years["period"].tolist() == ["2018", "2019"]
    assert [source.id for source in years.attrs["sources"]] == ["published-figures"]
    assert origin.judged(years, "FY2023") == "2019"


def test_a_route_without_any_seizure() -> None:
    years = _years("usbp/coastal-interior").set_index("period")
    assert math.isinf(years.loc["FY2026", "tipping_low"]) and years.loc["FY2026", "status"] == "open"
    assert origin.times(years.loc["FY2026", "tipping_low"]) == "infinitely many times"
    assert _said("usbp/coastal-interior", "FY2026").startswith("In FY2026 nothing was seized on the direct route")


def test_the_verdicts_say_why_and_what_would_change_them() -> None:
    share, precursors = fs.assess("origin-share"), fs.assess("precursor-share")
    assert (
        "for the flow to be as claimed, all other fentanyl would have to be caught 298 to 944 times as often"
        in sentences.takes(share)
    )
    assert (
        "It is the share of the fentanyl flow, by pure weight, shipped straight from China, FY2023."
        in sentences.rule(share)
    )
    assert "is counted as shipped straight from China" in sentences.rule(share)
    assert "caught 0.11 to 9 times as often" in sentences.rule(share)
    floor = sentences.rule(fs.check("97%", "seizure-share/mail-china", "2018"))
    assert floor.endswith(
        " 2018. The seizure file starts in October: its 3 months are a floor of the year's total, so the share has an upper bound only."
    )
    assert "no denominator" in sentences.rule(precursors) and "public data cannot say" in sentences.rule(precursors)
    assert "a denominator, a method and an error" in sentences.takes(precursors)
