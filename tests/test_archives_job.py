"""Archives that are damaged, changed, not the one meant, or too much for the disk: said before harm is done."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from data.archives import fetching
from data.rasters.reading import read_bytes
from data.store import Store
from tests.chip_archives import TOP, ZIP, bench_files, bench_server, fetch, packed
from tests.range_server import RangeServer
from tests.waiting import until


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RangeServer]:
    with bench_server(tmp_path, monkeypatch) as made:
        yield made


def damaged(archive: bytes, *names: str) -> bytes:
    """The archive with one byte changed in the middle of some members."""
    body = bytearray(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        for info in map(held.getinfo, names):
            body[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 255
    return bytes(body)


def test_what_is_damaged_in_the_archive_is_left_out_and_named(
    server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = f"{TOP}/img_dir/train/SA_1.tif"
    server.files[ZIP] = damaged(server.files[ZIP], bad)
    assert fetch(tmp_path / "d", "--regions", "SA", "--split", "train", "--report", str(tmp_path / "report.txt")) == 0
    said = capsys.readouterr().out
    assert bad in (tmp_path / "report.txt").read_text()
    assert f"  {bad}: damaged in the archive, or on the way" in said
    assert sorted(Store(tmp_path / "d").scenes.rows["name"]) == sorted(f"SA_{n}" for n in range(10) if n != 1)
    server.files[ZIP] = damaged(packed(bench_files()), *(name for name in bench_files() if "ann_dir/test/ACS" in name))
    assert fetch(tmp_path / "e", "--regions", "ACS", "--split", "test") == 2
    assert "not one chip arrived whole" in capsys.readouterr().err


def test_an_archive_that_changed_between_runs(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choice = ("--regions", "SA", "--split", "train")
    assert fetch(tmp_path / "d", *choice) == 0
    name = f"{TOP}/ann_dir/train/SA_3.tif"
    server.files[ZIP] = packed({**bench_files(), name: bench_files()[f"{TOP}/ann_dir/train/SA_4.tif"]})
    capsys.readouterr()
    assert fetch(tmp_path / "d", *choice) == 0
    said = capsys.readouterr().out
    assert "is not the file that was read here before" in said
    assert "1 file to fetch, 19 there already: 0.0 MB in 1 request\n" in said
    held = {scene.path.stem: read_bytes(scene.masks["label"])[0] for scene in Store(tmp_path / "d").scenes}
    np.testing.assert_array_equal(held["SA_3"], held["SA_4"])
    assert fetch(tmp_path / "d", *choice) == 0
    assert "is not the file" not in capsys.readouterr().out


def test_a_server_without_parts_is_not_downloaded_from(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.always = "whole"
    assert fetch(tmp_path / "d") == 2
    error = capsys.readouterr().err
    assert "does not send parts of files" in error
    assert "--from" in error
    until(lambda: server.log)
    assert len(server.log) == 1
    assert not (tmp_path / "d").exists()


def test_a_full_disk_is_told_before(
    server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda folder: usage(10**9, 10**9, 10**6))
    count = len(server.log)
    assert fetch(tmp_path / "d") == 2
    assert "are needed, 1.0 MB are free" in capsys.readouterr().err
    assert len(server.log) - count == 3


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"../../evil.tif": b"1", f"{TOP}/img_dir/train/SA_1.tif": b"1"}, "lead out of the folder"),
        ({"Data/pictures/a.tif": b"1", "Data/truth/a.tif": b"1"}, "in its folders (Data/pictures, Data/truth)"),
    ],
)
def test_archives_that_are_not_the_one_meant(
    server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], files: Mapping[str, bytes], words: str
) -> None:
    server.files[ZIP] = packed(files)
    assert fetch(tmp_path / "d") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "d").exists()
    assert not list(tmp_path.rglob("*.tif"))
