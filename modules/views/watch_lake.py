"""One lake of the watch-list: what put it where it is, and how much water it may hold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui

from data.store import Store
from data.watchlist.components import COMPONENTS
from data.watchlist.given import Given
from data.watchlist.rank import Ranking
from data.watchlist.volumes import DISCHARGE, RELATIONS, peak_discharge, volume_range
from modules.numerals import NONE, figure_text, fixed_text
from modules.selection import Selection
from modules.verdicts import verdict
from modules.watching.state import Watching
from modules.watching.words import likely_words, place_words, range_text, scaled_text, value_text


def component_rows(ranking: Ranking, row: int, response: str) -> list[Tag]:
    """One table row a component: value, place between 0 and 1, weight, contribution. Those without weight last."""
    rows: list[Tag] = []
    for name, values in sorted(ranking.raw.items(), key=lambda item: item[0] not in ranking.names):
        component, weighed = COMPONENTS[name], name in ranking.names
        at = ranking.names.index(name) if weighed else -1
        scaled = ranking.every_scaled[name][row]
        part = float(ranking.parts[row, at]) if weighed else math.nan
        unit = f" {component.unit_for(response)}" if component.unit and math.isfinite(values[row]) else ""
        missing = not math.isfinite(values[row])
        rows.append(
            tags.tr(
                tags.th(component.title, scope="row", title=component.help),
                tags.td("missing" if missing else value_text(name, float(values[row])) + unit, class_="m-number"),
                tags.td(scaled_text(component, float(scaled)), class_="m-number"),
                tags.td(f"{ranking.weights[at]:g}" if weighed else "", class_="m-number"),
                tags.td(fixed_text(part, 3) if weighed and not math.isnan(part) else NONE if weighed else "", class_="m-number"),
            )
        )
    return rows


def water_words(area_km2: float) -> Tag:
    """The volumes that published relations give for an area, each with its source, and the discharge that follows."""
    if not math.isfinite(area_km2) or area_km2 <= 0:
        return tags.p("No clear observation, so no volume.", class_="m-quiet")
    area = np.array([area_km2])
    low, middle, high = volume_range(area)
    flow = [float(peak_discharge(each)[0]) for each in (low, high)]
    each = [
        tags.li(
            f"{relation.authors}: {figure_text(float(relation.volume(area * 1e6)[0]) / 1e6, 2)}", " · ", relation.formula,
            f" · {relation.caution}" if relation.caution else "", title=relation.cite,
        )
        for relation in RELATIONS
        if area_km2 <= relation.most_km2
    ]  # fmt: skip
    return TagList(
        tags.p(f"Volume {range_text(float(low[0]), float(high[0]))} million m³, median {figure_text(float(middle[0]), 2)}."),
        tags.p(f"Peak discharge, all of it at once: {range_text(*flow)} m³/s ({DISCHARGE})."),
        tags.details(
            tags.summary("Relations between area and volume"),
            tags.ul(*each),
            tags.p(
                "In million m³. Such fits are partly correlated with themselves (Cook & Quincey 2015), and single lakes lie far off: take "
                "the range, not a figure. Coefficients as other works cite them; check the source before you publish."
            ),
            class_="m-quiet",
        ),
    )  # fmt: skip


def lake_panel(store: Store, given: Given, ranking: Ranking, row: int, said: Sequence[str]) -> Tag:
    """All that the score of one lake hides."""
    heads = ["Component", "Value", "Scaled, 0 to 1", "Weight", "Contribution"]
    table = tags.table(
        tags.thead(tags.tr(*(tags.th(head, scope="col", class_="" if n == 0 else "m-number") for n, head in enumerate(heads)))),
        tags.tbody(*component_rows(ranking, row, given.table.settings.response)),
        class_="m-lakes",
    )
    return tags.div(
        tags.h3(store.labels[row], " ", tags.span(store.ids[row] if store.ids[row] != store.labels[row] else "", class_="m-quiet")),
        *(tags.p(words) for words in said),
        tags.p(place_words(ranking, row)),
        tags.div(table, class_="m-figures-scroll"),
        tags.h4("Water"),
        water_words(float(given.last_clear["area_km2"].iloc[row])),
    )


@module.ui
def watch_lake_ui() -> Tag:
    return tags.div(
        tags.div(
            ui.input_action_button("previous", "‹", class_="btn-sm m-step", aria_label="Previous lake of the list"),
            ui.input_action_button("next", "›", class_="btn-sm m-step", aria_label="Next lake of the list"),
            ui.input_action_button("open", "Open in Explore", class_="btn-sm m-button"),
            class_="m-steps",
        ),
        ui.output_ui("panel"),
        class_="m-watch-lake",
    )


@module.server
def watch_lake_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, watching: Watching) -> None:
    @render.ui
    def panel() -> Tag:
        focus, held = selection.focus(), watching.worked()
        row = store.row_of(focus) if focus is not None else None
        if row is None:
            return tags.p("Click a lake of the list, or step with ‹ ›: what put it there appears here.", class_="m-empty")
        req(held.given.table is selection.fitted())
        display = selection.display()
        said = verdict(selection.rows().iloc[row].to_dict(), int(selection.classes()[row]), display.use, display.alpha)
        triage = selection.triage()
        likely = [] if triage is None else [likely_words(triage, row)]
        verdict_now = str(selection.reviews.verdicts()[row])
        reviewed = [f"Reviewed: {verdict_now}."] if verdict_now else []
        return lake_panel(store, held.given, watching.ranking(), row, [said, *likely, *reviewed])

    @reactive.effect
    @reactive.event(input.next)
    def _next() -> None:
        watching.step(1)

    @reactive.effect
    @reactive.event(input.previous)
    def _previous() -> None:
        watching.step(-1)

    @reactive.effect
    @reactive.event(input.open)
    def _open() -> None:
        selection.show_page("explore")
