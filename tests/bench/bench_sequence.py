"""The Sequence lab in the browser, over the run that ships: a step of the slider, another curve, another epoch, until all cards show it.

Steps are drawn in the browser alone; a curve is one forward pass in numpy and one answer; an epoch asks for the states of all 400 curves
as well, once it has rested for 120 ms. `step_work` is what the scripts do for one step, without waiting for a frame.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.server import Server, serving
from tests.browser.visit import DESKTOP, Visit, chromium, visit
from tests.harness import Figures

STEPS, CURVES = 200, 40
WORK = """(steps) => Array.from({ length: steps }, (_, step) => {
    const began = performance.now();
    moraine.lab.state.step = step;
    for (const card of Object.values(moraine.lab.cards)) card.show(new Set(['step']));
    return performance.now() - began;
})"""
UNTIL = """async ([name, values, slots]) => {
    const { lab } = moraine, times = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (const value of values) {
        const began = performance.now();
        lab.set({ [name]: value });
        const { curve, epoch, step } = lab.state;
        while (!slots.every(lab.fresh) || lab.root.dataset.shown !== `${curve} ${epoch} ${step}`) await frame();
        await frame();
        times.push(performance.now() - began);
    }
    return times;
}"""


def _told(name: str, times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {f"{name}_ms": statistics.median(ordered), f"{name}_95th_ms": ordered[int(0.95 * len(ordered))]}


def _measured(page: Page) -> dict[str, float]:
    page.wait_for_selector(".m-lab[data-shown]")
    page.wait_for_function("() => ['trace', 'weights', 'plane'].every(moraine.lab.fresh)")
    page.wait_for_timeout(1500)
    until = lambda name, values, slots: page.evaluate(UNTIL, [name, list(values), slots])  # noqa: E731
    return {
        **_told("step_work", page.evaluate(WORK, STEPS)),
        **_told("step", until("step", range(STEPS), [])),
        **_told("curve", until("curve", range(CURVES), ["trace"])),
        **_told("epoch", until("epoch", range(1, 16), ["trace", "weights", "plane"])),
    }


def _lab(browser: Browser, server: Server) -> AbstractContextManager[Visit]:
    return visit(browser, f"{server.url}/?page=lens&l.tab=sequence", DESKTOP)


@functools.cache
def _figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as state, serving(Path(state)) as server, chromium() as browser, _lab(browser, server) as opened:
        return _measured(opened.page)


def _figure(name: str) -> Figures:
    return {"value": round(_figures()[name], 1), "unit": "ms"}


NAMES = tuple(f"{what}_{figure}" for what in ("step_work", "step", "curve", "epoch") for figure in ("ms", "95th_ms"))
BENCHMARKS = {f"sequence.{name}": functools.partial(_figure, name) for name in NAMES}
