"""From a click in the volcano to the lake's image on the screen, and from one date to the next; 512² chips of six bands.

Cold: neither server nor browser has seen anything of that lake. Warm: the same lakes once more. The clock runs from the event's own time
stamp, on the browser's clock, to the frame that shows the image ("moraine-scene-painted"). Bars: 200 ms cold, 80 ms warm, 60 ms for a
date that was fetched ahead. Headless Chromium draws in software, beside the server, on the same two cores.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.plots import ask, drawn, place
from tests.browser.server import serving
from tests.browser.visit import DESKTOP, chromium
from tests.scene_dataset import scene_dataset

LAKES = 34
"""Some have no trend, and so no point to click; one warms up what a process loads once, MEASURED are measured."""
MEASURED = 30
YEARS = range(2016, 2020)
STEPS = 30
LISTEN = """() => {
    window.painted = null;
    document.addEventListener('moraine-scene-painted', (event) => { window.painted = [event.detail.key, performance.now()]; });
    for (const kind of ['click', 'keydown'])
        addEventListener(kind, (event) => { window.began = event.timeStamp; window.painted = null; }, true);
}"""
PAINTED = "window.painted && moraine.evidence.lake === lake && moraine.evidence.scene(window.painted[0])"
ALONE = "(([x]) => Plotly.relayout(plot.plot, {'xaxis.range': [x - .04, x + .04]}))(plot.place(more.row))"
"""Zoom so far in that the point stands alone: a click there means that lake."""
STEP = """() => new Promise((done) => {
    const key = moraine.evidence.beside(1), began = performance.now();
    document.addEventListener('moraine-scene-painted', function seen(event) {
        if (event.detail.key !== key) return;
        document.removeEventListener('moraine-scene-painted', seen);
        done(performance.now() - began);
    });
    moraine.evidence.go(key);
})"""


def _click(page: Page, row: int, label: str) -> float:
    """Milliseconds from a click on a lake's point to its image on the screen."""
    ask(page, "volcano", ALONE, row=row)
    page.wait_for_timeout(300)
    page.mouse.click(*place(page, "volcano", row))
    page.wait_for_function(f"(lake) => {PAINTED}", arg=label, polling=10)
    took = page.evaluate("window.painted[1] - window.began")
    page.wait_for_timeout(700)
    return took


def _steps(page: Page) -> list[float]:
    times = []
    for _ in range(STEPS):
        times.append(page.evaluate(STEP))
        page.wait_for_timeout(400)
    return times


@functools.cache
def _figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = scene_dataset(Path(scratch) / "data", tuple(range(3, 3 + LAKES)), YEARS)
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server, chromium() as browser:
            page = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}).new_page()
            page.goto(server.url)
            drawn(page, "volcano", "map", "series")
            page.wait_for_timeout(1_500)
            page.evaluate(LISTEN)
            lakes = {int(key): row for row, key in enumerate(ask(page, "volcano", "[...plot.columns.lake_key]")) if 3 <= key < 3 + LAKES}
            names = {row: _label(page, row) for row in lakes.values()}
            first, *others = (row for row in names if ask(page, "volcano", "plot.place(more.row).every(Number.isFinite)", row=row))
            others = others[:MEASURED]
            _click(page, first, names[first])
            cold = [_click(page, row, names[row]) for row in others]
            warm = [_click(page, row, names[row]) for row in others]
            return {"click_cold_ms": statistics.median(cold), "click_cold_most_ms": max(cold), "click_warm_ms": statistics.median(warm),
                    "click_warm_most_ms": max(warm), "lakes": len(others), "next_date_ms": statistics.median(_steps(page))}  # fmt: skip


def _label(page: Page, row: int) -> str:
    return ask(
        page,
        "volcano",
        "plot.columns.name[more.row] || plot.columns.lake_id[more.row] || `lake ${plot.columns.lake_key[more.row]}`",
        row=row,
    )


def _figure(name: str) -> dict[str, Any]:
    return {"value": round(_figures()[name], 1), "unit": "" if name == "lakes" else "ms"}


NAMES = ("lakes", "click_cold_ms", "click_cold_most_ms", "click_warm_ms", "click_warm_most_ms", "next_date_ms")
BENCHMARKS = {f"scene.{name}": functools.partial(_figure, name) for name in NAMES}
