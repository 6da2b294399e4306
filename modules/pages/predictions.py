"""Predictions: how every source's masks agree with a label, and where they do not. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.at_once import images_at_once, too_many_images_words
from data.scene_table import LABEL
from data.simulate.progress import read_progress
from data.store import Store
from modules.cards import card, save_buttons
from modules.choices import State
from modules.controls import key_of, script
from modules.judging.seen import SeenScores, has_scores
from modules.selection import Selection
from modules.views.comparison import comparison_server, comparison_ui
from modules.views.continuum import continuum_server, continuum_ui
from modules.views.error_split import error_split_server, error_split_ui
from modules.views.inspection_controls import inspection_controls_server, inspection_controls_ui
from modules.views.making import making_server, making_ui
from modules.views.reliability import reliability_server, reliability_ui
from modules.views.score_scatter import score_scatter_server, score_scatter_ui
from modules.views.score_sizes import score_sizes_server, score_sizes_ui
from modules.views.worst_first import worst_first_server, worst_first_ui

_card = functools.partial(card, look="m-judged-card")

EVALUATE = "python -m models evaluate DIR"
QUERY = 'python -m data query DIR "SELECT source, scope, avg(iou) FROM scores GROUP BY source, scope"'


def lacking(store: Store) -> tuple[str, list[str]]:
    """Why there are no scores, and the commands that bring them; DIR stands for the dataset's folder."""
    if read_progress(store.path) is not None:
        return "Moraine is still making this simulated dataset: its masks and scores come after its images. Load the page again then.", []
    if not images_at_once(len(store.scenes)):
        return f"{too_many_images_words('Scores of predictions are')} Ask for them instead:", [QUERY]
    sources = store.scenes.sources
    labels = ["python -m data labels DIR --folder F"]
    masks = ["python -m models predict DIR --model water_index", "python -m data masks DIR --folder F --source NAME"]
    if not len(store.scenes):
        return "This dataset has no images, so there are no masks to judge.", [
            "python -m data scenes DIR --folder F",
            *masks,
            *labels,
            EVALUATE,
        ]
    if not [source for source in sources if source != LABEL]:
        return "This dataset has no masks to judge: let a model make some, or take some in, then have them scored.", [*masks, EVALUATE]
    if LABEL not in sources:
        what = (
            "This dataset has masks, but none that is called “label” to hold them against: take reference masks in, or name another source."
        )
        return what, [*labels, EVALUATE, f"{EVALUATE} --label NAME"]
    return "Masks and labels are there, but nobody has scored them yet: run this, then load the page again.", [EVALUATE]


@module.ui
def predictions_ui(store: Store, state: State) -> Tag:
    """The page; where there are no scores, what is lacking and how to bring it."""
    if not has_scores(store):
        why, commands = lacking(store)
        listed = [tags.li(tags.code(command)) for command in commands]
        return tags.section(
            making_ui("making"),
            tags.h2("Predictions"),
            tags.p(why, class_="m-notice", role="status"),
            tags.ul(*listed),
            class_="m-without-lakes",
        )
    return tags.div(
        script("predictions.js"),
        making_ui("making"),
        ui.output_ui("notices"),
        inspection_controls_ui("controls", store, state.inspection),
        tags.div(
            _card("continuum-card", "From worst to best", continuum_ui("continuum")),
            _card("worst-card", "Worst first", worst_first_ui("worst", state.inspection)),
            _card("comparison-card", "Sources compared", comparison_ui("comparison")),
            _card("scatter-card", "Scene by scene", score_scatter_ui("scatter"), *save_buttons()),
            _card("split-card", "Kinds of error", error_split_ui("split")),
            _card("sizes-card", "Scores by size", score_sizes_ui("sizes")),
            _card("reliability-card", "Reliability", reliability_ui("reliability")),
            class_="m-judgement",
        ),
        class_="m-predictions",
        data_pressed=resolve_id("pressed"),
    )


@module.server
def predictions_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, given: SeenScores | None = None
) -> None:
    making_server("making", store)
    scores = given or SeenScores(store, selection)
    if not has_scores(store):
        return
    inspection_controls_server("controls", store, selection, scores=scores)
    continuum_server("continuum", store, selection, scores=scores)
    worst_first_server("worst", store, selection, scores=scores)
    comparison_server("comparison", store, selection, scores=scores)
    score_scatter_server("scatter", store, selection, scores=scores)
    error_split_server("split", store, selection, scores=scores)
    score_sizes_server("sizes", store, selection, scores=scores)
    reliability_server("reliability", store, selection, scores=scores)

    @render.ui
    def notices() -> TagList | Tag:
        held = scores.judged()
        if held is None:
            return tags.p("Reading the scores …", class_="m-fitting", role="status")
        return TagList(tags.p(held.fault, class_="m-notice", role="alert") if held.fault else None)

    @reactive.effect
    @reactive.event(input.pressed)
    def _open() -> None:
        """A key from the browser: looked up, not believed."""
        scene = store.scenes.scene(key) if (key := key_of(input.pressed())) is not None else None
        if scene is not None and scene.lake_key is not None:
            selection.set_scene(scene.scene_key)
            selection.show_page("explore")
