"""The default dataset: made once, whole, also when two processes ask at once."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from data.cache import file_digest
from data.checks import dataset_faults
from data.default import UNUSED_S, default_dataset
from data.locks import lock
from data.simulate.progress import LOCK
from data.store import Store
from tests.conftest import ROOT

ASK = "import sys, pathlib; from data.default import default_dataset; print(default_dataset(pathlib.Path(sys.argv[1])))"


def test_it_is_made_once(tmp_path: Path) -> None:
    folder = default_dataset(tmp_path)
    assert Store(folder).meta.simulated
    assert len(Store(folder).lake_keys) == 800
    assert len(Store(folder).scenes) == 1200
    assert not (folder / "scenes").exists(), "the images are another's to make"
    before = {path.name: (file_digest(path), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert default_dataset(tmp_path) == folder
    assert {path.name: (file_digest(path), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_two_processes_at_once(tmp_path: Path) -> None:
    asked = [
        subprocess.Popen([sys.executable, "-c", ASK, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate() for process in asked]
    assert [process.returncode for process in asked] == [0, 0], answers
    assert answers[0][0] == answers[1][0]
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == [Path(answers[0][0].strip()).name]
    assert dataset_faults(Path(answers[0][0].strip())) == []


def test_it_can_be_had_without_scenes(tmp_path: Path) -> None:
    folder = default_dataset(tmp_path, scenes=False)
    assert folder != default_dataset(tmp_path)
    assert len(Store(folder).scenes) == 0
    assert len(Store(folder).lake_keys) == 800


def test_another_numpy_makes_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = default_dataset(tmp_path)
    monkeypatch.setattr(np, "__version__", "0")
    assert default_dataset(tmp_path) != folder


def test_a_damaged_one_is_made_anew_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = default_dataset(tmp_path, scenes=False)
    good = {path.name: file_digest(path) for path in folder.iterdir()}
    for victim, kept in (("areas.parquet", 5000), ("areas.parquet", 0), ("dataset.toml", 0)):
        raw = (folder / victim).read_bytes()
        (folder / victim).unlink()
        if kept:
            (folder / victim).write_bytes(raw[:kept] + bytes([raw[kept] ^ 1]) + raw[kept + 1 :])
        with caplog.at_level(logging.WARNING):
            assert default_dataset(tmp_path, scenes=False) == folder
        assert "is made anew" in caplog.text, victim
        caplog.clear()
        assert {path.name: file_digest(path) for path in folder.iterdir()} == good
        assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_one_that_somebody_is_at_work_in_is_left_alone(tmp_path: Path) -> None:
    folder = default_dataset(tmp_path, scenes=False)
    (folder / "areas.parquet").write_bytes(b"half")
    with (folder / LOCK).open("w") as file:
        assert lock(file)
        assert default_dataset(tmp_path, scenes=False) == folder
        assert (folder / "areas.parquet").read_bytes() == b"half"


def test_what_an_earlier_simulator_made_goes_once_nobody_uses_it(tmp_path: Path) -> None:
    folder = default_dataset(tmp_path, scenes=False)
    old, used = (folder.parent / f"simulated-{name}" for name in ("old", "used"))
    for other in (old, used):
        other.mkdir()
        (other / "scene.tif").write_bytes(b"x")
    past = time.time() - UNUSED_S - 60
    for path in (old, folder):
        os.utime(path, (past, past))
    default_dataset(tmp_path, scenes=False)
    assert sorted(path.name for path in folder.parent.iterdir()) == sorted([folder.name, "simulated-used"])
    assert time.time() - folder.stat().st_mtime < 60, "that this one is in use has been noted"
