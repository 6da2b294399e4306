"""Masks as they were given, and brought onto the grid of a scene: against plain loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import RasterError
from data.masks import pixels
from data.masks.pixels import onto, raw_values
from data.rasters.grid import Grid
from tests.mask_folders import plain_average, plain_bilinear, plain_nearest, shifted, write_tif

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
SCENE = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), 14, 11)
shifts = st.integers(-50, 50).map(lambda n: n / 10 + 0.03)
HAIR = 1e-6
seeds = st.integers(0, 2**32 - 1)


def field(seed: int, shape: tuple[int, int], binary: bool) -> np.ndarray:
    """Random values, a tenth of them not known."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, shape).astype(float) if binary else rng.uniform(0, 1, shape)
    values[rng.uniform(size=shape) < 0.1] = np.nan
    return values


@settings(max_examples=60, deadline=None)
@given(shifts, shifts, seeds, st.sampled_from([0.8, 1.0, 2.0, 3.1]))
def test_binary_masks_take_the_nearest_value(right: float, down: float, seed: int, scale: float) -> None:
    grid = shifted(SCENE, right, down, (9, 12), scale)
    values = field(seed, grid.shape, binary=True)
    out, how = onto(values, grid, SCENE, binary=True)
    np.testing.assert_array_equal(out, plain_nearest(values, grid, SCENE))
    assert how == f"resampled (nearest) from 12 × 9 px of {grid.pixel_m:.3g} m"


@settings(max_examples=60, deadline=None)
@given(shifts, shifts, seeds, st.sampled_from([1.0, 2.0, 3.1]))
def test_probabilities_are_interpolated(right: float, down: float, seed: int, scale: float) -> None:
    grid = shifted(SCENE, right, down, (9, 12), scale)
    values = field(seed, grid.shape, binary=False)
    out, how = onto(values, grid, SCENE, binary=False)
    expected = plain_bilinear(values, grid, SCENE)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-9)
    assert "bilinear" in how


@settings(max_examples=40, deadline=None)
@given(shifts, shifts, seeds, st.sampled_from([0.1, 0.25, 0.3, 0.5]), st.booleans())
def test_finer_masks_are_averaged_over_each_pixel(right: float, down: float, seed: int, scale: float, binary: bool) -> None:
    grid = shifted(SCENE, right / 3, down / 3, (33, 41), scale)
    values = field(seed, grid.shape, binary)
    out, how = onto(values, grid, SCENE, binary)
    expected = plain_average(values, grid, SCENE)
    if binary:
        decided = np.abs(expected - 0.5) > HAIR
        np.testing.assert_array_equal(out[decided], (expected > 0.5)[decided])
        assert "what most of a pixel is" in how
    else:
        whole = ~np.isnan(expected)
        np.testing.assert_allclose(out[whole], expected[whole], rtol=0, atol=HAIR)
        assert "average" in how


def test_a_mask_in_another_crs_lies_where_it_lay() -> None:
    scene = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), 60, 60)
    lonlat = Grid("EPSG:4326", (1e-4, 0, 85.985, 0, -1e-4, 27.125), 150, 150)
    rows, columns = np.mgrid[:150, :150] + 0.5
    for values, axis in ((columns, 0), (rows, 1)):
        out, _ = onto(values, lonlat, scene, binary=False)
        middles = shapely.points(*(np.mgrid[:60, :60][::-1].reshape(2, -1) + 0.5))
        there = shapely.get_coordinates(lonlat.to_pixels(scene.to_lonlat(shapely.GeometryCollection(list(middles)))))
        np.testing.assert_allclose(out.ravel(), there[:, axis], atol=0.05)


def test_the_scenes_own_grid_is_left_alone() -> None:
    values = field(1, SCENE.shape, binary=False).astype(np.float32)
    out, how = onto(values, SCENE, SCENE, binary=False)
    assert out is values
    assert how == ""


def test_a_mask_that_lies_nowhere_is_taken_where_it_fits(tmp_path: Path) -> None:
    values = field(2, SCENE.shape, binary=True)
    nowhere = pixels.grid_of(write_tif(tmp_path / "a.tif", values))
    out, how = onto(values, nowhere, SCENE, binary=True)
    assert out is values
    assert "pixel for pixel" in how
    larger = Grid("", nowhere.transform, SCENE.width + 1, SCENE.height)
    with pytest.raises(RasterError, match=r"mask \(15 × 11 px\) or its scene \(14 × 11 px\) has no coordinate system"):
        onto(field(2, larger.shape, binary=True), larger, SCENE, binary=True)
    placed = Grid("", (10, 0, 3, 0, -10, 4), *SCENE.shape[::-1])  # it says where it lies, but not in which system
    with pytest.raises(RasterError, match="no coordinate system"):
        onto(values, placed, Grid("", SCENE.transform, *SCENE.shape[::-1]), binary=True)


def test_a_mask_elsewhere_is_known_nowhere() -> None:
    far = shifted(SCENE, 1000, 0)
    assert np.isnan(onto(np.ones(far.shape), far, SCENE, binary=False)[0]).all()


def test_values_come_in_the_type_of_the_file(tmp_path: Path) -> None:
    floats = np.array([[0.25, np.nan], [np.inf, -9999]], np.float32)
    values, absent = raw_values(write_tif(tmp_path / "f.tif", floats, nodata=-9999))
    assert values.dtype == np.float32
    assert absent.tolist() == [[False, True], [True, True]]
    values, absent = raw_values(write_tif(tmp_path / "b.tif", np.array([[0, 7], [255, 1]], np.uint8), nodata=255))
    assert values.dtype == np.uint8
    assert absent.tolist() == [[False, False], [True, False]]


def test_a_nodata_value_of_zero_is_background(tmp_path: Path) -> None:
    _, absent = raw_values(write_tif(tmp_path / "a.tif", np.eye(4, dtype=np.uint8), nodata=0))
    assert not absent.any()


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.array([[0, 100]], np.uint8))
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.01,), (0.0,)
    assert raw_values(path)[0].tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("values", "says"),
    [(np.zeros((3, 4, 4), np.uint8), "has 3 bands, a mask has one"), (np.zeros((4, 4), np.complex64), "holds complex64")],
)
def test_what_is_no_mask_is_refused(tmp_path: Path, values: np.ndarray, says: str) -> None:
    path = write_tif(tmp_path / "a.tif", values, count=len(values) if values.ndim == 3 else 1)
    with pytest.raises(RasterError, match=says):
        raw_values(path)


def test_a_mask_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "MOST_PIXELS", 15)
    with pytest.raises(RasterError, match="4 × 4 pixels"):
        raw_values(write_tif(tmp_path / "a.tif", np.zeros((4, 4), np.uint8)))
