"""`simulate`: make a simulated inventory."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from data.errors import InputError

NAME = "simulate"
HELP = "Make a simulated inventory: an invented region whose lakes grow, shrink, drain or stay, with the truth about each."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="the dataset folder to make; it must not exist yet, or be empty"
    )
    parser.add_argument("--lakes", type=int, default=800, metavar="N", help="how many lakes, 1 to 20000 (default 800)")
    parser.add_argument("--years", default="2016-2025", metavar="FIRST-LAST", help="first and last autumn (default 2016-2025)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same bytes (default 1)")


def run(args: Namespace) -> int:
    """Make the dataset.

    Raises:
        InputError: A number is out of range, or the folder is in use.
    """
    from data.simulate import Plan, write_simulated

    years = re.fullmatch(r"\s*(\d{4})\s*-\s*(\d{4})\s*", args.years)
    if years is None:
        raise InputError(f"--years {args.years!r} is not a range of years", "write it as FIRST-LAST, e.g. 2016-2025")
    plan = Plan(args.lakes, int(years[1]), int(years[2]), args.seed)
    write_simulated(args.into, plan)
    print(f"{args.into}: {plan.lakes:,} simulated lakes, {plan.first_year}-{plan.last_year}, seed {plan.seed}. Nothing in it was observed.")
    return 0
