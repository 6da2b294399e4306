"""Real images in the scene view: chips of reflectance about a lake, and Jökulsárlón 1991 under its outlines and over its relief."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.browser.scenes import ask, painted, rectangle
from tests.browser.server import Server
from tests.browser.visit import Visit
from tests.image_cases import LAKE
from tests.real_scenes import CHIPS, CLASSES, chip_dataset, lagoon_dataset, real_chips

Opened = Callable[..., Visit]
BARE = "&layer=&outlines=none"
PIXELS = """(() => {
    const { width, height } = view.ground, ratio = devicePixelRatio;
    const to = view.camera.place, n = argument, ctx = view.detail.getContext('2d'), found = [];
    for (let row = 0; row < n; row++) for (let column = 0; column < n; column++) {
        const x = ((column + .5) / n) * width * to.scale + to.left, y = ((row + .5) / n) * height * to.scale + to.top;
        found.push([...ctx.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data].slice(0, 3));
    }
    return found;
})()"""
N = 48


def _colours(visit: Visit) -> np.ndarray:
    """(N, N, 3) colours of the detail at an even grid over the whole scene."""
    return np.array(ask(visit.page, PIXELS, N), dtype=int).reshape(N, N, 3)


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("real")
    chip_dataset(folder / "chips", real_data, (LAKE, LAKE, LAKE))
    lagoon_dataset(folder / "lagoon", real_data)
    toml = folder / "lagoon/dataset.toml"
    toml.write_text(toml.read_text().replace('name = "small"', 'name = "lagoon"'))
    return serve(MORAINE_DATASETS=f"{folder / 'chips'}:{folder / 'lagoon'}").url


@pytest.mark.parametrize("key", range(3))
def test_real_chips_open_and_their_water_is_blue_in_mndwi(page_at: Opened, url: str, real_data: Path, key: int) -> None:
    visit = page_at(f"?data=small&lake={LAKE}&scene={key}&bands=mndwi{BARE}", url=url)
    painted(visit.page, key)
    assert CHIPS[key] in visit.page.locator(".m-scene-caption").inner_text()
    for _ in range(12):
        visit.page.locator(".m-scene-detail").press("-")
    visit.page.wait_for_function("() => !moraine.scene.view.frame")
    assert rectangle(visit.page)[3] == pytest.approx(512, abs=1), "no further out than the whole of it"
    classes = real_chips(real_data)[key]["msk"]
    place = ((np.arange(N) + 0.5) / N * 512).astype(int)
    wet = classes[np.ix_(place, place)] == CLASSES["water"]
    land = classes[np.ix_(place, place)] == CLASSES["land"]
    shown = _colours(visit)
    blueness = shown[..., 2] - shown[..., 0]
    if wet.sum() > 10:
        assert np.median(blueness[wet]) > 20
    if land.sum() > 10:
        assert np.median(blueness[land]) < np.median(blueness[wet]) - 20 if wet.sum() > 10 else np.median(blueness[land]) < 20
    assert visit.complaints == []


def test_a_lagoon_of_1991_lies_under_its_outlines_and_over_its_relief(page_at: Opened, url: str) -> None:
    visit = page_at(f"?data=lagoon&lake={LAKE}&layer=&outlines=nested&relief=1", url=url)
    page = painted(visit.page, 0)
    legend = page.get_by_role("list", name="Legend", exact=True).inner_text()
    assert "1991" in legend
    assert "2010" in legend
    assert page.locator(".m-scene-north").is_visible()
    before = _colours(visit)
    page.locator(".m-scene").get_by_role("button", name="Layers").click()
    page.get_by_label("Hillshade under the image").uncheck()
    page.wait_for_function("() => !moraine.scene.view.at.relief && !moraine.scene.view.frame")
    assert np.abs(_colours(visit) - before).mean() > 2, "hillshade shows"
    offered = page.eval_on_selector_all("[data-scene=look] option:not([disabled])", "found => found.map((option) => option.value)")
    assert {"true", "ndwi", "relief"} <= set(offered)
    assert "false" not in offered, "there is no near infrared"
    assert visit.complaints == []
