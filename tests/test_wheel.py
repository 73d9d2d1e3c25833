"""The wheel alone, in another environment and folder, with no checkout to fall back on."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    skip = shutil.ignore_patterns(".*", "__pycache__", "processed", "build", "dist")
    shutil.copytree(ROOT, tree, ignore=skip)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(tree)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    shutil.rmtree(tree)
    env = tmp_path / "env"
    venv.create(env, symlinks=True, with_pip=False)
    packages = next((env / "lib").iterdir()) / "site-packages"
    shutil.unpack_archive(wheel, packages, "zip")
    # The dependencies of this environment, but not its editable copy of the package.
    links = tmp_path / "deps"
    links.mkdir()
    for item in Path(site.getsitepackages()[0]).iterdir():
        if "fentanyl" not in item.name.lower() and item.suffix != ".pth":
            (links / item.name).symlink_to(item)
    (packages / "deps.pth").write_text(str(links))
    away = tmp_path / "away"
    away.mkdir()
    variables = {
        "PATH": f"{env / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    python = str(env / "bin" / "python")
    kernels = env / "share" / "jupyter" / "kernels"
    shutil.copytree(Path(sys.prefix) / "share" / "jupyter" / "kernels", kernels)
    shutil.copytree(Path(sys.prefix) / "share" / "jupyter" / "nbconvert", env / "share" / "jupyter" / "nbconvert")
    code = (
        "import json, fentanyl_stats as fs; from fentanyl_stats.data import paths; "
        "print(json.dumps([fs.__file__, str(paths.raw()), str(paths.processed()), str(paths.notebooks()), "
        "len(fs.load('vsrr')), str(fs.assess('foreign-offices').verdict)]))"
    )
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=away, env=variables, check=False)
    assert ran.returncode == 0, ran.stderr
    file, raw, processed, notebooks, rows, verdict = json.loads(ran.stdout)
    assert all(path.startswith(str(packages)) for path in (file, raw, notebooks))
    assert processed.startswith(str(tmp_path / "cache"))
    assert (rows, verdict) == (272, "SUPPORTED")
    command = [python, "-m", "fentanyl_stats", "report", "--only", "foreign-offices"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=away, env=variables, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (away / "reports" / "claims" / "foreign-offices.html").is_file()
    assert sorted(os.listdir(away)) == ["reports"]
