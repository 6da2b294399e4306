"""The route of pictures drawn from lenses: made off the event loop, kept within bounds, immutable, the same answer for all sessions."""

from __future__ import annotations

import asyncio
import gzip
import logging
import re

from shiny import App
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.bounded import Bounded
from data.errors import LensError
from data.lens.reading import told
from modules.lensing.pictures import picture_kinds
from modules.lensing.runs import Lenses
from modules.lensing.urls import DRAWN
from modules.serving.assets import FOR_GOOD

log = logging.getLogger(__name__)

KEPT = 48 * 2**20
"""Bytes of answers kept."""
IMMUTABLE = {**FOR_GOOD, "X-Content-Type-Options": "nosniff"}
PASSING = {"Cache-Control": "no-store"}
PART = re.compile(r"-?[a-z]+|0|-?[1-9][0-9]{0,18}", re.ASCII)
"""Of an address: a number in its only way of writing, or a word."""
GONE = "This lens is not served here (any more). Reload the page."
PACKED = {"application/json", "application/octet-stream"}
"""Kinds that are sent compressed; pictures are so already."""


class LensPictures:
    """Answers requests for pictures of lenses.

    Args:
        lenses: What there is.
    """

    def __init__(self, lenses: Lenses) -> None:
        self._lenses = lenses
        self._kinds = picture_kinds()
        self._kept: Bounded[tuple[bytes, str]] = Bounded(KEPT, lambda answer: len(answer[0]))

    async def answer(self, request: Request) -> Response:
        """`lens/{run}/{digest}-{drawn}/{kind}/…`: 404 for what there is not, 422 for what cannot be used, with a sentence as plain text."""
        digest, _, drawn = request.path_params["version"].partition("-")
        lens = self._lenses.at(request.path_params["run"], digest)
        kind, *parts = request.path_params["rest"].split("/")
        if lens is None or kind not in self._kinds or drawn != str(DRAWN):
            return PlainTextResponse(GONE, 404, PASSING)
        make = self._kinds[kind]
        try:
            if not all(PART.fullmatch(part) for part in parts):
                raise LookupError(parts)  # else one picture could be asked for, and kept, under endless names
            body, media = await asyncio.to_thread(self._kept.made, (lens.digest, kind, *parts), lambda: _sent(make(lens, parts)))
        except LensError as error:
            log.warning("%s", error)
            return PlainTextResponse(told(error, lens), 422, PASSING)
        except (ValueError, LookupError):
            return PlainTextResponse("There is no such picture.", 404, PASSING)
        if media in PACKED:
            return Response(body, media_type=media, headers={**IMMUTABLE, "Content-Encoding": "gzip"})
        return Response(body, media_type=media, headers=IMMUTABLE)


def _sent(made: tuple[bytes, str]) -> tuple[bytes, str]:
    """A picture as it travels; packing is slow, for a thread."""
    body, media = made
    return (gzip.compress(body, 5, mtime=0) if media in PACKED else body), media


def add_lens_routes(app: App, lenses: Lenses) -> None:
    """Put the route before Shiny's own."""
    app.starlette_app.router.routes[:0] = [Route("/lens/{run:str}/{version:str}/{rest:path}", LensPictures(lenses).answer)]
