"""The contract of every figure table: its key, vocabularies, and what must hold between its columns and rows.

A relation is a small rule that points at rows; `schemas` checks a table against its contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ..model import ModelError, last_day
from . import names
from .columns import has_flag, split_flags

MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
DAY = rf"{MONTH}-(?:0[1-9]|[12]\d|3[01])"
DATE = rf"(?:\d{{4}}|{MONTH}|{DAY})"
SOURCE = r"[SVF]\d{2,3}[a-z]?"

#: How a message names a pattern.
FORMS = {
    MONTH: "must have the form YYYY-MM",
    DAY: "must have the form YYYY-MM-DD",
    DATE: "must have the form YYYY, YYYY-MM or YYYY-MM-DD",
    SOURCE: "must be a source id such as S01, V01 or F001a",
}

AGES_11 = ("<1", "1-4", "5-14", "15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85+")
AGES_18 = ("0-4", *(f"{low}-{low + 4}" for low in range(5, 85, 5)), "85+")
AGES_19 = ("<1", "1-4", *AGES_18[1:])

#: The 50 states and DC.
STATES = tuple(code for code in names.jurisdictions() if code not in ("US", "PR", "YC"))


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule: `holds` gives a bool for every row; `column` and `right` tell a reader what to correct."""

    column: str
    right: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises beyond its column kinds.

    `key` names the rows; `given` columns are never blank (the key is not either); `words` are closed
    vocabularies, `patterns` regular expressions of whole cells, `ranges` closed intervals of numbers (None:
    an open end). A rule on a column that a layout lacks is left out.
    """

    key: Sequence[str]
    given: Sequence[str] = ()
    words: Mapping[str, Sequence[object]] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    relations: Sequence[Relation] = ()


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


_OPIOIDS = ("synthetic-opioids", "heroin", "natural-opioids", "methadone", "prescription-opioids")
_BROAD = ("opioids", "cocaine", "psychostimulants", "stimulants", "benzodiazepines", "antidepressants")
_LIMITS = tuple(f"{kind}_{end}" for kind in ("crude", "age_adjusted") for end in ("low", "high", "se"))


def _nested_drugs(column: str, by: Sequence[str]) -> list[Relation]:
    """T40.4 and the other opioids lie within opioids, every class within all."""
    pairs = [(inner, "opioids") for inner in _OPIOIDS] + [(inner, "all") for inner in (*_OPIOIDS, *_BROAD)]
    return [nested(column, "drug", inner, outer, by) for inner, outer in pairs]


def _rates(prefix: str) -> list[Relation]:
    rate, low, high = f"{prefix}_rate", f"{prefix}_low", f"{prefix}_high"
    return [at_least(rate, low), at_least(high, rate), at_least(high, low), blank_iff(rate, "unreliable")]


def _is_crude_rate(frame: pd.DataFrame) -> pd.Series:
    rate = frame["deaths"] * 1e5 / frame["population"]
    return met((rate - frame["crude_rate"]).abs() < 1e-6, frame["crude_rate"])


_us_of_all = total("reported", "jurisdiction", "US", [*STATES, "YC"], ["month_ending"])


def _us_is_sum(frame: pd.DataFrame) -> pd.Series:
    """For drug `all` alone: several states have no rows of drug classes."""
    return _us_of_all.holds(frame[frame["drug"] == "all"]).reindex(frame.index, fill_value=True)


def _repeats_2022(frame: pd.DataFrame) -> pd.Series:
    rows = frame[frame["year"] == 2022].drop_duplicates("jurisdiction")
    then = frame["jurisdiction"].map(rows.set_index("jurisdiction")["population"])
    same = (frame["population"] == then).fillna(False).astype(bool)
    return same | ~flagged(frame, ["carried_2022"])


def _is_share(column: str, of: str, scale: float, tolerance: float) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        return met((frame[column] - scale * frame[of] / frame[of].sum()).abs() <= tolerance)

    return Relation(column, f"{column} must be the share of {of}, times {scale:g}", holds)


def _fiscal_year(frame: pd.DataFrame) -> pd.Series:
    year, month = (pd.to_numeric(frame["month"].str[part], errors="coerce") for part in (slice(4), slice(5, 7)))
    return met(frame["fiscal_year"] == year + (month >= 10))


_HEDGES = ("bare", "about", "nearly", "over", "under", "at-least", "at-most", "estimated", "reportedly")
_PRECISIONS = ("day", "week", "month", "year", "fiscal_year", "on_or_before", "on_or_after")
_LEVELS = (
    *("primary", "primary-copy", "secondary", "secondary-copy", "tertiary"),
    *("abstract", "opinion", "weak-copy"),
)
_STATED = {
    "offices": "offices_not_stated",
    "countries": "countries_not_stated",
    "staff": "staff_not_stated",
    "budget_usd": "budget_not_stated",
}
_FLAGS = (
    *("qualitative", "range", "misprint", "unresolved"),
    *("no_period", "open_period", "no_url", "no_date", "no_quote"),
)
_DATE_SHAPES = {"day": DAY, "week": DAY, "month": MONTH, "year": r"\d{4}", "fiscal_year": r"\d{4}"}


def _date_shape(date: str) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        result = pd.Series(True, index=frame.index)
        for precision, shape in _DATE_SHAPES.items():
            fits = frame[date].str.fullmatch(shape).fillna(False).astype(bool)
            result &= fits | (frame["precision"] != precision)
        return result

    return Relation(date, f"{date} must be as long as its precision says", holds)


def _on_calendar(date: str) -> Relation:
    def exists(text: str) -> bool:
        try:
            last_day(text)
        except ModelError:
            return False
        return True

    def holds(frame: pd.DataFrame) -> pd.Series:
        real = {text: exists(text) for text in frame[date].dropna().unique()}
        return met(frame[date].map(real))

    return Relation(date, f"{date} must be a day, month or year of the calendar", holds)


def _blanks_match(first: str, second: str) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        return frame[first].isna() == frame[second].isna()

    return Relation(first, f"{first} and {second} must be blank together", holds)


def _blank_ends(frame: pd.DataFrame) -> pd.Series:
    return frame["period_start"].isna().astype(int) + frame["period_end"].isna().astype(int)


CONTRACTS: dict[str, Contract] = {
    "vsrr": Contract(
        key=("jurisdiction", "drug", "month_ending"),
        words={"jurisdiction": names.jurisdictions(), "drug": names.drugs()},
        patterns={"month_ending": MONTH},
        ranges={
            "reported": (0, None),
            "predicted": (0, None),
            "percent_complete": (0, 100),
            "percent_pending": (0, 100),
        },
        relations=[
            known_flags("suppressed", "low_quality", "underreported", "not_transcribed", "not_published"),
            blank_needs("reported", "suppressed", "low_quality", "not_transcribed", "not_published"),
            blank_needs("predicted", "suppressed", "low_quality", "not_transcribed", "not_published"),
            flag_needs_blank("reported", "suppressed", "low_quality"),
            flag_needs_blank("predicted", "not_published"),
            withheld_below_ten("reported"),
            at_least("predicted", "reported"),
            months_follow("month_ending", "jurisdiction", "drug"),
            *_nested_drugs("reported", ["jurisdiction", "month_ending"]),
            Relation("reported", _us_of_all.right, _us_is_sum),
        ],
    ),
    "vsrr-specified": Contract(
        key=("jurisdiction", "month_ending"),
        given=("percent_specified",),
        words={"jurisdiction": names.jurisdictions()},
        patterns={"month_ending": MONTH},
        ranges={"percent_specified": (0, 100)},
        relations=[months_follow("month_ending", "jurisdiction")],
    ),
    "wonder-overdose": Contract(
        key=("jurisdiction", "year"),
        given=("deaths", "population", "status", *_LIMITS),
        words={"jurisdiction": ["US", *STATES], "status": ["final", "provisional", "partial"]},
        ranges={"deaths": (0, None), "population": (1, None), **dict.fromkeys(_LIMITS, (0, None))},
        relations=[
            known_flags("unreliable", "population_2022"),
            withheld_below_ten("deaths"),
            *_rates("crude"),
            *_rates("age_adjusted"),
            Relation(
                "flag",
                "unreliable must stand exactly where deaths are under 20",
                lambda f: met((f["deaths"] < 20) == flagged(f, ["unreliable"])),
            ),
            Relation(
                "flag",
                "population_2022 belongs to years after 2022",
                lambda f: (f["year"] > 2022) | ~flagged(f, ["population_2022"]),
            ),
            Relation("crude_rate", "crude_rate must be deaths per 100,000 of population", _is_crude_rate),
            at_least("population", "deaths"),
            years_follow("jurisdiction"),
            total("deaths", "jurisdiction", "US", STATES, ["year"]),
            total("population", "jurisdiction", "US", STATES, ["year"]),
        ],
    ),
    "nvss-by-drug": Contract(
        key=("year", "drug", "sex"),
        given=("deaths",),
        words={"drug": names.drugs(), "sex": ["all", "female", "male"]},
        ranges={"deaths": (0, None), "age_adjusted_rate": (0, None)},
        relations=[
            known_flags("rate_not_seen"),
            blank_iff("age_adjusted_rate", "rate_not_seen"),
            years_follow("drug", "sex"),
            total("deaths", "sex", "all", ["female", "male"], ["year", "drug"]),
            *_nested_drugs("deaths", ["year", "sex"]),
            nested("deaths", "drug", "cocaine", "stimulants", ["year", "sex"]),
            nested("deaths", "drug", "psychostimulants", "stimulants", ["year", "sex"]),
        ],
    ),
    "nvss-t404-month": Contract(
        key=("month",),
        given=("deaths", "source_note"),
        words={"source_note": ["wonder-2018-04", "vsrr-difference", "wonder-2026-09"]},
        patterns={"month": MONTH},
        ranges={"deaths": (0, None)},
        relations=[months_follow("month")],
    ),
    "nvss-t404-age": Contract(
        key=("year", "age_group"),
        given=("deaths",),
        words={"age_group": AGES_11},
        ranges={"deaths": (0, None)},
        relations=[withheld_below_ten("deaths"), complete("age_group", AGES_11, "year")],
    ),
    "county": Contract(
        key=("fips",),
        given=("state", "suppressed"),
        words={"state": [*STATES, "PR"]},
        patterns={"fips": r"\d{5}"},
        ranges={"deaths": (0, None), "deaths_prior": (0, None), "population": (1, None)},
        relations=[
            known_flags("suppressed", "prior_not_given", "population_2020", "population_not_given"),
            Relation(
                "suppressed",
                "suppressed must be true where deaths are blank, and only there",
                lambda f: f["suppressed"] == f["deaths"].isna(),
            ),
            blank_iff("deaths", "suppressed"),
            blank_iff("deaths_prior", "prior_not_given"),
            blank_iff("population", "population_not_given"),
            withheld_below_ten("deaths"),
            withheld_below_ten("deaths_prior"),
            at_least("population", "deaths"),
            Relation(
                "state",
                "counties that share the first two digits of fips lie in one state",
                lambda f: met(f["state"] == f.groupby(f["fips"].str[:2])["state"].transform("first")),
            ),
        ],
    ),
    "population-us-age": Contract(
        key=("year", "age_group", "sex"),
        given=("population", "series"),
        words={"age_group": AGES_18, "sex": ["female", "male"]},
        patterns={"series": r"intercensal-(?:2000|2010)|v20\d\d"},
        ranges={"population": (1, None)},
        relations=[
            complete("age_group", AGES_18, "year", "sex"),
            one_each("series", "year"),
            years_follow("age_group", "sex"),
        ],
    ),
    "population-state": Contract(
        key=("jurisdiction", "year"),
        given=("population",),
        words={"jurisdiction": ["US", *STATES]},
        ranges={"population": (1, None)},
        relations=[
            known_flags("carried_2022"),
            Relation("population", "population must repeat that of 2022 under flag carried_2022", _repeats_2022),
            years_follow("jurisdiction"),
            total("population", "jurisdiction", "US", STATES, ["year"]),
        ],
    ),
    # Two layouts: 11 groups with `weight`, 19 with `weight_per_million`.
    "standard-population-2000": Contract(
        key=("age_group",),
        given=("population", "population_thousands", "weight", "weight_per_million"),
        words={"age_group": tuple(dict.fromkeys(AGES_11 + AGES_19))},
        ranges={"population": (1, None), "population_thousands": (1, None)},
        relations=[
            Relation("weight", "the 11 age groups must all be there", complete("age_group", AGES_11).holds),
            sums_to("weight", 1, 1.1e-6),
            _is_share("weight", "population_thousands", 1, 2e-6),
            Relation(
                "population_thousands",
                "population_thousands must be population / 1000, rounded",
                lambda frame: met((frame["population_thousands"] - frame["population"] / 1000).abs() < 1),
            ),
            Relation(
                "weight_per_million",
                "the 19 age groups must all be there",
                complete("age_group", AGES_19).holds,
            ),
            sums_to("weight_per_million", 1e6, 0),
            _is_share("weight_per_million", "population", 1e6, 3),
        ],
    ),
    "cbp-seizures": Contract(
        key=("month", "component", "region", "land_filter", "area_of_responsibility"),
        given=("events", "pounds", "source_file_vintage", "status"),
        words={
            "component": names.components(),
            "region": names.regions(),
            "land_filter": ["land-only", "other"],
            "status": ["closed", "open"],
        },
        patterns={"month": MONTH},
        ranges={"events": (0, None), "pounds": (0, None)},
        relations=[
            Relation("fiscal_year", "fiscal_year must be that of month (October begins the next)", _fiscal_year),
            one_each("component", "area_of_responsibility"),
            one_each("source_file_vintage", "fiscal_year"),
            one_each("status", "fiscal_year"),
            Relation(
                "status",
                "only the last fiscal year can be open",
                lambda f: (f["status"] == "closed") | (f["fiscal_year"] == f["fiscal_year"].max()),
            ),
            Relation(
                "land_filter",
                "the coast and the interior have no land border",
                lambda f: (f["land_filter"] == "other") | (f["region"] != "coastal-interior"),
            ),
            Relation(
                "pounds",
                "pounds need at least one event",
                lambda f: met((f["pounds"] == 0) | (f["events"] > 0)),
            ),
        ],
    ),
    "nflis": Contract(
        key=("year", "half", "state", "substance"),
        given=("reports",),
        words={"half": [1, 2], "state": [*STATES, "PR", "GU", "VI", "XX"]},
        ranges={"reports": (0, None), "year": (1990, 2100)},
    ),
    "dea-offices": Contract(
        key=("as_of", "scope", "source_id"),
        given=("precision",),
        words={"precision": _PRECISIONS, "scope": ["foreign", "domestic"]},
        patterns={"as_of": DATE, "source_id": SOURCE},
        ranges=dict.fromkeys(_STATED, (1, None)),
        relations=[
            known_flags(*_STATED.values()),
            *(blank_iff(column, flag) for column, flag in _STATED.items()),
            Relation(
                "offices",
                f"at least one of {', '.join(_STATED)} must be given",
                lambda f: f[list(_STATED)].notna().any(axis=1),
            ),
            _date_shape("as_of"),
            _on_calendar("as_of"),
        ],
    ),
    "published-figures": Contract(
        key=("id",),
        given=("topic", "quantity", "place", "publisher", "title", "level"),
        words={"qualifier": _HEDGES, "level": _LEVELS},
        patterns={
            "id": r"F\d{3}[a-z]?",
            "period_start": DAY,
            "period_end": DAY,
            "date_published": DATE,
            "url": r"https?://\S+",
        },
        ranges={"value": (0, None)},
        relations=[
            known_flags(*_FLAGS),
            blank_iff("value", "qualitative"),
            _blanks_match("unit", "value"),
            Relation(
                "qualifier",
                "a value needs a qualifier, bare if it has no hedge",
                lambda f: f["qualifier"].notna() | f["value"].isna(),
            ),
            Relation(
                "period_start",
                "no_period must stand where both ends of the period are blank, and only there",
                lambda f: (_blank_ends(f) == 2) == flagged(f, ["no_period"]),
            ),
            Relation(
                "period_start",
                "open_period must stand where one end of the period is blank, and only there",
                lambda f: (_blank_ends(f) == 1) == flagged(f, ["open_period"]),
            ),
            Relation(
                "period_end",
                "period_end must not be before period_start",
                lambda f: (_blank_ends(f) > 0) | (f["period_end"] >= f["period_start"]),
            ),
            *map(_on_calendar, ("period_start", "period_end", "date_published")),
            blank_iff("date_published", "no_date"),
            blank_iff("url", "no_url"),
            blank_iff("quote", "no_quote"),
        ],
    ),
    "events": Contract(
        key=("id",),
        given=("date", "precision", "kind", "actor", "event", "source_id", "confidence"),
        words={"precision": _PRECISIONS, "confidence": ["low", "medium", "high"]},
        patterns={"date": DATE, "id": r"[a-z0-9]+(?:-[a-z0-9]+)*", "source_id": rf"{SOURCE}(?:;{SOURCE})*"},
        relations=[_date_shape("date"), _on_calendar("date")],
    ),
}
