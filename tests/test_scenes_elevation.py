"""Elevation models under scenes: the right part of the right model, whatever grid either has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from rasterio.warp import transform

from data.errors import RasterError
from data.rasters.grid import Grid
from data.scenes.elevation import Model, best
from tests.scene_files import small_grid, write_tiff

LAKE = 2


def lonlat_dem(folder: Path, name: str, west: float, east: float) -> Path:
    """Elevation 1000 × longitude + latitude, in degrees of 1/1200, from 27.4° to 27.6° N."""
    step = 1 / 1200
    grid = Grid("EPSG:4326", (step, 0, west, 0, -step, 27.6), round((east - west) / step), 240)
    lon, lat = west + (np.arange(grid.width) + 0.5) * step, 27.6 - (np.arange(240) + 0.5) * step
    return write_tiff(folder / name, (1000 * lon[None, :] + lat[:, None])[None].astype(np.float32), grid)


def test_the_part_under_a_scene_is_cut_in_the_models_own_grid(tmp_path: Path) -> None:
    scene = small_grid(LAKE, 200)
    model = Model(lonlat_dem(tmp_path, "wide.tif", 86.0, 86.2))
    cut = best([model], scene)
    assert cut is not None
    assert cut.share == pytest.approx(1)
    cut.write(tmp_path)
    corners = np.array([[0, 0], [200, 0], [0, 200], [200, 200], [100, 0]], float)
    xs, ys = scene.to_crs(corners).T
    lons, lats = transform(scene.crs, "EPSG:4326", xs.tolist(), ys.tolist())
    with rasterio.open(tmp_path / cut.path) as written:
        assert written.crs == rasterio.CRS.from_epsg(4326)
        assert written.width * written.height < 2 * (200 * 10 / 92) ** 2
        values = written.read(1)
        for lon, lat in zip(lons, lats, strict=True):
            column, row = ~written.transform @ (lon, lat)
            assert 0 <= column < written.width
            assert 0 <= row < written.height
            assert values[int(row), int(column)] == pytest.approx(1000 * lon + lat, abs=1.1)
    time = (tmp_path / cut.path).stat().st_mtime_ns
    cut.write(tmp_path)
    assert (tmp_path / cut.path).stat().st_mtime_ns == time


def test_the_model_that_covers_all_goes_before_one_that_covers_a_part(tmp_path: Path) -> None:
    scene = small_grid(LAKE, 200)
    half, whole = Model(lonlat_dem(tmp_path, "half.tif", 86.1, 86.2)), Model(lonlat_dem(tmp_path, "whole.tif", 86.0, 86.2))
    far = Model(lonlat_dem(tmp_path, "far.tif", 87.0, 87.2))
    for models in ([half, whole, far], [far, whole, half]):
        found = best(models, scene)
        assert found is not None
        assert found.model is whole
    part = best([far, half], scene)
    assert part is not None
    assert part.share == pytest.approx(0.5, abs=0.03)
    assert best([far], scene) is None
    assert best([], scene) is None
    assert best([whole], Grid("", scene.transform, 200, 200)) is None


def test_a_model_that_lies_nowhere_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.tif"
    with rasterio.open(path, "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", transform=Affine(1, 0, 5, 0, -1, 5)) as made:
        made.write(np.zeros((1, 4, 4), np.float32))
    with pytest.raises(RasterError, match="no coordinate reference system"):
        best([Model(path)], small_grid(LAKE, 32))
