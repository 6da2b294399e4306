"""A source as the file object that `zipfile` reads."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager

from data.archives.source import Source
from data.errors import InputError

TAIL = 2**14
"""Bytes read last: they hold the end of the directory, and where it begins."""
AT_ONCE = 8 * 2**20
"""Bytes of one request: so much is asked for again where an answer breaks off."""
MOST = 64 * 2**20
"""Bytes of a directory; 40,000 files need 4 million, and one that claims more than this is none."""


class SourceFile(io.RawIOBase):
    """A source, read-only. Its end is kept once read; `only` lends it bytes, beyond which it then reads nothing."""

    def __init__(self, source: Source) -> None:
        self._source, self._at = source, 0
        self._first, self._held, self._closed_off = source.size, b"", False

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        if at < 0:
            raise OSError("a place before the beginning")
        self._at = at
        return at

    def read(self, size: int = -1) -> bytes:
        """Bytes from here on; none past the end.

        Raises:
            InputError: They cannot be had, or are too many.
        """
        size = max(0, min(size if size >= 0 else self._source.size, self._source.size - self._at))
        if size and not self._covers(self._at, size) and not self._closed_off:
            self._fill(size)
        start = self._at - self._first
        body = self._held[start : start + size] if start >= 0 else b""
        self._at += len(body)
        return body

    @contextmanager
    def only(self, first: int, body: bytes) -> Generator[None, None, None]:
        """Read from these bytes, which begin at `first`, and from nothing else."""
        kept = self._first, self._held, self._closed_off
        self._first, self._held, self._closed_off = first, body, True
        try:
            yield
        finally:
            self._first, self._held, self._closed_off = kept

    def _covers(self, first: int, size: int) -> bool:
        return self._first <= first and first + size <= self._first + len(self._held)

    def _fill(self, size: int) -> None:
        if size > MOST:
            raise InputError(f"{self._source.name}: its directory would be {size:,} bytes long", "check that it is a zip archive")
        tail = max(0, self._source.size - TAIL)
        first, end = (tail, self._source.size) if self._at >= tail else (self._at, self._at + size)
        self._first, self._held = first, whole(self._source, first, end - 1)


def whole(source: Source, first: int, last: int) -> bytes:
    """Bytes first to last (included) of a source, by as many requests as they need."""
    starts = range(first, last + 1, AT_ONCE)
    return b"".join(source.part(start, min(start + AT_ONCE - 1, last)) for start in starts)


def requests(size: int) -> int:
    """How many requests that takes."""
    return -(-size // AT_ONCE)
