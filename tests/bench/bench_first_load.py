"""The first visit over a slow line, and the second: headless Chromium throttled to 1.6 Mbit/s down, 0.75 up, and 150 ms an answer.

Seconds run from the start of the navigation to the frame that shows the volcano. Cold: nothing of Moraine in the browser's cache. Warm: the
page again, in a new tab of the same browser. The server has been visited once before, as any that is in use has. Bars: 12 s cold, 4 s warm.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.plots import drawn
from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, chromium, visit
from tests.scene_dataset import scene_dataset

TIMES = 3
DOWN, UP = 1.6e6 / 8, 0.75e6 / 8
"""Bytes a second."""
LATENCY_MS = 150
AFTER_MS = 6_000
"""What follows the volcano (map, series, images) is counted too."""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000))))"


class Line:
    """A page on the slow line, and what came over it.

    Args:
        page: Throttled from now on.
    """

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP}
        session.send("Network.emulateNetworkConditions", slow)
        session.on("Network.loadingFinished", self._came)

    def _came(self, event: dict[str, Any]) -> None:
        if size := int(event["encodedDataLength"]):
            self.bytes[event["requestId"]] = size


def _visit(context: BrowserContext, url: str) -> dict[str, float]:
    page = context.new_page()
    line = Line(page)
    page.goto(url, wait_until="commit")
    drawn(page, "volcano")
    seconds = page.evaluate(PAINTED)
    until_then = sum(line.bytes.values())
    page.wait_for_timeout(AFTER_MS)
    found = {"s": seconds, "mb": until_then / 1e6, "all_mb": sum(line.bytes.values()) / 1e6, "requests": float(len(line.bytes))}
    page.close()
    return found


def _both(browser: Browser, url: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    found = {f"{name}_{key}": value for name in ("cold", "warm") for key, value in _visit(context, url).items()}
    context.close()
    return found


@contextmanager
def _served() -> Generator[Server]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = scene_dataset(Path(scratch) / "data")
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server:
            yield server


@functools.cache
def _figures() -> dict[str, float]:
    with _served() as server, chromium() as browser:
        with visit(browser, server.url):
            pass
        found = [_both(browser, server.url) for _ in range(TIMES)]
    return {key: statistics.median(each[key] for each in found) for key in found[0]}


UNITS = {"s": "s", "mb": "MB", "requests": ""}
BENCHMARKS = {
    f"first_load.{name}": functools.partial(lambda name: {"value": round(_figures()[name], 3), "unit": UNITS[name.rsplit("_", 1)[1]]}, name)
    for name in ("cold_s", "cold_mb", "cold_all_mb", "cold_requests", "warm_s", "warm_mb", "warm_requests")
}
