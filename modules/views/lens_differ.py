"""The scenes whose neighbours differ most between two layers: there the representations disagree."""

from __future__ import annotations

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.lens.reading import Lens
from data.store import Store
from modules.lensing.comparing import LISTED, Comparing, Placed
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import tile
from modules.selection import Selection


def differ_tags(placed: Placed, lens: Lens, focus: int) -> TagList:
    """The scenes, the most different neighbours first.

    Args:
        placed: The scenes of two layers.
        lens: Whose thumbnails are shown.
        focus: The scene in focus.
    """
    differ, keys = placed.differ, placed.scene_key.tolist()
    tiles = [
        tags.li(tile(lens, keys[at], f"{differ.kept[at]} of {differ.around}, {differ.rank[at]:,.0f}.", current=keys[at] == focus))
        for at in differ.order()[:LISTED].tolist()
    ]
    return TagList(tags.p(differ_words(placed), class_="m-quiet m-inspection-about"), tags.ol(*tiles, class_="m-lens-tiles"))


def differ_words(placed: Placed) -> str:
    """How much of the neighbourhoods the layers share, beside what chance would."""
    differ = placed.differ
    return (
        f"On average {differ.kept.mean():.1f} of a scene's {differ.around} nearest scenes are the same in both layers "
        f"({differ.by_chance:.2g} by chance). Below each: how many it keeps, and the mean place, among all {len(differ.kept):,}, that "
        "the nearest in one layer have in the other."
    )


@module.ui
def lens_differ_ui() -> Tag:
    return tags.div(ui.output_ui("scenes"), id=resolve_id("tiles"))


@module.server
def lens_differ_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, comparing: Comparing
) -> None:
    @render.ui
    def scenes() -> TagList:
        placed = comparing.shown()
        with reactive.isolate():  # a press must not take the focus of the keyboard away
            focus = looking.scene()
        return differ_tags(placed, placed.compared.sides.first.lens, focus)

    @reactive.effect
    async def _mark() -> None:
        await session.send_custom_message("moraine-differ", {"id": session.ns("tiles"), "key": str(looking.scene())})
