"""Places: so many visits at a time. A page that is served holds one for the WebSocket that it opens a moment later."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import Counter
from collections.abc import Callable

HELD_S = 60.0
"""Seconds that a page has for opening its WebSocket: over a slow line it loads for twenty."""
HELD_MOST = 10
"""Places that are held for one address at a time: who loads pages and never connects must not take all."""
PATIENCE_S = 1.5
"""Seconds that a page waits for a place: who reloads gives the old one back a moment after asking for the new one."""
LOOK_S = 0.05


class Seats:
    """Counts visits. At no time are more than `most` taken and held together, nor more than half of them by one public address: one
    machine alone cannot keep everybody out. A private address may be a proxy's, behind which are many. For one event loop.

    Args:
        most: Visits at a time.
        clock: Seconds, only ever growing.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.taken = 0
        self._clock = clock
        self._held: list[tuple[float, str]] = []
        self._of: Counter[str] = Counter()

    @property
    def held(self) -> int:
        """Places that wait for their WebSocket."""
        now = self._clock()
        self._held = [(until, address) for until, address in self._held if until > now]
        return len(self._held)

    def is_free(self, address: str = "") -> bool:
        """Whether a page can be served to that address."""
        return self.taken + self.held < self.most and not self._has_enough(machine(address))

    async def hold(self, address: str) -> bool:
        """Hold a place for a page, False where there is none, nor becomes free within PATIENCE_S."""
        address, until = machine(address), self._clock() + PATIENCE_S
        while not self.is_free(address):
            if self._clock() >= until:
                return False
            await asyncio.sleep(LOOK_S)
        if sum(held == address for _, held in self._held) < HELD_MOST:
            self._held.append((self._clock() + HELD_S, address))
        return True

    def take(self, address: str) -> bool:
        """Take the place that was held, or one that is free; False where there is none. Whoever takes one gives it back."""
        address = machine(address)
        if self._has_enough(address):
            return False
        if self.held:
            # Its own; else the oldest: a browser may come from two addresses (IPv4 and IPv6).
            own = next((place for place in self._held if place[1] == address), self._held[0])
            self._held.remove(own)
        elif self.taken >= self.most:
            return False
        self.taken += 1
        self._of[address] += 1
        return True

    def give_back(self, address: str) -> None:
        """The visit is over."""
        address = machine(address)
        self.taken -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]

    def _has_enough(self, address: str) -> bool:
        return self._of[address] >= max(self.most // 2, 1) and is_public(address)


def machine(address: str) -> str:
    """An address as it is counted: of IPv6 its /64, of which one machine has every address; IPv4 that is written as IPv6 as IPv4."""
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)).network_address)


def is_public(address: str) -> bool:
    """Whether it is of one machine, or of one house; behind a private one there may be a proxy that tells nothing, and many."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
