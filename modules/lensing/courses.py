"""Scenes through training as page elements: pictures and figures that follow the epoch in the browser (lens.css, lens.js). Pure."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from htmltools import Tag, tags

from data.lens.reading import Lens
from modules.lensing.tiles import scene_words
from modules.lensing.urls import lens_url

ROWS = 25
"""Scenes in one picture of many (modules.lensing.pictures.courses)."""


def by_epoch(lens: Lens, column: str) -> pd.DataFrame:
    """A row a followed scene, by scene_key, a column an epoch of the lens: its `loss` or `iou`, NaN where it has none.

    Raises:
        LensError: training.parquet is missing or cannot be used.
    """
    rows = lens.training().drop_duplicates(["scene_key", "epoch"])
    return rows.pivot(index="scene_key", columns="epoch", values=column).reindex(columns=list(lens.manifest.epochs))


def each_epoch(values: pd.DataFrame | None, scene_key: int) -> list[str]:
    """Two decimals an epoch, a dash where there is no figure; empty where nothing is known of the scene."""
    if values is None or scene_key not in values.index:
        return []
    return ["–" if np.isnan(value) else f"{value:.2f}" for value in values.loc[scene_key].to_numpy(dtype=float)]


def following(texts: list[str], class_: str = "") -> Tag:
    """A text that is another one at each epoch."""
    return tags.span(data_lens_values=json.dumps(texts, ensure_ascii=False), class_=class_)


def sheets_style(lens: Lens) -> str:
    """CSS properties that name the pictures of many scenes, for an element around `course_tile`s and `frame`s."""
    parts = range(-(-len(lens.probe().scene_key) // ROWS))
    return "".join(f"--m-{name}-{part}:url({lens_url(lens, f'courses-{name}', part)});" for part in parts for name in ("image", "outcomes"))


def course_tile(lens: Lens, scene_key: int, iou: pd.DataFrame | None = None) -> Tag:
    """A button that focuses a followed scene: its image, the outcome at the epoch in force laid over it, and the IoU then.

    Args:
        lens: Whose; within an element of `sheets_style`.
        scene_key: One of `lens.probe()`.
        iou: `by_epoch(lens, "iou")`, None where that is not known.
    """
    said = scene_words(lens, scene_key)
    return tags.button(
        tags.span(style=_place(lens, scene_key), class_="m-course m-follow", aria_hidden="true"),
        following(each_epoch(iou, scene_key), "m-lens-tile-words"),
        type="button",
        class_="m-lens-tile m-course-tile",
        data_lens_scene=str(scene_key),
        aria_label=f"{said} at the last epoch",
        title=said,
    )


def _place(lens: Lens, scene_key: int) -> str:
    """CSS: in which picture of many a scene is, and where."""
    place, count = lens.probe().place(scene_key), len(lens.probe().scene_key)
    if place is None:
        raise KeyError(scene_key)
    part, row = divmod(place, ROWS)
    rows = min(ROWS, count - part * ROWS)
    down = 100 * row / max(rows - 1, 1)
    return (
        f"--m-epochs:{len(lens.manifest.epochs)};--m-rows:{rows};--m-down:{down:.4f}%;"
        f"background-image:var(--m-outcomes-{part}),var(--m-image-{part})"
    )


def frames(lens: Lens, scene_key: int, iou: pd.DataFrame | None = None) -> Tag:
    """A scene at every epoch, side by side: a button each, which goes to its epoch."""
    epochs, texts = lens.manifest.epochs, each_epoch(iou, scene_key)
    place, last = _place(lens, scene_key), max(len(epochs) - 1, 1)
    made = [
        tags.button(
            tags.span(style=f"{place};--m-lens-at:{index / last:.6f}", class_="m-course", aria_hidden="true"),
            tags.span(str(epoch), class_="m-lens-tile-words"),
            type="button",
            class_="m-lens-frame",
            data_lens_go=str(index),
            aria_label=f"Epoch {epoch}" + (f", IoU {texts[index]}" if texts else ""),
            title=f"Epoch {epoch}" + (f": IoU {texts[index]}" if texts else ""),
        )
        for index, epoch in enumerate(epochs)
    ]
    return tags.div(*made, class_="m-lens-strip", role="group", aria_label="Predictions of this scene through the epochs")


def panels(lens: Lens, scene_key: int) -> Tag:
    """A followed scene large: image, prediction at the epoch in force, label, and how they differ."""

    def panel(title: str, *kinds: str) -> Tag:
        urls = ",".join(f"url({lens_url(lens, kind, scene_key)})" for kind in kinds)
        still = [kind in {"course-image", "course-label"} for kind in kinds]
        wide = ",".join("100% 100%" if each else "calc(100% * var(--m-epochs)) 100%" for each in still)
        at = ",".join("0 0" if each else "calc(100% * var(--m-lens-at, 0)) 0" for each in still)
        style = f"--m-epochs:{len(lens.manifest.epochs)};background-image:{urls};background-size:{wide};background-position:{at}"
        said, follows = f"{title} of {scene_words(lens, scene_key)}", " m-follow" * (not all(still))
        picture = tags.span(style=style, class_=f"m-course-panel{follows}", role="img", aria_label=said)
        return tags.figure(tags.figcaption(title, class_="m-panel-title"), picture)

    return tags.div(
        panel("image", "course-image"),
        panel("prediction", "course-belief"),
        panel("label", "course-label"),
        panel("errors", "course-outcomes", "course-image"),
        class_="m-course-panels",
    )
