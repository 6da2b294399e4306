"""A zip archive opened by its directory alone, which lies at its end: what is in it, where, and how long (zip64 too)."""

from __future__ import annotations

import re
import zipfile
from calendar import timegm
from dataclasses import dataclass
from pathlib import PurePosixPath

from data.archives.reader import SourceFile
from data.archives.source import Source
from data.errors import InputError
from data.zip_faults import BAD_ZIP

LONGEST = 200
"""Bytes of a name's part: file systems take 255, a temporary file's name needs some of them."""
MOST = 256 * 2**20
"""Bytes of a member, packed or not; a chip has three million."""
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Methods that unpack no more than they are asked for; of others a few bytes could fill the memory."""
LOCAL = 30 + 2 * 65535
"""Bytes that may stand before a member's packed bytes."""
AFTER = 24
"""Bytes that may stand after them."""


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Args:
        path: Its place.
        first, end: The bytes of the archive that hold it, its own header among them; `end` is not included.
        size, packed: Bytes, unpacked and packed.
        crc: CRC-32 of its bytes.
        modified: Seconds since 1970; the archive tells no zone, so as if in UTC.
    """

    path: PurePosixPath
    first: int
    end: int
    size: int
    packed: int
    crc: int
    modified: int


class Archive:
    """An archive. Its directory is read at once.

    Args:
        source: Where it lies.

    Raises:
        InputError: It is no zip archive, a name in it would lead out of the folder it is unpacked into, or it cannot be read.
    """

    def __init__(self, source: Source) -> None:
        self.source, self._file = source, SourceFile(source)
        try:
            self._zip = zipfile.ZipFile(self._file)  # pyright: ignore[reportArgumentType] - takes any raw file
            held = [info for info in self._zip.infolist() if not info.is_dir()]
        except BAD_ZIP as error:
            raise _bad(source, f"cannot be read as a zip archive: {error}") from error
        self._infos = {_path(source, info.filename): info for info in held}
        if len(self._infos) < len(held):
            twice = next(info.filename for info in held if self._infos[PurePosixPath(info.filename)] is not info)
            raise _bad(source, f"holds {twice!r} twice")
        inside = {folder for path in self._infos for folder in path.parents} & self._infos.keys()
        if inside:
            raise _bad(source, f"holds {str(min(inside))!r} both as a file and as a folder")
        if any(info.header_offset < 0 for info in held):
            raise _bad(source, "says that a member begins before the file does")
        ends = _ends([info.header_offset for info in self._zip.infolist()], self._zip.start_dir)
        self.members = {path: _member(path, info, ends[info.header_offset]) for path, info in self._infos.items()}

    def read(self, member: Member, body: bytes, first: int) -> bytes:
        """The bytes of a member, unpacked; their CRC-32 is right.

        Args:
            member: Of this archive.
            body: Bytes of the archive that hold it.
            first: Where in the archive they begin.

        Raises:
            ValueError: They are damaged, or packed in a way that cannot be read.
        """
        info = self._infos[member.path]
        if too_large(member):
            raise ValueError(f"it claims to hold {max(member.size, member.packed):,} bytes")
        if info.compress_type not in BOUNDED:
            raise ValueError(f"it is packed by method {info.compress_type}, which is not read")
        try:
            with self._file.only(first, body), self._zip.open(info) as file:
                return file.read(member.size + 1)
        except BAD_ZIP as error:
            raise ValueError(str(error) or type(error).__name__) from error


def too_large(member: Member) -> bool:
    """Whether a member is not read at all."""
    return max(member.size, member.packed) > MOST


def _member(path: PurePosixPath, info: zipfile.ZipInfo, end: int) -> Member:
    start, longest = info.header_offset, info.header_offset + LOCAL + info.compress_size + AFTER
    stamp = timegm((*info.date_time, 0, 0, 0)) if 1 <= info.date_time[1] <= 12 and info.date_time[2] else 0
    return Member(path, start, min(end, longest), info.file_size, info.compress_size, info.CRC, stamp)


def _ends(starts: list[int], directory: int) -> dict[int, int]:
    """Where the bytes of each member end: where the next begins, or the directory."""
    order = sorted({*starts, directory})
    return {start: end for start, end in zip(order, [*order[1:], directory], strict=True) if start < directory} | {
        start: start for start in starts if start >= directory
    }


def _path(source: Source, name: str) -> PurePosixPath:
    """A name as a path that stays below the folder it is joined to."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or re.match("[A-Za-z]:", name):
        raise _bad(source, f"holds {name!r}, which would lead out of the folder it is unpacked into")
    if not path.parts or any(not letter.isprintable() for letter in name) or any(len(part.encode()) > LONGEST for part in path.parts):
        raise _bad(source, f"holds {name[:80]!r}, which is no usable name")
    return path


def _bad(source: Source, what: str) -> InputError:
    return InputError(f"{source.name} {what}", "check that it is the archive that was meant; nothing of it was unpacked")
