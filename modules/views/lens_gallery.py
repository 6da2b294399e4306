"""Predictions of many scenes at the epoch in force, each following it: those that a brush chose, or all that the lens followed."""

from __future__ import annotations

from collections.abc import Sequence

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.reading import Lens
from data.store import Store
from modules.lensing.courses import by_epoch, course_tile, sheets_style
from modules.lensing.hardness import hardness
from modules.lensing.looking import LensSelection
from modules.selection import Selection

FILES = ("probe.npz", "predictions.npz")
CHOOSE = "drag across lines above to choose"
"""How scenes are chosen where the gallery stands below the lines."""
MOST = 200
"""Tiles at a time."""


def followed_order(lens: Lens) -> list[int]:
    """The scenes that a lens followed, the hardest late in training first; in the order of the file where that is not known."""
    if lens.fault("training.parquet"):
        return [int(key) for key in lens.probe().scene_key]
    found = [int(key) for key in hardness(lens)["scene_key"]]
    return found + [int(key) for key in lens.probe().scene_key if int(key) not in set(found)]


def gallery_tags(lens: Lens, scene_keys: Sequence[int]) -> Tag:
    """A tile a scene.

    Args:
        lens: Whose `FILES` can be used.
        scene_keys: Followed scenes, in order.
    """
    iou = None if lens.fault("training.parquet") else by_epoch(lens, "iou")
    return tags.ul(*(tags.li(course_tile(lens, key, iou)) for key in scene_keys), class_="m-lens-tiles", style=sheets_style(lens))


def gallery_words(lens: Lens, selected: Sequence[int], shown: int, choose: str = CHOOSE) -> str:
    """`12 of 64 followed scenes, the hardest first`, and how to choose others."""
    followed = len(lens.probe().scene_key)
    among = [key for key in selected if lens.probe().place(key) is not None]
    if not selected:
        cut = f"the {shown} hardest of {followed}" if shown < followed else f"all {followed}"
        return f"{cut} followed scenes, the hardest first: {choose}"
    left = len(selected) - len(among)
    out = f"; {left} more chosen {'was' if left == 1 else 'were'} not followed through training" if left else ""
    return f"{shown} of {followed} followed scenes, the hardest first{out}"


@module.ui
def lens_gallery_ui() -> Tag:
    return tags.div(
        tags.div(
            tags.span(ui.output_text("said", inline=True), role="status"),
            ui.output_ui("again"),
            class_="m-lens-row m-quiet",
        ),
        ui.output_ui("tiles", class_="m-lens-gallery"),
    )


@module.server
def lens_gallery_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, choose: str = CHOOSE
) -> None:
    @reactive.calc
    def fault() -> str:
        return looking.lens().fault(*FILES)

    @reactive.calc
    def shown() -> list[int]:
        order, chosen = followed_order(looking.lens()), set(looking.selected())
        return [key for key in order if not chosen or key in chosen][:MOST]

    @render.text
    def said() -> str:
        return "" if fault() else gallery_words(looking.lens(), looking.selected(), len(shown()), choose)

    @render.ui
    def tiles() -> Tag | TagList:
        if fault():
            return tags.p(fault(), class_="m-notice", role="alert")
        if not shown():
            return tags.p("None of the chosen scenes was followed through training.", class_="m-empty")
        return gallery_tags(looking.lens(), shown())

    @render.ui
    def again() -> Tag | None:
        return ui.input_action_button("clear", "all scenes", class_="btn-sm m-quiet-button") if looking.selected() else None

    @reactive.effect
    @reactive.event(input.clear)
    def _clear() -> None:
        looking.set_selected(())
