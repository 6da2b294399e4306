"""Reviews: say of the mask on screen that it is good, bad or unsure, and of the lake what its trend is worth; and what others said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.reviews.files import FORMATS, written
from data.reviews.record import OF_LAKE, OF_MASK, TAKEN_BACK, Review
from data.store import Store
from modules.controls import script, text_of
from modules.reviewing.choosing import Chosen, chosen_mask
from modules.reviewing.desk import OFF, VISIT, Desk
from modules.reviewing.marks import SAVING, counting
from modules.reviewing.subjects import Said, history, made, review_words, verdict_words
from modules.selection import Selection

KEYS = {"good": "g", "bad": "b", "unsure": "u"}
HELP = "Keys g, b and u say good, bad and unsure, wherever the picture, the filmstrip or this card has the focus."


def store_words(desk: Desk, trouble: str) -> str:
    """Where reviews go, or why they do not."""
    if desk.mode == OFF:
        return f"Reviews are off: {desk.why}." if desk.why else "Reviews are off here."
    if desk.mode == VISIT:
        return (
            f"Reviews are not kept here: {desk.why}. What you say stays in this visit: take it away as a file before you leave. "
            "`python -m data reviews DIR --take FILE` adds it to a store."
        )
    return f"Kept in the {desk.shown}." + (f" It cannot be read now, and what others say is missing: {trouble}." if trouble else "")


def history_tag(entries: list[tuple[Review, bool]], more: int) -> Tag:
    """What was said of a lake. Text alone: nothing that a person wrote becomes anything else."""
    if not entries:
        return tags.p("Nobody has reviewed this lake yet.", class_="m-quiet")
    items = [
        tags.li(
            tags.span(review_words(review), class_="m-review-said"),
            tags.span(review.note, class_="m-review-note") if review.note else None,
            class_="m-review" if counts else "m-review m-review-past",
            title=None if counts else "no longer counts",
        )
        for review, counts in entries
    ]
    return TagList(
        tags.ol(*items, class_="m-review-list"), tags.p(f"{more:,} earlier ones are in the file.", class_="m-quiet") if more else None
    )


@module.ui
def reviews_ui() -> Tag:
    """The card's body. It stands empty but for one line where reviews are off."""
    masks = [_button(verdict, f"{verdict.capitalize()} ({KEYS[verdict]})", aria_keyshortcuts=KEYS[verdict]) for verdict in OF_MASK]
    lakes = [_button(verdict, verdict.capitalize()) for verdict in OF_LAKE]
    says = tags.div(
        tags.fieldset(
            tags.legend("This mask"), ui.input_select("subject", "Mask of", {}), _row(*masks, _button("mask_back", "Take back")),
            tags.p(ui.output_text("mask_said", inline=True), class_="m-quiet"), data_reviews="mask",
        ),
        tags.fieldset(
            tags.legend("This lake"), _row(*lakes, _button("lake_back", "Take back")),
            tags.p(ui.output_text("lake_said", inline=True), class_="m-quiet"), data_reviews="lake",
        ),
        tags.div(
            ui.input_text_area("note", "Note, goes with the next press", rows=2, spellcheck="true"),
            ui.output_ui("signed"),
            class_="m-review-words",
            data_m_unsaved="the note that you wrote",
        ),
        class_="m-review-says",
    )  # fmt: skip
    files = tags.div(
        *(ui.download_button(f"save_{format}", format.upper(), class_="btn-sm m-quiet-button") for format in FORMATS), class_="m-review-row"
    )
    return tags.div(
        script("reviews.js"),
        tags.p(HELP, class_="m-quiet m-review-help"),
        tags.div(
            says,
            tags.div(tags.h3("History"), ui.output_ui("past", class_="m-review-history"), class_="m-review-past-of"),
            class_="m-review-columns",
        ),
        tags.p(ui.output_text("said", inline=True), ui.output_ui("again", inline=True), class_="m-review-told", role="status"),
        tags.div(files, tags.p(ui.output_text("kept", inline=True), class_="m-quiet"), class_="m-review-foot"),
        id=resolve_id("root"),
        class_="m-reviews-body",
        data_mode="",
    )


def _row(*buttons: Tag) -> Tag:
    return tags.div(*buttons, class_="m-review-row")


def _button(name: str, words: str, **more: str) -> Tag:
    id = name.replace(" ", "_")
    pressed = {} if id.endswith("back") else {"aria_pressed": "false", "data_verdict": name}
    return ui.input_action_button(id, words, class_="btn-sm m-button", **pressed, **more)


@module.server
def reviews_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Write what is pressed, show what was said. Where reviews are off nothing is heard from the browser."""
    desk = selection.reviews.desk

    @render.text
    def kept() -> str:
        return store_words(desk, selection.reviews.trouble())

    @reactive.effect
    async def _mode() -> None:
        await session.send_custom_message("moraine-reviews", {"id": session.ns("root"), "mode": desk.mode})

    if desk.mode == OFF:
        return
    chosen = chosen_mask(input, store, selection)
    _words(input, output, selection, chosen)
    _listen(input, selection, store, chosen)
    _files(selection, store)

    @reactive.effect
    async def _press() -> None:
        said, subject = counting(selection.reviews.now(), selection.focus()), chosen()
        mask = said.get((subject.day, subject.source)) if subject else None
        lake = said.get((None, ""))
        pressed = [held.verdict for held in (mask, lake) if held]
        await session.send_custom_message(
            "moraine-reviews",
            {
                "id": session.ns("root"),
                "mode": desk.mode,
                "pressed": pressed,
                "focus": selection.focus() is not None,
                "mask": subject is not None,
            },
        )


def _words(input: Inputs, output: Outputs, selection: Selection, chosen: Chosen) -> None:
    reviews, desk = selection.reviews, selection.reviews.desk

    @render.text
    def mask_said() -> str:
        subject = chosen()
        if subject is None:
            return "No mask to review: focus a lake." if selection.focus() is None else "This lake has no mask or outline."
        return f"Now {verdict_words(counting(reviews.now(), selection.focus()).get((subject.day, subject.source)))}."

    @render.text
    def lake_said() -> str:
        return "" if selection.focus() is None else f"Now {verdict_words(counting(reviews.now(), selection.focus()).get((None, '')))}."

    @render.ui
    def past() -> Tag | TagList | None:
        focus = selection.focus()
        if focus is None:
            return tags.p("No lake in focus.", class_="m-quiet")
        everything = reviews.now().of(focus)
        entries = history(everything, list(counting(reviews.now(), focus).values()))
        return history_tag(entries, len(everything) - len(entries))

    @render.ui
    def signed() -> Tag:
        if desk.who:
            return tags.p("Signed in as ", tags.strong(desk.who), class_="m-quiet")
        return ui.input_text("name", "Your name (unverified: nobody checks it)", autocomplete="name")

    @render.text
    def said() -> str:
        return reviews.said()

    @render.ui
    def again() -> Tag | None:
        return (
            ui.input_action_button("retry", "Try again", class_="btn-sm m-button")
            if reviews.unsaved() and reviews.said() != SAVING
            else None
        )


def _listen(input: Inputs, selection: Selection, store: Store, chosen: Chosen) -> None:
    reviews = selection.reviews

    def on(button: str, verdict: str, *, mask: bool) -> None:
        @reactive.effect
        @reactive.event(input[button])
        def _say() -> None:
            subject = chosen() if mask else None
            focus, kept = selection.focus(), reviews.desk.kept
            if focus is None or kept is None or (mask and subject is None):
                return
            who = reviews.desk.who or _typed(input, "name")
            said = Said(verdict, _typed(input, "note"), who, bool(reviews.desk.who))
            review = made(store, kept.book.lakes.place(focus), subject, said)
            if not review.who.strip():
                reviews.said.set("Say who you are first: write your name beside the note.")
                return
            reviews.write(review)

    for verdict in OF_MASK:
        on(verdict, verdict, mask=True)
    for verdict in OF_LAKE:
        on(verdict.replace(" ", "_"), verdict, mask=False)
    on("mask_back", TAKEN_BACK, mask=True)
    on("lake_back", TAKEN_BACK, mask=False)

    @reactive.effect
    @reactive.event(reviews.saved, ignore_init=True)
    def _clear() -> None:
        if _typed(input, "note") == reviews.saved_note:  # else the next note was begun while this one was written
            ui.update_text_area("note", value="")

    @reactive.effect
    @reactive.event(input.retry)
    def _again() -> None:
        reviews.try_again()


def _typed(input: Inputs, id: str) -> str:
    return text_of(input[id]()) if id in input else ""


def _files(selection: Selection, store: Store) -> None:
    for format in FORMATS:
        _download(selection, store, format)


def _download(selection: Selection, store: Store, format: str) -> None:
    def name() -> str:
        return f"{store.meta.name}_reviews_{datetime.now(UTC).date().isoformat()}.{format}"

    async def download() -> AsyncIterator[bytes]:
        now = selection.reviews.now()
        everything = sorted((*now.reviews, *now.lost), key=lambda review: review.seq)
        yield await asyncio.to_thread(written, [*everything, *selection.reviews.unsaved()], format)

    download.__name__ = f"save_{format}"
    render.download_button(filename=name)(download)
