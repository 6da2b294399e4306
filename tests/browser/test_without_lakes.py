"""Explore of labelled chips in the browser: a quiet page that says why it is empty, and whose pictures are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.server import Server
from tests.browser.visit import DESKTOP, PHONE, visit
from tests.test_without_lakes import chip_dataset


@pytest.fixture(scope="module")
def chips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chip_dataset(tmp_path_factory.mktemp("chips"))


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_it_opens_and_shows_what_there_is(
    browser: Browser, serve: Callable[..., Server], chips: Path, viewport: tuple[int, int], theme: str
) -> None:
    server = serve(MORAINE_DATASETS=str(chips))
    with visit(browser, f"{server.url}/", viewport, theme) as opened:
        expect(opened.page.get_by_role("status").filter(has_text="29 images without lakes")).to_be_visible()
        first = opened.page.locator(".m-samples img").first
        first.scroll_into_view_if_needed()
        opened.page.wait_for_function("() => document.querySelector('.m-samples img').naturalWidth === 128")
        wide = opened.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing sticks out to the side"
        opened.show("About")
        assert opened.complaints == []
    assert server.tracebacks() == []
