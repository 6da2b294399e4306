"""Triage tables kept in memory by fingerprint."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import pandas as pd

from data.cache import fingerprint
from data.flags import FLAGS
from data.trends import METHODS
from data.triage.triage import VERSION, triage

if TYPE_CHECKING:
    from data.area_table import AreaTable
    from data.records import TrendSettings
    from data.store import Store

TABLES_IN_MEMORY = 8


class Triages:
    """The triage tables of one dataset.

    Args:
        store: The dataset.
        areas: Its areas at every threshold.
    """

    def __init__(self, store: Store, areas: AreaTable) -> None:
        self._store, self._areas = store, areas
        self._memory: OrderedDict[str, pd.DataFrame] = OrderedDict()
        self._making = threading.Lock()
        """A lock of its own: whoever asks the store for something else must not wait for a triage."""

    def __call__(self, settings: TrendSettings) -> pd.DataFrame:
        """The triage under these settings (`data.triage.triage.triage`), worked out unless it is held: seconds for 100,000 lakes."""
        key = self._key(settings)
        with self._making:
            held = self._memory.get(key)
            if held is None:
                held = self._memory[key] = triage(self._store, self._areas, settings)
                while len(self._memory) > TABLES_IN_MEMORY:
                    self._memory.popitem(last=False)
        return held

    def held(self, settings: TrendSettings) -> pd.DataFrame | None:
        """The same if it is held, else None; never works it out."""
        return self._memory.get(self._key(settings))

    def _key(self, settings: TrendSettings) -> str:
        versions = (f"{each.name} {each.version}" for each in (*METHODS.values(), *FLAGS.values()))
        return fingerprint(self._store.digest, settings.token, str(VERSION), *versions)
