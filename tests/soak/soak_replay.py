"""A crowd: users that open, filter, click, brush, take a flipbook and have an image segmented, all at once, on one server of its own.

Every answer is held against what its user asked for. In full on a basin of 800 lakes, 60 of them with images.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.asgi import finished
from tests.browser.server import serving
from tests.harness import Figures
from tests.load.basin import played_basin
from tests.load.replay import replay
from tests.load.tally import Tally
from tests.load.user import Way

USERS, THINK_S = 30, 2.0
P50_MS, P95_MS = 60.0, 300.0


def _held(tally: Tally, clicks: int) -> None:
    """Nothing wrong, nothing missing, nobody dropped."""
    said = "\n".join(tally.complaints)
    assert not tally.wrong, f"{tally.wrong} of {tally.checked} answers were of something else:\n{said}"
    assert not tally.missing, f"{tally.missing} answers did not come:\n{said}"
    assert not tally.dropped, f"{tally.dropped} visits were dropped:\n{said}"
    assert len(tally.seconds["click"]) >= clicks


def thirty(seed: int, scale: float) -> Figures:
    """USERS users with THINK_S seconds before each step."""
    full = scale == 1.0
    users = USERS if full else 3
    way = Way() if full else Way(clicks=3, think_s=0.1, inference=False)
    with (
        tempfile.TemporaryDirectory() as scratch,
        played_basin(seed, full=full) as folder,
        serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}) as server,
    ):
        tally = finished(replay(server.url, folder, users, seed, way=way, ramp_s=1.0 if full else 0.2))
        assert not server.tracebacks(), "".join(server.log[-40:])
    _held(tally, users * way.clicks)
    if full:
        assert tally.percentile("click", 50) <= P50_MS, f"p50 {tally.percentile('click', 50)} ms"
        assert tally.percentile("click", 95) <= P95_MS, f"p95 {tally.percentile('click', 95)} ms"
    return {"users": users, **tally.figures()}


SUITES = {"replay.thirty": thirty}
