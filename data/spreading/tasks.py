"""Items on their way: not given out yet, to be given out again because a worker died, or under suspicion of having killed it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from data.errors import DatasetError

SUSPECT = 2
"""Deaths that an item was near, after which it is given out when nothing else is: what dies then, dies of it."""
MOST_LOST = 3
"""Items that workers die of, after which nothing more is tried: it is the machine, not they."""
Item = TypeVar("Item")


@dataclass(eq=False)
class Task(Generic[Item]):
    """An item, and how many workers died with it in hand."""

    item: Item
    deaths: int = 0


class Tasks(Generic[Item]):
    """The items of one piece of work.

    Args:
        items: Taken as they are asked for.
        named: What an error calls one.
    """

    def __init__(self, items: Iterable[Item], named: Callable[[Item], str]) -> None:
        self._fresh = iter(items)
        self._named = named
        self._again: deque[Task[Item]] = deque()
        self._suspects: deque[Task[Item]] = deque()
        self._alone = False  # a suspect is out, and nothing goes with it
        self._lost: list[str] = []

    def take(self, busy: int) -> Task[Item] | None:
        """What is to be given out now, where so many are out already; None: nothing, or nothing until those are back."""
        if busy and (self._suspects or self._alone):
            return None
        self._alone = bool(self._suspects)
        if self._suspects:
            return self._suspects.popleft()
        if self._again:
            return self._again.popleft()
        for item in self._fresh:
            return Task(item)
        return None

    def died(self, task: Task[Item], deaths: int = 1) -> None:
        """So many workers died with this in hand.

        Raises:
            DatasetError: They die of too many items.
        """
        if task.deaths >= SUSPECT:
            self._lost.append(self._named(task.item))
            if len(self._lost) == MOST_LOST:
                self.end()
            return
        task.deaths += deaths
        (self._again if task.deaths < SUSPECT else self._suspects).append(task)

    def end(self) -> None:
        """All that can be done is done.

        Raises:
            DatasetError: Workers died of some items.
        """
        if self._lost:
            raise DatasetError(
                f"a worker process was killed at its work, every time that it came to {', '.join(self._lost)}",
                "free some memory, or see what is special about that, and run this again: it goes on",
            )
