"""Where a page comes from, as W3C PROV-JSON: the notebook, the run, the figure tables it read, the software.

No time, path or host is in it: the same page has the same provenance wherever it is made.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .. import __version__
from . import record
from .execute import Outcome

NAMESPACE = "urn:fentanyl-stats:"
_PLAN = {"$": "prov:Plan", "type": "prov:QUALIFIED_NAME"}
_SOFTWARE = {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"}


def document(outcome: Outcome, page: bytes) -> dict[str, Any]:
    """The provenance of a page, from the record that its notebook kept.

    Parameters
    ----------
    outcome : Outcome
        Of the notebook behind the page.
    page : bytes
        The page as written.

    Returns
    -------
    dict
        PROV-JSON. Entities: the page, the notebook (which is the plan), each file of figure tables with the vintages
        read from it, the claims used; all with their SHA-256. One activity, the run, with its
        parameters; one agent, this package.

    See Also
    --------
    https://www.w3.org/submissions/prov-json/ : the format.
    """
    job = outcome.job
    made, run = f"fs:reports/{job.page}", f"fs:run/{job.page}"
    notebook, software = f"fs:notebooks/{job.notebook}", "fs:software/fentanyl_stats"
    used: dict[str, dict[str, Any]] = {}
    for table in record.tables(outcome.notebook):
        entity = used.setdefault(
            f"fs:data/raw/{table['path']}",
            {
                "prov:label": table["dataset"],
                "fs:dataset": table["dataset"],
                "fs:vintage": [],
                "fs:sha256": table["sha256"],
            },
        )
        entity["fs:vintage"].append(table["vintage"])
    for claim in record.claims(outcome.notebook):
        whose = "article" if claim["builtin"] else "claims-file"
        used[f"fs:{whose}/{claim['part'].replace(':', '/')}"] = {
            "prov:label": claim["part"],
            "fs:sha256": claim["sha256"],
        }
    parameters = record.parameters(outcome.notebook)
    return {
        "prefix": {"fs": NAMESPACE},
        "entity": {
            made: {"prov:label": job.title, "fs:sha256": _sha256(page)},
            notebook: {"prov:type": _PLAN, "fs:sha256": _sha256(job.path.read_bytes())},
            **used,
        },
        "activity": {run: {f"fs:{name}": value for name, value in parameters.items()}},
        "agent": {software: {"prov:type": _SOFTWARE, "prov:label": "fentanyl_stats", "fs:version": __version__}},
        "wasGeneratedBy": {"_:made": {"prov:entity": made, "prov:activity": run}},
        "wasAssociatedWith": {"_:ran": {"prov:activity": run, "prov:agent": software, "prov:plan": notebook}},
        "used": {f"_:read{i}": {"prov:activity": run, "prov:entity": name} for i, name in enumerate([notebook, *used])},
        "wasDerivedFrom": {
            f"_:from{i}": {"prov:generatedEntity": made, "prov:usedEntity": name} for i, name in enumerate([notebook, *used])
        },
    }  # fmt: skip


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
