"""The example of a monthly run does what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from fentanyl_stats import cli

ROOT = Path(__file__).parents[2]
STEPS: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs" / "monthly.yml").read_text("utf-8"))["jobs"]["refresh"][
    "steps"
]
RUNS = {step["name"]: step["run"] for step in STEPS if "run" in step}


def test_its_commands_exist() -> None:
    commands = [line for run in RUNS.values() for line in re.findall(r"fentanyl-stats ([^|\n]*)", run)]
    assert len(commands) == 3
    for line in commands:
        words = shlex.split(line)
        command: Any = typer.main.get_command(cli.app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
    assert re.search(r"^\$\(VENV\)/\.report:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("code", "stops"), [(0, False), (1, False), (2, True), (3, False), (130, True)])
def test_a_changed_verdict_stops_it_last(code: int, stops: bool, tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "fentanyl-stats"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    around = {"cwd": tmp_path, "env": {"PATH": "/usr/bin:/bin", "GITHUB_OUTPUT": str(tmp_path / "out")}}
    ran = subprocess.run(["bash", "-e", "-c", RUNS["Refresh"]], check=False, **around)  # type: ignore[call-overload]
    assert ran.returncode == (code if stops else 0)
    assert (tmp_path / "out").read_text() == f"code={code}\n"
    last = STEPS[-1]["run"].replace("${{ steps.refresh.outputs.code }}", str(code))
    assert subprocess.run(["bash", "-c", last], check=False).returncode == code
