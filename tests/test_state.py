"""Where caches go."""

import os
from pathlib import Path

import pytest

from data.state import state_dir, writable


def test_the_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "here"))
    assert state_dir() == tmp_path / "here"


def test_else_it_is_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MORAINE_STATE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert state_dir().name == "moraine"


def test_writable_makes_the_folder_or_says_no(tmp_path: Path) -> None:
    assert writable(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    assert not writable(tmp_path / "file" / "below")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_a_folder_that_is_made_is_this_users_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert writable(tmp_path / "state")
    finally:
        os.umask(before)
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    (tmp_path / "state").chmod(0o755)
    assert writable(tmp_path / "state")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o755, "one that was there stays as its owner wants it"
