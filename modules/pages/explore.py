"""Explore: all trends at once, and the lake behind any point. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from modules.cards import card, save_buttons
from modules.choices import State
from modules.evidence import Ahead, evidence_server, nothing_ahead
from modules.selection import Selection
from modules.views.area_series import area_series_server, area_series_ui
from modules.views.export import export_server, export_ui
from modules.views.filmstrip import filmstrip_server, filmstrip_ui
from modules.views.flag_list import flag_list_server, flag_list_ui
from modules.views.focus_line import focus_line_server, focus_line_ui
from modules.views.gallery import gallery_server, gallery_tools_ui, gallery_ui
from modules.views.headline import headline_server, headline_ui
from modules.views.lake_map import basemap_ui, lake_map_server, lake_map_ui
from modules.views.lake_table import lake_table_server, lake_table_ui
from modules.views.lineup import lineup_server, lineup_ui
from modules.views.making import making_server, making_ui
from modules.views.regression import regression_server, regression_ui
from modules.views.reviews import reviews_server, reviews_ui
from modules.views.scene import scene_server, scene_tools_ui, scene_ui
from modules.views.shoreline_clock import shoreline_clock_server, shoreline_clock_ui
from modules.views.show_filters import show_filters_server, show_filters_ui
from modules.views.sources import sources_server, sources_ui
from modules.views.test_settings import test_settings_server, test_settings_ui
from modules.views.threshold import threshold_server, threshold_ui
from modules.views.volcano import volcano_server, volcano_ui
from modules.views.why import why_button, why_server, why_ui
from modules.without_lakes import without_lakes_ui

_card = functools.partial(card, full_screen=True)
TABS = {"volcano": "Volcano", "map": "Map", "table": "Table"}


def _tool(words: str, tool: str, says: str, *, pressed: bool | None = None, touch: bool = False) -> Tag:
    pressed_text = None if pressed is None else str(pressed).lower()
    kind = "m-touch-only" if touch else "m-mouse-only"
    return tags.button(
        words, type="button", class_=f"btn btn-sm m-quiet-button {kind}", data_moraine_tool=tool, title=says, aria_pressed=pressed_text
    )


def _plot_tools(drag: str, what: str = "lakes") -> list[Tag]:
    """What dragging does, and saving. `drag` is what it does at first, `what` is brushed."""
    brushes = {"lasso": ("Lasso", f"Drag to brush {what} with a lasso"), "select": ("Box", f"Drag to brush {what} with a box")}
    drags = {**brushes, "pan": ("Pan", "Drag to move")} | ({} if drag == "map" else {"zoom": ("Zoom", "Drag to zoom into a box")})
    first = "pan" if drag == "map" else drag
    tools = [_tool(words, name, says, pressed=name == first) for name, (words, says) in drags.items()]
    tools.insert(0, _tool("Brush", "brush", f"Then draw round the {what} to brush", pressed=False, touch=True))
    tools.append(_tool("Reset", "reset", "Show everything again"))
    return [*tools, *save_buttons()]


def _volcano(store: Store, state: State) -> Tag:
    return tags.div(sources_ui("sources", store, state.settings, state.display), volcano_ui("volcano"), class_="m-volcano-stack")


def _tabs() -> Tag:
    tabs = (
        tags.button(
            title, type="button", role="tab", data_moraine_tab=name, aria_selected="true" if name == "volcano" else "false", class_="m-tab"
        )
        for name, title in TABS.items()
    )
    return tags.div(*tabs, class_="m-tabs", role="tablist", aria_label="Views")


@module.ui
def explore_ui(store: Store, state: State) -> Tag:
    notices = TagList(ui.output_ui("notices"), tags.p(class_="m-notice m-left-out", role="alert", hidden=""))
    if not len(store.lakes):
        return tags.div(notices, without_lakes_ui(store))
    sidebar = ui.sidebar(
        ui.accordion(
            ui.accordion_panel("Show", show_filters_ui("show", store, state.filters), value="show"),
            ui.accordion_panel("Test", test_settings_ui("test", store, state.settings, state.display), value="test"),
            open=["show", "test"],
        ),
        width=290,
        open={"desktop": "open", "mobile": "closed"},
        title=None,
        resizable=False,
    )
    return ui.layout_sidebar(
        sidebar,
        notices,
        making_ui("making"),
        headline_ui("headline"),
        _tabs(),
        tags.div(
            _card("volcano", "Volcano", _volcano(store, state), lineup_ui("lineup"), *_plot_tools("lasso")),
            _card("map", "Map", lake_map_ui("map"), basemap_ui("map"), *_plot_tools("map")),
            focus_line_ui("focus", why_button("why")),
            why_ui("why"),
            _card(
                "scene", "Scene", tags.div(scene_ui("scene", store), threshold_ui("threshold", store), class_="m-scene-stack"),
                scene_tools_ui("scene", store),
            ),
            _card(
                "series", "Area series",
                tags.div(area_series_ui("series"), flag_list_ui("flags"), filmstrip_ui("film"), class_="m-series-film"),
                ui.input_switch("log_area", "log axis", value=state.display.log_area), *_plot_tools("lasso", "observations"),
            ),
            _card("reviews", "Reviews", reviews_ui("reviews")),
            _card("gallery", "Images of brushed observations", gallery_ui("gallery"), gallery_tools_ui("gallery")),
            _card("clock", "Shoreline clock", shoreline_clock_ui("clock"), *save_buttons()),
            _card("table", "Lakes", lake_table_ui("table"), export_ui("export")),
            tags.div(regression_ui("regression"), class_="m-regression"),
            class_="m-explore",
            data_tab="volcano",
            data_fitting="false",
        ),
        fillable=False,
        class_="m-explore-page",
    )  # fmt: skip


@module.server
def explore_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, ahead: Ahead = nothing_ahead
) -> None:
    @render.ui
    def notices() -> TagList:
        return TagList(*(tags.p(notice, class_="m-notice", role="alert") for notice in selection.notices()))

    if not len(store.lakes):
        return
    making_server("making", store)
    headline_server("headline", store, selection)
    show_filters_server("show", store, selection)
    test_settings_server("test", store, selection)
    sources_server("sources", store, selection)
    volcano_server("volcano", store, selection)
    lineup_server("lineup", store, selection)
    lake_map_server("map", store, selection)
    focus_line_server("focus", store, selection)
    why_server("why", store, selection)
    area_series_server("series", store, selection)
    flag_list_server("flags", store, selection)
    evidence_server("evidence", store, selection, ahead=ahead)
    scene_server("scene", store, selection)
    threshold_server("threshold", store, selection)
    filmstrip_server("film", store, selection)
    reviews_server("reviews", store, selection)
    gallery_server("gallery", store, selection)
    shoreline_clock_server("clock", store, selection)
    lake_table_server("table", store, selection)
    export_server("export", store, selection)
    regression_server("regression", store, selection)

    @reactive.effect
    @reactive.event(input.log_area, ignore_init=True)
    def _log() -> None:
        selection.change_display(log_area=bool(input.log_area()))

    @reactive.effect
    async def _dim() -> None:
        await session.send_custom_message("moraine-fitting", {"fitting": selection.fitting() is not None})
