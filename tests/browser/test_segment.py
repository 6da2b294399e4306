"""The page Segment as a person uses it: from the scene to a mask, the brush, the series, the files; and a file that is too large."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from playwright.sync_api import Page, expect

from data.rasters.writing import write_scene
from tests.browser.scenes import painted
from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit
from tests.datasets import SOURCE
from tests.scene_dataset import BANDS, SIZE, lake_grid, lake_water, scene_dataset, scene_key

LAKE, YEAR = 8, 2020
MIDDLE = SIZE // 2
HAS_MASK = "() => moraine.segment.probability && moraine.segment.own"
Opened = Callable[..., Visit]


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> str:
    return serve(MORAINE_DATASETS=str(scene_dataset(tmp_path_factory.mktemp("segment") / "scenes"))).url


def query(model: str) -> str:
    return f"?page=segment&lake={LAKE}&scene={scene_key(LAKE, YEAR)}&model={model}"


def water(page: Page) -> np.ndarray:
    """What the browser takes for water."""
    return np.array(page.evaluate("[...moraine.segment.water()]"), dtype=bool).reshape(SIZE, SIZE)


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the scene stands on the screen, in the first picture."""
    where = """([x, y]) => { const box = moraine.segment.panels.mask.canvas.getBoundingClientRect(), { place } = moraine.segment.camera;
        return [box.left + x * place.scale + place.left, box.top + y * place.scale + place.top]; }"""
    found = page.evaluate(where, [x, y])
    return found[0], found[1]


def test_from_the_scene_to_a_mask_a_stroke_the_series_and_the_files(page_at: Opened, url: str) -> None:
    visit = page_at(f"?lake={LAKE}&scene={scene_key(LAKE, YEAR)}&model=water_index", url=url)
    page = visit.page
    painted(page, scene_key(LAKE, YEAR))
    page.locator(".m-scene").get_by_role("button", name="Segment", exact=True).click()
    expect(page.get_by_role("tab", name="Segment")).to_have_attribute("aria-selected", "true")
    page.locator(".m-segment").get_by_role("button", name="Segment", exact=True).click()
    page.wait_for_function(HAS_MASK)
    np.testing.assert_array_equal(water(page)[8:, 8:], lake_water(LAKE, YEAR)[8:, 8:])
    area = page.locator(".m-segment-figures dd").first
    before = area.inner_text()

    page.get_by_role("button", name="Paint water").click()
    page.locator('[data-segment-canvas="mask"]').scroll_into_view_if_needed()
    page.mouse.move(*spot(page, 250, MIDDLE))
    page.mouse.down()
    page.mouse.move(*spot(page, 330, MIDDLE), steps=6)
    page.mouse.up()
    expect(page.locator(".m-segment-figures")).to_contain_text("px by hand")
    expect(area).not_to_have_text(before)
    assert water(page)[MIDDLE, 250:330].all()
    page.get_by_role("button", name="Add to the series").click()
    expect(page.locator(".m-segment")).to_contain_text("Not written into the dataset")

    files: dict[str, bytes] = {}
    for words in ("GeoTIFF", "GeoJSON"):
        with page.expect_download() as download:
            page.get_by_text(f"Mask as {words}").click()
        assert download.value.suggested_filename.endswith(f"_{YEAR}-10-15_pred.{'tif' if words == 'GeoTIFF' else 'geojson'}")
        files[words] = Path(download.value.path()).read_bytes()
    with rasterio.MemoryFile(files["GeoTIFF"]) as memory, memory.open() as made:
        np.testing.assert_array_equal(made.read(1) == 1, water(page))
        assert (made.tags()["EDITED_BY_HAND"], made.tags()["MODEL"], made.tags()["SIMULATED"]) == ("yes", "water_index", "yes")
    told = json.loads(files["GeoJSON"])["features"][0]["properties"]
    assert (told["part"], told["edited_by_hand"], told["threshold"]) == ("lake", True, 0.5)

    page.get_by_role("button", name="See the series").click()
    expect(page.locator(".m-focus-line")).to_contain_text("with 1 point of this session")
    assert "page=" not in page.url
    assert visit.complaints == []


def test_the_keyboard_paints_and_takes_back(page_at: Opened, url: str) -> None:
    visit = page_at(query(f"stored:{SOURCE}"), url=url)
    page = visit.page
    page.wait_for_function(HAS_MASK)
    stored = water(page)
    page.locator('[data-segment-canvas="mask"]').focus()
    page.keyboard.press("e")
    page.keyboard.press("]")
    page.keyboard.press("Space")
    erased = stored & ~water(page)
    assert 20 < erased.sum() < 60, "about a disk of seven pixels"
    expect(page.locator(".m-segment-figures")).to_contain_text("px by hand")
    page.keyboard.press("z")
    np.testing.assert_array_equal(water(page), stored)
    expect(page.locator(".m-segment-figures")).not_to_contain_text("px by hand")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert visit.complaints == []


def test_a_file_of_ones_own_and_one_that_is_too_large(page_at: Opened, url: str, tmp_path: Path) -> None:
    visit = page_at(query("water_index"), url=url)
    page = visit.page
    wet = lake_water(LAKE, YEAR)
    write_scene(tmp_path / "mine_2031-10-03.tif", np.where(wet, 0.03, 0.25) * np.ones((6, 1, 1)) + wet * _green(), BANDS, lake_grid(LAKE))
    (tmp_path / "vrt.tif").write_text("<VRTDataset></VRTDataset>")
    with (tmp_path / "huge.tif").open("wb") as file:
        file.truncate(300_000_000)
    page.get_by_label("A GeoTIFF of your own").check()
    chooser: Any = page.locator(".m-segment input[type=file]")
    chooser.set_input_files(tmp_path / "mine_2031-10-03.tif")
    expect(page.locator(".m-segment-title")).to_have_text("mine_2031-10-03.tif")
    page.locator(".m-segment").get_by_role("button", name="Segment", exact=True).click()
    page.wait_for_function(HAS_MASK)
    np.testing.assert_array_equal(water(page), wet)
    trouble = page.locator(".m-segment .m-refused")
    chooser.set_input_files(tmp_path / "huge.tif")
    expect(trouble).to_contain_text("huge.tif has 300 MB; up to 64 MB")
    assert water(page).any(), "what was there is not disturbed"
    chooser.set_input_files(tmp_path / "vrt.tif")
    expect(trouble).to_contain_text("vrt.tif is no GeoTIFF but an XML file")
    assert visit.complaints == []


def _green() -> np.ndarray:
    return np.array([0, 0.05, 0, 0, 0, 0])[:, None, None]


def test_on_a_phone_nothing_sticks_out(page_at: Opened, url: str) -> None:
    visit = page_at(query(f"stored:{SOURCE}"), url=url, viewport=PHONE, touch=True)
    visit.page.wait_for_function(HAS_MASK)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert visit.complaints == []
