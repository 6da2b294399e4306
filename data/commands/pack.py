"""`pack`: a dataset that travels: all tables, and as many images and masks as fit, those of the first lakes of the watch-list first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.store import Store

NAME = "pack"
HELP = "Make a small copy that travels: all tables, and images and masks of the first lakes as 8-bit previews, up to a size."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder; nothing in it is changed")
    parser.add_argument("--into", type=Path, required=True, metavar="OUT", help="the folder to make")
    parser.add_argument("--max-mb", type=float, default=60, metavar="N", help="the size of the whole, MB of 1,000,000 bytes (default 60)")
    parser.add_argument("--lakes", metavar="FILE|IDS", help="lakes that come along before all others: ids or lake_keys, or a file of them")
    parser.add_argument("--watchlist", type=Path, metavar="FILE", help="a watch-list (.json): its lakes come along first, in its order")
    parser.add_argument("--check", action="store_true", help="make nothing: say whether OUT is still as it was packed")


def run(args: Namespace) -> int:
    """Pack.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    from data.commands.progress import progress
    from data.commit import recover
    from data.errors import InputError
    from data.packing.packing import Wish, pack
    from data.packing.words import words
    from data.problems import SHOWN, listed
    from data.store import Store

    if args.check:
        return _check(args.into)
    if not 0 < args.max_mb < 1e6:
        raise InputError(f"--max-mb {args.max_mb:g} is out of range", "give megabytes, e.g. --max-mb 60")
    recover(args.dataset)
    store = Store(args.dataset)
    if store.meta.pack is not None:
        raise InputError(f"{args.dataset} is a pack itself", "pack the dataset that it was made from")
    wish = Wish(int(args.max_mb * 1e6), _named(args, store))
    done = pack(store, args.into, wish, progress, lambda text: print(text, flush=True))
    print(f"{done.bytes / 1e6:.1f} MB, of which {done.tables / 1e6:.1f} are tables")
    print("\n".join([*words(done.pack), *listed("Scenes that could not be packed", done.trouble, SHOWN)]))
    print(f"{args.into}: written")
    return 0


def _named(args: Namespace, store: Store) -> list[int]:
    from data.lake_choice import chosen
    from data.watchlist.file_in import read_file

    listed = chosen(store.lakes, args.lakes, [], None).lakes if args.lakes else None
    ranks = read_file(args.watchlist).ranks if args.watchlist else {}
    return [*sorted(listed or ()), *sorted(ranks, key=lambda key: ranks[key])]


def _check(folder: Path) -> int:
    from data.packing.sums import wrong_files

    wrong = list(wrong_files(folder))
    print("\n".join(wrong) if wrong else f"{folder}: as it was packed")
    return 2 if wrong else 0
