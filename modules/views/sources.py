"""Whose areas the volcano shows, and whose it is compared with: two choices over the plot, and in how far the two agree."""

from __future__ import annotations

from functools import partial

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.classes import NOT_TESTED, classes
from modules.choices import Display
from modules.controls import link_control
from modules.selection import Selection

NOTHING = {"": "nothing"}
AGREE = "Lakes in the same class by both (growing, shrinking, not significant), of those that both test; each source by its own q"


def compare_choices(sources: tuple[str, ...], source: str) -> dict[str, str]:
    """What a source can be compared with: nothing, or any other."""
    return NOTHING | {name: name for name in sources if name != source}


def agreement_words(table: TrendTable, other: TrendTable, display: Display) -> str:
    """`95 of 118 agree`, of the lakes that both test; each class by the source's own statistics, q over its own family."""
    mine, theirs = (classes(each, display.use, display.alpha, display.effect) for each in (table, other))
    both = (mine != NOT_TESTED) & (theirs != NOT_TESTED)
    if not both.any():
        return "no lake is tested by both"
    same = int(np.count_nonzero(mine[both] == theirs[both]))
    return f"{same:,} of {np.count_nonzero(both):,} agree"


@module.ui
def sources_ui(store: Store, settings: TrendSettings, display: Display) -> Tag | None:
    """None where there is no choice: one source, without probabilities."""
    if len(store.sources) < 2 and not store.thresholds:
        return None
    others = compare_choices(store.sources, settings.source)
    return tags.div(
        ui.input_select("source", "areas by", list(store.sources), selected=settings.source),
        ui.output_ui("above", class_="m-sources-above"),
        ui.input_select("compare", "compare with", others, selected=display.compare) if len(store.sources) > 1 else None,
        tags.span(
            ui.output_text("agreement", inline=True),
            class_="m-quiet",
            role="status",
            title=AGREE,
        ),
        class_="m-sources",
    )


@module.server
def sources_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    if len(store.sources) < 2 and not store.thresholds:
        return
    _link(input, store, selection)

    @render.text
    def agreement() -> str:
        other = selection.compared()
        return "" if other is None else agreement_words(selection.fitted(), other, selection.display())

    @render.ui
    def above() -> Tag | None:
        threshold = selection.fitted().settings.threshold
        if threshold is None:
            return None
        back = f"All lakes back to > {store.threshold(selection.fitted().settings.source):g}, the dataset's own"
        button = ui.input_action_button("own", "↺", class_="btn-sm m-quiet-button", title=back, aria_label=back)
        return tags.span(f"probability > {threshold:g}", button)

    @reactive.effect
    @reactive.event(input.own)
    def _own() -> None:
        selection.settings.set(store.at_threshold(selection.settings(), None))


def _link(input: Inputs, store: Store, selection: Selection) -> None:
    link_control(
        input,
        "source",
        held=lambda: selection.settings().source,
        read=partial(_known, known=store.sources),
        take=selection.change_source,
        move=lambda value: ui.update_select("source", selected=value),
        default=store.settings().source,
    )
    link_control(
        input,
        "compare",
        held=lambda: (selection.settings().source, selection.display().compare),
        read=lambda sent: (selection.settings().source, _known(sent, ("", *store.sources))),
        take=lambda pair: selection.compare_with(pair[1]),
        move=lambda pair: ui.update_select("compare", choices=compare_choices(store.sources, pair[0]), selected=pair[1]),
        default=(store.settings().source, ""),
    )


def _known(sent: object, known: tuple[str, ...]) -> str:
    if not isinstance(sent, str) or sent not in known:
        raise ValueError(sent)
    return sent
