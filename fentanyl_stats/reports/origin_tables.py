"""The tables of the page of the 97%, as a reader reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from ..analysis import origin
from ..analysis.origin import percent
from ..audit.sentences import times
from ..errors import NotPublished, StatsError
from ..model import Interval, number

if TYPE_CHECKING:
    from .origin import Page

_KINDS = {origin.PLANNED: "planned", origin.COCAINE: "of cocaine", origin.SCREENED: "screened, not opened"}


def assumptions(page: Page) -> pd.DataFrame:
    """Each assumption beside what was published of it."""
    a = page.assumed
    inspected = f"none; vehicles inspected at the border: {_known(page, origin.inspection)}"
    rows = [
        ("counts as straight from China", origin.words(page.found.direct), "no publisher gives the country of departure"),
        ("purity, straight from China", percent(a.purity_direct), _known(page, lambda day: origin.purity("direct", day))),
        ("purity, all else", percent(a.purity_other), _known(page, lambda day: origin.purity("other", day))),
        ("interception, straight from China", percent(a.interception_direct), inspected),
        ("interception, all else", percent(a.interception_other), inspected),
        ("so all else is intercepted", f"{times(a.ratio.low, a.ratio.high)} as often", "no source gives this ratio"),
        ("consumed in a year, at most", f"{number(a.consumption_tonnes)} tonnes, pure", _consumption(page)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["assumption", "taken here", "published"])


def shares(page: Page) -> pd.DataFrame:
    """Pure against gross, period by period, and what the claim would take."""
    y, least = page.years, page.least
    status = ["" if s == "closed" else " (open)" for s in y["status"]]
    return pd.DataFrame(
        {
            "period": y["period"] + status,
            "direct, lb": [number(round(x)) for x in y["direct_lb"]],
            "all else, lb": [number(round(x)) for x in y["other_lb"]],
            "gross": [f"{100 * x:.2f}%" for x in y["gross"]],
            "pure": _spans(y["pure_low"], y["pure_high"]),
            "pure, with resampling": _spans(y["im_low"], y["im_high"]),
            "effective rows": ["–" if pd.isna(x) else f"{x:.0f}" for x in y["effective_rows"]],
            f"times for {page.claimed}": [
                times(a, b).removesuffix(" times").removesuffix(" time")
                for a, b in zip(y["tipping_low"], y["tipping_high"], strict=True)
            ],
            f"times for {100 * least:g}%": [
                times(origin.tipping(share, least)).removesuffix(" times").removesuffix(" time")
                for share in y["pure_high"]
            ],
            "flow": _spans(y["flow_low"], y["flow_high"]),
            "rest of that origin": _spans(y["needed_low"], y["needed_high"]),
            "purity elsewhere": [f"{100 * x:.2g}%" if x <= 1 else "any" for x in y["purity_needed"]],
        }
    )


def shares_note(page: Page) -> str:
    """How the columns of `shares` are to be read."""
    return (
        "Pure: over the assumed purities. With resampling: a 95% Imbens–Manski interval that adds how far the share hangs on "
        "single rows of the file, which are sums of an office and a month; seizures are heavier-tailed, so it is a least "
        f"width (seed {page.assumed.seed}). Times: how many times as often as the direct route all else would have to be "
        "intercepted, from the purities that favour the claim to those that do not; the second column, for the least share "
        "that the words allow, takes the former. Flow: what the assumed interception leaves possible. Rest of that origin: "
        "the part of all that did not come straight from China that would have to be made there or from its precursors for "
        f"{page.claimed}. Purity elsewhere: the purity of all else at which the seized share itself would be {page.claimed}."
    )


def by_purity(page: Page) -> pd.DataFrame:
    """What each published purity implies for the pivot period."""
    p = page.pivot
    t = origin.by_purity(p["direct_lb"], p["other_lb"], page.assumed, page.target, page.as_of)
    return pd.DataFrame(
        {
            "figure": t["id"],
            "purity of": t["quantity"],
            "printed": t["printed"],
            "period": t["when"],
            "share of pure weight": [f"{100 * x:.1f}%" for x in t["pure"]],
            f"for {page.claimed} of the flow": [times(x) for x in t["tipping"]],
        }
    )


def purity_note(page: Page) -> str:
    """What the table of purities leaves out."""
    p = page.pivot
    needed = f"{100 * p['purity_needed']:.2g}%" if p["purity_needed"] <= 1 else "any"
    return (
        "Each figure alone, as printed; the purity of the opposite route is the one assumed that favours the claim. Pills hold "
        "less than powder, but their figures (F066, F067) are milligrams, and no weight of a pill is held to divide by. The "
        f"seized share of {p['period']} itself would be {page.claimed} at a purity of all else of {needed}."
    )


def by_interception(page: Page) -> pd.DataFrame:
    """What each published rate implies for the pivot period."""
    t = origin.by_interception(float(page.pivot["tipping_low"]), page.as_of)
    return pd.DataFrame(
        {
            "figure": t["id"],
            "what": t["quantity"],
            "printed": t["printed"],
            "period": t["when"],
            "kind": [_KINDS.get(kind, kind) for kind in t["kind"]],
            "taken as": [f"{100 * x:g}% of {_ROUTES[r]}" for x, r in zip(t["fraction"], t["route"], strict=True)],
            f"for {page.claimed}": [
                "–" if pd.isna(x) else f"{100 * x:.2g}% of {_ROUTES[_OPPOSITE[r]]}" if fits else f"impossible: above 100% of {_ROUTES[_OPPOSITE[r]]}"
                for x, r, fits in zip(t["needed"], t["route"], t["possible"], strict=True)
            ],
        }
    )  # fmt: skip


def balances(page: Page) -> pd.DataFrame:
    """What the consumption figure allows, year by year; without a row if there is no closed period."""
    b = origin.balance(page.found, page.assumed, page.target)
    if b.empty:
        return b
    kilograms = [
        f"{number(round(x))} to {number(round(z))}"
        for x, z in zip(b["seized_kg_low"], b["seized_kg_high"], strict=True)
    ]
    return pd.DataFrame(
        {
            "period": b["period"],
            "seized, pure kg": kilograms,
            "of the whole flow": _spans(b["interception_low"], b["interception_high"]),
            "direct share possible": _spans(b["share_low"], b["share_high"]),
            f"if {page.claimed}: direct intercepted": [f"{100 * x:.1f}%" for x in b["direct_rate"]],
            f"if {page.claimed}: all else intercepted": [f"{100 * x:.0f}%" for x in b["other_rate"]],
            "possible": ["yes" if x else "no: more seized than flowed" for x in b["possible"]],
            "Monte Carlo": [_simulated(page, period) for period in b["period"]],
        }
    )


def balances_note(page: Page) -> str:
    """How the balance is to be read."""
    return (
        f"At most {number(page.assumed.consumption_tonnes)} tonnes of pure fentanyl consumed in a year; stocks, losses and "
        "exports are left out. A ceiling of consumption gives the widest bounds. Monte Carlo: median and 95% interval of the "
        "direct share, purities even and interception log-even over their ranges, weighted by a consumption that is even up "
        f"to the ceiling (seed {page.assumed.seed}); it states assumptions and measures nothing."
    )


def evidence(page: Page) -> pd.DataFrame:
    """What would settle the question, and what it would have to show."""
    p, claimed = page.pivot, page.claimed
    rest = percent(Interval(p["needed_low"], p["needed_high"]))
    rows = [
        ("random, not targeted, inspection of mail, parcels and vehicles, with the part of hidden test loads that is found",
         f"all else intercepted at least {times(p['tipping_low'])} as often as the direct route (as in {p['period']})", "a ratio below that in every year"),
        ("single seizures with weight, measured purity and country of departure",
         f"{100 * page.least:g}% or more of the pure weight straight from China, once corrected for interception", "less than that in every year"),
        ("chemical profiles of a random sample of seized and sold fentanyl, traced to its precursors",
         f"{rest} of all that did not come straight from China made there or from its precursors", "a smaller part"),
        ("precursors made and shipped by country, licit and illicit apart, with a denominator",
         "a part of China as large as the committee said of precursors; of fentanyl it would still say nothing", "a part whose interval ends below it"),
        ("consumption from waste water or surveys, with an error",
         f"a flow so large that all that was seized elsewhere fits into what {claimed} leaves over", "a flow into which it does not fit"),
        ("the method behind the estimate: its author, data, error, and what “comes from” means",
         f"a definition under which an interval holds {claimed}", "no method, or another object than the fentanyl that enters the country"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["evidence", "would bear the claim out", "would refute it"])


_ROUTES = {"other": "all else", "direct": "the direct route"}
_OPPOSITE = {"other": "direct", "direct": "other"}


def _simulated(page: Page, period: str) -> str:
    row = page.years[page.years["period"] == period].iloc[0]
    try:
        made = origin.simulate(row["direct_lb"], row["other_lb"], page.assumed)
    except StatsError:
        return "the assumptions exclude each other"
    return f"{100 * (made.share.value or 0):.0f}% ({percent(made.share.interval)})"


def _known(page: Page, ask: Callable[[str | None], origin.Range]) -> str:
    try:
        known = ask(page.as_of)
    except NotPublished:
        return "nothing by that day"
    return f"{known.words} ({', '.join(known.ids)})"


def _consumption(page: Page) -> str:
    try:
        value, name = origin.consumption(page.as_of)
    except NotPublished:
        return "nothing by that day"
    return f"under {number(value)} tonnes in 2021 ({name}), a thought experiment of its authors"


def _spans(low: pd.Series, high: pd.Series) -> list[str]:
    return ["–" if pd.isna(a) else percent(Interval(a, b)) for a, b in zip(low, high, strict=True)]
