"""Feature maps under a pointer and under the keys: the value, the cross in all maps, and the box of what a pixel sees of the image."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.lens.reading import Lens
from modules.lensing.state import TABS
from tests.browser.server import Server
from tests.browser.visit import SERIOUS, Visit
from tests.datasets import small_dataset
from tests.lens_cases import lens

SCENE, LAYER, ROW, COLUMN = 101, 1, 3, 12
"""The second layer: 16 × 16 cells of a crop of 32 px."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lens:
    return lens(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory, made: Lens) -> str:
    dataset = small_dataset(tmp_path_factory.mktemp("lens") / "small")
    return serve(MORAINE_DATASETS=str(dataset), MORAINE_RUNS=str(made.folder.parent.parent)).url


def share(page: Page, what: str, of: str) -> list[float]:
    """Left, top, right and bottom of one element in another, as shares of its sides."""
    inner, outer = (page.locator(each).first.bounding_box() for each in (what, of))
    assert inner
    assert outer
    left, top = (inner["x"] - outer["x"]) / outer["width"], (inner["y"] - outer["y"]) / outer["height"]
    return [left, top, left + inner["width"] / outer["width"], top + inner["height"] / outer["height"]]


def seen(made: Lens, row: int, column: int) -> list[float]:
    name = made.manifest.layers[LAYER].name
    (top, bottom), (left, right) = (made.fields()[f"{name}|{axis}"][at] / 32 for axis, at in (("rows", row), ("columns", column)))
    return [left, top, right, bottom]


def value(made: Lens, channel: int, row: int, column: int) -> float:
    name, held = made.manifest.layers[LAYER].name, made.activations()
    low, high = (float(held[f"{name}|{end}"][1, 1, channel]) for end in ("low", "high"))
    return low + (high - low) * int(held[name][1, 1, channel, row, column]) / 255


def test_a_pixel_shows_its_value_its_place_and_what_it_sees(page_at: Callable[..., Visit], url: str, made: Lens) -> None:
    page = page_at(f"?page=lens&l.tab=layers&l.run=unet-7&l.scene={SCENE}", url=url).page
    tile = page.locator(f"[data-place='{LAYER}'] .m-feature").first
    channel = int(tile.get_attribute("data-channel") or "")
    box = tile.locator(".m-feature-tile").bounding_box()
    assert box
    tile.locator(".m-feature-tile").hover(position={"x": box["width"] * (COLUMN + 0.5) / 16, "y": box["height"] * (ROW + 0.5) / 16})
    said = page.locator(".m-maps-said")
    expect(said).to_contain_text(f"down.1, map {channel + 1}, column {COLUMN + 1}, row {ROW + 1}:")
    expect(said).to_contain_text(f"{float(f'{value(made, channel, ROW, COLUMN):.3g}'):g}".replace("-", "−"))
    assert share(page, ".m-maps-field", ".m-maps-scene") == pytest.approx(seen(made, ROW, COLUMN), abs=0.01)
    places = "tile => parseFloat(getComputedStyle(tile, '::before').left) / tile.clientWidth"
    crosses = page.evaluate(f"() => [...document.querySelectorAll('.m-feature-tile')].map({places})")
    assert crosses == pytest.approx([(COLUMN + 0.5) / 16] * sum(layer.channels for layer in made.manifest.layers), abs=0.02)
    page.locator(f"[data-place='{LAYER}'] .m-feature-list").press("ArrowRight")
    expect(page.locator(".m-maps-live")).to_contain_text(f"column {COLUMN + 2}, row {ROW + 1}")
    for _ in range(20):
        page.keyboard.press("ArrowDown")  # as far as the edge, where what is seen is cut
    assert share(page, ".m-maps-field", ".m-maps-scene") == pytest.approx(seen(made, 15, COLUMN + 1), abs=0.01)
    page.keyboard.press("Enter")
    expect(page.locator(".m-maps-ends")).to_contain_text(f"down.1, map {channel + 1}")


def test_every_tab_runs_under_the_policy_and_axe_finds_nothing(page_at: Callable[..., Visit], url: str) -> None:
    """What the policy forbids the browser reports as an error, which is a complaint."""
    opened = page_at(f"?page=lens&l.run=unet-7&l.scene={SCENE}", url=url)
    page, found = opened.page, list[str]()
    page.evaluate("addEventListener('securitypolicyviolation', event => console.error(event.violatedDirective))")
    for title in TABS.values():
        tab = page.locator(".m-lens").get_by_role("tab", name=title, exact=True)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        opened.settle()
        assert opened.complaints == []
        violations = Axe().run(page, context=".m-lens .tab-pane.active").response["violations"]
        found += [f"{title}: {each['id']}" for each in violations if each["impact"] in SERIOUS]
        opened.complaints.clear()  # axe itself asks for style sheets that there are not
    assert found == []
