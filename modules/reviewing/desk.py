"""`Desk`: what one visit may do with reviews; `Shelf`: the books that all visits share, kept true in the background."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from data.errors import InputError, MoraineError
from data.reviews.book import Book, Reviews
from data.reviews.log import ReviewError, ReviewLog
from data.reviews.placing import Lakes
from data.reviews.record import Review
from data.reviews.where import Where
from data.store import Store

KEPT, VISIT, OFF = "kept", "visit", "off"
"""Reviews go to a store that lasts; stay in the visit, to be taken away as a file; are switched off."""
AUTO, ON = "auto", "on"
EVERY = 2.0
"""Seconds between two looks at what others wrote."""
PER_MINUTE = 60
"""Reviews that a visit may write in a minute."""


class Kept:
    """A book, and how fresh it is.

    Args:
        book: The book.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.trouble = ""
        self.looked = -EVERY
        self.looking = threading.Lock()

    def look(self) -> None:
        """Take in what was written since; what goes wrong is said, and tried again later."""
        try:
            self.book.refresh()
            self.trouble = ""
        except MoraineError as error:
            self.trouble = f"{error.what}; {error.remedy}"
        finally:
            self.looked = time.monotonic()
            self.looking.release()


@dataclass
class Desk:
    """What one visit may do.

    Args:
        mode: KEPT, VISIT or OFF.
        why: Why it is not KEPT.
        shown: Where reviews are kept, in words for this visitor.
        who: The name that the host vouches for; empty: a name must be typed, and stays unverified.
        kept: The book; None where reviews are off.
        shelf: What looks for new reviews; None where there is nobody else who writes.
    """

    mode: str = OFF
    why: str = ""
    shown: str = ""
    who: str = ""
    kept: Kept | None = None
    shelf: Shelf | None = None
    _times: deque[float] = field(default_factory=lambda: deque[float](maxlen=PER_MINUTE))

    def now(self) -> Reviews:
        """What is known; never waits."""
        return self.kept.book.now if self.kept else Reviews()

    def glance(self) -> tuple[int, str]:
        """The version of what is known, and what is wrong with the store; has somebody look for more, and does not wait for it."""
        if self.kept is None:
            return 0, ""
        if self.shelf is not None:
            self.shelf.look_soon(self.kept)
        return self.kept.book.now.version, self.kept.trouble

    def write(self, review: Review) -> Reviews:
        """Write a review; it is on the disk when this returns. Waits for the store: call it in a thread.

        Raises:
            InputError: It cannot be what it says, or there are too many.
            ReviewError: The store cannot be written; the same review may be written again.
        """
        if self.kept is None:
            raise ReviewError("reviews are off here", "ask whoever serves this page")
        now = time.monotonic()
        if len(self._times) == PER_MINUTE and now - self._times[0] < 60:
            raise InputError(f"this visit wrote {PER_MINUTE} reviews within a minute", "wait a moment")
        self._times.append(now)
        return self.kept.book.append(review)


class Shelf:
    """The books of all datasets served.

    Args:
        where: Where reviews are kept.
        wanted: ON; AUTO: for visitors at this machine alone; OFF.
    """

    def __init__(self, where: Where, wanted: str = AUTO) -> None:
        self.where, self.wanted = where, wanted
        self._lock = threading.Lock()
        self._log: ReviewLog | None = None
        self._kept: dict[tuple[str, str], Kept] = {}
        self._lookers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reviews")

    def desk(self, store: Store, *, local: bool, who: str = "") -> Desk:
        """What a visitor may do.

        Args:
            store: The dataset.
            local: Whether the visitor sits at this machine.
            who: The name that the host vouches for.
        """
        if self.wanted == OFF or (self.wanted == AUTO and not local):
            return Desk(why="whoever serves this page has not switched them on (MORAINE_REVIEWS=on)" if self.wanted == AUTO else "")
        if self.where.url is None:
            return Desk(VISIT, self.where.why, "", who, Kept(Book(None, store.meta.name, Lakes(store.lakes))))
        return Desk(KEPT, "", self.where.shown if local else self.where.named, who, self._book(self.where.url, store), self)

    def _book(self, url: str, store: Store) -> Kept:
        with self._lock:
            self._log = self._log or ReviewLog(url)
            name = (store.meta.name, store.digest)
            if name not in self._kept:
                self._kept[name] = Kept(Book(self._log, store.meta.name, Lakes(store.lakes)))
            return self._kept[name]

    def look_soon(self, kept: Kept) -> None:
        """Have what is new taken in, unless that was done just now or is being done."""
        if time.monotonic() - kept.looked >= EVERY and kept.looking.acquire(blocking=False):
            try:
                self._lookers.submit(kept.look)
            except RuntimeError:  # the app is going down
                kept.looking.release()

    def close(self) -> None:
        """Let go of the store."""
        self._lookers.shutdown(wait=False, cancel_futures=True)
        if self._log is not None:
            self._log.close()
