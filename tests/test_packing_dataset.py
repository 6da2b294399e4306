"""`python -m data pack`: what travels is held against the dataset that it came from, pixel by pixel and row by row."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from data.__main__ import main
from data.cache import file_digest
from data.checks import dataset_faults
from data.errors import DatasetError, InputError
from data.meta import read_meta
from data.packing.packing import Packed, Wish, pack
from data.packing.previews import LADDER
from data.packing.sums import wrong_files
from data.parts.partition import partition
from data.rasters.reading import header, read, read_bytes
from data.schema import TABLES
from data.scores import up_to_date, write_scores
from data.store import Store
from modules.evidence import Drawn, evidence_of
from modules.image_urls import scene_url
from modules.images.addresses import wanted
from modules.images.answers import Maker
from modules.images.faults import MissingError
from tests.scene_dataset import BROKEN, MISSING, scene_dataset
from tests.scene_dataset import scene_key as usual_key

LAKES, YEARS = (2, 3, 8), range(2019, 2022)
WHOLE, SMALL = 60_000_000, 2_300_000


def scene_key(lake_key: int, year: int) -> int:
    return usual_key(lake_key, year, LAKES)


def packed(store: Store, out: Path, most: int, least: int = 40, named: tuple[int, ...] = ()) -> Packed:
    return pack(store, out, Wish(most, named, least), lambda items, total, what: items, lambda text: None)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = scene_dataset(tmp_path_factory.mktemp("whole") / "scenes", LAKES, YEARS)
    scored: dict[str, list[object]] = {name: [None] for name in TABLES["scores"].columns}
    scored |= {"scene_key": [19], "source": ["inventory"], "label": ["label"], "scope": ["scene"], "pixels": [9], "threshold": [0.5]}
    write_scores(Store(folder), pd.DataFrame(scored), pd.DataFrame({name: [] for name in TABLES["reliability"].columns}))
    return Store(folder)


@pytest.fixture(scope="module")
def every(dataset: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Packed, Store]:
    out = tmp_path_factory.mktemp("every") / "pack"
    return packed(dataset, out, WHOLE), Store(out)


@pytest.fixture(scope="module")
def few(dataset: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Packed, Store]:
    """Room for two lakes; lake 8, which shrinks and so is ranked low, was asked for."""
    out = tmp_path_factory.mktemp("few") / "pack"
    return packed(dataset, out, SMALL, least=2, named=(8,)), Store(out)


def weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_tables_come_along_byte_for_byte(dataset: Store, few: tuple[Packed, Store]) -> None:
    for name in ("lakes", "outlines", "areas", "events", "masks"):
        assert file_digest(few[1].path / f"{name}.parquet") == file_digest(dataset.path / f"{name}.parquet"), name
    before, after = dataset.table("scenes").to_pandas(), few[1].table("scenes").to_pandas()
    pd.testing.assert_frame_equal(after.drop(columns=["left_out", "dem"]), before.drop(columns="dem"))
    assert not dataset_faults(few[1].path)
    assert few[1].meta.licence == dataset.meta.licence
    assert few[1].meta.citation == dataset.meta.citation
    assert few[1].meta.pack is not None
    assert few[1].meta.pack.digest == dataset.digest


def test_what_cannot_be_read_stays_behind_and_is_named(every: tuple[Packed, Store]) -> None:
    lost = {scene_key(*MISSING), scene_key(*BROKEN)}
    behind = {scene.scene_key for scene in every[1].scenes if scene.left_out}
    assert behind == lost
    assert {int(line.split(":")[0]) for line in every[0].trouble} == lost
    assert every[0].pack.scenes == len(LAKES) * len(YEARS) - 2
    assert (every[0].pack.lakes, every[0].pack.of_lakes) == (len(LAKES), len(LAKES))
    for scene in every[1].scenes:
        assert scene.path.exists() is not scene.left_out
        assert all(path.exists() is not scene.left_out for path in scene.masks.values())


def test_masks_are_the_same_and_images_are_within_a_step(dataset: Store, every: tuple[Packed, Store]) -> None:
    for key in (scene_key(2, 2021), scene_key(8, 2019)):
        before, after = dataset.scenes.scene(key), every[1].scenes.scene(key)
        assert before is not None
        assert after is not None
        for source, path in before.masks.items():
            whole, grid = read_bytes(path)
            copy, same = read_bytes(after.masks[source])
            assert np.array_equal(whole, copy)
            assert grid.same(same)
        was, now = read(before.path), read(after.path)
        assert now.grid.same(was.grid)
        assert now.bands == was.bands
        assert np.array_equal(np.isnan(now.values), np.isnan(was.values))
        with rasterio.open(after.path) as file:
            assert set(file.dtypes) == {"uint8"}
            steps = np.array(file.scales)[:, None, None]
        assert len({float(step) for step in steps.ravel()}) > 1
        high = np.array([np.nanmax(band) for band in now.values])[:, None, None]
        off = np.abs(np.clip(was.values, None, high) - now.values)
        water = read_bytes(before.masks["label"])[0][None] == 200
        inside = np.broadcast_to(water, off.shape) & (np.indices(off.shape)[1] > 100)  # the pond in the corner is another lake's
        assert (off <= steps * 1.5 + 1e-6)[~np.isnan(off)].all()
        assert (off <= steps * 0.5 + 1e-6)[inside].all()


def test_elevation_is_within_half_a_step(dataset: Store, every: tuple[Packed, Store]) -> None:
    before, after = dataset.scenes.scene(scene_key(3, 2019)), every[1].scenes.scene(scene_key(3, 2019))
    assert before is not None
    assert after is not None
    assert before.dem is not None
    assert after.dem is not None
    was, now = read(before.dem).values, read(after.dem).values
    assert np.abs(was - now).max() <= 0.125 + 1e-3


def test_the_pack_keeps_to_its_size_and_takes_what_was_asked_for_first(few: tuple[Packed, Store]) -> None:
    done, store = few
    assert weight(store.path) == done.bytes <= SMALL
    there = store.scenes.lakes.tolist()
    assert 8 in there
    assert len(there) == done.pack.lakes == 2


def test_steps_are_as_fine_as_leaves_room_for_as_many_lakes_as_should_come_along(
    few: tuple[Packed, Store], every: tuple[Packed, Store]
) -> None:
    assert every[0].pack.steps == LADDER[0]
    assert LADDER[-1] <= few[0].pack.steps < LADDER[0]


def test_a_scene_that_stayed_behind_says_so(few: tuple[Packed, Store]) -> None:
    store = few[1]
    (bare,) = set(LAKES) - set(store.scenes.lakes.tolist())
    scene = store.scenes.of_lake(bare)[0]
    url = scene_url(store, scene, "true").split("/", 3)[3]
    asked = wanted(url)
    assert asked is not None
    with pytest.raises(MissingError, match="not in this pack"):
        Maker().make(store, asked)
    told = evidence_of(store, store.scenes.of_lake(scene.lake_key), *_look(store), drawn=Drawn(store.settings(), store.settings()))
    assert all(shown["leftOut"] and not shown["ready"] for shown in told["scenes"])


def _look(store: Store) -> tuple[object, tuple[str, ...], str]:
    from modules.choices import Look

    return Look(), store.scenes.sources, "a lake"


def test_a_packed_image_is_drawn_by_its_reflectance_not_as_a_picture(dataset: Store, every: tuple[Packed, Store]) -> None:
    key = scene_key(8, 2020)
    shown = []
    for store in (dataset, every[1]):
        scene = store.scenes.scene(key)
        assert scene is not None
        asked = wanted(scene_url(store, scene, "true").split("/", 3)[3])
        assert asked is not None
        body = Maker().make(store, asked)
        with rasterio.MemoryFile(body) as memory, memory.open() as picture:
            shown.append(picture.read().astype(int))
        assert not header(scene.path).picture
    assert np.abs(shown[0] - shown[1]).mean() < 5


def test_trends_need_not_be_fitted(few: tuple[Packed, Store]) -> None:
    assert few[1].trends_held(few[1].settings()) is not None


def test_a_pack_knows_what_was_done_to_it(every: tuple[Packed, Store], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(every[1].path, tmp_path / "copy"))
    assert list(wrong_files(copy)) == []
    assert main(["pack", str(copy), "--into", str(copy), "--check"]) == 0
    first = next((copy / "scenes").iterdir())
    raw = bytearray(first.read_bytes())
    raw[len(raw) // 2] ^= 1
    first.write_bytes(raw)
    (copy / "events.parquet").unlink()
    (copy / "more.txt").write_text("x")
    name = f"scenes/{first.name}"
    assert set(wrong_files(copy)) == {f"{name} is not as it was packed", "events.parquet is missing", "more.txt was added"}
    assert main(["pack", str(copy), "--into", str(copy), "--check"]) == 2
    assert name in capsys.readouterr().out


def test_a_pack_is_not_written_into_nor_packed_again(
    every: tuple[Packed, Store], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = every[1].path
    assert main(["pack", str(folder), "--into", str(tmp_path / "again")]) == 2
    assert "is a pack itself" in capsys.readouterr().err
    assert main(["scenes", str(folder), "--folder", str(tmp_path)]) == 2
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    capsys.readouterr()
    table = tmp_path / "more.csv"
    table.write_text(f"lake_id,people\n{every[1].ids[2]},7\n")
    assert main(["join", str(folder), str(table), "--on", "lake_id"]) == 2
    assert "is a pack" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_too_little_room_is_said_and_nothing_is_left(dataset: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="tables alone"):
        packed(dataset, tmp_path / "none", 10_000)
    assert list(tmp_path.iterdir()) == []
    for size in ("0", "nan", "-3"):
        assert main(["pack", str(dataset.path), "--into", str(tmp_path / "none"), "--max-mb", size]) == 2
    assert "out of range" in capsys.readouterr().err


def test_a_folder_in_use_is_refused(dataset: Store, tmp_path: Path) -> None:
    (tmp_path / "held").write_text("x")
    with pytest.raises(InputError, match="exists already"):
        packed(dataset, tmp_path, WHOLE)


def test_meta_that_is_no_packs_is_refused(every: tuple[Packed, Store], tmp_path: Path) -> None:
    text = (every[1].path / "dataset.toml").read_text()
    (tmp_path / "dataset.toml").write_text(text.replace('"scenes" = ', '"scenes" = "many" # '))
    with pytest.raises(DatasetError, match="pack"):
        read_meta(tmp_path)


def test_scores_stay_up_to_date(dataset: Store, every: tuple[Packed, Store]) -> None:
    assert up_to_date(dataset)
    assert up_to_date(every[1])
    assert every[1].table("scores").to_pylist() == dataset.table("scores").to_pylist() != []


def test_tables_in_parts_are_refused_by_name(tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "scenes", LAKES, YEARS)
    partition(folder, "areas")
    with pytest.raises(InputError, match=r"areas\.parquet in .* lies in parts") as error:
        packed(Store(folder), tmp_path / "pack", WHOLE)
    assert "serve such a dataset" in error.value.remedy
    assert not (tmp_path / "pack").exists()
