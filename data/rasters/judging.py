"""What is asked of any raster before a pixel of it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasterio.io import DatasetReader

from data.errors import RasterError

MOST_BYTES = 256 * 2**20
"""What one read may bring into memory, and what one block of a file may hold."""
MOST_BANDS = 64
GDAL: dict[str, Any] = {"GDAL_CACHEMAX": 64, "GDAL_NUM_THREADS": "1", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
AGAIN = "copy the file again from where it came, or take it out of the folder"


def judge(path: Path | str, dataset: DatasetReader) -> None:
    """Raise RasterError where a raster declares bands or blocks that memory does not hold; `path` is what messages call it."""
    if not 1 <= dataset.count <= MOST_BANDS:
        raise RasterError(f"{path} has {dataset.count} bands", f"keep 1 to {MOST_BANDS}")
    if min(dataset.width, dataset.height) < 1:
        raise RasterError(f"{path} has {dataset.width} × {dataset.height} pixels", AGAIN)
    for (rows, columns), kind in zip(dataset.block_shapes, dataset.dtypes, strict=True):
        held = rows * columns * np.dtype(kind).itemsize * dataset.count
        if held > MOST_BYTES:
            raise RasterError(
                f"{path} declares {dataset.width} × {dataset.height} pixels in blocks of {columns} × {rows}: one block takes "
                f"{held / 2**20:,.0f} MB of memory",
                "write it anew in tiles, e.g. gdal_translate -of COG -co BLOCKSIZE=256",
            )
