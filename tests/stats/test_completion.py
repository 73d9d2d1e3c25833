"""What the TAB key offers: the public names and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fentanyl_stats as fs

MODULES = ["attribution", "interrupted", "joinpoint", "provisional", "rates", "selection"]


def test_all_modules_are_listed_before_any_is_loaded() -> None:
    script = "import fentanyl_stats as fs, sys; print(*dir(fs.stats), 'fentanyl_stats.stats.rates' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [*MODULES, "False"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_what_is_public_and_all_of_it_is_documented(name: str) -> None:
    module = getattr(fs.stats, name)
    assert dir(module) == sorted(module.__all__)
    for public in dir(module):
        found = getattr(module, public)
        assert not callable(found) or found.__doc__, public


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'poisson'"):
        fs.stats.poisson  # noqa: B018
