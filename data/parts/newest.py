"""Each lake's newest area by each source at each of its thresholds: worked out once where the parts are written, and kept beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import compute

from data.cache import file_digest, write_atomic
from data.errors import DatasetError

FILE = "_newest.parquet"
COLUMNS = pa.schema([
    ("source", pa.string()), ("threshold", pa.float64()), ("lake_key", pa.int32()), ("date", pa.date32()), ("area_km2", pa.float64()),
])  # fmt: skip
"""One row a lake, source and threshold that has an area whose reason is `ok`; by source, threshold, lake."""
KEYS = ["source", "threshold", "lake_key"]
GROUPS = b"moraine_groups"
"""Source and threshold of each row group, as JSON: which of them to read."""


def newest_of(table: pa.Table) -> pa.Table:
    """The newest areas of area rows, each lake whole; rows of COLUMNS."""
    pc = cast(Any, compute)
    good = pc.and_(pc.equal(table.column("reason").cast(pa.string()), "ok"), pc.is_valid(table.column("area_km2")))
    rows = table.select(COLUMNS.names).cast(COLUMNS).filter(good)
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in (*KEYS, "date")])
    rows = rows.take(order)
    frame = rows.select(KEYS).to_pandas()
    last = ~frame.duplicated(keep="last").to_numpy(dtype=bool) if len(frame) else np.zeros(0, dtype=bool)
    return rows.filter(pa.array(last)).combine_chunks()


def write_newest(folder: Path, blocks: Iterable[pa.Table]) -> None:
    """Write those of all blocks beside the parts, a row group for each source and threshold.

    Args:
        folder: The table.
        blocks: Of `newest_of`, in order of lakes.
    """
    table = pa.concat_tables([COLUMNS.empty_table(), *blocks])
    pairs = table.select(["source", "threshold"]).group_by(["source", "threshold"]).aggregate([]).to_pylist()
    chosen = sorted(
        ((each["source"], each["threshold"]) for each in pairs), key=lambda each: (each[0], -1.0 if each[1] is None else each[1])
    )
    form = COLUMNS.with_metadata({GROUPS: json.dumps(chosen).encode()})

    def write(path: Path) -> None:
        with pq.ParquetWriter(path, form, compression="zstd", write_page_checksum=True) as writer:
            for source, threshold in chosen:
                part = table.filter(_is(table, source, threshold)).replace_schema_metadata(form.metadata)
                writer.write_table(part, row_group_size=len(part))

    write_atomic(folder / FILE, write)


def read_newest(folder: Path, source: str, threshold: float | None, digest: str) -> pd.DataFrame:
    """lake_key, date and area_km2 of the newest areas of a source, of rows with no threshold and those at one; a lake may have both.

    In order of lake and date, the rows with no threshold before the others of a day.

    Raises:
        DatasetError: The file is missing or damaged.
    """
    path = folder / FILE
    if not path.exists() or file_digest(path) != digest:
        raise DatasetError(f"{path} is missing or is not the one that the index knows", "make the table again, or restore it from a copy")
    wanted = {(source, None), (source, threshold)}
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        if (said := (file.metadata.metadata or {}).get(GROUPS)) is None:
            raise DatasetError(f"{path} does not say what its row groups hold", "make the table again")
        told = json.loads(said)
        groups = [place for place, (name, at) in enumerate(told) if (name, at) in wanted]
        table = file.read_row_groups(groups, columns=["lake_key", "date", "area_km2"]) if groups else COLUMNS.empty_table()
    frame = table.select(["lake_key", "date", "area_km2"]).to_pandas(date_as_object=False)
    return frame.sort_values(["lake_key", "date"], kind="stable", ignore_index=True) if len(groups) > 1 else frame


def _is(table: pa.Table, source: str, threshold: float | None) -> pa.ChunkedArray:
    pc, held = cast(Any, compute), table.column("threshold")
    there = pc.is_null(held) if threshold is None else pc.fill_null(pc.equal(held, threshold), False)
    return pc.and_(pc.equal(table.column("source"), source), there)
