"""Pictures that are no GeoTIFFs (PNG, JPEG), as some benchmarks keep their chips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.judging import GDAL, MOST_BYTES, judge
from data.rasters.reading import read_stored
from data.rasters.stored import Stored

DRIVERS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
NOWHERE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
AGAIN = "copy the file again from where it came, or take it out of the folder"


def is_picture(path: Path) -> bool:
    """Whether the name is that of a picture."""
    return path.suffix.lower() in DRIVERS


def stored(path: Path) -> Stored:
    """A GeoTIFF or a picture as stored; a picture has no place on the ground, and its transparency is left out.

    Raises:
        RasterError: It cannot be read.
    """
    if not is_picture(path):
        return read_stored(path)
    try:
        with rasterio.Env(**GDAL), rasterio.open(path, driver=DRIVERS[path.suffix.lower()]) as dataset:
            judge(path, dataset)
            if dataset.width * dataset.height * dataset.count * 4 > MOST_BYTES:
                raise RasterError(f"{path} has {dataset.width} × {dataset.height} pixels", "cut it into chips")
            count = dataset.count - (dataset.count in {2, 4})
            values = dataset.read(list(range(1, count + 1)))
    except (RasterioError, OSError, ValueError) as error:
        raise RasterError(f"{path} cannot be read as a picture: {error}", AGAIN) from error
    names = tuple(f"band {n}" for n in range(1, count + 1))
    place = Grid("", NOWHERE, values.shape[2], values.shape[1])
    return Stored(np.asarray(values), names, (1.0,) * count, (0.0,) * count, (None,) * count, None, place)
