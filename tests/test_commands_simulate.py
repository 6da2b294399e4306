"""`simulate` from a shell."""

from pathlib import Path

import pytest

from data.__main__ import main
from data.store import Store


def test_it_makes_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--lakes", "12", "--scenes", "0", "--years", "2001-2008", "--seed", "9"]
    assert main(["simulate", "--into", str(tmp_path / "d"), *asked]) == 0
    store = Store(tmp_path / "d")
    assert len(store.lake_keys) == 12
    assert len(store.scenes) == 0
    assert store.area_rows["date"].dt.year.agg(["min", "max"]).tolist() == [2001, 2008]
    assert "12 simulated lakes, no scenes, 2001-2008, seed 9" in capsys.readouterr().out


def test_scenes_and_a_count_of_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--lakes", "12", "--scenes", "2", "--years", "5", "--workers", "1"]
    assert main(["simulate", "--into", str(tmp_path / "d"), *asked]) == 0
    store = Store(tmp_path / "d")
    assert len(store.scenes) == 10
    assert store.area_rows["date"].dt.year.agg(["min", "max"]).tolist() == [2021, 2025]
    scenes = [scene for lake in store.scenes.lakes for scene in store.scenes.of_lake(int(lake))]
    assert all(path.exists() for scene in scenes for path in (scene.path, *scene.masks.values(), scene.dem) if path)
    told = capsys.readouterr()
    assert "2 of them with scenes (10 made now)" in told.out
    assert "scenes: 5 of 10" in told.err
    scenes[3].path.unlink()
    assert main(["simulate", "--into", str(tmp_path / "d"), "--resume", "--workers", "1"]) == 0
    assert "(1 made now)" in capsys.readouterr().out
    assert scenes[3].path.exists()


def test_all_lakes_have_scenes_where_there_are_few(tmp_path: Path) -> None:
    from argparse import ArgumentParser

    from data.commands import simulate

    parser = ArgumentParser()
    simulate.add_arguments(parser)
    plans = [simulate._plan(parser.parse_args(["--into", str(tmp_path), *more])) for more in ([], ["--lakes", "7"], ["--scenes", "3"])]
    assert [(plan.lakes, plan.scenes, plan.years) for plan in plans] == [(800, 120, 10), (7, 7, 10), (800, 3, 10)]


def test_only_what_was_simulated_can_be_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--into", str(tmp_path), "--resume"]) == 2
    assert "simulation.json is missing" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        ["--years", "2001"], ["--years", "2008-2001"], ["--years", "4"], ["--lakes", "0"], ["--seed", "-1"],
        ["--lakes", "5", "--scenes", "6"], ["--scenes", "-1"], ["--workers", "0"],
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--into", str(tmp_path / "d"), *wrong]) == 2
    assert "Remedy: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_used_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    assert main(["simulate", "--into", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
