"""What lies beside scenes in parts: where each scene is, by its key, and which lakes have images."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.bounded import Bounded
from data.cache import file_digest, fingerprint, read_table, write_atomic, write_table
from data.errors import DatasetError
from data.parts.index import is_parted, read_index
from data.parts.querying import sorted_batches
from data.parts.reading import damaged, verified_head
from data.parts.writing import head_of

KEYS, LAKES = "_keys.parquet", "_lakes.parquet"
COLUMNS = pa.schema([("scene_key", pa.int32()), ("lake_key", pa.int32()), ("row", pa.int64())])
"""One row a scene, in order of scene_key: its lake; of one of no lake, its place in the order of the table."""
GROUP_ROWS = 65_536
"""Rows of a row group: what is read to find one scene, 0.3 MB at most."""
HELD_BYTES = 16 * 2**20
"""Of the row groups that were looked into last."""
BATCH = 131_072


def write_keys(folder: Path, parts: Iterable[str]) -> dict[str, Any]:
    """Write where each scene of some parts is; returns what the index has to know of that file.

    Args:
        folder: The table.
        parts: Names of all its parts, in order.

    Raises:
        DatasetError: Two scenes have one key.
    """
    firsts: list[int] = []
    with tempfile.TemporaryDirectory(prefix=".sorting-", dir=folder) as spill:
        rows = pa.RecordBatchReader.from_batches(COLUMNS, _placed(folder, parts))
        ordered = sorted_batches(rows, ["scene_key"], Path(spill))
        write_atomic(folder / KEYS, lambda path: firsts.extend(_write(path, ordered)))
    head = head_of(folder / KEYS)
    return {"head": len(head), "head_digest": fingerprint(head), "digest": file_digest(folder / KEYS), "firsts": firsts}


def _placed(folder: Path, parts: Iterable[str]) -> Iterator[pa.RecordBatch]:
    """Rows of COLUMNS in the order of the table."""
    row = 0
    for part in parts:
        with pq.ParquetFile(folder / part, page_checksum_verification=True) as file:
            for batch in file.iter_batches(BATCH, columns=["scene_key", "lake_key"], use_threads=False):
                lakes = batch.column("lake_key")
                places = pa.array(np.arange(row, row + len(batch)), pa.int64(), mask=lakes.is_valid().to_numpy(zero_copy_only=False))
                yield pa.record_batch([batch.column("scene_key"), lakes, places], schema=COLUMNS)
                row += len(batch)


def _write(path: Path, batches: Iterable[pa.RecordBatch]) -> list[int]:
    """Write them in row groups; returns the first key of each."""
    form: dict[str, Any] = {"use_dictionary": False, "column_encoding": dict.fromkeys(COLUMNS.names, "DELTA_BINARY_PACKED")}
    firsts: list[int] = []
    last = -1
    with pq.ParquetWriter(path, COLUMNS, compression="zstd", write_page_checksum=True, **form) as writer:
        for group in _grouped(batches):
            keys = group.column("scene_key").to_numpy()
            twice = keys[1:][np.diff(keys) == 0].tolist() + ([last] if keys[0] == last else [])
            if twice:
                raise DatasetError(f"two scenes have the scene_key {twice[0]}", "keep one of them")
            firsts.append(int(keys[0]))
            last = int(keys[-1])
            writer.write_table(group, row_group_size=len(group))
    return firsts


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held = COLUMNS.empty_table()
    for batch in batches:
        held = pa.concat_tables([held, pa.Table.from_batches([batch]).cast(COLUMNS)])
        while len(held) >= GROUP_ROWS:
            yield held.slice(0, GROUP_ROWS).combine_chunks()
            held = held.slice(GROUP_ROWS)
    if len(held):
        yield held.combine_chunks()


def keys_digest(folder: Path) -> str:
    """The digest of where each scene is, by which masks lie in order; empty where the scenes are in one file, or have no such file yet."""
    return str(read_index(folder).summary.get("keys", {}).get("digest", "")) if is_parted(folder) else ""


class SceneKeys:
    """Where scenes are, looked up by key: one row group is read for it.

    Args:
        folder: The table.
        told: What the index knows of the file (`write_keys`).
        same: Raises DatasetError where the table is no longer the one that was opened.
    """

    def __init__(self, folder: Path, told: dict[str, Any], same: Callable[[], object]) -> None:
        self._same = same
        self._path = folder / KEYS
        self._told = told
        self._firsts = np.array(told["firsts"], dtype=np.int64)
        self._groups = Bounded[tuple[NDArray[np.int64], ...]](HELD_BYTES, lambda held: sum(each.nbytes for each in held))

    @property
    def held_bytes(self) -> int:
        """Of the row groups that are kept."""
        return self._groups.bytes

    def find(self, scene_key: int) -> tuple[int | None, int] | None:
        """The lake of a scene, or None and its place in the order of the table; None where there is no such scene.

        Raises:
            DatasetError: The file is missing or damaged.
        """
        group = int(np.searchsorted(self._firsts, scene_key, side="right")) - 1 if abs(scene_key) < 2**31 else -1
        if group < 0:
            return None
        keys, lakes, rows = self._groups.made(group, lambda: self._read(group))
        at = int(np.searchsorted(keys, scene_key))
        if at == len(keys) or keys[at] != scene_key:
            return None
        return (int(lakes[at]), -1) if lakes[at] >= 0 else (None, int(rows[at]))

    def _read(self, group: int) -> tuple[NDArray[np.int64], ...]:
        self._same()
        head = verified_head(self._path, self._told["head"], self._told["head_digest"])
        try:
            with pq.ParquetFile(self._path, metadata=head, page_checksum_verification=True) as file:
                table = file.read_row_group(group, use_threads=False)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise damaged(self._path, error) from error
        return tuple(table.column(name).cast(pa.int64()).fill_null(-1).to_numpy() for name in COLUMNS.names)


def write_lakes(folder: Path, lakes: Iterable[NDArray[np.integer]]) -> str:
    """Write which lakes have images, ascending; returns the digest of the file."""
    keys = np.concatenate([np.empty(0, dtype=np.int32), *lakes]).astype(np.int32)
    write_table(folder / LAKES, pa.table({"lake_key": keys}))
    return file_digest(folder / LAKES)


def read_lakes(folder: Path, digest: str) -> NDArray[np.int32]:
    """(K,) int32, ascending: what `write_lakes` wrote.

    Raises:
        DatasetError: The file is missing or damaged.
    """
    path = folder / LAKES
    if not path.exists() or file_digest(path) != digest:
        raise DatasetError(f"{path} is missing or is not the one that the index knows", "make the table again, or restore it from a copy")
    return read_table(path).column("lake_key").to_numpy()
