"""`labels`: reference masks become a source of a dataset."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from data.commands.masks import add_mask_options, take

NAME = "labels"
HELP = "Take in reference masks (drawn by hand, or from a benchmark), to show beside predictions and to score them with."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_mask_options(parser)
    parser.add_argument("--source", default="label", metavar="NAME", help="the name of the source (default label)")


def run(args: Namespace) -> int:
    """Take them in; 2 where not one could be.

    Raises:
        MoraineError: The dataset, the folder or an option cannot be used.
    """
    return take(args, labels=True)
