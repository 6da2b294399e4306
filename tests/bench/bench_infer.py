"""A click in one visit while another has images segmented without a pause: from the press of › to the focus line. Bar: p95 ≤ 100 ms.

The other visit asks for all eight ways of one image after another, of the largest network that is installed; the same clicks without it
are the peer. Visitors speak Shiny's protocol without a browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from models.zoo import zoo
from tests.browser.server import serving
from tests.load.client import SENTENCE, Visitor, visiting
from tests.scene_dataset import scene_dataset, scene_key

LAKE, YEAR = 8, 2020
CLICKS = 80
PAUSE_S = 0.05
QUIET_S = 1.0
TOLD = "segment-run-told"
FIRST: dict[str, Any] = {
    "page": "segment", "segment-source-origin": "scene", "segment-run-threshold": 0.5, "segment-source-bands": "",
    "segment-source-numbers": "told", "segment-source-of": "", "segment-source-day": "", "segment-run-eight:shiny.action": 0,
    f".clientdata_output_{TOLD}_hidden": False, ".clientdata_output_segment-result-measured_hidden": False,
    ".clientdata_output_segment-run-progress_hidden": False,
}  # fmt: skip


def largest() -> str:
    """The model with the most parameters."""
    return max(zoo(), key=lambda name: zoo()[name].CARD.parameters)


async def _segmenting(visitor: Visitor, started: asyncio.Event, ended: asyncio.Event, counted: list[int]) -> None:
    """Ask again and again until it is ended; `counted` holds how many answers came."""
    await visitor.send("update", **FIRST, **{"segment-run-model": largest()})
    press = 0
    while not ended.is_set():
        press += 1
        await visitor.send("update", **{"segment-run-eight:shiny.action": press})
        visitor.values.pop(TOLD, None)
        while visitor.values.get(TOLD) != "Done.":
            await visitor.until([TOLD], idle=False)
            if visitor.values[TOLD] == "It did not work.":
                raise RuntimeError("the image could not be segmented")
        counted[0] += 1
        started.set()


async def _clicks(visitor: Visitor) -> list[float]:
    _, before = await visitor.next_lake()
    times: list[float] = []
    for _ in range(CLICKS):
        await asyncio.sleep(PAUSE_S)
        seconds, words = await visitor.next_lake()
        assert words != before, "the answer is that of the click before"
        before = words
        times.append(seconds)
    return times


async def _quiet(visitor: Visitor) -> None:
    """Nothing more comes of the opening, so that what comes next is the answer to what is done next."""
    with contextlib.suppress(TimeoutError):
        while True:
            await asyncio.wait_for(visitor.until([SENTENCE], idle=False), QUIET_S)


async def _both(url: str) -> dict[str, Any]:
    query = f"?page=segment&lake={LAKE}&scene={scene_key(LAKE, YEAR)}&model={largest()}"
    async with visiting(url) as visitor, visiting(url, query) as busy:
        await _quiet(visitor)
        alone = await _clicks(visitor)
        started, ended, counted = asyncio.Event(), asyncio.Event(), [0]
        task = asyncio.create_task(_segmenting(busy, started, ended, counted))
        await asyncio.wait([task, asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
        before = counted[0]
        beside = await _clicks(visitor)
        answers = counted[0] - before
        ended.set()
        await task
    return {"alone": np.array(alone) * 1e3, "beside": np.array(beside) * 1e3, "answers": answers}


@functools.cache
def _figures() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = scene_dataset(Path(scratch) / "data")
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server:
            return asyncio.run(_both(server.url))


def _percentile(share: int) -> dict[str, Any]:
    found = _figures()
    peer = f"no inference ({largest()}, 8 × 512²: {found['answers']} answers meanwhile)"
    values = {name: round(float(np.percentile(found[name], share)), 1) for name in ("beside", "alone")}
    return {"value": values["beside"], "unit": "ms", "peer": peer, "peer_value": values["alone"]}


BENCHMARKS = {"infer.click_p50_ms": lambda: _percentile(50), "infer.click_p95_ms": lambda: _percentile(95)}
