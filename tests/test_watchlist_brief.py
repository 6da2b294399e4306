"""The brief: one file that fetches nothing, in which texts of the data are texts, with a page for every lake of the list."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image

from data.cache import read_table, write_table
from data.store import Store
from data.trends.classes import classes
from data.watchlist.opened import given_by
from data.watchlist.rank import ranked, raw_components
from data.watchlist.wish import Wish, weighed
from modules.brief.document import POLICY, brief_html
from modules.brief.drawing import Frame, spread, ticks
from modules.brief.outlines import outline_picture
from modules.brief.record import Brief
from modules.measures import lake_rows
from modules.views.watch_brief import made
from modules.watching.background import Stopped
from tests.datasets import INSUFFICIENT, small_dataset
from tests.scene_dataset import scene_dataset

HOSTILE = '<script>fetch("https://evil.example/")</script><img src=https://evil.example/x onerror=alert(1)>'
WISH = Wish(weighed({"newest_area": 1.0}), top=40)
VOID = {"meta", "img", "br", "input", "link"}


class Seen(HTMLParser):
    """Tags, attributes and text of a page, as a browser takes it apart."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def brief_of(store: Store, wish: Wish = WISH) -> Brief:
    table = store.trends(store.settings())
    given = given_by(store, table, {})
    ranking = ranked(given.lake_keys, raw_components(given), wish)
    reviewed = np.array(["false alarm"] * len(store.lakes), dtype=object)
    return Brief(store, given, ranking, wish, classes(table), lake_rows(store, table), reviewed, "q", 0.05, date(2026, 11, 26))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Brief:
    """The small dataset, in which every text that an input can bring is hostile."""
    folder = small_dataset(tmp_path_factory.mktemp("data") / "small")
    lakes = read_table(folder / "lakes.parquet")
    for name in ("name", "basin", "sub_basin", "dam_type"):
        place = lakes.column_names.index(name)
        texts = [f"{HOSTILE}{n}" if n % 2 else None for n in range(len(lakes))]
        lakes = lakes.set_column(place, lakes.schema.field(name), [texts])
    write_table(folder / "lakes.parquet", lakes)
    toml = (folder / "dataset.toml").read_text()
    (folder / "dataset.toml").write_text(toml.replace("A small dataset", HOSTILE.replace('"', "'")))
    return brief_of(Store(folder))


@pytest.fixture(scope="module")
def html(hostile: Brief) -> bytes:
    return brief_html(hostile, lambda done, of: None)


def test_nothing_in_it_can_be_fetched_or_run(html: bytes) -> None:
    seen = Seen(html)
    assert not {name for name, _ in seen.tags} & {"script", "link", "iframe", "object", "embed", "form", "base", "a", "video", "audio"}
    for name, attributes in seen.tags:
        assert not [key for key in attributes if key.startswith("on")], name
        for key in ("src", "href", "srcset", "action", "data", "xlink:href"):
            value = attributes.get(key)
            assert value is None or value.startswith(("data:image/jpeg;base64,", "#")), (name, key)
    style = html.decode().split("<style>")[1].split("</style>")[0]
    assert not re.search(r"url\(|@import|expression|https?:", style)


def test_a_policy_forbids_it_besides(html: bytes) -> None:
    policies = [attributes["content"] for name, attributes in Seen(html).tags if attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert POLICY.startswith("default-src 'none'")


def test_hostile_texts_are_shown_as_they_are(html: bytes, hostile: Brief) -> None:
    shown = " ".join(Seen(html).texts)
    assert "<script>fetch(" in shown
    assert b"<script" not in html
    assert hostile.store.labels[1] in shown


def test_there_is_a_page_for_each_lake_in_order(html: bytes, hostile: Brief) -> None:
    seen = Seen(html)
    pages = [attributes for name, attributes in seen.tags if name == "section" and attributes.get("class") == "lake"]
    assert len(pages) == len(hostile.ranking.listed) == 40
    heads = [text for text in seen.texts if re.match(r"\d+\. ", text)]
    assert heads == [f"{n}. {hostile.store.labels[row]}" for n, row in enumerate(hostile.ranking.listed.tolist(), start=1)]
    assert sum(attributes.get("href") == "#everyone" for name, attributes in seen.tags if name == "use") == 40
    assert sum(attributes.get("id") == "everyone" for _, attributes in seen.tags) == 1


def test_it_says_what_it_rests_on(html: bytes, hostile: Brief) -> None:
    shown = " ".join(Seen(html).texts)
    told = ("SIMULATED", "CC0-1.0", "Nobody (2026)", "This dataset has no images.", "Huggel et al. 2002", "2026-11-26", "false alarm")
    assert hostile.store.digest[:16] in shown
    for words in told:
        assert words in shown
    lake = hostile.store.labels[INSUFFICIENT]
    assert lake in shown
    assert "not tested: it has no place here" in shown


def test_it_tells_how_far_it_is_and_can_be_stopped(hostile: Brief) -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        told.append((done, of))
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        brief_html(hostile, tell)
    assert told == [(0, 40), (1, 40), (2, 40), (3, 40)]


def test_a_file_is_named_for_what_it_holds(hostile: Brief) -> None:
    short = replace(hostile, ranking=replace(hostile.ranking, top=2))
    found = made(short, lambda done, of: None)
    assert (found.name, found.lakes) == ("brief_small_simulated_2026-11-26.html", 2)
    assert found.raw.startswith(b"<!doctype html>")


def test_images_are_of_the_same_ground_before_and_after(pictured: Brief) -> None:
    seen = Seen(brief_html(pictured, lambda done, of: None))
    images = [attributes for name, attributes in seen.tags if name == "img"]
    assert len(images) == 2 * len(pictured.ranking.listed)
    for attributes in images:
        assert attributes["src"] is not None
        picture = Image.open(io.BytesIO(base64.b64decode(attributes["src"].split(",")[1])))
        assert (picture.format, picture.size) == ("JPEG", (380, 380))
    words = [str(attributes["alt"]) for attributes in images]
    assert words[0] < words[1], "the older first"
    assert all("outline: " in each for each in words)


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Brief:
    """Two lakes that have images, and outlines of one of them to choose from."""
    store = Store(scene_dataset(tmp_path_factory.mktemp("scenes") / "small", (0, 8), (2016, 2023)))
    brief = brief_of(store, Wish(WISH.weights, top=40))
    rows = [row for row in brief.ranking.listed.tolist() if int(store.lake_keys[row]) in {0, 8}]
    rank = np.zeros_like(brief.ranking.rank)
    rank[rows] = [1, 2]
    return replace(brief, ranking=replace(brief.ranking, rank=rank))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (2000.0, 2020.5), (-20.0, 20.0), (0.0, 0.037), (0.0, 1e6)])
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 6
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in found)
    steps = np.diff(found)
    assert np.allclose(steps, steps[0])
    assert f"{steps[0]:.0e}"[0] in "125"


def test_a_hundred_thousand_lakes_draw_as_many_dots_as_there_is_room_for() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 100_000))
    drawn = spread(x, y, Frame(330, 200, (-4, 4), (-4, 4)))
    assert len(drawn) < 400_000
    assert len(spread(np.array([]), np.array([]), Frame(330, 200, (-4, 4), (-4, 4)))) == 0


def test_outlines_without_a_shape_are_left_out() -> None:
    square, nothing = shapely.to_wkb(shapely.box(86, 27, 86.01, 27.01)), shapely.to_wkb(shapely.Polygon())
    rows = pd.DataFrame({"date": pd.to_datetime(["2019-10-01", "2020-10-01"]), "geometry": [square, nothing]})
    drawn = outline_picture(rows, "a lake")
    assert drawn is not None
    assert drawn.attrs["aria-label"] == "Outlines of a lake: 2019"
    assert outline_picture(rows.iloc[1:], "a lake") is None
