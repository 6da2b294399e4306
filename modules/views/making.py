"""A notice while the images of a simulated dataset are being made: how many are there, how long it takes, or why it ended early."""

from __future__ import annotations

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.dataset_files import signature
from data.simulate.progress import Progress, read_progress, stalled
from data.store import Store

MADE = "The simulated scenes are all made."
ADDED = "More is known of these lakes now (masks, scores): reload the page to see it."
AGAIN = 2.0
"""Seconds between two looks at how far it is; nobody looks any more once all is made."""


def notice_words(progress: Progress, stopped: bool) -> tuple[str, str]:
    """What is shown, and what a screen reader is told: the same, but for the numbers, which would not let it rest."""
    what = f"simulated {progress.what}"
    there = f"; {progress.done:,} of {progress.total:,} are there" if progress.total else ""
    if progress.trouble:
        why = progress.trouble.rstrip(".")
        words = f"The {what} could not all be made: {why}{there}. Mend that and start Moraine again: it goes on from there."
        return words, words
    if stopped:
        words = f"The making of the {what} was cut short{there}. Start Moraine again: it goes on from there."
        return words, words
    if progress.what == "scenes":
        return f"Making the {what}: {progress.words}.", "Simulated scenes are being made; each lake shows its own once made."
    return (
        f"Segmenting the simulated scenes ({progress.what}): {progress.words}.",
        f"Simulated scenes are being segmented: {progress.what}.",
    )


@module.ui
def making_ui() -> Tag:
    """Empty, and out of the way, unless something is being made."""
    told = tags.div(ui.output_text("told", inline=True), class_="visually-hidden", role="status")
    return tags.div(ui.output_ui("notice"), told, class_="m-making")


@module.server
def making_server(input: Inputs, output: Outputs, session: Session, store: Store) -> None:
    shown: reactive.Value[tuple[str, str]] = reactive.Value(("", ""), name="shown")

    # Only what has changed is sent: an output that looked for itself would be sent anew every time.
    @reactive.effect
    def _look() -> None:
        progress = read_progress(store.path)
        if progress is not None:
            reactive.invalidate_later(AGAIN)
            shown.set(notice_words(progress, stalled(store.path)))
            return
        more = signature(store.path) != store.signature
        with reactive.isolate():
            if shown()[0] or more:
                shown.set((ADDED, ADDED) if more else ("", MADE))

    @render.ui
    def notice() -> TagList:
        words = shown()[0]
        return TagList(tags.p(words, class_="m-notice") if words else None)

    @render.text
    def told() -> str:
        return shown()[1]
