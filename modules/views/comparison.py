"""Sources compared: means of every metric with their intervals, and paired differences to one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from models.bootstrap import DRAWS
from modules.controls import TAKE_FIRST, text_of
from modules.judging.comparison import comparison_frame
from modules.judging.export import csv_bytes, file_name
from modules.judging.inspection import Seen
from modules.judging.marks import interval_mark
from modules.judging.metrics import METRICS
from modules.judging.seen import SeenScores
from modules.selection import Selection

FEW = 10
"""Clusters below which an interval is too short more often than not."""


def comparison_tags(frame: pd.DataFrame, metric: str, base: str, unit: str) -> TagList:
    """The two tables.

    Args:
        frame: Of `comparison_frame`.
        metric: The one that is drawn as well as written.
        base: The source that others are held against; empty where there is one source only.
        unit: What was resampled.
    """
    alone = frame["minus"].isna()
    parts: list[Tag] = [_table(frame.loc[alone], metric, "Mean over scenes, 95 % interval", difference=False)]
    if base and (~alone).any():
        parts.append(_table(frame.loc[~alone], metric, f"Difference to {base} on the scenes that both have", difference=True))
    return TagList(*parts, tags.p(resampling_words(frame, unit), class_="m-quiet"))


def resampling_words(frame: pd.DataFrame, unit: str) -> str:
    """How the intervals were made, and when not to trust them."""
    clusters = int(frame["clusters"].max()) if len(frame) else 0
    said = f"Intervals: {DRAWS:,} bootstrap draws of whole {unit} ({clusters}), since scenes of one resemble each other."
    if clusters < 2:
        return f"{said} With fewer than two there is nothing to resample, so no interval."
    return said + (" So few of them make intervals that are too short: take them as a hint." if clusters < FEW else "")


def _table(frame: pd.DataFrame, metric: str, title: str, *, difference: bool) -> Tag:
    wide = frame.loc[frame["metric"] == metric, ["low_95", "high_95", "mean"]].to_numpy(dtype=float)
    held = wide[np.isfinite(wide)]
    ends = (float(held.min()), float(held.max())) if len(held) else (0.0, 1.0)
    if difference:
        ends = (min(ends[0], 0.0), max(ends[1], 0.0))
    heads = ["", "scenes", METRICS[metric].words, *(each.words for each in METRICS.values())]
    rows = [_row(str(source), mine, metric, ends, difference=difference) for source, mine in frame.groupby("source", sort=False)]
    head = tags.thead(tags.tr(*(tags.th(name, scope="col", aria_hidden="true" if at == 2 else None) for at, name in enumerate(heads))))
    table = tags.table(tags.caption(title), head, tags.tbody(*rows), class_="m-figures m-compare")
    return tags.div(table, class_="m-table-scroll", tabindex="0", role="region", aria_label=title)


def _row(source: str, mine: pd.DataFrame, metric: str, ends: tuple[float, float], *, difference: bool) -> Tag:
    by = mine.set_index("metric")
    low, mean, high = (float(by.loc[metric, name]) for name in ("low_95", "mean", "high_95"))
    mark = tags.td(interval_mark(ends, low, mean, high, 0.0 if difference else None), class_="m-mark-cell", aria_hidden="true")
    cells = [tags.td(*_figures(by.loc[name], name, difference=difference)) for name in METRICS]
    return tags.tr(tags.th(source, scope="row"), tags.td(f"{int(by['scenes'].max()):,}"), mark, *cells)


def _figures(row: pd.Series, name: str, *, difference: bool) -> tuple[str, Tag | None]:
    metric = METRICS[name]
    mean = metric.text(float(row["mean"]), signed=difference)
    if not np.isfinite(row["low_95"]):
        return mean, None
    bounds = (metric.text(float(row[end]), signed=difference).removesuffix(f" {metric.unit}") for end in ("low_95", "high_95"))
    return mean, tags.span(f"[{', '.join(bounds)}]", class_="m-quiet")


@module.ui
def comparison_ui() -> Tag:
    return tags.div(
        tags.div(
            ui.input_select("base", "Held against", []),
            ui.download_button("csv", "CSV", class_="m-button", icon=None, aria_label="Save the comparison as CSV"),
            class_="m-inspection-row",
        ),
        ui.output_ui("tables"),
    )


@module.server
def comparison_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    @reactive.extended_task
    async def compare(found: Seen, base: str) -> pd.DataFrame:
        return await asyncio.to_thread(comparison_frame, found, base)

    @reactive.calc
    def base() -> str:
        pair = scores.pair()
        return pair[0] if pair else ""

    @reactive.effect
    def _compare() -> None:
        found, against = scores.seen(), base()
        compare.cancel()
        compare.invoke(found, against)

    @reactive.effect
    def _offer() -> None:
        ui.update_select("base", choices=list(scores.seen().sources), selected=base() or None)

    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input.base)
    def _take() -> None:
        chosen, pair = text_of(input.base()), scores.pair()
        if pair and chosen in scores.seen().sources and chosen != pair[0]:
            selection.change_inspection(pair=(chosen, pair[0] if pair[1] == chosen else pair[1]))

    @render.ui
    def tables() -> Tag | TagList:
        if not scores.seen().scenes:
            return tags.p("No scene is left: loosen the filters.", class_="m-empty")
        return comparison_tags(compare.result(), scores.metric(), base(), scores.seen().unit)

    @render.download_button(filename=lambda: file_name(store, "comparison"))
    async def csv() -> AsyncIterator[bytes]:
        frame = await asyncio.to_thread(comparison_frame, scores.seen(), base())
        yield csv_bytes(store, frame)
