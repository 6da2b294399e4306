"""Members that were fetched, as files of a folder: whole ones only, and none is fetched twice."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from data.archives.directory import Member
from data.archives.source import Source
from data.cache import TEMP_SUFFIX, write_atomic, write_text
from data.errors import InputError
from data.locks import lock

VERSIONS, LOCK = ".archives.json", ".lock"
CHUNK = 2**20


class Kept:
    """A folder of members.

    Args:
        folder: Made where there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def alone(self) -> Generator[None, None, None]:
        """Be the only run that fills it; what a killed one left half-written goes.

        Raises:
            InputError: Another is at work.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("w") as file:
            if not lock(file):
                raise InputError(f"another run is fetching into {self.folder}", "wait until it has ended, then run this again")
            for left in self.folder.rglob(f".*{TEMP_SUFFIX}"):
                left.unlink(missing_ok=True)
            yield

    def holds(self, member: Member) -> bool:
        """Whether a member is there with the right bytes, by size and CRC-32."""
        path = self.folder / member.path
        try:
            return path.stat().st_size == member.size and _crc(path) == member.crc
        except OSError:
            return False

    def put(self, member: Member, body: bytes) -> None:
        """Keep a member. Its time is the archive's, so that the same member is the same file on every machine.

        Who takes files in knows them by size and time: the digits below a second come from the CRC-32, so that other bytes have
        another time.
        """
        stamp = member.modified * 10**9 + member.crc % 10**7 * 100

        def write(temporary: Path) -> None:
            temporary.write_bytes(body)
            os.utime(temporary, ns=(stamp, stamp))

        write_atomic(self.folder / member.path, write)

    def changed(self, source: Source) -> bool:
        """Whether an archive is another one than when it was last read here."""
        return self._versions().get(source.name, self._version(source)) != self._version(source)

    def note(self, source: Source) -> None:
        """From now on an archive counts as read."""
        held = self._versions()
        if held.get(source.name) != self._version(source):
            write_text(self.folder / VERSIONS, json.dumps({**held, source.name: self._version(source)}, indent=1) + "\n")

    @staticmethod
    def _version(source: Source) -> list[object]:
        return [source.size, source.version]

    def _versions(self) -> dict[str, object]:
        try:
            told = json.loads((self.folder / VERSIONS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def _crc(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found = zlib.crc32(chunk, found)
    return found
