"""A Dask cluster as the place where notebooks run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from ..errors import ReportError

_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


@contextmanager
def executor(address: str) -> Iterator[Executor]:
    """The executor of a Dask cluster, whose workers need this package and its data, and nothing else.

    Parameters
    ----------
    address : str
        Of the scheduler, such as `tcp://10.0.0.5:8786`.

    Raises
    ------
    ReportError
        If Dask is not installed, the scheduler does not answer, it has no worker, or a worker holds another version of
        the package, of its libraries or of the data.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ReportError(
            "a scheduler needs Dask, which is not installed; install the extra: fentanyl-stats[cluster]"
        ) from None
    _require_address(address)
    try:
        client = cast(Any, Client)(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ReportError(f"no scheduler answers at {address}: {error}") from None
    with client:
        if not (theirs := client.run(fingerprint)):
            raise ReportError(f"the scheduler at {address} has no worker; start some with `dask worker {address}`")
        ours = fingerprint()
        for worker, found in sorted(theirs.items()):
            if odd := sorted(name for name in ours if found.get(name) != ours[name]):
                raise ReportError(
                    f"worker {worker} differs from this machine in {', '.join(odd)}; install the same there"
                )
        yield client.get_executor(pure=False)


def _require_address(address: str) -> None:
    """Refuse what is no address at once: Dask would take 20 seconds, and complain on stderr when it is collected."""
    try:
        where = urlsplit(address if "://" in address else f"tcp://{address}")
        sound = where.scheme in _SCHEMES and where.hostname and where.port
    except ValueError:  # a port beyond 65535, or an IPv6 address that is none
        sound = None
    if not sound:
        raise ReportError(f"no scheduler answers at {address}: write its address as tcp://host:port")


def fingerprint() -> dict[str, str]:
    """What must be the same on every machine: code, libraries, data."""
    from ..data import paths
    from . import manifest

    return {**manifest.software(), "data": manifest.digest((paths.raw() / "SOURCES.toml").read_bytes())}
