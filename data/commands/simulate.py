"""`simulate`: make a simulated dataset, tables first, then the images."""

from __future__ import annotations

import re
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.crew_options import add_crew, crew_of, seen
from data.errors import InputError

if TYPE_CHECKING:
    from data.simulate import Plan
    from data.simulate.progress import Progress

NAME = "simulate"
HELP = "Make a simulated dataset: an invented region whose lakes grow, shrink, drain or stay, its images, and the truth about each."
LAST_YEAR = 2025
SCENES = 120
LINES = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="the dataset folder to make; it must not exist yet, or be empty"
    )
    parser.add_argument("--lakes", type=int, default=800, metavar="N", help="how many lakes, 1 to 20000 (default 800)")
    parser.add_argument(
        "--scenes", type=int, metavar="M",
        help="how many of the lakes have scenes, one an autumn: six bands, masks of the truth and of a mapper, an elevation model; "
        f"about 3 MB a lake and ten years. 0: tables only (default {SCENES}, or all where there are fewer)",
    )  # fmt: skip
    parser.add_argument(
        "--years", default="2016-2025", metavar="Y", help="FIRST-LAST autumn, or how many up to 2025; 5 to 60 (default 2016-2025)"
    )
    parser.add_argument(
        "--world", type=int, metavar="N",
        help="tables only, in parts: N lakes (a million, say) along the world's mountains, to try out size, instead of one invented region",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same bytes (default 1)")
    add_crew(parser, "paint")
    parser.add_argument(
        "--resume", action="store_true", help="DIR is there already: make only the scenes that it lacks; what it holds tells the rest"
    )
    parser.add_argument("--background", action="store_true", help=SUPPRESS)


def run(args: Namespace) -> int:
    """Make the dataset.

    Raises:
        InputError: A number is out of range, or the folder is in use.
        DatasetError: With --resume: the folder is no simulated dataset of this version.
    """
    from data.spreading import workers_of

    workers_of(args.workers)  # what is wrong with it is said before anything is written
    if args.world is not None:
        return _worldwide(args)
    if args.background:
        from data.simulate.background import attend

        attend()
    from data.simulate import write_simulated
    from data.simulate.made_by import read_made_by

    plan = read_made_by(args.into) if args.resume else _plan(args)
    if not args.resume:
        write_simulated(args.into, plan)
    fresh = _made(args) if plan.scenes else 0
    held = f", {plan.scenes:,} of them with scenes ({fresh:,} made now)" if plan.scenes else ", no scenes"
    print(
        f"{args.into}: {plan.lakes:,} simulated lakes{held}, {plan.first_year}-{plan.last_year}, seed {plan.seed}. "
        "Nothing in it was observed."
    )
    return 0


def _plan(args: Namespace) -> Plan:
    from data.simulate import Plan

    first, last = _years(args)
    return Plan(args.lakes, first, last, args.seed, min(SCENES, max(0, args.lakes)) if args.scenes is None else args.scenes)


def _worldwide(args: Namespace) -> int:
    from data.simulate.progress import Progress
    from data.simulate.worldwide import WorldwidePlan, write_worldwide

    plan = WorldwidePlan(args.world, *_years(args), args.seed)
    args.into.parent.mkdir(parents=True, exist_ok=True)
    folder = seen(args, args.into)
    with crew_of(args, folder.parent) as hands, _shown() as show:
        write_worldwide(folder, plan, hands, lambda done: show(Progress(done, plan.blocks, None, what="parts")))
    print(f"{args.into}: {plan.lakes:,} simulated lakes, {plan.first_year}-{plan.last_year}, seed {plan.seed}. Nothing in it was observed.")
    return 0


def _years(args: Namespace) -> tuple[int, int]:
    years = re.fullmatch(r"\s*(\d{4})\s*-\s*(\d{4})\s*", args.years)
    count = re.fullmatch(r"\s*(\d{1,3})\s*", args.years)
    if years is None and count is None:
        raise InputError(
            f"--years {args.years!r} is not a range of years", "write it as FIRST-LAST, e.g. 2016-2025, or as a number, e.g. 10"
        )
    return (int(years[1]), int(years[2])) if years else (LAST_YEAR + 1 - int(count[1] if count else 0), LAST_YEAR)


def _made(args: Namespace) -> int:
    from data.simulate.run import make_and_tell

    def waiting() -> None:
        print(f"another process is making the scenes of {args.into}; waiting for it", file=sys.stderr, flush=True)

    folder = seen(args, args.into)
    with crew_of(args, folder) as hands, _shown() as show:
        return make_and_tell(folder, hands, show, (lambda: None) if args.background else waiting)


@contextmanager
def _shown() -> Generator[Callable[[Progress], object], None, None]:
    """A bar where a person watches, ten lines elsewhere."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    with Bar(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Scenes", total=None)
        yield lambda told: bar.update(task, total=told.total, completed=told.done, description=f"{told.what.capitalize()}: {told.words}")


def _line(told: Progress) -> None:
    step = max(1, told.total // LINES)
    if told.done and told.done % step == 0 and told.done < told.total:
        print(f"{told.what}: {told.words}", file=sys.stderr, flush=True)
