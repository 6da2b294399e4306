"""The focus line: which lake is in focus, in one sentence, with the way to the next one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.plain_text import cut
from data.records import TrendTable
from data.store import Store
from modules.bend import bend_words
from modules.detection import reach_words
from modules.figures import CLASSES
from modules.flagged import of_lake, short_words
from modules.measures import slope_words
from modules.numerals import figure_text, fixed_text
from modules.selection import Selection
from modules.trial import code_alone
from modules.verdicts import all_lakes_words, other_words, trial_verdict, verdict

NAMED = ("drainage", "end", "outlier", "sensor")
"""Kinds of flags that the line names, since they change a verdict; the area series says all."""


@dataclass(frozen=True)
class Said:
    """What is said of a lake's trend.

    Args:
        verdict: What the test says.
        by: Whose areas the slope is of, where two sources are compared.
        beside: What else there is to say: of the threshold of all lakes, and by the other source.
        added: How many points this session added to its series.
        reach: What change it could have shown.
        triage: The kind of lake it is, empty as long as that is not known.
        burst: When it burst, as far as records tell.
        flags: What else is to be known of its series, in few words.
    """

    verdict: str
    by: str = ""
    beside: str = ""
    added: int = 0
    reach: str = ""
    triage: str = ""
    burst: str = ""
    flags: str = ""


def focus_sentence(lake: dict[str, Any], label: str, code: int, response: str, said: Said, *, images: bool = True) -> Tag:
    """Name, place, type, area, slope and verdict of a lake, and whether there are no images of it where others have some."""
    held = (lake[name] for name in ("lake_id", "sub_basin", "dam_type"))
    place = " · ".join(cut(text) for text in held if isinstance(text, str) and text and cut(text) != label)
    height = f"{fixed_text(lake['elevation_m'], 0)} m" if math.isfinite(lake["elevation_m"]) else ""
    area = f"{figure_text(lake['area_km2'])} km²" if math.isfinite(lake["area_km2"]) else "no usable area"
    slope = slope_words(lake, response)
    facts = " · ".join(part for part in (place, height, area, f"{slope} by {said.by}" if slope and said.by else slope) if part)
    rest = "".join(
        f" · {part}" for part in (bend_words(lake, response), said.reach, said.beside, said.flags, "" if images else "no images") if part
    )
    added = f" · with {said.added} point{'s' * (said.added != 1)} of this session"
    return tags.p(
        tags.strong(label), " ", tags.span(facts, class_="m-focus-facts"), " ",
        tags.span(said.verdict, class_=f"m-verdict m-{CLASSES[code]}"),
        tags.span(f" · triage: {said.triage}", class_="m-focus-triage", title="What its trend most likely is") if said.triage else None,
        tags.span(f" · burst {said.burst}", class_="m-focus-flood") if said.burst else None,
        tags.span(added, class_="m-focus-added") if said.added else None,
        tags.span(rest, class_="m-focus-facts") if rest else None,
        class_="m-focus-sentence",
    )  # fmt: skip


def tried_row(store: Store, alone: TrendTable) -> dict[str, Any]:
    """What a lake's row says once it is scored alone: its statistics and its newest usable area."""
    trend = alone.frame.iloc[0].to_dict()
    areas = store.areas(trend["lake_key"], alone.settings)
    usable = areas[(areas["source"] == alone.settings.source) & (areas["reason"] == "ok")]["area_km2"]
    return {name: value for name, value in trend.items() if name not in {"lake_key", "lake_id"}} | {
        "area_km2": float(usable.iloc[-1]) if len(usable) else math.nan
    }


@module.ui
def focus_line_ui(*more: Tag) -> Tag:
    """The line, and what else a person can press in it."""
    return tags.div(
        tags.div(
            ui.input_action_button("previous", "‹", class_="btn-sm m-step", aria_label="Previous lake in order of significance"),
            ui.input_action_button("next", "›", class_="btn-sm m-step", aria_label="Next lake in order of significance"),
            class_="m-steps",
        ),
        ui.output_ui("sentence", class_="m-focus-text"),
        *more,
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
        said, tried = Said(verdict(lake, code, display.use, display.alpha)), shown if shown is not table else None
        if tried is not None:
            beside = all_lakes_words(lake, response, store.threshold(table.settings.source, table.settings.threshold))
            lake, code = lake | tried_row(store, tried), code_alone(tried, display)
            said = Said(trial_verdict(lake, store.threshold(tried.settings.source, tried.settings.threshold)), beside=beside)
        refit = selection.session.refit()
        if refit is not None:
            lake, code = lake | refit.statistics, refit.code
            fresh = trial_verdict(lake, store.threshold(tried.settings.source, tried.settings.threshold)) if tried is not None else None
            said = replace(said, verdict=fresh or verdict(lake, code, display.use, display.alpha), added=len(selection.session.here()))
        alone = tried is not None or refit is not None
        said = replace(said, burst=str(store.floods.last["flood_words"].iat[row]))
        said = replace(said, reach=reach_words(lake, response))
        flags = selection.flags()
        if flags is not None and not alone:
            said = replace(said, flags=short_words(of_lake(flags, int(store.lake_keys[row]), NAMED)))
        other = selection.compared()
        if other is not None:
            parts = (said.beside, other_words(other, row, response, display.use))
            said = replace(said, by=table.settings.source, beside=" · ".join(filter(None, parts)))
        triage = selection.triage()
        if triage is not None:
            said = replace(said, triage=str(triage["kind"].iat[row]))
        images = bool(selection.scenes()) or not len(store.scenes)
        return focus_sentence(lake, store.labels[row], code, response, said, images=images)

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
