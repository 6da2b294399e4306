"""Files that lie on a server, read in parts: GDAL asks a file object for bytes, which somebody else gets.

GDAL's own access to the network is not used: its retries know no Retry-After, its errors repeat signed addresses, its settings hold for the
whole process, it remembers for good what could not be had once, and it reads 16 kB where 1 is asked for.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import rasterio
from rasterio.abc import MultiByteRangeResourceContainer
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from data.errors import RasterError
from data.rasters.judging import GDAL, judge

HEAD = 2**14
"""Bytes fetched first: a cloud-optimised file has its directories there."""
LEAST = 2**12
"""Bytes fetched at least: small reads come in swarms."""
MOST = 64 * 2**20
"""Bytes read of one file; more means that it is not tiled as a cloud-optimised file is."""
IN_TILES = "write it anew as a cloud-optimised GeoTIFF: gdal_translate -of COG"

Part = Callable[[int, int], tuple[bytes, int]]
"""Gets the bytes from a first to a last one (both included, as far as there are any), and the size of the whole file."""


class RangeFile(io.RawIOBase):
    """A file on a server, read-only. What was fetched is kept. An error is kept too, since GDAL passes none on: see `fault`.

    Args:
        part: Who fetches.
        name: What messages call the file.
    """

    def __init__(self, part: Part, name: str) -> None:
        self._get, self._name = part, name
        self._at = 0
        self._size: int | None = None
        self._parts: list[tuple[int, bytes]] = []
        self._fetched = 0
        self.fault: Exception | None = None

    @property
    def size(self) -> int:
        """Of the whole file, as far as it is known."""
        return self._size or 0

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
        """Move; from the end only after a read has told the size."""
        if whence == io.SEEK_END and self._size is None:
            self._part(0, 1)
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Bytes from here on; none past the end, and none once there was an error."""
        if size < 0:
            size = max(0, (self._size or MOST) - self._at)
        body = self._part(self._at, size) if size else b""
        self._at += len(body)
        return body

    def get_byte_ranges(self, offsets: Sequence[int], sizes: Sequence[int]) -> list[bytes]:
        """Several parts, each as long as asked for: GDAL copies that many bytes, so that after an error it gets zeros."""
        parts = [self._part(first, size) for first, size in zip(offsets, sizes, strict=True)]
        if self.fault is None and any(len(part) < size for part, size in zip(parts, sizes, strict=True)):
            self.fault = RasterError(f"{self._name} is cut short", "copy it again from where it came")
        return [part.ljust(size, b"\0") for part, size in zip(parts, sizes, strict=True)]

    def _part(self, first: int, size: int) -> bytes:
        for start, held in self._parts:
            if start <= first and (first + size <= start + len(held) or start + len(held) == self._size):
                return held[first - start : first - start + size]
        if self.fault is not None or (self._size is not None and first >= self._size):
            return b""
        try:
            return self._fetch(first, size)[:size]
        except Exception as error:  # noqa: BLE001  raised again by `read_in_parts`
            self.fault = error
            return b""

    def _fetch(self, first: int, size: int) -> bytes:
        length = max(size, HEAD if first < HEAD and not self._parts else LEAST)
        start = 0 if first < HEAD and not self._parts else first
        if self._fetched + length > MOST:
            raise RasterError(f"{self._name} would have to be read whole", IN_TILES)
        body, self._size = self._get(start, max(start + length, first + size) - 1)
        self._fetched += len(body)
        self._parts.append((start, body))
        return body[first - start :]


class _OneFile(MultiByteRangeResourceContainer):  # pyright: ignore[reportUntypedBaseClass]
    """A file system of one file, as rasterio wants it; GDAL then asks for neighbouring tiles at once."""

    def __init__(self, name: str, file: RangeFile) -> None:
        self._name, self._file = name, file

    def open(self, path: str, mode: str = "rb", **kwds: Any) -> RangeFile:
        if path != self._name:
            raise FileNotFoundError(path)
        return self._file

    def isfile(self, path: str) -> bool:
        return path == self._name

    def isdir(self, path: str) -> bool:
        return False

    def ls(self, path: str) -> list[str]:
        return []

    def mtime(self, path: str) -> int:
        return 0

    def rm(self, path: str) -> None:
        raise PermissionError(path)

    def size(self, path: str) -> int:
        return self._file.size


@contextmanager
def read_in_parts(part: Part, name: str) -> Generator[DatasetReader, None, None]:
    """An open GeoTIFF on a server; no other format is recognised. What was read counts only once the block has ended without an error.

    Args:
        part: Who fetches.
        name: What messages call the file.

    Raises:
        RasterError: It is no GeoTIFF that can be read in parts. What `part` raises comes through.
    """
    # rasterio keeps openers by the name they open, for all threads.
    file, own = RangeFile(part, name), f"{uuid.uuid4().hex}.tif"
    try:
        with rasterio.Env(**GDAL), rasterio.open(own, driver="GTiff", opener=_OneFile(own, file)) as dataset:
            judge(name, dataset)
            yield dataset
    except (RasterioError, OSError, ValueError) as error:
        if file.fault is None:
            raise RasterError(f"{name} cannot be read as a GeoTIFF", IN_TILES) from error
    if file.fault is not None:
        raise file.fault
