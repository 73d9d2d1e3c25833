"""A real browser, for the report that all tests look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from fentanyl_stats.reports import pdf


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program; the only reason to skip is that there is none."""
    found = next(filter(None, map(shutil.which, pdf.BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture(scope="session")
def browser(program: str) -> Iterator[Browser]:
    """It, driven."""
    with sync_playwright() as playwright:
        driven = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield driven
        driven.close()


@pytest.fixture(scope="session")
def folder(program: str, report_folder: Path) -> Path:
    """The report that all look at, `hostile/` in it."""
    return report_folder
