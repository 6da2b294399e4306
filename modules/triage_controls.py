"""The filter by triage, and what its kinds mean. Pure."""

from __future__ import annotations

from htmltools import TagList, tags
from shiny import ui

from data.triage import KINDS
from modules.choices import Filters
from modules.controls import with_reset


def triage_controls(filters: Filters) -> TagList:
    """The picker, with the values of the URL in place, and the kinds in words behind a fold."""
    picker = ui.input_selectize("triage", "Triage", list(KINDS), selected=list(filters.triage), multiple=True, remove_button=True)
    kinds = (part for kind in KINDS.values() for part in (tags.dt(kind.name), tags.dd(kind.help)))
    told = tags.details(tags.summary("What triage tells apart"), tags.dl(*kinds, class_="m-triage-help"), class_="m-quiet")
    return TagList(with_reset("triage", "reset_triage", picker), told)
