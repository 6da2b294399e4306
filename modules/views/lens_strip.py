"""The predictions of the scene in focus through all epochs, side by side; one that is pressed is the epoch in force."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from modules.lensing.courses import by_epoch, frames, sheets_style
from modules.lensing.looking import LensSelection
from modules.selection import Selection

FILES = ("probe.npz", "predictions.npz")


@module.ui
def lens_strip_ui() -> Tag:
    return ui.output_ui("strip")


@module.server
def lens_strip_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    @reactive.calc
    def fault() -> str:
        return looking.lens().fault(*FILES)

    @render.ui
    def strip() -> Tag:
        if fault():
            return tags.p(fault(), class_="m-notice", role="alert")
        lens, scene_key = looking.lens(), looking.scene()
        if lens.probe().place(scene_key) is None:
            return tags.p("This scene was not followed through training.", class_="m-quiet")
        iou = None if lens.fault("training.parquet") else by_epoch(lens, "iou")
        return tags.div(frames(lens, scene_key, iou), style=sheets_style(lens))
