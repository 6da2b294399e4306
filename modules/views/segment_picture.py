"""Image, probability, and mask against label, drawn in the browser (`www/segment*.js`); what a hand changes comes back here."""

from __future__ import annotations

import functools
import json
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive
from shiny.module import resolve_id

from data.errors import InputError
from data.masks.editing import edits_from
from modules.controls import script
from modules.images.colours import rgb
from modules.segmenting.state import Segmentation
from modules.segmenting.subject import Outcome, Subject

PANELS = {"mask": "Image and mask", "probability": "Probability of water", "errors": "Against the label"}
HELP = (
    "Arrow keys move the picture, or the brush while one is chosen; plus and minus zoom, 0 returns to the lake. "
    "B paints water, E erases, Space applies the brush, [ and ] change its size, Z undoes the last stroke, Escape lays the brush down."
)
MEANINGS = {"water": "water", "tp": "tp", "fp": "fp", "fn": "fn", "outline": "focus", "hand": "brushed"}
STEPS = {"less": ("−", "Zoom out ( − )"), "more": ("+", "Zoom in ( + )"), "home": ("Lake", "Back to the lake ( 0 )")}


@functools.cache
def _colours() -> str:
    """JSON: the colours that lie on pictures, the same in both themes."""
    return json.dumps({name: list(rgb(meaning)) for name, meaning in MEANINGS.items()})


def _button(words: str, name: str, says: str, **more: Any) -> Tag:
    return tags.button(words, type="button", class_="btn btn-sm m-quiet-button", data_segment=name, title=says, **more)


def _tools() -> Tag:
    size = tags.label(
        "Brush", tags.input(type="range", min=1, max=40, value=6, data_segment="size", aria_label="Size of the brush, px"),
        tags.span("6 px", data_segment="size-said"), class_="m-segment-size",
    )  # fmt: skip
    return tags.div(
        _button("Move", "move", "Drag to move the picture", aria_pressed="true"),
        _button("Paint water", "paint", "Drag to add water ( B )", aria_pressed="false"),
        _button("Erase water", "erase", "Drag to take water away ( E )", aria_pressed="false"),
        size,
        _button("Undo", "undo", "Take back the last stroke ( Z )", disabled=""),
        _button(
            "Discard edits", "discard", "Take back everything that was done by hand", disabled="", data_m_unsaved="what you painted by hand"
        ),
        *(_button(words, name, says) for name, (words, says) in STEPS.items()),
        class_="m-segment-tools",
        role="group",
        aria_label="Edit the mask",
    )


def _panel(name: str, title: str, help_id: str) -> Tag:
    canvas = Tag("canvas", tabindex=0, role="application", aria_label=title, aria_describedby=help_id, data_segment_canvas=name)
    return Tag(
        "figure",
        tags.figcaption(title, tags.span(class_="m-quiet", data_segment_caption=name)),
        tags.div(canvas, class_="m-segment-stage"),
        tags.ul(class_="m-scene-legend", aria_label=f"Legend of {title.lower()}", data_segment_legend=name),
        class_="m-segment-panel",
        data_segment_panel=name,
    )


@module.ui
def segment_picture_ui() -> Tag:
    """Three canvases that move together, and the tools of the hand."""
    help_id = resolve_id("help")
    return tags.div(
        script("segment_edit.js"),
        script("segment.js"),
        tags.p(class_="m-segment-title", aria_live="polite"),
        _tools(),
        tags.div(*(_panel(name, title, help_id) for name, title in PANELS.items()), class_="m-segment-panels"),
        tags.p(class_="m-empty m-segment-empty"),
        tags.p(HELP, class_="visually-hidden", id=help_id),
        tags.p(class_="visually-hidden", aria_live="polite", data_segment="told"),
        class_="m-segment-picture",
        data_colours=_colours(),
        data_input=resolve_id("edits"),
        data_state="empty",
    )  # fmt: skip


def subject_message(work: Segmentation, subject: Subject | None, outcome: Outcome | None) -> dict[str, Any]:
    """What the browser needs to draw: addresses, sizes, outlines in px; `key` is None without an image."""
    if subject is None:
        return {"key": None}
    simulated = work.store.meta.simulated and subject.scene is not None
    return {
        "key": subject.key,
        "title": subject.title,
        "simulated": simulated,
        "width": subject.grid.width,
        "height": subject.grid.height,
        "image": work.image,
        "rings": list(subject.rings),
        "model": outcome.title if outcome else "",
        "binary": bool(outcome and outcome.binary),
    }


@module.server
def segment_picture_server(input: Inputs, output: Outputs, session: Session, work: Segmentation) -> None:
    """Tell the browser what to draw, and take what a hand changed."""
    urls: dict[str, tuple[object, str]] = {}

    def address(name: str, of: object, body: bytes) -> str | None:
        """Made once for each image or answer."""
        if name not in urls or urls[name][0] is not of:
            urls[name] = (of, work.layers.put_raster(body))
        return urls[name][1]

    @reactive.effect
    async def _tell() -> None:
        subject, outcome = work.subject(), work.outcome()
        told = subject_message(work, subject, outcome)
        if subject is not None:
            told["label"] = address("label", subject, subject.label_packed) if subject.label_packed else None
            told["probability"] = address("probability", outcome, outcome.packed) if outcome else None
        await session.send_custom_message("moraine-segment", told)

    @reactive.effect
    async def _threshold() -> None:
        await session.send_custom_message("moraine-segment-threshold", {"threshold": work.selection.segmenting().threshold})

    @reactive.effect
    async def _own() -> None:
        found = work.measured()
        if found is not None:
            await session.send_custom_message("moraine-segment-own", {"own": found.own_runs, "size": found.own.size})

    @reactive.effect
    @reactive.event(input.edits)
    def _take() -> None:
        match input.edits():
            case {"key": key, "runs": runs}:
                _edit(work, key, runs)
            case _:
                pass


def _edit(work: Segmentation, key: object, runs: object) -> None:
    """Take the edits of the image that is shown; those of another one came too late."""
    subject = work.subject()
    if subject is None or key != subject.key:
        return
    try:
        edits = edits_from(runs, subject.grid.shape)
    except InputError as error:
        work.trouble.set(error)
        return
    work.edits.set(edits if edits.any() else None)
