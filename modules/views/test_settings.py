"""The sidebar group *Test*: what refits the inventory, and what only reclassifies or redraws it."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from functools import partial
from typing import Any

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.records import Season, TrendSettings, TrendTable
from data.store import Store
from data.trends import AUTO, METHODS, resolve
from data.trends.automatic import AUTOMATIC
from data.trends.corrections import CORRECTIONS
from data.trends.headline import MONTHS as MONTH_NAMES
from data.trends.method import GROUPS
from modules.choices import Display
from modules.controls import link_control, with_reset
from modules.dating import dating_server, dating_ui
from modules.fitting import done_words
from modules.leaving_out import leaving_out_server, leaving_out_ui
from modules.measures import slope_unit
from modules.selection import Selection

MONTHS = {str(place): name for place, name in enumerate(MONTH_NAMES, start=1)}
RESPONSES = {"log": "Log area: growth in % a year", "area": "Area: growth in km² a year"}
USES = {"q": "q, corrected for testing many lakes", "p": "p, each lake by itself"}
AXES = {"slope": "Slope", "t": "t statistic"}
COLOURS = {"class": "Class", "n": "Number of observations"}
WORTH_NOTE = (
    "A lake that is not significant is stable if a change of this size would have shown (80 % power) and its interval excludes one; "
    "unobservable if it would not have shown."
)
NUMBERS = {
    "alpha": ("The significance cut-off", 1e-6, 0.5),
    "effect": ("The least change", 0.0, 1e6),
    "worth": ("The change worth seeing", 0.01, 1e4),
    "labels": ("The number of labels", 0, 50),
}
"""Field of Display → what it is called, least, most."""


def season_of(first: str, last: str) -> Season | None:
    """The season between two months, both included; None where it leaves no month out."""
    season = Season(int(first), int(last))
    return None if (season.last - season.first) % 12 == 11 else season


def season_months(season: Season | None) -> tuple[str, str]:
    """The two months of the controls; January to December where there is no season."""
    return (str(season.first), str(season.last)) if season else ("1", "12")


def season_words(season: Season | None) -> str:
    """`Sep to Nov`, or `Every month`."""
    return " to ".join(MONTHS[month] for month in season_months(season)) if season else "Every month"


def left_out_words(table: TrendTable, own: Season | None) -> str:
    """How many observations a fit left out, by reason, the season's always; `own` is the dataset's season."""
    season = table.settings.season
    total = table.observations + sum(table.left_out.values())
    mark = ", the dataset's own season," if season == own else ""
    out = (
        f"leaves out {table.left_out.get('season', 0):,} of {total:,} observations"
        if season
        else f"leaves out none of {total:,} observations"
    )
    rest = [f"{count:,} for {reason.replace('_', ' ')}" for reason, count in sorted(table.left_out.items()) if reason != "season"]
    return f"{season_words(season)}{mark} {out}" + (f"; left out besides: {', '.join(rest)}." if rest else ".")


def method_choices() -> dict[str, dict[str, str]]:
    """Title by name of `auto`, then of every method, by title under what kind it is of."""
    methods = sorted(METHODS.values(), key=lambda method: method.title)
    kinds = {kind: {method.name: method.title for method in methods if method.group == kind} for kind in GROUPS}
    return {"Lake by lake": {AUTO: AUTOMATIC.title}, **kinds}


def method_words(settings: TrendSettings) -> str:
    """What the chosen method does and what to beware of."""
    return resolve(settings).help


def number(field: str, sent: object) -> float:
    """A number that the browser sent for a field of NUMBERS.

    Raises:
        ValueError: It is no number, or out of its range.
    """
    _, low, high = NUMBERS[field]
    if not isinstance(sent, int | float) or not low <= sent <= high:
        raise ValueError(sent)
    return int(sent) if field == "labels" else float(sent)


def refusal(field: str, sent: object, stays: float) -> str:
    """Why a number was not taken, empty where it was."""
    words, low, high = NUMBERS[field]
    try:
        number(field, sent)
    except ValueError:
        return f"{words} stays {stays:g}: give a number from {low:g} to {high:g}."
    return ""


@module.ui
def test_settings_ui(store: Store, settings: TrendSettings, display: Display) -> Tag:
    """The body of the group, with the values of the URL in place."""
    return tags.div(
        tags.p(ui.output_text("fitting", inline=True), class_="m-fitting", role="status", aria_live="polite"),
        tags.fieldset(tags.legend("Changes here fit all lakes anew"), *_refitting(store, settings), class_="m-refits"),
        tags.fieldset(tags.legend("Changes here only reclassify or redraw"), *_redrawing(settings, display), class_="m-redraws"),
        class_="m-group m-test",
    )


def _refitting(store: Store, settings: TrendSettings) -> TagList:
    first, last = season_months(settings.season)
    season = tags.div(
        ui.input_select("first", "Season, from", MONTHS, selected=first),
        ui.input_select("last", "to", MONTHS, selected=last),
        class_="m-season",
    )
    source = ui.input_select("source", "Source", list(store.sources), selected=settings.source)
    return TagList(
        with_reset(f"season to {season_words(store.meta.season)}", "reset_season", season),
        tags.p(ui.output_text("season_note", inline=True), class_="m-quiet"),
        dating_ui("dating", store, settings),
        with_reset("source", "reset_source", source) if len(store.sources) > 1 else None,
        leaving_out_ui("without"),
        with_reset("method", "reset_method", ui.input_select("method", "Method", method_choices(), selected=settings.method)),
        tags.details(tags.summary("About this method"), tags.p(ui.output_text("method_note", inline=True)), class_="m-quiet"),
        with_reset("correction", "reset_correction", _correction(settings)),
        tags.details(tags.summary("About this correction"), tags.p(ui.output_text("correction_note", inline=True)), class_="m-quiet"),
        with_reset("response", "reset_response", ui.input_radio_buttons("response", "Response", RESPONSES, selected=settings.response)),
    )


def _correction(settings: TrendSettings) -> Tag:
    titles = {name: each.title for name, each in CORRECTIONS.items()}
    return ui.input_select("correction", "Correction for testing many lakes", titles, selected=settings.correction)


def _redrawing(settings: TrendSettings, display: Display) -> TagList:
    effect_label = TagList("Least change that counts, ", ui.output_text("unit", inline=True))
    effect = ui.input_numeric("effect", effect_label, display.effect, min=0, step=0.1, update_on="blur")
    alpha = ui.input_numeric("alpha", "Significant below", display.alpha, min=1e-6, max=0.5, step=0.01, update_on="blur")
    worth = ui.input_numeric("worth", "A change worth seeing, %/yr", display.worth, min=0.01, step=0.5, update_on="blur")
    labels = ui.input_numeric("labels", "Lakes labelled", display.labels, min=0, max=50, step=1, update_on="blur")
    return TagList(
        with_reset("evidence", "reset_use", ui.input_radio_buttons("use", "Evidence", USES, selected=display.use)),
        with_reset("significance cut-off", "reset_alpha", alpha),
        with_reset("effect cut-off", "reset_effect", effect),
        with_reset("change worth seeing", "reset_worth", worth),
        tags.p(WORTH_NOTE, class_="m-quiet"),
        tags.p(ui.output_text("refused", inline=True), class_="m-refused", aria_live="polite"),
        with_reset("zone", "reset_zone", ui.input_switch("zone", "Zone of detectable change", display.zone)),
        with_reset("x axis", "reset_x", ui.input_radio_buttons("x", "x axis", AXES, selected=display.x, inline=True)),
        with_reset("colour", "reset_colour", ui.input_radio_buttons("colour", "Colour by", COLOURS, selected=display.colour, inline=True)),
        with_reset("number of labels", "reset_labels", labels),
    )


@module.server
def test_settings_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Tie the controls to `selection.settings` and `selection.display`, both ways."""
    _link_season(input, store, selection)
    dating_server("dating", store, selection)
    leaving_out_server("without", selection)
    default = store.settings()
    if len(store.sources) > 1:
        _link_setting(input, selection, "source", store.sources, default.source)
    _link_setting(input, selection, "method", (AUTO, *METHODS), default.method)
    _link_setting(input, selection, "correction", tuple(CORRECTIONS), default.correction)
    _link_setting(input, selection, "response", tuple(RESPONSES), default.response)
    for field, choices in (("use", USES), ("x", AXES), ("colour", COLOURS)):
        move = partial(ui.update_radio_buttons, field)
        _link_display(input, selection, field, partial(_known, known=choices), lambda value, move=move: move(selected=value))
    _link_display(input, selection, "zone", lambda sent: sent is True, lambda shown: ui.update_switch("zone", value=shown))
    for field in NUMBERS:
        _link_display(input, selection, field, partial(number, field), lambda value, field=field: ui.update_numeric(field, value=value))
    _notes(input, output, store, selection)


def _set_settings(selection: Selection, **changes: Any) -> None:
    with reactive.isolate():
        held, effect = selection.settings(), selection.display().effect
    if changes.get("source", held.source) != held.source:
        selection.change_source(changes["source"])
        return
    settings = replace(held, **changes)
    if settings.response != held.response and effect:
        # 1 %/yr and 1 km²/yr are different cut-offs: the number must not be carried from one unit to the other.
        selection.change_display(effect=0.0)
    if settings.response != held.response:
        selection.change_filters(slope=None)
    selection.settings.set(settings)


def _link_season(input: Inputs, store: Store, selection: Selection) -> None:
    """Two controls, one value."""
    for place, id in enumerate(("first", "last")):
        link_control(
            input,
            id,
            held=lambda place=place: season_months(selection.settings().season)[place],
            read=lambda sent: _known(sent, MONTHS),
            take=lambda _: _take_season(input, selection),
            move=lambda month, id=id: ui.update_select(id, selected=month),
            default="1",
        )

    @reactive.effect
    @reactive.event(input.reset_season)
    def _reset() -> None:
        _set_settings(selection, season=store.meta.season)


def _take_season(input: Inputs, selection: Selection) -> None:
    months = [input[id]() for id in ("first", "last")]
    if all(isinstance(month, str) and month in MONTHS for month in months):
        _set_settings(selection, season=season_of(*months))


def _known(sent: object, known: Container[str]) -> str:
    if not isinstance(sent, str) or sent not in known:
        raise ValueError(sent)
    return sent


def _link_setting(input: Inputs, selection: Selection, field: str, known: Container[str], default: str) -> None:
    move = ui.update_radio_buttons if field == "response" else ui.update_select
    link_control(
        input,
        field,
        held=lambda: getattr(selection.settings(), field),
        read=lambda sent: _known(sent, known),
        take=lambda value: _set_settings(selection, **{field: value}),
        move=lambda value: move(field, selected=value),
        default=default,
    )


def _link_display(input: Inputs, selection: Selection, field: str, read: Callable[[Any], Any], move: Callable[[Any], None]) -> None:
    link_control(
        input,
        field,
        held=lambda: getattr(selection.display(), field),
        read=read,
        take=lambda value: selection.change_display(**{field: value}),
        move=move,
        default=getattr(Display(), field),
    )


def _notes(input: Inputs, output: Outputs, store: Store, selection: Selection) -> None:
    @render.text
    def fitting() -> str:
        settings = selection.fitting()
        return f"Refitting ({season_words(settings.season)}){done_words(selection.fitted_share())} …" if settings else ""

    @render.text
    def season_note() -> str:
        return left_out_words(selection.fitted(), store.meta.season)

    @output(suspend_when_hidden=False)
    @render.text
    def method_note() -> str:
        return method_words(selection.settings())

    @output(suspend_when_hidden=False)
    @render.text
    def correction_note() -> str:
        return CORRECTIONS[selection.settings().correction].help

    @render.text
    def unit() -> str:
        return slope_unit(selection.settings().response)

    @render.text
    def refused() -> str:
        display = selection.display()
        return " ".join(filter(None, (refusal(field, input[field](), getattr(display, field)) for field in NUMBERS)))
