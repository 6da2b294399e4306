"""A page in the browser that remembers everything it complained of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.browser.chromium import FLAGS, system_chromium

DESKTOP = (1440, 900)
PHONE = (390, 844)
SERIOUS = frozenset({"serious", "critical"})
ANY = SERIOUS | {"minor", "moderate"}
BROKEN = {"resultTypes": ["violations"]}
"""What axe tells in full: it takes half as long where it need not say what is well."""
# Shiny is connected and idle, and no output that can be seen waits for its value (hidden ones wait until they are shown).
SETTLED = """() => window.Shiny?.shinyapp?.isConnected?.() && !document.documentElement.classList.contains('shiny-busy')
    && ![...document.querySelectorAll('.recalculating')].some(output => output.offsetWidth || output.offsetHeight)"""


@dataclass
class Visit:
    """A page, its address, and its complaints: console errors, failed requests, requests that left the host."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list[str])

    def settle(self, timeout_s: float = 30) -> Page:
        """Wait until the server has answered everything; returns the page."""
        self.page.wait_for_function(SETTLED, timeout=timeout_s * 1000)
        return self.page

    def show(self, name: str) -> Page:
        """Turn to a page of the header by its name, unless it is shown already; returns the page, settled."""
        tab = self.page.get_by_role("tab", name=name, exact=True, include_hidden=True)
        if tab.get_attribute("aria-selected") != "true":
            if not tab.is_visible():
                self.page.get_by_role("button", name="Toggle navigation").click()
            tab.click()
        return self.settle()

    def turn(self, theme: str) -> Page:
        """Turn to the light or the dark theme; returns the page, settled, its colours no longer on the way."""
        self.page.locator("#theme").evaluate("(element, theme) => element.setAttribute('mode', theme)", theme)
        self.page.wait_for_function("theme => document.documentElement.dataset.bsTheme === theme", arg=theme)
        self.page.wait_for_function("() => document.getAnimations().every(each => !(each instanceof CSSTransition))")
        return self.settle()

    def violations(self, within: str | None = None, impacts: frozenset[str] = SERIOUS) -> list[str]:
        """What axe finds in the light and in the dark theme, one line a place.

        Args:
            within: A selector of the part to look at; None for the whole page.
            impacts: Which impacts count.
        """
        found: list[str] = []
        for theme in ("light", "dark"):
            for each in Axe().run(self.turn(theme), context=within, options=BROKEN).response["violations"]:
                if each["impact"] in impacts:
                    found += [f"{theme}: {each['impact']} {each['id']}: {node['html'][:200]}" for node in each["nodes"]]
        return found

    def watch(self) -> None:
        """Start to collect complaints."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self._check_host(request.url))
        self.page.on("websocket", lambda socket: self._check_host(socket.url))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # Errors only: the date picker that Shiny ships warns of its own file names.
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _check_host(self, url: str) -> None:
        if urlsplit(url).scheme not in {"data", "blob"} and urlsplit(url).netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"left the host: {url}")

    def _failed(self, request: Request) -> None:
        # What the browser itself cancels when it leaves a page is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, url: str, viewport: tuple[int, int] = DESKTOP, theme: str = "light", touch: bool = False) -> Iterator[Visit]:
    """Open an address in a context of its own.

    Args:
        browser: The browser.
        url: The full address.
        viewport: Width and height in CSS pixels.
        theme: `light` or `dark`, which the system is said to prefer.
        touch: Emulate a touch screen.
    """
    options: dict[str, Any] = {"color_scheme": theme, "has_touch": touch, "is_mobile": touch, "locale": "en-GB"}
    context = browser.new_context(viewport={"width": viewport[0], "height": viewport[1]}, accept_downloads=True, **options)
    opened = Visit(context.new_page(), url)
    opened.watch()
    try:
        opened.page.goto(url)
        opened.settle()
        yield opened
    finally:
        context.close()
