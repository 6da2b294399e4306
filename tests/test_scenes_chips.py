"""`python -m data scenes --layout …`: labelled chips become a dataset; masks against plain reading, runs that are cut short go on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from data.__main__ import main
from data.checks import dataset_faults
from data.commit import alone_in
from data.meta import read_meta
from data.rasters.reading import read_bytes
from data.records import Scene
from data.scenes import chips as intake
from data.store import Store
from tests.scene_files import SIX, numbers, small_grid, write_tiff

BENCH = "glacial-lake-bench"
GRID = small_grid(2, 32)


def bench(root: Path, count: int = 6) -> dict[str, np.ndarray]:
    """Chips in the layout of Glacial-Lake-Bench; (H, W) water by name."""
    rng, held = np.random.default_rng(2), {}
    for n in range(count):
        split, name = ("train", "val", "test")[n % 3], f"SA_{n}"
        values = rng.random((11, 32, 32)).astype(np.float32)
        values[5, 3, 3] = np.nan
        held[name] = rng.random((32, 32)) < 0.3
        write_tiff(root / f"img_dir/{split}/{name}.tif", values, GRID)
        write_tiff(root / f"ann_dir/{split}/{name}.tif", held[name][None].astype(np.uint8), GRID)
    return held


def scenes(dataset: Path) -> dict[str, Scene]:
    store = Store(dataset)
    held = [store.scenes.scene(int(key)) for key in store.scenes.rows["scene_key"]]
    return {scene.path.stem: scene for scene in held if scene is not None}


def test_a_benchmark_becomes_a_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    water, made = bench(tmp_path / "in"), tmp_path / "made"
    assert main(["scenes", "--layout", BENCH, "--root", str(tmp_path / "in"), "--into", str(made)]) == 0
    said = capsys.readouterr().out
    assert "Glacial-Lake-Bench: 6 chips to take in, 0 there already; about 0 s" in said
    assert dataset_faults(made) == []
    store, found = Store(made), scenes(made)
    assert (len(store.lakes), len(store.area_rows), store.sources) == (0, 0, ())
    assert {name: scene.split for name, scene in found.items()} == {f"SA_{n}": ("train", "validation", "test")[n % 3] for n in range(6)}
    assert set(store.scenes.rows["basin"]) == {"SA"}
    for name, scene in found.items():
        stored, grid = read_bytes(scene.masks["label"])
        np.testing.assert_array_equal(stored, water[name] * 200)
        assert grid.same(GRID)
        assert scene.bands[:4] == ("blue", "green", "red", "nir")
        source = next((tmp_path / "in/img_dir").rglob(f"{name}.tif"))
        assert scene.path.samefile(source), "linked: no second copy of 44 GB"
    assert read_meta(made).licence == "CC-BY-4.0"
    before = (made / "scenes.parquet").read_bytes()
    assert main(["scenes", str(made), "--layout", BENCH, "--root", str(tmp_path / "in")]) == 0
    assert "0 chips to take in, 6 there already" in capsys.readouterr().out
    assert (made / "scenes.parquet").read_bytes() == before


def test_copies_are_the_datasets_own(tmp_path: Path) -> None:
    bench(tmp_path / "in", 1)
    assert main(["scenes", str(tmp_path / "made"), "--layout", BENCH, "--root", str(tmp_path / "in"), "--copy"]) == 0
    scene = scenes(tmp_path / "made")["SA_0"]
    source = tmp_path / "in/img_dir/train/SA_0.tif"
    assert not scene.path.samefile(source)
    assert scene.path.read_bytes() == source.read_bytes()


def test_a_run_that_is_cut_short_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench(tmp_path / "in", 7)
    monkeypatch.setattr(intake, "BATCH", 2)
    taken = intake.ChipFiles.put

    def killed(self: intake.ChipFiles, chip: intake.Chip, image: str, mask: str) -> object:
        if chip.stem == "SA_4":
            raise KeyboardInterrupt
        return taken(self, chip, image, mask)

    command = ["scenes", str(tmp_path / "made"), "--layout", BENCH, "--root", str(tmp_path / "in")]
    monkeypatch.setattr(intake.ChipFiles, "put", killed)
    assert main(command) == 130
    begun = scenes(tmp_path / "made")
    assert 0 < len(begun) < 7
    monkeypatch.setattr(intake.ChipFiles, "put", taken)
    capsys.readouterr()
    assert main(command) == 0
    assert f"{7 - len(begun)} chips to take in, {len(begun)} there already" in capsys.readouterr().out
    ended = scenes(tmp_path / "made")
    assert len(ended) == 7
    assert {name: ended[name].scene_key for name in begun} == {name: scene.scene_key for name, scene in begun.items()}
    assert dataset_faults(tmp_path / "made") == []


def test_pictures_become_geotiffs(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    image, wet = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8), rng.random((24, 32)) < 0.5
    for name in ("images", "masks"):
        (tmp_path / "in" / name).mkdir(parents=True)
    Image.fromarray(image).save(tmp_path / "in/images/one.png")
    Image.fromarray(wet.astype(np.uint8) * 255).save(tmp_path / "in/masks/one.png")
    assert main(["scenes", "--layout", "glid", "--root", str(tmp_path / "in"), "--into", str(tmp_path / "made")]) == 0
    (scene,) = scenes(tmp_path / "made").values()
    assert scene.bands == ("red", "green", "blue")
    with rasterio.open(scene.path) as written:
        np.testing.assert_array_equal(written.read(), np.moveaxis(image, 2, 0))
        assert written.dtypes[0] == "uint8"
    np.testing.assert_array_equal(read_bytes(scene.masks["label"])[0], wet * 200)


def test_numbers_of_a_product_are_scaled_when_the_sensor_is_said(tmp_path: Path) -> None:
    values = numbers(6, GRID)
    write_tiff(tmp_path / "in/images/a.tif", values, GRID)
    write_tiff(tmp_path / "in/masks/a.tif", np.ones((1, 32, 32), np.uint8), GRID)
    assert (
        main(["scenes", "--layout", "pairs", "--root", str(tmp_path / "in"), "--into", str(tmp_path / "made"), "--sensor", "landsat-8"])
        == 0
    )
    (scene,) = scenes(tmp_path / "made").values()
    assert scene.bands == SIX
    with rasterio.open(scene.path) as written:
        np.testing.assert_allclose(written.read() * 0.0001, np.clip(values * 0.0000275 - 0.2, 1e-4, None), atol=0.5e-4 + 1e-9)


def test_what_cannot_be_a_chip_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(tmp_path / "in", 5)
    write_tiff(tmp_path / "in/ann_dir/train/SA_0.tif", np.zeros((1, 16, 16), np.uint8), small_grid(2, 16))
    write_tiff(tmp_path / "in/img_dir/val/SA_1.tif", np.zeros((3, 32, 32), np.float32), GRID)
    (tmp_path / "in/img_dir/test/SA_2.tif").write_bytes(b"no raster")
    (tmp_path / "in/ann_dir/train/SA_3.tif").unlink()
    assert main(["scenes", "--layout", BENCH, "--root", str(tmp_path / "in"), "--into", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().out
    assert set(scenes(tmp_path / "made")) == {"SA_4"}
    assert "its mask has 16 × 16 pixels, the image 32 × 32" in said
    assert "SA_1.tif has 3 bands where 11 are named" in said
    assert "cannot be read as a GeoTIFF" in said
    assert "img_dir/train/SA_3.tif: there is no mask of its name" in said
    assert main(["scenes", "--layout", "pairs", "--root", str(tmp_path / "in/img_dir"), "--into", str(tmp_path / "none")]) == 2
    (tmp_path / "used").mkdir()
    (tmp_path / "used/file.txt").touch()
    assert main(["scenes", "--layout", BENCH, "--root", str(tmp_path / "in"), "--into", str(tmp_path / "used")]) == 2
    assert "exists and is no dataset" in capsys.readouterr().err


def test_a_chip_that_changed_keeps_its_key_and_the_file_that_was_handed_in(tmp_path: Path) -> None:
    bench(tmp_path / "in", 3)
    command = ["scenes", str(tmp_path / "made"), "--layout", BENCH, "--root", str(tmp_path / "in")]
    assert main(command) == 0
    before = scenes(tmp_path / "made")
    wet = np.ones((1, 32, 32), np.uint8)
    write_tiff(tmp_path / "in/ann_dir/train/SA_0.tif", wet, GRID, tags={"changed": "yes"})
    assert main(command) == 0
    after = scenes(tmp_path / "made")
    assert {name: scene.scene_key for name, scene in after.items()} == {name: scene.scene_key for name, scene in before.items()}
    assert (read_bytes(after["SA_0"].masks["label"])[0] == 200).all()
    assert len(Store(tmp_path / "made").scenes.mask_rows) == 3
    assert (tmp_path / "in/img_dir/train/SA_0.tif").exists()


def test_what_a_killed_run_left_goes_at_once_and_two_runs_do_not_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench(tmp_path / "in", 2)
    command = ["scenes", str(tmp_path / "made"), "--layout", BENCH, "--root", str(tmp_path / "in")]
    assert main(command) == 0
    stray = tmp_path / f"made/masks/label/{BENCH}/img_dir/train/.SA_0.tif.abc.partial"
    other = tmp_path / "made/masks/unet/.mask.tif.abc.partial"
    for path in (stray, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with alone_in(tmp_path / "made/masks/label"):
        assert main(command) == 2
        assert "another process is writing into" in capsys.readouterr().err
    assert main(command) == 0
    assert not stray.exists()
    assert other.exists(), "somebody may be at work there"
