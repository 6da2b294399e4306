"""The line-up: a dialog in which a person picks the real volcano out of twenty, and learns what chance looks like."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id

from data.at_once import at_once, too_many_words
from data.errors import MoraineError
from data.records import TrendTable
from data.store import Store
from data.trends import resolve
from data.trends.lineup import PANELS, null_panel, real_panel, seat
from data.trends.series import series
from modules.controls import script
from modules.downloads import shown_name
from modules.figures import settings_words
from modules.finishing import made_by
from modules.lineup_figure import Arranged, arranged, axes_words, caption, plot_svg, whole_svg
from modules.measures import slope_unit
from modules.selection import Selection

LOOK = 0.25
"""Seconds between two looks at how far it is."""
LEAST = 3
"""Tested lakes, of which a volcano has a shape at all."""
SEEDS = 1_000_000
EXPLAINED = (
    "One of these twenty plots is your volcano; in the nineteen others each lake's areas were shuffled over its own dates, so that nothing "
    "in them grows or shrinks. Pick the one that you think is real: who had not seen it before and finds it has evidence at p = 1/20 that "
    "what it shows is no accident."
)
NONE = "Nothing to line up: fewer than three of the lakes shown could be tested. Show more lakes, or choose another season or source."


@dataclass(frozen=True)
class Asked:
    """What a line-up is made of.

    Args:
        table: The trends on screen.
        rows: (L,) the lakes shown.
        seed: Whence chance comes.
    """

    table: TrendTable
    rows: np.ndarray
    seed: int


def result_words(found: Arranged, chosen: int) -> str:
    """Right or wrong, and what follows."""
    if chosen == found.seat:
        return f"Right: plot {chosen + 1} is real. By chance alone one picks it once in twenty times (p = 1/20 = 0.05)."
    return (
        f"Not this one: plot {found.seat + 1} is real, in plot {chosen + 1} dates were shuffled. If the real one does not stand out, "
        "what it shows could be chance."
    )


def score_words(right: int, tried: int) -> str:
    """The score of this visit; empty before the first."""
    return f"This visit: {right} right of {tried}; by chance alone one in twenty." if tried else ""


def lineup_grid(found: Arranged, chosen: int | None) -> Tag:
    """The twenty plots: buttons until one is chosen, then each with what it is."""
    return tags.div(*(_cell(found, place, chosen) for place in range(PANELS)), class_="m-lineup")


def _cell(found: Arranged, place: int, chosen: int | None) -> Tag:
    body = TagList(plot_svg(found, place), tags.span(caption(found, place, told=chosen is not None)))
    if chosen is None:
        return ui.input_action_button(f"pick_{place}", body, class_="m-lineup-plot", aria_label=f"Plot {place + 1} of {PANELS}")
    kinds = ["m-lineup-plot", *(["m-real"] if place == found.seat else []), *(["m-chosen"] if place == chosen else [])]
    return tags.div(body, class_=" ".join(kinds))


@module.ui
def lineup_ui() -> Tag:
    says = "Pick the real volcano out of twenty: what does chance look like?"
    return tags.div(script("lineup.js"), ui.input_action_button("open", "Line-up", class_="btn-sm m-quiet-button", title=says))


class LineUp:
    """One visit's line-ups: the one in the dialog, what was picked in it, and the score so far.

    Args:
        store: The dataset.
        selection: Whose volcano it is.
    """

    def __init__(self, store: Store, selection: Selection) -> None:
        self._store, self._selection = store, selection
        self.found: reactive.Value[Arranged | None] = reactive.Value(None, name="found")
        self.asked: reactive.Value[Asked | None] = reactive.Value(None, name="asked")
        self.chosen: reactive.Value[int | None] = reactive.Value(None, name="chosen")
        self.score: reactive.Value[tuple[int, int]] = reactive.Value((0, 0), name="score")
        self.done = 0
        self.make = reactive.extended_task(self._make)

    async def _make(self, asked: Asked) -> Arranged:
        """Step by step, so that stopping stops after the fit at hand."""
        settings, real = asked.table.settings, seat(asked.seed)
        batch, _ = await asyncio.to_thread(series, self._store.rows_of(settings), self._store.lake_keys, settings)
        panels = [await asyncio.to_thread(real_panel, asked.table, asked.rows)]
        for self.done in range(1, PANELS):
            seed = (asked.seed, self.done)
            panels.append(await asyncio.to_thread(null_panel, batch, resolve(settings), settings.response, asked.rows, seed=seed))
        panels.insert(real, panels.pop(0))
        return await asyncio.to_thread(arranged, panels, real, asked.seed, slope_unit(settings.response))

    def begin(self) -> None:
        """Make a new one of the trends and the lakes on screen; of fewer than LEAST tested lakes none is made."""
        self.make.cancel()
        with reactive.isolate():
            table, rows = self._selection.fitted(), self._selection.shown()
        self.done = 0
        self.found.set(None)
        self.chosen.set(None)
        enough = at_once(len(rows)) and np.count_nonzero(rows & table.frame["log_p"].notna().to_numpy(dtype=bool)) >= LEAST
        asked = Asked(table, rows, secrets.randbelow(SEEDS)) if enough else None
        self.asked.set(asked)
        if asked is not None:
            self.make.invoke(asked)

    def pick(self, place: int) -> None:
        """Take a plot for the real one; only the first pick of a line-up counts."""
        with reactive.isolate():
            found, chosen, (right, tried) = self.found(), self.chosen(), self.score()
        if found is None or chosen is not None:
            return
        self.chosen.set(place)
        self.score.set((right + (place == found.seat), tried + 1))


@module.server
def lineup_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Open the dialog, follow what is pressed in it, hand out the file."""
    line_up = LineUp(store, selection)
    _pressing(input, line_up)
    _telling(store, line_up)

    @reactive.effect
    @reactive.event(input.open)
    def _open() -> None:
        line_up.begin()
        dialog = ui.modal(_body(store), title="Line-up", size="xl", easy_close=True, footer=_foot())
        dialog.attrs["aria-label"] = "Line-up"
        dialog.add_class("m-lineup-dialog")
        ui.modal_show(dialog)

    @reactive.effect
    async def _told() -> None:
        if line_up.chosen() is not None:
            await session.send_custom_message("moraine-lineup-told", {"id": session.ns("said")})

    @reactive.effect
    def _finish() -> None:
        line_up.found.set(made_by(line_up.make, selection.notices, "The line-up could not be made"))


def _body(store: Store) -> TagList:
    badge = tags.span("simulated data", class_="m-badge") if store.meta.simulated else None
    return TagList(
        tags.p(badge, EXPLAINED), tags.div(ui.output_ui("told"), id=resolve_id("said"), role="status", tabindex="-1"), ui.output_ui("plots")
    )


def _foot() -> TagList:
    return TagList(
        ui.input_action_button("again", "Another line-up", class_="m-button"),
        ui.download_button("svg", "Save as SVG", class_="m-button"),
        ui.input_action_button("close", "Close", class_="m-button"),
    )


def _pressing(input: Inputs, line_up: LineUp) -> None:
    def on(button: str, then: Callable[[], object]) -> None:
        @reactive.effect
        @reactive.event(input[button])
        def _press() -> None:
            then()

    for place in range(PANELS):
        on(f"pick_{place}", partial(line_up.pick, place))
    on("again", line_up.begin)
    on("stop", line_up.make.cancel)
    on("close", line_up.make.cancel)
    on("close", ui.modal_remove)


def _telling(store: Store, line_up: LineUp) -> None:
    @render.ui
    def told() -> TagList:
        found, chosen = line_up.found(), line_up.chosen()
        said = result_words(found, chosen) if found is not None and chosen is not None else ""
        return TagList(*(tags.p(words) for words in (said, score_words(*line_up.score())) if words))

    @render.ui
    def plots() -> Tag:
        found = line_up.found()
        if line_up.asked() is None:
            return tags.p(NONE if at_once(len(store.lakes)) else too_many_words("A line-up is"), class_="m-empty")
        if line_up.make.status() == "running":
            reactive.invalidate_later(LOOK)
            return _progress(line_up.done)
        if line_up.make.status() == "error":
            return tags.p(_trouble(line_up), class_="m-notice", role="alert")
        if found is None:
            return tags.p("Stopped. Press Another line-up to begin anew.", class_="m-empty")
        return tags.div(tags.p(axes_words(found), class_="m-quiet"), lineup_grid(found, line_up.chosen()))

    def name() -> str:
        with reactive.isolate():
            found = line_up.found()
        return f"{shown_name(store.meta)}_line-up-{found.seed if found else 0}_{datetime.now(UTC).date()}.svg"

    @render.download_button(filename=name)
    async def svg() -> AsyncIterator[str]:
        with reactive.isolate():
            found, asked, chosen = line_up.found(), line_up.asked(), line_up.chosen()
        req(found is not None and asked is not None)
        assert found is not None
        assert asked is not None
        yield await asyncio.to_thread(whole_svg, found, file_words(store, asked), told=chosen is not None)


def file_words(store: Store, asked: Asked) -> list[str]:
    """Where a saved line-up comes from."""
    meta = store.meta
    title = ("Simulated data: " if meta.simulated else "") + meta.title
    return [
        f"{title} · {settings_words(asked.table)} · {np.count_nonzero(asked.rows):,} of {len(asked.rows):,} lakes shown",
        f"data {store.digest[:10]} · {meta.citation}",
    ]


def _progress(done: int) -> Tag:
    bar = tags.progress(value=f"{done / PANELS:.3f}", max="1", aria_label="Progress")
    stop = ui.input_action_button("stop", "Stop", class_="btn-sm m-button")
    return tags.div(bar, tags.span(f"Shuffling and fitting: {done} of {PANELS - 1}"), stop, class_="m-segment-progress")


def _trouble(line_up: LineUp) -> str:
    error = line_up.make.error()
    return f"{error.what}. {error.remedy}." if isinstance(error, MoraineError) else "It did not work; the server's log says why."
