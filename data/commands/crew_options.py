"""The options that say who does the work: processes of this machine, or a Dask cluster."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _ActionsContainer  # pyright: ignore[reportPrivateUsage]

    from data.spreading import Hands

CLUSTER = "the Dask cluster whose scheduler is at tcp://HOST:PORT, or names itself in a .json file (docs/scale.md)"


def add_crew(parser: ArgumentParser, what: str) -> None:
    """--workers and --cluster.

    Args:
        parser: The command's.
        what: The work, as a verb.
    """
    who = parser.add_argument_group("who does it")
    who.add_argument("--workers", type=int, default=2, metavar="W", help=f"processes of this machine that {what}, 1 to 64 (default 2)")
    add_cluster(who)


def add_cluster(parser: _ActionsContainer) -> None:
    """--cluster alone.

    Args:
        parser: The command's, or a group of it.
    """
    parser.add_argument("--cluster", default="", metavar="ADDRESS", help=CLUSTER)


def seen(args: Namespace, folder: Path) -> Path:
    """A folder as all see it who do the work: by its whole path where they may stand elsewhere."""
    return folder.resolve() if args.cluster else folder


@contextmanager
def crew_of(args: Namespace, folder: Path) -> Generator[Hands, None, None]:
    """Who does the work; of a cluster it is said how many.

    Args:
        args: With `workers` and `cluster`.
        folder: The dataset, as `seen`.

    Raises:
        InputError: The options cannot be used, or the cluster does not answer or cannot do the work.
    """
    from data.spreading import crew, workers_of

    with crew(workers_of(args.workers), args.cluster, folder=folder) as hands:
        if args.cluster:
            print(f"{args.cluster}: {hands.size():,} at once", flush=True)
        yield hands
