"""Filters on the columns that the input brought along: any number of them, each a row that can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

import pandas as pd
from htmltools import Tag, TagList
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.types import SilentException

from data.plain_text import cut
from data.store import Store
from modules.choices import Range
from modules.controls import TAKE_FIRST, input_range, outward, range_of, texts_of, with_reset
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
    texts = {text: cut(text) for text in sorted({*values.dropna().astype("string"), *chosen})}
    return ui.input_selectize(f"value_{serial}", cut(column), texts, selected=chosen, multiple=True, remove_button=True)


@module.ui
def column_filters_ui(store: Store) -> TagList:
    """The chooser and the rows of the columns in use; nothing where the dataset has no such column."""
    known = usable_columns(store)
    if not known:
        return TagList()
    choices = {"": "Add a filter by column…", **{name: name for name in known}}
    return TagList(ui.input_select("add", "Other columns", choices), ui.output_ui("rows", class_="m-column-filters"))


class ActiveColumns:
    """The rows in use: serial → column. What the browser says of a row that is gone can never be taken for a later one.

    Args:
        input: The inputs of the module.
        store: The dataset.
        selection: Whose filters they are.
    """

    def __init__(self, input: Inputs, store: Store, selection: Selection) -> None:
        self.known = usable_columns(store)
        self._input, self._lakes, self._selection = input, store.lakes, selection
        self._serials = count()
        with reactive.isolate():
            self.rows: reactive.Value[dict[int, str]] = reactive.Value(self.numbered(dict(selection.filters().extras)))

    def numbered(self, names: Iterable[str]) -> dict[int, str]:
        """A new row for each column that there is."""
        return {next(self._serials): name for name in names if name in self.known}

    def held(self, name: str) -> Kept | None:
        """What the filters say of a column."""
        with reactive.isolate():
            return dict(self._selection.filters().extras).get(name)

    def said(self) -> tuple[tuple[str, Kept], ...]:
        """What the controls say, of the columns that filter; one not drawn yet says what the filters say."""
        return tuple((name, kept) for serial, name in self.rows().items() if (kept := self._kept(serial, name)))

    def _kept(self, serial: int, name: str) -> Kept | None:
        try:
            value = self._input[f"value_{serial}"]()
        except SilentException:
            return self.held(name)
        return range_of(value) if is_numeric(self._lakes[name]) else texts_of(value) or None

    def not_removed(self) -> dict[int, str]:
        """The rows whose button has not been pressed."""
        return {serial: name for serial, name in self.rows().items() if not self._pressed(serial)}

    def _pressed(self, serial: int) -> bool:
        try:
            return bool(self._input[f"remove_{serial}"]())
        except SilentException:
            return False


@module.server
def column_filters_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> Callable[[], None]:
    """Tie the rows to `selection.filters.extras`; returns what takes every row away."""
    active = ActiveColumns(input, store, selection)

    @render.ui
    def rows() -> TagList:
        controls = (
            with_reset(name, f"remove_{serial}", column_control(serial, name, store.lakes[name], active.held(name)), verb="Remove")
            for serial, name in active.rows().items()
        )
        return TagList(*controls)

    @reactive.effect
    @reactive.event(input.add)
    def _add() -> None:
        if input.add() not in active.rows().values():
            active.rows.set({**active.rows(), **active.numbered([input.add()])})
        ui.update_select("add", selected="")

    @reactive.effect(priority=TAKE_FIRST)
    def _take() -> None:
        extras = active.said()
        with reactive.isolate():
            if selection.filters().extras != extras:
                selection.change_filters(extras=extras)

    @reactive.effect
    def _remove() -> None:
        kept = active.not_removed()
        if kept != active.rows():
            active.rows.set(kept)

    @reactive.effect
    def _follow() -> None:
        extras = dict(selection.filters().extras)
        with reactive.isolate():
            if dict(active.said()) != extras:
                active.rows.set(active.numbered(extras))

    return lambda: active.rows.set({})
