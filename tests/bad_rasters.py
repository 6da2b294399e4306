"""Every way in which a scene's file has been seen to be bad, as real files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from data.rasters.grid import Grid
from data.rasters.writing import write_floats, write_scene
from tests.image_cases import LAKE, Case, plain_chip, write_cases
from tests.scene_dataset import BANDS, SENSOR, lake_grid, lake_water

FAR_CRS = "+proj=ortho +lat_0=-60 +lon_0=-94 +type=crs"
"""A half of the world on which the lake is not."""
SECRET = "the pixels of another file"


def bad_dataset(folder: Path) -> tuple[Path, dict[str, int]]:
    """A dataset of bad scenes of one lake, and the scene key of each kind; kinds with `fine` in their name can be drawn."""
    chip, grid = plain_chip(lake_water(LAKE, 2016)), lake_grid(LAKE)
    # Noise, so that a hundredth of the file holds more than one tile's header.
    noisy = chip * np.random.default_rng(1).uniform(0.8, 1.2, chip.shape).astype(np.float32)
    scenes = folder / "scenes"
    write_scene(scenes / "fine.tif", noisy, BANDS, grid, scale=0.001)
    whole = (scenes / "fine.tif").read_bytes()
    for share in (1, 25, 50, 99):
        (scenes / f"cut {share}.tif").write_bytes(whole[: len(whole) * share // 100])
    write_scene(scenes / "no crs.tif", chip, BANDS, Grid("", grid.transform, 512, 512), scale=0.001)
    write_scene(scenes / "fine but elsewhere.tif", chip, BANDS, Grid(FAR_CRS, grid.transform, 512, 512), scale=0.001)
    write_scene(scenes / "five bands.tif", chip[:5], BANDS[:5], grid, scale=0.001)
    gaps = chip.copy()
    gaps[2] = np.nan
    write_scene(scenes / "nan band.tif", gaps, BANDS, grid, scale=0.001)
    write_floats(scenes / "nan floats.tif", gaps, BANDS, grid)
    write_scene(scenes / "no data.tif", np.full_like(chip, np.nan), BANDS, grid, scale=0.001)
    (scenes / "vrt.tif").write_text(
        f'<VRTDataset rasterXSize="512" rasterYSize="512"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f"<SourceFilename>{scenes / 'fine.tif'}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    (scenes / "text.tif").write_text(SECRET)
    (scenes / "empty.tif").write_bytes(b"")
    (scenes / "folder.tif").mkdir()
    size: dict[str, Any] = {
        "driver": "GTiff",
        "count": 6,
        "dtype": "uint16",
        "crs": grid.crs,
        "transform": grid.transform,
        "SPARSE_OK": True,
    }
    with rasterio.open(scenes / "80 GB.tif", "w", width=82_000, height=82_000, tiled=True, compress="deflate", BIGTIFF="YES", **size):
        pass
    with rasterio.open(scenes / "one strip.tif", "w", width=82_000, height=82_000, blockysize=4_000, BIGTIFF="YES", **size):
        pass
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    (scenes / "flipped.tif").write_bytes(flipped)
    names = sorted(path.stem for path in scenes.iterdir())
    keys = {name: key for key, name in enumerate(names)}
    cases = [Case(key, f"scenes/{name}.tif", LAKE, date(2000 + key, 10, 15), SENSOR) for name, key in keys.items()]
    return write_cases(folder, cases, {SENSOR: list(BANDS)}), keys
