"""The focus line: which lake is in focus, in one sentence, with the way to the next one."""

from __future__ import annotations

import math
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.records import TrendTable
from data.store import Store
from modules.figures import CLASSES
from modules.measures import slope_name, slope_unit
from modules.numerals import figure_text, fixed_text, probability_text, slope_text
from modules.selection import Selection
from modules.trial import code_alone

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


def trial_verdict(lake: dict[str, Any], threshold: float) -> str:
    """What the test says of a lake scored alone at a threshold; there is no q, which comes from all lakes.

    Args:
        lake: A row of `measures.lake_rows`, with the statistics at the threshold.
        threshold: Water is where the probability is above it.
    """
    status = str(lake["status"])
    tested = math.isfinite(float(lake["log_p"]))
    found = f"p = {probability_text(float(lake['log_p']))}" if tested else NOT_TESTED.get(status, "not tested")
    caveat = f"; {CAVEATS[status]}" if status in CAVEATS else ""
    return f"at probability > {threshold:g}: {found}{caveat}"


def slope_words(lake: dict[str, Any], response: str) -> str:
    """The slope with its 95 % interval and unit; empty where there is none."""
    if not math.isfinite(lake["slope"]):
        return ""
    values = [lake[name] for name in ("slope", "ci_low", "ci_high")]
    if response == "log":
        values = [100 * math.expm1(value) for value in values]
    return f"{slope_text(*values)} {slope_unit(response)}"


def focus_sentence(lake: dict[str, Any], label: str, code: int, response: str, said: str, *, beside: str = "", images: bool = True) -> Tag:
    """Name, place, type, area, slope and verdict of a lake, and whether there are no images of it where others have some.

    Args:
        lake: A row of `measures.lake_rows`.
        label: What a person calls it.
        code: Its class code.
        response: What was fitted.
        said: The verdict.
        beside: What else there is to say of its trend.
        images: Whether it has any, or no lake has.
    """
    place = " · ".join(
        str(lake[c]) for c in ("lake_id", "sub_basin", "dam_type") if isinstance(lake[c], str) and lake[c] and lake[c] != label
    )
    height = f"{fixed_text(lake['elevation_m'], 0)} m" if math.isfinite(lake["elevation_m"]) else ""
    area = f"{figure_text(lake['area_km2'])} km²" if math.isfinite(lake["area_km2"]) else "no usable area"
    facts = " · ".join(part for part in (place, height, area, slope_words(lake, response)) if part)
    rest = "".join(f" · {part}" for part in (beside, "" if images else "no images") if part)
    return tags.p(
        tags.strong(label), " ", tags.span(facts, class_="m-focus-facts"), " ",
        tags.span(said, class_=f"m-verdict m-{CLASSES[code]}"),
        tags.span(rest, class_="m-focus-facts") if rest else None,
        class_="m-focus-sentence",
    )  # fmt: skip


def all_lakes_words(lake: dict[str, Any], response: str, threshold: float) -> str:
    """`all at > 0.5: +2.4 %/yr`: what the plots of all lakes go on showing of a lake that is scored at another threshold."""
    slope = lake[slope_name(response)]
    said = f"{figure_text(slope, signed=True)} {slope_unit(response)}" if math.isfinite(slope) else "no trend"
    return f"all at > {threshold:g}: {said}"


def tried_row(store: Store, alone: TrendTable) -> dict[str, Any]:
    """What a lake's row says once it is scored alone: its statistics and its newest usable area."""
    trend = alone.frame.iloc[0].to_dict()
    areas = store.areas(trend["lake_key"], alone.settings)
    usable = areas[(areas["source"] == alone.settings.source) & (areas["reason"] == "ok")]["area_km2"]
    return {name: value for name, value in trend.items() if name not in {"lake_key", "lake_id"}} | {
        "area_km2": float(usable.iloc[-1]) if len(usable) else math.nan
    }


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
        lake, display, shown = selection.rows().iloc[row].to_dict(), selection.display(), selection.trial.table()
        code, response = int(selection.classes()[row]), table.settings.response
        said, beside = verdict(lake, code, display.use, display.alpha), ""
        if shown is not None and shown is not table:
            beside = all_lakes_words(lake, response, store.threshold(table.settings.source, table.settings.threshold))
            lake, code = lake | tried_row(store, shown), code_alone(shown, display)
            said = trial_verdict(lake, store.threshold(shown.settings.source, shown.settings.threshold))
        images = bool(selection.scenes()) or not len(store.scenes)
        return focus_sentence(lake, store.labels[row], code, response, said, beside=beside, images=images)

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
