"""`scores`: how well each source's masks agree with a label, kept beside the masks that they judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data.cache import write_table
from data.commit import transaction
from data.schema import TABLES
from data.store import Store

NAME = "scores"
MADE_OF = ("scenes", "masks")


def write_scores(folder: Path, rows: pd.DataFrame) -> None:
    """Put scores in place of those of the same sources, and note what they were made of.

    Args:
        folder: The dataset.
        rows: With the columns of `scores`.
    """
    store = Store(folder)
    before, again = scores(store), set(rows["source"])
    stays = up_to_date(store)
    others = np.array([stays and source not in again for source in before["source"]], dtype=bool)
    both = pd.concat([before.loc[others], rows], ignore_index=True)
    both = both.sort_values(by=["source", "scene_key", "threshold"], ignore_index=True)
    spec = TABLES[NAME].columns
    table = pa.table({name: pa.array(both[name], column.type, from_pandas=True) for name, column in spec.items()})
    with transaction(folder) as stage:
        write_table(stage / f"{NAME}.parquet", table.replace_schema_metadata({"made_of": _made_of(store)}))


def scores(store: Store) -> pd.DataFrame:
    """The scores of a dataset; no rows where nothing was evaluated."""
    return store.table(NAME).to_pandas()


def up_to_date(store: Store) -> bool:
    """Whether scenes and masks are still those that were scored; True where nothing was."""
    metadata = store.table(NAME).schema.metadata or {}
    return b"made_of" not in metadata or metadata[b"made_of"].decode() == _made_of(store)


def _made_of(store: Store) -> str:
    return " ".join(store.digests.get(f"{name}.parquet", "") for name in MADE_OF)
