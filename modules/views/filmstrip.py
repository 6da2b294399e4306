"""The filmstrip view."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.selection import Selection


@module.ui
def filmstrip_ui() -> Tag:
    return tags.div(class_="m-filmstrip-body")


@module.server
def filmstrip_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    pass
