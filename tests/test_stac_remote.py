"""Files on a server read in parts; bad ones of every kind are named errors, and cost no memory."""

from __future__ import annotations

import contextlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from data.errors import RasterError
from data.rasters import ranges as module
from data.rasters.grid import Grid
from data.rasters.ranges import HEAD, RangeFile
from data.rasters.reading import grid_of
from data.stac.errors import CatalogueError, Stopped, Unreachable
from data.stac.remote import remote
from data.stac.windows import lake_grid, sampled, scene_grid
from tests.bad_rasters import SECRET, bad_dataset
from tests.stac_cases import CORNER, CRS, HOST, LAKE, LocalFetcher, write_tile

OUTLINE = shapely.box(86.097, 27.497, 86.103, 27.503)
"""Lake 2 of the dataset of bad rasters."""
READABLE = {"fine", "five bands", "nan band", "no data", "nan floats", "80 GB"}
"""Bad as scenes of a dataset; of a catalogue's file only band 1 is asked for."""


def signed(name: str) -> str:
    return f"{HOST}/{name}?sig=hush"


@pytest.fixture
def tile(tmp_path: Path) -> LocalFetcher:
    rng = np.random.default_rng(0)
    write_tile(tmp_path / "t.tif", rng.integers(0, 60000, (512, 512)).astype(np.uint16), 10)
    return LocalFetcher(tmp_path)


def test_a_window_equals_that_of_the_local_file_and_costs_its_blocks(tile: LocalFetcher) -> None:
    grid = Grid(CRS, (10.0, 0.0, CORNER[0] + 1300, 0.0, -10.0, CORNER[1] - 1300), 60, 50)
    with remote(tile, f"{HOST}/t.tif", lambda: signed("t.tif")) as dataset:
        found = sampled(dataset, grid, 0, "x")
    with rasterio.open(tile.folder / "t.tif") as local:
        assert (found == local.read(1)[130:180, 130:190]).all()
    size = (tile.folder / "t.tif").stat().st_size
    assert tile.bytes < HEAD + size * 4 / 64 + 3 * module.LEAST, "one block of 64, its neighbours, and the head"
    assert len(tile.asked) == len({(each.first, each.last) for each in tile.asked})


def test_every_read_asks_for_an_address_that_still_holds(tile: LocalFetcher) -> None:
    given: list[str] = []

    def address() -> str:
        given.append(signed("t.tif"))
        return given[-1]

    with remote(tile, f"{HOST}/t.tif", address) as dataset:
        dataset.read(1)
    assert len(given) == len(tile.asked) > 1


@pytest.mark.parametrize("error", [Unreachable("silent", "wait"), CatalogueError("403", "log in"), Stopped()])
def test_what_a_fetch_met_comes_out_as_it_was(tile: LocalFetcher, error: Exception) -> None:
    tile.fault = error
    with pytest.raises(type(error)) as caught, remote(tile, f"{HOST}/t.tif", lambda: signed("t.tif")):
        pytest.fail("nothing was opened")
    assert caught.value is error
    tile.fault = None

    def lost_on_the_way() -> None:
        with remote(tile, f"{HOST}/t.tif", lambda: signed("t.tif")) as dataset:
            tile.fault = error
            dataset.read(1)

    with pytest.raises(type(error)) as caught:
        lost_on_the_way()
    assert caught.value is error


def test_an_error_that_gdal_or_the_reader_passes_over_still_counts(tile: LocalFetcher) -> None:
    def passed_over() -> None:
        with remote(tile, f"{HOST}/t.tif", lambda: signed("t.tif")) as dataset:
            tile.fault = CatalogueError("lost", "")
            with contextlib.suppress(rasterio.errors.RasterioIOError):
                dataset.read(1)

    with pytest.raises(CatalogueError, match="lost"):
        passed_over()


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_dataset(tmp_path_factory.mktemp("bad") / "bad")[0] / "scenes"


REFUSED = {
    "cut 1": "cut short", "cut 25": "cannot be read as a GeoTIFF|cut short",
    "cut 50": "cannot be read as a GeoTIFF|cut short", "cut 99": "cannot be read as a GeoTIFF|cut short",
    "no crs": "north up in a known CRS", "vrt": "cannot be read as a GeoTIFF", "text": "cannot be read as a GeoTIFF",
    "fine but elsewhere": "far from the lake",
    "empty": "cannot be read as a GeoTIFF", "folder": "404", "one strip": "one block takes 3,754 MB of memory",
}  # fmt: skip


def test_every_kind_is_here(bad: Path) -> None:
    assert {path.stem for path in bad.iterdir()} == {*REFUSED, *READABLE, "flipped"}


def read(folder: Path, kind: str) -> None:
    """All that a harvest reads of a file, and the whole band where memory holds it."""
    fetcher, href = LocalFetcher(folder), f"{HOST}/{kind}.tif"
    with remote(fetcher, href, lambda: f"{href}?sig=hush") as dataset:
        grid = lake_grid(grid_of(dataset), OUTLINE)
        assert sampled(dataset, grid, 0, href).shape == grid.shape
        sampled(dataset, scene_grid(grid_of(dataset), 20, OUTLINE), 0, href)
        if kind != "80 GB":
            dataset.read(1)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_file_is_a_named_error_without_a_token(bad: Path, kind: str) -> None:
    with pytest.raises(CatalogueError, match=REFUSED[kind]) as caught:
        read(bad, kind)
    assert all(secret not in str(caught.value) for secret in ("hush", SECRET, str(bad)))


@pytest.mark.parametrize("kind", sorted(READABLE))
def test_what_is_bad_only_as_a_scene_is_read(bad: Path, kind: str) -> None:
    tracemalloc.start()
    try:
        read(bad, kind)
        assert tracemalloc.get_traced_memory()[1] < 64e6
    finally:
        tracemalloc.stop()


def test_a_flipped_byte_is_an_error_or_other_data_but_never_worse(bad: Path) -> None:
    with contextlib.suppress(CatalogueError):
        read(bad, "flipped")


def test_a_file_that_is_not_tiled_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 200_000)
    rng = np.random.default_rng(0)
    write_tile(tmp_path / "t.tif", rng.integers(0, 60000, (512, 512)).astype(np.uint16), 10)
    fetcher = LocalFetcher(tmp_path)
    with pytest.raises(CatalogueError, match="read whole"), remote(fetcher, f"{HOST}/t.tif", lambda: signed("t.tif")) as dataset:
        dataset.read(1)
    assert fetcher.bytes <= 200_000


@pytest.mark.parametrize("seed", range(5))
def test_a_range_file_reads_as_a_file_does(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    body = rng.bytes(60_000)
    (tmp_path / "b.tif").write_bytes(body)
    fetcher = LocalFetcher(tmp_path)
    file = RangeFile(lambda first, last: fetcher.part(signed("b.tif"), first, last), f"{HOST}/b.tif")
    with (tmp_path / "b.tif").open("rb") as plain:
        for _ in range(300):
            whence = int(rng.integers(0, 3))
            place = (
                int(rng.integers(0, 60_000)) if whence == 0 else -int(rng.integers(0, 2000)) if whence == 2 else int(rng.integers(0, 50))
            )
            size = int(rng.integers(-1, 9000))
            assert file.seek(place, whence) == plain.seek(place, whence)
            assert file.read(size) == plain.read(size)
            assert file.tell() == plain.tell()
        firsts, sizes = rng.integers(0, 50_000, 20).tolist(), rng.integers(1, 9000, 20).tolist()
        assert file.get_byte_ranges(firsts, sizes) == [body[a : a + n] for a, n in zip(firsts, sizes, strict=True)]
    assert file.fault is None
    assert file.get_byte_ranges([59_990], [50]) == [body[-10:] + bytes(40)]
    assert isinstance(file.fault, RasterError)


def test_the_lake_of_the_cases_lies_on_the_tile(tile: LocalFetcher) -> None:
    with remote(tile, f"{HOST}/t.tif", lambda: signed("t.tif")) as dataset:
        grid = lake_grid(grid_of(dataset), LAKE.outline)
    assert (grid.width, grid.height) in {(50, 60), (51, 61), (51, 60), (50, 61), (52, 62), (51, 62), (52, 61)}
