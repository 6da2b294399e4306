"""Which dataset a training run learned from: told by the digest of its scenes, or, of older runs, by how they were dealt out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from data.errors import InputError
from data.labelled import dealt_splits, splits_digest
from data.store import Store

SCENES = "scenes.parquet"


def splits_of_run(folder: Path, told: Mapping[str, Any], store: Store) -> dict[int, str]:
    """scene_key → train, validation or test of every labelled scene, as the run has it.

    Args:
        folder: The run's.
        told: What its `run.json` says.
        store: The dataset that it is said to have learned from.

    Raises:
        InputError: It learned from other scenes.
    """
    digest = told.get("scenes_digest")
    remedy = "name the dataset that the run was trained on with --dataset"
    learned = f"{folder} learned from {str(told.get('data', 'another dataset')).partition(', split by')[0]!r}"
    if digest is not None and digest != store.digests.get(SCENES):
        raise InputError(f"{learned}, whose scenes are not those of {store.path}: their digests differ", remedy)
    dealt, _ = dealt_splits(store, str(told.get("label", "label")), int(told.get("plan", {}).get("seed", 0)))
    if splits_digest(dealt) == told.get("splits"):
        return dealt
    path = folder / "splits.parquet"
    if digest is None or not path.is_file():
        raise InputError(f"{learned}, whose scenes are not dealt out as those of {store.path} are", remedy)
    return {row["scene_key"]: row["split"] for row in pq.read_table(path).to_pylist()}  # pyright: ignore[reportUnknownMemberType]
