"""Jobs done here, and jobs done by workers of a cluster, which know the journal by what they take along."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import MoraineError
from data.spreading import Hands
from data.stac.catalogues import Catalogue
from data.stac.errors import Stopped
from data.stac.fetching import Fetcher
from data.stac.harvest import Harvester, Source
from data.stac.journal import Journal, Looks, Notes
from data.stac.request import Job, Request
from data.stac.search import Searcher
from data.stac.signing import Signer


@dataclass(frozen=True)
class Fetched:
    """What came of a job.

    Args:
        job: The job.
        entry: What the journal then holds of it; None where it failed.
        error: Why.
        looks: What was seen meanwhile that the journal does not know yet.
        bytes: Read for it, where another than this process did it.
    """

    job: Job
    entry: dict[str, Any] | None
    error: MoraineError | Stopped | None = None
    looks: Looks = field(default_factory=dict[tuple[str, str], Any])
    bytes: int = 0


@dataclass(frozen=True)
class Errand:
    """What a worker elsewhere must know to do jobs; it travels with them.

    Args:
        folder: The dataset, which it sees at the same path.
        request: What is wanted.
        catalogue, collection: Of which.
        tries: How often a request is sent at the most.
    """

    folder: Path
    request: Request
    catalogue: Catalogue
    collection: str
    tries: int


def source_of(catalogue: Catalogue, collection: str, tries: int) -> Source:
    """The open catalogue, with a fetcher of its own: one ends with the run that it fetched for."""
    fetcher = Fetcher(tries)
    return Source(Searcher(catalogue, collection, fetcher), fetcher, Signer(fetcher, catalogue.tokens))


def tried(fetch: Callable[[Job], dict[str, Any]], job: Job) -> Fetched:
    """A job, and what came of it."""
    try:
        return Fetched(job, fetch(job))
    except (MoraineError, Stopped) as error:
        return Fetched(job, None, error)


def sent(errand: Errand, journal: Journal, jobs: Sequence[Job], hands: Hands) -> Iterator[Fetched]:
    """What came of jobs that workers elsewhere did, written down in the journal as here."""
    work = functools.partial(_done, errand)
    items = ((job, journal.looks(job.lake.drawn)) for job in jobs)
    for fetched in hands.map(work, items, named=lambda item: f"{item[0].lake.label} {item[0].window.year}"):
        for (collection, item), seen in fetched.looks.items():
            journal.judge(fetched.job.lake.drawn, collection, item, seen)
        if fetched.entry is not None:
            journal.finish(fetched.job.token(errand.request), fetched.entry)
        yield fetched


def _done(errand: Errand, item: tuple[Job, Looks]) -> Fetched:
    """In a worker: a job, with what is known of its lake."""
    job, known = item
    source, notes = _source(errand.catalogue, errand.collection, errand.tries), Notes(known)
    before = source.fetcher.mine
    fetched = tried(Harvester(errand.folder, errand.request, source, notes).fetch, job)
    return Fetched(job, fetched.entry, fetched.error, notes.fresh, source.fetcher.mine - before)


@functools.lru_cache(maxsize=4)
def _source(catalogue: Catalogue, collection: str, tries: int) -> Source:
    """Once a process: a server that wants to be left alone is, by all jobs of this worker."""
    return source_of(catalogue, collection, tries)
