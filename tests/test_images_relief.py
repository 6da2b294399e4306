"""Hillshade, against planes whose light is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.writing import write_floats
from modules.images.faults import MissingError
from modules.images.relief import AZIMUTHS, hillshade, hillshade_of
from tests.image_cases import Served, plain_dataset
from tests.scene_dataset import lake_grid


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(plain_dataset(tmp_path_factory.mktemp("relief") / "plain"))


def plane(east: float, north: float, pixel: float) -> np.ndarray:
    """Elevations that rise by `east` and `north` m a metre; rows run from north to south."""
    rows, columns = np.mgrid[:12, :15]
    return (1000 + pixel * (columns * east - rows * north)).astype(np.float32)


@pytest.mark.parametrize(("east", "north"), [(0.5, 0.0), (0.0, 0.3), (-0.7, 0.2), (0.4, -1.1), (-0.1, -0.1)])
def test_a_plane_is_lit_as_its_normal_says(east: float, north: float) -> None:
    normal = np.array([-east, -north, 1]) / np.sqrt(1 + east**2 + north**2)
    aspect = np.arctan2(-east, -north)
    expected = 0.0
    for azimuth in np.radians(AZIMUTHS):
        sun = np.array([np.sin(azimuth), np.cos(azimuth), 1]) / np.sqrt(2)
        expected += np.sin(aspect - azimuth) ** 2 * max(normal @ sun, 0) / 2
    np.testing.assert_allclose(hillshade(plane(east, north, 30.0), 30.0), expected, atol=1e-4)


def test_level_ground_is_lit_by_the_sine_of_the_sun_and_gaps_stay_gaps() -> None:
    heights = np.full((9, 9), 500, np.float32)
    np.testing.assert_allclose(hillshade(heights, 10), np.sqrt(0.5), atol=1e-6)
    heights[4, 4] = np.nan
    gaps = np.isnan(hillshade(heights, 10))
    assert gaps[3:6, 3:6].sum() >= 8
    assert not gaps[:3].any()
    assert hillshade(np.full((1, 1), 5, np.float32), 10).shape == (1, 1)


def test_it_lies_on_the_scenes_grid_whatever_grid_the_elevation_has(served: Served, tmp_path: Path) -> None:
    """The same slope, once on the scene's grid and once at 30 m in geographic coordinates."""
    scene, grid = served.scene(0), lake_grid(2)
    own = hillshade_of(served.store, scene, grid)
    assert own.shape == (512, 512, 3)
    lonlat = Grid("EPSG:4326", (0.0003, 0, 86.05, 0, -0.0003, 27.55), 360, 360)
    x, y = np.meshgrid(np.arange(360) + 0.5, np.arange(360) + 0.5)
    across = grid.from_crs(_utm(lonlat.to_crs(np.column_stack([x.ravel(), y.ravel()]))))[:, 0].reshape(360, 360)
    write_floats(tmp_path / "lonlat.tif", (4000 + 3.0 * (across - 0.5))[None], ["elevation"], lonlat)
    other = hillshade_of(served.store, replace(scene, dem=tmp_path / "lonlat.tif"), grid)
    assert np.abs(own.astype(int) - other)[8:-8, 8:-8].max() <= 3
    part = hillshade_of(served.store, scene, grid, (100, 50, 160, 90))
    np.testing.assert_array_equal(part[4:-4, 4:-4], own[54:86, 104:156])


def _utm(lonlat: np.ndarray) -> np.ndarray:
    import pyproj

    move = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:32645", always_xy=True)
    return np.column_stack(move.transform(lonlat[:, 0], lonlat[:, 1]))


def test_what_cannot_be_shaded_is_told(served: Served, tmp_path: Path) -> None:
    scene, grid = served.scene(0), lake_grid(2)
    with pytest.raises(RasterError, match="no elevation model"):
        hillshade_of(served.store, replace(scene, dem=None), grid)
    with pytest.raises(MissingError, match=r"gone\.tif"):
        hillshade_of(served.store, replace(scene, dem=tmp_path / "gone.tif"), grid)
    far = Grid("EPSG:32645", (10, 0, 0, 0, -10, 0), 20, 20)
    write_floats(tmp_path / "far.tif", np.ones((1, 20, 20)), ["elevation"], far)
    with pytest.raises(RasterError, match="does not cover"):
        hillshade_of(served.store, replace(scene, dem=tmp_path / "far.tif"), grid)
    write_floats(tmp_path / "nowhere.tif", np.ones((1, 20, 20)), ["elevation"], Grid("", (10, 0, 0, 0, -10, 0), 20, 20))
    with pytest.raises(RasterError, match="no coordinate reference system"):
        hillshade_of(served.store, replace(scene, dem=tmp_path / "nowhere.tif"), grid)
