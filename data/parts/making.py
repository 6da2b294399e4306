"""A table put together from blocks of lakes that are written apart, perhaps by several processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.cache import file_digest
from data.parts.index import NO_LAKE, write_index
from data.parts.keys import write_keys, write_lakes
from data.parts.newest import FILE as NEWEST
from data.parts.newest import newest_of, write_newest
from data.parts.summary import Entry, added, summarised
from data.parts.writing import lakes_of, part_name, write_part
from data.scene_table import LEFT_OUT, left_out_of


@dataclass(frozen=True)
class Written:
    """What is to be known of a part that was written.

    Args:
        number: Of the part.
        groups: Its rows of the index.
        newest: Of areas: the newest ones of its lakes.
        entries: Of areas: what is known of its rows.
        imaged: Of scenes: the lakes that have one whose files are there.
        sources: Of masks: who made them.
    """

    number: int
    groups: pa.Table
    newest: pa.Table | None = None
    entries: tuple[Entry, ...] = ()
    imaged: NDArray[np.int64] | None = None
    sources: frozenset[str] | None = None


def write_block(folder: Path, number: int, rows: pa.Table, name: str = "areas") -> Written:
    """Write a block of whole lakes as one part.

    Args:
        folder: The table.
        number: Of the block, in order of lakes.
        rows: In the order of the table; masks with the lakes of their scenes (SCENE_LAKE).
        name: Of the table.
    """
    groups = write_part(folder, number, rows)
    if name == "areas":
        return Written(number, groups, newest_of(rows), tuple(summarised(rows)))
    if name == "scenes":
        return Written(number, groups, imaged=_imaged(rows))
    if name == "masks":
        return Written(number, groups, sources=frozenset(rows.column("source").unique().to_pylist()))
    return Written(number, groups)


def _imaged(rows: pa.Table) -> NDArray[np.int64]:
    told = rows.select([name for name in (LEFT_OUT,) if name in rows.column_names]).to_pandas()
    lakes = np.unique(lakes_of(rows)[~left_out_of(told)])
    return lakes[lakes != NO_LAKE]


def write_whole(folder: Path, blocks: Iterable[Written], scenes: str = "") -> None:
    """Write what lies beside the parts, once all are there: the same bytes in whatever order they ended.

    Args:
        folder: The table.
        blocks: Of all of its parts.
        scenes: For masks: the digest of the keys of the scenes (`data.parts.keys`) by whose lakes they are in order.
    """
    held = sorted(blocks, key=lambda block: block.number)
    schema = pq.read_schema(folder / part_name(held[0].number))
    write_index(folder, [block.groups for block in held], schema, _summary(folder, held) | ({"scenes": scenes} if scenes else {}))


def _summary(folder: Path, held: list[Written]) -> dict[str, Any]:
    newest = [block.newest for block in held if block.newest is not None]
    if newest:
        write_newest(folder, newest)
        entries = [entry.as_json for entry in added(block.entries for block in held)]
        return {"entries": entries, "newest": file_digest(folder / NEWEST)}
    imaged = [block.imaged for block in held if block.imaged is not None]
    if imaged:
        parts = dict.fromkeys(name for block in held for name in block.groups.column("part").to_pylist())
        return {"keys": write_keys(folder, parts), "lakes": write_lakes(folder, imaged)}
    sources = [block.sources for block in held if block.sources is not None]
    return {"sources": sorted(frozenset[str]().union(*sources))} if sources else {}
