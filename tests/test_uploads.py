"""What visitors hand in: every kind of file gets its answer, in words about the file by its own name, from a process within limits."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from data.confined import end
from data.errors import InputError, RasterError
from data.rasters.grid import Grid
from data.rasters.writing import DIGEST, write_scene
from data.scenes.wish import Options
from data.uploads import Upload, read_upload, taken
from tests.bad_rasters import SECRET, bad_dataset
from tests.scene_dataset import BANDS, lake_grid

NAME = "my scene 2021-10-03.tif"
PLACE = {"driver": "GTiff", "width": 64, "height": 48, "crs": "EPSG:32645"}
NORTH_UP = rasterio.Affine(10, 0, 500000, 0, -10, 3100000)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, _ = bad_dataset(tmp_path_factory.mktemp("uploads"))
    return folder / "scenes"


def written(path: Path, values: np.ndarray, bands: tuple[str, ...] = (), **more: Any) -> Path:
    with rasterio.open(path, "w", **{**PLACE, "transform": NORTH_UP, "count": len(values), "dtype": values.dtype.name, **more}) as made:
        made.write(values)
        if bands:
            made.descriptions = bands
    return path


def take(path: Path, folder: Path, options: Options | None = None, name: str = NAME) -> Upload:
    return taken(path, name, options or Options(), folder)


REFUSED = {
    "text": ("no GeoTIFF", "upload a GeoTIFF"),
    "empty": ("no GeoTIFF", "upload a GeoTIFF"),
    "vrt": ("only points at other files", "gdal_translate"),
    "80 GB": (r"declares 82,000 × 82,000 pixels of 6 bands \(75.1 GB\)", "cut it to the lake's surroundings"),
    "one strip": (r"one block takes", "tiles"),
    "cut 50": ("cannot be read as a GeoTIFF", "copy the file again"),
    "flipped": ("cannot be read as a GeoTIFF|is damaged", "copy the file again"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_taken_is_refused_by_its_own_name(bad: Path, tmp_path: Path, kind: str) -> None:
    path = shutil.copy(bad / f"{kind}.tif", tmp_path / "0.tif")
    with pytest.raises(RasterError, match=REFUSED[kind][0]) as refused:
        take(path, tmp_path)
    assert REFUSED[kind][1] in refused.value.remedy
    assert NAME in refused.value.what
    assert str(tmp_path) not in str(refused.value)
    assert SECRET not in str(refused.value)
    assert list(tmp_path.glob("*.npy")) == []


def test_a_good_scene_is_read_as_what_it_means(tmp_path: Path) -> None:
    values = np.random.default_rng(1).uniform(0.01, 0.4, (6, 512, 512)).astype(np.float32)
    values[:, 0, 0] = np.nan
    write_scene(tmp_path / "0.tif", values, BANDS, lake_grid(3))
    read = take(tmp_path / "0.tif", tmp_path)
    assert (read.bands, read.day, read.notes) == (BANDS, date(2021, 10, 3), ())
    assert read.grid.same(lake_grid(3))
    np.testing.assert_allclose(read.pixels(), values, atol=1e-4)


def test_a_picture_is_refused_until_somebody_insists(tmp_path: Path) -> None:
    path = written(tmp_path / "0.tif", np.full((4, 48, 64), 51, dtype=np.uint8))
    with pytest.raises(RasterError, match="8-bit numbers"):
        take(path, tmp_path)
    read = take(path, tmp_path, Options(bands=("red", "green", "blue", "nir"), scale=1 / 255))
    assert read.bands == ("red", "green", "blue", "nir")
    np.testing.assert_allclose(read.pixels(), 0.2, rtol=1e-6)


def test_bands_without_names_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "0.tif", np.full((4, 48, 64), 0.1, dtype=np.float32))
    read = take(path, tmp_path)
    assert read.bands == ("band 1", "band 2", "band 3", "band 4")
    assert any("name them" in note for note in read.notes)
    with pytest.raises(RasterError, match="4 bands where 2 are named") as refused:
        take(path, tmp_path, Options(bands=("green", "nir")))
    assert "--" not in refused.value.remedy, "there is no command line on the page"
    assert take(path, tmp_path, Options(bands=("Blue", "Green", "Red", "Near infrared"))).bands == ("blue", "green", "red", "nir")


def test_numbers_that_could_mean_anything_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "0.tif", np.full((2, 48, 64), 3000, dtype=np.uint16), ("green", "nir"))
    with pytest.raises(RasterError, match="nobody knows what the whole numbers") as refused:
        take(path, tmp_path)
    assert "--" not in refused.value.remedy
    np.testing.assert_allclose(take(path, tmp_path, Options(sensor="Sentinel-2", baseline=4.0)).pixels(), 0.2, rtol=1e-6)
    np.testing.assert_allclose(take(path, tmp_path, Options(sensor="Sentinel-2", baseline=0.0)).pixels(), 0.3, rtol=1e-6)
    assert any("may not be reflectance" in note for note in take(path, tmp_path, Options(scale=1.0)).notes)


def test_a_turned_grid_is_said_and_kept(tmp_path: Path) -> None:
    turned = rasterio.Affine.translation(500000, 3100000) @ rasterio.Affine.rotation(30) @ rasterio.Affine.scale(10, -10)
    values = np.full((2, 48, 64), 0.1, dtype=np.float32)
    read = take(written(tmp_path / "0.tif", values, ("green", "nir"), transform=turned), tmp_path)
    assert any("turned by 30°" in note for note in read.notes)
    assert read.grid.pixel_m == pytest.approx(10, rel=1e-3)
    flat = rasterio.Affine(10, 0, 500000, 10, 0, 3100000)
    with pytest.raises(RasterError, match="no area"):
        take(written(tmp_path / "1.tif", values, ("green", "nir"), transform=flat), tmp_path)


def test_a_scene_without_a_place_is_said(tmp_path: Path) -> None:
    values = np.full((2, 48, 64), 0.1, dtype=np.float32)
    read = take(written(tmp_path / "0.tif", values, ("green", "nir"), crs=None), tmp_path)
    assert any("no coordinate reference system" in note for note in read.notes)


@pytest.mark.parametrize("blocks", [{"blockysize": 5}, {"tiled": True, "blockxsize": 16, "blockysize": 16, "interleave": "pixel"}])
def test_parts_make_up_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: dict[str, Any]) -> None:
    values = np.random.default_rng(2).uniform(-1, 9, (3, 48, 64)).astype(np.float32)
    values[1, 3:20, 7] = np.nan
    path = written(tmp_path / "0.tif", values, ("nir", "elevation", "green"), **blocks)
    whole = take(path, tmp_path)
    for most in (1, 5000, 20_000):
        monkeypatch.setattr("data.scenes.parts.MOST_PART", most)
        read = take(path, tmp_path)
        np.testing.assert_array_equal(read.pixels(), values[[0, 2]])
        assert read.notes == whole.notes != ()


def test_a_digest_is_held_to_in_parts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).uniform(0.01, 0.4, (6, 600, 512)).astype(np.float32)
    path = tmp_path / "0.tif"
    write_scene(path, values, BANDS, Grid("EPSG:32645", tuple(NORTH_UP[:6]), 512, 600))
    monkeypatch.setattr("data.scenes.parts.MOST_PART", 2**20)
    np.testing.assert_allclose(take(path, tmp_path).pixels(), values, atol=1e-4)
    with rasterio.open(path) as held:
        other = "0" * 64
        tag = held.tags()[DIGEST]
    path.write_bytes(path.read_bytes().replace(tag.encode(), other.encode()))
    with pytest.raises(RasterError, match=r"checksum differs"):
        take(path, tmp_path)


def test_the_largest_that_is_taken_fits_into_the_memory_of_a_child(tmp_path: Path) -> None:
    values = np.random.default_rng(4).integers(1000, 5000, (1, 2048, 2048), dtype=np.uint16)
    path = written(tmp_path / "0.tif", np.repeat(values, 6, axis=0), BANDS, width=2048, height=2048, interleave="pixel")
    read = read_upload(path, NAME, Options(sensor="Sentinel-2", baseline=4.0), tmp_path)
    assert read.grid.shape == (2048, 2048)
    np.testing.assert_allclose(read.pixels()[4], (values[0] - 1000.0) / 10_000, rtol=1e-6)


def test_a_process_of_its_own_says_the_same(bad: Path, tmp_path: Path) -> None:
    values = np.full((2, 48, 64), 0.1, dtype=np.float32)
    path = written(tmp_path / "0.tif", values, ("green", "nir"))
    read = read_upload(path, NAME, Options(), tmp_path)
    assert (read.bands, read.grid.shape, read.day) == (("green", "nir"), (48, 64), date(2021, 10, 3))
    np.testing.assert_array_equal(read.pixels(), values)
    with pytest.raises(RasterError, match="only points at other files"):
        read_upload(Path(shutil.copy(bad / "vrt.tif", tmp_path / "1.tif")), NAME, Options(), tmp_path)


def test_a_process_that_is_killed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "0.tif", np.full((2, 48, 64), 0.1, dtype=np.float32), ("green", "nir"))
    end()
    with monkeypatch.context() as broken:
        broken.setattr("data.confined.lane.sys.executable", shutil.which("false"))
        with pytest.raises(InputError, match=f"{NAME} came to a sudden end"):
            read_upload(path, NAME, Options(), tmp_path)
    assert read_upload(path, NAME, Options(), tmp_path).grid.shape == (48, 64), "the next one is read"
