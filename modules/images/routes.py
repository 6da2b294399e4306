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
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shiny import App
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.afar.places import there
from data.bounded import Bounded
from data.errors import DatasetError, MoraineError, RasterError
from data.store import Store
from modules.image_urls import images_base, images_version
from modules.images.addresses import Wanted, wanted
from modules.images.cache import Once
from modules.images.drawn import STRETCHED, Drawn
from modules.images.turns import Turns
from modules.serving.assets import FOR_GOOD
from modules.serving.datasets import Datasets

if TYPE_CHECKING:
    from modules.images.answers import Maker

log = logging.getLogger(__name__)

KEPT = 24 * 2**20
"""Bytes of answers kept."""
THREADS = 2
"""Images made at a time while one visit clicks; apart from them one flipbook or pair. In a crowd one: most of an image is Python, and two
hold up the event loop, and each other, by more than they gain. With thirty visitors the p95 of a click was 350 to 1,190 ms, now 210."""
SHOWN, NEXT, SMALL = range(3)
"""What comes first: the scene that a click shows, then its neighbours, then small pictures."""
RANKS = {"thumb": SMALL, "chip": SMALL, "belief": SMALL, "errors": SMALL}
GONE = 499
"""Status for whoever has left; nobody hears it, but the log and the figures do."""
AHEAD = 0.15
"""Seconds that a visit waits at most for what is made ahead of its requests."""
PAINTING = 0.02
"""Seconds that it leaves the answers, and the browser for painting them, before other work takes the event loop and sends more."""
ALONE = 1.0
"""Seconds after another visit's click in which nobody waits: Shiny serves no other visit meanwhile, and a crowd would queue."""
EXPORTS = {"flipbook", "pair"}
PASSING = {"Cache-Control": "no-store"}


class Images:
    """Answers requests for images.

    Args:
        datasets: What is served.
        state_dir: Where pictures are kept; None: in memory only.
    """

    def __init__(self, datasets: Datasets, state_dir: Path | None = None) -> None:
        self.datasets = datasets
        self.drawn = Drawn(state_dir)
        self.kept: Bounded[bytes] = Bounded(KEPT, len)
        self._once: Once[bytes] = Once()
        self._maker: Maker | None = None
        self._clicked: dict[str, float] = {}  # visit → when, those of the last moment only
        self._crowd_until = 0.0
        self._loading = threading.Lock()
        self._pool, self._exports = Turns(THREADS, "images", self._crowded), Turns(1, "exports")
        self._waiting: WeakKeyDictionary[Future[bytes], int] = WeakKeyDictionary()  # how many wait; used on the event loop alone

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
        lasting = body is not None
        if body is None:
            try:
                body = await self._made(store, asked, request)
            except MoraineError as error:
                log.warning("no image for %s: %s", request.url.path, error.__cause__ or error)
                return PlainTextResponse(f"{error.what}\n{error.remedy}", 422 if isinstance(error, RasterError) else 404, PASSING)
            if body is None:
                return Response(status_code=GONE)
            lasting = self.kept.get((store.digest, asked)) is not None  # as seen by who made it, on its thread: twenty files and more
        encoding = {"Content-Encoding": "gzip"} if asked.media_type == "application/json" else {}
        return Response(body, media_type=asked.media_type, headers=(FOR_GOOD if lasting else PASSING) | encoding)

    def draw(self, store: Store, address: str) -> bytes:
        """The image of an address, from where it is kept or drawn and kept now, on this thread; for work ahead of all visits.

        Raises:
            MissingError, RasterError: It cannot be drawn.
        """
        asked = wanted(address.removeprefix(f"{images_base(store)}/"))
        if asked is None:
            raise ValueError(address)
        return self._make(store, asked)

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
        futures = [self._started(store, one, SHOWN) for one in asked if self.kept.get((store.digest, one)) is None]
        for future in futures:  # whoever gives up waiting for one of them must not take it away
            self._waiting[future] = self._waiting.get(future, 0) + 1
        if not asked or not self._alone(visit):
            return
        if futures:
            made = asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True)
            await asyncio.wait([made], timeout=AHEAD)
        await asyncio.sleep(PAINTING)

    def _alone(self, visit: str) -> bool:
        now = time.monotonic()
        self._clicked = {other: at for other, at in self._clicked.items() if now < at + ALONE} | {visit: now}
        if len(self._clicked) > 1:
            self._crowd_until = now + ALONE
        return len(self._clicked) == 1

    def _crowded(self) -> bool:
        return time.monotonic() < self._crowd_until

    def _started(self, store: Store, asked: Wanted, rank: int) -> Future[bytes]:
        pool = self._exports if asked.kind in EXPORTS else self._pool
        future = self._once.start((store.digest, asked), lambda: pool.begin(lambda: self._make(store, asked), rank))
        pool.hurry(future, rank)
        return future

    async def _made(self, store: Store, asked: Wanted, request: Request) -> bytes | None:
        """The image; None where whoever asked has left. What nobody waits for any more is not begun."""
        future = self._started(store, asked, RANKS.get(asked.kind, NEXT))
        self._waiting[future] = self._waiting.get(future, 0) + 1
        made, gone = asyncio.wrap_future(future), asyncio.ensure_future(_gone(request))
        made.add_done_callback(lambda done: done.cancelled() or done.exception())  # told, even if nobody hears it
        try:
            await asyncio.wait({made, gone}, return_when=asyncio.FIRST_COMPLETED)
            return made.result() if made.done() else None
        finally:
            gone.cancel()
            self._waiting[future] -= 1
            if not self._waiting[future]:
                future.cancel()

    def _make(self, store: Store, asked: Wanted) -> bytes:
        lasting = _lasting(store, asked)
        key = self.drawn.key(store, asked) if lasting else ""
        body = self.drawn.get(key)
        if body is None:
            body = self.maker.make(store, asked)
            self.drawn.put(key, body)
        if lasting:
            self.kept.put((store.digest, asked), body)
        return body

    def close(self) -> None:
        """Forget what is waiting to be made, so that the app can end."""
        for pool in (self._pool, self._exports):
            pool.shutdown(wait=False, cancel_futures=True)


async def _gone(request: Request) -> None:
    """Returns once whoever asked has left."""
    while (message := await request.receive())["type"] != "http.disconnect":
        if not message.get("more_body"):
            await request.receive()  # after the body nothing else comes
            return


def _lasting(store: Store, asked: Wanted) -> bool:
    """Whether the answer will stay true: while images of a lake are still being made, its stretch changes and its flipbook grows."""
    if asked.kind not in STRETCHED:
        return True
    scene = None if asked.kind == "flipbook" else store.scenes.scene(asked.key)
    return all(other.left_out or there(other.path) for other in store.scenes.of_lake(scene.lake_key if scene else asked.key))


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
