"""What gives work to workers, as whoever has work sees it; and the simplest: this process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Hands(Protocol):
    """Workers, wherever they are."""

    def size(self, seconds: float = math.inf) -> int:
        """How many items are worked on at once, where all of them together take one worker so many seconds."""
        ...

    def map(
        self,
        work: Callable[[Item], Answer],
        items: Iterable[Item],
        *,
        seconds: float = math.inf,
        named: Callable[[Item], str] = str,
    ) -> Iterator[Answer]:
        """What `work` makes of each item, as they end. What `work` raises comes through.

        Args:
            work: A function of a module, or a `functools.partial` of one. Doing an item twice must be as good as doing it once.
            items: Taken as workers get to them.
            seconds: About how long all of it takes one worker: for little work no process is started.
            named: What an error calls an item.

        Raises:
            DatasetError: Workers died of some items again and again, or all of them are gone.
        """
        ...


class Alone:
    """This process."""

    def size(self, seconds: float = math.inf) -> int:
        """One."""
        return 1

    def map(
        self,
        work: Callable[[Item], Answer],
        items: Iterable[Item],
        *,
        seconds: float = math.inf,
        named: Callable[[Item], str] = str,
    ) -> Iterator[Answer]:
        """See `Hands`: in the order of the items."""
        return map(work, items)
