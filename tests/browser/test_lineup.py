"""The line-up by keyboard alone: twenty plots, one pick, told, and away with Escape."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visit import Visit


def test_a_plot_is_picked_with_the_keyboard_and_escape_leaves(page_at: Callable[..., Visit]) -> None:
    opened = page_at()
    page = opened.page
    page.get_by_role("button", name="Line-up").press("Enter")
    plots = page.locator(".m-lineup button")
    expect(plots).to_have_count(20)
    assert not opened.violations(".m-lineup-dialog")
    plots.nth(3).press("Enter")
    expect(page.locator(".m-lineup-plot.m-real")).to_have_count(1)
    expect(page.get_by_text("This visit:")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".m-lineup")).to_have_count(0)
