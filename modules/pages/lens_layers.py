"""The tab Layers of the page Lens: which layers learn, how deep they lie, and what their maps show. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.cards import card, save_buttons
from modules.lensing.looking import LensSelection
from modules.selection import Selection
from modules.views.lens_depth import lens_depth_server, lens_depth_ui
from modules.views.lens_gradients import lens_gradients_server, lens_gradients_ui
from modules.views.lens_maps import lens_maps_server, lens_maps_ui

_card = functools.partial(card, look="m-judged-card")


@module.ui
def lens_layers_ui() -> Tag:
    return tags.div(
        _card("gradients-card", "Which layers learn", lens_gradients_ui("gradients"), *save_buttons()),
        _card("depth-card", "Layers by depth", lens_depth_ui("depth")),
        _card("maps-card", "Feature maps", lens_maps_ui("maps")),
        class_="m-layers-grid",
    )


@module.server
def lens_layers_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    lens_gradients_server("gradients", store, selection, looking=looking)
    lens_depth_server("depth", store, selection, looking=looking)
    lens_maps_server("maps", store, selection, looking=looking)
