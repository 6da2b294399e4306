"""Feature maps of the scene in focus, layer by layer, sorted by what they react to; pointed at, a pixel shows what it sees of the image."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.errors import LensError
from data.lens.reading import Lens, told
from data.store import Store
from modules.controls import key_of, script, text_of
from modules.finishing import made_by
from modules.lensing.looking import LensSelection
from modules.lensing.maps import SORTS, LayerMaps, mapped_scenes, nearest_epoch, scene_maps, told_maps
from modules.lensing.tiles import scene_words, tile
from modules.selection import Selection

TAB = "layers"
MORE = "python -m models lens RUN --maps N --force"
OFFERED = 24
"""Scenes with maps that are offered at most."""
ENDS = 6
"""Scenes at each end of what a map reacts to."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What there is to show of a scene at an epoch.

    Args:
        lens: Whose.
        scene_key, epoch: Asked for.
        mapped, stored: The scene and the epoch whose maps are shown; None where there are none.
        scenes: Those with maps.
        layers: The maps.
        fault: Why there are none; empty where there are.
    """

    lens: Lens
    scene_key: int
    epoch: int
    mapped: int | None = None
    stored: int | None = None
    scenes: tuple[int, ...] = ()
    layers: tuple[LayerMaps, ...] = ()
    fault: str = ""


def shown_maps(lens: Lens, scene_key: int, epoch: int, held: Shown | None = None) -> Shown:
    """Read the maps of a scene at the stored epoch nearest to one; of a scene without maps those of the hardest that has some.

    Args:
        lens: Whose.
        scene_key, epoch: What is looked at.
        held: What was shown before, not to be read again.
    """
    if not lens.has("activations.npz"):
        return Shown(lens, scene_key, epoch)
    try:
        scenes, stored = tuple(mapped_scenes(lens)), nearest_epoch(lens, epoch)
        if stored is None or not scenes:
            return Shown(lens, scene_key, epoch)
        mapped = scene_key if scene_key in scenes else hardest_of(lens, scenes)
        same = held is not None and (held.lens.digest, held.mapped, held.stored) == (lens.digest, mapped, stored)
        layers = held.layers if held is not None and same else scene_maps(lens, mapped, stored)
        return Shown(lens, scene_key, epoch, mapped, stored, scenes, layers)
    except LensError as error:
        return Shown(lens, scene_key, epoch, fault=told(error, lens))


def hardest_of(lens: Lens, scene_keys: Sequence[int]) -> int:
    """The one with the least IoU; the first where none has one."""
    iou = lens.scenes.loc[list(scene_keys), "iou"].to_numpy(dtype=float)
    return scene_keys[0 if np.isnan(iou).all() else int(np.nanargmin(iou))]


def where_words(found: Shown, others: Sequence[str] = ()) -> Tag | TagList:
    """Of which scene and epoch the maps are; where not of the scene in focus, which scenes have some, and how to get more.

    Args:
        found: What there is.
        others: Titles of runs that have maps.
    """
    if found.fault:
        return tags.p(found.fault, class_="m-notice", role="alert")
    asked = scene_words(found.lens, found.scene_key)
    more = tags.p("Maps of more scenes are made by ", tags.code(MORE), ".", class_="m-quiet m-lens-small")
    if found.mapped is None:
        elsewhere = f" {', '.join(others)} {'has' if len(others) == 1 else 'have'} some: choose one under Run." if others else ""
        return TagList(tags.p(f"This run has no feature maps.{elsewhere}", class_="m-notice", role="status"), more)
    exact = "" if found.stored == found.epoch else f", the nearest to epoch {found.epoch} whose maps are stored"
    here = tags.p(f"{scene_words(found.lens, found.mapped)}: maps at epoch {found.stored}{exact}.", class_="m-maps-where", role="status")
    if found.mapped == found.scene_key:
        return here
    tiles = [tags.li(tile(found.lens, key, current=key == found.mapped)) for key in found.scenes[:OFFERED]]
    return TagList(
        tags.p(f"No maps of the scene in focus ({asked}) are stored; these scenes have some:", class_="m-notice", role="status"),
        tags.ul(tiles, class_="m-lens-tiles"), more, here,
    )  # fmt: skip


def ends_tags(lens: Lens, layer: str, channel: int) -> Tag:
    """The scenes on which a map is high on average, and those on which it is low, of all scenes of the lens.

    Raises:
        LensError: features.npz cannot be used.
    """
    means = lens.features()[layer][:, channel]
    order, keys = np.argsort(means, kind="stable"), lens.scenes["scene_key"].to_numpy()
    low, high = order[:ENDS], order[::-1][: min(ENDS, max(len(order) - ENDS, 0))]
    return tags.section(
        tags.h4(f"{layer}, map {channel + 1}: scenes on which it is highest, then lowest, on average"),
        *(
            tags.ul([tags.li(tile(lens, int(keys[at]), f"{means[at]:.3g}")) for at in places], class_="m-lens-tiles", aria_label=name)
            for name, places in (("highest", high), ("lowest", low))
        ),
        class_="m-maps-ends",
    )


@module.ui
def lens_maps_ui() -> Tag:
    return tags.div(
        script("lens_maps.js"),
        tags.div(
            ui.input_select("sort", "Sort by", SORTS, width="22rem"),
            ui.input_checkbox("scale", "one scale a layer", False),
            class_="m-maps-row",
        ),
        ui.output_ui("where"),
        tags.div(
            tags.div(
                tags.div(tags.img(alt="", class_="m-maps-image"), tags.span(class_="m-maps-field"), class_="m-maps-scene"),
                tags.p("Point at a map, or move about it with the arrow keys: here is what that pixel sees.", class_="m-maps-said"),
                tags.p(class_="visually-hidden m-maps-live", aria_live="polite"),
                ui.output_ui("ends"),
                class_="m-maps-side",
            ),
            tags.div(class_="m-maps-layers"),
            class_="m-maps-body",
            hidden="",
        ),
        class_="m-maps",
        data_scale=resolve_id("scale"),
        data_pressed=resolve_id("pressed"),
    )


def _reading(selection: Selection, looking: LensSelection) -> reactive.Value[Shown | None]:
    """The maps of the scene and the epoch in focus, read in the background while the tab is shown; None before the first are there."""
    found: reactive.Value[Shown | None] = reactive.Value(None)

    @reactive.extended_task
    async def read(lens: Lens, scene_key: int, epoch: int, held: Shown | None) -> Shown:
        return await asyncio.to_thread(shown_maps, lens, scene_key, epoch, held)

    @reactive.effect
    def _start() -> None:
        if looking.on(TAB):
            with reactive.isolate():
                held = found()
            read.cancel()
            read.invoke(looking.lens(), looking.scene(), looking.epoch(), held)

    @reactive.effect
    def _finish() -> None:
        made = made_by(read, selection.notices, "Feature maps could not be read")
        if made is not None:
            found.set(made)

    return found


def _pressing(input: Inputs, looking: LensSelection) -> reactive.Value[tuple[str, str, int] | None]:
    """Digest of the lens, layer and channel that were pressed last."""
    pressed: reactive.Value[tuple[str, str, int] | None] = reactive.Value(None)

    @reactive.effect
    @reactive.event(input.pressed)
    def _press() -> None:
        """A layer's name and a channel from the browser: looked up, not believed."""
        sent: Any = input.pressed()
        name, channel = (text_of(sent.get("layer")), key_of(sent.get("channel"))) if isinstance(sent, dict) else ("", None)
        known = looking.lens().manifest.layer(name)
        if known and channel is not None and 0 <= channel < known.channels:
            pressed.set((looking.lens().digest, name, channel))
            looking.change(layer=name)

    return pressed


@module.server
def lens_maps_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    found, pressed = _reading(selection, looking), _pressing(input, looking)
    layer = reactive.calc(lambda: looking.state().layer)
    having = [lens.manifest.title for lens in looking.lenses.values() if lens.has("activations.npz")]

    @render.ui
    def where() -> Tag | TagList:
        held = found()
        return tags.p("Reading the maps …", class_="m-fitting", role="status") if held is None else where_words(held, having)

    @reactive.effect
    async def _tell() -> None:
        held, by = found(), text_of(input.sort())
        if held is not None:
            by = by if by in SORTS else "spread"
            said: dict[str, Any] = {"key": "", "layers": []}
            if held.mapped is not None and held.stored is not None:
                said = told_maps(held.lens, held.mapped, held.stored, held.layers, by)
            await session.send_custom_message("moraine-lens-maps", said)

    @reactive.effect
    async def _at() -> None:
        """Another layer was chosen elsewhere: its maps come into view."""
        found()
        await session.send_custom_message("moraine-lens-layer", {"name": layer()})

    @render.ui
    def ends() -> Tag | None:
        held = pressed()
        if held is None or not looking.on(TAB) or held[0] != looking.lens().digest:
            return None
        if fault := looking.lens().fault("features.npz"):
            return tags.p(fault, class_="m-notice", role="alert")
        return ends_tags(looking.lens(), held[1], held[2])
