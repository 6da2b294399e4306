"""Drawing what the page shows of every lake before anybody comes, in processes of its own."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from data import settings
from data.errors import MoraineError
from data.store import Store
from modules.choices import Look
from modules.evidence import Drawn, evidence_of
from modules.images.routes import Images
from modules.serving.datasets import Datasets

QUIETLY = 10
"""By how much the drawing processes stand back behind others."""
UNDER_WAY = 4
"""Lakes handed to a process ahead of time."""


@dataclass(frozen=True)
class Came:
    """What came of some lakes.

    Args:
        pictures: Drawn now, or there already.
        size: Their bytes.
        faults: What could not be drawn, in words.
    """

    pictures: int = 0
    size: int = 0
    faults: tuple[str, ...] = ()

    def __add__(self, other: Came) -> Came:
        return Came(self.pictures + other.pictures, self.size + other.size, self.faults + other.faults)


def addresses(store: Store, lake_key: int, *, flipbook: bool) -> list[str]:
    """What a visit that clicks this lake asks for, and the thumbnails and neighbours of all its dates."""
    scenes, look, under = store.scenes.of_lake(lake_key), Look(), store.settings()
    told = evidence_of(store, scenes, look, look.shown(under.source, store.scenes.sources), "", drawn=Drawn(under, under))
    found = [told["flipbook"]] if flipbook and told["flipbook"] else []
    for scene in told["scenes"]:
        if scene["ready"]:
            found += [scene["image"], scene["ground"], scene["thumb"], *(mask["rings"] for mask in scene["masks"].values())]
    return found


@functools.cache
def opened(folder: Path, state: Path) -> tuple[Store, Images]:
    datasets = Datasets([folder], None)
    store = datasets.store(datasets.default)
    assert store is not None
    return store, Images(datasets, state)


def draw(folder: Path, state: Path, lake_key: int, *, flipbook: bool) -> Came:
    """Draw a lake's pictures into a state folder, those that are not there."""
    store, images = opened(folder, state)
    came = Came()
    for address in addresses(store, lake_key, flipbook=flipbook):
        try:
            came += Came(1, len(images.draw(store, address)))
        except MoraineError as error:
            came += Came(faults=(error.what,))
    return came


def drawn(folder: Path, state: Path, workers: int, *, flipbook: bool) -> tuple[int, Came]:
    """Draw a dataset's pictures; how many lakes were drawn before there were as many bytes as may be kept, and what came of it."""
    store, _ = opened(folder, state)
    lakes, most = iter(store.scenes.lakes.tolist()), settings.number("STATE_MB") * 2**20 // 2
    work = functools.partial(draw, folder, state, flipbook=flipbook)
    came, count = Came(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=os.nice, initargs=(QUIETLY,)) as pool:
        running: list[Future[Came]] = [pool.submit(work, lake) for lake in itertools.islice(lakes, workers * UNDER_WAY)]
        while running:
            came, count = came + running.pop(0).result(), count + 1
            if came.size < most:
                running += [pool.submit(work, lake) for lake in itertools.islice(lakes, 1)]
    return count, came
