"""The scene in focus: image, prediction at the epoch in force, label and errors, which follow the epoch in the browser."""

from __future__ import annotations

import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.reading import Lens
from data.store import Store
from modules.judging.triples import error_key
from modules.lensing.courses import by_epoch, each_epoch, following, panels
from modules.lensing.line_colours import REASONS
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import tile
from modules.selection import Selection

FILES = ("probe.npz", "predictions.npz")


def course_tags(lens: Lens, scene_key: int) -> Tag | TagList:
    """A scene at the epoch in force; of one that was not followed, its last outcome and a sentence that says so.

    Args:
        lens: Whose `FILES` can be used.
        scene_key: A scene of it.
    """
    followed = lens.probe()
    if followed.place(scene_key) is None:
        count = len(followed.scene_key)
        why = f"This scene was not followed through training: the lens keeps that of {count} scenes. Choose one of them below."
        return TagList(tags.p(why, class_="m-quiet"), tile(lens, scene_key, current=True))
    known = not lens.fault("training.parquet")
    iou, loss = (by_epoch(lens, column) if known else None for column in ("iou", "loss"))
    return TagList(
        tags.p(tags.strong(_name(lens, scene_key)), *_figures(iou, loss, scene_key), class_="m-lens-course-words"),
        panels(lens, scene_key),
        error_key(),
    )


def _name(lens: Lens, scene_key: int) -> str:
    """`Lake 12, 2019-10-03, cloud`."""
    row = lens.scenes.loc[scene_key]
    return str(row["name"]) + ("" if row["reason"] in {"", "ok"} else f", {REASONS.get(row['reason'], (row['reason'],))[0]}")


def _figures(iou: pd.DataFrame | None, loss: pd.DataFrame | None, scene_key: int) -> list[Tag | str]:
    said: list[Tag | str] = []
    for name, values in (("IoU", iou), ("loss", loss)):
        texts = each_epoch(values, scene_key)
        said += [f" · {name} ", following(texts, "m-lens-figure")] if texts else []
    return said


@module.ui
def lens_course_ui() -> Tag:
    return ui.output_ui("course", class_="m-lens-course")


@module.server
def lens_course_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    @reactive.calc
    def fault() -> str:
        return looking.lens().fault(*FILES)

    @render.ui
    def course() -> Tag | TagList:
        if fault():
            return tags.p(fault(), class_="m-notice", role="alert")
        return course_tags(looking.lens(), looking.scene())
