"""A million lakes × 40 years in a browser: ready, memory, a click, a filter with new counts, a lasso round about 10,000 lakes.

It is simulated and fitted first, which takes most of the time; MORAINE_MILLION names a folder that is one already, with its trends.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Page

from data.meta import read_meta
from data.settings import text
from data.simulate import Plan, write_simulated
from data.store import Store
from modules.measures import measure
from tests.browser.plots import drawn
from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, SETTLED, chromium
from tests.harness import Figures
from tests.memory import memory_mb

LAKES, YEARS, TIMES = 1_000_000, 40, 20
LASSO = 10_000
BARS = {"ready_s": 8.0, "peak_mb": 1_200.0, "click_ms": 150.0, "filter_ms": 500.0, "lasso_ms": 700.0}
"""Of the full number of lakes, on a quiet machine of two cores."""
REST_MS = 1_000
"""Between two clicks: what follows the one before is drawn by then."""
COUNT = "#explore-show-count"

WATCH = """([event, texts]) => {
    const said = () => texts.map(at => document.querySelector(at)?.textContent);
    let before = said();
    window.took = null;
    addEventListener(event, (press) => {
        before = said();
        const look = () => {
            if (said().every((text, at) => text === before[at])) return void setTimeout(look, 1);
            requestAnimationFrame(() => requestAnimationFrame(() => { window.took = performance.now() - press.timeStamp; }));
        };
        look();
    }, { capture: true, once: true });
}"""
RING = """() => {
    const host = document.querySelector('.m-volcano .m-plot-host'), before = host.dataset.focus;
    window.ringed = null;
    addEventListener('pointerup', (press) => {
        const look = () => {
            if (host.dataset.focus === before) return void setTimeout(look, 1);
            requestAnimationFrame(() => requestAnimationFrame(() => { window.ringed = performance.now() - press.timeStamp; }));
        };
        look();
    }, { capture: true, once: true });
}"""
FILTER = """([id, values, count]) => new Promise((done) => {
    const before = document.querySelector(count).textContent, began = performance.now();
    const look = () => {
        if (document.querySelector(count).textContent === before) return void setTimeout(look, 1);
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    };
    document.querySelector(id).selectize.setValue(values);
    look();
})"""
ANOTHER = """([x, y]) => {
    const { crowd, model } = document.querySelector('.m-volcano .m-plot-host').morainePlot;
    if (!crowd) return true; // a sample has so few lakes that each is a point, all over the middle
    const asked = crowd.ask('under', crowd.spot(x, y, 14)).then((answer) => answer.json());
    return asked.then(({ row }) => row !== null && row !== model.get('focus'));
}"""
PIXELS = """(points) => {
    const { xaxis, yaxis } = document.querySelector('.m-volcano .js-plotly-plot')._fullLayout;
    const box = document.querySelector('.m-volcano .js-plotly-plot').getBoundingClientRect();
    return points.map(([x, y]) => [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)]);
}"""


def _made(folder: Path, state: Path, lakes: int) -> Path:
    """The dataset, and its trends under the state folder."""
    env = {**os.environ, "MORAINE_STATE_DIR": str(state)}
    wish = ["simulate", "--world", str(lakes), "--years", str(YEARS), "--into", str(folder)]
    for words in (wish, ["trends", str(folder), "--workers", "2"]):
        subprocess.run([sys.executable, "-m", "data", *words], env=env, check=True, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def _served(scratch: Path, lakes: int) -> Iterator[tuple[Server, Path]]:
    """An app that has not opened the dataset yet: the one that it opens at first is another."""
    given = text("MILLION")
    folder = Path(given) if given else _made(scratch / "million", scratch / "state", lakes)
    write_simulated(scratch / "few", Plan(lakes=30, seed=1))
    with serving(scratch / "state", {"MORAINE_DATASETS": f"{scratch / 'few'}{os.pathsep}{folder}"}) as server:
        yield server, folder


def _settled(page: Page) -> None:
    page.wait_for_function(SETTLED, timeout=60_000)


def _clicks(page: Page, rng: random.Random, times: int) -> tuple[list[float], list[float]]:
    """From a press in the volcano to the lake ringed there, and to its sentence on screen."""
    box = page.locator(".m-volcano .m-plot").bounding_box()
    assert box is not None
    rings, found = [], []
    for _ in range(times):
        across, down = _place(page, box["width"], box["height"], rng)
        page.evaluate(RING)
        page.evaluate(WATCH, ["pointerup", ["#explore-focus-sentence"]])
        page.mouse.click(box["x"] + across, box["y"] + down)
        page.wait_for_timeout(REST_MS)  # who asks all the time takes the processor from what is measured
        page.wait_for_function("() => window.took !== null && window.ringed !== null", timeout=30_000)
        found.append(float(page.evaluate("window.took")))
        rings.append(float(page.evaluate("window.ringed")))
        _settled(page)
    return rings, found


def _place(page: Page, width: float, height: float, rng: random.Random) -> tuple[float, float]:
    """Somewhere in the plot where a lake is that is not in focus yet, in pixels."""
    for _ in range(100):
        at = width * rng.uniform(0.35, 0.75), height * rng.uniform(0.5, 0.75)
        if page.evaluate(ANOTHER, list(at)):
            return at
    raise AssertionError("no lake in the middle of the volcano")


def _filters(page: Page, basins: list[str], times: int) -> list[float]:
    """From another basin chosen to the new count on screen."""
    found = []
    for place in range(times):
        found.append(float(page.evaluate(FILTER, ["#explore-show-basins", [basins[place % len(basins)]], COUNT])))
        _settled(page)
    page.evaluate(FILTER, ["#explore-show-basins", [], COUNT])
    _settled(page)
    return found


def _lassos(page: Page, slope: np.ndarray, times: int) -> list[float]:
    """From a lasso let go to the counts of the brushed lakes on screen."""
    found, order = [], np.sort(slope[np.isfinite(slope)])
    width = min(LASSO, len(order) // 10)
    # Among those that grow: about no change 10,000 lakes lie within a pixel.
    start = round(0.83 * len(order))
    step = min(width * 6 // 10, (len(order) - 1 - width - start) // TIMES)
    for place in range(times):
        first = start + place * step
        low, high = order[[first, first + width]]
        corners = page.evaluate(PIXELS, [[x, y] for x, y in ((low, -1), (high, -1), (high, 400), (low, 400))])
        box = page.locator(".m-volcano .m-plot .nsewdrag").first.bounding_box()
        assert box is not None
        inside = [(x, min(max(y, box["y"] + 2), box["y"] + box["height"] - 2)) for x, y in corners]
        page.evaluate(WATCH, ["pointerup", ["#explore-headline-boxes"]])
        page.mouse.move(*inside[0])
        page.mouse.down()
        for corner in (*inside[1:], inside[0]):
            page.mouse.move(*corner, steps=4)
        page.mouse.up()
        page.wait_for_function("() => window.took !== null", timeout=30_000)
        found.append(float(page.evaluate("window.took")))
        _settled(page)
    return found


def million(seed: int, scale: float) -> Figures:
    """Open it, click, filter, brush; the bars hold for the full number of lakes."""
    rng = random.Random(seed)
    with TemporaryDirectory() as scratch, _served(Path(scratch), round(LAKES * scale)) as (server, folder), chromium() as browser:
        page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
        began = time.monotonic()
        page.goto(f"{server.url}/?data={read_meta(folder).name}")
        drawn(page, "volcano", "map")
        page.wait_for_function("at => document.querySelector(at)?.textContent.includes('lakes shown')", arg=COUNT, timeout=60_000)
        figures: Figures = {"ready_s": round(time.monotonic() - began, 2)}
        _settled(page)
        store = Store(folder, Path(scratch) / "state")
        table = store.trends(store.settings())
        figures["lakes"] = len(store.lakes)
        times = max(3, round(TIMES * scale))
        rings, sentences = _clicks(page, rng, times)
        for name, took in (
            ("click_ms", rings),
            ("sentence_ms", sentences),
            ("filter_ms", _filters(page, sorted(set(store.lakes["basin"].dropna()))[:10], times)),
            ("lasso_ms", _lassos(page, measure(table, "slope"), times)),
        ):
            figures |= {name: round(statistics.median(took), 1), f"{name}_most": round(max(took), 1)}
        figures |= {name: round(memory_mb(field, server.process.pid)) for name, field in (("rss_mb", "VmRSS"), ("peak_mb", "VmHWM"))}
        assert not server.tracebacks(), "".join(server.log[-60:])
    if figures["lakes"] >= LAKES:
        over = {name: figures[name] for name, bar in BARS.items() if figures[name] > bar}
        assert not over, f"{over} beyond {BARS}: {figures}"
    return figures


SUITES = {"million": million}
