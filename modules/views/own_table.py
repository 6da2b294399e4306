"""Open your own table: a dialog takes files, asks three questions with guessed answers, and opens a dataset of this visit."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import cast

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.errors import InputError
from data.own_table.answers import Answers
from data.own_table.files import take
from modules.controls import script, text_of
from modules.owning.asked import Looked, look_at, make_of
from modules.owning.dialog import TYPES, dialog, pixel_of, questions
from modules.owning.tables import Draft, OwnTables
from modules.serving.uploading import uploaded_files
from modules.watching.background import Background, Tell


@module.ui
def own_table_ui() -> Tag:
    """The button in the header."""
    label = TagList("Own table", tags.span("…", aria_hidden="true"))
    words = "Open your own table of lakes, for this visit only"
    return tags.div(
        script("own_table.js"),
        ui.input_action_button("open", label, class_="m-button m-own-button", title=words),
        class_="m-own-open",
        data_own_file=resolve_id("file"),
        data_own_types=" ".join(TYPES),
    )


def _answers(input: Inputs, looked: Looked) -> Answers:
    def sent(name: str) -> object:
        return input[name]() if name in input else None

    given = text_of(sent("given"))[:40]
    return Answers(looked.date.answer(sent("date")), looked.id.answer(sent("id")), given, pixel_of(sent("pixel"), looked))


class _Work:
    """What this visit hands in. One draft at a time; what is not opened goes when another comes, or when the visit ends.

    Args:
        tables: Where it is kept.
        visit: Whose.
        machine: Where the visitor is, as tables are counted; empty: it is not known.
    """

    def __init__(self, tables: OwnTables, visit: str = "", machine: str = "") -> None:
        self.looking: Background[Looked] = Background(tables.readers)
        self.opening: Background[tuple[str, str]] = Background(tables.readers)
        self.most_mb = tables.most_mb
        self._tables, self._visit, self._machine = tables, visit, machine
        self._draft: Draft | None = None
        self._names: tuple[str, ...] = ()
        self._stop = Event()

    def look(self, handed: list[tuple[Path, str]]) -> None:
        """Move files into a new draft, and begin to look at them.

        Raises:
            InputError: They are not what is taken.
        """
        self._draft = draft = self._tables.begin()
        try:
            self._names = names = tuple(take(handed, draft.files, self.most_mb))
        finally:
            for path, _ in handed:
                path.unlink(missing_ok=True)
        self._stop = stop = Event()
        self.looking.begin(lambda _: look_at(draft.files, names, stop, whose=self._visit))

    def open(self, answers: Answers) -> None:
        """Begin to make a dataset and to keep it; that ends with its name and title.

        Raises:
            InputError: There are no files.
        """
        draft, names, stop = self._draft, self._names, self._stop
        if draft is None:
            raise InputError("the files are not there any more", "hand them in again")

        def work(_: Tell) -> tuple[str, str]:
            make_of(draft.files, names, answers, draft.name, stop, whose=self._visit)
            store = self._tables.keep(draft, self._machine)
            self._draft = None
            return draft.name, store.meta.title

        self.opening.begin(work)

    def clear(self) -> None:
        """Give up what is at work, and forget the files."""
        self.end()
        for work in (self.looking, self.opening):
            work.stop()
            work.trouble.set("")
            work.found.set(None)

    def end(self) -> None:
        """Give up the child that works for this visit, and remove the files."""
        self._stop.set()
        if self._draft is not None:
            self._draft.discard()
        self._draft, self._names = None, ()


@module.server
def own_table_server(input: Inputs, output: Outputs, session: Session, tables: OwnTables, machine: str = "") -> None:
    """Take files, ask, open. The browser then goes to the new dataset, which ends this session.

    `machine`: where the visitor is, as tables are counted; empty: it is not known.
    """
    work = _Work(tables, session.id, machine)
    session.on_ended(work.end)
    _taken(input, session, work)
    _opened(input, session, work)

    @reactive.effect
    @reactive.event(input.open)
    def _show() -> None:
        work.clear()
        ui.modal_show(dialog(tables.most_mb, tables.minutes))

    @render.ui
    def asked() -> Tag | None:
        if work.looking.busy():
            return _working("Reading the file …")
        if work.looking.trouble():
            return tags.p(work.looking.trouble(), class_="m-notice m-own-trouble", role="alert")
        looked = work.looking.found()
        return None if looked is None else questions(looked)

    @render.ui
    def ready() -> TagList | Tag:
        if work.opening.busy() or work.opening.found() is not None:
            return _working("Matching lakes across dates, and testing their trends …")
        trouble = work.opening.trouble()
        button = ui.input_action_button("make", "Open this table", class_="btn-primary")
        return TagList(tags.p(trouble, class_="m-notice m-own-trouble", role="alert") if trouble else None, button)


def _taken(input: Inputs, session: Session, work: _Work) -> None:
    """What is handed in is looked at, or refused."""

    @reactive.effect
    @reactive.event(input.file)
    def _take() -> None:
        work.clear()
        try:
            work.look(uploaded_files(input.file(), session))
        except InputError as error:
            work.looking.fail(error)

    @reactive.effect
    @reactive.event(input.large)
    def _refuse() -> None:
        work.clear()
        work.looking.fail(InputError(*_large(input.large(), work.most_mb)))


def _opened(input: Inputs, session: Session, work: _Work) -> None:
    """The answers become a dataset, and the browser is sent there."""

    @reactive.effect
    @reactive.event(input.make)
    def _make() -> None:
        looked = work.looking.found()
        if looked is None or work.opening.busy():
            return
        try:
            work.open(_answers(input, looked))
        except InputError as error:
            work.opening.fail(error)

    @reactive.effect
    async def _go() -> None:
        made = work.opening.found()
        if made is not None:
            await session.send_custom_message("moraine-own-table", {"name": made[0], "title": made[1]})


def _working(words: str) -> Tag:
    return tags.div(tags.progress(aria_label=words), tags.span(words), class_="m-own-working", role="status")


def _large(sent: object, most_mb: int) -> tuple[str, str]:
    told = cast(dict[str, object], sent) if isinstance(sent, dict) else {}
    size = told.get("size")
    much = f"{size / 1e6:,.0f} MB" if isinstance(size, int | float) else "too much"
    return f"that is {much}, more than is taken here ({most_mb} MB)", "leave out columns that you do not need, or hand in one region"
