"""The watch-list itself: the first lakes of the ranking, with every component that put them there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id
from shiny.render.renderer import Renderer

from data.store import Store
from modules.controls import focus_pressed, script
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
    def said_of(listed: Sequence[int]) -> dict[int, str]:
        """Row → verdict. All rows are taken at once: one by one, a long list would keep every visit waiting."""
        display, codes = selection.display(), selection.classes()
        lakes = selection.rows()[["status", "log_p", "log_q"]].iloc[listed].to_dict("records")
        return {row: verdict(lake, int(codes[row]), display.use, display.alpha) for row, lake in zip(listed, lakes, strict=True)}

    def likely(listed: Sequence[int]) -> dict[int, str]:
        triage, reviewed = selection.triage(), selection.reviews.verdicts()
        kinds = ["…"] * len(listed) if triage is None else triage["kind"].iloc[listed].astype(str).tolist()
        return {row: with_review(kind, str(reviewed[row])) for row, kind in zip(listed, kinds, strict=True)}

    @render_list
    def list() -> dict[str, Any]:
        held = watching.worked()
        req(held.given.table is selection.fitted())
        ranking = watching.ranking()
        listed = ranking.listed.tolist()
        shown = Shown(store, held.given, ranking, selection.classes(), said_of(listed).__getitem__, likely(listed).__getitem__)
        return list_record(shown, listed, further=bool(input.further()))

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

    focus_pressed(input, selection.set_focus)
