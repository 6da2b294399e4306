"""How often something may be asked for: so many times a minute, counted back from now."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

MINUTE_S = 60.0


class Rate:
    """Counts for one visit.

    Args:
        most: Times a minute.
        clock: Seconds, only ever growing.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._times: deque[float] = deque(maxlen=most)

    def ask(self) -> int:
        """Whole seconds until it may be asked for; 0: now, and it counts."""
        now = self._clock()
        if len(self._times) == self.most and now - self._times[0] < MINUTE_S:
            return math.ceil(self._times[0] + MINUTE_S - now)
        self._times.append(now)
        return 0
