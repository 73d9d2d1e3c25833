"""Contracts of the tables of population."""

from __future__ import annotations

import pandas as pd

from ..relations import (
    Relation,
    complete,
    flagged,
    known_flags,
    met,
    one_each,
    sums_to,
    total,
    years_follow,
)
from .base import AGES_11, AGES_18, AGES_19, STATES, Contract


def _repeats_2022(frame: pd.DataFrame) -> pd.Series:
    rows = frame[frame["year"] == 2022].drop_duplicates("jurisdiction")
    then = frame["jurisdiction"].map(rows.set_index("jurisdiction")["population"])
    same = (frame["population"] == then).fillna(False).astype(bool)
    return same | ~flagged(frame, ["carried_2022"])


def _is_share(column: str, of: str, scale: float, tolerance: float) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        return met((frame[column] - scale * frame[of] / frame[of].sum()).abs() <= tolerance)

    return Relation(column, f"{column} must be the share of {of}, times {scale:g}", holds)


CONTRACTS: dict[str, Contract] = {
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
}
