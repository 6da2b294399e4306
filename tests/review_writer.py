"""`python -m tests.review_writer URL NAME FIRST COUNT`: one of several writers, that says what it is about to write, and what is written.

Lines `begin N` and `done N`: whoever kills it knows which reviews were acknowledged, and hands the next writer the first that was not.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime, timedelta

from data.reviews.log import ReviewError, ReviewLog
from data.reviews.record import OF_MASK, Place, Review

DATASET = "soak"
UNREACHABLE = 3


def review(name: str, number: int) -> Review:
    """The review that a writer of this name writes as its N-th, the same whoever asks."""
    key = hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:32]
    day = date(2000, 1, 1) + timedelta(days=number % 50)
    return Review(
        key, DATASET, "0" * 64, Place(number % 7, f"GL{number % 7}", 87.0, 28.0), day, "unet", OF_MASK[number % 3],
        f"{name} {number}: it's; DROP TABLE moraine_reviews --", name, False, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
    )  # fmt: skip


def main(url: str, name: str, first: int, count: int) -> int:
    """Write reviews `first` to `count` - 1, each acknowledged before the next; UNREACHABLE where the store is gone for longer."""
    log = ReviewLog(url)
    for number in range(first, count):
        print(f"begin {number}", flush=True)
        try:
            log.append(review(name, number))
        except ReviewError:
            return UNREACHABLE
        print(f"done {number}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
