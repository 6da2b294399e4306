"""The Lens page: what it opens with, what a browser may ask of it, what is said where a lens cannot be used, and its pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from htmltools import Tag
from PIL import Image
from shiny import reactive
from starlette.applications import Starlette
from starlette.routing import Route

from data.lens.manifest import FILE
from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens
from data.store import Store
from modules.choices import State
from modules.images.colours import rgb
from modules.lensing.looking import LensSelection, hardest
from modules.lensing.pictures import picture_kinds
from modules.lensing.routes import LensPictures
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.lensing.tiles import scene_words, tile
from modules.lensing.urls import lens_url
from modules.links.link import state_from
from modules.pages.lens import lens_server
from tests.asgi import get
from tests.datasets import small_dataset
from tests.lens_cases import contents, lens, manifest
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-page")))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    lens(tmp_path)
    lens(tmp_path, seed=1, name="unet-8", title="U-Net, seed 8")
    return tmp_path


class Looked(ViewSession):
    """The whole page in a session."""

    def __init__(self, store: Store, runs: Path, lensing: Lensing | None = None) -> None:
        def serve(id: str, **given: Any) -> None:
            lens_server(id, **given, lenses=Lenses([runs]))
            self.looking = LensSelection(given["selection"], Lenses([runs]))

        super().__init__(store, serve, State(store.settings(), page="lens", lensing=lensing or Lensing()))

    def seen(self, name: str) -> Any:
        with reactive.isolate():
            return getattr(self.looking, name)()


def test_it_opens_on_the_first_run_its_last_epoch_and_its_hardest_followed_scene(store: Store, runs: Path) -> None:
    with Looked(store, runs) as page:
        opened: Lens = page.seen("lens")
        assert opened.name == "unet-7"
        assert page.seen("epoch") == 3
        followed = opened.scenes.loc[opened.probe().scene_key]
        assert page.seen("scene") == followed["iou"].idxmin() == hardest(opened)
        assert page.seen("other").name == "unet-8"
        with reactive.isolate():
            assert [page.looking.on("training"), page.looking.on("layers")] == [True, False]


def test_only_what_exists_can_be_looked_at(store: Store, runs: Path) -> None:
    with Looked(store, runs) as page:
        opened = page.read("lensing")
        for strange in (99, -1, True, 2.5, "101", None, [101], 2**40):
            page.set(pressed=strange, epoch=strange)
        page.session.set_inputs(**{"view-head-run": "../unet", "view-tab": "nowhere"})
        assert page.read("lensing") == opened
        page.set(pressed=105, epoch=2)
        page.session.set_inputs(**{"view-head-run": "unet-8", "view-tab": "embedding"})
        assert page.read("lensing") == Lensing(tab="embedding", run="unet-8", epoch=2, scene=105)
        page.set(epoch=3)
        assert page.read("lensing").epoch is None


def test_a_selection_keeps_scenes_of_the_run_alone(store: Store, runs: Path) -> None:
    with Looked(store, runs) as page:
        page.looking.set_selected([105, 7, 101, 105])
        assert page.read("lensing").selected == (101, 105)


def test_what_a_link_names_and_is_not_here_is_replaced(store: Store, runs: Path) -> None:
    with Looked(store, runs, Lensing(run="gone", epoch=50, scene=9, other="gone")) as page:
        assert (page.seen("lens").name, page.seen("epoch"), page.seen("other").name) == ("unet-7", 3, "unet-8")
        assert page.seen("scene") == hardest(page.seen("lens"))


@pytest.mark.parametrize(
    "query", ["l.tab=nowhere", "l.epoch=-1", "l.scene=x", "l.bandwidth=nan", "l.bandwidth=0", "l.colour=red", "l.selected=???"]
)
def test_a_link_that_cannot_be_is_named(store: Store, query: str) -> None:
    state, notices = state_from(query, store)
    assert state.lensing == Lensing()
    assert [notice for notice in notices if "Lens page" in notice]


def test_a_run_that_cannot_be_opened_is_named_and_the_others_live(store: Store, runs: Path) -> None:
    (runs / "unet-7" / "lens" / FILE).write_text("{}")
    with Looked(store, runs) as page:
        assert page.seen("lens").name == "unet-8"
        said = page.looking.troubles[0]
        assert "unet-7/lens/lens.json" in said
        assert str(runs) not in said


def test_a_damaged_table_of_scenes_stops_no_visit(store: Store, runs: Path) -> None:
    (runs / "unet-7" / "lens" / "scenes.parquet").write_bytes(b"PAR1")
    with Looked(store, runs) as page:
        page.set(pressed=101)
        assert page.read("lensing").scene is None
        assert "scenes.parquet" in page.seen("lens").fault("scenes.parquet")
        page.looking.set_run("unet-8")
        assert page.seen("scene") == hardest(page.seen("lens"))


def test_without_any_run_the_page_says_what_to_do(store: Store, tmp_path: Path) -> None:
    with Looked(store, tmp_path) as page:
        assert page.looking.lenses == {}
        page.set(pressed=1, epoch=1)
        assert page.read("lensing") == Lensing()


def test_a_scene_of_the_open_dataset_leads_to_its_lake(store: Store, runs: Path) -> None:
    own = lens(runs, name="own", scenes_digest=store.digests.get("scenes.parquet", "none"))
    with Looked(store, runs, Lensing(run="own")) as page:
        page.session.set_inputs(**{"view-head-explore": 1})
        has = store.scenes.scene(hardest(own)) is not None
        assert (page.read("page") == "explore") == has


def test_tiles_are_places_in_the_sheet(runs: Path) -> None:
    opened = open_lens(runs / "unet-7" / "lens")
    made = tile(opened, 107)
    assert isinstance(made, Tag)
    assert made.attrs["data-lens-scene"] == "107"
    text = str(made)
    assert "50.0000% 50.0000%" in text  # the eighth of twelve in rows of five: column 2 of 0 … 4, row 1 of 0 … 2
    assert "background-size:500% 300%" in text
    assert scene_words(opened, 107).startswith("Lake 53, IoU 0.")


def test_words_of_a_lens_are_text(runs: Path) -> None:
    opened = open_lens(runs / "unet-7" / "lens")
    opened.scenes.loc[101, "name"] = '<img src=x onerror="alert(1)">'
    assert "<img" not in str(tile(opened, 101))


@pytest.fixture
def app(runs: Path) -> Starlette:
    lenses = Lenses([runs])
    lenses.look()
    return Starlette(routes=[Route("/lens/{run:str}/{version:str}/{rest:path}", LensPictures(lenses).answer)])


def test_pictures_are_what_the_lens_holds_and_may_be_kept(app: Starlette, runs: Path) -> None:
    opened = open_lens(runs / "unet-7" / "lens")
    status, headers, body = get(app, "/" + lens_url(opened, "scenes"))
    assert (status, headers["content-type"], body) == (200, "image/jpeg", (opened.folder / "scenes.jpg").read_bytes())
    assert "immutable" in headers["cache-control"]


def test_outcomes_lie_over_the_image_in_the_colours_of_all_pictures(tmp_path: Path) -> None:
    told, held = manifest(), contents()
    size = (told.tile * told.sheet_columns, told.tile * 3)
    classes = np.resize(np.arange(5, dtype=np.uint8), size[::-1])
    picture, sink = Image.fromarray(classes, "P"), io.BytesIO()
    picture.putpalette(bytes(range(15)))
    picture.save(sink, "PNG")
    write_lens(tmp_path / "lens", {**held, "outcomes.png": sink.getvalue()}, told)
    body, media = picture_kinds()["outcomes"](open_lens(tmp_path / "lens"), [])
    assert media == "image/png"
    drawn = np.asarray(Image.open(io.BytesIO(body)).convert("RGBA"))
    assert (drawn[classes == 0][:, 3] == 0).all()
    for place, meaning in ((1, "agreed"), (2, "false"), (3, "missed")):
        assert (drawn[classes == place][:, :3] == rgb(meaning)).all()
        assert (drawn[classes == place][:, 3] > 0).all()


def test_what_is_no_picture_is_refused(app: Starlette, runs: Path) -> None:
    opened = open_lens(runs / "unet-7" / "lens")
    address = "/" + lens_url(opened, "scenes")
    for other in (address.replace("unet-7", "unet-9"), address.replace(opened.digest[:4], "0000"), address + "/1", address + "x",
                  address.replace("-1/", "-2/"), address.replace(opened.digest[:16], "")):  # fmt: skip
        status, headers, _ = get(app, other)
        assert status == 404
        assert "immutable" not in headers["cache-control"]
    (opened.folder / "scenes.jpg").write_bytes(b"")
    status, _, body = get(app, address)
    assert status == 422
    assert b"scenes.jpg" in body
    assert str(runs) not in body.decode()


def test_who_reads_one_field_rests_while_another_changes(store: Store, runs: Path) -> None:
    """An epoch that is scrubbed must not have figures of the run drawn again."""
    ran: list[str] = []

    with Looked(store, runs) as page:

        def follow(name: str) -> None:
            @reactive.effect
            def _run() -> None:
                ran.append(f"{name} {getattr(page.looking, name)()}")

        follow("selected")
        follow("epoch")
        page.set()
        ran.clear()
        page.looking.set_epoch(2)
        page.set()
        page.looking.set_selected([100, 101])
        page.set()
        page.change("lensing", Lensing(epoch=1, selected=(100, 101)))
        assert ran == ["epoch 2", "selected (100, 101)", "epoch 1"]
        page.looking.show_at("unet-8", 2)
        page.looking.show_at("unet-8", 99)
        page.looking.show_at("nobody", 1)
        page.set()
        assert (page.seen("lens").name, page.seen("epoch")) == ("unet-8", 2)
