"""Flag tables kept by fingerprint: in memory, and under the state folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import scipy

from data.bounded import Bounded
from data.cache import fingerprint, read_table
from data.flags.flag import Flag
from data.flags.table import COLUMNS
from data.kept import KeptFiles
from data.records import CORRECTIONS, TrendSettings

TABLES_IN_MEMORY = 4


class FlagCache:
    """Looks a table up in memory, then under the state folder. Where that cannot be written, tables stay in memory only.

    Args:
        flags: Those that tables are made of, by name.
        state_dir: The state folder; tables go to its `flags/`. None keeps them in memory only.
    """

    def __init__(self, flags: Mapping[str, Flag], state_dir: Path | None) -> None:
        self._flags = flags
        self.kept = KeptFiles(state_dir, "flags")
        self._memory = Bounded[pd.DataFrame](TABLES_IN_MEMORY, lambda _: 1)

    def key(self, areas_digest: str, lakes_digest: str, events_digest: str, settings: TrendSettings) -> str:
        """The fingerprint of all that a table depends on; method, response and correction are no part of it."""
        versions = [f"{name} {flag.version}" for name, flag in self._flags.items()]
        token = replace(settings, method="auto", response="log", correction=CORRECTIONS[0]).token
        return fingerprint("flags", areas_digest, lakes_digest, events_digest, token, *versions, np.__version__, scipy.__version__)

    def get(self, key: str) -> pd.DataFrame | None:
        """The table kept under this key; a damaged file is logged and counts as none."""
        table = self._memory.get(key)
        if table is None:
            table = self.kept.read(key, self._load)
            if table is not None:
                self._memory.put(key, table)
        return table

    def _load(self, path: Path) -> pd.DataFrame:
        table = read_table(path, COLUMNS).to_pandas(date_as_object=False)
        return table.astype({"kind": pd.CategoricalDtype(list(self._flags))})

    def put(self, key: str, table: pd.DataFrame) -> None:
        """Keep a table."""
        self._memory.put(key, table)
        self.kept.put(key, pa.Table.from_pandas(table, preserve_index=False))
