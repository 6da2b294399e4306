"""A folder as the earlier pipeline left it: two sources, a duplicate id, a shifted grid: areas against a plain loop, the app on them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from data.__main__ import main
from data.cache import read_table
from data.rasters.grid import Grid
from data.rasters.writing import write_scene
from data.store import Store
from tests.conftest import ROOT
from tests.datasets import TWINS, small_dataset
from tests.image_cases import plain_chip
from tests.mask_folders import between, place_of, shifted, write_tif
from tests.scene_dataset import BANDS, lake_grid, lake_water

LAKES, YEARS = (0, 1, TWINS[0]), range(2016, 2021)
SOURCES = ("unet", "linknet")
SHIFTED = (1, 2018)
NOBODY = "GL099999E99999N"


@dataclass(frozen=True)
class Case:
    """The dataset, and what the commands said of each source."""

    dataset: Path
    folder: Path
    said: dict[str, str]

    @cached_property
    def store(self) -> Store:
        return Store(self.dataset)


def day(year: int) -> date:
    return date(year, 9, 1 + year % 28)


def soft(lake: int, year: int, source: str) -> np.ndarray:
    """(512, 512) float32: rather sure of the water, less so of three pixels about it, 0 elsewhere."""
    rng, water = np.random.default_rng([lake, year, len(source)]), lake_water(lake, year)
    near = water.copy()
    for _ in range(3):
        near = near | np.roll(near, 1, 0) | np.roll(near, -1, 0) | np.roll(near, 1, 1) | np.roll(near, -1, 1)
    return np.where(water, rng.uniform(0.4, 1, water.shape), np.where(near, rng.uniform(0, 0.7, water.shape), 0)).astype(np.float32)


def handed_over(folder: Path, store: Store) -> None:
    """Scenes, and two folders of predictions beside them with what goes wrong in such folders."""
    ids = store.ids
    for lake in LAKES:
        for year in YEARS:
            name, grid = f"{ids[lake]}_{day(year)}", lake_grid(lake)
            write_scene(folder / f"scenes/{name}.tif", plain_chip(lake_water(lake, year)), BANDS, grid, scale=0.001)
            probability = soft(lake, year, "unet")
            write_tif(folder / f"unet/{name}_pred.tif", (probability > 0.5).astype(np.uint8), grid)
            if (lake, year) == SHIFTED:
                probability, grid = np.roll(probability, (3, -3), (0, 1))[:500, :490], shifted(grid, 3.4, -2.7, (500, 490))
            write_tif(folder / f"unet/{name}_prob.tif", probability, grid)
            other = np.rint(soft(lake, year, "linknet") * 255).astype(np.uint8)
            write_tif(folder / f"linknet/{name}_prob.tif", other, lake_grid(lake))
            write_tif(folder / f"linknet/{name}_pred.tif", (other > 127).astype(np.uint8) * 255, lake_grid(lake))
    here, twin = lake_grid(TWINS[0]), lake_grid(TWINS[1])
    write_tif(folder / f"unet/far/{ids[TWINS[1]]}_{day(2018)}_prob.tif", soft(TWINS[1], 2018, "unet"), twin)
    both = Grid(here.crs, (40, 0, here.transform[2] - 5000, 0, -40, here.transform[5] + 5000), 500, 400)
    write_tif(folder / f"unet/wide/{ids[TWINS[0]]}_2021-10-15_prob.tif", np.full(both.shape, 0.75, np.float32), both)
    write_tif(folder / f"unet/{NOBODY}_2018-10-15_prob.tif", soft(0, 2018, "unet"), lake_grid(0))
    write_tif(folder / f"unet/{ids[0]}_2022-10-15_prob.tif", soft(0, 2018, "unet"), lake_grid(30))
    (folder / f"unet/{ids[1]}_2023-10-15_prob.tif").write_bytes(b"II*\0 cut short")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("earlier")
    dataset, folder = small_dataset(root / "dataset"), root / "handed"
    handed_over(folder, Store(dataset))
    assert main(["scenes", str(dataset), "--folder", str(folder / "scenes")]) == 0
    said: dict[str, str] = {}
    for source in SOURCES:
        report = root / f"{source}.txt"
        command = ["masks", str(dataset), "--folder", str(folder / source), "--source", source, "--report", str(report)]
        assert main(command) == 0
        said[source] = report.read_text()
    return Case(dataset, folder, said)


class Plain:
    """One mask by hand: bytes and floats of the file, own bilinear interpolation, own flood, own geodesy."""

    def __init__(self, path: Path, scene: Grid, outline: shapely.Geometry) -> None:
        with rasterio.open(path) as dataset:
            self.values = dataset.read(1)
            self.grid = Grid(scene.crs, tuple(dataset.transform[:6]), dataset.width, dataset.height)
        self.scene = scene
        move = pyproj.Transformer.from_crs("OGC:CRS84", scene.crs, always_xy=True)
        corners = [move.transform(*corner) for corner in shapely.get_coordinates(outline)]
        a, _, c, _, e, f = scene.transform
        self.lake = shapely.Polygon([((x - c) / a, (y - f) / e) for x, y in corners])

    def probability(self, row: int, column: int) -> np.floating | float:
        if self.values.dtype == np.uint8:
            return int(self.values[row, column]) / 255
        if self.grid.transform == self.scene.transform:
            return self.values[row, column]
        down, right = place_of(self.scene, self.grid, row + 0.5, column + 0.5)
        inside = 0 <= down < self.grid.height and 0 <= right < self.grid.width
        return between(self.values, down - 0.5, right - 0.5) if inside else 0.0

    def own(self, threshold: float) -> set[tuple[int, int]]:
        """The pixels of water that sides join to the outline buffered by a pixel."""
        kind = self.values.dtype.type if self.values.dtype.kind == "f" else float

        def wet(row: int, column: int) -> bool:
            inside = 0 <= row < self.scene.height and 0 <= column < self.scene.width
            return inside and bool(self.probability(row, column) > kind(threshold))

        near = self.lake.buffer(1.0)
        left, top, right, low = (int(edge) for edge in near.bounds)
        waiting = [(y, x) for y in range(top, low + 1) for x in range(left, right + 1) if near.intersects(shapely.box(x, y, x + 1, y + 1))]
        own: set[tuple[int, int]] = set()
        while waiting:
            place = waiting.pop()
            if place not in own and wet(*place):
                own.add(place)
                row, column = place
                waiting += [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        return own

    def pixel_km2(self) -> float:
        """Of the 100 × 100 pixels about the middle, geodesic."""
        back = pyproj.Transformer.from_crs(self.scene.crs, "OGC:CRS84", always_xy=True)
        a, _, c, _, e, f = self.scene.transform
        x, y = self.scene.width / 2, self.scene.height / 2
        corners = [back.transform(c + a * (x + dx), f + e * (y + dy)) for dx, dy in ((50, -50), (50, 50), (-50, 50), (-50, -50))]
        area, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*corners, strict=True))
        return abs(area) / 1e4 / 1e6


def sides(own: set[tuple[int, int]]) -> int:
    """Sides of pixels between own water and the rest."""
    return sum((row + down, column + right) not in own for row, column in own for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("lake", LAKES)
def test_areas_at_every_threshold_equal_a_plain_loop(case: Case, source: str, lake: int) -> None:
    rows = case.store.threshold_rows
    rows = rows[(rows["source"] == source) & (rows["lake_key"] == lake)]
    outline = shapely.from_wkb(read_table(case.dataset / "lakes.parquet").column("geometry").to_pylist()[lake])
    assert len(rows) == 20 * len(YEARS)
    for at, mine in rows.groupby("date"):
        path = case.folder / source / f"{case.store.ids[lake]}_{at.date()}_prob.tif"
        plain = Plain(path, lake_grid(lake), outline)
        pixel = plain.pixel_km2()
        counts = []
        for threshold, area, error in zip(mine["threshold"], mine["area_km2"], mine["area_sd_km2"], strict=True):
            own = plain.own(threshold)
            assert area == pytest.approx(len(own) * pixel, rel=1e-12)
            assert error == pytest.approx(sides(own) * pixel**0.5 * pixel**0.5 * 0.5, rel=1e-9)
            counts.append(len(own))
        assert counts[0] > counts[10] > counts[19] > 0
        assert (mine["reason"] == "ok").all()
        assert (mine["valid_share"] == 1).all()


def test_the_shifted_grid_is_said(case: Case) -> None:
    name = f"{case.store.ids[SHIFTED[0]]}_{day(SHIFTED[1])}"
    assert f"{name}_prob.tif: resampled (bilinear) from 490 × 500 px of 10 m" in case.said["unet"]
    assert f"{name}_prob.tif: {name}_pred.tif differs in" in case.said["unet"]
    assert "resampled" not in case.said["linknet"]


def test_what_is_ambiguous_unmatched_or_unreadable_is_listed_and_not_taken(case: Case) -> None:
    said, ids = case.said["unet"], case.store.ids
    assert f"wide/{ids[TWINS[0]]}_2021-10-15_prob.tif: the id {ids[TWINS[0]]} belongs to lakes 16, 17" in said
    assert f"{NOBODY}_2018-10-15_prob.tif: no lake has the id '{NOBODY}'" in said
    assert f"{ids[0]}_2022-10-15_prob.tif: it does not cover the outline of lake 0" in said
    assert f"{ids[1]}_2023-10-15_prob.tif: " in said.split("Refused: 1\n")[1]
    assert "Ambiguous, not taken: 1\n" in said
    assert "Unmatched, not taken: 2\n" in said
    days = set(case.store.threshold_rows["date"].dt.year)
    assert days == set(YEARS)


def test_twins_are_told_apart_by_where_the_mask_lies(case: Case) -> None:
    rows = case.store.threshold_rows
    rows = rows[(rows["source"] == "unet") & (rows["threshold"] == 0.5)]
    assert rows[rows["lake_key"] == TWINS[0]]["scene_key"].notna().all()
    (alone,) = rows[rows["lake_key"] == TWINS[1]].to_dict("records")
    assert np.isnan(alone["scene_key"])
    assert "Areas only" in case.said["unet"]
    assert f"far/{case.store.ids[TWINS[1]]}_{day(2018)}_prob.tif" in case.said["unet"]


VIEWS = """
import json, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from data.trends.classes import classes
from modules.choices import Display
from modules.columns import series_columns, trend_columns
from modules.image_urls import flipbook_url, mask_url, rings_url, scene_url, thumb_url
from modules.measures import state_bits
from modules.views.area_series import focus_of, series_figure
from modules.views.volcano import volcano_figure
from tests.image_cases import Served

import app
served = Served(Path(sys.argv[1]))
store, out = served.store, {}
for source in sys.argv[2:]:
    settings = replace(store.settings(), source=source)
    table = store.trends(settings)
    shown = state_bits(classes(table), np.ones(len(table.frame), dtype=bool), None)
    volcano = volcano_figure(table, Display(), shown, [])
    focus = focus_of(store, table, 1, classes(table))
    series = series_figure(focus, settings, "columns/x", brushed=False, log_area=False)
    trend_columns(store, table), series_columns(store, settings, 0, 5)
    got = {}
    for scene in store.scenes.of_lake(1):
        for address in (scene_url(store, scene, "true"), mask_url(store, scene, source), rings_url(store, scene, source),
                        thumb_url(store, scene, "true", source)):
            got[address] = served.get(address)
    got["flipbook"] = served.get(flipbook_url(store, 1, "true", source))
    points = next(trace for trace in series["data"] if "scenes" in trace.get("meta", {}))
    out[source] = {
        "tested": table.frame.loc[table.frame["log_p"].notna(), "lake_key"].tolist(), "growth": table.frame["slope"].tolist()[1],
        "traces": len(volcano["data"]), "points": points["y"], "scenes": points["meta"]["scenes"],
        "states": sorted({int(status) for status, _, _ in got.values()}), "images": len(got),
    }
print(json.dumps({"views": out, "torch": "torch" in sys.modules}))
"""


def test_volcano_series_and_scene_run_on_the_masks_without_torch(case: Case) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", VIEWS, str(case.dataset), *SOURCES], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["torch"] is False
    for source in SOURCES:
        view, areas = found["views"][source], case.store.areas(1)
        mine = areas[areas["source"] == source]
        assert view["tested"] == list(LAKES)
        assert view["growth"] > 0
        assert view["traces"] > 3
        assert view["points"] == pytest.approx(mine["area_km2"].tolist(), rel=1e-5)
        assert view["scenes"] == mine["scene_key"].tolist()
        assert view["states"] == [200]
        assert view["images"] == 4 * len(YEARS) + 1


def test_the_commands_themselves_do_not_need_torch(case: Case) -> None:
    code = "import sys; from data.__main__ import main; main(sys.argv[1:]); sys.exit('torch' in sys.modules)"
    command = ["masks", str(case.dataset), "--folder", str(case.folder / "unet"), "--source", "unet"]
    ran = subprocess.run([sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert "0 masks to take in, 16 there already" in ran.stdout
    assert "nothing new, nothing changed" in ran.stdout
