"""Every fault of a dataset folder at once: of each table by itself, and of the tables together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from data import meta, schema
from data.cache import read_table
from data.commit import current
from data.errors import DatasetError
from data.records import Fault

REQUIRED = ("lakes", "areas")
AREA_TOLERANCE = 1e-9


def dataset_faults(folder: Path) -> list[Fault]:
    """Damaged and missing files, what `schema.check` finds, and what does not fit together.

    Raises:
        DatasetError: The folder holds no readable `dataset.toml`, so it is not a dataset.
    """
    about = meta.read_meta(folder)
    tables: dict[str, pa.Table] = {}
    faults: list[Fault] = []
    for name in schema.TABLES:
        path = current(folder, f"{name}.parquet")
        if not path.exists() and name not in REQUIRED:
            continue
        try:
            tables[name] = read_table(path)
        except DatasetError as error:
            faults.append(Fault(name, None, None, error.what, error.remedy))
    faults += [fault for name, table in tables.items() for fault in schema.check(table, name, tables)]
    told = {(fault.table, fault.column) for fault in faults}
    drawn = [name for name in ("lakes", "outlines") if name in tables and (name, "geometry") not in told]
    together = not faults
    faults += [fault for name in drawn for fault in _shape_faults(tables[name], name)]
    # What the tables say of each other means something only where each by itself is right.
    if not together:
        return faults
    faults += _lakes_without_areas(tables)
    if "outlines" in tables:
        faults += _outlines_without_areas(tables)
    if about.default_source is not None and about.default_source not in set(tables["areas"].column("source").to_pylist()):
        found = f"default_source is {about.default_source!r}, which no area has"
        faults.append(Fault("dataset.toml", None, "default_source", found, "name a source of areas.parquet"))
    return faults


def _shape_faults(table: pa.Table, name: str) -> Iterator[Fault]:
    """Geometries that are no WKB, not valid, or off the globe; a table whose geometry other programs would not find."""
    if b"geo" not in (table.schema.metadata or {}):
        yield Fault(name, None, "geometry", "the GeoParquet metadata is missing", "import the dataset again, or write it with geopandas")
    blobs = table.column("geometry").to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    written = np.array([blob is not None for blob in blobs], dtype=bool)
    wrong = written & (shapely.is_missing(shapes) | ~shapely.is_valid(shapes))
    bounds = np.abs(shapely.bounds(shapes)).reshape(-1, 4)
    off = written & ~wrong & (bounds > (180, 90, 180, 90)).any(axis=1)
    for rows, found, remedy in (
        (wrong, "it is not a valid geometry", "mend it and import it again"),
        (off, "it lies off the globe", "store longitude and latitude"),
    ):
        for row in np.flatnonzero(rows)[: schema.ROWS_SHOWN]:
            yield Fault(name, int(row), "geometry", found, remedy)


def _lakes_without_areas(tables: dict[str, pa.Table]) -> Iterator[Fault]:
    bare = set(tables["lakes"].column("lake_key").to_pylist()) - set(tables["areas"].column("lake_key").to_pylist())
    if bare:
        listed = ", ".join(map(str, sorted(bare)[:10]))
        yield Fault("lakes", None, "lake_key", f"{len(bare)} lakes have no area ({listed} …)", "drop them, or add their areas")


def _outlines_without_areas(tables: dict[str, pa.Table]) -> Iterator[Fault]:
    """An outline stands for an observation, so `areas` has it with the same area."""
    keys = ["lake_key", "date", "source"]
    areas = tables["areas"].to_pandas()
    held = areas[areas["threshold"].isna()][[*keys, "area_km2"]]
    both = tables["outlines"].select([*keys, "area_km2"]).to_pandas().merge(held, on=keys, how="left", suffixes=("", "_held"))
    lone = both["area_km2_held"].isna()
    off = ~lone & ((both["area_km2"] - both["area_km2_held"]).abs() > AREA_TOLERANCE * both["area_km2"].clip(lower=1))
    for rows, found, remedy in (
        (lone, "no area has its lake, date and source", "add that area"),
        (off, "its area is not that of areas.parquet", "import the outline again"),
    ):
        for row in np.flatnonzero(rows.to_numpy())[: schema.ROWS_SHOWN]:
            yield Fault("outlines", int(row), "area_km2", found, remedy)
