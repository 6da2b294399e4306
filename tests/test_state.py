"""Where caches go."""

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
