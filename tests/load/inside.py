"""The app served by a thread of this process, so that what it holds can be looked at."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from shiny import App

from modules.serve import moraine_app
from modules.serving.config import Config


@contextmanager
def served_here(folder: Path, **more: Any) -> Iterator[tuple[str, Any]]:
    """Its address, and the app itself. `more` goes into its Config."""
    app = moraine_app(Config([folder], None, **more))
    with running(app) as url:
        yield url, app


@contextmanager
def running(app: App) -> Iterator[str]:
    """The address of any app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
