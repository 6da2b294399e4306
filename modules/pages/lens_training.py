"""The tab Training: curves, the loss of every scene, the scene in focus, hard scenes, a gallery. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.cards import card, save_buttons
from modules.lensing.looking import LensSelection
from modules.selection import Selection
from modules.views.lens_course import lens_course_server, lens_course_ui
from modules.views.lens_curves import lens_curves_server, lens_curves_ui
from modules.views.lens_gallery import lens_gallery_server, lens_gallery_ui
from modules.views.lens_hard import lens_hard_server, lens_hard_ui
from modules.views.lens_losses import lens_losses_server, lens_losses_ui
from modules.views.lens_strip import lens_strip_server, lens_strip_ui

_card = functools.partial(card, look="m-lens-card")

BRUSHES = (("Box", "select", True), ("Lasso", "lasso", False), ("Zoom", "zoom", False), ("All", "reset", None))
"""What dragging over the lines does: words, plotly's name, whether it is pressed at first."""


def _brushes() -> list[Tag]:
    return [
        tags.button(
            words, {} if pressed is None else {"aria-pressed": str(pressed).lower()}, type="button", class_="btn btn-sm m-quiet-button",
            data_moraine_tool=tool, title="Show all of the plot again" if tool == "reset" else f"What dragging does: {words.lower()}",
        )
        for words, tool, pressed in BRUSHES
    ]  # fmt: skip


@module.ui
def lens_training_ui() -> Tag:
    return tags.div(
        _card("lens-curves-card", "Loss and IoU", lens_curves_ui("curves"), *save_buttons()),
        _card("lens-losses-card", "Scene by scene", lens_losses_ui("losses"), *_brushes(), *save_buttons()),
        _card("lens-course-card", "The scene in focus at this epoch", lens_course_ui("course")),
        _card("lens-strip-card", "The scene in focus through the epochs", lens_strip_ui("strip")),
        _card("lens-hard-card", "Hard late in training", lens_hard_ui("hard")),
        _card("lens-gallery-card", "Predictions at this epoch", lens_gallery_ui("gallery")),
        class_="m-lens-training",
    )


@module.server
def lens_training_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    for name, serve in (
        ("curves", lens_curves_server), ("losses", lens_losses_server), ("course", lens_course_server), ("strip", lens_strip_server),
        ("hard", lens_hard_server), ("gallery", lens_gallery_server),
    ):  # fmt: skip
        serve(name, store, selection, looking=looking)
