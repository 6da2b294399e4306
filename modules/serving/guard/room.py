"""Room for what visitors hand in: their files and what is made of them share one folder, which is a disk's or, in a container, memory."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SPARE = 32 * 2**20
"""Bytes of the disk that stay free: an upload that fills it to the brim takes the room of everybody's exports."""
LOOK_S = 1.0
"""Seconds that a look at the folder holds for: what comes meanwhile is counted as it comes."""


class Room:
    """The folder for temporary files of this process. For one event loop.

    Args:
        folder: Of this process alone; None: nothing is known of it, and everything is let in.
        most: Bytes that may lie there before nothing more is let in.
    """

    def __init__(self, folder: Path | None, most: int) -> None:
        self._folder, self._most = folder, most
        self._coming = 0
        self._seen, self._at = 0, -LOOK_S

    async def has(self, size: int) -> bool:
        """Whether so many bytes more can come, beside those that are on their way."""
        if self._folder is None:
            return True
        if time.monotonic() - self._at > LOOK_S:
            self._seen = await asyncio.to_thread(bytes_in, self._folder)
            self._at = time.monotonic()
        wanted = self._coming + size
        return self._seen + wanted <= self._most and wanted + SPARE <= shutil.disk_usage(self._folder).free

    @contextmanager
    def kept_for(self, size: int) -> Generator[None, None, None]:
        """Keep room for so many bytes while they come."""
        self._coming += size
        try:
            yield
        finally:
            self._coming -= size
            self._at = -LOOK_S  # they are in the folder now


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder; those that go meanwhile are left out."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total
