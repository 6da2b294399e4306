"""Small results kept under the state folder: verified when read, never half there, and never more than half of the bound."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest

from data import kept_bytes
from data.cache import fingerprint
from data.kept import KeptFiles, make_room
from data.kept_bytes import KeptBytes
from tests.test_kept import TABLE

KEY = fingerprint("a")


def held(state: Path) -> list[Path]:
    return [path for path in (state / "pictures").rglob("*") if path.is_file()]


def test_every_byte_of_a_file_counts_and_the_key_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept, content = KeptBytes(tmp_path, "pictures"), bytes(range(200))
    kept.put(KEY, content)
    assert KeptBytes(tmp_path, "pictures").get(KEY) == content, "another process finds it"
    (path,) = held(tmp_path)
    good = path.read_bytes()
    for spot in range(len(good)):
        path.write_bytes(good[:spot] + bytes([good[spot] ^ 0x10]) + good[spot + 1 :])
        assert kept.get(KEY) is None, spot
        assert not path.exists(), "so that it is made anew"
    for length in (0, 5, 32, 100):
        path.write_bytes(good[:length])
        assert kept.get(KEY) is None, length
    assert path.name in caplog.text
    other = kept.path(fingerprint("b"))
    assert other is not None
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(good)
    assert kept.get(fingerprint("b")) is None, "it is what another key has"
    assert KeptBytes(None, "pictures").get(KEY) is None


def test_small_files_take_half_at_most_those_used_longest_ago_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_STATE_MB", "1")
    tables, kept, rng = KeptFiles(tmp_path, "trends"), KeptBytes(tmp_path, "pictures"), np.random.default_rng(3)
    tables.put("k", TABLE)
    table = tables.find("k")
    assert table is not None
    os.utime(table, (1, 1))  # used longer ago than any picture
    keys, sizes = [fingerprint(str(n)) for n in range(150)], rng.integers(1_000, 20_000, 150)
    most = 0
    for n, (key, size) in enumerate(zip(keys, sizes, strict=True)):
        kept.put(key, rng.bytes(int(size)))
        if n >= 1:
            assert kept.get(keys[0]) is not None, "used again and again"
            path = kept.path(keys[0])
            assert path is not None
            os.utime(path, (time.time() + n, time.time() + n))
        most = max(most, sum(path.stat().st_size for path in held(tmp_path)))
    assert 2**18 < most <= 2**19
    assert table.exists(), "tables have the other half"
    assert kept.get(keys[1]) is None
    assert kept.get(keys[-1]) is not None


def test_what_a_killed_writer_left_goes_and_what_one_writes_now_stays(tmp_path: Path) -> None:
    KeptBytes(tmp_path, "pictures").put(KEY, b"whole")
    (whole,) = held(tmp_path)
    left, now = whole.parent / ".x.partial", whole.parent / ".y.partial"
    for path in (left, now):
        path.write_bytes(b"half")
    os.utime(left, (1, 1))
    make_room(tmp_path, 2**20)
    assert sorted(held(tmp_path)) == sorted([whole, now])


def test_where_nothing_can_be_written_it_says_why_once_and_tries_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pictures").write_text("no folder")
    kept = KeptBytes(tmp_path, "pictures")
    with caplog.at_level(logging.WARNING):
        for n in range(3):
            monkeypatch.setattr(kept_bytes, "AGAIN_S", 0.0)
            kept.put(fingerprint(str(n)), b"x")
    assert kept.trouble
    assert caplog.text.count("cannot be written") == 1
    assert kept.get(fingerprint("1")) is None
    (tmp_path / "pictures").unlink()
    kept.put(KEY, b"x")
    assert (kept.trouble, kept.get(KEY)) == ("", b"x")
