"""Sequence lab: a network that counts crossings, from its training down to one gate at one step. What is chosen lives in the browser."""

from __future__ import annotations

import json

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.sequence.reading import SequenceRun
from modules.controls import script, text_of
from modules.selection import Selection
from modules.sequence.cards import lab_cards
from modules.sequence.routes import sequence_base
from modules.sequence.runs import SequenceRuns

NONE = "There is no run of the counting network here. Train one, which takes some minutes on one core, then load the page again:"


def lab_tags(run: SequenceRun) -> Tag:
    """The lab over one run; the scripts draw into it, each card by itself, and say in it what cannot be drawn."""
    told = run.manifest
    return tags.div(
        lab_cards(run),
        class_="m-lab",
        data_lab=sequence_base(run),
        data_shape=json.dumps(
            {"layers": told.layers, "units": told.units, "steps": told.steps, "epochs": len(told.epochs), "band": told.band}
        ),
    )


def nothing_tags() -> Tag:
    """What stands where there is no run."""
    return tags.div(tags.p(NONE, class_="m-notice", role="status"), tags.p(tags.code("python -m models sequence")), class_="m-lab")


@module.ui
def sequence_ui() -> Tag:
    return tags.div(
        script("sequence.js"),
        ui.output_ui("choice"),
        ui.output_ui("lab"),
        class_="m-lab-tab",
    )


@module.server
def sequence_server(input: Inputs, output: Outputs, session: Session, selection: Selection, *, runs: SequenceRuns) -> None:
    """The lab is drawn when its tab is first seen: Shiny asks for no output that nobody sees."""
    found = reactive.calc(runs.look)

    @reactive.calc
    def run() -> SequenceRun | None:
        held, _ = found()
        return held.get(text_of(input.run()) if "run" in input else "", next(iter(held.values()), None))

    @render.ui
    def choice() -> TagList:
        held, troubles = found()
        titles = {name: f"{each.manifest.title} ({name})" for name, each in held.items()}
        return TagList(
            *(tags.p(trouble, class_="m-notice", role="alert") for trouble in troubles),
            ui.input_select("run", "Run", titles) if len(held) > 1 else None,
        )

    @render.ui
    def lab() -> Tag:
        shown = run()
        return nothing_tags() if shown is None else lab_tags(shown)
