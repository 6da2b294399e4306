"""The filmstrip: all dates of the focus lake under the area series, to step and play through and to take away.

The page draws it by itself from `moraine.evidence` (www/film.js and its companions); the server only hears of the nested outlines.
"""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive
from shiny.module import resolve_id

from data.store import Store
from modules.selection import Selection

SPEEDS = (0.5, 1.0, 2.0, 4.0)
"""Dates a second."""
SPEED = 2.0
"""The one at first; also the flipbook's."""


@module.ui
def filmstrip_ui() -> Tag:
    """Frame of the strip: its frames come from the browser."""
    strip = tags.div(class_="m-film-strip", role="listbox", aria_label="Dates with images", aria_orientation="horizontal", hidden="")
    edges = [
        tags.button(type="button", class_=f"m-film-edge m-film-{side}", hidden="", data_film="edge", data_by=by)
        for side, by in (("earlier", "-1"), ("later", "1"))
    ]
    said = tags.div(class_="m-film-said", role="status")
    return tags.div(
        tags.div(strip, *edges, tags.p("No lake in focus.", class_="m-film-empty"), class_="m-film-stage"),
        tags.div(_player(), _takers(), said, class_="m-film-tools", role="group", aria_label="Filmstrip"),
        id=resolve_id("root"),
        class_="m-filmstrip-body",
    )


def _button(words: str, does: str, title: str, *, label: str = "", pressed: bool | None = None, **more: str) -> Tag:
    state = {} if pressed is None else {"aria-pressed": str(pressed).lower()}
    name = label or f"{words}: {title}"
    return tags.button(
        words, state, type="button", class_="btn btn-sm m-quiet-button", data_film=does, aria_label=name, title=title, disabled="", **more
    )


def _player() -> Tag:
    speeds = [tags.option(f"{speed:g}/s", value=f"{speed:g}", selected="" if speed == SPEED else None) for speed in SPEEDS]
    return tags.div(
        _button("‹", "step", "Previous date (left arrow in the strip)", label="Previous date", data_by="-1"),
        _button("▶", "play", "Play or pause (space bar in the strip)", label="Play"),
        _button("›", "step", "Next date (right arrow in the strip)", label="Next date", data_by="1"),
        tags.select(*speeds, class_="form-select m-film-speed", aria_label="Speed, dates a second", title="Dates a second"),
        _button("↻", "loop", "Begin anew after the last date", label="Loop", pressed=True),
        _button("clear only", "skip", "leave out dates on which the lake cannot be seen", pressed=True),
        tags.span(class_="m-film-date"),
        class_="m-film-player",
    )


def _takers() -> Tag:
    return tags.div(
        _button("set before", "before", "hold this date as the one before (Shift and a click on any date)"),
        _button("outlines", "nested", "of all dates in the scene, coloured by year", pressed=False),
        _button("GIF", "gif", "save all clear dates as a flipbook"),
        _button("pair", "pair", "save the date before and this one side by side, as PNG"),
        class_="m-film-takers",
    )


@module.server
def filmstrip_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @reactive.effect
    @reactive.event(input.nested)
    def _nest() -> None:
        # [wanted, number of the press]: the number makes the same wish news after another view has changed the look.
        match input.nested():
            case [bool(wanted), _]:
                selection.change_look(outlines="nested" if wanted else "newest")
            case _:
                pass
