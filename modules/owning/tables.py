"""Datasets of single visits: under names that nobody guesses, few, small, and gone some minutes after the last look."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import DatasetError, InputError
from data.store import Store

log = logging.getLogger(__name__)

NAME = re.compile(r"own-[0-9a-f]{32}")
FILES = "files"
"""Where in the folder of a table the files lie that it is made of."""
GROWTH = 6
"""A dataset may be so many times as large as the files that are taken."""
EVERY = 15.0
"""Seconds between two looks at what can go."""
READERS = 16
"""Threads that wait for a table to be read, whose turns are kept by `data.confined`; a visit beyond these waits without a thread."""
SHARE = 2
"""One machine may have one in so many of all tables open."""


def is_own(name: str) -> bool:
    """Whether a dataset's name is that of a visitor's own table."""
    return bool(NAME.fullmatch(name))


@dataclass(frozen=True)
class Draft:
    """A folder for the files of one visit, and the dataset that may become of them.

    Args:
        name: Of the dataset; 128 bits that nobody guesses.
        folder: Of this draft alone, readable by this process alone.
    """

    name: str
    folder: Path

    @property
    def files(self) -> Path:
        return self.folder / FILES

    def discard(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class _Held:
    store: Store
    draft: Draft
    machine: str = ""
    visits: int = 0
    left: float = field(default_factory=time.monotonic)


def _plain_size(folder: Path) -> int:
    """Bytes of the files of a dataset, which has no folders in it and no links: whoever took the reader over could have made some."""
    size = 0
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_file():
            raise DatasetError(f"{path.name} is no plain file", "hand the table in again")
        size += path.stat().st_size
    return size


class OwnTables:
    """The own tables of all visits.

    Args:
        most: How many there may be at once.
        minutes: How long one outlives the last visit that looked at it: long enough to reload.
        most_mb: MB (2^20 bytes) of the files of one.
        now: The clock, in seconds.
    """

    def __init__(self, most: int, minutes: int, most_mb: int, now: Callable[[], float] = time.monotonic) -> None:
        self.most, self.minutes, self.most_mb = most, minutes, most_mb
        self._now = now
        # Of their own: who waits for minutes in the event loop's few threads keeps everybody's figures, and /healthz, waiting.
        self.readers = ThreadPoolExecutor(READERS, "own-tables-reading")
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._root: Path | None = None
        self._closing = threading.Event()
        self._sweeper: threading.Thread | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of those that are open."""
        return tuple(self._held)

    def begin(self) -> Draft:
        """A fresh folder. Whoever begins a draft discards it, unless it is kept.

        Raises:
            InputError: There is no place for a file.
        """
        name = f"own-{secrets.token_hex(16)}"
        try:
            with self._lock:
                if self._root is None:
                    self._root = Path(tempfile.mkdtemp(prefix="own-"))
            folder = self._root / secrets.token_hex(16)
            (folder / FILES).mkdir(parents=True, mode=0o700)
        except OSError as error:
            log.exception("no folder for an own table")
            raise InputError("nothing can be stored here at the moment", "try again later, or tell whoever serves this page") from error
        return Draft(name, folder)

    def keep(self, draft: Draft, machine: str = "") -> Store:
        """Serve the dataset that was made in a draft, and remove the files it was made of. Takes some 0.1 s: call it in a thread.

        Args:
            draft: Of a visit.
            machine: Where the visitor is; of one, so many are kept. Empty: it is not known.

        Raises:
            InputError: There are too many, of all or of that machine, or it is too large.
            DatasetError: It is no sound dataset.
        """
        made = draft.files / draft.name
        if not made.is_dir():
            raise InputError("the files are not there any more", "hand them in again")
        size = _plain_size(made)
        if size > GROWTH * self.most_mb * 2**20:
            raise InputError(f"the dataset would have {size / 1e6:,.0f} MB, more than a visit may have", "hand in one region")
        made.rename(draft.folder / draft.name)
        shutil.rmtree(draft.files, ignore_errors=True)
        store = Store(draft.folder / draft.name, None)  # whose trends are kept in memory only: they are nobody else's
        if store.meta.name != draft.name:  # written where the files of strangers are read
            raise DatasetError(f"an own table calls itself {store.meta.name[:80]!r}", "hand it in again")
        store.trends(store.settings())
        self.sweep()
        with self._lock:
            self._make_room(machine)
            self._held[draft.name] = _Held(store, draft, machine, left=self._now())
            self._start()
        log.info("an own table was opened: %d lakes, %.1f MB; %d are open", len(store.lakes), size / 1e6, len(self._held))
        return store

    def store(self, name: str) -> Store | None:
        """The dataset of that name, None where there is none (any more)."""
        held = self._held.get(name)
        return None if held is None else held.store

    def hold(self, name: str) -> None:
        """A visit begins to look at a table."""
        with self._lock:
            if name in self._held:
                self._held[name].visits += 1

    def release(self, name: str) -> None:
        """A visit ends; some minutes later the table goes, unless another looks at it."""
        with self._lock:
            held = self._held.get(name)
            if held is not None:
                held.visits = max(held.visits - 1, 0)
                held.left = self._now()

    def forget(self, name: str) -> None:
        """Remove a table at once, whoever looks at it."""
        with self._lock:
            held = self._held.pop(name, None)
        if held is not None:
            held.draft.discard()

    def sweep(self) -> None:
        """Remove what nobody has looked at for `minutes`."""
        before = self._now() - 60 * self.minutes
        for name in [name for name, held in list(self._held.items()) if held.visits == 0 and held.left < before]:
            self.forget(name)

    def close(self) -> None:
        """Remove everything."""
        self._closing.set()
        self.readers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._held.clear()
            root, self._root = self._root, None
        if root is not None:
            shutil.rmtree(root, ignore_errors=True)

    def _make_room(self, machine: str) -> None:
        """Let go of those that nobody looks at, longest ago first, until one more fits: of that machine's own, then of all."""
        own = [name for name, held in self._held.items() if machine and held.machine == machine]
        share = max(self.most // SHARE, 1)
        remedy = "delete one of them (Delete now), or close its page and wait some minutes"
        self._let_go(own, share, f"you have as many own tables open as one visitor may ({share})", remedy)
        what = f"as many own tables as fit here are open ({self.most})"
        self._let_go(list(self._held), self.most, what, "try again in some minutes, or run Moraine on your own machine")

    def _let_go(self, names: list[str], most: int, what: str, remedy: str) -> None:
        waiting = sorted((self._held[name].left, name) for name in names if self._held[name].visits == 0)
        gone = len(names) - most + 1
        if gone > len(waiting):
            raise InputError(what, remedy)
        for _, name in waiting[: max(gone, 0)]:
            self._held.pop(name).draft.discard()

    def _start(self) -> None:
        if self._sweeper is None and not self._closing.is_set():
            self._sweeper = threading.Thread(target=self._sweep_until_none, name="own-tables", daemon=True)
            self._sweeper.start()

    def _sweep_until_none(self) -> None:
        while not self._closing.wait(EVERY):
            self.sweep()
            with self._lock:
                if not self._held:
                    self._sweeper = None
                    return
