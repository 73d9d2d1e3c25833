"""An address that is none is refused before Dask is asked."""

from __future__ import annotations

import pytest

from fentanyl_stats.errors import ReportError
from fentanyl_stats.reports import batch


@pytest.mark.parametrize(
    "address", ["", "foo", "tcp://", "tcp://:", "tcp://host", "nope://host:1", "tcp://host:99999999", "tcp://[::1:5", "inproc://x"]
)  # fmt: skip
def test_what_is_no_address_is_refused_at_once(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", lambda *_, **__: pytest.fail("Dask was asked"))
    with pytest.raises(ReportError, match="write its address as tcp://host:port"), batch.executor(address):
        pass
