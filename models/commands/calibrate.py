"""`calibrate`: find out by what a segmenter's standard errors must be multiplied to cover."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.records import Scene
    from data.store import Store

NAME = "calibrate"
HELP = "Compare a segmenter's areas with labels of regions it did not learn from and write into its card how wide their intervals must be."
ALL = "all"
Compared = tuple[float, float, float]
"""Area, its standard error as it is, and the label's area, km²."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("datasets", type=Path, nargs="+", metavar="DIR", help="dataset folders with labels")
    parser.add_argument("--model", required=True, metavar="NAME", help="a segmenter of the zoo, or a training run's folder")
    parser.add_argument(
        "--split", default="validation", metavar="NAME", help=f"whose scenes (default validation); {ALL}: of datasets it never saw"
    )
    parser.add_argument("--label", default="label", metavar="NAME", help="the source that is taken for the truth (default: label)")
    parser.add_argument("--tta", action="store_true", help="of areas whose error comes from 8 guises")
    parser.add_argument("--scenes", type=int, metavar="N", help="about so many, evenly spread over lakes and dates (default: all)")
    parser.add_argument("--workers", type=int, default=2, metavar="W", help="processes, 1 to 64 (default 2)")


def run(args: Namespace) -> int:
    """Compare, and write the card.

    Raises:
        MoraineError: The datasets have no such scenes, or the card cannot be written.
    """
    from dataclasses import replace

    from data.cache import write_text
    from data.errors import InputError
    from data.store import Store
    from models.card import SHIPPED, card_path
    from models.commands.predict import maker_of
    from models.intervals import factors
    from models.zoo import segmenter, zoo

    seconds = maker_of(args.model, tta=args.tta).seconds  # what is wrong with it is said before the work starts
    compared = [row for path in args.datasets for row in _compared(Store(path), args, seconds)]
    if not compared:
        raise InputError(f"{args.model} finds no water in any of the scenes", "train it longer, or name another --split")
    found = factors(*zip(*compared, strict=True))
    chosen = segmenter(args.model)
    kind = "tta" if args.tta else "mapping"
    card = replace(chosen.CARD, area_sd=chosen.CARD.area_sd | {kind: {name: float(f"{value:.4g}") for name, value in found.items()}})
    folder = SHIPPED if args.model in zoo() else Path(args.model)
    write_text(card_path(folder, card.name), card.to_json())
    print(f"{len(compared):,} areas; a standard error ({kind}) is multiplied by")
    for name, value in found.items():
        print(f"  {name:<20} {value:.2f}")
    return 0


def _compared(store: Store, args: Namespace, seconds: float) -> list[Compared]:
    """All that a dataset has to compare, a scene taking about so many seconds.

    Raises:
        InputError: It has no such scene, or the model learned from it and every scene is asked for.
    """
    from functools import partial

    from data.commands.progress import progress
    from data.errors import InputError
    from data.spreading import crew, workers_of
    from models.run_folder import splits_of

    label, dealt = args.label, splits_of(Path(args.model), store.digests["scenes.parquet"])
    if dealt and args.split == ALL:
        raise InputError(f"{args.model} learned from scenes of {store.path}", "leave that dataset out, or name --split validation")
    keys = [scene.scene_key for scene in store.scenes
            if _fits(scene, label) and args.split in {ALL, dealt.get(scene.scene_key, scene.split)}]  # fmt: skip
    if not keys:
        raise InputError(f"{store.path} has no clear scene of a lake with {label!r} in {args.split}", "name another --split or --label")
    if args.scenes:
        keys = keys[:: max(len(keys) * len(args.datasets) // args.scenes, 1)]
    compared: list[Compared] = []
    work = partial(_areas, (store.path, store.digest), args.model, args.tta, label)
    with crew(workers_of(args.workers)) as hands:
        answers = hands.map(work, keys, seconds=seconds * len(keys), named=lambda key: f"scene {key}")
        for found in progress(answers, len(keys), f"Comparing {store.path.name}"):
            if isinstance(found, str):
                print(f"left out: {found}")
            else:
                compared += found
    return compared


def _fits(scene: Scene, label: str) -> bool:
    seen = scene.reason in {"", "ok"} and scene.lake_key is not None and scene.date is not None
    return seen and label in scene.masks and scene.path.is_file()


def _areas(dataset: tuple[Path, str], model: str, tta: bool, label: str, key: int) -> list[Compared] | str:
    """One scene's comparison, at the threshold in use; none where either has no water; a text where the scene cannot be read."""
    from dataclasses import replace

    from data.errors import RasterError
    from data.masks.measuring import measured
    from data.masks.predicting import rows_of_scene
    from data.opened import opened
    from data.rasters.reading import read_bytes
    from models.commands.predict import maker_of

    store, lakes = opened(*dataset)
    maker = replace(maker_of(model, tta=tta), widen=_as_it_is, doubting=True)
    scene = store.scenes.scene(key)
    assert scene is not None
    try:
        rows, outline = rows_of_scene(lakes, scene, maker, store.meta.area_sd_factor)
        if outline is None:
            return []
        truth, grid = read_bytes(scene.masks[label])
    except RasterError as error:
        return f"{error.what}; {error.remedy}"
    area = measured(truth, grid.to_pixels(outline), (0.5,)).pixels[0] * grid.pixel_km2
    cut = store.threshold(maker.source)
    held: list[dict[str, Any]] = [row for row in rows if row["threshold"] == cut and row["area_km2"] > 0 and area > 0]
    return [(row["area_km2"], row["area_sd_km2"], area) for row in held]


def _as_it_is(area_km2: float) -> float:
    return 1.0
