"""The switch that leaves observations out of the fits because a review calls them bad."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.reviews.latest import Observation
from modules.controls import link_control, with_reset
from modules.reviewing.desk import OFF
from modules.selection import Selection


def bad_words(bad: frozenset[Observation], source: str) -> str:
    """How many there are: `3 of unet, 1 of other sources`."""
    mine = sum(of == source for _, _, of in bad)
    rest = len(bad) - mine
    return f"{mine:,} of {source}" + (f", {rest:,} of other sources" if rest else "")


@module.ui
def leaving_out_ui() -> Tag:
    """Empty where reviews are off."""
    return ui.output_ui("control")


@module.server
def leaving_out_server(input: Inputs, output: Outputs, session: Session, selection: Selection) -> None:
    """Tie the switch to `selection.reviews.leave_out`; the trends follow by themselves (`keep_left_out`)."""
    reviews = selection.reviews

    @render.ui
    def control() -> Tag | None:
        if reviews.desk.mode == OFF:
            return None  # an output that nobody answers for would look busy for ever
        with reactive.isolate():
            on = reviews.leave_out()
        switch = ui.input_switch("leave_out", "Leave out what is reviewed bad", on)
        return tags.div(
            with_reset("what is left out as reviewed bad", "reset_leave_out", switch),
            tags.p("Reviewed bad: ", ui.output_text("count", inline=True), class_="m-quiet"),
        )

    if reviews.desk.mode == OFF:
        return

    @render.text
    def count() -> str:
        return bad_words(reviews.now().bad, selection.settings().source)

    link_control(
        input, "leave_out", held=reviews.leave_out, read=lambda sent: sent is True, take=reviews.leave_out.set,
        move=lambda on: ui.update_switch("leave_out", value=on), default=False,
    )  # fmt: skip
