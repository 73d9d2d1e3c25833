"""The contract of every figure table: its key, vocabularies, and what must hold between its columns and rows.

The contracts are written in `tables.toml`. A rule there is the name of a function below with its arguments, or of one of
`_SINGLE`, each of which is a relation: it points at rows. `schemas` checks a table against its contract.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from . import names
from .columns import TABLES, has_flag, split_flags

MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
DAY = rf"{MONTH}-(?:0[1-9]|[12]\d|3[01])"
DATE = rf"(?:\d{{4}}|{MONTH}|{DAY})"
SOURCE = r"[SVF]\d{2,3}[a-z]?"
AGES = r"all|\d{1,2}(?:-\d{1,2}|\+)"
M_SOURCES = r"M\d{2,3}(?:;M\d{2,3})*;?"
_PATTERNS = {
    "month": MONTH, "day": DAY, "date": DATE, "source": SOURCE, "sources": rf"{SOURCE}(?:;{SOURCE})*", "ages": AGES,
    "m-sources": M_SOURCES,
}  # fmt: skip

#: How a message names a pattern.
FORMS = {
    MONTH: "must have the form YYYY-MM",
    DAY: "must have the form YYYY-MM-DD",
    DATE: "must have the form YYYY, YYYY-MM or YYYY-MM-DD",
    SOURCE: "must be a source id such as S01, V01 or F001a",
    AGES: "must be all, an age group such as 18-45, or an open one such as 85+",
    M_SOURCES: "must join source ids such as M01 with ';'",
}

AGES_11, AGES_18 = (tuple(TABLES["vocabularies"][name]) for name in ("ages_11", "ages_18"))
AGES_19 = ("<1", "1-4", *AGES_18[1:])

#: The 50 states and DC.
STATES = tuple(code for code in names.jurisdictions() if code not in ("US", "PR", "YC"))
_WORDS: dict[str, Sequence[str]] = {
    **TABLES["vocabularies"],
    "ages_19": AGES_19,
    "ages_11_and_19": tuple(dict.fromkeys(AGES_11 + AGES_19)),
    "states": STATES,
    "us_and_states": ["US", *STATES],
    "states_and_pr": [*STATES, "PR"],
    "states_and_territories": [*STATES, "PR", "GU", "VI", "XX"],
    "jurisdictions": names.jurisdictions(),
    "drugs": names.drugs(),
    "causes": names.causes(),
    "components": names.components(),
    "regions": names.regions(),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule: `holds` gives a bool for every row; `column` and `right` tell a reader what to correct."""

    column: str
    right: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises beyond its column kinds.

    `key` names the rows; `given` columns are never blank, nor is the key, save those of it in `blank`; `words` are closed
    vocabularies, `patterns` regular expressions of whole cells, `ranges` closed intervals of numbers (None:
    an open end). A rule on a column that a layout lacks is left out.
    """

    key: Sequence[str]
    given: Sequence[str] = ()
    blank: Sequence[str] = ()
    words: Mapping[str, Sequence[object]] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    relations: Sequence[Relation] = ()

    @property
    def never_blank(self) -> frozenset[str]:
        """The columns in which every row has a value."""
        return frozenset((*self.key, *self.given)) - frozenset(self.blank)


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
    return pd.concat([has_flag(frame["flag"], name) for name in names], axis=1).any(axis=1)


def at_least(column: str, low: str) -> Relation:
    """`column` >= `low` wherever both are given."""
    return Relation(column, f"{column} must be at least {low}", lambda f: met(f[column] >= f[low], f[column], f[low]))


def blank_iff(column: str, *flags: str) -> Relation:
    """The column is blank exactly where one of the flags stands."""
    right = f"{column} must be blank where flag {' or '.join(flags)} stands, and only there"
    return Relation(column, right, lambda f: f[column].isna() == flagged(f, flags))


def blank_needs(column: str, *flags: str) -> Relation:
    """A blank cell is explained by one of the flags."""
    right = f"a blank {column} needs one of the flags {', '.join(flags)}"
    return Relation(column, right, lambda f: f[column].notna() | flagged(f, flags))


def flag_needs_blank(column: str, *flags: str) -> Relation:
    """The flags stand on blank cells only."""
    right = f"{column} must be blank under flag {' or '.join(flags)}"
    return Relation(column, right, lambda f: f[column].isna() | ~flagged(f, flags))


def known_flags(*flags: str) -> Relation:
    """Each cell of `flag` joins known flags with `;`, none twice."""

    def fine(cell: str) -> bool:
        each = split_flags(cell)
        return set(each) <= set(flags) and len(set(each)) == len(each)

    right = f"flag must join some of {', '.join(flags)} with ';'"
    return Relation("flag", right, lambda f: f["flag"].map({c: fine(c) for c in f["flag"].unique()}).astype(bool))


def withheld_below_ten(column: str) -> Relation:
    """Counts of 1 to 9 are never shown (the data-use rule of CDC WONDER and VSRR)."""
    right = f"a {column} of 1 to 9 must be suppressed: blank, with its flag"
    return Relation(column, right, lambda f: met(~f[column].between(1, 9)))


def unbroken(column: str, *by: str) -> Relation:
    """Each series has every year, or every month, from its first to its last."""
    unit = "year" if column == "year" else "month"

    def holds(frame: pd.DataFrame) -> pd.Series:
        ordered = frame.sort_values([*by, column])
        numbers = ordered[column] if unit == "year" else _month_number(ordered[column])
        steps = numbers.groupby(_keys(ordered, by)).diff()
        return met(steps.isna() | (steps <= 1)).reindex(frame.index)

    return Relation(column, f"a {unit} is missing before this row; each series needs all its {unit}s", holds)


def nested(column: str, level: str, inner: str, outer: str, *by: str) -> Relation:
    """A class of deaths is at most the class that holds it, e.g. T40.4 within opioids within all."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        wholes = frame.loc[frame[level] == outer, [*by, column]].drop_duplicates([*by])
        beside = frame[[*by]].merge(wholes, on=[*by], how="left")[column].set_axis(frame.index)
        return met((frame[column] <= beside) | (frame[level] != inner))

    return Relation(column, f"{column} of {inner} must be at most that of {outer}", holds)


def nested_drugs(column: str, *by: str) -> list[Relation]:
    """T40.4 and the other opioids lie within opioids, every class within all."""
    opioids = ("synthetic-opioids", "heroin", "natural-opioids", "methadone", "prescription-opioids")
    broad = ("opioids", "cocaine", "psychostimulants", "stimulants", "benzodiazepines", "antidepressants")
    pairs = [(inner, "opioids") for inner in opioids] + [(inner, "all") for inner in opioids + broad]
    return [nested(column, "drug", inner, outer, *by) for inner, outer in pairs]


def total(column: str, level: str, whole: str, parts: str | Sequence[str], *by: str) -> Relation:
    """The row of the whole equals the sum of its parts, wherever whole and all parts are given."""
    each = _WORDS[parts] if isinstance(parts, str) else parts

    def holds(frame: pd.DataFrame) -> pd.Series:
        inside = frame[frame[level].isin(each)].groupby([*by])[column].agg(["sum", "count"])
        rows = frame[frame[level] == whole].drop_duplicates([*by]).reset_index(names="row")
        beside = rows.merge(inside, left_on=[*by], right_index=True, how="left")
        fits = met((beside["sum"] == beside[column]) | (beside["count"] != len(each)))
        return pd.Series(~frame.index.isin(beside.loc[~fits, "row"]), index=frame.index)

    return Relation(column, f"{column} of {whole} must be the sum of its {len(each)} parts", holds)


def total_of_all_drugs() -> Relation:
    """For drug `all` alone: several states have no rows of drug classes."""
    us = total("reported", "jurisdiction", "US", [*STATES, "YC"], "month_ending")
    return Relation("reported", us.right, lambda f: us.holds(f[f["drug"] == "all"]).reindex(f.index, fill_value=True))


def complete(column: str, words: str, *by: str) -> Relation:
    """Every group (or the whole table) has each word of a vocabulary once."""
    values = _WORDS[words]

    def holds(frame: pd.DataFrame) -> pd.Series:
        found = frame[column].where(frame[column].isin(values)).groupby(_keys(frame, by))
        return found.transform("nunique") == len(values)

    return Relation(column, f"all {len(values)} values {values[0]} to {values[-1]} must be there", holds)


def all_ages(column: str, words: str) -> Relation:
    """A layout, known by its column, has all age groups."""
    right = f"the {len(_WORDS[words])} age groups must all be there"
    return Relation(column, right, complete("age_group", words).holds)


def sums_to(column: str, value: str, tolerance: str) -> Relation:
    """The column of the whole table adds up to a value."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        fine = abs(float(frame[column].astype(float).sum()) - float(value)) <= float(tolerance)
        return pd.Series(fine, index=frame.index)

    return Relation(column, f"{column} must sum to {float(value):g}", holds)


def is_share(column: str, of: str, scale: str, tolerance: str) -> Relation:
    """The column is the share that a row has in the sum of another."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        return met((frame[column] - float(scale) * frame[of] / frame[of].sum()).abs() <= float(tolerance))

    return Relation(column, f"{column} must be the share of {of}, times {float(scale):g}", holds)


def one_each(column: str, of: str) -> Relation:
    """Rows with the same `of` bear the same `column`; the few that differ from the most are wrong."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        return met(frame[column] == frame.groupby(of)[column].transform(lambda cells: cells.mode().iat[0]))

    return Relation(column, f"{column} must be the same in all rows of one {of}", holds)


def one_stated(*columns: str) -> Relation:
    """A row has a number in one of the columns at least."""
    right = f"at least one of {', '.join(columns)} must be given"
    return Relation(columns[0], right, lambda f: f[list(columns)].notna().any(axis=1))


def as_precise(date: str) -> Relation:
    """A date is written as far as the column `precision` says that it is known."""
    shapes = {"day": DAY, "week": DAY, "month": MONTH, "year": r"\d{4}", "fiscal_year": r"\d{4}"}

    def holds(frame: pd.DataFrame) -> pd.Series:
        result = pd.Series(True, index=frame.index)
        for precision, shape in shapes.items():
            fits = frame[date].str.fullmatch(shape).fillna(False).astype(bool)
            result &= fits | (frame["precision"] != precision)
        return result

    return Relation(date, f"{date} must be as long as its precision says", holds)


def on_calendar(date: str) -> Relation:
    """There is such a day, month or year."""

    def exists(text: str) -> bool:
        try:
            return bool(dt.date.fromisoformat(f"{text}-01-01"[:10]))  # a year and a month may stand alone
        except ValueError:
            return False

    right = f"{date} must be a day, month or year of the calendar"
    return Relation(date, right, lambda f: met(f[date].map({t: exists(t) for t in f[date].dropna().unique()})))


def blank_together(first: str, second: str) -> Relation:
    """Both are blank or neither is."""
    right = f"{first} and {second} must be blank together"
    return Relation(first, right, lambda f: f[first].isna() == f[second].isna())


def blank_ends(flag: str, count: str) -> Relation:
    """The flag stands exactly where that many ends of the period are blank."""
    which = {"1": "one end of the period is", "2": "both ends of the period are"}[count]

    def holds(frame: pd.DataFrame) -> pd.Series:
        return (frame[["period_start", "period_end"]].isna().sum(axis=1) == int(count)) == flagged(frame, [flag])

    return Relation("period_start", f"{flag} must stand where {which} blank, and only there", holds)


def _keys(frame: pd.DataFrame, by: Sequence[str]) -> list[pd.Series]:
    """What to group by: the columns, or the whole table as one group."""
    return [frame[name] for name in by] or [pd.Series(0, index=frame.index)]


def _month_number(months: pd.Series) -> pd.Series:
    """Months since year 0; the texts have been checked to be months, or their own check fails."""
    year, month = (pd.to_numeric(months.str[part], errors="coerce") for part in (slice(4), slice(5, 7)))
    return year * 12 + month


def _is_crude_rate(frame: pd.DataFrame) -> pd.Series:
    rate = frame["deaths"] * 1e5 / frame["population"]
    return met((rate - frame["crude_rate"]).abs() < 1e-6, frame["crude_rate"])


def _repeats_2022(frame: pd.DataFrame) -> pd.Series:
    rows = frame[frame["year"] == 2022].drop_duplicates("jurisdiction")
    then = frame["jurisdiction"].map(rows.set_index("jurisdiction")["population"])
    same = (frame["population"] == then).fillna(False).astype(bool)
    return same | ~flagged(frame, ["carried_2022"])


#: The rules of one table alone.
_SINGLE: dict[str, Relation] = {
    "unreliable_under_20": Relation(
        "flag",
        "unreliable must stand exactly where deaths are under 20",
        lambda f: met((f["deaths"] < 20) == flagged(f, ["unreliable"])),
    ),
    "population_2022_later": Relation(
        "flag",
        "population_2022 belongs to years after 2022",
        lambda f: (f["year"] > 2022) | ~flagged(f, ["population_2022"]),
    ),
    "crude_rate": Relation("crude_rate", "crude_rate must be deaths per 100,000 of population", _is_crude_rate),
    "suppressed_iff_blank": Relation(
        "suppressed",
        "suppressed must be true where deaths are blank, and only there",
        lambda f: f["suppressed"] == f["deaths"].isna(),
    ),
    "one_state_per_prefix": Relation(
        "state",
        "counties that share the first two digits of fips lie in one state",
        lambda f: met(f["state"] == f.groupby(f["fips"].str[:2])["state"].transform("first")),
    ),
    "repeats_2022": Relation(
        "population", "population must repeat that of 2022 under flag carried_2022", _repeats_2022
    ),
    "thousands": Relation(
        "population_thousands",
        "population_thousands must be population / 1000, rounded",
        lambda f: met((f["population_thousands"] - f["population"] / 1000).abs() < 1),
    ),
    "fiscal_year": Relation(
        "fiscal_year",
        "fiscal_year must be that of month (October begins the next)",
        lambda f: met(f["fiscal_year"] == (_month_number(f["month"]) + 2) // 12),
    ),
    "open_last": Relation(
        "status",
        "only the last fiscal year can be open",
        lambda f: (f["status"] == "closed") | (f["fiscal_year"] == f["fiscal_year"].max()),
    ),
    "no_land_border": Relation(
        "land_filter",
        "the coast and the interior have no land border",
        lambda f: (f["land_filter"] == "other") | (f["region"] != "coastal-interior"),
    ),
    "pounds_of_events": Relation(
        "pounds", "pounds need at least one event", lambda f: met((f["pounds"] == 0) | (f["events"] > 0))
    ),
    "value_qualified": Relation(
        "qualifier",
        "a value needs a qualifier, bare if it has no hedge",
        lambda f: f["qualifier"].notna() | f["value"].isna(),
    ),
    "known_iff_seen": Relation(
        "known",
        "known must be blank where known_basis is not-seen, and only there",
        lambda f: f["known"].isna() == (f["known_basis"] == "not-seen"),
    ),
    "period_forward": Relation(
        "period_end",
        "period_end must not be before period_start",
        lambda f: f["period_start"].isna() | f["period_end"].isna() | (f["period_end"] >= f["period_start"]),
    ),
}


def _rules(text: str) -> list[Relation]:
    name, *arguments = text.split()
    if name in _SINGLE:
        return [_SINGLE[name]]
    made = globals()[name](*arguments)
    return made if isinstance(made, list) else [made]


def _contract(table: Mapping[str, Any]) -> Contract:
    return Contract(
        key=tuple(table["key"]),
        given=tuple(table.get("given", ())),
        blank=tuple(table.get("blank", ())),
        words={name: _WORDS[w] if isinstance(w, str) else w for name, w in table.get("words", {}).items()},
        patterns={name: _PATTERNS.get(text, text) for name, text in table.get("patterns", {}).items()},
        ranges={name: (ends[0], ends[1] if ends[1:] else None) for name, ends in table.get("ranges", {}).items()},
        relations=[relation for text in table.get("rules", ()) for relation in _rules(text)],
    )


CONTRACTS: dict[str, Contract] = {name: _contract(table) for name, table in TABLES["tables"].items()}
