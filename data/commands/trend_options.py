"""The options that say how trends are fitted, and where results go: `trends` and `export` share them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError

if TYPE_CHECKING:
    from data.records import TrendSettings
    from data.store import Store


def add_trend_options(parser: ArgumentParser) -> None:
    """DIR, --method, --response, --season, --source, --dates, --correction, --threshold and --reviews."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument("--method", default="auto", metavar="NAME", help="trend method (docs/trends.md), or auto, which chooses (default)")
    parser.add_argument("--response", default="log", metavar="NAME", help="log (slopes as %%/yr, default) or area (slopes in km²/yr)")
    parser.add_argument("--season", metavar="FIRST-LAST", help="months used, e.g. 9-11, or none (default: the dataset's own)")
    parser.add_argument("--source", metavar="NAME", help="the inventory or segmenter whose areas are fitted (default: the dataset's own)")
    parser.add_argument(
        "--dates", choices=["nominal", "image"], default="nominal",
        help="when an observation was made: the date that the dataset uses (default), or the day of its image where that is known",
    )  # fmt: skip
    parser.add_argument(
        "--correction", choices=["bh", "by", "bky", "permutation"], default="bh",
        help="for testing many lakes: Benjamini-Hochberg (default), Benjamini-Yekutieli, two-stage, or shuffled years of sub-basins",
    )  # fmt: skip
    parser.add_argument("--threshold", type=float, metavar="P", help="water is where a segmenter's probability is above P: 0, 0.05 … 0.95")
    parser.add_argument("--reviews", type=Path, metavar="FILE", help="leave out the observations that this file of reviews calls bad")


def opened(args: Namespace) -> tuple[Store, TrendSettings]:
    """The dataset and the settings that the options ask for.

    Raises:
        MoraineError: The folder is no dataset, the season or response is not understood, or the source has no such threshold.
    """
    from data.records import Season, TrendSettings
    from data.state import state_dir, writable
    from data.store import Store

    state = state_dir()
    store = Store(args.dataset, state if writable(state) else None)
    own = store.settings()
    season = own.season if args.season is None else Season.parse(args.season)
    without = _without_bad(store, args.reviews) if args.reviews else ""
    settings = TrendSettings(
        args.method, args.response, season, args.source or own.source, dates=args.dates, without=without, correction=args.correction
    )
    return store, store.at_threshold(settings, args.threshold)


def _without_bad(store: Store, path: Path) -> str:
    from data.reviews.chosen import without_bad

    digest, held = without_bad(store, path)
    if held.lost:
        print(f"{path}: {len(held.lost):,} reviews are of lakes that this dataset does not have", file=sys.stderr)
    return digest


def out_path(args: Namespace, formats: tuple[str, ...], default: str) -> tuple[Path, str]:
    """Where to write and in which format: --format, or else the suffix of --out.

    Raises:
        InputError: No format is named, the two differ, or the file would lie inside the dataset.
    """
    named = args.out.suffix.lower().lstrip(".") if args.out else None
    format = getattr(args, "format", None) or named
    if format not in formats:
        raise InputError(f"format {format or '(none)'} is unknown", f"use one of {', '.join(formats)}")
    path: Path = args.out or Path(f"{default}.{format}")
    if path.suffix.lower() != f".{format}":
        raise InputError(f"--out {path} does not end in .{format}", "make --out and --format agree")
    if path.resolve().is_relative_to(args.dataset.resolve()):
        raise InputError(f"--out {path} lies inside the dataset", "write elsewhere: a dataset is changed by import and join only")
    return path, format
