"""What the browser is told of the focus lake's images, and what it tells back. The views that draw them listen to `www/evidence.js`."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shiny import Inputs, Outputs, Session, module, reactive

from data.afar.places import lost_since, there
from data.records import Scene, TrendSettings
from data.store import Store
from modules.choices import Look
from modules.controls import key_of
from modules.image_urls import detail_url, flipbook_url, ground_url, pair_address, rings_url, scene_url, thumb_url
from modules.numerals import figure_text
from modules.observations import REASONS, clear, decimal_year
from modules.selection import Selection

Ahead = Callable[[Sequence[str]], Awaitable[None]]
"""Makes the images of these addresses before they are asked for, and returns when they are made or time is up."""
AGAIN = 2.0
"""Seconds after which it is looked again whether images have been made that are not there yet."""


@dataclass(frozen=True)
class Drawn:
    """Under which settings images of the focus lake are drawn: the threshold of their source.

    Args:
        live: Of what follows the threshold slider while it moves: the masks of the scene and their areas.
        rest: Of what waits until it rests: thumbnails and files to take away.
    """

    live: TrendSettings = field(default_factory=TrendSettings)
    rest: TrendSettings = field(default_factory=TrendSettings)


def evidence_of(
    store: Store, scenes: list[Scene], look: Look, layers: tuple[str, ...], name: str, *, drawn: Drawn | None = None
) -> dict[str, Any]:
    """All that the browser needs to ask for images of one lake; small, and made without opening a file.

    Args:
        store: The dataset.
        scenes: Of the lake, in date order.
        look: How to draw them.
        layers: Sources whose masks lie over them.
        name: What a person calls the lake; empty where none is in focus.
        drawn: Under which settings; None: each source at the dataset's own threshold.
    """
    drawn = drawn or Drawn()
    good = {scene.scene_key for scene in clear(scenes)}
    measured = _measured(store, scenes, layers, drawn.live)
    return {
        "lake": name,
        "others": bool(len(store.scenes.lakes)),
        "simulated": store.meta.simulated,
        "lost": lost_since(store.path) is not None,
        "look": {"bands": look.bands, "fill": look.fill, "opacity": look.opacity, "outlines": look.outlines, "relief": look.relief},
        "layers": list(layers),
        "passing": drawn.live != drawn.rest,
        **_exports(store, scenes, look, layers, drawn.rest),
        "scenes": [
            _scene(store, scene, look, layers, drawn) | {"clear": scene.scene_key in good, "areas": measured.get(scene.scene_key, {})}
            for scene in scenes
        ],
    }


def _exports(store: Store, scenes: list[Scene], look: Look, layers: tuple[str, ...], rest: TrendSettings) -> dict[str, Any]:
    """Addresses of what can be taken away: the flipbook (None without a clear image) and pairs, BEFORE and AFTER to be filled in."""
    source = next((layer for layer in layers if any(layer in scene.masks for scene in scenes)), None)
    seen = [scene for scene in clear(scenes) if scene.lake_key is not None and there(scene.path)]
    lake = seen[0].lake_key if seen else None
    above = rest.above(source) if source else None
    return {
        "flipbook": None if lake is None else flipbook_url(store, lake, look.bands, source, above),
        "pair": pair_address(store, look.bands, source, above),
    }


def _measured(store: Store, scenes: list[Scene], layers: tuple[str, ...], live: TrendSettings) -> dict[int, dict[str, str]]:
    """By scene and source: the lake's area on that day in words, or why there is none; nothing for a source that measures no areas."""
    if not scenes or scenes[0].lake_key is None:
        return {}
    rows = store.areas(scenes[0].lake_key, live)
    # Column by column: rows of a frame cost ten times as much, and this stands between a click and its image.
    columns = (rows[name].to_numpy() for name in ("source", "date", "area_km2", "area_sd_km2", "reason"))
    said = {
        (source, day.astype("datetime64[D]").item()): _area_words(float(area), float(sd), reason)
        for source, day, area, sd, reason in zip(*columns, strict=True)
        if source in layers
    }
    known = [source for source in layers if source in store.sources]
    return {scene.scene_key: {source: said.get((source, scene.date), "no area") for source in known} for scene in scenes}


def _area_words(area_km2: float, sd_km2: float, reason: str) -> str:
    words = f"{figure_text(area_km2)}" + (f" ± {figure_text(sd_km2, 2)}" if math.isfinite(sd_km2) else "") + " km²"
    return words if reason == "ok" else f"{words} ({REASONS.get(reason, reason)})"


def _scene(store: Store, scene: Scene, look: Look, layers: tuple[str, ...], drawn: Drawn) -> dict[str, Any]:
    year = decimal_year(scene)
    masks = {source: {"rings": rings_url(store, scene, source, drawn.live.above(source))} for source in layers if source in scene.masks}
    first = next(iter(masks), None)
    return {
        "key": scene.scene_key,
        "date": scene.date.isoformat() if scene.date else None,
        "year": None if math.isnan(year) else year,
        "sensor": scene.sensor,
        "reason": scene.reason,
        "share": None if math.isnan(scene.valid_share) else scene.valid_share,
        "ready": there(scene.path),
        "leftOut": scene.left_out,
        "relief": scene.dem is not None,
        "image": scene_url(store, scene, look.bands),
        "hillshade": scene_url(store, scene, "relief"),
        "detail": detail_url(store, scene, look.bands),
        "ground": ground_url(store, scene),
        "thumb": thumb_url(store, scene, look.bands, first, drawn.rest.above(first) if first else None),
        "masks": masks,
    }


async def nothing_ahead(addresses: Sequence[str]) -> None:
    """Leaves every image to its request."""


def _first(told: dict[str, Any], at: int | None) -> list[str]:
    """Addresses of all that is drawn of the scene in focus."""
    scene = next((scene for scene in told["scenes"] if scene["key"] == at and scene["ready"]), None)
    if scene is None:
        return []
    shade = [scene["hillshade"]] if told["look"]["relief"] and scene["relief"] else []
    return [scene["image"], scene["ground"], *(mask["rings"] for mask in scene["masks"].values()), *shade]


@module.server
def evidence_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, ahead: Ahead = nothing_ahead
) -> None:
    """Tell the browser at once when the focus lake, its images or their look change; take the dates that it goes to."""

    said: dict[str, Any] = {}
    going: list[str] = []

    # Before the plots are drawn anew, which would compete with the image for the interpreter: it is what a click was for.
    @reactive.effect(priority=10)
    async def _tell() -> None:
        focus = selection.focus()
        row = store.row_of(focus) if focus is not None else None
        scenes = selection.scenes()
        selection.lost()  # images that were there are out of reach, and come back
        drawn = Drawn(selection.trial.live(), selection.trial.rest())
        told = evidence_of(store, scenes, selection.look(), selection.layers(), "" if row is None else store.labels[row], drawn=drawn)
        found = [there(path) for scene in scenes if not scene.left_out for path in (scene.path, *scene.masks.values())]
        if not all(found):
            reactive.invalidate_later(AGAIN)
        with reactive.isolate():
            if selection.arrived() != sum(found):
                selection.arrived.set(sum(found))
            at, before = _keys(selection)
        if told == said:
            return  # a file that never comes must not cost a message every two seconds
        said.clear()
        said.update(told)
        await session.send_custom_message(
            "moraine-evidence", {**told, "inputs": session.ns("at").removesuffix("at"), "at": at, "before": before}
        )
        first = _first(told, at)
        if first != going and not told["passing"]:  # another opacity needs no image, and a slider that moves must not wait
            going[:] = first
            await ahead(first)

    @reactive.effect
    async def _at() -> None:
        at, before = _keys(selection)
        await session.send_custom_message("moraine-at", {"at": at, "before": before})

    _listen(input, store, selection)


def _listen(input: Inputs, store: Store, selection: Selection) -> None:
    """Take the dates that the browser goes to, and its wish for a lake that has images."""

    @reactive.effect
    @reactive.event(input.at)
    def _go() -> None:
        # Said late, of a lake that has been left meanwhile, a date must not call it back.
        scene = store.scenes.scene(_key(input.at()))
        if scene is not None and scene.lake_key == selection.focus():
            selection.set_scene(scene.scene_key)

    @reactive.effect
    @reactive.event(input.seek)
    def _seek() -> None:
        selection.step(1, images=True)

    @reactive.effect
    @reactive.event(input.before)
    def _hold() -> None:
        selection.set_scene(_key(input.before()), before=True)


def _key(sent: object) -> int | None:
    """A key, or a key and the number of the choice: the same one made again is news too."""
    return key_of(sent[0] if isinstance(sent, list | tuple) and len(sent) == 2 else sent)


def _keys(selection: Selection) -> tuple[int | None, int | None]:
    at, before = selection.scene(), selection.before()
    return (at.scene_key if at else None, before.scene_key if before else None)
