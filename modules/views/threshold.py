"""The threshold slider: above which probability the focus lake's water counts, and how much its area and its trend hang on that."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shiny.module import resolve_id

from data.records import Scene, TrendSettings
from data.store import Store
from modules.controls import script, text_of
from modules.measures import slope_unit
from modules.numerals import figure_text
from modules.selection import Selection
from modules.trial import slopes_by_threshold

NONE_HERE = "No source of this dataset has probabilities, so there is no threshold to move; `python -m models predict` makes one."
DIGITS = 5


def curves(
    store: Store, lake_key: int | None, settings: TrendSettings, scenes: list[Scene], shared: dict[str, list[float]] | None = None
) -> dict[str, Any]:
    """The focus lake at every threshold of the source under test: km² on each of its scenes, and the slope with its interval.

    Args:
        store: The dataset.
        lake_key: The lake.
        settings: Source, season, method and response; their threshold does not matter.
        scenes: Of the lake.
        shared: `TrendTable.shared` of all lakes.
    """
    unit = slope_unit(settings.response)
    if lake_key is None or settings.source not in store.thresholds:
        return {"unit": unit, "slopes": [], "trend": "", "scenes": {}}
    rows = store.areas_by_threshold(lake_key, settings.source)
    if not len(rows):
        return {"unit": unit, "slopes": [], "trend": "", "scenes": {}}
    slopes = slopes_by_threshold(store, lake_key, settings, shared)
    days = areas_by_day(rows, len(store.thresholds[settings.source]))
    told = {scene.scene_key: _area(days[scene.date]) for scene in scenes if scene.date in days}
    numbers = [[_number(value) for value in row] for row in slopes]
    return {"unit": unit, "slopes": numbers, "trend": trend_words(slopes, unit), "scenes": told}


def areas_by_day(rows: pd.DataFrame, thresholds: int) -> dict[date, np.ndarray]:
    """Day → (T,) km² at each threshold, ascending; days that lack one are left out, and of two masks of a day the first stands.

    Args:
        rows: Of `Store.areas_by_threshold`.
        thresholds: T.
    """
    found: dict[date, np.ndarray] = {}
    for day, mine in rows.drop_duplicates(["date", "threshold"]).groupby("date"):
        areas = mine["area_km2"].to_numpy(dtype=float)
        if len(areas) == thresholds and isinstance(day, pd.Timestamp):
            found[day.date()] = areas
    return found


def _area(areas: np.ndarray) -> dict[str, Any]:
    low, high = float(np.nanmin(areas)), float(np.nanmax(areas))
    words = f"{figure_text(low)} km² at all" if low == high else f"{figure_text(low)} to {figure_text(high)} km²"
    return {"areas": [_number(area) for area in areas], "words": words}


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def trend_words(slopes: np.ndarray, unit: str) -> str:
    """How far the trend hangs on the threshold: `+2.1 to +6.0 %/yr, interval above 0 at 3 of 20 thresholds`.

    Args:
        slopes: (T, 3) slope and the ends of its interval, NaN where there is no trend.
        unit: Of the slope.
    """
    held = slopes[np.isfinite(slopes[:, 0])]
    if not len(held):
        return "no trend at any threshold"
    low, high = (figure_text(float(value), 2, signed=True) for value in (held[:, 0].min(), held[:, 0].max()))
    with np.errstate(invalid="ignore"):
        above, below = int((held[:, 1] > 0).sum()), int((held[:, 2] < 0).sum())
    sides = [f"{side} 0 at {count}" for side, count in (("above", above), ("below", below)) if count]
    sure = f"interval {' and '.join(sides)} of {len(slopes)} thresholds" if sides else f"interval holds 0 at all {len(held)} thresholds"
    return f"{low} to {high} {unit}, {sure}" if low != high else f"{low} {unit}, {sure}"


def why_none(store: Store, source: str, lake: str, *, measured: bool) -> str:
    """Why there is no threshold to move, empty where there is one.

    Args:
        store: The dataset.
        source: The one under test.
        lake: What a person calls the lake in focus, empty without one.
        measured: Whether the source has areas of it at every threshold.
    """
    if not store.thresholds:
        return NONE_HERE
    if source not in store.thresholds:
        return f"No probabilities behind areas by {source}, so no threshold to move."
    return "" if measured or not lake else f"No probabilities of {lake} by {source}, so no threshold to move."


@module.ui
def threshold_ui(store: Store) -> Tag | None:
    """The slider with a strip of area and trend over it; `www/threshold.js` fills it. None where the dataset has no images at all."""
    if not len(store.scenes) and not store.thresholds:
        return None
    slider, why = resolve_id("slider"), resolve_id("why")
    strip = tags.div(class_="m-threshold-strip", aria_hidden="true")
    quiet = "btn-sm m-quiet-button"
    buttons = tags.div(
        ui.input_action_button("take", "All lakes", class_=quiet),
        ui.input_action_button("back", "↺", class_=quiet),
        tags.span("as all lakes", class_="m-threshold-all m-quiet"),
        class_="m-threshold-buttons",
    )
    handle = tags.input(type="range", id=slider, min=0, max=19, step=1, aria_describedby=why)
    track = tags.div(strip, tags.div(handle, buttons, class_="m-threshold-hand"), class_="m-threshold-track")
    return tags.div(
        script("threshold.js"),
        tags.label(tags.span(class_="m-threshold-source"), tags.span(class_="m-threshold-said"), **{"for": slider}),
        track,
        tags.p(id=why, class_="m-threshold-why m-quiet"),
        tags.div(*(_other(source) for source in store.thresholds), class_="m-threshold-others"),
        class_="m-threshold",
        data_input=resolve_id("sent"),
        data_source=resolve_id("source"),
        data_state="none",
        role="group",
        aria_label="Probability threshold",
    )  # fmt: skip


def _other(source: str) -> Tag:
    return tags.button(f"Test {source}", type="button", class_="btn btn-sm m-quiet-button", data_other=source)


@module.server
def threshold_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @reactive.calc
    def drawn() -> dict[str, Any]:
        table = selection.table()
        return curves(store, selection.focus(), selection.settings(), selection.scenes(), table.shared if table is not None else None)

    # Before the plots, so that the slider knows at once that it was heard.
    @reactive.effect(priority=9)
    async def _tell() -> None:
        live, settings, focus = selection.trial.live(), selection.settings(), selection.focus()
        source = settings.source
        label = store.labels[store.row_of(focus) or 0] if focus is not None else ""
        told = drawn()
        at, every, own = (store.threshold(source, wanted) for wanted in (live.threshold, settings.threshold, None))
        await session.send_custom_message(
            "moraine-threshold",
            {
                **told, "source": source, "values": list(store.thresholds.get(source, ())), "at": at, "all": every, "own": own,
                "why": why_none(store, source, label, measured=bool(told["slopes"])), "lake": label,
            },
        )  # fmt: skip

    @reactive.effect
    @reactive.event(input.sent)
    def _take_value() -> None:
        said = input.sent()
        if isinstance(said, dict) and isinstance(said.get("value"), int | float):
            selection.trial.set(float(said["value"]), moving=said.get("moving") is True)

    @reactive.effect
    @reactive.event(input.take)
    def _take() -> None:
        selection.trial.take()

    @reactive.effect
    @reactive.event(input.back)
    def _back() -> None:
        """The lake as all lakes; pressed once more, all lakes as the dataset has it."""
        if selection.trial.threshold() is not None:
            selection.trial.set(None)
        else:
            selection.settings.set(store.at_threshold(selection.settings(), None))

    @reactive.effect
    @reactive.event(input.source)
    def _source() -> None:
        source = text_of(input.source())
        if source in store.thresholds:
            selection.change_source(source)
