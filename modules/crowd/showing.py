"""A plot of very many lakes and its browser: what is on screen travels over HTTP, for this session alone; a press comes by the widget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shiny import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from data.errors import InputError
from modules.columns import packed
from modules.crowd.crowd import Crowd
from modules.crowd.facts import Facts, Knowing
from modules.crowd.lattice import Lattice, Spot

OWN = {"Cache-Control": "private, no-store"}
TROUBLE = (InputError, ValueError, KeyError, TypeError, OverflowError)
"""What is not something our own script asks."""


@dataclass(frozen=True)
class Shown:
    """What is on screen.

    Args:
        crowd: The lakes.
        knowing: Who they are.
        version: Counts up with every change: by it the browser knows an answer to be of what is shown.
    """

    crowd: Crowd
    knowing: Knowing
    version: int


class Showing:
    """One plot's way to its lakes.

    Args:
        session: Of the view.
    """

    def __init__(self, session: Session) -> None:
        self._shown: Shown | None = None
        self._url = session.dynamic_route("crowd", self._answer)

    def show(self, crowd: Crowd, knowing: Knowing, labels: list[int]) -> dict[str, object]:
        """Put other lakes on screen; what the widget's trait `crowd` becomes.

        Args:
            crowd: The lakes.
            knowing: Who they are.
            labels: Rows that are labelled.
        """
        self._shown = Shown(crowd, knowing, self._shown.version + 1 if self._shown else 1)
        return {"url": self._url, "version": self._shown.version, "known": knowing.of(labels)}

    def pressed(self, said: list[object]) -> int | None:
        """The row that a press means: x, y, the size of a pixel in both, and the reach in pixels; None where that is none."""
        try:
            spot = Spot(*(float(str(value)) for value in said[:5]))
        except TROUBLE:
            return None
        return None if self._shown is None else self._shown.crowd.under(spot).row

    def told(self, row: int) -> Facts:
        """What there is to say of a lake on screen."""
        return {} if self._shown is None else self._shown.knowing.of([row])

    async def _answer(self, request: Request) -> Response:
        shown, said = self._shown, request.query_params
        answers: dict[str, Callable[[Shown, Mapping[str, str]], Response]] = {"view": _view, "under": _under, "step": _step}
        if shown is None or said.get("ask") not in answers:
            return PlainTextResponse("There is no such plot (any more). Reload the page.", 404)
        try:
            return await asyncio.to_thread(answers[said["ask"]], shown, said)
        except TROUBLE:
            return PlainTextResponse("That is no part of the plot. Reload the page.", 400)


def _view(shown: Shown, said: Mapping[str, str]) -> Response:
    facts, columns = shown.crowd.view(Lattice.asked(said))
    body = packed(columns, facts | {"version": shown.version}, level=1)
    return Response(body, media_type="application/octet-stream", headers={**OWN, "Content-Encoding": "gzip"})


def _under(shown: Shown, said: Mapping[str, str]) -> Response:
    found = shown.crowd.under(Spot(*(float(said[name]) for name in ("x", "y", "wide", "high", "reach"))))
    known = shown.knowing.of([found.row]) if found.row is not None else {}
    return JSONResponse({"row": found.row, "here": found.here, **known}, headers=OWN)


def _step(shown: Shown, said: Mapping[str, str]) -> Response:
    found = shown.crowd.step(int(said["row"]), said["way"])
    if found is None:
        return JSONResponse({"row": None}, headers=OWN)
    row, at = found
    return JSONResponse({"row": row, "at": at, "of": len(shown.crowd.order), **shown.knowing.of([row])}, headers=OWN)
