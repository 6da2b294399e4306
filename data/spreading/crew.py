"""Who does the work."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from data.spreading.hands import Alone, Hands
from data.spreading.pinning import pinned
from data.spreading.pool import Pool
from data.spreading.threads import Threads


@contextmanager
def crew(workers: int = 1, cluster: str = "", *, folder: Path | None = None, waits: bool = False) -> Generator[Hands, None, None]:
    """Workers for as long as the block lasts; linear algebra has one thread meanwhile, here as in all of them.

    Args:
        workers: Of this machine; 1 is this process.
        cluster: The address of a Dask scheduler, whose workers are taken instead.
        folder: The dataset, which the workers of a cluster must see at the same path.
        waits: The work waits for others (for servers) most of its time: threads do, and no processes.

    Raises:
        InputError: The cluster does not answer, or cannot do the work.
    """
    with pinned():
        if cluster:
            from data.spreading.cluster import Cluster  # noqa: PLC0415 - the app and most commands know no cluster

            with closing(Cluster(cluster, folder, waits)) as hands:
                yield hands
        elif workers == 1 and not waits:
            yield Alone()
        else:
            with closing(Threads(workers) if waits else Pool(workers)) as hands:
                yield hands
