"""Pictures kept under the state folder, by all that they are drawn from: a later visit, and a replica beside, need not draw them again."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from data.cache import fingerprint
from data.kept_bytes import KeptBytes
from data.records import Scene
from data.store import Store
from modules.image_urls import DRAWN
from modules.images.addresses import Wanted
from modules.owning.tables import is_own

LIBRARIES = ("numpy", "pillow", "rasterio", "scipy", "shapely")
"""What draws, beside our own code, of which `DRAWN` counts the ways."""
PASSING = {"detail"}
"""Kinds that are not kept: there is no end of windows."""
STRETCHED = {"scene", "detail", "thumb", "chip", "flipbook", "pair"}
"""What is drawn by the stretch of its lake, hence from all its dates."""


class Drawn:
    """Pictures of all datasets.

    Args:
        state_dir: The state folder; None keeps nothing.
    """

    def __init__(self, state_dir: Path | None) -> None:
        self.kept = KeptBytes(state_dir, "pictures")
        self._versions = tuple(f"{library} {version(library)}" for library in LIBRARIES)

    def key(self, store: Store, asked: Wanted) -> str:
        """The digest of all that a picture rests on, empty where it is not kept: tables, wish, files by name, size and time, versions."""
        if asked.kind in PASSING or is_own(store.meta.name):
            return ""
        files = [_told(store, path) for path in sorted(set(_files(store, asked)))]
        return fingerprint(store.digest, repr(asked), *files, str(DRAWN), *self._versions)

    def get(self, key: str) -> bytes | None:
        """The picture of a key."""
        return self.kept.get(key) if key else None

    def put(self, key: str, picture: bytes) -> None:
        """Keep a picture."""
        if key:
            self.kept.put(key, picture)


def _files(store: Store, asked: Wanted) -> Iterable[Path]:
    scene = None if asked.kind == "flipbook" else store.scenes.scene(asked.key)
    lake = asked.key if asked.kind == "flipbook" else scene.lake_key if scene else None
    own = [each for each in (scene, store.scenes.scene(asked.other) if asked.other is not None else None) if each is not None]
    every = store.scenes.of_lake(lake) if asked.kind in STRETCHED and lake is not None else []
    yield from (each.path for each in (*own, *every))
    yield from (each.dem for each in own if each.dem is not None)
    numbers = [number for number in (asked.source, asked.label) if number is not None and number < len(store.scenes.sources)]
    masked: list[Scene] = every if asked.kind == "flipbook" else own
    yield from (each.masks[name] for each in masked for number in numbers if (name := store.scenes.sources[number]) in each.masks)


def _told(store: Store, path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return f"{path.name}: none"
    named = path.relative_to(store.path) if path.is_relative_to(store.path) else path
    return f"{named}: {found.st_size} {found.st_mtime_ns}"
