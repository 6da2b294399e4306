"""The watch-list as files: to compare with later, for other programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.errors import InputError
from data.store import Store
from data.watchlist.saved import refuse_large
from modules.selection import Selection
from modules.watching.saving import OnScreen, list_name
from modules.watching.state import Watching

SUFFIXES = {"csv": "CSV", "gpkg": "GeoPackage"}


@module.ui
def watch_files_ui() -> Tag:
    return tags.div(
        ui.output_ui("saving", inline=True),
        *(
            ui.download_button(suffix, words, class_="m-button", icon=None, aria_label=f"Export the list as {words}")
            for suffix, words in SUFFIXES.items()
        ),
        class_="m-watch-files",
    )


@module.server
def watch_files_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, watching: Watching) -> None:
    @render.ui
    def saving() -> Tag:
        """The button, or why there is none."""
        try:
            refuse_large(len(store.lakes), store.observations(watching.worked().given.table.settings.source))
        except InputError as error:
            return tags.span(f"Not to be saved: {error.what}", class_="m-quiet", title=error.remedy)
        return ui.download_button("save", "Save", class_="m-button", icon=None, aria_label="Save the list, to compare with later")

    @render.download_button(filename=lambda: list_name(store.meta, datetime.now(UTC).date(), "json"))
    async def save() -> AsyncIterator[str]:
        shown = OnScreen.of(watching)
        yield await asyncio.to_thread(shown.file, datetime.now(UTC).date())

    for suffix in SUFFIXES:
        _export(suffix, store, selection, watching)


def _export(suffix: str, store: Store, selection: Selection, watching: Watching) -> None:
    async def download() -> AsyncIterator[bytes]:
        shown = OnScreen.of(watching)
        yield await asyncio.to_thread(shown.export, suffix)

    download.__name__ = suffix
    render.download_button(filename=lambda: list_name(store.meta, datetime.now(UTC).date(), suffix))(download)
