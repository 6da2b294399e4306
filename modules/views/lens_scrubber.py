"""The scrubber: which epoch of training the page shows, to step and to play through. The epoch lives in the browser (lens.js)."""

from __future__ import annotations

from typing import Any

import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive
from shiny.types import SilentException

from data.errors import LensError
from data.lens.reading import Lens
from data.store import Store
from modules.controls import script
from modules.lensing.looking import LensSelection
from modules.selection import Selection

SPEEDS = (2, 4, 8, 16)
"""Epochs a second."""
SPEED = 4
"""The one at first."""


def epoch_words(lens: Lens) -> list[str]:
    """What there is to say of each epoch: `loss 0.117 · validation IoU 0.841`; empty texts where that is not known."""
    try:
        rows = lens.epochs().drop_duplicates("epoch").set_index("epoch")
    except LensError:
        return [""] * len(lens.manifest.epochs)
    return [_words(rows.loc[epoch]) if epoch in rows.index else "" for epoch in lens.manifest.epochs]


def _words(row: pd.Series) -> str:
    said = (("loss", row["loss"]), ("validation IoU", row["validation_iou"]))
    return " · ".join(f"{name} {value:.3f}" for name, value in said if pd.notna(value))


def _button(words: str, does: str, title: str, by: int = 0) -> Tag:
    return tags.button(
        words,
        type="button",
        class_="btn btn-sm m-quiet-button",
        data_lens_does=does,
        data_lens_by=str(by),
        aria_label=title.partition(" (")[0],
        title=title,
    )


@module.ui
def lens_scrubber_ui() -> Tag:
    speeds = [tags.option(f"{speed}/s", value=str(speed), selected="" if speed == SPEED else None) for speed in SPEEDS]
    slider = tags.input(type="range", min="0", max="0", step="1", value="0", aria_label="Epoch", title="Epoch (arrow keys; space plays)")
    return tags.div(
        script("lens_scrubber.js"),
        _button("‹", "step", "Previous epoch (left arrow)", -1),
        _button("▶", "play", "Play the epochs (space bar on the slider)"),
        _button("›", "step", "Next epoch (right arrow)", 1),
        slider,
        tags.select(*speeds, class_="form-select m-lens-speed", aria_label="Speed, epochs a second", title="Epochs a second"),
        tags.span("", class_="m-lens-epoch"),
        tags.span("", class_="m-lens-epoch-words m-quiet"),
        class_="m-lens-scrubber",
        role="group",
        aria_label="Epoch of training",
    )


@module.server
def lens_scrubber_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    @reactive.calc
    def of_run() -> dict[str, Any]:
        lens = looking.lens()
        return {"run": lens.name, "epochs": list(lens.manifest.epochs), "words": epoch_words(lens)}

    @reactive.effect
    async def _tell() -> None:
        run = of_run()
        epoch = looking.epoch() if run["epochs"] else None
        await session.send_custom_message("moraine-lens", {**run, "epoch": epoch, "scene": _scene(), "selected": list(looking.selected())})

    def _scene() -> int | None:
        try:
            return looking.scene()
        except SilentException:  # the table of scenes cannot be read; epochs can
            return None
