"""Scores with what is known of their scenes: a row a scene, source and scope at the source's own threshold, and clusters that fit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data.cache import read_table, write_table
from data.commit import current
from data.scene_table import SceneTable
from data.scores import scores
from data.store import Store
from models.__main__ import main
from models.summary import size_class
from modules.judging.frame import LAKE, NOT_SAID, REGION, SCENE, SUB_BASIN, cluster_codes, judged, scene_facts
from tests.datasets import SOURCE
from tests.judged_chips import COUNT, REGIONS, SOURCES, chip_name, judged_chips
from tests.scene_dataset import CLOUDY, LAKES, YEARS, scene_dataset, scene_key


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = scene_dataset(tmp_path_factory.mktemp("judged") / "scenes")
    assert main(["evaluate", str(folder)]) == 0
    return folder


def test_each_scene_source_and_scope_has_one_row_with_its_lake(lakes: Path) -> None:
    store = Store(lakes)
    found = judged(store)
    assert found.fault == ""
    assert found.unit == SUB_BASIN
    assert not found.rows.duplicated(["scene_key", "source", "scope"]).any()
    assert len(found.rows) == 2 * (len(LAKES) * len(YEARS) - 1)
    basins = store.lakes.set_index("lake_key")["sub_basin"]
    for row in found.rows.itertuples():
        scene = store.scenes.scene(int(row.scene_key))
        assert scene is not None
        assert row.lake_key == scene.lake_key
        assert row.place == row.cluster == basins[scene.lake_key]
        assert row.size == size_class(row.label_km2)
        assert row.area_error == abs(row.area_bias)
    cloudy = found.rows[found.rows["scene_key"] == scene_key(*CLOUDY)]
    assert set(cloudy["reason"]) == {"cloud"}
    assert set(found.rows["split"]) == {NOT_SAID}
    assert judged(store) is found, "read once"


def test_chips_are_told_by_region_and_name(tmp_path: Path) -> None:
    store = Store(judged_chips(tmp_path / "bench"))
    found = judged(store)
    assert found.unit == REGION
    assert set(found.rows["scope"]) == {"scene"}
    assert found.rows.groupby("source").size().to_dict() == dict.fromkeys(SOURCES, COUNT)
    assert set(found.rows["name"]) == {chip_name(n) for n in range(COUNT)}
    told = dict(zip(found.rows["name"], found.rows["cluster"], strict=True))
    assert told == {chip_name(n): REGIONS[n % len(REGIONS)] for n in range(COUNT)}
    assert set(found.bins["source"]) == set(SOURCES[1:]), "a mask that is water or not has no reliability"
    assert found.bins["size"].notna().all()
    codes = cluster_codes(found.rows)
    assert len(set(zip(codes.tolist(), found.rows["cluster"], strict=True))) == len(set(REGIONS))


def test_where_nothing_is_known_the_lake_is_the_cluster_and_then_the_scene(lakes: Path, tmp_path: Path) -> None:
    store = Store(lakes)
    bare = store.lakes.assign(sub_basin=None, basin=None)
    store.lakes = bare  # type: ignore[misc]
    facts, unit = scene_facts(store)
    assert unit == LAKE
    assert set(facts["place"]) == {NOT_SAID}
    assert set(facts["cluster"]) == {f"lake {key}" for key in LAKES}
    chips = Store(judged_chips(tmp_path / "bench"))
    nameless = chips.scenes.rows.drop(columns=["basin", "name"])
    chips.scenes = SceneTable(chips.path, nameless, chips.scenes.mask_rows, chips.meta.sensors)
    facts, unit = scene_facts(chips)
    assert unit == SCENE
    assert facts["cluster"].nunique() == COUNT
    assert facts["name"].tolist() == [f"scene {key}" for key in chips.scenes.rows["scene_key"]]


def test_scores_that_no_longer_fit_say_so(lakes: Path, tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "scenes")
    assert judged(Store(folder)).rows.empty
    assert main(["evaluate", str(folder)]) == 0
    masks = current(folder, "masks.parquet")
    write_table(masks, read_table(masks).slice(0, 40))
    later = judged(Store(folder))
    assert "run evaluate again" in later.fault
    assert len(later.rows)
    labels = [place for place, source in enumerate(read_table(masks)["source"].to_pylist()) if source == "label"]
    write_table(masks, read_table(masks).take(labels))
    assert judged(Store(folder)).rows.empty, "nobody can show masks that are gone"
    path = current(folder, "scores.parquet")
    write_table(path, read_table(path).drop_columns(["scope"]))
    old = judged(Store(folder))
    assert "python -m models evaluate" in old.fault
    assert str(folder) not in old.fault
    assert old.rows.empty


def test_another_evaluation_is_read_anew(tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "scenes")
    store = Store(folder)
    assert judged(store).rows.empty
    assert main(["evaluate", str(folder), "--since", "2022"]) == 0
    assert judged(store).rows["source"].unique().tolist() == [SOURCE]
    assert pd.to_datetime(judged(store).rows["date"]).dt.year.min() == 2022
    assert len(scores(store))


def test_a_damaged_file_of_scores_is_said_and_made_anew(tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "scenes")
    assert main(["evaluate", str(folder), "--since", "2023"]) == 0
    for name in ("scores", "reliability"):
        path = current(folder, f"{name}.parquet")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        found = judged(Store(folder))
        assert "cannot be used" in found.fault
        assert str(folder) not in found.fault
        assert found.rows.empty
        assert main(["evaluate", str(folder), "--since", "2023"]) == 0, "the remedy helps"
        assert judged(Store(folder)).fault == ""
