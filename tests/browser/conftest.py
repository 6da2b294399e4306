"""Fixtures of the browser tests: one server and one Chromium for all, a fresh page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, Visit, chromium, visit


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """`serve(MORAINE_DATASETS=..., ...)`: a server with these variables, started once and kept for the session."""
    running: dict[tuple[tuple[str, str], ...], Server] = {}
    with ExitStack() as stack:

        def start(**env: str) -> Server:
            key = tuple(sorted(env.items()))
            if key not in running:
                running[key] = stack.enter_context(serving(tmp_path_factory.mktemp("state"), env))
            return running[key]

        yield start


@pytest.fixture(scope="session")
def app_url(serve: Callable[..., Server]) -> str:
    """The address of the app as it starts with nothing said: the simulated inventory."""
    return serve().url


@pytest.fixture
def page_at(browser: Browser, app_url: str) -> Iterator[Callable[..., Visit]]:
    """`page_at(query="", viewport=..., theme="dark", touch=True, url=...)`: a settled page of the app, closed after the test."""
    with ExitStack() as stack:

        def open_page(
            query: str = "", viewport: tuple[int, int] = DESKTOP, theme: str = "light", touch: bool = False, url: str = app_url
        ) -> Visit:
            return stack.enter_context(visit(browser, f"{url}/{query}", viewport, theme, touch))

        yield open_page
