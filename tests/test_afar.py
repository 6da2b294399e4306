"""Datasets on object storage: read in parts as the same bytes, renewed, lost and found again; no key goes anywhere."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from data import settings
from data.afar import mirror as module
from data.afar import storage as storage_module
from data.afar.address import Address, address, is_address
from data.afar.mirror import Mirror, mirror, mirrored
from data.afar.places import far, lost_since, there, version
from data.afar.storage import LostError, storage
from data.cache import write_table
from data.commit import MIRRORED, transaction
from data.errors import DatasetError, InputError, RasterError
from data.parts.partition import partition
from data.rasters.reading import read, read_bytes
from data.store import Store
from modules.images.faults import MissingError, about, require
from tests.object_storage import KEY, SECRET, ObjectStorage, object_storage
from tests.scene_dataset import BROKEN, MISSING, scene_dataset, scene_key

BACK_WITHIN = 15.0


@pytest.fixture(scope="module")
def served() -> Generator[ObjectStorage]:
    with object_storage() as running:
        yield running


@pytest.fixture
def lake_storage(served: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> Generator[ObjectStorage]:
    for name, value in served.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(storage_module, "AGAIN_S", 0.1)
    monkeypatch.setattr(storage_module, "ANSWER_S", 2.0)
    storage.cache_clear()
    mirrored.cache_clear()
    yield served
    served.line.mend()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene_dataset(tmp_path_factory.mktemp("d") / "original")


@pytest.fixture(scope="module")
def place(served: ObjectStorage, original: Path) -> str:
    return served.fill(original, "in/one")


@pytest.fixture
def copy(lake_storage: ObjectStorage, place: str, tmp_path: Path) -> Path:
    return mirror(address(place), tmp_path / "afar")


def wait_until_found(folder: Path) -> None:
    began = time.monotonic()
    while lost_since(folder) is not None and time.monotonic() - began < BACK_WITHIN:
        time.sleep(0.05)
    assert lost_since(folder) is None


def test_tables_are_the_same_and_images_come_in_parts(copy: Path, original: Path, lake_storage: ObjectStorage) -> None:
    here, afar = Store(original), Store(copy)
    assert afar.digest == here.digest
    for theirs, ours in zip(here.scenes, afar.scenes, strict=True):
        assert there(ours.path)
        assert not ours.path.exists()
        if theirs.scene_key in (scene_key(*MISSING), scene_key(*BROKEN)):
            with pytest.raises(RasterError):
                read(ours.path)
            continue
        assert np.array_equal(read(ours.path).values, read(theirs.path).values, equal_nan=True)
        for source, path in ours.masks.items():
            assert (read_bytes(path)[0] == read_bytes(theirs.masks[source])[0]).all()
    held = [path.name for path in copy.rglob("*.tif")]
    assert held == [], "no image is copied"
    assert "206" in lake_storage.log.read_text(), "partial content"


def test_what_is_not_there_is_an_error_that_names_it_without_the_bucket_to_a_visitor(copy: Path) -> None:
    store = Store(copy)
    scene = next(iter(store.scenes))
    with pytest.raises(RasterError, match=r"s3://lakes/in/one/scenes/none\.tif does not exist"):
        read(copy / "scenes/none.tif")
    with pytest.raises(RasterError) as told, about(store, scene):
        read(copy / "scenes/none.tif")
    assert "s3://" not in str(told.value)
    assert "scenes/none.tif does not exist" in str(told.value)


def test_a_lost_line_is_found_out_once_and_found_again(
    copy: Path, lake_storage: ObjectStorage, original: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(copy)
    scene = next(iter(store.scenes))
    before = read(scene.path).values
    lake_storage.line.sever()
    with pytest.raises(LostError):
        read(scene.path)
    called = lake_storage.line.calls
    for _ in range(50):
        with pytest.raises(LostError):
            read(scene.path)
    assert lake_storage.line.calls - called < 50, "who asks again does not call: one waits for all"
    assert not there(scene.path)
    assert lost_since(copy) is not None
    with pytest.raises(MissingError, match="does not answer"):
        require(store, scene, scene.path)
    with pytest.raises(MissingError, match="does not answer"), about(store, scene):
        read(scene.path)
    assert len(store.areas(scene.lake_key or 0)), "tables go on"
    lake_storage.line.mend()
    wait_until_found(copy)
    assert np.array_equal(read(scene.path).values, before, equal_nan=True)
    assert np.array_equal(read(original / scene.path.relative_to(copy)).values, before, equal_nan=True)
    assert [record.levelno for record in caplog.records if "answer" in record.message] == [logging.WARNING] * 2


def test_a_server_that_takes_the_call_and_says_nothing_is_lost_too(copy: Path, lake_storage: ObjectStorage) -> None:
    path = next(iter(Store(copy).scenes)).path
    lake_storage.line.silent = True
    with pytest.raises(LostError):
        read(path)
    lake_storage.line.mend()
    wait_until_found(copy)
    assert read(path).values.size


def test_changed_tables_come_over_in_one_step_and_gone_ones_go(lake_storage: ObjectStorage, original: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(original, changed, ignore=shutil.ignore_patterns("*.tif"))
    copy = mirror(address(lake_storage.fill(changed, "in/two")), tmp_path / "afar")
    store = Store(changed)
    scene = next(iter(Store(copy).scenes))
    before = version(scene.path)
    other = store.table("scenes").slice(1)

    time.sleep(1.1)  # storage tells seconds
    write_table(changed / "scenes.parquet", other)
    held = mirrored(copy)
    assert held is not None
    assert not held.sync(), "nothing has changed yet"
    lake_storage.fill(changed, "in/two")
    assert held.sync()
    assert Store(copy).digest == Store(changed).digest != store.digest
    assert version(scene.path) != before, "an image may be another one: it is drawn anew"
    (copy / "events.parquet").write_bytes(b"not there any more")
    assert held.sync()
    assert (copy / "events.parquet").exists() == (original / "events.parquet").exists()


def test_without_a_line_the_tables_of_last_time_are_shown_and_none_at_all_is_said(
    copy: Path, lake_storage: ObjectStorage, tmp_path: Path
) -> None:
    held = mirrored(copy)
    assert held is not None
    lake_storage.line.sever()
    assert mirror(held.place, tmp_path / "afar") == copy
    assert len(Store(copy).lakes)
    with pytest.raises(InputError, match="does not answer"):
        mirror(Address("lakes", "never/seen"), tmp_path / "afar")
    assert len(list((tmp_path / "afar").iterdir())) == 1
    lake_storage.line.mend()
    wait_until_found(copy)
    with pytest.raises(DatasetError, match="is no dataset"):
        mirror(Address("lakes", "never/seen"), tmp_path / "afar")


def test_replicas_that_share_a_folder_copy_one_after_another(lake_storage: ObjectStorage, original: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(original, whole, ignore=shutil.ignore_patterns("*.tif"))
    (whole / "trends").mkdir()
    bodies = {f"{number}.0.parquet": bytes([number]) * 400_000 for number in range(8)}
    for name, body in bodies.items():
        (whole / "trends" / name).write_bytes(body)
    copy = mirror(address(lake_storage.fill(whole, "in/three")), tmp_path / "afar")
    held = mirrored(copy)
    assert held is not None
    faults: list[BaseException] = []

    def replica() -> None:
        try:
            Mirror(copy, held.place).sync()
        except BaseException as error:  # noqa: BLE001 - told below
            faults.append(error)

    for path in copy.rglob("*.parquet"):
        path.unlink()
    replicas = [threading.Thread(target=replica) for _ in range(4)]
    for each in replicas:
        each.start()
    for each in replicas:
        each.join()
    assert faults == []
    assert Store(copy).digest == Store(whole).digest
    assert {path.name: path.read_bytes() for path in (copy / "trends").iterdir()} == bodies, "whole, and nothing half-written is left"


def test_a_table_in_parts_comes_over_part_by_part(lake_storage: ObjectStorage, original: Path, tmp_path: Path) -> None:
    parted = tmp_path / "parted"
    shutil.copytree(original, parted, ignore=shutil.ignore_patterns("*.tif"))
    partition(parted, "areas", part_rows=5)
    copy = mirror(address(lake_storage.fill(parted, "in/parts")), tmp_path / "afar")
    here, afar = Store(original), Store(copy)
    assert afar.parted
    assert len(list((copy / "areas.parquet").glob("part-*"))) > 1
    for key in here.lake_keys.tolist():
        assert len(afar.areas(key)) == len(here.areas(key))
    source = here.sources[0]
    assert np.array_equal(afar.newest_areas(source), here.newest_areas(source), equal_nan=True)
    held = mirrored(copy)
    assert held is not None
    assert not held.sync()
    (copy / "masks.parquet").unlink()
    (copy / "masks.parquet").mkdir()
    assert held.sync(), "in one file again"
    assert Store(copy).table("masks").equals(here.table("masks"))


def test_a_full_disk_is_not_taken_for_a_lost_line(copy: Path, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no disk that is always full")
    held = mirrored(copy)
    assert held is not None
    with pytest.raises(OSError, match="No space"):
        held.storage.fetch(held.place.key("lakes.parquet"), full)
    assert held.storage.lost is None
    (tmp_path / "full").symlink_to(full)
    entry = next(entry for entry in held.storage.listed(held.place.key("")) if entry.name == "lakes.parquet")
    with pytest.raises(DatasetError, match=r"cannot be copied to .*: no space left on device"):
        held._copy("lakes.parquet", entry, tmp_path / "full")  # pyright: ignore[reportPrivateUsage]


def test_a_mark_in_somebody_elses_dataset_makes_no_mirror_of_it(original: Path, tmp_path: Path) -> None:
    other = tmp_path / "given"
    shutil.copytree(original, other)
    for text in ("s3://lakes/in/one\n", "no address", ""):
        (other / MIRRORED).write_text(text)
        mirrored.cache_clear()
        assert mirrored(other) is None
        assert far(other / "scenes/none.tif") is None
        assert there(next(iter(Store(other).scenes)).path)


def test_nobody_writes_into_a_mirror(copy: Path) -> None:
    with pytest.raises(DatasetError, match="copy of a dataset on object storage"), transaction(copy):
        pass


def test_wrong_keys_are_refused_in_words_and_no_key_is_kept_or_told(
    copy: Path, lake_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    path = next(iter(Store(copy).scenes)).path
    read(path)
    lake_storage.line.sever()
    with pytest.raises(LostError) as lost:
        read(path)
    lake_storage.line.mend()
    wait_until_found(copy)
    told = caplog.text + str(lost.value)
    assert KEY not in told
    assert SECRET not in told
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert kept
    assert not [body for body in kept if SECRET.encode() in body or KEY.encode() in body]
    found = far(path)
    assert found is not None
    monkeypatch.setattr(type(found.mirror.storage), "files", property(lambda _: _refusing()))
    with pytest.raises(RasterError, match="refuses to hand out s3://lakes/in/"):
        read(path)
    assert lost_since(copy) is None, "refused is an answer"


def _refusing() -> object:
    class Refusing:
        def open_input_file(self, key: str) -> None:
            raise OSError(
                f"When reading information for key '{key}': AWS Error ACCESS_DENIED during HeadObject operation: No response body."
            )

    return Refusing()


@pytest.mark.parametrize(
    "text", [f"s3://{KEY}:{SECRET}@lakes/a", "s3://lakes/a?X-Amz-Signature=abc", "s3://", "s3://UPPER/a", "s3://lakes/../other"]
)
def test_an_address_that_is_none_is_refused_and_its_keys_are_not_repeated(text: str) -> None:
    assert is_address(text)
    with pytest.raises(InputError) as told:
        address(text)
    assert SECRET not in str(told.value)
    assert "abc" not in str(told.value)


def test_addresses_and_folders_stand_beside_each_other_in_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_DATASETS", f"{tmp_path}:s3://lakes/a/b:{tmp_path}:s3://other")
    assert settings.places("DATASETS") == [tmp_path, "s3://lakes/a/b", tmp_path, "s3://other"]
    with pytest.raises(InputError, match="folders of this machine"):
        settings.folders("DATASETS")
    monkeypatch.setenv("MORAINE_DATASETS", f"s3://{KEY}:{SECRET}@lakes/a")
    assert SECRET not in "".join(settings.in_force())


def test_a_mirror_is_looked_at_again_once_a_minute_at_most(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    monkeypatch.setattr(module.Mirror, "sync", lambda self: looks.append(time.monotonic()) or False)
    held = mirrored(copy)
    assert held is not None
    for _ in range(5):
        module.freshen(copy)
    assert looks == [], "it was just copied"
    monkeypatch.setattr(module, "FRESH_S", 0.0)
    module.freshen(copy)
    began = time.monotonic()
    while not looks and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert len(looks) == 1


def test_an_answer_that_is_cut_short_is_asked_for_again_and_never_taken_for_the_file(
    copy: Path, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next(iter(Store(copy).scenes)).path
    found = far(path)
    assert found is not None
    files, cut = found.mirror.storage.files, [True, False, True, True]

    class Cutting:
        def open_input_file(self, key: str) -> Cutting:
            self.file = files.open_input_file(key)
            return self

        def size(self) -> int:
            return self.file.size()

        def read_at(self, size: int, first: int) -> bytes:
            body = self.file.read_at(size, first)
            return body[:-1] if cut and cut.pop(0) else body

        def get_file_info(self, key: str) -> object:
            return files.get_file_info(key)

    monkeypatch.setattr(type(found.mirror.storage), "files", property(lambda _: Cutting()))
    assert found.part(0, 999)[0] == (original / path.relative_to(copy)).read_bytes()[:1000], "the second time it is whole"
    with pytest.raises(LostError):
        found.part(0, 999)
