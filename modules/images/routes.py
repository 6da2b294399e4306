"""The routes of images: looked up by key, made off the event loop, kept within bounds, the same answer for all sessions.

What a view knows will be asked for is made `ahead`.

Memory at most: 24 MB of answers here, 24 MB of scenes and 16 MB of masks in `modules.images.pixels`, some MB of outlines and stretches.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from shiny import App
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.bounded import Bounded
from data.errors import DatasetError, MoraineError, RasterError
from data.store import Store
from modules.image_urls import images_base, images_version
from modules.images.addresses import Wanted, wanted
from modules.images.cache import Once
from modules.serving.assets import FOR_GOOD
from modules.serving.datasets import Datasets

if TYPE_CHECKING:
    from modules.images.answers import Maker

log = logging.getLogger(__name__)

KEPT = 24 * 2**20
"""Bytes of answers kept."""
THREADS = 2
"""Images made at a time; apart from them one flipbook or pair."""
AHEAD = 0.15
"""Seconds that a visit waits at most for what is made ahead of its requests."""
PAINTING = 0.02
"""Seconds that it leaves the answers, and the browser for painting them, before other work takes the event loop and sends more."""
ALONE = 1.0
"""Seconds after another visit's click in which nobody waits: Shiny serves no other visit meanwhile, and a crowd would queue."""
EXPORTS = {"flipbook", "pair"}
STRETCHED = {"scene", "detail", "thumb", "chip", *EXPORTS}
"""What is drawn by the stretch of its lake."""
PASSING = {"Cache-Control": "no-store"}


class Images:
    """Answers requests for images.

    Args:
        datasets: What is served.
    """

    def __init__(self, datasets: Datasets) -> None:
        self.datasets = datasets
        self.kept: Bounded[bytes] = Bounded(KEPT, len)
        self._once: Once[bytes] = Once()
        self._maker: Maker | None = None
        self._clicked: dict[str, float] = {}  # visit → when, those of the last moment only
        self._loading = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, "images")
        self._exports = ThreadPoolExecutor(1, "exports")

    @property
    def maker(self) -> Maker:
        """What makes the images; the first to ask loads it, and with it rasterio and Pillow (0.12 s, 22 MB)."""
        with self._loading:
            if self._maker is None:
                self._maker = importlib.import_module("modules.images.answers").Maker()
            return self._maker

    def load(self) -> None:
        """Have `maker` loaded in the background, before the first image is asked for."""
        self._pool.submit(lambda: self.maker)

    async def answer(self, request: Request) -> Response:
        """`images/{name}/{digest}/{rest}`: see `modules.image_urls`.

        404 for what does not exist or is not there yet, 422 for what cannot be used, each with a sentence and its remedy as plain text.
        """
        try:
            digest = request.path_params["digest"]
            store = self.datasets.at(request.path_params["name"], lambda held: images_version(held) == digest)
        except DatasetError as error:
            log.error("%s", error)
            store = None
        asked = wanted(request.path_params["rest"])
        if store is None or asked is None:
            return PlainTextResponse("This image is not served here (any more). Reload the page.", 404, PASSING)
        body = self.kept.get((store.digest, asked))
        lasting = body is not None or _lasting(store, asked)
        if body is None:
            try:
                body = await self._made(store, asked)
            except MoraineError as error:
                log.warning("no image for %s: %s", request.url.path, error.__cause__ or error)
                return PlainTextResponse(f"{error.what}\n{error.remedy}", 422 if isinstance(error, RasterError) else 404, PASSING)
        encoding = {"Content-Encoding": "gzip"} if asked.media_type == "application/json" else {}
        return Response(body, media_type=asked.media_type, headers=(FOR_GOOD if lasting else PASSING) | encoding)

    async def ahead(self, store: Store, addresses: Sequence[str], *, visit: str = "") -> None:
        """Begin at once to make images that the browser will ask for, and wait until they are made, AHEAD seconds at most.

        Drawn beside other work in Python an image takes three times as long, so who has told the browser of one does well to wait here.
        What cannot be made is left to the request, which says so; what would not be kept is left to it, too.

        Args:
            store: The dataset.
            addresses: Of the images.
            visit: Whose; while others click as well, nobody waits.
        """
        base = f"{images_base(store)}/"
        asked = [one for address in addresses if (one := wanted(address.removeprefix(base))) and _lasting(store, one)]
        futures = [self._started(store, one) for one in asked if self.kept.get((store.digest, one)) is None]
        if not asked or not self._alone(visit):
            return
        if futures:
            made = asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True)
            await asyncio.wait([made], timeout=AHEAD)
        await asyncio.sleep(PAINTING)

    def _alone(self, visit: str) -> bool:
        now = time.monotonic()
        self._clicked = {other: at for other, at in self._clicked.items() if now < at + ALONE} | {visit: now}
        return len(self._clicked) == 1

    def _started(self, store: Store, asked: Wanted) -> Future[bytes]:
        pool = self._exports if asked.kind in EXPORTS else self._pool
        return self._once.start((store.digest, asked), pool, lambda: self._make(store, asked))

    async def _made(self, store: Store, asked: Wanted) -> bytes:
        future = self._started(store, asked)
        # Shielded: who gives up waiting must not take the work away from others who wait for it.
        return await asyncio.shield(asyncio.wrap_future(future))

    def _make(self, store: Store, asked: Wanted) -> bytes:
        lasting = _lasting(store, asked)
        body = self.maker.make(store, asked)
        if lasting:
            self.kept.put((store.digest, asked), body)
        return body

    def close(self) -> None:
        """Forget what is waiting to be made, so that the app can end."""
        for pool in (self._pool, self._exports):
            pool.shutdown(wait=False, cancel_futures=True)


def _lasting(store: Store, asked: Wanted) -> bool:
    """Whether the answer will stay true: while images of a lake are still being made, its stretch changes and its flipbook grows."""
    if asked.kind not in STRETCHED:
        return True
    scene = None if asked.kind == "flipbook" else store.scenes.scene(asked.key)
    return all(other.left_out or other.path.exists() for other in store.scenes.of_lake(scene.lake_key if scene else asked.key))


def add_image_routes(app: App, images: Images) -> None:
    """Put the routes of images before Shiny's own; what they need is loaded once the server starts, not by `import app`."""
    router = app.starlette_app.router
    served = router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: Starlette) -> AsyncGenerator[Any, None]:
        images.load()
        async with served(running) as state:
            yield state

    router.lifespan_context = lifespan
    router.routes[:0] = [Route("/images/{name:str}/{digest:str}/{rest:path}", images.answer)]
    app.on_shutdown(images.close)
