"""`reviews`: what people said of lakes and masks, out of the store that the app writes to, and into it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError

if TYPE_CHECKING:
    from data.reviews.book import Reviews

NAME = "reviews"
HELP = "Say what people said of lakes and masks; write it to a file, or take such a file into the store."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument(
        "--take", type=Path, metavar="FILE", help="add the reviews of this .csv or .json file; those known already are passed over"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every review of the dataset here: a .csv or .json file")


def run(args: Namespace) -> int:
    """Take in, say what there is, write out.

    Raises:
        MoraineError: The dataset, the store or a file cannot be used.
    """
    from data.cache import write_atomic
    from data.commands.trend_options import out_path
    from data.reviews.book import Book
    from data.reviews.files import FORMATS, read_reviews, written
    from data.reviews.log import ReviewLog
    from data.reviews.placing import Lakes
    from data.reviews.where import where
    from data.store import Store

    target = out_path(args, FORMATS, "reviews") if args.out else None
    store, held = Store(args.dataset), where()
    if held.url is None:
        raise InputError(f"there is no store of reviews: {held.why}", "name one with MORAINE_REVIEWS_URL, or another MORAINE_STATE_DIR")
    book = Book(ReviewLog(held.url), store.meta.name, Lakes(store.lakes))
    before = book.refresh().version
    if args.take:
        book.extend(read_reviews(args.take))
        print(f"{args.take}: {sum(each.seq > before for each in book.now.reviews):,} reviews of {store.meta.name!r} taken in")
    print(f"{held.shown}\n{summary(book.now)}")
    if target:
        path, format = target
        reviews = sorted((*book.now.reviews, *book.now.lost), key=lambda review: review.seq)
        write_atomic(path, lambda temporary: temporary.write_bytes(written(reviews, format)))
        print(f"{path}: {len(reviews):,} reviews")
    return 0


def summary(now: Reviews) -> str:
    """What counts at the moment, in words."""
    from data.reviews.latest import latest

    counts = Counter(review.verdict for review in latest(now.reviews).values())
    each = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())) or "nothing yet"
    lost = f"; {len(now.lost):,} of lakes that the dataset does not have" if now.lost else ""
    return f"{len(now.reviews):,} reviews{lost}; what counts: {each}"
