"""Small datasets with images for the tests of `modules.images`: few dates, plain colours, whatever files a test puts in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from starlette.applications import Starlette
from starlette.routing import Route

from data.cache import write_table
from data.meta import read_meta, write_meta
from data.rasters.writing import write_floats, write_mask, write_scene
from data.schema import TABLES
from data.store import Store
from modules.images.routes import Images
from modules.serving.datasets import Datasets
from tests.asgi import Answer, get
from tests.datasets import SOURCE, small_dataset
from tests.scene_dataset import BANDS, ROCK, SENSOR, WATER, lake_grid, lake_water

LAKE = 2
YEARS = (2016, 2019, 2023)


@dataclass(frozen=True)
class Case:
    """A row of `scenes` and its masks; paths inside the dataset."""

    key: int
    path: str
    lake: int | None = LAKE
    day: date | None = None
    sensor: str = ""
    reason: str = "ok"
    dem: str | None = None
    masks: Mapping[str, str] = field(default_factory=dict[str, str])


class Served:
    """A dataset whose images are served.

    Args:
        folder: The dataset.
        state: The state folder.
    """

    def __init__(self, folder: Path, state: Path | None = None) -> None:
        self.datasets = Datasets([folder], None)
        store = self.datasets.store(self.datasets.default)
        assert store is not None
        self.store: Store = store
        self.images = Images(self.datasets, state)
        self.app = Starlette(routes=[Route("/images/{name:str}/{digest:str}/{rest:path}", self.images.answer)])

    def get(self, address: str) -> Answer:
        return get(self.app, f"/{address}")

    def scene(self, key: int):
        found = self.store.scenes.scene(key)
        assert found is not None
        return found


def write_cases(folder: Path, cases: Sequence[Case], sensors: Mapping[str, list[str]] | None = None, simulated: bool = True) -> Path:
    """The small dataset with these rows of scenes and masks; the files are the caller's."""
    small_dataset(folder)
    meta = read_meta(folder)
    write_meta(folder, type(meta)(**{**vars(meta), "sensors": dict(sensors or {}), "simulated": simulated}))
    scenes = [
        {
            "scene_key": case.key, "lake_key": case.lake, "date": case.day, "sensor": case.sensor, "path": case.path, "pixel_m": 10.0,
            "valid_share": 1.0, "reason": case.reason, "split": None, "dem": case.dem,
        }
        for case in cases
    ]  # fmt: skip
    masks = [
        {"scene_key": case.key, "source": source, "path": path, "kind": "binary", "note": None}
        for case in cases
        for source, path in case.masks.items()
    ]
    for name, rows in (("scenes", scenes), ("masks", masks)):
        frame = pd.DataFrame(rows, columns=list(TABLES[name].columns))
        columns = {column: pa.array(frame[column], spec.type, from_pandas=True) for column, spec in TABLES[name].columns.items()}
        write_table(folder / f"{name}.parquet", pa.table(columns))
    return folder


def plain_chip(water: np.ndarray, brightness: float = 1.0) -> np.ndarray:
    """(6, H, W) reflectance: water in one colour, rock in another that rises from left to right."""
    rise = np.linspace(0.8, 1.2, water.shape[1])[None, None, :] * brightness
    return np.where(water[None], np.array(WATER)[:, None, None], np.array(ROCK)[:, None, None] * rise).astype(np.float32)


def plain_dataset(folder: Path) -> Path:
    """One lake on three dates, the middle one brighter; masks `label` and SOURCE, the latter a row of pixels larger."""
    grid = lake_grid(LAKE)
    cases: list[Case] = []
    for place, year in enumerate(YEARS):
        day, water = date(year, 10, 15), lake_water(LAKE, year)
        wider = water | np.roll(water, 1, axis=0)
        write_scene(folder / f"scenes/{day}.tif", plain_chip(water, 1.5 if place == 1 else 1.0), BANDS, grid, scale=0.001)
        write_mask(folder / f"masks/label/{day}.tif", water.astype(np.uint8) * 200, grid)
        write_mask(folder / f"masks/mapper/{day}.tif", wider.astype(np.uint8) * 200, grid)
        masks = {"label": f"masks/label/{day}.tif", SOURCE: f"masks/mapper/{day}.tif"}
        cases.append(Case(place, f"scenes/{day}.tif", LAKE, day, SENSOR, dem="dem.tif", masks=masks))
    write_floats(folder / "dem.tif", (4000 + 3.0 * np.mgrid[:512, :512][1])[None], ["elevation"], grid)
    return write_cases(folder, cases, {SENSOR: list(BANDS)})
