"""GeoParquet 1.1: the `geo` metadata that lets other programs read a table's WKB column as geometry."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import shapely


def geo_table(frame: pa.Table, column: str = "geometry") -> pa.Table:
    """The table with GeoParquet 1.1 metadata for one WKB column in longitude/latitude.

    No `crs` key is written: the GeoParquet 1.1 specification makes OGC:CRS84 its default.

    Args:
        frame: Any table; other metadata of its schema is kept.
        column: Its column of WKB, nulls allowed.
    """
    shapes = shapely.from_wkb(frame.column(column).to_numpy(zero_copy_only=False))
    present = shapes[~shapely.is_missing(shapes)]
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted({shape.geom_type for shape in present})}
    if len(present) and not shapely.is_empty(present).all():
        about["bbox"] = [float(edge) for edge in shapely.total_bounds(present)]
    geo = {"version": "1.1.0", "primary_column": column, "columns": {column: about}}
    return frame.replace_schema_metadata({**(frame.schema.metadata or {}), b"geo": json.dumps(geo).encode()})
