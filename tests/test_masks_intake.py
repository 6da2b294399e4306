"""Taking masks in: what is missing and nothing else, killed or not, with scenes or without."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.checks import dataset_faults
from data.errors import InputError
from data.geo_tables import geo_table
from data.lake_choice import Chosen
from data.masks import keeping
from data.masks.tables import RECORD
from data.rasters.probability import THRESHOLDS
from data.rasters.reading import read_bytes
from data.rasters.writing import write_scene
from data.store import Store
from tests.conftest import ROOT
from tests.datasets import SOURCE, small_dataset
from tests.image_cases import Case
from tests.mask_folders import (
    DYING,
    LAKES,
    SIDE,
    YEARS,
    chip_case,
    chip_dataset,
    chip_day,
    chip_grid,
    chip_mask,
    chip_masks,
    chip_water,
    taken,
    tree,
    write_tif,
)  # fmt: skip
from tests.scene_dataset import BANDS

ALL = len(LAKES) * len(YEARS)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return chip_dataset(tmp_path / "dataset")


def rows_of(dataset: Path, source: str = "unet"):
    rows = read_table(dataset / "areas.parquet").to_pandas()
    return rows[rows["source"] == source]


def test_masks_become_a_source(dataset: Path, tmp_path: Path) -> None:
    done = taken(dataset, chip_masks(dataset, tmp_path / "given"))
    assert (len(done.fresh), len(done.held), done.problems, done.threshold, done.written) == (ALL, 0, [], 0.5, True)
    store = Store(dataset)
    assert store.sources == (SOURCE, "unet")
    assert len(rows_of(dataset)) == ALL * 20
    assert store.meta.thresholds == {"unet": 0.5}
    for scene in store.scenes.of_lake(LAKES[0]):
        stored, grid = read_bytes(scene.masks["unet"])
        assert grid.same(chip_grid(LAKES[0]))
        assert scene.date is not None
        np.testing.assert_array_equal(stored > 40, chip_water(scene.date.year))
    assert set(store.scenes.mask_rows["kind"]) == {"probability"}
    assert dataset_faults(dataset) == []


def test_the_pond_beside_the_lake_is_not_the_lake(dataset: Path, tmp_path: Path) -> None:
    taken(dataset, chip_masks(dataset, tmp_path / "given", "pred"))
    rows = rows_of(dataset)
    assert len(rows) == ALL
    assert rows["threshold"].isna().all()
    for row in rows.to_dict("records"):
        assert row["area_km2"] == pytest.approx(16 * (16 + row["date"].year - 2018) * chip_grid(row["lake_key"]).pixel_km2, rel=1e-12)


def test_the_same_command_twice_changes_no_byte(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    taken(dataset, given)
    before = tree(dataset)
    done = taken(dataset, given)
    assert (len(done.fresh), len(done.held), done.written) == (0, ALL, False)
    assert tree(dataset) == before


def test_only_what_is_missing_or_has_changed_is_made(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    taken(dataset, given)
    changed = chip_mask(dataset, given, 0, 2019)
    write_tif(changed, np.full((SIDE, SIDE), 0.7, np.float32), chip_grid(0))
    (dataset / Store(dataset).scenes.mask_rows["path"][0]).unlink()
    done = taken(dataset, given)
    assert sorted(done.fresh) == sorted([changed.name, f"{Store(dataset).ids[0]}_{chip_day(2018)}_prob.tif"])
    rows = rows_of(dataset)
    whole = rows[(rows["lake_key"] == 0) & (rows["date"] == chip_day(2019)) & (rows["threshold"] == 0.5)]["area_km2"].item()
    assert whole == pytest.approx(SIDE**2 * chip_grid(0).pixel_km2, rel=1e-12)
    assert len(rows) == ALL * 20


def test_masks_that_are_no_longer_in_the_folder_stay(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    taken(dataset, given)
    before = tree(dataset)
    for path in sorted(given.iterdir())[1:]:
        path.unlink()
    taken(dataset, given)
    assert tree(dataset) == before


def test_other_sources_keep_their_rows(dataset: Path, tmp_path: Path) -> None:
    before = {name: read_table(dataset / f"{name}.parquet") for name in ("areas", "masks")}
    taken(dataset, chip_masks(dataset, tmp_path / "given"))
    taken(dataset, chip_masks(dataset, tmp_path / "other", "pred"), "other")
    taken(dataset, chip_masks(dataset, tmp_path / "given"))
    for name, table in before.items():
        now = read_table(dataset / f"{name}.parquet")
        assert now.slice(0, len(table)).select(table.column_names).equals(table)
        assert now.slice(0, len(table)).column(RECORD).null_count == len(table)
    assert len(rows_of(dataset, "other")) == ALL


KILLED = f"""{DYING}
from pathlib import Path
from tests.mask_folders import taken
taken(Path(sys.argv[3]), Path(sys.argv[4]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
@pytest.mark.parametrize(("moves", "commit_after", "resumes"), [(0, 30, 0), (4, 30, 0), (ALL + 1, 30, 0), (ALL + 4, 30, ALL), (13, 0, 2)])
def test_killed_in_the_middle_and_run_again_is_run_once(tmp_path: Path, moves: int, commit_after: float, resumes: int) -> None:
    whole = chip_dataset(tmp_path / "dataset")
    given = chip_masks(whole, tmp_path / "given")
    cut = shutil.copytree(whole, tmp_path / "cut")
    taken(whole, given)
    arguments = [str(moves), str(commit_after), str(cut), str(given)]
    ran = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, env={**os.environ}, capture_output=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    if resumes < ALL and (cut / "masks/unet").exists():  # GDAL puts files of its own beside the one it writes
        (cut / "masks/unet/.a.tif.x.partial.ovr.tmp").touch()
    done = taken(cut, given)
    assert len(done.held) == resumes
    assert len(done.held) + len(done.fresh) == ALL
    assert tree(cut) == tree(whole)


def test_commits_on_the_way_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once, often = chip_dataset(tmp_path / "once"), chip_dataset(tmp_path / "often")
    given = chip_masks(once, tmp_path / "given")
    taken(once, given)
    monkeypatch.setattr(keeping, "COMMIT_AFTER", -1.0)
    taken(often, given)
    assert tree(once) == tree(often)


def test_another_threshold_changes_what_is_used_and_no_raster(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    taken(dataset, given, threshold=0.3)
    assert Store(dataset).meta.thresholds == {"unet": 0.3}
    low, before = Store(dataset).area_rows, tree(dataset)
    done = taken(dataset, given)  # no threshold: the dataset's
    assert (done.threshold, done.written) == (0.3, False)
    done = taken(dataset, given, threshold=0.65000000001)
    assert (done.threshold, done.written, len(done.fresh)) == (0.65, True, 0)
    changed = {name for name, held in tree(dataset).items() if before[name] != held}
    assert changed == {"dataset.toml"}
    high = Store(dataset).area_rows
    pick = [rows[rows["source"] == "unet"] for rows in (low, high)]
    assert pick[0]["threshold"].unique().tolist() == [0.3]
    assert pick[1]["threshold"].unique().tolist() == [0.65]
    assert (pick[1]["area_km2"].to_numpy() < pick[0]["area_km2"].to_numpy()).all()


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"threshold": 0.33}, "--threshold 0.33 is no twentieth"),
        ({"threshold": 1.0}, "--threshold 1 is no twentieth"),
        ({"threshold": float("nan")}, "--threshold nan is no twentieth"),
        ({"source": " "}, "is no name"),
        ({"source": "a~b"}, "is no name"),
        ({"source": "a\nb"}, "is no name"),
        ({"source": SOURCE}, "has a source 'inventory' already"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(dataset: Path, tmp_path: Path, wish: dict, says: str) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    before = tree(dataset)
    with pytest.raises(InputError, match=says):
        taken(dataset, given, **wish)
    assert tree(dataset) == before


def test_labels_are_binary_and_called_labels(dataset: Path, tmp_path: Path) -> None:
    done = taken(dataset, chip_masks(dataset, tmp_path / "given", "label"), "label", labels=True)
    assert (len(done.fresh), done.threshold) == (ALL, None)
    store = Store(dataset)
    assert set(store.scenes.mask_rows["kind"]) == {"label"}
    assert rows_of(dataset, "label")["threshold"].isna().all()
    assert store.meta.thresholds == {}


def test_labels_that_are_not_binary_are_asked(dataset: Path, tmp_path: Path) -> None:
    name = f"{Store(dataset).ids[0]}_{chip_day(2018)}_label.tif"
    write_tif(tmp_path / "given" / name, np.where(chip_water(2018), np.linspace(0.2, 1, SIDE)[None, :], 0).astype(np.float32), chip_grid(0))
    with pytest.raises(InputError, match="are not binary: floats: probabilities") as error:
        taken(dataset, tmp_path / "given", "label", labels=True)
    assert "--values binary" in error.value.remedy
    taken(dataset, tmp_path / "given", "label", labels=True, values="binary")
    assert rows_of(dataset, "label")["area_km2"].item() == pytest.approx(256 * chip_grid(0).pixel_km2, rel=1e-12)


def test_a_dataset_without_scenes_takes_areas(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "dataset")
    given = chip_masks(dataset, tmp_path / "given")
    done = taken(dataset, given)
    assert (len(done.fresh), len(done.areas_only)) == (ALL, ALL)
    rows = rows_of(dataset)
    assert len(rows) == ALL * 20
    assert rows["scene_key"].isna().all()
    assert not (dataset / "masks").exists()
    assert not (dataset / "masks.parquet").exists()
    assert dataset_faults(dataset) == []
    before = tree(dataset)
    again = taken(dataset, given)
    assert (len(again.held), len(again.areas_only), again.written) == (ALL, ALL, False)
    assert tree(dataset) == before


def test_scenes_that_come_later_get_their_masks(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "dataset")
    given = chip_masks(dataset, tmp_path / "given")
    taken(dataset, given)
    alone = rows_of(dataset)["area_km2"].tolist()
    fresh = chip_dataset(tmp_path / "fresh")
    shutil.copytree(fresh / "scenes", dataset / "scenes")
    shutil.copy(fresh / "scenes.parquet", dataset)
    done = taken(dataset, given)
    assert (len(done.fresh), done.areas_only) == (ALL, [])
    assert rows_of(dataset)["area_km2"].tolist() == alone
    assert len(Store(dataset).scenes.mask_rows) == ALL


def test_a_scene_that_cannot_be_read_costs_the_mask_not_the_area(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    broken = Store(dataset).scenes.of_lake(0)[1].path
    whole = broken.read_bytes()
    broken.write_bytes(whole[:100])
    done = taken(dataset, given)
    assert len(rows_of(dataset)) == ALL * 20
    (said,) = done.areas_only
    assert "its scene cannot be read" in said
    assert len(Store(dataset).scenes.mask_rows) == ALL - 1
    broken.write_bytes(whole)
    assert list(taken(dataset, given).fresh) == [said.partition(" (")[0]]
    assert len(Store(dataset).scenes.mask_rows) == ALL


def test_what_hides_the_scene_is_the_reason_of_its_area(tmp_path: Path) -> None:
    dataset = chip_dataset(tmp_path / "dataset", [chip_case(0, 2018, "cloud"), chip_case(0, 2019)])
    taken(dataset, chip_masks(dataset, tmp_path / "given", "pred", [0], range(2018, 2020)))
    assert rows_of(dataset)["reason"].tolist() == ["cloud", "ok"]


def test_files_that_cannot_be_used_are_named_and_the_others_taken(dataset: Path, tmp_path: Path) -> None:
    given, ids = chip_masks(dataset, tmp_path / "given"), Store(dataset).ids
    names = {year: given / f"{ids[0]}_{chip_day(year)}_prob.tif" for year in YEARS}
    names[2018].write_bytes(names[2018].read_bytes()[:300])
    write_tif(names[2019], np.zeros((2, SIDE, SIDE), np.float32), chip_grid(0), count=2)
    write_tif(names[2020], np.full((SIDE, SIDE), np.nan, np.float32), chip_grid(0))
    write_tif(names[2021], np.full((SIDE, SIDE), 1.5, np.float32), chip_grid(0))
    names[2022].write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    with pytest.raises(InputError, match="which may mean several things"):
        taken(dataset, given)
    done = taken(dataset, given, values="unit")
    assert len(done.fresh) == len(YEARS)
    held = {problem.name: problem for problem in done.problems}
    assert set(held) == {path.name for path in names.values()}
    assert {problem.kind for problem in done.problems} == {"refused"}
    says = ["cannot be read", "has 2 bands", "has no known value", "holds the value 1.5", "cannot be read"]
    for year, words in zip(YEARS, says, strict=True):
        assert words in held[names[year].name].what
    assert set(rows_of(dataset)["lake_key"]) == {LAKES[1]}


def test_only_the_lakes_and_days_that_are_asked_for(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    done = taken(dataset, given, limits=Chosen(frozenset({5}), date(2020, 1, 1)))
    assert len(done.fresh) == 3
    rows = rows_of(dataset)
    assert set(rows["lake_key"]) == {5}
    assert min(rows["date"]) == chip_day(2020)
    assert len(taken(dataset, given).fresh) == ALL - 3


def test_two_masks_of_one_lake_and_day_are_both_listed(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given", lakes=[0], years=[2018])
    name = next(given.iterdir()).name
    shutil.copytree(given, given / "again")
    chip_mask(dataset, given, 5, 2018)
    done = taken(dataset, given)
    assert len(done.fresh) == 1
    assert {(problem.name, problem.kind) for problem in done.problems} == {(name, "ambiguous"), (f"again/{name}", "ambiguous")}
    assert set(rows_of(dataset)["lake_key"]) == {5}


def test_an_outline_that_is_gone_takes_its_areas_along(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given", "pred", [0], [2018])
    taken(dataset, given)
    assert len(rows_of(dataset)) == 1
    lakes = read_table(dataset / "lakes.parquet")
    held = [
        None if key == 0 else blob
        for key, blob in zip(lakes.column("lake_key").to_pylist(), lakes.column("geometry").to_pylist(), strict=True)
    ]
    place = lakes.column_names.index("geometry")
    write_table(dataset / "lakes.parquet", geo_table(lakes.set_column(place, "geometry", pa.array(held, pa.binary()))))
    done = taken(dataset, given)
    assert "no area: the lake has no outline" in next(iter(done.fresh.values()))
    assert len(rows_of(dataset)) == 0
    assert len(Store(dataset).scenes.mask_rows) == 1


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(("lake", "why"), [(None, "the scene shows no lake in particular"), (0, "the scene has no date")])
def test_a_chip_without_lake_or_date_gets_a_mask_and_no_area(tmp_path: Path, lake: int | None, why: str) -> None:
    dataset = chip_dataset(tmp_path / "dataset", [Case(1, "scenes/SA_1.tif", lake), Case(2, "scenes/SA_2.tif", lake)])
    for n in (1, 2):
        write_scene(dataset / f"scenes/SA_{n}.tif", np.full((6, SIDE, SIDE), 0.1, np.float32), BANDS, chip_grid(0), scale=0.001)
        write_tif(tmp_path / f"given/SA_{n}_pred.tif", chip_water(2018).astype(np.uint8))
    done = taken(dataset, tmp_path / "given")
    assert len(done.fresh) == 2
    for note in done.fresh.values():
        assert "pixel for pixel" in note
        assert f"no area: {why}" in note
    assert len(Store(dataset).scenes.mask_rows) == 2
    assert len(rows_of(dataset)) == 0
    assert len(taken(dataset, tmp_path / "given").held) == 2


def test_sources_of_like_names_have_folders_of_their_own(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given", "pred", [0], [2018])
    folders = [taken(dataset, given, source).folder for source in ("U-Net", "u net", "Ü-Net!", "水")]
    assert folders == ["masks/u-net", "masks/u-net-2", "masks/u-net-3", "masks/source"]
    assert taken(dataset, given, "u net").folder == "masks/u-net-2"


def test_pred_beside_prob_is_compared_at_the_threshold(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given", lakes=[0], years=[2018])
    chip_mask(dataset, given, 0, 2018, "pred")
    (note,) = taken(dataset, given, threshold=0.1).fresh.values()
    assert "_pred.tif agrees" in note
    (note,) = taken(dataset, given, threshold=0.65).fresh.values()
    differ = int((chip_water(2018) & (np.linspace(1, 0.3, SIDE)[None, :] <= 0.65)).sum())
    assert f"differs in {differ:,} of 4,096 px at threshold 0.65" in note
    rows = rows_of(dataset)
    assert sorted(rows["threshold"]) == list(THRESHOLDS)


def test_pred_files_of_several_classes_do_not_stop_the_prob_files(dataset: Path, tmp_path: Path) -> None:
    given = chip_masks(dataset, tmp_path / "given", lakes=[0], years=[2018])
    path = chip_mask(dataset, given, 0, 2018, "pred")
    write_tif(path, (chip_water(2018) * 3 + np.eye(SIDE)).astype(np.uint8), chip_grid(0))
    done = taken(dataset, given)
    assert len(done.fresh) == 1
    assert "not told" in done.assumed["pred"]
    assert "could not be compared" in next(iter(done.fresh.values()))
