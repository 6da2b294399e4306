"""Pictures kept under the state folder: served without drawing as long as all that they rest on is as it was."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from modules import image_urls as urls
from tests.asgi import fetch, finished
from tests.datasets import SOURCE
from tests.image_cases import LAKE, Served, plain_dataset
from tests.test_images_routes import Slow, every_address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_dataset(tmp_path_factory.mktemp("drawn") / "plain")


class Idle:
    """In place of the maker: nothing is drawn."""

    def make(self, store: Any, asked: Any) -> bytes:
        raise AssertionError(f"drawn again: {asked}")


def idle(folder: Path, state: Path) -> Served:
    served = Served(folder, state)
    served.images._maker = Idle()  # type: ignore[assignment]
    return served


def test_another_start_and_a_replica_with_its_own_copy_draw_nothing(folder: Path, tmp_path: Path) -> None:
    first = Served(folder, tmp_path / "state")
    addresses = [address for address in every_address(first.store) if "/detail/" not in address]
    bodies = [first.get(address)[2] for address in addresses]
    shutil.copytree(folder, tmp_path / "copy" / "plain")
    for place in (folder, tmp_path / "copy" / "plain"):
        again = idle(place, tmp_path / "state")
        assert [again.get(address)[2] for address in addresses] == bodies
    nowhere = Served(folder)
    assert [nowhere.get(address)[2] for address in addresses] == bodies, "what is kept is what is drawn"


@pytest.mark.parametrize(
    ("changed", "anew"),
    [("scenes/2016-10-15.tif", {"scene", "thumb", "mask", "flipbook"}), ("masks/mapper/2016-10-15.tif", {"thumb", "mask", "flipbook"})],
)
def test_a_file_that_changed_is_drawn_anew(folder: Path, tmp_path: Path, changed: str, anew: set[str]) -> None:
    mine = tmp_path / "plain"
    shutil.copytree(folder, mine)
    served, scene = Served(mine, tmp_path / "state"), Served(mine).scene(0)
    addresses = {
        "scene": urls.scene_url(served.store, scene, "true"), "thumb": urls.thumb_url(served.store, scene, "true", SOURCE),
        "mask": urls.mask_url(served.store, scene, SOURCE), "flipbook": urls.flipbook_url(served.store, LAKE, "true", SOURCE),
        "other": urls.mask_url(served.store, served.scene(1), SOURCE),
    }  # fmt: skip
    for address in addresses.values():
        assert served.get(address)[0] == 200
    os.utime(mine / changed, ns=(1, 1))
    again = Served(mine, tmp_path / "state")
    again.images._maker = slow = Slow()  # type: ignore[assignment]
    slow.go.set()
    found = {kind for kind, address in addresses.items() if again.get(address)[2] == bytes(1000)}
    assert found == anew


def test_a_damaged_picture_is_drawn_anew(folder: Path, tmp_path: Path) -> None:
    served = Served(folder, tmp_path)
    address = urls.scene_url(served.store, served.scene(0), "true")
    good = served.get(address)[2]
    (path,) = [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes()[:-100])
    again = Served(folder, tmp_path)
    assert again.get(address)[2] == good
    assert idle(folder, tmp_path).get(address)[2] == good


def test_what_nobody_waits_for_any_more_is_not_drawn(folder: Path) -> None:
    served, slow = Served(folder), Slow()
    served.images._maker = slow  # type: ignore[assignment]
    base = urls.images_base(served.store)

    async def ask() -> list[int]:
        running = [asyncio.ensure_future(fetch(served.app, f"/{base}/scene/{n}/true.jpg")) for n in range(2)]
        leaving = [asyncio.Event() for _ in range(3)]
        waiting = [
            asyncio.ensure_future(_left(served, f"{base}/scene/{key}/true.jpg", at)) for key, at in zip((7, 8, 8), leaving, strict=True)
        ]
        await asyncio.sleep(0.1)
        leaving[0].set()
        leaving[1].set()
        first = [await waiting[0], await waiting[1]]
        slow.go.set()
        await asyncio.gather(*running)
        return [*first, await waiting[2]]

    assert finished(ask()) == [499, 499, 200]
    assert {asked.key for asked in slow.asked} == {0, 1, 8}, "another still waited for 8"


async def _left(served: Served, address: str, leaving: asyncio.Event) -> int:
    """The status that a browser gets which may leave before its answer."""
    sent: list[Any] = []
    said = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        told = next(said, None)
        if told is None:
            await leaving.wait()
        return told or {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": f"/{address}", "query_string": b"", "root_path": "", "headers": []}
    await served.app(scope, receive, send)
    return sent[0]["status"]
