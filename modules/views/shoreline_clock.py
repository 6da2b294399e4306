"""The shoreline_clock view."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.selection import Selection


@module.ui
def shoreline_clock_ui() -> Tag:
    return tags.div(class_="m-shoreline_clock-body")


@module.server
def shoreline_clock_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    pass
