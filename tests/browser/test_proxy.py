"""Moraine under `/lakes/` behind the real proxy: a connection that is lost and comes back, and a frame of another site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.behind import QUERY, SLIDES, framing, next_lake, walk
from tests.browser.plots import drawn
from tests.browser.server import Server
from tests.browser.visit import DESKTOP, PHONE, Visit, visit
from tests.proxy import Proxy, missing, proxied
from tests.scene_dataset import scene_dataset

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
BAR, GOOD, NOTE = ".m-lost", ".m-lost[data-good]", ".m-review-words textarea"
PLOT = ".m-volcano .m-plot :is(.scatterlayer, canvas)"
ANSWERS = 30_000


@pytest.fixture(scope="module")
def proxy(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = scene_dataset(tmp_path_factory.mktemp("proxied") / "data")
    app = serve(MORAINE_DATASETS=str(folder), MORAINE_REVIEWS="on", MORAINE_STATE_LASTS="yes", MORAINE_FRAME_ANCESTORS=SLIDES)
    with proxied([app.url], "/lakes") as running:
        yield running


def test_a_lost_connection_is_told_and_the_view_comes_back(browser: Browser, proxy: Proxy) -> None:
    with visit(browser, f"{proxy.url}{QUERY}", PHONE, touch=True) as opened:
        page = drawn(opened.page, "volcano")
        assert page.url.startswith(f"{proxy.url}/?"), "relative addresses need the slash"
        before, line = next_lake(page)
        assert opened.complaints == []

        proxy.stop()
        expect(page.locator(BAR)).to_contain_text("The connection was lost", timeout=ANSWERS)
        assert page.locator(PLOT).count(), "the page stays to be looked at"
        assert Axe().run(page, context=BAR).response["violations"] == []
        page.get_by_role("button", name="Try now").click()
        expect(page.locator(BAR)).to_contain_text("Next try in")
        proxy.start()
        expect(page.locator(GOOD)).to_contain_text("Connected again", timeout=ANSWERS)
        opened.settle()
        assert page.url == before
        assert page.locator(".m-focus-text").inner_text() == line

        page.locator(NOTE).fill("half a note")
        proxy.stop()
        page.locator(BAR).get_by_role("button", name="Try now").wait_for()
        proxy.start()
        expect(page.locator(BAR)).to_contain_text("that loses the note that you wrote", timeout=ANSWERS)
        assert page.locator(NOTE).input_value() == "half a note"
        expect(page.get_by_role("button", name="Open anew")).to_be_enabled()


def test_everything_works_under_a_prefix_in_a_frame_of_another_site(browser: Browser, proxy: Proxy, tmp_path: Path) -> None:
    with framing(f"{proxy.url}/{QUERY}") as slides, browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        opened = Visit(page, proxy.url)
        opened.watch()
        page.goto(slides)
        walk(page, page.frames[1], f"{proxy.url}/", tmp_path)
        assert [each for each in opened.complaints if each != f"left the host: {slides}/"] == []
