"""What there is to do, and about how long it takes, before anything is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.stac.fetching import Fetcher
from data.stac.request import Job, Lake, Request
from data.stac.seasons import Window
from data.words import duration

REQUESTS = 34
"""Requests that one scene takes, about: a search, classifications of three or four items, six bands (`make soak ONLY=stac` counts them)."""


def jobs_of(lakes: Sequence[Lake], seasons: Sequence[Window], since: date | None = None) -> list[Job]:
    """Every lake in every season, by lake; of seasons that began before `since`, what is left of them."""
    left = [window for season in seasons if (window := season.since(since)) is not None]
    return [Job(lake, window) for lake in lakes for window in left]


def plan(jobs: Sequence[Job], todo: Sequence[Job], request: Request, fetcher: Fetcher, workers: int) -> str:
    """How many scenes, and about how long, going by how long the server took for its answers so far."""
    lakes, seasons = len({job.lake.key for job in jobs}), len({job.window.year for job in jobs})
    line = (
        f"{lakes:,} lakes × {seasons:,} seasons of {request.collection} at {request.catalogue}: {len(todo):,} to do, "
        f"{len(jobs) - len(todo):,} done by earlier runs"
    )
    if not todo:
        return line
    scenes = len(todo) * request.per_season
    each = fetcher.seconds / max(1, fetcher.requests)
    took = duration(max(1.0, scenes * REQUESTS * each / workers))
    return f"{line}; at most {scenes:,} scenes, about {took} (the server takes {each:.2f} s to answer; a better guess after the first few)"
