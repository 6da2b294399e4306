"""*Why this point?*: what the verdict in the focus line rests on, worked out only once it is opened."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.at_once import at_once, too_many_words
from data.errors import MoraineError
from data.records import TrendSettings
from data.store import Store
from data.trends import METHODS
from data.triage import KINDS
from data.why import Estimate, Why, why
from data.why.by_method import NEEDS_ALL
from data.why.residuals import LEAST_PAIRS, Residuals
from modules.controls import script
from modules.finishing import made_by
from modules.measures import slope_unit
from modules.numerals import NONE, figure_text, probability_text, slope_text
from modules.selection import Selection
from modules.whiskers import lying, roomy, span, standing, upright

NO_FOCUS = "Click a lake in the volcano, the map or the table; what its verdict rests on appears here."
ADDED = "Points that this session added are not in it."


def why_tags(found: Why, ask: Tag | None = None) -> TagList:
    """The whole panel.

    Args:
        found: The reasons of one lake.
        ask: A button to fit all lakes, where some method needs that.
    """
    unit = slope_unit(found.settings.response)
    methods = [replace(row, name=_title(row, found.method)) for row in found.methods]
    return TagList(
        tags.div(
            estimates_table("By every method", "method", methods, unit),
            ask,
            _sources(found, unit),
            class_="m-why-part",
        ),
        tags.div(_thresholds(found, unit), _left_out(found, unit), _residuals(found), class_="m-why-part"),
    )  # fmt: skip


def _title(row: Estimate, own: str) -> str:
    return f"{METHODS[row.name].title} (in use)" if row.name == own else METHODS[row.name].title


def estimates_table(caption: str, head: str, rows: Sequence[Estimate], unit: str, *, drawn: bool = True) -> Tag:
    """Slopes with their intervals, drawn on one axis (unless that was done elsewhere) and written out; the first column names the row."""
    ends = span(rows)
    heads = (head, *([""] if drawn else []), f"slope [95 % CI], {unit}", "p", "n")
    body = [
        tags.tr(
            tags.th(row.name, scope="row"),
            *([tags.td(lying(row, ends), class_="m-whisker-cell")] if drawn else []),
            *([tags.td(row.note, colspan="3", class_="m-quiet")] if row.note and not row.n else _figures(row)),
        )
        for row in rows
    ]
    head_row = tags.thead(tags.tr(*(tags.th(text, scope="col") for text in heads)))
    return tags.div(
        tags.table(tags.caption(caption), head_row, tags.tbody(*body), class_="m-figures"),
        class_="m-figures-scroll", tabindex="0", role="region", aria_label=caption,
    )  # fmt: skip


def _figures(row: Estimate) -> list[Tag]:
    if not math.isfinite(row.slope):
        return [tags.td("fewer than three usable dates", colspan="2", class_="m-quiet"), tags.td(str(row.n))]
    slope = slope_text(row.slope, row.low, row.high)
    p = probability_text(row.log_p) if math.isfinite(row.log_p) else NONE
    note = tags.div(row.note, class_="m-quiet") if row.note else None
    return [tags.td(slope, note, class_="m-slope-cell"), tags.td(p), tags.td(str(row.n))]


def _sources(found: Why, unit: str) -> Tag:
    if len(found.sources) < 2:
        return _none("From each source", "This dataset has one source, so there is no other to hold it against.")
    return estimates_table("From each source", "source", found.sources, unit)


def _thresholds(found: Why, unit: str) -> Tag:
    title = "At every probability threshold"
    if found.stability is None:
        return _none(title, f"No probabilities of this lake by {found.settings.source}: there is no threshold to vary.")
    same, of = found.stability.same, found.stability.of
    words = f"Threshold-proof: all {of} say the same" if found.stability.proof else f"{same} of {of} thresholds say the same"
    return _strip(title, f"{words} (sign, and whether p < 0.05).", found.thresholds, unit, "threshold")


def _left_out(found: Why, unit: str) -> Tag:
    title, rows = "Without each date in turn", found.left_out
    if not any(math.isfinite(row.log_p) for row in rows):
        return _none(title, "With one date less there is no test left, so no date can be spared.")
    return _strip(title, left_out_words(found.own, rows, unit), rows, unit, "without")


def left_out_words(own: Estimate, rows: Sequence[Estimate], unit: str) -> str:
    """Which date, if left out, changes the sign or whether p < 0.05; or that none does."""
    says = lambda row: (row.sign, row.significant)  # noqa: E731
    turns = [row for row in rows if math.isfinite(row.log_p) and says(row) != says(own)]
    if not turns:
        return "Sign and significance stay whichever date is left out."
    parts = [f"{row.name} ({figure_text(row.slope, 2, signed=True)} {unit}, p = {probability_text(row.log_p)})" for row in turns]
    many = f" and {len(parts) - 3} others" if len(parts) > 3 else ""
    return f"Sign or significance changes without {'; '.join(parts[:3])}{many}."


def _strip(title: str, words: str, rows: Sequence[Estimate], unit: str, head: str) -> Tag:
    return tags.section(
        tags.h3(title),
        tags.p(words),
        standing(rows, span(rows), f"{title}: {words}"),
        tags.div(tags.span(rows[0].name), tags.span(rows[-1].name), class_="m-why-ends m-quiet", aria_hidden="true"),
        tags.details(tags.summary("As a table"), estimates_table(title, head, rows, unit, drawn=False)),
    )


def _residuals(found: Why) -> Tag:
    title = "What the line leaves over"
    if found.residuals is None:
        return _none(title, "There is no line.")
    return tags.section(tags.h3(title), tags.p(residual_words(found.residuals)), residuals_figure(found.residuals))


def residual_words(left: Residuals) -> str:
    """The lag-1 correlation, or why there is none."""
    if math.isnan(left.lag1):
        return f"Lag-1 correlation unknown: {left.pairs} pairs of neighbouring years, of {LEAST_PAIRS} that it takes."
    return f"Lag-1 correlation {figure_text(left.lag1, 2, signed=True)} over {left.pairs} pairs of neighbouring years."


def residuals_figure(left: Residuals) -> Tag:
    """Each observation above or below its line, with its mapping error (1 sd) as a whisker."""
    error = np.nan_to_num(left.error)
    reach = float(np.max(np.abs(left.value) + error, initial=0.0)) or 1.0
    across = 0.03 + 0.94 * (left.year - left.year.min()) / ((left.year.max() - left.year.min()) or 1.0)
    columns = (across, left.value, left.value - error, left.value + error)
    marks = [("untested", *row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return upright(marks, roomy(-reach, reach), f"Residuals of {len(marks)} observations with their mapping errors")


def _none(title: str, words: str) -> Tag:
    return tags.section(tags.h3(title), tags.p(words, class_="m-quiet"))


@module.ui
def why_button() -> Tag:
    """What opens the panel; it belongs into the focus line."""
    return tags.button(
        "Why?", type="button", class_="btn btn-sm m-quiet-button m-why-button", aria_expanded="false", aria_controls=resolve_id("panel"),
        data_moraine_why=resolve_id("open"), title="What this verdict rests on",
    )  # fmt: skip


@module.ui
def why_ui() -> Tag:
    """The panel, closed."""
    return tags.section(
        script("why.js"),
        tags.h2("Why this point?", class_="m-card-title"),
        ui.output_ui("triage"),
        ui.output_ui("body", class_="m-why-body"),
        id=resolve_id("panel"),
        class_="m-why",
        hidden="",
    )


@module.server
def why_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Work the reasons out once the panel is open, and again with every other focus."""
    fitted: reactive.Value[int] = reactive.Value(0)
    running = _fitting(input, store, selection, fitted)

    @render.ui
    def triage() -> Tag | None:
        focus, kinds = selection.focus(), selection.triage()
        row = store.row_of(focus) if focus is not None else None
        if row is None:
            return None
        if kinds is None and not at_once(len(store.lakes)):
            return tags.p(too_many_words("Triage is"), class_="m-quiet")
        if kinds is None:
            return tags.p("Triage: all lakes are being looked at …", class_="m-fitting", role="status")
        kind, table = str(kinds["kind"].iat[row]), selection.fitted()
        tried = "" if selection.trial.on(table) == table.settings else " (at the threshold of all lakes)"
        told = f": {kinds['why'].iat[row]}. "
        return tags.p(tags.strong(f"Triage{tried}: {kind}"), told, tags.span(KINDS[kind].help, class_="m-quiet"))

    @render.ui
    def body() -> Tag | TagList | None:
        fitted()
        focus = selection.focus() if input.open() else None
        if not input.open():
            return None
        if focus is None:
            return tags.p(NO_FOCUS, class_="m-empty")
        try:
            found = _reasons(store, selection, focus)
        except MoraineError as error:
            return tags.p(f"{error.what}. To do: {error.remedy}.", class_="m-refused", role="alert")
        added = tags.p(ADDED, class_="m-notice") if selection.session.here() else None
        return TagList(added, why_tags(found, _ask(found, running=running())))


def _reasons(store: Store, selection: Selection, lake_key: int) -> Why:
    table = selection.fitted()
    return why(store, lake_key, selection.trial.on(table), table)


def _fitting(input: Inputs, store: Store, selection: Selection, fitted: reactive.Value[int]) -> Callable[[], bool]:
    """Fit all lakes by the methods that learn from them all, when asked to; counts in `fitted`. Returns whether that is going on."""

    @reactive.extended_task
    async def fit(wanted: list[TrendSettings]) -> int:
        for settings in wanted:
            await asyncio.to_thread(store.trends, settings)
        return len(wanted)

    @reactive.effect
    @reactive.event(input.fit)
    def _fit() -> None:
        focus = selection.focus()
        if focus is None or fit.status() == "running":
            return
        with suppress(MoraineError):  # `body` says why
            found = _reasons(store, selection, focus)
            fit.invoke([replace(found.settings, method=row.name) for row in found.methods if row.note == NEEDS_ALL])

    @reactive.effect
    def _fitted() -> None:
        if made_by(fit, selection.notices, "These methods could not be fitted") is not None:
            with reactive.isolate():
                fitted.set(fitted() + 1)

    return lambda: fit.status() == "running"


def _ask(held: Why, *, running: bool) -> Tag | None:
    """A button to fit all lakes by the methods that learn from them all, where some were not."""
    titles = [METHODS[row.name].title for row in held.methods if row.note == NEEDS_ALL]
    if not titles:
        return None
    these = titles[0] if len(titles) == 1 else f"these {len(titles)} methods"
    if running:
        return tags.p(f"Fitting all lakes by {these} …", class_="m-fitting", role="status")
    return ui.input_action_button("fit", f"Fit all lakes by {these}", class_="m-button")
