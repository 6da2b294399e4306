"""`python -m data check`: every fault of a dataset at once."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "check"
HELP = "List every fault of a dataset at once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the dataset."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset")


def run(args: argparse.Namespace) -> int:
    """Print one line a fault; 2 where there is any."""
    from data.checks import dataset_faults

    faults = dataset_faults(args.dataset)
    for fault in faults:
        print(fault)
    print(f"{args.dataset}: {len(faults):,} faults" if faults else f"{args.dataset}: no fault")
    return 2 if faults else 0
