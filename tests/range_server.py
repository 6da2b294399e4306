"""A record of Zenodo and its files on loopback, sent in parts; it can be busy, break off, lie, and ignore that a part was asked for."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

RECORD = "/api/records/7"
CHUNK = 2**16


@dataclass(frozen=True)
class Asked:
    """A request for a file: the part, the answer's status, the bytes of body that went out, what was told of who asks."""

    name: str
    part: tuple[int, int] | None
    status: int
    sent: int
    agent: str


class RangeServer(ThreadingHTTPServer):
    """Files by name.

    Args:
        files: What they hold, as bytes or whatever is cut like them; may be exchanged at any time, and then has another ETag.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files, self.log, self.connections = files, list[Asked](), 0
        self.faults: list[str] = []
        """What goes wrong with the next requests, in turn:
        `busy`, `drop`, `short`, `wrong`, `moved`, `whole`, `gone`; `fine` for nothing."""
        self.always = ""
        """What goes wrong with every request."""
        self.retry_after = "0"
        self.guard = threading.Lock()
        self.hold_at: int | None = None
        """The request for a file, counted from 1, that is not answered before `go`: `held` then tells that it has come."""
        self.held, self.go = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Of the record."""
        return f"http://127.0.0.1:{self.server_port}{RECORD}"

    @property
    def sent(self) -> int:
        """Bytes of files so far."""
        return sum(asked.sent for asked in self.log)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asks may hang up."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server.connections += 1

    @property
    def _server(self) -> RangeServer:
        return cast(RangeServer, self.server)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        found = re.fullmatch(rf"{RECORD}/files/([^/]+)/content(\?moved)?", self.path)
        if self.path == RECORD:
            self._record()
        elif found is None or found[1] not in self._server.files:
            self._send(404, b"", {})
        else:
            self._file(found[1])

    def _record(self) -> None:
        base = self._server.url
        files = [
            {"key": name, "size": len(body), "checksum": "md5:0", "links": {"self": f"{base}/files/{name}/content"}}
            for name, body in self._server.files.items()
        ]
        self._send(200, json.dumps({"id": 7, "files": files}).encode(), {"Content-Type": "application/json"})

    def _file(self, name: str) -> None:
        body = self._server.files[name]
        if self._server.hold_at is not None and len(self._server.log) + 1 >= self._server.hold_at:
            self._server.held.set()
            self._server.go.wait(60)
        with self._server.guard:
            fault = self._server.always or (self._server.faults.pop(0) if self._server.faults else "fine")
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        # As Zenodo does: Retry-After stands in answers that are fine, too.
        headers = {"ETag": f'"md5:{hash(body):x}"', "Retry-After": "59", "Accept-Ranges": "bytes"}
        if fault == "busy":
            self._note(name, part, 503, 0)
            self._send(503, b"", {"Retry-After": self._server.retry_after})
        elif fault == "moved":
            self._send(302, b"", {"Location": f"{self.path}?moved"})
        elif fault == "gone":
            self._note(name, part, 404, 0)
            self._send(404, b"", {})
        elif part is None or fault == "whole":
            sent = self._send(200, body, headers)
            self._note(name, part, 200, sent)
        else:
            self._part(name, body, (int(part[1]), min(int(part[2]), len(body) - 1)), fault, headers)

    def _part(self, name: str, body: Any, part: tuple[int, int], fault: str, headers: dict[str, str]) -> None:
        first, last = part
        if first > last:
            self._note(name, None, 416, 0)
            self._send(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            return
        if fault == "short":
            last = first + (last - first) // 2
        wanted = body[first : last + 1]
        if fault == "wrong":
            wanted = wanted[: len(wanted) // 2] + bytes([wanted[len(wanted) // 2] ^ 255]) + wanted[len(wanted) // 2 + 1 :]
        told = {**headers, "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        sent = self._send(206, wanted, told, cut=fault == "drop")
        self._note(name, part, 206, sent)

    def _note(self, name: str, part: Any, status: int, sent: int) -> None:
        server, held = self._server, part if isinstance(part, tuple) or part is None else (int(part[1]), int(part[2]))
        with server.guard:
            server.log.append(Asked(name, held, status, sent, self.headers.get("User-Agent", "")))

    def _send(self, status: int, body: Any, headers: dict[str, str], cut: bool = False) -> int:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        out, sent = len(body) // 2 if cut else len(body), 0
        self.close_connection = self.close_connection or cut
        for start in range(0, out, CHUNK):
            try:
                self.connection.sendall(body[start : min(start + CHUNK, out)])
            except OSError:
                self.close_connection = True
                break
            sent = min(start + CHUNK, out)
        return sent


@contextmanager
def serving(files: dict[str, Any]) -> Generator[RangeServer, None, None]:
    """The server, listening, for a while."""
    server = RangeServer(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
