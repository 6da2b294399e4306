"""Reviews: what is taken, what is kept, what counts, and what finds its lake again."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.reviews.book import Book
from data.reviews.connecting import engine_of, shown_url, sqlite_url
from data.reviews.files import FORMATS, reviews_from, written
from data.reviews.latest import bad_observations, digest_of, lake_verdicts
from data.reviews.log import ReviewError, ReviewLog
from data.reviews.placing import Lakes
from data.reviews.record import NOTE_CHARACTERS, OF_LAKE, OF_MASK, TAKEN_BACK, Place, Review, checked, new_key
from tests.postgres import missing, postgres

DAY = date(2020, 10, 15)
START = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


def review(verdict: str = "bad", lake_key: int = 1, day: date | None = DAY, later: int = 0, **more: Any) -> Review:
    source = "unet" if day else ""
    at = START + timedelta(seconds=later)
    held = Review(new_key(), "small", "d", Place(lake_key, "GL1", 87.0, 28.0), day, source, verdict, "", "Ada", False, at)
    return replace(held, **more)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if missing():
        pytest.skip(missing())
    with postgres() as held:
        yield held.url


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewLog]:
    url = sqlite_url(tmp_path / "r.sqlite") if request.param == "sqlite" else request.getfixturevalue("server")
    held = ReviewLog(url)
    yield held
    held.close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_nobody_else_reads_the_file_of_reviews_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    held = ReviewLog(sqlite_url(tmp_path / "r.sqlite"))
    before = os.umask(umask)
    try:
        held.append(review())
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
        held.close()
    assert {"r.sqlite", "r.sqlite-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_review_comes_back_as_it_was(log: ReviewLog) -> None:
    dataset = new_key()
    said = [
        review(dataset=dataset, note="shadow\nnot water ‘é’ 👩‍🔬", who="Zoë; DROP TABLE moraine_reviews --"),
        review("verified", day=None, dataset=dataset, place=Place(7), later=1),
    ]
    stored = [log.append(each) for each in said]
    held = log.since(dataset)
    assert held == stored == [replace(each, seq=there.seq) for each, there in zip(said, stored, strict=True)]
    assert log.since(dataset, held[0].seq) == held[1:]
    assert log.since("another") == []


def test_one_key_is_one_review_and_another_review_of_that_key_is_refused(log: ReviewLog) -> None:
    dataset = new_key()
    said = review(dataset=dataset)
    first = log.append(said)
    assert log.append(said) == first
    assert log.append(replace(said, at=START + timedelta(hours=1))) == first, "sent again later, it was said at first"
    with pytest.raises(InputError, match="another review"):
        log.extend([review(dataset=dataset), replace(said, verdict="good")])
    assert log.since(dataset) == [first], "of a batch that is refused nothing is written"


def test_writers_at_once_lose_nothing_and_a_reader_passes_nothing_over(log: ReviewLog) -> None:
    dataset = new_key()
    sent = [[review(dataset=dataset, who=f"w{n}") for _ in range(15)] for n in range(4)]
    writers = [threading.Thread(target=lambda mine=mine: [log.append(each) for each in mine]) for mine in sent]
    for writer in writers:
        writer.start()
    seen: list[Review] = []
    while any(writer.is_alive() for writer in writers):
        seen += log.since(dataset, seen[-1].seq if seen else 0)
    seen += log.since(dataset, seen[-1].seq if seen else 0)
    assert sorted(each.key for each in seen) == sorted(each.key for mine in sent for each in mine)
    assert seen == log.since(dataset)


def test_the_sqlite_file_syncs_waits_and_is_only_ever_added_to(tmp_path: Path) -> None:
    log = ReviewLog(sqlite_url(tmp_path / "r.sqlite"))
    log.append(review())
    with log._engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "busy_timeout")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000}
    with sqlite3.connect(tmp_path / "r.sqlite") as other:
        for harm in ("DELETE FROM moraine_reviews", "UPDATE moraine_reviews SET verdict = 'good'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                other.execute(harm)


def test_a_role_that_may_only_add_and_read_is_enough(server: str) -> None:
    dataset, rights = new_key(), "GRANT SELECT, INSERT ON moraine_reviews TO app; GRANT USAGE ON moraine_reviews_seq_seq TO app"
    owner = ReviewLog(server)
    owner.append(review(dataset=dataset))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE app LOGIN")
        connection.execute(rights)
    as_app = server.replace("moraine@", "app@")
    log = ReviewLog(as_app)
    log.append(review(dataset=dataset))
    assert len(log.since(dataset)) == 2
    with psycopg.connect(as_app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM moraine_reviews")
    log.close()
    owner.close()


def test_a_store_that_is_gone_is_an_error_without_the_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []
    for url in ("postgresql://ada:s3cret@127.0.0.1:1/db", sqlite_url(tmp_path / "gone" / "s3cret.sqlite").replace("s3cret", "r")):
        with pytest.raises(ReviewError) as raised:
            ReviewLog(url).append(review())
        said += [str(raised.value), repr(raised.value.__cause__), shown_url(url)]
    for url in ("postgresql://ada:s3cret@host:s3cret/db", "mysql://ada:s3cret@host/db", "s3cret"):
        with pytest.raises(InputError) as refused:
            engine_of(url)
        said += [str(refused.value), repr(refused.value.__cause__)]
    assert "s3cret" not in " ".join(said) + caplog.text
    assert "ada" not in " ".join(said)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"note": "a\0b"}, "NUL"), ({"note": "x" * (NOTE_CHARACTERS + 1)}, "at most 2,000"), ({"who": " \n "}, "needs a name"),
        ({"who": "x" * 81}, "at most 80"), ({"verdict": "verified"}, "good, bad, unsure"), ({"source": ""}, "date and its source"),
        ({"key": "' OR 1=1"}, "32 hexadecimal"), ({"at": datetime(2026, 1, 1)}, "time zone"), ({"place": Place(2**31)}, "out of range"),
        ({"at": datetime.now(UTC) + timedelta(days=9)}, "future"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_remedy(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked(review(**change))


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_is_refused_or_kept_without_what_hides(note: str, who: str) -> None:
    try:
        held = checked(review(note=note, who=who))
    except InputError:
        return
    assert "\0" not in held.note + held.who
    assert not set("\u202e\u2066\u200b\x1b\x7f\r") & set(held.note + held.who)
    assert "\n" not in held.who
    assert checked(held) == held
    (held.note + held.who).encode()
    for format in FORMATS:
        assert reviews_from(written([held], format), "file") == [held]


def test_formulas_are_inert_in_csv_and_come_back() -> None:
    said = [review(note=text, who=text) for text in ("=HYPERLINK(1)", "'quoted", "''", "+1", "@x", 'a,"b"\nc', "-")]
    lines = written(said, "csv").decode()
    assert not any(start in lines for start in ("\n=", ",=", ",@", ",+"))
    assert [(each.note, each.who) for each in reviews_from(lines.encode(), "f")] == [
        (each.note, each.note.replace("\n", " ")) for each in said
    ]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe", b"{", b"[]", b'{"moraine": "reviews", "reviews": [1]}', b'{"reviews": []}', b"key,at\n1,2\n", b"{" * 100_000,
     written([review()], "csv").replace(b"bad", b"worse"), written([review()], "csv").replace(b"2020-10-15", b"15 Oct"),
     written([review()], "json").replace(b'"lake_key": 1', b'"lake_key": 1e999')],
)  # fmt: skip
def test_a_file_that_is_none_is_named(raw: bytes) -> None:
    with pytest.raises(InputError, match=r"theirs\.csv"):
        reviews_from(raw, "theirs.csv")


def test_the_latest_word_counts_by_when_it_was_said() -> None:
    said = [
        review("good", seq=1), review("bad", seq=2, later=1), review("good", seq=3, later=-5), review("unsure", lake_key=2, seq=4),
        review("bad", lake_key=3, seq=5), review(TAKEN_BACK, lake_key=3, seq=6), review("verified", day=None, seq=7),
        review("false alarm", day=None, seq=8), review("needs imagery", day=None, lake_key=2, seq=9),
        review(TAKEN_BACK, day=None, lake_key=2, seq=10),
    ]  # fmt: skip
    assert bad_observations(said) == {(1, DAY, "unet")}
    assert lake_verdicts(said) == {1: "false alarm"}
    assert digest_of(bad_observations(said)) == digest_of([(1, DAY, "unet")]) != digest_of([(2, DAY, "unet")])
    assert digest_of([]) == ""
    assert set(OF_MASK) & set(OF_LAKE) == set()


LAKES = pd.DataFrame(
    {"lake_key": [1, 2, 3, 4, 5], "lake_id": ["A", "B", "B", None, "E"], "lon": [87.0, 87.1, 87.2, 87.3, None],
     "lat": [28.0, 28.0, 28.0, 28.0, None]}
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (Place(1, "A", 87.0, 28.0), 1),
        (Place(9, "A", 87.001, 28.0), 1),  # imported anew, another key
        (Place(2, "A", 87.001, 28.0), 1),  # … and the old key is another lake's
        (Place(1, "A", 86.0, 28.0), None),  # an id that was copied by mistake
        (Place(9, "B", 87.2, 28.0), 3),  # two lakes carry the id: where it lies decides
        (Place(9, "X", 87.3, 28.0), 4),  # renamed, same place
        (Place(4, "", 87.3004, 28.0), 4),
        (Place(9, "X", 87.15, 28.0), None),
        (Place(9, "", None, None), None),
        (Place(5, "E", 10.0, 10.0), 5),  # the dataset does not say where it lies
    ],
)
def test_a_review_finds_its_lake_again_or_is_lost_by_name(place: Place, key: int | None) -> None:
    assert Lakes(LAKES).key(place) == key


def test_a_book_holds_what_the_log_holds_and_who_else_writes_is_seen(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "r.sqlite")
    mine, theirs = (Book(ReviewLog(url), "small", Lakes(LAKES)) for _ in range(2))
    mine.append(review(place=Place(9, "A", 87.0, 28.0)))
    theirs.append(review("verified", day=None, place=Place(2, "B", 87.1, 28.0)))
    theirs.append(review(place=Place(9, "", None, None)))
    assert mine.refresh().lakes == theirs.now.lakes == {2: "verified"}
    assert mine.now.bad == theirs.now.bad == {(1, DAY, "unet")}
    assert len(mine.now.lost) == 1
    assert [each.verdict for each in mine.now.of(1)] == ["bad"]
    assert mine.now.of(None) == mine.now.of(4) == []


def test_a_book_without_a_log_keeps_what_is_written_for_as_long_as_it_lives() -> None:
    book, said = Book(None, "small", Lakes(LAKES)), review(place=Place(1, "A", 87.0, 28.0))
    book.append(said)
    book.extend([said, review("good", place=said.place, later=1)])
    assert [each.seq for each in book.now.of(1)] == [1, 2]
    assert book.now.bad == set()
    with pytest.raises(InputError):
        book.append(review(note="\0"))
