"""The page loads, keeps quiet, and stays at home."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.server import Server
from tests.browser.visit import DESKTOP, PHONE, Visit


@pytest.mark.parametrize(("viewport", "touch"), [(DESKTOP, False), (PHONE, True)], ids=["desktop", "phone"])
def test_the_page_loads_with_a_clean_console_and_asks_no_other_host(
    page_at: Callable[..., Visit], viewport: tuple[int, int], touch: bool
) -> None:
    opened = page_at(viewport=viewport, touch=touch)
    assert "Moraine" in opened.page.title()
    assert opened.complaints == []


def test_a_visit_leaves_no_exception_in_the_log(page_at: Callable[..., Visit], serve: Callable[..., Server]) -> None:
    page_at()
    assert serve().tracebacks() == []
