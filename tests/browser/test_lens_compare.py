"""Comparing two runs as a reader does: walk the pairs by keyboard, find a scene in both pictures, focus it for the whole page."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.visit import Visit

CELL, PLOT = ".m-alike-cell", ".m-lens-placed-plot .m-plot-host"
POINT = """hosts => {
    const { plot } = hosts[0].morainePlot, { xaxis, yaxis } = plot._fullLayout, { x, y, customdata } = plot.data[0];
    const at = x.indexOf(Math.max(...x));
    return [xaxis._offset + xaxis.d2p(x[at]), yaxis._offset + yaxis.d2p(y[at]), customdata[at]];
}"""
ASKED = "hosts => hosts.map(host => host.morainePlot.asked_of)"


def _pointed_at(page: Page) -> tuple[float, float, int]:
    """Point at a scene until both pictures ask of it: while something above them still grows it moves away under the pointer.

    Returns:
        Where it is in the first picture, and its key.
    """
    plots, asks = page.locator(PLOT), "([plot, key]) => [...document.querySelectorAll(plot)].every(e => e.morainePlot.asked_of === key)"
    for patience in (2_000, 4_000, 8_000, 16_000):
        left, top, scene = plots.evaluate_all(POINT)
        page.mouse.move(0, 0)
        plots.first.hover(position={"x": left, "y": top})
        try:
            page.wait_for_function(asks, arg=[PLOT, scene], timeout=patience)
        except TimeoutError:
            continue
        return left, top, scene
    raise AssertionError(f"nothing asks of scene {scene}")


def test_walk_the_pairs_and_find_a_scene_in_both_pictures(page_at: Callable[..., Visit]) -> None:
    visit = page_at("?page=lens&l.tab=compare&l.run=unet-0&l.other=unet-1")
    page = visit.page
    pressed = page.locator(f"{CELL}[aria-pressed=true]")
    said = re.compile(r"^down\.3\.3 of U-Net, seed 0 with down\.3\.3 of U-Net, seed 1: CKA 0\.\d\d$")
    expect(pressed).to_have_attribute("aria-label", said, timeout=30_000)
    expect(page.locator(".m-alike-said")).to_contain_text("95 % interval", timeout=20_000)
    pressed.focus()
    for key in ("ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(pressed).to_have_attribute("aria-label", re.compile(r"^up\.0\.0 of U-Net, seed 0 with down\.3\.0 of U-Net, seed 1"))
    expect(pressed).to_be_focused()
    expect(page).to_have_url(re.compile(r"l\.layer=up\.0\.0&l\.other_layer=down\.3\.0"))
    expect(page.locator(".m-lens-placed h3")).to_have_text(["up.0.0 of U-Net, seed 0", "down.3.0 of U-Net, seed 1"], timeout=20_000)
    page.wait_for_function("plot => [...document.querySelectorAll(plot)].every(host => host.dataset.drawn)", arg=PLOT)
    plots = page.locator(PLOT)
    left, top, scene = _pointed_at(page)
    assert plots.evaluate_all(ASKED) == [scene, scene], "the scene under the pointer is ringed in both pictures"
    plots.first.click(position={"x": left, "y": top})
    expect(page.locator(".m-lens-focus .m-lens-tile")).to_have_attribute("data-lens-scene", str(scene))
    listed = page.locator(".m-lens-differ-card .m-lens-tile").first
    listed.click()
    expect(page.locator(".m-lens-focus .m-lens-tile")).to_have_attribute("data-lens-scene", str(listed.get_attribute("data-lens-scene")))
    assert visit.complaints == []
