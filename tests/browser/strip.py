"""What tests ask of the filmstrip on the page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

READY = """() => {
    const frames = [...document.querySelectorAll('.m-film-frame:not([hidden])')];
    return frames.length > 0 && !document.querySelector('.m-film-waiting')
        && [...document.querySelectorAll('.m-film-frame:not([hidden]) img')].every((image) => image.complete || image.loading === 'lazy');
}"""
WATCH = """() => {
    window.went = [];
    document.addEventListener('moraine-at', () => window.went.push([moraine.evidence.scene()?.date, performance.now()]));
}"""


def strip(page: Page) -> Page:
    """Wait until the plot and its filmstrip are there."""
    page.wait_for_function("() => document.querySelector('.m-series .m-plot-host')?.dataset.drawn > 0", timeout=60_000)
    page.wait_for_function(READY, timeout=60_000)
    return page


def year(page: Page) -> int:
    """The year of the date in focus; fails unless the ring, the selection and the tab stop are all on it."""
    ringed, selected, stop = (
        page.evaluate("(which) => [...document.querySelectorAll(which)].map((node) => Number(node.dataset.key))", which)
        for which in (".m-film-at", ".m-film-frame[aria-selected=true]", ".m-film-frame[tabindex='0']")
    )
    at = page.evaluate("moraine.evidence.at")
    assert ringed == selected == stop == [at]
    return int(page.evaluate("moraine.evidence.scene().date").split("-")[0])


def frame(page: Page, year: int) -> Any:
    """The frame of a year, as a locator."""
    return page.locator(f".m-film-frame[aria-label^='{year}-']")


def tool(page: Page, does: str) -> Any:
    """A button of the filmstrip, as a locator."""
    return page.locator(f".m-filmstrip-body [data-film={does}]:not(.m-film-edge)")


def told(page: Page) -> None:
    """Wait until the server has been told of the date in focus: the address says so."""
    page.wait_for_function("() => new URLSearchParams(location.search).get('scene') === String(moraine.evidence.at)")
