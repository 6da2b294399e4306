"""Brush to images as a person does it: exactly the points inside the lasso, each with its own image, and a click goes to lake and date."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from data.store import Store
from modules.image_urls import thumb_url
from modules.links.packing import packed_keys
from modules.observations import drawn_observations
from tests.browser.plots import ask, drawn
from tests.browser.visit import PHONE, Visit
from tests.datasets import SOURCE
from tests.scene_dataset import BROKEN, CLOUDY, MISSING, scene_key

CORNERS = 24
NEAR_PX = 3.0
"""plotly straightens a lasso by a pixel or two: a point so near to its edge may fall on either side."""
Observation = tuple[int, str]
"""lake_key, date."""


@pytest.fixture(scope="module")
def store(scenes: Path) -> Store:
    return Store(scenes)


@pytest.fixture
def open_at(page_at: Callable[..., Visit], scenes_url: str) -> Callable[..., Visit]:
    """`open_at(focus, lakes, more="&log_area=1", …)`: the page with these lakes brushed, its series drawn."""

    def opened(focus: int, lakes: list[int], more: str = "", **options: object) -> Visit:
        visit = page_at(f"?lake={focus}&pick={packed_keys(lakes)}{more}", url=scenes_url, **options)
        drawn(visit.page, "volcano", "series")
        visit.page.locator(".m-series").scroll_into_view_if_needed()
        return visit

    return opened


def _shots(page: Page) -> list[tuple[int, str]]:
    """(lake_key, day) of every image (or what stands in for it) in the gallery."""
    found = page.eval_on_selector_all(
        ".m-shot", "shots => shots.map(s => [Number(s.dataset.lake), s.querySelector('.m-shot-day').textContent])"
    )
    return [(lake, day) for lake, day in found]


def _brushed(page: Page, count: int | None = None) -> list[Observation]:
    page.wait_for_function(
        "count => count === null ? document.querySelectorAll('.m-shot').length > 0 : document.querySelectorAll('.m-shot').length === count",
        arg=count,
    )
    return sorted(_shots(page))


def _loaded(page: Page, count: int) -> None:
    """Wait until so many images are there, to the last byte."""
    page.wait_for_function(
        "count => [...document.querySelectorAll('.m-shot img')].filter(i => i.complete && i.naturalWidth === 128).length === count",
        arg=count,
    )


def _ellipse(page: Page, centre: tuple[float, float], radii: tuple[float, float]) -> list[tuple[float, float]]:
    """Corners of an ellipse, in pixels of the plot; centre and radii are shares of the area between the axes."""
    left, top, wide, high = ask(
        page, "series", "(f => [f.xaxis._offset, f.yaxis._offset, f.xaxis._length, f.yaxis._length])(plot.plot._fullLayout)"
    )
    x, y = left + centre[0] * wide, top + centre[1] * high
    return [
        (x + radii[0] * wide * math.cos(k * math.tau / CORNERS), y + radii[1] * high * math.sin(k * math.tau / CORNERS))
        for k in range(CORNERS)
    ]


def _drag(page: Page, corners: list[tuple[float, float]]) -> None:
    box = page.locator(".m-series .m-plot").bounding_box()
    assert box is not None
    points = [(box["x"] + x, box["y"] + y) for x, y in [*corners, corners[0]]]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
        page.evaluate("new Promise(requestAnimationFrame)")  # a busy page takes several moves for one
    page.mouse.up()


def _inside(corners: list[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a point lies in a polygon: a ray to the right crosses its edges an odd number of times."""
    crossings = 0
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            crossings += 1
    return crossings % 2 == 1


def _from_edge(corners: list[tuple[float, float]], x: float, y: float) -> float:
    """Pixels from a point to the nearest edge."""
    nearest = math.inf
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
        along = min(max(along, 0), 1)
        nearest = min(nearest, math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
    return nearest


def _seen(page: Page, store: Store, lakes: list[int]) -> dict[Observation, tuple[float, float]]:
    """Where each observation of these lakes is drawn, in pixels of the plot."""
    rows = drawn_observations(store, lakes, store.settings())
    pixels = ask(
        page, "series",
        "(f => more.at.map(([x, y]) => [f.xaxis._offset + f.xaxis.d2p(x), f.yaxis._offset + f.yaxis.d2p(y)]))(plot.plot._fullLayout)",
        at=list(zip(rows["year"].tolist(), rows["area_km2"].tolist(), strict=True)),
    )  # fmt: skip
    keys = zip(rows["lake_key"].tolist(), rows["date"].dt.strftime("%Y-%m-%d"), strict=True)
    return {(lake, day): (x, y) for (lake, day), (x, y) in zip(keys, pixels, strict=True)}


@pytest.mark.parametrize("log", ["", "&log_area=1"], ids=["linear", "log"])
def test_a_lasso_over_three_lakes_gives_exactly_the_points_inside(open_at: Callable[..., Visit], store: Store, log: str) -> None:
    lakes = [8, 0, 1]
    visit = open_at(8, lakes, log)
    page = visit.page
    seen = _seen(page, store, lakes)
    shapes = [_ellipse(page, (0.55, 0.4), (wide / 100, 0.33)) for wide in range(24, 40)]
    corners = next(shape for shape in shapes if all(_from_edge(shape, *at) > NEAR_PX for at in seen.values()))
    _drag(page, corners)
    expected = sorted(key for key, at in seen.items() if _inside(corners, *at))
    found = _brushed(page)
    assert found == expected
    assert {lake for lake, _ in found} == set(lakes)
    assert 0 < len(found) < len(seen)
    assert page.locator(".m-gallery-said").inner_text() == f"{len(found)} of {len(found)} images, 3 lakes · simulated"
    page.locator(".m-series-note").get_by_text(f"{len(found)} observations of 3 lakes brushed").wait_for()
    page.wait_for_function("n => document.querySelector('.m-series .m-plot-host').dataset.marked === String(n)", arg=len(found))
    _loaded(page, len(found))
    assert visit.complaints == []


def _dark_share(shot: Locator) -> float:
    """The share of an image's pixels that is dark: water, in these scenes."""
    return shot.locator("img").evaluate(
        """image => {
            const pen = Object.assign(document.createElement('canvas'), { width: 128, height: 128 }).getContext('2d');
            pen.drawImage(image, 0, 0);
            const { data } = pen.getImageData(0, 0, 128, 128);
            let dark = 0;
            for (let i = 0; i < data.length; i += 4) dark += data[i] + data[i + 1] + data[i + 2] < 90;
            return dark / (128 * 128);
        }"""
    )


def test_each_thumbnail_is_of_its_own_lake_and_date(open_at: Callable[..., Visit], store: Store) -> None:
    visit = open_at(8, [0, 1, 8])
    page = visit.page
    page.get_by_role("button", name="All lakes' dates").click()
    assert _brushed(page, 24) == sorted(_seen(page, store, [0, 1, 8]))
    _loaded(page, 24)
    for lake in (0, 1, 8):
        shares = []
        for scene in store.scenes.of_lake(lake):
            shot = page.locator(f'.m-shot[data-scene="{scene.scene_key}"]')
            assert shot.get_attribute("data-lake") == str(lake)
            assert shot.locator("img").get_attribute("src") == thumb_url(store, scene, "true", SOURCE)
            assert scene.date is not None
            assert scene.date.isoformat() in (shot.locator("img").get_attribute("alt") or "")
            shares.append(_dark_share(shot))
        # The water of each lake grows to the east by four pixels a year, later beyond the edge of the thumbnail.
        assert all(a < b for a, b in pairwise(shares[:4])), (lake, shares)
        assert all(a < b + 0.01 for a, b in pairwise(shares)), (lake, shares)
    heads = page.locator(".m-gallery-table thead th").all_inner_texts()
    assert heads == ["Lake", *map(str, range(2016, 2024))]
    assert visit.complaints == []


def test_a_click_or_enter_focuses_that_lake_and_date_and_rings_it(open_at: Callable[..., Visit]) -> None:
    visit = open_at(8, [0, 8])
    page = visit.page
    page.get_by_role("button", name="All lakes' dates").click()
    _brushed(page, 16)
    for lake, year, press in ((8, 2018, "click"), (0, 2021, "click"), (0, 2017, "Enter"), (8, 2020, "Enter")):
        shot = page.locator(f'.m-shot[data-scene="{scene_key(lake, year)}"]')
        if press == "click":
            shot.click()
        else:
            shot.focus()
            page.keyboard.press(press)
        page.wait_for_function(
            "wanted => { const q = new URLSearchParams(location.search); return `${q.get('lake')} ${q.get('scene')}` === wanted; }",
            arg=f"{lake} {scene_key(lake, year)}",
        )
        page.wait_for_selector(f'.m-shot[data-scene="{scene_key(lake, year)}"][aria-current="true"]')
        assert page.locator(".m-shot[aria-current]").count() == 1
        assert len(_brushed(page)) == 16, "the brush stays"
    assert visit.complaints == []


def test_a_reload_restores_the_brushed_observations(open_at: Callable[..., Visit], page_at: Callable[..., Visit]) -> None:
    visit = open_at(8, [0, 1, 8], "&log_area=1")
    page = visit.page
    _drag(page, _ellipse(page, (0.4, 0.5), (0.25, 0.4)))
    found = _brushed(page)
    page.wait_for_function("() => location.search.includes('points=')")
    again = page_at("?" + page.url.split("?", 1)[1], url=page.url.split("/?")[0])
    assert _brushed(again.page, len(found)) == found
    assert again.page.url == page.url
    again.page.locator(".m-series-note").get_by_role("button", name="Clear the brushed observations").click()
    again.page.wait_for_function("() => !location.search.includes('points=')")
    again.page.locator(".m-gallery-hint").wait_for(state="visible")
    assert "Lasso or Box" in again.page.locator(".m-gallery-hint").inner_text()
    assert again.page.locator(".m-shot").count() == 0
    assert visit.complaints == again.complaints == []


def test_a_point_of_the_focus_lake_is_pressed_by_mouse_and_by_keys(open_at: Callable[..., Visit], store: Store) -> None:
    visit = open_at(8, [0, 8])
    page = visit.page
    seen = _seen(page, store, [0, 8])
    box = page.locator(".m-series .m-plot").bounding_box()
    assert box is not None

    def at(scene: int) -> None:
        page.wait_for_function("scene => new URLSearchParams(location.search).get('scene') === String(scene)", arg=scene)

    x, y = seen[8, "2019-10-15"]
    page.mouse.click(box["x"] + x + 3, box["y"] + y - 2)
    at(scene_key(8, 2019))
    page.locator(".m-series .m-plot").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    spoken = page.locator(".m-series .m-plot-host .visually-hidden").inner_text()
    assert spoken.startswith("2 of 8: 2017-10-15, ")
    page.keyboard.press("Enter")
    at(scene_key(8, 2017))
    x, y = seen[0, "2018-10-15"]
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_function("() => new URLSearchParams(location.search).get('lake') === '0'")
    assert visit.complaints == []


def test_what_is_missing_bad_or_broken_says_so_in_its_cell(open_at: Callable[..., Visit], scenes: Path) -> None:
    visit = open_at(2, [2, 3, 5])
    page = visit.page
    page.get_by_role("button", name="All lakes' dates").click()
    _brushed(page, 24)
    cell = lambda lake, year: page.locator(f'.m-shot[data-scene="{scene_key(lake, year)}"]')  # noqa: E731
    assert f"the scene of {MISSING[1]} is not there yet" in cell(*MISSING).inner_text()
    assert "cloud" in cell(*CLOUDY).inner_text()
    cell(*BROKEN).locator(".m-shot-none").wait_for()
    assert "Traceback" not in cell(*BROKEN).inner_text()
    assert str(scenes) not in cell(*BROKEN).inner_text()
    assert page.locator('.m-shot[data-lake="5"]').first.inner_text().startswith("no scene of 2016")
    assert page.locator(".m-gallery-said").inner_text() == "24 of 24 observations, 3 lakes; 9 have no image · simulated"
    assert all(f"/{scene_key(*BROKEN)}/" in heard or "422" in heard for heard in visit.complaints)


@pytest.fixture
def phone(open_at: Callable[..., Visit]) -> Visit:
    return open_at(8, [0, 1, 8], viewport=PHONE, touch=True)


def test_on_a_phone_rows_wrap_and_a_tap_focuses(phone: Visit) -> None:
    page = phone.page
    assert ask(page, "series", "plot.plot._fullLayout.dragmode") is False, "a swipe scrolls the page until Brush is pressed"
    page.locator(".m-series").get_by_role("button", name="Brush", exact=True).tap()
    page.wait_for_function("() => document.querySelector('.m-series .m-plot-host').morainePlot.plot._fullLayout.dragmode === 'lasso'")
    page.get_by_role("button", name="All lakes' dates").tap()
    _brushed(page, 24)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    scroll = page.locator(".m-gallery-scroll")
    assert scroll.evaluate("box => box.scrollWidth <= box.clientWidth")
    shot = page.locator(f'.m-shot[data-scene="{scene_key(1, 2020)}"]')
    shot.scroll_into_view_if_needed()
    shot.tap()
    page.wait_for_function("scene => new URLSearchParams(location.search).get('scene') === String(scene)", arg=scene_key(1, 2020))
    assert phone.complaints == []


@pytest.mark.parametrize("small", [False, True], ids=["desktop", "phone"])
def test_nothing_serious_is_wrong_with_a_full_gallery(open_at: Callable[..., Visit], small: bool) -> None:
    visit = open_at(8, [0, 1, 5, 8], **({"viewport": PHONE} if small else {}))
    page = visit.page
    page.get_by_role("button", name="All lakes' dates").click()
    _brushed(page, 32)
    _loaded(page, 24)
    assert visit.violations() == []
