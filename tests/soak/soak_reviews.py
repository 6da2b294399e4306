"""Reviews under four writers at once, each killed again and again: none that was acknowledged is lost, none stands there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from data.reviews.connecting import sqlite_url
from data.reviews.log import ReviewError, ReviewLog
from data.reviews.record import Review
from tests.harness import ROOT, Figures
from tests.postgres import Postgres, missing, postgres
from tests.review_writer import DATASET, UNREACHABLE, review

WRITERS, REVIEWS, CRASHES = 4, 1_000, 5


class Writer(threading.Thread):
    """One writer, started anew from its first review that was not acknowledged whenever it was killed.

    Args:
        url: The store.
        name: Of the writer.
        count: Reviews to write.
        dice: Says when it is killed.
    """

    def __init__(self, url: str, name: str, count: int, dice: random.Random) -> None:
        super().__init__(name=name, daemon=True)
        self.url, self.count, self.dice = url, count, dice
        self.done: set[int] = set()
        self.kills = self.within = self.retried = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while len(self.done) < self.count and not self.ended.is_set():
            first = len(self.done)
            self._one_life(first, first + self.dice.randrange(8, max(16, self.count // 8)))

    def _one_life(self, first: int, last: int) -> None:
        """Write from `first`, until killed within a few milliseconds of the moment when review `last` is begun."""
        command = [sys.executable, "-m", "tests.review_writer", self.url, self.name, str(first), str(self.count)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        begun = -1
        for line in process.stdout:
            word, number = line.split()
            if word == "begin":
                begun = int(number)
                self.retried += begun == first and first > 0
            else:
                self.done.add(int(number))
            if word == "begin" and begun == last:
                time.sleep(self.dice.uniform(0, 0.004))
                process.kill()
                self.kills += 1
        assert process.wait() in {0, UNREACHABLE, -9}
        self.within += begun not in self.done and begun >= 0


class Reader(threading.Thread):
    """Somebody who looks at the page meanwhile: takes what is new behind the last review seen, as the app does."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.log, self.seen, self.ended = ReviewLog(url), list[Review](), threading.Event()

    def run(self) -> None:
        while True:
            last = self.ended.is_set()
            try:
                self.seen += self.log.since(DATASET, self.seen[-1].seq if self.seen else 0)
            except ReviewError:
                assert not last
            if last:
                break
            time.sleep(0.01)
        self.log.close()


def written(url: str, seed: int, scale: float, server: Postgres | None = None) -> Figures:
    """Four writers; a server, where there is one, is ended without warning meanwhile as well.

    Raises:
        AssertionError: A review was lost, stands there twice, was changed, or was passed over by the reader.
    """
    count = max(16, round(REVIEWS * scale))
    reader = Reader(url)
    writers = [Writer(url, f"writer-{place}", count, random.Random(f"{seed} {place}")) for place in range(WRITERS)]
    for thread in (reader, *writers):
        thread.start()
    try:
        crashes = _crashes(server, writers, max(1, round(CRASHES * scale))) if server else 0
        for writer in writers:
            writer.join()
    finally:
        for thread in (reader, *writers):
            thread.ended.set()
    reader.join()
    log = ReviewLog(url)
    held = log.since(DATASET)
    log.close()
    for writer in writers:
        mine = [each for each in held if each.who == writer.name]
        assert [each.key for each in mine] == [review(writer.name, number).key for number in range(count)], "lost, twice, or out of order"
        assert all(each.says == review(writer.name, number).says for number, each in enumerate(mine))
    assert len({each.key for each in held}) == len(held) == WRITERS * count
    assert reader.seen == held, "the reader passed a review over"
    kills, within = sum(each.kills for each in writers), sum(each.within for each in writers)
    assert kills, "a run without kills shows nothing"
    return {"reviews": len(held), "kills": kills, "unacknowledged": within, "sent_again": sum(each.retried for each in writers),
            "server_crashes": crashes, "lost": 0, "twice": 0}  # fmt: skip


def _crashes(server: Postgres, writers: list[Writer], wanted: int) -> int:
    """End the server `wanted` times while the writers are at work."""
    total = sum(writer.count for writer in writers)
    for nth in range(1, wanted + 1):
        while sum(len(writer.done) for writer in writers) < total * nth / (wanted + 2):
            assert all(writer.is_alive() or len(writer.done) == writer.count for writer in writers), "a writer gave up"
            time.sleep(0.01)
        server.crash()
        server.start()
    return wanted


def in_sqlite(seed: int, scale: float) -> Figures:
    """In a SQLite file."""
    with TemporaryDirectory() as scratch:
        return written(sqlite_url(Path(scratch) / "reviews.sqlite"), seed, scale)


def in_postgresql(seed: int, scale: float) -> Figures:
    """In PostgreSQL, which is ended with SIGKILL meanwhile too."""
    if missing():
        return {"not run": missing()}
    with postgres() as server:
        return written(server.url, seed, scale, server)


SUITES = {"reviews.sqlite": in_sqlite, "reviews.postgresql": in_postgresql}
