"""The weights of the watch-list: a mix to start from, a number for each component, and which column holds what."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.errors import InputError
from data.store import Store
from data.watchlist.components import COMPONENTS
from data.watchlist.roles import ROLES, candidates, recognised
from data.watchlist.wish import MOST_LAKES, MOST_WEIGHT, PRESETS, Wish, opening, weighed
from modules.controls import key_of, script, text_of
from modules.selection import Selection

OWN = "own"
MOST_NUMBER = 1e308
"""Beyond it a whole number fits into no float; NaN is not below it."""


def preset_of(wish: Wish) -> str:
    """The preset whose weights these are, or OWN."""
    return next((name for name, preset in PRESETS.items() if preset.weights == wish.weights), OWN)


def wish_sent(sent: object, known: dict[str, str]) -> Wish:
    """The wish that the browser sent.

    Args:
        sent: `{"weights": {component: number}, "columns": {role: column}, "top": number}`.
        known: Role → the column recognised for it; a wish names only what differs.

    Raises:
        InputError: It is none.
    """
    if not isinstance(sent, dict):
        raise InputError("no weights came", "load the page again")
    weights, columns, top = (sent.get(name) for name in ("weights", "columns", "top"))
    if not isinstance(weights, dict) or not isinstance(columns, dict) or not _is_number(top) or top != int(top):
        raise InputError("the length of the list is no whole number", f"give 1 to {MOST_LAKES}")
    wrong = [str(name) for name, weight in weights.items() if not _is_number(weight) or weight < 0]
    if wrong:
        titles = [COMPONENTS[name].title for name in wrong if name in COMPONENTS]
        raise InputError(f"the weight of {', '.join(titles) or 'a component'} is none", f"give 0 to {MOST_WEIGHT:g}")
    mapped = {str(role): text_of(column) for role, column in columns.items() if text_of(column) != known.get(str(role), "")}
    return Wish(weighed({str(name): float(weight) for name, weight in weights.items()}), int(top), tuple(sorted(mapped.items())))


def _is_number(sent: Any) -> bool:
    return isinstance(sent, int | float) and not isinstance(sent, bool) and abs(sent) < MOST_NUMBER


def form_record(wish: Wish, known: dict[str, str]) -> dict[str, Any]:
    """What the form shows for a wish."""
    return {
        "preset": preset_of(wish),
        "weights": {name: dict(wish.weights).get(name, 0) for name in COMPONENTS},
        "columns": {role: (known | dict(wish.columns)).get(role, "") for role in ROLES},
        "top": wish.top,
    }


@module.ui
def watch_weights_ui(store: Store, wish: Wish) -> Tag:
    """The form, with the values of the URL in place."""
    choices = {**{name: preset.title for name, preset in PRESETS.items()}, OWN: "Own mix"}
    held = dict(wish.weights)
    groups = [
        _group(title, [_weight(each.name, held) for each in members], folded=not any(each.name in held for each in members))
        for title, members in ((title, [*part]) for title, part in groupby(COMPONENTS.values(), key=lambda each: each.group))
    ]
    return tags.div(
        script("watch_weights.js"),
        ui.input_select("preset", "Mix", choices, selected=preset_of(wish)),
        tags.p(ui.output_text("about", inline=True), class_="m-quiet"),
        tags.div(
            tags.label("Lakes on the list", for_=resolve_id("top")),
            tags.input(
                type="number", id=resolve_id("top"), class_="m-weight-top", min=1, max=MOST_LAKES, step=1, value=wish.top
            ),
            class_="m-weight",
        ),
        *groups,
        _columns(store, wish),
        tags.p(ui.output_text("refused", inline=True), class_="m-refused", aria_live="polite"),
        ui.input_action_button("reset", "Start again", class_="m-button"),
        id=resolve_id("form"),
        class_="m-group m-weights",
        data_sends=resolve_id("sent"),
    )  # fmt: skip


def _group(title: str, rows: list[Tag], *, folded: bool) -> Tag:
    return tags.details(tags.summary(title), *rows, open=None if folded else "", class_="m-weight-group")


def _weight(name: str, held: dict[str, float]) -> Tag:
    component, id = COMPONENTS[name], resolve_id(f"w_{name}")
    return tags.div(
        tags.label(component.title, for_=id, title=component.help),
        tags.span(class_="m-weight-share", aria_hidden="true"),
        tags.input(
            type="number", id=id, class_="m-weight-number", min=0, max=MOST_WEIGHT, step="any", value=f"{held.get(name, 0):g}",
            data_component=name, aria_label=f"Weight of {component.title}", title=component.help,
        ),
        class_="m-weight",
    )  # fmt: skip


def _columns(store: Store, wish: Wish) -> Tag | None:
    """Which column holds what; nothing where the inventory brought no numbers along."""
    usable = candidates(store.lakes, store.extra_columns)
    if not usable:
        return None
    held = recognised(usable) | dict(wish.columns)
    rows = [
        tags.div(
            tags.label(f"{role.title}, {role.unit}", for_=resolve_id(f"col_{name}")),
            tags.select(
                tags.option("not in these data", value=""),
                *(tags.option(column, value=column, selected="" if held.get(name) == column else None) for column in usable),
                id=resolve_id(f"col_{name}"), class_="form-select form-select-sm m-role", data_role=name,
            ),
        )
        for name, role in ROLES.items()
    ]  # fmt: skip
    return tags.details(tags.summary("Columns of the inventory"), *rows, class_="m-weight-group m-roles")


@module.server
def watch_weights_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    known = recognised(candidates(store.lakes, store.extra_columns))
    complaint, turn = reactive.Value("", name="complaint"), reactive.Value(0, name="turn")

    @reactive.effect
    @reactive.event(input.sent)
    def _take() -> None:
        sent = input.sent()
        turn.set(key_of(sent.get("turn")) or 0 if isinstance(sent, dict) else 0)
        try:
            selection.watching.set(wish_sent(sent, known))
            complaint.set("")
        except InputError as error:
            complaint.set(f"Nothing was changed: {error.what}; {error.remedy}.")

    @reactive.effect
    @reactive.event(input.preset, ignore_init=True)
    def _mix() -> None:
        name, wish = text_of(input.preset()), selection.watching()
        if name in PRESETS and name != preset_of(wish):
            selection.watching.set(Wish(PRESETS[name].weights, wish.top, wish.columns))

    @reactive.effect
    @reactive.event(input.reset)
    def _reset() -> None:
        selection.watching.set(opening())

    @reactive.effect
    async def _show() -> None:
        wish = selection.watching()
        with reactive.isolate():
            record = {"id": session.ns("form"), "turn": turn(), **form_record(wish, known)}
        await session.send_custom_message("moraine-wish", record)
        ui.update_select("preset", selected=preset_of(wish))

    @render.text
    def about() -> str:
        name = preset_of(selection.watching())
        return PRESETS[name].help if name in PRESETS else "A mix of your own; the link of this page keeps it."

    @render.text
    def refused() -> str:
        return complaint()
