"""What the default dataset comes with, scenes and stored masks, is made in a process of its own while the app runs."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

from shiny import App

from data.errors import MoraineError
from data.simulate.background import start_making, stop_making
from models.stored import wanting

DEMO = ("models", "demo", "--background")
"""What makes it: `python -m models demo --background`, then the folder."""

log = logging.getLogger(__name__)


def make_meanwhile(app: App, folder: Path | None) -> None:
    """Start what makes the missing scenes and masks of a simulated dataset, and end it with the app. None: there is nothing to make.

    An app for which they cannot be made serves the tables all the same; the log says why.
    """
    if folder is None:
        return
    try:
        process = start_making(folder, DEMO, wanting(folder))
    except (MoraineError, OSError) as error:
        log.error("the simulated scenes are not made: %s", error)
        return
    if process is not None:
        app.on_shutdown(functools.partial(stop_making, process))
