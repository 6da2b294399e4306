"""Waiting for what other processes do: looked at often, given up late, never a fixed sleep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

OFTEN, LATE = 0.05, 180.0


def until(met: Callable[[], object]) -> None:
    """Return as soon as it is met.

    Raises:
        AssertionError: It was not, for three minutes: a busy machine is no fault.
    """
    end, never = time.monotonic() + LATE, threading.Event()
    while not met():
        assert time.monotonic() < end, "it never came"
        never.wait(OFTEN)
