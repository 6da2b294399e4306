"""Tables kept under the state folder: verified when read, made anew where they are damaged, bounded, and never half there."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from data.cache import read_table
from data.kept import KeptFiles, make_room
from tests.harness import ROOT

TABLE = pa.table({"lake_key": [1, 2, 3]}, metadata={b"counts": b'{"growing": 55}'})
FULL = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa
from data.kept import KeptFiles
kept = KeptFiles(Path(sys.argv[1]), "trends")
random = np.random.default_rng(1)
kept.put("large", pa.table({"x": random.random(200_000)}))
print(kept.trouble)
kept.put("small", pa.table({"x": [1.0]}))
print(kept.trouble or "kept")
"""


def test_the_name_is_the_digest_that_anybody_can_check(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, "trends")
    kept.put("k", TABLE)
    path = kept.find("k")
    assert path is not None
    assert path.name == f"k.{sha256(path.read_bytes()).hexdigest()[:32]}.parquet"
    assert read_table(path).equals(TABLE, check_metadata=True)
    assert KeptFiles(tmp_path, "flags").find("k") is None


def test_every_byte_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Page checksums say nothing of the head, where one bit makes 55 growing lakes 57."""
    kept = KeptFiles(tmp_path, "trends")
    kept.put("k", TABLE)
    path = kept.find("k")
    assert path is not None
    good = path.read_bytes()
    assert b'"growing": 55' in good
    for spot in range(0, len(good), 7):
        path.write_bytes(good[:spot] + bytes([good[spot] ^ 0x02]) + good[spot + 1 :])
        with caplog.at_level(logging.WARNING):
            assert KeptFiles(tmp_path, "trends").find("k") is None, spot
        assert path.name in caplog.text
        assert not path.exists(), "so that it is made anew"
        caplog.clear()
    path.write_bytes(good[:-1])
    assert kept.find("k") is None
    kept.put("k", TABLE)
    assert path.read_bytes() == good


def test_a_datasets_own_are_looked_at_first_and_never_touched(tmp_path: Path) -> None:
    own, state = tmp_path / "dataset" / "trends", tmp_path / "state"
    KeptFiles(tmp_path / "dataset", "trends").put("k", TABLE)
    KeptFiles(state, "trends").put("k", pa.table({"lake_key": [9]}))
    found = KeptFiles(state, "trends", own).find("k")
    assert found is not None
    assert found.parent == own
    damaged = found.read_bytes()[:-1]
    found.write_bytes(damaged)
    other = KeptFiles(state, "trends", own).find("k")
    assert other is not None
    assert other.parent == state / "trends"
    assert found.read_bytes() == damaged


def test_those_used_longest_ago_go_first(tmp_path: Path) -> None:
    trends, flags = KeptFiles(tmp_path, "trends"), KeptFiles(tmp_path, "flags")
    for age, (kept, key) in enumerate([(trends, "a"), (flags, "b"), (trends, "c")]):
        kept.put(key, TABLE)
        path = kept.find(key)
        assert path is not None
        os.utime(path, (1000 + age, 1000 + age))
        size = path.stat().st_size
    assert trends.find("a"), "which counts as used"
    (tmp_path / "reviews.sqlite").write_bytes(bytes(10 * size))
    make_room(tmp_path, 2 * size)
    assert [bool(kept.find(key)) for kept, key in ((trends, "a"), (flags, "b"), (trends, "c"))] == [True, False, True]
    assert (tmp_path / "reviews.sqlite").exists()


def test_what_is_put_is_bounded_by_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_STATE_MB", "1")
    kept = KeptFiles(tmp_path, "trends")
    for number in range(8):
        kept.put(f"k{number}", pa.table({"noise": [os.urandom(300_000)]}))
    held = [path for path in (tmp_path / "trends").iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in held) <= 2**20
    assert kept.find("k7"), "the newest stays"


def test_only_what_nobody_writes_any_more_is_cleared(tmp_path: Path) -> None:
    KeptFiles(tmp_path, "trends").put("k", TABLE)
    old, young = (tmp_path / "trends" / f".{name}.x.partial" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    make_room(tmp_path, 2**20)
    assert [path.exists() for path in (old, young)] == [False, True]


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB, where this user may mount one."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a small file system; `ulimit` is tested in its place")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_left_behind(tiny: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tiny)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["no space left on device", "kept"]
    assert [path.name.split(".")[0] for path in (tiny / "trends").iterdir()] == ["small"], "no half-written file stays"


def test_a_file_that_may_not_grow_is_told(tmp_path: Path) -> None:
    limited = f"ulimit -f 256; exec {sys.executable} -c '{FULL}' {tmp_path}"
    done = subprocess.run(["sh", "-c", limited], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["file too large", "kept"]
    assert len(list((tmp_path / "trends").iterdir())) == 1


def test_what_a_killed_writer_left_goes_even_where_all_that_is_asked_for_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "trends"
    folder.mkdir()
    old, young = (folder / f".{name}.x.partial" for name in ("old", "young"))
    for path, age in ((old, 2 * 3600), (young, 60)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    assert KeptFiles(tmp_path, "trends").find("a") is None
    assert [path.name for path in folder.iterdir()] == [young.name]
