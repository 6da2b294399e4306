"""Export: the lakes shown, with every statistic, their flags, the settings, the dataset's digest and its citation."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Generator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.export_blocks import csv_blocks, write_geopackage
from data.records import DatasetMeta, TrendSettings, TrendTable
from data.store import Store
from modules import downloads
from modules.fitting import settled
from modules.selection import Selection

PIECE = 2**20
"""Bytes of a file that are handed out at a time."""
SUFFIXES = {"csv": "CSV", "gpkg": "GeoPackage"}


def file_name(meta: DatasetMeta, settings: TrendSettings, day: date, suffix: str) -> str:
    """What an export is called: `hkh-lakedb_ols-log-9-11-inventory_2026-11-22.csv`; simulated data say so."""
    return downloads.file_name(meta, suffix, after=(settings.token, day.isoformat()))


def exported(store: Store, table: TrendTable, lake_keys: list[int], suffix: str) -> Generator[bytes]:
    """The file, in parts. Each is slow for large inventories: take it in a thread.

    Args:
        store: The dataset.
        table: The trend table on screen.
        lake_keys: Which lakes, ascending.
        suffix: A key of SUFFIXES.
    """
    if suffix == "csv":
        yield from csv_blocks(store, table, lake_keys)
        return
    with tempfile.TemporaryDirectory(prefix="moraine-export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        write_geopackage(store, table, lake_keys, path)
        with path.open("rb") as file:
            yield from iter(partial(file.read, PIECE), b"")


def rows_chosen(shown: np.ndarray, brushed: np.ndarray, *, only_brushed: bool) -> np.ndarray:
    """(L,) booleans: the lakes to export; with nothing brushed, every lake shown."""
    return shown & brushed if only_brushed and brushed.any() else shown


@module.ui
def export_ui() -> Tag:
    """A small menu: how many lakes, which of them, and a button a format."""
    menu = tags.div(
        tags.p(ui.output_text("count", inline=True)),
        ui.input_switch("only_brushed", "Only the brushed lakes"),
        *(ui.download_button(suffix, words, class_="m-button") for suffix, words in SUFFIXES.items()),
        class_="m-export",
    )
    return ui.popover(ui.input_action_button("menu", "Export", class_="m-button"), menu, title="Export the lakes shown", placement="bottom")


@module.server
def export_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @reactive.calc
    def chosen() -> np.ndarray:
        rows = rows_chosen(selection.shown(), selection.brushed(), only_brushed=bool(input.only_brushed()))
        return store.lake_keys[rows]

    @render.text
    def count() -> str:
        simulated = " of simulated data" if store.meta.simulated else ""
        return f"{len(chosen()):,} lakes{simulated}, with every statistic, the settings and the citation."

    for suffix in SUFFIXES:
        _download(suffix, store, selection, chosen)


def _download(suffix: str, store: Store, selection: Selection, chosen: reactive.calc) -> None:
    def name() -> str:
        return file_name(store.meta, settled(selection).settings, datetime.now(UTC).date(), suffix)

    async def download() -> AsyncIterator[bytes]:
        parts = exported(store, settled(selection), chosen().tolist(), suffix)
        try:
            while part := await asyncio.to_thread(next, parts, b""):
                yield part
        finally:
            await asyncio.to_thread(parts.close)

    download.__name__ = suffix
    render.download_button(filename=name)(download)
