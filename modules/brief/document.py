"""The file: pages, a style that prints one lake a page on A4 and Letter, and a policy under which nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from htmltools import Tag, tags

from modules.brief.lake_page import lake_page
from modules.brief.pair import Pair
from modules.brief.record import Brief
from modules.brief.summary import closing_page, summary_page
from modules.brief.volcano import Volcano
from modules.images.pixels import Pixels
from modules.images.rendering import Painter
from modules.palette import PALETTE

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Even should a text of the data be more than a text: the file can fetch nothing, run nothing and send nothing."""

STYLE = Path(__file__).with_name("brief.css")


def brief_html(brief: Brief, tell: Callable[[int, int], None]) -> bytes:
    """The file. Slow: call it in a thread.

    Args:
        brief: What to show.
        tell: Called before each lake with how many are done, of how many; an exception that it raises ends the work.
    """
    volcano = Volcano(brief.given.table, brief.codes, brief.use, brief.alpha)
    pair = Pair(brief.store, Painter(Pixels()), brief.given.table.settings)
    rows = brief.ranking.listed.tolist()
    pages: list[Tag] = []
    for done, row in enumerate(rows):
        tell(done, len(rows))
        pages.append(lake_page(brief, row, volcano, pair))
    tell(len(rows), len(rows))
    title = f"Watch-list, {brief.store.meta.title}"
    head = tags.head(
        tags.meta(charset="utf-8"),
        tags.meta(http_equiv="Content-Security-Policy", content=POLICY),
        tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
        tags.title(title),
        tags.style(style()),
    )
    body = tags.body(volcano.shared(), summary_page(brief), *pages, closing_page(brief))
    return f"<!doctype html>\n{tags.html(head, body, lang='en').get_html_string()}\n".encode()


def style() -> str:
    """The style sheet, with the light values of the palette."""
    values = "".join(f"--m-{meaning}:{pair[0]};" for meaning, pair in PALETTE.items())
    return f":root{{{values}}}\n{STYLE.read_text(encoding='utf-8')}"
