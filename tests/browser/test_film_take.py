"""What is taken from the filmstrip, and what it says where there is nothing, or not yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.plots import drawn
from tests.browser.server import Server
from tests.browser.strip import frame, strip, tool, year
from tests.browser.visit import DESKTOP, PHONE, Visit
from tests.scene_dataset import BROKEN, CLOUDY, MISSING, scene_dataset, scene_key

LAKE = CLOUDY[0]


@pytest.fixture
def at(page_at: Callable[..., Visit], scenes_url: str) -> Callable[[str], Visit]:
    """`at("?lake=2")`: the app on the dataset with images."""

    def open_page(query: str) -> Visit:
        return page_at(query, url=scenes_url)

    return open_page


def test_flipbook_and_pair_are_saved_under_names_that_say_what_they_are(at: Callable[[str], Visit], tmp_path: Path) -> None:
    visit = at(f"?lake={LAKE}")
    page = strip(visit.page)
    with page.expect_download() as download:
        tool(page, "gif").click()
    assert download.value.suggested_filename == "moraine-simulated-gl086100e27500n-flipbook-2016-10-15-to-2023-10-15.gif"
    download.value.save_as(tmp_path / "flipbook.gif")
    film = Image.open(tmp_path / "flipbook.gif")
    assert (film.format, film.n_frames) == ("GIF", 6)
    page.wait_for_function("() => document.querySelector('.m-film-said').textContent === 'saved the flipbook'")
    frame(page, 2022).click()
    with page.expect_download() as download:
        tool(page, "pair").click()
    assert download.value.suggested_filename == "moraine-simulated-gl086100e27500n-2016-10-15-and-2022-10-15.png"
    download.value.save_as(tmp_path / "pair.png")
    picture = Image.open(tmp_path / "pair.png")
    assert picture.format == "PNG"
    assert picture.width > 2 * 512
    assert visit.complaints == []


def test_what_cannot_be_made_is_told_in_words(at: Callable[[str], Visit]) -> None:
    lake, broken = BROKEN
    page = strip(at(f"?lake={lake}").page)
    frame(page, broken).click()
    tool(page, "pair").click()
    said = page.locator(".m-film-said.m-refused")
    said.wait_for()
    assert said.inner_text().startswith("the pair could not be made: ")
    assert f"{broken}-10-15" in said.inner_text()
    page.context.set_offline(True)
    tool(page, "gif").click()
    page.wait_for_function("() => document.querySelector('.m-film-said').textContent.includes('the server does not answer')")
    page.context.set_offline(False)
    assert tool(page, "gif").is_enabled()


def test_progress_is_told_and_one_file_is_made_at_a_time(at: Callable[[str], Visit]) -> None:
    page = strip(at(f"?lake={LAKE}").page)
    held: list[Callable[[], None]] = []
    page.route("**/flipbook/**", lambda route: held.append(route.continue_))
    tool(page, "gif").click()
    page.wait_for_function("() => document.querySelector('.m-film-said').textContent === 'making the flipbook…'")
    assert tool(page, "gif").is_disabled()
    assert tool(page, "pair").is_disabled()
    with page.expect_download():
        held[0]()
    page.wait_for_function("() => !document.querySelector('[data-film=gif]').disabled")
    assert tool(page, "pair").is_enabled()


def test_a_thumbnail_that_cannot_be_shown_says_why_and_play_passes_it_over(at: Callable[[str], Visit]) -> None:
    lake, broken = BROKEN
    page = strip(at(f"?lake={lake}").page)
    page.wait_for_function("year => document.querySelector(`.m-film-lacking[aria-label^='${year}-']`)", arg=broken)
    assert frame(page, broken).inner_text() == "cannot be shown"
    assert f"scenes/{lake}_{broken}-10-15.tif" in (frame(page, broken).get_attribute("aria-label") or "")
    page.locator(".m-film-speed").select_option("4")
    frame(page, 2019).click()
    tool(page, "play").click()
    page.wait_for_function("() => moraine.evidence.scene().date.startsWith('2022')")
    tool(page, "play").click()


def test_without_a_lake_or_images_nothing_can_be_played_or_saved(at: Callable[[str], Visit]) -> None:
    for query, says in (("", "No lake in focus"), ("?lake=5", "No images of ")):
        visit = at(query)
        page = visit.page
        page.wait_for_function("says => document.querySelector('.m-film-empty').textContent.startsWith(says)", arg=says)
        assert page.locator(".m-film-empty").is_visible()
        assert not page.locator(".m-film-strip").is_visible()
        assert page.locator(".m-film-tools button:enabled").count() == 0
        assert not page.locator(".m-film-now").is_visible()
        assert visit.complaints == []


def test_an_image_that_is_made_meanwhile_appears_and_nothing_else_moves(
    page_at: Callable[..., Visit], serve: Callable[..., Server], tmp_path: Path
) -> None:
    folder = scene_dataset(tmp_path / "making")
    visit = page_at(f"?lake={MISSING[0]}", url=serve(MORAINE_DATASETS=str(folder)).url)
    page = strip(visit.page)
    frame(page, 2017).click()
    frame(page, 2018).click(modifiers=["Shift"])
    tool(page, "play").click()
    page.evaluate("() => { for (const node of document.querySelectorAll('.m-film-frame, .m-film-frame img')) node.wasHere = true; }")
    for outlines in ("nested", "newest"):
        tool(page, "nested").click()
        page.wait_for_function("outlines => moraine.evidence.look.outlines === outlines", arg=outlines)
    assert page.evaluate("moraine.film.playing()"), "news of the same images does not stop what plays"
    tool(page, "play").click()
    frame(page, 2022).click()
    name = f"scenes/{MISSING[0]}_{MISSING[1]}-10-15.tif"
    (folder / name).write_bytes((folder / name.replace(str(MISSING[1]), "2021")).read_bytes())
    mask = f"masks/{{}}/{MISSING[0]}_{MISSING[1]}-10-15.tif"
    for kind in ("label", "binary"):
        made = folder / mask.format(kind)
        made.write_bytes(Path(str(made).replace(str(MISSING[1]), "2021")).read_bytes())
    page.wait_for_function(
        "year => document.querySelector(`.m-film-frame[aria-label^='${year}-'] img`)?.naturalWidth === 128", arg=MISSING[1]
    )
    assert frame(page, MISSING[1]).get_attribute("aria-label").endswith(", clear")
    assert year(page) == 2022
    assert page.evaluate("moraine.evidence.before") == scene_key(MISSING[0], 2018)
    new = "[...document.querySelectorAll('.m-film-frame, .m-film-frame img')].filter((node) => !node.wasHere).map((node) => node.tagName)"
    assert page.evaluate(new) == ["IMG"]
    assert visit.complaints == []


def test_nested_outlines_are_put_on_from_the_strip(at: Callable[[str], Visit]) -> None:
    visit = at(f"?lake={LAKE}")
    page = strip(visit.page)
    tool(page, "nested").click()
    page.wait_for_function("() => moraine.evidence.look.outlines === 'nested'")
    assert tool(page, "nested").get_attribute("aria-pressed") == "true"
    tool(page, "nested").click()
    page.wait_for_function("() => moraine.evidence.look.outlines === 'newest'")
    assert tool(page, "nested").get_attribute("aria-pressed") == "false"
    assert visit.complaints == []


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone in the dark"])
def test_from_the_volcano_to_the_flipbook_by_keyboard_alone(
    page_at: Callable[..., Visit], scenes_url: str, viewport: tuple[int, int], theme: str
) -> None:
    visit = page_at(viewport=viewport, theme=theme, touch=viewport == PHONE, url=scenes_url)
    page = drawn(visit.page, "volcano", "series")

    def tab_to(what: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("what => document.activeElement.matches(what)", what):
                return
        raise AssertionError(f"Tab does not come to {what}")

    tab_to(".m-volcano .m-plot")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    strip(page)
    tab_to(".m-film-frame")
    began = year(page)
    page.keyboard.press("ArrowLeft")
    assert year(page) < began
    page.keyboard.press("Space")
    page.wait_for_function("began => moraine.film.playing() && moraine.evidence.scene().date.startsWith(`${began}-`)", arg=began)
    page.keyboard.press("Space")
    assert not page.evaluate("moraine.film.playing()")
    tab_to("[data-film=gif]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".gif")
    assert visit.complaints == []
