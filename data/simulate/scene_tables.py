"""The tables of the images: scenes, masks, true areas, and what was planted in each image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.scene_table import LABEL
from data.simulate.shots import shot_frame
from data.simulate.sky import sun
from data.simulate.truth import PIXEL_M
from data.simulate.world import World

TRUTH_SCENES = {"scene_key": pa.int32(), "lake_key": pa.int32(), "date": pa.date32()}
SPLITS = (("train", 0.6), ("validation", 0.2), ("test", 0.2))
"""And the share of the sub-basins in each: neighbouring lakes are alike, so none may stand on both sides of a split."""


def scene_frame(world: World) -> pd.DataFrame:
    """One row a scene: what `shot_frame` tells, and the lake's id, file name, sun and split."""
    frame = shot_frame(world.plan, world.truth, world.shots, world.rows)
    lakes = world.region.frame.loc[frame["lake_key"].to_numpy()]
    days = pd.DatetimeIndex(frame["date"]).date
    light = np.array([sun(day, float(lat)) for day, lat in zip(days, lakes["lat"], strict=True)]).reshape(-1, 2)
    return frame.assign(
        lake_id=lakes["lake_id"].to_numpy(),
        stem=[f"{lake_id}_{day}" for lake_id, day in zip(lakes["lake_id"], days, strict=True)],
        split=_splits(world)[frame["lake_key"].to_numpy()],
        sun_elevation=light[:, 0], sun_azimuth=light[:, 1],
    )  # fmt: skip


def scene_path(stem: str) -> str:
    return f"scenes/{stem}.tif"


def dem_path(lake_id: str) -> str:
    return f"dem/{lake_id}.tif"


def mask_path(source: str, stem: str) -> str:
    """Of the truth, or of the mapper."""
    return f"labels/{stem}.tif" if source == LABEL else f"masks/{source.replace(' ', '-')}/{stem}.tif"


def scenes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of `scenes`."""
    return pd.DataFrame({
        "scene_key": frame["scene_key"], "lake_key": frame["lake_key"], "date": frame["date"], "sensor": frame["sensor"],
        "path": [scene_path(stem) for stem in frame["stem"]], "pixel_m": PIXEL_M, "valid_share": np.round(1 - frame["hidden"], 3),
        "reason": frame["reason"].where(frame["reason"] != "empty", "ok"), "split": frame["split"],
        "dem": [dem_path(lake_id) for lake_id in frame["lake_id"]],
    })  # fmt: skip


def masks_table(frame: pd.DataFrame, mapper: str) -> pd.DataFrame:
    """Columns of `masks`: the truth of every scene, and the mapper's of every one that it mapped."""
    some = [(LABEL, "label", frame), (mapper, "binary", frame[frame["mapped"]])]
    return pd.concat([
        pd.DataFrame({
            "scene_key": part["scene_key"], "source": source, "path": [mask_path(source, stem) for stem in part["stem"]], "kind": kind,
        })
        for source, kind, part in some
    ], ignore_index=True)  # fmt: skip


def label_areas(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of `areas`: the truth, which no cloud hides and no error blurs (its area_sd stays empty)."""
    return pd.DataFrame({
        "lake_key": frame["lake_key"], "date": frame["date"], "source": LABEL, "area_km2": frame["true_km2"], "area_sd_km2": np.nan,
        "valid_share": 1.0, "reason": np.where(frame["true_km2"] > 0, "ok", "empty"), "sensor": frame["sensor"], "date_nominal": False,
        "scene_key": frame["scene_key"],
    })  # fmt: skip


def truth_scenes(world: World, frame: pd.DataFrame) -> pd.DataFrame:
    """What was planted in each scene."""
    area = np.where(frame["mapped"], world.seen.area[frame["lake_key"], frame["step"]], np.nan)
    return pd.DataFrame({
        "scene_key": frame["scene_key"], "lake_key": frame["lake_key"], "date": frame["date"], "reason": frame["reason"],
        "hidden_share": frame["hidden"], "planted": frame["planted"], "true_km2": frame["true_km2"], "mapper_km2": area,
        "frozen_share": frame["frozen"], "turbidity": world.turbidity[frame["lake_key"]],
        "sun_elevation": np.round(frame["sun_elevation"], 2), "sun_azimuth": np.round(frame["sun_azimuth"], 2),
        "haze": frame["haze"], "shift_x_px": frame["shift_x"], "shift_y_px": frame["shift_y"],
    })  # fmt: skip


def sensor_events(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns of `events`: the first image of each lake's later sensor."""
    own = frame[~frame["sensor"].str.startswith("Landsat-7")]
    lake, sensor = np.asarray(own["lake_key"]), np.asarray(own["sensor"])
    changed = np.append(False, (lake[1:] == lake[:-1]) & (sensor[1:] != sensor[:-1]))
    days = np.asarray(own["date"])[changed]
    told = "simulated: images of Sentinel-2 from here on"
    return {"lake_key": lake[changed], "date": days, "kind": "sensor", "evidence": told}


def _splits(world: World) -> NDArray[np.object_]:
    group, names = pd.factorize(world.region.frame["sub_basin"])
    place = world.plan.random("split").permutation(len(names)) / len(names)
    edges = np.cumsum([share for _, share in SPLITS])
    kind = np.minimum(np.searchsorted(edges, place, side="right"), len(SPLITS) - 1)
    return np.array([name for name, _ in SPLITS], dtype=object)[kind][group]
