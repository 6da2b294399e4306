"""Datasets of real images for tests: three chips of reflectance with their classes, and Jökulsárlón 1991 over its relief."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import rasterio
import shapely
from numpy.typing import NDArray

from data.cache import read_table, write_table
from data.rasters.grid import Grid
from data.rasters.reading import grid_of
from data.rasters.writing import write_floats, write_mask, write_scene
from tests.image_cases import LAKE, Case, write_cases
from tests.scene_dataset import BANDS, lake_grid

CHIPS = ("landsat5", "landsat7", "sentinel2")
CLASSES = {"shadow": 0, "water": 1, "snow": 2, "land": 3, "cloud": 4}
LAGOON_BANDS = ("ndwi", "ndsi", "ndvi", "brightness")
OUTLINES = (1991, 2010)


def real_chips(root: Path) -> list[dict[str, NDArray[np.float32]]]:
    """Of each chip: `img` (6, 512, 512) reflectance and `msk` (512, 512) of CLASSES."""
    held: list[dict[str, NDArray[np.float32]]] = []
    for name in CHIPS:
        with np.load(root / "ukis-csmask-chips" / f"{name}.npz") as chip:
            held.append({"img": np.moveaxis(chip["img"], 2, 0), "msk": chip["msk"][..., 0]})
    return held


def chip_dataset(folder: Path, root: Path, lakes: Sequence[int | None] = (None, None, None)) -> Path:
    """The chips as GeoTIFFs without a place, their water as masks of `label`; with lakes, about these, dated 2020 to 2022."""
    cases: list[Case] = []
    for key, (name, chip, lake) in enumerate(zip(CHIPS, real_chips(root), lakes, strict=True)):
        grid = Grid("", (1, 0, 0, 0, 1, 0), 512, 512) if lake is None else lake_grid(lake)
        write_scene(folder / f"scenes/{name}.tif", chip["img"], BANDS, grid)
        write_mask(folder / f"masks/{name}.tif", (chip["msk"] == CLASSES["water"]).astype(np.uint8) * 200, grid)
        day = None if lake is None else date(2020 + key, 10, 1)
        cases.append(Case(key, f"scenes/{name}.tif", lake, day, name, "", masks={"label": f"masks/{name}.tif"}))
    return write_cases(folder, cases, {name: list(BANDS) for name in CHIPS}, simulated=False)


def lagoon_dataset(folder: Path, root: Path) -> Path:
    """Jökulsárlón as lake LAKE: the index rasters of 1991 as bands, ArcticDEM, outlines of 1991 and 2010."""
    bands: list[NDArray[np.float32]] = []
    for name in LAGOON_BANDS:
        with rasterio.open(root / f"jokulsarlon-vdc/landsat1991/{name}_1991.tif") as dataset:
            bands.append(dataset.read(1))
            grid = grid_of(dataset)
    write_floats(folder / "scenes/1991.tif", np.stack(bands), list(LAGOON_BANDS), grid)
    (folder / "dem.tif").write_bytes((root / "jokulsarlon-vdc/arcticdem_v4_30m.tif").read_bytes())
    case = Case(0, "scenes/1991.tif", LAKE, date(1991, 8, 15), "Landsat 5", dem="dem.tif")
    write_cases(folder, [case], {"Landsat 5": list(LAGOON_BANDS)}, simulated=False)
    _put(folder, {year: lagoon_outline(root, year).to_crs("OGC:CRS84").iloc[0] for year in OUTLINES})
    return folder


def lagoon_outline(root: Path, year: int) -> gpd.GeoSeries:
    """The largest outline of a year."""
    frame = gpd.read_file(root / f"jokulsarlon-vdc/outlines/glacial_lakes_{year}.gpkg")
    return frame.geometry.iloc[[frame.geometry.area.argmax()]]


def _put(folder: Path, lonlat: dict[int, shapely.Geometry]) -> None:
    """Give lake LAKE these outlines, by year."""
    lakes = read_table(folder / "lakes.parquet")
    shapes = [
        shapely.to_wkb(lonlat[max(lonlat)]) if key == LAKE else raw
        for key, raw in zip(lakes["lake_key"].to_pylist(), lakes["geometry"].to_pylist(), strict=True)
    ]
    write_table(folder / "lakes.parquet", lakes.set_column(lakes.column_names.index("geometry"), lakes.field("geometry"), [shapes]))
    table = read_table(folder / "outlines.parquet")
    kept = table.filter(pa.compute.not_equal(table["lake_key"], LAKE))
    like = {**kept.slice(0, 1).to_pylist()[0], "lake_key": LAKE, "source": "observatory"}
    rows = [
        {**like, "outline_key": 10_000 + year, "date": date(year, 8, 15), "geometry": shapely.to_wkb(shape)}
        for year, shape in lonlat.items()
    ]
    write_table(folder / "outlines.parquet", pa.concat_tables([kept, pa.Table.from_pylist(rows, schema=kept.schema)]))
