"""Two addresses for what watches the app: whether it is ready, and its figures."""

from __future__ import annotations

import asyncio
import logging
import tomllib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from data.errors import MoraineError
from modules.reviewing.host import is_local
from modules.serving.datasets import Datasets
from modules.serving.observing.metrics import Metrics

log = logging.getLogger(__name__)

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
FRESH = {"Cache-Control": "no-store"}


@cache
def version() -> str:
    """Moraine's, as pyproject.toml says."""
    return tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["version"]


def health_route(datasets: Datasets) -> Route:
    """`/healthz`: 200 once any dataset can be opened, else 503: ready, version, each dataset's digest (null: it cannot be opened).

    One damaged dataset must not take a replica out of the proxy's round: the others are served all the same.
    """

    async def healthz(_: Request) -> Response:
        digests = await asyncio.to_thread(_digests, datasets)
        ready = any(digests.values())
        return JSONResponse({"ready": ready, "version": version(), "datasets": digests}, 200 if ready else 503, FRESH)

    return Route("/healthz", healthz)


def _digests(datasets: Datasets) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in datasets.metas:
        try:
            datasets.renew(name)
            store = datasets.store(name)
            found[name] = store.digest if store is not None else None
        except MoraineError as error:
            log.warning("not ready: %s", error)
            found[name] = None
    return found


def metrics_route(metrics: Metrics, who: str) -> Route:
    """`/metrics`.

    Args:
        metrics: What is shown.
        who: `local`: who asks from this machine; `on`: everybody; `off`: nobody.
    """

    async def figures(request: Request) -> Response:
        if who == "off" or (who == "local" and not is_local(request)):
            return PlainTextResponse("Not found.", 404)
        return Response(await asyncio.to_thread(metrics.text), media_type=PROMETHEUS, headers=FRESH)

    return Route("/metrics", figures)
