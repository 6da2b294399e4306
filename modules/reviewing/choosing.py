"""Which mask is reviewed: the one on screen, or the one chosen in the menu, which then comes on screen."""

from __future__ import annotations

from collections.abc import Callable

from shiny import Inputs, reactive

from data.store import Store
from modules.controls import offer, text_of
from modules.reviewing.subjects import Subject, shown_subject, subjects
from modules.selection import Selection

Chosen = Callable[[], Subject | None]


def chosen_mask(input: Inputs, store: Store, selection: Selection) -> Chosen:
    """Tie the menu `subject` to the scene in focus, both ways.

    Returns:
        A calc: the mask, None where the lake in focus has none.
    """
    picked: reactive.Value[str] = reactive.Value("", name="picked")

    @reactive.calc
    def of_lake() -> list[Subject]:
        focus = selection.focus()
        return [] if focus is None else subjects(store, focus, selection.scenes())

    @reactive.calc
    def on_screen() -> Subject | None:
        return shown_subject(of_lake(), selection.scene(), (selection.settings().source, *selection.layers()))

    @reactive.calc
    def chosen() -> Subject | None:
        return next((each for each in of_lake() if each.token == picked()), on_screen())

    _tie(input, selection, of_lake, on_screen, picked)
    return chosen


def _tie(
    input: Inputs,
    selection: Selection,
    of_lake: Callable[[], list[Subject]],
    on_screen: Callable[[], Subject | None],
    picked: reactive.Value[str],
) -> None:
    # What a person chose, and the scene and source under test that it holds for: the scene that it brings on screen must not
    # put another mask of that scene in its place.
    meant: reactive.Value[tuple[str, object]] = reactive.Value(("", None), name="meant")

    @reactive.effect
    def _follow() -> None:
        subject, shown = on_screen(), selection.scene()
        with reactive.isolate():
            token, holds_for = meant()
        kept = next((each for each in of_lake() if each.token == token), None)
        if kept is not None and holds_for == (shown.scene_key if shown else None, selection.settings().source):
            subject = kept
        else:
            meant.set(("", None))
        picked.set(subject.token if subject else "")
        offer("subject", {each.token: each.words for each in of_lake()}, subject.token if subject else None)

    @reactive.effect
    @reactive.event(input.subject)
    def _pick() -> None:
        subject = next((each for each in of_lake() if each.token == text_of(input.subject())), None)
        if subject is None or subject.token == picked():
            return
        picked.set(subject.token)
        shown = selection.scene()
        scene_key = subject.scene_key if subject.scene_key is not None else shown.scene_key if shown else None
        meant.set((subject.token, (scene_key, selection.settings().source)))
        if subject.scene_key is not None and (shown is None or shown.scene_key != subject.scene_key):
            selection.set_scene(subject.scene_key)
