"""`demo`: all that the default dataset comes with, after its tables: scenes, stored probabilities, scores."""

from __future__ import annotations

import time
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.spreading import Hands

NAME = "demo"
HELP = "Make what a simulated dataset lacks: its scenes, then masks of the segmenters that come with Moraine, then their scores."
SHOW_LEFT = 20
"""Scenes from which the rest is estimated."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="what `python -m data simulate` made")
    parser.add_argument("--workers", type=int, default=2, metavar="W", help="processes (default 2)")
    parser.add_argument("--background", action="store_true", help=SUPPRESS)


def run(args: Namespace) -> int:
    """Make what is missing.

    Raises:
        MoraineError: The folder is no simulated dataset of this version, or something cannot be made.
    """
    from data.simulate.background import attend
    from data.simulate.run import alone, make_and_tell
    from data.spreading import crew, workers_of
    from models.stored import wanting

    if args.background:
        attend()
    with crew(workers_of(args.workers)) as hands:
        make_and_tell(args.dataset, hands, lambda _: None, lambda: None)
        with alone(args.dataset):
            if wanting(args.dataset):
                _masks(args.dataset, hands)
    return 0


def _masks(dataset: Path, hands: Hands) -> None:
    from data.cache import write_text
    from data.errors import MoraineError
    from data.simulate.progress import FILE, Progress, write_progress
    from models.stored import STAMP, runnable, versions

    sources = runnable()
    try:
        for name in sources:
            _predicted(dataset, name, hands)
        _scored(dataset, len(sources))
    except (MoraineError, OSError) as error:
        told = error.what if isinstance(error, MoraineError) else error.strerror or type(error).__name__
        write_progress(dataset, Progress(0, 0, None, told, "masks"))
        raise
    write_text(dataset / STAMP, versions())
    (dataset / FILE).unlink(missing_ok=True)


def _predicted(dataset: Path, name: str, hands: Hands) -> None:
    from data.lake_choice import Chosen
    from data.masks.predicting import predict
    from models.commands.predict import maker_of

    predict(dataset, maker_of(name, tta=False), Chosen(), _telling(dataset, name), print, hands=hands)


def _telling(dataset: Path, name: str) -> Callable[[Iterable[Any], int | None, str], Iterator[Any]]:
    from data.simulate.progress import Progress, write_progress
    from models.zoo import segmenter

    what = f"masks by {segmenter(name).CARD.title}"

    def progress(items: Iterable[Any], total: int | None, _: str) -> Iterator[Any]:
        began = time.monotonic()
        whole = total or 0
        for done, item in enumerate(items):
            left = (time.monotonic() - began) / done * (whole - done) if done >= SHOW_LEFT else None
            write_progress(dataset, Progress(done, whole, left, "", what))
            yield item

    return progress


def _scored(dataset: Path, sources: int) -> None:
    from data.simulate.progress import Progress, write_progress
    from models.commands import evaluate

    write_progress(dataset, Progress(0, sources, None, "", "scores"))
    parser = ArgumentParser()
    evaluate.add_arguments(parser)
    evaluate.run(parser.parse_args([str(dataset)]))
