"""One thread for linear algebra: workers are what work is spread over, and sums in another order have other last digits."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")
"""What libraries read when they are loaded."""


def pin() -> None:
    """In this process from now on, those that are loaded already and those that will be."""
    os.environ.update(dict.fromkeys(NAMES, "1"))
    threadpool_limits(1)


@contextmanager
def pinned() -> Generator[None, None, None]:
    """The same for a while."""
    before = {name: os.environ.get(name) for name in NAMES}
    os.environ.update(dict.fromkeys(NAMES, "1"))
    try:
        with threadpool_limits(1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
