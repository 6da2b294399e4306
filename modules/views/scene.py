"""The scene view."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.selection import Selection


@module.ui
def scene_ui() -> Tag:
    return tags.div(class_="m-scene-body")


@module.server
def scene_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    pass
