"""A small hand-made dataset: 40 lakes × 8 years in 3 basins, with the awkward cases a view must survive."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from data.cache import write_atomic, write_table
from data.geo_tables import geo_table
from data.meta import write_meta
from data.records import DatasetMeta
from data.schema import TABLES

LAKES = 40
YEARS = range(2016, 2024)
BASINS = {"Arun": ("Barun", "Upper Arun"), "Tamor": ("Ghunsa", "Yangma"), "Dudh": ("Imja", "Ngozumpa")}
SOURCE = "inventory"
GROWING, SHRINKING = range(8), range(8, 12)
CONSTANT, FEW, INSUFFICIENT, NAMELESS = 12, 13, 14, 15
TWINS = (16, 17)
"""Lake keys of the cases: 0-7 grow by 5 %/yr, 8-11 shrink, 12 never changes, 13 has 4 years, 14 has 2, 15 no id, 16 and 17 share one."""

MARKUP = "<b>bold</b>"
FORMULA = "=1+1"


def once(make: Callable[[Path], object]) -> Callable[[Path], Path]:
    """The same files into any folder: made once a process, then written as they are, each as atomically as before."""
    files: dict[Path, bytes] = {}

    @functools.wraps(make)
    def write(folder: Path) -> Path:
        if not files:
            with TemporaryDirectory(prefix="moraine-once-") as scratch:
                make(Path(scratch))
                files.update({path.relative_to(scratch): path.read_bytes() for path in Path(scratch).rglob("*") if path.is_file()})
        for name, held in files.items():
            write_atomic(folder / name, lambda temporary, held=held: temporary.write_bytes(held))
        return folder

    return write


@once
def small_dataset(folder: Path) -> None:
    """Write the dataset into `folder` and return it; the same bytes each time."""
    write_meta(
        folder,
        DatasetMeta(
            name="small", title="A small dataset", simulated=True, licence="CC0-1.0", citation="Nobody (2026)",
            description="Made by hand for tests.", pixel_m=10.0, default_source=SOURCE,
        ),
    )  # fmt: skip
    lakes, areas = _lakes(), _areas()
    write_table(folder / "lakes.parquet", geo_table(lakes))
    write_table(folder / "outlines.parquet", geo_table(_outlines(lakes, areas)))
    write_table(folder / "areas.parquet", areas)
    write_table(folder / "events.parquet", _events())


def _typed(table: str, frame: pd.DataFrame) -> pa.Table:
    """The frame with the schema's columns in its types; columns that the schema lacks keep theirs."""
    spec = TABLES[table].columns
    arrays = {name: pa.array(frame[name], type=spec[name].type if name in spec else None, from_pandas=True) for name in frame}
    return pa.table(arrays)


def _square(key: int) -> bytes:
    lon, lat, half = 86.0 + 0.05 * (key % 8), 27.5 + 0.05 * (key // 8), 0.001 * (1 + key % 5)
    return shapely.to_wkb(shapely.box(lon - half, lat - half, lon + half, lat + half))


def _lakes() -> pa.Table:
    keys = np.arange(LAKES)
    basins = [list(BASINS)[key % 3] for key in keys]
    ids = [f"GL{86000 + 50 * (key % 8):06d}E{27500 + 50 * (key // 8):05d}N" for key in keys]
    ids[TWINS[1]] = ids[TWINS[0]]
    frame = pd.DataFrame(
        {
            "lake_key": keys,
            "lake_id": [None if key == NAMELESS else ids[key] for key in keys],
            "name": ["Imja Tsho" if key == 0 else MARKUP if key == 1 else None for key in keys],
            "basin": basins,
            "sub_basin": [BASINS[basin][key // 3 % 2] for key, basin in zip(keys, basins, strict=True)],
            "lon": 86.0 + 0.05 * (keys % 8),
            "lat": 27.5 + 0.05 * (keys // 8),
            "elevation_m": [None if key == 5 else 4000.0 + 25 * key for key in keys],
            "dam_type": ["M(e)" if key % 2 else "I(s)" for key in keys],
            "geometry": [_square(key) for key in keys],
            "country": [None if key == 3 else "Nepal" if key < 30 else "China" for key in keys],
            "glacier_distance_m": [None if key == 4 else 100.0 * key for key in keys],
            "note": [FORMULA if key == 2 else None for key in keys],
            "empty_column": pd.Series([None] * LAKES, dtype="float64"),
        }
    )
    return _typed("lakes", frame)


def _yearly(key: int) -> pd.DataFrame:
    rng = np.random.default_rng(key)
    years = np.array(YEARS)[: {FEW: 4, INSUFFICIENT: 2}.get(key, len(YEARS))]
    rate = 0.05 if key in GROWING else -0.05 if key in SHRINKING else 0.0
    noise = 0.0 if key == CONSTANT else 0.02
    area = 0.02 * 1.12**key * np.exp(rate * (years - 2016) + noise * rng.standard_normal(len(years)))
    return pd.DataFrame({"lake_key": key, "year": years, "area_km2": area})


def _areas() -> pa.Table:
    rows = pd.concat([_yearly(key) for key in range(LAKES)], ignore_index=True)
    month = np.where((rows["lake_key"] % 10 == 0) & (rows["year"] % 4 == 0), 7, 10)
    nominal = rows["year"].to_numpy() == 2016
    frame = pd.DataFrame(
        {
            "lake_key": rows["lake_key"],
            "date": [date(year, m, 15) for year, m in zip(rows["year"], month, strict=True)],
            "source": SOURCE,
            "threshold": pd.Series([None] * len(rows), dtype="float64"),
            "area_km2": rows["area_km2"],
            "area_sd_km2": 0.02 * rows["area_km2"],
            "valid_share": 1.0,
            "reason": np.where((rows["lake_key"] == 20) & (rows["year"] == 2019), "cloud", "ok"),
            "sensor": "MSI",
            "scene_key": pd.Series([None] * len(rows), dtype="Int32"),
            "date_nominal": nominal,
            "date_image": [date(2015, 2, 1) if seen else None for seen in nominal & (rows["lake_key"] < 10)],
        }
    )  # fmt: skip
    return _typed("areas", frame)


def _outlines(lakes: pa.Table, areas: pa.Table) -> pa.Table:
    """The newest outline of each lake, with the area that `areas` has for it."""
    newest = areas.to_pandas().groupby("lake_key").last()
    frame = pd.DataFrame(
        {
            "outline_key": np.arange(LAKES),
            "lake_key": np.arange(LAKES),
            "date": newest["date"],
            "source": SOURCE,
            "geometry": lakes.column("geometry").to_pylist(),
            "area_km2": newest["area_km2"],
            "perimeter_km": 1.0,
        }
    )
    return _typed("outlines", frame)


def _events() -> pa.Table:
    frame = pd.DataFrame({"lake_key": [9], "date": [date(2019, 1, 1)], "kind": ["drainage"], "evidence": ["by hand"], "source": [SOURCE]})
    return _typed("events", frame)
