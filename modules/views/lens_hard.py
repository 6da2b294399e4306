"""Scenes that are still hard late in training, as tiles that follow the epoch: those that stayed hard apart from those that became so."""

from __future__ import annotations

import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.hard import FORGOTTEN, RULE, STAYED
from data.lens.reading import Lens
from data.store import Store
from modules.lensing.courses import by_epoch, course_tile, sheets_style
from modules.lensing.hardness import hardness
from modules.lensing.looking import LensSelection
from modules.selection import Selection

FILES = ("training.parquet", "probe.npz", "predictions.npz")
TITLES = {STAYED: "Stayed hard", FORGOTTEN: "Became hard: good once, worse later"}


def hard_tags(lens: Lens, found: pd.DataFrame) -> TagList:
    """A list of tiles for each kind.

    Args:
        lens: Whose.
        found: `hardness(lens)`.
    """
    iou = by_epoch(lens, "iou")
    parts: list[Tag] = []
    for kind, title in TITLES.items():
        keys = found.loc[found["kind"] == kind, "scene_key"].tolist()
        tiles = [tags.li(course_tile(lens, int(key), iou)) for key in keys]
        listed = tags.ul(*tiles, class_="m-lens-tiles") if keys else tags.p("No scene is.", class_="m-quiet")
        parts += [tags.h3(f"{title} ({len(keys)})", class_="m-lens-part"), listed]
    rule = tags.details(tags.summary("Which these are"), tags.p(RULE.words()), class_="m-quiet")
    return TagList(tags.div(*parts, style=sheets_style(lens)), rule)


@module.ui
def lens_hard_ui() -> Tag:
    return ui.output_ui("hard", class_="m-lens-hard")


@module.server
def lens_hard_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    @reactive.calc
    def fault() -> str:
        return looking.lens().fault(*FILES)

    @render.ui
    def hard() -> Tag | TagList:
        if fault():
            return tags.p(fault(), class_="m-notice", role="alert")
        return hard_tags(looking.lens(), hardness(looking.lens()))
