"""The card that a view stands in, and the buttons that save its plot."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import ui


def card(name: str, title: str, body: Tag, *tools: Tag | None, look: str = "", full_screen: bool = False) -> Tag:
    """A card with its title and tools above a view.

    Args:
        name: What style sheets call it, behind `m-`.
        title: Its heading.
        body: The view.
        tools: Beside the heading.
        look: More classes.
        full_screen: Whether it can be opened over the whole page; it then fills what room there is.
    """
    header = ui.card_header(tags.h2(title, class_="m-card-title"), tags.div(*tools, class_="m-tools"), class_="m-card-header")
    classes = " ".join(part for part in ("m-card", look, f"m-{name}") if part)
    return ui.card(header, body, full_screen=full_screen, class_=classes, fill=full_screen)


def save_buttons() -> list[Tag]:
    """Buttons that save the plot of their card."""
    return [
        tags.button(kind, type="button", class_="btn btn-sm m-quiet-button", data_moraine_save=kind.lower(), aria_label=f"Save as {kind}")
        for kind in ("PNG", "SVG")
    ]
