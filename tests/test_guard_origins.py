"""Whose page may send: the app's own by the name it was asked by, or by what a trusted proxy forwards, and those that are allowed."""

from __future__ import annotations

import pytest

from data.errors import InputError
from modules.serving.guard.origins import address_of, is_foreign
from modules.serving.guard.rules import Rules, rules

LOOPBACK = ("127.0.0.1", 50000)
PROXY = ("10.0.0.7", 50000)
VISITOR = ("203.0.113.9", 50000)


def made(monkeypatch: pytest.MonkeyPatch, **said: str) -> Rules:
    for name, value in said.items():
        monkeypatch.setenv(f"MORAINE_{name}", value)
    return rules()


def scope(client: tuple[str, int] | None, **headers: str) -> dict[str, object]:
    named = {"host": "moraine.example", **{key.replace("_", "-"): value for key, value in headers.items()}}
    return {"type": "http", "scheme": "http", "client": client, "headers": [(k.encode(), v.encode()) for k, v in named.items()]}


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        (None, False), ("https://moraine.example", False), ("http://moraine.example", False), ("https://MORAINE.example:443", False),
        ("https://evil.example", True), ("null", True), ("https://moraine.example.evil.example", True),
        ("https://moraine.example:444", True),
        ("https://user@moraine.example", True), ("file://", True), ("", True), ("https://[", True), ("https://moraine.example/x", True),
    ],
)  # fmt: skip
def test_by_default_its_own_page_may(monkeypatch: pytest.MonkeyPatch, origin: str | None, foreign: bool) -> None:
    asked = scope(VISITOR) if origin is None else scope(VISITOR, origin=origin)
    assert is_foreign(asked, made(monkeypatch)) is foreign


@pytest.mark.parametrize(
    "forwarded",
    [
        {"x_forwarded_host": "public.example", "x_forwarded_proto": "https"},
        {"x_forwarded_host": "public.example, inner.example"},
        {"forwarded": 'for=203.0.113.9;host="public.example";proto=https, for=10.0.0.7;host=inner'},
        {"x_rsc_request": "https://public.example/content/7/"},
    ],
)
def test_what_a_proxy_forwards_counts_where_it_is_trusted(monkeypatch: pytest.MonkeyPatch, forwarded: dict[str, str]) -> None:
    by_default, told = made(monkeypatch), made(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8")
    own = {"origin": "https://public.example", **forwarded}
    assert not is_foreign(scope(LOOPBACK, **own), by_default)
    assert not is_foreign(scope(None, **own), by_default)  # over a socket file
    assert not is_foreign(scope((VISITOR[0], 0), **own), by_default)  # as uvicorn rewrites what a proxy on this machine hands on
    assert is_foreign(scope(PROXY, **own), by_default)
    assert not is_foreign(scope(PROXY, **own), told)
    assert is_foreign(scope(VISITOR, **own), told)
    assert is_foreign(scope(PROXY, **{**own, "origin": "https://evil.example"}), told)


def test_the_scheme_counts_where_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scope(LOOPBACK, origin="http://moraine.example", x_forwarded_proto="https")
    assert is_foreign(asked, made(monkeypatch))


def test_the_origins_that_are_named_are_all(monkeypatch: pytest.MonkeyPatch) -> None:
    named = made(monkeypatch, ORIGINS="https://Lakes.example:443, http://localhost:8000")
    assert not is_foreign(scope(VISITOR, origin="https://lakes.example"), named)
    assert not is_foreign(scope(VISITOR, origin="http://localhost:8000"), named)
    # A page that made its own name point to this machine is not let in by that name.
    assert is_foreign(scope(LOOPBACK, origin="https://moraine.example"), named)
    assert is_foreign(scope(LOOPBACK, origin="null"), named)
    assert not is_foreign(scope(VISITOR, origin="null"), made(monkeypatch, ORIGINS="null"))
    assert not is_foreign(scope(VISITOR, origin="https://any.example"), made(monkeypatch, ORIGINS="*"))


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        (VISITOR, "198.51.100.1", VISITOR[0]),  # not a proxy: its word is nothing
        (PROXY, "198.51.100.1, 203.0.113.9", VISITOR[0]),  # what stands before may be the visitor's own invention
        (PROXY, "203.0.113.9, 10.0.0.3", VISITOR[0]),
        (PROXY, "", PROXY[0]),
        ((VISITOR[0], 0), "203.0.113.9", VISITOR[0]),
        (None, "203.0.113.9", VISITOR[0]),
        (None, "", ""),
    ],
)
def test_where_the_visitor_is(monkeypatch: pytest.MonkeyPatch, client: tuple[str, int] | None, forwarded: str, address: str) -> None:
    assert address_of(scope(client, x_forwarded_for=forwarded), made(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8")) == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGINS", "lakes.example"), ("ORIGINS", "https://lakes.example/path"), ("ORIGINS", "ftp://lakes.example"),
        ("TRUSTED_PROXIES", "proxy"), ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("FRAME_ANCESTORS", "'self'; script-src *"), ("FRAME_ANCESTORS", "https://a.example/x"), ("FRAME_ANCESTORS", "javascript:"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_names_the_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"MORAINE_{name}"):
        made(monkeypatch, **{name: value})
