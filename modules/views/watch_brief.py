"""The brief: made in the background, lake by lake, then one file to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui

from data.store import Store
from modules.brief.record import Brief
from modules.numerals import fixed_text
from modules.selection import Selection
from modules.watching.background import LOOK_AGAIN_S, Background, Tell
from modules.watching.saving import list_name
from modules.watching.state import Watching

MOST_PAGES = 100
"""Lakes of a brief: a longer one nobody prints, and it would be mailed in vain."""


@dataclass(frozen=True)
class File:
    """A brief that was made.

    Args:
        name: Of the file.
        raw: The file.
        lakes: It has pages of.
    """

    name: str
    raw: bytes
    lakes: int


def made(brief: Brief, tell: Tell) -> File:
    """The file. Slow: call it in a thread."""
    from modules.brief.document import brief_html  # noqa: PLC0415 - brings rasterio and Pillow

    return File(list_name(brief.store.meta, brief.day, "html", "brief"), brief_html(brief, tell), len(brief.ranking.listed))


@module.ui
def watch_brief_ui() -> Tag:
    return tags.div(
        tags.p(
            "One HTML file to print or to send: a summary and one page a lake, with its place in the volcano, its images or outlines, its "
            "series, the verdict, every component, and what to beware of. It opens without a network and fetches nothing.",
            class_="m-quiet",
        ),
        ui.output_ui("work", aria_live="polite"),
        class_="m-watch-brief",
    )


@module.server
def watch_brief_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, watching: Watching) -> None:
    making: Background[File] = Background()

    @reactive.effect
    @reactive.event(input.make)
    def _begin() -> None:
        ranking, display = watching.ranking(), selection.display()
        short = replace(ranking, top=min(ranking.top, MOST_PAGES))
        given = watching.worked().given
        req(given.table is selection.fitted())
        today = datetime.now(UTC).date()
        brief = Brief(
            store, given, short, selection.watching(), selection.classes(), selection.rows(), selection.reviews.verdicts(),
            display.use, display.alpha, today,
        )  # fmt: skip
        making.begin(lambda tell: made(brief, tell))

    @reactive.effect
    @reactive.event(input.stop)
    def _stop() -> None:
        making.stop()

    @render.ui
    def work() -> TagList:
        if making.busy():
            reactive.invalidate_later(LOOK_AGAIN_S)
            done, of = making.done
            return TagList(
                tags.progress(value=str(done), max=str(of or 1), aria_label="Lakes done"),
                tags.span(f" {done} of {of} lakes " if of else " Starting … "),
                ui.input_action_button("stop", "Stop", class_="btn-sm m-button"),
            )
        count = min(len(watching.ranking().listed), MOST_PAGES)
        begin = ui.input_action_button("make", f"Make a brief of {count} lake{'s' * (count != 1)}", class_="m-button")
        trouble = tags.p(making.trouble(), class_="m-notice", role="alert") if making.trouble() else None
        return TagList(begin if count else None, trouble, _ready(making.found()))

    @render.download_button(filename=lambda: getattr(making.found(), "name", "brief.html"))
    def file() -> Iterator[bytes]:
        found = making.found()
        yield b"" if found is None else found.raw


def _ready(found: File | None) -> Tag | None:
    if found is None:
        return None
    size = fixed_text(len(found.raw) / 1e6, 1)
    words = f"Take the brief of {found.lakes} lakes, {size} MB"
    return tags.p(ui.download_button("file", words, class_="m-button", icon=None), class_="m-watch-ready")
