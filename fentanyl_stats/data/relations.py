"""What must hold between the columns and rows of a figure table, as small rules that point at rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from .columns import has_flag, split_flags


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule: `holds` gives a bool for every row; `column` and `right` tell a reader what to correct."""

    column: str
    right: str
    holds: Callable[[pd.DataFrame], pd.Series]


def met(answer: pd.Series, *columns: pd.Series) -> pd.Series:
    """An answer as plain bool; where it or one of the columns it rests on is missing, nothing is broken.

    >>> met(pd.Series([False, False]), pd.Series([1.0, float("nan")])).tolist()
    [False, True]
    """
    result = answer.astype("boolean").fillna(True).astype(bool)
    for column in columns:  # comparing a missing float says False, not missing
        result |= column.isna()
    return result


def flagged(frame: pd.DataFrame, names: Iterable[str]) -> pd.Series:
    """Whether each row bears any of the flags (bool)."""
    result = pd.Series(False, index=frame.index)
    for name in names:
        result |= has_flag(frame["flag"], name)
    return result


def at_least(column: str, low: str) -> Relation:
    """`column` >= `low` wherever both are given."""
    return Relation(column, f"{column} must be at least {low}", lambda f: met(f[column] >= f[low], f[column], f[low]))


def blank_iff(column: str, *flags: str) -> Relation:
    """The column is blank exactly where one of the flags stands."""
    words = " or ".join(flags)
    return Relation(
        column,
        f"{column} must be blank where flag {words} stands, and only there",
        lambda f: f[column].isna() == flagged(f, flags),
    )


def blank_needs(column: str, *flags: str) -> Relation:
    """A blank cell is explained by one of the flags."""
    return Relation(
        column,
        f"a blank {column} needs one of the flags {', '.join(flags)}",
        lambda f: f[column].notna() | flagged(f, flags),
    )


def flag_needs_blank(column: str, *flags: str) -> Relation:
    """The flags stand on blank cells only."""
    return Relation(
        column,
        f"{column} must be blank under flag {' or '.join(flags)}",
        lambda f: f[column].isna() | ~flagged(f, flags),
    )


def known_flags(*flags: str) -> Relation:
    """Each cell of `flag` joins known flags with `;`, none twice."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        cells = {cell: split_flags(cell) for cell in frame["flag"].unique()}
        fine = {cell: set(each) <= set(flags) and len(set(each)) == len(each) for cell, each in cells.items()}
        return frame["flag"].map(fine).astype(bool)

    return Relation("flag", f"flag must join some of {', '.join(flags)} with ';'", holds)


def withheld_below_ten(column: str) -> Relation:
    """Counts of 1 to 9 are never shown (the data-use rule of CDC WONDER and VSRR)."""
    return Relation(
        column,
        f"a {column} of 1 to 9 must be suppressed: blank, with its flag",
        lambda f: met(~f[column].between(1, 9)),
    )


def months_follow(month: str, *by: str) -> Relation:
    """Each series has every month from its first to its last."""
    return Relation(
        month,
        "a month is missing before this row; each series needs all its months",
        _follow(month, by, _month_number),
    )


def years_follow(*by: str) -> Relation:
    """Each series has every year from its first to its last."""
    return Relation(
        "year",
        "a year is missing before this row; each series needs all its years",
        _follow("year", by, lambda s: s),
    )


def nested(column: str, level: str, inner: str, outer: str, by: Sequence[str]) -> Relation:
    """A class of deaths is at most the class that holds it, e.g. T40.4 within opioids within all."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        wholes = frame.loc[frame[level] == outer, [*by, column]].drop_duplicates([*by])
        beside = frame[[*by]].merge(wholes, on=[*by], how="left")[column].set_axis(frame.index)
        return met((frame[column] <= beside) | (frame[level] != inner))

    return Relation(column, f"{column} of {inner} must be at most that of {outer}", holds)


def total(column: str, level: str, whole: str, parts: Sequence[str], by: Sequence[str]) -> Relation:
    """The row of the whole equals the sum of its parts, wherever whole and all parts are given."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        inside = frame[frame[level].isin(parts)].groupby([*by])[column].agg(["sum", "count"])
        rows = frame[frame[level] == whole].drop_duplicates([*by]).reset_index(names="row")
        beside = rows.merge(inside, left_on=[*by], right_index=True, how="left")
        fits = met((beside["sum"] == beside[column]) | (beside["count"] != len(parts)))
        return pd.Series(~frame.index.isin(beside.loc[~fits, "row"]), index=frame.index)

    return Relation(column, f"{column} of {whole} must be the sum of its {len(parts)} parts", holds)


def complete(column: str, values: Sequence[str], *by: str) -> Relation:
    """Every group (or the whole table) has each of the values once."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        key = [frame[name] for name in by] or [pd.Series(0, index=frame.index)]
        counts = frame[column].where(frame[column].isin(values)).groupby(key).transform("nunique")
        return counts == len(values)

    return Relation(column, f"all {len(values)} values {values[0]} to {values[-1]} must be there", holds)


def sums_to(column: str, value: float, tolerance: float) -> Relation:
    """The column of the whole table adds up to a value."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        fine = abs(float(frame[column].astype(float).sum()) - value) <= tolerance
        return pd.Series(fine, index=frame.index)

    return Relation(column, f"{column} must sum to {value:g}", holds)


def one_each(column: str, of: str) -> Relation:
    """Rows with the same `of` bear the same `column`; the few that differ from the most are wrong."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        return met(frame[column] == frame.groupby(of)[column].transform(lambda cells: cells.mode().iat[0]))

    return Relation(column, f"{column} must be the same in all rows of one {of}", holds)


def _follow(
    column: str, by: Sequence[str], number: Callable[[pd.Series], pd.Series]
) -> Callable[[pd.DataFrame], pd.Series]:
    def holds(frame: pd.DataFrame) -> pd.Series:
        ordered = frame.sort_values([*by, column])
        numbers = number(ordered[column])
        keys = [ordered[name] for name in by] or [pd.Series(0, index=ordered.index)]
        steps = numbers.groupby(keys).diff()
        return met(steps.isna() | (steps <= 1)).reindex(frame.index)

    return holds


def _month_number(months: pd.Series) -> pd.Series:
    """Months since year 0; the texts have been checked to be months, or their own check fails."""
    year, month = (pd.to_numeric(months.str[part], errors="coerce") for part in (slice(4), slice(5, 7)))
    return year * 12 + month
