"""`scores`: how well each source's masks agree with a label, kept beside the masks that they judge."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.cache import fingerprint, write_table
from data.commit import transaction
from data.errors import DatasetError
from data.schema import TABLES, unusable
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
    both = rows
    if up_to_date(store):
        before = scores(store)
        both = pd.concat([before.loc[~before["source"].isin(rows["source"].unique().tolist())], rows], ignore_index=True)
    both = both.sort_values(by=["source", "scene_key", "scope", "threshold"], ignore_index=True)
    spec = TABLES[NAME].columns
    table = pa.table({name: pa.array(both[name], column.type, from_pandas=True) for name, column in spec.items()})
    with transaction(folder) as stage:
        write_table(stage / f"{NAME}.parquet", table.replace_schema_metadata({"made_of": _made_of(store)}))


def scores(store: Store) -> pd.DataFrame:
    """The scores of a dataset; no rows where nothing was evaluated.

    Raises:
        DatasetError: An older Moraine wrote them, or the table is damaged.
    """
    table = store.table(NAME)
    if faults := unusable(table, NAME):
        raise DatasetError(f"{store.path / NAME}.parquet, {faults[0].column}: {faults[0].found}", f"run `{TABLES[NAME].made_by}` again")
    return table.to_pandas()


def up_to_date(store: Store) -> bool:
    """Whether scenes, masks and outlines are still those that were scored, by this Moraine's rules; True where nothing was."""
    table = store.table(NAME)
    if unusable(table, NAME):
        return False
    metadata = table.schema.metadata or {}
    return b"made_of" not in metadata or metadata[b"made_of"].decode() == _made_of(store)


def _made_of(store: Store) -> str:
    outlines = fingerprint(store.lake_keys.tobytes(), *(blob or b"" for blob in store.newest_outlines))
    return " ".join([*(store.digests.get(f"{name}.parquet", "") for name in MADE_OF), outlines])
