"""The tab Function space: the paths of all runs, and what the run shown predicts at the epoch in force. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.cards import card, save_buttons
from modules.lensing.looking import LensSelection
from modules.selection import Selection
from modules.views.lens_functions import lens_functions_server, lens_functions_ui
from modules.views.lens_gallery import lens_gallery_server, lens_gallery_ui

_card = functools.partial(card, look="m-lens-card")


@module.ui
def lens_function_space_ui() -> Tag:
    return tags.div(
        _card("lens-functions-card", "Runs as paths through training", lens_functions_ui("paths"), *save_buttons()),
        _card("lens-gallery-card", "What this run predicts at this epoch", lens_gallery_ui("gallery")),
        class_="m-lens-function-space",
    )


@module.server
def lens_function_space_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    lens_functions_server("paths", store, selection, looking=looking)
    lens_gallery_server("gallery", store, selection, looking=looking, choose="drag across lines on the tab Training to choose")
