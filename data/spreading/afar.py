"""What a worker of a cluster runs."""

from __future__ import annotations

import functools
import pickle
import threading
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from data.errors import InputError, MoraineError
from data.spreading.fitness import unfit
from data.spreading.pinning import pin
from data.spreading.raising import sendable

ONE = threading.Lock()
"""What computes does so alone in its process, however many threads that was given: memory is reckoned, and libraries are tried, for one."""


def do(wanted: tuple[tuple[str, str], ...], dataset: tuple[str, str], waits: bool, work: bytes, item: bytes) -> bytes:
    """An answer, or what was raised in its place, pickled. Nothing is raised: Dask would log what the work was given with it.

    Args:
        wanted, dataset: What makes a worker fit, see `unfit`.
        waits: The work waits for others most of its time.
        work, item: Pickled.
    """
    try:
        _ready(wanted, *dataset)
        with nullcontext() if waits else ONE:
            return _packed(True, _loaded(work)(pickle.loads(item)))  # noqa: S301 - from who gives the work
    except Exception as error:  # noqa: BLE001 - it goes to who gives the work
        return _failed(error)


def answer(packed: bytes) -> Any:
    """What `do` was answered. Raises what it raised."""
    good, value = pickle.loads(packed)  # noqa: S301 - from our own workers
    if not good:
        raise value
    return value


def _packed(good: bool, value: Any) -> bytes:
    return pickle.dumps((good, value), protocol=pickle.HIGHEST_PROTOCOL)


def _failed(error: Exception) -> bytes:
    if not isinstance(error, MoraineError):
        error.add_note("".join(traceback.format_exception(error)))
    return _packed(False, sendable(error))


@functools.lru_cache(maxsize=4)
def _ready(wanted: tuple[tuple[str, str], ...], folder: str, held: str) -> None:
    from distributed import get_worker  # noqa: PLC0415 - there on a cluster only

    if (why := unfit(dict(wanted), folder, held)) is not None:
        raise InputError(f"worker {get_worker().address} {why[0]}", why[1])
    pin()


@functools.lru_cache(maxsize=4)
def _loaded(work: bytes) -> Callable[[Any], Any]:
    return pickle.loads(work)  # noqa: S301 - from who gives the work
