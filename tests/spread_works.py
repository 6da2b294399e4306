"""What workers are asked to do in tests; loaded by each of them, so it loads little itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from data.errors import InputError


def squared(number: int) -> tuple[int, int]:
    return number, number * number


def refusing(number: int, bad: int) -> int:
    if number == bad:
        raise InputError(f"{number} cannot be", "leave it out")
    return number


def dying(number: int, bad: frozenset[int]) -> int:
    if number in bad:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def dying_once(number: int, scratch: Path, bad: frozenset[int]) -> int:
    """Only the first that come to a bad number die of it."""
    mark = scratch / str(number)
    if number in bad and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def threads(_: int) -> tuple[int, list[int], list[str]]:
    """Who says it, the threads of every linear algebra library, and what those are told that are loaded later."""
    import numpy as np
    from threadpoolctl import threadpool_info

    from data.spreading.pinning import NAMES

    np.linalg.inv(np.eye(3))
    return os.getpid(), [library["num_threads"] for library in threadpool_info()], [os.environ[name] for name in NAMES]


def dividing(number: int) -> float:
    return 1 / number


class UnreadableError(Exception):
    """Can be packed, and not unpacked."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} in {where}")


def raising_unreadably(number: int) -> int:
    raise UnreadableError("a crack", f"number {number}")
