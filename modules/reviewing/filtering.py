"""The filter of lakes by what reviews say of them."""

from __future__ import annotations

from htmltools import Tag
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from modules.choices import REVIEWED
from modules.controls import link_control, texts_of, with_reset
from modules.reviewing.desk import OFF
from modules.selection import Selection


@module.ui
def review_filter_ui() -> Tag:
    """Empty where reviews are off."""
    return ui.output_ui("control")


@module.server
def review_filter_server(input: Inputs, output: Outputs, session: Session, selection: Selection) -> None:
    """Tie the control to `selection.filters.reviews`."""

    @render.ui
    def control() -> Tag | None:
        if selection.reviews.desk.mode == OFF:
            return None
        with reactive.isolate():
            chosen = selection.filters().reviews
        picker = ui.input_selectize("reviews", "Review", list(REVIEWED), selected=list(chosen), multiple=True, remove_button=True)
        return with_reset("review", "reset_reviews", picker)

    if selection.reviews.desk.mode == OFF:
        return
    link_control(
        input, "reviews", held=lambda: selection.filters().reviews,
        read=lambda sent: tuple(name for name in REVIEWED if name in texts_of(sent)),
        take=lambda names: selection.change_filters(reviews=names),
        move=lambda names: ui.update_selectize("reviews", selected=list(names)), default=(),
    )  # fmt: skip
