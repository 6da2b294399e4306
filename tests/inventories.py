"""Small lake inventories made by hand, in the schemas of public ones: repeated ids, constants, gaps, merges, splits."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from data.cache import read_table
from data.checks import dataset_faults
from data.importing.inventory import Imported, import_inventories
from data.importing.options import ImportOptions

ALBERS = "+proj=aea +lat_0=30 +lon_0=95 +lat_1=15 +lat_2=65 +x_0=0 +y_0=0 +datum=WGS84 +units=m"
UTM_45 = "EPSG:32645"
UTM_27 = "EPSG:32627"
LANDSAT = "LT05_L1TP_140041_{}_20200907"
TWIN, COPIED, CONSTANT, GAP, NEW, GROWING = (f"GL08{n}000E28000N" for n in range(1, 7))
"""Ids: two neighbouring lakes of one id; one outline written twice; never changes; missing in 2010; first seen in 2020; grows."""
EPOCHS = (2000, 2010, 2020)


def lake(x_km: float, y_km: float, width_km: float, height_km: float | None = None) -> shapely.Polygon:
    """A rectangle of these sides around a point, in metres."""
    half_x, half_y = width_km * 500, (height_km or width_km) * 500
    return shapely.box(x_km * 1000 - half_x, y_km * 1000 - half_y, x_km * 1000 + half_x, y_km * 1000 + half_y)


def frame(rows: Sequence[dict[str, Any]], crs: str | None) -> gpd.GeoDataFrame:
    """Rows with a key `geometry` as a frame."""
    return gpd.GeoDataFrame(pd.DataFrame(list(rows)), geometry="geometry", crs=crs)


def himalaya(folder: Path, epochs: Sequence[int] = EPOCHS) -> list[Path]:
    """Shapefiles `MINI_<year>.shp` in the columns and the projection of the Hindu Kush Himalaya inventories, 27 lakes."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for year in epochs:
        path = folder / f"MINI_{year}.shp"
        frame([_row(year, *case) for case in _cases(year)], ALBERS).to_file(path)
        files.append(path)
    return files


def _cases(year: int) -> list[tuple[str, shapely.Polygon, str]]:
    """(id, outline, scene id) of one epoch."""
    decade = (year - 2000) / 10
    scene = LANDSAT.format({2000: "20001012", 2010: "20081012", 2020: "20200912"}[year])
    cases = [
        (TWIN, lake(0, 0, 0.30 + 0.02 * decade), scene), (TWIN, lake(0.6, 0, 0.20), scene), (CONSTANT, lake(10, 0, 0.4), scene),
        (GROWING, lake(15, 0, 0.5 + 0.1 * decade, 0.5), scene),
    ]  # fmt: skip
    if year != 2010:
        cases.append((GAP, lake(20, 0, 0.3), "no scene"))
    cases += [(COPIED, lake(25, 0, 0.25), scene)] * (2 if year == 2010 else 1)
    if year == 2020:
        cases.append((NEW, lake(30, 0, 0.2), scene))
    return cases + [(f"GL09{n:04d}E28000N", lake(5 * n, 10, 0.2 + 0.01 * n + 0.005 * n * decade), scene) for n in range(20)]


def _row(year: int, lake_id: str, outline: shapely.Polygon, scene: str) -> dict[str, Any]:
    moved = shapely.affinity.translate(outline, -700_000, -150_000)
    return {
        "Latitude": 28.0, "Longitude": 87.0, "GLIMS_ID": lake_id, "Type": "M(e)", "M_Basin": "Ganga",
        "Basin": "Koshi", "Sub_basin": "Arun",
        "Area": round(outline.area / 1e6, 3), "Altitude": 5000 + year - 2000, "Image_ID": scene,
        "Region": f"East_{year}", "geometry": moved,
    }  # fmt: skip


def lagoon(folder: Path, years: Sequence[int] = tuple(range(2000, 2012))) -> list[Path]:
    """GeoPackages `lagoon_<year>.gpkg` without ids, in the columns of the Jökulsárlón outlines.

    The main lagoon grows by 0.5 km² a year, is broken in 2004, and missing in 2008. Its arm in the east is part of it in 2006 and 2007.
    A small lake lies apart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for year in years:
        path = folder / f"lagoon_{year}.gpkg"
        shapes = [shapely.affinity.translate(shape, 735_000, 7_115_000) for shape in lagoon_shapes(year)]
        rows = [{"area_m2": shape.area, "year": year, "geometry": shape} for shape in shapes]
        frame(rows, UTM_27).to_file(path, driver="GPKG")
        files.append(path)
    return files


def lagoon_shapes(year: int) -> list[shapely.Polygon]:
    """The outlines of one year, in metres: main lagoon (or its pieces), arm, small lake."""
    east = 4 + 0.5 * (year - 2000) / 4
    main = shapely.box(0, 0, east * 1000, 4000)
    arm = shapely.box(8000, 0, 9000, 1000)
    small = shapely.box(0, -3000, 600, -2400)
    if year == 2004:
        return [shapely.box(0, 0, 1500, 1500), shapely.box(2500, 2500, 3200, 3900), arm, small]
    if year in {2006, 2007}:
        return [shapely.union_all([main, shapely.box(0, 0, 9000, 1000)]), small]
    if year == 2008:
        return [arm, small]
    return [main, arm, small]


def geographic(shapes: Sequence[shapely.Geometry], crs: str) -> list[shapely.Geometry]:
    """Shapes of a projected system in longitude/latitude."""
    back = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    return [shapely.transform(shape, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1]))) for shape in shapes]


def table(folder: Path, text: str, name: str = "lakes.csv") -> Path:
    """A text file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


OBSERVATORY = """"doi","10.5194/essd-2025-751"
"method","Random forest"
"source","Sentinel-2"
"notes","annual composites"
"citation","Nobody et al. (2026)"

year, start date, end date, area (km²), area uncertainty, perimiter
2017, 2017-09-01, 2017-11-30, 1.200, 0.05, 5.1
2018, 2018-09-01, 2018-11-30, 1.250, 0.05, 5.2
2019, 2019-09-01, 2019-11-30, 1.300, 0.06, 5.3
"""


def imported(paths: Sequence[Path], folder: Path, options: ImportOptions = ImportOptions()) -> Imported:  # noqa: B008
    """Import, and hold the result to the schema."""
    done = import_inventories(paths, folder, options)
    assert dataset_faults(folder) == []
    return done


def table_of(folder: Path, name: str) -> pd.DataFrame:
    """A table of a dataset."""
    return read_table(folder / f"{name}.parquet").to_pandas()


def refused_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of a dataset's refused.csv."""
    with (folder / "refused.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
