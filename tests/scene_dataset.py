"""The small dataset with images: six lakes × 8 years of 512² chips whose water is known to the pixel, one bad, one missing, one cloudy."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from rasterio.features import rasterize

from data.cache import read_table, write_table
from data.meta import read_meta, write_meta
from data.rasters.grid import Grid
from data.rasters.writing import write_floats, write_mask, write_scene
from data.schema import TABLES
from tests.datasets import SOURCE, small_dataset

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
LAKES = (0, 1, 2, 3, 8, 16)
YEARS = range(2016, 2024)
SIZE = 512
SENSOR = "Sentinel-2 (made by hand)"
CLOUDY, MISSING, BROKEN = (2, 2019), (2, 2020), (3, 2021)
"""(lake_key, year): a scene with reason `cloud`, one whose file is not there, one whose file is cut short."""
WATER = (0.06, 0.07, 0.05, 0.03, 0.01, 0.01)
ROCK = (0.14, 0.17, 0.20, 0.24, 0.28, 0.26)


def scene_key(lake_key: int, year: int, lakes: Sequence[int] = LAKES) -> int:
    return lakes.index(lake_key) * 100 + year - 2000


def lake_grid(lake_key: int) -> Grid:
    """512² pixels of 10 m in UTM 45N, the lake in the middle."""
    lon, lat = 86.0 + 0.05 * (lake_key % 8), 27.5 + 0.05 * (lake_key // 8)
    whole = Grid("EPSG:32645", (10, 0, 0, 0, -10, 0), SIZE, SIZE)
    x, y = whole.to_crs(shapely.get_coordinates(whole.to_pixels(shapely.Point(lon, lat))))[0]
    return Grid("EPSG:32645", (10, 0, round(x / 10) * 10 - 5 * SIZE, 0, -10, round(y / 10) * 10 + 5 * SIZE), SIZE, SIZE)


def lake_water(lake_key: int, year: int) -> np.ndarray:
    """(512, 512) booleans: a square about the middle that grows to the east by four pixels a year, and a pond in the corner."""
    half = 10 * (1 + lake_key % 5)
    east = half + 4 * (year - 2016)
    middle = SIZE // 2
    lake = shapely.box(middle - half, middle - half, middle + east, middle + half)
    return rasterize([lake, shapely.box(20, 20, 40, 40)], out_shape=(SIZE, SIZE)).astype(bool)


def scene_dataset(folder: Path, lakes: Sequence[int] = LAKES, years: Sequence[int] = YEARS) -> Path:
    """Write the dataset into `folder` and return it; the same bytes each time. The usual one is made once a process, then copied."""
    if (tuple(lakes), tuple(years)) == (LAKES, tuple(YEARS)):
        return Path(shutil.copytree(_usual(), folder, dirs_exist_ok=True))
    return _made(folder, lakes, years)


@functools.cache
def _usual() -> Path:
    scratch = Path(tempfile.mkdtemp(prefix="moraine-scenes-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return _made(scratch, LAKES, YEARS)


def _made(folder: Path, lakes: Sequence[int], years: Sequence[int]) -> Path:
    small_dataset(folder)
    meta = read_meta(folder)
    write_meta(folder, type(meta)(**{**vars(meta), "name": "scenes", "title": "Images made by hand", "sensors": {SENSOR: list(BANDS)}}))
    areas = read_table(folder / "areas.parquet").to_pandas(date_as_object=False)
    scenes, masks, files = [], [], []
    for lake in lakes:
        dates = {day.year: day.date() for day in areas["date"][areas["lake_key"] == lake]}
        grid = lake_grid(lake)
        dem = 4000 + np.hypot(*np.mgrid[-256:256, -256:256]) * 4
        write_floats(folder / f"dem/{lake}.tif", dem[None], ["elevation"], grid)
        for year in years:
            key, day = scene_key(lake, year, lakes), dates.get(year, date(year, 10, 15))
            stem = f"{lake}_{day}"
            scenes.append(
                {
                    "scene_key": key, "lake_key": lake, "date": day, "sensor": SENSOR, "path": f"scenes/{stem}.tif", "pixel_m": 10.0,
                    "valid_share": 0.3 if (lake, year) == CLOUDY else 1.0, "reason": "cloud" if (lake, year) == CLOUDY else "ok",
                    "split": None, "dem": f"dem/{lake}.tif",
                }
            )  # fmt: skip
            for source, kind in (("label", "label"), (SOURCE, "binary")):
                masks.append({"scene_key": key, "source": source, "path": f"masks/{kind}/{stem}.tif", "kind": kind, "note": None})
            if (lake, year) != MISSING:
                files.append((lake, year, stem, grid))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: _write(folder, *each), files))
    for name, rows in (("scenes", scenes), ("masks", masks)):
        frame = pd.DataFrame(rows)
        write_table(
            folder / f"{name}.parquet",
            pa.table({c: pa.array(frame[c], spec.type, from_pandas=True) for c, spec in TABLES[name].columns.items()}),
        )
    return folder


def _write(folder: Path, lake: int, year: int, stem: str, grid: Grid) -> None:
    rng = np.random.default_rng([lake, year])
    water = lake_water(lake, year)
    bright = rng.normal(1, 0.08, water.shape)
    values = np.where(water[None], np.array(WATER)[:, None, None], np.array(ROCK)[:, None, None] * bright)
    if (lake, year) == CLOUDY:
        values[:, 200:330, :] = 0.75
    values[:, :8, :8] = np.nan
    write_scene(folder / f"scenes/{stem}.tif", values.astype(np.float32), BANDS, grid, scale=0.001)
    for kind in ("label", "binary"):
        write_mask(folder / f"masks/{kind}/{stem}.tif", water.astype(np.uint8) * 200, grid)
    if (lake, year) == BROKEN:
        path = folder / f"scenes/{stem}.tif"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
