"""Every place is taken: who comes then is told so, on a phone and in the dark too, and is in once somebody leaves."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from websockets.sync.client import connect

from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit


def test_who_comes_when_every_place_is_taken_waits_and_gets_in(
    page_at: Callable[..., Visit], serve: Callable[..., Server], browser: Browser
) -> None:
    url = serve(MORAINE_SESSIONS="1").url
    with connect(url.replace("http", "ws") + "/websocket/"):
        pass  # the place that is held for who looked whether the server is there
    first = page_at("?lake=3", url=url)
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, color_scheme="dark", is_mobile=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "olicy" in said.text else None)
    answer = page.goto(f"{url}/?lake=3")
    assert answer is not None
    assert answer.status == 503
    expect(page.get_by_role("heading", name="Moraine is full at the moment")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        page.reload()
        assert Axe().run(page).response["violations"] == []
    page.evaluate("ask()")
    expect(page.get_by_role("status")).to_contain_text("all places were taken")
    first.page.goto("about:blank")
    page.evaluate("ask()")  # what the page does by itself every quarter of a minute
    expect(page.locator(".m-explore")).to_be_attached(timeout=30_000)
    assert "lake=3" in page.url
    assert errors == []
    context.close()
