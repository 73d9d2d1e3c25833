"""Processes killed, starved of disk, or two at once: the folder is sound afterwards and the next run goes through."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fentanyl_stats.data import refresh, store
from tests.publishers import made

from . import world
from .server import Server, good, stalled

ROOT = Path(__file__).parents[2]
NEW = "nflis/2026-09-01.csv"


@pytest.fixture
def query(folder: Path, tmp_path: Path) -> Path:
    """A later query of laboratory reports."""
    held = store.load("nflis")
    held.loc[held.index[-1], "reports"] += 3
    file = tmp_path / "query.csv"
    file.write_bytes(made.file(made.nflis(held)).replace(b"2026-03-03", b"2026-09-01"))
    return file


@pytest.fixture
def one_claim(tmp_path: Path) -> Path:
    """A claims file whose only claim has no number, so that judging takes no time."""
    file = tmp_path / "claims.toml"
    file.write_text(
        '[article]\nid = "a"\ntitle = "a"\npublisher = "a"\ndate = "2025-06-01"\n'
        '[[source]]\nid = "A1"\ntitle = "a"\npublisher = "a"\ndate = "2025-06-01"\n'
        '[[claim]]\nid = "one"\nquote = "it was said"\nkind = "attribution"\nas_of = "2025-06-01"\nsources = ["A1"]\n'
    )
    return file


@pytest.fixture
def killed(folder: Path, query: Path) -> Iterator[Callable[[int], int]]:
    """A refresh that is killed at a step, in a process of its own: its exit code, which for step 0 is the number of steps."""
    command = [sys.executable, "-m", "tests.refresh.killed", str(query)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:

        def code(at: int) -> int:
            assert program.stdin and program.stdout
            program.stdin.write(f"{at}\n")
            program.stdin.flush()
            return int(program.stdout.readline())

        yield code


def listed(folder: Path) -> list[str]:
    text = (folder / "raw" / "SOURCES.toml").read_text("utf-8")
    return [entry["path"] for entry in tomllib.loads(text)["table"]]


@pytest.mark.slow
def test_a_kill_at_any_step_of_the_write(folder: Path, query: Path, killed: Callable[[int], int]) -> None:
    raw = folder / "raw"
    before, sources = world.prints(folder), (raw / "SOURCES.toml").read_bytes()
    steps = killed(0)
    assert steps >= 6  # two files, each made, given its rights and moved
    states = set()
    for at in range(1, steps + 1):
        (raw / "SOURCES.toml").write_bytes(sources)
        (raw / NEW).unlink(missing_ok=True)
        assert killed(at) == -signal.SIGKILL
        assert world.intact(folder, before)
        states.add(((raw / NEW).exists(), NEW in listed(folder)))
        assert store.load("nflis").attrs["source"].vintage in ("2026-03-03", "2026-09-01")
        found: refresh.Refreshed[None] = refresh.refresh(
            "nflis", files=[query]
        )  # whatever was left, the next run goes through
        assert found.status in ("added", "nothing new")
        assert listed(folder).count(NEW) == 1
        assert not list(raw.rglob("*.tmp"))
        assert world.intact(folder, before)
    assert states == {(False, False), (True, False), (True, True)}  # never an entry without its file


def test_a_kill_in_the_middle_of_a_download(folder: Path, body: bytes, tmp_path: Path) -> None:
    before = world.prints(folder)
    with Server(stalled(body, 200_000)) as server:
        command = [sys.executable, "-m", "fentanyl_stats", "data", "refresh", "vsrr", "--url", server.url, "--dry-run"]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        parts: list[Path] = []
        while not parts or parts[0].stat().st_size < 200_000:
            assert running.poll() is None
            time.sleep(0.02)
            parts = list((tmp_path / "cache").rglob("*.part"))
        running.kill()
        running.communicate()
        assert world.unchanged(folder, before)
        server.answers = [good(body)]
        server.asked.clear()
        found: refresh.Refreshed[None] = refresh.refresh("vsrr", url=server.url)
    assert found.status == "added"
    assert server.asked[0]["Range"] == "bytes=200000-"
    assert world.intact(folder, before)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1_000, 150_000, 1_500_000])
def test_a_disk_that_takes_so_much_and_no_more(size: int, folder: Path, query: Path, one_claim: Path) -> None:
    """Writes beyond the size fail: of a lock's neighbours, of the trial copy, of the new file."""
    before = world.prints(folder)
    command = [sys.executable, "-m", "fentanyl_stats", "data", "refresh", "nflis", "--claims", str(one_claim)]
    command += ["--from", str(query)]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert "Traceback" not in ran.stdout + ran.stderr
    if ran.returncode == 1:
        assert "File too large" in ran.stderr
        assert world.unchanged(folder, before)
    else:
        assert (ran.returncode, size) == (0, 1_500_000)
        assert world.intact(folder, before)


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False])
def test_two_at_once(same: bool, folder: Path, query: Path, one_claim: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(query.read_bytes())
    if not same:
        held = store.load("nflis")
        held.loc[held.index[-1], "reports"] += 4
        other.write_bytes(made.file(made.nflis(held)).replace(b"2026-03-03", b"2026-09-01"))
    before = world.prints(folder)
    command = [sys.executable, "-m", "fentanyl_stats", "data", "refresh", "nflis", "--claims", str(one_claim), "--from"]
    running = [
        subprocess.Popen([*command, str(file)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for file in (query, other)
    ]
    said = [process.communicate() for process in running]
    codes = sorted(process.returncode for process in running)
    words = " ".join(out + err for out, err in said)
    assert "Traceback" not in words
    assert codes == ([0, 0] if same else [0, 1]), words
    assert ("nothing new" if same else "is held already, with other numbers") in words
    assert listed(folder).count(NEW) == 1
    assert world.intact(folder, before)
    assert store.verify()["hash_ok"].all()


def test_another_that_does_not_end(folder: Path, query: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fentanyl_stats.data.refresh import keep
    from fentanyl_stats.errors import DataError

    monkeypatch.setattr(keep, "_PATIENCE", 0.05)
    held: Callable[[], object] = lambda: refresh.refresh("nflis", files=[query])  # noqa: E731
    with keep.locked(folder), pytest.raises(DataError, match="another refresh has been busy"):
        held()
    assert refresh.refresh("nflis", files=[query]).status == "added"
