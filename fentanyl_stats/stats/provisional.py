"""Provisional 12-month counts: what NCHS adds, how it revises, what is to come, the months behind the sums.

* `fit_coefficients`, `predict`: reported deaths to "Predicted Value", as NCHS computes it
* `revisions`, `revision_factors`, `revision_interval`: earlier releases against the final count
* `chain_ladder`: what is still to be reported, with Mack's standard error
* `monthly`: 12-month sums of one vintage back to months
"""

from __future__ import annotations

from ._chainladder import ChainLadder, chain_ladder
from ._completeness import Coefficients, fit_coefficients, predict
from ._revisions import RevisionFactors, revision_factors, revision_interval, revisions
from ._twelve_months import monthly

__all__ = [
    "ChainLadder",
    "Coefficients",
    "RevisionFactors",
    "chain_ladder",
    "fit_coefficients",
    "monthly",
    "predict",
    "revision_factors",
    "revision_interval",
    "revisions",
]
