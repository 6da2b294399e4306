"""Writing one part: a Parquet file of whole lakes, in small row groups that begin and end with a lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import compute

from data.cache import file_digest, fingerprint, write_atomic
from data.errors import InputError
from data.parts.index import COLUMNS, NO_LAKE

GROUP_ROWS = 20_000
"""Rows of a row group, about: what is read for one lake. Some 200 kB of areas, and a head that is read in a millisecond."""
SCENE_LAKE = "moraine_lake"
"""Column of masks that are about to be written: the lake of their scene, by which they lie in order. It is not written."""
ORDERS = {
    "areas": ("lake_key", "source", "date", "threshold"), "outlines": ("lake_key", "source", "date"),
    "scenes": ("lake_key", "date", "scene_key"), "masks": (SCENE_LAKE, "scene_key", "source"),
}  # fmt: skip
"""The tables that may be in parts, and the order of their rows; what is empty comes last."""
TAIL = 8
"""Bytes at the end of a Parquet file that say how long its head is."""


def part_name(number: int) -> str:
    """What a part is called."""
    return f"part-{number:05d}.parquet"


def write_part(folder: Path, number: int, table: pa.Table) -> pa.Table:
    """Write rows as one part, atomically; returns its rows of the index. Equal tables give equal bytes.

    Args:
        folder: The table; made where it is missing.
        number: Of the part.
        table: In order of lakes, each whole.

    Raises:
        InputError: Its rows are not in order of lakes.
    """
    lakes = lakes_of(table)
    if (np.diff(lakes) < 0).any():
        raise InputError("the rows of a part are not in order of lake_key", "sort them first")
    starts = group_starts(lakes)
    path = folder / part_name(number)
    table = table.drop_columns([name for name in (SCENE_LAKE,) if name in table.column_names])
    write_atomic(path, lambda temporary: _write(temporary, table, starts))
    return _indexed(path, lakes, starts)


def lakes_of(table: pa.Table) -> NDArray[np.int64]:
    """(N,) the lake of each row, for a mask that of its scene; NO_LAKE where it is of none."""
    return table.column(SCENE_LAKE if SCENE_LAKE in table.column_names else "lake_key").cast(pa.int64()).fill_null(NO_LAKE).to_numpy()


def lake_starts(lakes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where a lake begins, but for the first row; each row that is of no lake is by itself."""
    return np.flatnonzero((np.diff(lakes) != 0) | (lakes[1:] == NO_LAKE)) + 1


def group_starts(lakes: NDArray[np.int64], rows: int = GROUP_ROWS) -> NDArray[np.intp]:
    """(G + 1,) where row groups begin, and the end: as many whole lakes as come nearest to `rows` from below, at least one."""
    begins = np.r_[0, lake_starts(lakes), len(lakes)] if len(lakes) else np.zeros(1, dtype=np.intp)
    starts = [0]
    while starts[-1] < len(lakes):
        at = int(np.searchsorted(begins, starts[-1] + rows, side="right")) - 1
        following = int(np.searchsorted(begins, starts[-1], side="right"))
        starts.append(int(begins[max(at, following)]))
    return np.array(starts, dtype=np.intp)


def _write(path: Path, table: pa.Table, starts: NDArray[np.intp]) -> None:
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    plain = [field.name for field in table.schema if field.name not in floats and not pa.types.is_binary(field.type)]
    form: dict[str, Any] = {
        "use_dictionary": plain, "column_encoding": dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
        # By these masks are found (`data.parts.reading.Parts.of_keys`); whatever has a lake is found by it.
        "write_statistics": ["scene_key", "source"] if "lake_key" not in table.column_names else
        [name for name in ("lake_key", "date", "source") if name in table.column_names],
    }  # fmt: skip
    with pq.ParquetWriter(path, table.schema, compression="zstd", write_page_checksum=True, **form) as writer:
        for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            writer.write_table(table.slice(begin, end - begin), row_group_size=max(1, end - begin))


def _indexed(path: Path, lakes: NDArray[np.int64], starts: NDArray[np.intp]) -> pa.Table:
    """The rows of the index for a part that was just written."""
    head = head_of(path)
    about = pq.read_metadata(path)
    sizes = [
        sum(about.row_group(group).column(each).total_compressed_size for each in range(about.num_columns))
        for group in range(about.num_row_groups)
    ]
    count = len(sizes)
    columns = {
        "part": [path.name] * count, "row_group": range(count), "first_lake": lakes[starts[:-1]], "last_lake": lakes[starts[1:] - 1],
        "rows": np.diff(starts), "bytes": sizes, "head": [len(head)] * count, "head_digest": [fingerprint(head)] * count,
        "digest": [file_digest(path)] * count,
    }  # fmt: skip
    return pa.table({name: pa.array(columns[name], COLUMNS.field(name).type) for name in COLUMNS.names}, schema=COLUMNS)


def head_of(path: Path) -> bytes:
    """What a Parquet file says of itself, which lies at its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(size - TAIL)
        length = int.from_bytes(file.read(4), "little") + TAIL
        file.seek(size - length)
        return file.read(length)


def in_order(table: pa.Table, name: str) -> pa.Table:
    """A table's rows in the order of its parts."""
    held = [(column, "ascending") for column in ORDERS[name] if column in table.column_names]
    return table.take(compute.sort_indices(table, sort_keys=held))  # pyright: ignore[reportAttributeAccessIssue]
