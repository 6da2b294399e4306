"""`simulate` from a shell."""

from pathlib import Path

import pytest

from data.__main__ import main
from data.store import Store


def test_it_makes_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--into", str(tmp_path / "d"), "--lakes", "12", "--years", "2001-2008", "--seed", "9"]) == 0
    store = Store(tmp_path / "d")
    assert len(store.lake_keys) == 12
    assert store.area_rows["date"].dt.year.agg(["min", "max"]).tolist() == [2001, 2008]
    assert "12 simulated lakes" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--years", "2001"], ["--years", "2008-2001"], ["--lakes", "0"], ["--seed", "-1"]])
def test_what_cannot_be_made_is_refused(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--into", str(tmp_path / "d"), *wrong]) == 2
    assert "Remedy: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_used_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    assert main(["simulate", "--into", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
