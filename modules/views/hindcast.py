"""The hindcast: rank the lakes by what was known at the end of a year, and see where those stand that burst later."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id

from data.hindcast.run import Hindcast, Rules
from data.hindcast.scores import SCORES
from data.hindcast.words import caveat, headline, judgement
from data.store import Store
from data.watchlist.wish import Wish
from modules.choices import Hindcasting
from modules.controls import focus_pressed, link_control, script, text_of
from modules.finishing import made_by
from modules.hindcasting.asked import CHOICES, WATCH, Found, Wanted, found, year_choices
from modules.hindcasting.drawing import rank_table, recall_figure, recall_table
from modules.selection import Selection
from modules.watching.state import PAGE

NOTHING = "Nobody has brought floods to this dataset. Run `python -m data floods DIR FILE` with a record of them, then load the page again."


def result_tags(store: Store, done: Hindcast | None) -> TagList:
    """The whole answer: in words, as a curve with its table, and lake by lake.

    Args:
        store: The dataset.
        done: The hindcast; None where no year offers anything.
    """
    if done is None:
        return TagList(
            tags.p("No image of these lakes is usable under the test settings: choose another source or season.", class_="m-empty")
        )
    told = [tags.p(headline(done) + ".", class_="m-watch-said"), tags.p(judgement(done) + ".")]
    rest = f" {said}." if (said := caveat(done)) else ""
    read = tags.p(
        "A flood is later only if the earliest day that its record allows comes after the day picked and after the last image used of its "
        f"lake (the image's day, not its nominal year).{rest} Names, places and joined columns are those of today.",
        class_="m-quiet",
    )
    if done.table.empty:
        return TagList(*told, read)
    curve = [recall_figure(done), recall_table(done)] if done.positives else []
    return TagList(*told, tags.div(*curve, class_="m-hindcast-recall"), rank_table(store, done), read)


@module.ui
def hindcast_ui(store: Store, asked: Hindcasting) -> Tag:
    """The controls, with the values of the URL in place, and the answer; how to bring floods where there are none."""
    if store.floods.rows.empty:
        return tags.p(NOTHING, class_="m-empty")
    return tags.div(
        script("watchlist.js"),
        tags.div(
            ui.input_select("score", "Rank by", CHOICES, selected=asked.score),
            ui.input_select("year", "What was known at the end of", {}),
            ui.input_switch("gap", "Count floods before that day too, if after the last image of their lake", asked.gap),
            ui.input_switch("by_id", "Only floods matched by id", asked.by_id),
            class_="m-hindcast-tools",
        ),
        tags.p(ui.output_text("help", inline=True), class_="m-quiet"),
        tags.p(ui.output_text("working", inline=True), class_="m-fitting", role="status"),
        ui.output_ui("result"),
        class_="m-hindcast",
        data_picks=resolve_id("picked"),
    )


@module.server
def hindcast_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Work in the background while the page is open; what a person does not look at costs nothing."""
    if store.floods.rows.empty:
        return
    held = _keep_found(store, selection)
    _link(input, selection)

    @render.text
    def help() -> str:
        named = SCORES.get(selection.hindcasting().score)
        return named.help if named else "The mix of components on the left, each worked out from what was known then."

    @render.ui
    def result() -> TagList:
        done = held()
        req(done is not None)
        assert done is not None
        return result_tags(store, done.done)

    focus_pressed(input, selection.set_focus)


def _link(input: Inputs, selection: Selection) -> None:
    """Tie the controls to `selection.hindcasting`. What the browser sends is looked up, not believed."""

    def change(**changes: object) -> None:
        with reactive.isolate():
            selection.hindcasting.set(replace(selection.hindcasting(), **changes))  # type: ignore[arg-type]

    def score_sent(sent: object) -> str:
        if sent not in CHOICES:
            raise ValueError(sent)
        return str(sent)

    link_control(
        input, "score", held=lambda: selection.hindcasting().score, read=score_sent, take=lambda score: change(score=score),
        move=lambda score: ui.update_select("score", selected=score), default=Hindcasting().score,
    )  # fmt: skip
    for name in ("gap", "by_id"):
        link_control(
            input, name, held=lambda name=name: getattr(selection.hindcasting(), name), read=lambda sent: sent is True,
            take=lambda on, name=name: change(**{name: on}), move=lambda on, name=name: ui.update_switch(name, value=on), default=False,
        )  # fmt: skip

    @reactive.effect
    @reactive.event(input.year, ignore_init=True)
    def _year() -> None:
        sent = text_of(input.year())
        if len(sent) == 4 and sent.isdecimal():
            change(year=int(sent))


def _keep_found(store: Store, selection: Selection) -> reactive.Value[Found | None]:
    """The answer to what the controls ask; None before the first one."""
    held: reactive.Value[Found | None] = reactive.Value(None, name="hindcast")

    @reactive.extended_task
    async def work(wanted: Wanted, last: Found | None) -> Found:
        return await asyncio.to_thread(found, store, wanted, last)

    @reactive.calc
    def wanted() -> Wanted:
        asked = selection.hindcasting()
        wish = selection.watching() if asked.score == WATCH else Wish()
        return Wanted(selection.fitted().settings, asked.score, Rules(asked.gap, asked.by_id), asked.year, wish)

    @reactive.effect
    def _start() -> None:
        req(selection.page() == PAGE)
        with reactive.isolate():
            last = held()
        if last is None or last.wanted != wanted():
            work.cancel()
            work.invoke(wanted(), last)

    @reactive.effect
    def _finish() -> None:
        done = made_by(work, selection.notices, "The hindcast could not be worked out")
        if done is not None:
            held.set(done)

    @reactive.effect
    def _offer() -> None:
        done = held()
        if done is not None:
            ui.update_select("year", choices=year_choices(done.offers), selected=str(done.wanted.year or ""))

    @render.text
    def working() -> str:
        return "Fitting what was known then …" if work.status() == "running" else ""

    return held
