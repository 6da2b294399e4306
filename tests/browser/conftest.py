"""Fixtures of the browser tests: one server and one Chromium for all, a fresh page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, Visit, chromium, visit
from tests.scene_dataset import scene_dataset


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


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset with images that is only looked at: one folder, hence one server, for all."""
    return scene_dataset(tmp_path_factory.mktemp("looked-at") / "scenes")


@pytest.fixture(scope="session")
def scenes_url(serve: Callable[..., Server], scenes: Path) -> str:
    """The address of the app on that dataset."""
    return serve(MORAINE_DATASETS=str(scenes)).url


@pytest.fixture(scope="module")
def kept_at(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """`kept_at(url, viewport=..., ...)`: a page that the tests of a file share; opened once. For those that leave it as they found it."""
    held: dict[str, Visit] = {}
    with ExitStack() as stack:

        def kept(url: str, viewport: tuple[int, int] = DESKTOP, theme: str = "light", touch: bool = False) -> Visit:
            key = f"{url} {viewport} {theme} {touch}"
            if key not in held:
                held[key] = stack.enter_context(visit(browser, url, viewport, theme, touch))
            return held[key]

        yield kept


@pytest.fixture
def page_at(browser: Browser, app_url: str) -> Iterator[Callable[..., Visit]]:
    """`page_at(query="", viewport=..., theme="dark", touch=True, url=...)`: a settled page of the app, closed after the test."""
    with ExitStack() as stack:

        def open_page(
            query: str = "", viewport: tuple[int, int] = DESKTOP, theme: str = "light", touch: bool = False, url: str = app_url
        ) -> Visit:
            return stack.enter_context(visit(browser, f"{url}/{query}", viewport, theme, touch))

        yield open_page
