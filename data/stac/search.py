"""Searching a STAC API through pystac-client, whose requests go through our own polite fetcher."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from pystac.errors import STACError
from pystac.link import Link
from pystac_client import Client
from pystac_client.errors import ClientTypeError
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from pystac_client.warnings import PystacClientWarning
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from data.errors import InputError
from data.stac.catalogues import Catalogue
from data.stac.errors import CatalogueError, Unreachable, plain, printable
from data.stac.fetching import Fetcher
from data.stac.seasons import Window

PAGE = 100
MOST_ITEMS = 2000
"""Items of one lake and season; a catalogue that pages on and on ends there."""

SENSELESS = (APIError, STACError, KeyError, ValueError, TypeError, AttributeError, RecursionError)
"""What pystac-client raises over an answer that is not what it should be."""


@dataclass(frozen=True)
class Candidate:
    """An item of a catalogue that may show the lake.

    Args:
        item: As the catalogue sent it.
        id: Its id.
        day: UTC day of acquisition.
        footprint: Where it has pixels, longitude and latitude; None where the catalogue does not tell.
    """

    item: dict[str, Any]
    id: str
    day: date
    footprint: BaseGeometry | None

    @property
    def properties(self) -> dict[str, Any]:
        """The item's properties."""
        return self.item.get("properties") or {}


class _PoliteIO(StacApiIO):
    """pystac-client's requests, sent by a Fetcher; it never opens a file, whatever a link says."""

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__(max_retries=None)
        self._fetcher = fetcher

    def read_text(self, source: Any, *args: Any, **kwargs: Any) -> str:
        return super().read_text(source, *args, **kwargs) if isinstance(source, Link) else self.request(str(source), *args, **kwargs)

    def request(
        self, href: str, method: str | None = None, headers: dict[str, str] | None = None, parameters: dict[str, Any] | None = None
    ) -> str:
        sends = (method or "GET").upper()
        sent = {"json": parameters} if sends == "POST" else {"params": parameters or {}}
        return self._fetcher.text(href, sends, headers, **sent)


class Searcher:
    """One open catalogue.

    Raises:
        CatalogueError: It does not answer.
        InputError: What answers is no STAC API, or has no such collection.
    """

    def __init__(self, catalogue: Catalogue, collection: str, fetcher: Fetcher) -> None:
        self._where = plain(catalogue.url)
        self.collection = collection
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PystacClientWarning)
            try:
                self._client = Client.open(catalogue.url, stac_io=_PoliteIO(fetcher))
                links = list(self._client.get_links("search"))
                self._methods = {str(link.extra_fields.get("method") or "GET").upper() for link in links}
            except (*SENSELESS, ClientTypeError) as error:
                raise InputError(f"{self._where} is no STAC API: {type(error).__name__}", "check the address of --catalog") from None
        if not self._methods:
            raise InputError(f"{self._where} cannot be searched: it has no link `search`", "use a STAC API, not a static catalogue")
        self.about = self._collection(catalogue, fetcher)

    def _collection(self, catalogue: Catalogue, fetcher: Fetcher) -> dict[str, Any]:
        url = f"{catalogue.url.partition('?')[0].rstrip('/')}/collections/{quote(self.collection, safe='')}"
        try:
            told = json.loads(fetcher.text(url))
        except Unreachable:
            raise
        except (CatalogueError, ValueError, RecursionError):
            known = ", ".join(self._known(catalogue, fetcher)) or "one of its own"
            raise InputError(f"{self._where} has no collection {self.collection!r}", f"name another with --collection: {known}") from None
        return told if isinstance(told, dict) else {}

    def _known(self, catalogue: Catalogue, fetcher: Fetcher) -> list[str]:
        try:
            told = json.loads(fetcher.text(f"{catalogue.url.partition('?')[0].rstrip('/')}/collections"))
            return [printable(each["id"]) for each in told["collections"]][:20]
        except (CatalogueError, *SENSELESS):
            return []

    def candidates(self, bounds: tuple[float, float, float, float], window: Window, cloud_cover: float) -> list[Candidate]:
        """Items whose box touches the bounds (west, south, east, north, degrees), of the window's days, at most so cloudy (%).

        Raises:
            CatalogueError: The search fails, or what comes back is no list of items.
        """
        method = "POST" if "POST" in self._methods else "GET"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PystacClientWarning)
            try:
                search = self._client.search(
                    method=method, collections=[self.collection], bbox=bounds, datetime=window.interval,
                    query={"eo:cloud_cover": {"lte": cloud_cover}} if cloud_cover < 100 else None, limit=PAGE, max_items=MOST_ITEMS,
                )  # fmt: skip
                found = {candidate.id: candidate for item in search.items_as_dicts() if (candidate := _candidate(item)) is not None}
            except SENSELESS as error:
                what = f"{self._where}: the answer to a search makes no sense ({type(error).__name__})"
                raise CatalogueError(what, "try again later, or use another catalogue") from None
        # A server that does not know a filter may pass over it.
        inside = [each for each in found.values() if window.begins <= each.day <= window.last and _cloudy(each) <= cloud_cover]
        return sorted(inside, key=lambda each: each.id)


def _cloudy(candidate: Candidate) -> float:
    told = candidate.properties.get("eo:cloud_cover")
    return float(told) if isinstance(told, int | float) else 0.0


def _candidate(item: Any) -> Candidate | None:
    """An item that has an id, a time and assets; None for another."""
    if not isinstance(item, dict) or not isinstance(item.get("properties"), dict) or not isinstance(item.get("assets"), dict):
        return None
    told = item["properties"].get("datetime") or item["properties"].get("start_datetime")
    try:
        when = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    day = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC).date()
    return Candidate(item, printable(item.get("id")), day, _footprint(item.get("geometry")))


def _footprint(geometry: Any) -> BaseGeometry | None:
    try:
        drawn = shapely.make_valid(shape(geometry)) if geometry else None
        usable = drawn is not None and not drawn.is_empty and np.isfinite(shapely.get_coordinates(drawn)).all()
        return drawn if usable else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ShapelyError):
        return None
