"""More lakes than a browser holds, in the browser: what is pressed, walked and brushed there is what the numbers say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, expect

from data.store import Store
from modules.links.packing import inside
from modules.measures import LN10, limits, rank
from tests.browser.plots import ask, lasso
from tests.browser.server import Server
from tests.browser.visit import DESKTOP, visit
from tests.crowd_dataset import LAKES, crowd_dataset

DRAWN = "n => ['volcano', 'map'].every(name => Number(document.querySelector(`.m-${name} .m-plot-host`)?.dataset.crowd ?? 0) >= n)"

PIXEL = "(({left, top, ax, ay, bx, by}) => [left + ax * more.x + bx + 2, top + ay * more.y + by + 1])(plot.crowd.scale())"
"""Two pixels right of a lake, and one below."""


def test_a_crowd_is_counted_pressed_walked_and_brushed(browser: Browser, serve: Callable[..., Server], tmp_path: Path) -> None:
    folder = crowd_dataset(tmp_path / "crowd")
    store = Store(folder)
    table = store.trends(store.settings())
    x, y = table.frame["slope_pct"].to_numpy(), -table.frame["log_q"].to_numpy() / LN10
    across, up = limits(x, y).clipped(x, y)
    server = serve(MORAINE_DATASETS=str(folder))
    with visit(browser, f"{server.url}/", DESKTOP) as opened:
        page = opened.page
        page.wait_for_function(DRAWN, arg=1, timeout=30_000)
        expect(page.locator(".m-volcano .m-crowd-seen")).to_have_text(f"{np.isfinite(x).sum():,} in view")
        expect(page.locator(".m-map .m-crowd-seen")).to_have_text(f"{LAKES:,} in view")
        # A press takes the lake nearest in pixels, of all.
        box = page.locator(".m-volcano .m-plot").bounding_box()
        assert box is not None
        some = int(np.flatnonzero(np.nan_to_num(up) > 2)[0])
        spot = ask(page, "volcano", PIXEL, x=across[some], y=up[some])
        at = ask(page, "volcano", "plot.crowd.spot(...more.spot, 14)", spot=spot)
        away = ((across - at["x"]) / at["wide"]) ** 2 + ((up - at["y"]) / at["high"]) ** 2
        page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
        expect(page.locator(".m-map .m-plot-host")).to_have_attribute("data-focus", str(int(np.nanargmin(away))))
        # The keyboard walks from the most significant lake on.
        page.locator(".m-volcano .m-plot").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        second = store.ids[int(np.flatnonzero(rank(table) == 1)[0])]
        expect(page.locator(".m-volcano .visually-hidden[aria-live]")).to_contain_text(f"2 of {np.isfinite(x).sum()}: {second}")
        page.keyboard.press("Escape")
        # A lasso lights what lies in it, by exact places.
        lasso(page, "volcano", (spot[0] / box["width"], spot[1] / box["height"]), (0.08, 0.1))
        page.wait_for_function(DRAWN, arg=2, timeout=30_000)
        polygon = ask(page, "volcano", "plot.model.get('drawn').polygon")
        lit = int(page.locator(".m-map .m-crowd-seen").inner_text().replace("· ", "").split()[0].replace(",", ""))
        assert lit > 20
        assert abs(lit - np.count_nonzero(inside(polygon, across, up))) <= 0.02 * lit + 2, "but for the rounding of the polygon"
        assert opened.complaints == []
    assert server.tracebacks() == []
