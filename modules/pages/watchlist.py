"""Watch-list: which lakes to look at first, and what put each of them there. Layout only."""

from __future__ import annotations

import functools

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, ui

from data.at_once import at_once, too_many_words
from data.store import Store
from modules.cards import card
from modules.choices import State
from modules.selection import Selection
from modules.views.hindcast import hindcast_server, hindcast_ui
from modules.views.review_summary import review_summary_server, review_summary_ui
from modules.views.watch_brief import watch_brief_server, watch_brief_ui
from modules.views.watch_compare import watch_compare_server, watch_compare_ui
from modules.views.watch_files import watch_files_server, watch_files_ui
from modules.views.watch_lake import watch_lake_server, watch_lake_ui
from modules.views.watch_list import watch_list_server, watch_list_ui
from modules.views.watch_weights import watch_weights_server, watch_weights_ui
from modules.watching.state import Watching

NOTHING = "This dataset has no lakes to rank: bring an inventory with `python -m data import`."
_card = functools.partial(card, look="m-watch-card")


def _ranks(store: Store) -> bool:
    return bool(len(store.lakes)) and at_once(len(store.lakes))


@module.ui
def watchlist_ui(store: Store, state: State) -> Tag:
    """Weights on the left; the list and the lake in focus on the right, below each other on a phone."""
    if not _ranks(store):
        why = too_many_words("A watch-list is") if len(store.lakes) else NOTHING
        return tags.section(tags.h2("Watch-list"), tags.p(why, class_="m-notice", role="status"), class_="m-without-lakes")
    sidebar = ui.sidebar(
        watch_weights_ui("weights", store, state.watching),
        width=290, open={"desktop": "open", "mobile": "closed"}, title=None, resizable=False,
    )  # fmt: skip
    badge = tags.span("simulated data", class_="m-badge") if store.meta.simulated else None
    return ui.layout_sidebar(
        sidebar,
        tags.h1("Watch-list", class_="visually-hidden"),
        tags.div(
            _card("watch-list-card", "Watch-list", watch_list_ui("list"), badge, watch_files_ui("files")),
            _card("watch-lake-card", "Lake in focus", tags.div(watch_lake_ui("lake"), review_summary_ui("reviews"))),
            _card("watch-brief-card", "Brief", watch_brief_ui("brief")),
            _card("watch-compare-card", "Since an earlier list", watch_compare_ui("compare")),
            _card("hindcast-card", "Hindcast: would it have told?", hindcast_ui("hindcast", store, state.hindcasting)),
            class_="m-watch",
        ),
        fillable=False,
        class_="m-watch-page m-explore-page",
    )


@module.server
def watchlist_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    if not _ranks(store):
        return
    watching = Watching(store, selection)
    watch_weights_server("weights", store, selection)
    watch_list_server("list", store, selection, watching=watching)
    watch_files_server("files", store, selection, watching=watching)
    watch_compare_server("compare", store, selection, watching=watching)
    watch_brief_server("brief", store, selection, watching=watching)
    watch_lake_server("lake", store, selection, watching=watching)
    review_summary_server("reviews", store, selection)
    hindcast_server("hindcast", store, selection)
