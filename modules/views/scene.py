"""The scene view: the lake as context and detail, drawn in the browser (`www/scene*.js`); here stand its controls and what they set."""

from __future__ import annotations

import functools
import json
from typing import Any

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive
from shiny.module import resolve_id

from data.scene_table import LABEL
from data.store import Store
from modules.choices import LOOKS, OUTLINES, STORED, is_look
from modules.images.colours import diverging, rgb
from modules.selection import Selection

TITLES = {"true": "True colour", "false": "False colour", "ndwi": "NDWI", "mndwi": "MNDWI", "relief": "Relief"}
LINES = {"newest": "Newest", "nested": "All dates, by year", "none": "None"}
CHANNELS = ("Red", "Green", "Blue")
LAYERS = 2
"""Masks over an image at most."""
HELP = "Arrow keys move, plus and minus zoom, 0 returns to the lake, [ and ] go to the date before and after."


def look_changes(sent: object, store: Store) -> dict[str, Any]:
    """What the browser may change of the look of images; whatever else it sends is left out.

    Args:
        sent: By field of `Look`: new values.
        store: The dataset, whose bands and sources are known.
    """
    if not isinstance(sent, dict):
        return {}
    changes: dict[str, Any] = {field: sent[field] for field in ("fill", "relief") if isinstance(sent.get(field), bool)}
    opacity, layers = sent.get("opacity"), sent.get("layers")
    if isinstance(opacity, int | float) and not isinstance(opacity, bool) and 0 <= opacity <= 1:
        changes["opacity"] = round(float(opacity), 2)
    if sent.get("outlines") in OUTLINES:
        changes["outlines"] = sent["outlines"]
    if isinstance(sent.get("bands"), str) and is_look(sent["bands"], store.meta.bands):
        changes["bands"] = sent["bands"]
    if isinstance(layers, list | tuple) and len(layers) <= LAYERS and all(layer in store.scenes.sources for layer in layers):
        changes["layers"] = tuple(dict.fromkeys(layers))
    return changes


@functools.cache
def picture_colours() -> str:
    """JSON: the colours that lie on pictures, the same in both themes, and the ramp of an index."""
    hexed = {name: f"#{bytes(rgb(meaning)).hex()}" for name, meaning in _MEANINGS.items()}
    steps = ", ".join(f"rgb({' '.join(map(str, step))})" for step in diverging()[::15].tolist())
    return json.dumps({**hexed, "index": f"linear-gradient(to right, {steps})"})


_MEANINGS = {"water": "water", "label": "label", "outline": "focus", "early": "early", "late": "late"}


@module.ui
def scene_tools_ui(store: Store) -> TagList:
    """The row of controls: dates, look, layers, swipe."""
    looks = [tags.option(TITLES[look], value=look) for look in LOOKS]
    if len(store.meta.bands) > 1:
        looks.append(tags.option("Three bands …", value="bands"))
    panel = resolve_id("layers")
    return TagList(
        _step(-1, "‹", "Previous clear date ( [ )"),
        _select("at", "Date"),
        _step(1, "›", "Next clear date ( ] )"),
        _select("look", "Look", *looks),
        _button("Layers", "layers", "Masks, outlines and hillshade over the image", popovertarget=panel, aria_expanded="false"),
        _button("Swipe", "swipe", "Hold another date against this one", aria_pressed="false"),
        _button("Move", "move", "Let one finger move the picture", aria_pressed="false", class_="btn btn-sm m-quiet-button m-touch-only"),
        _button("Lake", "home", "Back to the lake ( 0 )"),
        _button("Segment", "segment", "Segment this image"),
        _layers_panel(store, panel),
    )


def _select(name: str, says: str, *options: Tag) -> Tag:
    return tags.select(*options, class_="form-select form-select-sm", aria_label=says, title=says, data_scene=name)


def _button(words: str, name: str, says: str, **more: Any) -> Tag:
    return tags.button(words, **{"type": "button", "class_": "btn btn-sm m-quiet-button", "data_scene": name, "title": says, **more})


def _step(by: int, mark: str, says: str) -> Tag:
    return tags.button(
        mark, type="button", class_="btn btn-sm m-quiet-button m-scene-step", data_scene="step", value=by, aria_label=says, title=says
    )


def _layers_panel(store: Store, panel: str) -> Tag:
    bands = [
        tags.label(
            tags.span(channel),
            tags.select(
                *(tags.option(band, value=band, selected="" if at == min(place, len(store.meta.bands) - 1) else None)
                  for at, band in enumerate(store.meta.bands)),
                class_="form-select form-select-sm", data_scene="band", aria_label=f"Band shown as {channel.lower()}",
            ),
        )
        for place, channel in enumerate(CHANNELS)
    ]  # fmt: skip
    sources = [_tick("checkbox", source, "layer", source) for source in store.scenes.sources]
    fill = tags.div(
        _tick("checkbox", "Filled", "fill"),
        tags.input(type="range", min=0, max=100, step=5, data_scene="opacity", aria_label="Opacity of the fill, %"),
        tags.span(data_scene="opacity-said", class_="m-quiet"),
        class_="m-scene-fill",
    )
    # Its controls are there even so: the script that hears them asks for each.
    masks = [*sources, fill] if sources else [tags.p("This dataset has no masks.", class_="m-quiet"), tags.div(fill, hidden="")]
    return tags.div(
        tags.fieldset(tags.legend("Bands shown as"), *bands, data_scene="bands", class_="m-scene-bands", hidden=""),
        tags.fieldset(tags.legend(f"Water by, up to {LAYERS}"), *masks, _button("Edit mask …", "edit", "Correct it by hand")),
        tags.fieldset(
            tags.legend("Outlines of the inventory"),
            *(_tick("radio", words, "outlines", value, name=f"{panel}-outlines") for value, words in LINES.items()),
        ),
        tags.fieldset(tags.legend("Ground"), _tick("checkbox", "Hillshade under the image", "relief")),
        id=panel,
        popover="",
        class_="m-scene-layers",
    )


def _tick(kind: str, words: str, scene: str, value: str | None = None, **more: str) -> Tag:
    return tags.label(tags.input(type=kind, value=value, data_scene=scene, **more), tags.span(words), class_="m-scene-tick")


@module.ui
def scene_ui(store: Store) -> Tag:
    """Two canvases and the places for words; `www/scene.js` fills them."""
    hint = tags.p(
        "Click the picture first, or hold Ctrl, to zoom with the wheel", class_="m-scene-hint", aria_hidden="true", data_on="false"
    )
    help_id = resolve_id("help")
    detail = tags.div(
        _canvas("detail", help_id),
        tags.div(
            class_="m-scene-grip", role="slider", tabindex=0, hidden="", aria_label="Swipe between two dates", aria_valuemin=0,
            aria_valuemax=100, aria_valuenow=50,
        ),
        tags.span(_select("before", "Date on the left of the handle"), class_="m-scene-before"),
        tags.span(class_="m-scene-at-day"),
        tags.span(
            tags.span(class_="m-scene-scale"), tags.span("N", class_="m-scene-north", hidden="", title="North"), class_="m-scene-measure"
        ),
        tags.div(class_="m-scene-message"),
        hint,
        class_="m-scene-large",
    )  # fmt: skip
    side = tags.div(
        _canvas("context", help_id),
        tags.div(
            tags.p(class_="m-scene-caption"),
            tags.ul(class_="m-scene-legend", aria_label="Legend"),
            class_="m-scene-words",
            role="group",
            aria_label="About this image",
            tabindex="0",
        ),
        class_="m-scene-side",
    )
    return tags.div(
        side, detail,
        tags.p(HELP, id=help_id, class_="visually-hidden"),
        tags.p(class_="m-scene-live visually-hidden", aria_live="polite"),
        class_="m-scene-body", data_state="empty", data_swipe="false", data_busy="false", data_input=resolve_id("look"),
        data_bands=json.dumps(store.meta.bands), data_colours=picture_colours(),
    )  # fmt: skip


def _canvas(name: str, help_id: str) -> Tag:
    # An application: arrow keys and letters go to the picture, not to the screen reader.
    return Tag("canvas", class_=f"m-scene-{name}", tabindex=0, role="application", aria_label="Image of the lake", aria_describedby=help_id)


@module.server
def scene_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Take changes of the look from the browser, and its wish to segment the image; all else of the view happens there."""

    @reactive.effect
    @reactive.event(input.look)
    def _take() -> None:
        changes = look_changes(input.look(), store)
        if changes:
            selection.change_look(**changes)

    @reactive.effect
    @reactive.event(input.segment)
    def _segment() -> None:
        # [what, number of the press]: `edit` opens the mask that lies over the image, where there is one.
        match input.segment():
            case ["segment" | "edit" as what, _]:
                scene = selection.scene()
                sources = [] if scene is None else [source for source in selection.layers() if source in scene.masks and source != LABEL]
                if what == "edit" and sources:
                    selection.change_segmenting(model=f"{STORED}{sources[0]}")
                elif what == "segment" and selection.segmenting().model.startswith(STORED):
                    selection.change_segmenting(model="")
                selection.show_page("segment")
            case _:
                pass
