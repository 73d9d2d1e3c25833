"""How provisional counts are revised: past revisions, the range of the newest, what is added for records that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from ..data import archive, catalog, names, store
from ..data.catalog import as_date
from ..errors import DataError, NotPublished, StatsError
from ..model import Interval, Period, Source, last_day, number

__all__ = [
    "PREDICTORS",
    "REACH",
    "SETTLED",
    "Adjustment",
    "RevisionRange",
    "adjustment",
    "as_counted",
    "as_predicted",
    "basis",
    "by_development",
    "by_last_year",
    "chain_ladder_sentence",
    "compared",
    "errors",
    "errors_by_age",
    "errors_sentence",
    "lags",
    "late_revision",
    "months_between",
    "past_revisions",
    "refit",
    "refit_sentence",
    "revised",
    "revision",
    "revision_range",
    "settled_sentence",
    "unspecified",
    "unspecified_sentence",
]  # fmt: skip


SETTLED = 18
"""Months after the window from which a count is taken as settled; younger ones are provisional."""
REACH = 2
"""Months by which the age of an earlier count may differ from that of a new one that it is a guide to."""


def __dir__() -> list[str]:
    return __all__


@dataclass(frozen=True, slots=True)
class RevisionRange:
    """How far counts of one lag moved in the past: later count = count × (low to high).

    `n` ratios from the releases `vintages`, published `lags` months after their window; `of` names the series they are
    taken from, `lag` is the one asked for.
    """

    low: float
    high: float
    n: int
    lag: int
    lags: tuple[int, int]
    vintages: tuple[str, ...]
    of: str
    known: date
    source: Source

    @property
    def words(self) -> str:
        """What it rests on, in words."""
        first, last = self.lags
        ages = f"{first} to {last}" if first < last else f"{first}"
        near = "" if first <= self.lag <= last else f" (none held was published {self.lag} months after)"
        return (
            f"{self.n} earlier counts of {self.of}, published {ages} months after their last month{near} in "
            f"{len(self.vintages)} release{'s' if len(self.vintages) > 1 else ''}, {self.moved} until they settled; so few "
            "releases give a range, not a confidence interval"
        )

    @property
    def moved(self) -> str:
        """How far they moved, in words: `rose by 1.0% to 3.9%`."""
        low, high = 100 * (self.low - 1), 100 * (self.high - 1)
        if low == high == 0:
            return "did not move"
        if low < 0 < high:
            return f"moved by −{-low:.1f}% to +{high:.1f}%"
        word, (near, far) = ("rose", (low, high)) if low >= 0 else ("fell", (-high, -low))
        return f"{word} by {near:.1f}%" + (f" to {far:.1f}%" if far > near else "")


def unspecified(
    drug: str = "synthetic-opioids",
    measure: str = "reported",
    jurisdiction: str = "US",
    vintage: str | None = None,
    as_of: str | date | None = None,
) -> pd.DataFrame:
    """A drug's counts with every death added whose certificate names no drug, window by window.

    Count and total are of the same measure and vintage, by default the newest with a share of deaths that name a drug.

    Returns
    -------
    DataFrame
        Columns drug, jurisdiction, measure, month_ending, involving, total (deaths), percent_specified, and those of
        `attribution.table` (lower, mar, upper …, deaths); no row where that vintage has no share of deaths with a drug
        named. `.attrs["sources"]` are the tables used.

    Examples
    --------
    >>> every = unspecified(measure="predicted")
    >>> bool((every["upper"] < 90_000).all()), every.loc[every["upper"].idxmax(), "month_ending"]
    (True, '2023-07')
    """
    if measure not in ("reported", "predicted"):
        return _blank("")
    try:
        vintage = catalog.find("vsrr-specified", vintage, as_of).vintage
        return _unspecified_table(drug, measure, jurisdiction, vintage, archive.stamp()).copy()
    except DataError:
        return _blank(f"The share of deaths with a drug named was not held by {as_of}." if as_of else "")


@lru_cache(maxsize=64)
def _unspecified_table(drug: str, measure: str, jurisdiction: str, vintage: str, stamp: object) -> pd.DataFrame:
    from ..stats import attribution

    shares = store.load("vsrr-specified", vintage)
    counts = archive.series(drug, measure, jurisdiction, vintage=vintage)
    totals = archive.series("all", measure, jurisdiction, vintage=vintage)
    sources = (counts.attrs["source"], shares.attrs["source"])
    n, total = (pd.DataFrame(rows)[["month_ending", "value"]] for rows in (counts, totals))
    shares = shares.loc[shares["jurisdiction"] == jurisdiction, ["month_ending", "percent_specified"]]
    rows = n.rename(columns={"value": "involving"}).merge(total.rename(columns={"value": "total"}), on="month_ending")
    rows = rows.merge(shares, on="month_ending")
    sums = attribution.table(rows["involving"], rows["total"], rows["percent_specified"])
    found = pd.concat([rows.assign(drug=drug, jurisdiction=jurisdiction, measure=measure), sums], axis=1)
    found.attrs = {"sources": sources}
    return found


def _blank(why: str) -> pd.DataFrame:
    columns = ["drug", "jurisdiction", "measure", "month_ending", "involving", "total", "percent_specified"]
    blank = pd.DataFrame(columns=[*columns, "lower", "mar", "upper"])
    blank.attrs["empty"] = why or "No share of deaths with a drug named is held."
    return blank


def unspecified_sentence(rows: pd.DataFrame, claimed: Interval | None = None, close: Interval | None = None) -> str:
    """What a frame of `unspecified` comes to at most, in words; and against what a claim allows, generously `close`."""
    if rows.empty:
        return str(rows.attrs["empty"])
    top, last = rows.loc[rows["upper"].idxmax()], rows["month_ending"].iloc[-1]
    words = (
        f"Even if every death without a named drug had involved {names.drug_label(top['drug'])}, no 12 months had more than "
        f"{number(round(top['upper']))} ({top['measure']}, {Period.parse(top['month_ending'])}; {len(rows)} sums of 12 months looked at, the "
        f"last of the {Period.parse(last)}, as only the release of {rows.attrs['sources'][0].vintage} is held with the share "
        "of deaths that name a drug)."
    )
    if claimed is None or top["upper"] >= claimed.low:
        return words
    near = close is not None and close.low < claimed.low and top["upper"] in close
    generously = f"; from {number(close.low)} a figure is called close" if near and close else ""
    return f"{words} The phrase begins at {number(claimed.low)}{generously}."


def revision(
    drug: str, measure: str, lag: int, jurisdiction: str = "US", as_of: str | date | None = None
) -> RevisionRange | None:
    """How far counts published `lag` months after their window moved until they settled; None if too few are held.

    The series' own past is used where two ratios of it are known within two months of the lag, else that of the
    same drug in the United States, else that of all drugs there.

    Examples
    --------
    >>> found = revision("synthetic-opioids", "reported", 7)
    >>> found.low > 1, found.lags
    (True, (6, 9))
    """
    from ..stats import provisional

    for name, place in dict.fromkeys(((drug, jurisdiction), (drug, "US"), ("all", "US"))):
        held = past_revisions(name, place, as_of)
        table = pd.DataFrame(held)  # without the attributes, which pandas copies at every step
        ends = max(lag - REACH, 0), lag + REACH
        try:
            factors = provisional.revision_factors(table, ends, measure)
        except StatsError:
            continue
        used = table[table["lag_months"].between(*ends) & table[f"{measure}_over_final"].notna()]
        words = f"{_OF[name]}, {names.jurisdiction_name(place)}, {measure}"
        if (name, place) != (drug, jurisdiction):
            words += " (this series has no such past of its own)"
        last = used["settled"].max()
        table_of = {source.vintage: source for source in held.attrs["sources"]}
        return RevisionRange(
            factors.factor_lower, factors.factor_upper, factors.n, lag, (int(used["lag_months"].min()), int(used["lag_months"].max())),
            tuple(dict.fromkeys(used["vintage"])), words, held.attrs["known"][last], table_of[last],
        )  # fmt: skip
    return None


def revision_range(drug: str, measure: str, jurisdiction: str = "US", as_of: str | date | None = None) -> pd.DataFrame:
    """The newest series with the range in which each count will settle if the past is a guide.

    Returns
    -------
    DataFrame
        Columns of `archive.series`, lag_months (from the window to its release), low and high (deaths): equal to the
        value once settled, missing where no earlier releases tell; and settled (bool): published `SETTLED` months or more
        after the window. `.attrs["source"]` as there.

    Raises
    ------
    DataError
        As `archive.series`.

    Examples
    --------
    >>> newest = revision_range("synthetic-opioids", "reported").iloc[-1]
    >>> newest["month_ending"], round(newest["low"]), round(newest["high"])
    ('2026-04', 34818, 36150)
    """
    rows = archive.series(drug, measure, jurisdiction, as_of=as_of)
    source: Source = rows.attrs["source"]
    ages = [months_between(str(month), source.known or date.max) for month in rows["month_ending"]]
    low, high = [], []
    for lag in ages:
        found = None if lag >= SETTLED else revision(drug, measure, lag, jurisdiction, as_of)
        low.append(found.low if found else 1.0 if lag >= SETTLED else np.nan)
        high.append(found.high if found else 1.0 if lag >= SETTLED else np.nan)
    value = rows["value"].astype("Float64").astype(float)
    return rows.assign(lag_months=ages, low=value * low, high=value * high, settled=[lag >= SETTLED for lag in ages])


def past_revisions(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> pd.DataFrame:
    """Every provisional count beside the count of its window once settled, as `provisional.revisions` gives it.

    Returns
    -------
    DataFrame
        Columns of `provisional.revisions`, with month_ending, vintage and settled (the vintage of the settled count,
        the newest that is at least `SETTLED` months younger than the window). Empty when no two releases allow it.
        `.attrs["sources"]` are the releases, `["known"]` the day of each.

    Examples
    --------
    >>> table = past_revisions("synthetic-opioids")
    >>> young = table[(table["vintage"] == "2025-01-08") & (table["lag_months"] == 6)]
    >>> young[["month_ending", "reported", "final", "settled"]].values.tolist()
    [['2024-07', 58949.0, 60783.0, '2026-09-16']]
    """
    return _past_revisions(drug, jurisdiction, None if as_of is None else as_date(as_of), archive.stamp())


@lru_cache(maxsize=256)
def _past_revisions(drug: str, jurisdiction: str, as_of: date | None, stamp: object) -> pd.DataFrame:
    from ..stats import provisional

    columns = ["month_ending", "vintage", "settled", "lag_months", "reported_over_final", "predicted_over_final"]
    try:
        reported = archive.archive("vsrr", as_of).triangle(drug, "reported", jurisdiction)
    except NotPublished:
        blank = pd.DataFrame(columns=columns)
        blank.attrs["empty"] = _NO_PAST
        return blank
    try:
        predicted = archive.archive("vsrr", as_of).triangle(drug, "predicted", jurisdiction)
    except NotPublished:
        predicted = reported.astype("Int64").mask(reported.notna())
    attrs, ages = reported.attrs, lags(reported)
    counts = {
        "reported": pd.DataFrame(reported).astype(float),  # a frame of its own: pandas copies attributes at every step
        "predicted": pd.DataFrame(predicted).astype(float).reindex_like(reported),
    }
    settled = counts["reported"].where(ages >= SETTLED)
    tall = pd.DataFrame(
        {"lag": ages.stack(future_stack=True), **{k: v.stack(future_stack=True) for k, v in counts.items()}}
    ).reset_index()
    tall["final"] = tall["month_ending"].map(settled.ffill(axis=1).iloc[:, -1])
    tall["settled"] = tall["month_ending"].map(_last_held(settled))
    shown = tall[["reported", "predicted"]].notna().any(axis=1)
    tall = tall[shown & (tall["lag"] < SETTLED) & (tall["final"] > 0)].reset_index(drop=True)
    ratios = provisional.revisions(tall["reported"], tall["predicted"], tall["final"], tall["lag"])
    found = pd.concat([tall[["month_ending", "vintage", "settled"]], ratios], axis=1)
    found.attrs = {"known": attrs["known"], "sources": tuple(attrs["sources"].values()), "empty": _NO_PAST}
    return found


def months_between(month: str, day: date) -> int:
    """Months from the end of a window to a release: both counted by their calendar month.

    >>> months_between("2024-07", date(2025, 1, 8))
    6
    """
    end = last_day(month)
    return (day.year - end.year) * 12 + day.month - end.month


def lags(wide: pd.DataFrame) -> pd.DataFrame:
    """How many months after its window each count of a triangle was published."""
    known: Mapping[str, date] = wide.attrs["known"]
    rows = [[months_between(str(month), known[str(vintage)]) for vintage in wide.columns] for month in wide.index]
    return pd.DataFrame(np.array(rows), index=wide.index, columns=wide.columns)


def _last_held(wide: pd.DataFrame) -> dict[str, str]:
    held = wide.notna()
    held = held.loc[held.any(axis=1), ::-1]
    return dict(zip(held.index, held.idxmax(axis=1), strict=True))


_OF = {"all": "deaths from all drugs", **{drug: drug.replace("-", " ") for drug in names.drugs() if drug != "all"}}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What NCHS adds to a reported count, in per cent of it: `now` to that of `month_ending`, `low` to `high` in the past.

    The past are the `n` counts of the same age, give or take `REACH` months, that have settled since.
    """

    month_ending: str
    now: float
    low: float
    high: float
    n: int

    @property
    def outside(self) -> bool:
        """Whether what is added now lies outside all that was added then."""
        return not self.low <= self.now <= self.high


def adjustment(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> Adjustment | None:
    """What NCHS adds to the newest reported count, against what it added to earlier counts of that age.

    Returns
    -------
    Adjustment or None
        None if the newest release has not both measures of its newest month, or fewer than two such counts are held.

    Examples
    --------
    >>> found = adjustment("all")
    >>> found.month_ending, round(found.now, 1), round(found.low, 1), round(found.high, 1), found.outside
    ('2026-04', 1.8, 1.5, 4.4, False)
    """
    try:
        reported, predicted = (
            archive.archive("vsrr", as_of).triangle(drug, name, jurisdiction) for name in ("reported", "predicted")
        )
    except NotPublished:
        return None
    newest = reported.columns[-1]
    if newest != predicted.columns[-1]:
        return None
    month = reported[newest].dropna().index[-1]
    count, scaled = reported.at[month, newest], predicted[newest].get(month)
    if pd.isna(scaled) or not count:
        return None
    lag = months_between(str(month), reported.attrs["known"][newest])
    held = past_revisions(drug, jurisdiction, as_of)
    near = held[held["lag_months"].between(lag - REACH, lag + REACH)]
    if not {"reported", "predicted"} <= set(near):
        return None
    shares = (100 * (near["predicted"] / near["reported"].where(near["reported"] > 0) - 1)).dropna()
    if len(shares) < 2:
        return None
    return Adjustment(
        str(month), 100 * (int(scaled) / int(count) - 1), float(shares.min()), float(shares.max()), len(shares)
    )


def late_revision(
    drug: str, measure: str = "reported", jurisdiction: str = "US", as_of: str | date | None = None
) -> float | None:
    """How far apart releases are on a count that is `SETTLED` months old already: the most, in per cent.

    Returns
    -------
    float or None
        None if no such count is held in two releases.

    Examples
    --------
    >>> round(late_revision("all"), 2), round(late_revision("all", "predicted"), 2)
    (0.25, 2.45)
    """
    try:
        table = archive.archive("vsrr", as_of).triangle(drug, measure, jurisdiction)
    except NotPublished:
        return None
    old = table.where(lags(table) >= SETTLED).astype("Float64").astype(float)
    lowest, highest = old.min(axis=1), old.max(axis=1)
    moved = (100 * (highest / lowest.where(lowest > 0) - 1))[old.notna().sum(axis=1) > 1].dropna()
    return float(moved.max()) if len(moved) else None


SPANS = ((0, 2022, "2022 or before"), (2023, 2024, "2023 and 2024"), (2025, 9999, "2025 or later"))
"""Years of the month ending that NCHS estimates apart: the last two with one level for each calendar month."""
_FITTED = [
    "drug", "jurisdiction", "month_ending", "span", "line", "reported", "predicted", "refitted", "difference",
    "percent_pending", "percent_complete", "percent_fitted", "slope",
]  # fmt: skip


def refit(drug: str, as_of: str | date | None = None) -> pd.DataFrame:
    """The formula from reported to predicted counts, fitted on the newest release that prints the share of records pending.

    Returns
    -------
    DataFrame
        A row for each printed prediction of any place: drug, jurisdiction, month_ending, span (years estimated apart), line
        (the straight line it lies on: its span, with the calendar month where each has a level of its own), reported,
        predicted, refitted, difference (printed minus refitted; deaths), percent_pending (of the records of all deaths),
        percent_complete (reported in per cent of predicted), percent_fitted (the same by the formula), slope (per cent of
        the overdose deaths missing for each per cent of records pending). Empty if no release that is allowed holds what
        the fit needs. `.attrs["source"]` is the release.

    Raises
    ------
    DataError
        If the drug is unknown.

    Examples
    --------
    >>> formula = refit("all")
    >>> formula.attrs["source"].vintage, len(formula), int((formula["difference"] == 0).sum())
    ('2025-01-08', 6095, 6095)
    >>> print(formula["slope"].min().round(1), formula["slope"].max().round(1))
    11.9 12.0
    """
    names.require_drug(drug)
    day = None if as_of is None else as_date(as_of)
    for table in reversed(catalog.files("vsrr")):
        if table.is_frame and not table.released and (day is None or table.known <= day):
            rows = store.load("vsrr", table.vintage)
            rows = rows[(rows["drug"] == drug)].dropna(subset=["reported", "predicted", "percent_pending"])
            if len(rows):
                return _fitted(table.source, pd.DataFrame(rows))
    blank = pd.DataFrame(columns=_FITTED)
    limit = f" published by {day}" if day else ""
    blank.attrs["empty"] = f"No release{limit} holds predicted counts of {drug} with the share of records pending."
    return blank


def _fitted(source: Source, rows: pd.DataFrame) -> pd.DataFrame:
    from ..stats import provisional

    year, month = rows["month_ending"].str[:4].astype(int), rows["month_ending"].str[5:].astype(int)
    parts = []
    for first, last, name in SPANS:
        span = rows[year.between(first, last)]
        if span.empty:
            continue
        by_month = month[span.index] if first else None
        fit = provisional.fit_coefficients(span["reported"], span["predicted"], span["percent_pending"], by_month)
        again = provisional.predict(span["reported"], span["percent_pending"], fit, by_month)
        level = by_month.map(fit.a_month) if by_month is not None else fit.a
        share = 100 * (level - fit.b * span["percent_pending"]).clip(upper=1)
        line = name if by_month is None else name + ", month " + by_month.astype(str)
        parts.append(span.assign(span=name, line=line, refitted=again, percent_fitted=share, slope=100 * fit.b))
    frame = pd.concat(parts, ignore_index=True)
    frame["difference"] = frame["predicted"] - frame["refitted"]
    frame["percent_complete"] = 100 * (frame["reported"] / frame["predicted"].where(frame["predicted"] > 0))
    frame = frame[_FITTED]
    frame.attrs["source"] = source
    return frame


def refit_sentence(formula: pd.DataFrame) -> str:
    """What the fit of `refit` says, and how many printed predictions it gives back."""
    if formula.empty:
        return str(formula.attrs["empty"])
    low, high = (f"{slope:.1f}" for slope in (formula["slope"].min(), formula["slope"].max()))
    slope = low if low == high else f"{low} to {high}"
    exact, worst = int((formula["difference"] == 0).sum()), int(formula["difference"].abs().max())
    return (
        f"For each per cent of all death records, whatever the cause, that is still open, {slope} per cent of these deaths are "
        f"taken to be missing: an open record is taken to be one of them {slope} times as often as a record picked at random. "
        f"{number(exact)} of {number(len(formula))} printed predictions are reproduced exactly"
        + (f"; the others are off by {number(worst)} at most." if worst else ": every residual is 0.")
    )


LEAST = 6
"""Releases from which a chain ladder is worth its name."""
_NO_PAST = "No earlier count of this series is held beside the one that it settled at."
_CALLED = {"reported": "counted so far", "predicted": "the estimate"}


def basis(sums: pd.DataFrame) -> str:
    """The source line of the newest counts: their releases, what the ranges rest on, a line a measure, and whether they meet.

    Parameters
    ----------
    sums : DataFrame
        Counts of one drug and place as `deaths.sums` gives them.
    """
    newest, said = _newest(sums), []
    for measure, row in newest.items():
        found = _revision(row, sums)
        said.append(
            f"Newest {measure} month: {found.words}."
            if found
            else f"No earlier releases are held that would tell how far the newest {measure} counts move."
        )
    releases = ", ".join(f"{measure} {row['vintage']}" for measure, row in newest.items())
    what = "; ".join(names.deaths_label(str(drug)) for drug in sums["drug"].unique())
    return "\n".join(filter(None, (f"Source: CDC/NCHS, VSRR ({releases}); {what}.", *said, _meeting(newest))))


def compared(sums: pd.DataFrame) -> str:
    """The newest count of each measure with its range, in words: whether the ranges meet, and why they may not.

    Parameters
    ----------
    sums : DataFrame
        Counts of one drug and place as `deaths.sums` gives them.
    """
    newest = _newest(sums)
    if not newest:
        return str(sums.attrs.get("empty", "No count is held."))
    ranges, said = _ranges(newest), []
    for measure, row in newest.items():
        text = f"{number(float(row['value']))} ({_CALLED[measure]}, {Period.parse(row['month_ending'])})"
        found = _revision(row, sums)
        if found is not None and measure not in ranges:
            text += f": the {found.n} earlier ones held {found.moved}"
        elif found is not None:
            low, high = round(ranges[measure].low), round(ranges[measure].high)
            text += f" may settle at {number(low)} to {number(high)}: earlier ones {found.moved}"
        said.append(text)
    words = "; ".join(said) + "."
    if not (meeting := _meeting(newest)):
        return words
    one, other = ranges.values()
    whole = one.hull(other)
    words += f" {meeting}"
    ends = f"together they run from {number(round(whole.low))} to {number(round(whole.high))}."
    if one.overlaps(other):
        return f"{words} Taken {ends}"
    words += " Each rests on a few earlier counts of its own kind."
    row = next(iter(newest.values()))
    add = adjustment(row["drug"], row["jurisdiction"], sums.attrs.get("as_of"))
    if add is not None and add.outside:
        words += (
            f" One reason can be seen: NCHS adds {add.now:.1f}% to this count, where it added {add.low:.1f}% to "
            f"{add.high:.1f}% to {add.n} earlier ones of about that age. Either fewer records are missing than used to be, or "
            "the estimate adds too little."
        )
    return f"{words} Which range is nearer, the releases held do not tell; taken {ends}"


def _newest(sums: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(m): rows.iloc[-1] for m, rows in sums.dropna(subset="value").groupby("measure", sort=False)}


def _revision(row: pd.Series, sums: pd.DataFrame) -> RevisionRange | None:
    return revision(row["drug"], row["measure"], int(row["lag_months"]), row["jurisdiction"], sums.attrs.get("as_of"))


def _ranges(newest: dict[str, pd.Series]) -> dict[str, Interval]:
    return {m: Interval(float(r["low"]), float(r["high"])) for m, r in newest.items() if r["high"] > r["low"]}


def _meeting(newest: dict[str, pd.Series]) -> str:
    """Whether the ranges of both measures meet; nothing where they are not of the same month."""
    ranges = list(_ranges(newest).values())
    if len(ranges) < 2 or len({row["month_ending"] for row in newest.values()}) > 1:
        return ""
    they = "overlap" if ranges[0].overlaps(ranges[1]) else "do not meet"
    return f"Both ranges mean the same later count of the same deaths; they {they}."


def settled_sentence(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> str:
    """What “settled” means here, and how still such counts stand."""
    text = (
        f"“Settled” is the newest reported count published {SETTLED} months or more after the window. It is not "
        "the final count, which takes in residents only."
    )
    late = {name: late_revision(drug, name, jurisdiction, as_of) for name in ("reported", "predicted")}
    said = [f"{name} ones by {share:.2f}% at most" for name, share in late.items() if share]
    return text + (f" Later releases held still changed such counts, {' and '.join(said)}." if said else "")


def chain_ladder_sentence(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> str:
    """Why no chain ladder is drawn, or that one could be."""
    method = "A chain ladder (Mack 1993), the usual way to complete counts that still come in,"
    try:
        table = archive.archive("vsrr", as_of).triangle(drug, "reported", jurisdiction)
    except NotPublished:
        return f"{method} is not drawn: no release of this series is held."
    releases, steps = len(table.columns), archive.steps(table)
    if releases < LEAST:
        return f"{method} is not drawn: it needs {LEAST} releases or more, and {releases} of this series are held."
    if min(steps) < max(steps):
        return (
            f"{method} is not drawn: it needs releases at even steps, and the {releases} held of this series lie {min(steps)} "
            f"to {max(steps)} months apart."
        )
    return f"{method} could be fitted to the {releases} releases held: they lie {steps[0]} months apart, all of them."


def as_counted(then: archive.Archive, drug: str, jurisdiction: str) -> pd.Series:
    """The reported count itself, as if nothing more came in: the first number, for `Archive.replay`."""
    return _as_printed(then, drug, "reported", jurisdiction)


def as_predicted(then: archive.Archive, drug: str, jurisdiction: str) -> pd.Series:
    """What NCHS prints as predicted value in that release, for `Archive.replay`; empty where it printed none."""
    return _as_printed(then, drug, "predicted", jurisdiction)


def by_development(then: archive.Archive, drug: str, jurisdiction: str) -> pd.DataFrame:
    """Each count times the factor by which earlier counts of its age grew, with the range of those factors, for `Archive.replay`.

    The factor is the sum of the settled counts over the sum of what had been reported of them at that age (give or take `REACH` months):
    the chain ladder's, taken in one step, since the releases held lie at uneven steps. low and high are the least and the greatest
    single factor: a range, without a level. Missing where fewer than `LEAST` earlier counts have settled by then.

    See Also
    --------
    Mack 1993, ASTIN Bulletin 23:213, equation 4 : development factors weighted by volume.
    """
    counts, ages = _triangle_then(then, drug, jurisdiction)
    settled = counts.where(ages >= SETTLED).ffill(axis=1).iloc[:, -1].rename("settled")
    past = (
        pd.DataFrame({"age": ages.stack(), "count": counts.stack(future_stack=True)})
        .reset_index("vintage", drop=True)
        .dropna()
    )
    past = past.join(settled).dropna().query("age < @SETTLED")
    now = _as_printed(then, drug, "reported", jurisdiction)
    rows = {}
    for month, count in now.items():
        age = months_between(str(month), then.observed_through)
        like = past[(past["age"] - age).abs() <= REACH]
        if age < SETTLED and len(like) >= LEAST:
            factors = like["settled"] / like["count"]
            rows[month] = tuple(
                count * f for f in (like["settled"].sum() / like["count"].sum(), factors.min(), factors.max())
            )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["predicted", "low", "high"]).rename_axis(
        "month_ending"
    )


def by_last_year(then: archive.Archive, drug: str, jurisdiction: str) -> pd.Series:
    """Each count times the ratio by which the count of a year before has grown since it was as old, for `Archive.replay`."""
    counts, ages = _triangle_then(then, drug, jurisdiction)
    newest = counts.ffill(axis=1).iloc[:, -1]
    found = {}
    for month, count in _as_printed(then, drug, "reported", jurisdiction).items():
        before = f"{int(str(month)[:4]) - 1}{str(month)[4:]}"
        age = months_between(str(month), then.observed_through)
        if age >= SETTLED or before not in counts.index:
            continue
        away = (ages.loc[before] - age).abs().where(counts.loc[before].notna()).dropna()
        if len(away) and away.min() <= REACH:
            found[month] = count * newest[before] / counts.loc[before, away.idxmin()]
    return pd.Series(found, dtype="float64").rename_axis("month_ending")


PREDICTORS = {
    "reported": as_counted,
    "predicted": as_predicted,
    "development": by_development,
    "last year": by_last_year,
}
"""Name -> what `Archive.replay` is given: the count itself, NCHS's prediction, and two ratios that anybody can take."""


def errors(drug: str = "all", jurisdiction: str = "US", as_of: str | date | None = None) -> pd.DataFrame:
    """Every first number, as counted and as predicted, against what the count became.

    Returns
    -------
    DataFrame
        Columns of `Archive.replay` with method (a name of `PREDICTORS`) before them; no row, and `attrs["empty"]`, where no release allows it.
        `.attrs["source"]` is the archive.

    Examples
    --------
    >>> made = errors("all")
    >>> young = made.query("method == 'predicted' and age_months <= 9")
    >>> bool((young["error"] > 0).mean() > 0.5)
    True
    """
    source = catalog.find("vsrr-archive").source
    try:
        held = archive.archive("vsrr", as_of)
        parts = [
            held.replay(predictor, drug, jurisdiction, SETTLED).assign(method=name)
            for name, predictor in PREDICTORS.items()
        ]
    except NotPublished as error:
        blank = pd.DataFrame(
            columns=["method", "vintage", "month_ending", "age_months", "predicted", "became", "percent"]
        )
        blank.attrs = {"empty": f"{str(error)[0].upper()}{str(error)[1:]}.", "source": source}
        return blank
    found = pd.concat(parts, ignore_index=True)
    found = found[["method", *(name for name in found if name != "method")]]
    found.attrs = {"source": source}
    return found


def revised(
    drug: str = "all",
    measure: str = "reported",
    jurisdiction: str = "US",
    as_of: str | date | None = None,
    within: float = 0.5,
) -> pd.DataFrame:
    """How often, how far and for how long the count of every window was revised: `Archive.revisions`, or no row and why.

    Examples
    --------
    >>> revised("all", as_of="2016-01-01").attrs["empty"][:55]
    'No release of vsrr was surely public by 2016-01-01; the'
    """
    columns = [
        "month_ending",
        "releases",
        "revisions",
        "first",
        "newest",
        "low",
        "high",
        "range",
        "percent",
        "first_age",
    ]
    try:
        found = archive.archive("vsrr", as_of).revisions(drug, measure, jurisdiction, within)
    except NotPublished as error:
        found = pd.DataFrame(columns=[*columns, "months_to_settle"])
        found.attrs["empty"] = f"{str(error)[0].upper()}{str(error)[1:]}."
    found.attrs["source"] = catalog.find("vsrr-archive").source
    return found


def errors_by_age(errors: pd.DataFrame, edges: tuple[int, ...] = (4, 7, 10, 13, SETTLED)) -> pd.DataFrame:
    """How far first numbers were off, by their age.

    Parameters
    ----------
    errors
        As `errors` gives them.
    edges
        Ages in months at which a group begins; the last ends the last group.

    Returns
    -------
    DataFrame
        method; age (`4 to 6`); n (windows × releases), releases; bias (mean error in per cent of what the count became; below 0: too low), absolute
        (mean size of the error, per cent), too_high (share of the n that were above, per cent), covered (share of the n_range with a range that
        held what the count became, per cent; missing where none has a range), n_range.

    Raises
    ------
    DataError
        If the edges are not ascending.

    Examples
    --------
    >>> table = errors_by_age(errors("all")).set_index(["method", "age"])
    >>> bool(table.loc[("reported", "4 to 6"), "bias"] < 0)
    True
    """
    if len(edges) < 2 or any(low >= high for low, high in pairwise(edges)):
        raise DataError(f"edges must be two ages or more, in ascending order, not {edges!r}")
    names_ = [f"{low} to {high - 1}" for low, high in pairwise(edges)]
    age = pd.cut(errors["age_months"].astype("float64"), list(edges), right=False, labels=names_)
    ranged = errors["low"].notna() if "low" in errors else pd.Series(False, index=errors.index)
    held = errors.assign(
        age=age.astype("str"), above=100.0 * (errors["percent"] > 0), size=errors["percent"].abs(), ranged=ranged,
        held=(100.0 * errors["became"].between(errors["low"], errors["high"])).where(ranged) if "low" in errors else np.nan,
    )[age.notna()]  # fmt: skip
    found = held.groupby(["method", "age"], sort=False).agg(
        n=("percent", "size"), releases=("vintage", "nunique"), bias=("percent", "mean"), absolute=("size", "mean"), too_high=("above", "mean"),
        covered=("held", "mean"), n_range=("ranged", "sum"),
    )  # fmt: skip
    order = [(method, name) for method in dict.fromkeys(errors["method"]) for name in names_]
    found = found.reindex([pair for pair in order if pair in found.index]).reset_index()
    found.attrs = errors.attrs
    return found


def errors_sentence(errors: pd.DataFrame, most: int = 9) -> str:
    """Which way the first numbers erred while they were at most so many months old, in words, with how many there were."""
    if errors.empty:
        return str(errors.attrs["empty"])
    young = errors[errors["age_months"] <= most]
    said = []
    for method, word in (("reported", "reported count"), ("predicted", "predicted count")):
        rows = young[young["method"] == method]
        if rows.empty:
            said.append(f"No {word} that young has settled.")
            continue
        high, windows, releases = int((rows["error"] > 0).sum()), len(rows), rows["vintage"].nunique()
        which = "every one" if high == windows else "none" if high == 0 else f"{high} of {windows}"
        said.append(
            f"Of the {windows} {word}s at most {most} months old that have settled since, in {releases} "
            f"release{'s' if releases > 1 else ''}, {which} was too high; on average they were "
            f"{abs(rows['percent'].mean()):.1f}% too {'high' if rows['percent'].mean() > 0 else 'low'}."
        )
    return " ".join(said)


def _as_printed(then: archive.Archive, drug: str, measure: str, jurisdiction: str) -> pd.Series:
    """The values of the newest release seen, by month; empty where it has none of them."""
    release = then.vintages["vintage"].iloc[-1]
    try:
        wide = then.triangle(drug, measure, jurisdiction)
    except NotPublished:
        return pd.Series(dtype="float64")
    return wide[release].dropna().astype("float64") if release in wide else pd.Series(dtype="float64")


def _triangle_then(then: archive.Archive, drug: str, jurisdiction: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    wide = then.triangle(drug, "reported", jurisdiction)
    return pd.DataFrame(wide).astype("float64"), lags(wide)
