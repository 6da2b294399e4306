"""By which dates trends are fitted, where images are known to be of another day than the date used, and how many lakes that moves."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.at_once import at_once, too_many_words
from data.errors import MoraineError
from data.records import DATES, TrendSettings, TrendTable
from data.store import Store
from data.trends.sides import sides
from modules.choices import Display
from modules.controls import link_control, with_reset
from modules.selection import Selection

CHOICES = {"nominal": "Dates of the dataset", "image": "Days of the images, where known"}


def other_settings(settings: TrendSettings) -> TrendSettings:
    """The same settings by the other dates."""
    return replace(settings, dates=DATES[1 - DATES.index(settings.dates)])


def beside_words(table: TrendTable, other: TrendTable, display: Display) -> str:
    """What the other dates would say: `By days of images: 53 growing, …`."""
    name = {"nominal": "the dates of the dataset", "image": "days of images"}[other.settings.dates]
    return f"By {name}: {sides(table, other, display.use, display.alpha, display.effect).words()}."


@module.ui
def dating_ui(store: Store, settings: TrendSettings) -> Tag | None:
    """The choice; None where every image is of the day that is used."""
    if not store.area_counts.image_dates:
        return None
    choice = ui.input_radio_buttons("dates", "Dates", CHOICES, selected=settings.dates)
    return tags.div(with_reset("dates", "reset_dates", choice), tags.p(ui.output_text("beside", inline=True), class_="m-quiet"))


@module.server
def dating_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Tie the choice to `selection.settings`; the table by the other dates is fitted in the background, to say what it would change."""
    if not store.area_counts.image_dates:
        return

    @reactive.extended_task
    async def fit(settings: TrendSettings) -> TrendTable:
        return await asyncio.to_thread(store.trends, settings)

    def read(sent: object) -> str:
        if sent not in DATES:
            raise ValueError(sent)
        return str(sent)

    def take(dates: str) -> None:
        with reactive.isolate():
            selection.settings.set(replace(selection.settings(), dates=dates))

    link_control(
        input, "dates", held=lambda: selection.settings().dates, read=read, take=take,
        move=lambda dates: ui.update_radio_buttons("dates", selected=dates), default=DATES[0],
    )  # fmt: skip

    @reactive.effect
    def _start() -> None:
        fit.cancel()
        if at_once(len(store.lakes)):
            fit.invoke(other_settings(selection.fitted().settings))

    @render.text
    def beside() -> str:
        table = selection.fitted()
        if not at_once(len(store.lakes)):
            return too_many_words("What the other dates would say is")
        try:
            other = fit.result()
        except MoraineError as error:
            return f"By the other dates nothing can be fitted: {error.what}."
        if other.settings != other_settings(table.settings):
            return "Fitting by the other dates …"
        return beside_words(table, other, selection.display())
