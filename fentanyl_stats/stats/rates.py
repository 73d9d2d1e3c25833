"""Counts and rates: the public face of poisson, crude, standardise, strata, contrasts and reliability.

Formulas and conventions are those of NCHS and CDC WONDER unless a `method` says otherwise. Numbers come in as
scalars, arrays or Series and go out in the same shape; a missing cell stays missing; nothing is dropped.
"""

from __future__ import annotations

from .contrasts import age_adjusted_contrast, rate_difference, rate_ratio, tost
from .crude import crude_rate, nchs_interval
from .poisson import poisson_interval, proportion_interval
from .reliability import (
    RULES,
    SUPPRESSED,
    ReliabilityRule,
    classic,
    nchs2023,
    reliability,
    suppression_bounds,
)
from .standardise import AgeAdjustedRate, Standardised, age_adjusted_rate, standardise
from .strata import age_adjusted

__all__ = [
    "RULES",
    "SUPPRESSED",
    "AgeAdjustedRate",
    "ReliabilityRule",
    "Standardised",
    "age_adjusted",
    "age_adjusted_contrast",
    "age_adjusted_rate",
    "classic",
    "crude_rate",
    "nchs2023",
    "nchs_interval",
    "poisson_interval",
    "proportion_interval",
    "rate_difference",
    "rate_ratio",
    "reliability",
    "standardise",
    "suppression_bounds",
    "tost",
]
