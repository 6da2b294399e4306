"""Pictures of errors against masks held beside each other by hand, pixel by pixel."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.rasters.own import own_water
from data.rasters.reading import read_bytes
from data.rasters.writing import write_mask, write_scene
from modules import image_urls as urls
from modules.image_urls import CHIP
from modules.images.colours import HALO, NO_DATA, mask_colour, rgb
from modules.images.errors import AGREED, CLEAR, FALSE, MISSED, OPACITY, VEILED, Judged, error_classes
from modules.images.ground import lake_outline
from modules.images.pixels import Pixels
from modules.images.rendering import Painter
from tests.image_cases import Case, Served, plain_chip, write_cases
from tests.scene_dataset import BANDS, SIZE, lake_grid, lake_water

LAKE, YEAR = 2, 2019
POND = np.s_[:60, :60]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """One scene: a mask that is the label moved by two columns, and knows nothing of the thirty columns on the right."""
    masks = {"label": "masks/label.tif", "unet": "masks/unet.tif"}
    folder = write_cases(tmp_path / "errors", [Case(0, "scenes/a.tif", masks=masks)])
    grid, water = lake_grid(LAKE), lake_water(LAKE, YEAR)
    stored = np.where(np.roll(water, 2, axis=1), 190, 10).astype(np.uint8)
    stored[:, -30:] = 255
    write_scene(folder / "scenes/a.tif", plain_chip(water), BANDS, grid, scale=0.001)
    write_mask(folder / "masks/label.tif", water.astype(np.uint8) * 200, grid)
    write_mask(folder / "masks/unet.tif", stored, grid)
    return Served(folder)


def picture(served: Served, address: str) -> Image.Image:
    status, _, body = served.get(address)
    assert status == 200, body
    return Image.open(io.BytesIO(body))


def classes(served: Served, scope: str) -> np.ndarray:
    return error_classes(Painter(Pixels()), served.store, served.scene(0), Judged("unet", "label", scope))


@pytest.mark.parametrize("scope", ["scene", "lake"])
def test_every_pixel_is_agreed_false_missed_or_unknown(served: Served, scope: str) -> None:
    stored, grid = read_bytes(served.scene(0).masks["unet"])
    wet, truth = (stored != 255) & (stored > 100), lake_water(LAKE, YEAR)
    if scope == "lake":
        outline = lake_outline(served.store, served.scene(0), grid)
        assert outline is not None
        wet, truth = own_water(wet, outline), own_water(truth, outline)
    expected = np.full((SIZE, SIZE), CLEAR)
    for kind, where in ((AGREED, wet & truth), (FALSE, wet & ~truth), (MISSED, ~wet & truth), (VEILED, stored == 255)):
        expected[where] = kind
    assert np.array_equal(classes(served, scope), expected)
    assert {AGREED, FALSE, MISSED} <= set(np.unique(expected).tolist())


def test_the_neighbour_is_no_error_in_the_scope_of_the_lake(served: Served) -> None:
    """The pond in the corner, two columns off: an error of the scene, none of the lake."""
    assert {FALSE, MISSED} <= set(np.unique(classes(served, "scene")[POND]).tolist())
    assert set(np.unique(classes(served, "lake")[POND]).tolist()) == {CLEAR}


def test_the_picture_keeps_every_kind_and_its_colour(served: Served) -> None:
    drawn = picture(served, urls.errors_url(served.store, served.scene(0), "unet", "label", "scene"))
    assert drawn.size == (CHIP, CHIP)
    step, whole = SIZE // CHIP, classes(served, "scene")
    kept = [whole[dy::step, dx::step] for dy in range(step) for dx in range(step)]
    assert any(np.array_equal(np.asarray(drawn), each) for each in kept), "each pixel is one of those that it stands for"
    colours = {tuple(each) for each in np.asarray(drawn.convert("RGBA")).reshape(-1, 4).tolist()}
    named = {(AGREED, rgb("agreed")), (FALSE, rgb("false")), (MISSED, rgb("missed")), (VEILED, HALO), (CLEAR, (0, 0, 0))}
    assert colours == {(*colour, OPACITY[kind]) for kind, colour in named}


def test_belief_is_drawn_from_dark_to_the_colour_of_its_source(served: Served) -> None:
    found = np.asarray(picture(served, urls.belief_url(served.store, served.scene(0), "unet", "scene")).convert("RGB"))
    dark, light = (np.rint(np.array(HALO) * (1 - share) + np.array(mask_colour("unet")) * share) for share in (10 / 200, 190 / 200))
    assert {tuple(colour) for colour in found.reshape(-1, 3).tolist()} == {tuple(dark), tuple(light), NO_DATA}
    label = np.asarray(picture(served, urls.belief_url(served.store, served.scene(0), "label", "lake")).convert("RGB"))
    assert {tuple(colour) for colour in label.reshape(-1, 3).tolist()} == {HALO, mask_colour("label")}


def test_chip_belief_and_errors_show_the_same_square(served: Served) -> None:
    store, scene = served.store, served.scene(0)
    for scope in ("lake", "scene"):
        addresses = (
            urls.chip_url(store, scene, "true", scope), urls.belief_url(store, scene, "unet", scope),
            urls.errors_url(store, scene, "unet", "label", scope),
        )  # fmt: skip
        assert len({picture(served, address).size for address in addresses}) == 1


def test_what_is_not_there_is_not_served(served: Served) -> None:
    address = urls.errors_url(served.store, served.scene(0), "unet", "label", "lake")
    assert served.get(address.replace("/lake.png", "/pond.png"))[0] == 404
    assert served.get(address.replace("/0/lake.png", "/9/lake.png"))[0] == 404
    (served.store.path / "masks/unet.tif").unlink()
    status, _, body = served.get(address)
    assert status == 404
    assert b"unet.tif" in body
