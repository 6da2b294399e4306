"""What it costs to make the default simulated dataset. The bars are 150 s on two cores and 400 MB; its tables keep no app waiting."""

from __future__ import annotations

import functools
import tempfile
import time
from pathlib import Path
from typing import Any

from data.simulate import Plan, write_simulated
from data.simulate.making import make_lake
from data.simulate.places import Places
from data.simulate.world import make_world

PLAN = Plan(scenes=120)
EVERY = 10
"""One lake in so many is made, from the most significant to the least, and stands for the others."""


@functools.cache
def _costs() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "basin"
        began = time.process_time()
        write_simulated(folder, PLAN)
        tables = time.process_time() - began
        world = make_world(PLAN)
        places = Places(world)
        make_lake(folder, places.job(int(world.rows[1])))  # what is loaded once is not counted for each
        held, began = _bytes(folder), time.process_time()
        for row in world.rows[::EVERY]:
            make_lake(folder, places.job(int(row)))
        return {"tables": tables, "cores": (time.process_time() - began) * EVERY / 2, "size": (_bytes(folder) - held) * EVERY / 1e6}


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.tif"))


def _figure(name: str, unit: str) -> dict[str, Any]:
    return {"value": round(_costs()[name], 2), "unit": unit}


BENCHMARKS = {
    "simulate.tables_cpu_s": lambda: _figure("tables", "s"),
    "simulate.scenes_cpu_s_on_2_cores": lambda: _figure("cores", "s"),
    "simulate.scenes_mb": lambda: _figure("size", "MB"),
}
