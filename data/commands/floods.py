"""`floods`: records of outburst floods become events of the lakes they came from."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from pathlib import Path

from data.errors import InputError

NAME = "floods"
HELP = "Take in records of outburst floods (e.g. HMAGLOFDB), matched to lakes by id, then by distance."
COLUMN_OPTIONS = {
    "id": ("lake_id", "lake ids"), "record": ("record", "the records' own ids"), "date": ("date", "dates"), "year": ("year", "years"),
    "month": ("month", "months"), "day": ("day", "days of the month"), "lon": ("lon", "longitudes of the lakes, degrees"),
    "lat": ("lat", "latitudes of the lakes, degrees"),
}  # fmt: skip
"""Option → role in `data.floods.columns.ALIASES`, and what it holds."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="the records: a CSV with one row a flood")
    parser.add_argument(
        "--within", type=float, default=1.5, metavar="KM", help="how far from a record's position its lake may lie (default 1.5)"
    )
    parser.add_argument(
        "--source", default="", metavar="NAME", help="who recorded them (default: the file's name); run again, they replace"
    )
    parser.add_argument("--strict", action="store_true", help="write nothing if any row cannot be used")
    parser.add_argument("--dry-run", action="store_true", help="say what would match, write nothing")
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write the report there, with every list in full")
    columns = parser.add_argument_group("columns, where their names are not the usual ones")
    for option, (_, what) in COLUMN_OPTIONS.items():
        columns.add_argument(f"--{option}", metavar="COLUMN", help=f"column of {what}")


def run(args: Namespace) -> int:
    """Take them in and say what matched; 2 where not one record could be read.

    Raises:
        MoraineError: The dataset or the file cannot be used.
    """
    from data.cache import write_text
    from data.floods.intake import Wish, take_floods
    from data.floods.report import lines

    if not (math.isfinite(args.within) and 0 <= args.within <= 100):
        raise InputError(f"--within {args.within:g} makes no sense", "give a distance from 0 to 100 km")
    columns = {role: value for option, (role, _) in COLUMN_OPTIONS.items() if (value := getattr(args, option)) is not None}
    taken = take_floods(args.dataset, Wish(args.file, args.source, args.within, columns, args.strict, args.dry_run))
    print("\n".join(lines(taken)))
    if args.report:
        write_text(args.report, "\n".join(lines(taken, None)) + "\n")
    print(f"{args.dataset}: {'written' if taken.written else 'nothing written' if args.dry_run else 'nothing new, nothing changed'}")
    return 0 if taken.matches else 2
