"""A person who clicks through a proxy. When the connection is gone they do what `reconnect.js` does: ask, and open the same address."""

from __future__ import annotations

import asyncio
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import aiohttp

from tests.load.client import Visitor, visiting

DELAYS = (0.5, 1, 2, 4, 8, 15)
"""Seconds before each try, as in reconnect.js, which adds up to half as much by chance."""
GONE = (aiohttp.ClientError, OSError)
THINK_S = 0.3


@dataclass
class Person:
    """One.

    Args:
        url: The proxy's address with its prefix, no slash at the end.
        query: The view to begin with.
        order: The lakes as › walks through them, each with its focus line: lake_key → words.
        dice: For the time between clicks.
    """

    url: str
    query: str
    order: dict[int, str]
    dice: random.Random
    cookie: str = ""
    clicks: int = 0
    lost: int = 0
    away: list[float] = field(default_factory=list[float])

    async def live(self, done: asyncio.Event) -> None:
        """Click until it is enough, through as many connections as it takes."""
        await self.open_page()
        while True:
            began = time.monotonic() if self.lost else 0.0
            try:
                async with visiting(self.url, self.query, headers={"Cookie": self.cookie}) as visitor:
                    await visitor.opened()
                    self._check(visitor)
                    if began:
                        self.away[-1] += time.monotonic() - began
                    await self._click(visitor, done)
                return
            except GONE:
                self.lost += 1
                await self._come_back()

    async def _click(self, visitor: Visitor, done: asyncio.Event) -> None:
        keys = list(self.order)
        while not done.is_set():
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * THINK_S)
            expected = keys[(keys.index(self.lake) + 1) % len(keys)]
            try:
                _, said = await visitor.next_lake()
            finally:
                self.query = visitor.query
            assert said == self.order[expected], f"asked for {self.order[expected]}, was shown {said}"
            assert self.lake == expected, f"the address names {self.lake} where {expected} is shown"
            self.clicks += 1

    def _check(self, visitor: Visitor) -> None:
        """What opened is what the address says: the same lake, and nothing of it lost."""
        assert visitor.sentence == self.order[self.lake], f"{self.query} shows {visitor.sentence}, not {self.order[self.lake]}"
        assert not self.lost or visitor.query == self.query, f"{self.query} opened as {visitor.query}"
        self.query = visitor.query

    @property
    def lake(self) -> int:
        """The lake_key in the address."""
        return int(parse_qs(self.query[1:])["lake"][0])

    async def _come_back(self) -> None:
        began, tries = time.monotonic(), 0
        while True:
            await asyncio.sleep(DELAYS[min(tries, len(DELAYS) - 1)] * self.dice.uniform(1, 1.5))
            tries += 1
            if await self.status("/healthz") < 500:
                break
        await self.open_page()
        self.away.append(time.monotonic() - began)

    async def open_page(self) -> None:
        """Open the page at its address, as a browser's reload does, and keep the cookie that says which replica it is."""
        status = await self.status(f"/{self.query}", document=True)
        assert status == 200, f"the page answers {status}"

    async def status(self, path: str, *, document: bool = False) -> int:
        """What the proxy answers; 599: it does not."""
        headers = {"Cookie": self.cookie} | ({"Sec-Fetch-Dest": "document"} if document else {})
        request = urllib.request.Request(self.url + path, headers={key: value for key, value in headers.items() if value})
        try:
            answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=10)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 599
        with answer:
            await asyncio.to_thread(answer.read)
            if answer.headers["Set-Cookie"]:
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            return answer.status


async def walked(url: str, first: int, most: int = 1_000) -> dict[int, str]:
    """Every lake in the order of ›, from one replica alone: what each person must be shown."""
    order: dict[int, str] = {}
    async with visiting(url, f"?lake={first}", plots=()) as visitor:
        await visitor.opened()
        while len(order) < most:
            key = int(parse_qs(visitor.query[1:])["lake"][0])
            if key in order:
                break
            order[key] = visitor.sentence
            await visitor.next_lake()
    return order
