"""Age-adjusted rates of a whole frame, its rows matched to the standard population by name of age group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError, unknown
from ..model import number as written
from ._columns import chosen, column, listed
from ._numbers import FloatArray
from .reliability import ReliabilityRule, classic
from .standardise import rate_per, rates_of
from .weighted import WeightedSum

RESULT = ("deaths", "population", "rate", "se", "low", "high", "method", "flag")


def age_adjusted(
    frame: pd.DataFrame,
    by: str | Sequence[str] = (),
    deaths: str = "deaths",
    population: str = "population",
    age: str = "age_group",
    *,
    standard: pd.Series | Mapping[Any, float],
    per: float = 100_000,
    level: float = 0.95,
    method: str = "fay-feuer",
    unknown_age: str | None = None,
    missing: str = "raise",
    rule: str | ReliabilityRule = classic,
) -> pd.DataFrame:
    """Age-adjusted rates of every group of a frame that has one row per group and age group, in any order.

    Parameters
    ----------
    frame : DataFrame
        With the columns named by `deaths`, `population` (see `age_adjusted_rate`), `age` and `by`.
    by : str or list of str
        Columns that tell the rates apart, such as state and year; without any, the frame is one population.
    standard : Series or mapping
        Standard population by age group: persons or proportions. Matched by name, never by position.
    per, level, method, rule
        As for `age_adjusted_rate`.
    unknown_age : str, optional
        Label in the age column of the deaths of unknown age: they count in `deaths`, not in the rate.
    missing : {"raise", "withhold"}
        What a missing or suppressed cell, or an absent age group, does: an error, or a missing rate flagged
        "missing".

    Returns
    -------
    DataFrame
        One row per group in order of appearance: the `by` columns, `deaths` (those of unknown age too),
        `population`, `rate`, `se`, `low`, `high`, `method` and `flag` ("", "unreliable", "missing", or why
        something is withheld).

    Raises
    ------
    StatsError
        Naming groups and age groups: if an age group is absent, repeated, not in the standard, or has a
        missing cell, or deaths but no population. Also if a column does not exist, the standard has no names,
        or numbers are negative, infinite or no numbers, or counts are not whole.

    Examples
    --------
    >>> strata = pd.DataFrame({
    ...     "state": ["Ohio", "Utah", "Ohio", "Utah"],
    ...     "age_group": ["65+", "0-64", "0-64", "65+"],
    ...     "deaths": [30, 20, 250, 4],
    ...     "population": [210_000, 290_000, 980_000, 40_000],
    ... })
    >>> rates = age_adjusted(strata, "state", standard={"0-64": 0.85, "65+": 0.15})
    >>> rates[["state", "deaths", "rate", "low", "high"]].round(2)
      state  deaths   rate    low   high
    0  Ohio   280.0  23.83  21.11  26.79
    1  Utah    24.0   7.36   4.71  11.07
    """
    policy = chosen(missing, {"raise": ("error",), "withhold": ("nan", "flag")}, "choice for missing")
    scale, weights = rate_per(per), _standard(standard)
    cells = _Cells.of(frame, [by] if isinstance(by, str) else list(by), age, weights.index, unknown_age)
    _require(frame, [deaths, population])
    if taken := set(cells.heads.columns) & set(RESULT):
        raise StatsError(f"`by` names {listed(sorted(taken))}, which the result holds too; rename the column")
    n, extra = cells.spread(column(frame[deaths], deaths, whole=True))
    persons, _ = cells.spread(column(frame[population], population))
    lost = np.isnan(n) | np.isnan(persons)
    if policy == "raise":
        cells.refuse(cells.count == 0, "no row", 'give one, or pass missing="withhold"')
        cells.refuse(lost, "missing deaths or population", 'give them, or pass missing="withhold"')
        cells.refuse(np.isnan(extra)[:, None], "missing deaths of unknown age", "give them, or leave the row out")
    cells.refuse((n > 0) & (persons == 0), "deaths among 0 persons", "give a population above 0")
    empty = ~lost & (persons == 0) | (weights.to_numpy() == 0)
    cells.refuse(empty.all(axis=1, keepdims=True), "no population in any age group that has a weight", "give one")

    gone = lost.any(axis=1) | np.isnan(extra)
    # Placeholders keep the arithmetic quiet in rows that are blanked below.
    sums = WeightedSum.of(
        np.where(gone[:, None], 0, n),
        np.where(gone[:, None], 1, persons),
        (weights / weights.sum()).to_numpy(),
        scale,
        np.where(gone, 0, extra),
    )
    rates = rates_of(sums, level, method, rule)
    rates.loc[gone, ["rate", "se", "low", "high"]] = np.nan
    rates.loc[gone, "flag"] = "missing"
    totals = {"deaths": np.where(gone, np.nan, sums.total), "population": persons.sum(axis=1)}
    result = pd.concat([cells.heads, pd.DataFrame(totals), rates], axis=1)
    result.attrs = {"unit": f"deaths per {written(scale)}, age-adjusted", "level": level}
    return result


def _require(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise StatsError(unknown("column", name, frame.columns))


def _standard(standard: Any) -> pd.Series:
    """The standard population as a clean Series by age group."""
    if not isinstance(standard, pd.Series | Mapping):
        raise StatsError("standard must be a Series or dict indexed by age group, so that it is matched by name")
    named = standard if isinstance(standard, pd.Series) else pd.Series(dict(standard), dtype=object)
    weights = pd.Series(column(named, "standard"), index=named.index)
    if not weights.index.is_unique:
        repeated = listed(weights.index[weights.index.duplicated()].unique())
        raise StatsError(f"standard repeats the age groups {repeated}; give each once")
    if weights.isna().any():
        raise StatsError(f"standard has no weight for {listed(weights.index[weights.isna()])}")
    if not weights.sum() > 0:
        raise StatsError("standard holds no weight above 0; give persons or proportions by age group")
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Where each row of a frame belongs in the table group × age group; column -1 is unknown age."""

    heads: pd.DataFrame
    ages: pd.Index
    group: npt.NDArray[np.intp]
    code: npt.NDArray[np.intp]

    @classmethod
    def of(cls, frame: pd.DataFrame, keys: list[str], age: str, ages: pd.Index, unknown_age: str | None) -> _Cells:
        if not isinstance(frame, pd.DataFrame):
            raise StatsError(f"frame must be a DataFrame, not {type(frame).__name__}; for arrays use age_adjusted_rate")
        _require(frame, [*keys, age])
        if frame.empty:
            raise StatsError("frame has no rows; give one for each age group")
        if unknown_age in ages:
            raise StatsError(f"age group {unknown_age!r} has a weight in the standard, so it is not unknown age")
        labels = pd.Index(frame[age].astype(object))
        code = ages.astype(object).get_indexer(labels)
        foreign = labels[(code < 0) & ~(labels == unknown_age)].unique()
        if len(foreign):
            raise StatsError(
                f"age groups {listed(foreign)} are not in the standard, which has {listed(ages, 20)}; "
                "rename them, or name the label of unknown ages in unknown_age"
            )
        numbers = (
            frame.groupby(keys, sort=False, dropna=False, observed=True).ngroup() if keys else np.zeros(len(frame))
        )
        group, _ = pd.factorize(np.asarray(numbers))
        heads = frame.loc[~pd.Series(group).duplicated().to_numpy(), keys].reset_index(drop=True)
        cells = cls(heads, ages, group, code)
        cells.refuse(cells.count > 1, "more than one row", "give one row per group and age group, or name `by` columns")
        return cells

    @property
    def count(self) -> npt.NDArray[np.int_]:
        """How many rows each cell has."""
        counts = np.zeros((len(self.heads), len(self.ages)), dtype=np.int_)
        known = self.code >= 0
        np.add.at(counts, (self.group[known], self.code[known]), 1)
        return counts

    def spread(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The values as a table, NaN where there is no row, and each group's sum over unknown age."""
        cells: FloatArray = np.full((len(self.heads), len(self.ages)), np.nan)
        known = self.code >= 0
        cells[self.group[known], self.code[known]] = values[known]
        extra: FloatArray = np.zeros(len(self.heads))
        np.add.at(extra, self.group[~known], values[~known])
        return cells, extra

    def refuse(self, bad: npt.NDArray[np.bool_], problem: str, remedy: str) -> None:
        """Raise a StatsError that counts and names the marked cells, or groups in a table of one column."""
        where = np.argwhere(bad)
        if not len(where):
            return
        whole_groups = bad.shape[1] == 1 < len(self.ages)
        names = []
        for group, code in where[:5]:
            head = ", ".join(str(value) for value in self.heads.iloc[group])
            parts = [head, "" if whole_groups else repr(self.ages[code])]
            names.append(" ".join(part for part in parts if part) or "the frame")
        more = f" … ({len(where)} in all)" if len(where) > 5 else ""
        raise StatsError(f"{problem} for {'; '.join(names)}{more}; {remedy}")
