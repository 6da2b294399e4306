"""Masks as pictures and outlines: exact to the pixel."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.writing import write_mask
from modules.image_urls import mask_url, rings_url
from modules.images.colours import mask_colour
from modules.images.masks import edge_rings, mask_png, mask_rings, shrunk
from modules.images.pixels import Pixels
from tests.datasets import SOURCE
from tests.image_cases import LAKE, Served, plain_dataset
from tests.probable_dataset import SEGMENTER, probability, probable_dataset
from tests.scene_dataset import lake_grid, lake_water


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(plain_dataset(tmp_path_factory.mktemp("masks") / "plain"))


def shoelace(ring: list[list[int]]) -> float:
    """Signed area of a closed ring."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(ring)) / 2


def filled(rings: list[list[list[int]]], shape: tuple[int, int]) -> np.ndarray:
    """The oracle: a pixel is inside where a ray from its middle to the left crosses an odd number of edges."""
    inside = np.zeros(shape, dtype=bool)
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            if x0 == x1:
                inside[min(y0, y1) : max(y0, y1), x0:] ^= True
    return inside


def test_the_picture_of_a_mask_is_the_mask(served: Served) -> None:
    status, headers, body = served.get(mask_url(served.store, served.scene(1), "label"))
    assert (status, headers["content-type"]) == (200, "image/png")
    picture = Image.open(io.BytesIO(body))
    assert picture.mode == "P"
    shown = np.asarray(picture.convert("RGBA"))
    water = lake_water(LAKE, 2019)
    np.testing.assert_array_equal(shown[..., 3] == 255, water)
    np.testing.assert_array_equal(shown[..., 3] == 0, ~water)
    assert {tuple(colour) for colour in shown[water][:, :3].tolist()} == {mask_colour("label")}
    assert mask_colour("label") != mask_colour(SOURCE)
    assert len(body) < 1000


def test_outlines_tell_own_water_from_other(served: Served) -> None:
    status, headers, body = served.get(rings_url(served.store, served.scene(2), "label"))
    assert (status, headers["content-encoding"]) == (200, "gzip")
    told = json.loads(gzip.decompress(body))
    water, pond = lake_water(LAKE, 2023), np.zeros((512, 512), bool)
    pond[20:40, 20:40] = True
    np.testing.assert_array_equal(filled(told["own"], (512, 512)), water & ~pond)
    np.testing.assert_array_equal(filled(told["other"], (512, 512)), pond)
    assert abs(sum(map(shoelace, told["own"]))) == (water & ~pond).sum()
    assert abs(sum(map(shoelace, told["other"]))) == 400
    alone = json.loads(mask_rings(Pixels(), served.store, replace(served.scene(2), lake_key=None), "label"))
    assert alone["other"] == []
    np.testing.assert_array_equal(filled(alone["own"], (512, 512)), water)


@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_rings_hold_exactly_the_pixels(wet: np.ndarray) -> None:
    rings = edge_rings(wet)
    np.testing.assert_array_equal(filled(rings, wet.shape), wet)
    assert abs(sum(map(shoelace, rings))) == wet.sum(), "holes must run against their exteriors"


def test_a_pixel_that_nobody_knows_is_clear(served: Served, tmp_path: Path) -> None:
    stored = np.zeros((512, 512), np.uint8)
    stored[:10], stored[10:20], stored[20:30] = 255, 200, 100
    write_mask(tmp_path / "m.tif", stored, lake_grid(LAKE))
    scene = replace(served.scene(0), masks={SOURCE: tmp_path / "m.tif"})
    shown = np.asarray(Image.open(io.BytesIO(mask_png(Pixels(), served.store, scene, SOURCE))).convert("RGBA"))[..., 3]
    assert np.all(shown[10:20] == 255), "p = 1"
    assert np.all(shown[:10] == 0), "unknown"
    assert np.all(shown[20:] == 0), "p = 0.5 is not above the threshold"


def test_a_large_mask_is_shrunk_by_majority() -> None:
    rng = np.random.default_rng(3)
    wet = rng.uniform(size=(40, 60)) < 0.5
    found = shrunk(wet, 30)
    blocks = wet.reshape(20, 2, 30, 2).sum(axis=(1, 3))
    np.testing.assert_array_equal(found[blocks != 2], (blocks > 2)[blocks != 2])
    assert shrunk(wet, 60) is wet


@pytest.mark.parametrize("grid", [Grid("EPSG:32645", (10, 0, 0, 0, -10, 0), 512, 512), replace(lake_grid(LAKE), width=500)])
def test_a_mask_on_another_grid_is_refused(served: Served, tmp_path: Path, grid: Grid) -> None:
    write_mask(tmp_path / "m.tif", np.zeros(grid.shape, np.uint8), grid)
    with pytest.raises(RasterError, match="another grid"):
        mask_png(Pixels(), served.store, replace(served.scene(0), masks={SOURCE: tmp_path / "m.tif"}), SOURCE)


def test_a_picture_can_be_drawn_from_the_rings(served: Served) -> None:
    """As a browser would: Pillow's polygon, whose edges count, holds the lake and no more than its border besides."""
    told = json.loads(mask_rings(Pixels(), served.store, served.scene(0), "label"))
    drawn = Image.new("1", (512, 512))
    ImageDraw.Draw(drawn).polygon([tuple(point) for point in told["own"][0]], fill=1)
    water = lake_water(LAKE, 2016)
    water[20:40, 20:40] = False
    assert np.asarray(drawn)[water].all()
    assert np.asarray(drawn).sum() - water.sum() <= 130


def test_a_mask_at_a_threshold_is_what_lies_above_it(tmp_path: Path) -> None:
    served = Served(probable_dataset(tmp_path / "data"))
    scene = served.scene(500 + 22)
    chance = probability(5, 2022)
    for threshold in (None, 0.0, 0.35, 0.95):
        wet = chance > np.float32(0.5 if threshold is None else threshold)
        shown = np.asarray(Image.open(io.BytesIO(served.get(mask_url(served.store, scene, SEGMENTER, threshold))[2])).convert("RGBA"))
        np.testing.assert_array_equal(shown[..., 3] == 255, wet)
        told = json.loads(gzip.decompress(served.get(rings_url(served.store, scene, SEGMENTER, threshold))[2]))
        np.testing.assert_array_equal(filled(told["own"], wet.shape), wet)
        rows = served.store.areas_by_threshold(5, SEGMENTER)
        row = rows[(rows["scene_key"] == scene.scene_key) & (rows["threshold"] == (0.5 if threshold is None else threshold))]
        assert row["area_km2"].item() == pytest.approx(wet.sum() * 1e-4, rel=0.01)
