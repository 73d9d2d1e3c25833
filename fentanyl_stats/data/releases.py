"""Releases kept as changes only: what each of them held, cell by cell.

A row of changes stands in a release if it is new there, or differs from the release before. So every value lives from the
release that first has it until the release that changes it; a release is what lives in it, as far as the release reaches.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

WITHDRAWN = "withdrawn"
MEASURES = ("reported", "predicted")


class _Form(NamedTuple):
    """How the changes of a dataset are keyed, which columns they give, and which column says that a row was withdrawn."""

    key: tuple[str, ...]
    values: tuple[str, ...]
    state: str


FORMS = {
    "vsrr": _Form(("jurisdiction", "drug", "measure", "month_ending"), ("value", "flag"), "flag"),
    "cbp-seizures": _Form(
        ("fiscal_year", "month", "component", "region", "land_filter", "area_of_responsibility"),
        ("events", "pounds", "status"),
        "status",
    ),
}


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of a dataset, oldest first.

    Attributes
    ----------
    dataset
        `vsrr` or `cbp-seizures`.
    vintages
        Columns vintage, known_from, known_to (text, YYYY-MM-DD), newest_month, rows, complete (bool), source; one row a release.
    lives
        The key and values of every row, with `since`, the number of the release that first has it, and `until`, of the
        first that no longer does (both count from 0); sorted by key and `since`. Texts are categories.
    coverage
        For each release that is not complete, by its number, the runs of months that it holds: jurisdiction, drug, measure, first,
        last.
    """

    dataset: str
    vintages: pd.DataFrame
    lives: pd.DataFrame
    coverage: dict[int, pd.DataFrame]

    @property
    def key(self) -> list[str]:
        """The columns that name a cell."""
        return list(FORMS[self.dataset].key)

    def number(self, day: str) -> int:
        """The number of the newest release that was surely public on a day; -1 before the first."""
        return int(np.searchsorted(self.vintages["known_to"].to_numpy(str), day, side="right")) - 1

    def living(self, number: int, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """What was held last by a release: its own cells, and those carried from earlier ones that it does not reach."""
        rows = self.lives if rows is None else rows
        return rows[(rows["since"] <= number) & (rows["until"] > number)]

    def covered(self, rows: pd.DataFrame, number: int) -> np.ndarray:
        """Whether a release reaches each of the rows (bool); a complete one reaches all, a file of seizures its fiscal years."""
        if "fiscal_year" in self.key:
            span = self.vintages.iloc[number]
            return np.asarray(rows["fiscal_year"].between(span["first_fiscal_year"], span["last_fiscal_year"]))
        runs = self.coverage.get(number)
        if runs is None:
            return np.ones(len(rows), bool)
        columns = [rows[name].cat for name in self.key]
        shape = [len(column.categories) for column in columns]
        *series, first = (
            column.categories.get_indexer(runs[n]) for column, n in zip(columns, (*self.key[:3], "first"), strict=True)
        )
        last = columns[3].categories.get_indexer(runs["last"])
        known = np.min([*series, first, last], axis=0) >= 0
        at = np.ravel_multi_index([codes[known] for codes in series], shape[:3])
        steps = np.zeros((math.prod(shape[:3]), shape[3] + 1), np.int8)
        np.add.at(steps, (at, first[known]), 1)
        np.add.at(steps, (at, last[known] + 1), -1)
        inside = np.cumsum(steps, axis=1) > 0
        *cells, month = (column.codes.to_numpy() for column in columns)
        return np.asarray(inside[np.ravel_multi_index(cells, shape[:3]), month])

    def release(self, number: int, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """The cells of one release, exactly."""
        found = self.living(number, rows)
        return found[self.covered(found, number)]

    def held_by(self, rows: pd.DataFrame, number: int) -> np.ndarray:
        """For each living row the number of the newest release, up to this one, that holds it."""
        newest = np.full(len(rows), -1)
        for earlier in range(number, -1, -1):
            open_ = newest < 0
            if not open_.any():
                break
            newest[np.flatnonzero(open_)[self.covered(rows[open_], earlier)]] = earlier
        return newest


def releases(dataset: str, changes: pd.DataFrame, vintages: pd.DataFrame, coverage: pd.DataFrame | None) -> Releases:
    """The releases of a dataset from its three tables.

    Parameters
    ----------
    dataset
        `vsrr` or `cbp-seizures`.
    changes
        Columns vintage, the key, the values; a row of status or flag `withdrawn` ends a cell.
    vintages
        Columns vintage, complete and others; one row a release, in order of release.
    coverage
        What partial releases hold (vintage, jurisdiction, drug, measure, first, last); None where all are complete.

    Examples
    --------
    >>> cells = {"jurisdiction": "US", "drug": "all", "measure": "reported", "month_ending": "2019-12", "flag": ""}
    >>> changes = pd.DataFrame([{"vintage": "a", **cells, "value": 7}, {"vintage": "c", **cells, "value": 9}])
    >>> made = releases("vsrr", changes, pd.DataFrame({"vintage": ["a", "b", "c"], "complete": True}), None)
    >>> made.lives[["value", "since", "until"]].values.tolist()
    [[7, 0, 2], [9, 2, 3]]
    """
    form = FORMS[dataset]
    order = {name: number for number, name in enumerate(vintages["vintage"])}
    lives = changes[[*form.key, *form.values]]
    texts = [name for name in lives if not pd.api.types.is_numeric_dtype(lives[name])]
    lives = lives.astype(dict.fromkeys(texts, "category")).assign(since=changes["vintage"].map(order).astype("int16"))
    lives = lives.sort_values([*form.key, "since"], ignore_index=True)
    again = lives.duplicated(list(form.key)).shift(-1, fill_value=False)  # the next row is of the same cell
    until = lives["since"].shift(-1).where(again, len(order)).astype("int16")
    lives = lives.assign(until=until)
    lives = lives[lives[form.state] != WITHDRAWN].reset_index(drop=True)
    partial = [] if coverage is None else [name for name in order if name in set(coverage["vintage"])]
    runs = {order[name]: coverage[coverage["vintage"] == name].drop(columns="vintage") for name in partial}  # type: ignore[index]
    return Releases(dataset, vintages, lives, runs)


def expansion_hash(dataset: str, cells: pd.DataFrame) -> str:
    """The SHA-256 of a release: its cells as CSV, sorted by key, with key, values and a header.

    Examples
    --------
    >>> cells = pd.DataFrame([["US", "all", "reported", "2019-12", 7, ""]], columns=[*FORMS["vsrr"].key, "value", "flag"])
    >>> expansion_hash("vsrr", cells)[:12]
    '3138f914dd52'
    """
    form = FORMS[dataset]
    text = cells[[*form.key, *form.values]].sort_values(list(form.key)).to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


FIRST = "2015-01"
"""The first window that CDC has published of any provisional series."""


def is_whole(months: pd.Series) -> bool:
    """Whether a series of windows (`YYYY-MM`, each once) starts with the first and leaves none out.

    >>> is_whole(pd.Series(["2015-01", "2015-02"])), is_whole(pd.Series(["2015-01", "2015-12"]))
    (True, False)
    """
    numbers = months.str[:4].astype("int64") * 12 + months.str[5:7].astype("int64")
    return bool(months.min() == FIRST and numbers.max() - numbers.min() + 1 == len(numbers))


def wide(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of a release of `vsrr` as its table: reported and predicted side by side, per cents missing.

    Examples
    --------
    >>> key = ["US", "all", "2019-12"]
    >>> cells = pd.DataFrame([[*key, "reported", 7, ""]], columns=["jurisdiction", "drug", "month_ending", "measure", "value", "flag"])
    >>> wide(cells)["flag"].tolist()
    ['not_published']
    """
    key = ["jurisdiction", "drug", "month_ending"]
    parts = [
        cells[cells["measure"] == measure]
        .astype({**dict.fromkeys(key, "str"), "flag": "str", "value": "Int64"})
        .set_index(key)[["value", "flag"]]
        .rename(columns={"value": measure, "flag": f"flag_{measure}"})
        for measure in MEASURES
    ]
    both = parts[0].join(parts[1], how="outer").sort_index().reset_index()
    flags = both[[f"flag_{measure}" for measure in MEASURES]].fillna("not_published")
    pairs = {pair: _joined(pair) for pair in flags.drop_duplicates().itertuples(index=False, name=None)}
    flag = pd.Series([pairs[pair] for pair in flags.itertuples(index=False, name=None)], both.index, dtype="str")
    return both.assign(percent_complete=np.nan, percent_pending=np.nan, flag=flag)[
        [*key, *MEASURES, "percent_complete", "percent_pending", "flag"]
    ]


def _joined(pair: tuple[str, ...]) -> str:
    return ";".join(dict.fromkeys(flag for cell in pair for flag in cell.split(";") if flag))


def fiscal_years(made: Releases, number: int) -> pd.DataFrame:
    """Seizures as known with a release: each fiscal year from the newest file, up to it, that spans it.

    Returns
    -------
    DataFrame
        The table `cbp-seizures`; `source_file_vintage` names the file of each year.
    """
    cells = made.living(number)
    files = made.vintages["vintage"].to_numpy(str)[made.held_by(cells, number)]
    texts = cells.select_dtypes("category").columns
    table = cells.astype(dict.fromkeys(texts, "str")).assign(source_file_vintage=files)
    return table[[*made.key, "events", "pounds", "source_file_vintage", "status"]].reset_index(drop=True)


#: Dataset -> the table of one release by its number.
TABLE: dict[str, Callable[[Releases, int], pd.DataFrame]] = {
    "vsrr": lambda made, number: wide(made.release(number)),
    "cbp-seizures": fiscal_years,
}


def appended(made: Releases, vintage: str, day: str, table: pd.DataFrame, source: str) -> Releases:
    """The releases with one more, read from its whole table: what it changes ends and begins, the rest lives on.

    A series of `vsrr`, or a fiscal year of `cbp-seizures`, that the table lacks was not reached, so it is carried; of one that it has, a
    row that is gone was withdrawn.
    """
    form, number = FORMS[made.dataset], len(made.vintages)
    key, values = list(form.key), list(form.values)
    reach = ["fiscal_year"] if "fiscal_year" in key else ["jurisdiction", "drug", "measure"]
    cells = long(table) if made.dataset == "vsrr" else table[[*key, *values]]
    texts = made.lives.select_dtypes("category").columns
    kinds = {c: pd.CategoricalDtype(sorted({*made.lives[c].cat.categories, *cells[c].unique()})) for c in texts}
    cells, lives = cells.astype(kinds), made.lives.astype(kinds)
    before = made.living(number - 1).astype(kinds).assign(row=lambda rows: rows.index)[[*key, *values, "row"]]
    pairs = before.merge(cells, on=key, how="outer", suffixes=("", "_new"), indicator=True)
    differ = pd.Series(False, pairs.index)
    for name in values:
        old, new = pairs[name].astype("str"), pairs[f"{name}_new"].astype("str")
        differ |= (old != new) & ~(old.isna() & new.isna())
    changed = (pairs["_merge"] == "both") & differ
    reached = pairs.set_index(reach).index.isin(cells.set_index(reach).index)
    lives.loc[lives["until"] == number, "until"] = number + 1
    lives.loc[pairs.loc[changed | ((pairs["_merge"] == "left_only") & reached), "row"].astype(int), "until"] = number
    fresh = pairs.loc[changed | (pairs["_merge"] == "right_only"), [*key, *(f"{name}_new" for name in values)]]
    fresh.columns = pd.Index([*key, *values])
    fresh = fresh.astype(lives[values].dtypes.to_dict()).assign(since=number, until=number + 1)
    lives = pd.concat([lives, fresh.astype({"since": "int16", "until": "int16"})])
    lives = lives.sort_values([*key, "since"], ignore_index=True)
    row: dict[str, object] = {
        "vintage": vintage,
        "known_from": day,
        "known_to": day,
        "rows": len(cells),
        "source": source,
    }
    coverage = dict(made.coverage)
    if "fiscal_year" in key:
        years = cells["fiscal_year"]
        row |= {"first_fiscal_year": years.min(), "last_fiscal_year": years.max(), "complete": True}
        row["newest_month"] = str(cells["month"].astype(str).max())
    else:
        whole = [n for n in range(number) if made.vintages["complete"].iloc[n]]
        wanted = _series(made.release(whole[-1])) if whole else set()
        row |= {"complete": wanted <= _series(cells), "newest_month": str(cells["month_ending"].astype(str).max())}
        if not row["complete"]:
            runs = cells.astype(dict.fromkeys(texts, "str")).groupby(reach)["month_ending"].agg(first="min", last="max")
            coverage[number] = runs.reset_index()
    return Releases(made.dataset, pd.concat([made.vintages, pd.DataFrame([row])], ignore_index=True), lives, coverage)


def _series(cells: pd.DataFrame) -> set[tuple[str, ...]]:
    return set(
        cells[["jurisdiction", "drug", "measure"]].drop_duplicates().astype("str").itertuples(index=False, name=None)
    )


def long(table: pd.DataFrame) -> pd.DataFrame:
    """A table of `vsrr` as cells: one row a measure that the table gives at all."""
    key = ["jurisdiction", "drug", "month_ending"]
    parts = []
    for measure in MEASURES:
        cells = table[[*key, measure, "flag"]].rename(columns={measure: "value"}).assign(measure=measure)
        given = cells.groupby(["jurisdiction", "drug"])["value"].transform("count") > 0
        parts.append(cells[given | (measure == "reported")])
    return pd.concat(parts, ignore_index=True)
