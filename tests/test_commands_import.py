"""`python -m data import` and `check` as a shell sees them: exit codes, the last line, what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from tests import inventories


def ran(capsys: pytest.CaptureFixture[str], *args: str | Path) -> tuple[int, list[str], str]:
    """Exit code, lines on stdout, stderr."""
    code = main([str(arg) for arg in args])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def test_import_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = inventories.himalaya(tmp_path / "in")
    out = tmp_path / "out"
    code, lines, err = ran(capsys, "import", *paths, "--into", out)
    assert (code, err) == (0, "")
    assert lines[0].startswith("MINI: 27 lakes, 78 observations")
    assert lines[-1] == f"{out}: written; 1 row set aside in refused.csv"
    assert ran(capsys, "import", *paths, "--into", out)[1][-1] == f"{out}: nothing new, nothing changed; 1 row set aside in refused.csv"
    assert ran(capsys, "check", out) == (0, [f"{out}: no fault"], "")


def test_strict_is_exit_2_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = inventories.himalaya(tmp_path / "in")
    code, _, err = ran(capsys, "import", *paths, "--into", tmp_path / "out", "--strict")
    assert code == 2
    assert "row 6 of MINI_2010.shp" in err
    assert "Remedy:" in err
    assert not (tmp_path / "out").exists()


def test_an_unusable_file_is_exit_2_with_a_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = inventories.table(tmp_path, "<OGRVRTDataSource/>", "lakes.geojson")
    code, lines, err = ran(capsys, "import", bad, "--into", tmp_path / "out")
    assert (code, lines) == (2, [])
    assert "lakes.geojson is not JSON" in err
    assert len(err.splitlines()) <= 24
    assert not (tmp_path / "out").exists()


def test_options_name_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = inventories.table(tmp_path, "who,when,size,where\nA,2001-09-30,12,Koshi\nA,2002-09-30,13,Koshi\n")
    options = ["--id", "who", "--date-column", "when", "--area-column", "size", "--area-unit", "ha", "--basin", "where", "--source", "mine"]
    assert ran(capsys, "import", path, "--into", tmp_path / "out", *options)[0] == 0
    areas = read_table(tmp_path / "out" / "areas.parquet").to_pydict()
    assert areas["area_km2"] == pytest.approx([0.12, 0.13])
    assert areas["source"] == ["mine", "mine"]
    assert read_table(tmp_path / "out" / "lakes.parquet").to_pydict()["basin"] == ["Koshi"]


@pytest.mark.parametrize("option", [("--pixel", "-3"), ("--factor", "0"), ("--season", "13-14"), ("--date", "soon")])
def test_senseless_options(option: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = inventories.table(tmp_path, "lake_id,area\nA,1\n", "a_2000.csv")
    code, _, err = ran(capsys, "import", path, "--into", tmp_path / "out", *option)
    assert code == 2
    assert option[1] in err
    assert not (tmp_path / "out").exists()


def test_check_lists_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    ran(capsys, "import", *inventories.himalaya(tmp_path / "in"), "--into", out)
    areas = read_table(out / "areas.parquet")
    rows = areas.to_pylist()
    rows[3]["area_km2"], rows[5]["reason"], rows[7]["lake_key"] = -1.0, "tired", 999
    write_table(out / "areas.parquet", areas.from_pylist(rows, schema=areas.schema))
    code, lines, _ = ran(capsys, "check", out)
    assert code == 2
    assert lines[-1] == f"{out}: 3 faults"
    for words in ("areas row 3, area_km2: -1.0", "areas row 5, reason: 'tired'", "areas row 7, lake_key: 999"):
        assert any(words in line for line in lines), words


def test_check_of_what_is_no_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ran(capsys, "check", tmp_path)
    assert code == 2
    assert "is not a dataset" in err
