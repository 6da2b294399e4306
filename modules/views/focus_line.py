"""The focus line: which lake is in focus, in one sentence, with the way to the next one."""

from __future__ import annotations

import math
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from modules.choices import Display
from modules.figures import CLASSES
from modules.measures import slope_words
from modules.numerals import figure_text, fixed_text, probability_text
from modules.selection import Selection

NOT_TESTED = {
    "insufficient": "fewer than three usable dates: no trend",
    "constant": "its area did not change: not tested",
}
CAVEATS = {
    "few": "few dates: little power, and their serial correlation is unknown",
    "r1 unknown": "serial correlation unknown: too few neighbouring years",
    "autocorrelated": "so serially correlated that its dates carry no evidence",
}


def verdict(lake: dict[str, Any], code: int, use: str, alpha: float) -> str:
    """One sentence on what the test says of a lake.

    Args:
        lake: A row of `measures.lake_rows`.
        code: Its class code.
        use: `p` or `q`.
        alpha: The cut-off.
    """
    status = str(lake["status"])
    if code == 0:
        return NOT_TESTED.get(status, "not tested")
    found = {1: f"no change at {use} < {alpha:g}", 2: f"growing at {use} < {alpha:g}", 3: f"shrinking at {use} < {alpha:g}"}[code]
    return f"{found} ({use} = {probability_text(float(lake[f'log_{use}']))})" + (f"; {CAVEATS[status]}" if status in CAVEATS else "")


def focus_sentence(
    lake: dict[str, Any], label: str, code: int, response: str, display: Display, *, images: bool = True, added: int = 0
) -> Tag:
    """Name, place, type, area, slope and verdict of a lake; whether there are no images of it where others have some; what was added."""
    place = " · ".join(
        str(lake[c]) for c in ("lake_id", "sub_basin", "dam_type") if isinstance(lake[c], str) and lake[c] and lake[c] != label
    )
    height = f"{fixed_text(lake['elevation_m'], 0)} m" if math.isfinite(lake["elevation_m"]) else ""
    area = f"{figure_text(lake['area_km2'])} km²" if math.isfinite(lake["area_km2"]) else "no usable area"
    facts = " · ".join(part for part in (place, height, area, slope_words(lake, response)) if part)
    seen = None if images else tags.span(" · no images", class_="m-focus-facts")
    told = f" · with {added} point{'s' * (added != 1)} of this session"
    return tags.p(
        tags.strong(label), " ", tags.span(facts, class_="m-focus-facts"), " ",
        tags.span(verdict(lake, code, display.use, display.alpha), class_=f"m-verdict m-{CLASSES[code]}"),
        tags.span(told, class_="m-focus-added") if added else None,
        seen,
        class_="m-focus-sentence",
    )  # fmt: skip


@module.ui
def focus_line_ui() -> Tag:
    return tags.div(
        tags.div(
            ui.input_action_button("previous", "‹", class_="btn-sm m-step", aria_label="Previous lake in order of significance"),
            ui.input_action_button("next", "›", class_="btn-sm m-step", aria_label="Next lake in order of significance"),
            class_="m-steps",
        ),
        ui.output_ui("sentence", class_="m-focus-text"),
        ui.input_action_button("clear", "Clear", class_="btn-sm m-quiet-button", aria_label="Clear focus and brush"),
        class_="m-focus-line",
        role="status",
    )


@module.server
def focus_line_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @render.ui
    def sentence() -> Tag:
        focus, table = selection.focus(), selection.fitted()
        row = store.row_of(focus) if focus is not None else None
        if row is None:
            return tags.p("Click a lake in the volcano, the map or the table; its series appears here.", class_="m-empty")
        lake = selection.rows().iloc[row].to_dict()
        images = bool(selection.scenes()) or not len(store.scenes)
        code, response = int(selection.classes()[row]), table.settings.response
        refit = selection.session.refit()
        if refit is not None:
            lake, code = lake | refit.statistics, refit.code
        added = len(selection.session.here())
        return focus_sentence(lake, store.labels[row], code, response, selection.display(), images=images, added=added)

    @reactive.effect
    @reactive.event(input.next)
    def _next() -> None:
        selection.step(1)

    @reactive.effect
    @reactive.event(input.previous)
    def _previous() -> None:
        selection.step(-1)

    @reactive.effect
    @reactive.event(input.clear)
    def _clear() -> None:
        selection.clear()
