"""Which pixels of a tile are read, against plain loops."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from data.rasters.grid import Grid
from data.rasters.reading import grid_of
from data.stac.errors import CatalogueError
from data.stac.windows import buffered, lake_grid, lake_pixels, sampled, scene_grid
from tests.stac_cases import CORNER, CRS, LAKE, ground, write_tile

TILE = Grid(CRS, (10.0, 0.0, CORNER[0], 0.0, -10.0, CORNER[1]), 512, 512)


def inside(grid: Grid, place: shapely.Geometry) -> bool:
    left, top, right, bottom = grid.to_pixels(place).bounds
    return left >= 0 and top >= 0 and right <= grid.width and bottom <= grid.height


@pytest.mark.parametrize("box", [(2400, 2500, 2900, 3100), (0, 0, 15, 15), (5050, 5050, 5110, 5110), (100, 100, 4900, 300)])
def test_a_scene_holds_the_place_on_the_lattice_of_the_coarsest_band(box: tuple[float, float, float, float]) -> None:
    place = buffered(ground(*box), 0.002)
    grid = scene_grid(TILE, 20, place)
    assert inside(grid, place)
    assert min(grid.width, grid.height) * 10 >= 2560
    a, b, c, d, e, f = grid.transform
    assert (a, b, d, e) == (10, 0, 0, -10)
    assert (c - CORNER[0]) % 20 == (CORNER[1] - f) % 20 == grid.width % 2 == grid.height % 2 == 0
    needed = max(256, *(math.ceil(side) for side in np.ptp(np.reshape(grid.to_pixels(place).bounds, (2, 2)), axis=0)))
    assert max(grid.width, grid.height) <= needed + 4, "no wider than it must be"


def test_landsat_pixels_are_coarser_than_the_coarsest_band() -> None:
    whole = Grid(CRS, (30.0, 0.0, CORNER[0], 0.0, -30.0, CORNER[1]), 400, 400)
    grid = scene_grid(whole, 20, LAKE.outline)
    assert inside(grid, LAKE.outline)
    assert grid.width * 30 >= 2560 > (grid.width - 2) * 30


def test_lake_pixels_equal_a_plain_loop() -> None:
    lake = ground(113, 207, 391, 433).difference(ground(200, 200, 260, 330))
    grid = lake_grid(TILE, lake)
    drawn = grid.to_pixels(lake)
    touched = [[drawn.intersects(shapely.box(x, y, x + 1, y + 1)) for x in range(grid.width)] for y in range(grid.height)]
    pixels = lake_pixels(grid, lake)
    # The renderer and the loop may differ where the outline only touches a pixel's edge.
    only_edge = [[drawn.intersection(shapely.box(x, y, x + 1, y + 1)).area < 1e-6 for x in range(grid.width)] for y in range(grid.height)]
    assert ((pixels == np.array(touched)) | np.array(only_edge)).all()
    assert pixels.any(axis=0).all(), "the grid is no wider than the lake"
    assert pixels.any(axis=1).all()


@pytest.mark.parametrize("pixel", [5, 10, 20, 30])
@pytest.mark.parametrize("box", [(1000, 1200, 1400, 1700), (-300, -200, 400, 300), (2000, 2100, 9000, 2700), (-900, -900, -500, -500)])
def test_sampled_equals_a_plain_loop(tmp_path: Path, pixel: int, box: tuple[float, float, float, float]) -> None:
    size = 2560 // pixel
    values = np.random.default_rng(pixel).integers(1, 60000, (size, size)).astype(np.uint16)
    left, top, right, bottom = box
    target = Grid(CRS, (10.0, 0.0, CORNER[0] + left, 0.0, -10.0, CORNER[1] - top), int(right - left) // 10, int(bottom - top) // 10)
    with rasterio.open(write_tile(tmp_path / "t.tif", values, pixel)) as dataset:
        found = sampled(dataset, target, 7, "x")
    truth = np.full(target.shape, 7)
    for row in range(target.height):
        for column in range(target.width):
            x, y = left + 10 * column + 5, top + 10 * row + 5
            i, j = math.floor(y / pixel), math.floor(x / pixel)
            if 0 <= i < size and 0 <= j < size:
                truth[row, column] = values[i, j]
    assert (found == truth).all()


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("", TILE.transform),
        (CRS, (10.0, 1.0, CORNER[0], 1.0, -10.0, CORNER[1])),
        (CRS, (0.0, 10.0, CORNER[0], 10.0, 0.0, CORNER[1])),
        (CRS, (10.0, 0.0, CORNER[0], 0.0, 10.0, CORNER[1])),
        (CRS, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
    ],
    ids=["no crs", "turned", "on its side", "south up", "no size"],
)
def test_tiles_that_are_laid_out_otherwise_are_refused(crs: str, transform: tuple[float, float, float, float, float, float]) -> None:
    tile = Grid(crs, transform, 512, 512)
    for work in (lambda: scene_grid(tile, 20, LAKE.outline), lambda: lake_grid(tile, LAKE.outline)):
        with pytest.raises(CatalogueError, match="north up"):
            work()


def test_a_tile_at_the_other_side_of_the_world_is_refused() -> None:
    for crs, place in (("EPSG:32601", shapely.box(92.99, 0.0, 93.01, 0.01)), ("EPSG:3413", shapely.box(0.0, -90.0, 1.0, -89.9))):
        with pytest.raises(CatalogueError, match="far from the lake"):
            lake_grid(Grid(crs, TILE.transform, 512, 512), place)


def test_a_lake_that_is_too_wide_is_refused() -> None:
    with pytest.raises(CatalogueError, match="pixels"):
        scene_grid(TILE, 20, ground(0, 0, 40_000, 100))
    with pytest.raises(CatalogueError, match="pixels"):
        lake_grid(TILE, ground(0, 0, 40_000, 100))


def test_another_crs_and_absurdly_fine_pixels_are_refused(tmp_path: Path) -> None:
    target = Grid(CRS, (10.0, 0.0, CORNER[0], 0.0, -10.0, CORNER[1]), 300, 300)
    write_tile(tmp_path / "other.tif", np.ones((64, 64), np.uint16), 10, crs="EPSG:32646")
    with rasterio.open(
        tmp_path / "fine.tif", "w", driver="GTiff", width=60_000, height=60_000, count=1, dtype="uint16", crs=CRS, tiled=True,
        transform=rasterio.Affine(0.05, 0, CORNER[0], 0, -0.05, CORNER[1]), SPARSE_OK=True, BIGTIFF="YES",
    ):  # fmt: skip
        pass
    for name, said in (("other", "north up in EPSG:32645"), ("fine", "far finer")):
        with rasterio.open(tmp_path / f"{name}.tif") as dataset, pytest.raises(CatalogueError, match=said):
            sampled(dataset, target, 0, f"https://x.test/{name}.tif?sig=hush")


def test_the_surroundings_of_an_outline() -> None:
    lake = shapely.Polygon([(87.0, 28.0), (87.1, 28.0), (87.0, 28.1)])
    assert buffered(lake, 0.01).bounds == pytest.approx((86.99, 27.99, 87.11, 28.11))
    assert buffered(lake, 0).equals(lake)


def test_the_grid_that_rasterio_reads_is_the_one_that_is_written(tmp_path: Path) -> None:
    with rasterio.open(write_tile(tmp_path / "t.tif", np.ones((512, 512), np.uint8), 10)) as dataset:
        assert grid_of(dataset) == TILE
