"""`evaluate`: hold the masks of every source against labels."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from data.rasters.grid import Grid
    from data.records import Scene
    from data.spreading import Hands
    from data.store import Store
    from models.scoring import Predicted

Scored = tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]
SECONDS = 0.015
"""About, for a mask."""

NAME = "evaluate"
HELP = "Score the masks of any source against labels: the lake's water and all of the scene's, per threshold, by reason and by size."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    from data.commands.crew_options import add_crew
    from data.commands.selectors import add_selectors

    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder; its scores.parquet is written")
    parser.add_argument("--source", action="append", default=[], metavar="NAME", help="whose masks; again for several (default: all)")
    parser.add_argument("--label", default="label", metavar="NAME", help="the source that is taken for the truth (default: label)")
    add_selectors(parser)
    add_crew(parser, "score")


def run(args: Namespace) -> int:
    """Score, write and print.

    Raises:
        MoraineError: The dataset or an option cannot be used, or nothing has both a mask and a label.
    """
    import pandas as pd

    from data.commands.crew_options import crew_of, seen
    from data.commands.selectors import selected
    from data.commit import recover
    from data.errors import InputError
    from data.scores import write_scores
    from data.store import Store
    from models.summary import own_rows, summary

    dataset = seen(args, args.dataset)
    recover(dataset)
    store = Store(dataset)
    sources = _sources(store, args.source, args.label)
    limits = selected(args, store)
    pairs = [(scene, source) for scene in store.scenes if limits.takes(scene.lake_key, scene.date)
             and args.label in scene.masks for source in sources if source in scene.masks]  # fmt: skip
    with crew_of(args, dataset) as hands:
        rows, bins, refused = _scored(store, pairs, args.label, hands)
    for line in refused:
        print(f"left out: {line}")
    if not rows:
        remedy = "take labels in with `python -m data labels`, masks with `python -m data masks`"
        raise InputError(f"{args.dataset} has no scene with both a mask and {args.label!r}", remedy)
    frame = pd.DataFrame(rows).astype({"threshold": "float64"})
    write_scores(store, frame, pd.DataFrame(bins))
    reasons = {scene.scene_key: scene.reason for scene in store.scenes}
    print("\n".join(summary(own_rows(frame, {source: store.threshold(source) for source in sources}), reasons)))
    simulated = " Simulated: nothing in it was observed." if store.meta.simulated else ""
    print(f"{args.dataset / 'scores.parquet'}: {len(pairs) - len(refused):,} masks scored against {args.label!r}.{simulated}")
    return 0


def _scored(store: Store, pairs: list[tuple[Scene, str]], label: str, hands: Hands) -> Scored:
    """The scores of all masks."""
    from functools import partial

    from data.commands.progress import progress

    masks = store.scenes.mask_rows
    soft = set(zip(*(masks.loc[masks["kind"] == "probability", name] for name in ("scene_key", "source")), strict=True))
    items = [(scene.scene_key, source, (scene.scene_key, source) in soft) for scene, source in pairs]
    rows: list[dict[str, Any]] = []
    bins: list[dict[str, Any]] = []
    refused: list[str] = []
    work = partial(_score, (store.path, store.digest), label)
    answers = hands.map(work, items, seconds=SECONDS * len(items), named=lambda item: f"the mask of scene {item[0]} by {item[1]}")
    for found in progress(answers, len(items), "Scoring"):
        rows += found[0]
        bins += found[1]
        refused += found[2]
    return rows, bins, refused


def _score(dataset: tuple[Path, str], label: str, item: tuple[int, str, bool]) -> Scored:
    """Rows of `scores` and of `reliability` of one mask, or why it could not be read.

    All water of the scene is scored and, where it shows a lake with an outline, that lake's by itself.
    """
    from data.errors import RasterError
    from data.opened import opened
    from models.scoring import of_lake, reliability_rows, score_rows

    (store, lakes), (key, source, soft) = opened(*dataset), item
    scene = store.scenes.scene(key)
    assert scene is not None
    try:
        predicted, grid = _predicted(store, scene, source, label, soft)
    except RasterError as error:
        return [], [], [f"{error.what}; {error.remedy}"]
    joined = _joined(grid, lakes.outline(scene.lake_key))
    rows: list[dict[str, Any]] = []
    bins: list[dict[str, Any]] = []
    for scope, part in (("scene", predicted), *([("lake", of_lake(predicted, joined))] if joined else [])):
        named = {"scene_key": scene.scene_key, "source": source, "label": label, "scope": scope}
        rows += [named | row for row in score_rows(part)]
        bins += [named | row for row in reliability_rows(part)]
    return rows, bins, []


def _joined(grid: Grid, outline: BaseGeometry | None) -> Callable[[Any], Any] | None:
    """From water to the lake's own, as areas count it; None where there is no outline, or the scene does not show it."""
    from functools import partial

    from pyproj.exceptions import ProjError

    from data.rasters.own import joined_to, reached

    if outline is None or not grid.crs:
        return None
    try:
        touched = reached(grid.to_pixels(outline), grid.shape)
    except ProjError:
        return None
    return partial(joined_to, touched=touched) if touched.any() else None


def _sources(store: Store, wanted: list[str], label: str) -> list[str]:
    from data.errors import InputError

    held = [source for source in store.scenes.sources if source != label]
    strange = [source for source in wanted if source not in held]
    if strange:
        raise InputError(f"no masks come from {strange[0]!r}", f"use one of {', '.join(held) or 'none: take masks in first'}")
    return wanted or held


def _predicted(store: Store, scene: Scene, source: str, label: str, soft: bool) -> tuple[Predicted, Grid]:
    """A mask and its label, as pixels, and where they lie. Raises RasterError where one cannot be read or they lie on two grids."""
    import numpy as np

    from data.errors import RasterError
    from data.rasters.probability import STEPS, UNKNOWN, water
    from data.rasters.reading import read_bytes
    from models.scoring import Predicted

    (stored, grid), (truth, other) = read_bytes(scene.masks[source]), read_bytes(scene.masks[label])
    if stored.shape != truth.shape or not grid.same(other):
        remedy = "take both in again: they are brought onto the scene's grid"
        raise RasterError(f"{scene.masks[source]} and its label lie on two grids", remedy)
    # 200 steps: a twentieth is a whole one, so that comparing with a threshold is exact.
    probability = np.where(stored == UNKNOWN, np.nan, stored / STEPS)
    threshold = store.threshold(source) if soft else None
    return Predicted(probability, water(truth), truth != UNKNOWN, threshold, scene.pixel_m**2 / 1e6), grid
