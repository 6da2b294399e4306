"""Scores as the Predictions page looks at them: a row a scene, source and scope at the source's own threshold, with what the scene is.

Read once for all visits; read anew when `evaluate` has run again.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.commit import current
from data.errors import DatasetError
from data.scene_table import LEFT_OUT
from data.scores import NAMES, reliability, scores, up_to_date
from data.store import Store
from models.summary import own_rows, size_class

log = logging.getLogger(__name__)

NOT_SAID = "not said"
UNREADABLE = "The scores cannot be used: an older Moraine wrote them, or a file is damaged. Run `python -m models evaluate DIR` again."
SUB_BASIN, REGION, LAKE, SCENE = "sub-basins", "regions", "lakes", "single scenes"
"""What is resampled: the largest unit within which scenes resemble each other that the dataset knows of."""


@dataclass(frozen=True, eq=False)
class Judged:
    """All scores of a dataset. Never change its frames.

    Args:
        rows: scene_key, source, label, scope, threshold, the metrics, area_error (|area_bias|), areas, kinds of error; of the scene:
            lake_key, name, date, split, reason, size (class), place (sub-basin or region) and cluster.
        bins: Of `reliability`, with the same. Neither has rows of scenes or sources that are no longer there.
        unit: What clusters are, in words.
        fault: Why there is nothing to show, or why it should not be trusted; empty where all is well.
    """

    rows: pd.DataFrame
    bins: pd.DataFrame
    unit: str
    fault: str = ""


def judged(store: Store) -> Judged:
    """The scores of a dataset as they are now. Slow at first (half a second for 50,000 rows): call it in a thread."""
    return _judged(store, _stamp(store))


def _stamp(store: Store) -> tuple[tuple[int, int], ...]:
    files = [current(store.path, f"{name}.parquet") for name in NAMES]
    return tuple((file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else (0, 0) for file in files)


@functools.lru_cache(maxsize=4)
def _judged(store: Store, stamp: tuple[tuple[int, int], ...]) -> Judged:
    try:
        rows, bins = scores(store), reliability(store)
        fault = "" if up_to_date(store) else "Scenes, masks or outlines have changed since these scores were made: run evaluate again."
    except DatasetError as error:
        log.error("%s", error)  # it names the file, which a visitor need not know
        fault = UNREADABLE
        rows, bins = pd.DataFrame(), pd.DataFrame()
    facts, unit = scene_facts(store)
    known = list(store.scenes.sources)
    if len(rows):
        rows, bins = (
            part.loc[part["scene_key"].isin(facts.index) & part["source"].isin(known) & part["label"].isin(known)] for part in (rows, bins)
        )
    if rows.empty:
        return Judged(rows, bins, unit, fault)
    own = own_rows(rows, {source: store.threshold(source) for source in set(rows["source"])}).join(facts, on="scene_key")
    own = own.assign(area_error=own["area_bias"].abs(), size=[size_class(area) for area in own["label_km2"].tolist()])
    sizes = own.set_index(["scene_key", "source", "scope"])["size"]
    return Judged(own.reset_index(drop=True), bins.join(facts, on="scene_key").join(sizes, on=sizes.index.names), unit, fault)


def scene_facts(store: Store) -> tuple[pd.DataFrame, str]:
    """By scene_key: what scores are filtered and resampled by; and what a cluster is, in words.

    A cluster is the sub-basin of the scene's lake, else its basin, else the region that the scene's name tells; where none is known, the
    lake, and for a scene of no lake the scene itself.
    """
    scenes = store.scenes.rows
    lakes = store.lakes.set_index("lake_key").assign(_label=list(store.labels))
    keys = scenes["lake_key"].astype("float64")
    place = keys.map(lakes["sub_basin"]).astype("string")
    for more in (keys.map(lakes["basin"]), _column(scenes, "basin")):
        place = place.fillna(more.astype("string"))
    lake = ("lake " + keys.astype("Int64").astype("string")).where(keys.notna())
    alone = "scene " + scenes["scene_key"].astype("string")
    named = _column(scenes, "name").astype("string")
    facts = pd.DataFrame(
        {
            "lake_key": keys, "name": keys.map(lakes["_label"]).astype("string").fillna(named).fillna(alone), "date": scenes["date"],
            "split": scenes["split"].astype("string").replace("", pd.NA).fillna(NOT_SAID),
            "reason": scenes["reason"].astype("string").replace("", pd.NA).fillna(NOT_SAID),
            "place": place.fillna(NOT_SAID), "cluster": place.fillna(lake).fillna(alone),
            LEFT_OUT: store.scenes.left_out,
        }
    ).set_index(scenes["scene_key"].to_numpy())  # fmt: skip
    return facts, _unit(keys.map(lakes["sub_basin"]), place, keys)


def _column(scenes: pd.DataFrame, name: str) -> pd.Series:
    """A column that only scenes of labelled chips have."""
    return scenes[name] if name in scenes.columns else pd.Series(pd.NA, index=scenes.index, dtype="string")


def _unit(sub_basins: pd.Series, places: pd.Series, keys: pd.Series) -> str:
    if places.isna().all():
        return LAKE if keys.notna().any() else SCENE
    return SUB_BASIN if sub_basins.notna().any() else REGION


def cluster_codes(rows: pd.DataFrame) -> np.ndarray:
    """(N,) ints: the place of each row's cluster among their sorted names."""
    return np.unique(rows["cluster"].to_numpy(dtype=str), return_inverse=True)[1]
