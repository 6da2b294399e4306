"""`python -m models demo`: the default dataset whole, one maker at a time, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.scores import scores, up_to_date
from data.simulate import Plan, write_simulated
from data.simulate.progress import read_progress
from data.store import Store
from models import stored
from models.__main__ import main
from models.commands import demo
from models.stored import SOURCES, STAMP, wanting
from tests.mask_folders import tree

PLAN = Plan(lakes=12, first_year=2021, last_year=2025, seed=5, scenes=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_simulated(tmp_path / "d", PLAN)
    return tmp_path / "d"


def test_scenes_then_masks_then_scores_and_all_of_it_once(folder: Path) -> None:
    assert wanting(folder)
    assert main(["demo", str(folder), "--workers", "1"]) == 0
    store = Store(folder)
    assert set(SOURCES) < set(store.scenes.sources)
    assert set(SOURCES) < set(store.sources)
    assert up_to_date(store)
    assert set(scores(store)["source"]) >= set(SOURCES)
    assert read_progress(folder) is None
    assert not wanting(folder)
    assert not list(folder.rglob("*.tmp"))
    before = tree(folder)
    assert main(["demo", str(folder), "--workers", "1"]) == 0
    assert tree(folder) == before


def test_without_torch_the_index_is_made_and_the_rest_once_torch_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr(stored, "find_spec", lambda name: None)
        assert main(["demo", str(folder), "--workers", "1"]) == 0
        assert "water_index" in Store(folder).sources
        assert "unet" not in Store(folder).sources
        assert not wanting(folder), "nothing more can be made here"
    assert wanting(folder)


def test_why_it_ended_early_is_kept_for_those_who_look(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo, "_predicted", failing)
    assert main(["demo", str(folder), "--workers", "1"]) == 2
    told = read_progress(folder)
    assert told is not None
    assert told.trouble == "No space left on device"
    assert told.what == "masks"
    assert wanting(folder)


def test_other_weights_want_other_masks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / STAMP).write_text(stored.versions())
    assert not wanting(folder)
    monkeypatch.setattr(stored, "SOURCES", SOURCES[:2])
    assert wanting(folder)
