"""From a move of the scrubber to the frame that shows the epoch, with 200 followed scenes of 128² through 22 epochs on the page.

The tab Training, 1440 × 900: curves, 200 lines, the scene in focus and its strip, hard scenes, a gallery of all 200. A scrub is an input
event of the slider, as a hand sends it; the clock runs to the second animation frame after it, by when the first has been handed over for
painting. Playing is at 16 epochs a second, as the page offers; what counts is how many epochs had a frame of their own in a second. `top`:
plots and the scene in focus are in sight; `gallery`: as many tiles as the window has room for. Bars: 150 ms, 8 epochs a second.
"""

from __future__ import annotations

import functools
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.server import serving
from tests.browser.visit import DESKTOP, chromium, visit
from tests.datasets import small_dataset
from tests.followed_lens import Followed, followed_lens

PLACES = {"top": ".m-lens-scrubber", "gallery": ".m-lens-gallery-card"}
SCENES, SCRUBS = 200, 60
FOLLOWED = "count => document.querySelectorAll('.m-lens-gallery-card .m-course-tile').length === count && moraine.lens.epochs.length === 22"
DRAWN = "() => document.querySelector('.m-losses-plot .m-plot-host')?.dataset.lines === '200'"
SCRUB = """async (count) => {
    const slider = document.querySelector('.m-lens-scrubber input'), frame = () => new Promise(requestAnimationFrame), took = [];
    for (let i = 0; i < count; i++) {
        await new Promise((rested) => setTimeout(rested, 70));
        await frame();
        const began = performance.now();
        const wanted = (moraine.lens.index + 7) % moraine.lens.epochs.length;
        slider.value = String(wanted);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        if (moraine.lens.index !== wanted) throw new Error(`epoch ${moraine.lens.index}, not ${wanted}`);
        await frame();
        await frame();
        took.push(performance.now() - began);
    }
    return took;
}"""
PLAY = """() => new Promise((done) => {
    const speed = document.querySelector('.m-lens-scrubber select'), frames = [];
    speed.value = '16';
    speed.dispatchEvent(new Event('change'));
    moraine.lens.go(0);
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => frames.push(performance.now())));
    document.addEventListener('moraine-lens-epoch', painted);
    setTimeout(() => {
        frames.length = 0;
        moraine.lens.play();
        const wait = setInterval(() => {
            if (moraine.lens.playing()) return;
            clearInterval(wait);
            setTimeout(() => done(frames), 100);
        }, 20);
    }, 600);
})"""
TRUE = """() => [...document.querySelectorAll('.m-lens-gallery-card [data-lens-values]')]
    .every((place) => place.textContent === JSON.parse(place.dataset.lensValues)[moraine.lens.index])"""


def _measure(page: Page, where: str) -> dict[str, float]:
    page.evaluate("where => document.querySelector(where).scrollIntoView({ behavior: 'instant' })", where)
    page.wait_for_timeout(1_000)
    took = sorted(page.evaluate(SCRUB, SCRUBS))
    assert page.evaluate(TRUE)
    frames: list[float] = page.evaluate(PLAY)
    rate = 1000 * (len(frames) - 1) / (frames[-1] - frames[0])
    print(f"  {where}: {', '.join(f'{ms:.0f}' for ms in took)}; {len(frames)} epochs played, {rate:.1f}/s; load {os.getloadavg()[0]:.1f}")
    return {"scrub_ms": statistics.median(took), "scrub_p95_ms": took[int(0.95 * len(took))], "play": rate}


@functools.cache
def _figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        runs, data = Path(scratch) / "runs", small_dataset(Path(scratch) / "data")
        followed_lens(runs, Followed(scenes=SCENES), "discs-0")
        env = {"MORAINE_DATASETS": str(data), "MORAINE_RUNS": str(runs)}
        with (
            serving(Path(scratch) / "state", env) as server,
            chromium() as browser,
            visit(browser, f"{server.url}/?page=lens&l.run=discs-0", DESKTOP) as opened,
        ):
            page = opened.page
            page.wait_for_function(FOLLOWED, arg=SCENES)
            page.wait_for_function(DRAWN)
            page.wait_for_timeout(2_000)
            parts = {name: _measure(page, where) for name, where in PLACES.items()}
            assert opened.complaints == []
            return {f"{place}_{name}": value for place, taken in parts.items() for name, value in taken.items()}


def _figure(name: str) -> dict[str, Any]:
    return {"value": round(_figures()[name], 1), "unit": "epochs/s" if name.endswith("play") else "ms"}


NAMES = [f"{place}_{name}" for place in PLACES for name in ("scrub_ms", "scrub_p95_ms", "play")]
BENCHMARKS = {f"lens_scrub.{name}": functools.partial(_figure, name) for name in NAMES}
