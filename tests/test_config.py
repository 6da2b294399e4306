"""Settings from the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.errors import InputError
from data.meta import read_meta
from modules.config import config


def test_nothing_said_opens_the_simulated_dataset_and_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MORAINE_DATASETS", raising=False)
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    first = config()
    assert read_meta(first.folders[0]).simulated
    assert first.state_dir == tmp_path / "state"
    assert config() == first


def test_named_folders_in_their_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folders = [tmp_path / "b", tmp_path / "a"]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setenv("MORAINE_DATASETS", os.pathsep.join(map(str, folders)) + os.pathsep)
    assert config().folders == folders


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MORAINE_DATASETS", str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone"):
        config()


def test_an_unwritable_state_folder_still_opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.delenv("MORAINE_DATASETS", raising=False)
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "file" / "below"))
    made = config()
    assert made.state_dir is None
    assert made.folders[0].is_dir()
