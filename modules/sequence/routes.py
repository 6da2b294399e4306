"""The route of what the Sequence lab draws: made off the event loop, kept within bounds, immutable."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import quote

from shiny import App
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.bounded import Bounded
from data.errors import LensError
from data.sequence.reading import SequenceRun
from modules.columns import packed
from modules.sequence.resources import columns_of
from modules.sequence.runs import SequenceRuns
from modules.serving.assets import FOR_GOOD

log = logging.getLogger(__name__)

LAYOUT = 1
"""Raise it whenever `modules.sequence.resources` has other columns: browsers keep answers for a year."""
SHOWN = 16
"""Digits of the digest in an address."""
KEPT = 16 * 2**20
"""Bytes of answers kept."""
IMMUTABLE = {**FOR_GOOD, "Content-Encoding": "gzip", "X-Content-Type-Options": "nosniff"}
PASSING = {"Cache-Control": "no-store"}


def sequence_base(run: SequenceRun) -> str:
    """What every address of a run begins with; a kind and its numbers follow."""
    return f"sequence/{quote(run.name, safe='')}/{run.digest[:SHOWN]}-{LAYOUT}"


class SequenceAnswers:
    """Answers requests.

    Args:
        runs: What there is.
    """

    def __init__(self, runs: SequenceRuns) -> None:
        self._runs = runs
        self._kept: Bounded[bytes] = Bounded(KEPT, len)

    async def answer(self, request: Request) -> Response:
        """`sequence/{run}/{digest}-{layout}/{kind}/…`: 404 for what there is not, 422 with a sentence where a file cannot be used."""
        digest, _, layout = request.path_params["version"].partition("-")
        run = self._runs.at(request.path_params["run"], digest)
        kind, *parts = request.path_params["rest"].split("/")
        if run is None or layout != str(LAYOUT):
            return PlainTextResponse("This run is not served here (any more). Reload the page.", 404, PASSING)
        try:
            body = await asyncio.to_thread(self._kept.made, (run.digest, kind, *parts), lambda: packed(columns_of(run, kind, parts)))
        except LensError as error:
            log.warning("%s", error)
            said = error.what.replace(str(run.folder), run.name)
            return PlainTextResponse(f"{said}. {error.remedy[:1].upper()}{error.remedy[1:]}.", 422, PASSING)
        except (ValueError, LookupError):
            return PlainTextResponse("There is no such thing in this run.", 404, PASSING)
        return Response(body, media_type="application/octet-stream", headers=IMMUTABLE)


def add_sequence_routes(app: App, runs: SequenceRuns) -> None:
    """Put the route before Shiny's own."""
    app.starlette_app.router.routes[:0] = [Route("/sequence/{run:str}/{version:str}/{rest:path}", SequenceAnswers(runs).answer)]
