"""A STAC API and its COG files on loopback, over synthetic Sentinel-2 tiles whose every pixel is known; it can fail and restart."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import rasterio
import shapely
import uvicorn
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine
from shapely.geometry import mapping
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.cache import write_table
from data.geo_tables import geo_table
from data.meta import write_meta
from data.records import DatasetMeta, Season
from data.schema import TABLES

COLLECTION = "sentinel-2-l2a"
ASSETS = ("B02", "B03", "B04", "B08", "B11", "B12")
COMMON = ("blue", "green", "red", "nir", "swir16", "swir22")
PAGE = 2
"""Items a page, whatever is asked for: paging is exercised always."""
DECOY = 60000
"""What every band holds that nobody should read."""
SEASON = Season(9, 11)
MIDDLE = (10, 16)
"""The middle of that season."""


@dataclass(frozen=True)
class World:
    """What there is to see.

    Args:
        lakes: How many.
        years: Which.
        size: Pixels on a side of a tile at 10 m; 20 m bands have half.
        block: Pixels on a side of a block.
    """

    lakes: int = 20
    years: tuple[int, ...] = (2019, 2020, 2021, 2022, 2023)
    size: int = 2048
    block: int = 256

    def crs(self, lake: int) -> str:
        """Two zones."""
        return "EPSG:32645" if lake % 2 else "EPSG:32646"

    def corner(self, lake: int) -> tuple[float, float]:
        """Top left corner of the lake's tile, m: tiles of one zone lie side by side."""
        return 400_000.0 + (self.size * 10 + 1000) * (lake // 2), 3_090_000.0 - 20 * lake

    def outline(self, lake: int) -> shapely.Polygon:
        """Longitude and latitude: a square of 300 m to 1.2 km, at another place of each tile; that of lake 3 lies at the tile's edge."""
        rng = np.random.default_rng(lake)
        x, y = (400, 1000) if lake == 3 else rng.uniform(0.2, 0.8, 2) * self.size * 10
        half = 150 + 50 * (lake % 10)
        left, top = self.corner(lake)
        box = shapely.segmentize(shapely.box(left + x - half, top - y - half, left + x + half, top - y + half), 50)
        move = pyproj.Transformer.from_crs(self.crs(lake), "OGC:CRS84", always_xy=True)
        return shapely.transform(box, lambda points: np.column_stack(move.transform(points[:, 0], points[:, 1])))

    def right_day(self, year: int) -> date:
        """The day of the only scene that is both clear and near the middle of the season."""
        return date(year, *MIDDLE) + timedelta(days=4)

    def baseline(self, lake: int, year: int) -> tuple[str, bool]:
        """Processing baseline, and whether the catalogue has taken the offset off: all three kinds there are."""
        return (("02.14", False), ("05.09", False), ("05.09", True))[(lake + year) % 3]

    def steps(self, lake: int, year: int, band: int) -> np.ndarray:
        """(S, S) ten-thousandths of reflectance of a band of the right scene, at the band's own resolution."""
        return self.least(lake, year, band) + grain(self.size if band < 4 else self.size // 2, lake)

    @staticmethod
    def least(lake: int, year: int, band: int) -> int:
        """The least of `steps`."""
        return 300 + 40 * lake + 7 * (year % 100) + 900 * band

    def stored(self, lake: int, year: int, band: int) -> np.ndarray:
        """(S, S) uint16 as the file holds it."""
        version, applied = self.baseline(lake, year)
        return (self.steps(lake, year, band) + (1000 if version >= "04.00" and not applied else 0)).astype(np.uint16)


def world_of(lakes: int, years: tuple[int, ...]) -> World:
    """A world of that size; a small one has smaller tiles in smaller blocks, of which a window takes as large a share."""
    return World(lakes, years) if lakes * len(years) > 10 else World(lakes, years, size=1280, block=128)


@lru_cache(maxsize=4)
def grain(size: int, lake: int) -> np.ndarray:
    """(S, S) 0 to 3, other for each lake: tells a pixel from its neighbours."""
    return np.random.default_rng([size, lake]).integers(0, 4, (size, size))


def write_cog(path: Path, values: np.ndarray, crs: str, corner: tuple[float, float], *, pixel: float, block: int) -> None:
    """A true cloud-optimised GeoTIFF, with overviews."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = values.shape
    profile: dict[str, Any] = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": values.dtype, "nodata": 0}
    with MemoryFile() as memory:
        with memory.open(**profile, crs=crs, transform=Affine(pixel, 0, corner[0], 0, -pixel, corner[1])) as draft:
            draft.write(values, 1)
        with memory.open() as draft:
            copy(
                draft, path, driver="COG", blocksize=block, compress="DEFLATE", level=1, predictor="NO", overview_resampling="nearest",
                num_threads=1,
            )  # fmt: skip


def scl(world: World, lake: int, over: int, share: float = 1.0) -> np.ndarray:
    """(S/2, S/2) classes: vegetation and rock, and a class over a share of the lake's bounds, from the top."""
    classes = (4 + np.random.default_rng(lake).integers(0, 2, (world.size // 2,) * 2)).astype(np.uint8)
    move = pyproj.Transformer.from_crs("OGC:CRS84", world.crs(lake), always_xy=True)
    points = shapely.get_coordinates(world.outline(lake))
    x, y = move.transform(points[:, 0], points[:, 1])
    left, top = world.corner(lake)
    rows, columns = (top - np.array(y)) / 20, (np.array(x) - left) / 20
    first, last = int(rows.min()) - 1, int(rows.max()) + 2
    classes[max(first, 0) : first + round((last - first) * share), max(int(columns.min()) - 1, 0) : int(columns.max()) + 2] = over
    return classes


KINDS = {
    "cloudy": (0, 9, 1.0),
    "hazy": (2, 8, 0.4),
    "snowy": (-3, 11, 1.0),
    "right": (4, 6, 1.0),
    "late": (20, 6, 1.0),
    "august": (-60, 6, 1.0),
}
"""Kind of scene → days from the middle of the season, class over the lake, share of it. Only `right` has the lake's bands."""


def items(world: World) -> list[dict[str, Any]]:
    """Every item of the catalogue, hrefs relative to the server."""
    return [_item(world, lake, year, kind) for lake in range(world.lakes) for year in world.years for kind in KINDS]


def _item(world: World, lake: int, year: int, kind: str) -> dict[str, Any]:
    day = date(year, *MIDDLE) + timedelta(days=KINDS[kind][0])
    left, top = world.corner(lake)
    move = pyproj.Transformer.from_crs(world.crs(lake), "OGC:CRS84", always_xy=True)
    tile = shapely.box(left, top - world.size * 10, left + world.size * 10, top)
    footprint = shapely.transform(tile, lambda points: np.column_stack(move.transform(points[:, 0], points[:, 1])))
    version, applied = world.baseline(lake, year)
    name = f"S2A_{lake:02d}_{day:%Y%m%d}_{kind}"
    folder = f"{lake}/{year}" if kind == "right" else f"{lake}/decoy"
    assets: dict[str, Any] = {
        key: {
            "href": f"files/{folder}/{key}.tif", "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "eo:bands": [{"name": key, "common_name": common}], "raster:bands": [{"scale": 0.0001, "offset": -0.1}],
        }
        for key, common in zip(ASSETS, COMMON, strict=True)
    }  # fmt: skip
    assets["SCL"] = {"href": f"files/{lake}/SCL_{kind}.tif", "type": "image/tiff"}
    assets["visual"] = {"href": "files/none.tif", "type": "image/tiff", "eo:bands": [{"common_name": c} for c in ("red", "green", "blue")]}
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "collection": COLLECTION, "geometry": mapping(footprint),
        "bbox": list(footprint.bounds), "links": [], "assets": assets,
        "properties": {
            "datetime": f"{day}T04:55:01.024Z", "platform": "sentinel-2a", "constellation": "sentinel-2", "eo:cloud_cover": 40.0,
            "s2:processing_baseline": version, **({"earthsearch:boa_offset_applied": True} if applied else {}),
        },
    }  # fmt: skip


def write_files(world: World, folder: Path) -> Path:
    """Every file of the catalogue. Bands that nobody should read are one small file that many names lead to."""

    def lake_files(lake: int) -> None:
        crs, corner, block = world.crs(lake), world.corner(lake), world.block
        for kind, (_, over, share) in KINDS.items():
            write_cog(folder / f"{lake}/SCL_{kind}.tif", scl(world, lake, over, share), crs, corner, pixel=20, block=block)
        decoy = folder / f"{lake}/decoy/B02.tif"
        write_cog(decoy, np.full((64, 64), DECOY, np.uint16), crs, corner, pixel=10, block=block)
        for key in ASSETS[1:]:
            os.link(decoy, decoy.with_name(f"{key}.tif"))
        for year in world.years:
            for band, key in enumerate(ASSETS):
                pixel = 10 if band < 4 else 20
                write_cog(folder / f"{lake}/{year}/{key}.tif", world.stored(lake, year, band), crs, corner, pixel=pixel, block=block)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lake_files, range(world.lakes)))
    return folder


def dataset(world: World, folder: Path) -> Path:
    """A dataset of the world's lakes without any scene."""
    folder.mkdir(parents=True)
    write_meta(folder, DatasetMeta(name="stac", title="Lakes of a test", season=SEASON, default_source="inventory"))
    outlines = [world.outline(lake) for lake in range(world.lakes)]
    keys, day = list(range(world.lakes)), date(2020, 10, 16)
    shapes = [shapely.to_wkb(shape) for shape in outlines]
    lakes = pd.DataFrame(
        {
            "lake_key": keys, "lake_id": [f"L{key}" for key in keys], "basin": [("west", "east")[key % 2] for key in keys], 
            "geometry": shapes, "lon": [shape.centroid.x for shape in outlines], "lat": [shape.centroid.y for shape in outlines],
        }
    )  # fmt: skip
    areas = pd.DataFrame({"lake_key": keys, "date": day, "source": "inventory", "area_km2": 0.1, "reason": "ok", "date_nominal": False})
    drawn = pd.DataFrame({"outline_key": keys, "lake_key": keys, "date": day, "source": "inventory", "geometry": shapes, "area_km2": 0.1})
    for name, frame in (("lakes", lakes), ("areas", areas), ("outlines", drawn)):
        types = {column: spec.type for column, spec in TABLES[name].columns.items()}
        table = pa.table(
            {c: pa.array(frame[c] if c in frame else [None] * len(frame), kind, from_pandas=True) for c, kind in types.items()}
        )
        write_table(folder / f"{name}.parquet", geo_table(table) if "geometry" in types else table)
    return folder


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it: path, bytes asked for (first, last), status, bytes sent, and when."""

    path: str
    part: tuple[int, int] | None
    status: int
    sent: int
    when: float


class StacServer:
    """The API and the files on 127.0.0.1.

    Args:
        world: What it shows.
        folder: Its files, from `write_files`.
        failing: Share of requests answered 503 or 429, half of them with Retry-After 0, now and then 1.
        seed: Of these failures.
    """

    def __init__(self, world: World, folder: Path, failing: float = 0.0, seed: int = 0) -> None:
        self.log: list[Asked] = []
        self.port = 0
        self.down: set[str] = set()
        self._items, self._folder = items(world), folder
        self.failing, self._chance = failing, random.Random(seed)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to listen, on the same port as before where there was one."""
        routes = [
            Route("/", self._root), Route("/collections", self._collections), Route(f"/collections/{COLLECTION}", self._collection),
            Route("/search", self._search, methods=["GET", "POST"]), Route("/files/{path:path}", self._file),
        ]  # fmt: skip
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the test server did not start"
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Refuse and drop connections."""
        self._server.should_exit = True
        self._thread.join()

    def restart_after(self, requests: int, down: float = 0.5) -> threading.Thread:
        """Stop once so many requests were answered, and start again a while later."""

        def watch() -> None:
            while len(self.log) < requests:
                time.sleep(0.01)
            self.stop()
            time.sleep(down)
            self.start()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        return thread

    def files_asked(self, since: int = 0) -> list[Asked]:
        """Answered reads of files."""
        return [asked for asked in self.log[since:] if asked.path.startswith("/files/") and asked.status == 206]

    def _answer(self, request: Request, response: Response, part: tuple[int, int] | None = None) -> Response:
        with self._lock:
            if self._chance.random() < self.failing:
                headers = {"Retry-After": self._chance.choice(["0"] * 7 + ["1"])} if self._chance.random() < 0.5 else None
                response = Response("busy", self._chance.choice([503, 429]), headers)
            self.log.append(Asked(request.url.path, part, response.status_code, len(response.body), time.monotonic()))
        return response

    def _link(self, rel: str, path: str, **more: Any) -> dict[str, Any]:
        return {"rel": rel, "href": f"{self.url}{path}", "type": "application/json", **more}

    def _root(self, request: Request) -> Response:
        search = [self._link("search", "/search", method=method) for method in ("GET", "POST")]
        spec = "https://api.stacspec.org/v1.0.0"
        return self._answer(request, JSONResponse({
            "type": "Catalog", "stac_version": "1.0.0", "id": "test", "description": "test",
            "conformsTo": [f"{spec}/core", f"{spec}/item-search", f"{spec}/item-search#query", f"{spec}/collections"],
            "links": [self._link("self", "/"), self._link("root", "/"), self._link("data", "/collections"), *search],
        }))  # fmt: skip

    def _about(self) -> dict[str, Any]:
        return {
            "type": "Collection", "stac_version": "1.0.0", "id": COLLECTION, "description": "test", "license": "proprietary",
            "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [["2015-01-01T00:00:00Z", None]]}},
            "links": [{"rel": "license", "href": "https://example.org/terms"}],
            "providers": [{"name": "=Agency", "roles": ["licensor"]}, {"name": "Host", "roles": ["host"]}],
        }  # fmt: skip

    def _collections(self, request: Request) -> Response:
        return self._answer(request, JSONResponse({"collections": [self._about()], "links": []}))

    def _collection(self, request: Request) -> Response:
        return self._answer(request, JSONResponse(self._about()))

    async def _search(self, request: Request) -> Response:
        if request.method == "POST":
            asked: dict[str, Any] = await request.json()
        else:
            asked = dict(request.query_params)
            asked["bbox"] = [float(edge) for edge in asked["bbox"].split(",")]
            asked["collections"] = asked["collections"].split(",")
        found, first = self._matching(asked), int(asked.get("token", 0))
        page = [{**item, "assets": self._absolute(item["assets"])} for item in found[first : first + PAGE]]
        links: list[dict[str, Any]] = []
        if first + PAGE < len(found):
            token = first + PAGE
            if request.method == "POST":
                links = [self._link("next", "/search", method="POST", body={**asked, "token": token})]
            else:
                links = [{"rel": "next", "href": str(request.url.include_query_params(token=token))}]
        return self._answer(request, JSONResponse({"type": "FeatureCollection", "features": page, "links": links}))

    def _absolute(self, assets: dict[str, Any]) -> dict[str, Any]:
        return {key: {**about, "href": f"{self.url}/{about['href']}?sig=secret"} for key, about in assets.items()}

    def _matching(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        box = shapely.box(*asked["bbox"])
        first, last = str(asked["datetime"]).split("/")
        return [
            item
            for item in self._items
            if item["collection"] in asked["collections"]
            and first <= item["properties"]["datetime"] <= last
            and shapely.box(*item["bbox"]).intersects(box)
        ]

    def _file(self, request: Request) -> Response:
        path = self._folder / request.path_params["path"]
        if not path.is_file():
            return self._answer(request, Response(status_code=404))
        size = path.stat().st_size
        first, last = (int(end) for end in request.headers["range"].removeprefix("bytes=").split("-"))
        if first >= size:
            return self._answer(request, Response(status_code=416))
        with path.open("rb") as file:
            file.seek(first)
            body = file.read(last - first + 1)
        headers = {"Content-Range": f"bytes {first}-{first + len(body) - 1}/{size}", "Accept-Ranges": "bytes"}
        return self._answer(request, Response(body, 206, headers, "image/tiff"), (first, first + len(body) - 1))


@contextmanager
def serving(world: World, folder: Path, failing: float = 0.0, seed: int = 0) -> Generator[StacServer, None, None]:
    """The server, listening, for a while."""
    server = StacServer(world, folder, failing, seed)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wrong_pixels(world: World, lake: int, year: int, path: Path) -> str:
    """What is wrong with a fetched scene, checked against the generator pixel by pixel; empty where nothing is."""
    with rasterio.open(path) as scene:
        if scene.descriptions != ("blue", "green", "red", "nir", "swir1", "swir2") or str(scene.crs) != world.crs(lake):
            return f"{path}: bands {scene.descriptions}, {scene.crs}"
        values, transform = scene.read(), scene.transform
        if abs(scene.scales[0] - 0.0001) > 1e-12 or transform.a != 10 or transform.e != -10:
            return f"{path}: scale {scene.scales}, {transform}"
        left, bottom, right, top = scene.bounds
    move = pyproj.Transformer.from_crs("OGC:CRS84", world.crs(lake), always_xy=True)
    points = shapely.get_coordinates(world.outline(lake).envelope.buffer(0.0099, join_style="mitre"))
    x, y = move.transform(points[:, 0], points[:, 1])
    if min(values.shape[1:]) < 256 or min(x) < left or max(x) > right or min(y) < bottom or max(y) > top:
        return f"{path}: {values.shape[1:]} pixels do not hold the surroundings"
    columns = round((left - world.corner(lake)[0]) / 10) + np.arange(values.shape[2])
    rows = round((world.corner(lake)[1] - top) / 10) + np.arange(values.shape[1])
    inside = ((rows >= 0) & (rows < world.size))[:, None] & ((columns >= 0) & (columns < world.size))
    for band in range(6):
        size, coarse = (world.size, 1) if band < 4 else (world.size // 2, 2)
        there = np.ix_(np.clip(rows // coarse, 0, size - 1), np.clip(columns // coarse, 0, size - 1))
        truth = np.where(inside, world.least(lake, year, band) + grain(size, lake)[there], 0)
        if not (values[band] == truth).all():
            return f"{path}: band {band + 1} differs in {(values[band] != truth).sum()} of {truth.size} pixels"
    return ""
