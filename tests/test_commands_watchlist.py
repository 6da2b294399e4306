"""`python -m data watchlist`: the list as text and files, and what has changed since an earlier one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data.__main__ import main
from data.watchlist.file_in import read_file
from tests.watch_worlds import DATED, REVIEWED, world


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("worlds")
    for name, dated in (("then", False), ("now", True)):
        world(folder / name, dated=dated, reviewed=False)
    return folder / "then", folder / "now"


def test_a_list_is_saved_and_the_next_one_says_what_has_changed(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "then.json"
    options = ["--weights", "growth=1,newest_area=1", "--top", "8"]
    assert main(["watchlist", str(folders[0]), *options, "--out", str(earlier)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "SIMULATED DATA, not observations"
    assert lines[1].startswith("8 of ")
    assert len([line for line in lines if "newest_area" in line]) == 8
    assert sorted(read_file(earlier).ranks.values()) == list(range(1, 9))
    assert main(["watchlist", str(folders[1]), *options, "--since", str(earlier), "--out", str(tmp_path / "now.csv")]) == 0
    told = capsys.readouterr().out
    assert "caution" not in told
    entered = [line for line in told.splitlines() if line.startswith("entered")]
    assert [line.split("  ")[-1] for line in entered] == ["new observation of 2024-10-15 (2.4 km²)"]
    frame = pd.read_csv(tmp_path / "now.csv")
    assert frame["lake_key"].tolist()[0] == DATED
    assert REVIEWED in set(frame["lake_key"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mix", "nonsense"], "no mix 'nonsense'"), (["--mix", "growth", "--weights", "growth=1"], "both given"),
        (["--weights", "growth"], "cannot be read"), (["--weights", "nonsense=1"], "'nonsense' is unknown"),
        (["--top", "0"], "out of range"),
        (["--since", "README.md"], "no JSON"), (["--out", "list.xlsx"], "xlsx is unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(folders: tuple[Path, Path], options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watchlist", str(folders[0]), *options]) == 2
    assert told in capsys.readouterr().err
