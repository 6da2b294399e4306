"""The options that say which lakes and days a command works on: `scenes`, `masks`, `labels` and `stac` share them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.lake_choice import Chosen
    from data.store import Store


def add_selectors(parser: ArgumentParser) -> None:
    """--lakes, --basin and --since."""
    limits = parser.add_argument_group("which lakes and days (default: all)")
    limits.add_argument(
        "--lakes", metavar="FILE|IDS",
        help="lake ids or lake_keys, separated by commas, or a text or CSV file of them; #12 is lake_key 12 where an id could be meant",
    )  # fmt: skip
    limits.add_argument("--basin", action="append", default=[], metavar="NAME", help="a basin or sub-basin; again for several")
    limits.add_argument("--since", metavar="DATE|YEAR", help="from this day on, or from the first day of this year")


def selected(args: Namespace, store: Store) -> Chosen:
    """The lakes and the day that the options mean, having told the user how they were read.

    Raises:
        InputError: A lake, a basin or a date is not known, or no lake is left.
    """
    from data.lake_choice import chosen

    found = chosen(store.lakes, args.lakes, args.basin, args.since)
    for note in found.notes:
        print(note)
    if found.lakes is not None:
        print(f"{len(found.lakes):,} of {len(store.lakes):,} lakes are chosen")
    return found
