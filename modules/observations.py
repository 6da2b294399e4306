"""Which observations a brush in the area series names, and which image stands behind each. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.records import Scene
from data.store import Store
from data.trends.series import VALID_SHARE, decimal_years
from modules.choices import Points
from modules.packing import inside

COLUMNS = ["lake_key", "date", "year", "area_km2", "reason", "date_nominal", "scene_key"]


def brushed_observations(store: Store, points: Points | None) -> pd.DataFrame:
    """One row an observation, by lake as the points name them, then by date: `COLUMNS`, the year decimal, scene_key null without an image.

    An observation whose row names no scene has the lake's scene of the same day, where there is one.
    """
    if points is None:
        return pd.DataFrame(columns=COLUMNS)
    place = {key: at for at, key in enumerate(points.lake_keys)}
    rows = pd.concat([store.areas(key) for key in points.lake_keys] or [store.area_rows.iloc[:0]])
    rows = rows[(rows["source"] == points.settings.source) & rows["area_km2"].notna()]
    days, nominal = rows["date"].to_numpy(dtype="datetime64[D]"), rows["date_nominal"].to_numpy(dtype=bool)
    year, _ = decimal_years(days, nominal, points.settings.season)
    area = rows["area_km2"].to_numpy(dtype=float)
    held = inside(points.polygon, year, area)
    found = rows.assign(year=year, _place=rows["lake_key"].map(place))[held]
    found = found.sort_values(["_place", "date"], ignore_index=True, kind="stable")[COLUMNS]
    keys = [scene_of(store, lake, day, key) for lake, day, key in zip(found["lake_key"], found["date"], found["scene_key"], strict=True)]
    return found.assign(scene_key=pd.array(keys, dtype="Int32"))


def scene_of(store: Store, lake_key: int, day: pd.Timestamp, named: float | None) -> int | None:
    """The scene that a row of `areas` names, else the lake's first one of the same day, else None."""
    if named is not None and not pd.isna(named):
        return int(named)
    same = store.scenes.on(int(lake_key), day.date())
    return same[0].scene_key if same else None


def clear(scenes: list[Scene]) -> list[Scene]:
    """The scenes in which the lake can be seen: dated, not named as bad, at least 0.8 of it valid; in their order."""
    return [scene for scene in scenes if scene.date and scene.reason in {"", "ok"} and not scene.valid_share < VALID_SHARE]


def opening(scenes: list[Scene], chosen: int | None, *, last: bool) -> Scene | None:
    """The chosen scene if it is among these, else the newest clear one (`last`) or the oldest; any one where none is clear."""
    for scene in scenes:
        if scene.scene_key == chosen:
            return scene
    among = clear(scenes) or scenes
    return (among[-1] if last else among[0]) if among else None


def decimal_year(scene: Scene) -> float:
    """The place of a scene on the axis of the area series; NaN without a date."""
    if scene.date is None:
        return float("nan")
    return float(decimal_years(np.array([scene.date], dtype="datetime64[D]"), np.array([False]))[0][0])
