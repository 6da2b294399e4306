"""A lake's season from search to scene, over tiles whose every pixel is known."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from data.rasters.grid import Grid
from data.stac import harvest
from data.stac.errors import CatalogueError, Unreachable
from data.stac.harvest import Harvester
from data.stac.journal import FILE, Journal
from data.stac.request import Job, Request
from data.stac.search import Candidate
from tests.stac_cases import CORNER, CRS, KEYS, LAKE, SEASON, SIZE, LocalFetcher, candidate, ground, landsat, source, write_tile

JOB = Job(LAKE, SEASON)
COUNTED = {"cloud": (3, 7, 8, 9, 10), "snow": (11,), "clear": (2, 4, 5, 6)}
OFFSET = 1000


def write_item(folder: Path, name: str, classes: np.ndarray | None = None, bands: dict[str, np.ndarray] | None = None) -> None:
    """Sentinel-2 files of an item: classes at 20 m, and small bands of one number (1500 + a hundred for each band)."""
    half = SIZE // 2
    write_tile(folder / name / "SCL.tif", np.full((half, half), 4, np.uint8) if classes is None else classes, 20)
    for number, key in enumerate(KEYS):
        size, pixel = (SIZE, 10) if number < 4 else (half, 20)
        values = (bands or {}).get(key, np.full((size, size), 1500 + 100 * number, np.uint16))
        write_tile(folder / name / f"{key}.tif", values, pixel, nodata=0)


class Case:
    """A harvester over a folder of files."""

    def __init__(self, home: Path, items: list[Candidate], request: Request | None = None) -> None:
        self.files, self.folder = home / "files", home / "dataset"
        self.folder.mkdir(exist_ok=True)
        self.items, self.request = items, request or Request("test", "sentinel-2-l2a")
        self.source = source(self.files, self.items)

    @property
    def fetcher(self) -> LocalFetcher:
        assert isinstance(self.source.fetcher, LocalFetcher)
        return self.source.fetcher

    def fetch(self, job: Job = JOB) -> dict[str, Any]:
        with Journal(self.folder) as journal:
            return Harvester(self.folder, self.request, self.source, journal).fetch(job)

    def held(self, job: Job = JOB) -> dict[str, Any] | None:
        with Journal(self.folder) as journal:
            return Harvester(self.folder, self.request, self.source, journal).held(job)


def random_season(home: Path, seed: int) -> tuple[list[Candidate], dict[str, np.ndarray]]:
    """Ten items on random days, each with random patches of every class over the lake."""
    rng = np.random.default_rng(seed)
    items, held = [], dict[str, np.ndarray]()
    days = [SEASON.first + timedelta(days=int(n)) for n in rng.choice(91, 10, replace=False)]
    for number, day in enumerate(days):
        classes = np.full((SIZE // 2,) * 2, 6, np.uint8)
        patch = rng.integers(0, 12, (20, 20)).astype(np.uint8)
        share = rng.choice([0, 0.02, 0.04, 0.1, 0.8])
        patch[rng.random(patch.shape) >= share] = 4
        classes[125:155, 120:145] = np.kron(patch, np.ones((2, 2), np.uint8))[:30, :25]
        name = f"S2A_{number}"
        held[name] = classes
        items.append(candidate(name, day))
        write_item(home / "files", name, classes)
    return items, held


def best_by_loop(items: list[Candidate], held: dict[str, np.ndarray], wanted: int) -> list[str]:
    """Which items are best: count the pixels of each, one after the other, that the outline touches."""
    tile = Grid(CRS, (20.0, 0.0, CORNER[0], 0.0, -20.0, CORNER[1]), SIZE // 2, SIZE // 2)
    lake = tile.to_pixels(LAKE.outline)
    places = [(r, c) for r in range(120, 160) for c in range(115, 150) if lake.intersection(shapely.box(c, r, c + 1, r + 1)).area > 1e-9]
    found = []
    for item in items:
        counts = {name: sum(int(held[item.id][place]) in numbers for place in places) for name, numbers in COUNTED.items()}
        missing = len(places) - sum(counts.values())
        if counts["cloud"] <= 0.05 * len(places) and counts["snow"] <= 0.7 * len(places) and missing <= 0.2 * len(places):
            found.append((-counts["clear"], abs(item.day - SEASON.middle), item.day, item.id))
    return [name for *_, name in sorted(found)[:wanted]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("wanted", [1, 3])
def test_the_clearest_is_taken_as_a_plain_loop_finds_it(tmp_path: Path, seed: int, wanted: int) -> None:
    items, held = random_season(tmp_path, seed)
    entry = Case(tmp_path, items, Request("test", "sentinel-2-l2a", per_season=wanted)).fetch()
    best = best_by_loop(items, held, wanted)
    assert best, "a season without any would show nothing"
    assert [scene["item"] for scene in entry["scenes"]] == best


KINDS: dict[str, tuple[dict[str, Any], float, float]] = {
    "baseline 05.09": ({}, 0.0001, -0.1),
    "baseline 02.14": ({"s2:processing_baseline": "02.14"}, 0.0001, 0.0),
    "offset applied": ({"earthsearch:boa_offset_applied": True}, 0.0001, 0.0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_pixel_is_what_the_file_holds(tmp_path: Path, kind: str) -> None:
    told, scale, offset = KINDS[kind]
    rng = np.random.default_rng(1)
    sizes = [SIZE] * 4 + [SIZE // 2] * 2
    bands = {key: rng.integers(0, 5000, (size, size)).astype(np.uint16) for key, size in zip(KEYS, sizes, strict=True)}
    write_item(tmp_path / "files", "S2A_T", bands=bands)
    [row] = Case(tmp_path, [candidate(**told)]).fetch()["scenes"]
    with rasterio.open(tmp_path / "dataset" / row["path"]) as scene:
        stored, transform = scene.read(), scene.transform
    column, line = round((transform.c - CORNER[0]) / 10), round((CORNER[1] - transform.f) / 10)
    checked = 0
    for band, key in enumerate(KEYS):
        coarse = 1 if band < 4 else 2
        for y in range(0, stored.shape[1], 7):
            for x in range(0, stored.shape[2], 7):
                number = int(bands[key][(line + y) // coarse, (column + x) // coarse])
                meant = number * scale + offset
                assert stored[band, y, x] == (0 if number == 0 else max(1, round(meant / 0.0001))), (key, y, x)
                checked += 1
    assert checked > 5000


def test_landsat(tmp_path: Path) -> None:
    size = 171
    for number, key in enumerate(("blue", "green", "red", "nir08", "swir16", "swir22")):
        write_tile(tmp_path / f"files/L/{key}.tif", np.full((size, size), 8000 + 1000 * number, np.uint16), 30)
    hidden = np.full((size, size), 21824, np.uint16)
    hidden[83:88, 80:97] = 1 << 3
    write_tile(tmp_path / "files/L/qa_pixel.tif", np.full((size, size), 21824, np.uint16), 30)
    write_tile(tmp_path / "files/M/qa_pixel.tif", hidden, 30)
    about = {"collection": "landsat-c2-l2", "platform": "landsat-9"}
    items = [candidate("M", SEASON.middle, landsat("M"), **about), candidate("L", date(2020, 9, 3), landsat("L"), **about)]
    entry = Case(tmp_path, items, Request("test", "landsat-c2-l2")).fetch()
    [row] = entry["scenes"]
    assert (row["item"], row["sensor"], row["pixel_m"]) == ("L", "Landsat 9 C2 L2", 30)
    assert len(entry["refused"]) == 1
    assert "cloud" in entry["refused"][0]
    with rasterio.open(tmp_path / "dataset" / row["path"]) as scene:
        assert [scene.read(n)[20, 20] for n in range(1, 7)] == [round(((8000 + 1000 * n) * 0.0000275 - 0.2) / 0.0001) for n in range(6)]


def test_windows_are_read_never_whole_tiles(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = {key: rng.integers(1, 60000, (SIZE if n < 4 else SIZE // 2,) * 2).astype(np.uint16) for n, key in enumerate(KEYS)}
    write_item(tmp_path / "files", "S2A_T", bands=noise)
    case = Case(tmp_path, [candidate()])
    entry = case.fetch()
    whole = sum(path.stat().st_size for path in (tmp_path / "files").rglob("*.tif"))
    # The scene and the blocks of 64 px that it lies in take at most 7 of 8 × 8 blocks across and down.
    assert 0 < case.fetcher.bytes < 0.8 * whole
    assert entry["bytes"] == case.fetcher.mine
    parts = [(each.path, each.first) for each in case.fetcher.asked]
    assert len(parts) == len(set(parts)), "a part was asked for twice"


@pytest.mark.parametrize(("wanted", "looked_at"), [(1, 1), (2, 2), (3, 4)])
def test_nobody_looks_further_once_nothing_better_can_come(tmp_path: Path, wanted: int, looked_at: int) -> None:
    hazy = np.full((SIZE // 2,) * 2, 4, np.uint8)
    hazy[125, 120:145] = 8
    days = [date(2020, 10, day) for day in (16, 17, 19, 20, 23, 25)]
    items = [candidate(f"S2A_{day:%d}", day) for day in days]
    for each in items:
        write_item(tmp_path / "files", each.id, hazy if each.day.day == 19 else None)
    case = Case(tmp_path, items, Request("t", "c", per_season=wanted))
    entry = case.fetch()
    assert len(entry["scenes"]) == wanted
    assert {each.path for each in case.fetcher.asked if "SCL" in each.path} == {f"{each.id}/SCL.tif" for each in items[:looked_at]}
    assert "S2A_19" not in {scene["item"] for scene in entry["scenes"]}


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    write_item(tmp_path / "files", "S2A_T")
    case = Case(tmp_path, [candidate()])
    first = case.fetch()
    assert case.held() == {**first, "kind": "done", "token": JOB.token(case.request)}
    case.fetcher.asked.clear()
    assert case.fetch()["scenes"] == first["scenes"]
    assert not case.fetcher.asked, "the journal knows what was seen, the folder has the scene"
    (case.folder / FILE).unlink()
    case.fetch()
    assert {each.path for each in case.fetcher.asked} == {"S2A_T/SCL.tif"}
    (case.folder / first["scenes"][0]["path"]).unlink()
    assert case.held() is None


def test_a_scene_that_was_damaged_since_is_fetched_again(tmp_path: Path) -> None:
    write_item(tmp_path / "files", "S2A_T")
    case = Case(tmp_path, [candidate()])
    path = case.folder / case.fetch()["scenes"][0]["path"]
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    case.fetch()
    assert path.read_bytes() == whole


def test_another_buffer_is_another_scene_and_another_limit_is_not(tmp_path: Path) -> None:
    write_item(tmp_path / "files", "S2A_T")
    paths = {
        Case(tmp_path, [candidate()], Request("test", "sentinel-2-l2a", **more)).fetch()["scenes"][0]["path"]
        for more in ({}, {"buffer": 0.012}, {"per_season": 2}, {"cloud_cover": 50.0})
    }
    assert len(paths) == 2


def test_a_season_that_could_not_be_read_fails_and_is_done_by_another_run(tmp_path: Path) -> None:
    clouds = np.full((SIZE // 2,) * 2, 9, np.uint8)
    write_item(tmp_path / "files", "S2A_cloudy", clouds)
    items = [candidate("S2A_cloudy"), candidate("S2A_gone", date(2020, 10, 20)), candidate("S2A_gone too", date(2020, 9, 20))]
    case = Case(tmp_path, items)
    with pytest.raises(CatalogueError, match=r"2020-10-20 https://files.test/S2A_gone/SCL.tif: the server answers 404 \(and 1 more\)"):
        case.fetch()
    assert case.held() is None
    write_item(tmp_path / "files", "S2A_gone")
    case.fetcher.asked.clear()
    entry = case.fetch()
    assert [scene["item"] for scene in entry["scenes"]] == ["S2A_gone"]
    assert "S2A_cloudy/SCL.tif" not in {each.path for each in case.fetcher.asked}, "what was seen is known"


def test_a_scene_whose_band_is_bad_gives_way_to_the_next_and_is_named(tmp_path: Path) -> None:
    for name in ("S2A_a", "S2A_b"):
        write_item(tmp_path / "files", name)
    (tmp_path / "files/S2A_a/B11.tif").write_bytes(b"no picture")
    entry = Case(tmp_path, [candidate("S2A_a"), candidate("S2A_b", date(2020, 10, 20))], Request("t", "c", per_season=2)).fetch()
    assert [scene["item"] for scene in entry["scenes"]] == ["S2A_b"]
    assert entry["faults"] == ["2020-10-16 https://files.test/S2A_a/B11.tif cannot be read as a GeoTIFF"]
    assert [path.name for path in (tmp_path / "dataset/scenes/stac").iterdir()] == [Path(entry["scenes"][0]["path"]).name]


def test_a_server_that_refuses_everything_is_not_asked_for_every_item(tmp_path: Path) -> None:
    case = Case(tmp_path, [candidate(f"S2A_{n}", SEASON.first + timedelta(days=n)) for n in range(30)])
    asked: list[str] = []

    def refuse(url: str, first: int, last: int) -> tuple[bytes, int]:
        asked.append(url)
        raise CatalogueError("the server answers 403", "")

    case.fetcher.part = refuse
    with pytest.raises(CatalogueError, match="403"):
        case.fetch()
    assert len(asked) == harvest.MOST_FAULTS


def test_a_silent_server_ends_the_season_at_once(tmp_path: Path) -> None:
    case = Case(tmp_path, [candidate("a"), candidate("b")])
    case.fetcher.fault = Unreachable("silent", "")
    with pytest.raises(Unreachable, match="silent"):
        case.fetch()
    assert case.held() is None


def test_a_season_without_a_scene_is_asked_again_until_a_month_after_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(tmp_path, [])
    entry = case.fetch()
    assert (entry["found"], entry["scenes"], entry["faults"]) == (0, [], [])
    assert case.held() is not None
    recent = Job(LAKE, type(SEASON)(2026, date.today() - timedelta(days=80), date.today() - timedelta(days=10)))
    case.fetch(recent)
    assert case.held(recent) is None


def test_of_two_tiles_of_a_day_the_one_that_holds_the_surroundings(tmp_path: Path) -> None:
    for name in ("S2A_a", "S2A_b"):
        write_item(tmp_path / "files", name)
    items = [candidate("S2A_a", footprint=ground(2350, 0, 5120, 5120)), candidate("S2A_b")]
    assert Case(tmp_path, items).fetch()["scenes"][0]["item"] == "S2A_b"


def test_an_item_whose_footprint_misses_the_lake_is_not_asked_for(tmp_path: Path) -> None:
    case = Case(tmp_path, [candidate(footprint=ground(3500, 0, 5120, 5120))])
    assert case.fetch()["scenes"] == []
    assert not case.fetcher.asked


def test_a_catalogue_that_is_wrong_about_the_offset_is_doubted(tmp_path: Path) -> None:
    write_item(tmp_path / "files", "S2A_T", bands={key: np.full((SIZE, SIZE), 300, np.uint16) for key in KEYS[:4]})
    [row] = Case(tmp_path, [candidate()]).fetch()["scenes"]
    assert row["note"] == "100% of the pixels lie below 0: the catalogue may be wrong about the offset of this item"


def test_the_journal_holds_no_address(tmp_path: Path) -> None:
    write_item(tmp_path / "files", "S2A_T")
    case = Case(tmp_path, [candidate()])
    case.fetch()
    said = (case.folder / FILE).read_text()
    assert "http" not in said
    assert {json.loads(line)["kind"] for line in said.splitlines()} == {"judged", "done"}
