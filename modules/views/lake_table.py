"""The lake table: sorted, filtered and paged on the server; nothing but the rows on screen travels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id
from shiny.render.renderer import Renderer

from data.records import TrendTable
from data.store import Store
from modules.controls import focus_pressed, key_of, script, texts_of
from modules.lake_listing import MANY, OWN, SIZES, Listing, brush_some
from modules.reviewing.columns import COLUMN
from modules.selection import Selection
from modules.table_page import FURTHER, TableColumn, default_columns, page_record


def column_choices(store: Store) -> dict[str, str]:
    """The columns that can be added: further statistics, position, and what the input brought along."""
    return {name: name for name in FURTHER} | {f"lake.{name}": name for name in ("lon", "lat", *store.extra_columns)}


def summary(first: int, shown: int, total: int, hidden: int) -> str:
    """`26 to 50 of 412 lakes · 3 brushed lakes are hidden by filters`."""
    what = f"{first + 1:,} to {first + shown:,} of {total:,} lakes" if shown else "No lake to list: loosen the filters, or the text above"
    verb = "lake is" if hidden == 1 else "lakes are"
    return what + (f" · {hidden:,} brushed {verb} hidden by filters" if hidden else "")


class render_page(Renderer[dict[str, Any]]):  # noqa: N801 - a decorator, named like Shiny's
    """An output that lake_table.js draws: texts travel, not HTML, and cannot become any."""

    async def transform(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


@module.ui
def lake_table_ui() -> Tag:
    """The table with its controls."""
    further = ui.input_selectize("further", "Further columns", [], multiple=True, remove_button=True)
    return tags.div(
        script("lake_table.js"),
        tags.div(
            ui.input_text("words", "Find", placeholder="id, name, basin, type"),
            ui.input_switch("only_brushed", "Only brushed"),
            ui.input_action_button("brush_all", "Brush all listed", class_="m-button"),
            tags.details(tags.summary("Columns"), further, class_="m-columns"),
            class_="m-table-tools",
        ),
        tags.div(id=resolve_id("page"), class_="m-table-scroll m-table-page", tabindex="0", role="region", aria_label="Lakes"),
        tags.div(
            ui.input_action_button("first", "«", class_="m-button", aria_label="First page"),
            ui.input_action_button("back", "‹", class_="m-button", aria_label="Previous page"),
            tags.span(ui.output_text("said", inline=True), role="status"),
            ui.input_action_button("on", "›", class_="m-button", aria_label="Next page"),
            ui.input_action_button("end", "»", class_="m-button", aria_label="Last page"),
            ui.input_action_button("to_focus", "Go to the focus lake", class_="m-button"),
            ui.input_select("size", "Rows a page", list(SIZES), selected=SIZES[0]),
            class_="m-table-foot",
        ),
        id=resolve_id("root"),
        class_="m-lake-table",
    )


@module.server
def lake_table_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Tie the table to focus and brush."""
    ui.update_selectize("further", choices=column_choices(store))
    listing = Listing(input, store, selection)
    _drawing(input, store, selection, listing)
    _paging(input, listing)
    _pressing(input, store, selection, listing)

    @reactive.effect
    async def _highlight() -> None:
        focus = selection.focus()
        with reactive.isolate():
            if selection.table() is not None:
                listing.go_to(focus)
        await session.send_custom_message("moraine-table-focus", {"id": session.ns("root"), "key": focus})

    @reactive.effect
    @reactive.event(input.to_focus)
    def _to_focus() -> None:
        listing.go_to(selection.focus())

    @reactive.effect
    @reactive.event(input.brush_all)
    def _brush_all() -> None:
        brush_some(selection, store.lake_keys[listing.rows()])


def _drawing(input: Inputs, store: Store, selection: Selection, listing: Listing) -> None:
    @render_page
    def page() -> dict[str, Any]:
        columns = listing.columns()
        said = [COLUMN] if selection.reviews.now().version else []
        chosen = {name: columns[name] for name in (*default_columns(store), *said, *texts_of(input.further())) if name in columns}
        rows, classes = listing.page_rows(), selection.classes()
        return page_record(store, chosen, rows, listing.sort(), brushed=selection.brushed(), classes=classes)

    @render.text
    def said() -> str:
        hidden = int(np.count_nonzero(selection.brushed() & ~selection.shown()))
        return summary(listing.page() * listing.size(), len(listing.page_rows()), len(listing.rows()), hidden)


def _paging(input: Inputs, listing: Listing) -> None:
    def turn(button: str, target: Callable[[], int]) -> None:
        @reactive.effect
        @reactive.event(input[button])
        def _turn() -> None:
            listing.at.set(min(max(target(), 0), listing.last()))

    turn("first", lambda: 0)
    turn("back", lambda: listing.page() - 1)
    turn("on", lambda: listing.page() + 1)
    turn("end", listing.last)

    @reactive.effect
    @reactive.event(input.words, input.size, input.only_brushed, ignore_init=True)
    def _start_again() -> None:
        listing.at.set(0)


def _pressing(input: Inputs, store: Store, selection: Selection, listing: Listing) -> None:
    """What the table's script reports. It comes from the browser: names and keys are looked up, not believed."""

    def sort(name: str, descending: bool) -> None:
        listing.sort.set((name, descending))
        listing.at.set(0)

    @reactive.extended_task
    async def put_in_order(name: str, descending: bool, columns: dict[str, TableColumn], table: TrendTable) -> tuple[str, bool]:
        await asyncio.to_thread(listing.order_by, name, descending, columns, table)
        return name, descending

    @reactive.effect
    def _sorted() -> None:
        sort(*put_in_order.result())

    @reactive.effect
    @reactive.event(input.sorted)
    def _sort() -> None:
        name = input.sorted()
        req(isinstance(name, str) and name in {COLUMN, *default_columns(store), *column_choices(store)})
        held, descending = listing.sort()
        wanted = name, not descending if name == held else False
        put_in_order.cancel()
        if len(store.lakes) > MANY and name not in OWN:
            put_in_order.invoke(*wanted, listing.columns(), selection.fitted())
        else:
            sort(*wanted)

    focus_pressed(input, selection.set_focus)

    @reactive.effect
    @reactive.event(input.ticked)
    def _brush() -> None:
        sent = input.ticked()
        req(isinstance(sent, dict))
        lake_key = key_of(sent.get("key"))
        req(lake_key is not None and store.row_of(lake_key) is not None)
        brushed = store.lake_keys[selection.brushed()]
        brush_some(selection, np.union1d(brushed, [lake_key]) if sent.get("on") else np.setdiff1d(brushed, [lake_key]))
