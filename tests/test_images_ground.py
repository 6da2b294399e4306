"""Where a scene lies, and the square about its lake."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image

from data.errors import RasterError
from modules.image_urls import THUMB, ground_url, thumb_url
from modules.images.colours import mask_colour
from modules.images.ground import LEAST, MARGIN, lake_square
from modules.images.pixels import Pixels
from modules.images.rendering import Painter
from modules.images.thumbs import Shown, square_of, thumb
from tests.datasets import SOURCE
from tests.image_cases import LAKE, Served, plain_dataset
from tests.scene_dataset import BANDS, lake_grid


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(plain_dataset(tmp_path_factory.mktemp("ground") / "plain"))


def in_px(lonlat: np.ndarray) -> np.ndarray:
    """The oracle: pyproj and the corner of the grid, nothing of ours."""
    a, _, left, _, _, top = lake_grid(LAKE).transform
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:32645", always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([(np.array(x) - left) / a, (top - np.array(y)) / a])


def test_the_ground_of_a_scene(served: Served) -> None:
    status, headers, body = served.get(ground_url(served.store, served.scene(0)))
    assert (status, headers["content-type"]) == (200, "application/json")
    told = json.loads(gzip.decompress(body))
    assert (told["width"], told["height"], told["bands"]) == (512, 512, list(BANDS))
    assert told["pixel_m"] == pytest.approx(10, abs=0.02)
    assert -2 < told["north"] < 2
    rows = served.store.outlines(LAKE)
    assert [(outline["date"], outline["source"]) for outline in told["outlines"]] == [
        (day.date().isoformat(), source) for day, source in zip(rows["date"], rows["source"], strict=True)
    ]
    for outline, raw in zip(told["outlines"], rows["geometry"], strict=True):
        expected = shapely.Polygon(in_px(shapely.get_coordinates(shapely.from_wkb(raw))))
        assert shapely.Polygon(outline["rings"][0]).symmetric_difference(expected).area < 0.02 * expected.length
    left, top, right, bottom = told["lake"]
    newest = in_px(shapely.get_coordinates(shapely.from_wkb(served.store.newest_outlines[LAKE])))
    assert left < newest[:, 0].min()
    assert right > newest[:, 0].max()
    assert right - left == bottom - top


def test_neighbours_are_the_other_lakes_in_the_frame(served: Served) -> None:
    """A frame of 60 px a side holds none; one that is drawn much larger holds lakes 1 and 3 beside lake 2."""
    from modules.images.ground import Grounds

    grid = lake_grid(LAKE)
    a, b, c, d, e, f = grid.transform
    wide = replace(grid, transform=(a * 3, b, c - 10240 + 5120, d, e * 3, f + 10240 - 5120))
    told = json.loads(Grounds().ground(served.store, served.scene(0), wide, BANDS))
    x, y = zip(*(shapely.Polygon(ring).centroid.coords[0] for ring in told["neighbours"]), strict=True)
    assert len(told["neighbours"]) >= 2
    own = shapely.Polygon(told["outlines"][0]["rings"][0])
    assert not any(own.intersects(shapely.Polygon(ring)) for ring in told["neighbours"])
    assert min(x) < own.centroid.x < max(x)
    assert all(np.isfinite(y))


def test_the_square_keeps_the_lake_in_its_middle_and_inside_the_scene(served: Served) -> None:
    scene, grid = served.scene(0), lake_grid(LAKE)
    bounds = in_px(shapely.get_coordinates(shapely.from_wkb(served.store.newest_outlines[LAKE])))
    left, top, right, bottom = lake_square(served.store, scene, grid) or (0, 0, 0, 0)
    middle = (bounds.min(axis=0) + bounds.max(axis=0)) / 2
    np.testing.assert_allclose([(left + right) / 2, (top + bottom) / 2], middle, atol=1)
    assert right - left == pytest.approx(max(LEAST, np.ptp(bounds, axis=0).max() * (1 + 2 * MARGIN)), abs=1.5)
    a, b, c, d, e, f = grid.transform
    moved = replace(grid, transform=(a, b, c + 10 * middle[0] - 100, d, e, f))
    square = lake_square(served.store, scene, moved)
    assert square is not None
    assert square[0] == 0, "a lake at the edge: the square is moved inside"
    away = replace(grid, transform=(a, b, c + 100_000, d, e, f))
    assert lake_square(served.store, scene, away) is None
    alone = replace(scene, lake_key=None)
    assert square_of(Painter(Pixels()), served.store, alone) == (0, 0, 512, 512)


def test_a_thumbnail_shows_the_lake_in_its_middle_with_its_mask_outlined(served: Served) -> None:
    scene = served.scene(0)
    painter = Painter(Pixels())
    plain = thumb(painter, served.store, scene, Shown("true", None)).astype(int)
    assert plain.shape == (THUMB, THUMB, 3)
    dark = np.argwhere(plain.sum(axis=-1) < 60)
    np.testing.assert_allclose(dark.mean(axis=0), [THUMB / 2, THUMB / 2], atol=3)
    outlined = thumb(painter, served.store, scene, Shown("true", "label")).astype(int)
    changed = np.argwhere(np.abs(outlined - plain).sum(axis=-1) > 120)
    coloured = np.argwhere(np.abs(outlined - np.array(mask_colour("label"))).max(axis=-1) < 30)
    assert len(coloured) > 100
    for side in (0, 1):
        assert abs(coloured[:, side].min() - dark[:, side].min()) <= 2
        assert abs(coloured[:, side].max() - dark[:, side].max()) <= 2
        assert changed[:, side].min() >= dark[:, side].min() - 4
    status, headers, body = served.get(thumb_url(served.store, scene, "true", SOURCE))
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert len(body) < 8000
    import io

    assert Image.open(io.BytesIO(body)).size == (THUMB, THUMB)


def test_a_coordinate_system_that_nobody_can_use_is_told(served: Served) -> None:
    local = 'LOCAL_CS["nowhere",UNIT["metre",1]]'
    with pytest.raises(RasterError, match="coordinate reference system"):
        lake_square(served.store, served.scene(0), replace(lake_grid(LAKE), crs=local))
