"""Which two networks are compared and how, and the heat map of all pairs of their layers."""

from __future__ import annotations

from collections.abc import Callable

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.lens.reading import Lens
from data.lens.similarity import MEASURES
from data.store import Store
from modules.controls import link_control, script, text_of
from modules.lensing.comparing import Comparing
from modules.lensing.heat import caution, cell_words, heat_tags, pairing_words, side_title
from modules.lensing.looking import LensSelection
from modules.selection import Selection

LAST = "last"
"""The value of the choice of an epoch that stands for the finished network."""
WAIT = "Comparing every pair of layers …"


@module.ui
def lens_compare_ui() -> Tag:
    return tags.div(
        script("lens_compare.js"),
        tags.div(
            ui.input_select("epoch", "This run at epoch", []),
            ui.input_select("other", "with", []),
            ui.input_select("other_epoch", "at epoch", []),
            ui.input_select("measure", "by", {each.name: each.title for each in MEASURES.values()}),
            class_="m-inspection-row",
        ),
        ui.output_ui("about"),
        ui.output_ui("heat"),
        tags.div(ui.output_ui("cell"), class_="m-alike-said", role="status"),
        class_="m-lens-compare",
        id=resolve_id("grid"),
        data_chosen=resolve_id("chosen"),
        data_pointed=resolve_id("pointed"),
    )


@module.server
def lens_compare_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, comparing: Comparing
) -> None:
    _link_controls(input, looking, comparing)

    @render.ui
    def about() -> TagList:
        trouble, found = comparing.grid.trouble(), comparing.grid.found()
        if trouble:
            return TagList(tags.p(trouble, class_="m-notice", role="alert"))
        if found is None:
            return TagList(tags.p(WAIT, class_="m-fitting", role="status"))
        words = [pairing_words(found.paired, found.grid), MEASURES[found.grid.measure].help, caution(found.grid)]
        busy = tags.span(WAIT, class_="m-fitting", role="status") if comparing.grid.busy() else None
        return TagList(tags.p(" ".join(word for word in words if word), busy, class_="m-quiet m-inspection-about"))

    @render.ui
    def heat() -> Tag:
        found = comparing.compared()
        with reactive.isolate():  # a press must not take the focus of the keyboard away
            chosen = comparing.cell()
        return heat_tags(found.grid, (side_title(found.sides.first), side_title(found.sides.second)), chosen)

    @render.ui
    def cell() -> TagList:
        found, told = comparing.compared(), comparing.told()
        lines = cell_words(told, found.grid.cell(*told), comparing.span(told), found.grid.measure)
        return TagList(tags.strong(lines[0]), *(tags.span(f" {line}", class_="m-quiet") for line in lines[1:]))

    @reactive.effect
    async def _mark() -> None:
        first, second = comparing.cell()
        await session.send_custom_message("moraine-alike", {"id": session.ns("grid"), "first": first, "second": second})

    @reactive.effect
    @reactive.event(input.chosen)
    def _choose() -> None:
        cell = cell_of(input.chosen())
        if cell:
            comparing.choose(cell)

    @reactive.effect
    @reactive.event(input.pointed)
    def _point() -> None:
        comparing.point(cell_of(input.pointed()))


def cell_of(sent: object) -> tuple[str, str] | None:
    """The pair of names that the browser sent, None where it is none."""
    if not isinstance(sent, list | tuple) or len(sent) != 2 or not all(isinstance(name, str) for name in sent):
        return None
    return sent[0], sent[1]


def epoch_choices(lens: Lens) -> dict[str, str]:
    """Value → words of the epochs of a run, the finished network first."""
    last = lens.manifest.epochs[-1:]
    finished = f"{last[0]}, the last" if last else "the finished network"
    return {LAST: finished, **{str(epoch): str(epoch) for epoch in lens.manifest.epochs[-2::-1]}}


def _link_controls(input: Inputs, looking: LensSelection, comparing: Comparing) -> None:
    titles = {name: lens.manifest.title for name, lens in looking.lenses.items()}
    sides = comparing.sides

    @reactive.effect
    def _offer() -> None:
        ui.update_select("other", choices=titles, selected=looking.other().name)

    for name, run, side in (
        ("epoch", looking.lens, lambda: sides().first), ("other_epoch", looking.other, lambda: sides().second)
    ):  # fmt: skip
        _link_epoch(input, name, run, lambda side=side: _epoch_value(side().epoch), looking)

    link_control(
        input, "other", held=lambda: looking.other().name, read=_one_of(titles), take=lambda name: looking.change(other=name),
        move=lambda name: ui.update_select("other", selected=name), default="",
    )  # fmt: skip
    link_control(
        input, "measure", held=lambda: sides().measure, read=_one_of(MEASURES), take=lambda name: looking.change(measure=name),
        move=lambda name: ui.update_select("measure", selected=name), default=next(iter(MEASURES)),
    )  # fmt: skip


def _link_epoch(input: Inputs, name: str, run: Callable[[], Lens], held: Callable[[], str], looking: LensSelection) -> None:
    @reactive.effect
    def _offer() -> None:
        lens = run()
        with reactive.isolate():
            ui.update_select(name, choices=epoch_choices(lens), selected=held())

    link_control(
        input, name, held=held, read=_epoch, take=lambda value: looking.change(**{name: None if value == LAST else int(value)}),
        move=lambda value: ui.update_select(name, selected=value), default=LAST,
    )  # fmt: skip


def _epoch_value(epoch: int | None) -> str:
    return LAST if epoch is None else str(epoch)


def _epoch(sent: object) -> str:
    """One that the run does not have is as good as the last: see `LensSelection`."""
    value = text_of(sent)
    if value != LAST and not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ValueError(sent)
    return value


def _one_of(known: dict[str, object]) -> Callable[[object], str]:
    def read(sent: object) -> str:
        if text_of(sent) not in known:
            raise ValueError(sent)
        return text_of(sent)

    return read
