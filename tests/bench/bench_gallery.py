"""Brush to images in headless Chromium on localhost: from the release of a box over 24 points of three lakes to the last image painted.

Cold: as the drag begins nothing of these lakes is cached, neither by the browser nor by the server, and none is in focus, so that no other
view has asked for their images (the page asks for them while the box is drawn, which takes 0.6 s); 512² chips of six bands, their files in
the page cache. Warm: the server has answered before, the browser has not. The window is 1920 × 1080, in which all 24 are in sight.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from modules.links.packing import packed_keys
from tests.browser.plots import ask, drawn
from tests.browser.server import Server, serving
from tests.browser.visit import chromium, visit
from tests.datasets import FEW, INSUFFICIENT, LAKES
from tests.scene_dataset import BROKEN, MISSING, scene_dataset

IMAGES = 24
STEPS, STEP_MS = 20, 30
"""A hand takes the better part of a second to draw a box."""
WINDOW = (1920, 1080)
ODD = {FEW, INSUFFICIENT, MISSING[0], BROKEN[0]}
"""Lakes without eight good images."""

TIME_A_BRUSH = """(images) => new Promise((done, failed) => {
    addEventListener('pointerup', (event) => {
        const since = () => performance.now() - event.timeStamp;
        let listed;
        setTimeout(() => failed(new Error(`${document.querySelectorAll('.m-shot img').length} images`)), 30000);
        const watch = async () => {
            const shots = [...document.querySelectorAll('.m-shot img')];
            if (shots.length < images) return setTimeout(watch, 1);
            listed ??= since();
            if (!shots.every((shot) => shot.complete && shot.naturalWidth)) return setTimeout(watch, 1);
            await Promise.all(shots.map((shot) => shot.decode())).catch(failed);
            // The frame after the one that has them: by then they are on the screen.
            requestAnimationFrame(() => requestAnimationFrame(() => done({ listed, painted: since() })));
        };
        watch();
    }, { capture: true, once: true });
})"""


BOXED = "() => document.querySelector('.m-series .m-plot-host').morainePlot.plot._fullLayout.dragmode === 'select'"
POINTS_DRAWN = "n => document.querySelector('.m-series .m-plot-host').morainePlot.plot.data.some((trace) => trace.rows?.length === n)"


@contextmanager
def _served() -> Iterator[tuple[Server, list[tuple[int, ...]]]]:
    lakes = tuple(key for key in range(LAKES) if key not in ODD)
    with tempfile.TemporaryDirectory() as scratch:
        folder = scene_dataset(Path(scratch) / "data", lakes)
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server:
            yield server, [lakes[at : at + 3] for at in range(0, len(lakes), 3)]


def _brush(browser: Browser, server: Server, lakes: tuple[int, ...]) -> dict[str, float]:
    """Open a page with these lakes brushed, draw a box over all of their series, and time it."""
    with visit(browser, f"{server.url}/?pick={packed_keys(lakes)}", WINDOW) as opened:
        page = drawn(opened.page, "volcano", "map", "series")
        page.wait_for_function(POINTS_DRAWN, arg=IMAGES)
        page.locator(".m-series").get_by_role("button", name="Box", exact=True).click()
        page.wait_for_function(BOXED)
        page.evaluate("document.querySelector('.m-series').scrollIntoView({ behavior: 'instant' })")
        opened.settle()
        _drag_across(page)
        return _timed(page, lakes)


def _timed(page: Page, lakes: tuple[int, ...]) -> dict[str, float]:
    timed = page.evaluate("window.timed")
    assert page.locator(".m-gallery-said").inner_text() == f"{IMAGES} of {IMAGES} images, 3 lakes · simulated"
    assert {int(key or -1) for key in page.eval_on_selector_all(".m-shot", "all => all.map(s => s.dataset.lake)")} == set(lakes)
    return timed


def _drag_across(page: Page) -> None:
    box = page.locator(".m-series .m-plot").bounding_box()
    left, top, wide, high = ask(
        page, "series", "(f => [f.xaxis._offset, f.yaxis._offset, f.xaxis._length, f.yaxis._length])(plot.plot._fullLayout)"
    )
    assert box is not None
    page.evaluate(f"() => {{ window.timed = ({TIME_A_BRUSH})({IMAGES}); }}")
    page.mouse.move(box["x"] + left + 1, box["y"] + top + 1)
    page.mouse.down()
    for step in range(1, STEPS + 1):
        page.mouse.move(box["x"] + left + 1 + (wide - 2) * step / STEPS, box["y"] + top + 1 + (high - 2) * step / STEPS)
        page.wait_for_timeout(STEP_MS)
    page.mouse.up()


@functools.cache
def _measured() -> dict[str, float]:
    """Medians in ms, over eleven times three lakes."""
    taken: dict[str, list[float]] = {}
    with _served() as (server, triples), chromium() as browser:
        first, *others = triples
        _brush(browser, server, first)  # the libraries that draw images are loaded with the first
        for name in ("cold", "warm"):
            for lakes in others:
                for part, ms in _brush(browser, server, lakes).items():
                    taken.setdefault(f"{name}_{part}_ms", []).append(ms)
    for name, ms in taken.items():
        print(f"  {name}: {', '.join(f'{value:.0f}' for value in sorted(ms))}")
    return {name: statistics.median(ms) for name, ms in taken.items()}


NAMES = ("cold_listed_ms", "cold_painted_ms", "warm_painted_ms")
BENCHMARKS = {
    f"gallery.{name}": functools.partial(lambda name: {"value": round(_measured()[name], 1), "unit": "ms"}, name) for name in NAMES
}
