"""GeoParquet 1.1: the `geo` metadata that lets other programs read a table's WKB column as geometry."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data.errors import DatasetError


def shapes(blobs: NDArray[np.object_]) -> NDArray[np.object_]:
    """(N,) geometries of WKB that a dataset holds; None stays None.

    Raises:
        DatasetError: It is no WKB.
    """
    try:
        return shapely.from_wkb(blobs)
    except shapely.GEOSException as error:
        raise DatasetError(
            f"a geometry of the dataset cannot be read: {error}",
            "`python -m data check` names its row: mend it, or import anew",
        ) from error


def geo_table(frame: pa.Table, column: str = "geometry") -> pa.Table:
    """The table with GeoParquet 1.1 metadata for one WKB column in longitude/latitude.

    No `crs` key is written: the GeoParquet 1.1 specification makes OGC:CRS84 its default.

    Args:
        frame: Any table; other metadata of its schema is kept.
        column: Its column of WKB, nulls allowed.

    Raises:
        DatasetError: The column holds something else.
    """
    drawn = shapes(frame.column(column).to_numpy(zero_copy_only=False))
    present = drawn[~shapely.is_missing(drawn)]
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted({shape.geom_type for shape in present})}
    if len(present) and not shapely.is_empty(present).all():
        about["bbox"] = [float(edge) for edge in shapely.total_bounds(present)]
    geo = {"version": "1.1.0", "primary_column": column, "columns": {column: about}}
    return frame.replace_schema_metadata({**(frame.schema.metadata or {}), b"geo": json.dumps(geo).encode()})
