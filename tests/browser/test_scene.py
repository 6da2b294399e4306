"""The scene view in a browser: true pixels where the water is, the rectangle, swipe, layers, states, keys, a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from data.rasters.grid import Grid
from data.rasters.writing import write_mask, write_scene
from tests.browser.scenes import ask, dark, painted, rectangle, row
from tests.browser.server import Server
from tests.browser.visit import ANY, DESKTOP, PHONE, Visit
from tests.image_cases import Case, plain_chip, write_cases
from tests.scene_dataset import BANDS, BROKEN, CLOUDY, MISSING, SENSOR, SIZE, lake_grid, lake_water, scene_key

LAKE = 8
HALF = 10 * (1 + LAKE % 5)
MIDDLE = SIZE // 2
BARE = "&layer=&outlines=none"
Opened = Callable[..., Visit]


def east(year: int) -> int:
    """Where the water of LAKE ends, scene px."""
    return MIDDLE + HALF + 4 * (year - 2016)


@pytest.fixture(scope="module")
def url(scenes_url: str) -> str:
    return scenes_url


@pytest.fixture
def scene_at(page_at: Opened, url: str) -> Opened:
    """`scene_at(query, key=...)`: a page whose scene view has painted that scene."""

    def opened(query: str, key: int | None = scene_key(LAKE, 2023), **more: object) -> Visit:
        visit = page_at(query, url=url, **more)
        painted(visit.page, key)
        return visit

    return opened


@pytest.fixture
def kept_scene(kept_at: Opened, url: str) -> Callable[[str], Visit]:
    """`kept_scene(query)`: one page for all that leave its scene and its rectangle as they were, or come last."""

    def kept(query: str) -> Visit:
        visit = kept_at(f"{url}/{query}")
        painted(visit.page, scene_key(LAKE, 2023))
        return visit

    return kept


def choose(page: Page, key: int) -> None:
    page.locator(".m-scene").get_by_label("Date", exact=True).select_option(str(key))


@pytest.mark.parametrize("year", [2016, 2023])
def test_the_water_is_where_it_is(scene_at: Opened, year: int) -> None:
    visit = scene_at(f"?lake={LAKE}&scene={scene_key(LAKE, year)}{BARE}", scene_key(LAKE, year))
    left, _, right, _ = rectangle(visit.page)
    found = dark(visit.page, MIDDLE + 0.5, left, right)
    np.testing.assert_allclose(found, (MIDDLE - HALF, east(year)), atol=0.6)
    _, rock = row(visit.page, left, MIDDLE - HALF - 2, MIDDLE + 0.5)
    assert rock[:, :3].min() > 60
    assert visit.complaints == []


def test_it_opens_on_the_square_about_the_lake(kept_scene: Callable[[str], Visit]) -> None:
    page = kept_scene(f"?lake={LAKE}").page
    left, top, right, bottom = rectangle(page)
    lake = ask(page, "view.ground.lake")
    assert left <= lake[0] < lake[2] <= right
    assert top <= lake[1] < lake[3] <= bottom
    assert min((right - left) / (lake[2] - lake[0]), (bottom - top) / (lake[3] - lake[1])) == pytest.approx(1, abs=0.01)


def test_each_mask_has_its_colour_and_its_place(scene_at: Opened) -> None:
    for layer, wanted in (("label", (242, 207, 74)), ("inventory", (79, 208, 230))):
        page = scene_at(f"?lake={LAKE}&layer={layer}&outlines=none&fill=0").page
        place, colours = row(page, MIDDLE - HALF - 3, east(2023) + 3, MIDDLE + 0.5)
        lit = place[np.abs(colours[:, :3] - wanted).max(axis=1) < 60]
        np.testing.assert_allclose([lit.min(), lit.max()], [MIDDLE - HALF, east(2023)], atol=1.2)
        inner = lit[(lit > MIDDLE - HALF + 2) & (lit < east(2023) - 2)]
        assert len(inner) == 0, "an outline, no fill"


def test_opacity_shows_at_once_and_reaches_the_link(scene_at: Opened) -> None:
    visit = scene_at(f"?lake={LAKE}&layer=label&outlines=none")
    page = visit.page
    page.locator(".m-scene").get_by_role("button", name="Layers").click()
    before = row(page, MIDDLE, MIDDLE + 2, MIDDLE + 0.5)[1][0]
    slider = page.get_by_label("Opacity of the fill")
    slider.fill("80")
    after = row(page, MIDDLE, MIDDLE + 2, MIDDLE + 0.5)[1][0]
    assert after[0] > before[0] + 60
    page.wait_for_function("() => new URLSearchParams(location.search).get('opacity') === '0.8'")
    page.get_by_label("label", exact=True).uncheck()
    page.wait_for_function("() => new URLSearchParams(location.search).get('layer') === ''")
    page.wait_for_function("() => moraine.scene.view.at.masks.length === 0")
    assert visit.complaints == []


def test_a_look_is_chosen_and_lives_in_the_link(scene_at: Opened) -> None:
    visit = scene_at(f"?lake={LAKE}{BARE}")
    page = visit.page
    page.locator(".m-scene").get_by_label("Look").select_option("ndwi")
    page.wait_for_function("() => new URLSearchParams(location.search).get('bands') === 'ndwi'")
    page.wait_for_function("() => moraine.scene.view.at.scene.image.includes('ndwi') && !moraine.scene.view.frame")
    red, _, blue = row(page, MIDDLE, MIDDLE + 2, MIDDLE + 0.5)[1][0][:3]
    assert blue > red + 40, "water is blue in NDWI"
    assert "NDWI" in page.get_by_role("list", name="Legend", exact=True).inner_text()
    page.locator(".m-scene").get_by_label("Look").select_option("true")
    page.locator(".m-scene").get_by_label("Look").select_option("bands")
    page.get_by_label("Band shown as green").select_option("swir2")
    page.wait_for_function("() => new URLSearchParams(location.search).get('bands') === 'red.swir2.blue'")
    assert visit.complaints == []


def test_the_rectangle_is_dragged_and_the_detail_follows(kept_scene: Callable[[str], Visit]) -> None:
    visit = kept_scene(f"?lake={LAKE}{BARE}")
    page = visit.page
    box = page.locator(".m-scene-context").bounding_box()
    assert box is not None
    scale = box["width"] / SIZE
    x, y = box["x"] + MIDDLE * scale, box["y"] + MIDDLE * scale
    before = rectangle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40 * scale, y - 30 * scale, steps=4)
    after = rectangle(page)
    np.testing.assert_allclose(np.subtract(after, before), [-40, -30, -40, -30], atol=0.2)
    page.mouse.move(box["x"] + 30 * scale, box["y"] + 30 * scale, steps=4)
    page.mouse.up()
    left, top, right, bottom = rectangle(page)
    assert (left, top) == (0, 0)
    np.testing.assert_allclose(dark(page, 30.5, 10, 60), (20, 40), atol=0.6)
    detail = page.locator(".m-scene-detail").bounding_box()
    assert detail is not None
    page.mouse.move(detail["x"] + 200, detail["y"] + 200)
    page.mouse.down()
    page.mouse.move(detail["x"] + 100, detail["y"] + 150, steps=4)
    page.mouse.up()
    moved = rectangle(page)
    assert moved[0] == pytest.approx(100 * (right - left) / detail["width"], abs=0.01)
    assert moved[1] == pytest.approx(50 * (bottom - top) / detail["height"], abs=0.01)
    page.locator(".m-scene").get_by_role("button", name="Lake").click()
    np.testing.assert_allclose(rectangle(page), before, atol=0.01)
    assert visit.complaints == []


def test_keys_move_zoom_and_step(kept_scene: Callable[[str], Visit]) -> None:
    visit = kept_scene(f"?lake={LAKE}{BARE}")
    page = visit.page
    detail = page.locator(".m-scene-detail")
    detail.focus()
    opening = rectangle(page)
    page.keyboard.press("+")
    nearer = rectangle(page)
    assert nearer[2] - nearer[0] == pytest.approx((opening[2] - opening[0]) / 1.25, rel=1e-6)
    page.keyboard.press("ArrowRight")
    assert rectangle(page)[0] > nearer[0]
    page.keyboard.press("0")
    np.testing.assert_allclose(rectangle(page), opening, atol=0.01)
    page.keyboard.press("[")
    painted(page, scene_key(LAKE, 2022))
    assert "2022-10-15" in (detail.get_attribute("aria-label") or "")
    page.wait_for_function("() => document.querySelector('.m-scene-live').textContent.startsWith('2022-10-15')")
    page.keyboard.press(".")
    painted(page, scene_key(LAKE, 2023))
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('scene') === '{scene_key(LAKE, 2023)}'")
    assert visit.complaints == []


def test_the_wheel_scrolls_the_page_until_the_picture_is_asked(scene_at: Opened) -> None:
    page = scene_at(f"?lake={LAKE}{BARE}").page
    box = page.locator(".m-scene-detail").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 80, box["y"] + 80)
    opening = rectangle(page)
    page.mouse.wheel(0, 40)
    page.wait_for_function("() => document.querySelector('.m-scene-hint').dataset.on === 'true'")
    assert rectangle(page) == opening
    page.mouse.click(box["x"] + 80, box["y"] + 20)
    page.mouse.wheel(0, -200)
    page.wait_for_function(
        "width => { const [l, , r] = moraine.scene.view.camera.rect; return r - l < width * .9; }", arg=opening[2] - opening[0]
    )


def test_two_dates_are_swiped_by_keyboard(scene_at: Opened) -> None:
    visit = scene_at(f"?lake={LAKE}{BARE}")
    page = visit.page
    left, _, right, _ = rectangle(page)
    page.locator(".m-scene").get_by_role("button", name="Swipe").click()
    page.wait_for_function("() => moraine.scene.view.split && !moraine.scene.view.frame")
    grip = page.get_by_role("slider", name="Swipe between two dates")
    grip.focus()
    for key, percent, year in (("End", "100", 2016), ("Home", "0", 2023)):
        page.keyboard.press(key)
        page.wait_for_function("() => !moraine.scene.view.frame")
        assert grip.get_attribute("aria-valuenow") == percent
        assert dark(page, MIDDLE + 0.5, left, right)[1] == pytest.approx(east(year), abs=0.6)
    page.keyboard.press("ArrowRight")
    assert grip.get_attribute("aria-valuenow") == "5"
    assert "2016-10-15" in (grip.get_attribute("aria-valuetext") or "")
    page.get_by_label("Date on the left of the handle").select_option(str(scene_key(LAKE, 2019)))
    page.wait_for_function("key => moraine.scene.view.before?.scene.key === key && !moraine.scene.view.frame", arg=scene_key(LAKE, 2019))
    grip.focus()
    page.keyboard.press("End")
    page.wait_for_function("() => !moraine.scene.view.frame")
    assert dark(page, MIDDLE + 0.5, left, right)[1] == pytest.approx(east(2019), abs=0.6)
    assert visit.complaints == []


def test_the_old_picture_stays_until_the_new_one_is_there(kept_scene: Callable[[str], Visit]) -> None:
    page = kept_scene(f"?lake={LAKE}{BARE}").page
    page.locator(".m-scene-detail").focus()
    page.keyboard.press("+")
    before = rectangle(page)
    ask(
        page,
        """(() => {
            window.seen = [];
            const look = () => {
                const { width, height } = view.detail;
                window.seen.push(view.detail.getContext('2d').getImageData(width / 2, height / 2, 1, 1).data[3]);
                requestAnimationFrame(look);
            };
            look();
        })()""",
    )
    choose(page, scene_key(LAKE, 2017))
    painted(page, scene_key(LAKE, 2017))
    seen = page.evaluate("window.seen")
    assert len(seen) > 1
    assert set(seen) == {255}, "the canvas was never empty"
    np.testing.assert_allclose(rectangle(page), before, atol=0.01)


def test_a_broken_file_is_named_and_other_dates_can_be_reached(scene_at: Opened) -> None:
    visit = scene_at(f"?lake={BROKEN[0]}&scene={scene_key(*BROKEN)}{BARE}", None)
    page = visit.page
    said = page.locator(".m-scene-message").inner_text()
    assert f"scenes/{BROKEN[0]}_{BROKEN[1]}-10-15.tif" in said
    assert "Copy the file again" in said
    assert page.get_by_role("button", name="Try again").is_visible()
    assert f"{BROKEN[1]}-10-15" in page.locator(".m-scene-caption").inner_text()
    choose(page, scene_key(BROKEN[0], 2023))
    painted(page, scene_key(BROKEN[0], 2023))
    assert page.locator(".m-scene-message").inner_text() == ""
    assert not [complaint for complaint in visit.complaints if "uncaught" in complaint]


def test_what_is_not_there_is_said(scene_at: Opened) -> None:
    missing = scene_at(f"?lake={MISSING[0]}&scene={scene_key(*MISSING)}", None)
    assert "not made yet" in missing.page.locator(".m-scene-message").inner_text()
    assert missing.complaints == []
    bare = scene_at("?lake=5", None)
    assert "python -m data simulate" in bare.page.locator(".m-scene-message").inner_text()
    cloudy = scene_at(f"?lake={CLOUDY[0]}&scene={scene_key(*CLOUDY)}", scene_key(*CLOUDY))
    told = cloudy.page.locator(".m-scene-caption").inner_text()
    assert "30 % of the lake seen · cloud · simulated" in told


def test_no_lake_in_focus_is_said(page_at: Opened, url: str) -> None:
    page = page_at("", url=url).page
    page.wait_for_function("() => document.querySelector('.m-scene-message').textContent.startsWith('No lake in focus')")


def test_a_lake_without_images_offers_the_next_that_has_some(page_at: Opened, url: str) -> None:
    visit = page_at("?lake=5", url=url)
    page = visit.page
    page.get_by_role("button", name="Next lake with images").click()
    page.wait_for_function("() => document.querySelector('.m-scene-body').dataset.state === 'shown'")
    assert page.evaluate("moraine.evidence.lake") != ""
    assert page.evaluate("moraine.evidence.scenes.length") == 8
    assert visit.complaints == []


def test_the_scale_bar_is_honest(kept_scene: Callable[[str], Visit]) -> None:
    page = kept_scene(f"?lake={LAKE}").page
    for zoom in ("", "+", "+", "-"):
        if zoom:
            page.locator(".m-scene-detail").press(zoom)
            page.wait_for_function("() => !moraine.scene.view.frame")
        words = page.locator(".m-scene-scale").inner_text()
        metres = float(words.split()[0]) * (1000 if words.endswith("km") else 1)
        length = float(page.evaluate("parseFloat(document.querySelector('.m-scene-scale').style.getPropertyValue('--length'))"))
        assert length / ask(page, "view.camera.scale") * 10 == pytest.approx(metres, rel=0.002)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(scene_at: Opened, viewport: tuple[int, int]) -> None:
    visit = scene_at(f"?lake={LAKE}&layer=label&layer=inventory", viewport=viewport)
    page = visit.page
    page.locator(".m-scene").get_by_role("button", name="Swipe").click()
    page.wait_for_function("() => moraine.scene.view.split && !moraine.scene.view.frame")
    page.locator(".m-scene").get_by_role("button", name="Layers").click()
    assert visit.violations(".m-scene", ANY) == []


def _touch(page: Page, fingers: list[list[tuple[float, float]]]) -> None:
    """Move fingers, each along its points, together."""
    session = page.context.new_cdp_session(page)
    for step, points in enumerate(zip(*fingers, strict=True)):
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_on_a_phone_one_finger_scrolls_two_zoom_and_one_moves_when_asked(scene_at: Opened) -> None:
    visit = scene_at(f"?lake={LAKE}{BARE}", viewport=PHONE, touch=True)
    page = visit.page
    page.locator(".m-scene").scroll_into_view_if_needed()
    box = page.locator(".m-scene-detail").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opening, scrolled = rectangle(page), page.evaluate("scrollY")
    _touch(page, [[(x, y - 8 * step) for step in range(20)]])
    page.wait_for_function("before => scrollY > before + 80", arg=scrolled)
    assert rectangle(page) == opening
    page.locator(".m-scene").scroll_into_view_if_needed()
    box = page.locator(".m-scene-detail").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    _touch(page, [[(x - 30 - 3 * step, y) for step in range(20)], [(x + 30 + 3 * step, y) for step in range(20)]])
    nearer = rectangle(page)
    assert nearer[2] - nearer[0] < 0.6 * (opening[2] - opening[0])
    page.locator(".m-scene").get_by_role("button", name="Move").tap()
    _touch(page, [[(x, y - 4 * step) for step in range(20)]])
    assert rectangle(page)[1] > nearer[1] + 5
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert visit.complaints == []


@dataclass(frozen=True)
class Odd:
    """A dataset and where it is served."""

    folder: Path
    url: str


@pytest.fixture(scope="module")
def odd(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Odd:
    """One lake: a scene of 10 m, one of 30 m on another grid, one of 2 m 2,560 px wide with a thin bright line, one to come."""
    folder = tmp_path_factory.mktemp("browser") / "odd"
    lake, fine = 2, lake_grid(2)
    left, top = fine.transform[2], fine.transform[5]
    coarse = Grid("EPSG:32645", (30, 0, left + 600, 0, -30, top - 300), 150, 150)
    large = Grid("EPSG:32645", (2, 0, left, 0, -2, top), 2560, 2560)
    water = lake_water(lake, 2016)
    third = water[30:480, 60:510][1::3, 1::3]
    sharp = plain_chip(np.repeat(np.repeat(water, 5, axis=0), 5, axis=1))
    sharp[:, :, 1300] = 1.0
    cases: list[Case] = []
    for key, (year, grid, chip, wet) in enumerate(
        [(2016, fine, plain_chip(water), water), (2017, coarse, plain_chip(third), third), (2018, large, sharp, sharp[3] < 0.1)]
    ):
        stem = f"{year}.tif"
        write_scene(folder / "scenes" / stem, chip, BANDS, grid, scale=0.001)
        write_mask(folder / "masks" / stem, wet.astype(np.uint8) * 200, grid)
        cases.append(Case(key, f"scenes/{stem}", lake, date(year, 10, 15), SENSOR, masks={"label": f"masks/{stem}"}))
    cases.append(Case(3, "scenes/late.tif", lake, date(2019, 10, 15), SENSOR))
    return Odd(folder, serve(MORAINE_DATASETS=str(write_cases(folder, cases, {SENSOR: list(BANDS)}))).url)


def _on_ground(page: Page) -> np.ndarray:
    """The rectangle in metres from the middle of the lake's outline."""
    return np.array(ask(page, "view.camera.rect.map((at, place) => (at - 10 * 256 / view.ground.pixel_m) * view.ground.pixel_m)"))


def test_another_grid_keeps_the_rectangle_on_the_ground(page_at: Opened, odd: Odd) -> None:
    page = painted(page_at(f"?lake=2&scene=0{BARE}", url=odd.url).page, 0)
    page.locator(".m-scene-detail").press("+")
    page.locator(".m-scene-detail").press("ArrowRight")
    left, _, right, _ = rectangle(page)
    wet = np.array(dark(page, MIDDLE + 0.5, left, right))
    on_screen = ask(page, "argument.map((x) => x * view.camera.place.scale + view.camera.place.left)", wet.tolist())
    choose(page, 1)
    painted(page, 1)
    left, _, right, _ = rectangle(page)
    coarse = np.array(dark(page, (MIDDLE - 30) / 3 + 0.5, left, right))
    again = ask(page, "argument.map((x) => x * view.camera.place.scale + view.camera.place.left)", coarse.tolist())
    pixel = ask(page, "view.camera.scale")
    np.testing.assert_allclose(again, on_screen, atol=1.5 * pixel)


def test_a_large_scene_gets_its_part_at_full_size(page_at: Opened, odd: Odd) -> None:
    page = painted(page_at(f"?lake=2&scene=2{BARE}", url=odd.url).page, 2)
    page.wait_for_function("() => moraine.scene.view.at.patch && !moraine.scene.view.frame")
    for _ in range(6):
        page.locator(".m-scene-detail").press("+")
    page.wait_for_function("() => { const { url } = moraine.scene.view.at.patch; return url && !moraine.scene.view.frame; }")
    window = ask(page, "view.at.patch.window")
    left, _, right, _ = rectangle(page)
    assert window[0] <= left < right <= window[2]
    place, colours = row(page, left, right, 1281.5)
    bright = place[colours[:, :3].min(axis=1) > 230]
    assert 1299.5 <= bright.min() <= bright.max() <= 1301.5, "one pixel of the scene, not the four that the overview blurs"


def test_outlines_of_all_dates_are_drawn_by_the_filmstrips_button_and_taken_away_again(scene_at: Opened) -> None:
    page = scene_at(f"?lake={LAKE}").page
    picture = "moraine.scene.view.detail.toDataURL()"
    before = page.evaluate(picture)
    button = page.get_by_role("button", name="outlines: of all dates")
    button.click()
    page.wait_for_function(f"before => {picture} !== before", arg=before)
    page.wait_for_function("() => location.search.includes('outlines=nested')")
    button.click()
    page.wait_for_function(f"before => {picture} === before", arg=before)


def test_an_image_that_is_being_made_appears_by_itself(page_at: Opened, odd: Odd) -> None:
    visit = page_at(f"?lake=2&scene=3{BARE}", url=odd.url)
    page = painted(visit.page, None)
    assert "3 of the lake's 4 are there" in page.locator(".m-scene-message").inner_text()
    write_scene(odd.folder / "scenes/late.tif", plain_chip(lake_water(2, 2019)), BANDS, lake_grid(2), scale=0.001)
    painted(page, 3)
    left, _, right, _ = rectangle(page)
    assert dark(page, MIDDLE + 0.5, left, right)[1] == pytest.approx(MIDDLE + 30 + 4 * 3, abs=0.6)
    assert visit.complaints == []
