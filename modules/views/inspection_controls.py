"""What the Predictions page looks at: metric, scope, sources and filters; and, in words, what that leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from models.summary import ORDER
from modules.controls import TAKE_FIRST, text_of, texts_of
from modules.judging.frame import scene_facts
from modules.judging.inspection import FILTERS, MOST, SCOPES, Inspection, Seen
from modules.judging.metrics import METRICS
from modules.judging.seen import SeenScores
from modules.judging.triples import error_key
from modules.numerals import fixed_text
from modules.selection import Selection

SCOPE_CHOICES = {"": "the lake's, where known", **SCOPES}
FILTER_WORDS = {"reasons": "Reason", "sizes": "Size of the water", "places": "Sub-basin or region", "splits": "Split"}


def filter_choices(store: Store) -> dict[str, list[str]]:
    """Field of an inspection → what can be chosen."""
    facts, _ = scene_facts(store)
    found = {field: sorted(set(facts[column])) for field, column in FILTERS.items() if column != "size"}
    return {**found, "sizes": list(ORDER)}


def seen_words(found: Seen, thresholds: dict[str, float], *, simulated: bool) -> str:
    """`1,060 of 1,200 scenes · the scene's lake · against label · water_index: water above 0.5 · simulated`: what every figure rests on."""
    labels = ", ".join(sorted(set(found.rows["label"]))) if len(found.rows) else "no label"
    parts = [f"{found.scenes:,} of {found.total:,} scenes", SCOPES[found.scope], f"against “{labels}”"]
    for source in found.sources:
        own = found.of(source)
        soft = own["threshold"].notna().any()
        cut = f"water above {thresholds.get(source, 0.5):g}" if soft else "a mask without probabilities" if len(own) else "nothing left"
        parts.append(f"{source}: {fixed_text(len(own), 0)} scenes, {cut}")
    return " · ".join([*parts, *(["simulated"] if simulated else [])])


@module.ui
def inspection_controls_ui(store: Store, inspection: Inspection) -> Tag:
    sources = [source for source in store.scenes.sources if source != "label"] or list(store.scenes.sources)
    choices = filter_choices(store)
    metrics = {name: metric.words for name, metric in METRICS.items()}
    filters = [_several(field, words, choices[field], getattr(inspection, field)) for field, words in FILTER_WORDS.items()]
    held = any(getattr(inspection, field) for field in FILTERS)
    return tags.div(
        tags.div(
            ui.input_select("metric", "Metric", metrics, selected=inspection.metric),
            ui.input_select("scope", "Scope", SCOPE_CHOICES, selected=inspection.scope),
            _several("sources", f"Sources (none chosen: all, up to {MOST})", sources, inspection.sources),
            class_="m-inspection-row",
        ),
        tags.details(
            tags.summary("Filter scenes"),
            tags.div(*filters, ui.input_action_button("clear", "Clear filters", class_="m-button"), class_="m-inspection-row"),
            open="" if held else None,
        ),
        tags.p(ui.output_text("said", inline=True), class_="m-inspection-said", role="status"),
        tags.p(ui.output_text("about", inline=True), class_="m-quiet m-inspection-about"),
        error_key(),
        class_="m-inspection",
    )  # fmt: skip


def _several(id: str, words: str, choices: list[str], selected: tuple[str, ...]) -> Tag:
    return ui.input_selectize(id, words, choices, selected=list(selected), multiple=True, remove_button=True)


@module.server
def inspection_controls_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores
) -> None:
    _take(input, selection)

    @reactive.effect
    @reactive.event(input.clear)
    def _clear() -> None:
        for field in FILTERS:
            ui.update_selectize(field, selected=[])

    @render.text
    def said() -> str:
        thresholds = {source: store.threshold(source) for source in scores.seen().sources}
        return seen_words(scores.seen(), thresholds, simulated=store.meta.simulated)

    @render.text
    def about() -> str:
        metric = METRICS[scores.metric()]
        return f"{metric.words}: {metric.about} {'Less is better.' if metric.low_is_good else 'More is better.'}"


def _take(input: Inputs, selection: Selection) -> None:
    known: dict[str, Any] = {"metric": METRICS, "scope": SCOPE_CHOICES}

    def take(name: str, read: Callable[[object], Any]) -> None:
        @reactive.effect(priority=TAKE_FIRST)
        @reactive.event(input[name])
        def _take_one() -> None:
            value = read(input[name]())
            if name not in known or value in known[name]:
                selection.change_inspection(**{name: value})

    for name in known:
        take(name, text_of)
    for name in ("sources", *FILTERS):
        take(name, texts_of)
