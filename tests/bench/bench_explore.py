"""Explore with 10,000 lakes on localhost: what a click, the first paint and a new season cost.

Headless Chromium draws WebGL in software.
"""

from __future__ import annotations

import asyncio
import functools
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from data.simulate import Plan, write_simulated
from tests.browser.plots import ask, drawn, place
from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, chromium
from tests.load.client import visiting

LAKES = 10_000
CLICKS = 30
SEASONS = [(first, last) for first in (6, 7, 8, 9, 10) for last in (10, 11, 12)]
OTHER_CLICKS = 150
SETTLE_MS = 1_000
"""Between two seasons: the map of the one before is drawn by then."""

TIME_A_CLICK = """() => {
    const host = document.querySelector('.m-volcano .m-plot-host');
    window.clicks = [];
    let focus;
    addEventListener('pointerdown', () => (focus = host.dataset.focus), true);
    addEventListener('pointerup', (event) => {
        const watch = () => {
            // The frame after the one in which the ring was added: by then it is on the screen.
            const note = () => window.clicks.push(performance.now() - event.timeStamp);
            if (host.dataset.focus !== focus) requestAnimationFrame(() => requestAnimationFrame(note));
            else setTimeout(watch, 1);
        };
        watch();
    }, true);
}"""
TIME_A_SEASON = """([first, last]) => new Promise((done) => {
    const host = document.querySelector('.m-volcano .m-plot-host');
    const wanted = `~${first}-${last}~`, began = performance.now();
    const drawn = host.dataset.drawn;
    new MutationObserver((_, watcher) => {
        if (host.dataset.drawn === drawn || !decodeURIComponent(host.morainePlot.model.get('columns')[1]).includes(wanted)) return;
        watcher.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }).observe(host, { attributes: true, attributeFilter: ['data-drawn'] });
    for (const [name, value] of [['first', first], ['last', last]]) {
        const select = document.querySelector(`#explore-test-${name}`);
        if (select.selectize) select.selectize.setValue(String(value));
        else { select.value = String(value); select.dispatchEvent(new Event('change', { bubbles: true })); }
    }
})"""


class Traffic:
    """Bytes of a page: WebSocket payloads both ways, and HTTP bodies as they came over the line.

    Args:
        page: Watched from now on; a socket that is already open is not seen.
    """

    def __init__(self, page: Page) -> None:
        self.socket = 0
        self.http: dict[str, int] = {}
        urls: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        for name in ("Network.webSocketFrameSent", "Network.webSocketFrameReceived"):
            session.on(name, self._frame)
        session.on("Network.responseReceived", lambda event: urls.__setitem__(event["requestId"], event["response"]["url"]))
        session.on(
            "Network.loadingFinished", lambda event: self.http.__setitem__(urls.get(event["requestId"], ""), event["encodedDataLength"])
        )

    def _frame(self, event: dict[str, Any]) -> None:
        self.socket += len(event["response"]["payloadData"].encode())


@contextmanager
def _crowd() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "lakes"
        write_simulated(folder, Plan(lakes=LAKES, seed=3))
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server:
            yield server


def _first_paint(page: Page, url: str) -> dict[str, float]:
    traffic = Traffic(page)
    page.goto(url)
    drawn(page, "volcano", "map", "series")
    seconds = page.evaluate("performance.now()") / 1000
    page.wait_for_timeout(1_500)
    data = sum(size for address, size in traffic.http.items() if "/columns/" in address)
    return {"first_paint_s": seconds, "first_paint_ws_mb": traffic.socket / 1e6, "first_paint_data_mb": data / 1e6,
            "first_visit_mb": sum(traffic.http.values()) / 1e6, **_clicks(page, traffic)}  # fmt: skip


def _clicks(page: Page, traffic: Traffic) -> dict[str, float]:
    page.evaluate(TIME_A_CLICK)
    rows = ask(page, "volcano", "plot.order()")
    costs = []
    for row in rows[5 : 5 + 40 * CLICKS : 40]:
        before = traffic.socket
        page.mouse.click(*place(page, "volcano", row))
        page.wait_for_timeout(900)
        costs.append(traffic.socket - before)
    times = page.evaluate("window.clicks")
    assert len(times) >= CLICKS - 2, f"only {len(times)} of {CLICKS} clicks moved the highlight"
    return {
        "click_to_highlight_ms": statistics.median(times),
        "click_kb": statistics.median(costs) / 1e3,
        "click_kb_most": max(costs) / 1e3,
    }


def _seasons(page: Page, url: str) -> dict[str, float]:
    page.goto(url)
    drawn(page, "volcano", "map", "series")
    page.wait_for_timeout(1_500)
    cold: list[float] = []

    async def others() -> list[float]:
        async with visiting(url) as visitor:
            times = []
            for _ in range(OTHER_CLICKS):
                times.append((await visitor.next_lake())[0])
                await asyncio.sleep(0.1)
            return times

    found: list[float] = []
    other = threading.Thread(target=lambda: found.extend(asyncio.run(others())))
    other.start()
    for season in SEASONS:
        cold.append(page.evaluate(TIME_A_SEASON, list(season)))
        page.wait_for_timeout(SETTLE_MS)
    other.join()
    cached = []
    for season in [*SEASONS, *SEASONS]:
        cached.append(page.evaluate(TIME_A_SEASON, list(season)))
        page.wait_for_timeout(SETTLE_MS)
    p95 = float(np.quantile(found, 0.95)) * 1e3
    return {"season_cold_ms": statistics.median(cold), "season_cold_most_ms": max(cold), "season_cached_ms": statistics.median(cached),
            "other_click_p95_ms": p95}  # fmt: skip


@functools.cache
def _figures() -> dict[str, float]:
    with _crowd() as server, chromium() as browser:
        first, second = (browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}).new_page() for _ in range(2))
        return _first_paint(first, server.url) | _seasons(second, server.url)


UNITS = {"ms": "ms", "kb": "kB", "mb": "MB", "s": "s", "most": "kB"}
NAMES = (
    "click_to_highlight_ms", "click_kb", "click_kb_most", "first_paint_s", "first_paint_ws_mb", "first_paint_data_mb", "first_visit_mb",
    "season_cold_ms", "season_cold_most_ms", "season_cached_ms", "other_click_p95_ms",
)  # fmt: skip
BENCHMARKS = {
    f"explore.{name}": functools.partial(lambda name: {"value": round(_figures()[name], 3), "unit": UNITS[name.rsplit("_", 1)[1]]}, name)
    for name in NAMES
}
