"""Filters on the columns that the input brought along: any number of them, each a row that can be taken away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import pandas as pd
from htmltools import Tag, TagList
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.types import SilentException

from data.store import Store
from modules.choices import Range
from modules.controls import TAKE_FIRST, input_range, outward, range_of, with_reset
from modules.selection import Selection

Kept = tuple[str, ...] | Range


def usable_columns(store: Store) -> list[str]:
    """The extra columns with at least one value: an empty one is nothing to filter by."""
    return [name for name in store.extra_columns if store.lakes[name].notna().any()]


def is_numeric(values: pd.Series) -> bool:
    """Whether a column is filtered by a range rather than by its values."""
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values) and values.nunique() > 1)


def column_control(serial: int, column: str, values: pd.Series, kept: Kept | None) -> Tag:
    """The control of one column: a range for numbers, its values for anything else."""
    if is_numeric(values):
        bounds = outward(float(values.min()), float(values.max()), log=False)
        span = (float(kept[0]), float(kept[1])) if kept else None
        return input_range(f"value_{serial}", column, "", bounds, span)
    chosen = [str(value) for value in kept or ()]
    texts = sorted({*values.dropna().astype("string"), *chosen})
    return ui.input_selectize(f"value_{serial}", column, texts, selected=chosen, multiple=True, remove_button=True)


@module.ui
def column_filters_ui(store: Store) -> TagList:
    """The chooser and the rows of the columns in use; nothing where the dataset has no such column."""
    known = usable_columns(store)
    if not known:
        return TagList()
    choices = {"": "Add a filter by column…", **{name: name for name in known}}
    return TagList(ui.input_select("add", "Other columns", choices), ui.output_ui("rows", class_="m-column-filters"))


@module.server
def column_filters_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Tie the rows to `selection.filters.extras`."""
    known = usable_columns(store)
    serials = count()

    def rows_for(names: Iterable[str]) -> dict[int, str]:
        # A serial is used once: what the browser says of a row that is gone can never be taken for one that came later.
        return {next(serials): name for name in names if name in known}

    with reactive.isolate():
        active: reactive.Value[dict[int, str]] = reactive.Value(rows_for(dict(selection.filters().extras)))

    def sent(serial: int, name: str) -> Kept | None:
        """What the control of a row says; one that the browser has not drawn yet says what the filters say."""
        try:
            value = input[f"value_{serial}"]()
        except SilentException:
            with reactive.isolate():
                return dict(selection.filters().extras).get(name)
        return range_of(value) if is_numeric(store.lakes[name]) else tuple(sorted(str(text) for text in value or ())) or None

    @render.ui
    def rows() -> TagList:
        with reactive.isolate():
            kept = dict(selection.filters().extras)
        return TagList(
            *(
                with_reset(name, f"remove_{serial}", column_control(serial, name, store.lakes[name], kept.get(name)), verb="Remove")
                for serial, name in active().items()
            )
        )

    @reactive.effect
    @reactive.event(input.add)
    def _add() -> None:
        name = input.add()
        if name in known and name not in active().values():
            active.set({**active(), **rows_for([name])})
        ui.update_select("add", selected="")

    @reactive.effect(priority=TAKE_FIRST)
    def _take() -> None:
        extras = tuple((name, kept) for serial, name in active().items() if (kept := sent(serial, name)))
        with reactive.isolate():
            if selection.filters().extras != extras:
                selection.change_filters(extras=extras)

    @reactive.effect
    def _remove() -> None:
        kept = {serial: name for serial, name in active().items() if not _pressed(input, f"remove_{serial}")}
        if len(kept) < len(active()):
            active.set(kept)

    @reactive.effect
    def _follow() -> None:
        extras = dict(selection.filters().extras)
        with reactive.isolate():
            said = {name: kept for serial, name in active().items() if (kept := sent(serial, name))}
            if said != extras:
                active.set(rows_for(extras))


def _pressed(input: Inputs, button: str) -> bool:
    try:
        return input[button]() > 0
    except SilentException:
        return False
