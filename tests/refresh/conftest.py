"""A data folder of one's own, a publisher on this computer, and a command line that does not wait."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fentanyl_stats import cli
from fentanyl_stats.audit import changes
from fentanyl_stats.audit.verdicts import Verdict
from fentanyl_stats.data import catalog, paths, store
from fentanyl_stats.data.refresh import download

from . import world
from .server import Answer, Server

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every test copies, its tables processed once; nothing changes it."""
    folder = tmp_path_factory.mktemp("base")
    world.build(folder)
    with paths.using(folder):
        store.build()
    return folder


@pytest.fixture
def folder(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder to refresh; the user's cache is apart too."""
    copy = tmp_path / "data"
    shutil.copytree(base, copy)
    monkeypatch.setenv(paths.ENV, str(copy))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return copy


@pytest.fixture(scope="session")
def body(base: Path) -> bytes:
    """The publisher's next file."""
    with paths.using(base):
        return world.publish(world.next_file(store.load("vsrr", "2025-01-08")))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that downloads would have waited; silence is borne for a moment only."""
    slept: list[float] = []
    short = download.Patience(connect=2, read=0.3, total=5, attempts=3, limit=20_000_000, sleep=slept.append)
    monkeypatch.setattr(download, "PATIENCE", short)
    return slept


@pytest.fixture
def serve(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Start a publisher whose answers come in turn; the provisional file is then downloaded from it."""
    with ExitStack() as stack:

        def start(*answers: Answer) -> Server:
            server = stack.enter_context(Server(*answers))
            monkeypatch.setenv("FENTANYL_STATS_URL_VSRR", server.url)
            return server

        yield start


@pytest.fixture
def quick_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """One made-up verdict that changes with the newest provisional vintage, in place of those of 25 claims."""

    def standings(claims: object = None) -> changes.Standings:
        newest = catalog.find("vsrr").vintage
        verdict = Verdict("SUPPORTED" if newest == "2025-01-08" else "CLOSE")
        return {("made-up", ""): changes.Standing(verdict, newest, newest, newest)}

    monkeypatch.setattr(changes, "standings", standings)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line: exit code, stdout, stderr."""

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            cli.main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert isinstance(stopped.value.code, int)
        return stopped.value.code, out, err

    return command
