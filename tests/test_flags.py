"""The table of flags: discovery, shape, order, cache, size."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.flags import FLAGS
from data.flags.table import BLOCK, COLUMNS
from data.simulate import Plan, write_simulated
from data.store import Store
from tests.flag_cases import dated, flags_of

ROOT = Path(__file__).resolve().parent.parent


def imported_with(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Import data.flags in a process of its own, with one more file in the package's folder."""
    (folder / "plugin.py").write_text(textwrap.dedent(source))
    code = f"""
import importlib.util, sys
spec = importlib.util.find_spec("data.flags")
spec.submodule_search_locations.append({str(folder)!r})
flags = importlib.util.module_from_spec(spec)
sys.modules["data.flags"] = flags
spec.loader.exec_module(flags)
print(*sorted(flags.FLAGS))
"""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


PLUGIN = """
from dataclasses import replace
from data.flags.few import FLAG as FEW
FLAG = replace(FEW, name={name!r})
"""


def test_a_new_file_is_a_new_flag(tmp_path: Path) -> None:
    result = imported_with(tmp_path, PLUGIN.format(name="frozen"))
    assert result.returncode == 0, result.stderr
    assert {"few", "frozen", "drainage"} <= set(result.stdout.split())


@pytest.mark.parametrize(
    ("source", "complaint"),
    [("FLAG = 'frozen'", "FLAG is a str"), (PLUGIN.format(name="few"), "'few' is taken")],
)
def test_a_broken_file_stops_the_program(tmp_path: Path, source: str, complaint: str) -> None:
    result = imported_with(tmp_path, source)
    assert result.returncode != 0
    assert complaint in result.stderr


@pytest.mark.parametrize("name", FLAGS)
def test_every_flag_explains_itself(name: str) -> None:
    flag = FLAGS[name]
    assert flag.name == name
    assert name.isalpha()
    assert len(flag.title) < 30
    assert len(flag.help) > 80
    assert "value" in flag.help


def test_order_of_rows_and_other_sources_do_not_matter() -> None:
    rows = dated({3: [1, 1.05, 1, 2.4, 1.02, 1, 1.04], 1: [1, 1, 1.1, 0.4, 0.4, 0.42, 0.4], 7: [1, *[np.nan] * 5, 2]})
    other = rows.assign(source="another", area_km2=rows["area_km2"] * 3)
    found = flags_of(rows)
    assert found.columns.tolist() == list(COLUMNS)
    assert found[["lake_key", "kind"]].apply(tuple, axis=1).tolist() == [(1, "drainage"), (3, "outlier"), (7, "few"), *[(7, "missing")] * 5]
    mixed = pd.concat([rows, other]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(flags_of(mixed, lakes=None), found)


def test_a_table_without_findings_has_its_columns() -> None:
    found = flags_of(dated({1: [1, 1, 1, 1, 1, 1]}))
    assert found.columns.tolist() == list(COLUMNS)
    assert found.empty
    assert found["kind"].cat.categories.tolist() == list(FLAGS)


def test_blocks_are_seamless(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    rows = dated({key: random.lognormal(0, 0.4, 12).tolist() for key in range(60)})
    whole = flags_of(rows)
    assert BLOCK > 60
    monkeypatch.setattr("data.flags.table.BLOCK", 7)
    pd.testing.assert_frame_equal(flags_of(rows), whole)


def test_the_store_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_simulated(tmp_path / "basin", Plan(lakes=60, seed=5))
    first = Store(tmp_path / "basin", tmp_path / "state")
    opening = first.settings()
    assert first.flags_held(opening) is None
    found = first.flags(opening)
    assert len(found)
    assert first.flags(opening) is found
    monkeypatch.setattr("data.store.flag_table", lambda *_: pytest.fail("it was made anew"))
    again = Store(tmp_path / "basin", tmp_path / "state")
    pd.testing.assert_frame_equal(again.flags(opening), found)


def test_nothing_to_look_at_is_no_fault() -> None:
    rows = dated({1: [1.0, 1.1]})
    assert flags_of(rows.iloc[:0], lakes=pd.DataFrame({"lake_key": np.empty(0, "int32"), "lon": [], "lat": []})).empty
    one = flags_of(rows[rows["source"] == "nobody"], lakes=pd.DataFrame({"lake_key": np.array([1], "int32"), "lon": [80.0], "lat": [28.0]}))
    assert one["words"].tolist() == ["no usable date"]


def test_several_areas_of_a_day_and_errors_of_zero_are_no_fault() -> None:
    rows = dated({1: [1.0, 1.0, 1.0, 1.0, 1.0 - 1e-12, 1.0 - 1e-12, 1.0 - 1e-12]})
    twice = pd.concat([rows, rows]).assign(area_sd_km2=0.0, sensor="A")
    assert flags_of(twice).empty


@settings(max_examples=60)
@given(series=st.lists(st.floats(1e-6, 1e4) | st.just(0.0) | st.just(np.nan), min_size=1, max_size=14), seed=st.integers(0, 99))
def test_any_series_gives_sentences_with_finite_values(series: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = dated({1: series, 2: [1.0] * 14, 3: [2.0] * 14})
    rows = rows.assign(
        area_sd_km2=rows["area_km2"] * random.choice([0, 0.1, np.nan], len(rows)), sensor=random.choice(["A", "B"], len(rows)),
        date=rows["date"] + pd.to_timedelta(random.integers(-60, 60, len(rows)), "D"),
    )  # fmt: skip
    found = flags_of(rows)
    assert np.isfinite(found["value"]).all()
    assert found["words"].str.len().gt(0).all()
    assert not found["words"].str.contains("nan|inf").any()
