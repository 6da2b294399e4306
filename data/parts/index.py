"""The index of a table in parts: which part and which of its row groups hold a lake, and what all of it is checked by."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data.cache import file_digest, fingerprint, read_table, write_table
from data.errors import DatasetError

FILE = "_index.parquet"
"""Beside the parts. Who reads a folder of Parquet passes over names that begin with an underscore."""
PART = r"part-\d{5,}\.parquet"
"""What parts are called. An index may come from anybody: what lies elsewhere is not its own to show."""
NO_LAKE = 2**31
"""Stands for the key of rows that are of no lake: they come last."""
SUMMARY, SCHEMA, DIGEST = b"moraine_parts", b"moraine_schema", b"moraine_digest"
COLUMNS = pa.schema([
    ("part", pa.string()), ("row_group", pa.int32()), ("first_lake", pa.int64()), ("last_lake", pa.int64()), ("rows", pa.int64()),
    ("bytes", pa.int64()), ("head", pa.int64()), ("head_digest", pa.string()), ("digest", pa.string()),
])  # fmt: skip
"""One row a row group, in order of lakes. `bytes` are the group's; `head` those of the part's own description, at its end; `digest` is the
SHA-256 of the whole part, `head_digest` that of its head: page checksums say nothing of it."""


@dataclass(frozen=True)
class Index:
    """Where the rows of each lake are.

    Args:
        folder: The table.
        groups: G rows of COLUMNS.
        schema: Of the table.
        summary: What is known of all rows, as JSON (`data.parts.summary`).
    """

    folder: Path
    groups: pa.Table
    schema: pa.Schema
    summary: dict[str, Any]

    @property
    def rows(self) -> int:
        """Of the table."""
        return int(self._numbers("rows").sum())

    @property
    def parts(self) -> list[str]:
        """Names of the parts, in order of lakes."""
        return list(dict.fromkeys(self.groups.column("part").to_pylist()))

    @cached_property
    def ends(self) -> np.ndarray:
        """(G,) rows up to the end of each row group."""
        return np.cumsum(self._numbers("rows"))

    def span(self, group: int) -> tuple[int, int]:
        """The first and the last lake of a row group."""
        return int(self._numbers("first_lake")[group]), int(self._numbers("last_lake")[group])

    def _numbers(self, name: str) -> np.ndarray:
        return self.groups.column(name).to_numpy()

    def holding(self, first_lake: int, last_lake: int) -> Iterator[tuple[str, list[int]]]:
        """Each part that holds rows of lakes from the first to the last, both included, and its row groups that do; in order."""
        low = int(np.searchsorted(self._numbers("last_lake"), first_lake))
        high = int(np.searchsorted(self._numbers("first_lake"), last_lake, side="right"))
        found: dict[str, list[int]] = {}
        for row in self.groups.slice(low, max(0, high - low)).select(["part", "row_group"]).to_pylist():
            found.setdefault(row["part"], []).append(row["row_group"])
        yield from found.items()

    def runs(self, lakes: np.ndarray) -> list[np.ndarray]:
        """These lakes (ascending) as runs, each of which lies in row groups that all hold one of them."""
        group = np.searchsorted(self._numbers("last_lake"), lakes)
        return np.split(lakes, np.flatnonzero(np.diff(group) > 1) + 1)

    def head_of(self, part: str) -> tuple[int, str]:
        """Bytes of a part's head, and their digest."""
        row = self.groups.column("part").to_pylist().index(part)
        return self.groups.column("head")[row].as_py(), self.groups.column("head_digest")[row].as_py()


def is_parted(path: Path) -> bool:
    """Whether a table is in parts."""
    return path.is_dir()


def table_digest(path: Path) -> str:
    """SHA-256 (hex) by which a table is told from any other: of its file, or of the index of its parts, which has theirs."""
    if is_parted(path) and not (path / FILE).exists():
        raise _without_index(path)
    return file_digest(path / FILE if is_parted(path) else path)


def table_stat(path: Path) -> tuple[int, int]:
    """Size and time of change (ns) by which it is seen at a glance that a table has changed; zeros for parts without their index."""
    if is_parted(path) and not (path / FILE).exists():
        return 0, 0
    stat = (path / FILE if is_parted(path) else path).stat()
    return stat.st_size, stat.st_mtime_ns


def read_index(folder: Path) -> Index:
    """The index of a table in parts.

    Raises:
        DatasetError: There is none, it is damaged, or its rows are out of order.
    """
    if not (folder / FILE).exists():
        raise _without_index(folder)
    table = read_table(folder / FILE)
    try:
        told = table.schema.metadata or {}
        if DIGEST in told and told[DIGEST].decode() != fingerprint(told[SUMMARY], told[SCHEMA]):
            raise ValueError("what it says of all rows has changed since it was written")
        groups, summary = table.select(COLUMNS.names).cast(COLUMNS), json.loads(told[SUMMARY])
        schema = pa.ipc.read_schema(pa.py_buffer(b64decode(told[SCHEMA])))
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise DatasetError(f"{folder / FILE} is no index of parts: {error}", "make the table again, or restore it from a copy") from error
    if strange := [name for name in groups.column("part").unique().to_pylist() if not re.fullmatch(PART, name or "")]:
        raise DatasetError(f"{folder / FILE} names {strange[0]!r}, which is no part", "restore it from a copy, or make the table again")
    first, last = (groups.column(name).to_numpy() for name in ("first_lake", "last_lake"))
    if (last < first).any() or ((first[1:] <= last[:-1]) & (first[1:] != NO_LAKE)).any():
        raise DatasetError(f"{folder / FILE}: its row groups are not in order of lakes", "make it again by `python -m data partition`")
    return Index(folder, groups, schema, summary)


def _without_index(folder: Path) -> DatasetError:
    return DatasetError(f"{folder} is a folder without {FILE}", "restore it from a copy, or make the table again as one file of that name")


def write_index(folder: Path, groups: Sequence[pa.Table], schema: pa.Schema, summary: dict[str, Any]) -> None:
    """Write the index of parts that are all there; equal parts give equal bytes.

    Args:
        folder: The table.
        groups: Of each part, in order of lakes.
        schema: Of the table.
        summary: What is known of all rows.
    """
    table = pa.concat_tables([COLUMNS.empty_table(), *groups])
    told = {SUMMARY: json.dumps(summary, sort_keys=True).encode(), SCHEMA: b64encode(schema.serialize().to_pybytes())}
    digest = {DIGEST: fingerprint(told[SUMMARY], told[SCHEMA]).encode()}
    write_table(folder / FILE, table.replace_schema_metadata(told | digest))
