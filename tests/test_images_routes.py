"""The routes of images, asked over ASGI as a browser would: what is kept, what is refused, what is shared."""

from __future__ import annotations

import asyncio
import gc
import shutil
import subprocess
import sys
import threading
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from data.store import Store
from modules import image_urls as urls
from modules.images.addresses import Wanted
from modules.images.routes import Images
from modules.serve import moraine_app
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from tests.asgi import fetch, finished, get
from tests.conftest import ROOT
from tests.datasets import SOURCE
from tests.image_cases import LAKE, Case, Served, plain_dataset, write_cases


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_dataset(tmp_path_factory.mktemp("routes") / "plain")


@pytest.fixture
def served(folder: Path) -> Served:
    return Served(folder)


def every_address(store: Store) -> list[str]:
    scene, later = store.scenes.scene(0), store.scenes.scene(2)
    assert scene is not None
    assert later is not None
    return [
        urls.scene_url(store, scene, "true"),
        urls.scene_url(store, scene, "relief"),
        urls.detail_url(store, scene, "true").replace("WINDOW", "0_0_50_50"),
        urls.thumb_url(store, scene, "true", SOURCE),
        urls.mask_url(store, scene, SOURCE),
        urls.rings_url(store, scene, SOURCE),
        urls.ground_url(store, scene),
        urls.flipbook_url(store, LAKE, "true", SOURCE),
        urls.pair_url(store, scene, later, "true", SOURCE),
    ]


def test_every_image_is_immutable_and_the_same_again(folder: Path, served: Served) -> None:
    """Through the whole app, as it is composed."""
    app = moraine_app(Config([folder], None)).starlette_app
    for address in every_address(served.store):
        first, again = get(app, f"/{address}"), get(app, f"/{address}")
        assert first[0] == 200, (address, first[2])
        assert first[1]["cache-control"] == "public, max-age=31536000, immutable"
        assert first[2] == again[2] == served.get(address)[2], "another replica gives the same bytes"
        assert int(first[1]["content-length"]) == len(first[2])


def test_what_is_not_there_is_not_found_and_not_kept(served: Served) -> None:
    store = served.store
    base, scene = urls.images_base(store), served.scene(0)
    good = urls.scene_url(store, scene, "true")
    for address in (
        f"{base}/scene/77/true.jpg", f"{base}/ground/9999999999.json", f"{base}/thumb/0/true/9.jpg", f"{base}/mask/0/9999/fill.png",
        f"{base}/mask/0/none/fill.png", f"{base}/mask/0/none/rings.json", f"{base}/flipbook/999/true/none.gif",
        f"{base}/flipbook/39/true/none.gif",
        f"{base}/pair/0/99/true/none.png", f"{base}/scene/0/sepia.jpg", f"{base}/scene/0/true.tif", f"{base}/",
        good.replace(store.digest[:16], "0" * 16), good.replace(store.digest[:16], store.digest[:15]), good.replace("/small/", "/other/"),
    ):  # fmt: skip
        status, headers, body = served.get(address)
        assert (status, headers["cache-control"]) == (404, "no-store"), (address, body)
        assert body.decode().strip()
    assert len(served.images.kept) == 0


def test_no_path_leads_out_of_the_tables(served: Served, folder: Path) -> None:
    base = urls.images_base(served.store)
    (folder / "secret.tif").write_bytes((folder / "dem.tif").read_bytes())
    for tail in (
        "scene/../../../dataset.toml", "scene/..%2f..%2fsecret.tif", "scene/0/..%2f..%2fsecret.jpg", "../../../../dataset.toml",
        "secret.tif",
        "scene/secret.tif/true.jpg", "mask/0/..%2fsecret.tif/fill.png", "scene/0/%2e%2e%5c%2e%2e%5csecret.jpg", "scene/0%00/true.jpg",
        "scene/0/true%00.jpg", "scene//etc/passwd", "detail/0/true/..%2f..%2f0_0_1_1.jpg",
    ):  # fmt: skip
        status, _, body = served.get(f"{base}/{tail}")
        assert status == 404, (tail, body)
        assert b"secret" not in body


def test_what_is_said_names_lake_date_and_file_and_no_place_on_the_server(served: Served, folder: Path) -> None:
    status, _, body = served.get(urls.scene_url(served.store, served.scene(1), "thermal.nir.red"))
    said = body.decode()
    assert status == 422
    assert said.startswith(served.store.labels[LAKE] + ", 2019-10-15 (scenes/2019-10-15.tif): it has no band thermal")
    assert "choose among blue, green, red" in said.splitlines()[1]
    assert str(folder) not in said


@pytest.mark.parametrize("simulated", [True, False])
def test_a_missing_file_is_told_and_appears_once_it_is_there(tmp_path: Path, folder: Path, simulated: bool) -> None:
    day = date(2016, 10, 15)
    case = Case(0, "scenes/late.tif", LAKE, day, masks={"label": "masks/late.tif"})
    late = Served(write_cases(tmp_path, [case], simulated=simulated))
    addresses = [urls.scene_url(late.store, late.scene(0), "true"), urls.mask_url(late.store, late.scene(0), "label")]
    for address in addresses:
        status, headers, body = late.get(address)
        assert (status, headers["cache-control"]) == (404, "no-store")
        assert ("still being made" if simulated else "is missing") in body.decode()
        assert "late.tif" in body.decode()
        assert str(tmp_path) not in body.decode()
    for name, source in (("scenes/late.tif", "scenes/2016-10-15.tif"), ("masks/late.tif", "masks/label/2016-10-15.tif")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((folder / source).read_bytes())
    assert [late.get(address)[0] for address in addresses] == [200, 200]


def test_pictures_drawn_while_a_lake_has_half_its_images_are_drawn_anew(tmp_path: Path, folder: Path) -> None:
    """The stretch is that of all clear dates: what was drawn without the brightest one must not stay, here or in a browser."""
    late = shutil.copytree(folder, tmp_path / "late")
    bright = late / "scenes/2019-10-15.tif"
    kept = bright.read_bytes()
    bright.unlink()
    served, whole = Served(late), Served(folder)
    addresses = [urls.scene_url(served.store, served.scene(0), "true"), urls.thumb_url(served.store, served.scene(0), "true", SOURCE)]
    early = [served.get(address) for address in addresses]
    assert {(status, headers["cache-control"]) for status, headers, _ in early} == {(200, "no-store")}
    bright.write_bytes(kept)
    for address, (_, _, before) in zip(addresses, early, strict=True):
        status, headers, body = served.get(address)
        assert (status, "immutable" in headers["cache-control"]) == (200, True)
        assert body == whole.get(address)[2] != before


def test_a_dataset_shows_nothing_that_lies_beside_it(tmp_path: Path, folder: Path) -> None:
    outside = tmp_path / "private.tif"
    outside.write_bytes((folder / "scenes/2016-10-15.tif").read_bytes())
    paths = ["../private.tif", str(outside), "scenes/../../private.tif"]
    cases = [Case(key, path, LAKE, date(2016 + key, 10, 15), masks={"label": path}) for key, path in enumerate(paths)]
    served = Served(write_cases(tmp_path / "data", cases))
    for key in range(len(paths)):
        for address in (urls.scene_url(served.store, served.scene(key), "true"), urls.mask_url(served.store, served.scene(key), "label")):
            assert served.get(address)[0] == 404


def test_a_scene_with_a_name_that_is_markup_is_plain_text(served: Served) -> None:
    status, headers, body = served.get(f"{urls.images_base(served.store)}/scene/0/<script>.a.b.jpg".replace("<", "%3C").replace(">", "%3E"))
    assert status == 422
    assert headers["content-type"].startswith("text/plain")
    assert b"script" in body


class Slow:
    """In place of the maker: counts what it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: Counter[Wanted] = Counter()
        self.go = threading.Event()
        self.together, self.most = 0, 0
        self._lock = threading.Lock()

    def make(self, store: Store, asked: Wanted) -> bytes:
        with self._lock:
            self.asked[asked] += 1
            self.together += 1
            self.most = max(self.most, self.together)
        assert self.go.wait(20)
        with self._lock:
            self.together -= 1
        return bytes(1000)


def test_fifty_requests_for_one_image_make_it_once_and_a_burst_leaves_the_loop_free(served: Served) -> None:
    slow: Any = Slow()
    served.images._maker = slow
    same = "/" + urls.scene_url(served.store, served.scene(0), "true")
    base = urls.images_base(served.store)
    burst = [f"/{base}/scene/0/b{n}.nir.red.jpg" for n in range(30)]

    async def ask() -> list[Any]:
        waiting = [asyncio.ensure_future(fetch(served.app, address)) for address in [same] * 50 + burst]
        await asyncio.sleep(0.05)
        other = await asyncio.wait_for(fetch(served.app, f"/{base}/none"), 1)  # the loop still answers
        given_up = waiting[3]
        given_up.cancel()
        slow.go.set()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(answers.pop(3), asyncio.CancelledError)
        return [*answers, other]

    answers = finished(ask())
    assert [answer[0] for answer in answers] == [200] * 79 + [404]
    assert set(slow.asked.values()) == {1}
    assert len(slow.asked) == 31
    assert slow.most <= 2


def test_what_was_made_ahead_is_there_when_it_is_asked_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.images.routes.AHEAD", 60)
    store, scene = served.store, served.scene(0)
    addresses = [urls.scene_url(store, scene, "true"), urls.ground_url(store, scene), urls.rings_url(store, scene, SOURCE)]
    finished(served.images.ahead(store, [*addresses, urls.scene_url(store, scene, "sepia"), "no/address"]))
    assert len(served.images.kept) == 3
    slow: Any = Slow()
    served.images._maker = slow
    assert [served.get(address)[0] for address in addresses] == [200] * 3
    assert not slow.asked, "made already"


def test_what_would_not_be_kept_or_cannot_be_made_is_left_to_the_request(
    tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.images.routes.AHEAD", 60)
    mine = Path(shutil.copytree(folder, tmp_path / "plain"))
    served = Served(mine)
    first, later = served.scene(0), served.scene(2)
    first.path.write_bytes(b"nothing")
    finished(served.images.ahead(served.store, [urls.scene_url(served.store, first, "true")]))
    gc.collect()
    assert "never retrieved" not in caplog.text
    assert not served.images.kept
    later.path.unlink()
    slow: Any = Slow()
    served.images._maker = slow
    finished(served.images.ahead(served.store, [urls.scene_url(served.store, first, "true")]))
    assert not slow.asked, "while a date is missing the stretch will change"


def test_nobody_waits_long_for_what_is_made_ahead_nor_where_others_click_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: Any = Slow()
    served.images._maker = slow
    monkeypatch.setattr("modules.images.routes.AHEAD", 0.05)
    monkeypatch.setattr("modules.images.routes.PAINTING", 0.0)
    asked = [urls.scene_url(served.store, served.scene(key), "true") for key in (0, 1)]

    async def ask() -> Any:
        await asyncio.wait_for(served.images.ahead(served.store, asked[:1], visit="one"), 5)
        request = asyncio.ensure_future(fetch(served.app, f"/{asked[0]}"))
        await asyncio.sleep(0.01)
        monkeypatch.setattr("modules.images.routes.AHEAD", 60)
        await asyncio.wait_for(served.images.ahead(served.store, asked[1:], visit="another"), 5)
        slow.go.set()
        return await request

    assert finished(ask())[0] == 200
    assert set(slow.asked.values()) == {1}, "the request joined what was under way"


def test_what_is_kept_stays_within_bounds(served: Served) -> None:
    """A thousand different images of one dataset: the cache of answers is filled several times over."""
    slow: Any = Slow()
    slow.go.set()
    served.images._maker = slow
    served.images.kept._most = 50_000
    base = urls.images_base(served.store)

    async def ask() -> None:
        for n in range(1000):
            await fetch(served.app, f"/{base}/scene/{n}/true.jpg")
            assert served.images.kept.bytes <= 50_000

    finished(ask())
    assert len(served.images.kept) == 50


def test_decoded_scenes_stay_within_bounds(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from modules.images.pixels import Pixels

    pixels = Pixels()
    pixels._scenes._most = 7 * 2**20
    for key in (0, 1, 2, 0, 1, 2):
        pixels.whole(served.store, served.scene(key), tuple(range(6)))
        assert pixels._scenes.bytes <= 7 * 2**20
    assert len(pixels._scenes) == 2


def test_closing_forgets_what_waits(served: Served) -> None:
    slow: Any = Slow()
    served.images._maker = slow
    base = urls.images_base(served.store)

    async def ask() -> list[Any]:
        waiting = [asyncio.ensure_future(fetch(served.app, f"/{base}/scene/{n}/true.jpg")) for n in range(6)]
        await asyncio.sleep(0.05)
        served.images.close()
        slow.go.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    answers = finished(ask())
    assert sum(slow.asked.values()) == 2
    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 4
    assert isinstance(served.images, Images)


def test_while_several_visits_click_images_are_made_one_at_a_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: Any = Slow()
    served.images._maker = slow
    monkeypatch.setattr("modules.images.routes.ALONE", 60.0)
    monkeypatch.setattr("modules.images.routes.AHEAD", 0.01)
    base, seen = urls.images_base(served.store), urls.scene_url(served.store, served.scene(0), "true")

    async def ask() -> None:
        for visit in ("one", "another"):
            await served.images.ahead(served.store, [seen], visit=visit)
        waiting = [asyncio.ensure_future(fetch(served.app, f"/{base}/scene/{n}/true.jpg")) for n in range(1, 6)]
        await asyncio.sleep(0.05)
        assert sum(slow.asked.values()) == 1
        slow.go.set()
        assert {status for status, *_ in await asyncio.gather(*waiting)} == {200}

    finished(ask())
    assert sum(slow.asked.values()) == 6


def test_starting_the_server_loads_what_images_need_and_nothing_that_takes_seconds(folder: Path) -> None:
    code = f"""
import asyncio, sys, time
from pathlib import Path
from modules.serving.config import Config
from modules.serve import moraine_app
app = moraine_app(Config([Path({str(folder)!r})], None)).starlette_app
assert not {{"torch", "skimage", "statsmodels.api"}} & sys.modules.keys(), "making the app"
async def run():
    async with app.router.lifespan_context(app):
        until = time.monotonic() + 20
        while not {{"rasterio.features", "PIL.Image"}} <= sys.modules.keys() and time.monotonic() < until:
            await asyncio.sleep(.01)
asyncio.run(run())
assert {{"rasterio.features", "PIL.Image"}} <= sys.modules.keys(), "starting it"
"""
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_a_dataset_that_cannot_be_opened_has_no_images_and_its_place_is_not_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    served = Served(tmp_path / "copy")
    address = urls.scene_url(served.store, served.scene(0), "true")
    (tmp_path / "copy/lakes.parquet").write_bytes(b"no table")
    datasets = Datasets([tmp_path / "copy"], None)
    app = Starlette(routes=[Route("/images/{name:str}/{digest:str}/{rest:path}", Images(datasets).answer)])
    status, _, body = get(app, f"/{address}")
    assert status == 404
    assert str(tmp_path) not in body.decode()
