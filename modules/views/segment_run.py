"""By what an image is segmented: a model or a stored mask, the threshold, progress, stop."""

from __future__ import annotations

from typing import Any

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui

from data.rasters.probability import THRESHOLDS
from modules.choices import State
from modules.controls import TAKE_FIRST, text_of
from modules.numerals import figure_text
from modules.segmenting.choice import Choice, chosen, has_torch, models, stored
from modules.segmenting.running import Running
from modules.segmenting.state import Segmentation
from modules.serving.guard.rate import Rate
from modules.serving.inference import Wish

LOOK = 0.25
"""Seconds between two looks at how far it is."""
NO_TORCH = "PyTorch is not installed here: networks cannot run; stored masks and the water index can. To add it: pip install torch"
NO_MODELS = "No model can be used: one of those installed is damaged, and the log says which. Stored masks remain."
EIGHT = "Eight passes, turned and mirrored: their mean, and how far the lake's area spreads"
SAID = {"running": "Segmenting.", "success": "Done.", "cancelled": "Stopped.", "error": "It did not work."}


def menu(choices: list[Choice]) -> dict[str, dict[str, str]]:
    """The choices in two groups."""
    groups = {"Models": [c for c in choices if c.card], "Masks of the dataset": [c for c in choices if not c.card]}
    return {title: {choice.value: choice.title for choice in group} for title, group in groups.items() if group}


def model_words(choice: Choice) -> str:
    """What a model is, in a sentence."""
    card = choice.card
    if card is None:
        return "Made before; nothing is computed."
    size = f"{card.parameters:,} parameters" if card.parameters else "no trained parameters"
    return f"Takes {', '.join(card.bands)} at about {card.pixel_m:g} m; {size}."


def training_tags(choice: Choice) -> Tag | None:
    """What it was trained on, folded: a long line that is asked for once."""
    card = choice.card
    return None if card is None else tags.details(tags.summary("Training"), tags.p(card.training), class_="m-quiet")


def progress_words(wish: Wish | None, ahead: int) -> tuple[str, float | None]:
    """How far it is, and as a share (None: not known)."""
    if wish is None:
        return "Reading the image …", None
    if not wish.running:
        return f"Waiting for its turn{f': {ahead} before it' if ahead else ''} …", None
    if not wish.total:
        return "Starting the model …", None
    return f"Tile {min(wish.done + 1, wish.total)} of {wish.total}", wish.done / wish.total


@module.ui
def segment_run_ui(state: State) -> Tag:
    """The menu of models, the threshold, and what starts and ends the work."""
    choices = models()
    held = chosen(state.segmenting.model, choices)
    steps: dict[str, Any] = {"min": THRESHOLDS[0], "max": THRESHOLDS[-1], "step": 0.05, "ticks": False, "width": "100%"}
    return tags.fieldset(
        tags.legend("Model"),
        ui.input_select("model", "Model or mask", menu(choices), selected=held.value if held else None, width="100%"),
        ui.output_ui("card"),
        tags.p(NO_MODELS, class_="m-notice", role="alert") if not choices else None,
        tags.p(NO_TORCH, class_="m-notice") if not has_torch() else None,
        tags.div(
            ui.input_action_button("go", "Segment", class_="btn-sm btn-primary"),
            ui.input_action_button("eight", "With test-time augmentation", class_="btn-sm m-button", title=EIGHT),
            ui.input_action_button("stop", "Stop", class_="btn-sm m-button"),
            class_="m-segment-buttons",
        ),
        ui.output_ui("progress"),
        tags.div(ui.output_text("told", inline=True), class_="visually-hidden", role="status"),
        ui.output_ui("trouble"),
        ui.input_slider("threshold", "Threshold: water is above this probability", value=state.segmenting.threshold, **steps),
        class_="m-segment-part",
    )


@module.server
def segment_run_server(input: Inputs, output: Outputs, session: Session, work: Segmentation, rate: Rate) -> None:
    """Ask for what is chosen, and show what comes of it."""
    running = Running(work, rate)

    @reactive.calc
    def choices() -> list[Choice]:
        subject = work.subject()
        return [*models(), *stored(subject.scene if subject else None)]

    @reactive.calc
    def choice() -> Choice:
        found = chosen(work.selection.segmenting().model, choices())
        req(found is not None)
        assert found is not None
        return found

    _follow(input, work, choices)
    _press(input, work, running, choice)

    @render.ui
    def progress() -> Tag | None:
        if running.status() != "running":
            return None
        reactive.invalidate_later(LOOK)
        wish = running.wish
        words, share = progress_words(wish, work.inference.ahead_of(wish) if wish else 0)
        bar = {} if share is None else {"value": f"{share:.3f}"}
        return tags.div(tags.progress(**bar, max="1", aria_label="Progress"), tags.span(words), class_="m-segment-progress")

    @render.text
    def told() -> str:
        return SAID.get(running.status(), "")

    @render.ui
    def trouble() -> Tag | None:
        error = work.trouble()
        return None if error is None else tags.p(tags.strong(f"{error.what}. "), f"{error.remedy}.", class_="m-refused", role="alert")

    @render.ui
    def card() -> TagList:
        outcome = work.outcome()
        made = "" if outcome is None or outcome.seconds != outcome.seconds else f" It took {figure_text(outcome.seconds, 2)} s."
        return TagList(tags.p(model_words(choice()) + made, class_="m-quiet"), training_tags(choice()))


def _press(input: Inputs, work: Segmentation, running: Running, choice: reactive.calc) -> None:
    """The buttons; and what happens without one."""

    @reactive.effect
    @reactive.event(input.go)
    def _go() -> None:
        running.begin(choice(), augmented=False)

    @reactive.effect
    @reactive.event(input.eight)
    def _eight() -> None:
        running.begin(choice(), augmented=True)

    @reactive.effect
    @reactive.event(input.stop)
    def _stop() -> None:
        running.stop()

    last: list[object] = []

    @reactive.effect
    def _open() -> None:
        # What was asked for another image or model is nobody's wish any more. A stored mask costs nothing and is shown at once.
        subject, model = work.subject(), choice()
        now: list[object] = [subject and (subject.key, subject.lake_key), work.image, model.value]
        if last == now and running.asked is None:
            return  # another threshold
        last[:] = now
        asked = running.asked
        running.stop()
        with reactive.isolate():
            outcome = work.outcome()
        if outcome is not None and outcome.model != model.value:
            work.outcome.set(None)
        if subject is not None and model.card is None:
            running.begin(model, augmented=False)
        elif asked is not None and subject is not None:
            running.begin(model, augmented=asked)


def _follow(input: Inputs, work: Segmentation, choices: reactive.calc) -> None:
    """Model and threshold go into the selection; the menu follows the image."""
    selection = work.selection

    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input.model, ignore_init=True)
    def _model() -> None:
        name = text_of(input.model())
        if name in {choice.value for choice in choices()}:
            selection.change_segmenting(model=name)

    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input.threshold, ignore_init=True)
    def _threshold() -> None:
        sent = input.threshold()
        if isinstance(sent, int | float) and not isinstance(sent, bool) and THRESHOLDS[0] <= sent <= THRESHOLDS[-1]:
            nearest = min(THRESHOLDS, key=lambda known: abs(known - sent))
            if nearest != selection.segmenting().threshold:
                selection.change_segmenting(threshold=nearest)

    offered: list[dict[str, dict[str, str]]] = []

    @reactive.effect
    def _offer() -> None:
        wanted, held = menu(choices()), chosen(selection.segmenting().model, choices())
        with reactive.isolate():
            shown = text_of(input.model())
        if offered != [wanted]:  # sent anew, it would take the keyboard away from the menu
            offered[:] = [wanted]
            ui.update_select("model", choices=wanted, selected=held.value if held else None)
        elif held is not None and shown != held.value:
            ui.update_select("model", selected=held.value)
