"""axe-core finds nothing serious, on every page, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.visit import DESKTOP, PHONE, Visit

PAGES = ["Explore", "Watch-list", "Predictions", "Segment", "Lens", "About"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_serious_violation(page_at: Callable[..., Visit], viewport: tuple[int, int]) -> None:
    opened = page_at(viewport=viewport)
    found: list[str] = []
    for name in PAGES:
        opened.show(name)
        found += [f"{name} {each}" for each in opened.violations()]
    assert not found, "\n".join(found)
