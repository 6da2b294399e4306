"""From one file to parts: rows are sorted outside memory, and cut where a lake ends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from data import schema
from data.cache import write_table
from data.commit import current, transaction
from data.errors import DatasetError, InputError
from data.parts.index import is_parted, read_index
from data.parts.keys import KEYS, keys_digest
from data.parts.making import Written, write_block, write_whole
from data.parts.querying import sorted_batches
from data.parts.reading import Parts
from data.parts.writing import ORDERS, SCENE_LAKE, in_order, lake_starts, lakes_of

PARTITION = "python -m data partition"
PART_ROWS = 1_000_000
"""Rows of a part, about: some 15 MB of areas."""


def partition(folder: Path, name: str, part_rows: int = PART_ROWS) -> int:
    """Put a table of a dataset in parts, in the place of its one file; returns how many rows it has.

    Args:
        folder: The dataset.
        name: The table, one of ORDERS.
        part_rows: Rows of a part, about.

    Raises:
        InputError: The table cannot be in parts, or is already; or it is `masks`, and the scenes are not.
        DatasetError: It is missing or damaged, breaks the schema, or another process writes into the dataset.
    """
    path, scenes = (current(folder, f"{each}.parquet") for each in (name, "scenes"))
    if name not in ORDERS:
        raise InputError(f"the table {name!r} cannot be in parts", f"name one of {', '.join(ORDERS)}")
    if is_parted(path) and _in_order(path, scenes, name):
        raise InputError(f"{path} is in parts already", "nothing is to be done")
    if not path.exists():
        raise DatasetError(f"{path} does not exist", "name a table that the dataset has")
    if name == "masks" and not keys_digest(scenes):
        remedy = f"put those in parts first: `{PARTITION} {folder} --table scenes`"
        raise InputError("masks lie in order of the lakes of their scenes", remedy)
    with transaction(folder) as stage:
        rows = ds.dataset(str(path), format=_verified())
        faults = schema.unusable(rows.schema.empty_table(), name)
        if faults:
            raise DatasetError(f"{path}, {faults[0].column or 'rows'}: {faults[0].found}", schema.see_all(folder))
        return _write_sorted(stage / f"{name}.parquet", name, rows, scenes, part_rows)


def _in_order(path: Path, scenes: Path, name: str) -> bool:
    """Whether a table in parts has all that it has where it is written now."""
    if name == "masks":
        return read_index(path).summary.get("scenes", "") == keys_digest(scenes) != ""
    return name != "scenes" or keys_digest(path) != ""


def _write_sorted(into: Path, name: str, rows: ds.Dataset, scenes: Path, part_rows: int = PART_ROWS) -> int:
    """Write rows that come in any order as parts, sorted outside memory; masks by the lakes of their scenes, which are in parts."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sorting-", dir=into.parent) as spill:
        form, lakes, digest = rows.schema, None, ""
        if name == "masks":
            form = form.append(pa.field(SCENE_LAKE, pa.int32()))
            lakes, digest = ds.dataset(str(scenes / KEYS), format=_verified()), keys_digest(scenes)
        order = [column for column in ORDERS[name] if column in form.names]
        batches = sorted_batches(rows, order, Path(spill), lakes)
        told = (pa.Table.from_batches([each]).cast(form) for each in batches)
        return write_parts(into, name, chain([form.empty_table()], told), part_rows, digest)


def datasets(folder: Path) -> dict[str, ds.Dataset]:
    """The tables of a dataset by name, in parts or not, as a question may be put to them; no row is read."""
    places = {name: current(folder, f"{name}.parquet") for name in schema.TABLES}
    held = {name: path for name, path in places.items() if path.exists()}
    return {name: Parts(path).scanned() if is_parted(path) else ds.dataset(str(path), format=_verified()) for name, path in held.items()}


def write_parts(folder: Path, name: str, ordered: Iterable[pa.Table], part_rows: int = PART_ROWS, scenes: str = "") -> int:
    """Write rows that come in the order of a table as parts, and what lies beside them; returns how many they are.

    Args:
        folder: The table.
        name: Of it.
        ordered: Its rows; those of masks with SCENE_LAKE.
        part_rows: Rows of a part, about.
        scenes: As `data.parts.making.write_whole` takes it.

    Raises:
        DatasetError: A row lacks what every row needs, or two scenes have one key.
    """
    folder.mkdir(parents=True)
    written: list[Written] = []
    for rows in _cut(ordered, part_rows):
        if faults := schema.unusable(rows, name):
            raise DatasetError(f"{name}, {faults[0].column or 'rows'}: {faults[0].found}", faults[0].remedy)
        written.append(write_block(folder, len(written), rows, name))
    write_whole(folder, written, scenes)
    return sum(int(np.sum(each.groups.column("rows").to_numpy())) for each in written)


def write_as_held(folder: Path, stage: Path, name: str, table: pa.Table) -> None:
    """Write a changed table of a dataset into a stage: in parts where the dataset has it so, else as one file.

    Masks in parts are written anew with the scenes, by whose lakes they lie in order.

    Args:
        folder: The dataset.
        stage: Where its new files go (`data.commit.transaction`).
        name: Of the table.
        table: Its rows, in any order.
    """
    into, scenes = stage / f"{name}.parquet", current(folder, "scenes.parquet")
    if not is_parted(current(folder, f"{name}.parquet")):
        write_table(into, table)
    elif name == "masks":
        shutil.rmtree(into, ignore_errors=True)  # as the scenes that changed in the same step had it written
        staged = stage / "scenes.parquet"
        _write_sorted(into, name, ds.InMemoryDataset(table), staged if staged.exists() else scenes)
    else:
        write_parts(into, name, [in_order(table, name)])
    if name == "scenes" and is_parted(masks := current(folder, "masks.parquet")) and is_parted(into):
        _write_sorted(stage / "masks.parquet", "masks", ds.dataset(str(masks), format=_verified()), into)


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
    starts = lake_starts(lakes_of(table))
    before = starts[starts <= rows]
    return int(before[-1]) if len(before) else int(starts[0]) if len(starts) else 0


def _verified() -> ds.ParquetFileFormat:
    return ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True))
