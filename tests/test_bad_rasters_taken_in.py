"""Bad rasters handed to `data scenes` and `data masks`: each is named, the good ones beside them are taken, and memory stays small."""

from __future__ import annotations

import csv
import resource
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from data.cache import read_table
from data.checks import dataset_faults
from data.rasters.grid import Grid
from data.rasters.writing import write_floats, write_mask
from tests.bad_rasters import FAR_CRS, bad_dataset
from tests.datasets import small_dataset
from tests.harness import ROOT
from tests.image_cases import LAKE, Case, plain_chip, write_cases
from tests.scene_dataset import SENSOR, lake_grid, lake_water

ID = "GL086100E27500N"
MOST = 1_000_000_000
"""Bytes; row 7 of the issue."""


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_dataset(tmp_path_factory.mktemp("bad") / "bad")[0] / "scenes"


def ran(*args: str | Path) -> tuple[int, str]:
    """Exit code and all that was said, from a process of its own whose memory is limited and then measured."""
    code = (
        "import resource, sys; from data.__main__ import main\n"
        "code = main(sys.argv[1:]); print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024); sys.exit(code)"
    )
    limit = 6_000_000_000  # bytes of addresses, most of them never touched
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    peak = int(said.partition("peak ")[2].split()[0])
    print(f"{args[0]}: at most {peak / 1e6:.0f} MB")
    assert peak < MOST
    return done.returncode, said


def test_scenes(bad: Path, tmp_path: Path) -> None:
    dataset, folder = small_dataset(tmp_path / "d"), tmp_path / "in"
    folder.mkdir()
    names = {path.stem: f"{ID}_{2000 + n}-10-15.tif" for n, path in enumerate(sorted(bad.iterdir()))}
    for stem, name in names.items():
        (folder / name).symlink_to(bad / f"{stem}.tif")
    code, said = ran("scenes", dataset, "--folder", folder, "--sensor", "sentinel-2", "--scale", "1", "--report", tmp_path / "report.txt")
    assert code == 0
    report = (tmp_path / "report.txt").read_text()
    held = {row["origin"] for row in read_table(dataset / "scenes.parquet").to_pylist()}
    assert names["fine"] in held
    for stem in ("cut 1", "cut 25", "cut 50", "cut 99", "vrt", "text", "empty", "80 GB", "one strip", "fine but elsewhere", "no crs"):
        assert names[stem] not in held, stem
        assert stem == "folder" or names[stem] in report, stem
    assert not dataset_faults(dataset)
    assert "the pixels of another file" not in said + report


@pytest.fixture
def enormous(tmp_path: Path) -> Path:
    """A sparse file of one band that says it is 82,000 × 82,000 pixels, finer than any other."""
    grid = lake_grid(LAKE)
    a, _, c, _, e, f = grid.transform
    path = tmp_path / "enormous.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=82_000, height=82_000, count=1, dtype="uint16", crs=grid.crs, tiled=True, SPARSE_OK=True,
        BIGTIFF="YES", compress="deflate", transform=Affine(a * 512 / 82_000, 0, c, 0, e * 512 / 82_000, f),
    ):  # fmt: skip
        pass
    return path


def test_a_band_of_a_scene_that_declares_80_gb(tmp_path: Path, enormous: Path) -> None:
    dataset = small_dataset(tmp_path / "d")
    write_floats(tmp_path / "green.tif", plain_chip(lake_water(LAKE, 2016))[1:2], ["green"], lake_grid(LAKE))
    with (tmp_path / "scenes.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["path", "lake_key", "date", "band", "sensor"])
        out.writerow(["green.tif", LAKE, "2020-10-15", "green", "camera"])
        out.writerow([enormous.name, LAKE, "2020-10-15", "nir", "camera"])
    code, said = ran("scenes", dataset, "--table", tmp_path / "scenes.csv", "--scale", "1")
    assert code == 2
    assert "82,000 × 82,000 pixels" in said
    assert not (dataset / "scenes.parquet").exists() or not read_table(dataset / "scenes.parquet").num_rows


def test_masks(bad: Path, tmp_path: Path, enormous: Path) -> None:
    dataset, folder = small_dataset(tmp_path / "d"), tmp_path / "in"
    folder.mkdir()
    for n, path in enumerate(sorted(bad.iterdir())):
        (folder / f"{ID}_{2000 + n}-10-15_pred.tif").symlink_to(path)
    grid, water = lake_grid(LAKE), lake_water(LAKE, 2016).astype(np.uint8)
    write_mask(folder / f"{ID}_2030-10-15_pred.tif", water, grid)
    write_mask(folder / f"{ID}_2031-10-15_pred.tif", water, Grid("", grid.transform, 512, 512))
    write_mask(folder / f"{ID}_2032-10-15_pred.tif", np.full_like(water, 255), grid)
    write_mask(folder / f"{ID}_2033-10-15_pred.tif", water, Grid(FAR_CRS, grid.transform, 512, 512))
    (folder / f"{ID}_2034-10-15_pred.tif").symlink_to(enormous)
    whole = (folder / f"{ID}_2030-10-15_pred.tif").read_bytes()
    for n, share in enumerate((1, 25, 50, 99)):
        (folder / f"{ID}_204{n}-10-15_pred.tif").write_bytes(whole[: len(whole) * share // 100])
    code, said = ran("masks", dataset, "--folder", folder, "--source", "unet", "--values", "binary", "--report", tmp_path / "report.txt")
    report = (tmp_path / "report.txt").read_text()
    assert code == 0, said
    taken = {str(row["date"]) for row in read_table(dataset / "areas.parquet").to_pylist() if row["source"] == "unet"}
    assert taken == {"2030-10-15"}
    for path in folder.iterdir():
        assert path.is_dir() or path.name == f"{ID}_2030-10-15_pred.tif" or path.name in report, path
    assert not dataset_faults(dataset)


def test_masks_of_scenes_that_are_bad(bad: Path, tmp_path: Path) -> None:
    folder, dataset = tmp_path / "in", tmp_path / "d"
    folder.mkdir()
    stems = sorted(path.stem for path in bad.iterdir())
    cases = [Case(n, f"scenes/{stem}.tif", LAKE, date(2000 + n, 10, 15), SENSOR) for n, stem in enumerate(stems)]
    shutil.copytree(bad, dataset / "scenes", symlinks=True)
    write_cases(dataset, cases, {SENSOR: ["blue", "green", "red", "nir", "swir1", "swir2"]})
    for case in cases:
        assert case.day is not None
        write_mask(folder / f"{ID}_{case.day}_pred.tif", lake_water(LAKE, 2016).astype(np.uint8), lake_grid(LAKE))
    code, said = ran("masks", dataset, "--folder", folder, "--source", "unet", "--values", "binary")
    assert code == 0, said
    held = {row["scene_key"] for row in read_table(dataset / "masks.parquet").to_pylist() if row["source"] == "unet"}
    assert stems.index("fine") in held
    assert stems.index("80 GB") not in held
    assert not dataset_faults(dataset)
