"""The gallery: the images of the brushed observations as small multiples, lake × year."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id

from data.export import write_export
from data.store import Store
from modules.choices import Points
from modules.controls import key_of, script, turn_pages
from modules.downloads import shown_name, written
from modules.gallery_page import Drawing, gallery_page, in_order, likely_addresses
from modules.selection import Selection

AGAIN = 3.0
"""Seconds after which it is looked again whether images have been made that are not there yet."""

HINT = (
    "Nothing is brushed. Draw round points in the area series with Lasso or Box (on a touch screen press Brush first): "
    "of the lake in focus and of every brushed lake. Or take every date at once with the buttons above."
)
NO_IMAGES = "This dataset has no images. `python -m data scenes`, `stac` or `simulate` brings them; what is brushed is listed all the same."


@module.ui
def gallery_tools_ui() -> Tag:
    """What the card's head holds: brushing without a pointer, saving, clearing."""
    quiet = "btn-sm m-quiet-button"
    return tags.div(
        ui.input_action_button("this_lake", "This lake's dates", class_=quiet, title="Brush every date of the lake in focus"),
        ui.input_action_button(
            "every_lake", "All lakes' dates", class_=quiet, title="Brush every date of the focus lake and all brushed lakes"
        ),
        tags.span(
            ui.download_button("csv", "CSV", class_=quiet, icon=None, aria_label="Save the brushed observations as CSV"),
            ui.input_action_button("clear", "Clear", class_=quiet, aria_label="Clear the brushed observations"),
            class_="m-gallery-any",
        ),
    )


@module.ui
def gallery_ui() -> Tag:
    """Frame of the gallery: its rows come from gallery.js."""
    quiet = "btn-sm m-button"
    pages = tags.div(
        ui.input_action_button("back", "‹ previous", class_=quiet),
        tags.span(class_="m-gallery-page", role="status"),
        ui.input_action_button("on", "next ›", class_=quiet),
        class_="m-gallery-pages",
        hidden="",
    )
    return tags.div(
        script("gallery.js"),
        tags.p(class_="m-gallery-said", role="status"),
        tags.p(HINT, class_="m-gallery-hint m-quiet"),
        tags.div(class_="m-gallery-scroll", role="region", aria_label="Images, a row a lake, a column a year", tabindex="0", hidden=""),
        pages,
        id="brushed-images",
        class_="m-gallery-body",
        data_pressed=resolve_id("pressed"),
        data_any="false",
    )


@module.server
def gallery_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    at = reactive.Value(0)
    sent: list[dict[str, Any] | None] = [None]

    @reactive.calc
    def found() -> pd.DataFrame:
        return in_order(selection.observations(), store, selection.ranks())

    # Before the plots: the browser then fetches images while the server still works on figures.
    @reactive.effect(priority=10)
    async def _tell() -> None:
        told = _told(store, selection, found, at())
        if any(shot["missing"] and shot["scene"] is not None for lake in told["lakes"] for year in lake["years"] for shot in year):
            reactive.invalidate_later(AGAIN)
        if told != sent[0]:
            sent[0] = told
            await session.send_custom_message("moraine-gallery", told)

    # After everything else: a drag that may never come must not hold up what is seen.
    @reactive.effect(priority=-10)
    async def _foresee() -> None:
        settings = selection.trial.on(selection.fitted())
        keys = selection.series_keys() if selection.brush() is not None else ()
        drawing = Drawing(selection.look().bands, selection.layers(), selection.trial.rest())
        await session.send_custom_message("moraine-gallery-likely", {"urls": likely_addresses(store, keys, settings, drawing)})

    turn_pages(input, at, lambda: sent[0]["pages"] - 1 if sent[0] else 0, selection.points)
    _brush_and_press(input, store, selection)

    def name() -> str:
        return f"{shown_name(store.meta)}_brushed-observations_{datetime.now(UTC).date()}.csv"

    @render.download_button(filename=name)
    async def csv() -> AsyncIterator[bytes]:
        points = selection.points()
        req(points is not None)
        assert points is not None
        yield await asyncio.to_thread(csv_of, store, found(), points)


def _told(store: Store, selection: Selection, found: reactive.calc, at: int) -> dict[str, Any]:
    if selection.points() is None:
        return {"any": False, "hint": HINT if len(store.scenes) else NO_IMAGES, "said": "", "lakes": [], "years": [], "at": 0, "pages": 1}
    drawing = Drawing(selection.look().bands, selection.layers(), selection.trial.rest())
    return {**gallery_page(store, found(), selection.classes(), drawing, at), "any": True}


def _brush_and_press(input: Inputs, store: Store, selection: Selection) -> None:
    @reactive.effect
    @reactive.event(input.this_lake)
    def _this_lake() -> None:
        selection.brush_dates()

    @reactive.effect
    @reactive.event(input.every_lake)
    def _every_lake() -> None:
        selection.brush_dates(brushed=True)

    @reactive.effect
    @reactive.event(input.clear)
    def _clear() -> None:
        selection.points.set(None)

    @reactive.effect
    @reactive.event(input.pressed)
    def _press() -> None:
        """Keys come from the browser: they are looked up, not believed."""
        said = input.pressed()
        req(isinstance(said, dict))
        scene, lake = key_of(said.get("scene")), key_of(said.get("lake"))
        if scene is not None:
            selection.set_scene(scene)
        elif lake is not None:
            selection.set_focus(lake)


def csv_of(store: Store, found: pd.DataFrame, points: Points) -> bytes:
    """The brushed observations as CSV, each with its lake's id and name, its image and where the data come from. Slow: call it in a thread.

    Args:
        store: The dataset.
        found: Of `in_order`.
        points: The brush.
    """
    lakes = store.lakes.set_index("lake_key").loc[found["lake_key"], ["lake_id", "name"]].reset_index(drop=True)
    rows = pd.concat([found[["lake_key"]], lakes, found.drop(columns=["lake_key", "row", "rank"])], axis=1)
    rows = rows.assign(
        date=found["date"].dt.strftime("%Y-%m-%d"), sensor=_sensors(store, found), source=points.settings.source
    )  # fmt: skip
    meta = store.meta
    where = {"dataset": meta.title, "simulated": meta.simulated, "dataset_digest": store.digest, "settings": points.settings.token,
             "licence": meta.licence, "citation": meta.citation}  # fmt: skip
    return written(lambda path: write_export(rows, None, "csv", path, where), "csv")


def _sensors(store: Store, found: pd.DataFrame) -> pd.Series:
    """Of the image of each observation; empty where it has none, or nobody knows."""
    known = store.scenes.rows_of(found["lake_key"].unique(), ["scene_key", "sensor"]).set_index("scene_key")["sensor"].to_dict()
    for key in set(found["scene_key"].dropna().tolist()) - set(known):  # an area may name the image of another lake
        scene = store.scenes.scene(int(key))
        known[int(key)] = (scene.sensor if scene else "") or None
    return found["scene_key"].map(known)
