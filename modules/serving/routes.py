"""HTTP routes beside Shiny's own: immutable columns and outlines, named by the digest of what they hold.

The path carries all that is needed to make the answer, so any replica can give it, and a browser or proxy may keep it for good.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterable
from urllib.parse import quote
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shiny import App
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.bounded import Bounded
from data.errors import MoraineError
from data.records import TrendSettings
from data.store import Store
from modules import fits
from modules.columns import among_columns, lake_columns, packed, series_columns, trend_columns
from modules.crowd.places import MANY
from modules.fits import NoTurnError
from modules.links.link import checked
from modules.links.packing import packed_keys, unpacked_keys
from modules.observations import AMONG
from modules.owning.tables import is_own
from modules.serving.assets import IMMUTABLE, asset_answer
from modules.serving.datasets import Datasets
from modules.serving.guard.origins import address_of
from modules.serving.guard.rules import Rules
from modules.serving.guard.seats import machine

BLOCK = 512
"""Lakes in one block of series."""
TILE = 0.5
"""Degrees on each side of one tile of outlines."""
TREND_LAYOUT = 2
"""Raise it whenever `modules.columns.trend_columns` has other columns."""
HELD = 64 * 2**20
"""Bytes of answers kept in memory, for all sessions together."""
PRIVATE = {"Cache-Control": "private, max-age=3600, immutable", "Content-Encoding": "gzip"}
SIMPLIFIED = 3e-5
"""Degrees (about 3 m) by which a drawn outline may stray from the stored one."""


def _base(store: Store) -> str:
    return f"columns/{quote(store.meta.name)}/{store.digest[:16]}"


def lake_url(store: Store) -> str:
    return f"{_base(store)}/lakes"


def trend_url(store: Store, settings: TrendSettings) -> str:
    """With the layout of the columns: a browser keeps what it got under an address, and may have got it from an older version."""
    return f"{_base(store)}/trends/{quote(settings.token, safe='~')}?layout={TREND_LAYOUT}"


def series_url(store: Store, settings: TrendSettings) -> str:
    """With `BLOCK` where the number of the block goes."""
    return f"{_base(store)}/series/{quote(settings.token, safe='~')}/BLOCK"


def among_url(store: Store, settings: TrendSettings, lake_keys: Iterable[int]) -> str:
    """Of the series of single lakes."""
    return f"{_base(store)}/among/{quote(settings.token, safe='~')}/{packed_keys(lake_keys)}"


def outline_url(store: Store) -> str:
    """With `TILE` where the name of the tile goes."""
    return f"{_base(store)}/outlines/TILE"


_tiles: WeakKeyDictionary[Store, dict[str, list[int]]] = WeakKeyDictionary()
"""For as long as the dataset is open: one that is let go of must not live on in here."""


def tile_rows(store: Store) -> dict[str, list[int]]:
    """Rows of the lakes whose point lies in each tile; a tile is named by its column and row from 0° E, 0° N.

    Worked out once for a dataset, for every visit and every tile; never change it in place.
    """
    if store not in _tiles:
        _tiles[store] = _tile_rows(store)
    return _tiles[store]


def _tile_rows(store: Store) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    lakes = store.lakes
    for row, (lon, lat) in enumerate(zip(lakes["lon"], lakes["lat"], strict=True)):
        if lon == lon and lat == lat:  # noqa: PLR0124  NaN: a lake without a position
            rows.setdefault(f"{int(lon // TILE)}_{int(lat // TILE)}", []).append(row)
    return rows


def _rows_in(store: Store, tile: str) -> list[int]:
    """Rows of the lakes in one tile: found without a list of all of them, which of a million lakes would be long."""
    column, row = (int(part) for part in tile.split("_"))
    lon, lat = (store.lakes[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    return np.flatnonzero((lon // TILE == column) & (lat // TILE == row)).tolist()


def outline_tile(store: Store, tile: str) -> bytes:
    """GeoJSON (gzipped) of the newest outlines in a tile, each with the row of its lake."""
    features = []
    for row in _rows_in(store, tile):
        raw = store.newest_outlines[row]
        if raw is not None:
            shape = shapely.set_precision(shapely.simplify(shapely.from_wkb(raw), SIMPLIFIED), 1e-6)
            features.append({"type": "Feature", "properties": {"row": row}, "geometry": json.loads(shapely.to_geojson(shape))})
    return gzip.compress(json.dumps({"type": "FeatureCollection", "features": features}).encode(), 6, mtime=0)


class Answers:
    """Makes and keeps answers.

    Args:
        datasets: What is served.
        rules: Of the guard: they tell where somebody is.
    """

    def __init__(self, datasets: Datasets, rules: Rules) -> None:
        self._datasets, self._rules = datasets, rules
        self._held = Bounded[bytes](HELD, len)

    async def columns(self, request: Request) -> Response:
        """`columns/{name}/{digest}/{kind}[/{settings}[/{block}]]`."""
        digest = request.path_params["digest"]
        store = self._datasets.at(request.path_params["name"], lambda held: held.digest[:16] == digest)
        if store is None:
            return PlainTextResponse("These data are not served here (any more). Reload the page.", 404)
        try:
            own = is_own(store.meta.name)
            await self._fitted(store, request)
            # What is of one visit is neither kept here, where it would outlive it, nor by a cache that others share.
            body = await asyncio.to_thread(self._make if own else self._made, store, *request.path_params["rest"].split("/"))
        except NoTurnError as busy:
            return PlainTextResponse(busy.words, 503, {"Retry-After": str(busy.seconds), "Cache-Control": "no-store"})
        except (MoraineError, ValueError, KeyError, TypeError):
            return PlainTextResponse("There is no such column resource.", 404)
        kind = "application/geo+json" if request.path_params["rest"].startswith("outlines/") else "application/octet-stream"
        return Response(body, media_type=kind, headers=PRIVATE if own else IMMUTABLE)

    async def _fitted(self, store: Store, request: Request) -> None:
        """Have a table fitted that is asked for, where it is the turn of whoever asks."""
        kind, _, token = request.path_params["rest"].partition("/")
        if kind == "trends":
            _of_few(store)
            await fits.shared().for_address(store, _settings(token, store), machine(address_of(request.scope, self._rules)))

    def _made(self, store: Store, *asked: str) -> bytes:
        # By digest: a dataset that was let go of must not live on in here.
        return self._held.made((store.digest, *asked), lambda: self._make(store, *asked))

    def _make(self, store: Store, kind: str, token: str = "", block: str = "") -> bytes:
        make: dict[str, Callable[[], bytes]] = {
            "lakes": lambda: packed(lake_columns(_of_few(store))),
            "trends": lambda: packed(trend_columns(store, _of_few(store).trends(_settings(token, store)))),
            "series": lambda: packed(series_columns(store, _settings(token, store), int(block) * BLOCK, (int(block) + 1) * BLOCK)),
            "among": lambda: packed(among_columns(store, _settings(token, store), _few(unpacked_keys(block)))),
            "outlines": lambda: outline_tile(store, token),
        }
        return make[kind]()


def _of_few(store: Store) -> Store:
    """A dataset whose browsers ask for all its lakes: of very many they ask for none of this, and packing it takes seconds."""
    if len(store.lake_keys) > MANY:
        raise KeyError(len(store.lake_keys))
    return store


def _few(lake_keys: tuple[int, ...]) -> tuple[int, ...]:
    if len(lake_keys) > AMONG:
        raise ValueError(len(lake_keys))
    return lake_keys


def _settings(token: str, store: Store) -> TrendSettings:
    return checked(TrendSettings.from_token(token), store)


def add_routes(app: App, datasets: Datasets, rules: Rules) -> None:
    """Put Moraine's routes before Shiny's own."""
    answers = Answers(datasets, rules)
    app.starlette_app.router.routes[:0] = [
        Route("/columns/{name:str}/{digest:str}/{rest:path}", answers.columns),
        Route("/static/{name:str}", asset_answer),
    ]
