"""The controls of *Show* that filter by flags."""

from __future__ import annotations

from htmltools import TagList
from shiny import ui

from data.flags import FLAGS
from modules.choices import Filters
from modules.controls import with_reset
from modules.flagged import ordered_kinds

FLAG_FIELDS = {"flags": "Has flag", "without_flags": "Without flag"}
"""Field of Filters → words."""


def flag_controls(filters: Filters) -> TagList:
    """A picker of kinds that a lake has to have one of, and one of kinds that it must have none of."""
    titles = {kind: FLAGS[kind].title.lower() for kind in ordered_kinds()}
    return TagList(
        *(
            with_reset(
                words.lower(),
                f"reset_{field}",
                ui.input_selectize(field, words, titles, selected=list(getattr(filters, field)), multiple=True, remove_button=True),
            )
            for field, words in FLAG_FIELDS.items()
        )
    )
