"""Reviews in one sentence each, beside the watch-list: of all lakes, and of the lake in focus."""

from __future__ import annotations

from collections import Counter

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from modules.reviewing.desk import OFF
from modules.reviewing.marks import counting
from modules.reviewing.subjects import verdict_words
from modules.selection import Selection


def summary_words(verdicts: np.ndarray, bad: np.ndarray, shown: np.ndarray) -> str:
    """`Reviews of the 412 lakes shown: 2 verified, 1 false alarm; 3 masks of 2 lakes are bad`.

    Args:
        verdicts: (L,) what is said of each lake, empty for nothing.
        bad: (L,) how many of its masks are called bad.
        shown: (L,) booleans.
    """
    counts = Counter(verdict for verdict in verdicts[shown] if verdict)
    each = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())) or "no lake yet"
    masks, lakes = int(bad[shown].sum()), int((bad[shown] > 0).sum())
    said = f"; {masks:,} mask{'s' * (masks != 1)} of {lakes:,} lake{'s' * (lakes != 1)} called bad" if masks else ""
    return f"Reviews of the {int(shown.sum()):,} lakes shown: {each}{said}."


@module.ui
def review_summary_ui() -> Tag:
    """Empty where reviews are off."""
    return tags.div(ui.output_text("everywhere", inline=True), " ", ui.output_text("here", inline=True), class_="m-quiet m-review-summary")


@module.server
def review_summary_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    reviews = selection.reviews

    @render.text
    def everywhere() -> str:
        if reviews.desk.mode == OFF:
            return ""
        return summary_words(reviews.verdicts(), reviews.bad_counts(), selection.shown())

    @render.text
    def here() -> str:
        focus = selection.focus()
        row = store.row_of(focus) if focus is not None else None
        return (
            ""
            if row is None or reviews.desk.mode == OFF
            else f"{store.labels[row]}: {verdict_words(counting(reviews.now(), focus).get((None, '')))}."
        )
