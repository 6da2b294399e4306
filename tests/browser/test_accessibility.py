"""axe-core finds nothing serious, on every page, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.visit import DESKTOP, PHONE, Visit

PAGES = ["Explore", "Predictions", "Segment", "About"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_violation(page_at: Callable[..., Visit], name: str, viewport: tuple[int, int], theme: str) -> None:
    opened = page_at(viewport=viewport, theme=theme)
    opened.show(name)
    violations = Axe().run(opened.page).response["violations"]
    serious = [
        f"{found['impact']} {found['id']}: {found['help']}: {node['html'][:200]}"
        for found in violations
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]
    assert not serious, "\n".join(serious)
