"""Tokens: asked for once, renewed before they end, added to the storage's addresses only."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.stac import signing
from data.stac.errors import CatalogueError
from data.stac.fetching import Fetcher
from data.stac.signing import SPARE, Signer

ENDPOINT = "https://tokens.test/token/{collection}"
BLOB = "https://sentinel2.blob.core.windows.net/a/B02.tif"


class Tokens(Fetcher):
    """Gives tokens 1, 2, 3 … that hold for an hour; keeps what it was asked."""

    def __init__(self, answer: Any = None) -> None:
        super().__init__(tries=1)
        self.asked: list[str] = []
        self.answer = answer
        self.now = 1_700_000_000.0

    def text(self, url: str, method: str = "GET", headers: dict[str, str] | None = None, **sent: Any) -> str:
        self.asked.append(url)
        ends = datetime.fromtimestamp(self.now, UTC) + timedelta(hours=1)
        return json.dumps({"token": f"sig={len(self.asked)}", "msft:expiry": ends.isoformat()}) if self.answer is None else self.answer


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Tokens:
    made = Tokens()
    monkeypatch.setattr(signing.time, "time", lambda: made.now)
    return made


def test_one_token_a_collection_until_shortly_before_it_ends(tokens: Tokens) -> None:
    signer = Signer(tokens, ENDPOINT)
    assert [signer.signed(BLOB, "a") for _ in range(3)] == [f"{BLOB}?sig=1"] * 3
    assert signer.signed(BLOB, "b") == f"{BLOB}?sig=2"
    assert tokens.asked == ["https://tokens.test/token/a", "https://tokens.test/token/b"]
    tokens.now += 3600 - SPARE - 1
    assert signer.signed(BLOB, "a") == f"{BLOB}?sig=1"
    tokens.now += 2
    assert signer.signed(BLOB, "a") == f"{BLOB}?sig=3"


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.test/B02.tif", f"{BLOB}?sig=own", "https://blob.core.windows.net.evil.test/a.tif",
        "https://evil.test/x.blob.core.windows.net/a.tif", "https://x.blob.core.windows.net@evil.test/a.tif",
        "http://sentinel2.blob.core.windows.net/a.tif",
    ],
)  # fmt: skip
def test_nobody_else_gets_a_token(tokens: Tokens, href: str) -> None:
    assert Signer(tokens, ENDPOINT).signed(href, "a") == href
    assert not tokens.asked


def test_a_catalogue_without_tokens_signs_nothing(tokens: Tokens) -> None:
    assert Signer(tokens, None).signed(BLOB, "a") == BLOB


def test_threads_share_one_token(tokens: Tokens) -> None:
    signer = Signer(tokens, ENDPOINT)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: signer.signed(BLOB, "a"), range(50))) == {f"{BLOB}?sig=1"}


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"token": "x", "msft:expiry": "soon"}', '{"msft:expiry": "2026-01-01T00:00:00Z"}'])
def test_an_answer_that_is_no_token_is_named(answer: str) -> None:
    with pytest.raises(CatalogueError, match=r"https://tokens\.test/token/a gives no token"):
        Signer(Tokens(answer), ENDPOINT).signed(BLOB, "a")
