"""What is marked in the area series, in words: a line that is its legend, and a sentence for each mark when it is opened."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from modules.flagged import of_lake, ordered_kinds
from modules.selection import Selection
from modules.series_marks import BOTH, COMPUTED, RINGED, SWITCH, TICKED, Mark, mark_words, marks_of, title

GLYPHS = {"ring": "○", "tick": "▏", "line": "┆"}


def glyph(kind: str) -> str:
    """The sign by which a kind is marked in the plot."""
    return GLYPHS["ring" if kind in RINGED else "tick" if kind in TICKED else "line"]


def legend(marks: list[Mark]) -> list[tuple[str, str]]:
    """Sign and words of each kind that is marked: its years, or how many there are of them."""
    years: dict[str, list[int]] = {}
    place = {kind: at for at, kind in enumerate(ordered_kinds())}
    for mark in sorted(marks, key=lambda mark: (place.get(mark.kind, len(place)), mark.year)):
        years.setdefault(mark.kind, []).append(int(mark.year))
    return [(glyph(kind), f"{title(kind)} {when[0] if len(when) == 1 else f'×{len(when)}'}") for kind, when in years.items()]


def list_tag(marks: list[Mark], sentences: list[tuple[str, str]]) -> Tag | None:
    """The line and its sentences; None where there is nothing to say.

    Args:
        marks: What the plot marks.
        sentences: Of `modules.series_marks.mark_words`.
    """
    if not sentences:
        return None
    computed = sum(mark.by in {COMPUTED, BOTH} and mark.kind != SWITCH for mark in marks) + len(sentences) - len(marks)
    signs = [tags.span(tags.span(sign, aria_hidden="true"), f" {words}", class_="m-flag-sign") for sign, words in legend(marks)]
    count = f"{computed} flag{'s' * (computed != 1)}" if computed else "Recorded"
    items = [tags.li(tags.strong(name), f": {words}" if words else "") for name, words in sentences]
    return tags.details(tags.summary(tags.span(count, class_="m-flag-count"), *signs), tags.ul(*items), class_="m-flag-list")


@module.ui
def flag_list_ui() -> Tag:
    return tags.div(ui.output_ui("flags"), class_="m-flags")


@module.server
def flag_list_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @render.ui
    def flags() -> Tag | None:
        focus, table, found = selection.focus(), selection.fitted(), selection.flags()
        if focus is None or store.row_of(focus) is None or found is None:
            return None
        # Flags belong to the settings of all lakes; at a threshold that is only tried the plot marks events alone.
        shown = selection.trial.table() or table
        mine = of_lake(found, focus) if shown is table else found.iloc[:0]
        marks = marks_of(store.events(focus), mine, store.sensor_test(focus, shown.settings))
        return list_tag(marks, mark_words(marks, mine[mine["date"].isna()]))
