"""A bad raster gets a named error in place of its picture and in the log; the app lives and stays small."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modules.image_urls import detail_url, flipbook_url, ground_url, scene_url, thumb_url
from tests.bad_rasters import SECRET, bad_dataset
from tests.browser.server import serving
from tests.image_cases import LAKE, Served
from tests.memory import memory_mb

SAID = {
    "cut 1": "cannot be read as a GeoTIFF",
    "cut 25": "cannot be read as a GeoTIFF",
    "cut 50": "cannot be read as a GeoTIFF",
    "cut 99": "cannot be read as a GeoTIFF",
    "no crs": "no coordinate reference system",
    "five bands": "has 5 bands; those of Sentinel-2 (made by hand) have 6",
    "nan band": "band red holds no data at all",
    "nan floats": "band red holds no data at all",
    "no data": "holds no data at all",
    "vrt": "cannot be read as a GeoTIFF",
    "text": "cannot be read as a GeoTIFF",
    "empty": "cannot be read as a GeoTIFF",
    "folder": "cannot be read as a GeoTIFF",
    "80 GB": "no overview to read instead",
    "one strip": "one block takes",
    "flipped": "",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    return bad_dataset(tmp_path_factory.mktemp("bad") / "bad")


@pytest.fixture(scope="module")
def served(made: tuple[Path, dict[str, int]]) -> Served:
    return Served(made[0])


def test_every_kind_is_tried(made: tuple[Path, dict[str, int]]) -> None:
    assert set(made[1]) == {*SAID, "fine", "fine but elsewhere"}


@pytest.mark.parametrize("kind", SAID)
def test_the_error_is_named(served: Served, made: tuple[Path, dict[str, int]], kind: str, caplog: pytest.LogCaptureFixture) -> None:
    scene = served.scene(made[1][kind])
    with caplog.at_level(logging.WARNING):
        status, headers, body = served.get(scene_url(served.store, scene, "true"))
    said = body.decode()
    assert (status, headers["cache-control"], headers["content-type"]) == (422, "no-store", "text/plain; charset=utf-8"), said
    what, remedy = said.splitlines()
    assert SAID[kind] in what
    assert served.store.labels[LAKE] in what
    assert scene.date is not None
    assert scene.date.isoformat() in what
    assert f"scenes/{kind}.tif" in what
    assert remedy
    assert str(made[0]) not in said
    assert SECRET not in said
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert scene_url(served.store, scene, "true") in logged
    assert str(scene.path) in logged or "holds no data" in logged


@pytest.mark.parametrize("kind", SAID)
def test_no_other_picture_of_it_breaks_the_app(served: Served, made: tuple[Path, dict[str, int]], kind: str) -> None:
    scene = served.scene(made[1][kind])
    detail = detail_url(served.store, scene, "true")
    for address in (
        detail.replace("WINDOW", "0_0_9_9"), detail.replace("WINDOW", "5_5_5_5"), detail.replace("WINDOW", "0_0_99999_99999"),
        thumb_url(served.store, scene, "true", None), scene_url(served.store, scene, "ndwi"), ground_url(served.store, scene),
        scene_url(served.store, scene, "relief"),
    ):  # fmt: skip
        status, _, body = served.get(address)
        assert status in {200, 422}, (address, body)
    assert served.get(detail.replace("WINDOW", "5_5_5_5"))[0] == 422


def test_the_good_scene_beside_them_is_drawn(served: Served, made: tuple[Path, dict[str, int]]) -> None:
    status, _, body = served.get(scene_url(served.store, served.scene(made[1]["fine"]), "true"))
    assert (status, body[:2]) == (200, b"\xff\xd8")
    assert served.get(flipbook_url(served.store, LAKE, "true", None))[0] == 200


def test_a_window_without_a_pixel_is_a_named_error(
    served: Served, made: tuple[Path, dict[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    detail = detail_url(served.store, served.scene(made[1]["fine"]), "true")
    for window in ("5_5_5_5", "600_600_700_700", "-9_-9_-1_-1", "9_9_5_5"):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            status, _, body = served.get(detail.replace("WINDOW", window))
        assert status in {404, 422}, (window, body)
        assert status == 404 or "window" in body.decode()
        assert status == 404 or "window" in caplog.text
    assert served.get(detail.replace("WINDOW", "5_5_5_5"))[0] == 422


def test_a_scene_whose_crs_does_not_reach_the_lake_is_drawn_and_what_needs_the_lake_is_a_named_error(
    served: Served, made: tuple[Path, dict[str, int]]
) -> None:
    scene = served.scene(made[1]["fine but elsewhere"])
    assert served.get(scene_url(served.store, scene, "true"))[0] == 200
    for address in (ground_url(served.store, scene), thumb_url(served.store, scene, "true", None)):
        status, _, body = served.get(address)
        assert status == 422
        assert "coordinate reference system cannot be used" in body.decode()


def test_a_server_asked_for_all_of_them_at_once_lives_and_stays_below_a_gigabyte(
    made: tuple[Path, dict[str, int]], served: Served, tmp_path: Path
) -> None:
    addresses = [
        address
        for key in made[1].values()
        for scene in [served.scene(key)]
        for look in ("true", "false", "ndwi", "swir2.swir1.nir")
        for address in (
            scene_url(served.store, scene, look),
            detail_url(served.store, scene, look).replace("WINDOW", "0_0_99999_99999"),
            detail_url(served.store, scene, look).replace("WINDOW", "0_0_4000_4000"),
            thumb_url(served.store, scene, look, None),
        )
    ]
    with serving(tmp_path, {"MORAINE_DATASETS": str(made[0])}) as server:

        def ask(address: str) -> int:
            try:
                with urllib.request.urlopen(f"{server.url}/{address}", timeout=60) as answer:
                    answer.read()
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, addresses))
        assert set(found) == {200, 422}
        peak = memory_mb("VmHWM", server.process.pid)
        print(f"at most {peak:.0f} MB over {len(found)} requests")
        assert peak < 950, f"{peak:.0f} MB"
        fine = scene_url(served.store, served.scene(made[1]["fine"]), "true")
        assert ask(fine) == 200
        assert server.process.poll() is None
        assert server.tracebacks() == []
