"""The sidebar group *Show*: which lakes are shown. Filters never change a statistic."""

from __future__ import annotations

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.at_once import at_once, too_many_words
from data.flags import FLAGS
from data.records import TrendTable
from data.store import Store
from data.trends.quiet import KIND_WORDS
from data.triage import KINDS
from modules.choices import Filters, Range
from modules.column_filters import column_filters_server, column_filters_ui
from modules.controls import input_range, link_control, outward, range_of, text_of, texts_of, update_range, with_reset
from modules.facets import TREND_ORDER, counted, flag_offers, offers, opening_counts
from modules.flag_filters import FLAG_FIELDS, flag_controls
from modules.lake_ids import Found, found_lakes, listed, report
from modules.lake_picker import offer_lakes
from modules.measures import measure, slope_unit
from modules.reviewing.filtering import review_filter_server, review_filter_ui
from modules.selection import Selection
from modules.triage_controls import triage_controls

CHOICES = (("basins", "basin", "Basin"), ("sub_basins", "sub_basin", "Sub-basin"), ("dam_types", "dam_type", "Lake type"))
"""Field of Filters, column of `lakes`, words."""

RANGES = ("area", "elevation", "observations")


def range_bounds(store: Store) -> dict[str, Range]:
    """What the ranges span, by field of Filters; a field with fewer than two different values is left out."""
    counts, elevation = store.area_counts, store.lakes["elevation_m"].dropna()
    height = (float(elevation.min()), float(elevation.max())) if len(elevation) else (0.0, 0.0)
    spans = {"area": counts.area, "elevation": height if height[0] < height[1] else None, "observations": counts.each}
    return {name: outward(*span, log=name == "area") for name, span in spans.items() if span is not None}


def active_names(filters: Filters) -> list[str]:
    """The filters that are on, in words."""
    names = [words.lower() for field, _, words in CHOICES if getattr(filters, field)]
    names += ["trend"] * bool(filters.trends) + ["triage"] * bool(filters.triage)
    names += [name for name in (*RANGES, "slope") if getattr(filters, name)]
    names += [column for column, kept in filters.extras if kept]
    names += ["flags"] * filters.by_flags + ["review"] * bool(filters.reviews)
    return names + ["a list of ids"] * bool(filters.lake_keys) + ["images"] * filters.images + ["recorded floods"] * filters.floods


def shown_words(shown: int, total: int, filters: Filters) -> str:
    """`412 of 1,423 lakes shown: basin, area`."""
    names = active_names(filters)
    words = f"{shown:,} of {total:,} lakes shown" + (f" (by {', '.join(names)})" if names else "")
    return words if shown or not names else f"{words}: reset one of these with ↺, or press Show every lake"


@module.ui
def show_filters_ui(store: Store, filters: Filters) -> Tag:
    """The body of the group, with the values of the URL in place."""
    listed_ids = listed(filters.lake_keys, store.lakes, store.names) if filters.lake_keys else ""
    ids = ui.input_text_area("ids", "Ids or names", listed_ids, rows=2, placeholder="paste any number of ids", spellcheck="false")
    return tags.div(
        tags.p("Filters never change a statistic.", class_="m-quiet"),
        tags.p(ui.output_text("count", inline=True), class_="m-count", aria_live="polite"),
        _switch("images", f"Only lakes with images ({len(store.scenes.lakes):,})", len(store.scenes.lakes), store, filters),
        _switch("floods", f"Only lakes with a flood ({store.floods.burst.sum():,})", int(store.floods.burst.sum()), store, filters),
        _choice_controls(store, filters),
        with_reset("trend", "reset_trends", _trend_control(filters)),
        *_beside_controls(store, filters),
        review_filter_ui("said"),
        ui.output_ui("slope_range", class_="m-slope-range"),
        _range_controls(store, filters),
        column_filters_ui("columns", store),
        ui.input_selectize("lake", "Lake", [], multiple=True, options={"placeholder": "add one by id or name"}),
        with_reset("ids", "reset_ids", ids),
        tags.p(ui.output_text("ids_found", inline=True), class_="m-quiet", aria_live="polite"),
        ui.input_action_button("reset_all", "Show every lake", class_="m-button"),
        class_="m-group m-show",
    )


def _beside_controls(store: Store, filters: Filters) -> TagList:
    """The filters by triage and flags; where nobody works them out, why there are none."""
    if at_once(len(store.lakes)) or filters.triage or filters.by_flags:
        return TagList(triage_controls(filters), flag_controls(filters))
    return TagList(tags.p(too_many_words("Triage and flags are"), class_="m-quiet"))


def _switch(field: str, words: str, count: int, store: Store, filters: Filters) -> Tag | None:
    """Where it would part some lakes from others, or a link asks for it."""
    on = getattr(filters, field)
    return with_reset(field, f"reset_{field}", ui.input_switch(field, words, on)) if 0 < count < len(store.lakes) or on else None


def _choice_controls(store: Store, filters: Filters) -> TagList:
    controls: list[Tag] = []
    for field, column, words in CHOICES:
        if store.names.places[column].names:
            chosen = getattr(filters, field)
            choices = counted(opening_counts(store, field, filters), chosen)
            control = ui.input_selectize(field, words, choices, selected=list(chosen), multiple=True, remove_button=True)
            controls.append(with_reset(words.lower(), f"reset_{field}", control))
    return TagList(*controls)


def _trend_control(filters: Filters) -> Tag:
    return ui.input_selectize("trends", "Trend", list(TREND_ORDER), selected=list(filters.trends), multiple=True, remove_button=True)


def slope_control(table: TrendTable, span: Range | None) -> Tag | None:
    """The range of slopes in the unit in which they were fitted; None where there are not two different ones."""
    slope = measure(table, "slope")
    slope = slope[np.isfinite(slope)]
    if len(np.unique(slope)) < 2:
        return None
    bounds = outward(float(slope.min()), float(slope.max()), log=False)
    return with_reset("slope", "reset_slope", input_range("slope", "Slope", slope_unit(table.settings.response), bounds, span))


def _range_controls(store: Store, filters: Filters) -> TagList:
    words = {"area": ("Newest area", "km²"), "elevation": ("Elevation", "m"), "observations": ("Observations", "")}
    return TagList(
        *(
            with_reset(
                words[name][0].lower(),
                f"reset_{name}",
                input_range(name, *words[name], bounds, getattr(filters, name), log=name == "area", step=None if name == "area" else 1.0),
            )
            for name, bounds in range_bounds(store).items()
        )
    )


@module.server
def show_filters_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Tie the controls to `selection.filters`, both ways."""
    for field, column, _ in CHOICES:
        if store.names.places[column].names:
            _link_choice(input, store, selection, field)
    for name in range_bounds(store):
        _link_range(input, selection, name)
    for field in ("images", "floods"):
        _link_switch(input, selection, field)
    _link_names(input, selection, "trends", tuple(KIND_WORDS))
    _link_names(input, selection, "triage", tuple(KINDS))
    for field in FLAG_FIELDS:
        _link_names(input, selection, field, tuple(FLAGS))
    review_filter_server("said", selection)
    _link_slope(input, selection)
    _offer(input, store, selection)
    _link_ids(input, store, selection)
    clear_columns = column_filters_server("columns", store, selection)

    @reactive.effect
    @reactive.event(input.reset_all)
    def _reset_all() -> None:
        selection.filters.set(Filters())
        clear_columns()
        ui.update_text_area("ids", value="")

    @render.text
    def count() -> str:
        return shown_words(int(np.count_nonzero(selection.shown())), len(store.lakes), selection.filters())


def _link_choice(input: Inputs, store: Store, selection: Selection, field: str) -> None:
    def take(names: tuple[str, ...]) -> None:
        if field != "basins":
            selection.change_filters(**{field: names})
            return
        with reactive.isolate():
            possible = opening_counts(store, "sub_basins", Filters(basins=names))
            kept = tuple(name for name in selection.filters().sub_basins if name in possible)
        selection.change_filters(basins=names, sub_basins=kept)

    link_control(
        input,
        field,
        held=lambda: getattr(selection.filters(), field),
        read=texts_of,
        take=take,
        move=lambda names: ui.update_selectize(field, selected=list(names)),
        default=(),
    )


def _link_switch(input: Inputs, selection: Selection, field: str) -> None:
    link_control(
        input,
        field,
        held=lambda: getattr(selection.filters(), field),
        read=lambda sent: sent is True,
        take=lambda only: selection.change_filters(**{field: only}),
        move=lambda only: ui.update_switch(field, value=only),
        default=False,
    )


def _link_names(input: Inputs, selection: Selection, field: str, known: tuple[str, ...]) -> None:
    link_control(
        input,
        field,
        held=lambda: getattr(selection.filters(), field),
        read=lambda sent: tuple(name for name in known if name in texts_of(sent)),
        take=lambda names: selection.change_filters(**{field: names}),
        move=lambda names: ui.update_selectize(field, selected=list(names)),
        default=(),
    )


def _link_slope(input: Inputs, selection: Selection) -> None:
    @render.ui
    def slope_range() -> Tag | None:
        table = selection.fitted()
        with reactive.isolate():
            span = selection.filters().slope if table.settings.response == selection.settings().response else None
        return slope_control(table, span)

    _link_range(input, selection, "slope")


def _offer(input: Inputs, store: Store, selection: Selection) -> None:
    """Narrow every picker to what the other filters leave; the picker that a person is using keeps its choices."""
    with reactive.isolate():
        opening = selection.filters()
    offered = {field: counted(opening_counts(store, field, opening), getattr(opening, field)) for field, _, _ in CHOICES}

    @reactive.effect
    def _narrow() -> None:
        filters, table, codes = selection.filters(), selection.fitted(), selection.kinds()
        selection.triage()  # once it is there, it is offered
        flags = selection.flags()
        found = offers(store, table, filters, codes) | (flag_offers(store, table, filters, codes, flags) if flags is not None else {})
        for field, choices in found.items():
            if offered.get(field) != choices:
                offered[field] = choices
                ui.update_selectize(field, choices=choices, selected=list(getattr(filters, field)))

    offer_lakes("lake", store, selection)

    @reactive.effect
    @reactive.event(input.lake)
    def _add() -> None:
        keys = [int(text[1:]) for text in texts_of(input.lake()) if text[1:].isdigit()]
        known = {key for key in keys if store.row_of(key) is not None}
        with reactive.isolate():
            held = set(selection.filters().lake_keys)
        if known - held:
            selection.change_filters(lake_keys=tuple(sorted(held | known)))


def _link_range(input: Inputs, selection: Selection, name: str) -> None:
    link_control(
        input,
        name,
        held=lambda: getattr(selection.filters(), name),
        read=range_of,
        take=lambda span: selection.change_filters(**{name: span}),
        move=lambda span: update_range(name, span),
        default=None,
    )


def _link_ids(input: Inputs, store: Store, selection: Selection) -> None:
    @reactive.calc
    def found() -> Found:
        return found_lakes(text_of(input.ids()), store.names) if text_of(input.ids()).strip() else Found()

    link_control(
        input,
        "ids",
        held=lambda: selection.filters().lake_keys,
        read=lambda _: found().lake_keys,
        take=lambda lake_keys: selection.change_filters(lake_keys=lake_keys),
        move=lambda lake_keys: ui.update_text_area("ids", value=listed(lake_keys, store.lakes, store.names)),
        default=(),
    )

    @render.text
    def ids_found() -> str:
        return report(found())
