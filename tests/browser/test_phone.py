"""Explore on a phone: a swipe scrolls even over a plot, a tap picks the nearest lake, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.plots import ask, brushed, drawn, place, significant
from tests.browser.visit import PHONE, Visit


@pytest.fixture
def phone(page_at: Callable[..., Visit]) -> Visit:
    visit = page_at(viewport=PHONE, touch=True)
    drawn(visit.page, "volcano")
    return visit


@pytest.fixture
def looked_at(kept_at: Callable[..., Visit], app_url: str) -> Visit:
    """One page for all that only scroll it and turn to other pages."""
    visit = kept_at(f"{app_url}/", viewport=PHONE, touch=True)
    drawn(visit.page, "volcano")
    return visit


def _swipe_up(page: Page, x: float, y: float) -> float:
    """Swipe 250 px up with one finger; returns how far the page has scrolled."""
    before = page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 26):
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 10 * step}]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)
    return page.evaluate("scrollY") - before


@pytest.mark.parametrize("name", ["volcano", "map"])
def test_a_swipe_on_a_plot_scrolls_the_page(looked_at: Visit, name: str) -> None:
    page = looked_at.page
    page.evaluate("scrollTo(0, 0)")
    if name != "volcano":
        page.get_by_role("tab", name="Map").tap()
        drawn(page, "map")
    box = page.locator(f".m-{name} .m-plot").bounding_box()
    assert box is not None
    assert _swipe_up(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) > 150
    assert brushed(page, name) == []


def test_a_tap_near_a_lake_focuses_it_and_the_buttons_walk(phone: Visit) -> None:
    page = phone.page
    page.locator(".m-volcano").scroll_into_view_if_needed()
    row, key, _ = significant(page, 0)
    x, y = place(page, "volcano", row)
    page.touchscreen.tap(x + 9, y - 12)
    page.wait_for_function("() => location.search.includes('lake=')")
    pixel = "plot.pixel(row).map((at, axis) => at + (axis ? box.top : box.left) - [more.x, more.y][axis])"
    away = f"(box => [...plot.bits.keys()].filter(row => !Number.isNaN(plot.columns.p[row])).map(row => Math.hypot(...{pixel})))"
    distances = ask(page, "volcano", f"{away}(plot.plot.getBoundingClientRect())", x=x + 9, y=y - 12)
    focus = ask(
        page,
        "volcano",
        "Math.hypot(...(box => (row => " + pixel + ")(plot.model.get('focus')))(plot.plot.getBoundingClientRect()))",
        x=x + 9,
        y=y - 12,
    )
    assert focus == min(distances) <= 24
    page.get_by_role("button", name="Clear focus and brush").tap()
    page.wait_for_function("() => !location.search.includes('lake=')")
    page.get_by_role("button", name="Next lake in order of significance").tap()
    page.wait_for_function("key => new URLSearchParams(location.search).get('lake') === String(key)", arg=key)
    second = significant(page, 1)[1]
    page.get_by_role("button", name="Next lake in order of significance").tap()
    page.wait_for_function("key => new URLSearchParams(location.search).get('lake') === String(key)", arg=second)
    assert phone.complaints == []


def test_brushing_waits_for_its_button(phone: Visit) -> None:
    page = phone.page
    assert ask(page, "volcano", "plot.plot._fullLayout.dragmode") is False
    page.locator(".m-volcano").get_by_role("button", name="Brush", exact=True).tap()
    page.wait_for_function("() => document.querySelector('.m-volcano .m-plot-host').morainePlot.plot._fullLayout.dragmode === 'lasso'")


def test_volcano_map_and_table_are_tabs_and_filters_a_drawer(phone: Visit) -> None:
    page = phone.page
    for name, other in (("Map", "volcano"), ("Table", "map"), ("Volcano", "table")):
        page.get_by_role("tab", name=name, exact=True).tap()
        page.wait_for_selector(f".m-{name.lower()}", state="visible")
        assert not page.locator(f".m-explore > .m-{other}").is_visible()
    assert not page.get_by_text("Filters never change a statistic").is_visible()
    page.locator(".collapse-toggle:visible").tap()
    page.get_by_text("Filters never change a statistic").wait_for(state="visible")
    assert phone.complaints == []


@pytest.mark.parametrize("name", ["Explore", "Predictions", "About"])
def test_nothing_sticks_out(looked_at: Visit, name: str) -> None:
    page = looked_at.show(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
