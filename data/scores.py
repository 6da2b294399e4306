"""`scores` and `reliability`: how well each source's masks agree with a label, kept beside the masks that they judge."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.cache import fingerprint, read_table, write_table
from data.commit import transaction
from data.errors import DatasetError
from data.schema import TABLES, unusable
from data.store import Store

NAMES = ("scores", "reliability")
MADE_OF = ("scenes", "masks")


def write_scores(scored: Store, rows: pd.DataFrame, bins: pd.DataFrame) -> None:
    """Put scores and reliability in place of those of the same sources, and note what they were made of.

    Args:
        scored: The dataset as it was when scoring began: where masks have changed since, the scores are out of date from the first.
        rows: With the columns of `scores`.
        bins: With the columns of `reliability`; may be empty.
    """
    store, again = Store(scored.path), rows["source"].unique().tolist()
    made_of = _made_of(scored)
    fresh = up_to_date(store) and made_of == _made_of(store)
    with transaction(scored.path) as stage:
        for name, made in zip(NAMES, (rows, bins), strict=True):
            spec = TABLES[name]
            parts = [made.reindex(columns=list(spec.columns))]
            if fresh:
                before = store.table(name).to_pandas()
                parts.insert(0, before.loc[~before["source"].isin(again)])
            both = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
            both = both.sort_values(by=list(spec.unique), ignore_index=True)
            table = pa.table({column: pa.array(both[column], told.type, from_pandas=True) for column, told in spec.columns.items()})
            write_table(stage / f"{name}.parquet", table.replace_schema_metadata({"made_of": made_of}))


def carry(whole: Store, copy: Path) -> None:
    """Say that the scores in a copy of a dataset are up to date, if they were: its images and masks are those that were scored."""
    if not up_to_date(whole) or not (copy / "scores.parquet").exists():
        return
    made_of = _made_of(Store(copy))
    for name in NAMES:
        if (copy / f"{name}.parquet").exists():
            table = read_table(copy / f"{name}.parquet")
            told = {**(table.schema.metadata or {}), b"made_of": made_of.encode()}
            write_table(copy / f"{name}.parquet", table.replace_schema_metadata(told))


def scores(store: Store) -> pd.DataFrame:
    """The scores of a dataset; no rows where nothing was evaluated.

    Raises:
        DatasetError: An older Moraine wrote them, or the table is damaged.
    """
    return _held(store, "scores")


def reliability(store: Store) -> pd.DataFrame:
    """The bins of its reliability diagrams, scene by scene; no rows where nothing was evaluated. Raises DatasetError as `scores` does."""
    return _held(store, "reliability")


def _held(store: Store, name: str) -> pd.DataFrame:
    table = store.table(name)
    if faults := unusable(table, name):
        raise DatasetError(f"{store.path / name}.parquet, {faults[0].column}: {faults[0].found}", f"run `{TABLES[name].made_by}` again")
    return table.to_pandas()


def up_to_date(store: Store) -> bool:
    """Whether scenes, masks, thresholds and outlines are still those that were scored, by this Moraine's rules; True where nothing was.

    Tables that are damaged or of an older shape are not up to date.
    """
    try:
        tables = [store.table(name) for name in NAMES]
    except DatasetError:
        return False
    if any(unusable(table, name) for table, name in zip(tables, NAMES, strict=True)):
        return False
    metadata = tables[0].schema.metadata or {}
    return b"made_of" not in metadata or metadata[b"made_of"].decode() == _made_of(store)


def _made_of(store: Store) -> str:
    outlines = fingerprint(store.lake_keys.tobytes(), *(blob or b"" for blob in store.newest_outlines))
    thresholds = fingerprint(repr(sorted(store.meta.thresholds.items())))
    return " ".join([*(store.digests.get(f"{name}.parquet", "") for name in MADE_OF), outlines, thresholds])
