"""The side of the app: whose turn it is. Each visit has its share, and one slow file does not keep all others waiting."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

from data.confined.lane import Lane
from data.confined.outcomes import Answer, Order, given_up, kept_waiting

TASKS = "data.confined.tasks"
IDLE_S = 60.0
"""Seconds without an order after which the warm process ends and gives back its memory."""
WAIT_S = 180.0
"""Seconds that an order waits for those before it."""
SLOW_S = 3.0
"""Seconds that a file takes before another visit's gets a process beside it; most take a tenth of a second."""
LANES = 2
"""Children at a time, the second beside a slow one only: each may take its memory."""
LATELY_S = 300.0
"""Seconds for which it counts how long a visit's files took."""


class Keeper:
    """Takes orders from any thread.

    Args:
        idle_s: See IDLE_S.
        most_mb: Memory of a child, MB; None: MORAINE_CHILD_MB.
        tasks: The package that holds the tasks.
        slow_s: See SLOW_S.
    """

    def __init__(self, idle_s: float = IDLE_S, most_mb: int | None = None, tasks: str = TASKS, slow_s: float = SLOW_S) -> None:
        self._idle_s, self._slow_s = idle_s, slow_s
        self._changed = threading.Condition()
        self._lanes = [Lane(most_mb, tasks) for _ in range(LANES)]
        self._waiting: list[Order] = []  # as they came
        self._working: dict[Lane, tuple[Order, float]] = {}
        self._spent: deque[tuple[float, str, float]] = deque(maxlen=1000)  # (when, whose, seconds)
        self._resting: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The first warm process, None while there is none."""
        return self._lanes[0].pid

    @property
    def waiting(self) -> int:
        """Orders that are not answered yet, those at work included."""
        return len(self._waiting) + len(self._working)

    def call(self, order: Order) -> Answer:
        """Run a task. Raises as `data.confined.confined` does."""
        lane = self._turn(order)
        try:
            return lane.answered(order)
        finally:
            self._done(lane)

    def end(self) -> None:
        """End all processes, whoever waits for them."""
        for lane in self._lanes:
            lane.end()

    def _turn(self, order: Order) -> Lane:
        """Wait for the turn of this order, and for a process."""
        until = time.monotonic() + WAIT_S
        with self._changed:
            self._waiting.append(order)
            try:
                while (lane := self._free_for(order)) is None:
                    self._changed.wait(0.1)  # nobody tells of `stop`, nor of a file that has become a slow one
                    stopped = order.stop is not None and order.stop.is_set()
                    if stopped or time.monotonic() > until:
                        raise given_up(order) if stopped else kept_waiting(order, WAIT_S)
                if self._resting is not None:
                    self._resting.cancel()
                self._working[lane] = order, time.monotonic()
                return lane
            finally:
                self._waiting = [each for each in self._waiting if each is not order]
                self._changed.notify_all()

    def _free_for(self, order: Order) -> Lane | None:
        """A process for this order, where it is its turn: none is at work, or only slow ones for others."""
        free = [lane for lane in self._lanes if lane not in self._working]
        slow = time.monotonic() - self._slow_s
        aside = all(other.visit != order.visit and began < slow for other, began in self._working.values())
        return free[0] if free and aside and self._next() is order else None

    def _next(self) -> Order:
        """Of those that wait, the one whose visit had least lately; among equals the one that came first."""
        now = time.monotonic()
        spent: defaultdict[str, float] = defaultdict(float)
        for ended, visit, seconds in self._spent:
            spent[visit] += seconds if now - ended < LATELY_S else 0.0
        busy = {order.visit for order, _ in self._working.values()}
        return min(self._waiting, key=lambda order: (order.visit in busy, spent[order.visit]))

    def _done(self, lane: Lane) -> None:
        with self._changed:
            order, began = self._working.pop(lane)
            now = time.monotonic()
            self._spent.append((now, order.visit, now - began))
            if not self._waiting:
                self._stop(self._lanes[1:])
            self._resting = threading.Timer(self._idle_s, self._rest)
            self._resting.daemon = True
            self._resting.start()
            self._changed.notify_all()

    def _rest(self) -> None:
        with self._changed:
            if not self._waiting:
                self._stop(self._lanes)

    def _stop(self, lanes: list[Lane]) -> None:
        for lane in lanes:
            if lane not in self._working:
                lane.stop()
