"""Floods in the browser, on a phone in the dark: the hindcast by keyboard, its lake in focus, and the ring round it on Explore."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.plots import drawn
from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit
from tests.datasets import small_dataset
from tests.flood_cases import with_floods

LATER = [(0, "2021-06-01"), (1, "2022"), (9, "2021-01-05"), (20, "2022-03")]


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> str:
    return serve(MORAINE_DATASETS=str(with_floods(small_dataset(tmp_path_factory.mktemp("floods") / "d"), LATER))).url


def test_from_the_hindcast_to_the_ring(page_at: Callable[..., Visit], url: str) -> None:
    opened = page_at("?page=watchlist", url=url, viewport=PHONE, theme="dark")
    page = opened.page
    expect(page.get_by_text("of them burst later")).to_be_visible()
    page.get_by_label("Rank by").select_option("area")
    page.get_by_label("What was known at the end of").select_option("2019")
    expect(page.get_by_text("40 lakes ranked by what was known on 2019-12-31; 4 of them burst later")).to_be_visible()
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "nothing sticks out to the side"
    lake = page.locator(".m-hindcast-ranks tr[data-key='0'] .m-lake")
    lake.focus()
    page.keyboard.press("Enter")
    opened.show("Explore")
    expect(page.locator(".m-focus-flood")).to_have_text(" · burst 2021-06-01")
    drawn(page, "volcano")
    rows = page.evaluate("() => document.querySelector('.m-volcano .m-plot').data.find(({ name }) => name === 'flood').rows")
    assert sorted(rows) == [0, 1, 9, 20]
    assert opened.complaints == [], "before axe, which asks for style sheets of its own"
    opened.show("Watch-list")
    assert opened.violations(".m-hindcast") == []
