"""Trend tables kept by fingerprint: in memory, in the dataset's own `trends/`, and under the state folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy

from data.bounded import Bounded
from data.cache import fingerprint, give_back, read_table
from data.errors import DatasetError
from data.kept import KeptFiles
from data.records import TrendSettings, TrendTable
from data.trends.method import Method
from data.trends.table import COLUMNS

TABLES_IN_MEMORY, BYTES_IN_MEMORY = 16, 600 * 2**20
"""Tables kept at most; fewer where they are long: one of a million lakes takes 250 MB. The one used last always stays."""
METADATA = b"moraine_trends"


def as_arrow(table: TrendTable) -> pa.Table:
    """A trend table as it is kept; what is not a column goes, as JSON, into the schema's metadata."""
    rest = {
        "settings": table.settings.token, "method": table.method, "family": table.family, "counts": table.counts,
        "observations": table.observations, "left_out": table.left_out, "shared": table.shared,
    }  # fmt: skip
    frame = pa.Table.from_pandas(table.frame, preserve_index=False)
    return frame.replace_schema_metadata({**(frame.schema.metadata or {}), METADATA: json.dumps(rest).encode()})


def load(path: Path) -> TrendTable:
    """Read what `as_arrow` made.

    Raises:
        DatasetError: The file is missing or damaged, or is no trend table.
    """
    frame = read_table(path).combine_chunks()
    try:
        rest = json.loads((frame.schema.metadata or {})[METADATA])
        settings = TrendSettings.from_token(rest.pop("settings"))
        # Each column by itself, which needs no copy: of a million lakes all of them together are 250 MB.
        return TrendTable(frame=frame.to_pandas(split_blocks=True), settings=settings, **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} is not a trend table: {error!r}", "delete it; it is made anew") from error


class TrendCache:
    """Looks a table up in memory, then in the dataset's own `trends/`, then under the state folder; writes only to the last.

    Args:
        dataset_dir: The dataset's `trends/`, never written.
        state_dir: The state folder; tables go to its `trends/`. None keeps them in memory only.
    """

    def __init__(self, dataset_dir: Path, state_dir: Path | None) -> None:
        self.kept = KeptFiles(state_dir, "trends", dataset_dir)
        self._memory = Bounded[TrendTable](BYTES_IN_MEMORY, _bytes)

    @staticmethod
    def key(areas_digest: str, lakes_digest: str, settings: TrendSettings, method: Method) -> str:
        """The fingerprint of all that a table depends on, the columns that it must have among it."""
        versions = (method.name, str(method.version), np.__version__, scipy.__version__, *COLUMNS)
        return fingerprint(areas_digest, lakes_digest, settings.token, *versions)

    def get(self, key: str) -> TrendTable | None:
        """The table kept under this key; a damaged file is logged and counts as none."""
        table = self._memory.get(key)
        if table is None:
            table = self.kept.read(key, load)
            if table is not None:
                self._memory.put(key, table)
                give_back()
        return table

    def shared(self, key: str) -> dict[str, list[float]] | None:
        """`TrendTable.shared` of the table kept under this key, None where there is none; of a file only its head is read."""
        table = self._memory.get(key)
        if table is not None:
            return table.shared
        path = self.kept.find(key)
        if path is None:
            return None
        try:
            return json.loads((pq.read_schema(path).metadata or {})[METADATA])["shared"]
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None  # `get` tells of it

    def put(self, key: str, table: TrendTable) -> None:
        """Keep a table; where the state folder cannot be written, in memory only, and `kept.trouble` says why."""
        self._memory.put(key, table)
        self.kept.put(key, as_arrow(table))


def _bytes(table: TrendTable) -> int:
    """What a table counts for: at least a share of the whole, so that there are never more than TABLES_IN_MEMORY."""
    held = int(table.frame.memory_usage(index=False).sum())
    return min(max(held, BYTES_IN_MEMORY // TABLES_IN_MEMORY), BYTES_IN_MEMORY)
