"""Tables in a Parquet file that nobody vouches for: refused before they are unpacked where they would take more than may be."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST_ROWS, MOST_COLUMNS = 4_000_000, 64
UNPACKED = 2**28
"""Bytes that a table may take."""


def unpacked_table(body: bytes) -> pd.DataFrame:
    """The table of a Parquet file.

    Raises:
        ValueError: It would be too large, or holds lists or the like.
        pyarrow.ArrowException, OSError: It is none.
    """
    file: Any = pq.ParquetFile(io.BytesIO(body), page_checksum_verification=True)
    rows, schema = file.metadata.num_rows, file.schema_arrow
    if len(schema) > MOST_COLUMNS or rows > MOST_ROWS or rows * len(schema) * 8 > UNPACKED:
        raise ValueError(f"it has {rows:,} rows of {len(schema):,} columns, more than may be")
    for field in schema:
        if pa.types.is_nested(field.type):
            raise ValueError(f"column {field.name[:40]} holds {str(field.type)[:40]}")
    # One long text in a dictionary, a million times named, is small in the file and as a dictionary, and huge as a column.
    texts = [field.name for field in schema if _is_text(field.type)]
    held: Any = pq.ParquetFile(io.BytesIO(body), read_dictionary=texts, page_checksum_verification=True).read()
    if sum(_bytes(held[name]) for name in texts) > UNPACKED:
        raise ValueError(f"its texts would unpack to more than {UNPACKED // 2**20} MB")
    return file.read().to_pandas()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _bytes(column: Any) -> int:
    """Of the texts of a column, once each is written out."""
    total = 0
    for chunk in column.chunks:
        sizes: Any = pc.binary_length(chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk)  # pyright: ignore
        each: Any = pc.sum(sizes.take(chunk.indices) if pa.types.is_dictionary(chunk.type) else sizes)  # pyright: ignore
        total += each.as_py() or 0
    return total
