"""Visits opened and closed: sessions and widgets go back to where they were."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from ipywidgets import Widget

from data.simulate import Plan, write_simulated
from tests.harness import Figures
from tests.load.client import visiting
from tests.load.inside import served_here

VISITS = 30


def _live(app: Any) -> tuple[int, int]:
    """Sessions and widgets alive."""
    gc.collect()
    return len(app._sessions), len(Widget.widgets)


async def _visit(url: str) -> int:
    """Use the page and leave; returns the widgets alive just before."""
    async with visiting(url) as visitor:
        await visitor.next_lake()
        return len(Widget.widgets)


def _settled(app: Any, start: tuple[int, int]) -> tuple[int, int]:
    for _ in range(100):
        if _live(app) == start:
            break
        time.sleep(0.1)
    return _live(app)


def visits(seed: int, scale: float) -> Figures:
    """Open and close visits; each uses the page, then leaves."""
    count = max(3, round(VISITS * scale))
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "lakes"
        write_simulated(folder, Plan(lakes=200, seed=seed))
        loop = asyncio.new_event_loop()
        with served_here(folder) as (url, app):
            loop.run_until_complete(_visit(url))
            start = _settled(app, (0, 0))
            before = psutil.Process().memory_info().rss
            alive = [loop.run_until_complete(_visit(url)) for _ in range(count)]
            end = _settled(app, start)
            grown = (psutil.Process().memory_info().rss - before) / 1e6
        loop.close()
    assert min(alive) >= start[1] + 3, "a visit shows three plots, each a widget"
    assert end == start, f"{count} visits left {end[0] - start[0]} sessions and {end[1] - start[1]} widgets behind"
    return {
        "visits": count,
        "widgets_a_visit": min(alive) - start[1],
        "sessions": end[0],
        "widgets_left": end[1] - start[1],
        "rss_grown_mb": round(grown, 1),
    }


SUITES = {"visits.closed": visits}
