"""Contracts of the tables of deaths."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from .. import names
from ..relations import (
    Relation,
    at_least,
    blank_iff,
    blank_needs,
    complete,
    flag_needs_blank,
    flagged,
    known_flags,
    met,
    months_follow,
    nested,
    total,
    withheld_below_ten,
    years_follow,
)
from .base import AGES_11, MONTH, STATES, Contract

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
}
