"""`predict`: let a segmenter make masks of a dataset's scenes."""

from __future__ import annotations

import functools
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.masks.predicting import Answer, Maker, Question
    from models.chips import Segment

NAME = "predict"
HELP = "Segment the scenes of a dataset: masks, areas at 20 thresholds and trends of a new source."
SECONDS = {0: 0.03, 1: 0.2}
"""About, for a scene of 256² px: without trained parameters, and with."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    from data.commands.crew_options import add_crew
    from data.commands.selectors import add_selectors

    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument("--model", required=True, metavar="NAME", help="a segmenter (`python -m models list`), or a training run's folder")
    parser.add_argument(
        "--tta", action="store_true", help="see each scene in 8 guises; their mean is the mask, their spread the areas' error"
    )
    add_selectors(parser)
    add_crew(parser, "segment")


def run(args: Namespace) -> int:
    """Segment what is missing; 2 where not one scene could be.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    from data.commands.crew_options import crew_of, seen
    from data.commands.progress import progress
    from data.commands.selectors import selected
    from data.commit import recover
    from data.masks.predicting import predict
    from data.masks.report import lines
    from data.store import Store

    dataset, run_folder = seen(args, args.dataset), Path(args.model)
    maker = maker_of(str(seen(args, run_folder)) if run_folder.is_dir() else args.model, tta=args.tta)
    recover(dataset)
    limits = selected(args, Store(dataset))
    with crew_of(args, dataset) as hands:
        done = predict(dataset, maker, limits, progress, _say, hands=hands)
    print("\n".join(lines(done)))
    print(f"{args.dataset}: {'written' if done.written else 'nothing new, nothing changed'}")
    return 0 if done.fresh or done.held else 2


def _say(text: str) -> None:
    print(text, flush=True)


def maker_of(name: str, *, tta: bool) -> Maker:
    """A segmenter as what makes masks.

    Raises:
        InputError: There is none of that name, or its weights are not those that its card names.
    """
    from data.cache import fingerprint
    from data.masks.predicting import Maker
    from models.intervals import error_kind, widen
    from models.zoo import segmenter

    chosen = segmenter(name)
    _loaded(name)  # what is wrong with it is said once, before the work starts
    card = chosen.CARD
    kind = error_kind(card.area_sd, tta)
    version = fingerprint(card.to_json(), chosen.VERSION, "eight guises" if tta else "")
    seconds = SECONDS[bool(card.parameters)] * (8 if tta else 1)
    ask, wider = functools.partial(answered, name, tta), functools.partial(widen, card.area_sd.get(kind, {}))
    return Maker(card.name, version, ask, wider, seconds, doubting=kind == "tta")


def answered(name: str, tta: bool, asked: Question) -> Answer:
    """What a segmenter says of a scene."""
    import numpy as np

    from data.masks.predicting import Answer
    from models.chips import Chip
    from models.tiling import segment_whole
    from models.tta import dihedral

    segment, chip = _loaded(name), Chip(asked.values, asked.bands, asked.pixel_m, asked.outline)
    if not tta:
        return Answer(segment_whole(segment, chip))
    others = dihedral(lambda turned: segment_whole(segment, turned), chip)
    return Answer(others.mean(axis=0, dtype=np.float64).astype(np.float32), tuple(others))


@functools.cache
def _loaded(name: str) -> Segment:
    """Once a process. One thread: processes are what is spread over, and the last digits do not depend on the machine."""
    from models.zoo import segmenter

    chosen = segmenter(name)
    if chosen.CARD.parameters:
        import torch

        torch.set_num_threads(1)
    return chosen.load()
