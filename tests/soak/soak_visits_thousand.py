"""A thousand visits, each opened, used and left: sessions, widgets and files stay as many as they were; memory does not grow with them."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from pathlib import Path

import numpy as np

from data.simulate import Plan, write_simulated
from tests.asgi import finished
from tests.browser.server import serving
from tests.harness import Figures
from tests.load.tally import Tally
from tests.load.truth import Truth
from tests.load.user import User, Way

WARM, VISITS, LOOKS = 50, 1_000, 20
LAKES = 100
SLOPE_KB = 5.0
WITHIN = 100
THINK_S = 0.2
"""What opening still brings, flags and triage, is there by then."""


def _held(url: str, sessions: int | None = None) -> dict[str, int]:
    """What the server holds; once so few sessions are left, where that is said."""
    for _ in range(WITHIN):
        with urllib.request.urlopen(f"{url}/_held", timeout=60) as answer:
            found = json.loads(answer.read())
        if sessions is None or found["sessions"] <= sessions:
            break
    return found


async def _visit(url: str, truth: Truth, tally: Tally, seeds: range) -> None:
    for seed in seeds:
        await User(url, truth, tally, seed, Way(think_s=THINK_S)).look_in()


def thousand(seed: int, scale: float) -> Figures:
    """WARM visits to warm up, then VISITS, with LOOKS looks at what is held."""
    warm, each, looks = (WARM, VISITS // LOOKS, LOOKS) if scale == 1.0 else (2, 2, 2)
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "lakes"
        write_simulated(folder, Plan(lakes=LAKES if scale == 1.0 else 5, seed=seed % 1000))
        with serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder)}, "tests/load/looked_at.py") as server:
            # What is kept of lakes for all visits is bounded; it is filled first.
            truth = Truth(folder)
            finished(User(server.url, truth, tally, seed, Way(think_s=0.05)).look_in(everywhere=True))
            finished(_visit(server.url, truth, tally, range(seed, seed + warm)))
            held, begin = [_held(server.url, 0)], seed + warm
            for look in range(looks):
                finished(_visit(server.url, truth, tally, range(begin + look * each, begin + (look + 1) * each)))
                held.append(_held(server.url, 0))
            assert not server.tracebacks(), "".join(server.log[-40:])
    assert not tally.wrong, tally.complaints
    assert not tally.missing, tally.complaints
    slope = float(np.polyfit(np.arange(len(held)) * each, [found["kb"] for found in held], 1)[0])
    first, last = held[0], held[-1]
    for name in ("sessions", "widgets", "files"):
        assert last[name] == first[name], f"{looks * each} visits left {last[name] - first[name]} {name} behind"
    assert scale < 1.0 or slope <= SLOPE_KB, f"{slope:.1f} kB a visit"
    return {
        "visits": looks * each, **{name: last[name] for name in ("sessions", "widgets", "files")}, "kb_a_visit": round(slope, 2),
        "first_mb": round(first["kb"] / 1024), "last_mb": round(last["kb"] / 1024), "open_p50_ms": tally.percentile("open", 50),
    }  # fmt: skip


SUITES = {"visits.thousand": thousand}
