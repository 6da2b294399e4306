"""The datasets that this app serves, by name, opened on first use and shared by all sessions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from data.afar.mirror import freshen
from data.dataset_files import signature
from data.errors import DatasetError, MoraineError
from data.meta import plain_meta, read_meta
from data.records import DatasetMeta
from data.simulate.progress import read_progress
from data.store import Store
from modules.owning.tables import OwnTables, is_own

WARMED = ("lakes", "labels", "area_counts", "scenes", "floods", "newest_outlines")
"""What the first page asks of a dataset, beside its trends."""
OLDER = 2
"""States of datasets that changed meanwhile, kept open for visits that began before."""


def _has_changed(store: Store) -> bool:
    """Whether tables of an open dataset are others now, and nobody is still at work on them."""
    return read_progress(store.path) is None and signature(store.path) != store.signature


def _begin(tasks: dict[str, asyncio.Task[None]], name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Work of a name, listed among the tasks until it is done."""
    tasks[name] = task = asyncio.create_task(work)

    def end(_: object) -> None:
        if tasks.get(name) is task:  # else the dataset has changed, and is being opened again
            del tasks[name]

    task.add_done_callback(end)
    return task


class Datasets:
    """A fixed set of dataset folders.

    Args:
        folders: In the order of the picker; the first opens by default.
        state_dir: Where trend tables are kept (None: memory only).
        own: Visitors' own tables, which are in no picker; None: there are none.

    Raises:
        DatasetError: A folder is no dataset, or two carry one name.
    """

    def __init__(self, folders: list[Path], state_dir: Path | None, own: OwnTables | None = None) -> None:
        self._lock = threading.Lock()
        self._state_dir = state_dir
        self.own = own
        self._stores: dict[str, Store] = {}
        self._older: deque[Store] = deque(maxlen=OLDER)
        self._opening: dict[str, asyncio.Task[None]] = {}  # by name, as the next; used on the event loop alone
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._seen: dict[str, set[str]] = {}
        self._folders: dict[str, Path] = {}
        self.metas: dict[str, DatasetMeta] = {}
        for folder in folders:
            meta = plain_meta(read_meta(folder))
            if meta.name in self.metas:
                raise DatasetError(
                    f"{folder} and {self._folders[meta.name]} are both named {meta.name!r}", "give one another name in its dataset.toml"
                )
            self.metas[meta.name], self._folders[meta.name] = meta, folder
        self.default = next(iter(self.metas))

    def store(self, name: str) -> Store | None:
        """The open dataset of that name, None where there is none."""
        if name not in self._folders:
            return self.own.store(name) if self.own and is_own(name) else None
        held = self._stores.get(name)  # without the lock, which is held for as long as another one takes to open
        if held is not None:
            return held
        with self._lock:
            if name not in self._stores:
                self._stores[name] = Store(self._folders[name], self._state_dir)
            return self._stores[name]

    async def opened(self, name: str | None, *, fresh: bool = True, trends: bool = False) -> None:
        """Have the dataset of that name, or the default one, opened in a thread where it is not open; what cannot be is told later.

        However many wait for it take one thread of the few that the event loop has. The trends that it opens with are read next, in
        another one: a page does not wait for them, and a browser has it loaded by the time that they are there.

        Args:
            name: As a link says it.
            fresh: Open it anew as well where it has changed.
            trends: Wait for its trends too, where a cache holds them.
        """
        served = name if name in self._folders else self.default
        held = self._stores.get(served)
        if name is not None and self.own and self.own.store(name) is not None:
            return
        if held is None or (fresh and _has_changed(held)):
            if served not in self._opening:
                opening = _begin(self._opening, served, asyncio.to_thread(self._open, served))
                _begin(self._reading, served, self._trends(opening, served))
            await asyncio.shield(self._opening[served])
        if trends and served in self._reading:
            await asyncio.shield(self._reading[served])

    def _open(self, name: str) -> None:
        with contextlib.suppress(MoraineError, OSError):
            self.renew(name)
            store = self.store(name)
            if store is None:
                return
            for table in WARMED:
                getattr(store, table)

    async def _trends(self, opening: asyncio.Task[None], name: str) -> None:
        """Of a million lakes 0.7 s, in which the event loop would serve nobody."""
        await asyncio.wait([opening])  # what went wrong is heard by who waits for that
        store = self._stores.get(name)
        if store is not None:
            with contextlib.suppress(MoraineError, OSError):
                await asyncio.to_thread(lambda: store.trends_held(store.settings()))

    def at(self, name: str, is_meant: Callable[[Store], bool]) -> Store | None:
        """The dataset of that name that is meant: as it is, or as it was for visits that began before it changed."""
        store = self.store(name)
        return next((held for held in [store, *self._older] if held and held.meta.name == name and is_meant(held)), None)

    def renew(self, name: str) -> None:
        """Open a dataset anew where its tables have changed and nobody is still at work on them; visits that began before keep theirs."""
        held = self._stores.get(name)
        if held is not None:
            freshen(held.path)
        if held is None or not _has_changed(held):
            return
        with self._lock:
            if self._stores[name] is held:  # else another visit was quicker
                self._stores[name] = Store(held.path, self._state_dir)
                self._older.appendleft(held)

    def chosen(self, query: Mapping[str, str]) -> tuple[Store, list[str]]:
        """The dataset that a query names (`data=`), or the default one with a notice that says so."""
        name = query.get("data", self.default)
        self.renew(name)
        store = self.store(name)
        if store is not None:
            return store, [] if is_own(name) else self._gone(store)
        fallback = self.store(self.default)
        assert fallback is not None
        if is_own(name):
            gone = "The table of this link was of one visit, which has ended: it is not kept any more. Open it again with Own table."
            return fallback, [f"{gone} {fallback.meta.title!r} is shown in its place."]
        return fallback, [f"The dataset {name!r} of this link is not served here; {fallback.meta.title!r} is shown in its place."]

    def _gone(self, store: Store) -> list[str]:
        """A notice of tables that the dataset had since the app was started and has no more: a table may be missing, but not in silence."""
        seen = self._seen.setdefault(store.meta.name, set())
        seen.update(store.digests)
        gone = sorted(seen.difference(store.digests))
        if not gone:
            return []
        return [f"Of this dataset {', '.join(gone)} is not there any more: what rests on it is not shown until it is put back."]
