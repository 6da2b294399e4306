"""Which observations a brush in the area series names, and which image stands behind each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from data.records import Scene, TrendSettings
from data.store import Store
from data.trends.series import VALID_SHARE, decimal_years, years_of
from modules.choices import Points
from modules.crowd.places import MANY
from modules.links.packing import Point, inside, rounded_polygon

REASONS = {
    "season": "outside the season", "valid_share": "too little of the lake seen", "empty": "empty mask", "cloud": "cloud",
    "shadow": "shadow", "snow_or_ice": "snow or ice", "partial": "partly seen", "outlier": "outlier", "reviewed_bad": "reviewed bad",
    "replaced": "this session measured that day anew",
}  # fmt: skip
"""Why an observation is not used, by code."""

AMONG = 100
"""Brushed lakes of more than MANY whose series are drawn: the most significant."""

COLUMNS = ["lake_key", "date", "year", "area_km2", "area_sd_km2", "reason", "date_nominal", "scene_key"]


def series_lakes(store: Store, focus: int | None, brushed: np.ndarray | None, ranks: Callable[[], np.ndarray]) -> tuple[int, ...]:
    """The keys of the lakes whose series are drawn: the one in focus first, then the brushed ones; where there are very many lakes, AMONG.

    Args:
        store: The dataset.
        focus: The key of the lake in focus, None for none.
        brushed: (L,) booleans, None for none.
        ranks: Gives (L,) of `modules.measures.rank`.
    """
    rows = np.flatnonzero(brushed) if brushed is not None else np.empty(0, dtype=np.intp)
    if len(store.lake_keys) > MANY and len(rows) > AMONG:
        rows = np.sort(rows[np.argpartition(ranks()[rows], AMONG)[:AMONG]])
    return (*(() if focus is None else (focus,)), *(key for key in store.lake_keys[rows].tolist() if key != focus))


def brushed_observations(store: Store, points: Points | None) -> pd.DataFrame:
    """One row an observation, by lake as the points name them, then by date: `COLUMNS`, the year decimal, scene_key null without an image.

    An observation whose row names no scene has the lake's scene of the same day, where there is one.
    """
    if points is None:
        return pd.DataFrame(columns=COLUMNS)
    rows = drawn_observations(store, points.lake_keys, points.settings)
    area = rows["area_km2"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        held = inside(points.polygon, rows["year"].to_numpy(dtype=float), np.log10(area) if points.log else area)
    place = {key: at for at, key in enumerate(points.lake_keys)}
    found = rows[held]
    found = found.assign(_place=found["lake_key"].map(place)).sort_values(["_place", "date"], ignore_index=True, kind="stable")
    return with_scenes(store, found)[COLUMNS]


def drawn_observations(store: Store, lake_keys: Sequence[int], settings: TrendSettings) -> pd.DataFrame:
    """The area rows that the series of these lakes show, used by the trend or not, with their decimal `year`."""
    rows = store.rows_of_lakes(lake_keys, settings)
    rows = rows[rows["area_km2"].notna()]
    return rows.assign(year=years_of(rows, settings)[0])


def around(rows: pd.DataFrame) -> tuple[Point, ...]:
    """The box (year, km²) about all of these observations, as a brush holds it; at least one is needed."""
    (left, right), (low, high) = ((rows[name].min(), rows[name].max()) for name in ("year", "area_km2"))
    left, right, high = left - 0.01, right + 0.01, high * 1.01 + 1e-9
    return rounded_polygon([(left, low), (right, low), (right, high), (left, high)])


def with_scenes(store: Store, rows: pd.DataFrame) -> pd.DataFrame:
    """The same area rows; a `scene_key` that is missing becomes the lake's first scene of the same day, where there is one."""
    missing = rows["scene_key"].isna().to_numpy(dtype=bool)
    if not missing.any():
        return rows  # by each click on a lake: 5 ms
    unnamed = rows.loc[missing, ["lake_key", "date"]]
    scenes = store.scenes.rows_of(unnamed["lake_key"].unique(), ["date", "scene_key"])
    held, wanted = _lake_days(scenes), _lake_days(unnamed)
    scenes, held = scenes.iloc[held >= 0], held[held >= 0]  # ascending, of a day the smallest key first
    place = np.searchsorted(held, wanted)
    found = np.full(len(wanted), np.nan)
    same = place < len(held)
    same[same] = held[place[same]] == wanted[same]
    found[same] = scenes["scene_key"].to_numpy(dtype=float)[place[same]]
    keys = rows["scene_key"].to_numpy(dtype=float, na_value=np.nan, copy=True)
    keys[missing] = found
    return rows.assign(scene_key=pd.array(keys, dtype="Float64").astype("Int32"))


def _lake_days(rows: pd.DataFrame) -> np.ndarray:
    """(N,) int64: a number for each lake and day, ascending by both; below 0 without a date."""
    days = rows["date"].to_numpy(dtype="datetime64[D]")
    lakes = rows["lake_key"].to_numpy(dtype=np.int64)
    return np.where(np.isnat(days), -1, (lakes << 32) + (days.astype(np.int64) + 2**31))


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
