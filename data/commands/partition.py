"""`partition`: put the large tables of a dataset in parts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "partition"
HELP = "Put the large tables of a dataset in parts, so that the app reads no more of them than it shows (docs/large-datasets.md)."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset")
    parser.add_argument(
        "--table", action="append", metavar="NAME", help="areas, outlines, scenes or masks; may be given again (default: areas)"
    )


def run(args: Namespace) -> int:
    """Do so, and say how many rows each table has.

    Raises:
        MoraineError: A table is missing, damaged, in parts already, or cannot be in parts.
    """
    from data.meta import read_meta
    from data.parts.partition import partition

    read_meta(args.dataset)
    for name in args.table or ["areas"]:
        print(f"{args.dataset / name}.parquet: {partition(args.dataset, name):,} rows, in parts now")
    return 0
