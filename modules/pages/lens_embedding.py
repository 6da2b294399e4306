"""The tab Embedding of the Lens page. Layout only."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.cards import card, save_buttons
from modules.lensing.looking import LensSelection
from modules.lensing.plane import Plane
from modules.lensing.state import Lensing
from modules.selection import Selection
from modules.views.lens_alike import lens_alike_server, lens_alike_ui
from modules.views.lens_embedding import lens_embedding_server, lens_embedding_ui
from modules.views.lens_embedding_controls import lens_embedding_controls_server, lens_embedding_controls_ui
from modules.views.lens_probes import lens_probes_server, lens_probes_ui
from modules.views.lens_selected import lens_selected_server, lens_selected_ui

TOOLS = {
    "lasso": ("Lasso", "Drag to select scenes with a lasso"),
    "select": ("Box", "Drag to select scenes with a box"),
    "zoom": ("Zoom", "Drag to zoom into a box"),
    "pan": ("Pan", "Drag to move"),
}


def _tool(words: str, tool: str, says: str, kind: str, pressed: str | None) -> Tag:
    return tags.button(
        words, type="button", class_=f"btn btn-sm m-quiet-button {kind}", data_moraine_tool=tool, title=says, aria_pressed=pressed
    )


def _tools() -> list[Tag]:
    touch = _tool("Brush", "brush", "Then draw round the scenes to select", "m-touch-only", "false")
    mouse = [_tool(words, name, says, "m-mouse-only", str(name == "lasso").lower()) for name, (words, says) in TOOLS.items()]
    return [touch, *mouse, _tool("Reset", "reset", "Show everything again", "", None), *save_buttons()]


@module.ui
def embedding_tab_ui(lensing: Lensing) -> Tag:
    """The plane of scenes beside what a selection shares; below, scenes that are alike, and what each layer tells."""
    plane = tags.div(lens_embedding_controls_ui("controls", lensing), lens_embedding_ui("plane"))
    return tags.div(
        card("lens-plane", "Scenes by their activations", plane, *_tools()),
        card("lens-chosen", "What the selection shares", lens_selected_ui("chosen")),
        card("lens-alike", "Alike to the network", lens_alike_ui("alike")),
        card("lens-probes", "What each layer tells", lens_probes_ui("probes")),
        class_="m-lens-embedded",
    )


@module.server
def embedding_tab_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    plane = Plane(looking, selection)
    lens_embedding_controls_server("controls", store, selection, looking=looking, plane=plane)
    lens_embedding_server("plane", store, selection, looking=looking, plane=plane)
    lens_selected_server("chosen", store, selection, looking=looking)
    lens_alike_server("alike", store, selection, looking=looking)
    lens_probes_server("probes", store, selection, looking=looking)
