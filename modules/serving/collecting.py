"""When Python looks for what visits left behind: when nobody waits for an answer.

A visit is some 36,000 objects (370 effects of Shiny 1.8 and what calls them), and looking at those of thirty visits takes 0.7 s, in which
nobody is served. By itself Python looks whenever so many objects were made, which is in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.types import Lifespan

EVERY_S = 0.25
"""Seconds from one look at how busy the event loop is to the next."""
QUIET = 0.04
"""Share of that time which its thread worked at most, where nobody is served."""
SHARE = 0.01
"""Of the time that may go into collecting where there is no need."""
MADE = 5
"""Collections of the middle generation (7,000 new objects each) after which it is worth looking at all that is there."""
MOST_MADE = 300
"""After so many Python looks by itself: two million objects."""
FEW = 3
"""Visits that may have ended, beside half as many as are there, before it is looked for what they left though somebody waits."""


class Collector:
    """Looks for what was left behind while an app is served.

    Args:
        begun: How many visits have begun.
        live: How many of them are there.
    """

    def __init__(self, begun: Callable[[], int], live: Callable[[], int]) -> None:
        self._begun, self._live = begun, live
        self._known = 0
        self._not_before = 0.0

    async def run(self) -> None:
        """For as long as the app is served."""
        while True:
            worked = time.thread_time()
            await asyncio.sleep(EVERY_S)
            if self.due(quiet=time.thread_time() - worked < QUIET * EVERY_S):
                self.collect()

    def due(self, *, quiet: bool) -> bool:
        """Whether to look now.

        Args:
            quiet: Nobody is served.
        """
        ended = self._ended() - self._known
        if ended > FEW + self._live() // 2:
            return True
        return quiet and (ended > 0 or gc.get_count()[2] >= MADE) and time.monotonic() >= self._not_before

    def collect(self) -> None:
        """Look now."""
        began, self._known = time.monotonic(), self._ended()
        gc.collect()
        now = time.monotonic()
        self._not_before = now + (now - began) / SHARE

    def _ended(self) -> int:
        return self._begun() - self._live()


def settled(served: Lifespan[Starlette], collector: Collector) -> Lifespan[Starlette]:
    """While the app is served, what was there before is left alone, and what visits leave is looked for by the collector."""

    @asynccontextmanager
    async def lifespan(running: Starlette) -> AsyncGenerator[Any, None]:
        gc.collect()
        gc.freeze()
        before = gc.get_threshold()
        gc.set_threshold(*before[:2], MOST_MADE)
        looking = asyncio.create_task(collector.run())
        try:
            async with served(running) as state:
                yield state
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            gc.set_threshold(*before)
            gc.unfreeze()

    return lifespan
