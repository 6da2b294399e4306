"""Worst first: image, prediction, label and errors of every scene, the worst at the top, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from modules.controls import TAKE_FIRST, text_of, turn_pages
from modules.judging.export import file_name, scores_csv
from modules.judging.inspection import SORTS, Inspection, Seen, worst_first, worst_source
from modules.judging.metrics import METRICS
from modules.judging.seen import SeenScores
from modules.judging.triples import Sight, area_text, triple
from modules.selection import Selection

PAGE = 6
"""Scenes a page."""
SIDE_BY_SIDE = 4
"""Sources whose errors stand side by side where they are asked to disagree."""
SORT_CHOICES = {"": "the metric above", **{name: metric.words for name, metric in METRICS.items()}, **SORTS}
NOBODY = "No scene is left that can be ordered so: loosen the filters, choose another order, or, for disagreement, two sources or more."


def worst_tags(store: Store, found: Seen, inspection: Inspection, order: pd.DataFrame, sight: Sight) -> Tag:
    """The triples of some scenes.

    Args:
        store: The dataset.
        found: The scores.
        inspection: Says what they are ordered by.
        order: Rows of `worst_first`.
        sight: How scenes are drawn.
    """
    disagree = inspection.sort == "disagreement"
    sources = found.sources[:SIDE_BY_SIDE] if disagree else (worst_source(found, inspection),)
    by = {source: found.of(source) for source in sources}
    entries: list[Tag | None] = []
    for key in order["scene_key"].tolist():
        rows = [held.loc[key] for held in by.values() if key in held.index]
        entries.append(triple(store, rows, sight, [caption(row, inspection) for row in rows]))
    return tags.ol(*entries, class_="m-worst m-worst-wide" if disagree else "m-worst")


def caption(row: pd.Series, inspection: Inspection) -> str:
    """`IoU 0.412 · area error 12.0 % · 0.120 km² (label 0.131)`."""
    sort = inspection.sort or inspection.metric
    metric = METRICS[sort if sort in METRICS else inspection.metric]
    parts = [f"{metric.words} {metric.text(float(row[metric.column]))}"]
    if pd.notna(row["area_bias"]) and metric.column != "area_error":
        parts.append(f"area {METRICS['area_error'].text(float(row['area_bias']), signed=True)}")
    return " · ".join(part for part in (*parts, area_text(row)) if part)


def order_words(found: Seen, inspection: Inspection, first: int, shown: int, total: int) -> str:
    """`1 to 6 of 1,060 scenes, by IoU of water_index, the worst first`."""
    if not total:
        return "0 of 0 scenes"
    sort = inspection.sort or inspection.metric
    what = METRICS[sort].words if sort in METRICS else SORTS[sort]
    whose = (
        f" ({METRICS[inspection.metric].words}: largest less smallest)"
        if sort == "disagreement"
        else f" of {worst_source(found, inspection)}"
    )
    behind = f"; {len(found.left_out):,} more are scored, but their images are not in this pack" if len(found.left_out) else ""
    return f"{first + 1:,} to {first + shown:,} of {total:,} scenes, by {what}{whose}, the worst first{behind}"


@module.ui
def worst_first_ui(inspection: Inspection) -> Tag:
    return tags.div(
        tags.div(
            ui.input_select("sort", "Order by", SORT_CHOICES, selected=inspection.sort),
            ui.input_select("worst_of", "of", [inspection.worst_of] if inspection.worst_of else [], selected=inspection.worst_of),
            ui.download_button("csv", "CSV", class_="m-button", icon=None, aria_label="Save the scores of all scenes listed as CSV"),
            class_="m-inspection-row",
        ),
        tags.p(ui.output_text("said", inline=True), class_="m-inspection-said", role="status"),
        ui.output_ui("entries"),
        tags.div(
            ui.input_action_button("back", "‹ previous", class_="btn-sm m-button"),
            ui.input_action_button("on", "next ›", class_="btn-sm m-button"),
            class_="m-gallery-pages",
        ),
    )


@module.server
def worst_first_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    at = reactive.Value(0)

    @reactive.calc
    def order() -> pd.DataFrame:
        return worst_first(scores.seen(), selection.inspection())

    def last() -> int:
        return max(len(order()) - 1, 0) // PAGE

    @reactive.calc
    def first() -> int:
        return min(at(), last()) * PAGE

    @render.text
    def said() -> str:
        return order_words(scores.seen(), selection.inspection(), first(), len(order().iloc[first() : first() + PAGE]), len(order()))

    @render.ui
    def entries() -> Tag | TagList:
        if order().empty:
            return tags.p(NOBODY, class_="m-empty")
        return worst_tags(store, scores.seen(), selection.inspection(), order().iloc[first() : first() + PAGE], scores.sight())

    @render.download_button(filename=lambda: file_name(store, "scores"))
    async def csv() -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(scores_csv, store, scores.seen(), order())

    _choose(input, selection, scores)
    turn_pages(input, at, last, order)


def _choose(input: Inputs, selection: Selection, scores: SeenScores) -> None:
    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input.sort)
    def _take_order() -> None:
        if text_of(input.sort()) in SORT_CHOICES:
            selection.change_inspection(sort=text_of(input.sort()))

    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input.worst_of)
    def _take_source() -> None:
        chosen, found = text_of(input.worst_of()), scores.seen()
        if chosen in found.sources and chosen != worst_source(found, selection.inspection()):
            selection.change_inspection(worst_of=chosen)

    @reactive.effect
    def _offer() -> None:
        found = scores.seen()
        ui.update_select("worst_of", choices=list(found.sources), selected=worst_source(found, selection.inspection()))
