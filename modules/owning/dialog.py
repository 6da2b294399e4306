"""What the dialog *Own table* shows: where files are taken, the three questions with their guesses, the first rows. Pure."""

from __future__ import annotations

import math

from htmltools import Tag, tags
from shiny import ui
from shiny.module import resolve_id

from data.own_table.answers import GIVEN
from data.own_table.files import TABLES, TAKEN
from data.shapefile_parts import PARTS
from data.words import several
from modules.controls import text_of
from modules.owning.asked import Looked, Question

TYPES = (*TABLES, ".txt", *PARTS)
"""Suffixes that the browser offers."""
UNKNOWN = "unknown"
PIXELS = {3.0: "PlanetScope", 10.0: "Sentinel-2", 15.0: "ASTER", 30.0: "Landsat", 60.0: "Landsat MSS"}
"""Pixels in metres that are offered, and whose they are."""


def dialog(most_mb: int, minutes: int) -> Tag:
    """Where files are taken."""
    intro = (
        f"{TAKEN}, up to {most_mb} MB: outlines of lakes, or a list of areas. One file, or one for each date. "
        f"Only this visit sees it, and it is deleted {minutes} minutes after you leave."
    )
    taken = tags.div(
        ui.input_file(
            "file", "Files of your table", multiple=True, accept=list(TYPES), button_label="Choose…",
            placeholder="or drop them here", width="100%",
        ),
        class_="m-own-drop",
        data_upload_most=str(most_mb * 2**20),
        data_upload_told=resolve_id("large"),
    )  # fmt: skip
    made = ui.modal(
        tags.p(intro, class_="m-own-intro"), taken, ui.output_ui("asked", aria_live="polite"), title="Open your own table", size="l",
        footer=ui.modal_button("Cancel"), easy_close=False,
    )  # fmt: skip
    made.attrs["aria-label"] = "Open your own table"
    return made


def questions(looked: Looked) -> Tag:
    """What was found, the questions with their guesses, and the first rows."""
    return tags.div(
        tags.p(found_words(looked), class_="m-own-found"),
        tags.div(
            _date(looked.date), _select("id", "What tells one lake from another?", looked.id), _pixel(looked), class_="m-own-questions"
        ),
        ui.output_ui("ready", aria_live="polite"),
        preview(looked),
        class_="m-own-asked",
    )


def found_words(looked: Looked) -> str:
    """`hkh.zip/HKH_2000.shp and 2 more: 4,622 rows with outlines.`"""
    name = looked.files[0][0]
    more = f" and {len(looked.files) - 1} more" if len(looked.files) > 1 else ""
    areas = "with outlines" if looked.outlines else f"with areas in column {looked.area}"
    return f"{name}{more}: {looked.rows:,} rows {areas}. Moraine guessed the answers; look whether they are right."


def _date(question: Question) -> Tag:
    typed = ui.input_text("given", "The date of all rows", placeholder="2020 or 2020-10-15", width="100%")
    hidden = None if question.guess == GIVEN else ""
    return tags.div(_select("date", "When was a row observed?", question), tags.div(typed, class_="m-own-given", hidden=hidden))


def _select(id: str, label: str, question: Question) -> Tag:
    guess = next(choice for choice in question.choices if choice.key == question.guess)
    made = ui.input_select(id, label, {choice.key: choice.words for choice in question.choices}, selected=question.guess, width="100%")
    whole = tags.p(guess.words, class_="m-quiet m-own-whole", aria_hidden="true")  # on a phone the control itself has no room for it
    return tags.div(made, whole, class_="m-own-question" + (" m-own-doubt" if guess.doubt else ""))


def _pixel(looked: Looked) -> Tag | None:
    """The third question; not asked where no mapping error could be worked out, or where the file states them."""
    if looked.pixel is None:
        return None
    metres, why = looked.pixel
    sizes = dict(sorted({**PIXELS, **({} if metres in PIXELS else {metres: ""})}.items()))
    choices = {f"{size:g}": f"{size:g} m" + (f" ({whose})" if whose else "") for size, whose in sizes.items()}
    label = "From pixels of which size were the outlines drawn?"
    made = ui.input_select("pixel", label, {**choices, UNKNOWN: "I do not know: no mapping errors"}, selected=f"{metres:g}", width="100%")
    return tags.div(made, tags.p(why, class_="m-quiet"), class_="m-own-question")


def preview(looked: Looked) -> Tag:
    """The first rows; a column that means something says what."""
    asked = {looked.id.guess.partition(":")[2]: "id", looked.date.guess.partition(":")[2]: "date"}
    head = tags.tr(*(_head(name, role, asked.get(name)) for name, role in looked.head))
    body = [tags.tr(*(tags.td(cell) for cell in row)) for row in looked.body]
    more = f"; {several(looked.more_columns, 'more column')} kept under own names" if looked.more_columns else ""
    caption = tags.caption(f"First {len(looked.body)} of {looked.rows:,} rows{more}")
    return tags.div(
        tags.table(caption, tags.thead(head), tags.tbody(*body), class_="m-figures m-own-preview"),
        class_="m-figures-scroll", tabindex="0", role="region", aria_label="Preview of the table",
    )  # fmt: skip


def _head(name: str, role: str, asked: str | None) -> Tag:
    """A column's name under what it is taken for. The roles that questions are about are moved by the script, as the answers change."""
    fixed = role if role not in {"date", "year", "id"} else ""
    chip = tags.span(asked or fixed, class_="m-own-role")
    return tags.th(chip, name, scope="col", data_column=name, data_role=fixed, data_asked="" if asked else None)


def pixel_of(sent: object, looked: Looked) -> float | None:
    """The pixel that was chosen, None where it is not known or not asked for."""
    if looked.pixel is None or sent == UNKNOWN:
        return None
    try:
        metres = float(text_of(sent))
    except ValueError:
        return looked.pixel[0]
    return metres if math.isfinite(metres) else looked.pixel[0]
