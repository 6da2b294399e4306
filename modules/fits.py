"""Fits of whole inventories for all visits: a few at a time in threads of their own, each made once, and so often for whoever asks."""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from data.records import TrendSettings, TrendTable
from data.settings import number
from data.store import Store
from modules.serving.guard.rate import Rate

THREADS = 2
"""Fits at a time; those of one dataset are made one after another in any case."""
MOST = 24
"""Fits that are asked for by address and not done, the ones at work included."""
ASKERS = 1_000
"""Addresses that are remembered; the ones that asked longest ago are forgotten."""
AGAIN_S = 10
PACED = (
    "Test settings change faster than trends are fitted for one visit here: the ones chosen last are fitted as soon as it is their turn."
)


class NoTurnError(Exception):
    """Not now.

    Args:
        words: Why.
        seconds: After which to ask again.
    """

    def __init__(self, words: str, seconds: int) -> None:
        super().__init__(words)
        self.words, self.seconds = words, seconds


@dataclass
class _Asked:
    future: Future[TrendTable]
    wanted: int = 0


class Fits:
    """For one event loop.

    Args:
        a_minute: Fits of one visit, and of one address, within a minute; what a cache holds is not counted.
        most: See MOST.
    """

    def __init__(self, a_minute: int, most: int = MOST) -> None:
        self._a_minute, self._most = a_minute, most
        self._pool: ThreadPoolExecutor | None = None
        self._asked: dict[tuple[Store, TrendSettings], _Asked] = {}
        self._shares: dict[tuple[Store, TrendSettings], float] = {}
        self._by: OrderedDict[str, Rate] = OrderedDict()

    def pace(self) -> Rate:
        """For one visit."""
        return Rate(self._a_minute)

    async def table(self, store: Store, settings: TrendSettings) -> TrendTable:
        """The table, fitted unless a cache holds it. Who is cancelled while it waits takes it out of the queue, unless others want it.

        Raises:
            MoraineError: It cannot be fitted.
        """
        key = (store, settings)
        asked = self._asked.get(key)
        if asked is None:
            self._pool = self._pool or ThreadPoolExecutor(THREADS, "fits")
            told = functools.partial(self._shares.__setitem__, key)
            asked = self._asked[key] = _Asked(self._pool.submit(store.trends, settings, told=told))
            asked.future.add_done_callback(lambda _: (self._asked.pop(key, None), self._shares.pop(key, None)))
        asked.wanted += 1
        try:
            return await asyncio.shield(asyncio.wrap_future(asked.future))
        finally:
            asked.wanted -= 1
            if not asked.wanted:
                asked.future.cancel()  # one that has begun goes on, and is kept

    def share(self, store: Store, settings: TrendSettings) -> float | None:
        """How much of a fit is done, 0 to 1; None where that is not known: it waits, is made in one piece, or is none."""
        return self._shares.get((store, settings))

    async def for_address(self, store: Store, settings: TrendSettings, who: str) -> TrendTable:
        """The same for whoever asks by an address of the table, without a visit.

        Args:
            store: The dataset.
            settings: Of the table.
            who: Asks: a machine (`modules.serving.guard.seats.machine`).

        Raises:
            NoTurnError: It has asked for too many that nobody had fitted yet, or too many are waiting.
            MoraineError: It cannot be fitted.
        """
        held = await asyncio.to_thread(store.trends_held, settings)
        if held is not None:
            return held
        if (store, settings) not in self._asked and len(self._asked) >= self._most:
            raise NoTurnError("Many trends are being fitted here at the moment. Try again in a moment.", AGAIN_S)
        seconds = self._rate(who).ask()
        if seconds:
            raise NoTurnError(f"More than {self._a_minute} trends a minute are not fitted for one address. Try again later.", seconds)
        return await self.table(store, settings)

    def close(self) -> None:
        """Forget what waits, so that the app can end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _rate(self, who: str) -> Rate:
        rate = self._by.pop(who, None) or self.pace()
        self._by[who] = rate
        while len(self._by) > ASKERS:
            self._by.popitem(last=False)
        return rate


@functools.cache
def shared() -> Fits:
    """The one of this process."""
    return Fits(number("FITS_A_MINUTE"))
