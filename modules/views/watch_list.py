"""The watch-list itself: the first lakes of the ranking, with every component that put them there."""

from __future__ import annotations

from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id
from shiny.render.renderer import Renderer

from data.store import Store
from modules.controls import key_of, script
from modules.selection import Selection
from modules.verdicts import verdict
from modules.watching.listing import Shown, list_record
from modules.watching.state import Watching
from modules.watching.words import absent_words, list_words, mix_words, with_review


class render_list(Renderer[dict[str, Any]]):  # noqa: N801 - a decorator, named like Shiny's
    """An output that watchlist.js draws: texts travel, not HTML, and cannot become any."""

    async def transform(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


@module.ui
def watch_list_ui() -> Tag:
    return tags.div(
        script("watchlist.js"),
        tags.p(ui.output_text("said", inline=True), class_="m-watch-said", role="status"),
        tags.p(ui.output_text("mix", inline=True), class_="m-quiet m-watch-mix"),
        ui.input_switch("further", "Components without weight too"),
        tags.div(id=resolve_id("list"), class_="m-table-scroll m-watch-list", tabindex="0", role="region", aria_label="Watch-list"),
        id=resolve_id("root"),
        class_="m-watch-view",
    )


@module.server
def watch_list_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, watching: Watching) -> None:
    def said_of(row: int) -> str:
        display = selection.display()
        return verdict(selection.rows().iloc[row].to_dict(), int(selection.classes()[row]), display.use, display.alpha)

    def likely(row: int) -> str:
        triage = selection.triage()
        return with_review("…" if triage is None else str(triage["kind"].iloc[row]), str(selection.reviews.verdicts()[row]))

    @render_list
    def list() -> dict[str, Any]:
        held = watching.worked()
        req(held.given.table is selection.fitted())
        shown = Shown(store, held.given, watching.ranking(), selection.classes(), said_of, likely)
        return list_record(shown, watching.ranking().listed.tolist(), further=bool(input.further()))

    @render.text
    def said() -> str:
        if watching.held() is None:
            return "Ranking the lakes …" if len(store.lakes) else "This dataset has no lakes to rank."
        return list_words(watching.ranking())

    @render.text
    def mix() -> str:
        lacking = absent_words(watching.ranking(), selection.watching()) if watching.held() is not None else ""
        return f"{mix_words(selection.watching())}. {lacking}"

    @reactive.effect
    async def _highlight() -> None:
        await session.send_custom_message("moraine-watch-focus", {"id": session.ns("root"), "key": selection.focus()})

    @reactive.effect
    @reactive.event(input.picked)
    def _focus() -> None:
        lake_key = key_of(input.picked())
        if lake_key is not None:
            selection.set_focus(lake_key)
