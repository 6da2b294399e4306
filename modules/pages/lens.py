"""Lens: how a network learned, what it sees, and where that goes wrong. Layout only."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shiny.module import resolve_id

from data.store import Store
from modules.choices import State
from modules.controls import key_of, link_control, script, text_of
from modules.lensing.looking import LensSelection
from modules.lensing.runs import Lenses
from modules.lensing.state import TABS
from modules.pages.lens_compare import lens_compare_tab_server, lens_compare_tab_ui
from modules.pages.lens_embedding import embedding_tab_server, embedding_tab_ui
from modules.pages.lens_functions import lens_function_space_server, lens_function_space_ui
from modules.pages.lens_layers import lens_layers_server, lens_layers_ui
from modules.pages.lens_training import lens_training_server, lens_training_ui
from modules.selection import Selection
from modules.sequence.runs import SequenceRuns
from modules.views.lens_head import lens_head_server, lens_head_ui
from modules.views.lens_scrubber import lens_scrubber_server, lens_scrubber_ui
from modules.views.sequence import sequence_server, sequence_ui


@module.ui
def lens_ui(state: State) -> Tag:
    """The run and the scene in focus above, then a tab for each way of looking."""
    bodies: dict[str, Tag] = {
        "training": lens_training_ui("training"),
        "functions": lens_function_space_ui("functions"),
        "layers": lens_layers_ui("layers"),
        "compare": lens_compare_tab_ui("compare"),
        "embedding": embedding_tab_ui("embedding", state.lensing),
        "sequence": sequence_ui("sequence"),
    }
    panels = [ui.nav_panel(title, bodies.get(name, tags.div()), value=name) for name, title in TABS.items()]
    return tags.div(
        script("lens.js"),
        tags.h1("Lens", class_="visually-hidden"),
        lens_head_ui("head"),
        lens_scrubber_ui("scrubber"),
        ui.navset_underline(*panels, id="tab", selected=state.lensing.tab),
        class_="m-lens",
        data_lens_focus=resolve_id("pressed"),
        data_lens_epoch=resolve_id("epoch"),
    )


@module.server
def lens_server(
    input: Inputs,
    output: Outputs,
    session: Session,
    *,
    store: Store,
    selection: Selection,
    lenses: Lenses,
    sequences: SequenceRuns | None = None,
) -> None:
    looking = LensSelection(selection, lenses)
    lens_head_server("head", store, selection, looking=looking)
    sequence_server("sequence", selection, runs=sequences or SequenceRuns(()))
    lens_layers_server("layers", store, selection, looking=looking)
    lens_compare_tab_server("compare", store, selection, looking=looking)
    embedding_tab_server("embedding", store, selection, looking=looking)
    lens_scrubber_server("scrubber", store, selection, looking=looking)
    lens_training_server("training", store, selection, looking=looking)
    lens_function_space_server("functions", store, selection, looking=looking)

    link_control(
        input, "tab", held=looking.tab, read=_tab, take=lambda name: looking.change(tab=name),
        move=lambda name: ui.update_navset("tab", selected=name), default=next(iter(TABS)),
    )  # fmt: skip

    @reactive.effect
    @reactive.event(input.pressed)
    def _focus() -> None:
        looking.set_scene(key_of(input.pressed()))

    @reactive.effect
    @reactive.event(input.epoch)
    def _epoch() -> None:
        looking.set_epoch(key_of(input.epoch()))


def _tab(sent: object) -> str:
    name = text_of(sent)
    if name not in TABS:
        raise ValueError(sent)
    return name
