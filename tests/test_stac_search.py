"""Searches against a scripted STAC API: paging, filters that a server passes over, answers that make no sense."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.errors import InputError
from data.stac import search as search_module
from data.stac.catalogues import Catalogue
from data.stac.errors import CatalogueError, Unreachable, plain
from data.stac.fetching import Fetcher
from data.stac.search import Searcher
from tests.stac_cases import FOOTPRINT, SEASON, candidate
from tests.stac_server import COLLECTION, StacServer, World, serving

URL = "https://api.test/v1"
BOUNDS = (87.0, 27.9, 87.1, 28.0)
SPEC = "https://api.stacspec.org/v1.0.0"
ROOT: dict[str, Any] = {
    "type": "Catalog", "stac_version": "1.0.0", "id": "test", "description": "",
    "conformsTo": [f"{SPEC}/core", f"{SPEC}/item-search", f"{SPEC}/item-search#query"],
    "links": [{"rel": "self", "href": URL}, {"rel": "root", "href": URL}]
    + [{"rel": "search", "href": f"{URL}/search", "method": method} for method in ("GET", "POST")],
}  # fmt: skip


class Api(Fetcher):
    """Answers from a table of addresses; a function is called with what was sent, an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        super().__init__(tries=1)
        self.answers = {"": ROOT, "/collections/c": {"id": "c", "license": "CC0"}, **answers}
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def text(self, url: str, method: str = "GET", headers: dict[str, str] | None = None, **sent: Any) -> str:
        self.asked.append((method, url, sent))
        found = self.answers.get(url.removeprefix(URL))
        if found is None:
            raise CatalogueError(f"{plain(url)}: the server answers 404", "")
        found = found(sent) if callable(found) else found
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, str) else json.dumps(found)


def opened(api: Api, collection: str = "c", url: str = URL) -> Searcher:
    return Searcher(Catalogue("test", url), collection, api)


def feature(name: str, day: date = SEASON.middle, **more: Any) -> dict[str, Any]:
    made = candidate(name, day).item
    return {
        "type": "Feature", "stac_version": "1.0.0", **made, "geometry": shapely.geometry.mapping(FOOTPRINT), "bbox": list(FOOTPRINT.bounds),
        **more,
    }  # fmt: skip


def page(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), "links": [], **more}


def found(*features: Any, cloud_cover: float = 90, **more: Any) -> list[str]:
    api = Api(**{"/search": page(*features, **more)})
    return [each.id for each in opened(api).candidates(BOUNDS, SEASON, cloud_cover)]


def test_what_is_asked() -> None:
    api = Api(**{"/search": page(feature("b"), feature("a"))})
    items = opened(api).candidates(BOUNDS, SEASON, 80)
    assert [each.id for each in items] == ["a", "b"]
    assert items[0].day == SEASON.middle
    assert items[0].footprint is not None
    assert items[0].footprint.equals(FOOTPRINT)
    method, url, sent = api.asked[-1]
    assert (method, url) == ("POST", f"{URL}/search")
    assert json.loads(json.dumps(sent["json"])) == {
        "limit": 100, "collections": ["c"], "bbox": list(BOUNDS), "datetime": "2020-09-01T00:00:00Z/2020-11-30T23:59:59Z",
        "query": {"eo:cloud_cover": {"lte": 80}},
    }  # fmt: skip


def test_a_server_without_post_is_asked_by_get() -> None:
    root = {**ROOT, "links": [*ROOT["links"][:2], {"rel": "search", "href": f"{URL}/search"}]}
    api = Api(**{"": root, "/search": page(feature("a"))})
    assert [each.id for each in opened(api).candidates(BOUNDS, SEASON, 100)] == ["a"]
    method, _, sent = api.asked[-1]
    assert method == "GET"
    assert "query" not in sent["params"]
    assert sent["params"]["collections"] == "c"


def test_every_page_is_read_and_an_item_that_comes_twice_counts_once() -> None:
    def search(sent: dict[str, Any]) -> dict[str, Any]:
        at = sent["json"].get("token", 0)
        link = {"rel": "next", "href": f"{URL}/search", "method": "POST", "body": {**sent["json"], "token": at + 1}}
        return page(feature(f"i{at}"), feature("again"), links=[link] if at < 4 else [])

    items = opened(Api(**{"/search": search})).candidates(BOUNDS, SEASON, 90)
    assert [each.id for each in items] == ["again", "i0", "i1", "i2", "i3", "i4"]


def test_a_catalogue_that_pages_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST_ITEMS", 25)

    def search(sent: dict[str, Any]) -> dict[str, Any]:
        at = sent["json"].get("token", 0)
        link = {"rel": "next", "href": f"{URL}/search", "method": "POST", "body": {**sent["json"], "token": at + 1}}
        return page(*(feature(f"i{at}-{n}") for n in range(10)), links=[link])

    assert len(opened(Api(**{"/search": search})).candidates(BOUNDS, SEASON, 90)) == 25


def test_filters_that_a_server_passes_over_are_applied_again() -> None:
    cloudy = feature("cloudy")
    cloudy["properties"]["eo:cloud_cover"] = 95
    assert found(cloudy, feature("before", date(2020, 8, 31)), feature("first", SEASON.first), feature("last", SEASON.last)) == [
        "first",
        "last",
    ]


def test_the_day_is_that_of_utc() -> None:
    item = feature("a")
    item["properties"]["datetime"] = "2020-09-01T03:00:00+05:45"
    assert found(item) == []
    item["properties"] |= {"datetime": None, "start_datetime": "2020-10-01T23:59:59.999Z"}
    assert found(item) == ["a"]


@pytest.mark.parametrize("item", [{}, {"id": "x"}, feature("x", properties=None), feature("x", assets=[]), feature("x", properties={})])
def test_items_that_make_no_sense_are_left_out(item: Any) -> None:
    assert found(feature("good"), item) == ["good"]


@pytest.mark.parametrize(
    "geometry",
    [
        None, {}, {"type": "Blob"}, {"type": "Polygon", "coordinates": [[[1]]]}, "x", {"type": "Polygon", "coordinates": []},
    ],
)  # fmt: skip
def test_a_footprint_that_makes_no_sense_is_none(geometry: Any) -> None:
    [each] = opened(Api(**{"/search": page(feature("a", geometry=geometry))})).candidates(BOUNDS, SEASON, 90)
    assert each.footprint is None


@pytest.mark.parametrize("odd", [math.inf, math.nan])
def test_a_footprint_without_end_is_none(odd: float) -> None:
    assert search_module._footprint({"type": "Polygon", "coordinates": [[[0, 0], [odd, 0], [1, 1], [0, 0]]]}) is None


@pytest.mark.parametrize("answer", ["", "no json", "[]", "null", "7", "[" * 100_000, {"features": 3}])
def test_an_answer_that_makes_no_sense_is_named(answer: Any) -> None:
    with pytest.raises(CatalogueError, match="the answer to a search makes no sense"):
        opened(Api(**{"/search": answer})).candidates(BOUNDS, SEASON, 90)


@pytest.mark.parametrize("answer", [{}, {"features": []}, {"links": 7, "features": []}, {"features": [7, None, "x", []]}, {"features": {}}])
def test_an_answer_without_an_item_is_none(answer: Any) -> None:
    assert opened(Api(**{"/search": answer})).candidates(BOUNDS, SEASON, 90) == []


@pytest.mark.parametrize("root", ["", "<html>", "[]", "{}", {"type": "Feature"}, {"type": "Catalog"}])
def test_what_is_no_stac_api_is_refused(root: Any) -> None:
    with pytest.raises(InputError, match=r"https://api.test/v1 (is no STAC API|cannot be searched)"):
        opened(Api(**{"": root}))


def test_a_static_catalogue_cannot_be_searched() -> None:
    with pytest.raises(InputError, match="cannot be searched") as caught:
        opened(Api(**{"": {**ROOT, "links": ROOT["links"][:2]}}))
    assert "STAC API" in caught.value.remedy


def test_a_collection_that_is_not_there_is_refused_with_those_that_are() -> None:
    api = Api(**{"/collections": {"collections": [{"id": "sentinel-2-l2a"}, {"id": "landsat-c2-l2"}]}})
    with pytest.raises(InputError, match="no collection 'other'") as caught:
        opened(api, "other")
    assert "sentinel-2-l2a, landsat-c2-l2" in caught.value.remedy
    with pytest.raises(InputError, match="no collection"):
        opened(Api(), "../../secret")


def test_names_can_do_nothing_to_a_terminal() -> None:
    assert found(feature("a\x1b[2J\nb" + "c" * 300)) == ["a[2Jb" + "c" * 193]
    api = Api(**{"/collections": {"collections": [{"id": "\x1b]0;x\x07y"}]}})
    with pytest.raises(InputError) as caught:
        opened(api, "other")
    assert "\x1b" not in str(caught.value)


def test_a_collection_is_not_missing_where_the_server_is_silent() -> None:
    with pytest.raises(Unreachable, match="silent"):
        opened(Api(**{"/collections/c": Unreachable("silent", "")}))


def test_a_silent_server_is_named() -> None:
    for where in ("", "/search"):
        with pytest.raises(Unreachable, match="silent"):
            opened(Api(**{where: Unreachable("silent", "")})).candidates(BOUNDS, SEASON, 90)


def test_a_link_to_a_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(page(feature("secret"))))

    def search(_: dict[str, Any]) -> dict[str, Any]:
        return page(feature("a"), links=[{"rel": "next", "href": str(secret), "method": "POST", "body": {}}])

    api = Api(**{"/search": search})
    with pytest.raises(CatalogueError, match="404"):
        opened(api).candidates(BOUNDS, SEASON, 90)
    assert api.asked[-1][1] == str(secret), "it went to the fetcher, which asks nothing but the web"


def test_a_token_in_the_address_of_the_catalogue_is_never_told() -> None:
    problems: list[Callable[[], object]] = [
        lambda: opened(Api(), "other", f"{URL}?key=hush"),
        lambda: opened(Api(**{"": "x", "?key=hush": "x"}), "c", f"{URL}?key=hush"),
        lambda: opened(Api(**{"?key=hush": ROOT, "/search": "x"}), "c", f"{URL}?key=hush").candidates(BOUNDS, SEASON, 90),
    ]
    for problem in problems:
        with pytest.raises((InputError, CatalogueError)) as caught:
            problem()
        assert "hush" not in str(caught.value)


def test_against_the_server_of_the_tests(tmp_path: Path) -> None:
    world = replace(World(2, (2020,)), size=256)
    with serving(world, tmp_path) as server:
        searcher = Searcher(Catalogue("x", server.url), COLLECTION, Fetcher(tries=1))
        items = searcher.candidates(world.outline(0).bounds, SEASON, 90)
    assert isinstance(server, StacServer)
    assert [each.id.rpartition("_")[2] for each in sorted(items, key=lambda each: each.day)] == ["snowy", "cloudy", "hazy", "right", "late"]
