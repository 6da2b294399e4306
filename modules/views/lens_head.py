"""The head of the Lens page: which run, what is wrong with others, and the scene in focus, with a way to its lake."""

from __future__ import annotations

from collections.abc import Callable

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.lens.reading import NEEDED, Lens
from data.store import Store
from modules.controls import link_control, text_of
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import scene_words, tile
from modules.selection import Selection

OF_NONE = "No training run has a lens yet. Train a network and make its lens, then load the page again:"
COMMANDS = ("python -m models train unet --dataset DIR", "python -m models lens out/runs/unet --dataset DIR")


@module.ui
def lens_head_ui() -> Tag:
    return tags.div(
        ui.input_select("run", "Run", []),
        ui.output_ui("focus"),
        ui.output_ui("troubles"),
        class_="m-lens-head",
    )


@module.server
def lens_head_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    titles = {name: lens.manifest.title for name, lens in looking.lenses.items()}

    @reactive.effect
    def _offer() -> None:
        ui.update_select("run", choices=titles, selected=looking.run())

    link_control(
        input, "run", held=looking.run, read=_known(looking), take=looking.set_run,
        move=lambda name: ui.update_select("run", selected=name), default=next(iter(titles), ""),
    )  # fmt: skip

    @render.ui
    def troubles() -> TagList:
        found = [*looking.troubles, *([fault] if looking.lenses and (fault := looking.lens().fault(*NEEDED)) else [])]
        nothing = _nothing() if not looking.lenses else None
        return TagList([tags.p(trouble, class_="m-notice", role="alert") for trouble in found], nothing)

    @render.ui
    def focus() -> Tag:
        lens, key = looking.lens(), looking.scene()
        return tags.div(
            tile(lens, key, side=40, current=True),
            tags.p(
                tags.strong(scene_words(lens, key)),
                tags.br(),
                tags.span(_about(lens), class_="m-quiet"),
                class_="m-lens-focus-words",
            ),
            _way(lens, store, key),
            class_="m-lens-focus",
        )

    @reactive.effect
    @reactive.event(input.explore)
    def _explore() -> None:
        scene = looking.scene()
        if _lake_of(looking.lens(), store, scene) is not None:
            selection.set_scene(scene)
            selection.show_page("explore")


def _nothing() -> Tag:
    """What to do where there is no lens at all."""
    return tags.section(
        tags.p(OF_NONE, class_="m-notice", role="status"),
        tags.ul(*(tags.li(tags.code(command)) for command in COMMANDS)),
        class_="m-without-lakes",
    )


def _known(looking: LensSelection) -> Callable[[object], str]:
    def read(sent: object) -> str:
        if text_of(sent) not in looking.lenses:
            raise ValueError(sent)
        return text_of(sent)

    return read


def _about(lens: Lens) -> str:
    """Where the scenes come from: `Maroveth and Ostrind (simulated)`."""
    title = lens.manifest.dataset_title
    simulated = " (simulated)" if lens.manifest.simulated and "simulated" not in title.lower() else ""
    return f"{title}{simulated}" if title else "scenes of no dataset of Moraine's"


def _lake_of(lens: Lens, store: Store, scene_key: int) -> int | None:
    """The lake of a scene in the dataset that is open, None where the lens is of another one."""
    if lens.manifest.scenes_digest != store.digests.get("scenes.parquet"):
        return None
    scene = store.scenes.scene(scene_key)
    return scene.lake_key if scene else None


def _way(lens: Lens, store: Store, scene_key: int) -> Tag:
    if _lake_of(lens, store, scene_key) is not None:
        return ui.input_action_button("explore", "Its lake on Explore", class_="btn-sm m-quiet-button")
    why = (
        "This scene shows no lake of the dataset"
        if lens.manifest.scenes_digest == store.digests.get("scenes.parquet")
        else ("Its lake cannot be opened: this run's scenes are of another dataset than the one above")
    )
    return tags.span(why, class_="m-quiet")
