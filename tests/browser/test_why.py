"""*Why this point?* by keyboard, on a desk and on a phone; triage as a filter that a link keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit
from tests.triage_cases import SOFT, cases_dataset


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> str:
    dataset: Path = cases_dataset(tmp_path_factory.mktemp("why") / "data")
    return serve(MORAINE_DATASETS=str(dataset)).url


def test_the_panel_opens_by_keyboard_and_follows_the_focus(page_at: Callable[..., Visit], url: str) -> None:
    page = page_at(f"?lake={SOFT}&triage=model+artefact", url=url).page
    button, panel = page.locator(".m-why-button"), page.locator(".m-why")
    expect(page.locator(".m-focus-sentence")).to_contain_text("triage: model artefact")
    expect(page.locator(".m-count")).to_contain_text("by triage")
    expect(panel).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(panel).to_contain_text("of 20 thresholds say the same")
    assert panel.locator(".m-whisker-standing").count() == 3
    page.keyboard.press("Enter")
    expect(panel).to_be_hidden()


def test_on_a_phone_the_panel_comes_into_sight(page_at: Callable[..., Visit], url: str) -> None:
    page = page_at("?lake=0", PHONE, touch=True, url=url).page
    page.locator(".m-why-button").tap()
    expect(page.locator(".m-why")).to_be_in_viewport()
    expect(page.locator(".m-why")).to_contain_text("Threshold-proof")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], "nothing sticks out sideways"
