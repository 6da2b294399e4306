"""`python -m data flags`, and flags in exports."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data.__main__ import main
from data.export import export_frame
from data.flags import FLAGS
from data.flags.listed import listed
from data.simulate import Plan, write_simulated
from data.store import Store
from tests.flag_cases import dated, flags_of


@pytest.fixture(scope="module")
def basin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flags") / "basin"
    write_simulated(folder, Plan(lakes=120, seed=9))
    return folder


def test_it_counts_and_writes(basin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flags", str(basin), "--out", str(tmp_path / "found.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = Store(basin).flags(Store(basin).settings())
    assert lines[0] == "SIMULATED DATA, not observations"
    said = {line.split()[0]: int(line.split()[1].replace(",", "")) for line in lines[1 : 1 + len(FLAGS)]}
    assert said == {kind: int((found["kind"] == kind).sum()) for kind in FLAGS}
    written = pd.read_csv(tmp_path / "found.csv")
    assert written["words"].tolist() == found["words"].tolist()
    assert set(written["simulated"]) == {True}


def test_one_kind_and_an_unknown_one(basin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flags", str(basin), "--kind", "few"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("few ")
    assert all(" few " in line for line in lines[2:])
    assert main(["flags", str(basin), "--kind", "melted"]) == 2
    assert "use one of" in capsys.readouterr().err


def test_two_texts_a_lake() -> None:
    texts = listed(flags_of(dated({1: [1.0] * 9, 2: [1, 1.05, 1, 2.4, 1.02, 1, 1.04], 3: [1.0, 1.1]})))
    assert texts.loc[2, "flags"] == "missing outlier"
    assert texts.loc[3, "flags"] == "few missing"
    assert texts.loc[2, "flag_words"].count("; ") == 1
    assert 1 not in texts.index
    assert listed(flags_of(dated({1: [1.0] * 9}))).empty


def test_exports_carry_them(basin: Path) -> None:
    store = Store(basin)
    table = store.trends(store.settings())
    frame = export_frame(store, table).set_index("lake_key")
    found = store.flags(store.settings())
    assert frame["flags"].notna().sum() == found["lake_key"].nunique()
    row = found.iloc[0]
    assert row["words"] in frame.loc[row["lake_key"], "flag_words"]
