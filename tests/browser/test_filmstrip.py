"""The filmstrip as a person uses it: keys step, play plays and waits for images, frames stand under their points."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.plots import ask
from tests.browser.server import Server
from tests.browser.strip import WATCH, frame, strip, told, tool, year
from tests.browser.visit import ANY, DESKTOP, PHONE, Visit
from tests.datasets import INSUFFICIENT
from tests.scene_dataset import CLOUDY, MISSING, scene_dataset, scene_key

LAKE = CLOUDY[0]
CLEAR = [2016, 2017, 2018, 2021, 2022, 2023]
"""Years of that lake that can be seen: one is cloudy, one has no file."""
APART = """() => {
    const box = (node) => node.getBoundingClientRect(), centre = (node) => box(node).left + box(node).width / 2;
    const points = [...document.querySelectorAll('.m-series .scatterlayer .point')].map(centre);
    const body = box(document.querySelector('.m-film-strip'));
    return [...document.querySelectorAll('.m-film-frame:not([hidden], .m-film-away)')].map((node) => {
        const x = centre(node), tick = box(node.querySelector('.m-film-tick'));
        const least = (at) => Math.min(...points.map((point) => Math.abs(point - at)));
        const pushed = box(node).left <= body.left + 0.5 || box(node).right >= body.right - 0.5;
        return { label: node.ariaLabel, apart: pushed ? 0 : least(x), tick: least(tick.left + tick.width / 2) };
    });
}"""
"""How far, in px, each frame that is shown and its tick stand from the nearest point of the plot."""

HIDE = """() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
"""What the page sees when its tab goes out of sight."""


@pytest.fixture
def film_at(page_at: Callable[..., Visit], scenes_url: str) -> Callable[..., Visit]:
    """`film_at(lake=2, **options of page_at)`: the app on the dataset with images, that lake in focus, its strip there."""

    def open_film(lake: int = LAKE, **more: object) -> Visit:
        visit = page_at(f"?lake={lake}", url=scenes_url, **more)
        strip(visit.page)
        return visit

    return open_film


@pytest.fixture
def film(kept_at: Callable[..., Visit], scenes_url: str) -> Visit:
    """The same page for all that only look at it, 2023 in focus."""
    visit = kept_at(f"{scenes_url}/?lake={LAKE}")
    strip(visit.page)
    return visit


def test_keys_step_through_dates_in_order_and_skip_what_cannot_be_seen(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page
    assert year(page) == 2023
    frame(page, 2023).focus()
    seen = []
    for _ in range(7):
        page.keyboard.press("ArrowRight")
        seen.append(year(page))
        assert page.evaluate("document.activeElement.dataset.key === String(moraine.evidence.at)")
    assert seen == [*CLEAR, 2016], "round the end"
    page.keyboard.press("ArrowLeft")
    assert year(page) == 2023
    page.keyboard.press("Home")
    assert year(page) == 2016
    page.keyboard.press("End")
    assert year(page) == 2023
    told(page)
    tool(page, "skip").click()
    frame(page, 2023).focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
        seen.append(year(page))
    assert seen == [2022, 2021, 2019, 2018, 2017], "the cloudy date too; never one without an image"
    assert page.locator(".m-film-date").inner_text() == "2 of 8"
    told(page)
    assert visit.complaints == []


def test_a_click_goes_there_and_shift_holds_a_date_as_before(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page
    frame(page, 2018).click()
    assert year(page) == 2018
    frame(page, 2022).click(modifiers=["Shift"])
    assert year(page) == 2018
    assert page.locator(".m-film-before").get_attribute("data-key") == str(scene_key(LAKE, 2022))
    page.wait_for_function("key => new URLSearchParams(location.search).get('before') === String(key)", arg=scene_key(LAKE, 2022))
    told(page)
    tool(page, "before").click()
    assert page.evaluate("moraine.evidence.before") == scene_key(LAKE, 2018)
    assert tool(page, "before").is_disabled()
    assert tool(page, "pair").is_disabled(), "a date is no pair with itself"
    frame(page, 2019).click()
    assert year(page) == 2019, "a bad date is gone to when it is asked for"
    frame(page, 2020).click()
    assert year(page) == 2020, "and one without an image"
    frame(page, 2020).press("ArrowRight")
    assert year(page) == 2021
    assert visit.complaints == []


def test_play_goes_on_in_order_and_stops_at_pause(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page
    page.locator(".m-film-speed").select_option("4")
    page.evaluate(WATCH)
    tool(page, "play").click()
    assert tool(page, "play").get_attribute("aria-label") == "Pause"
    page.wait_for_function("() => window.went.length >= 9")
    tool(page, "play").click()
    went = page.evaluate("window.went")
    years = [int(day[:4]) for day, _ in went]
    assert years == (CLEAR * 3)[: len(years)], "the cloudy and the missing date are passed over, then it begins anew"
    steps = [later - earlier for (_, earlier), (_, later) in itertools.pairwise(went)]
    assert 230 < sum(steps) / len(steps) < 700, "four a second, or as fast as a busy machine draws"
    page.wait_for_timeout(800)
    assert len(page.evaluate("window.went")) == len(went), "paused"
    assert tool(page, "play").get_attribute("aria-label") == "Play"
    told(page)
    assert year(page) == years[-1]
    assert visit.complaints == []


def test_play_waits_for_the_image_that_is_due(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page
    held: list[Callable[[], None]] = []
    # Not fetched ahead yet: that reaches two dates on both sides of 2023.
    page.route(f"**/scene/{scene_key(LAKE, 2018)}/true.jpg", lambda route: held.append(route.continue_))
    page.locator(".m-film-speed").select_option("4")
    page.evaluate(WATCH)
    frame(page, 2023).focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => window.went.length === 2")
    page.wait_for_timeout(1000)
    assert [day[:4] for day, _ in page.evaluate("window.went")] == ["2016", "2017"], "2018 is due, but not here"
    for go_on in held:
        go_on()
    page.wait_for_function("() => window.went.length >= 4")
    page.keyboard.press("Space")
    days = [day[:4] for day, _ in page.evaluate("window.went")]
    assert days[2:4] == ["2018", "2021"]


def test_play_stops_for_whoever_chooses_another_date_or_lake_and_when_nobody_looks(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page
    playing = "moraine.film.playing()"
    tool(page, "play").click()
    frame(page, 2017).click()
    assert not page.evaluate(playing)
    assert year(page) == 2017
    tool(page, "play").click()
    page.evaluate(f"moraine.evidence.go({scene_key(LAKE, 2022)})")
    assert not page.evaluate(playing), "another view's choice"
    told(page)
    tool(page, "play").click()
    page.evaluate(HIDE)
    assert not page.evaluate(playing), "the tab is hidden"
    page.evaluate("() => delete document.hidden")
    tool(page, "play").click()
    page.get_by_role("button", name="Next lake in order of significance").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('lake') !== '2'")
    page.wait_for_function(f"() => !{playing}")
    assert visit.complaints == []


def test_without_loop_play_ends_at_the_last_date(film_at: Callable[..., Visit]) -> None:
    page = film_at().page
    page.locator(".m-film-speed").select_option("4")
    tool(page, "loop").click()
    frame(page, 2021).click()
    page.evaluate(WATCH)
    tool(page, "play").click()
    page.wait_for_function("() => !moraine.film.playing()")
    assert [day[:4] for day, _ in page.evaluate("window.went")] == ["2022", "2023"]
    tool(page, "play").click()
    page.wait_for_function("() => window.went.length === 4")
    assert [day[:4] for day, _ in page.evaluate("window.went")][2:] == ["2016", "2017"], "played again, it begins at the first"


def test_frames_stand_under_their_points_after_zoom_and_resize(film_at: Callable[..., Visit]) -> None:
    visit = film_at()
    page = visit.page

    def aligned(count: int) -> None:
        page.wait_for_function("n => document.querySelectorAll('.m-film-frame:not([hidden], .m-film-away)').length === n", arg=count)
        found = page.evaluate(APART)
        assert max(max(each["apart"], each["tick"]) for each in found) <= 3, found

    aligned(8)
    ask(page, "series", "Plotly.relayout(plot.plot, {'xaxis.range': [2017.2, 2022.2]})")
    aligned(5)
    page.set_viewport_size({"width": 1100, "height": 800})
    page.wait_for_function("() => document.querySelector('.m-series .m-plot').clientWidth < 400")
    aligned(5)
    assert page.locator(".m-film-earlier").inner_text() == "‹ 1"
    page.locator(".m-film-later").click()
    assert year(page) == 2022
    assert not page.locator(".m-film-now").is_visible(), "no line for a date outside the plot"
    ask(page, "series", "Plotly.relayout(plot.plot, {'xaxis.range': [2015.5, 2024.5]})")
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.wait_for_function("() => document.querySelector('.m-series .m-plot').clientWidth > 450")
    aligned(8)
    line, point = page.evaluate(
        """() => [document.querySelector('.m-film-now'), [...document.querySelectorAll('.m-series .scatterlayer .point')].at(-2)]
            .map((node) => node.getBoundingClientRect()).map(({ left, width }) => left + width / 2)"""
    )
    assert abs(line - point) <= 3
    assert visit.complaints == []


def test_where_dates_are_dense_frames_thin_out_and_the_focus_stays_whole(film_at: Callable[..., Visit]) -> None:
    page = film_at().page
    ask(page, "series", "Plotly.relayout(plot.plot, {'xaxis.range': [1970, 2070]})")
    page.wait_for_function("() => document.querySelectorAll('.m-film-folded').length >= 4")
    assert page.evaluate("document.querySelectorAll('.m-film-frame:not([hidden]) .m-film-tick').length") == 8
    frame(page, 2023).focus()
    for expected in (2022, 2021, 2018):
        page.keyboard.press("ArrowLeft")
        assert year(page) == expected
        whole, top = page.evaluate(
            """() => { const picture = document.querySelector('.m-film-at .m-film-picture'), box = picture.getBoundingClientRect();
                const at = (share) => document.elementFromPoint(box.left + share * box.width, box.top + box.height / 2);
                return [box.width, [.05, .5, .95].every((share) => picture.contains(at(share)))]; }"""
        )
        assert whole == 60
        assert top
    assert page.evaluate("document.querySelectorAll('.m-film-frame img').length") <= 8


def test_a_pointer_that_rests_sees_a_date_large_and_nothing_moves(film: Visit) -> None:
    page = film.page
    page.evaluate(WATCH)
    frame(page, 2017).locator(".m-film-picture").hover()
    peek = page.locator(".m-film-peek")
    peek.wait_for(state="visible")
    assert peek.inner_text().startswith("2017-10-15 · Sentinel-2")
    assert peek.locator("img").evaluate("image => image.naturalWidth") == 128
    frame(page, 2020).locator(".m-film-picture").hover()
    page.wait_for_function("() => document.querySelector('.m-film-peek').textContent.endsWith('not made yet')")
    page.mouse.move(5, 5)
    peek.wait_for(state="hidden")
    assert year(page) == 2023
    assert page.evaluate("window.went") == []


def test_each_frame_says_what_it_shows_and_what_is_wrong_with_it(film: Visit) -> None:
    page = film.page
    words = {y: frame(page, y).get_attribute("aria-label") for y in range(2016, 2024)}
    sensor = "Sentinel-2 (made by hand)"
    assert words[2018] == f"2018-10-15, {sensor}, clear"
    assert words[2019] == f"2019-10-15, {sensor}, cloud"
    assert words[MISSING[1]] == f"2020-10-15, {sensor}, not made yet"
    assert frame(page, 2018).locator("img").get_attribute("alt") == words[2018]
    assert frame(page, 2020).locator("img").count() == 0
    assert frame(page, 2020).inner_text() == "not made yet"
    assert frame(page, 2019).inner_text() == "cloud"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_card_is_accessible(film_at: Callable[..., Visit], viewport: tuple[int, int]) -> None:
    assert film_at(viewport=viewport, touch=viewport == PHONE).violations(".m-series", ANY) == []


def test_on_a_phone_the_strip_scrolls_and_fingers_have_room(film_at: Callable[..., Visit]) -> None:
    visit = film_at(viewport=PHONE, touch=True)
    page: Page = visit.page
    page.locator(".m-film-strip").scroll_into_view_if_needed()
    box = page.locator(".m-film-strip").bounding_box()
    at = page.locator(".m-film-at").bounding_box()
    assert box is not None
    assert at is not None
    assert box["x"] <= at["x"]
    assert at["x"] + at["width"] <= box["x"] + box["width"] + 1, "the date in focus is in sight"
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.m-film-picture, .m-film-tools button, .m-film-speed')]
            .map((node) => node.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"""
    )
    assert min(sizes) >= 40
    assert page.evaluate("document.querySelector('.m-film-strip').scrollWidth > document.querySelector('.m-film-strip').clientWidth")
    frame(page, 2021).tap()
    assert year(page) == 2021
    tool(page, "play").tap()
    page.wait_for_function("() => moraine.evidence.scene().date.startsWith('2016')")
    tool(page, "play").tap()
    at = page.locator(".m-film-at").bounding_box()
    assert at is not None
    assert at["x"] >= box["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert visit.complaints == []


def test_a_lake_without_areas_of_most_dates_has_a_strip_of_its_own(
    page_at: Callable[..., Visit], serve: Callable[..., Server], tmp_path: Path
) -> None:
    folder = scene_dataset(tmp_path / "few", (INSUFFICIENT,))
    visit = page_at(f"?lake={INSUFFICIENT}", url=serve(MORAINE_DATASETS=str(folder)).url)
    page = strip(visit.page)
    page.wait_for_selector(".m-film-even")
    boxes = page.evaluate("[...document.querySelectorAll('.m-film-frame')].map((node) => node.getBoundingClientRect().left)")
    assert len(boxes) == 8
    assert {round(after - before) for before, after in itertools.pairwise(boxes)} == {58}
    frame(page, 2023).focus()
    page.keyboard.press("Home")
    assert year(page) == 2016
    assert visit.complaints == []
