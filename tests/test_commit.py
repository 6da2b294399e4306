"""Several files change together or not at all, wherever the writer dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data import commit
from data.commit import COMMITTED, STAGED, current, finish, recover, transaction
from data.errors import DatasetError

OLD = {"a": "old a", "b": "old b"}
NEW = {"a": "new a", "b": "new b", "c": "new c"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in OLD.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def write(folder: Path) -> None:
    with transaction(folder) as stage:
        for name, text in NEW.items():
            (stage / name).write_text(text)


def seen(folder: Path) -> dict[str, str]:
    """What a reader sees: each name where `current` says it is."""
    return {name: path.read_text() for name in NEW if (path := current(folder, name)).exists()}


def test_all_files_take_their_places(folder: Path) -> None:
    write(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == NEW


def test_an_error_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), transaction(folder) as stage:
        (stage / str(len("a") // 0)).write_text("never")
    assert {path.name: path.read_text() for path in folder.iterdir()} == OLD
    with pytest.raises(ZeroDivisionError), transaction(tmp_path / "new") as stage:
        (stage / str(len("a") // 0)).write_text("never")
    assert not (tmp_path / "new").exists()


class _KilledError(BaseException):
    """Stands for kill -9: nothing after it runs."""


@pytest.mark.parametrize("step", range(12))
def test_death_at_every_step_leaves_the_old_or_the_new(step: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rename and fsync of the commit is a place to die at; clean-up code does not run then."""
    calls = 0

    def counted(function: object):
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls > step:
                raise _KilledError
            return function(*args, **kwargs)  # type: ignore[operator]

        return call

    for name in ("rename", "replace", "fsync"):
        monkeypatch.setattr(commit.os, name, counted(getattr(os, name)))
    monkeypatch.setattr(commit.shutil, "rmtree", counted(lambda path: None))
    died = False
    try:
        write(folder)
    except _KilledError:
        died = True
    monkeypatch.undo()
    assert seen(folder) in (OLD, NEW)
    assert died or seen(folder) == NEW
    before = seen(folder)
    recover(folder)
    assert seen(folder) == before
    assert not list(folder.glob(f"{STAGED}*"))
    assert not (folder / COMMITTED).exists()
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_both_outcomes_occur(folder: Path) -> None:
    """A commit cut short right after its rename is finished by the next writer."""
    (folder / COMMITTED).mkdir()
    (folder / COMMITTED / "a").write_text("new a")
    assert seen(folder) == {"a": "new a", "b": "old b"}
    finish(folder)
    assert (folder / "a").read_text() == "new a"


def test_one_writer_at_a_time(folder: Path) -> None:
    with transaction(folder), pytest.raises(DatasetError, match="another process is writing"), transaction(folder):
        pass
    write(folder)
    assert seen(folder) == NEW
