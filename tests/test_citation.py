"""CITATION.cff holds what the Citation File Format 1.2.0 requires, and agrees with the package."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

import fentanyl_stats as fs
from fentanyl_stats.reports import exchange

ROOT = Path(__file__).parents[1]

REQUIRED = {"authors", "cff-version", "message", "title"}
ALLOWED = REQUIRED | {
    *("abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license", "license-url"),
    *(
        "preferred-citation",
        "references",
        "repository",
        "repository-artifact",
        "repository-code",
        "type",
        "url",
        "version",
    ),
}
"""Keys of the format's schema (Druskat et al. 2021, Citation File Format, version 1.2.0)."""


@pytest.fixture
def cited() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    return found


def test_the_keys_are_those_of_the_format(cited: dict[str, Any]) -> None:
    assert REQUIRED <= set(cited) <= ALLOWED
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] in ("software", "dataset")
    assert all(
        isinstance(cited[key], str) and cited[key].strip() for key in ("message", "title", "abstract", "version")
    )
    assert cited["authors"] and len(set(map(str, cited["authors"]))) == len(cited["authors"])
    for author in cited["authors"]:  # an entity has a name, a person none under that key
        assert set(author) == {"name"} or {"family-names", "given-names"} <= set(author)
    assert len(set(cited["keywords"])) == len(cited["keywords"])


def test_it_agrees_with_the_package(cited: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert cited["version"] == fs.__version__ == project["version"]
    assert cited["license"] == "MIT"
    assert "MIT" in (ROOT / "LICENSE").read_text("utf-8") or "MIT" in str(project["license"])
    assert cited["authors"] == [{"name": exchange.AUTHOR}]
    released = re.search(
        rf"^## {re.escape(fs.__version__)} \(([\d-]+)\)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert released
    assert date.fromisoformat(cited["date-released"]) == date.fromisoformat(released[1])
