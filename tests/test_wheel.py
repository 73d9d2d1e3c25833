"""The wheel alone, in another environment and folder, with the checkout closed to it."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import filelock
import pytest

ROOT = Path(__file__).parents[1]
GUARD = """
import os, sys
def closed(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith({closed!r}) and not path.startswith({open!r}):
            raise PermissionError("the checkout is closed: " + path)
sys.addaudithook(closed)
"""


def _ran(command: list[str], **options: Any) -> str:
    made: subprocess.CompletedProcess[str]
    made = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    return made.stdout


@pytest.fixture(scope="session")
def wheel(shared: Path) -> Path:
    """The wheel, built from a copy of the tree as a fresh clone would have it."""
    folder = shared / "wheel"
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.exists():
            tree = shared / "tree"
            skip = shutil.ignore_patterns(".*", "__pycache__", "processed", "build", "dist")
            shutil.copytree(
                ROOT, tree, ignore=lambda at, names: {*skip(at, names), *(("reports",) if at == str(ROOT) else ())}
            )
            _ran([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(tree)])
            shutil.rmtree(tree)
    (made,) = folder.glob("*.whl")
    return made


def _environment(folder: Path, wheel: Path) -> Path:
    """A new environment that holds the wheel, this one's dependencies, and no way into the checkout."""
    env = folder / "env"
    venv.create(env, symlinks=True, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(env / "bin" / "python"), "--disable-pip-version-check"]
    _ran([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)])
    links = folder / "deps"
    links.mkdir()
    for item in Path(site.getsitepackages()[0]).iterdir():
        if "fentanyl" not in item.name.lower() and item.suffix != ".pth":
            (links / item.name).symlink_to(item)
    packages = next((env / "lib").iterdir()) / "site-packages"
    (packages / "closed_checkout.py").write_text(GUARD.format(closed=f"{ROOT}{os.sep}", open=sys.prefix))
    (packages / "others.pth").write_text(f"{links}\nimport closed_checkout\n")
    for name in ("kernels", "nbconvert"):
        shutil.copytree(Path(sys.prefix) / "share" / "jupyter" / name, env / "share" / "jupyter" / name)
    return env


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    env = _environment(tmp_path, wheel)
    away = tmp_path / "away"
    away.mkdir()
    variables = {
        "PATH": f"{env / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    around: dict[str, Any] = {"cwd": away, "env": variables}
    python, command = str(env / "bin" / "python"), str(env / "bin" / "fentanyl-stats")
    peek = f"try: open({str(ROOT / 'README.md')!r})\nexcept PermissionError: print('closed')"
    assert _ran([python, "-c", peek], **around) == "closed\n"

    code = (
        "import json, fentanyl_stats as fs; from fentanyl_stats.data import paths; "
        "print(json.dumps([fs.__file__, str(paths.raw()), str(paths.notebooks()), str(paths.processed()), "
        "len(fs.load('vsrr')), str(fs.assess('foreign-offices').verdict), len(fs.claims())]))"
    )
    file, raw, notebooks, processed, rows, verdict, claims = json.loads(_ran([python, "-c", code], **around))
    for path in (file, raw, notebooks):
        assert Path(path).is_relative_to(env)
    assert Path(processed).is_relative_to(tmp_path / "cache")
    assert list((tmp_path / "cache").rglob("vsrr/*.parquet"))
    assert (rows, verdict, claims) == (272, "SUPPORTED", 25)

    said = _ran([command, "assess", "deaths-per-year"], **around)
    assert said.splitlines()[1] == "CONTRADICTED (overstates)"
    made = _ran([command, "report", "--only", "foreign-offices"], **around)
    assert made == f"1 of 1 pages written; open {away / 'reports' / 'index.html'}\n"
    assert "93 offices" in (away / "reports" / "claims" / "foreign-offices.html").read_text("utf-8")
    _ran([command, "report", "--only", "foreign-offices", "--out", "elsewhere"], **around)
    assert (away / "elsewhere" / "index.html").read_bytes() == (away / "reports" / "index.html").read_bytes()
    example = f"{notebooks}/example-article.toml"
    assert len(_ran([command, "claims", "--claims", example], **around).splitlines()) == 8
    assert sorted(os.listdir(away)) == ["elsewhere", "reports"]


@pytest.mark.slow
def test_the_wheel_holds_what_it_needs_and_no_more(wheel: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(wheel, tmp_path / "in", "zip")
    held = {path.relative_to(tmp_path / "in").as_posix() for path in (tmp_path / "in").rglob("*") if path.is_file()}
    shipped = "fentanyl_stats/_shipped"
    for folder, target in (("data/raw", f"{shipped}/data/raw"), ("notebooks", f"{shipped}/notebooks")):
        wanted = {
            f"{target}/{path.relative_to(ROOT / folder).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(ROOT).parts)
        }
        assert wanted <= held
    assert "fentanyl_stats/py.typed" in held
    assert "fentanyl_stats/reports/templates/style.css" in held
    assert {name.split("/")[0].split("-")[0] for name in held} == {"fentanyl_stats"}
    assert not any(name.endswith((".parquet", ".html", ".pyc")) for name in held)
    assert not any("/tests/" in name or "/reports/index" in name for name in held)
