"""How each dataset is renewed from its publisher's file, what differs between two states of it, and how much may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from ...errors import DataError, unknown
from ...model import last_day
from .. import catalog, store
from ..catalog import Table
from ..columns import layout
from ..contracts import CONTRACTS
from ..publishers import cbp

_WITHDRAWN = 0.005  # the share of a column's closed numbers that may go blank: 15 of 5,635 did between 2025 and 2026


@dataclass(frozen=True, slots=True)
class Allowance:
    """A closed number may move by `relative` of itself or by `absolute` units; no relative: by the units alone.

    Where the vintages held moved further, twice as far as they did is allowed (`check`).
    """

    relative: float
    absolute: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is known of a dataset that can be renewed.

    `kind` is its publisher's format, `by_hand` how a reader gets the file, `link` finds the file on the publisher's
    page. `series` columns have a newest vintage each; combinations of `stays` must not vanish, from the `expected`
    rows of the data held given the new ones; sums over `totals` of the `closed` rows move within `allowed`, other sums within `loose`.
    `kept` says which earlier rows a file that covers less leaves as they are, `label` names columns that differ
    from file to file though nothing else does.
    """

    kind: str
    by_hand: str
    title: str
    citation: str
    coverage: Callable[[pd.DataFrame], str]
    newest: Callable[[pd.DataFrame], pd.Period]
    stays: tuple[str, ...]
    totals: tuple[str, ...]
    closed: Callable[[pd.DataFrame], pd.Series]
    allowed: Mapping[str, Allowance]
    loose: Mapping[str, Allowance] = field(default_factory=dict)
    series: tuple[str, ...] = ()
    expected: Callable[[pd.DataFrame, pd.DataFrame], pd.Series] | None = None
    kept: Callable[[pd.DataFrame, pd.DataFrame], pd.Series] | None = None
    link: Callable[[str, str], str] | None = None
    label: tuple[str, ...] = ()


def recipe(dataset: str) -> Recipe:
    """The recipe of a dataset.

    Raises
    ------
    DataError
        If the dataset is unknown, or has no file of a publisher that could be read: the message says what to do.

    Examples
    --------
    >>> recipe("nflis").kind
    'nflis'
    """
    if dataset in RECIPES:
        return RECIPES[dataset]
    if dataset not in {table.dataset for table in catalog.entries()}:
        raise DataError(unknown("dataset", dataset, RECIPES))
    raise DataError(
        f"{dataset} has no publisher's file that this package reads; add a vintage by hand: lay the table out as "
        f"data/raw/README.md says, put it in raw/, describe it in raw/SOURCES.toml with its rows and SHA-256, "
        f"and run data verify. Refreshed are {', '.join(RECIPES)}"
    )


def _windows(frame: pd.DataFrame) -> pd.Period:
    """The last window counts as its end: all of it must be over when the file appears."""
    return pd.Period(last_day(str(frame["month_ending"].max())), "D")


def _half(frame: pd.DataFrame) -> pd.Period:
    year, half = max(zip(frame["year"], frame["half"], strict=True))
    return pd.Period(f"{year}Q{1 if half == 1 else 3}", "2Q")


def _settled(rows: pd.DataFrame) -> pd.Series:
    """Windows that had ended two years before: since 2017 no reported count that old moved by more than 0.3 %."""
    known = pd.to_datetime(rows["known"])
    ended = rows["month_ending"].str[:4].astype(int) * 12 + rows["month_ending"].str[5:].astype(int)
    return known.dt.year * 12 + known.dt.month - ended >= 24


def _of_a_whole(old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Every series of the newest vintage or of the new file; and a drug counted beyond the country, in every place.

    A file may be of the United States alone, or of one drug. Puerto Rico is in some files and not in others.
    """
    series = ["jurisdiction", "drug"]
    given = pd.MultiIndex.from_frame(old[series]).isin(pd.MultiIndex.from_frame(new[series].drop_duplicates()))
    local = old["drug"].isin(new.loc[new["jurisdiction"] != "US", "drug"])
    return (given | local | (old["known"] == old["known"].max())) & (old["jurisdiction"] != "PR")


def _span(frame: pd.DataFrame, column: str) -> str:
    return f"{frame[column].min()} to {frame[column].max()}"


RECIPES: dict[str, Recipe] = {
    "vsrr": Recipe(
        kind="cdc-vsrr",
        by_hand="export xkb8-kh2a as CSV from data.cdc.gov",
        title="VSRR provisional drug overdose death counts, file of {day}",
        citation="National Center for Health Statistics, Vital Statistics Rapid Release, Provisional Drug Overdose "
        "Death Counts (xkb8-kh2a), file of {day}.",
        coverage=lambda f: f"month-ending {_span(f, 'month_ending')} ({f['month_ending'].nunique()}); "
        f"{f['jurisdiction'].nunique()} jurisdictions; {f['drug'].nunique()} drug indicators",
        newest=_windows,
        series=("jurisdiction", "drug"),
        stays=("jurisdiction", "drug", "month_ending"),
        expected=_of_a_whole,
        totals=("jurisdiction", "drug", "month_ending"),
        closed=_settled,
        allowed={
            "reported": Allowance(0.01, 10),
            "predicted": Allowance(0.10, 15),  # modelled anew in every file
            "percent_complete": Allowance(0, 1),
            "percent_pending": Allowance(0, 1),
        },
        loose={"reported": Allowance(0.5, 50), "predicted": Allowance(0.5, 50)},
    ),
    "cbp-seizures": Recipe(
        kind="cbp",
        by_hand="take the newest nationwide-drugs CSV from cbp.gov, Nationwide Drug Seizures",
        title="CBP fentanyl seizures by month, component and area, file of {day}",
        citation="US Customs and Border Protection, Drug Seizure Statistics, nationwide files, as of {day}.",
        coverage=lambda f: f"FY{f['fiscal_year'].min()} to FY{f['fiscal_year'].max()} (to {f['month'].max()}); Office of "
        f"Field Operations and Border Patrol; {f['area_of_responsibility'].nunique()} areas of responsibility; fentanyl only",
        newest=lambda f: pd.Period(str(f["month"].max()), "M"),
        stays=("month", "component"),
        totals=("fiscal_year", "component", "region"),
        closed=lambda rows: rows["status"] == "closed",
        allowed={"events": Allowance(0.05, 5), "pounds": Allowance(0.05, 20)},
        kept=lambda old, new: old["fiscal_year"] < new["fiscal_year"].min(),
        link=cbp.link,
        label=("source_file_vintage",),
    ),
    "nflis": Recipe(
        kind="nflis",
        by_hand="run the NFLIS-Drug Data Query System for all years and states, drug category 33, and export it as CSV",
        title="NFLIS-Drug reports of fentanyl and related substances by state and half-year, query of {day}",
        citation="US Drug Enforcement Administration, NFLIS-Drug Data Query System, run {day}.",
        coverage=lambda f: f"{_span(f, 'year')} by half-year; {f['state'].nunique()} states and territories; "
        f"{f['substance'].nunique()} base substances",
        newest=_half,
        stays=("year", "half", "state"),
        totals=("year", "half", "state"),
        closed=lambda rows: rows["year"] <= pd.to_datetime(rows["known"]).dt.year - 2,
        allowed={"reports": Allowance(0.15, 50)},  # late reports raised old years by up to 9.5 percent
    ),
    "wonder-overdose": Recipe(
        kind="cdc-wonder",
        by_hand="query CDC WONDER, Multiple Cause of Death, for underlying causes X40-X44, X60-X64, X85 and Y10-Y14, once "
        "by year and once by state and year, and export both (--from twice)",
        title="CDC WONDER drug overdose deaths and rates, United States and states, by year, query of {day}",
        citation="Centers for Disease Control and Prevention, National Center for Health Statistics, CDC WONDER, "
        "Multiple Cause of Death, queried {day}.",
        coverage=lambda f: f"{_span(f, 'year')}; {f['jurisdiction'].nunique()} jurisdictions",
        newest=lambda f: pd.Period(str(f["year"].max()), "Y"),
        stays=("jurisdiction", "year"),
        totals=("jurisdiction", "year"),
        closed=lambda rows: rows["status"] == "final",
        allowed={"deaths": Allowance(0.001, 0), "population": Allowance(0.02, 0)},
        kept=lambda old, new: (
            ~old["jurisdiction"].isin(new["jurisdiction"]) | (old["year"] < new["year"].min())
        ),
    ),
}  # fmt: skip


def tall(dataset: str, frame: pd.DataFrame, vintage: str = "", known: object = None) -> pd.DataFrame:
    """One row for each number: the columns of the table that hold none, then column, value, vintage and known.

    Raises
    ------
    DataError
        If the frame is not laid out as the dataset, or the dataset has no numbers beside its key.
    """
    kinds = layout(dataset, list(frame.columns))
    numbers = [
        name for name, kind in kinds.items() if kind in ("count", "number") and name not in CONTRACTS[dataset].key
    ]
    if not numbers:
        raise DataError(f"{dataset} has no numbers beside its key; there is nothing to compare")
    rest = [name for name in frame.columns if name not in numbers]
    values = frame.astype(dict.fromkeys(numbers, "Float64"))
    return values.melt(rest, numbers, "column", "value").assign(vintage=vintage, known=known)


def held(dataset: str, vintages: Sequence[Table], series: Sequence[str] = ()) -> pd.DataFrame:
    """What several vintages say together, as `tall`: each series and column from the newest that holds a value of it.

    Parameters
    ----------
    vintages
        Tables of the dataset, oldest first.
    series
        The columns that tell one series from another; by default the newest vintage has everything.
    """
    parts: list[pd.DataFrame] = []
    seen = pd.MultiIndex.from_arrays([[]] * (len(series) + 1))
    for table in list(reversed(vintages))[: None if series else 1]:
        rows = tall(dataset, store.load(dataset, table.vintage), table.vintage, table.known)
        owner = pd.MultiIndex.from_frame(rows[[*series, "column"]])
        filled = rows["value"].notna().groupby([rows[name] for name in (*series, "column")]).transform("any")
        part = rows[filled & ~owner.isin(seen)]
        parts.append(part)
        seen = seen.append(pd.MultiIndex.from_frame(part[[*series, "column"]].drop_duplicates()))
    return pd.concat(parts, ignore_index=True)


def cells(dataset: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The numbers that differ between two states, as `tall` gives them.

    Returns
    -------
    DataFrame
        The key of the dataset, column, old, new, change (new less old; missing where either is, for missing is not
        zero), percent, kind: `revised`, `added` or `removed` with its row, `appeared` or `withdrawn` in a row that
        stays; ordered by key.

    Examples
    --------
    >>> from fentanyl_stats.data import catalog
    >>> first, then = (catalog.find("vsrr", day) for day in ("2018-10", "2018-11"))
    >>> moved = cells("vsrr", held("vsrr", [first]), held("vsrr", [then]))
    >>> moved.query("month_ending == '2017-12' and drug == 'all' and column == 'reported'").values.tolist()
    [['US', 'all', '2017-12', 'reported', 70771.0, 70908.0, 137.0, 0.193582, 'revised']]
    """
    key = list(CONTRACTS[dataset].key)
    by = [*key, "column"]
    pairs = before[[*by, "value"]].merge(after[[*by, "value"]], on=by, how="outer", suffixes=("_old", "_new"))
    pairs = pairs.rename(columns={"value_old": "old", "value_new": "new"})
    rows = pd.MultiIndex.from_frame(pairs[key])
    was, stays = (rows.isin(pd.MultiIndex.from_frame(state[key].drop_duplicates())) for state in (before, after))
    old, new = pairs["old"].notna(), pairs["new"].notna()
    kind = pd.Series("", index=pairs.index)
    kind = kind.mask(old & new & (pairs["old"] != pairs["new"]).fillna(value=False), "revised")
    kind = kind.mask(~old & new & was, "appeared").mask(~old & new & ~was, "added")
    kind = kind.mask(old & ~new & stays, "withdrawn").mask(old & ~new & ~stays, "removed")
    pairs["change"] = pairs["new"] - pairs["old"]
    pairs["percent"] = (100 * pairs["change"] / pairs["old"].where(pairs["old"] > 0)).round(6)
    pairs["kind"] = kind
    return pairs[kind != ""].sort_values(by, ignore_index=True)


def covered(rows: pd.DataFrame, other: pd.DataFrame, series: Sequence[str]) -> pd.DataFrame:
    """The rows of series and columns of which another state holds a value; `tall` gives both."""
    by = [*series, "column"]
    names = pd.MultiIndex.from_frame(other.loc[other["value"].notna(), by].drop_duplicates())
    return rows[pd.MultiIndex.from_frame(rows[by]).isin(names)]


def check(dataset: str, recipe: Recipe, vintages: Sequence[Table], frame: pd.DataFrame) -> None:
    """Whether a new table may follow the vintages held.

    Parameters
    ----------
    vintages
        Those published before it, oldest first; none: nothing is known to compare with.
    frame
        The new table, typed.

    Raises
    ------
    DataError
        If rows vanish, many closed numbers go blank, or one moves by more than the recipe allows and more than
        twice what the vintages held ever did; the message names the first cell, old and new, and how many there are.
    """
    if not vintages:
        return
    before, after = held(dataset, vintages, recipe.series), tall(dataset, frame)
    _stay(recipe, before, after)
    pairs = _sums(recipe, _followed(recipe, before, after), after)
    closed = pairs[pairs["closed"]]
    _filled(recipe, closed)
    for rows, limits, what in ((closed, _limits(dataset, recipe, vintages), "closed"), (pairs, recipe.loose, "held")):
        for column, limit in limits.items():
            broken = rows[(rows["column"] == column) & _beyond(rows, limit)]
            if len(broken):
                ceiling = f"{limit.relative:.2%} or " if limit.relative else ""
                raise DataError(
                    f"{_shown(broken, recipe)} went from {broken['old'].iloc[0]:,.10g} to {broken['new'].iloc[0]:,.10g}; "
                    f"{what} numbers may move by {ceiling}{limit.absolute:g}; so in {len(broken):,} of {len(rows):,}"
                )


def _stay(recipe: Recipe, before: pd.DataFrame, after: pd.DataFrame) -> None:
    stays = list(recipe.stays)
    if recipe.expected is not None:
        before = before[recipe.expected(before, after)]
    old = before[stays].drop_duplicates(ignore_index=True)
    gone = old[~pd.MultiIndex.from_frame(old).isin(pd.MultiIndex.from_frame(after[stays].drop_duplicates()))]
    if len(gone):
        raise DataError(
            f"{', '.join(map(str, gone.iloc[0]))} is in the vintages held and not in this file; so are {len(gone):,} of "
            f"{len(old):,} combinations of {', '.join(stays)}; is the file whole?"
        )


def _followed(recipe: Recipe, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The numbers that the new table should go on with: those of its series that it gives, or that were given last."""
    if not recipe.series:
        return before
    series = list(recipe.series)
    given = before.index.isin(covered(before, after, series).index)
    last = before["known"] == before.groupby(series)["known"].transform("max")
    return before[given | (last & before.index.isin(covered(before, after.assign(value=0), series).index))]


def _filled(recipe: Recipe, closed: pd.DataFrame) -> None:
    """Closed numbers stay numbers: no series loses all of them, no column more than a few."""
    blank = closed["new"].isna()
    whole = blank.groupby([closed[name] for name in (*recipe.series, "column")]).transform("mean")
    column = blank.groupby(closed["column"]).transform("mean")
    gone = closed[blank & ((column > _WITHDRAWN) | ((whole == 1) & bool(recipe.series)))]
    if len(gone):
        raise DataError(
            f"{_shown(gone, recipe)} has no number any more; so in {len(gone):,} of {len(closed):,} of closed periods"
        )


def _sums(recipe: Recipe, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Old and new total of each group and column that was held, and whether it is closed."""
    by = [*recipe.totals, "column"]
    groups = before.assign(closed=recipe.closed(before)).groupby(by, sort=False)
    old = pd.DataFrame({"old": groups["value"].sum(min_count=1), "closed": groups["closed"].all()})
    new = after.groupby(by, sort=False)["value"].sum(min_count=1).rename("new")
    return old.join(new, how="left").reset_index().dropna(subset="old")


def _beyond(rows: pd.DataFrame, limit: Allowance) -> pd.Series:
    change = (rows["new"] - rows["old"]).abs()
    return (change > limit.absolute).fillna(value=False) & (change > limit.relative * rows["old"]).fillna(value=False)


def _limits(dataset: str, recipe: Recipe, vintages: Sequence[Table]) -> Mapping[str, Allowance]:
    """The allowances, widened to twice the largest move of a closed number between neighbouring vintages."""
    limits = dict(recipe.allowed)
    for older, newer in pairwise(vintages):
        pairs = _sums(recipe, *(held(dataset, [table], recipe.series) for table in (older, newer)))
        pairs = pairs[pairs["closed"] & pairs["new"].notna()]
        for column, limit in limits.items():
            rows = pairs[(pairs["column"] == column) & _beyond(pairs, Allowance(0, limit.absolute))]
            moved = ((rows["new"] - rows["old"]).abs() / rows["old"]).max() if len(rows) and limit.relative else 0.0
            limits[column] = Allowance(max(limit.relative, 2 * float(moved)), limit.absolute)
    return limits


def _shown(rows: pd.DataFrame, recipe: Recipe) -> str:
    first = rows.iloc[0]
    return f"{', '.join(str(first[name]) for name in recipe.totals)}: {first['column']}"


def comparable(tables_held: Iterable[Table]) -> list[str]:
    """Datasets held in two vintages or more that have the same columns.

    >>> from fentanyl_stats.data import catalog
    >>> comparable(catalog.entries())
    ['vsrr']
    """
    found: dict[str, list[set[str]]] = {}
    for table in tables_held:
        if table.is_frame and not table.released:
            found.setdefault(table.dataset, []).append(set(store.load(table.dataset, table.vintage).columns))
    return [name for name, layouts in found.items() if len(layouts) > 1 and all(one == layouts[0] for one in layouts)]
