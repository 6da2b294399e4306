"""Settings from the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.errors import InputError
from data.meta import read_meta
from data.settings import SETTINGS
from modules.serving.config import config


def test_nothing_said_opens_the_simulated_dataset_and_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MORAINE_DATASETS", raising=False)
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    first = config()
    assert read_meta(first.folders[0]).simulated
    assert first.state_dir == tmp_path / "state"
    assert first.making is None, "the tests set MORAINE_SCENES=no"
    assert config() == first


def test_scenes_are_made_unless_told_otherwise_or_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MORAINE_DATASETS", raising=False)
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    with_scenes: list[Path] = []
    for said in ("", "yes", " YES "):
        monkeypatch.setenv("MORAINE_SCENES", said)
        made = config()
        assert made.making == made.folders[0]
        with_scenes.append(made.folders[0])
    assert len(set(with_scenes)) == 1
    assert (with_scenes[0] / "scenes.parquet").exists()
    monkeypatch.setenv("MORAINE_SCENES", "no")
    assert not (config().folders[0] / "scenes.parquet").exists()
    monkeypatch.setenv("MORAINE_SCENES", "perhaps")
    with pytest.raises(InputError, match="yes or no"):
        config()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MORAINE_SCENES", "yes")
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "file" / "below"))
    assert config().making is None


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


def test_the_size_of_uploads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MORAINE_DATASETS", str(tmp_path))
    monkeypatch.delenv("MORAINE_UPLOAD_MB", raising=False)
    assert config().upload_mb == 64
    monkeypatch.setenv("MORAINE_UPLOAD_MB", " 200 ")
    assert config().upload_mb == 200
    for said in ("0", "-1", "many", "1e3", "99999"):
        monkeypatch.setenv("MORAINE_UPLOAD_MB", said)
        with pytest.raises(InputError, match="MORAINE_UPLOAD_MB"):
            config()


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.among or each.default.isdecimal()])
def test_whatever_says_what_it_cannot_stops_the_app_as_it_starts(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MORAINE_DATASETS", str(tmp_path))
    monkeypatch.setenv(f"MORAINE_{name}", "perhaps")
    with pytest.raises(InputError, match=f"MORAINE_{name} is 'perhaps'"):
        config()
