"""What a reader hands on: a table, its geometries in longitude/latitude, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file.

    Args:
        layer: The layer of a GeoPackage that holds several.
        crs: The coordinate reference system of a file that states none, e.g. `EPSG:32645`.
    """

    layer: str | None = None
    crs: str | None = None


@dataclass(frozen=True)
class Layer:
    """One table of an input file.

    Args:
        file: The name of the file, for messages; for a member of a zip, `archive.zip/member.shp`.
        stem: The name that may hold a date and names the source: the file's, or the layer's.
        frame: (N rows) the attributes, index 0 … N-1.
        shapes: (N,) shapely geometries in longitude/latitude (OGC:CRS84), None where a row has none; or no geometry column at all.
        facts: What the format itself says of the data: `source`, `citation`, `lake_id`, `notes`.
    """

    file: str
    stem: str
    frame: pd.DataFrame
    shapes: NDArray[np.object_] | None = None
    facts: dict[str, str] = field(default_factory=dict[str, str])


def geographic(shapes: NDArray[np.object_], crs: Any, file: str, options: ReadOptions) -> NDArray[np.object_]:
    """The shapes in longitude/latitude, without z; coordinates that cannot be transformed become infinite.

    Args:
        shapes: (N,) geometries, None allowed.
        crs: What the file says: anything pyproj understands, or None.
        file: Its name, for messages.
        options: `crs` is used only where the file says nothing.

    Raises:
        InputError: The coordinate system is neither stated nor given, or is not known.
    """
    stated = crs if crs is not None else options.crs
    if stated is None:
        raise InputError(
            f"{file} does not say its coordinate reference system (a shapefile says it in a .prj file)",
            "add it to the file, or give it with --crs, e.g. --crs EPSG:4326",
        )
    try:
        system = CRS.from_user_input(stated)
    except CRSError:
        raise InputError(
            f"{file}: the coordinate reference system {str(stated)[:80]!r} is unknown", "give it as --crs EPSG:NUMBER"
        ) from None
    flat = shapely.force_2d(shapes)
    if (system.is_geographic and system.to_epsg() in {4326, 4979}) or system == CRS("OGC:CRS84"):
        return flat
    transform = Transformer.from_crs(system, "OGC:CRS84", always_xy=True)
    return transformed(flat, transform)


def transformed(shapes: NDArray[np.object_], transform: Transformer) -> NDArray[np.object_]:
    """(N,) shapes with their coordinates transformed; None stays None."""

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shapes, moved)
