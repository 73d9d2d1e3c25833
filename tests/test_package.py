"""The package as a whole: a light import, names that resolve, docstrings whose examples run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fentanyl_stats as fs

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(fs.__path__, "fentanyl_stats.")
    if not module.name.endswith("__main__")
)


def test_the_import_is_light() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import fentanyl_stats; t = time.perf_counter() - t; "
        "print(t, 'pandas' in sys.modules, 'numpy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert shown[1:] == ["False", "False"]
    assert float(shown[0]) < 0.1


def test_public_names_resolve() -> None:
    for name in fs.__all__:
        assert getattr(fs, name) is not None
    for part in ("stats", "charts", "reports"):
        module = getattr(fs, part)
        assert all(getattr(module, name) is not None for name in module.__all__)
    assert set(fs.__all__) == set(dir(fs))
    with pytest.raises(AttributeError, match="no attribute 'asess'"):
        fs.asess  # noqa: B018


def test_it_is_typed() -> None:
    assert (Path(fs.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", MODULES)
def test_docstrings_and_their_examples(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    for key, value in vars(module).items():
        own = getattr(value, "__module__", "") == name
        if own and not key.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value)):
            assert inspect.getdoc(value), f"{name}.{key} has no docstring"
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_the_readme_tells_the_truth(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "README.md", "exec"), {})
        printed = capsys.readouterr().out
        for said in re.findall(r"print\(.*?\)\s+# (.*)", block):
            assert said.rstrip("…").strip() in printed or said.startswith("which")
    from fentanyl_stats import cli

    shown = re.search(r"```text\n(“more than.*?)```", text, re.DOTALL)
    assert shown
    with pytest.raises(SystemExit):
        cli.main(["check", "more than 70,000", "deaths/synthetic-opioids", "--period", "2023"])
    assert capsys.readouterr().out == shown[1]
