"""The column routes and the compressed libraries, asked over ASGI as a browser would."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest
import shapely
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.store import Store
from modules.columns import lake_columns, packed, trend_columns
from modules.serving.compression import CompressedLibraries, CompressedPages
from modules.serving.datasets import Datasets
from modules.serving.guard.rules import Rules
from modules.serving.routes import Answers, lake_url, outline_url, series_url, tile_rows, trend_url
from tests.asgi import fetch, finished, get
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    return Datasets([small_dataset(tmp_path_factory.mktemp("routes"))], None)


@pytest.fixture(scope="module")
def store(datasets: Datasets) -> Store:
    held = datasets.store("small")
    assert held is not None
    return held


@pytest.fixture(scope="module")
def app(datasets: Datasets) -> Starlette:
    answers = Answers(datasets, Rules())
    return Starlette(routes=[Route("/columns/{name:str}/{digest:str}/{rest:path}", answers.columns)])


def test_columns_are_immutable_and_whole(app: Starlette, store: Store) -> None:
    status, headers, body = get(app, f"/{lake_url(store)}")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert body == packed(lake_columns(store))
    table = store.trends(store.settings())
    assert get(app, f"/{trend_url(store, table.settings)}")[2] == packed(trend_columns(store, table))


def test_a_block_beyond_the_last_lake_is_empty(app: Starlette, store: Store) -> None:
    url = series_url(store, store.settings())
    assert get(app, "/" + url.replace("BLOCK", "0"))[0] == 200
    assert get(app, "/" + url.replace("BLOCK", "7"))[0] == 200


@pytest.mark.parametrize(
    "rest",
    [
        "nothing",
        "trends/auto~log~all~nobody",
        "trends/x",
        "series/auto~log~all~inventory/x",
        "lakes/a/b/c/d",
        "trends/magic~log~all~inventory",
    ],
)
def test_what_is_not_there_is_a_404_that_tells_nothing(app: Starlette, store: Store, rest: str) -> None:
    status, _, body = get(app, f"/columns/small/{store.digest[:16]}/{rest}")
    assert status == 404
    assert str(store.path).encode() not in body


def test_another_digest_or_name_is_a_404(app: Starlette, store: Store) -> None:
    assert get(app, "/columns/small/0123456789abcdef/lakes")[0] == 404
    assert get(app, f"/columns/../{store.digest[:16]}/lakes")[0] == 404


def test_tiles_hold_every_lake_once_with_its_outline(app: Starlette, store: Store) -> None:
    tiles = tile_rows(store)
    assert sorted(row for rows in tiles.values() for row in rows) == list(range(len(store.lakes)))
    for tile, rows in tiles.items():
        body = get(app, "/" + outline_url(store).replace("TILE", tile))[2]
        features = json.loads(gzip.decompress(body))["features"]
        assert [feature["properties"]["row"] for feature in features] == rows
        for feature in features:
            drawn = shapely.from_geojson(json.dumps(feature["geometry"]))
            kept = shapely.from_wkb(store.newest_outlines[feature["properties"]["row"]])
            assert shapely.hausdorff_distance(drawn, kept) < 1e-4


def _libraries() -> tuple[CompressedLibraries, list[str]]:
    asked: list[str] = []

    async def serve(request: Request) -> Response:
        asked.append(request.url.path)
        size = 10 if "small" in request.url.path else 5_000
        return PlainTextResponse("a" * size, headers={"etag": "x"}) if "missing" not in request.url.path else PlainTextResponse("no", 404)

    return CompressedLibraries(Starlette(routes=[Route("/{rest:path}", serve)])), asked


def test_a_library_is_compressed_once() -> None:
    app, asked = _libraries()
    for _ in range(3):
        status, headers, body = get(app, "/lib/a-1/a.js", {"accept-encoding": "gzip, br", "if-none-match": "x"})
        assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", b"a" * 5_000)
        assert int(headers["content-length"]) == len(body)
    assert asked == ["/lib/a-1/a.js"]


def test_a_library_that_is_the_same_still_is_not_sent_again() -> None:
    app, asked = _libraries()
    etag = get(app, "/lib/a-1/a.js", {"accept-encoding": "gzip"})[1]["etag"]
    status, headers, body = get(app, "/lib/a-1/a.js", {"accept-encoding": "gzip", "if-none-match": etag})
    assert (status, body, headers["etag"]) == (304, b"", etag)
    assert get(app, "/lib/a-1/a.js", {"accept-encoding": "gzip", "if-none-match": '"other"'})[0] == 200
    assert asked == ["/lib/a-1/a.js"]


@pytest.mark.parametrize("path", ["/", "/lakes/", "/session/0a1b/dynamic_route/table?nonce=1"])
def test_a_page_is_compressed_where_the_browser_takes_it(path: str) -> None:
    app = CompressedPages(_libraries()[0])
    status, headers, body = get(app, path, {"accept-encoding": "gzip, deflate"})
    assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", b"a" * 5_000)
    assert "accept-encoding" in headers["vary"].lower()
    assert get(app, path)[2] == b"a" * 5_000
    assert "content-encoding" not in get(app, "/images/a.jpg", {"accept-encoding": "gzip"})[1]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/lib/a-1/a.js", {}, 200),
     ("/other/a.js", {"accept-encoding": "gzip"}, 200), ("/lib/small.js", {"accept-encoding": "gzip"}, 200),
     ("/lib/missing.js", {"accept-encoding": "gzip"}, 404)],
)  # fmt: skip
def test_the_rest_passes_through(path: str, headers: dict[str, str], status: int) -> None:
    app, asked = _libraries()
    for _ in range(2):
        got, held, _ = get(app, path, headers)
        assert got == status
        assert "content-encoding" not in held
    assert len(asked) == 2


def test_two_at_once_get_the_same(store: Store) -> None:
    app, _ = _libraries()

    async def both() -> list[bytes]:
        answers = await asyncio.gather(*(fetch(app, "/lib/b.js", {"accept-encoding": "gzip"}) for _ in range(5)))
        return [gzip.decompress(body) for _, _, body in answers]

    assert finished(both()) == [b"a" * 5_000] * 5
