"""A folder appears whole or not at all."""

from pathlib import Path

import pytest

from data.cache import write_folder
from data.errors import InputError


def fill(folder: Path) -> None:
    (folder / "a").write_text("whole")


def test_the_folder_appears_with_its_content(tmp_path: Path) -> None:
    write_folder(tmp_path / "deep" / "made", fill)
    assert (tmp_path / "deep" / "made" / "a").read_text() == "whole"
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["made"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    write_folder(tmp_path / "made", fill)
    assert (tmp_path / "made" / "a").exists()


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        write_folder(tmp_path / "made", fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["used folder", "file"])
def test_what_is_there_is_not_touched(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "made"
    if kind == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_folder(target, fill)
    assert "mine" in (target.read_text() if kind == "file" else (target / "mine").read_text())


def test_who_comes_second_loses_without_a_trace(tmp_path: Path) -> None:
    def overtaken(folder: Path) -> None:
        fill(folder)
        write_folder(tmp_path / "made", lambda first: (first / "a").write_text("first") and None)

    with pytest.raises(InputError, match="exists already"):
        write_folder(tmp_path / "made", overtaken)
    assert (tmp_path / "made" / "a").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["made"]
