"""The list compared with one that was saved earlier: what entered, left and moved, and why."""

from __future__ import annotations

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.errors import InputError
from data.store import Store
from data.watchlist.between import DATASET, OBSERVATION, REVIEW, SETTING, WEIGHT, Between
from data.watchlist.compare import ENTERED, LEFT, MOVED, STAYED, Cause, Change, Comparison
from data.watchlist.file_in import MOST_MB
from data.watchlist.reasons import setting_words, weight_words
from modules.controls import focus_pressed
from modules.numerals import NONE, fixed_text
from modules.selection import Selection
from modules.serving.uploading import uploaded
from modules.watching.background import Background
from modules.watching.comparing import compared
from modules.watching.saving import OnScreen
from modules.watching.state import Watching

HEADS = {ENTERED: "Entered", LEFT: "Left", MOVED: "Moved"}
WHY = (
    "Every world between then and now was ranked again, with one, two, … of the changes made. A cause's part is what it changed when it "
    "came, averaged over all orders in which the changes can come; the parts sum to the whole. Several can act on one lake, and a lake can "
    "move because another one moved past it."
)

STALE = "The list on screen has changed since it was compared: hand the earlier list in again to compare it with this one."


def difference_words(between: Between) -> list[str]:
    """What differs between two lists, one sentence each."""
    added, reviewed = between.added, between.reviewed
    said = {
        OBSERVATION: f"{len(added):,} new observations of {added['lake_key'].nunique():,} lakes",
        DATASET: f"the dataset says otherwise of {len(between.revised):,} lakes",
        SETTING: setting_words(between) if between.settings[0] != between.settings[1] else "",
        WEIGHT: weight_words(between),
        REVIEW: f"{len(reviewed):,} observations whose review counts otherwise",
    }
    return [said[cause] for cause in between.causes]


def share_text(cause: Cause, kind: str) -> str:
    """`+5 places`, or `100 %` of entering or leaving; what worked the other way is named so."""
    if kind == MOVED:
        return f"{'+' if cause.share > 0 else '−'}{fixed_text(abs(cause.share), 1)} places"
    share = cause.share if kind == ENTERED else -cause.share
    return f"{100 * share:.0f} %" if share > 0 else f"against it, {-100 * share:.0f} %"


def change_row(change: Change) -> Tag:
    """One lake: places then and now, and its causes."""
    causes = [tags.li(tags.span(share_text(cause, change.kind), class_="m-watch-share"), " ", cause.words) for cause in change.causes]
    places = [tags.td(f"{place:,}" if place else NONE, class_="m-number") for place in (change.then, change.now)]
    lake = tags.button(change.label, type="button", class_="m-lake")
    return tags.tr(tags.th(lake, scope="row"), *places, tags.td(tags.ul(*causes, class_="m-watch-causes")), data_key=str(change.lake_key))


def comparison_tags(found: Comparison) -> TagList:
    """Everything that is said of a comparison."""
    between = found.between
    differences = difference_words(between)
    counts = [f"{len(found.of(kind)):,} {kind}" for kind in (ENTERED, LEFT, MOVED, STAYED)]
    heads = tags.tr(
        *(tags.th(head, scope="col", class_=kind) for head, kind in (("Lake", ""), ("Then", "m-number"), ("Now", "m-number"), ("Why", "")))
    )
    tables = [
        tags.div(
            tags.h3(title),
            tags.div(
                tags.table(tags.thead(heads), tags.tbody(*map(change_row, found.of(kind))), class_="m-lakes m-watch-changes"),
                class_="m-figures-scroll",
            ),
        )
        for kind, title in HEADS.items()
        if found.of(kind)
    ]
    return TagList(
        tags.p(f"Against the list of {between.then.made}: ", ", ".join(counts), ".", class_="m-watch-said"),
        *(tags.p(caution, class_="m-notice") for caution in found.cautions),
        tags.p("What differs: " if differences else "Nothing differs: the lists rest on the same data, settings, weights and reviews."),
        tags.ul(*(tags.li(words) for words in differences)) if differences else None,
        *tables,
        tags.details(tags.summary("How causes are told apart"), tags.p(WHY), class_="m-quiet") if differences else None,
    )


@module.ui
def watch_compare_ui() -> Tag:
    return tags.div(
        tags.p(
            "Hand in a list that you saved earlier: the page says which lakes entered, left and moved since, and why.", class_="m-quiet"
        ),
        tags.div(
            ui.input_file("file", "Earlier list (JSON)", accept=[".json"]),
            data_upload_most=str(MOST_MB * 2**20),
            data_upload_told=resolve_id("large"),
        ),
        ui.output_ui("result", aria_live="polite"),
        id=resolve_id("root"),
        class_="m-watch-compare",
        data_picks=resolve_id("picked"),
    )


@module.server
def watch_compare_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, watching: Watching
) -> None:
    comparing: Background[tuple[Comparison, OnScreen]] = Background()

    @reactive.effect
    @reactive.event(input.file)
    def _begin() -> None:
        try:
            path, _ = uploaded(input.file(), session)
        except InputError as error:
            comparing.fail(error)
            return
        if watching.held() is None:
            comparing.fail(InputError("the lakes are still being ranked", "hand the file in again in a moment"))
            return
        shown = OnScreen.of(watching)
        comparing.begin(lambda tell: (compared(path, shown, tell), shown))

    @reactive.effect
    @reactive.event(input.large)
    def _too_large() -> None:
        comparing.fail(InputError(f"that file is larger than {MOST_MB} MB", "choose a file that this page saved"))

    @reactive.effect
    @reactive.event(input.stop)
    def _stop() -> None:
        comparing.stop()

    focus_pressed(input, selection.set_focus)

    @render.ui
    def result() -> Tag | TagList | None:
        if comparing.busy():
            stop = ui.input_action_button("stop", "Stop", class_="btn-sm m-button")
            return tags.p("Ranking every world between then and now … ", stop, class_="m-fitting", role="status")
        if comparing.trouble():
            return tags.p(comparing.trouble(), class_="m-notice", role="alert")
        found = comparing.found()
        if found is None:
            return None
        comparison, shown = found
        return TagList(None if shown.still_shown(watching) else tags.p(STALE, class_="m-notice"), comparison_tags(comparison))
