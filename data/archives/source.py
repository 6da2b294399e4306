"""Where an archive lies: on a server that sends parts of files, or on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from data.errors import InputError
from data.stac.errors import CatalogueError, Unreachable, WholeOnly, plain
from data.stac.fetching import Fetcher
from data.words import megabytes

BY_HAND = "download the archive by other means and name it with --from"


class Source(Protocol):
    """A file of which parts are read.

    Args:
        name: What messages call it.
        size: Bytes.
        version: What changes with the file.
        pace: Seconds that a request takes at the least.
    """

    name: str
    size: int
    version: str
    pace: float

    def part(self, first: int, last: int) -> bytes:
        """Bytes first to last, included. Raises InputError where they cannot be had."""
        ...


class Remote:
    """A file on a server, asked one part after the other. It is asked for one byte at once, which tells its size and version.

    Args:
        fetcher: Who asks.
        url: The file.
        pace: Seconds between the starts of two requests, at the least.
        size: Bytes that it should have; None where nobody has said.

    Raises:
        InputError: It cannot be had, has another size, or its server sends whole files only.
    """

    def __init__(self, fetcher: Fetcher, url: str, pace: float = 0.0, size: int | None = None) -> None:
        self._fetcher, self._url, self.pace, self._last = fetcher, url, pace, 0.0
        self.name = plain(url)
        self.size, self.version = size or 0, ""
        _, found, self.version = self._asked(0, 0)
        if size is not None and found != size:
            raise InputError(f"{self.name} has {found:,} bytes, where its record says {size:,}", "run the same command again later")
        self.size = found

    def part(self, first: int, last: int) -> bytes:
        """Bytes first to last, included.

        Raises:
            InputError: They cannot be had, or the file is not the same as before.
        """
        body, size, version = self._asked(first, last)
        if size != self.size or (version != self.version and version and self.version):
            was, now = f"{self.size:,} bytes, {self.version or 'no version told'}", f"{size:,} bytes, {version or 'no version told'}"
            raise InputError(
                f"{self.name} has changed on the server while it was read ({was}; now {now})",
                "run the same command again: files that are the same in both are not fetched again",
            )
        return body

    def _asked(self, first: int, last: int) -> tuple[bytes, int, str]:
        time.sleep(max(0.0, self._last + self.pace - time.monotonic()))
        self._last = time.monotonic()
        try:
            piece = self._fetcher.piece(self._url, first, last)
        except WholeOnly as error:
            whole = f", and all of it is {megabytes(self.size / 1e6)}" if self.size else ""
            raise InputError(f"{error.what}{whole}: nothing was fetched", BY_HAND) from error
        except Unreachable as error:
            raise InputError(error.what, error.remedy) from error
        except CatalogueError as error:
            raise InputError(error.what, f"check the connection, or {BY_HAND}") from error
        return piece.body, piece.size, piece.version


class Local:
    """A file of this machine."""

    pace = 0.0

    def __init__(self, path: Path) -> None:
        told = path.stat()
        self._path, self.name, self.size, self.version = path, str(path), told.st_size, str(told.st_mtime_ns)

    def part(self, first: int, last: int) -> bytes:
        """Bytes first to last, included; fewer where the file ends before."""
        with self._path.open("rb") as file:
            file.seek(first)
            return file.read(last - first + 1)
