"""Fetch a publisher's file: encrypted, from one site, within a size, resumed and retried; or one clear error."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import filelock
import requests
import urllib3

from ...errors import DataError

Progress = Callable[[int, int | None], None]
Told = Callable[[str], None]
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_REDIRECTS = 5
_CHUNK = 1 << 16
_TABLES = (  # the kinds under which publishers send tables, or a page that links to one; some name none
    *("text/csv", "text/plain", "text/tab-separated-values", "text/html", "application/csv", "application/x-csv", ""),
    *("application/octet-stream", "binary/octet-stream", "application/vnd.ms-excel", "application/download"),
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a download is tried: seconds, attempts, bytes.

    `read` is the longest silence, `total` the longest download, `first` the wait before the second attempt, which
    doubles up to `longest`; a publisher that asks for more than `longest` is not waited for. `limit` is in bytes.
    """

    connect: float = 10.0
    read: float = 15.0
    total: float = 600.0
    attempts: int = 4
    first: float = 0.5
    longest: float = 60.0
    limit: int = 128_000_000
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file with what the publisher said of it: the address that gave it, its kind, when it changed, when it was sent."""

    content: bytes
    url: str
    kind: str
    changed: datetime | None
    sent: datetime | None


class Part:
    """The bytes held so far; `mark` is the ETag or date of the file they belong to, "" if it cannot be resumed.

    The mark is written before the first byte, so that a process killed at any moment leaves a true prefix.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._note = file, file.with_suffix(".mark")
        self._out: BinaryIO | None = None
        self.size = 0
        try:
            self.mark = self._note.read_text("utf-8")
            self.size = file.stat().st_size if self.mark else 0
        except (OSError, ValueError):
            self.mark = ""

    @classmethod
    @contextmanager
    def at(cls, folder: Path, url: str) -> Iterator[Part]:
        """The part of this address, for one process at a time; another, or a folder that cannot be written, gets its own."""
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(filelock.FileLock(folder / f"{name}.lock", timeout=0))
            except (OSError, NotImplementedError):  # filelock's Timeout is an OSError
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            part = cls(folder / f"{name}.part")
            stack.callback(part.close)
            yield part

    def resuming(self) -> dict[str, str]:
        """The headers that ask for the rest."""
        return {"Range": f"bytes={self.size}-", "If-Range": self.mark} if self.mark and self.size else {}

    def start(self, mark: str) -> None:
        """Begin anew with a file of this mark."""
        self.close()
        with self._space():
            self._note.unlink(missing_ok=True)
            self._file.write_bytes(b"")
            self._note.write_text(mark, "utf-8")
        self.mark, self.size = mark, 0

    def append(self, chunk: bytes) -> None:
        """Add bytes."""
        with self._space():
            self._out = self._out or self._file.open("ab", buffering=0)
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._out.write(rest) :]
        self.size += len(chunk)

    def take(self) -> bytes:
        """All bytes; the part is then gone."""
        self.close()
        with self._space():
            content = self._file.read_bytes()
        self.discard()
        return content

    def discard(self) -> None:
        """Forget the bytes."""
        self.close()
        for file in (self._note, self._file):
            file.unlink(missing_ok=True)
        self.mark, self.size = "", 0

    def close(self) -> None:
        """Let go of the file; the bytes stay."""
        if self._out is not None:
            self._out.close()
            self._out = None

    @contextmanager
    def _space(self) -> Iterator[None]:
        """What the disk refuses ends the download, and the part of it that was held."""
        try:
            yield
        except (OSError, ValueError) as error:
            with suppress(OSError):
                self.discard()
            reason = getattr(error, "strerror", None) or error
            where = self._file.parent
            raise DataError(f"the download cannot be written to {where} ({reason}); free some space there") from None


class _Again(Exception):
    """The attempt failed in a way that may pass; `wait` is what the publisher asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def fetch(
    url: str,
    folder: Path,
    progress: Progress | None = None,
    told: Told | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Download a table, or the page that links to it.

    Parameters
    ----------
    url
        An https address; http is allowed on this computer itself alone. Redirects must stay on the site.
    folder
        Where an unfinished download waits to be resumed, by this run or the next.
    progress
        Called with the bytes held so far and the bytes in all (None where the publisher does not say).
    told
        Called with a line before each wait.

    Raises
    ------
    DataError
        If the address is not allowed, the publisher refuses, leads elsewhere, sends something that is no table or
        is too large, or every attempt fails; nothing but the unfinished download is left behind.
    """
    patience = patience or PATIENCE
    where = require_safe(url)
    deadline = patience.now() + patience.total
    with requests.Session() as session, Part.at(folder, url) as part:
        session.trust_env = not _is_loopback(where)  # a proxy cannot reach this computer by that name
        for attempt in range(1, patience.attempts + 1):
            try:
                return _attempt(session, url, part, patience, deadline, progress)
            except _Again as error:
                reason, asked = error, error.wait
            if attempt < patience.attempts:
                wait = min(patience.first * 2 ** (attempt - 1), patience.longest) if asked is None else asked
                if told:
                    told(f"{reason}; trying again in {wait:g} s ({attempt} of {patience.attempts})")
                patience.sleep(wait)
    raise DataError(
        f"{reason} ({patience.attempts} attempts); the data held are as before, try later or download the file "
        "by hand and use --from"
    )


def _attempt(
    session: requests.Session,
    url: str,
    part: Part,
    patience: Patience,
    deadline: float,
    progress: Progress | None,
) -> Fetched:
    try:
        with _opened(session, url, part, patience) as response:
            total = _begin(response, part)
            # read1 gives what has come: a body that drips in is seen by the clock
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                part.append(chunk)
                if progress:
                    progress(part.size, total)
                if part.size > patience.limit:
                    part.discard()
                    raise DataError(
                        f"{_host(url)} sends more than {patience.limit / 1e6:g} MB; is it the right address?"
                    )
                if patience.now() > deadline:
                    raise DataError(f"{_host(url)} is too slow: {part.size:,} bytes in {patience.total:g} s; try later")
            if total is not None and part.size != total:
                raise _Again(f"{_host(url)} sent {part.size:,} of {total:,} bytes")
            changed, sent = (_date(response, header) for header in ("Last-Modified", "Date"))
            return Fetched(part.take(), str(response.url), _kind(response), changed, sent)
    except requests.exceptions.SSLError as error:
        raise DataError(
            f"{_host(url)}: no safe connection ({_plain(error)}); is this computer's clock right?"
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise _Again(f"{_host(url)} fell silent after {part.size:,} bytes") from None
    except (requests.exceptions.ConnectionError, urllib3.exceptions.HTTPError):
        raise _Again(f"the connection to {_host(url)} broke after {part.size:,} bytes") from None
    except (requests.exceptions.RequestException, ValueError) as error:  # a ValueError: it led to what is no address
        raise DataError(f"{_host(url)}: {_plain(error)}") from None


def _opened(session: requests.Session, url: str, part: Part, patience: Patience) -> requests.Response:
    """The answer of the site after its redirects, a good one."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "fentanyl-stats", **part.resuming()}
    home = here = require_safe(url)
    for _ in range(_REDIRECTS):
        wait = (patience.connect, patience.read)
        response = session.get(here.geturl(), headers=headers, stream=True, allow_redirects=False, timeout=wait)
        if response.status_code not in (301, 302, 303, 307, 308):
            return _good(response, part, patience)
        response.close()
        here = urlsplit(urljoin(here.geturl(), response.headers.get("Location", "")))
        if _site(here) != _site(home):
            raise DataError(
                f"{_host(url)} leads to another site, {_plain(here.geturl())}; look at it, then name it with --url if it is meant"
            )
        require_safe(here.geturl())
    raise DataError(
        f"{_host(url)} leads from one address to the next without end; look for the new one, then use --url"
    )


def _good(response: requests.Response, part: Part, patience: Patience) -> requests.Response:
    status, host = response.status_code, _host(str(response.url))
    if status in (200, 206):
        # Some lines of packed text unpack to gigabytes, and a plain body was asked for.
        if (coding := response.headers.get("Content-Encoding", "identity").strip().lower()) not in ("", "identity"):
            response.close()
            raise DataError(
                f"{host} sent a packed body ({_plain(coding)}) where a plain one was asked for; download the file by hand"
            )
        if (kind := _kind(response)) in _TABLES:
            return response
        response.close()
        raise DataError(f"{host} sent {_plain(kind)}, not a table (CSV or text); is it the right address?")
    response.close()
    if status == 416:  # the unfinished file is longer than the present one
        part.discard()
        raise _Again(f"{host} has another file now", 0.0)
    if status in _AGAIN:
        wait = _asked(response)
        if wait is not None and wait > patience.longest:
            raise DataError(f"{host} asks to come back in {wait:,.0f} s (status {status}); the data held are as before")
        raise _Again(f"{host} answered with status {status}", wait)
    raise DataError(f"{host} refused with status {status}; is it the right address? Name another with --url")


def _begin(response: requests.Response, part: Part) -> int | None:
    """Go on with the unfinished file or start over; the bytes to come in all, where known."""
    length = response.headers.get("Content-Length", "")
    if response.status_code == 206:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if span is None or int(span[1]) != part.size:
            part.discard()
            raise _Again(f"{_host(str(response.url))} resumed at another place", 0.0)
        return int(span[2]) if span[2] != "*" else None
    etag = response.headers.get("ETag", "")
    part.start(etag if etag.startswith('"') else response.headers.get("Last-Modified", ""))
    return int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None


def require_safe(url: str) -> SplitResult:
    """The parts of an address that may be asked.

    Raises
    ------
    DataError
        If it is no https address, or bears a user name; http is allowed on this computer itself alone.

    Examples
    --------
    >>> require_safe("https://data.cdc.gov/d/xkb8-kh2a").hostname
    'data.cdc.gov'
    """
    with suppress(ValueError):  # a port or an IPv6 address that is none
        where = urlsplit(url)
        plain = where.scheme == "https" or (where.scheme == "http" and _is_loopback(where))
        if plain and where.hostname and where.username is None and where.port != 0:
            return where
    raise DataError(f"address {_plain(url)!r} is not allowed: it must be https://host/…, without a user name")


def _is_loopback(where: SplitResult) -> bool:
    try:
        return where.hostname == "localhost" or ipaddress.ip_address(where.hostname or "").is_loopback
    except ValueError:
        return False


def _site(where: SplitResult) -> tuple[str, int | None]:
    """Host and port; http and https are one site at their own ports."""
    try:
        port = where.port
    except ValueError:
        port = -1
    return (where.hostname or "").removeprefix("www."), None if port in (None, 80, 443) else port


def _kind(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _date(response: requests.Response, header: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(response.headers.get(header, ""))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _asked(response: requests.Response) -> float | None:
    """Seconds of Retry-After, which is a number or a date."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", text):  # not isdigit: "²" is a digit that no number is made of
        return float(text[:9])
    until, sent = _date(response, "Retry-After"), _date(response, "Date")
    return max((until - sent).total_seconds(), 0.0) if until and sent else None


def _host(url: str) -> str:
    return _plain(urlsplit(url).hostname or url)


def _plain(text: object) -> str:
    """A publisher's words on one printable line."""
    return "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))[:200]
