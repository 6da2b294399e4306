"""A table of areas put together from blocks of lakes that are written apart, perhaps by several processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.cache import file_digest
from data.parts.index import write_index
from data.parts.newest import FILE as NEWEST
from data.parts.newest import newest_of, write_newest
from data.parts.summary import Entry, added, summarised
from data.parts.writing import write_part


@dataclass(frozen=True)
class Written:
    """What is to be known of a part that was written.

    Args:
        number: Of the part.
        groups: Its rows of the index.
        newest: The newest areas of its lakes; None for a table that has none.
        entries: What is known of its rows.
    """

    number: int
    groups: pa.Table
    newest: pa.Table | None = None
    entries: tuple[Entry, ...] = ()


def write_block(folder: Path, number: int, rows: pa.Table, name: str = "areas") -> Written:
    """Write a block of whole lakes as one part.

    Args:
        folder: The table.
        number: Of the block, in order of lakes.
        rows: In the order of the table.
        name: Of the table.
    """
    groups = write_part(folder, number, rows)
    return Written(number, groups, newest_of(rows), tuple(summarised(rows))) if name == "areas" else Written(number, groups)


def write_whole(folder: Path, blocks: Iterable[Written]) -> None:
    """Write what lies beside the parts, once all are there: the same bytes in whatever order they ended."""
    held = sorted(blocks, key=lambda block: block.number)
    summary: dict[str, Any] = {}
    newest = [block.newest for block in held if block.newest is not None]
    if newest:
        write_newest(folder, newest)
        entries = [entry.as_json for entry in added(block.entries for block in held)]
        summary = {"entries": entries, "newest": file_digest(folder / NEWEST)}
    schema = pq.read_schema(folder / held[0].groups.column("part")[0].as_py())
    write_index(folder, [block.groups for block in held], schema, summary)
