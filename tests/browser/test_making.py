"""`make run` from a clean clone: the volcano at once, scenes made meanwhile, each there as soon as it is; all ends with the app."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.store import Store
from modules.image_urls import mask_url, scene_url
from tests.browser.server import serving
from tests.browser.visit import DESKTOP, visit
from tests.waiting import until

NOTICE = ".m-making .m-notice"


@pytest.fixture
def makers() -> Callable[[Path], list[int]]:
    """`makers(folder)`: the processes that make scenes below a folder, now."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("looks at processes in /proc")

    def found(folder: Path) -> list[int]:
        pids: list[int] = []
        for path in Path("/proc").iterdir():
            with suppress(OSError):
                told = (path / "cmdline").read_bytes() if path.name.isdigit() else b""
                pids += [int(path.name)] if b"--background" in told and str(folder).encode() in told else []
        return pids

    return found


def test_scenes_are_made_while_the_app_runs(browser: Browser, tmp_path: Path, makers: Callable[[Path], list[int]]) -> None:
    with serving(tmp_path, {"MORAINE_DATASETS": "", "MORAINE_SCENES": "yes"}) as server:
        with visit(browser, server.url, DESKTOP, "light", False) as opened:
            notice = opened.page.locator(NOTICE)
            expect(notice).to_contain_text(re.compile(r"Making the simulated scenes: \d+ of 1,200"), timeout=60_000)
            expect(notice).to_contain_text(re.compile(r"[1-9]\d* of 1,200, about \d+ min left"), timeout=180_000)
            folder = next((tmp_path / "datasets").iterdir())
            store = Store(folder)
            scene = next(scene for key in store.scenes.lakes for scene in store.scenes.of_lake(int(key)) if scene.path.exists())
            for url in (scene_url(store, scene, "true"), mask_url(store, scene, "label")):
                with urllib.request.urlopen(f"{server.url}/{url}") as answer:
                    assert answer.headers["content-type"].startswith("image/")
        assert len(makers(tmp_path)) == 1
    until(lambda: not makers(tmp_path))
