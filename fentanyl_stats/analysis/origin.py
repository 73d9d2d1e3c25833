"""From seizures to the flow: what a claimed share would take, under stated assumptions and published figures.

Shares, purities and rates are fractions. Where nothing was published by the day asked for, a frame has no row, and
`attrs["empty"]` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..data import store
from ..data.names import VOCABULARY
from ..data.store import load_or_empty
from ..errors import DataError, NotPublished, StatsError, unknown
from ..model import Interval, Period, number

if TYPE_CHECKING:
    from ..stats.flows import MassBalance, MonteCarlo

__all__ = [
    "Assumptions", "Range", "as_published", "assumptions", "balance", "balance_sentence", "before", "by_interception",
    "by_purity", "consumption", "contrast", "contrast_sentence", "curves", "evidence", "flow", "inspection",
    "interceptions", "judged", "percent", "purities", "purity", "ratio_sentence", "resampled", "routes", "shares",
    "simulate", "times", "tipping", "words", "year_sentence",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__


_WORDS = VOCABULARY["origin"]
_PURITY = {quantity: route for route, quantities in _WORDS["purity"].items() for quantity in quantities}
INSPECTED, PLANNED = "inspected", "planned"
_RATES = pd.DataFrame(_WORDS["rates"]).fillna({"escaped": False}).astype({"escaped": bool}).set_index("quantity")
"""Quantity -> route, kind, and whether the figure counts what escaped (its complement is then the rate)."""
_CONSUMPTION = "US consumption of illegally made fentanyl, upper bound"


@dataclass(frozen=True, slots=True)
class Range:
    """The printed values of one kind, lowest to highest, as fractions; `ids` are their rows of published-figures."""

    interval: Interval
    ids: tuple[str, ...]

    @property
    def words(self) -> str:
        """In per cent.

        >>> Range(Interval(0.1, 0.3), ("F061",)).words
        '10 to 30%'
        """
        return percent(self.interval)


def percent(interval: Interval) -> str:
    """Fractions as a reader reads them.

    >>> percent(Interval(0.9, 0.9)), percent(Interval(0.0331, 0.0978)), percent(Interval(0.0005, 0.996))
    ('90%', '3.3 to 9.8%', '0.05 to 99.6%')
    """
    low, high = _percent(interval.low), _percent(interval.high)
    return f"{high}%" if low == high else f"{low} to {high}%"


def _percent(fraction: float) -> str:
    value = 100 * fraction
    return f"{value:.2g}" if value < 10 else f"{value:.1f}" if 99 < value < 100 else f"{value:.0f}"


def times(low: float, high: float | None = None) -> str:
    """A ratio, or a span of ratios, in words.

    >>> times(297.6), times(1 / 9, 9.0), times(1.0), times(float("inf"))
    ('298 times', '0.11 to 9 times', '1 time', 'infinitely many times')
    """
    if math.isinf(low):
        return "infinitely many times"
    shown = " to ".join(dict.fromkeys((_ratio(low), _ratio(low if high is None else high))))
    return f"{shown} time" if shown == "1" else f"{shown} times"


def _ratio(ratio: float) -> str:
    return number(round(ratio)) if 9.5 <= ratio < math.inf else f"{ratio:.2g}".replace("inf", "∞")


def purities(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published purity of powder: what comes straight from China, and what comes otherwise.

    Milligrams in a pill are no purity: no weight of a pill is held to divide by.

    Returns
    -------
    DataFrame
        Columns id (of published-figures), route (`direct`, `other`), quantity, qualifier (`over`, `under`, `about`; "" for
        a plain number), fraction, when (the period, or the day on which it was stated).

    Examples
    --------
    >>> purities().groupby("route")["fraction"].agg(["min", "max"]).values.tolist()
    [[0.9, 0.95], [0.1, 0.3]]
    """
    return _purities(as_of, store.stamp("published-figures")).copy()


@lru_cache(maxsize=64)
def _purities(as_of: str | date | None, stamp: store.Stamp) -> pd.DataFrame:
    found = _rows(_PURITY, as_of)
    return found.assign(route=found["quantity"].map(_PURITY), fraction=found["value"] / 100)[
        ["id", "route", "quantity", "qualifier", "fraction", "when"]
    ]


def interceptions(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published rate of inspection, screening or seizure, by the route that it speaks of.

    None is the interception of fentanyl: inspected is not found, screened is not opened, cocaine is not fentanyl.

    Returns
    -------
    DataFrame
        Columns id, route, kind (`inspected`, `planned`, `cocaine`, `screened`), quantity, qualifier, printed, fraction,
        when; where the printed figure counts what escaped, the fraction is the rest.

    Examples
    --------
    >>> rates = interceptions()
    >>> rates.loc[rates["kind"] == "inspected", "fraction"].agg(["min", "max"]).tolist()
    [0.02, 0.18]
    """
    found = _rows(_RATES.index, as_of)
    told, printed = _RATES.loc[found["quantity"]].reset_index(drop=True), found["value"] / 100
    fraction = printed.mask(told["escaped"], 1 - printed).round(12)
    return found.assign(route=told["route"], kind=told["kind"], printed=printed, fraction=fraction)[
        ["id", "route", "kind", "quantity", "qualifier", "printed", "fraction", "when"]
    ]


def purity(route: str, as_of: str | date | None = None) -> Range:
    """The span of the printed purities of a route.

    Raises
    ------
    NotPublished
        If none was known by `as_of`.

    Examples
    --------
    >>> purity("direct").interval, purity("other", "2018-12-31").ids
    (Interval(low=0.9, high=0.95, closed='both'), ('F062a', 'F062b'))
    """
    found = purities(as_of)
    return _range(found[found["route"] == route], f"purity of the {route} route")


def inspection(as_of: str | date | None = None) -> Range:
    """The span of the printed shares of vehicles that are scanned, inspected or searched; plans are left out.

    Raises
    ------
    NotPublished
        If none was known by `as_of`.

    Examples
    --------
    >>> inspection().words
    '2 to 18%'
    """
    found = interceptions(as_of)
    return _range(found[found["kind"] == INSPECTED], "share of vehicles inspected")


def consumption(as_of: str | date | None = None) -> tuple[float, str]:
    """The published ceiling of a year's consumption, in tonnes of pure fentanyl, and its row.

    Raises
    ------
    NotPublished
        If it was not known by `as_of`.

    Examples
    --------
    >>> consumption()
    (10.0, 'F110')
    """
    found = _rows([_CONSUMPTION], as_of, unit="tonnes-pure")
    if found.empty:
        raise NotPublished("no figure of consumption was published")
    return float(found["value"].iloc[0]), str(found["id"].iloc[0])


def _range(found: pd.DataFrame, what: str) -> Range:
    if found.empty:
        raise NotPublished(f"no {what} was published")
    low, high = float(found["fraction"].min()), float(found["fraction"].max())
    return Range(Interval(low, high), tuple(found["id"]))


def _rows(quantities: Iterable[str], as_of: str | date | None, unit: str = "percent") -> pd.DataFrame:
    figures = load_or_empty("published-figures", as_of)
    found = figures[figures["quantity"].isin(list(quantities)) & (figures["unit"] == unit) & figures["value"].notna()]
    when = [_when(row.period_start, row.period_end, row.date_published) for row in found.itertuples()]
    qualifier = found["qualifier"].replace("bare", "").fillna("")
    return found.assign(value=found["value"].astype(float), qualifier=qualifier, when=when).reset_index(drop=True)


def _when(start: object, end: object, published: object) -> str:
    if isinstance(start, str) and isinstance(end, str) and start and end:
        return start[:4] if start[:4] == end[:4] else f"{start[:7]} to {end[:7]}"
    return f"stated {published}"


KINDEST = "coastal-interior,northern-border"
"""All that was not caught at the Southwest border: no stand-in of the seizure file gives the direct route more."""
MAIL = "mail"
_PARTS = ("region", "component", "land_filter")
_COLUMNS = ["period", "end", "what", "direct_lb", "other_lb", "status", "basis"]
MAIL_FROM_CHINA = "CBP fentanyl seized in mail and express shipments from China"
FROM_MEXICO = "CBP fentanyl seized from Mexico"
_HUBS = ("CBP fentanyl at express consignment hubs", "CBP fentanyl at international mail branches")


def words(direct: str) -> str:
    """The stand-in as a reader reads it.

    >>> words("coastal-interior,northern-border"), words("mail")
    ('coastal interior, northern border', 'mail and express')
    """
    if direct == MAIL:
        return "mail and express"
    return ", ".join(" ".join(token.replace("/", " ").split("-")) for token in _tokens(direct))


def require(direct: str) -> str:
    """The stand-in, checked: regions (`coastal-interior`), narrowed by component or land filter, or `mail` alone.

    Raises
    ------
    DataError
        If a word is not one of the seizure file (close ones are suggested), or `mail` stands with others.

    Examples
    --------
    >>> require("coastal-interior/ofo,southwest-border/other")
    'coastal-interior/ofo,southwest-border/other'
    """
    tokens = _tokens(direct)
    if direct == MAIL:
        return direct
    if not tokens:
        raise DataError("no stand-in for the direct route is named; write regions such as coastal-interior, or mail")
    if MAIL in tokens:
        raise DataError("mail stands alone: the seizure file does not tell mail from other arrivals in the interior")
    options = [word for column in _PARTS for word in _vocabulary()[column]]
    for token in tokens:
        for part in token.split("/"):
            if part not in options:
                raise DataError(unknown("part of the seizure file", part, [*options, MAIL]))
    return direct


def routes(direct: str = KINDEST, as_of: str | date | None = None) -> pd.DataFrame:
    """Seized weight of the direct route under a stand-in, and of all others.

    Parameters
    ----------
    direct
        Parts of the seizure file joined by commas, each a region, a component (`ofo`, `usbp`) or a land filter, or
        several of these joined by a slash; or `mail`: published weights of mail and express, from China and against
        seizures from Mexico in 2018 and 2019, of any origin and against all else in FY2020 to FY2022.
    as_of
        Use only what was known on that day.

    Returns
    -------
    DataFrame
        One row a period, in order of time. Columns period, end (last day), what (the stand-in in words), direct_lb and
        other_lb (gross pounds), status (`closed`, `open`), basis (dataset, or ids of published figures).

    Raises
    ------
    DataError
        If a word is not one of the seizure file, or the stand-in leaves nothing to the other route.

    Examples
    --------
    >>> routes().set_index("period").loc["FY2023", ["direct_lb", "other_lb"]].round(1).tolist()
    [305.0, 26717.8]
    >>> routes("mail")["period"].tolist()
    ['2018', '2019', 'FY2020', 'FY2021', 'FY2022']
    """
    require(direct)
    if direct == MAIL:
        return _mail(as_of)
    made: list[tuple[object, ...]] = []
    table = _flagged(direct, as_of)
    for year, part in table.groupby("fiscal_year"):
        pounds, on = part["pounds"].to_numpy(dtype=float), part["direct"].to_numpy(dtype=bool)
        made.append((f"FY{year}", _end(f"FY{year}"), words(direct), float(pounds[on].sum()), float(pounds[~on].sum()),
                     part["status"].iloc[0], "cbp-seizures"))  # fmt: skip
    return _weights(made, table.attrs, f"No weights for “{words(direct)}” were published by {as_of}.")


def before(as_of: str | date | None = None) -> pd.DataFrame:
    """The published years up to the start of the seizure file, each with the stand-in that its figures allow.

    Returns
    -------
    DataFrame
        As `routes`; no row for what was not known by `as_of`.

    Examples
    --------
    >>> before().set_index("period").loc["2017", ["direct_lb", "other_lb"]].tolist()
    [342.5, 1027.5]
    """
    figures = load_or_empty("published-figures", as_of)
    made: list[tuple[object, ...]] = []
    for early in _WORDS["early"]:
        period = early["period"]
        whole, border = (printed_figure(figures, early[name], period) for name in ("total", "share"))
        if whole and border:
            other = whole[1] * border[1] / 100
            basis = f"{whole[0]}, {border[0]}"
            made.append((period, _end(period), early["what"], whole[1] - other, other, "closed", basis))
    made += _china_and_mexico(figures)
    frame = _weights(made, figures.attrs, f"No weights of years before the seizure file were published by {as_of}.")
    return frame.sort_values(["end", "period"], kind="stable", ignore_index=True)


def _flagged(direct: str, as_of: str | date | None) -> pd.DataFrame:
    """The seizure file with a column that says of each row whether it counts as direct."""
    table = load_or_empty("cbp-seizures", as_of)
    flags = pd.Series(False, index=table.index)
    for token in _tokens(direct):
        wanted = [pd.concat([table[c] == part for c in _PARTS], axis=1).any(axis=1) for part in token.split("/")]
        flags |= pd.concat(wanted, axis=1).all(axis=1)
    if len(table) and bool(flags.all()):
        raise DataError(f"{direct!r} counts every seizure as direct; leave a region to the other route")
    return table.assign(direct=flags)


def _mail(as_of: str | date | None) -> pd.DataFrame:
    figures, table = load_or_empty("published-figures", as_of), load_or_empty("cbp-seizures", as_of)
    made = _china_and_mexico(figures)
    for year, pounds in table.groupby("fiscal_year")["pounds"].sum().items():
        period, total = f"FY{year}", float(pounds)
        parts = [part for name in _HUBS if (part := printed_figure(figures, name, period))]
        if len(parts) == len(_HUBS):
            direct = sum(value for _, value in parts)
            cited = ", ".join([*(name for name, _ in parts), "cbp-seizures"])
            made.append((period, _end(period), "mail and express of any origin, against all else", direct, total - direct,
                         "closed", cited))  # fmt: skip
    sources = tuple(frame.attrs["source"] for frame in (table, figures) if "source" in frame.attrs)
    return _weights(made, {"sources": sources}, f"No weight of mail and express was published by {as_of}.")


def _weights(made: list[tuple[object, ...]], attrs: Mapping[Any, Any], nothing: str) -> pd.DataFrame:
    frame = pd.DataFrame(made, columns=_COLUMNS).astype({"direct_lb": float, "other_lb": float})
    frame.attrs = {name: attrs[name] for name in ("source", "sources") if attrs.get(name)}
    if frame.empty:
        frame.attrs["empty"] = nothing
    return frame


def _china_and_mexico(figures: pd.DataFrame) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for period in ("2018", "2019"):
        china, mexico = (printed_figure(figures, name, period) for name in (MAIL_FROM_CHINA, FROM_MEXICO))
        if china and mexico:
            made.append((period, _end(period), "mail and express from China, against seizures from Mexico", china[1], mexico[1],
                         "closed", f"{china[0]}, {mexico[0]}"))  # fmt: skip
    return made


def printed_figure(figures: pd.DataFrame, quantity: str, period: str) -> tuple[str, float] | None:
    """Id and value of the figure that was printed of a quantity for exactly this year or fiscal year, if there is one."""
    days = Period.parse(period)
    ends = [days.start.isoformat(), days.end.isoformat()]
    rows = figures[(figures["quantity"] == quantity) & figures["value"].notna()]
    rows = rows[(rows["period_start"] == ends[0]) & (rows["period_end"] == ends[1])]
    return None if rows.empty else (str(rows["id"].iloc[0]), float(rows["value"].iloc[0]))


def _end(period: str) -> date:
    return Period.parse(period).end


def _tokens(direct: str) -> list[str]:
    return [token.strip() for token in direct.split(",") if token.strip()]


def _vocabulary() -> Mapping[str, list[str]]:
    from ..data.contracts import CONTRACTS

    return CONTRACTS["cbp-seizures"].words  # type: ignore[return-value]


LEVEL = 0.95
RATIOS = (0.1, 10_000.0)
CLASS_CONTROL = date(2019, 5, 1)
"""The day on which Chinese control of fentanyl substances as a class took effect (events: S56)."""
_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What leads from seizures to a flow; fractions, and tonnes of pure fentanyl a year.

    Purities and interception rates are ranges of the direct route and of all others together.

    Raises
    ------
    StatsError
        If a purity or rate is not in (0, 1], the consumption is not above 0, or the seed is no whole number from 0 on.
    """

    purity_direct: Interval
    purity_other: Interval
    interception_direct: Interval
    interception_other: Interval
    consumption_tonnes: float
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("purity_direct", "purity_other", "interception_direct", "interception_other"):
            ends: Interval = getattr(self, name)
            if not 0 < ends.low <= ends.high <= 1:
                what = name.replace("_", " of the ") + " route"
                raise StatsError(f"{what} must lie above 0 and at most at 1 (write 90% as 0.9), got {ends}")
        if not 0 < self.consumption_tonnes < math.inf:
            raise StatsError(f"consumption must be above 0 tonnes of pure drug a year, got {self.consumption_tonnes:g}")
        if self.seed < 0:
            raise StatsError(f"seed must be a whole number from 0 on, got {self.seed}")

    @property
    def ratio(self) -> Interval:
        """How many times as often as the direct route the other may be intercepted."""
        direct, other = self.interception_direct, self.interception_other
        return Interval(other.low / direct.high, other.high / direct.low)


def as_published(as_of: str | date | None = None) -> Assumptions:
    """The assumptions that published figures give; the inspection of vehicles stands in for interception on both routes.

    Raises
    ------
    NotPublished
        If one of them was not known by `as_of`.

    Examples
    --------
    >>> known = as_published()
    >>> print(known.purity_direct, known.purity_other, known.ratio, known.consumption_tonnes)
    [0.90, 0.95] [0.10, 0.30] [0.11, 9] 10.0
    """
    direct, other = purity("direct", as_of).interval, purity("other", as_of).interval
    rate = inspection(as_of).interval
    return Assumptions(direct, other, rate, rate, consumption(as_of)[0])


def assumptions(assumed: Assumptions, as_of: str | date | None = None) -> pd.DataFrame:
    """Each assumption beside what was published of it.

    Returns
    -------
    DataFrame
        Columns assumption, low, high, unit (`%`, `times`, `tonnes`), published_low, published_high, id (the figures,
        joined by commas; "" for none) and remark.

    Examples
    --------
    >>> assumptions(as_published()).set_index("assumption").loc["purity, all else", ["low", "published_high"]].tolist()
    [10.0, 30.0]
    """

    def spoken(ask: Any, route: str = "") -> tuple[float, float, str]:
        try:
            found: Range = ask(*filter(None, (route,)), as_of=as_of)
        except NotPublished:
            return math.nan, math.nan, ""
        return 100 * found.interval.low, 100 * found.interval.high, ", ".join(found.ids)

    try:
        ceiling, figure = consumption(as_of)
    except NotPublished:
        ceiling, figure = math.nan, ""
    vehicles = "published of vehicles inspected at the border; of fentanyl nothing is"
    a = assumed
    rows = [
        ("purity, straight from China", *_hundred(a.purity_direct), "%", *spoken(purity, "direct"), ""),
        ("purity, all else", *_hundred(a.purity_other), "%", *spoken(purity, "other"), ""),
        ("interception, straight from China", *_hundred(a.interception_direct), "%", *spoken(inspection), vehicles),
        ("interception, all else", *_hundred(a.interception_other), "%", *spoken(inspection), vehicles),
        ("how many times as often all else is intercepted", a.ratio.low, a.ratio.high, "times", math.nan, math.nan, "",
         "no source gives this ratio"),
        ("consumed in a year, pure", math.nan, a.consumption_tonnes, "tonnes", math.nan, ceiling, figure,
         "a ceiling for 2021, in a thought experiment of its authors"),
    ]  # fmt: skip
    columns = ["assumption", "low", "high", "unit", "published_low", "published_high", "id", "remark"]
    return pd.DataFrame(rows, columns=columns)


def _hundred(ends: Interval) -> tuple[float, float]:
    return 100 * ends.low, 100 * ends.high


_SHARES = ["gross", "pure_low", "pure_high", "flow_low", "flow_high", "tipping_gross", "tipping_low", "tipping_high",
           "needed_low", "needed_high", "purity_needed"]  # fmt: skip


def shares(seized: pd.DataFrame, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What each period's seizures say of the direct share, and what the claimed share would take.

    Parameters
    ----------
    seized
        Weight by route, as `routes` gives it.
    target
        The claimed share, a fraction in (0, 1).

    Returns
    -------
    DataFrame
        The columns of `seized`, and as fractions: gross; pure_low, pure_high over the assumed purities; flow_low,
        flow_high over the assumed interception; the tipping ratios, how many times as often as the direct route all else
        would have to be intercepted, at gross weight (tipping_gross) and at the kindest and the harshest purity
        (tipping_low, tipping_high; infinite if nothing was seized on the direct route); needed_low, needed_high, the part
        of all that came otherwise that would have to be of the same origin; purity_needed, the purity of the other route
        at which the seized share itself would be the target.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> years = shares(routes(), as_published(), 0.97).set_index("period")
    >>> years.loc["FY2023", ["pure_low", "pure_high"]].round(3).tolist(), round(years.loc["FY2023", "tipping_low"])
    ([0.033, 0.098], 298)
    """
    made = [
        _share(float(d), float(o), assumed, target)
        for d, o in zip(seized["direct_lb"], seized["other_lb"], strict=True)
    ]
    frame = pd.concat([seized.reset_index(drop=True), pd.DataFrame(made, columns=_SHARES, dtype=float)], axis=1)
    frame.attrs = dict(seized.attrs) | {
        "note": f"Gross pounds made pure with {percent(assumed.purity_direct)} for the direct route and "
        f"{percent(assumed.purity_other)} for the other, the end of each that favours the claim. No source gives an "
        "interception ratio."
    }
    return frame


def resampled(direct: str, assumed: Assumptions, as_of: str | date | None = None) -> pd.DataFrame:
    """How far the pure share of a year hangs on single rows of the seizure file, which are sums of an office and a month.

    Single seizures are heavier-tailed than their sums, so the interval is a least width.

    Returns
    -------
    DataFrame
        Columns period; im_low, im_high (fractions), an Imbens–Manski 95 % interval around the share over the assumed
        purities; effective_rows, how many rows of one weight would be as informative. Without a row for `mail`, of which
        totals alone are published.

    Examples
    --------
    >>> resampled(KINDEST, as_published()).set_index("period").loc["FY2023"].round(3).tolist()
    [0.016, 0.145, 26.197]
    """
    require(direct)
    made = []
    for year, part in _flagged(direct, as_of).groupby("fiscal_year") if direct != MAIL else ():
        weight, on = part["pounds"].to_numpy(dtype=float), part["direct"].to_numpy(dtype=bool)
        made.append((f"FY{year}", *_resampled(weight, on, assumed)))
    frame = pd.DataFrame(made, columns=["period", "im_low", "im_high", "effective_rows"])
    frame.attrs["empty"] = "No single rows are held to resample."
    return frame


def judged(years: pd.DataFrame, period: str = "") -> str:
    """The period to look at: the one named, if the frame has it, else the newest closed one; "" of an empty frame.

    >>> judged(routes(), "FY2023"), judged(routes("mail"), "FY2023"), judged(routes().head(0))
    ('FY2023', 'FY2022', '')
    """
    named, closed = years[years["period"] == period], years[years["status"] == "closed"]
    return next((str(rows["period"].iloc[-1]) for rows in (named, closed, years) if len(rows)), "")


def tipping(share: float, target: float) -> float:
    """`selection.tipping_ratio` at every share: infinite at 0, and 0 at 1.

    >>> tipping(0.0, 0.97), tipping(1.0, 0.97), round(tipping(0.75, 0.97), 2)
    (inf, 0.0, 10.78)
    """
    from ..stats.selection import tipping_ratio

    if share in (0.0, 1.0):
        tipping_ratio(0.5, target)  # an impossible target is told either way
        return math.inf if share == 0 else 0.0
    return float(tipping_ratio(share, target))


def flow(share: float, ratio: float) -> float:
    """`selection.true_share` at every share: 0 stays 0 and 1 stays 1.

    >>> flow(0.0, 9), round(flow(0.75, 10), 3)
    (0.0, 0.968)
    """
    from ..stats.selection import true_share

    return float(true_share(share, ratio)) if 0 < share < 1 else share


def curves(years: pd.DataFrame, points: int = 121) -> pd.DataFrame:
    """The direct share of the flow over the interception ratio, at the kindest purity, one curve a period.

    Returns
    -------
    DataFrame
        Columns period, ratio (from 0.1 to 10,000, evenly in logarithms) and share.

    Examples
    --------
    >>> frame = pd.DataFrame({"period": ["FY2023"], "pure_high": [0.5]})
    >>> curves(frame, points=6)["share"].round(3).tolist()
    [0.091, 0.5, 0.909, 0.99, 0.999, 1.0]
    """
    ratios = np.geomspace(*RATIOS, points)
    rows = [
        (p, r, flow(float(s), float(r)))
        for p, s in zip(years["period"], years["pure_high"], strict=True)
        for r in ratios
    ]
    return pd.DataFrame(rows, columns=["period", "ratio", "share"])


def contrast(early: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """The shares of published early years and of later ones in order of time, grouped around `CLASS_CONTROL`.

    Returns
    -------
    DataFrame
        Columns of `shares` and group: `before May 2019`, `in the year around May 2019`, `after May 2019`; a period and
        stand-in that both frames hold stands once.

    Examples
    --------
    >>> parts = [shares(found, as_published(), 0.97) for found in (before(), routes())]
    >>> contrast(*parts).groupby("group", sort=False)["period"].agg(list).iloc[:2].tolist()
    [['FY2017', '2017', '2018'], ['FY2019', '2019']]
    """
    rows = pd.concat([part for part in (early, years) if len(part)] or [years], ignore_index=True)
    rows.attrs = dict(years.attrs)
    sources = [s for part in (early, years) for s in part.attrs.get("sources", (part.attrs.get("source"),)) if s]
    rows.attrs["sources"] = tuple(dict.fromkeys(sources))
    rows = rows.drop_duplicates(["period", "what", "direct_lb"])
    rows = rows.sort_values(["end", "period"], kind="stable", ignore_index=True)
    day = f"{CLASS_CONTROL:%B %Y}"
    spans = [Period.parse(period) for period in rows["period"]]
    group = [
        f"before {day}" if span.end < CLASS_CONTROL else f"after {day}" if span.start >= CLASS_CONTROL else f"in the year around {day}"
        for span in spans
    ]  # fmt: skip
    return rows.assign(group=group)


def by_purity(
    seized: pd.DataFrame, assumed: Assumptions, target: float, as_of: str | date | None = None
) -> pd.DataFrame:
    """What each published purity alone implies; the other route's purity is held where it favours the claim most.

    Returns
    -------
    DataFrame
        One row a period and figure. Columns period, id, route, quantity, qualifier, fraction (the purity), when; pure (the
        direct share of the seized pure weight) and tipping (the ratio that the claimed share would take).

    Examples
    --------
    >>> implied = by_purity(routes(), as_published(), 0.97).query("period == 'FY2023'").set_index("id")
    >>> implied.loc["F062b", ["pure", "tipping"]].round(3).tolist()
    [0.035, 894.387]
    """
    rows = seized[["period", "direct_lb", "other_lb"]].merge(purities(as_of), how="cross")
    direct = rows["fraction"].where(rows["route"] == "direct", assumed.purity_direct.high)
    other = rows["fraction"].where(rows["route"] == "other", assumed.purity_other.low)
    weights = zip(rows["direct_lb"], rows["other_lb"], direct, other, strict=True)
    pure = [_pure(*map(float, row)) for row in weights]
    made = rows.assign(pure=pure, tipping=[tipping(share, target) for share in pure])
    return _about(made.drop(columns=["direct_lb", "other_lb"]), seized)


def by_interception(years: pd.DataFrame, as_of: str | date | None = None) -> pd.DataFrame:
    """What each published rate implies if it were the interception of its route: the rate the claim needs of the other.

    Parameters
    ----------
    years
        Columns period and tipping_low, as `shares` gives them.

    Returns
    -------
    DataFrame
        One row a period and figure. Columns period, id, route, kind, quantity, qualifier, printed, fraction, when;
        needed, the rate of the opposite route at which the claim would hold; possible, whether that is at most 1.

    Examples
    --------
    >>> implied = by_interception(pd.DataFrame({"period": ["FY2023"], "tipping_low": [300.0]})).set_index("id")
    >>> implied.loc[["F112b", "F116b"], "needed"].round(6).tolist()
    [0.0005, 171.0]
    """
    rows = years[["period", "tipping_low"]].merge(interceptions(as_of), how="cross")
    ratio = rows["tipping_low"].astype(float)
    ratio = ratio.where((ratio > 0) & (ratio < math.inf))
    needed = (rows["fraction"] / ratio).where(rows["route"] == "other", rows["fraction"] * ratio)
    return _about(rows.assign(needed=needed, possible=needed <= 1).drop(columns="tipping_low"), years)


def _about(made: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """The frame with what is said of an empty one."""
    made.attrs = {"empty": years.attrs.get("empty", "No figure was published by that day.")}
    return made


def _share(d: float, o: float, assumed: Assumptions, target: float) -> tuple[float, ...]:
    from ..stats.selection import origin_needed

    low = _pure(d, o, assumed.purity_direct.low, assumed.purity_other.high)
    high = _pure(d, o, assumed.purity_direct.high, assumed.purity_other.low)
    gross = _pure(d, o, 1.0, 1.0)
    flow_low, flow_high = flow(low, assumed.ratio.low), flow(high, assumed.ratio.high)
    return (
        gross, low, high, flow_low, flow_high, tipping(gross, target), tipping(high, target), tipping(low, target),
        float(origin_needed(flow_high, target)), float(origin_needed(flow_low, target)),
        d * assumed.purity_direct.high * (1 - target) / (target * o) if o > 0 else math.inf,
    )  # fmt: skip


def _pure(direct_lb: float, other_lb: float, purity_direct: float, purity_other: float) -> float:
    from ..stats.selection import pure_share

    return float(pure_share([direct_lb, other_lb], [purity_direct, purity_other])[0])


def _resampled(weight: np.ndarray, direct: np.ndarray, assumed: Assumptions) -> tuple[float, float, float]:
    """Both bounds with the error that resampled rows give them, after Imbens and Manski; missing if a route has no weight."""
    from ..stats.flows import effective_events, resample
    from ..stats.selection import imbens_manski

    ends, spread = [], []
    for pure, cut in (
        (assumed.purity_direct.low, assumed.purity_other.high),
        (assumed.purity_direct.high, assumed.purity_other.low),
    ):
        try:
            draws = resample(weight * np.where(direct, pure, cut), direct, draws=_DRAWS, seed=assumed.seed).draws
        except StatsError:  # one route holds no weight: nothing to resample
            return math.nan, math.nan, effective_events(weight)
        ends.append(_pure(float(weight[direct].sum()), float(weight[~direct].sum()), pure, cut))
        spread.append(float(np.std(draws, ddof=1)))
    c = imbens_manski(ends[1] - ends[0], spread[0], spread[1], LEVEL)
    wide = Interval(ends[0] - c * spread[0], ends[1] + c * spread[1]).clipped(0.0, 1.0)
    return wide.low, wide.high, effective_events(weight)


_BALANCE = [
    "period", "seized_kg_low", "seized_kg_high", "interception_low", "interception_high", "share_low", "share_high",
    "direct_rate", "other_rate", "possible", "simulated", "simulated_low", "simulated_high",
    "effective_draws",
]  # fmt: skip


def balance(seized: pd.DataFrame, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What the consumption figure says of the direct share, whatever the interception.

    Flow is what was seized and what was consumed, both pure; stocks, losses and exports are left out. The figure is a
    ceiling, so the bounds are the widest that it allows. Open years are left out: their seizures are not a year's.

    Returns
    -------
    DataFrame
        Columns period; seized_kg_low, seized_kg_high (pure); interception_low, interception_high of the whole flow;
        share_low, share_high, the direct shares of the flow that remain possible; direct_rate, other_rate, the
        interception of each route if the claimed share held at the kindest purity; possible, whether both are at most 1, so
        that consumption alone does not exclude the claim; simulated, simulated_low, simulated_high, median and 95 %
        interval of the direct share by `simulate`, and effective_draws, how many draws of equal weight it is worth (the
        fewer, the less it says); missing where the assumptions exclude each other.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> row = balance(routes(), as_published(), 0.97).set_index("period").loc["FY2023"]
    >>> round(float(row["share_high"]), 2), bool(row["possible"])
    (0.89, False)
    """
    rows = []
    for row in seized[seized["status"] == "closed"].itertuples():
        d, o = float(str(row.direct_lb)), float(str(row.other_lb))
        kindest, harshest, most, least = (
            _balance(d, o, direct, other, assumed.consumption_tonnes)
            for direct, other in (
                (assumed.purity_direct.high, assumed.purity_other.low),
                (assumed.purity_direct.low, assumed.purity_other.high),
                (assumed.purity_direct.high, assumed.purity_other.high),
                (assumed.purity_direct.low, assumed.purity_other.low),
            )
        )
        rates = kindest.rates(target)
        rows.append((
            row.period, float(least.seized_kg.sum()), float(most.seized_kg.sum()), least.interception, most.interception,
            harshest.bounds.low, kindest.bounds.high, float(rates.loc["direct", "interception"]),
            float(rates.loc["other", "interception"]), bool(rates["possible"].all()), *_simulated(d, o, assumed),
        ))  # fmt: skip
    frame = pd.DataFrame(rows, columns=_BALANCE)
    nothing = "No period is closed, so seizures and consumption cannot be set against each other."
    frame.attrs["empty"] = seized.attrs.get("empty", nothing)
    return frame


def _simulated(direct_lb: float, other_lb: float, assumed: Assumptions) -> tuple[float, float, float, float]:
    try:
        made = simulate(direct_lb, other_lb, assumed)
    except StatsError:
        return (math.nan,) * 4
    return made.share.value or 0.0, made.share.low, made.share.high, made.effective_draws


def simulate(direct_lb: float, other_lb: float, assumed: Assumptions, *, consumption: bool = True) -> MonteCarlo:
    """The direct share of a flow by Monte Carlo: purities even and rates log-even over their ranges, consumption even up
    to its ceiling.

    Raises
    ------
    StatsError
        If nothing was seized, or interception and consumption exclude each other.

    Examples
    --------
    >>> round(simulate(614.9, 10586.4, as_published(), consumption=False).share.value, 1)
    0.2
    """
    from scipy import stats

    from ..stats.flows import monte_carlo

    def even(ends: Interval) -> Any:
        return ends.low if ends.low == ends.high else stats.uniform(ends.low, ends.high - ends.low)

    def log_even(ends: Interval) -> Any:
        return ends.low if ends.low == ends.high else stats.loguniform(ends.low, ends.high)

    return monte_carlo(
        {"direct": direct_lb, "other": other_lb},
        {"direct": even(assumed.purity_direct), "other": even(assumed.purity_other)},
        {"direct": log_even(assumed.interception_direct), "other": log_even(assumed.interception_other)},
        stats.uniform(0, assumed.consumption_tonnes) if consumption else None,
        seized_unit="lb",
        consumption_unit="t" if consumption else None,
        seed=assumed.seed,
    )


def _balance(direct_lb: float, other_lb: float, direct: float, other: float, consumed_tonnes: float) -> MassBalance:
    from ..stats.flows import mass_balance

    return mass_balance([direct_lb, other_lb], [direct, other], consumed_tonnes, seized_unit="lb", consumed_unit="t")


def _claimed(target: float) -> str:
    return f"{number(round(100 * target, 6))}%"


def ratio_sentence(years: pd.DataFrame, assumed: Assumptions, target: float) -> str:
    """What the claimed share takes over all periods of `shares`, and in how many the assumed interception is enough."""
    if years.empty:
        return str(years.attrs["empty"])
    ratios = years.set_index("period")["tipping_low"]
    ends = dict.fromkeys(f"{times(ratios[period])} ({period})" for period in (ratios.idxmin(), ratios.idxmax()))
    return (
        f"Even with the purities that favour it most, {_claimed(target)} takes all else being intercepted "
        f"{' to '.join(ends)} as often. At most {times(assumed.ratio.high)} is assumed to be plausible, which is enough in "
        f"{int((ratios <= assumed.ratio.high).sum())} of {len(ratios)} periods."
    )


def year_sentence(years: pd.DataFrame, assumed: Assumptions, target: float, period: str) -> str:
    """What the seizures of one period of `shares` say, and what the claimed share would take in it."""
    found = years[years["period"] == period]
    if found.empty:
        return "" if years.empty else f"No weights are held for {period}."
    row, most, claimed = found.iloc[0], assumed.ratio.high, _claimed(target)
    if math.isinf(row["tipping_low"]):
        return f"In {period} nothing was seized on the direct route; no interception ratio makes that {claimed}."
    reached = years.loc[years["tipping_low"] <= most, "period"]
    return (
        f"In {period}, {100 * row['gross']:.1f}% of the seized weight and {percent(Interval(row['pure_low'], row['pure_high']))} "
        f"of the pure weight were on the direct route. For {claimed} of the flow, all else would have to be intercepted "
        f"{times(row['tipping_low'], row['tipping_high'])} as often as the direct route by pure weight (the picture shows the "
        f"lower number, which favours the claim); were everything equally pure, that is by raw weight, "
        f"{times(row['tipping_gross'])}. The assumed interception allows up to {times(most)}, which reaches {claimed} in "
        f"{', '.join(reached) or 'no year'}."
    )


def balance_sentence(balances: pd.DataFrame, target: float) -> str:
    """In which years of `balance` the claimed direct share cannot be."""
    if balances.empty:
        return str(balances.attrs["empty"])
    impossible, claimed = balances.loc[~balances["possible"], "period"], _claimed(target)
    if impossible.empty:
        return f"Seizures and the assumed consumption exclude a direct share of {claimed} in no year."
    return (
        f"With the assumed consumption and purities, a direct share of {claimed} is impossible in "
        f"{', '.join(impossible)}: more pure fentanyl was seized on a route than could have flowed there."
    )


def contrast_sentence(rows: pd.DataFrame, target: float) -> str:
    """How the shares of `contrast` changed with the class control of 2019."""
    if rows.empty:
        return str(rows.attrs["empty"])
    parts = []
    for group, found in rows.groupby("group", sort=False):
        span = percent(Interval(found["pure_low"].min(), found["pure_high"].max()))
        possible = ", ".join(found.loc[found["flow_high"] >= target, "period"]) or "no period"
        said = f"the direct route had {span} of the seized pure weight, and within the assumed interception"
        when = f"{str(group)[0].upper()}{str(group)[1:]}"
        parts.append(f"{when}, {said} {_claimed(target)} of the flow was possible in {possible}.")
    return " ".join(parts)


def evidence(years: pd.DataFrame, period: str, least: float) -> pd.DataFrame:
    """What kind of evidence would settle the question, and what it would have to show in one period of `shares`.

    Parameters
    ----------
    least
        The least share that the claim's words allow, a fraction.

    Returns
    -------
    DataFrame
        Columns evidence; confirms (what it would have to find), from and to (the threshold, a number of times or a
        fraction; missing where there is none), refutes.

    Examples
    --------
    >>> settle = evidence(shares(routes(), as_published(), 0.97), "FY2023", 0.965)
    >>> settle["from"].head(2).round(3).tolist()
    [298.129, 0.965]
    """
    found = years[years["period"] == period]
    held = {"least": least} | (found.iloc[0].to_dict() if len(found) else {})
    rows = [
        (
            kind["evidence"],
            kind["confirms"],
            *(held.get(kind.get(end, ""), math.nan) for end in ("from", "to")),
            kind["refutes"],
        )
        for kind in _WORDS["evidence"]
    ]
    return pd.DataFrame(rows, columns=["evidence", "confirms", "from", "to", "refutes"])
