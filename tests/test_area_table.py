"""Areas at a probability threshold: the rows, the newest areas and the trends of a dataset whose own threshold is that one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.__main__ import main
from data.area_table import AreaTable
from data.errors import InputError
from data.meta import read_meta, write_meta
from data.rasters.probability import THRESHOLDS
from data.records import Season, TrendSettings
from data.store import Store
from data.trends.series import nearest_threshold
from tests.datasets import SOURCE
from tests.probable_dataset import SEGMENTER, probable_dataset


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probable_dataset(tmp_path_factory.mktemp("areas") / "data")


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    return Store(folder)


def saying(folder: Path, threshold: float) -> Store:
    """The same dataset, whose own threshold for the segmenter is this one."""
    other = Path(shutil.copytree(folder, folder.with_name(f"says-{threshold:g}"), dirs_exist_ok=True))
    write_meta(other, replace(read_meta(other), thresholds={SEGMENTER: threshold}))
    return Store(other)


def same(rows: pd.DataFrame, others: pd.DataFrame) -> None:
    """The same observations in the same order; digests of masks are kept at the dataset's own threshold only."""
    left, right = (each.drop(columns="mask_record").reset_index(drop=True) for each in (rows.assign(mask_record=""), others))
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


@pytest.mark.parametrize("threshold", [0.0, 0.35, 0.7])
def test_a_threshold_gives_what_a_dataset_gives_whose_own_it_is(threshold: float, folder: Path, store: Store) -> None:
    own, settings = saying(folder, threshold), store.at_threshold(TrendSettings(source=SEGMENTER), threshold)
    assert settings.threshold == threshold
    rows, theirs = store.rows_of(settings), own.area_rows
    same(rows[rows["source"] == SEGMENTER], theirs[theirs["source"] == SEGMENTER])
    for lake in (0, 5, 7):
        same(store.areas(lake, settings), own.areas(lake))
    assert np.array_equal(store.newest_areas(SEGMENTER, threshold), own.newest_areas(SEGMENTER), equal_nan=True)
    for response in ("log", "area"):
        mine, other = store.trends(replace(settings, response=response)), own.trends(TrendSettings(source=SEGMENTER, response=response))
        pd.testing.assert_frame_equal(mine.frame, other.frame, check_exact=True)
        assert (mine.family, mine.counts, mine.left_out) == (other.family, other.counts, other.left_out)


def test_the_threshold_moves_the_trend(store: Store) -> None:
    """Else the test above would pass with the threshold ignored."""
    row = store.row_of(5)
    slopes = {store.trends(TrendSettings(source=SEGMENTER, threshold=at)).frame["slope"].iloc[row] for at in (0.05, 0.5, 0.6)}
    assert len(slopes) == 3


def test_every_threshold_of_a_lake(store: Store) -> None:
    assert store.thresholds == {SEGMENTER: THRESHOLDS}
    rows = store.areas_by_threshold(5, SEGMENTER)
    assert len(rows) == 20 * 5
    for _, day in rows.groupby("date"):
        assert day["threshold"].tolist() == list(THRESHOLDS)
        assert (np.diff(day["area_km2"]) <= 0).all()
    assert not len(store.areas_by_threshold(5, SOURCE))


def test_one_way_to_write_a_threshold(store: Store) -> None:
    settings = TrendSettings(source=SEGMENTER)
    assert store.at_threshold(settings, 0.5) == settings
    assert store.at_threshold(replace(settings, threshold=0.35), None) == settings
    assert store.at_threshold(settings, 0.1 + 0.2).threshold == 0.3
    for source, threshold, words in ((SOURCE, 0.35, "no probabilities"), (SEGMENTER, 0.33, "no areas at probability > 0.33")):
        with pytest.raises(InputError, match=words):
            store.at_threshold(replace(settings, source=source), threshold)
    for threshold in (-0.1, 1.0, float("nan")):
        with pytest.raises(InputError, match="no probability to be exceeded"):
            replace(settings, threshold=threshold)


@given(
    threshold=st.one_of(st.none(), st.sampled_from(THRESHOLDS)),
    season=st.sampled_from([None, Season(9, 11)]),
    source=st.text(max_size=12),
)
def test_a_token_comes_back(threshold: float | None, season: Season | None, source: str) -> None:
    settings = TrendSettings("ols", "area", season, source, threshold)
    assert TrendSettings.from_token(settings.token) == settings


@pytest.mark.parametrize("token", ["ols~log~9-11@x~a", "ols~log~9-11@nan~a", "ols~log~9-11@2~a", "ols~log"])
def test_no_token(token: str) -> None:
    with pytest.raises(InputError):
        TrendSettings.from_token(token)


@given(held=st.lists(st.sampled_from(THRESHOLDS), min_size=1, unique=True), wanted=st.floats(0, 0.95))
def test_the_nearest_threshold(held: list[float], wanted: float) -> None:
    found = nearest_threshold(held, wanted)
    assert all(abs(found - wanted) < abs(each - wanted) or each >= found for each in held)
    assert abs(found - wanted) == min(abs(each - wanted) for each in held)


def test_the_command_line_fits_at_a_threshold(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], store: Store) -> None:
    out = tmp_path / "trends.csv"
    command = ["trends", str(folder), "--source", SEGMENTER, "--season", "none", "--out", str(out)]
    assert main([*command, "--threshold", "0.35"]) == 0
    assert f"source {SEGMENTER} where its probability > 0.35" in capsys.readouterr().out
    written = pd.read_csv(out)
    assert written["settings"].unique().tolist() == [f"auto~log~all@0.35~{SEGMENTER}"]
    expected = store.trends(TrendSettings(source=SEGMENTER, threshold=0.35)).frame["slope"]
    assert np.allclose(written["slope"], expected, rtol=1e-12, equal_nan=True)
    assert main([*command, "--threshold", "0.33"]) == 2
    assert "use one of 0, 0.05" in capsys.readouterr().err


def test_all_of_it_is_of_one_moment(store: Store) -> None:
    """The background may write areas while a visit looks at a dataset: what was not asked for before must not be newer than the rest."""
    read: list[int] = []
    table = store.table("areas")

    def once() -> pa.Table:
        read.append(1)
        return table

    areas = AreaTable(once, {})
    assert not read, "nothing is read before it is asked for"
    for threshold in (None, 0.2, 0.8):
        assert len(areas.at(SEGMENTER, threshold))
        assert len(areas.of_lake(5, SEGMENTER, threshold))
    assert len(areas.every) == 20 * 2 * 5
    assert areas.thresholds == {SEGMENTER: THRESHOLDS}
    assert len(read) == 1
