"""What tests ask of a plot on the page, in the plot's own words."""

from __future__ import annotations

import math
from typing import Any

from playwright.sync_api import Page

DRAWN = "name => Number(document.querySelector(`.m-${name} .m-plot-host`)?.dataset.drawn ?? 0) > 0"
HOST = "document.querySelector(`.m-${name} .m-plot-host`)"


def drawn(page: Page, *names: str) -> Page:
    """Wait until these plots (`volcano`, `map`, `series`) have been drawn."""
    for name in names:
        page.wait_for_function(DRAWN, arg=name, timeout=60_000)
    return page


def ask(page: Page, name: str, question: str, **more: Any) -> Any:
    """Evaluate JavaScript where `plot` is the plot of that name and `with` holds the keyword arguments."""
    return page.evaluate(f"({{name, more}}) => {{ const plot = {HOST}.morainePlot; return ({question}); }}", {"name": name, "more": more})


def place(page: Page, name: str, row: int) -> tuple[float, float]:
    """Where a row is drawn, in pixels of the viewport."""
    x, y = ask(
        page, name, "(([x, y], box) => [x + box.left, y + box.top])(plot.pixel(more.row), plot.plot.getBoundingClientRect())", row=row
    )
    return x, y


def significant(page: Page, rank: int, name: str = "volcano") -> tuple[int, int, str]:
    """Row, key, and name (or else id) of the lake of this rank among those lit."""
    row = ask(page, name, "plot.order()[more.rank]", rank=rank)
    key, label = ask(
        page, name, "[plot.columns.lake_key[more.row], plot.columns.name[more.row] || plot.columns.lake_id[more.row]]", row=row
    )
    return row, key, label


def brushed(page: Page, name: str = "volcano") -> list[int]:
    """The brushed rows."""
    return ask(page, name, "[...plot.bits.keys()].filter(row => plot.bits[row] & 16)")


def lasso(page: Page, name: str, centre: tuple[float, float], radii: tuple[float, float]) -> None:
    """Draw an ellipse with the mouse; sizes are shares of the plot's own box."""
    box = page.locator(f".m-{name} .m-plot").bounding_box()
    assert box is not None
    x, y = box["x"] + centre[0] * box["width"], box["y"] + centre[1] * box["height"]
    points = [
        (x + radii[0] * box["width"] * math.cos(a), y + radii[1] * box["height"] * math.sin(a))
        for a in (k * math.tau / 60 for k in range(61))
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()
