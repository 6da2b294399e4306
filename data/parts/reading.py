"""Reading a table in parts: the rows of some lakes, without a look at the rest; every page verified, and every head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import compute

from data.bounded import Bounded
from data.cache import fingerprint
from data.errors import DatasetError
from data.parts.index import NO_LAKE, Index, is_parted, read_index

HEADS_BYTES = 32 * 2**20
"""Of the heads of parts that are kept, each counted as its size on disk times GROWN."""
GROWN = 10
TEXTS = ("source", "reason", "sensor", "kind")
"""Columns of few different texts: each text is kept once."""


class Parts:
    """A table in parts, for threads that share it.

    Args:
        folder: The table.

    Raises:
        DatasetError: It has no index, or a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index: Index = read_index(folder)
        self._heads = Bounded[tuple[pq.FileMetaData, int]](HEADS_BYTES, lambda held: held[1] * GROWN)

    def __len__(self) -> int:
        return self.index.rows

    @property
    def schema(self) -> pa.Schema:
        """The columns and their types."""
        return self.index.schema

    def of_lakes(self, first_lake: int, last_lake: int, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of lakes from the first to the last, both included, in the order of the table.

        Args:
            first_lake, last_lake: Keys.
            columns: Those wanted; None: all.

        Raises:
            DatasetError: A part is missing or damaged.
        """
        wanted = None if columns is None else list(dict.fromkeys(["lake_key", *columns]))
        read = [self._groups(part, groups, wanted) for part, groups in self.index.holding(first_lake, last_lake)]
        if not read:
            return self.schema.empty_table() if wanted is None else self.schema.empty_table().select(wanted)
        table, pc = pa.concat_tables(read), cast(Any, compute)
        keys = table.column("lake_key")
        return table.filter(pc.and_(pc.greater_equal(keys, first_lake), pc.less_equal(keys, last_lake)))

    def of_keys(self, first_lake: int, last_lake: int, scene_keys: NDArray[np.integer]) -> pa.Table:
        """The rows of some scenes (`scene_keys` ascending), which are of lakes from the first to the last; in the order of the table."""
        read: list[pa.Table] = []
        for part, groups in self.index.holding(first_lake, last_lake):
            if some := _overlapping(self._head(part), groups, scene_keys):
                table = self._groups(part, some, None)
                read.append(table.filter(pa.array(np.isin(table.column("scene_key").to_numpy(), scene_keys))))
        return pa.concat_tables(read) if read else self.schema.empty_table()

    def all_rows(self) -> pa.Table:
        """All of them, those of no lake last."""
        read = [self._groups(part, groups, None) for part, groups in self.index.holding(0, NO_LAKE)]
        return pa.concat_tables(read) if read else self.schema.empty_table()

    def group(self, number: int) -> pa.Table:
        """The rows of one row group, counted over all parts."""
        row = self.index.groups.slice(number, 1).to_pylist()[0]
        return self._groups(row["part"], [row["row_group"]], None)

    def _groups(self, part: str, groups: list[int], columns: list[str] | None) -> pa.Table:
        path, head = self.folder / part, self._head(part)
        texts = [name for name in TEXTS if name in head.schema.names]
        try:
            with pq.ParquetFile(path, metadata=head, read_dictionary=texts, page_checksum_verification=True) as file:
                return file.read_row_groups(groups, columns=columns, use_threads=False)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise damaged(path, error) from error

    def _head(self, part: str) -> pq.FileMetaData:
        """What a part says of itself, verified; read once, as long as there is room."""
        held = self._heads.get(part)
        if held is None:
            held = self._read_head(part)
            self._heads.put(part, held)
        return held[0]

    def _read_head(self, part: str) -> tuple[pq.FileMetaData, int]:
        length, digest = self.index.head_of(part)
        return verified_head(self.folder / part, length, digest), length

    def scanned(self, parts: Iterable[str] | None = None) -> ds.Dataset:
        """All rows, or those of some parts, for a query that has to look at them (`data.parts.querying`); pages are verified as it does."""
        scan = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        form = ds.ParquetFileFormat(default_fragment_scan_options=scan, dictionary_columns=list(TEXTS))
        paths = [str(self.folder / part) for part in (self.index.parts if parts is None else parts)]
        return ds.dataset(paths, schema=self.schema, format=form)


def verified_head(path: Path, length: int, digest: str) -> pq.FileMetaData:
    """What a file says of itself in so many bytes at its end, if they are those of the digest.

    Raises:
        DatasetError: They are not, or there is no such file.
    """
    try:
        with path.open("rb") as file:
            file.seek(-length, 2)
            head = file.read(length)
    except OSError as error:
        raise damaged(path, error) from error
    if fingerprint(head) != digest:
        raise damaged(path, "its head is not the one that the index knows")
    return pq.read_metadata(pa.BufferReader(head))


def _overlapping(head: pq.FileMetaData, groups: list[int], keys: NDArray[np.integer]) -> list[int]:
    """Those of some row groups that may hold one of these scenes, by the least and the greatest key of each."""
    column, found = head.schema.names.index("scene_key"), list[int]()
    for group in groups:
        told = head.row_group(group).column(column).statistics
        low, high = (told.min, told.max) if told is not None and told.has_min_max else (-1, 2**31)
        if np.searchsorted(keys, low) < np.searchsorted(keys, high, side="right"):
            found.append(group)
    return found


def damaged(path: Path, error: object) -> DatasetError:
    """What is raised where a part cannot be read."""
    return DatasetError(f"{path} is damaged: {error}", "restore it from a copy, or make the table again")


def parts_head(folder: Path) -> pa.Table | None:
    """The columns of a table in parts, without rows; None where it is in one file. Rows are checked where parts are written.

    Raises:
        DatasetError: It has no index, or a part is damaged.
    """
    return Parts(folder).schema.empty_table() if is_parted(folder) else None
