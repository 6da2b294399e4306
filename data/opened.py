"""A dataset as worker processes open it: once each, as long as it stays what it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from data.known_lakes import KnownLakes
from data.store import Store


@lru_cache(maxsize=1)
def opened(folder: Path, digest: str) -> tuple[Store, KnownLakes]:
    """The dataset in a folder, and its lakes; `digest` is `Store.digest` as whoever gives the work saw it."""
    store = Store(folder)
    return store, KnownLakes(store)
