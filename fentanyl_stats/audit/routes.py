"""What was seized on the direct route and on every other: the stand-ins for “straight from China”.

No publisher gives seizures by country of origin. A stand-in is a part of the seizure file that could have come straight
from China, or the published weights of mail and express. All weights are gross pounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ..data import store
from ..errors import DataError, NotPublished, unknown
from ..model import Source

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
