"""What a reader hands on: a table, its geometries in longitude/latitude, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

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
        facts: What the format itself says of the data: `source`, `citation`, `lake_id`.
        areas_km2: (N,) the areas of the shapes in the file's own coordinate system, where that is an equal-area projection.
        warnings: What the library that read the file complained of.
        numbers: (N,) the number of each row in the file, the first being 1, where it is another than its place here.
    """

    file: str
    stem: str
    frame: pd.DataFrame
    shapes: NDArray[np.object_] | None = None
    facts: dict[str, str] = field(default_factory=dict[str, str])
    areas_km2: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()
    numbers: NDArray[np.int64] | None = None

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        """(N,) what messages call the rows."""
        return np.arange(1, len(self.frame) + 1) if self.numbers is None else self.numbers


def located(layer: Layer, crs: Any, options: ReadOptions) -> Layer:
    """The layer with its shapes, which are in the coordinate system of their file, moved to longitude/latitude.

    Where that is an equal-area projection, areas are measured in it before anything is moved: two outlines that are one but for a redundant
    corner differ by less than 1e-9 there, and by more after a change of coordinates (58 of the 402 lakes that never change in the
    Hindu Kush Himalaya inventories would seem to).

    Args:
        layer: With shapes.
        crs: What the file says: anything pyproj understands, or None.
        options: `crs` is used only where the file says nothing.

    Raises:
        InputError: The coordinate system is neither stated nor given, or is not known.
    """
    system = _system(crs, layer.file, options)
    flat = np.array(shapely.force_2d(layer.shapes), dtype=object)
    areas = None
    if "Equal Area" in (system.coordinate_operation.method_name if system.coordinate_operation else ""):
        areas = shapely.area(flat) * system.axis_info[0].unit_conversion_factor ** 2 / 1e6
    if not (system.is_geographic and system.to_epsg() in {4326, 4979}) and system != CRS("OGC:CRS84"):
        try:
            flat = transformed(flat, Transformer.from_crs(system, "OGC:CRS84", always_xy=True))
        except ProjError as error:
            what = f"{layer.file}: its coordinate reference system leads nowhere on the globe ({str(error)[:120]})"
            raise InputError(what, "mend the .prj file or the CRS that the file states") from error
    return replace(layer, shapes=flat, areas_km2=areas)


def _system(crs: Any, file: str, options: ReadOptions) -> CRS:
    stated = crs if crs is not None else options.crs
    if stated is None:
        raise InputError(
            f"{file} does not say its coordinate reference system (a shapefile says it in a .prj file)",
            "add it to the file, or give it with --crs, e.g. --crs EPSG:4326",
        )
    try:
        return CRS.from_user_input(stated)
    except CRSError:
        raise InputError(
            f"{file}: the coordinate reference system {str(stated)[:80]!r} is unknown", "give it as --crs EPSG:NUMBER"
        ) from None


def transformed(shapes: NDArray[np.object_], transform: Transformer) -> NDArray[np.object_]:
    """(N,) shapes with their coordinates transformed; None stays None."""

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shapes, moved)
