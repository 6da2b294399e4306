"""Scores as CSV: what is listed, with where it comes from on each row. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from data.export import write_export
from data.store import Store
from modules import downloads
from modules.judging.inspection import Seen


def scores_csv(store: Store, found: Seen, order: pd.DataFrame) -> bytes:
    """The rows of every scene that is listed, of all sources shown, in that order. Slow: call it in a thread."""
    place = pd.Series(range(1, len(order) + 1), index=order["scene_key"])
    rows = found.rows.loc[found.rows["scene_key"].isin(place.index)]
    rows = rows.assign(rank=rows["scene_key"].map(place)).sort_values(["rank", "source"], ignore_index=True)
    rows = rows.assign(date=pd.to_datetime(rows["date"]).dt.strftime("%Y-%m-%d"))
    return csv_bytes(store, rows[["rank", *(name for name in rows if name != "rank")]])


def csv_bytes(store: Store, frame: pd.DataFrame) -> bytes:
    """A table with where it comes from on each row."""
    meta = store.meta
    where = {
        "dataset": meta.title,
        "simulated": meta.simulated,
        "dataset_digest": store.digest,
        "licence": meta.licence,
        "citation": meta.citation,
    }
    return downloads.written(lambda path: write_export(frame, None, "csv", path, where), "csv")


def file_name(store: Store, what: str) -> str:
    """`himalaya_simulated_scores_2026-11-22.csv`."""
    return downloads.file_name(store.meta, "csv", after=(what, datetime.now(UTC).date().isoformat()))
