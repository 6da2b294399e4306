"""Scenes and masks in parts: the same answers as from single files, from the row groups that hold them, never another scene."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from data.__main__ import main
from data.cache import file_digest, read_table, write_table
from data.commit import transaction
from data.errors import DatasetError, InputError
from data.parts import keys as scene_keys
from data.parts import scenes as parted_scenes
from data.parts.index import FILE, read_index, write_index
from data.parts.keys import KEYS, LAKES
from data.parts.partition import partition, write_as_held
from data.parts.scenes import PartedScenes
from data.scene_table import LEFT_OUT, SceneTable
from data.scenes.tables import put
from data.schema import TABLES
from data.store import Store
from modules.observations import with_scenes
from tests.datasets import small_dataset

LAKE_KEYS = range(12)
SOURCES = ("label", "net a", "net b")
Drawn = list[tuple[int, int | None, int | None, bool | None, frozenset[str]]]
"""scene_key, lake_key, day, whether it was left out of a pack, sources of its masks."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("plain") / "data")


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene_keys, "GROUP_ROWS", 4)


def tables(drawn: Drawn) -> tuple[pa.Table, pa.Table]:
    """`scenes` with a column of its own, and `masks`, in the order drawn."""
    rows = [
        {"scene_key": key, "lake_key": lake, "date": None if day is None else date(2020, 1, 1) + timedelta(day), "sensor": None,
         "path": f"scenes/{key}.tif", "pixel_m": 10.0 if key % 2 else None, "valid_share": None, "reason": "ok" if key % 3 else None,
         "split": "train" if key % 5 else None, "dem": "dem/a.tif" if key % 7 == 0 else None, "basin": f"basin {key % 3}", LEFT_OUT: left}
        for key, lake, day, left, _ in drawn
    ]  # fmt: skip
    form = pa.schema(
        [*((name, column.type) for name, column in TABLES["scenes"].columns.items()), ("basin", pa.string()), (LEFT_OUT, pa.bool_())]
    )
    masks = [
        {"scene_key": key, "source": source, "path": f"masks/{source}/{key}.tif", "kind": "binary", "note": None}
        for key, _, _, _, sources in drawn for source in sorted(sources, reverse=True)
    ]  # fmt: skip
    mask_form = pa.schema([(name, column.type) for name, column in TABLES["masks"].columns.items()])
    return pa.Table.from_pylist(rows, form), pa.Table.from_pylist(masks, mask_form)


def written(plain: Path, into: Path, drawn: Drawn, part_rows: int = 5, *, masks: bool = True) -> tuple[Path, Path]:
    """The dataset in single files, and in parts."""
    whole, parted = into / "whole", into / "parted"
    shutil.copytree(plain, whole)
    for name, table in zip(("scenes", "masks"), tables(drawn), strict=True):
        write_table(whole / f"{name}.parquet", table)
    shutil.copytree(whole, parted)
    for name in ("scenes", *(("masks",) if masks else ())):
        assert partition(parted, name, part_rows) == len(read_table(whole / f"{name}.parquet"))
    return whole, parted


def moved(table: SceneTable, store: Store, into: Store) -> list[object]:
    """All scenes as the other store would tell them."""
    return [at(each, store, into) for each in table]


def at(scene: object, store: Store, into: Store) -> object:
    if scene is None:
        return None
    held = vars(scene)
    place = lambda path: None if path is None else into.path.absolute() / path.relative_to(store.path.absolute())  # noqa: E731
    masks = {source: place(path) for source, path in held["masks"].items()}
    told = replace(scene, path=place(held["path"]), dem=place(held["dem"]), masks=masks)  # pyright: ignore[reportArgumentType]
    return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in vars(told).items()}


def compare(one: Store, other: Store) -> None:
    """Everything public of the two."""
    held, parted = one.scenes, other.scenes
    assert isinstance(parted, PartedScenes)
    assert type(held) is SceneTable
    assert len(held) == len(parted)
    assert held.sources == parted.sources
    np.testing.assert_array_equal(held.lakes, parted.lakes)
    assert held.lakes.dtype == parted.lakes.dtype
    assert_frame_equal(held.rows, parted.rows, check_exact=True)
    assert_frame_equal(held.mask_rows, parted.mask_rows, check_exact=True)
    np.testing.assert_array_equal(held.left_out, parted.left_out)
    assert moved(held, one, one) == moved(parted, other, one)
    for lake in (None, *LAKE_KEYS, 99, 2**31 - 1):
        mine, others = ([at(each, store, one) for each in store.scenes.of_lake(lake)] for store in (one, other))
        assert mine == others
    for key in (*held.rows["scene_key"].tolist(), -1, 7, 10**6, 2**31 - 1, 2**31, -(10**30)):
        assert at(held.scene(key), one, one) == at(parted.scene(key), other, one)
    for lakes in ([], [3], [11, 0, 3, 99], list(LAKE_KEYS)):
        columns = ["date", "scene_key", "basin"]
        assert_frame_equal(held.rows_of(lakes, columns), parted.rows_of(lakes, columns)[["lake_key", *columns]], check_exact=True)


@st.composite
def drawings(draw: st.DrawFn) -> Drawn:
    numbers = draw(st.lists(st.integers(0, 300), unique=True, max_size=40))
    lake, day = st.none() | st.sampled_from(LAKE_KEYS), st.none() | st.integers(0, 5)
    left, sources = st.none() | st.booleans(), st.frozensets(st.sampled_from(SOURCES))
    return [(number, draw(lake), draw(day), draw(left), draw(sources)) for number in numbers]


@given(drawings(), st.integers(1, 12), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scenes_in_parts_answer_as_those_of_single_files(
    plain: Path, tmp_path_factory: pytest.TempPathFactory, drawn: Drawn, part_rows: int, masks: bool
) -> None:
    whole, parted = written(plain, tmp_path_factory.mktemp("drawn"), drawn, part_rows, masks=masks)
    compare(Store(whole), Store(parted))


SOME: Drawn = [
    (key, None if key % 9 == 0 else (key * 7) % 11, None if key % 8 == 0 else key % 6, False, frozenset(SOURCES[: key % 4]))
    for key in np.random.default_rng(3).permutation(90).tolist()
]  # fmt: skip


@pytest.fixture(scope="module")
def both(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene_keys, "GROUP_ROWS", 4)
        return written(plain, tmp_path_factory.mktemp("some"), SOME)


@pytest.fixture
def mine(both: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(both[1], tmp_path / "mine"))


def test_observations_find_the_first_image_of_their_day(both: tuple[Path, Path]) -> None:
    one, other = map(Store, both)
    rows = one.area_rows.iloc[:200].copy()
    rows["date"] = np.resize(np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-08")), len(rows)).astype(rows["date"].dtype)
    rows["scene_key"] = rows["scene_key"].where(np.arange(len(rows)) % 5 > 0, 4)
    found = with_scenes(one, rows)
    assert_frame_equal(found, with_scenes(other, rows))
    scenes = one.scenes.rows.dropna(subset=["lake_key", "date"])
    first: dict[tuple[int, pd.Timestamp], int] = {}
    for lake, day, key in zip(scenes["lake_key"], scenes["date"], scenes["scene_key"], strict=True):
        first.setdefault((int(lake), day), int(key))
    for row in found.itertuples():
        named = rows.at[row.Index, "scene_key"]
        wanted = first.get((int(row.lake_key), row.date)) if pd.isna(named) else int(named)
        assert (None if pd.isna(row.scene_key) else row.scene_key) == wanted
    assert found["scene_key"].notna().any()
    assert found["scene_key"].isna().any()


def test_a_click_reads_the_part_of_its_lake_and_no_other(both: tuple[Path, Path], mine: Path) -> None:
    index = read_index(mine / "scenes.parquet")
    lake = int(index.groups.column("first_lake")[0].as_py())
    wanted = Store(both[0]).scenes.of_lake(lake)
    for name in ("scenes", "masks"):
        held = read_index(mine / f"{name}.parquet")
        keep = {part for part, _ in held.holding(lake, lake)}
        assert len(keep) < len(held.parts)
        for part in set(held.parts) - keep:
            (mine / f"{name}.parquet" / part).unlink()
    scenes = Store(mine).scenes
    assert [each.scene_key for each in scenes.of_lake(lake)] == [each.scene_key for each in wanted]
    assert [list(each.masks) for each in scenes.of_lake(lake)] == [list(each.masks) for each in wanted]
    assert scenes.scene(wanted[0].scene_key) is scenes.of_lake(lake)[0], "held, not read again"
    np.testing.assert_array_equal(scenes.lakes, Store(both[0]).scenes.lakes)
    assert scenes.sources == SOURCES
    with pytest.raises(DatasetError, match=r"part-\d+\.parquet is damaged"):
        scenes.of_lake(10)


def test_a_flipped_bit_anywhere_is_an_error_and_never_another_scene(both: tuple[Path, Path], mine: Path) -> None:
    random, one = np.random.default_rng(11), Store(both[0])
    noticed: dict[str, int] = {}
    files = [path for name in ("scenes", "masks") for path in sorted((mine / f"{name}.parquet").iterdir())]
    for path in [file for file in files for _ in range(12 if file.name.startswith("_") else 1)]:
        held = path.read_bytes()
        place, bit = int(random.integers(len(held))), 1 << int(random.integers(8))
        path.write_bytes(held[:place] + bytes([held[place] ^ bit]) + held[place + 1 :])
        try:
            compare(one, Store(mine))
        except DatasetError:
            noticed[path.name] = noticed.get(path.name, 0) + 1
        path.write_bytes(held)
    assert min(noticed.get(name, 0) for name in (KEYS, LAKES, FILE)) >= 6, noticed


def test_what_the_index_says_of_all_rows_is_told_from_what_was_written(mine: Path) -> None:
    path = mine / "masks.parquet" / FILE
    held = read_table(path)
    told = {key: value.replace(b"net a", b"net c") for key, value in held.schema.metadata.items()}
    assert told != held.schema.metadata
    write_table(path, held.replace_schema_metadata(told))
    with pytest.raises(DatasetError, match="has changed since it was written"):
        Store(mine).scenes  # noqa: B018
    write_table(path, held)
    (mine / "scenes.parquet" / LAKES).unlink()
    with pytest.raises(DatasetError, match=r"_lakes\.parquet is missing"):
        Store(mine).scenes.lakes  # noqa: B018


def test_memory_holds_few_lakes_and_few_keys_however_many_are_asked_for(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parted_scenes, "LAKES_BYTES", 12 * parted_scenes.SCENE_BYTES)
    monkeypatch.setattr(scene_keys, "HELD_BYTES", 200)
    scenes = Store(mine).scenes
    assert isinstance(scenes, PartedScenes)
    for key in [each[0] for each in SOME]:
        found = scenes.scene(key)
        assert found is not None
        assert found.scene_key == key
        assert scenes.held_bytes <= 12 * parted_scenes.SCENE_BYTES + 200
    assert scenes.held_bytes > 0
    assert len(list(scenes)) == len(SOME)
    assert scenes.held_bytes <= 12 * parted_scenes.SCENE_BYTES + 200


def test_parts_written_before_scenes_were_found_by_key_still_open_and_can_be_written_anew(both: tuple[Path, Path], mine: Path) -> None:
    for name in ("scenes", "masks"):
        table = mine / f"{name}.parquet"
        index = read_index(table)
        write_index(table, [index.groups], index.schema, {})
    for name in (KEYS, LAKES):
        (mine / "scenes.parquet" / name).unlink()
    one, old = Store(both[0]), Store(mine)
    assert type(old.scenes) is SceneTable
    assert_frame_equal(old.scenes.rows, one.scenes.rows)
    assert_frame_equal(old.scenes.mask_rows, one.scenes.mask_rows)
    with pytest.raises(InputError, match="order of the lakes of their scenes"):
        partition(mine, "masks")
    assert main(["partition", str(mine), "--table", "scenes"]) == 0
    with pytest.raises(DatasetError, match="of other scenes"):
        Store(mine).scenes  # noqa: B018
    assert main(["partition", str(mine), "--table", "masks"]) == 0
    compare(one, Store(mine))
    for name in ("scenes", "masks"):
        with pytest.raises(InputError, match="in parts already"):
            partition(mine, name)


def test_scenes_that_change_take_their_masks_along(both: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = (Path(shutil.copytree(path, tmp_path / path.name)) for path in both)
    opened = Store(other).scenes
    rows = read_table(one / "scenes.parquet").slice(0, 3).to_pylist()
    changed = [{**row, "lake_key": (row["lake_key"] or 0) + 1, "scene_record": "x"} for row in rows]
    fresh = {"scene_key": 500, "source": "net b", "path": "masks/net b/500.tif", "kind": "binary"}
    for folder in (one, other):
        put(folder, [*changed, {**changed[0], "scene_key": 500, "path": "scenes/500.tif"}], [], {})
        put(folder, [], [fresh], {})
        put(folder, [{**changed[1], "lake_key": None}], [{**fresh, "scene_key": rows[1]["scene_key"], "path": "masks/other.tif"}], {})
    compare(Store(one), Store(other))
    with pytest.raises(DatasetError, match="has changed since it was opened"):
        opened.of_lake(3)


def test_equal_scenes_give_equal_files_however_they_are_cut(both: tuple[Path, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(both[0], tmp_path / "copy"))
    partition(copy, "scenes", 17)
    for name in (KEYS, LAKES):
        assert file_digest(copy / "scenes.parquet" / name) == file_digest(both[1] / "scenes.parquet" / name)
    with transaction(copy) as stage:
        write_as_held(copy, stage, "scenes", read_table(both[0] / "scenes.parquet"))
    assert file_digest(copy / "scenes.parquet" / KEYS) == file_digest(both[1] / "scenes.parquet" / KEYS)


def test_two_scenes_of_one_key_are_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="two scenes have the scene_key 5"):
        written(plain, tmp_path, [(key, 1, key, None, frozenset()) for key in (1, 2, 3, 4, 5, 5, 6)])
