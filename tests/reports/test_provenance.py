"""Provenance: PROV-JSON that the prov package reads, with every table of the record, and nothing of the machine."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from prov.model import ProvDocument, ProvEntity

from fentanyl_stats import __version__
from fentanyl_stats.data import paths
from fentanyl_stats.reports import cache, exchange, report
from fentanyl_stats.reports.cache import Job, Outcome

from .pages import pages


def _read(text: str) -> ProvDocument:
    found: ProvDocument = ProvDocument.deserialize(content=text, format="json")
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


CLAIMS = [{"part": "claim:x", "builtin": False, "sha256": "cd"}, {"part": "sources", "builtin": True, "sha256": "ef"}]


def _ran(notebook: Any) -> Outcome:
    """An outcome as a run leaves it, made by hand."""
    job = Job("claim.ipynb", "claims/x.html", 'a "title" </script> é', {"claims_file": "/home/me/x.toml"})
    return Outcome(job, notebook)


def _notebook(**taken: object) -> Any:
    import nbformat

    tables = [
        {"dataset": "vsrr", "vintage": vintage, "path": "vsrr/us-older-vintages.csv", "sha256": "ab"}
        for vintage in ("2018-10", "2017-12-16")
    ]
    output = nbformat.v4.new_output(
        "display_data", data={cache.MIME: {"parameters": taken, "tables": tables, "asked": ["vsrr"], "claims": CLAIMS}}
    )
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])


def test_a_file_is_one_entity_whatever_vintages_were_read_from_it() -> None:
    made = exchange.provenance(_ran(_notebook(as_of="", delta=0.1)), b"page")
    (name,) = [name for name in made["entity"] if name.startswith("fs:data")]
    assert made["entity"][name]["fs:vintage"] == ["2017-12-16", "2018-10"]
    document = _read(json.dumps(made))
    assert {str(each.identifier) for each in document.get_records(ProvEntity)} == {
        "fs:reports/claims/x.html",
        "fs:notebooks/claim.ipynb",
        "fs:data/raw/vsrr/us-older-vintages.csv",
        "fs:claims-file/claim/x",
        "fs:article/sources",
    }
    assert _read(document.serialize(format="json") or "") == document
    assert document.get_provn()


def test_a_claim_of_a_file_is_known_by_its_hash_not_its_path() -> None:
    made = exchange.provenance(_ran(_notebook(claim="x")), b"page")
    assert made["entity"]["fs:claims-file/claim/x"]["fs:sha256"] == "cd"
    assert "/home/me" not in json.dumps(made)
    assert made["activity"]["fs:run/claims/x.html"] == {"fs:claim": "x"}


@pytest.mark.slow
def test_a_run_writes_what_the_page_came_from(report_folder: Path) -> None:
    out, ledger = report_folder, report.read()
    file = out / "provenance" / "claims" / "guangzhou-offices.json"
    text = file.read_text("utf-8")
    document = _read(text)
    made = "fs:reports/claims/guangzhou-offices.html"
    entities = {str(each.identifier): dict(each.attributes) for each in document.get_records(ProvEntity)}
    digests = {name: {str(k): str(v) for k, v in entity.items()}["fs:sha256"] for name, entity in entities.items()}
    assert digests.pop(made) == _sha256(out / "claims" / "guangzhou-offices.html")
    assert digests.pop("fs:notebooks/claim.ipynb") == _sha256(paths.notebooks() / "claim.ipynb")
    assert digests.pop("fs:article/claim/guangzhou-offices") == ledger.digest("claim:guangzhou-offices")
    assert "fs:data/raw/published-figures/figures.csv" in digests
    assert all(_sha256(paths.raw() / name.removeprefix("fs:data/raw/")) == digest for name, digest in digests.items())
    raw = json.loads(text)
    assert raw["activity"]["fs:run/claims/guangzhou-offices.html"] == {
        "fs:as_of": "",
        "fs:claim": "guangzhou-offices",
        "fs:delta": 0.2,
    }
    assert raw["agent"]["fs:software/fentanyl_stats"]["fs:version"] == __version__
    derived = {each["prov:usedEntity"] for each in raw["wasDerivedFrom"].values()}
    assert derived == {each["prov:entity"] for each in raw["used"].values()} == set(raw["entity"]) - {made}
    for word in (str(out), str(Path.home()), str(Path.cwd()), socket.gethostname(), "time"):
        assert word not in text
    (jsonld,) = pages(out)["claims/guangzhou-offices.html"].jsonld
    assert json.loads(jsonld)["url"] == "../claims/guangzhou-offices.html"
    assert {path.stem for path in (out / "claimreview").iterdir()} == set(ledger.claims)
