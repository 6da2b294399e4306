"""Controls that Shiny lacks: a range with a log scale, a reset beside any control, and a control tied to a value both ways."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any

from htmltools import HTMLDependency, Tag, tags
from shiny import Inputs, reactive, ui
from shiny import session as shiny_session
from shiny.module import resolve_id

from modules.choices import Range
from modules.serving.assets import WWW, page_files

TAKE_FIRST = 10
"""Priority of the effects that read controls: in one flush they go before those that move controls, or a control could jump back."""


def script(name: str) -> HTMLDependency:
    """One of our scripts in `www/`: all of them come in one file, once a page."""
    assert (WWW / name).is_file(), name
    return page_files()


def focus_pressed(input: Inputs, focus: Callable[[int], None]) -> None:
    """Focus the lake whose key a table's script reports as `picked`. Whether it is a lake, `focus` looks up."""

    @reactive.effect
    @reactive.event(input.picked)
    def _focus() -> None:
        lake_key = key_of(input.picked())
        if lake_key is not None:
            focus(lake_key)


def change(value: reactive.Value[Any], **fields: object) -> None:
    """Set fields of a frozen record in a reactive value, leaving the rest."""
    with reactive.isolate():
        value.set(replace(value(), **fields))


def with_reset(what: str, reset_id: str, control: Tag, verb: str = "Reset") -> Tag:
    """A control with its own button to reset (or remove) it, named for those who do not see it."""
    words = f"{verb} {what}"
    mark = "×" if verb == "Remove" else "↺"
    button = ui.input_action_button(reset_id, mark, class_="m-reset", aria_label=words, title=words)
    return tags.div(control, button, class_="m-control")


def outward(low: float, high: float, *, log: bool) -> Range:
    """Bounds at two significant digits, rounded outward so that no value of the data falls outside."""

    def rounded(value: float, to: str) -> float:
        if value == 0 or not math.isfinite(value):
            return value
        step = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if log else _step(high - low)
        return round((math.floor if to == "down" else math.ceil)(value / step) * step, 12)

    return rounded(low, "down"), rounded(high, "up")


def _step(span: float) -> float:
    return 10.0 ** math.floor(math.log10(span / 100)) if span > 0 else 1.0


def input_range(
    id: str, label: str, unit: str, bounds: Range, value: Range | None = None, *, log: bool = False, step: float | None = None
) -> Tag:
    """A range with two handles and two number fields; its value is [low, high], or null while it spans everything.

    Args:
        id: Input id.
        label: What is ranged over.
        unit: Shown behind the fields; may be empty.
        bounds: The ends, both > 0 on a log scale.
        value: The range to open with, None for everything.
        log: Whether equal distances are equal ratios.
        step: Steps of the handles on a linear scale.
    """
    low, high = bounds
    step = step or min(_step(high - low), 1.0)
    named = f"{label}, {unit}" if unit else label

    def field(end: str) -> Tag:
        return tags.input(type="number", class_=f"m-range-{end}", step="any", aria_label=f"{named}, {end}")

    def handle(end: str) -> Tag:
        return tags.input(type="range", class_=f"m-range-{end}", min=0, max=1000, aria_label=f"{named}, {end} (slider)")

    return tags.fieldset(
        script("range.js"),
        tags.legend(label),
        tags.div(handle("from"), handle("to"), class_="m-range-track"),
        tags.div(field("from"), tags.span("to"), field("to"), tags.span(unit), class_="m-range-fields"),
        id=resolve_id(id),
        class_="m-range",
        data_bounds=json.dumps([low, high]),
        data_step=json.dumps(step),
        data_scale="log" if log else "linear",
        data_unit=unit,
        data_value=json.dumps(list(value) if value else None),
    )


def update_range(id: str, value: Range | None) -> None:
    """Move a range of this session; None spans everything."""
    session = shiny_session.require_active_session(None)
    session.send_input_message(id, {"value": list(value) if value else None})


def offer(id: str, choices: Mapping[str, str], selected: str | None) -> None:
    """Fill a select of this session, as `ui.update_select` does; made without a tag an option, which costs a hundred times as much.

    Args:
        id: Of the select.
        choices: Value → words.
        selected: The value that is chosen; None: the first.
    """
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == selected else ""}>{escape(words)}</option>'
        for value, words in choices.items()
    )
    session = shiny_session.require_active_session(None)
    session.send_input_message(id, {"options": options} | ({} if selected is None else {"value": [selected]}))


def range_of(sent: object) -> Range | None:
    """The range that the browser sent, None where it spans everything or is not one."""
    if not isinstance(sent, list | tuple) or len(sent) != 2 or not all(isinstance(end, int | float) for end in sent):
        return None
    try:
        low, high = float(sent[0]), float(sent[1])
    except OverflowError:
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low <= high else None


def text_of(sent: object) -> str:
    """The text that the browser sent, empty where it is none."""
    return sent if isinstance(sent, str) else ""


def texts_of(sent: object) -> tuple[str, ...]:
    """The texts that the browser sent, in order, each once; anything else among them is left out."""
    return tuple(sorted({text for text in sent if isinstance(text, str)})) if isinstance(sent, list | tuple) else ()


def key_of(sent: object) -> int | None:
    """The lake key that the browser sent, None where it is none: a bool is an int to Python, but no key."""
    return sent if isinstance(sent, int) and not isinstance(sent, bool) and abs(sent) < 2**31 else None


def link_control(
    input: Inputs,
    id: str,
    *,
    held: Callable[[], Any],
    read: Callable[[Any], Any],
    take: Callable[[Any], None],
    move: Callable[[Any], None],
    default: Any,
) -> None:
    """Tie a control to a value, both ways, without a loop; a button `reset_<id>` brings the default back.

    Args:
        input: The inputs of the module.
        id: Of the control.
        held: The value as it is, read reactively.
        read: Makes a value of what the browser sent; a ValueError leaves the value as it is.
        take: Sets the value; called only with another one than is held.
        move: Moves the control.
        default: What the reset brings back.
    """

    @reactive.calc
    def current() -> Any:
        return held()

    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input[id])
    def _take() -> None:
        said = _said(read, input[id]())
        if said not in [REFUSED, current()]:
            take(said)

    @reactive.effect
    def _follow() -> None:
        wanted = current()
        with reactive.isolate():
            said = _said(read, input[id]())
        if said != wanted:
            move(wanted)

    @reactive.effect
    @reactive.event(input[f"reset_{id}"])
    def _reset() -> None:
        if current() != default:
            take(default)
        move(default)


REFUSED = object()


def _said(read: Callable[[Any], Any], sent: Any) -> Any:
    try:
        return read(sent)
    except ValueError:
        return REFUSED


def turn_pages(input: Inputs, at: reactive.Value[int], last: Callable[[], int], anew: Callable[[], Any]) -> None:
    """Buttons `back` and `on` turn pages.

    Args:
        input: The inputs of the module.
        at: The page, from 0.
        last: The last page there is.
        anew: Read reactively: with another value of it, the first page is shown again.
    """

    @reactive.effect
    @reactive.event(input.back)
    def _back() -> None:
        at.set(max(at() - 1, 0))

    @reactive.effect
    @reactive.event(input.on)
    def _on() -> None:
        at.set(min(at() + 1, last()))

    @reactive.effect(priority=20)
    @reactive.event(anew, ignore_init=True)
    def _start_again() -> None:
        at.set(0)
