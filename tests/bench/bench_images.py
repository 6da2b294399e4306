"""Images over HTTP from a server of its own on localhost: 512² chips of six bands, their files in the page cache.

Cold means that the server has nothing cached of that lake: no stretch, no decoded scene, no answer. It has answered for another lake
before, since loading rasterio and Pillow happens once. The bars are 60 ms cold and 3 ms warm for a scene, 350 ms for 24 thumbnails of three
lakes, 200 ms a click with caches off.
"""

from __future__ import annotations

import functools
import http.client
import statistics
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from data.records import Scene
from data.store import Store
from modules import image_urls as urls
from tests.browser.server import Server, serving
from tests.datasets import SOURCE
from tests.scene_dataset import BROKEN, LAKES, scene_dataset

FIRST, *OTHERS = LAKES
CONNECTIONS = 6
"""What a browser opens to one host."""
SERVERS = 3


class Asking:
    """One kept connection, as a browser has."""

    def __init__(self, server: Server) -> None:
        self._line = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc)

    def ms(self, address: str) -> float:
        """Milliseconds to the last byte. Raises AssertionError where there is no image."""
        began = time.perf_counter()
        self._line.request("GET", f"/{address}")
        answer = self._line.getresponse()
        answer.read()
        took = (time.perf_counter() - began) * 1e3
        assert answer.status == 200, address
        return took


@functools.cache
def _measured() -> dict[str, float]:
    """Medians in ms, over the lakes of several servers."""
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = scene_dataset(Path(scratch) / "data")
        store = Store(folder)
        for n in range(SERVERS):
            with serving(Path(scratch) / f"state{n}", {"MORAINE_DATASETS": str(folder)}) as server:
                for name, ms in _one_server(store, server).items():
                    taken.setdefault(name, []).extend(ms)
    return {name: statistics.median(ms) for name, ms in taken.items()}


def _one_server(store: Store, server: Server) -> dict[str, list[float]]:
    asking = Asking(server)
    _first(store, asking)
    thumbs = [urls.thumb_url(store, scene, "true", SOURCE) for lake in OTHERS[:3] for scene in _scenes(store, lake)][:24]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        lines = [Asking(server) for _ in range(CONNECTIONS)]
        for line in lines:
            line.ms(urls.ground_url(store, _scenes(store, FIRST)[0]))
        began = time.perf_counter()
        list(pool.map(lambda n: [lines[n].ms(address) for address in thumbs[n::CONNECTIONS]], range(CONNECTIONS)))
        all_thumbs = (time.perf_counter() - began) * 1e3 * 24 / len(thumbs)
    fresh = [_scenes(store, lake)[0] for lake in OTHERS[3:]]
    cold = [asking.ms(urls.scene_url(store, scene, "true")) for scene in fresh]
    warm = [asking.ms(urls.scene_url(store, scene, "true")) for scene in fresh for _ in range(10)]
    step = [asking.ms(urls.scene_url(store, scene, "true")) for lake in OTHERS[3:] for scene in _scenes(store, lake)[1:]]
    masks = [asking.ms(urls.mask_url(store, scene, SOURCE)) for lake in OTHERS[3:] for scene in _scenes(store, lake)]
    rings = [asking.ms(urls.rings_url(store, scene, "label")) for lake in OTHERS[3:] for scene in _scenes(store, lake)]
    film = [asking.ms(urls.flipbook_url(store, lake, "true", SOURCE)) for lake in OTHERS[3:]]
    return {
        "scene_cold_ms": cold, "scene_warm_ms": warm, "scene_next_date_ms": step, "thumbs_24_cold_ms": [all_thumbs], "mask_cold_ms": masks,
        "rings_cold_ms": rings, "flipbook_ms": film,
    }  # fmt: skip


def _first(store: Store, asking: Asking) -> None:
    scene = _scenes(store, FIRST)[0]
    asking.ms(urls.scene_url(store, scene, "true"))
    asking.ms(urls.rings_url(store, scene, SOURCE))


def _scenes(store: Store, lake: int) -> list[Scene]:
    found = [scene for scene in store.scenes.of_lake(lake) if scene.path.exists() and scene.date]
    return [scene for scene in found if scene.date and (lake, scene.date.year) != BROKEN]


def _figure(name: str) -> dict[str, Any]:
    return {"value": round(_measured()[name], 2), "unit": "ms"}


NAMES = (
    "scene_cold_ms", "scene_warm_ms", "scene_next_date_ms", "thumbs_24_cold_ms", "mask_cold_ms", "rings_cold_ms", "flipbook_ms",
)  # fmt: skip
BENCHMARKS = {f"images.{name}": functools.partial(_figure, name) for name in NAMES}
