"""Reviews as two people use them: one by the keyboard, the other sees it without a reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit
from tests.datasets import MARKUP
from tests.scene_dataset import scene_dataset

BAD, TOLD, LISTED = '[data-verdict="bad"]', ".m-review-told", ".m-review"
LATE = 30_000


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = scene_dataset(tmp_path_factory.mktemp("reviews") / "data")
    return serve(MORAINE_DATASETS=str(folder), MORAINE_STATE_LASTS="yes").url


def test_a_mask_is_called_bad_by_a_key_and_leaves_the_fit_of_both(page_at: Callable[..., Visit], url: str) -> None:
    mine, theirs = page_at("?lake=1", url=url), page_at("?lake=1", url=url, viewport=PHONE, touch=True)
    page, other = mine.page, theirs.page
    page.locator(".m-review-words input[type=text]").fill(MARKUP)
    page.locator(".m-review-words textarea").fill("shadow")
    page.locator(".m-review-words textarea").press("Tab")
    mine.settle()
    page.locator("canvas.m-scene-detail").focus()
    page.keyboard.press("b")
    expect(page.locator(TOLD)).to_contain_text("Saved: the mask of ", timeout=LATE)
    expect(page.locator(BAD)).to_have_attribute("aria-pressed", "true")
    expect(other.locator(LISTED)).to_contain_text(f"bad · {MARKUP} (unverified)", timeout=LATE)
    assert other.locator(f"{LISTED} b").count() == 0, "what was typed is text"
    page.locator(".m-test input[type=checkbox][id$=leave_out]").check()
    expect(page.locator(".m-headline")).to_contain_text("1 reviewed bad", timeout=LATE)
    page.reload()
    mine.settle()
    expect(page.locator(".m-headline")).to_contain_text("1 reviewed bad", timeout=LATE)
    assert mine.complaints == theirs.complaints == []
    assert mine.violations(".m-reviews") == []
