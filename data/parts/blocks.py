"""How workers read the rows of a block of lakes: a small record that is sent to them, and opens the table where they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import DatasetError
from data.leaving_out import told_rows
from data.parts.areas import PartedAreas
from data.parts.index import FILE, table_digest
from data.records import TrendSettings
from data.reviews.latest import Observation

COLUMNS = ("lake_key", "date", "source", "threshold", "area_km2", "area_sd_km2", "valid_share", "reason", "date_nominal", "date_image")
"""What trends look at."""


@dataclass(frozen=True)
class BlockReader:
    """The area rows of blocks of lakes, under some settings.

    Args:
        folder: The table.
        digest: Of it, when it was opened: another one is refused.
        own: Source → the threshold that the dataset chose for it.
        settings: Source, threshold, and which observations are left out.
        without: Those observations.
    """

    folder: Path
    digest: str
    own: tuple[tuple[str, float], ...]
    settings: TrendSettings
    without: frozenset[Observation] = field(default_factory=frozenset[Observation])

    def rows(self, lake_keys: NDArray[np.int32], columns: tuple[str, ...] | None = COLUMNS) -> pd.DataFrame:
        """The rows of the source of these lakes (a run of all, ascending), by lake and date; texts as categories.

        Raises:
            DatasetError: The table is not the one that was opened, or is damaged.
        """
        areas = _opened(self.folder, self.digest, self.own)
        table = areas.block(lake_keys, self.settings.source, self.settings.threshold, columns)
        return told_rows(table.to_pandas(date_as_object=False), self.without)


@lru_cache(maxsize=2)
def _opened(folder: Path, digest: str, own: tuple[tuple[str, float], ...]) -> PartedAreas:
    if table_digest(folder) != digest:
        raise DatasetError(f"{folder / FILE} has changed since the dataset was opened", "run this again")
    return PartedAreas(folder, dict(own), lambda: None)
