"""The workers of a Dask cluster, wherever they run."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from data.errors import DatasetError, InputError
from data.spreading import sizing
from data.spreading.afar import answer, do
from data.spreading.connecting import connected, refuse_unfit
from data.spreading.fitness import identity, told
from data.spreading.tasks import SUSPECT, Task, Tasks

if TYPE_CHECKING:
    from distributed import Future

LOOK_S = 5.0
"""Seconds after which it is seen again how many workers there are."""
PATIENCE_S = 120.0
"""Seconds without any worker after which nobody will come."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Cluster:
    """A scheduler and its workers, which may come and go.

    Args:
        address: tcp://host:port, or the scheduler's file.
        folder: The dataset that workers must see at the same path; None where they need none.
        waits: Work waits for others most of its time: as many items at once in a worker as it has threads, else one.

    Raises:
        InputError: Nobody answers, or a worker would not do the same.
    """

    def __init__(self, address: str, folder: Path | None, waits: bool) -> None:
        self._address, self._waits = address, waits
        self._dataset = (str(folder), identity(str(folder))) if folder is not None else ("", "")
        self._wanted = tuple(told().items())
        self._client = connected(address)
        self._looked, self._seen = -math.inf, time.monotonic()
        self._size = 0
        try:
            refuse_unfit(self._client, address, dict(self._wanted), self._dataset)
        except BaseException:
            self.close()
            raise

    def size(self, seconds: float = math.inf) -> int:
        """See `Hands`."""
        return max(1, self.workers)

    @property
    def workers(self) -> int:
        """How many items the workers that there are now work on at once."""
        if time.monotonic() - self._looked > LOOK_S:
            threads = cast(dict[str, int], self._client.nthreads())
            self._size = sum(threads.values()) if self._waits else len(threads)
            self._looked = time.monotonic()
            self._seen = self._looked if threads else self._seen
        return self._size

    def map(
        self,
        work: Callable[[Item], Answer],
        items: Iterable[Item],
        *,
        seconds: float = math.inf,
        named: Callable[[Item], str] = str,
    ) -> Iterator[Answer]:
        """See `Hands`."""
        tasks, ended = Tasks(items, named), SimpleQueue[Any]()
        pending: dict[Any, tuple[Future, Task[Item]]] = {}
        names = (f"{_name(work)}-{time.time_ns():x}-{number}" for number in count())
        packed = pickle.dumps(work)
        self._seen = time.monotonic()
        try:
            while True:
                while len(pending) < self.size() * sizing.AHEAD and (task := tasks.take(len(pending))) is not None:
                    future = self._given(packed, task.item, next(names))
                    pending[future.key] = future, task
                    future.add_done_callback(ended.put)
                if not pending:
                    break
                yield from self._answers(self._ended(ended), pending, tasks, ended)
        finally:
            self._client.cancel([future for future, _ in pending.values()], force=True)
        tasks.end()

    def _given(self, work: bytes, item: Any, name: str) -> Future:
        return self._client.submit(do, self._wanted, self._dataset, self._waits, work, pickle.dumps(item), key=name, pure=False)

    def _ended(self, ended: SimpleQueue[Any]) -> list[Future]:
        """Those that have ended; none where it is time to look around.

        Raises:
            DatasetError: The scheduler or all workers are gone.
        """
        found: list[Future] = []
        try:
            found.append(ended.get(timeout=LOOK_S))
            while True:
                found.append(ended.get_nowait())
        except Empty:
            pass
        if self._client.status != "running":
            raise DatasetError(f"the scheduler at {self._address} is gone", "start it again, and run this again: it goes on")
        if not self.workers and time.monotonic() - self._seen > PATIENCE_S:
            raise DatasetError(f"{self._address} has had no worker for {PATIENCE_S:.0f} s", "start some, and run this again: it goes on")
        return found

    def _answers(
        self, ended: list[Future], pending: dict[Any, tuple[Future, Task[Any]]], tasks: Tasks[Any], again: SimpleQueue[Any]
    ) -> Iterator[Any]:
        """What came of those; a task whose workers died goes back to the others."""
        from distributed import KilledWorker  # noqa: PLC0415 - see `connected`

        for future in ended:
            try:
                packed = future.result(timeout=LOOK_S)
            except TimeoutError:  # gone with its worker before it came here: Dask has it made again
                again.put(future)
                continue
            except CancelledError:
                tasks.died(pending.pop(future.key)[1])
            except KilledWorker:  # Dask has given it out again and again: several times that many workers died with it in hand
                tasks.died(pending.pop(future.key)[1], SUSPECT)
            except ModuleNotFoundError as error:
                if (error.name or "").split(".")[0] != "data":
                    raise
                raise InputError(f"a worker of {self._address} has no Moraine", "start it in the project's folder") from None
            else:
                del pending[future.key]
                yield answer(packed)

    def close(self) -> None:
        """Let go of the cluster; it stays as it is."""
        self._client.close()


def _name(work: Any) -> str:
    return getattr(getattr(work, "func", work), "__name__", "work").strip("_")
