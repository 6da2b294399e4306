"""What the scenes that a lasso took have in common, against the rest, and their pictures."""

from __future__ import annotations

import asyncio

import numpy as np
import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.reading import Lens
from data.lens.traits import FEWEST, Trait, traits
from data.store import Store
from modules.finishing import made_by
from modules.lensing.embedded import lakes
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import tile
from modules.selection import Selection

MOST_TILES = 60
LISTED = 8
"""Traits at most."""
SHARES = {"reason": "reason", "split": "split", "region": "region"}
MEANS = {"iou": "IoU", "size_km2": "size, km²", "snow": "snow", "shadow": "shadow", "turbidity": "turbidity"}
NOBODY = "Draw round scenes with the lasso: their pictures come here, and what they share."


def columns(scenes: pd.DataFrame) -> dict[str, np.ndarray]:
    """Trait → values: IoU and concepts as they are, a share for each reason, split and region of at least five scenes."""
    found = {words: scenes[name].to_numpy(dtype=float) for name, words in MEANS.items() if scenes[name].notna().any()}
    for name, words in SHARES.items():
        counts = scenes[name][scenes[name] != ""].value_counts()
        if len(counts) > 1:
            found |= {
                f"{words}: {kind.replace('_', ' ')}": (scenes[name] == kind).to_numpy(dtype=float) for kind in counts.index[counts >= 5]
            }
    return found


def shared(lens: Lens, selected: tuple[int, ...]) -> list[Trait]:
    """What the selected scenes share, the most telling first."""
    scenes = lens.scenes
    return traits(columns(scenes), np.isin(scenes["scene_key"].to_numpy(), selected), lakes(scenes))


def shared_tags(lens: Lens, selected: tuple[int, ...], found: list[Trait]) -> Tag:
    """The traits as a table, what is beyond chance first."""
    scenes = lens.scenes.loc[list(selected)]
    of = len(np.unique(lakes(scenes)))
    head = tags.tr(*(tags.th(words, scope="col") for words in ("", "selected", "the rest", "difference, 95 %", "in sd")))
    told = [trait for trait in found if np.isfinite(trait.effect)]
    order = sorted(told, key=lambda trait: (not trait.apart, -abs(trait.effect)))[:LISTED]
    apart = sum(trait.apart for trait in told)
    few = f" With fewer than {FEWEST} lakes there is no interval." if of < FEWEST else ""
    about = (
        f"{len(selected):,} scenes of {of} lakes. {apart} of {len(found)} traits differ by more than chance between lakes would make them "
        f"(bold; the intervals hold for all of them together).{few} Who draws a lasso has seen the map: this describes, it proves nothing."
    )
    return tags.div(
        tags.p(about, class_="m-quiet", role="status"),
        tags.table(tags.thead(head), tags.tbody(*(_row(trait) for trait in order)), class_="m-lens-traits"),
    )


def _row(trait: Trait) -> Tag:
    share = ":" in trait.name
    low, high = (_number(value, share=share, signed=True) for value in (trait.low, trait.high))
    span = f"{low} to {high}" if np.isfinite(trait.low) else "too few lakes"
    cells = [_number(trait.inside, share=share), _number(trait.outside, share=share), span, f"{trait.effect:+.1f}"]
    return tags.tr(tags.th(trait.name, scope="row"), *(tags.td(cell) for cell in cells), class_="m-apart" if trait.apart else None)


def _number(value: float, *, share: bool, signed: bool = False) -> str:
    if not np.isfinite(value):
        return "–"
    sign = "+" if signed else ""
    return f"{100 * value:{sign}.0f} %" if share else f"{value:{sign}.2g}"


def gallery_tags(lens: Lens, selected: tuple[int, ...], focus: int) -> Tag:
    """Their tiles, the least IoU first."""
    order = lens.scenes.loc[list(selected)].sort_values("iou", kind="stable", na_position="last")["scene_key"].tolist()
    more = tags.p(f"The {MOST_TILES} with the least IoU of {len(order):,}.", class_="m-quiet") if len(order) > MOST_TILES else None
    return tags.div(tags.div(*(tile(lens, key, current=key == focus) for key in order[:MOST_TILES]), class_="m-lens-tiles"), more)


@module.ui
def lens_selected_ui() -> Tag:
    return tags.div(
        tags.div(ui.input_action_button("clear", "Clear the selection", class_="btn-sm m-quiet-button"), class_="m-tools"),
        ui.output_ui("summary"),
        ui.output_ui("gallery"),
    )


@module.server
def lens_selected_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    found: reactive.Value[tuple[str, tuple[int, ...], list[Trait]] | None] = reactive.Value(None, name="shared")

    @reactive.extended_task
    async def ask(lens: Lens, selected: tuple[int, ...]) -> tuple[str, tuple[int, ...], list[Trait]]:
        return lens.digest, selected, await asyncio.to_thread(shared, lens, selected)

    @reactive.effect
    def start() -> None:
        if looking.on("embedding") and looking.selected() and not looking.lens().fault("scenes.parquet"):
            ask.cancel()
            ask.invoke(looking.lens(), looking.selected())

    @reactive.effect
    def finish() -> None:
        made = made_by(ask, selection.notices, "What these scenes share could not be worked out")
        if made is not None:
            found.set(made)

    @render.ui
    def summary() -> Tag | TagList:
        lens, selected, held = looking.lens(), looking.selected(), found()
        if lens.fault("scenes.parquet") or not selected:
            return tags.p(NOBODY, class_="m-quiet")
        if held is None or held[:2] != (lens.digest, selected):
            return tags.p(f"{len(selected):,} scenes: working out what they share …", class_="m-quiet", role="status")
        return shared_tags(lens, selected, held[2])

    @render.ui
    def gallery() -> Tag | None:
        lens, selected = looking.lens(), looking.selected()
        return gallery_tags(lens, selected, looking.scene()) if selected and not lens.fault("scenes.parquet") else None

    @reactive.effect
    @reactive.event(input.clear)
    def _clear() -> None:
        looking.set_selected(())
