"""The path that Moraine is for, on a phone's screen in the dark: a point, its image, its flipbook; by keyboard, and by touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.plots import drawn, place, significant
from tests.browser.scenes import painted
from tests.browser.server import Server
from tests.browser.strip import strip, told, year
from tests.browser.visit import PHONE, Visit
from tests.scene_dataset import LAKES, scene_dataset, scene_key

FEW = 40
"""Presses of Tab after which a person would have given up."""


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> str:
    return serve(MORAINE_DATASETS=str(scene_dataset(tmp_path_factory.mktemp("path")))).url


@pytest.fixture(params=[False, True], ids=["keyboard", "touch"])
def visit(request: pytest.FixtureRequest, page_at: Callable[..., Visit], url: str) -> Visit:
    return page_at(url=url, viewport=PHONE, theme="dark", touch=request.param)


def _first_with_images(page: Page) -> tuple[int, int, int]:
    """Rank among the lit lakes, row and key of the most significant lake that has images."""
    return next((rank, row, key) for rank in range(20) for row, key, _ in [significant(page, rank)] if key in LAKES)


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(FEW):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{FEW} presses of Tab do not reach {selector}")


def test_from_the_volcano_to_the_flipbook(visit: Visit, request: pytest.FixtureRequest) -> None:
    page = drawn(visit.page, "volcano")
    rank, row, lake = _first_with_images(page)
    by_touch = "touch" in request.node.callspec.id
    if by_touch:
        page.touchscreen.tap(*place(page, "volcano", row))
    else:
        page.locator(".m-volcano .m-plot").focus()
        for _ in range(rank + 1):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    painted(page, scene_key(lake, 2023))
    strip(page)
    assert year(page) == 2023

    if by_touch:
        page.locator(".m-scene").get_by_role("button", name="Previous clear date").tap()
    else:
        _tab_to(page, ".m-scene canvas")
        page.keyboard.press("[")
    painted(page, scene_key(lake, 2022))

    if by_touch:
        page.get_by_role("button", name="Play", exact=True).tap()
    else:
        _tab_to(page, ".m-film-frame")
        page.keyboard.press("ArrowLeft")
        painted(page, scene_key(lake, 2021))
        page.keyboard.press(" ")
    page.wait_for_function("() => moraine.evidence.scene().date.startsWith('2017')", timeout=30_000)
    if by_touch:
        page.get_by_role("button", name="Pause", exact=True).tap()
    else:
        page.keyboard.press(" ")
    painted(page, page.evaluate("moraine.evidence.at"))
    told(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert visit.complaints == []
