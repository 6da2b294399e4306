"""From what an address asks for to the bytes of its answer. Loaded with the first image, since it brings rasterio and Pillow."""

from __future__ import annotations

import gzip

from data.records import Scene
from data.store import Store
from modules.choices import LOOKS
from modules.images.addresses import Wanted
from modules.images.errors import Judged, belief_png, chip, errors_png
from modules.images.export import flipbook, pair
from modules.images.faults import MissingError, about
from modules.images.ground import Grounds
from modules.images.masks import mask_png, mask_rings
from modules.images.pixels import Pixels
from modules.images.rendering import Painter, jpeg
from modules.images.thumbs import Shown, thumb

RELOAD = "reload the page"


class Maker:
    """Makes images; one for all sessions."""

    def __init__(self) -> None:
        self._pixels = Pixels()
        self._painter = Painter(self._pixels)
        self._grounds = Grounds()

    def make(self, store: Store, asked: Wanted) -> bytes:
        """The body of an answer; JSON gzipped.

        Raises:
            MissingError: No such scene, lake, source or look; or a file is missing.
            RasterError: A file cannot be used, or not for this.
        """
        source = _source(store, asked.source)
        shown = Shown(asked.look, source, asked.above)
        if asked.look and asked.look not in LOOKS and asked.look.count(".") < 2:
            raise MissingError(f"there is no look {asked.look!r}", RELOAD)
        if asked.kind == "flipbook":
            if store.row_of(asked.key) is None:
                raise MissingError(f"there is no lake {asked.key}", RELOAD)
            return flipbook(self._painter, store, asked.key, shown)
        scene = _scene(store, asked.key)
        if asked.kind == "pair":
            later = _scene(store, asked.other)
            if later.lake_key != scene.lake_key:
                raise MissingError(f"scenes {scene.scene_key} and {later.scene_key} are of two lakes", "choose two dates of one lake")
            return pair(self._painter, store, (scene, later), shown)
        with about(store, scene):
            return self._judged(store, scene, asked, source) if asked.scope else self._of_scene(store, scene, asked, source)

    def _of_scene(self, store: Store, scene: Scene, asked: Wanted, source: str | None) -> bytes:
        match asked.kind:
            case "scene":
                return jpeg(self._painter.whole(store, scene, asked.look))
            case "detail":
                assert asked.window is not None
                return jpeg(self._painter.part(store, scene, asked.look, asked.window))
            case "thumb":
                return jpeg(thumb(self._painter, store, scene, Shown(asked.look, source, asked.above)))
            case "mask":
                return mask_png(self._pixels, store, scene, _named(source), asked.above)
            case "rings":
                return gzip.compress(mask_rings(self._pixels, store, scene, _named(source), asked.above), 6, mtime=0)
            case _:
                told = self._pixels.header(store, scene)
                return gzip.compress(self._grounds.ground(store, scene, told.grid, told.bands), 6, mtime=0)

    def _judged(self, store: Store, scene: Scene, asked: Wanted, source: str | None) -> bytes:
        if asked.kind == "chip":
            return jpeg(chip(self._painter, store, scene, asked.look, asked.scope))
        if asked.kind == "belief":
            return belief_png(self._painter, store, scene, _named(source), asked.scope)
        return errors_png(self._painter, store, scene, Judged(_named(source), _named(_source(store, asked.label)), asked.scope))


def _scene(store: Store, key: int | None) -> Scene:
    found = store.scenes.scene(key) if key is not None else None
    if found is None:
        raise MissingError(f"there is no scene {key}", RELOAD)
    return found


def _source(store: Store, number: int | None) -> str | None:
    if number is None:
        return None
    if number >= len(store.scenes.sources):
        raise MissingError(f"there is no source {number} of masks", RELOAD)
    return store.scenes.sources[number]


def _named(source: str | None) -> str:
    if source is None:
        raise MissingError("the address names no source of a mask", RELOAD)
    return source
