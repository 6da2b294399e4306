"""What tests ask of the scene view, in its own words."""

from __future__ import annotations

from typing import Any

import numpy as np
from playwright.sync_api import Page

PAINTED = "key => performance.getEntriesByName('moraine-scene-painted').at(-1)?.detail.key === key"
VIEW = "moraine.scene.view"
ROW = """([x0, x1, y]) => {
    const view = moraine.scene.view, { scale, left, top } = view.camera.place, ratio = devicePixelRatio;
    const [from, to] = [x0, x1].map((x) => Math.round((x * scale + left) * ratio));
    const line = view.detail.getContext('2d').getImageData(from, Math.floor((y * scale + top) * ratio), to - from, 1).data;
    return [[...line], 1 / (scale * ratio)];
}"""


def painted(page: Page, key: int | None) -> Page:
    """Wait until the scene of that key (None: a state without one) is on the screen."""
    page.wait_for_function(PAINTED, arg=key, timeout=30_000)
    return page


def row(page: Page, first: float, last: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """What the detail shows along a line: places in scene px, and (N, 4) bytes of colour."""
    page.wait_for_function(f"() => !{VIEW}.frame")
    data, step = page.evaluate(ROW, [first, last, y])
    colours = np.array(data, dtype=int).reshape(-1, 4)
    return first + (np.arange(len(colours)) + 0.5) * step, colours


def rectangle(page: Page) -> list[float]:
    """What the detail holds: left, top, right, bottom in scene px."""
    return page.evaluate(f"[...{VIEW}.camera.rect]")


def dark(page: Page, y: float, first: float, last: float) -> tuple[float, float]:
    """From where to where the detail is dark along a line, scene px."""
    place, colours = row(page, first, last, y)
    wet = place[colours[:, :3].sum(axis=1) < 90]
    assert len(wet), "nothing dark on this line"
    return float(wet[0]), float(wet[-1])


def ask(page: Page, question: str, argument: Any = None) -> Any:
    """Evaluate JavaScript in which `view` is the scene view."""
    return page.evaluate(f"(argument) => {{ const view = {VIEW}; return ({question}); }}", argument)
