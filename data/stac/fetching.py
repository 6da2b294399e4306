"""Polite HTTP: a request that fails for a while is sent again, later and later, or when the server wishes where it says so."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from data.stac.errors import CatalogueError, Stopped, Unreachable, WholeOnly, plain

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""
AGENT = "moraine (python -m data stac)"
MOST_TEXT = 32 * 2**20
"""Bytes of the longest answer taken in whole (a page of a search)."""
LONGEST_WAIT = 300.0
"""Seconds; a server that asks to stay away longer is left for another run, unless the Fetcher has more patience."""
NOTABLE = 10.0
"""Seconds; longer waits that a server asks for are told."""
FIRST_WAIT = 0.5
"""Seconds before the second try."""
AGAIN = "run the same command again later: what is there already is not fetched again"
Taken = TypeVar("Taken")


class _TryAgain(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.why, self.after = why, after


@dataclass(frozen=True)
class Piece:
    """A part of a file on a server.

    Args:
        body: Its bytes.
        size: Of the whole file, bytes.
        version: What changes with the file: its ETag, else when it was last modified; empty where the server tells neither.
    """

    body: bytes
    size: int
    version: str


class Fetcher:
    """Requests for all threads of a run, counted. Each thread has a session of its own; a server's pause holds for all of them.

    A try waits FIRST_WAIT, doubled for each that failed, times a random 0.5 to 1.5: threads do not come back together. A server that
    names a time (Retry-After) is left alone for that long by all threads, and each comes back its own random moment later; one that names
    more than `patience` is not asked again.

    Args:
        tries: How often a request is sent at the most.
        timeout: Seconds to connect, and between bytes.
        agent: What servers are told of who asks.
        patience: Seconds.
        waiting: Is told the host and how many seconds it wants to be left alone, where a person might wonder why nothing happens.
    """

    def __init__(
        self, tries: int = 7, timeout: tuple[float, float] = (15, 60), *, agent: str = AGENT, patience: float = LONGEST_WAIT,
        waiting: Callable[[str, float], None] = lambda host, seconds: None,
    ) -> None:  # fmt: skip
        self.bytes = self.requests = self.retries = 0
        self.seconds = 0.0
        self._tries, self._timeout, self._agent, self._patience = tries, timeout, agent, patience
        self._waiting = waiting
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._sessions = threading.local()
        self._quiet_until: dict[str, float] = {}

    @property
    def mine(self) -> int:
        """Bytes that this thread has read."""
        return getattr(self._sessions, "bytes", 0)

    def add(self, count: int) -> None:
        """Count bytes that another read for this run."""
        with self._lock:
            self.bytes += count

    def stop(self) -> None:
        """End every wait and every read of every thread by Stopped."""
        self._stop.set()

    def text(self, url: str, method: str = "GET", headers: dict[str, str] | None = None, **sent: Any) -> str:
        """The whole answer of a request; `sent` is `json` or `params`, as requests takes them.

        Raises:
            Unreachable: The server does not answer properly, however often it is asked.
            CatalogueError: It cannot be had.
            Stopped: The run is being ended.
        """
        return self._tried(url, method, headers or {}, sent, lambda answer: self._body(answer, MOST_TEXT).decode("utf-8", "replace"))

    def part(self, url: str, first: int, last: int) -> tuple[bytes, int]:
        """Bytes first to last (included; fewer where the file ends before) of a file, and the file's size. Raises what `piece` does."""
        piece = self.piece(url, first, last)
        return piece.body, piece.size

    def piece(self, url: str, first: int, last: int) -> Piece:
        """Bytes first to last (included; fewer where the file ends before) of a file.

        Raises:
            WholeOnly: The server sends whole files only.
            CatalogueError: It cannot be had.
            Stopped: The run is being ended.
        """

        def take(answer: requests.Response) -> Piece:
            told = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("Content-Range", "").strip())
            if answer.status_code != 206 or told is None or int(told[1]) != first:
                raise WholeOnly(f"{plain(url)}: the server does not send parts of files", "use a catalogue whose server does")
            wanted = min(last, int(told[3]) - 1) - first + 1
            body = self._body(answer, wanted)
            if len(body) < wanted:
                raise _TryAgain("the answer broke off")
            return Piece(body, int(told[3]), answer.headers.get("ETag") or answer.headers.get("Last-Modified", ""))

        return self._tried(url, "GET", {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}, {}, take)

    def _tried(
        self, url: str, method: str, headers: dict[str, str], sent: dict[str, Any], take: Callable[[requests.Response], Taken]
    ) -> Taken:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise CatalogueError(f"{plain(url)} is no address of the web", "use a catalogue whose files lie at https://")
        why, host = "", parts.netloc.rpartition("@")[2]
        for turn in range(self._tries):
            if not self._wait(host):
                why = why or "the server wants to be left alone for a while"
                break
            try:
                return self._once(url, method, headers, sent, take)
            except _TryAgain as again:
                why = again.why
                self._postpone(host, again.after)
                if turn + 1 < self._tries and self._stop.wait(0 if again.after else _own_wait(turn)):
                    raise Stopped from None
        raise Unreachable(f"{plain(url)}: {why}", AGAIN)

    def _once(
        self, url: str, method: str, headers: dict[str, str], sent: dict[str, Any], take: Callable[[requests.Response], Taken]
    ) -> Taken:
        began = time.monotonic()
        try:
            with self._session().request(method, url, headers=headers, timeout=self._timeout, stream=True, **sent) as answer:
                if answer.status_code in PASSING:
                    raise _TryAgain(f"the server answers {answer.status_code}", _retry_after(answer.headers.get("Retry-After")))
                if not answer.ok:
                    raise CatalogueError(f"{plain(url)}: the server answers {answer.status_code}", _remedy(answer.status_code))
                return take(answer)
        # The exceptions' own texts are left out: they hold the address with its query.
        except requests.Timeout:
            raise _TryAgain("the server does not answer in time") from None
        except requests.exceptions.SSLError:
            raise CatalogueError(
                f"{plain(url)}: the certificate of the server cannot be trusted",
                "check the address; behind a proxy of your organisation, name its certificates in REQUESTS_CA_BUNDLE",
            ) from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise _TryAgain("the connection fails") from None
        except requests.RequestException as error:
            raise CatalogueError(f"{plain(url)}: {type(error).__name__}", "check the address") from None
        finally:
            with self._lock:
                self.requests += 1
                self.seconds += time.monotonic() - began

    def _body(self, answer: requests.Response, most: int) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(2**16):
            if self._stop.is_set():
                raise Stopped
            body += chunk
            with self._lock:
                self.bytes += len(chunk)
            self._sessions.bytes = self.mine + len(chunk)
            if len(body) > most:
                raise CatalogueError(
                    f"{plain(answer.url)}: the answer is longer than the {most:,} bytes it may have", "use another catalogue"
                )
        return bytes(body)

    def _session(self) -> requests.Session:
        held: requests.Session | None = getattr(self._sessions, "session", None)
        if held is None:
            held = requests.Session()
            held.headers["User-Agent"] = self._agent
            self._sessions.session = held
        return held

    def _wait(self, host: str) -> bool:
        """Until the host may be asked again; False where that takes longer than `patience`. Raises Stopped."""
        waited = False
        while True:
            with self._lock:
                left = self._quiet_until.get(host, 0.0) - time.monotonic()
            if left > self._patience:
                return False
            if left > NOTABLE:
                self._waiting(host, left)
            if self._stop.wait(max(left, 0)):
                raise Stopped
            if left <= 0:
                break
            waited = True
        if waited and self._stop.wait(_own_wait(0)):
            raise Stopped
        return True

    def _postpone(self, host: str, after: float | None) -> None:
        """Let every thread leave the host alone for as long as it has asked."""
        with self._lock:
            self.retries += 1
            if after is not None:
                self._quiet_until[host] = max(self._quiet_until.get(host, 0.0), time.monotonic() + after)


def _own_wait(turn: int) -> float:
    """Seconds before another try, after so many that failed before this one."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2**turn) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3: seconds or a date), None where there is none that can be read."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _remedy(status: int) -> str:
    if status in {401, 403}:
        return "use a catalogue that needs no login, or put the login for its host into your .netrc file"
    return "check the address, the collection and the years; another catalogue may have the same scenes"
