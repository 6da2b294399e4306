"""Share: the link of what is on screen, to copy or to photograph."""

from __future__ import annotations

import segno
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shiny.module import resolve_id

from data.store import Store
from modules.controls import script
from modules.links.link import LIMIT, Link, link
from modules.selection import Selection


def page_address(session: Session) -> str:
    """The address of this page before the `?`."""
    data = session.clientdata
    port = f":{data.url_port()}" if data.url_port() else ""
    return f"{data.url_protocol()}//{data.url_hostname()}{port}{data.url_pathname()}"


def qr_code(url: str) -> Tag:
    """The link as a QR code: dark on white in both themes, since not every scanner reads it the other way round."""
    code = segno.make(url, error="l", micro=False)
    source = code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    return tags.img(src=source, alt="QR code of the link", class_="m-qr", width=240, height=240)


def left_out_words(left_out: tuple[str, ...]) -> str:
    """What the link does not carry, and what to do instead; empty where it carries all."""
    if not left_out:
        return ""
    what = " and ".join(left_out)
    verb = "does" if len(left_out) == 1 and not left_out[0].endswith("s") else "do"
    return f"{what[0].upper()}{what[1:]} {verb} not fit into a link ({LIMIT:,} characters); share an export instead."


def visit_words(minutes: int) -> str:
    """What to know of a link to a table that is of this visit only."""
    return (
        f"This link is to your own table, which is deleted {minutes} minutes after you leave: until then whoever has the link sees it, "
        "afterwards it leads nowhere. To share what you found, share an export instead."
    )


def share_body(base: str, made: Link, field: str, warning: str = "") -> TagList:
    """What the dialog shows: the link, its length, what was left out, the QR code.

    Args:
        base: The address before the `?`.
        made: The link.
        field: Id of the text field, for its label.
        warning: What to know before sharing it.
    """
    url = f"{base}?{made.query}"
    missing = left_out_words(made.left_out)
    return TagList(
        tags.p(warning, class_="m-notice", role="alert") if warning else None,
        tags.label("Link to what is on screen", **{"for": field}),
        tags.div(
            tags.input(type="text", readonly="", value=url, id=field, class_="form-control"),
            tags.button("Copy", type="button", class_="btn m-button", data_m_copy=field),
            class_="m-share-row",
        ),
        tags.p(tags.span(f"{len(url):,} characters"), " · ", tags.span("press Copy", id=f"{field}-said", role="status"), class_="m-quiet"),
        tags.p(missing, class_="m-refused", role="alert") if missing else None,
        qr_code(url),
    )


@module.ui
def share_ui() -> Tag:
    return tags.div(script("share.js"), ui.input_action_button("open", "Share", class_="m-button"), class_="m-share")


@module.server
def share_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, minutes: int | None = None
) -> None:
    """`minutes`: how long the dataset outlives this visit, where it is of this visit only."""

    @reactive.effect
    @reactive.event(input.open)
    def _show() -> None:
        base = page_address(session)
        made = link(selection.state(), store, len(base))
        body = share_body(base, made, resolve_id("url"), "" if minutes is None else visit_words(minutes))
        dialog = ui.modal(body, title="Share", footer=ui.modal_button("Close"), easy_close=True)
        dialog.attrs["aria-label"] = "Share"
        ui.modal_show(dialog)
