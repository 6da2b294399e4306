"""The tab Compare: all pairs of layers of two networks, the scenes as a pair arranges them, where they disagree, and drift. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.cards import card, save_buttons
from modules.lensing.comparing import Comparing
from modules.lensing.looking import LensSelection
from modules.selection import Selection
from modules.views.lens_arranged import lens_arranged_server, lens_arranged_ui
from modules.views.lens_compare import lens_compare_server, lens_compare_ui
from modules.views.lens_differ import lens_differ_server, lens_differ_ui
from modules.views.lens_drift import lens_drift_server, lens_drift_ui

_card = functools.partial(card, look="m-judged-card")


@module.ui
def lens_compare_tab_ui() -> Tag:
    return tags.div(
        _card("lens-pairs-card", "Every pair of layers", lens_compare_ui("pairs")),
        _card("lens-placed-card", "The same scenes in both layers", lens_arranged_ui("arranged")),
        _card("lens-differ-card", "Scenes on which they disagree", lens_differ_ui("differ")),
        _card("lens-drift-card", "Each layer through training", lens_drift_ui("drift"), *save_buttons()),
        class_="m-lens-compare-tab",
    )


@module.server
def lens_compare_tab_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    comparing = Comparing(looking)
    for name, serve in (
        ("pairs", lens_compare_server), ("arranged", lens_arranged_server), ("differ", lens_differ_server), ("drift", lens_drift_server),
    ):  # fmt: skip
        serve(name, store, selection, looking=looking, comparing=comparing)
