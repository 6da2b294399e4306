"""A scene as image, prediction, label and errors side by side; and single tiles of an image with its errors over it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from htmltools import Tag, TagList, tags

from data.records import Scene
from data.store import Store
from modules.image_urls import CHIP, belief_url, chip_url, errors_url, scene_url
from modules.images.colours import rgb
from modules.judging.frame import NOT_SAID
from modules.numerals import figure_text
from modules.observations import REASONS

ERRORS = {"agreed": "both: water", "false": "only the mask", "missed": "only the label"}
"""Meaning → what it says, in the order of the key."""


@dataclass(frozen=True)
class Sight:
    """How scenes are drawn.

    Args:
        bands: As `Look.bands`.
        scope: Of the scores: `lake` shows the square about the lake, `scene` all of the scene.
    """

    bands: str
    scope: str


def error_key() -> Tag:
    """What the colours over images say, in the colours that images have in both themes."""
    chips = [tags.span(_swatch(meaning), words) for meaning, words in ERRORS.items()]
    return tags.p(*chips, class_="m-error-key m-quiet")


def _swatch(meaning: str) -> Tag:
    return tags.span(style=f"background:rgb({','.join(map(str, rgb(meaning)))})", class_="m-swatch", aria_hidden="true")


def scene_words(name: object, date: object, reason: str, split: str) -> str:
    """`Imja · 2018-10-30 · cloud · test`: what is known of a scene, from the columns of its scores."""
    day = f"{date:%Y-%m-%d}" if isinstance(date, pd.Timestamp) and not pd.isna(date) else ""
    why = "" if reason in {"ok", NOT_SAID} else REASONS.get(reason, reason)
    return " · ".join(part for part in (str(name), day, why, "" if split == NOT_SAID else split) if part)


def all_words(rows: pd.DataFrame) -> list[str]:
    """`scene_words` of every row of scores."""
    dates = pd.to_datetime(rows["date"]).tolist()
    return [scene_words(*parts) for parts in zip(rows["name"], dates, rows["reason"], rows["split"], strict=True)]


def _words(row: pd.Series) -> str:
    return all_words(row.to_frame().T)[0]


def area_text(row: pd.Series) -> str:
    """`0.120 km² (label 0.131)`; empty where a pixel's size is not known."""
    if pd.isna(row["label_km2"]):
        return ""
    return f"{figure_text(row['predicted_km2'])} km² (label {figure_text(row['label_km2'])})"


def tile(store: Store, row: pd.Series, sight: Sight, caption: str) -> Tag | None:
    """An image with the errors of one mask over it; pressed, it opens the scene on Explore (of a scene of no lake: its whole image).

    Args:
        store: The dataset.
        row: Of scores: which scene, whose mask.
        sight: How.
        caption: Below it.
    """
    scene = store.scenes.scene(int(row["scene_key"]))
    if scene is None:
        return None
    words = f"{_words(row)}, {row['source']}: {caption}"
    body = TagList(_errors(store, scene, row, sight, words), tags.span(caption, class_="m-tile-words"))
    return pressable(store, scene, body, "m-tile", f"{words}. {'Open on Explore' if scene.lake_key is not None else 'Open the image'}")


def pressable(store: Store, scene: Scene, body: TagList | str, class_: str, title: str) -> Tag:
    """A button that predictions.js hears of; for a scene of no lake, which Explore cannot show, a link to its whole image."""
    if scene.lake_key is None:
        return tags.a(body, href=scene_url(store, scene, "true"), target="_blank", class_=class_, title=title)
    return tags.button(body, type="button", class_=class_, title=title, data_judged_scene=scene.scene_key)


def triple(store: Store, rows: Sequence[pd.Series], sight: Sight, captions: Sequence[str]) -> Tag | None:
    """One scene: its image, the label, and the prediction and the errors of each of some sources.

    Args:
        store: The dataset.
        rows: Of scores: one a source, all of one scene.
        sight: How.
        captions: One a source, below the pictures.
    """
    scene = store.scenes.scene(int(rows[0]["scene_key"]))
    if scene is None:
        return None
    words = _words(rows[0])
    panels = [_panel("image", _picture(chip_url(store, scene, sight.bands, sight.scope), f"Image of {words}"))]
    for row in rows:
        source = str(row["source"])
        belief = _picture(belief_url(store, scene, source, sight.scope), f"Water by {source}, {words}")
        panels += [_panel(source, belief), _panel("errors", _errors(store, scene, row, sight, f"Errors of {source}"))]
    label = str(rows[0]["label"])
    truth = _panel(label, _picture(belief_url(store, scene, label, sight.scope), f"Water by {label}, {words}"))
    panels.insert(2 if len(rows) == 1 else 1, truth)
    head = pressable(store, scene, words, "m-triple-name", f"{words}: open")
    told = [
        tags.p(f"{row['source']}: {caption}" if len(rows) > 1 else caption, class_="m-tile-words")
        for row, caption in zip(rows, captions, strict=True)
    ]
    return tags.li(head, tags.div(*panels, class_="m-panels"), *told, class_="m-triple")


def _panel(title: str, picture: Tag) -> Tag:
    return tags.figure(tags.figcaption(title, title=title, class_="m-panel-title"), picture)


def _picture(address: str, words: str) -> Tag:
    return tags.img(src=address, alt=words, width=CHIP, height=CHIP, loading="lazy", decoding="async", class_="m-judged")


def _errors(store: Store, scene: Scene, row: pd.Series, sight: Sight, words: str) -> Tag:
    """The image with the errors over it, against the label that the row was scored against."""
    below = _picture(chip_url(store, scene, sight.bands, sight.scope), words)
    return tags.span(below, _picture(errors_url(store, scene, str(row["source"]), str(row["label"]), sight.scope), ""), class_="m-stack")
