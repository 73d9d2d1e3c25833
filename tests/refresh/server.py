"""A publisher on 127.0.0.1 that answers as told, well or badly."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DATE = "Wed, 12 Feb 2025 15:00:00 GMT"
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the next answer of its server; the last one stays."""

    server: Server

    def do_GET(self) -> None:
        """Answer, and remember what was asked."""
        self.server.asked.append({"path": self.path, **self.headers})
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def head(self, status: int, headers: dict[str, str]) -> None:
        """The head of an answer; a header given as "" is left out."""
        self.send_response_only(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Use as a context; `answers` are taken in turn, `asked` holds path and headers of each request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the file."""
        return f"http://127.0.0.1:{self.server_address[1]}/rows.csv"

    def handle_error(self, *words: Any) -> None:
        """A client that goes away is no error here."""

    def server_close(self) -> None:
        """Let stalled answers go, then close."""
        self.over.set()
        self.shutdown()
        super().server_close()


def _headers(body: bytes, **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    plain = {
        "Content-Type": "text/csv",
        "Content-Length": str(len(body)),
        "Date": DATE,
        "Last-Modified": DATE,
        "ETag": '"a"',
    }
    return {**plain, **named}


def good(body: bytes, **headers: str) -> Answer:
    """The body, or the part that is asked for."""

    def answer(handler: Handler) -> None:
        wanted = handler.headers.get("Range", "")
        head = _headers(body, **headers)
        if wanted and handler.headers.get("If-Range") == head["ETag"]:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            span = {
                "Content-Length": str(len(body) - start),
                "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}",
            }
            handler.head(206, {**head, **span})
            handler.wfile.write(body[start:])
        else:
            handler.head(200, head)
            handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    """An empty answer with this status."""
    return lambda handler: handler.head(code, _headers(b"", **headers))


def truncated(body: bytes, at: int, **headers: str) -> Answer:
    """Closes in the middle, whatever the head promised."""

    def answer(handler: Handler) -> None:
        handler.head(200, _headers(body, **headers))
        handler.wfile.write(body[:at])

    return answer


def stalled(body: bytes, at: int) -> Answer:
    """Falls silent in the middle."""

    def answer(handler: Handler) -> None:
        handler.head(200, _headers(body))
        handler.wfile.write(body[:at])
        handler.server.over.wait(20)

    return answer


def reset(body: bytes, at: int) -> Answer:
    """Breaks the connection in the middle."""

    def answer(handler: Handler) -> None:
        handler.head(200, _headers(body))
        handler.wfile.write(body[:at])
        handler.wfile.flush()
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return answer


def endless(line: bytes) -> Answer:
    """Never stops."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Content-Type": "text/csv"})
        while not handler.server.over.is_set():
            handler.wfile.write(line * 1000)

    return answer


def dripping(line: bytes) -> Answer:
    """A byte now and then, always before the client loses patience with the silence."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Content-Type": "text/csv"})
        while not handler.server.over.wait(0.01):
            handler.wfile.write(line[:1])

    return answer
