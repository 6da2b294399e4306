"""One tile about one lake as a catalogue would have it, from local files: what the unit tests of `data.stac` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from data.stac.errors import CatalogueError, plain
from data.stac.fetching import Fetcher
from data.stac.harvest import Source
from data.stac.request import Lake
from data.stac.search import Candidate
from data.stac.seasons import Window
from data.stac.signing import Signer

CRS = "EPSG:32645"
CORNER = (500_000.0, 3_090_000.0)
"""Top left corner of every tile, m."""
SIZE = 512
"""Pixels of 10 m on a side of a tile."""
SEASON = Window(2020, date(2020, 9, 1), date(2020, 11, 30))
HOST = "https://files.test"
KEYS = ("B02", "B03", "B04", "B08", "B11", "B12")
COMMON = ("blue", "green", "red", "nir", "swir16", "swir22")
TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"


def lonlat(shape: BaseGeometry) -> BaseGeometry:
    """A geometry in m of the tile's zone, in longitude and latitude."""
    move = pyproj.Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    return shapely.transform(shape, lambda points: np.column_stack(move.transform(points[:, 0], points[:, 1])))


def ground(left: float, top: float, right: float, bottom: float) -> BaseGeometry:
    """A box in m from the tile's top left corner, y down, in longitude and latitude."""
    box = shapely.box(CORNER[0] + left, CORNER[1] - bottom, CORNER[0] + right, CORNER[1] - top)
    return lonlat(shapely.segmentize(box, 50))


LAKE = Lake(7, "Lake seven", ground(2400, 2500, 2900, 3100))
FOOTPRINT = ground(0, 0, SIZE * 10, SIZE * 10)


def write_tile(path: Path, values: np.ndarray, pixel: float, crs: str | None = CRS, **more: Any) -> Path:
    """A tiled GeoTIFF at CORNER."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": values.shape[1], "height": values.shape[0], "count": 1, "dtype": values.dtype, "crs": crs,
        "transform": Affine(pixel, 0, CORNER[0], 0, -pixel, CORNER[1]), "tiled": True, "blockxsize": 64, "blockysize": 64,
        "compress": "deflate", **more,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def candidate(
    name: str = "S2A_T", day: date = date(2020, 10, 16), assets: dict[str, Any] | None = None, footprint: BaseGeometry | None = FOOTPRINT,
    collection: str = "sentinel-2-l2a", **properties: Any,
) -> Candidate:  # fmt: skip
    """An item of Sentinel-2, baseline 05.09 unless told otherwise, its files at `HOST/<name>/<key>.tif`."""
    told = {"platform": "sentinel-2a", "s2:processing_baseline": "05.09", "datetime": f"{day}T04:55:01Z", **properties}
    item = {"id": name, "collection": collection, "links": [], "properties": told, "assets": sentinel(name) if assets is None else assets}
    return Candidate(item, name, day, footprint)


def sentinel(name: str) -> dict[str, Any]:
    """Assets as Planetary Computer has them."""
    bands = {
        key: {"href": f"{HOST}/{name}/{key}.tif", "type": TIFF, "eo:bands": [{"name": key, "common_name": common}]}
        for key, common in zip(KEYS, COMMON, strict=True)
    }
    return {**bands, "SCL": {"href": f"{HOST}/{name}/SCL.tif", "type": TIFF}}


def landsat(name: str, keys: Sequence[str] = ("blue", "green", "red", "nir08", "swir16", "swir22")) -> dict[str, Any]:
    """Assets as Planetary Computer has those of Landsat."""
    bands = {key: {"href": f"{HOST}/{name}/{key}.tif", "type": TIFF, "eo:bands": [{"common_name": key}]} for key in keys}
    return {**bands, "qa_pixel": {"href": f"{HOST}/{name}/qa_pixel.tif", "type": TIFF}}


@dataclass(frozen=True)
class Asked:
    """A part of a file that was asked for."""

    path: str
    first: int
    last: int


class LocalFetcher(Fetcher):
    """Reads `HOST/…` from a folder, and writes down what is asked for; whatever is not there answers 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__(tries=1)
        self.folder = folder
        self.asked: list[Asked] = []
        self.fault: Exception | None = None

    def part(self, url: str, first: int, last: int) -> tuple[bytes, int]:
        if self.fault is not None:
            raise self.fault
        name = url.removeprefix(f"{HOST}/").partition("?")[0]
        path = self.folder / name
        if not path.is_file():
            raise CatalogueError(f"{plain(url)}: the server answers 404", "check the address")
        body = path.read_bytes()
        self.asked.append(Asked(name, first, last))
        self.bytes += len(body[first : last + 1])
        return body[first : last + 1], len(body)

    def text(self, url: str, method: str = "GET", headers: dict[str, str] | None = None, **sent: Any) -> str:
        raise AssertionError(f"{url} is not to be asked")


@dataclass
class Listed:
    """A searcher whose catalogue is a list."""

    items: list[Candidate] = field(default_factory=list[Candidate])
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[tuple[float, ...]] = field(default_factory=list[tuple[float, ...]])

    def candidates(self, bounds: tuple[float, float, float, float], window: Window, cloud_cover: float) -> list[Candidate]:
        self.asked.append((*bounds, cloud_cover))
        return [item for item in self.items if window.begins <= item.day <= window.last]


def source(folder: Path, items: list[Candidate]) -> Source:
    """A catalogue of these items whose files lie in a folder."""
    fetcher = LocalFetcher(folder)
    return Source(Listed(items), fetcher, Signer(fetcher, None))  # pyright: ignore[reportArgumentType]
