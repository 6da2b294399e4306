"""From one file to parts: rows are sorted outside memory, and cut where a lake ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from data import schema
from data.cache import write_table
from data.commit import current, transaction
from data.errors import DatasetError, InputError
from data.parts.index import is_parted
from data.parts.making import Written, write_block, write_whole
from data.parts.querying import sorted_batches
from data.parts.reading import Parts
from data.parts.writing import ORDERS, in_order, lakes_of

PART_ROWS = 1_000_000
"""Rows of a part, about: some 15 MB of areas."""


def partition(folder: Path, name: str, part_rows: int = PART_ROWS) -> int:
    """Put a table of a dataset in parts, in the place of its one file; returns how many rows it has.

    Args:
        folder: The dataset.
        name: The table, one of ORDERS.
        part_rows: Rows of a part, about.

    Raises:
        InputError: The table cannot be in parts, or is already.
        DatasetError: It is missing or damaged, breaks the schema, or another process writes into the dataset.
    """
    path = current(folder, f"{name}.parquet")
    if name not in ORDERS:
        raise InputError(f"the table {name!r} cannot be in parts", f"name one of {', '.join(ORDERS)}")
    if is_parted(path):
        raise InputError(f"{path} is in parts already", "nothing is to be done")
    if not path.exists():
        raise DatasetError(f"{path} does not exist", "name a table that the dataset has")
    with transaction(folder) as stage, tempfile.TemporaryDirectory(prefix=".sorting-", dir=folder) as spill:
        rows = ds.dataset(str(path), format=_verified())
        faults = schema.unusable(rows.schema.empty_table(), name)
        if faults:
            raise DatasetError(f"{path}, {faults[0].column or 'rows'}: {faults[0].found}", schema.see_all(folder))
        order = [column for column in ORDERS[name] if column in rows.schema.names]
        batches = (pa.Table.from_batches([batch]).cast(rows.schema) for batch in sorted_batches(rows, order, Path(spill)))
        return write_parts(stage / f"{name}.parquet", name, batches, part_rows)


def datasets(folder: Path) -> dict[str, ds.Dataset]:
    """The tables of a dataset by name, in parts or not, as a question may be put to them; no row is read."""
    places = {name: current(folder, f"{name}.parquet") for name in schema.TABLES}
    held = {name: path for name, path in places.items() if path.exists()}
    return {name: Parts(path).scanned() if is_parted(path) else ds.dataset(str(path), format=_verified()) for name, path in held.items()}


def write_parts(folder: Path, name: str, ordered: Iterable[pa.Table], part_rows: int = PART_ROWS) -> int:
    """Write rows that come in the order of a table as parts, and what lies beside them; returns how many they are.

    Raises:
        DatasetError: A row lacks what every row needs.
    """
    folder.mkdir(parents=True)
    written: list[Written] = []
    for rows in _cut(ordered, part_rows):
        if faults := schema.unusable(rows, name):
            raise DatasetError(f"{name}, {faults[0].column or 'rows'}: {faults[0].found}", faults[0].remedy)
        written.append(write_block(folder, len(written), rows, name))
    write_whole(folder, written)
    return sum(int(np.sum(each.groups.column("rows").to_numpy())) for each in written)


def write_as_held(folder: Path, stage: Path, name: str, table: pa.Table) -> None:
    """Write a changed table of a dataset into a stage: in parts where the dataset has it so, else as one file.

    Args:
        folder: The dataset.
        stage: Where its new files go (`data.commit.transaction`).
        name: Of the table.
        table: Its rows, in any order.
    """
    if is_parted(current(folder, f"{name}.parquet")):
        write_parts(stage / f"{name}.parquet", name, [in_order(table, name)])
    else:
        write_table(stage / f"{name}.parquet", table)


def _cut(tables: Iterable[pa.Table], part_rows: int) -> Iterator[pa.Table]:
    """Rows in order as tables of about so many, each lake whole; one without rows where there are none."""
    held: list[pa.Table] = []
    cut = False
    for table in tables:
        rows = pa.concat_tables([*held, table])
        while len(rows) > part_rows and (end := _last_start(rows, part_rows)):
            yield rows.slice(0, end).combine_chunks()
            rows, cut = rows.slice(end), True
        held = [rows]
    for rows in held:
        if len(rows) or not cut:
            yield rows.combine_chunks()


def _last_start(table: pa.Table, rows: int) -> int:
    """Where the last lake begins that has all rows before it among so many, or the next one where that is the first; 0 where none is."""
    lakes = lakes_of(table)
    starts = np.flatnonzero(np.diff(lakes) != 0) + 1
    before = starts[starts <= rows]
    return int(before[-1]) if len(before) else int(starts[0]) if len(starts) else 0


def _verified() -> ds.ParquetFileFormat:
    return ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True))
