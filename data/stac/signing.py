"""Addresses that need a token: Planetary Computer's storage takes a shared access signature, which anybody may ask for.

https://planetarycomputer.microsoft.com/docs/concepts/sas/
"""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from data.stac.errors import CatalogueError, plain
from data.stac.fetching import Fetcher

SPARE = 300.0
"""Seconds before its end from which a token is no longer used."""
STORAGE = ".blob.core.windows.net"


class Signer:
    """Adds the collection's token to addresses of the storage; others pass as they are. Tokens are kept in memory only.

    Args:
        fetcher: Who asks.
        endpoint: Address of tokens, with `{collection}` in it; None where a catalogue needs none.
    """

    def __init__(self, fetcher: Fetcher, endpoint: str | None) -> None:
        self._fetcher, self._endpoint = fetcher, endpoint
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}

    def signed(self, href: str, collection: str) -> str:
        """The address with a token that holds for some minutes yet. Raises CatalogueError where none can be had."""
        parts = urlsplit(href)
        stored = parts.scheme == "https" and (parts.hostname or "").endswith(STORAGE)
        if self._endpoint is None or not stored or "?" in href:
            return href
        with self._lock:
            token, ends = self._held.get(collection, ("", 0.0))
            if ends - SPARE < time.time():
                token, ends = self._asked(self._endpoint.format(collection=collection))
                self._held[collection] = token, ends
        return f"{href}?{token}"

    def _asked(self, url: str) -> tuple[str, float]:
        try:
            told = json.loads(self._fetcher.text(url))
            ends = datetime.fromisoformat(told["msft:expiry"])
            return str(told["token"]), ends.replace(tzinfo=ends.tzinfo or UTC).timestamp()
        except (ValueError, KeyError, TypeError):
            raise CatalogueError(f"{plain(url)} gives no token", "try again later, or use another catalogue") from None
