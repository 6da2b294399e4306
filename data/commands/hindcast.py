"""`hindcast`: rank the lakes by what was known up to a day, and see where those stand that burst later."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.trend_options import add_trend_options, opened, out_path
from data.errors import InputError

if TYPE_CHECKING:
    from data.hindcast.offers import Offer

NAME = "hindcast"
HELP = "Rank the lakes by what was known up to a day; says where those stand that burst later. Needs floods (python -m data floods)."
DEPTHS = (10, 25, 50, 100, 200)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_trend_options(parser)
    parser.add_argument("--until", metavar="DAY", help="the day, YYYY-MM-DD, or a year, whose end is meant (default: list the years)")
    parser.add_argument("--score", default="evidence", metavar="NAME", help="evidence (of growth, default), change (so far) or area")
    parser.add_argument(
        "--gap", action="store_true", help="count floods before that day too, if they came after the last image of their lake"
    )
    parser.add_argument("--by-id", action="store_true", help="count floods only that were matched to their lake by id")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the bootstrap (default 0)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the lakes that burst later here: a .csv or .parquet file")


def run(args: Namespace) -> int:
    """Say what there is to pick, or do it.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    from data.export import provenance, write_export
    from data.hindcast.offers import offers
    from data.hindcast.run import Rules, hindcast
    from data.hindcast.scores import SCORES
    from data.hindcast.words import summary, table_lines

    target = out_path(args, ("csv", "parquet"), "hindcast") if args.out else None
    if args.score not in SCORES:
        raise InputError(f"score {args.score!r} is unknown", f"use one of {', '.join(SCORES)}")
    store, settings = opened(args)
    if store.floods.rows.empty:
        raise InputError(f"{args.dataset} has no floods", f"bring them first: python -m data floods {args.dataset} FILE")
    score, rules = SCORES[args.score], Rules(args.gap, args.by_id)
    if args.until is None:
        print("\n".join(_years(offers(store, settings, score.least, rules))))
        return 0
    import numpy as np

    done = hindcast(store, settings, np.datetime64(_day(args.until), "D"), score.score, rules, seed=args.seed)
    print(f"{score.title}: {score.help}")
    print("\n".join([*summary(done, DEPTHS), *table_lines(done, store)]))
    if target:
        path, format = target
        write_export(done.table, None, format, path, provenance(store, done.known.table))
        print(f"{path}: {len(done.table):,} lakes")
    return 0


def _day(text: str) -> date:
    """A day, or the last one of a year."""
    try:
        return date(int(text), 12, 31) if text.isdigit() and len(text) == 4 else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--until {text!r} is no day", "write it as YYYY-MM-DD or YYYY") from None


def _years(found: list[Offer]) -> list[str]:
    lines = [f"{'until':>5}  {'lakes':>7}  burst later"]
    return [*lines, *(f"{each.year:>5}  {each.lakes:>7,}  {each.later:,}" for each in found), "Pick one with --until YEAR."]
