"""Scenes that the network holds to be alike: those nearest to the one in focus, and pairs of the same features and opposite outcome."""

from __future__ import annotations

import asyncio

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.neighbours import AROUND, Opposite, nearest, opposite_pairs
from data.lens.reading import Lens
from data.store import Store
from modules.finishing import made_by
from modules.lensing.embedded import FILES, layer_of
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import iou_words, scene_words, tile
from modules.selection import Selection

NEAREST, PAIRS = 12, 20
HOW = (
    f"what three in four of a scene's {AROUND} nearest reach, and it does not. Left the scene, right one of those; look at its label "
    "first. Distances are Euclidean, between standardised square roots of channel means."
)


def nearest_tags(lens: Lens, layer: str, scene_key: int) -> Tag:
    """The scenes nearest to one, the nearest first.

    Args:
        lens: Whose features can be used.
        layer: Of it.
        scene_key: A scene of it.
    """
    place = int(lens.scenes.index.get_loc(scene_key))
    rows, apart = nearest(lens.features()[layer], place, NEAREST)
    keys = lens.scenes["scene_key"].to_numpy()[rows].tolist()
    said = [f"{iou_words(lens.scenes.at[key, 'iou'])}, {away:.1f} away" for key, away in zip(keys, apart, strict=True)]
    return tags.div(
        tags.p(f"By {layer}, nearest to {scene_words(lens, scene_key)}:", class_="m-quiet"),
        tags.div(*(tile(lens, key, words) for key, words in zip(keys, said, strict=True)), class_="m-lens-tiles"),
    )


def pairs_tags(lens: Lens, layer: str, pairs: list[Opposite], focus: int) -> Tag:
    """The pairs, the most striking first; each scene can be pressed."""
    if not pairs:
        return tags.p("No scene fares worse than its features promise, or none has an IoU.", class_="m-quiet", role="status")
    keys = lens.scenes["scene_key"].to_numpy()

    def pair(found: Opposite) -> Tag:
        worse, better = int(keys[found.worse]), int(keys[found.better])
        return tags.li(
            tile(lens, worse, current=worse == focus),
            tile(lens, better, current=better == focus),
            tags.span(f"IoU {found.gap:.2f} apart, {found.distance:.1f} × as far as usual", class_="m-quiet"),
        )

    return tags.div(
        tags.p(f"By {layer}: {HOW}", class_="m-quiet"), tags.ol(*(pair(found) for found in pairs), class_="m-lens-pairs")
    )  # fmt: skip


@module.ui
def lens_alike_ui() -> Tag:
    return tags.div(
        tags.h3("Nearest to the scene in focus"), ui.output_ui("near"), tags.h3("Same features, opposite outcome"), ui.output_ui("opposite")
    )


@module.server
def lens_alike_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    found: reactive.Value[tuple[str, str, list[Opposite]] | None] = reactive.Value(None, name="opposite")

    @reactive.extended_task
    async def pair_up(lens: Lens, layer: str) -> tuple[str, str, list[Opposite]]:
        def work() -> list[Opposite]:
            return opposite_pairs(lens.features()[layer], lens.scenes["iou"].to_numpy(dtype=float), PAIRS)

        return lens.digest, layer, await asyncio.to_thread(work)

    @reactive.calc
    def asked() -> tuple[Lens, str] | None:
        lens = looking.lens()
        return None if lens.fault(*FILES) else (lens, layer_of(lens.manifest, looking.field("layer")))

    @reactive.effect
    def start() -> None:
        with reactive.isolate():
            held = found()
        if looking.on("embedding") and (wanted := asked()) is not None and (held is None or held[:2] != (wanted[0].digest, wanted[1])):
            pair_up.cancel()
            pair_up.invoke(*wanted)

    @reactive.effect
    def finish() -> None:
        made = made_by(pair_up, selection.notices, "Pairs of scenes could not be looked for")
        if made is not None:
            found.set(made)

    @render.ui
    def near() -> Tag | None:
        wanted = asked()
        return None if wanted is None or not looking.on("embedding") else nearest_tags(*wanted, looking.scene())

    @render.ui
    def opposite() -> Tag | None:
        wanted, held = asked(), found()
        if wanted is None:
            return tags.p(looking.lens().fault(*FILES), class_="m-notice", role="alert")
        if held is None or held[:2] != (wanted[0].digest, wanted[1]):
            return tags.p("Looking for pairs …", class_="m-quiet", role="status")
        return pairs_tags(*wanted, held[2], looking.scene())
