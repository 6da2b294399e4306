"""A page on which nothing is done says that it gave its place back, and opens at the same view when its visitor comes back."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from modules.serving.guard.rules import Rules
from tests.browser.plots import drawn
from tests.browser.visit import PHONE, visit
from tests.datasets import small_dataset
from tests.load.inside import served_here

BAR, GOOD = ".m-lost", ".m-lost[data-good]"
SAID = "Nothing was done here for 1 minute, so this page gave its place to others"
WAITS = 60_000


def test_a_page_left_alone_says_so_and_comes_back_to_its_view(browser: Browser, tmp_path: Path) -> None:
    with (
        served_here(small_dataset(tmp_path / "small"), guard=Rules(sessions=1, idle_s=6)) as (url, app),
        visit(browser, f"{url}/?lake=3", PHONE, touch=True) as opened,
    ):
        page = drawn(opened.page, "volcano")
        line, address = page.locator(".m-focus-text").inner_text(), page.url
        expect(page.locator(BAR)).to_contain_text(SAID, timeout=WAITS)
        assert len(app._sessions) == 0, "its place is free"
        assert page.locator(".m-focus-text").inner_text() == line, "the page stays to be looked at"
        assert opened.complaints == []
        assert Axe().run(page, context=BAR).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.wait_for_timeout(1500)
        assert len(app._sessions) == 0, "it does not come back by itself"
        page.get_by_role("button", name="Open again").click()
        expect(page.locator(GOOD)).to_contain_text("Connected again", timeout=WAITS)
        assert page.url == address
        expect(page.locator(".m-focus-text")).to_have_text(line)
