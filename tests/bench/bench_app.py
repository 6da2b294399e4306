"""What it costs to start the app: time and memory. The bars are 3 s, 5 s where the dataset is made first, and 300 MB."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import psutil

from tests.browser.server import serving


@functools.cache
def _starts() -> dict[str, float]:
    """Seconds to the first page served, by a process that must make the dataset and by the next; and what that one holds in memory."""
    with tempfile.TemporaryDirectory() as state:
        with serving(Path(state)) as first:
            pass
        with serving(Path(state)) as second:
            root = psutil.Process(second.process.pid)
            resident = sum(process.memory_info().rss for process in [root, *root.children(recursive=True)])
    return {"first": first.ready_s, "ready": second.ready_s, "rss": resident / 1e6}


def _figure(name: str, unit: str) -> dict[str, Any]:
    return {"value": round(_starts()[name], 2), "unit": unit}


BENCHMARKS = {
    "app.first_start_s": lambda: _figure("first", "s"),
    "app.ready_s": lambda: _figure("ready", "s"),
    "app.rss_mb": lambda: _figure("rss", "MB"),
}
