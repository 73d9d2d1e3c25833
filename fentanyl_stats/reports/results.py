"""results.json: every claim with all its readings, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .. import __version__
from ..audit.assess import Assessment
from ..data import catalog

SCHEMA = 1


def document(assessments: Iterable[Assessment], as_of: str | None = None) -> dict[str, Any]:
    """The document that results.json holds.

    >>> from fentanyl_stats import assess
    >>> made = document([assess("foreign-offices")])
    >>> made["claims"][0]["verdict"], made["schema"]
    ('SUPPORTED', 1)
    """
    held = [
        {"dataset": table.dataset, "vintage": table.vintage, "path": table.path, "sha256": table.sha256}
        for table in catalog.entries()
    ]
    return {
        "schema": SCHEMA,
        "version": __version__,
        "as_of": as_of,
        "data": held,
        "claims": [assessment.to_dict() for assessment in assessments],
    }


def dumps(made: object) -> str:
    """JSON that a reader can diff: sorted as built, two spaces, no NaN."""
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
