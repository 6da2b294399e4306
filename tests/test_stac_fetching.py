"""Polite HTTP on a fake clock: what is asked again, after how long, and what nobody gets to read."""

from __future__ import annotations

import io
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from data.stac import fetching
from data.stac.errors import CatalogueError, Stopped, Unreachable
from data.stac.fetching import FIRST_WAIT, LONGEST_WAIT, PASSING, Fetcher

URL = "https://user:hush@host.test/a/b.tif?sig=hush&st=hush#hush"


class Clock:
    """Time that passes only by waiting, in place of `time` and of the event that ends waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        if seconds:
            self.waits.append(seconds)
        self.now += seconds
        return False

    def is_set(self) -> bool:
        return False


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made.raw, made.url = status, io.BytesIO(body), URL
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


class Server:
    """Answers in turn, the last one for good; an exception is raised instead. Keeps when it was asked what."""

    def __init__(self, clock: Clock, *answers: Callable[[], requests.Response] | Exception) -> None:
        self.clock, self.answers = clock, list(answers)
        self.asked: list[tuple[float, str, dict[str, str]]] = []

    def request(self, method: str, url: str, headers: dict[str, str], **_: Any) -> requests.Response:
        self.asked.append((self.clock.now, url, headers))
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(fetching, "time", made)
    return made


def fetcher(monkeypatch: pytest.MonkeyPatch, clock: Clock, *answers: Callable[[], requests.Response] | Exception) -> tuple[Fetcher, Server]:
    made, server = Fetcher(tries=5), Server(clock, *answers)
    monkeypatch.setattr(made, "_stop", clock)
    monkeypatch.setattr(made, "_session", lambda: server)
    return made, server


def test_waits_double_and_are_never_alike(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(503))
    with pytest.raises(Unreachable, match="503"):
        made.text(URL)
    assert len(server.asked) == 5
    assert len(clock.waits) == 4, "after the last try there is nothing to wait for"
    for turn, waited in enumerate(clock.waits):
        assert FIRST_WAIT * 2**turn * 0.5 <= waited <= FIRST_WAIT * 2**turn * 1.5
    assert len({waited / 2**turn for turn, waited in enumerate(clock.waits)}) == 4
    assert (made.requests, made.retries) == (5, 5)


@pytest.mark.parametrize("status", sorted(PASSING))
def test_what_may_pass_is_asked_again(monkeypatch: pytest.MonkeyPatch, clock: Clock, status: int) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(status), lambda: answer(200, b"yes"))
    assert made.text(URL) == "yes"
    assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "remedy"), [(400, "address"), (401, ".netrc"), (403, ".netrc"), (404, "collection"), (501, "address")])
def test_what_will_not_pass_is_asked_once(monkeypatch: pytest.MonkeyPatch, clock: Clock, status: int, remedy: str) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(status))
    with pytest.raises(CatalogueError, match=str(status)) as caught:
        made.text(URL)
    assert remedy in caught.value.remedy
    assert not isinstance(caught.value, Unreachable)
    assert len(server.asked) == 1


@pytest.mark.parametrize("after", ["17", "date"])
def test_retry_after_is_kept_by_every_thread_for_that_host_alone(monkeypatch: pytest.MonkeyPatch, clock: Clock, after: str) -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=17)) if after == "date" else after
    made, server = fetcher(monkeypatch, clock, lambda: answer(429, Retry_After=told), answer)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "wait", lambda seconds: seconds > 0)
        with pytest.raises(Stopped):  # as it waits: only what it has told the others is left
            made.text(URL)
    made.text("https://other.test/x")
    made.text("https://host.test/another")
    first, other, same = (when for when, _, _ in server.asked)
    assert other == first
    assert 15.9 <= same - first <= 17 + FIRST_WAIT * 1.5


def test_retry_after_nought_still_waits_longer_and_longer(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(429, Retry_After="0"))
    with pytest.raises(Unreachable):
        made.text(URL)
    gaps = [later[0] - earlier[0] for earlier, later in zip(server.asked, server.asked[1:], strict=False)]
    assert all(gap >= FIRST_WAIT * 2**turn * 0.5 for turn, gap in enumerate(gaps))


def test_threads_do_not_come_back_together(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, _ = fetcher(monkeypatch, clock, lambda: answer(503, Retry_After="5"), answer)
    made.text("https://host.test/x")
    assert clock.waits[0] == pytest.approx(5)
    assert FIRST_WAIT * 0.5 <= clock.waits[1] <= FIRST_WAIT * 1.5


def test_a_server_that_wants_an_hour_is_left_alone(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(429, Retry_After=str(int(LONGEST_WAIT) + 3600)))
    for _ in range(3):
        with pytest.raises(Unreachable):
            made.text(URL)
    assert len(server.asked) == 1
    assert sum(clock.waits) < LONGEST_WAIT


@pytest.mark.parametrize("told", ["soon", "", "-5", "1.5", "²", "Thu, 99 Foo 2020 00:00:00 GMT"])
def test_a_retry_after_that_cannot_be_read_counts_as_none(monkeypatch: pytest.MonkeyPatch, clock: Clock, told: str) -> None:
    made, _ = fetcher(monkeypatch, clock, lambda: answer(503, Retry_After=told), answer)
    made.text(URL)
    assert FIRST_WAIT * 0.5 <= sum(clock.waits) <= FIRST_WAIT * 1.5


FAILURES: dict[str, Callable[[], requests.Response] | Exception] = {
    "status": lambda: answer(404),
    "passing": lambda: answer(503),
    "connection": requests.ConnectionError(f"HTTPSConnectionPool: {URL}"),
    "timeout": requests.ReadTimeout(URL),
    "certificate": requests.exceptions.SSLError(ssl.SSLError(URL)),
    "invalid": requests.exceptions.InvalidURL(URL),
    "redirects": requests.TooManyRedirects(URL),
    "whole file": lambda: answer(200, b"x" * 10),
    "other part": lambda: answer(206, b"x" * 10, Content_Range="bytes 5-14/100"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_no_error_holds_a_token_or_a_password(monkeypatch: pytest.MonkeyPatch, clock: Clock, kind: str) -> None:
    made, _ = fetcher(monkeypatch, clock, FAILURES[kind])
    with pytest.raises(CatalogueError) as caught:
        made.part(URL, 0, 9)
    assert "https://host.test/a/b.tif" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None, "a traceback would show the address"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_certificate_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, server = fetcher(monkeypatch, clock, FAILURES["certificate"])
    with pytest.raises(CatalogueError, match="certificate"):
        made.text(URL)
    assert len(server.asked) == 1


def test_a_part_comes_with_the_size_of_the_file(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, server = fetcher(monkeypatch, clock, lambda: answer(206, b"0123456789", Content_Range="bytes 90-99/100"))
    assert made.part(URL, 90, 200) == (b"0123456789", 100)
    assert server.asked[0][2] == {"Range": "bytes=90-200", "Accept-Encoding": "identity"}
    assert (made.bytes, made.mine) == (10, 10)


def test_a_part_that_breaks_off_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    whole = {"Content_Range": "bytes 0-9/100"}
    made, server = fetcher(monkeypatch, clock, lambda: answer(206, b"0123", **whole), lambda: answer(206, b"0123456789", **whole))
    assert made.part(URL, 0, 9)[0] == b"0123456789"
    assert len(server.asked) == 2


def test_a_part_never_takes_more_than_it_asked_for(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, _ = fetcher(monkeypatch, clock, lambda: answer(206, b"x" * 2**20, Content_Range="bytes 0-9/100"))
    with pytest.raises(CatalogueError, match="longer"):
        made.part(URL, 0, 9)
    assert made.bytes <= 2**16


def test_an_endless_answer_ends(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(fetching, "MOST_TEXT", 2**17)
    made, _ = fetcher(monkeypatch, clock, lambda: answer(200, b"x" * 2**20))
    with pytest.raises(CatalogueError, match="longer"):
        made.text(URL)
    assert made.bytes <= 2**18


@pytest.mark.parametrize("url", ["file:///etc/passwd", "s3://bucket/key.tif", "ftp://host/x", "https:///x", "/etc/passwd", ""])
def test_only_the_web_is_asked(monkeypatch: pytest.MonkeyPatch, clock: Clock, url: str) -> None:
    made, server = fetcher(monkeypatch, clock, answer)
    with pytest.raises(CatalogueError, match="no address of the web"):
        made.text(url)
    assert not server.asked


def test_stop_ends_a_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, server, ended = Fetcher(), Server(Clock(), lambda: answer(503, Retry_After="200")), list[str]()
    monkeypatch.setattr(made, "_session", lambda: server)

    def ask() -> None:
        try:
            made.text(URL)
        except Stopped:
            ended.append("stopped")

    thread = threading.Thread(target=ask)
    thread.start()
    while not server.asked:
        thread.join(0.001)
    made.stop()
    thread.join(10)
    assert ended == ["stopped"]


def test_each_thread_counts_its_own_bytes(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made, _ = fetcher(monkeypatch, clock, lambda: answer(200, b"12345"))
    counts: list[int] = []

    def ask(times: int) -> None:
        for _ in range(times):
            made.text(URL)
        counts.append(made.mine)

    for times in (1, 3):
        thread = threading.Thread(target=ask, args=(times,))
        thread.start()
        thread.join()
    assert (counts, made.bytes, made.mine) == ([5, 15], 20, 0)


def test_patience_is_the_callers_and_long_waits_are_told(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    told: list[tuple[str, float]] = []
    made, server = fetcher(monkeypatch, clock, lambda: answer(429, Retry_After="1800"), answer)
    with pytest.raises(Unreachable):
        made.text(URL)
    assert len(server.asked) == 1
    patient = Fetcher(tries=5, patience=3600, waiting=lambda host, seconds: told.append((host, seconds)))
    again = Server(clock, lambda: answer(429, Retry_After="1800"), lambda: answer(503, Retry_After="5"), answer)
    monkeypatch.setattr(patient, "_stop", clock)
    monkeypatch.setattr(patient, "_session", lambda: again)
    patient.text(URL)
    assert again.asked[1][0] - again.asked[0][0] >= 1800
    assert told == [("host.test", pytest.approx(1800))], "five seconds are not worth a word"


def test_a_piece_tells_the_version(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    told = {"Content_Range": "bytes 0-1/100"}
    answers = [
        lambda: answer(206, b"01", ETag='"a"', Last_Modified="Mon", **told), lambda: answer(206, b"01", Last_Modified="Mon", **told),
        lambda: answer(206, b"01", **told),
    ]  # fmt: skip
    made, _ = fetcher(monkeypatch, clock, *answers)
    assert [made.piece(URL, 0, 1).version for _ in answers] == ['"a"', "Mon", ""]
