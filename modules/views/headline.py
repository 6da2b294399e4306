"""The headline: what was tested and what came of it, computed, with the classes of the lakes shown counted beside it."""

from __future__ import annotations

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.records import DatasetMeta, TrendTable
from data.store import Store
from data.trends.classes import GROWING, NOT_SIGNIFICANT, NOT_TESTED, SHRINKING
from data.trends.headline import headline
from modules.figures import CLASSES, settings_words
from modules.fitting import done_words
from modules.measures import CLASS_WORDS, LIT, quiet_counts, quiet_text
from modules.selection import Selection

ORDER = (GROWING, SHRINKING, NOT_SIGNIFICANT, NOT_TESTED)


def class_counts(classes: np.ndarray, lit: np.ndarray) -> dict[int, int]:
    """How many of the lit lakes are in each class, by class code: the numbers in the corners of the volcano."""
    counts = np.bincount(classes[lit], minlength=len(CLASSES))
    return {code: int(counts[code]) for code in ORDER}


def count_boxes(counts: dict[int, int], quiet: str = "", *, brushed: bool = False) -> Tag:
    """One small box a class: the count, and the class in words; `brushed` says that only brushed lakes are counted.

    Args:
        counts: Of `class_counts`.
        quiet: Into what the lakes that are not significant fall apart.
        brushed: Whether only brushed lakes are counted.
    """
    boxes = (
        tags.li(
            tags.span(f"{count:,}", class_="m-box-count"),
            tags.span(tags.span(class_=f"m-chip m-{CLASSES[code]}", aria_hidden="true"), CLASS_WORDS[code], class_="m-class"),
            tags.span(f" ({quiet})", class_="m-quiet") if quiet and code == NOT_SIGNIFICANT else None,
            class_="m-box",
        )
        for code, count in counts.items()
    )
    which = tags.li("of the brushed lakes:", class_="m-box") if brushed else None
    return tags.ul(which, *boxes, class_="m-boxes", aria_label="Lakes brushed, by class" if brushed else "Lakes shown, by class")


def sentence(words: str, shown: int, total: int, meta: DatasetMeta) -> Tag:
    """The headline, what share of the lakes is shown, and whether the data are simulated."""
    part = tags.span(f"{shown:,} of {total:,} lakes shown", class_="m-quiet") if shown < total else None
    return tags.p(_badge(meta), words, TagList(" · ", part) if part else None, class_="m-headline")


def awaited(lakes: int, meta: DatasetMeta, share: float | None) -> Tag:
    """What stands in place of the headline while there is no table of trends yet.

    Args:
        lakes: How many there are.
        meta: Of the dataset.
        share: How much of the fit is done, 0 to 1; None where that is not known.
    """
    fitting = tags.span(f"Fitting the trends of {lakes:,} lakes{done_words(share)} …", class_="m-fitting", role="status")
    return tags.p(_badge(meta), fitting, class_="m-headline")


def _badge(meta: DatasetMeta) -> Tag | None:
    return tags.span("simulated data", class_="m-badge") if meta.simulated else None


def provenance_words(store: Store, table: TrendTable, shown: int, compared: str = "") -> str:
    """What a saved plot says below itself: the data, whether they are simulated, the settings, the digest, the citation."""
    meta = store.meta
    title = ("Simulated data: " if meta.simulated else "") + meta.title
    rest = f"{shown:,} of {len(store.lakes):,} lakes shown · data {store.digest[:10]}"
    lines = f", compared with {compared}" if compared else ""
    return f"{title} · {settings_words(table)}{lines} · {rest} · {meta.citation}"


@module.ui
def headline_ui() -> Tag:
    """The sentence, the boxes, and unseen the words for saved plots."""
    unseen = tags.div(ui.output_text("provenance", inline=True), class_="m-provenance visually-hidden", aria_hidden="true")
    return tags.div(ui.output_ui("said"), ui.output_ui("boxes"), unseen, class_="m-head", aria_live="polite")


@module.server
def headline_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    @reactive.calc
    def words() -> str:
        display = selection.display()
        return headline(selection.fitted(), display.use, display.alpha, display.effect, short=True)

    @render.ui
    def said() -> Tag:
        if selection.table() is None and selection.fitting() is not None:
            return awaited(len(store.lakes), store.meta, selection.fitted_share())
        return sentence(words(), int(np.count_nonzero(selection.shown())), len(store.lakes), store.meta)

    @render.text
    def provenance() -> str:
        other = selection.compared()
        compared = other.settings.source if other is not None else ""
        return provenance_words(store, selection.fitted(), int(np.count_nonzero(selection.shown())), compared)

    @render.ui
    def boxes() -> Tag:
        lit = selection.bits() & LIT > 0
        quiet = quiet_text(quiet_counts(selection.kinds(), lit))
        return count_boxes(class_counts(selection.classes(), lit), quiet, brushed=selection.brush() is not None)
