"""From seizures to the flow: what the claimed share would take, under stated assumptions and published figures."""

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
from ..errors import DataError, NotPublished, StatsError, unknown
from ..model import Interval, Period, Source

if TYPE_CHECKING:
    from ..stats.flows import MassBalance, MonteCarlo


_PURITY = {
    "purity of fentanyl shipped directly from China": "direct",
    "purity of Chinese fentanyl, low end": "direct",
    "purity of Chinese fentanyl, high end": "direct",
    "purity of fentanyl arriving overland from Mexico": "other",
    "purity of fentanyl at the southwest border, low end": "other",
    "purity of fentanyl at the southwest border, high end": "other",
    "average purity of fentanyl powder": "other",
}
INSPECTED, PLANNED, COCAINE, SCREENED = "inspected", "planned", "cocaine", "screened"
_RATES = {
    "passenger vehicles scanned": ("other", INSPECTED, False),
    "commercial vehicles scanned": ("other", INSPECTED, False),
    "passenger vehicles inspected, historically": ("other", INSPECTED, False),
    "cargo vehicles inspected, historically": ("other", INSPECTED, False),
    "vehicles from Mexico searched": ("other", INSPECTED, False),
    "passenger vehicles to be scanned, target": ("other", PLANNED, False),
    "cargo vehicles to be scanned, target": ("other", PLANNED, False),
    "cocaine seizure effectiveness rate, land route": ("other", COCAINE, False),
    "foreign packages with advance electronic data": ("direct", SCREENED, False),
    "parcels from China without advance electronic data": ("direct", SCREENED, True),
    "CBP-flagged packages the postal service failed to hold": ("direct", SCREENED, True),
}
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


def purities(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published purity of powder: what comes straight from China, and what comes otherwise.

    Milligrams in a pill are no purity: no weight of a pill is held to divide by.

    Returns
    -------
    DataFrame
        Columns id, route (`direct`, `other`), quantity, printed (in words), fraction, when.

    Raises
    ------
    NotPublished
        If no published figure was known by `as_of`.

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
        ["id", "route", "quantity", "printed", "fraction", "when"]
    ]


def interceptions(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published rate of inspection, screening or seizure, by the route that it speaks of.

    None is the interception of fentanyl: inspected is not found, screened is not opened, cocaine is not fentanyl.

    Returns
    -------
    DataFrame
        Columns id, route, kind (`inspected`, `planned`, `cocaine`, `screened`), quantity, printed, fraction, when; where
        the figure counts what escaped, the fraction is the rest.

    Raises
    ------
    NotPublished
        If no published figure was known by `as_of`.

    Examples
    --------
    >>> rates = interceptions()
    >>> rates.loc[rates["kind"] == "inspected", "fraction"].agg(["min", "max"]).tolist()
    [0.02, 0.18]
    """
    found = _rows(_RATES, as_of)
    route, kind, escaped = (found["quantity"].map({name: row[i] for name, row in _RATES.items()}) for i in range(3))
    share = found["value"] / 100
    fraction = share.mask(escaped.astype(bool), 1 - share).round(12)
    return found.assign(route=route, kind=kind, fraction=fraction)[
        ["id", "route", "kind", "quantity", "printed", "fraction", "when"]
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
    figures = store.load("published-figures", as_of=as_of)
    found = figures[figures["quantity"].isin(list(quantities)) & (figures["unit"] == unit) & figures["value"].notna()]
    printed = [
        f"{'' if pd.isna(row.qualifier) or row.qualifier == 'bare' else row.qualifier} {row.value:g}%".strip()
        for row in found.itertuples()
    ]
    when = [_when(row.period_start, row.period_end, row.date_published) for row in found.itertuples()]
    return found.assign(value=found["value"].astype(float), printed=printed, when=when).reset_index(drop=True)


def _when(start: object, end: object, published: object) -> str:
    if isinstance(start, str) and isinstance(end, str) and start and end:
        return start[:4] if start[:4] == end[:4] else f"{start[:7]} to {end[:7]}"
    return f"stated {published}"


KINDEST = "coastal-interior,northern-border"
"""All that was not caught at the Southwest border: no stand-in of the seizure file gives the direct route more."""
MAIL = "mail"
_PARTS = ("region", "component", "land_filter")
_COLUMNS = ["period", "end", "what", "direct_lb", "other_lb", "status", "basis"]
_MAIL_FROM_CHINA = "CBP fentanyl seized in mail and express shipments from China"
_FROM_MEXICO = "CBP fentanyl seized from Mexico"
_HUBS = ("CBP fentanyl at express consignment hubs", "CBP fentanyl at international mail branches")
_AT_THE_BORDER = (
    ("2017", "at ports of entry away from the southern border", "fentanyl seized at ports of entry",
     "share of port-of-entry fentanyl weight at the southern border"),
    ("FY2017", "by all of CBP away from the Mexican border", "fentanyl seized by CBP",
     "share of CBP fentanyl weight at the Mexican border"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Routes:
    """Seized pounds by period on the direct and the other route, in order of time.

    `frame` has the columns period, end (last day), what (the stand-in in words), direct_lb, other_lb, status (`closed`,
    `open`) and basis (dataset or ids of published figures). `rows` holds, for periods of the seizure file, the weight of
    each of its rows and whether it counts as direct.
    """

    direct: str
    frame: pd.DataFrame
    rows: Mapping[str, tuple[np.ndarray, np.ndarray]]
    source: Source | None


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


def routes(direct: str = KINDEST, as_of: str | date | None = None) -> Routes:
    """Seized weight of the direct route under a stand-in, and of all others.

    Parameters
    ----------
    direct
        Parts of the seizure file joined by commas, each a region, a component (`ofo`, `usbp`) or a land filter, or
        several of these joined by a slash; or `mail`: published weights of mail and express, from China and against
        seizures from Mexico in 2018 and 2019, of any origin and against all else in FY2020 to FY2022.
    as_of
        Use only what was known on that day.

    Raises
    ------
    DataError
        As `require`, and if the stand-in leaves nothing to the other route.
    NotPublished
        If no weight was known by `as_of`.

    Examples
    --------
    >>> routes().frame.set_index("period").loc["FY2023", ["direct_lb", "other_lb"]].round(1).tolist()
    [305.0, 26717.8]
    >>> routes("mail").frame["period"].tolist()
    ['2018', '2019', 'FY2020', 'FY2021', 'FY2022']
    """
    require(direct)
    if direct == MAIL:
        return _mail(as_of)
    table = store.load("cbp-seizures", as_of=as_of)
    flags = pd.Series(False, index=table.index)
    for token in _tokens(direct):
        wanted = [pd.concat([table[c] == part for c in _PARTS], axis=1).any(axis=1) for part in token.split("/")]
        flags |= pd.concat(wanted, axis=1).all(axis=1)
    if bool(flags.all()):
        raise DataError(f"{direct!r} counts every seizure as direct; leave a region to the other route")
    frame, rows = [], {}
    for year, part in table.assign(direct=flags).groupby("fiscal_year"):
        weight, on = part["pounds"].to_numpy(dtype=float), part["direct"].to_numpy(dtype=bool)
        period = f"FY{year}"
        rows[period] = weight, on
        frame.append(
            (period, date(int(year), 9, 30), words(direct), float(weight[on].sum()), float(weight[~on].sum()), part["status"].iloc[0], "cbp-seizures")
        )  # fmt: skip
    return Routes(direct, pd.DataFrame(frame, columns=_COLUMNS), rows, table.attrs["source"])


def before(as_of: str | date | None = None) -> Routes:
    """The published years up to the start of the seizure file, each with the stand-in that its figures allow.

    There is no row for what was not known by `as_of`.

    Examples
    --------
    >>> before().frame.set_index("period").loc["2017", ["direct_lb", "other_lb"]].tolist()
    [342.5, 1027.5]
    """
    figures = _figures(as_of)
    made: list[tuple[object, ...]] = []
    for period, what, total, share in _AT_THE_BORDER:
        whole, border = _figure(figures, total, period), _figure(figures, share, period)
        if whole and border:
            other = whole[1] * border[1] / 100
            made.append((period, _end(period), what, whole[1] - other, other, "closed", f"{whole[0]}, {border[0]}"))
    made += _china_and_mexico(figures)
    frame = pd.DataFrame(made, columns=_COLUMNS).sort_values(["end", "period"], kind="stable", ignore_index=True)
    return Routes("", frame, {}, None)


def _mail(as_of: str | date | None) -> Routes:
    figures = _figures(as_of)
    made = _china_and_mexico(figures)
    try:
        table = store.load("cbp-seizures", as_of=as_of)
    except NotPublished:
        totals, source = {}, None
    else:
        source = table.attrs["source"]
        totals = {f"FY{year}": float(pounds) for year, pounds in table.groupby("fiscal_year")["pounds"].sum().items()}
    for period, total in totals.items():
        parts = [_figure(figures, name, period) for name in _HUBS]
        found = [part for part in parts if part]
        if len(found) == len(parts):
            direct = sum(value for _, value in found)
            cited = ", ".join(name for name, _ in found)
            made.append((period, _end(period), "mail and express of any origin, against all else", direct, total - direct, "closed",
                         f"{cited}, cbp-seizures"))  # fmt: skip
    if not made:
        raise NotPublished("no weight of mail and express was published" + (f" by {as_of}" if as_of else ""))
    return Routes(MAIL, pd.DataFrame(made, columns=_COLUMNS), {}, source)


def _china_and_mexico(figures: pd.DataFrame) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for period in ("2018", "2019"):
        china, mexico = _figure(figures, _MAIL_FROM_CHINA, period), _figure(figures, _FROM_MEXICO, period)
        if china and mexico:
            made.append((period, _end(period), "mail and express from China, against seizures from Mexico", china[1], mexico[1],
                         "closed", f"{china[0]}, {mexico[0]}"))  # fmt: skip
    return made


def _figures(as_of: str | date | None) -> pd.DataFrame:
    try:
        return store.load("published-figures", as_of=as_of)
    except NotPublished:
        return store.load("published-figures").head(0)


def _figure(figures: pd.DataFrame, quantity: str, period: str) -> tuple[str, float] | None:
    start = f"{int(period[2:]) - 1}-10-01" if period.startswith("FY") else f"{period}-01-01"
    end = _end(period).isoformat()
    rows = figures[
        (figures["quantity"] == quantity) & (figures["period_start"] == start) & (figures["period_end"] == end)
    ]
    rows = rows[rows["value"].notna()]
    return None if rows.empty else (str(rows["id"].iloc[0]), float(rows["value"].iloc[0]))


def _end(period: str) -> date:
    return date(int(period[-4:]), 9, 30) if period.startswith("FY") else date(int(period), 12, 31)


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


def shares(found: Routes, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What each period's seizures say of the direct share, and what the claimed share would take.

    Parameters
    ----------
    found
        Seized weight by route.
    target
        The claimed share, a fraction in (0, 1).

    Returns
    -------
    DataFrame
        The columns of `Routes.frame`, and as fractions: gross; pure_low, pure_high over the assumed purities; im_low,
        im_high, an Imbens–Manski 95 % interval that adds how far the share hangs on single rows of the file (missing
        for published weights), with effective_rows; flow_low, flow_high over the assumed interception; the tipping
        ratios at gross weight (tipping_gross) and at the kindest and the harshest purity (tipping_low, tipping_high;
        infinite if nothing was seized on the direct route); needed_low, needed_high, the part of all that came
        otherwise that would have to be of the same origin; purity_needed, the purity of the other route at which the
        seized share itself would be the target.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> from fentanyl_stats.analysis.origin import routes
    >>> years = shares(routes(), as_published(), 0.97).set_index("period")
    >>> years.loc["FY2023", ["pure_low", "pure_high"]].round(3).tolist(), round(years.loc["FY2023", "tipping_low"])
    ([0.033, 0.098], 298)
    """
    made = [_row(row, found.rows.get(row.period), assumed, target) for row in found.frame.itertuples()]
    return pd.concat([found.frame.reset_index(drop=True), pd.DataFrame(made)], axis=1)


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
    >>> from fentanyl_stats.analysis.origin import routes
    >>> parts = [shares(found, as_published(), 0.97) for found in (before(), routes())]
    >>> contrast(*parts).groupby("group", sort=False)["period"].agg(list).iloc[:2].tolist()
    [['FY2017', '2017', '2018'], ['FY2019', '2019']]
    """
    rows = pd.concat([part for part in (early, years) if len(part)], ignore_index=True)
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
    direct_lb: float, other_lb: float, assumed: Assumptions, target: float, as_of: str | date | None = None
) -> pd.DataFrame:
    """What each published purity alone implies; the other route's purity is held where it favours the claim most.

    Returns
    -------
    DataFrame
        Columns id, route, quantity, printed, when, pure (the share of the seized pure weight) and tipping.

    Raises
    ------
    NotPublished
        If no figure was known by `as_of`.

    Examples
    --------
    >>> implied = by_purity(305.02, 26_717.84, as_published(), 0.97).set_index("id")
    >>> implied.loc["F062b", ["pure", "tipping"]].round(3).tolist()
    [0.035, 894.378]
    """
    known = purities(as_of)
    ends = [
        (row.fraction, assumed.purity_other.low)
        if row.route == "direct"
        else (assumed.purity_direct.high, row.fraction)
        for row in known.itertuples()
    ]
    pure = [_pure(direct_lb, other_lb, *pair) for pair in ends]
    return known.assign(pure=pure, tipping=[tipping(share, target) for share in pure]).drop(columns="fraction")


def by_interception(ratio: float, as_of: str | date | None = None) -> pd.DataFrame:
    """What each published rate implies if it were the interception of its route: the rate the claim needs of the other.

    Parameters
    ----------
    ratio
        The tipping ratio of a period.

    Returns
    -------
    DataFrame
        Columns id, route, kind, quantity, printed, when, fraction; needed, the rate of the opposite route at which the
        claim would hold; possible, whether that is at most 1.

    Raises
    ------
    NotPublished
        If no figure was known by `as_of`.

    Examples
    --------
    >>> implied = by_interception(300.0).set_index("id")
    >>> implied.loc[["F112b", "F116b"], "needed"].round(6).tolist()
    [0.0005, 171.0]
    """
    known = interceptions(as_of)
    of_other = (known["route"] == "other").to_numpy()
    rate = known["fraction"].to_numpy(dtype=float)
    needed = np.where(of_other, rate / ratio, rate * ratio) if 0 < ratio < math.inf else np.full(rate.size, np.nan)
    return known.assign(needed=needed, possible=needed <= 1)


def _row(row: Any, rows: tuple[np.ndarray, np.ndarray] | None, assumed: Assumptions, target: float) -> dict[str, float]:
    from ..stats.selection import origin_needed

    d, o = float(row.direct_lb), float(row.other_lb)
    low = _pure(d, o, assumed.purity_direct.low, assumed.purity_other.high)
    high = _pure(d, o, assumed.purity_direct.high, assumed.purity_other.low)
    gross = _pure(d, o, 1.0, 1.0)
    flow_low, flow_high = flow(low, assumed.ratio.low), flow(high, assumed.ratio.high)
    im_low, im_high, effective = _resampled(rows, assumed, Interval(low, high))
    return {
        "gross": gross, "pure_low": low, "pure_high": high, "im_low": im_low, "im_high": im_high,
        "effective_rows": effective, "flow_low": flow_low, "flow_high": flow_high,
        "tipping_gross": tipping(gross, target), "tipping_low": tipping(high, target), "tipping_high": tipping(low, target),
        "needed_low": float(origin_needed(flow_high, target)), "needed_high": float(origin_needed(flow_low, target)),
        "purity_needed": d * assumed.purity_direct.high * (1 - target) / (target * o) if o > 0 else math.inf,
    }  # fmt: skip


def _pure(direct_lb: float, other_lb: float, purity_direct: float, purity_other: float) -> float:
    from ..stats.selection import pure_share

    return float(pure_share([direct_lb, other_lb], [purity_direct, purity_other])[0])


def _resampled(
    rows: tuple[np.ndarray, np.ndarray] | None, assumed: Assumptions, bounds: Interval
) -> tuple[float, float, float]:
    """Both bounds with the error that resampled rows give them, after Imbens and Manski; missing without rows."""
    from ..stats.flows import effective_events, resample
    from ..stats.selection import imbens_manski

    if rows is None:
        return math.nan, math.nan, math.nan
    weight, direct = rows
    spread = []
    for pure, cut in (
        (assumed.purity_direct.low, assumed.purity_other.high),
        (assumed.purity_direct.high, assumed.purity_other.low),
    ):
        try:
            draws = resample(weight * np.where(direct, pure, cut), direct, draws=_DRAWS, seed=assumed.seed).draws
        except StatsError:  # one route holds no weight: nothing to resample
            return math.nan, math.nan, effective_events(weight)
        spread.append(float(np.std(draws, ddof=1)))
    c = imbens_manski(bounds.high - bounds.low, spread[0], spread[1], LEVEL)
    wide = Interval(bounds.low - c * spread[0], bounds.high + c * spread[1]).clipped(0.0, 1.0)
    return wide.low, wide.high, effective_events(weight)


def balance(found: Routes, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What the consumption figure says of the direct share, whatever the interception.

    Flow is what was seized and what was consumed, both pure. The figure is a ceiling, so the bounds are the widest that
    it allows. Open years are left out: their seizures are not a year's.

    Returns
    -------
    DataFrame
        Columns period; seized_kg_low, seized_kg_high (pure); interception_low, interception_high of the whole flow;
        share_low, share_high, the direct shares of the flow that remain possible; direct_rate, other_rate, the
        interception of each route if the claimed share held at the kindest purity; possible, whether both are at most 1.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> from fentanyl_stats.analysis.origin import as_published, before, routes
    >>> row = balance(routes(), as_published(), 0.97).set_index("period").loc["FY2023"]
    >>> round(float(row["share_high"]), 2), bool(row["possible"])
    (0.89, False)
    """
    rows = []
    for row in found.frame[found.frame["status"] == "closed"].itertuples():
        kindest, harshest, most, least = (
            _balance(row.direct_lb, row.other_lb, direct, other, assumed.consumption_tonnes)
            for direct, other in (
                (assumed.purity_direct.high, assumed.purity_other.low),
                (assumed.purity_direct.low, assumed.purity_other.high),
                (assumed.purity_direct.high, assumed.purity_other.high),
                (assumed.purity_direct.low, assumed.purity_other.low),
            )
        )
        rates = kindest.rates(target)
        rows.append({
            "period": row.period, "seized_kg_low": float(least.seized_kg.sum()), "seized_kg_high": float(most.seized_kg.sum()),
            "interception_low": least.interception, "interception_high": most.interception,
            "share_low": harshest.bounds.low, "share_high": kindest.bounds.high,
            "direct_rate": float(rates.loc["direct", "interception"]), "other_rate": float(rates.loc["other", "interception"]),
            "possible": bool(rates["possible"].all()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def simulate(direct_lb: float, other_lb: float, assumed: Assumptions, *, consumption: bool = True) -> MonteCarlo:
    """The direct share of a flow by Monte Carlo: purities even and rates log-even over their ranges, consumption even up
    to its ceiling.

    Raises
    ------
    StatsError
        If nothing was seized, or interception and consumption exclude each other.

    Examples
    --------
    >>> from fentanyl_stats.analysis.origin import as_published, before, routes
    >>> round(simulate(614.9, 10586.4, origin.as_published(), consumption=False).share.value, 1)
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
