"""A picker of lakes that asks the server for each text that a person types: a million choices never travel."""

from __future__ import annotations

import asyncio
from functools import partial

from shiny import reactive
from shiny.session import get_current_session
from starlette.requests import Request
from starlette.responses import JSONResponse

from data.store import Store
from modules.facets import lake_offers
from modules.selection import Selection


def offer_lakes(id: str, store: Store, selection: Selection) -> None:
    """Have a selectize control of this module offer the lakes that the filters leave; with other filters it begins anew.

    Args:
        id: Of the control.
        store: The dataset.
        selection: Whose filters they are.
    """
    session = get_current_session()
    if session is None:
        return

    async def offered(request: Request) -> JSONResponse:
        """What Shiny's selectize asks for: choices as `value` and `label`."""
        words = request.query_params.get("query", "")
        with reactive.isolate():
            table, filters = selection.table(), selection.filters()
            find = None if table is None else partial(lake_offers, store, table, filters, selection.kinds(), words=words)
        found = await asyncio.to_thread(find) if find is not None else {}
        return JSONResponse([{"value": key, "label": label} for key, label in found.items()])

    @reactive.effect
    def _anew() -> None:
        selection.filters()
        selection.fitted()
        session.send_input_message(id, {"value": [], "url": session.dynamic_route(f"offered_{id}", offered)})
