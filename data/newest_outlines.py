"""Each lake's newest outline, read from its part of the `lakes` table: of a million lakes all of them together take 200 MB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar, overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.bounded import Bounded
from data.commit import current
from data.errors import DatasetError

T = TypeVar("T")
LAKES = "lakes.parquet"
HELD = 64 * 2**20
"""Bytes of outlines kept; the part used last always is."""


class NewestOutlines(Sequence["bytes | None"]):
    """WKB in lon/lat by row, in the order of `Store.lakes`; None where a lake has none.

    Args:
        folder: The dataset. Its `lakes` may be replaced meanwhile: the one that is there now stays open.

    Raises:
        DatasetError: It is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LAKES
        self._parts = Bounded[pa.Array](HELD, lambda part: min(part.nbytes, HELD))
        self._file = self._read(lambda: _opened(folder))
        keys = self._read(lambda: self._file.read(columns=["lake_key"])).column(0).to_numpy()
        ascends = bool((keys[1:] > keys[:-1]).all())
        self._file_rows: NDArray[np.intp] | None = None if ascends else np.argsort(keys, kind="stable")
        self._rows = len(keys)

    @cached_property
    def _ends(self) -> NDArray[np.intp]:
        """The file row with which each row group ends."""
        about = self._file.metadata
        return np.cumsum([about.row_group(group).num_rows for group in range(about.num_row_groups)], dtype=np.intp)

    def __len__(self) -> int:
        return self._rows

    @overload
    def __getitem__(self, index: int) -> bytes | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes | None]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes | None] | None:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        row = int(index) % len(self)
        at = row if self._file_rows is None else int(self._file_rows[row])
        group = int(np.searchsorted(self._ends, at, side="right"))
        first = int(self._ends[group - 1]) if group else 0
        return self._part(group)[at - first].as_py()

    def __iter__(self) -> Iterator[bytes | None]:
        if self._file_rows is not None:
            return (self[row] for row in range(len(self)))
        return (shape for group in range(len(self._ends)) for shape in self._part(group).to_pylist())

    def _part(self, group: int) -> pa.Array:
        def read() -> pa.Array:
            column = self._read(lambda: self._file.read_row_group(group, columns=["geometry"])).column(0)
            return pa.concat_arrays(column.chunks)

        return self._parts.made(group, read)

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"{self._path} is damaged: {error}", "restore it from a copy, or import the dataset again") from error


def _opened(folder: Path) -> pq.ParquetFile:
    """The newest `lakes`; a commit may move it between the look where it lies and the opening."""
    try:
        return pq.ParquetFile(current(folder, LAKES), page_checksum_verification=True)
    except FileNotFoundError:
        return pq.ParquetFile(current(folder, LAKES), page_checksum_verification=True)
