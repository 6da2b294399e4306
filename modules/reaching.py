"""Whether the storage of a dataset answers: said to every visit within seconds, and taken back when it does again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiny import reactive

from data.afar.mirror import mirrored
from data.afar.places import lost_since

if TYPE_CHECKING:
    from modules.selection import Selection

LOOK_S = 2.0
"""Seconds between looks."""
LOST = (
    "The storage that this dataset lies on does not answer: images wait until it does, and appear by themselves. "
    "Areas and trends are as they were read last."
)
BACK = "The storage that this dataset lies on answers again."


def keep_reached(selection: Selection) -> None:
    """Keep `selection.lost` true, and the notice of it. Nothing where the dataset lies on this machine."""
    folder = selection.store.path
    if mirrored(folder) is None:
        return

    @reactive.effect
    def _look() -> None:
        reactive.invalidate_later(LOOK_S)
        lost = lost_since(folder) is not None
        with reactive.isolate():
            if lost == selection.lost():
                return
            selection.lost.set(lost)
            others = tuple(notice for notice in selection.notices() if notice not in {LOST, BACK})
            selection.notices.set((*others, LOST if lost else BACK))
