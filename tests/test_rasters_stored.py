"""Pixels as stored mean the same as rasterio's masked arrays say, whichever way they are worked out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

from data.bounded import Bounded
from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import opened, read, read_bytes, read_stored
from data.rasters.stored import Tables
from data.rasters.writing import DIGEST, HEADER, WITH_HEADER, pixel_digest, write_mask, write_scene
from tests.scene_dataset import BANDS

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
GRID = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), 300, 280)


def masked(path: Path, shape: tuple[int, int], window: tuple[int, int, int, int]) -> np.ndarray:
    """The oracle: rasterio's masked array, in float64."""
    left, top, right, bottom = window
    with opened(path) as dataset:
        size = (dataset.count, *shape)
        averaged = Resampling.average if shape != (bottom - top, right - left) else Resampling.nearest
        raw = dataset.read(window=Window(left, top, right - left, bottom - top), out_shape=size, masked=True, resampling=averaged)
        values = np.asarray(raw.data, dtype=np.float64) * np.array(dataset.scales)[:, None, None]
        values += np.array(dataset.offsets)[:, None, None]
    values[np.ma.getmaskarray(raw) | ~np.isfinite(values)] = np.nan
    return values.astype(np.float32)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "float32"])
def test_what_is_read_is_what_rasterio_says(tmp_path: Path, dtype: str) -> None:
    rng, path = np.random.default_rng(4), tmp_path / "a.tif"
    # An average of floats that comes out as 7 is data: it is rasterio that would call it none, so floats have another number for it.
    none = {"float32": (None, float("nan"), -9999), "int16": (None, 7, -9999), "int32": (None, 7, -9999)}.get(dtype, (None, 7))
    for nodata, (scale, offset), side in itertools.product(none, ((1, 0), (1e-4, -0.1)), (40, 300)):
        pixels = rng.integers(0, 120, (2, side, side)).astype(dtype)
        pixels[:, :5, :5] = nodata or 7
        if dtype == "float32":
            pixels[0, 8, 8:10] = np.nan, np.inf
        with rasterio.open(path, "w", driver="GTiff", width=side, height=side, count=2, dtype=dtype, nodata=nodata) as dataset:
            dataset.write(pixels)
            dataset.scales, dataset.offsets = (scale,) * 2, (offset,) * 2
        whole, part = (0, 0, side, side), (3, 4, 30, 31)
        np.testing.assert_array_equal(read(path).values, masked(path, (side, side), whole))
        np.testing.assert_array_equal(read(path, largest=side // 2).values, masked(path, (side // 2,) * 2, whole))
        np.testing.assert_array_equal(read(path, window=part).values, masked(path, (27, 27), part))


def test_a_mask_inside_the_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", driver="GTiff", width=300, height=300, count=1, dtype="uint16") as dataset,
    ):
        dataset.write(np.full((1, 300, 300), 9, np.uint16))
        dataset.write_mask(np.eye(300, dtype=np.uint8) * 255)
    np.testing.assert_array_equal(np.isnan(read(path).values[0]), ~np.eye(300, dtype=bool))
    painted = read_stored(path).painted(0, lambda values: np.full(values.shape, 5, np.uint8))
    np.testing.assert_array_equal(painted, np.eye(300, dtype=np.uint8) * 5)


def test_painting_by_table_is_painting_by_pixel(tmp_path: Path) -> None:
    path, rng = tmp_path / "a.tif", np.random.default_rng(1)
    values = rng.uniform(0, 1, (6, 280, 300)).astype(np.float32)
    values[:, :9] = np.nan
    write_scene(path, values, BANDS, GRID)
    stored = read_stored(path)
    assert stored.values.dtype == np.uint16

    def paint(band: np.ndarray) -> np.ndarray:
        return np.clip(band * 254 + 1.5, 1, 255).astype(np.uint8)

    plain = stored.physical([3])[0]
    np.testing.assert_array_equal(stored.painted(3, paint), np.where(np.isnan(plain), 0, paint(np.nan_to_num(plain))))
    tables: Tables = Bounded(2**20, lambda table: table.nbytes)
    for part in (stored, stored.only([1, 3, 4]), read_stored(path, [4], (20, 30, 60, 70))):
        at = part.bands.index(stored.bands[3])
        np.testing.assert_array_equal(part.painted(at, paint, tables), part.painted(at, paint))
    assert len(tables) == 1
    small = stored.part(20, 30, 60, 70)
    np.testing.assert_array_equal(small.painted(3, paint), stored.painted(3, paint)[30:70, 20:60])
    assert small.grid.transform[2] == 400_200
    assert small.grid.transform[5] == 2_999_700
    np.testing.assert_array_equal(stored.thinned(3).physical([1])[0], stored.physical([1])[0][::3, ::3])


def test_pixels_that_are_not_those_that_were_written_are_told_of(tmp_path: Path) -> None:
    scene, mask = tmp_path / "scene.tif", tmp_path / "mask.tif"
    write_scene(scene, np.full((6, 280, 300), 0.2, np.float32), BANDS, GRID)
    write_mask(mask, np.zeros((280, 300), np.uint8), GRID)
    for path, again in ((scene, lambda: read(scene)), (mask, lambda: read_bytes(mask))):
        again()
        with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as dataset:
            kept = dataset.tags()[DIGEST]
            pixels = dataset.read()
            pixels[0, 5, 5] += 1
            dataset.write(pixels)
            dataset.update_tags(**{DIGEST: kept})
        with pytest.raises(RasterError, match=r"its checksum differs"):
            again()
    read(scene, bands=["red"])  # a part of a file has no digest


@pytest.mark.parametrize("what", ["transform", "scales", "descriptions", "crs", "nodata", "pixels"])
def test_a_header_that_is_not_the_one_that_was_written_is_told_of(tmp_path: Path, what: str) -> None:
    path = tmp_path / "scene.tif"
    write_scene(path, np.full((6, 280, 300), 0.2, np.float32), BANDS, GRID)
    read(path)
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as dataset:
        match what:
            case "transform":
                dataset.transform = dataset.transform @ rasterio.Affine.translation(1e-6, 0)
            case "scales":
                dataset.scales = (*dataset.scales[:5], 0.00011)
            case "descriptions":
                dataset.descriptions = BANDS[::-1]
            case "crs":
                dataset.crs = "EPSG:32644"
            case "nodata":
                dataset.nodata = 1
            case _:  # the pixels' own digest with them
                dataset.write(dataset.read() + 1)
                dataset.update_tags(**{DIGEST: pixel_digest(dataset.read()) + WITH_HEADER})
    for part in (None, ["red"]):
        with pytest.raises(RasterError, match=r"is damaged: .*its checksum differs"):
            read(path, bands=part)


def test_files_of_before_headers_had_digests_are_read(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    write_scene(path, np.full((6, 280, 300), 0.2, np.float32), BANDS, GRID)
    with rasterio.open(path) as dataset:
        profile, pixels = dataset.profile, dataset.read()
    with rasterio.open(tmp_path / "old.tif", "w", **{**profile, "driver": "GTiff"}) as dataset:
        dataset.write(pixels)
        dataset.update_tags(**{DIGEST: pixel_digest(pixels)})
    np.testing.assert_array_equal(read(tmp_path / "old.tif").values, pixels)
    for name in (DIGEST, HEADER):  # a flipped byte in the name of a tag makes no older file of it
        (tmp_path / "flipped.tif").write_bytes(path.read_bytes().replace(name.encode(), name.lower().encode()))
        with pytest.raises(RasterError, match=r"is damaged"):
            read(tmp_path / "flipped.tif")


def test_a_band_that_is_not_there(tmp_path: Path) -> None:
    write_scene(tmp_path / "a.tif", np.full((6, 280, 300), 0.2, np.float32), BANDS, GRID)
    for numbers in ([0], [7], [1, -1]):
        with pytest.raises(RasterError, match="has no band"):
            read_stored(tmp_path / "a.tif", numbers)


def test_averaging_down_what_is_huge_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=100_000, height=100_000, count=4, dtype="uint16", tiled=True, compress="deflate", SPARSE_OK=True
    ):
        pass
    assert path.stat().st_size < 10_000_000
    with pytest.raises(RasterError, match=r"no overview to read instead \(74\.5 GB\)"):
        read(path, largest=1024)
