"""The app with one route more, `/_held`: what the process holds once garbage is collected. For the load suites."""

from __future__ import annotations

import ctypes
import gc
import os
from pathlib import Path

from ipywidgets import Widget
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import app


def held(_: Request) -> JSONResponse:
    """Live sessions, widgets, file descriptors, and kB of memory of its own."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    rows = dict(line.split(":", 1) for line in lines[1:])
    own = sum(int(rows[name].split()[0]) for name in ("Private_Clean", "Private_Dirty", "Swap") if name in rows)
    return JSONResponse({
        "sessions": len(app._sessions), "widgets": len(Widget.widgets), "files": len(os.listdir("/proc/self/fd")), "kb": own,
    })  # fmt: skip


app.starlette_app.router.routes.insert(0, Route("/_held", held))
