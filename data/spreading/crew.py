"""Who does the work."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager

from data.spreading.hands import Alone, Hands
from data.spreading.pinning import pinned
from data.spreading.pool import Pool


@contextmanager
def crew(workers: int = 1) -> Generator[Hands, None, None]:
    """Workers for as long as the block lasts; linear algebra has one thread meanwhile, here as in all of them.

    Args:
        workers: Processes of this machine; 1 is this one.
    """
    with pinned():
        if workers == 1:
            yield Alone()
        else:
            with closing(Pool(workers)) as pool:
                yield pool
