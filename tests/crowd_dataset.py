"""A dataset of more lakes than a browser holds, made in a second: four dates each, one lake in ten growing, one in twenty shrinking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from data.cache import write_table
from data.geo_tables import geo_table
from data.meta import write_meta
from data.records import DatasetMeta
from data.schema import TABLES
from modules.crowd.places import MANY

LAKES = MANY + 500
YEARS = np.array([1990, 2000, 2010, 2020])
SOURCE = "inventory"


def crowd_dataset(folder: Path) -> Path:
    """Write the dataset into `folder` and return it; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    random, keys = np.random.default_rng(20), np.arange(LAKES, dtype=np.int32)
    write_meta(folder, DatasetMeta(name="crowd", title="Very many lakes", simulated=True, default_source=SOURCE))
    lon, lat = 86 + random.normal(0, 3, LAKES), 28 + random.normal(0, 1, LAKES)
    shapes = shapely.to_wkb(shapely.box(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001))
    ids = [f"L{key:05d}" for key in keys]
    none, basins = [None] * LAKES, [f"Basin {key % 7}" for key in keys]
    lakes = {
        "lake_key": keys, "lake_id": ids, "name": none, "basin": basins, "sub_basin": none, "lon": lon, "lat": lat,
        "elevation_m": random.uniform(3000, 6000, LAKES), "dam_type": none, "geometry": shapes,
    }  # fmt: skip
    write_table(folder / "lakes.parquet", geo_table(_typed("lakes", lakes)))
    rate = np.where(keys % 10 == 0, 0.03, np.where(keys % 20 == 1, -0.03, 0.0))
    area = np.exp(-3 + rate[:, None] * (YEARS - 2005) + random.normal(0, 0.05, (LAKES, len(YEARS)))).ravel()
    rows, none = len(area), [None] * len(area)
    areas = {
        "lake_key": np.repeat(keys, len(YEARS)), "date": np.tile([f"{year}-10-01" for year in YEARS], LAKES).astype("datetime64[D]"),
        "source": [SOURCE] * rows, "threshold": none, "area_km2": area, "area_sd_km2": 0.05 * area, "valid_share": np.ones(rows),
        "reason": ["ok"] * rows, "sensor": none, "scene_key": none, "date_nominal": np.zeros(rows, dtype=bool), "date_image": none,
    }  # fmt: skip
    write_table(folder / "areas.parquet", _typed("areas", areas))
    return folder


def _typed(table: str, columns: dict[str, object]) -> pa.Table:
    """The columns in the schema's types."""
    spec = TABLES[table].columns
    return pa.table({name: pa.array(values, type=spec[name].type, from_pandas=True) for name, values in columns.items()})
