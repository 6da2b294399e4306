"""`predict`: let a segmenter make masks of a dataset's scenes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "predict"
HELP = "Segment the scenes of a dataset: masks, areas at 20 thresholds and trends of a new source."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    from data.commands.selectors import add_selectors

    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument("--model", required=True, metavar="NAME", help="a segmenter (`python -m models list`); it names the source")
    add_selectors(parser)


def run(args: Namespace) -> int:
    """Segment what is missing; 2 where not one scene could be.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    import numpy as np
    from numpy.typing import NDArray

    from data.cache import fingerprint
    from data.commands.progress import progress
    from data.commands.selectors import selected
    from data.commit import recover
    from data.masks.predicting import Maker, predict
    from data.masks.report import lines
    from data.store import Store
    from models.chips import Chip
    from models.zoo import segmenter

    chosen = segmenter(args.model)
    segment = chosen.load()
    recover(args.dataset)
    limits = selected(args, Store(args.dataset))

    def probability(values: NDArray[np.float32], bands: tuple[str, ...], pixel_m: float) -> NDArray[np.float32]:
        return segment(Chip(values, bands, pixel_m))

    maker = Maker(chosen.CARD.name, fingerprint(chosen.CARD.to_json(), chosen.VERSION), probability)
    done = predict(args.dataset, maker, limits, progress, lambda text: print(text, flush=True))
    print("\n".join(lines(done)))
    print(f"{args.dataset}: {'written' if done.written else 'nothing new, nothing changed'}")
    return 0 if done.fresh or done.held else 2
