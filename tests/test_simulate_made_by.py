"""A folder is gone on with only by the simulator that made it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.errors import DatasetError
from data.simulate import Plan, made_by
from data.simulate.made_by import AROUND, FILE, read_made_by, version, write_made_by

SOURCES = Path(made_by.__file__).parent


def test_the_plan_comes_back(tmp_path: Path) -> None:
    plan = Plan(12, 2001, 2008, 9, 3)
    write_made_by(tmp_path, plan)
    assert read_made_by(tmp_path) == plan
    before = (tmp_path / FILE).read_bytes()
    write_made_by(tmp_path, plan)
    assert (tmp_path / FILE).read_bytes() == before


def test_what_draws_counts_and_what_only_runs_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "simulate"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert {path.name for path in copy.glob("*.py")} >= AROUND
    monkeypatch.setattr(made_by, "__file__", str(copy / "made_by.py"))
    first = version()
    for name in AROUND:
        (copy / name).write_text("# changed")
    assert version() == first
    (copy / "painting.py").write_text("# changed")
    assert version() != first


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"plan": {"lakes": 3, "colour": "red"}, "simulator": "x"}', "\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DatasetError, match="is missing or damaged"):
        read_made_by(tmp_path)
